"""What a synthesis is called and says of itself in a methods section."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..ground.columns import Floats

if TYPE_CHECKING:
    from .conjugate import Conjugate
    from .consensus import Consensus
    from .pools import LinearPool
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
    "fixed": ("Cochran WG (1954). The combination of estimates from different experiments. Biometrics 10:101-129.",),
    "minimum_variance": (
        "Flynn MJ, Gustafson P (2025). Leveraging relational evidence: population size estimation on tree-structured data "
        "with the weighted multiplier method. arXiv:2506.21020.",
    ),
    "dersimonian_laird": (
        "DerSimonian R, Laird N (1986). Meta-analysis in clinical trials. Controlled Clinical Trials 7:177-188.",
    ),
    "reml": (
        "Viechtbauer W (2005). Bias and efficiency of meta-analytic variance estimators in the random-effects model. "
        "Journal of Educational and Behavioral Statistics 30:261-293.",
    ),
    "paule_mandel": (
        "Paule RC, Mandel J (1982). Consensus values and weighting factors. Journal of Research of the National Bureau "
        "of Standards 87:377-385.",
    ),
    "bayesian": (
        "Röver C (2020). Bayesian random-effects meta-analysis using the bayesmeta R package. Journal of Statistical "
        "Software 93(6):1-51.",
    ),
    "sites": ("Syunyaev G, Humphreys M (2023). Biases in the measurement of hidden populations: a pre-analysis plan.",),
    "beta": (
        "Gelman A, Carlin JB, Stern HS, Dunson DB, Vehtari A, Rubin DB (2013). Bayesian data analysis, 3rd edition. Boca "
        "Raton: CRC Press, chapter 2.",
    ),
    "beta_adjusted": (
        "McCullagh P, Nelder JA (1989). Generalized linear models, 2nd edition. London: Chapman & Hall, chapter 4.",
    ),
    "linear_pool": ("Stone M (1961). The opinion pool. Annals of Mathematical Statistics 32:1339-1342.",),
    "log_pool": (
        "Genest C, Zidek JV (1986). Combining probability distributions: a critique and an annotated bibliography. "
        "Statistical Science 1:114-135.",
    ),
    "hartung-knapp": (
        "Hartung J, Knapp G (2001). A refined method for the meta-analysis of controlled clinical trials with binary "
        "outcome. Statistics in Medicine 20:3875-3889.",
    ),
    "modified": (
        "Röver C, Knapp G, Friede T (2015). Hartung-Knapp-Sidik-Jonkman approach and its modification for random-effects "
        "meta-analysis with few studies. BMC Medical Research Methodology 15:99.",
    ),
    "none": (),
}
SCALES = {"log": "log scale", "logit": "logit scale", "identity": "natural scale"}
INTERVALS = {
    "hartung-knapp": " Its interval is that of Hartung and Knapp.",
    "modified": " Its interval is that of Hartung and Knapp, never narrower than the normal one.",
    "none": "",
}


def consensus(node: Consensus) -> tuple[list[str], list[str]]:
    """Describe a weighted mean."""
    scale = SCALES[node.link]
    tau = float(node.model.sds[0, 0])
    references = [*REFERENCES[node.method], *REFERENCES[node.adjust]]
    listed = f"the weights {shares(node.names, node.model.weights[0, 0])}"
    if node.method == "bayesian":
        return _bayesian(node, scale)
    if node.method == "log_pool":
        text = (
            f"Sources' densities, taken as normal on the {scale}, were pooled by their weighted product; in the mean they have "
            f"{listed}."
        )
    elif node.method in ("fixed", "minimum_variance"):
        how = "with none below zero" if node.bounded else "unbounded"
        kind = "inverse-variance mean" if node.method == "fixed" else "mean of least variance"
        text = (
            f"Sources were combined by their {kind} on the {scale}, from their joint covariance ({how}): "
            f"{listed}, held in every replicate."
        )
    else:
        text = (
            f"Sources were combined by a random-effects mean on the {scale} with {listed}; the standard deviation between "
            f"sources is {tau:.3g} (variance estimated by {TITLES[node.method].split('(')[1].rstrip(')')})."
            f"{INTERVALS[node.adjust]}"
        )
    return [text], references


def _bayesian(node: Consensus, scale: str) -> tuple[list[str], list[str]]:
    assert node.prior is not None
    family, width = node.prior
    middle = spread_quantiles(node, np.array([0.5]))[0]
    prior = f"a {family} prior of scale {width:g}"
    if len(node.point) == 1:
        text = (
            f"Sources were combined on the {scale} in a Bayesian model in which each has a bias from a normal distribution, whose "
            f"standard deviation has {prior} (posterior median {middle:.3g}); the size has a flat prior. The posterior was found by "
            "quadrature."
        )
        return [text], list(REFERENCES["bayesian"])
    text = (
        f"Sources of {len(node.point)} sites were combined on the {scale} in a Bayesian model with a bias of each method, common "
        f"to all sites, and departures of each source from it, both normal, with {prior} for either standard deviation "
        f"(posterior median of the first {middle:.3g}) and flat priors for the sites' sizes. The posterior was found by quadrature. "
        "That methods' biases can be compared across sites is the idea of Syunyaev and Humphreys (2023), whose model is another."
    )
    return [text], [*REFERENCES["sites"], *REFERENCES["bayesian"]]


def spread_quantiles(node: Consensus, levels: Floats, which: int = 0) -> Floats:
    """Return quantiles of the between-source standard deviation; where it is estimated, the estimate."""
    order = np.argsort(node.model.sds[:, which])
    below = np.cumsum(node.model.probability[order])
    place = np.minimum(np.searchsorted(below, levels), len(order) - 1)
    return np.asarray(node.model.sds[order[place], which])


def linear_pool(node: LinearPool) -> tuple[list[str], list[str]]:
    """Describe a mixture."""
    text = f"Sources were pooled as a mixture of their distributions with the weights {shares(node.names, node.given)}."
    return [text], list(REFERENCES["linear_pool"])


def conjugate(node: Conjugate) -> tuple[list[str], list[str]]:
    """Describe a conjugate beta synthesis."""
    a, b = node.parameters
    references = list(REFERENCES["beta"])
    text = (
        "Sources were combined as conjugate beta distributions: each counts for the number of people that its mean and variance "
        f"are worth, and by the sum of these counts the share of the population is beta({a:.1f}, {b:.1f})."
    )
    if node.adjusted:
        text += (
            f" For the sources' disagreement (Pearson's chi-squared over its degrees of freedom) every count was divided by "
            f"{node.dispersion:.3g}."
        )
        references += REFERENCES["beta_adjusted"]
    if abs(node.overlap - 1) > 1e-9:
        text += f" For what sources have in common the counts were divided by {node.overlap:.3g}."
    return [text], references


def shares(names: tuple[str, ...], weights: Floats) -> str:
    """List weights in per cent."""
    return ", ".join(f"{name} {100 * w:.0f}%" for name, w in zip(names, weights, strict=True))
