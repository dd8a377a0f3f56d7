"""Settings with a known truth, and the limits of intervals that are simulated for them."""

from __future__ import annotations

import math
import multiprocessing
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import hiddenpop as hp
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

PROCESSES = 2
LEVEL = 0.95
SEED = 2023
#: Exact scenarios: coverage is also found for this many other shares, up to this far (relatively) from p.
NEIGHBOURS = 41
NEAR = 0.1
#: Counts k less likely than this under every share are left out.
NEGLIGIBLE = 1e-9


@dataclass(frozen=True)
class Way:
    """A way to make an interval from an estimate; without a method the package's default."""

    label: str
    method: str | None
    scale: str | None = None
    #: Which of several surveys of the same sample is asked.
    survey: str = ""


@dataclass(frozen=True)
class Setting:
    """Limits under one truth: draws (strata x repeats x ways x 2) with the probability of each stratum."""

    name: str
    truth: float
    ways: Sequence[Way]
    weights: Floats
    ends: Floats
    nearby: Sequence[Setting] = ()


def workers(replicates: int) -> ProcessPoolExecutor:
    """Return the processes that simulate."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(PROCESSES, mp_context=context, initializer=prepare_worker, initargs=(replicates,))


def prepare_worker(replicates: int) -> None:
    """Set up a worker: one thread, and no warnings about single samples."""
    hp.settings(threads=1, replicates=replicates)
    warnings.simplefilter("ignore", hp.HiddenpopWarning)


def ends_of(estimate: hp.Estimate | Mapping[str, hp.Estimate], ways: Sequence[Way]) -> Floats:
    """Return the limits of an estimate with one label (ways x 2), or of several by the name of their survey."""
    found = np.empty((len(ways), 2))
    for position, way in enumerate(ways):
        asked = estimate if isinstance(estimate, hp.Estimate) else estimate[way.survey]
        interval = asked.interval(LEVEL, method=way.method, scale=way.scale)
        found[position] = interval.to_numpy()[0]
    return found


def size_ends(share: hp.Estimate | Mapping[str, hp.Estimate], ways: Sequence[Way], benchmark: float) -> Floats:
    """Return the limits of a multiplier size; all NaN where the size has no estimate."""
    try:
        if isinstance(share, hp.Estimate):
            return ends_of(hp.multiplier(benchmark, share), ways)
        return ends_of({name: hp.multiplier(benchmark, one) for name, one in share.items()}, ways)
    except hp.EstimationError:
        return np.full((len(ways), 2), np.nan)


def simulated(name: str, truth: float, ways: Sequence[Way], ends: Sequence[Floats] | Floats) -> Setting:
    """Make a setting of samples that all count alike."""
    return Setting(name, truth, ways, np.ones(1), np.array(ends)[None])


@dataclass(frozen=True)
class ByCount:
    """Limits for every number k of n that is likely under some share (counts x repeats x ways x 2)."""

    n: int
    likely: Bools
    ends: Floats

    def setting(self, name: str, p: float, truth: Callable[[float], float], ways: slice, of: Sequence[Way]) -> Setting:
        """Weight each k by its binomial probability, under p and under shares nearby."""
        made = [
            Setting(name, truth(value), of, chances(self.n, value)[self.likely], self.ends[:, :, ways])
            for value in (p, *_band(p))
        ]
        return replace(made[0], nearby=made[1:])


def by_count(
    pool: ProcessPoolExecutor, limits: Callable[[tuple[int, int]], Floats], n: int, shares: Sequence[float]
) -> ByCount:
    """Find limits for every (n, k): samples with the same count have the same interval, so each is redrawn once."""
    likely = np.max([chances(n, value) for p in shares for value in _band(p)], axis=0) > NEGLIGIBLE
    counts = [(n, int(k)) for k in np.flatnonzero(likely)]
    return ByCount(n, likely, np.array(list(pool.map(limits, counts, chunksize=4))))


def _band(p: float) -> Floats:
    return p * np.linspace(1 - NEAR, 1 + NEAR, NEIGHBOURS)


def chances(n: int, p: float) -> Floats:
    """Return the probabilities of 0 to n successes."""
    return np.array([math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)])
