"""What a synthesis is called and says of itself in a methods section."""

from __future__ import annotations

from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Floats
from ..ground.language import english, number, read, tr

TITLES = {
    "fixed": english("inverse-variance mean"),
    "minimum_variance": english("minimum-variance mean"),
    "dersimonian_laird": english("random effects (DerSimonian-Laird)"),
    "reml": english("random effects (REML)"),
    "paule_mandel": english("random effects (Paule-Mandel)"),
    "bayesian": english("Bayesian synthesis"),
    "beta": english("conjugate beta synthesis"),
    "beta_adjusted": english("conjugate beta synthesis, overdispersed"),
    "linear_pool": english("linear opinion pool"),
    "log_pool": english("logarithmic opinion pool"),
}
REFERENCES = {
    "fixed": (BIBLIOGRAPHY["Cochran 1954"],),
    "minimum_variance": (BIBLIOGRAPHY["Flynn and Gustafson 2025"],),
    "dersimonian_laird": (BIBLIOGRAPHY["DerSimonian and Laird 1986"],),
    "reml": (BIBLIOGRAPHY["Viechtbauer 2005"],),
    "paule_mandel": (BIBLIOGRAPHY["Paule and Mandel 1982"],),
    "bayesian": (BIBLIOGRAPHY["Röver 2020"],),
    "sites": (BIBLIOGRAPHY["Syunyaev and Humphreys 2023"],),
    "beta": (BIBLIOGRAPHY["Gelman and others 2013"],),
    "beta_adjusted": (BIBLIOGRAPHY["McCullagh and Nelder 1989"],),
    "linear_pool": (BIBLIOGRAPHY["Stone 1961"],),
    "log_pool": (BIBLIOGRAPHY["Genest and Zidek 1986"],),
    "hartung-knapp": (BIBLIOGRAPHY["Hartung and Knapp 2001"],),
    "modified": (BIBLIOGRAPHY["Röver, Knapp and Friede 2015"],),
    "none": (),
}
SCALES = {"log": english("log scale"), "logit": english("logit scale"), "identity": english("natural scale")}
INTERVALS = {
    "hartung-knapp": english(" Its interval is that of Hartung and Knapp."),
    "modified": english(" Its interval is that of Hartung and Knapp, never narrower than the normal one."),
    "none": "",
}


def weighted(
    method: str, link: str, listed: str, *, tau: float, bounded: bool, adjust: str
) -> tuple[list[str], list[str]]:
    """Describe a weighted mean, given its listed weights and the standard deviation between sources."""
    scale = read(SCALES[link])
    if method == "log_pool":
        text = tr(
            "Sources' densities, taken as normal on the {scale}, were pooled by their weighted product; in the mean they have the "
            "weights {weights}.",
            scale=scale,
            weights=listed,
        )
    elif method in ("fixed", "minimum_variance"):
        text = tr(
            "Sources were combined by their {mean} on the {scale}, from their joint covariance ({bounds}): the weights {weights}, "
            "held in every replicate.",
            mean=tr("inverse-variance mean") if method == "fixed" else tr("mean of least variance"),
            scale=scale,
            bounds=tr("with none below zero") if bounded else tr("unbounded"),
            weights=listed,
        )
    else:
        text = tr(
            "Sources were combined by a random-effects mean on the {scale} with the weights {weights}; the standard deviation "
            "between sources is {tau:.3g} (variance estimated by {method}).",
            scale=scale,
            weights=listed,
            tau=tau,
            method=TITLES[method].split("(")[1].rstrip(")"),
        ) + read(INTERVALS[adjust])
    return [text], [*REFERENCES[method], *REFERENCES[adjust]]


def bayesian(link: str, sites: int, prior: tuple[str, float], middle: float) -> tuple[list[str], list[str]]:
    """Describe a Bayesian synthesis, given the posterior median of the standard deviation between sources."""
    family, width = prior
    fields = {"scale": read(SCALES[link]), "family": family, "width": width, "middle": middle}
    if sites == 1:
        text = tr(
            "Sources were combined on the {scale} in a Bayesian model in which each has a bias from a normal distribution, whose "
            "standard deviation has a {family} prior of scale {width:g} (posterior median {middle:.3g}); the size has a flat prior. "
            "The posterior was found by quadrature.",
            **fields,
        )
        return [text], list(REFERENCES["bayesian"])
    text = tr(
        "Sources of {sites} sites were combined on the {scale} in a Bayesian model with a bias of each method, common to all sites, "
        "and departures of each source from it, both normal, with a {family} prior of scale {width:g} for either standard deviation "
        "(posterior median of the first {middle:.3g}) and flat priors for the sites' sizes. The posterior was found by quadrature. "
        "That methods' biases can be compared across sites is the idea of Syunyaev and Humphreys (2023), whose model is another.",
        sites=sites,
        **fields,
    )
    return [text], [*REFERENCES["sites"], *REFERENCES["bayesian"]]


def linear_pool(listed: str) -> tuple[list[str], list[str]]:
    """Describe a mixture, given its listed weights."""
    text = tr("Sources were pooled as a mixture of their distributions with the weights {weights}.", weights=listed)
    return [text], list(REFERENCES["linear_pool"])


def conjugate(parameters: tuple[float, float], dispersion: float | None, overlap: float) -> tuple[list[str], list[str]]:
    """Describe a conjugate beta synthesis; `dispersion` where counts were divided by it."""
    a, b = parameters
    references = list(REFERENCES["beta"])
    text = tr(
        "Sources were combined as conjugate beta distributions: each counts for the number of people that its mean and variance are "
        "worth, and by the sum of these counts the share of the population is beta({a:.1f}, {b:.1f}).",
        a=a,
        b=b,
    )
    if dispersion is not None:
        text += " " + tr(
            "For the sources' disagreement (Pearson's chi-squared over its degrees of freedom) every count was divided by "
            "{dispersion:.3g}.",
            dispersion=dispersion,
        )
        references += REFERENCES["beta_adjusted"]
    if abs(overlap - 1) > 1e-9:
        text += " " + tr("For what sources have in common the counts were divided by {overlap:.3g}.", overlap=overlap)
    return [text], references


def shares(names: tuple[str, ...], weights: Floats) -> str:
    """List weights in per cent."""
    return ", ".join(f"{name} {number(w, '.0%')}" for name, w in zip(names, weights, strict=True))
