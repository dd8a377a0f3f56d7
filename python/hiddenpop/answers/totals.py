"""Totals of one survey's columns in every replicate, and the statistics that are arithmetic on them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .. import _core
from ..draws import settings
from ..ground.columns import Codes, Floats
from .quantiles import _kernel
from .statistic import plan_of

if TYPE_CHECKING:
    from ..survey.survey import Survey
    from .question import Rule
    from .statistic import Statistic


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


class TotalsReader:
    """Evaluates all statistics of one survey together: one pass, each distinct column once."""

    def __init__(self, survey: Survey, statistics: Sequence[Statistic]) -> None:
        places: dict[Statistic, tuple[Codes, Codes | None]] = {}
        ordered: dict[Rule, list[tuple[Statistic, list[Floats]]]] = {}
        pool: dict[bytes, int] = {}
        kept: list[Floats] = []

        sampling = survey._sampling
        same: list[float] = []

        def place(values: Floats) -> int:
            if sampling.simple and (values == values[0]).all():
                # Everyone counts alike and as many are redrawn: the total never changes. (The core would find
                # out too, from a column of its own.)
                same.append(float(values[0] * sampling.people.sum()))
                return -len(same)
            # Clusters' totals are all that a linear statistic needs: the cost falls with the rows.
            column = np.ascontiguousarray(sampling.collect(values))
            # Columns that say the same (the size of a group, for example) are drawn once.
            key = hashlib.blake2b(column.data, digest_size=16).digest()
            if key not in pool:
                pool[key] = len(kept)
                kept.append(column)
            return pool[key]

        width = 1
        for statistic in statistics:
            plan = plan_of(statistic)
            rows = plan.labels.get_indexer(statistic.labels).tolist()
            if statistic.question.kind == "quantile":
                values = [plan.numerators.column(r) for r in rows]
                ordered.setdefault(statistic.question.rule, []).append((statistic, values))
                width += len(rows)
                continue
            top = np.array([place(plan.numerators.column(r)) for r in rows], dtype=np.int64)
            bottom, groups = None, plan.group[rows].tolist()
            if plan.denominators is not None:
                found = {g: place(plan.denominators.column(g)) for g in dict.fromkeys(groups)}
                bottom = np.array([found[g] for g in groups], dtype=np.int64)
            places[statistic] = top, bottom
            del plan  # large columns go before the next statistic's come
        totals = _core.Totals(sampling.core, kept)
        quantiles = []
        for rule, asked in ordered.items():
            # One kernel for all, so that a replicate is drawn once.
            values = [column for _, own in asked for column in own]
            shares = [float(statistic.question.probability or 0.0) for statistic, own in asked for _ in own]
            ends = np.cumsum([len(own) for _, own in asked])
            quantiles.append((_kernel(survey, values, shares, rule), ends))
        fixed = np.concatenate([totals.fixed, same[::-1]])
        record = survey.record
        self.nodes = [*places, *(statistic for asked in ordered.values() for statistic, _ in asked)]
        self.kernel = Answers(record.seed, record.fingerprint, totals, fixed, list(places.values()), quantiles)
        #: A first guess at a tenth of a second: a nanosecond for each thing drawn and column.
        cost = sampling.drawn * (width + len(kept) / 4)
        self.first_range = int(np.clip(2e7 * settings.threads() / cost, 1, 65_536))
