"""Columns that share the rows among them: the indicators of categories, or a number by group.

A row fills one of them at most, so all are kept as one: where each row goes, and its value. Totals of all columns take
one pass, and their covariance needs sums by cell only; no table of rows x labels is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ..ground.columns import Codes, Floats
from ..sample.sampling import Sampling

#: Some units and their values; the others have none.
Sparse: TypeAlias = tuple[npt.NDArray[np.uint32], Floats]
#: What a column of a sample's units is for the core.
Column: TypeAlias = Floats | Sparse
#: A column of which at most one unit in so many has a value is not written out.
THIN = 4


def thin(column: Floats) -> Column:
    """Write only what is not zero of a column, where that is little: by the column alone, so that equal ones stay equal."""
    if np.count_nonzero(column) * THIN > len(column):
        return np.ascontiguousarray(column)
    units = np.flatnonzero(column)
    return units.astype(np.uint32), np.ascontiguousarray(column[units])


@dataclass(frozen=True, eq=False, repr=False)
class Split:
    """Columns of which each row fills one at most, with its value or with 1; made one by one when they are asked for."""

    #: The column of each row; -1 for none.
    place: Codes
    size: int
    values: Floats | None = None
    #: What the other rows of a column hold.
    outside: float = 0.0

    def column(self, i: int) -> Floats:
        """Make one column."""
        inside = self.place == i
        if self.values is None:
            return np.asarray(inside, dtype=float)
        # No copy for a domain of everyone.
        return self.values if inside.all() else np.where(inside, self.values, self.outside)

    @cached_property
    def _ordered(self) -> tuple[Codes, Codes]:
        """The rows by column, in the table's order within each, and where each column's rows begin."""
        starts = np.cumsum(np.bincount(self.place + 1, minlength=self.size + 1))
        alone = self.size == 1 and starts[0] == 0
        return np.arange(len(self.place)) if alone else np.argsort(self.place, kind="stable"), starts

    def _inside(self, i: int) -> Codes:
        order, starts = self._ordered
        return order[starts[i] : starts[i + 1]]

    def rows(self, i: int) -> Sparse:
        """Return the rows of one column, and their values."""
        rows = self._inside(i)
        return rows.astype(np.uint32), np.ones(len(rows)) if self.values is None else self.values[rows]

    def always(self, i: int) -> float | None:
        """Return what every row of a column holds, if that is the same for all."""
        rows = self._inside(i)
        if self.values is None or len(rows) == 0:
            return 1.0 if len(rows) == len(self.place) else 0.0 if len(rows) == 0 else None
        first = float(self.values[rows[0]])
        if (len(rows) < len(self.place) and first != 0) or not (self.values[rows] == first).all():
            return None
        return first

    def collected(self, i: int, sampling: Sampling) -> Column:
        """Bring one column to the core's units, weighted; a small group costs no more than its rows."""
        rows = self._inside(i)
        if len(rows) * THIN > len(self.place):
            return thin(sampling.collect(self.column(i)))
        values = np.ones(len(rows)) if self.values is None else self.values[rows]
        if sampling.row_weight is not None:
            values = sampling.row_weight[rows] * values
        units = rows
        if sampling.row_unit is not None:
            # Each unit's rows are added in the table's order, as where columns are written out.
            units, among = np.unique(sampling.row_unit[rows], return_inverse=True)
            values = np.bincount(among, weights=values, minlength=len(units)).astype(float)
        some = values != 0
        if not some.all():
            units, values = units[some], values[some]
        if len(units) * THIN <= len(sampling.factors):
            return units.astype(np.uint32), values
        column = np.zeros(len(sampling.factors))
        column[units] = values
        return column

    def totals(self, sampling: Sampling) -> Floats:
        """Add up each column, weighted."""
        weight = sampling.weights
        each = weight if self.values is None else weight * self.values
        return np.bincount(self.place + 1, weights=each, minlength=self.size + 1)[1:].astype(float)
