"""The design's jackknife: what an estimate would be without each participant, or each cluster.

It goes through whatever an expression computes, one source at a time with the others at their
points, because deleting a unit changes only totals: T without u = T - S + n / (n - 1) (S - x_u), where S
is the total of u's stratum of n units. No replicate weights are stored. Units of later stages are left out
of their own groups, and their squares count times the sampling fractions above, as in linearised variances.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from ..answers.asked import Asked
from ..errors import EstimationError
from ..expression import graph, one_source, pooled
from ..expression.nodes import Node, Source
from ..expression.one_source import Units
from ..ground.columns import Bools, Codes, Floats
from ..sample.sampling import Deletable
from . import kept
from .variance_replicates import DeleteOne


@dataclass(frozen=True, eq=False, repr=False)
class Deleted:
    """An estimate without each unit of one survey."""

    units: Deletable | Units
    #: Marks the units that chance chose, which are those left out in turn.
    varies: Bools
    #: Labels x such units.
    values: Floats

    @property
    def stratum(self) -> Codes:
        """The stratum of each."""
        return self.units.stratum[self.varies]

    @property
    def counts(self) -> Floats:
        """How many deletions each stands for."""
        return self.units.counted[self.varies]

    @property
    def size(self) -> Floats:
        """The number drawn in the stratum of each."""
        sizes: Floats = np.bincount(self.units.stratum, weights=self.units.counted).astype(float)
        return sizes[self.stratum]


def standard_error(node: Node) -> Floats:
    """Return each label's jackknife standard error, or that which was saved."""
    stored = kept.kept_of(node)
    return np.sqrt(np.diag(covariance(node, "estimate"))) if stored is None else stored[0].jackknife[stored[1]]


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
        if isinstance(leaf, Source) and leaf.no_jackknife is not None:
            raise EstimationError(leaf.no_jackknife)
    result = np.zeros((size, size))
    for deleted in delete_each(node):
        n = deleted.size
        factors = (1 - deleted.units.fraction[deleted.stratum]) * (n - 1) / n
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
        kept = np.sqrt(1 - deleted.units.fraction[strata])
        people = np.bincount(strata, weights=counts)
        for label, values in enumerate(deleted.values):
            with np.errstate(divide="ignore", invalid="ignore"):
                middle = np.bincount(strata, weights=counts * values) / people
                influence = (n - 1) * (middle[strata] - values) * kept  # that of an infinite size is no number
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
        if all(leaf.deletable and not isinstance(leaf, Asked) for leaf in leaves):
            deleted = {cast("Node", leaf): leaf.without_each() for leaf in leaves}
            units = next(iter(deleted.values()))[1]
            seen = np.asarray(units.counted > 0, dtype=bool)
            values = one_source.replayed(node, {leaf: given[:, seen] for leaf, (given, _) in deleted.items()})
            results.append(Deleted(units, seen, values))
            continue
        answers = [leaf for leaf in leaves if isinstance(leaf, Asked)]
        if len(answers) < len(leaves):
            raise EstimationError(
                "A function of weights, or a size fitted to people, has no jackknife here. Use the draws: se()."
            )
        scheme = DeleteOne.of(answers[0].live)
        known: dict[Node, Floats] = {leaf: leaf.left_out(scheme, scheme.varies) for leaf in answers}
        results.append(Deleted(scheme.deletable, scheme.varies, one_source.replayed(node, known)))
    return results
