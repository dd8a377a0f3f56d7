"""What a synthesis is called and says of itself in a methods section."""

from __future__ import annotations

from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Floats

TITLES = {
    "fixed": "inverse-variance mean",
    "minimum_variance": "minimum-variance mean",
    "dersimonian_laird": "random effects (DerSimonian-Laird)",
    "reml": "random effects (REML)",
    "paule_mandel": "random effects (Paule-Mandel)",
    "bayesian": "Bayesian synthesis",
    "beta": "conjugate beta synthesis",
    "beta_adjusted": "conjugate beta synthesis, overdispersed",
    "linear_pool": "linear opinion pool",
    "log_pool": "logarithmic opinion pool",
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
SCALES = {"log": "log scale", "logit": "logit scale", "identity": "natural scale"}
INTERVALS = {
    "hartung-knapp": " Its interval is that of Hartung and Knapp.",
    "modified": " Its interval is that of Hartung and Knapp, never narrower than the normal one.",
    "none": "",
}


def weighted(
    method: str, link: str, listed: str, *, tau: float, bounded: bool, adjust: str
) -> tuple[list[str], list[str]]:
    """Describe a weighted mean, given its listed weights and the standard deviation between sources."""
    scale = SCALES[link]
    having = f"the weights {listed}"
    if method == "log_pool":
        text = (
            f"Sources' densities, taken as normal on the {scale}, were pooled by their weighted product; in the mean they have "
            f"{having}."
        )
    elif method in ("fixed", "minimum_variance"):
        how = "with none below zero" if bounded else "unbounded"
        kind = "inverse-variance mean" if method == "fixed" else "mean of least variance"
        text = (
            f"Sources were combined by their {kind} on the {scale}, from their joint covariance ({how}): "
            f"{having}, held in every replicate."
        )
    else:
        text = (
            f"Sources were combined by a random-effects mean on the {scale} with {having}; the standard deviation between "
            f"sources is {tau:.3g} (variance estimated by {TITLES[method].split('(')[1].rstrip(')')})."
            f"{INTERVALS[adjust]}"
        )
    return [text], [*REFERENCES[method], *REFERENCES[adjust]]


def bayesian(link: str, sites: int, prior: tuple[str, float], middle: float) -> tuple[list[str], list[str]]:
    """Describe a Bayesian synthesis, given the posterior median of the standard deviation between sources."""
    scale = SCALES[link]
    family, width = prior
    having = f"a {family} prior of scale {width:g}"
    if sites == 1:
        text = (
            f"Sources were combined on the {scale} in a Bayesian model in which each has a bias from a normal distribution, whose "
            f"standard deviation has {having} (posterior median {middle:.3g}); the size has a flat prior. The posterior was found by "
            "quadrature."
        )
        return [text], list(REFERENCES["bayesian"])
    text = (
        f"Sources of {sites} sites were combined on the {scale} in a Bayesian model with a bias of each method, common "
        f"to all sites, and departures of each source from it, both normal, with {having} for either standard deviation "
        f"(posterior median of the first {middle:.3g}) and flat priors for the sites' sizes. The posterior was found by quadrature. "
        "That methods' biases can be compared across sites is the idea of Syunyaev and Humphreys (2023), whose model is another."
    )
    return [text], [*REFERENCES["sites"], *REFERENCES["bayesian"]]


def linear_pool(listed: str) -> tuple[list[str], list[str]]:
    """Describe a mixture, given its listed weights."""
    text = f"Sources were pooled as a mixture of their distributions with the weights {listed}."
    return [text], list(REFERENCES["linear_pool"])


def conjugate(parameters: tuple[float, float], dispersion: float | None, overlap: float) -> tuple[list[str], list[str]]:
    """Describe a conjugate beta synthesis; `dispersion` where counts were divided by it."""
    a, b = parameters
    references = list(REFERENCES["beta"])
    text = (
        "Sources were combined as conjugate beta distributions: each counts for the number of people that its mean and variance "
        f"are worth, and by the sum of these counts the share of the population is beta({a:.1f}, {b:.1f})."
    )
    if dispersion is not None:
        text += (
            f" For the sources' disagreement (Pearson's chi-squared over its degrees of freedom) every count was divided by "
            f"{dispersion:.3g}."
        )
        references += REFERENCES["beta_adjusted"]
    if abs(overlap - 1) > 1e-9:
        text += f" For what sources have in common the counts were divided by {overlap:.3g}."
    return [text], references


def shares(names: tuple[str, ...], weights: Floats) -> str:
    """List weights in per cent."""
    return ", ".join(f"{name} {100 * w:.0f}%" for name, w in zip(names, weights, strict=True))
