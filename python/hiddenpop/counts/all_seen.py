"""How far off a size may be that equals the number seen, because nobody, or hardly anybody, was seen so seldom.

An estimator that tells the unseen from people seen once (or twice) finds nobody unseen where it has none of those. Their
number is left to chance: as a Poisson number it may have a mean up to the exact limit of Garwood (1936), -log(0.025) = 3.7
for none seen. The size that the estimator has at that mean is the upper end.
"""

from __future__ import annotations

import math

import numpy as np

from ..ground import distributions
from ..ground.columns import Bools, Codes, Floats
from .families import Family

#: The level at which a standard error is read off the upper end.
USUAL = 0.95


def most(family: Family, times: Codes, people: Floats, among: Bools, level: float) -> float:
    """Return the most people unseen that an estimator allows for among some, at the upper end of an interval of that level."""

    def seen(often: int) -> float:
        return float(people[among & (times == often)].sum())

    fewest = family.modelled[0]
    mean = _poisson_limit(int(seen(fewest)), (1 - level) / 2)
    if family.method == "ratio_regression":
        return mean * _taken_back(family, times, people)
    # Chao's f1^2 / (2 f2), or 2 f2^3 / (9 f3^2) from twos and threes; where there are none of the more often seen, as the
    # bias-corrected forms have it.
    beside = seen(fewest + 1)
    beside = beside if family.likelihood and beside else beside + 1
    return mean**2 / (2 * beside) if fewest == 1 else 2 * mean**3 / (9 * beside**2)


def variance(family: Family, times: Codes, people: Floats, among: Bools) -> float:
    """Return the variance whose normal upper end is that one."""
    return (most(family, times, people, among, USUAL) / distributions.quantile((1 + USUAL) / 2)) ** 2


def _poisson_limit(seen: int, tail: float) -> float:
    """Return the mean of a Poisson number of which as few as were seen, or fewer, have this chance."""
    low, high = float(seen), seen + 10 * math.sqrt(seen + 1) - 5 * math.log(tail)
    for _ in range(100):
        mean = (low + high) / 2
        chance = sum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(seen + 1))
        low, high = (mean, high) if chance > tail else (low, mean)
    return high


def _taken_back(family: Family, times: Codes, people: Floats) -> float:
    """Return f0 / f1, or f0 / f2, by the weighted line through the log ratios of neighbouring frequencies."""
    f, fewest = np.bincount(times, weights=people), family.modelled[0]
    y = np.flatnonzero((f[:-1] > 0) & (f[1:] > 0))
    y = y[y >= fewest]
    axis = np.log1p if "_log" in family.name else np.asarray
    line = np.polyfit(axis(y), np.log((y + 1) * f[y + 1] / f[y]), 1, w=np.sqrt(1 / (1 / f[y] + 1 / f[y + 1])))
    return math.factorial(fewest) * math.exp(-float(np.polyval(line, axis(np.arange(fewest))).sum()))
