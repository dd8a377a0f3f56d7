"""Participants who recruited one another, and what they weigh."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from .. import _core
from ..expression.nodes import Node
from ..ground.columns import Bools, Codes, Floats
from .forest import Forest

#: What participants weigh.
Weighing = Literal["gile", "volz_heckathorn"]
#: How they are recruited again.
Scheme = Literal["successive", "salganik", "tree", "seeds", "neighbourhood", "homophily_graph"]


@dataclass(frozen=True, eq=False, repr=False)
class Recruits:
    """Participants, who recruited them, and what they weigh."""

    forest: Forest
    site: Codes
    #: The cell of the columns that recruitment goes by.
    cell: Codes
    degree: Floats
    #: Who counts in estimates.
    counted: Bools
    weight: Floats
    #: How each weight moves with its site's population.
    slope: Floats
    #: The people of each site; 0 where nobody knows.
    sizes: Floats
    #: The same, where they are estimates.
    node: Node | None
    scheme: Scheme
    weighing: Weighing
    centre: bool
    #: Whether replicates are weighed by the degrees of those whom they took.
    reweigh: bool
    homophily_on: tuple[str, ...]
    #: Coupons that were given to participants, where they were counted.
    coupons: int | None = None

    @property
    def n(self) -> Floats:
        """The participants of each site who count."""
        return np.bincount(self.site[self.counted], minlength=len(self.sizes)).astype(float)

    @property
    def fraction(self) -> Floats:
        """The share of each site's population that is in the sample; 0 where nobody knows."""
        return np.where(self.sizes > 0, self.n / np.where(self.sizes > 0, self.sizes, 1.0), 0.0)

    def among(self, sizes: Floats, scheme: Scheme, weighing: Weighing) -> Recruits:
        """Return the same participants, weighed and redrawn so in populations of other sizes, one a site."""
        weight, slope = weigh(self.degree, self.counted, self.site, sizes, weighing)
        return replace(self, weight=weight, slope=slope, sizes=sizes, node=None, scheme=scheme, weighing=weighing)


def weigh(degree: Floats, counted: Bools, site: Codes, sizes: Floats, how: Weighing) -> tuple[Floats, Floats]:
    """Return each participant's weight, and how it moves with its site's population."""
    weight, slope = np.zeros(len(degree)), np.zeros(len(degree))
    for one, size in enumerate(sizes.tolist()):
        here = counted & (site == one)
        if not here.any():
            continue
        own = degree[here]
        if how == "volz_heckathorn":
            whole = size if size > 0 else float(here.sum())
            weight[here] = whole * (1 / own) / (1 / own).sum()
            slope[here] = weight[here] / whole if size > 0 else 0.0
            continue
        kinds, people = np.unique(own, return_counts=True)
        time = _core.inclusion_time(kinds, people.astype(float), size)
        assert time is not None  # no population is smaller than its sample
        weight[here] = -1 / np.expm1(-own * time)
        if np.isfinite(time):
            by_time = -own * np.exp(-own * time) * weight[here] ** 2
            slope[here] = by_time / by_time.sum()
    return weight, slope
