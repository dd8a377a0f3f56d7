"""A column of a sample by groups, as it is published: who is in which cell, and which cells a reader sees."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..ground.columns import Bools, Codes
from ..ground.text import label_of
from .groups import Mask, categories_of, groups_of
from .sample import Indicator, Sample

#: How participants count who all count alike.
COUNTED = "counted"


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of a hidden cell: how far a reader can narrow it down, or for which cell it is hidden too."""

    #: The least and the most participants that a reader must reckon with; None where nobody asked.
    low: int | None = None
    high: int | None = None
    #: The small cell that could be worked out if this one were shown.
    protects: tuple[Cut, tuple[int, int]] | None = None


@dataclass(eq=False)
class Cut:
    """One column of a survey by groups, as it is shown: which cells a reader sees.

    `hidden` (levels x groups, and a last column for all together if `total`) says which not. What is `fixed` is a finished
    table; other cuts may hide more.
    """

    sample: Sample
    column: str | Indicator
    by: tuple[str | Indicator, ...]
    #: Level and group of every row; -1 for no answer, and for those outside.
    level: Codes
    group: Codes
    levels: int
    groups: int
    hidden: Bools
    total: bool = False
    #: Whether all together are also those without a group.
    everyone: bool = True
    #: Levels that stand in lines; the others follow from them.
    shown: tuple[int, ...] | None = None
    #: Whether a cell is a sum of values, which hides unlike a count.
    sums: bool = False
    where: str | Mask | None = None
    domain: Bools | None = None
    fixed: bool = True
    #: Cells (as `hidden` has them) that nobody may work out, though many are in them: sums to which few contribute.
    secret: Bools | None = None
    #: The same of those whom its domain leaves out.
    secret_rest: Bools | None = None
    #: By what makes the groups, whether it is true of those who have no value of it.
    secret_apart: tuple[bool, ...] = ()
    #: Whether it is a table, whose heads tell how large groups are whatever is hidden in it.
    headed: bool = False
    #: Whether it is hidden rather than what others show: a model gives way to counts.
    yields: bool = False
    #: How participants count: the same text for the same weights; None where that isn't looked at.
    weighting: str | None = None
    #: Whether it is a table that shows numbers of participants beside weighted shares, unless that could tell hidden cells.
    counted: bool = False
    #: Whether it could, as cells of the same answers are hidden somewhere.
    bare: bool = False
    #: How levels and groups are called; by default as the sample has them.
    names: tuple[str, ...] | None = None
    heads: tuple[str, ...] | None = None
    #: What is known of hidden cells.
    known: dict[tuple[int, int], Known] = field(default_factory=dict)
    #: What was read of it, which no hiding changes.
    read: dict[Any, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """How messages call it."""
        by = f" by {' and '.join(map(str, self.by))}" if self.by else ""
        return f"{str(self.column)!r}{by}" + (f", where {self.where}" if self.where else "")

    @property
    def key(self) -> tuple[int, int]:
        """The survey; what is assigned or calibrated is the same people."""
        return self.sample.record.fingerprint, len(self.sample.units)

    @property
    def inside(self) -> str:
        """What tells its domain from others: a column's name, or who is in it."""
        return f"where {self.where.key if isinstance(self.where, Mask) else self.where}"

    def members(self, level: int | None, group: int) -> Bools:
        """Say who is in a cell; without a level, who answered."""
        inside: Bools = self.group == group
        if group == self.groups:
            inside = self.group >= 0 if not self.everyone else np.ones(len(self.group), dtype=bool)
        answered = self.level >= 0 if level is None else self.level == level
        return np.asarray(inside & answered, dtype=bool)

    def count(self, level: int | None, group: int) -> int:
        """Count the participants of a cell; without a level, those who answered."""
        return int(self.counts[:, group].sum() if level is None else self.counts[level, group])

    @cached_property
    def counts(self) -> Codes:
        """Participants (levels x groups, and a last column for all together)."""
        found = np.zeros((self.levels, self.groups + 1), dtype=np.int64)
        people = self.sample.multiplicity
        for group in range(self.groups + 1):
            inside = self.members(None, group)
            weighted = np.bincount(self.level[inside], weights=people[inside], minlength=self.levels)
            found[:, group] = np.round(weighted).astype(np.int64)
        return found

    @property
    def lines(self) -> Sequence[int]:
        """The levels that are shown unless hidden."""
        return range(self.levels) if self.shown is None else self.shown

    @property
    def places(self) -> range:
        """The groups, and all together."""
        return range(self.groups + self.total)

    def again(self) -> Cut:
        """Copy what may be hidden; what was read of the sample is shared."""
        made = copy.copy(self)
        made.hidden, made.known = self.hidden.copy(), {}
        return made

    def label(self, level: int, group: int) -> str:
        """How readers call a cell."""
        if self.names is None:
            in_table = isinstance(self.column, Indicator) or self.column in self.sample.units.columns
            names = categories_of(self.column, self.sample.column(self.column))[1] if in_table and not self.sums else ()
            line = "" if self.sums or level >= len(names) else label_of(names[level])
        else:
            line = self.names[level] if level < len(self.names) else ""
        if group == self.groups:
            head = "all"
        elif self.heads is not None:
            head = self.heads[group] if group < len(self.heads) else ""
        else:
            head = label_of(groups_of(self.sample, self.by)[1][group]) if self.by else ""
        return ", ".join(part for part in (head, line) if part) or "all"
