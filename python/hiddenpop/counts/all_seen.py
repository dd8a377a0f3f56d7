"""A size that equals the number seen: how far off it may be."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..ground.columns import Codes, Floats


class Missed(NamedTuple):
    """How many more there may be than a register saw, where its estimator says nobody."""

    expected: float
    variance: float


def missed(times: Codes, people: Floats) -> Missed:
    """Return how many people like those seen the same register might have missed.

    Each person seen i times is taken to have had i sightings expected, and so the chance exp(-i) of being missed (Colwell
    2013, EstimateS 9.1, appendix B, eq. 14; also the interval of Chao's bound in SpadeR where f1 is 0). With s people
    seen and P the mean of these chances the population is s / (1 - P), with variance
    (sum (exp(-i) - exp(-2 i)) - (sum i exp(-i))^2 / s) / (1 - P)^2.
    """
    seen = float(people.sum())
    chance = np.exp(-times.astype(np.float64))
    share = float((people * chance).sum()) / seen
    spread = (people * (chance - chance**2)).sum() - (people * times * chance).sum() ** 2 / seen
    return Missed(seen * share / (1 - share), max(float(spread), 0.0) / (1 - share) ** 2)
