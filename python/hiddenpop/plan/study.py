"""Simulated studies: the stream that each draws from, and a multiplier study ready to simulate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from ..errors import InputError
from ..estimate.estimate import Estimate
from ..ground import checks
from ..ground.signatures import checked
from ..multipliers.multiplier import multiplier
from ..survey.survey import Survey
from . import arguments

#: The stream of the study under way; each thread has its own.
_current: ContextVar[np.random.Generator | None] = ContextVar("hiddenpop_study", default=None)


@checked
def rng() -> np.random.Generator:
    """Return the random numbers of the simulated study under way, inside a function given to `simulate`.

    Every simulated study has its own stream, a function of seed, n and the study's number: the same digits
    tomorrow, on any number of workers.

    Raises
    ------
    InputError
        No study is under way.

    See Also
    --------
    simulate, multiplier_study

    Examples
    --------
    >>> import hiddenpop as hp
    >>> def study(n):
    ...     registered = hp.plan.rng().binomial(n, 0.31)
    ...     survey = hp.Survey({"registered": [1, 0], "people": [registered, n - registered]}, counts="people")
    ...     return hp.multiplier(4_900, survey.proportion("registered"))
    >>> with hp.settings(replicates=500):
    ...     result = hp.plan.simulate(study, n=[200], replicates=20)
    """
    stream = _current.get()
    if stream is None:
        raise InputError(
            "No simulated study is under way: call hp.plan.rng() inside the function that hp.plan.simulate gets, or "
            "pass your own generator as rng=numpy.random.default_rng(0)."
        )
    return stream


@contextmanager
def drawing(stream: np.random.Generator) -> Iterator[None]:
    """Let `rng` return a stream."""
    before = _current.set(stream)
    try:
        yield
    finally:
        _current.reset(before)


@checked
def multiplier_study(
    n: int,
    *,
    benchmark: float,
    share: float,
    design_effect: float = 1,
    cluster_size: int = 10,
    replicates: int = 1000,
    rng: np.random.Generator | None = None,
) -> Estimate:
    """Simulate one multiplier study of n interviews, and return its estimate of the size.

    Parameters
    ----------
    n : int
        Interviews.
    benchmark : float
        The register's count, known exactly.
    share : float
        The share of the population that is in the register; the true size is benchmark / share.
    design_effect : float
        Above 1, people come in clusters (recruitment chains, sites) that resemble one another, and the survey is
        redrawn cluster by cluster.
    cluster_size : int
        People in a cluster; matters only with a design effect.
    replicates : int
        Redraws of the survey.
    rng : numpy Generator, optional
        Random numbers; inside `simulate` those of the study under way.

    Returns
    -------
    Estimate

    See Also
    --------
    simulate : runs it.
    multiplier : the formula.

    Notes
    -----
    Clusters' shares have a beta distribution with intraclass correlation ρ = (deff - 1) / (m - 1) for clusters of m
    (Kish 1965, section 5.4), so that the share's variance is deff p (1 - p) / n.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> import numpy as np
    >>> round(hp.plan.multiplier_study(400, benchmark=4_900, share=0.31, rng=np.random.default_rng(1)).point, -2)
    15900.0
    """
    people, expected = checks.whole(n, "n", 2), arguments.share(share)
    effect, size = arguments.design_effect(design_effect), checks.whole(cluster_size, "cluster_size", 2)
    if effect < 1 or effect >= size:
        raise InputError(
            f"design_effect={effect:g} can't be simulated with clusters of {size}: it must lie between 1 and the "
            "cluster size. Simulate strata by a function of your own."
        )
    stream = _under_way() if rng is None else rng
    if effect == 1:
        registered = int(stream.binomial(people, expected))
        table = {"registered": [True, False], "people": [registered, people - registered]}
        survey = Survey(table, counts="people", replicates=replicates)
    else:
        clusters = np.arange(people) // size
        if clusters[-1] == 0:
            raise InputError(f"n={people} is a single cluster of {size}; there must be two clusters at least.")
        within = (effect - 1) / (size - 1)
        ease = (1 - within) / within
        shares = stream.beta(expected * ease, (1 - expected) * ease, size=clusters[-1] + 1)
        table = {"registered": stream.random(people) < shares[clusters], "cluster": clusters}
        survey = Survey(table, clusters="cluster", replicates=replicates)
    return multiplier(checks.positive(benchmark, "benchmark"), survey.proportion("registered"))


#: `multiplier_study` has an argument of the same name.
_under_way = rng
