"""Linearised variances of people recruited by people, who are alike along the trees."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..expression.nodes import Node
from ..ground.columns import Bools, Floats
from .recruits import Recruits
from .sampling import Apart, Linear


@dataclass(frozen=True, eq=False, repr=False)
class Trees(Linear):
    """Linearised variances of people recruited by people: alike along the trees, by the correlation that they show.

    With values z of the influence (sum 0), weights a = w / sum w, and r the correlation of z / a between recruits and recruiters,
    the variance is sum a (z / a)^2 times sum a_i a_j r^d(i,j), d being the distance in the tree (Rohe 2019, Annals of Statistics
    47:556-582, function G), times 1 - n/N where the population is known. Labels covary by its square roots and the correlations
    of their z. Sites are independent.
    """

    by_draws: ClassVar[bool] = True
    recruits: Recruits
    #: Whether all weigh 1 in what is added up.
    plain: bool
    #: The populations, where they are estimates.
    estimated: Node | None

    @property
    def followed(self) -> tuple[str, ...]:
        """Columns that recruitment goes by."""
        return self.recruits.homophily_on

    @property
    def metric(self) -> Hashable:
        """Weights and populations."""
        return self.recruits.weight.tobytes(), self.recruits.sizes.tobytes()

    @property
    def relative(self) -> str | None:
        """Degrees say how people weigh against one another."""
        if self.recruits.sizes.all():
            return None
        return (
            "Weights are relative, as population= is not given: totals and counts add up to the participants and are no numbers of "
            "people. Shares and means stand."
        )

    @property
    def df(self) -> int:
        """Participants less sites."""
        return self.df_of(np.ones(len(self.recruits.weight), dtype=bool))

    def df_of(self, inside: Bools) -> int:
        """Those of them who count, less their sites."""
        here = np.bincount(self.recruits.site[inside & self.recruits.counted], minlength=len(self.recruits.sizes))
        return int(np.maximum(here - 1, 0).sum())

    def apart(self) -> Apart | None:
        """Nobody was drawn one by one."""
        return None

    def collect(self, column: Floats) -> Floats:
        """Weigh a column."""
        return column if self.plain else self.recruits.weight * column

    def by_totals(self, column: Floats) -> Floats:
        """Return how a column's total moves with each site's population."""
        site, moved = self.recruits.site, self.recruits.slope * column
        return np.asarray(np.bincount(site, weights=moved, minlength=len(self.recruits.sizes)), dtype=float)

    def variance(self, influence: Floats) -> Floats:
        """Return the covariance of totals of linearised values (participants x labels)."""
        result = np.zeros((influence.shape[1],) * 2)
        for one, fraction in enumerate(self.recruits.fraction.tolist()):
            here = (self.recruits.site == one) & (self.recruits.weight > 0)
            if here.any() and fraction < 1:
                result += (1 - fraction) * self._within(np.where(here, self.recruits.weight, 0.0), influence)
        return result

    def _within(self, weight: Floats, influence: Floats) -> Floats:
        """Do it for one site, whose participants alone have weights."""
        a = weight / weight.sum()
        inside = a > 0
        z = np.where(inside[:, None], influence, 0.0)
        z = z - a[:, None] * z.sum(axis=0)
        each = np.divide(z, a[:, None], out=np.zeros_like(z), where=inside[:, None])
        squares = (z * each).sum(axis=0)
        size = np.sqrt(np.maximum(squares * self._alike(a, self._correlation(each, inside)), 0.0))
        norm = np.sqrt(np.where(squares > 0, squares, 1.0))
        alike = (z.T @ each) / (norm[:, None] * norm)
        np.fill_diagonal(alike, 1.0)
        return np.asarray(size[:, None] * alike * size)

    def _correlation(self, each: Floats, inside: Bools) -> Floats:
        """Return the correlation between recruits and recruiters, 0 at least."""
        recruiter = self.recruits.forest.recruiter
        pairs = np.flatnonzero((recruiter >= 0) & inside & inside[recruiter])
        if len(pairs) < 2:
            return np.zeros(each.shape[1])
        child, parent = each[pairs], each[recruiter[pairs]]
        child, parent = child - child.mean(axis=0), parent - parent.mean(axis=0)
        norm = np.sqrt((child**2).sum(axis=0) * (parent**2).sum(axis=0))
        r = np.divide((child * parent).sum(axis=0), norm, out=np.zeros(each.shape[1]), where=norm > 0)
        return np.asarray(np.clip(r, 0.0, 1.0))

    def _alike(self, a: Floats, r: Floats) -> Floats:
        """Return the sum of a_i a_j r^d(i,j) over pairs, for each r: those whose common ancestor is v, for every v."""
        below = np.repeat(a[:, None], len(r), axis=1)
        forest = self.recruits.forest
        for wave in forest.waves[:0:-1]:
            np.add.at(below, forest.recruiter[wave], r * below[wave])
        recruits = ~forest.seeds
        return np.asarray((below**2).sum(axis=0) - r**2 * (below[recruits] ** 2).sum(axis=0))
