"""Triangulation: several imperfect estimates of one quantity, their conflict, and a consensus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..answers.asked import whose
from ..draws import settings
from ..draws.streams import digest
from ..errors import InputError, in_words, suggest, warn
from ..estimate import arithmetic
from ..estimate.estimate import Estimate
from ..expression import graph
from ..expression.nodes import Node
from ..expression.operations import Operation, Stack
from ..ground import checks
from ..ground.columns import Floats
from ..ground.signatures import checked
from ..sources.noise import Noise
from . import conflict, conjugate, evidence, quadrature
from .conjugate import Conjugate
from .consensus import Consensus, laws, require_draws
from .evidence import Evidence
from .pools import LinearPool
from .synthesis import Synthesis

METHODS = (
    "fixed",
    "minimum_variance",
    "dersimonian_laird",
    "reml",
    "paule_mandel",
    "bayesian",
    "beta",
    "beta_adjusted",
    "linear_pool",
    "log_pool",
)
#: Other names of methods.
ALIASES = {"inverse_variance": "fixed", "random_effects": "reml"}
#: Beta distributions whose counts add up.
BETA = ("beta", "beta_adjusted")
RANDOM = ("dersimonian_laird", "reml", "paule_mandel")
ADJUST = ("hartung-knapp", "modified", "none")
#: With this many sources or fewer the variance between them is not estimated without a prior.
TOO_FEW = 4
#: The scale of the half-normal prior where none is given (Friede et al. 2017, Biometrical Journal 59:658-671).
USUAL = 0.5


@checked
def triangulate(
    estimates: Mapping[Any, Any] | pd.DataFrame,
    *,
    method: str,
    weights: Mapping[Any, float] | None = None,
    prior: float | tuple[str, float] | None = None,
    population: float | Estimate | None = None,
    scale: str | None = None,
    bounded: bool = True,
    adjust: str | None = None,
    name: str = "consensus",
) -> Synthesis:
    """Set several estimates of one quantity beside one another, measure their conflict, and combine them.

    Parameters
    ----------
    estimates : mapping of name to Estimate, or DataFrame
        One-label estimates of one quantity: sizes (or shares, or rates) of one population. For several sites a mapping of
        sites to such mappings, in which equal names are one method. A table of published figures has the columns source,
        estimate, lower, upper, and site where there are several.
    method : str
        No method is right for all sources, so there is no default. Sizes and rates are combined on the log scale, shares
        on the logit scale.

        - "fixed" ("inverse_variance"): the sources measure the same and differ by chance only.
        - "minimum_variance": likewise, of several multipliers from one survey: least variance under their joint draws.
        - "dersimonian_laird", "reml" ("random_effects"), "paule_mandel": sources vary around the truth more than by chance,
          each with an error of its own. Needs five sources or a prior.
        - "bayesian": the same with a prior of that variation; with several sites, biases of methods.
        - "beta", "beta_adjusted": shares as beta distributions whose counts add up; fewer counts where sources disagree.
        - "linear_pool", "log_pool": opinion pools with weights that experts give: a mixture of the distributions, or
          their weighted product.
    weights : mapping of name to number, optional
        Of an opinion pool, such as adequacy scores; only their ratios matter. Equal by default.
    prior : number or (family, number), optional
        Prior of the standard deviation between sources on the combining scale: the scale of a half-normal, or of
        ("half-cauchy", scale), ("uniform", upper end). With it every random-effects method is the Bayesian one; by default
        "bayesian" takes a half-normal of scale 0.5, by which most sources lie within a factor of 2 of the truth.
    population : number or Estimate, optional
        For "beta" and "beta_adjusted" of sizes: the general population they are part of.
    scale : {"log", "logit", "identity"}, optional
        Another scale for "fixed" and "minimum_variance". On the natural scale small estimates look precise and pull the
        mean down.
    bounded : bool
        Whether weights stay within 0 and 1. Of strongly correlated sources the best weights can be negative, so that the
        consensus lies outside all sources; they follow small errors of the covariance. The Bayesian method is not bounded.
    adjust : {"hartung-knapp", "modified", "none"}, optional
        Intervals of estimated random effects: Hartung and Knapp's (default), theirs but never narrower than the normal one,
        or the normal one, which is too narrow with few sources.
    name : str
        What to call the consensus.

    Returns
    -------
    Synthesis
        With `.conflict`, `.weights`, `.estimate`, `.summary()`, `.plot()` and `.methods()`.

    Raises
    ------
    InputError
        Fewer than two sources, different quantities, several labels, no uncertainty, the same estimate twice, four sources
        or fewer for estimated random effects, or arguments that the method does not take.
    EstimationError
        Infinite draws, from which no variance follows.

    Warns
    -----
    HiddenpopWarning
        Sources disagree by Cochran's Q with p < 0.05; weights that would be negative were bounded, or are negative.

    See Also
    --------
    pool : estimates that measure the same without bias.
    plausible : is one size within what others found.

    Notes
    -----
    With covariance V of the sources y on the combining scale (of their joint draws; zero for those with nothing in common),
    weights are w = V^-1 1 / (1' V^-1 1), for random effects with V + tau^2 I. Variances and weights are found once and
    held: in every replicate, and under another seed; they are found again when a replay changes an input. Only "fixed" and
    "minimum_variance" get their intervals from the sources' draws alone. Others draw what lies between the sources as
    well, and have the interval of their model. All keep their joint distribution with their sources.

    References: Cochran (1954), Biometrics 10:101-129. Flynn and Gustafson (2025), arXiv:2506.21020. DerSimonian and Laird
    (1986), Controlled Clinical Trials 7:177-188. Viechtbauer (2005), Journal of Educational and Behavioral Statistics
    30:261-293. Paule and Mandel (1982). Hartung and Knapp (2001), Statistics in Medicine 20:3875-3889. Röver (2020), Journal
    of Statistical Software 93(6). Stone (1961); Genest and Zidek (1986).

    "minimum_variance" has the idea of Flynn and Gustafson's weighted multiplier method, weights of least variance on the log
    scale; trees of exclusive groups, for which they made it, are not needed. Several sites are asked what Syunyaev and Humphreys
    (2023) ask, how methods differ from one another, by a model of our own.

    "beta" gives each source the beta distribution of its mean and variance: n = m (1 - m) / v - 1 people, of whom n m belong to
    the population. Counts add up, so an earlier figure that is to be the prior goes in as one more source. "beta_adjusted"
    divides all counts by Pearson's chi-squared over its degrees of freedom, if above 1. An earlier figure with multipliers is the
    idea of the anchored multiplier (Wesson, Mirzazadeh and McFarland 2018, doi:10.1093/ije/dyy132) and of its variance-adjusted
    form too, but of that paper only the abstract was read, which has no formulas: these are not its methods.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> sources = {"multiplier": hp.published(16_000, 11_300, 25_200, name="multiplier"),
    ...            "capture-recapture": hp.published(13_000, 10_000, 18_000, name="capture"),
    ...            "network scale-up": hp.published(19_000, 13_000, 29_000, name="scale-up")}
    >>> hp.triangulate(sources, method="bayesian", prior=0.3)
    consensus: Bayesian synthesis
                         estimate        95% interval    weight
    multiplier             16,000    11,300 to 25,200       30%
    capture-recapture      13,000    10,000 to 18,000       41%
    network scale-up       19,000    13,000 to 29,000       29%
    consensus              15,400    11,300 to 22,200
    Cochran's Q is 2.31 on 2 df (p = 0.32); I² is 13%.
    """
    method = _method(method)
    sources = evidence.gather(estimates)
    if prior is not None:
        if method not in (*RANDOM, "bayesian"):
            raise InputError(f"prior= is that of random effects; method={method!r} has none.")
        method = "bayesian"
    _check_arguments(sources, method, weights, population, scale, adjust)
    # Conflict is measured, and told, before anything is combined.
    link = scale or sources.link
    checks.flag(bounded, "bounded")
    y = evidence.scaled(sources.nodes, sources.link)
    found = evidence.covariance(sources.nodes, sources.link, sources.names)
    conflicting = conflict.find(sources, y, found)
    conflict.tell(conflicting)
    if method in BETA:
        return _conjugate(sources, conflicting, method, population, name)
    if link != sources.link:
        y = evidence.scaled(sources.nodes, link)
        found = evidence.covariance(sources.nodes, link, sources.names)
    if method not in ("fixed", "minimum_variance"):
        require_draws(Stack(sources.nodes), method)
    shares = _shares(sources, weights)
    noise = _noise(sources, method, laws(method, len(set(sources.sites))))
    if method == "linear_pool":
        pool = LinearPool((*sources.nodes, *noise), sources.names, shares, sources.quantity)
        return Synthesis(sources, conflicting, Estimate(pool, pd.Index([name]), True, name), pool)
    node = Consensus(
        args=(*sources.nodes, *noise),
        names=sources.names,
        method=method,
        link=link,
        quantity=sources.quantity,
        covariance=found,
        fitted=y,
        site=sources.codes(sources.sites),
        kind=sources.codes(sources.kinds),
        bounded=bounded,
        adjust=(adjust or "hartung-knapp") if method in RANDOM else "none",
        prior=quadrature.check_prior(USUAL if prior is None else prior) if method == "bayesian" else None,
        given=shares if method == "log_pool" else None,
    )
    _tell_of_weights(node)
    sites = pd.Index(list(dict.fromkeys(sources.sites)), name="site") if sources.several else pd.Index([name])
    return Synthesis(sources, conflicting, Estimate(node, sites, not sources.several, name), node)


def _method(method: str) -> str:
    if method in ("anchored", "anchored_adjusted"):
        raise InputError(
            f"method={method!r}: the anchored multiplier (Wesson et al. 2018) is not here, because its formulas could not be "
            f"checked. method={method.replace('anchored', 'beta')!r} has its idea: give the earlier figure as one more source."
        )
    method = ALIASES.get(method, method)
    if method not in METHODS:
        raise InputError(f"method={method!r} is not known. {suggest(method, (*METHODS, *ALIASES))}")
    return method


def _check_arguments(
    sources: Evidence,
    method: str,
    weights: object,
    population: object,
    scale: str | None,
    adjust: str | None,
) -> None:
    if weights is not None and not method.endswith("pool"):
        raise InputError(f"weights= are those of an opinion pool; method={method!r} finds its own.")
    if population is not None and method not in BETA:
        raise InputError(f"population= belongs to {' and '.join(map(repr, BETA))}, not to method={method!r}.")
    if scale is not None and (method not in ("fixed", "minimum_variance") or scale not in (sources.link, "identity")):
        raise InputError(
            f"scale={scale!r}: 'fixed' and 'minimum_variance' combine on the scale {sources.link!r} or on 'identity', others "
            f"on {sources.link!r} only."
        )
    if adjust is not None and (adjust not in ADJUST or method not in RANDOM):
        raise InputError(f"adjust={in_words(adjust)} is one of {', '.join(ADJUST)}, with {', '.join(RANDOM)}.")
    if sources.several and method != "bayesian":
        raise InputError(
            f"Several sites are combined by method='bayesian'. For method={method!r} triangulate each site by itself."
        )
    if method in RANDOM and len(sources.names) <= TOO_FEW:
        raise InputError(
            f"{len(sources.names)} sources can't tell how much sources vary: with {TOO_FEW} or fewer the variance between them is "
            "not estimated. Say what you expect of it, prior=0.5 (the scale of a half-normal on the log scale: most sources "
            "within a factor of 2 of the truth), or assume that there is none, method='fixed'."
        )


def _shares(sources: Evidence, weights: Mapping[Any, float] | None) -> Floats:
    """Return the weights of a pool, with sum 1."""
    if weights is None:
        return np.full(len(sources.names), 1 / len(sources.names))
    if not isinstance(weights, Mapping):
        raise InputError("weights= is a mapping of the sources' names to numbers.")
    checks.once(map(str, weights), "weights= has")
    given = {str(key): value for key, value in weights.items()}
    unknown = [key for key in given if key not in sources.names]
    lacking = [key for key in sources.names if key not in given]
    if unknown or lacking:
        wrong = (
            f"There is no source {in_words(unknown[0])}."
            if unknown
            else f"The source {in_words(lacking[0])} has no weight."
        )
        raise InputError(f"{wrong} weights= gives a number for each source; 0 leaves one out.")
    for key, value in given.items():
        if isinstance(value, (str, bool)) or not (np.isfinite(value) and value >= 0):
            raise InputError(f"The weight of {in_words(key)} is {in_words(value)}; weights are numbers of 0 or more.")
    found = np.array([float(given[key]) for key in sources.names])
    if not found.any():
        raise InputError("All weights are zero.")
    return np.asarray(found / found.sum())


def _noise(sources: Evidence, method: str, needed: tuple[str, ...]) -> tuple[Node, ...]:
    """Return what lies between the sources: the same draws whatever numbers they are multiplied by.

    So scenarios in which a benchmark or a correction differs are compared draw by draw.
    """
    if not needed:
        return ()
    together = Stack(sources.nodes)
    names = tuple(str(place) for place in range(len(needed)))
    key = f"consensus {method} {digest(*sources.names, *whose(together))}"
    seed, count = settings.defaults().seed, graph.replicates(together)
    return (Noise(names, needed, key, seed, count, "spread between the sources"),)


def _conjugate(
    sources: Evidence,
    conflicting: conflict.Conflict,
    method: str,
    population: float | Estimate | None,
    name: str,
) -> Synthesis:
    nodes = sources.nodes
    if sources.quantity != "share":
        if population is None:
            raise InputError(
                f"method={method!r} works on shares of a general population: population= says how many people the sizes are part "
                "of, such as the adults of the city."
            )
        whole = arithmetic.as_estimate(population)
        if len(whole) > 1 or not whole.node.point[0] > max(float(node.point[0]) for node in nodes):
            raise InputError(f"population={in_words(population)} must be one number above every source's size.")
        graph.check_joint([*nodes, whole.node])
        nodes = tuple(Operation("/", (node, whole.node), "share") for node in nodes)
    elif population is not None:
        raise InputError("The sources are shares already, so population= has no use.")
    require_draws(Stack(nodes), method)
    shares = evidence.scaled(nodes, "identity")
    found, quantiles = conjugate.measure(nodes, sources.names)
    node = Conjugate(
        args=(*nodes, *_noise(sources, method, ("normal",))),
        names=sources.names,
        adjusted=method == "beta_adjusted",
        fitted=shares,
        covariance=found,
        quantiles=quantiles,
    )
    result: Node = node
    if sources.quantity != "share":
        result = Operation("*", (node, whole.node), sources.quantity)
    return Synthesis(sources, conflicting, Estimate(result, pd.Index([name]), True, name), node)


def _tell_of_weights(node: Consensus) -> None:
    """Say where weights were kept from being negative, or are."""
    if node.method == "log_pool":
        return
    if node.bounded and node.method != "bayesian":
        tau2 = float(node.model.sds[0, 0]) ** 2
        free = np.linalg.solve(node.covariance + tau2 * np.eye(len(node.names)), np.ones(len(node.names)))
        below = [name for name, w in zip(node.names, free, strict=True) if w < 0]
        if below:
            warn(
                f"The weight of {', '.join(map(repr, below))} would be negative, because it is strongly correlated with a more "
                "precise source; it was bounded at 0 (bounded=False leaves it).",
            )
        return
    mean = np.einsum("g,gsk->sk", node.model.probability, node.model.weights)
    own = mean[np.asarray(node.site, dtype=int), np.arange(len(node.names))]
    below = [name for name, w in zip(node.names, own, strict=True) if w < 0]
    if below:
        warn(
            f"The weight of {', '.join(map(repr, below))} is negative, because it is strongly correlated with a more precise "
            "source: the consensus may lie outside all sources.",
        )
