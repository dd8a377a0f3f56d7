"""An expression with one source at its replicates and the others at their points.

Sources are independent, so their variances add: what a source's replicates say about an estimate is found by
moving that source alone. The design's jackknife and all variance replicates share this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..ground.columns import Codes, Floats
from . import graph
from .nodes import Node, Source

#: Replicates this close to the estimate (relatively) equal it: what never varies must have no variance.
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False, repr=False)
class Units:
    """Kinds of units that can be left out in turn, of a source that is no survey."""

    #: How many units are of each kind, and the stratum of each kind.
    counted: Floats
    stratum: Codes

    @property
    def fraction(self) -> Floats:
        """No finite population correction."""
        return np.zeros(int(self.stratum.max()) + 1)


def by_origin(node: Node) -> list[list[Source]]:
    """Group the sources of an expression by what is redrawn together."""
    groups: dict[Any, list[Source]] = {}
    for source in graph.sources(node):
        groups.setdefault(source.origin, []).append(source)
    return list(groups.values())


def replayed(node: Node, known: Mapping[Node, Floats]) -> Floats:
    """Evaluate a node where some parts have other values (labels x replicates); other leaves keep their points."""
    width = max(given.shape[1] for given in known.values())
    values: dict[Node, Floats] = {}
    for current in graph.walk(node, known=known.__contains__):
        if current in known:
            values[current] = known[current]
        elif not current.args:
            values[current] = current.point[:, None]
        else:
            values[current] = current.block([values[arg] for arg in current.args], 0, width)
    return np.broadcast_to(values[node], (len(node.point), width))


def spread(values: Floats, point: Floats, factors: Floats, times: Floats, centre: str) -> Floats:
    """Return the covariance sum_r f_r t_r (v_r - c)(v_r - c)' of replicates v (labels x replicates).

    Factors f scale squares; times t say how many equal replicates each stands for. The centre c is the
    estimate ("estimate", `mse=TRUE` in R's survey) or the mean of the replicates. A label with an undefined or
    infinite replicate has no covariance: NaN.
    """
    counts = (factors > 0) & (times > 0)
    values, weight, times = values[:, counts], (factors * times)[counts], times[counts]
    with np.errstate(invalid="ignore"):
        middle = values @ times / times.sum() if centre == "mean" else point
        off = values - middle[:, None]
        off[np.abs(off) <= ROUNDING * np.abs(middle[:, None])] = 0.0
        lost = ~np.isfinite(off).all(axis=1)
        result: Floats = (off * weight) @ off.T
    result[lost] = result[:, lost] = np.nan
    return result
