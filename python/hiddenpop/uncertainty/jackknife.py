"""The design's jackknife: what an estimate would be without each participant, or each cluster.

It goes through whatever an expression computes, one source at a time with the others at their
points, because deleting a unit changes only totals: T without u = T - S + n / (n - 1) (S - x_u), where S
is the total of u's stratum of n units. No replicate weights are stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from ..answers.statistic import Statistic
from ..errors import EstimationError
from ..expression import graph, one_source, pooled
from ..expression.nodes import Deletable, Node
from ..expression.one_source import Units
from ..ground.columns import Bools, Codes, Floats
from ..sample.sampling import Sampling
from .variance_replicates import DeleteOne


@dataclass(frozen=True, eq=False, repr=False)
class Deleted:
    """An estimate without each unit of one survey."""

    sampling: Sampling | Units
    #: Marks the units that chance chose, which are those left out in turn.
    varies: Bools
    #: Labels x such units.
    values: Floats

    @property
    def stratum(self) -> Codes:
        """The stratum of each."""
        return self.sampling.stratum[self.varies]

    @property
    def counts(self) -> Floats:
        """How many deletions each stands for."""
        return self.sampling.counted[self.varies]

    @property
    def size(self) -> Floats:
        """The number drawn in the stratum of each."""
        sizes: Floats = np.bincount(self.sampling.stratum, weights=self.sampling.counted).astype(float)
        return sizes[self.stratum]


def covariance(node: Node, centre: str) -> Floats:
    """Return the jackknife covariance (labels x labels): JK1 in simple designs, JKn in strata.

    `centre` is "estimate" (conservative; `mse=TRUE` in R's survey) or "mean" (of the replicates). Wolter
    (2007), Introduction to Variance Estimation, eq. 4.5.5, with the finite population correction.
    """
    if pooled.find(node):
        unlimited = np.full(len(node.point), np.inf)
        return pooled.rubin(node, lambda one: (covariance(one, centre), unlimited))[0]
    size = len(node.point)
    for leaf in graph.walk(node):
        reason = getattr(leaf, "no_jackknife", None)
        if reason is not None:
            raise EstimationError(reason)
    result = np.zeros((size, size))
    for deleted in delete_each(node):
        n = deleted.size
        factors = (1 - deleted.sampling.fraction[deleted.stratum]) * (n - 1) / n
        result += one_source.spread(deleted.values, node.point, factors, deleted.counts, centre)
    return result


def acceleration(node: Node) -> Floats:
    """Return each label's acceleration for BCa intervals, summed over all surveys.

    Davison and Hinkley (1997), eq. 5.23 with the influence values of several samples (p. 210): one sixth
    of the skewness of the estimate.
    """
    cubes, squares = np.zeros(len(node.point)), np.zeros(len(node.point))
    for deleted in delete_each(node):
        counts, n, strata = deleted.counts, deleted.size, deleted.stratum
        kept = np.sqrt(1 - deleted.sampling.fraction[strata])
        people = np.bincount(strata, weights=counts)
        for label, values in enumerate(deleted.values):
            with np.errstate(divide="ignore", invalid="ignore"):
                middle = np.bincount(strata, weights=counts * values) / people
            influence = (n - 1) * (middle[strata] - values) * kept
            cubes[label] += (counts * influence**3 / n**3).sum()
            squares[label] += (counts * influence**2 / n**2).sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(squares > 0, cubes / (6 * squares**1.5), 0.0)


def delete_each(node: Node) -> list[Deleted]:
    """Evaluate a node without each unit, for each survey in its expression."""
    if pooled.find(node):
        raise EstimationError(
            "There is no acceleration for pooled imputations: use interval(method='t') or 'percentile'."
        )
    results = []
    for leaves in one_source.by_origin(node):
        if not leaves[0].origin.sampled:
            continue
        if all(isinstance(leaf, Deletable) for leaf in leaves):
            deleted = {cast("Node", leaf): cast("Deletable", leaf).without_each() for leaf in leaves}
            units = next(iter(deleted.values()))[1]
            seen = np.asarray(units.counted > 0, dtype=bool)
            values = one_source.replayed(node, {leaf: given[:, seen] for leaf, (given, _) in deleted.items()})
            results.append(Deleted(units, seen, values))
            continue
        if not all(isinstance(leaf, Statistic) or hasattr(leaf, "refit_without_each") for leaf in leaves):
            raise EstimationError(
                "A function of weights, or a size fitted to people, has no jackknife here. Use the draws: se()."
            )
        statistics = [cast("Statistic", leaf) for leaf in leaves]
        survey = statistics[0].survey
        if survey is None:
            statistics[0].block([], 0, 0)  # raises, with the reason
        assert survey is not None
        replicates = DeleteOne.of(survey)
        known: dict[Node, Floats] = {leaf: replicates.answer(leaf) for leaf in statistics}
        values = one_source.replayed(node, known)
        results.append(Deleted(survey._sampling, replicates.varies, values))
    return results
