"""Lists redrawn, and sizes found from them: kernels, which hold counts and nothing that names anybody."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from .. import _core
from ..ground.columns import Bools, Codes, Floats
from .method import Method, Sizes


def tabulate(people: Floats, table: Codes, history: Codes, shape: tuple[int, int]) -> Floats:
    """Bring people of units (units x replicates) to their tables (tables x replicates x histories); history 0 is unseen."""
    result = np.zeros((shape[0], people.shape[1], shape[1]))
    for unit, (row, cell) in enumerate(zip(table, history, strict=True)):
        if cell:
            result[row, :, cell] += people[unit]
    return result


@dataclass(frozen=True, eq=False)
class Redraw:
    """How tables are redrawn: people by unit in the core, and where units belong."""

    core: _core.ListsRedraw
    seed: int
    fingerprint: int
    #: Estimated size of each of the core's strata.
    sizes: list[float]
    #: Table and history of each unit, and how many there are.
    table: Codes
    history: Codes
    shape: tuple[int, int]

    def tables(self, start: int, stop: int, threads: int) -> Floats:
        """Return the tables of replicates start..stop (tables x replicates x histories)."""
        people = self.core.replicates(self.seed, self.fingerprint, start, stop, self.sizes, threads)
        return tabulate(people, self.table, self.history, self.shape)


@dataclass(frozen=True, eq=False)
class ListsKernel:
    """The sizes that a method finds from redrawn tables."""

    redraw: Redraw
    method: Method
    #: The tables as they were observed, and which histories can occur in each.
    counts: Floats
    open: Floats
    #: Which tables have an estimate.
    known: Bools

    def block(self, start: int, stop: int, threads: int) -> list[Floats]:
        """Sizes of the tables; NaN where the lists have none."""
        tables = self.redraw.tables(start, stop, threads)
        with np.errstate(divide="ignore", invalid="ignore"):
            sizes = np.stack([size(table, threads) for size, table in zip(self.sizes, tables, strict=True)])
        sizes[~self.known] = np.nan
        if self.method.whole:  # as many people were seen, whoever is in a redraw
            np.maximum(sizes, self.counts.sum(axis=1)[:, None], out=sizes)
        return [sizes]

    @cached_property
    def sizes(self) -> list[Sizes]:
        """The method's function for each table."""
        return [self.method.sizes(table, open) for table, open in zip(self.counts, self.open, strict=True)]

    def __getstate__(self) -> dict[str, Any]:
        """Leave the functions behind: a worker makes its own."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


class Resize(Protocol):
    """What a method makes of redrawn people; travels with their kernel."""

    def sizes(self, weights: Floats, threads: int) -> Floats:
        """Return sizes (labels x replicates) of redrawn people (rows x replicates)."""
        ...


@dataclass(frozen=True, eq=False)
class PeopleKernel:
    """The sizes that a method finds from redrawn people with their covariates.

    Histories are those of any other estimate of the lists in the same replicate; the people behind a history are drawn
    with replacement among those observed with it.
    """

    seed: int
    fingerprint: int
    histories: _core.ListsRedraw
    #: Estimated size of each stratum.
    strata: list[float]
    #: Units of redrawing that the people belong to.
    used: Codes
    people: _core.ListsPeople
    resize: Resize
    #: Which labels have an estimate, and how many people were seen.
    known: Bools
    seen: Floats

    def block(self, start: int, stop: int, threads: int) -> list[Floats]:
        """Sizes of redrawn people; NaN where the lists have none."""
        counts = self.histories.replicates(self.seed, self.fingerprint, start, stop, self.strata, threads)
        mine = np.ascontiguousarray(counts[self.used])
        sizes = self.resize.sizes(self.people.replicates(self.seed, self.fingerprint, start, mine, threads), threads)
        sizes[~self.known] = np.nan
        return [np.maximum(sizes, self.seen[:, None])]
