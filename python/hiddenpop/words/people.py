"""The variables of what is published of the same people: what parts them alike is one variable, whatever columns are called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from pandas.api import types

from ..draws.streams import digest
from ..ground import columns
from ..ground.columns import Bools, Codes, Floats
from ..sample.cut import Cut
from ..sample.groups import categories_of
from ..sample.sample import Indicator, Sample

#: A cell as allowed codes of variables.
Cell = dict[int, frozenset[int]]
#: Odds at which any of the columns that seem to follow from others, or to rule them out, may do so by chance.
CHANCE = 0.05
#: Rows that are looked at first for whether columns follow from others: enough to see that most don't.
GLANCE = 200
#: Variables that are looked at two by two, whether a third one follows from them.
MOST_VARIABLES = 60
#: Combinations for a row up to which they are counted rather than sorted.
DENSE = 4


class People:
    """Columns of the same people as codes. What is read of a cut is kept with it: a report looks at it many times."""

    def __init__(self, sample: Sample) -> None:
        self.multiplicity: Floats = np.asarray(sample.multiplicity, dtype=float)
        self.codes: list[Codes] = []
        self._by_content: dict[str, int] = {}

    # What a cut is about

    def answer(self, cut: Cut) -> int:
        """Return the variable that a cut is about; for sums, who has a value."""
        return self._variable(cut, "answer", lambda: _base(cut))

    def domain(self, cut: Cut) -> int:
        """Return the variable of a cut's domain."""
        return self._variable(cut, "domain", lambda: np.asarray(cut.domain, dtype=np.int64))

    def groups(self, cut: Cut) -> list[int]:
        """Return the variables of a cut's groups and domain."""
        found = [self.group(cut, name) for name in cut.by]
        return [*found, self.domain(cut)] if cut.where and cut.domain is not None else found

    def values(self, cut: Cut) -> str:
        """Tell the values that are summed from others, whatever their unit."""
        if "values" not in cut.read:
            cut.read["values"] = _values(cut)
        return str(cut.read["values"])

    def inside(self, cut: Cut, group: int) -> Cell:
        """Say who is in a group of a cut, as codes of variables."""
        found: Cell = {}
        if group < cut.groups or not cut.everyone:
            for name in cut.by:
                who = f"group {group}"
                allowed = self._allowed(
                    cut, ("by", name), who, lambda: cut.group == group if group < cut.groups else cut.group >= 0
                )
                _narrow(found, self.group(cut, name), allowed)
        if cut.where and cut.domain is not None:
            _narrow(found, self.domain(cut), frozenset([1]))
        return found

    def level(self, cut: Cut, level: int | None) -> frozenset[int]:
        """Say which codes of the answer a level is made of; without one, those of all who answered."""
        self.answer(cut)
        return self._allowed(
            cut, "answer", f"level {level}", lambda: cut.level >= 0 if level is None else cut.level == level
        )

    def group(self, cut: Cut, name: str | Indicator) -> int:
        """Return the variable of one of the columns that make a cut's groups."""
        return self._variable(cut, ("by", name), lambda: _codes_of(cut, name))

    def _variable(self, cut: Cut, role: object, read: Callable[[], Codes]) -> int:
        if role not in cut.read:
            codes = _canonical(read()) if role != "domain" else read()
            cut.read[role] = codes, digest(codes.astype(np.int64))
        codes, content = cut.read[role]
        if content not in self._by_content:
            self._by_content[content] = len(self.codes)
            self.codes.append(codes)
        return self._by_content[content]

    def _allowed(self, cut: Cut, role: object, who: str, members: Callable[[], Bools]) -> frozenset[int]:
        key = role, who
        if key not in cut.read:
            found = np.flatnonzero(np.bincount(cut.read[role][0][members()] + 1))
            cut.read[key] = frozenset((found - 1).tolist())
        allowed: frozenset[int] = cut.read[key]
        return allowed

    # What follows from what

    def occurring(self, variables: Sequence[int]) -> tuple[Codes, Codes]:
        """Return the combinations of variables that occur (combinations x variables), and which one each row has."""
        place, first = np.zeros(len(self.multiplicity), dtype=np.int64), np.zeros(1, dtype=np.int64)
        for one in variables:
            place, first = _numbered(place, self.codes[one])
        combos = [self.codes[one][first] for one in variables]
        return np.column_stack(combos) if combos else np.zeros((1, 0), dtype=np.int64), place

    def linked(self, variables: Sequence[int]) -> Iterator[tuple[int, ...]]:
        """List variables with the one or two others that they follow from, where all were answered."""
        several = [one for one in variables if len(np.unique(self.codes[one][self.codes[one] >= 0])) > 1]
        if len(several) < 2:
            return
        few = np.column_stack([self.codes[one][:GLANCE] for one in several])
        sets: list[tuple[int, ...]] = [(i,) for i in range(len(several))]
        sets += combinations(range(len(several)), 2) if len(several) <= MOST_VARIABLES else []
        alone: set[tuple[int, int]] = set()  # what follows from one needs no second
        for others in sets:
            seen = few[(few[:, others] >= 0).all(axis=1)]
            place = np.zeros(len(seen), dtype=np.int64)
            for i in others:
                place, first = _numbered(place, seen[:, i])
            like = seen[first][place] if len(seen) else seen
            could = ((like == seen) | (like < 0) | (seen < 0)).all(axis=0)
            for i in np.flatnonzero(could).tolist():
                if i in others or any((i, j) in alone for j in others):
                    continue
                if self._follows(several[i], [several[j] for j in others], len(sets)):
                    alone.update((i, j) for j in others if len(others) == 1)
                    yield several[i], *(several[j] for j in others)

    def excluding(self, pairs: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """List the pairs of questions an answer to one of which rules out one to the other, as drinking daily no drinking does.

        Of many combinations some are absent by chance: that of one of which `expected` people would be there, were answers
        independent, is with probability exp(-expected).
        """
        width = [int(codes.max(initial=-1)) + 1 for codes in self.codes]
        combinations = sum(width[one] * width[other] for one, other in pairs)
        absent = np.log(max(combinations, 1) / CHANCE)
        for one, other in pairs:
            if self._excludes(one, other, (width[one], width[other]), absent):
                yield one, other

    def _excludes(self, one: int, other: int, wide: tuple[int, int], absent: float) -> bool:
        first, second = self.codes[one], self.codes[other]
        if not all(wide) or wide[0] * wide[1] > len(first):
            return False
        for rows in (slice(10 * GLANCE), slice(None)):  # who is there among few is there among all
            given = (first[rows] >= 0) & (second[rows] >= 0)
            joint = first[rows][given] * wide[1] + second[rows][given]
            counts = np.bincount(joint, weights=self.multiplicity[rows][given], minlength=wide[0] * wide[1]).reshape(
                wide
            )
            if (counts > 0).all():
                return False
        expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / max(counts.sum(), 1)
        return bool(((counts == 0) & (expected >= absent)).any())

    def _follows(self, variable: int, others: Sequence[int], tried: int) -> bool:
        own = self.codes[variable]
        given = (own >= 0) & np.all([self.codes[one] >= 0 for one in others], axis=0)
        own, place = own[given], np.zeros(int(given.sum()), dtype=np.int64)
        for one in others:
            place, first = _numbered(place, self.codes[one][given])
        shares = np.bincount(own) / max(len(own), 1)
        if (shares > 0).sum() < 2 or (own[first][place] != own).any():
            return False
        # Two columns may tell all people apart; then everything follows from them.
        return len(others) == 1 or bool((shares**2).sum() ** float(len(own) - len(first)) < CHANCE / tried)


def _narrow(cell: Cell, variable: int, allowed: frozenset[int]) -> None:
    cell[variable] = cell[variable] & allowed if variable in cell else allowed


def _numbered(place: Codes, codes: Codes) -> tuple[Codes, Codes]:
    """Give combinations of what has numbers and one more column numbers; return them, and a row of each."""
    width = int(codes.max(initial=-1)) + 2
    joint = place * width + codes + 1
    size = int(joint.max(initial=-1)) + 1
    if size > DENSE * len(joint) + 100:
        _, first, numbers = np.unique(joint, return_index=True, return_inverse=True)
        return numbers.ravel(), first
    row = np.full(size, -1, dtype=np.int64)
    row[joint[::-1]] = np.arange(len(joint))[::-1]
    seen = np.flatnonzero(row >= 0)
    number = np.zeros(size, dtype=np.int64)
    number[seen] = np.arange(len(seen))
    return number[joint], row[seen]


def _canonical(codes: Codes) -> Codes:
    """Give codes numbers in the order in which they are met: what parts people alike has the same numbers; -1 stays."""
    found = np.full(len(codes), -1, dtype=np.int64)
    answered = codes >= 0
    found[answered] = pd.factorize(codes[answered])[0]
    return found


def _codes_of(cut: Cut, name: str | Indicator) -> Codes:
    return np.asarray(categories_of(name, cut.sample.column(name))[0], dtype=np.int64)


def _in_table(cut: Cut) -> bool:
    return isinstance(cut.column, Indicator) or cut.column in cut.sample.units.columns


def _base(cut: Cut) -> Codes:
    """Return a column's codes as all cuts have them; the cut's own where it is no column."""
    if cut.sums:
        lacking = columns.missing(cut.sample.column(cut.column)) if _in_table(cut) else cut.level < 0
        return np.where(lacking, -1, 0).astype(np.int64)
    return _codes_of(cut, cut.column) if _in_table(cut) else np.asarray(cut.level, dtype=np.int64)


def _values(cut: Cut) -> str:
    """Return a text that is the same for values that differ by a factor and a sum only."""
    if not isinstance(cut.column, Indicator) and _in_table(cut):
        values = columns.column(cut.sample.units, cut.column)
        if types.is_numeric_dtype(values.dtype):
            numbers = np.asarray(columns.numbers(values), dtype=float)
            known = numbers[np.isfinite(numbers)]
            if len(known) and np.ptp(known) > 0:
                scaled = (numbers - known.min()) / np.ptp(known)
                scaled = 1 - scaled if (known[0] - known.min()) / np.ptp(known) > 0.5 else scaled
                return digest(np.round(np.nan_to_num(scaled, nan=-1.0, posinf=-2.0, neginf=-3.0), 9) + 0.0)
    return str(cut.column)
