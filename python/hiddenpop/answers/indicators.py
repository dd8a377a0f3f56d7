"""Columns that share the rows among them: the indicators of categories, or a number by group.

A row fills one of them at most, so all are kept as one: where each row goes, and its value. Totals of all columns take
one pass, and their covariance needs sums by cell only; no table of rows x labels is made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..ground.columns import Codes, Floats
from ..sample.sampling import Sampling


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

    def totals(self, sampling: Sampling) -> Floats:
        """Add up each column, weighted."""
        weight = sampling.weights
        each = weight if self.values is None else weight * self.values
        return np.bincount(self.place + 1, weights=each, minlength=self.size + 1)[1:].astype(float)
