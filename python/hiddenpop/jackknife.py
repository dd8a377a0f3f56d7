"""The design's jackknife: what an estimate would be without each participant, or each cluster.

It goes through whatever an expression computes, one source at a time with the others at their
points, because deleting a unit changes only totals: T without u = T - S + n / (n - 1) (S - x_u), where S
is the total of u's stratum of n units. No replicate weights are stored.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np

from . import expression
from .columns import Codes, Floats
from .errors import EstimationError, HiddenpopWarning
from .nodes import Node, Source
from .sampling import Sampling
from .statistic import Statistic, totals


class Units(Protocol):
    """What can be left out: a survey's `Sampling`, or what another leaf with `without_each` offers."""

    @property
    def stratum(self) -> Codes:
        """The stratum of each unit."""
        ...

    @property
    def people(self) -> Floats:
        """How many people each unit counts for."""
        ...

    @property
    def fraction(self) -> Floats:
        """The sampling fraction of each stratum."""
        ...

    @property
    def units(self) -> int:
        """The number of units."""
        ...


@dataclass(frozen=True, eq=False, repr=False)
class Deleted:
    """An estimate without each unit of one survey."""

    sampling: Units
    #: Labels x units.
    values: Floats

    @property
    def size(self) -> Floats:
        """For each unit the number drawn in its stratum."""
        stratum = self.sampling.stratum
        return np.bincount(stratum, weights=self.sampling.people).astype(float)[stratum]

    @property
    def counts(self) -> Floats:
        """For each unit how many deletions it stands for; 0 where nothing was left to chance."""
        varies = (self.size > 1) & (self.sampling.fraction[self.sampling.stratum] < 1)
        return np.where(varies, self.sampling.people, 0.0)


def covariance(node: Node, centre: str) -> Floats:
    """Return the jackknife covariance (labels x labels): JK1 in simple designs, JKn in strata.

    `centre` is "estimate" (conservative; `mse=TRUE` in R's survey) or "mean" (of the replicates). Wolter
    (2007), Introduction to Variance Estimation, eq. 4.5.5, with the finite population correction.
    """
    size = len(node.point)
    if any(hasattr(leaf, "without_each") for leaf in expression.walk(node)):
        raise EstimationError(
            "Leaving out people who were seen says nothing about how many are, so there is no jackknife standard error of a "
            "size from lists. Use the draws: se(), or se('linearized')."
        )
    result = np.zeros((size, size))
    for deleted in delete_each(node):
        counts, n = deleted.counts, deleted.size
        fraction = deleted.sampling.fraction[deleted.sampling.stratum]
        middle = deleted.values @ counts / counts.sum() if centre == "mean" else node.point
        off = deleted.values - middle[:, None]
        with np.errstate(invalid="ignore"):
            scale = np.where(counts > 0, (1 - fraction) * (n - 1) / n * counts, 0.0)
        result += (off * scale) @ off.T
    return result


def acceleration(node: Node) -> Floats:
    """Return each label's acceleration for BCa intervals, summed over all surveys.

    Davison and Hinkley (1997), eq. 5.23 with the influence values of several samples (p. 210): one sixth
    of the skewness of the estimate.
    """
    cubes, squares = np.zeros(len(node.point)), np.zeros(len(node.point))
    for deleted in delete_each(node):
        counts, n = deleted.counts, deleted.size
        strata = deleted.sampling.stratum
        fraction = deleted.sampling.fraction[strata]
        people = np.bincount(strata, weights=counts)
        for label, values in enumerate(deleted.values):
            with np.errstate(divide="ignore", invalid="ignore"):
                middle = np.bincount(strata, weights=counts * values) / people
            influence = np.where(counts > 0, (n - 1) * (middle[strata] - values) * np.sqrt(1 - fraction), 0.0)
            cubes[label] += (counts * influence**3 / n**3).sum()
            squares[label] += (counts * influence**2 / n**2).sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(squares > 0, cubes / (6 * squares**1.5), 0.0)


def delete_each(node: Node) -> list[Deleted]:
    """Evaluate a node without each unit, for each survey in its expression."""
    order = expression.walk(node)
    by_origin: dict[Any, list[Any]] = {}
    for leaf in order:
        if isinstance(leaf, Statistic) or hasattr(leaf, "without_each"):
            by_origin.setdefault(cast("Source", leaf).origin, []).append(leaf)
        elif expression.is_source(leaf) and cast("Source", leaf).origin.sampled:
            raise EstimationError("A function of weights has no jackknife here. Use the draws: se().")
    results = []
    for leaves in by_origin.values():
        sampling, known = _deletions(leaves)
        values: dict[Node, Floats] = {}
        for current in order:
            if current in known:
                values[current] = known[current]
            elif not current.args:
                values[current] = current.point[:, None]
            else:
                values[current] = current.block([values[arg] for arg in current.args], 0, sampling.units)
        results.append(Deleted(sampling, np.broadcast_to(values[node], (len(node.point), sampling.units))))
    return results


def _deletions(leaves: list[Any]) -> tuple[Units, dict[Node, Floats]]:
    """Return what can be left out, and each leaf without it."""
    first = leaves[0]
    if not isinstance(first, Statistic):
        return first.sampling, {leaf: leaf.without_each() for leaf in leaves}
    survey = first.survey
    if survey is None:
        first.block([], 0, 0)  # raises, with the reason
    assert survey is not None
    return survey._sampling, {leaf: _without_each(leaf, survey._sampling) for leaf in leaves}


def _without_each(leaf: Statistic, sampling: Sampling) -> Floats:
    if leaf.question.kind == "quantile":
        raise EstimationError(
            "A quantile jumps when a participant is left out, so its jackknife says nothing. Use the draws: se(), "
            "interval(method='percentile')."
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)  # said when the question was asked
        pairs = totals(leaf)
    rows = []
    with np.errstate(divide="ignore", invalid="ignore"):
        for above, below in pairs:
            top = sampling.without_each(above)
            rows.append(top if below is None else top / sampling.without_each(below))
    return np.stack(rows)
