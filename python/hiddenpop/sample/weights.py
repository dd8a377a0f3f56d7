"""Weights of a table's rows in the sample and in any replicate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .. import _core
from ..draws import ranges
from ..ground.columns import Codes, Floats

if TYPE_CHECKING:
    from ..survey.survey import Survey


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
    def of(cls, survey: Survey) -> Weights:
        """Take from a survey what its weights depend on."""
        sampling, record, kind = survey._sampling, survey.record, survey._row_unit
        return cls(
            sampling.core,
            record.seed,
            record.fingerprint,
            len(survey._index),
            sampling.row_unit,
            sampling.row_weight,
            None if kind is None else (kind, survey._multiplicity.astype(float)),
        )

    def block(self, start: int, stop: int) -> Floats:
        """Return each row's weight in replicates start..stop (replicates x rows)."""
        ranges.check_memory(self.rows, stop - start)
        return np.stack([self.by_row(row) for row in self.core.factors(self.seed, self.fingerprint, start, stop)])

    def by_row(self, factors: Floats) -> Floats:
        """Spread factors of the core's units over the rows of the table."""
        spread = factors if self.unit is None else factors[self.unit]
        spread = spread if self.weight is None else spread * self.weight
        if self.kinds is None:
            return spread
        kind, multiplicity = self.kinds
        return np.asarray((spread / multiplicity)[kind])


def base_weights(survey: Survey) -> Floats:
    """Return what each row of the table counts for in the sample."""
    return Weights.of(survey).by_row(survey._sampling.factors)
