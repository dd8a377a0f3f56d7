"""Variances of coefficients that don't rest on the family of counts: sandwich estimators, by person or by cluster.

The bread is the inverse of the observed information, the meat the sum of squared scores of people (White 1982; HC0 of R's
package sandwich), or of clusters, times g / (g - 1) for g clusters (Liang and Zeger 1986; vcovCL with type "HC0").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import EstimationError, InputError
from ..ground import grouping
from ..ground.columns import Floats
from .leaf import PEOPLE

if TYPE_CHECKING:
    from .. import _core
    from .compiled import Compiled
    from .register import CaptureCounts

#: With fewer clusters their scores say little of how much clusters differ.
FEW_CLUSTERS = 10


@dataclass(frozen=True, eq=False)
class Sandwich:
    """The covariance of a fit's coefficients, and how it was found."""

    covariance: Floats
    #: Whose scores it sums, after "by".
    whom: str
    #: The number of clusters, if it is by them.
    clusters: int | None

    def sizes(self, compiled: Compiled, fit: _core.CountFit) -> Floats:
        """Return the covariance of sizes: that of the coefficients carried over, and the chance of who is seen."""
        slopes, luck = compiled.model.slopes(fit, compiled.parts.astype(np.uint32), len(compiled.labels))
        return np.asarray(slopes @ self.covariance @ slopes.T + np.diag(luck))


def make(counts: CaptureCounts, compiled: Compiled, fit: _core.CountFit, cluster: str | None) -> Sandwich:
    """Return the sandwich of a fit whose likelihood has a maximum."""
    bread = fit.covariance
    if bread is None:
        raise EstimationError("The information of this fit is singular, so its coefficients have no variance.")
    scores = compiled.model.scores(fit)[compiled.cell]
    people = counts._people.astype(np.float64)
    if cluster is None:
        meat = scores.T @ (scores * people[:, None])
        return Sandwich(_between(bread, meat), PEOPLE, None)
    if not isinstance(cluster, str):
        raise InputError(f"cluster={cluster!r} must be the name of a column of the register.")
    lacking = "is missing in {rows}, so these people belong to no cluster."
    codes, labels = grouping.cross(grouping.read(counts._table, [cluster], lacking), [cluster])
    number = len(labels)
    if number < 2:
        raise EstimationError(f"Column {cluster!r} has one cluster, and one says nothing of how clusters differ.")
    sums: Any = np.zeros((number, scores.shape[1]))
    np.add.at(sums, codes, scores * people[:, None])
    covariance = _between(bread, sums.T @ sums) * number / (number - 1)
    return Sandwich(covariance, f"the {number:,} clusters of '{cluster}'", number)


def _between(bread: Any, meat: Any) -> Floats:
    return np.asarray(bread @ meat @ bread)
