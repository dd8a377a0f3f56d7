"""Weights of a table's rows in the sample and in any replicate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import _core
from ..draws import ranges
from ..ground.columns import Codes, Floats
from .sample import Sample


@dataclass(frozen=True, eq=False)
class Weights:
    """The weights of a table's rows in any replicate; can be pickled, and holds no answers."""

    core: _core.Design
    seed: int
    fingerprint: int
    #: Rows of the table.
    rows: int
    #: The core's unit of each row, and what the core does not know of its weight; see `Sampling`.
    unit: Codes | None
    weight: Floats | None
    #: Where identical rows are redrawn together: the kind of each row, and how many rows each kind stands for.
    kinds: tuple[Codes, Floats] | None

    @classmethod
    def of(cls, sample: Sample) -> Weights:
        """Take from a sample what its weights depend on."""
        sampling, record, kind = sample.sampling, sample.record, sample.row_unit
        return cls(
            sampling.core,
            record.seed,
            record.fingerprint,
            len(sample.index),
            sampling.row_unit,
            sampling.row_weight,
            None if kind is None else (kind, sample.multiplicity.astype(float)),
        )

    def block(self, start: int, stop: int) -> Floats:
        """Return each row's weight in replicates start..stop (replicates x rows)."""
        ranges.check_memory(self.rows, stop - start)
        out = np.empty((stop - start, self.rows))
        together = max(1, 2_000_000 // max(1, self.core.units))
        for first in range(start, stop, together):  # few at a time, so that Ctrl-C is heard
            last = min(stop, first + together)
            for place, row in enumerate(self.core.factors(self.seed, self.fingerprint, first, last), first - start):
                out[place] = self.by_row(row)
        return out

    def by_row(self, factors: Floats) -> Floats:
        """Spread factors of the core's units over the rows of the table."""
        spread = factors if self.unit is None else factors[self.unit]
        spread = spread if self.weight is None else spread * self.weight
        if self.kinds is None:
            return spread
        kind, multiplicity = self.kinds
        return np.asarray((spread / multiplicity)[kind])


def base_weights(sample: Sample) -> Floats:
    """Return what each row of the table counts for in the sample."""
    return Weights.of(sample).by_row(sample.sampling.factors)
