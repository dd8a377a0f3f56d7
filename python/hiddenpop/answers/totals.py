"""The kernel of a survey's statistics: totals of columns in every replicate, and arithmetic on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .. import _core
from ..ground.columns import Codes, Floats


@dataclass(frozen=True, eq=False)
class Answers:
    """Statistics of one survey: arithmetic on totals, and quantiles."""

    seed: int
    fingerprint: int
    totals: _core.Totals
    #: The totals that no replicate changes; NaN for those that vary.
    fixed: Floats
    #: For each statistic the places of its totals, and of those they are divided by. What is the same for everyone is
    #: counted from the end.
    places: Sequence[tuple[Codes, Codes | None]]
    #: For each kernel of quantiles where the labels of each of its statistics end.
    quantiles: Sequence[tuple[_core.Quantiles, Codes]]

    def block(self, start: int, stop: int, threads: int) -> list[Floats]:
        """Draws of the statistics, then of the quantiles."""
        where = (self.seed, self.fingerprint, start, stop, threads)
        result: list[Floats] = []
        if self.places:
            totals = self.totals.replicates(*where)
            for top, bottom in self.places:
                value = self._take(totals, top)
                if bottom is not None:
                    with np.errstate(divide="ignore", invalid="ignore"):
                        value = value / self._take(totals, bottom)
                result.append(value)
        for quantiles, ends in self.quantiles:
            result.extend(np.split(quantiles.replicates(*where), ends[:-1]))
        return result

    @cached_property
    def _row(self) -> Codes:
        return np.asarray(np.cumsum(np.isnan(self.fixed)) - 1, dtype=np.int64)

    def _take(self, totals: Floats, places: Codes) -> Floats:
        """Rows of the totals; (labels x 1) where no replicate changes them."""
        fixed = self.fixed[places]
        varying = np.isnan(fixed)
        if not varying.any():
            return fixed[:, None]
        rows = self._row[places]
        if varying.all():
            adjacent = bool(np.all(np.diff(rows) == 1))
            return totals[rows[0] : rows[-1] + 1] if adjacent else totals[list(rows)]
        result = np.empty((len(places), totals.shape[1]))
        result[:] = fixed[:, None]
        result[varying] = totals[list(rows[varying])]
        return result
