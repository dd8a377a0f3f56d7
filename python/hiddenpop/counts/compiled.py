"""A register and a model put together for the core: rows of equal covariates, cells of identical people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from .. import _core
from ..ground import grouping
from ..ground.columns import Codes, Floats
from ..ground.matrices import ModelMatrix
from .families import Family
from .leaf import Refit
from .register import CaptureCounts, as_floats


@dataclass(frozen=True, eq=False)
class Compiled:
    """A model of a register in the core's terms."""

    model: _core.CountModel
    #: Cell and row of covariates of each row of the register's table.
    cell: Codes
    row: Codes
    #: Part of the population of each row of covariates, and the parts' labels.
    parts: Codes
    labels: pd.Index[Any]

    def refit(self, counts: CaptureCounts, fit: _core.CountFit) -> Refit:
        """Return what fits the register again, from a fit of the same family and covariates."""
        return Refit(self.model, fit, self.parts.astype(np.uint32), len(self.labels), counts._people, self.cell)

    def sizes(self, fit: _core.CountFit) -> tuple[Floats, Floats]:
        """Return sizes and their covariance, NaN where there is none."""
        number = len(self.labels)
        sizes, covariance = self.model.sizes(fit, self.parts.astype(np.uint32), number)
        return sizes, np.full((number, number), np.nan) if covariance is None else covariance


def compile_model(
    counts: CaptureCounts, family: Family, covariates: Sequence[ModelMatrix], by: Sequence[str] = ()
) -> Compiled:
    """Collapse people with the same covariates, part and count."""
    part, labels = parts(counts, by)
    keys: list[Any] = [part]
    for made in covariates:
        keys += [made.values[:, j] for j in range(made.values.shape[1]) if not _same(made.values[:, j])]
    row = cast("Codes", grouping.alike(keys, len(counts._table)))
    first = grouping.first_of(row)
    joint, cell = np.unique(row * (counts.record.most + 1) + counts._times, return_inverse=True)
    model = _core.CountModel(
        family.name,
        [np.ascontiguousarray(made.values[first]) for made in covariates],
        (joint // (counts.record.most + 1)).astype(np.uint32),
        (joint % (counts.record.most + 1)).astype(np.uint32),
        np.bincount(cell.ravel(), weights=as_floats(counts._people)).astype(np.float64),
    )
    return Compiled(model, cell.ravel(), row, part[first], labels)


def _same(values: Floats) -> bool:
    return bool((values == values[0]).all())


def parts(counts: CaptureCounts, by: Sequence[str]) -> tuple[Codes, pd.Index[Any]]:
    """Return each row's part of the population, and the parts' labels."""
    if not by:
        return np.zeros(len(counts._table), dtype=np.int64), pd.Index(["all"])
    lacking = "is missing in {rows}, so these people belong to no part."
    return grouping.cross(grouping.read(counts._table, by, lacking), by)
