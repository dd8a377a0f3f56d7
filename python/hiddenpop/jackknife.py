"""The design's jackknife: what an estimate would be without each participant, or each cluster.

It goes through whatever an expression computes, one source at a time with the others at their
points, because deleting a unit changes only totals: T without u = T - S + n / (n - 1) (S - x_u), where S
is the total of u's stratum of n units. No replicate weights are stored.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from . import expression
from .columns import Codes, Floats
from .errors import EstimationError, HiddenpopWarning
from .nodes import Deletable, Node, Source
from .sampling import Sampling
from .statistic import Statistic, totals


@dataclass(frozen=True, eq=False, repr=False)
class Units:
    """Kinds of units of one stratum, for sources that are no survey."""

    people: Floats

    @property
    def units(self) -> int:
        """How many kinds there are."""
        return len(self.people)

    @property
    def stratum(self) -> Codes:
        """All in one."""
        return np.zeros(len(self.people), dtype=np.int64)

    @property
    def fraction(self) -> Floats:
        """No finite population correction."""
        return np.zeros(1)


@dataclass(frozen=True, eq=False, repr=False)
class Deleted:
    """An estimate without each unit of one survey."""

    sampling: Sampling | Units
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
    by_origin: dict[Any, list[Statistic]] = {}
    others: dict[Any, list[Node]] = {}
    for leaf in order:
        if isinstance(leaf, Statistic):
            by_origin.setdefault(leaf.origin, []).append(leaf)
        elif isinstance(leaf, Deletable):
            others.setdefault(cast("Source", leaf).origin, []).append(cast("Node", leaf))
        elif expression.is_source(leaf) and cast("Source", leaf).origin.sampled:
            raise EstimationError("A function of weights has no jackknife here. Use the draws: se().")
    results = []
    for statistics in by_origin.values():
        survey = statistics[0].survey
        if survey is None:
            statistics[0].block([], 0, 0)  # raises, with the reason
        assert survey is not None
        sampling = survey._sampling
        results.append(_through(order, {leaf: _without_each(leaf, sampling) for leaf in statistics}, sampling))
    for leaves in others.values():
        deleted = {leaf: cast("Deletable", leaf).without_each() for leaf in leaves}
        units = Units(next(iter(deleted.values()))[1])
        results.append(_through(order, {leaf: values for leaf, (values, _) in deleted.items()}, units))
    return results


def _through(order: list[Node], known: Mapping[Node, Floats], sampling: Sampling | Units) -> Deleted:
    """Carry leaves without each unit through the expression, the other leaves at their points."""
    values: dict[Node, Floats] = {}
    for current in order:
        if current in known:
            values[current] = known[current]
        elif not current.args:
            values[current] = current.point[:, None]
        else:
            values[current] = current.block([values[arg] for arg in current.args], 0, sampling.units)
    node = order[-1]
    return Deleted(sampling, np.broadcast_to(values[node], (len(node.point), sampling.units)))


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
