"""What readers could work out of several tables and estimates of the same people, by adding and subtracting.

A published number is a sum over cells of a cross-table, all of which the reader may know or not. A hidden count can be
worked out when it is a linear combination of published ones (Willenborg and de Waal 2001, Elements of Statistical
Disclosure Control, ch. 6). `suppress` sees to one table; here all that is published is looked at together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from ..errors import InputError
from ..ground import columns
from ..ground.columns import Bools, Codes, Floats
from ..sample.cut import Cut
from ..sample.groups import categories_of
from ..sample.sample import Indicator

#: Residuals and coefficients below this are rounding.
TINY = 1e-7
#: More cells than this are not looked through; what they hide then counts as known.
MOST_CELLS = 30_000
ANSWERED = "answered"


@dataclass(frozen=True, eq=False)
class Fact:
    """A number that a reader sees, or must not work out: a cell as allowed codes by variable."""

    cell: dict[str | Indicator, frozenset[int]]
    sums: str | Indicator | None
    cut: Cut
    place: tuple[int | None, int]

    @property
    def key(self) -> tuple[str | Indicator | None, frozenset[tuple[str | Indicator, frozenset[int]]]]:
        """What is the same for the same cell in another table or estimate."""
        return self.sums, frozenset(self.cell.items())

    @property
    def name(self) -> str | Indicator:
        """The variable that is asked about, as `cell` has it."""
        return self.cut.column if self.sums is None else f"{ANSWERED} {self.cut.column}"

    @property
    def count(self) -> int:
        """How many participants are in it."""
        return self.cut.count(*self.place)

    @property
    def visible(self) -> bool:
        """Whether it is published; how many answered is, with any of their levels."""
        level, group = self.place
        lines = list(self.cut.lines) if level is None else [level]
        return not self.cut.hidden[lines, group].all()


class _Coded:
    """Columns of one survey as codes, the same in all cuts; a variable is read when it is first met."""

    def __init__(self) -> None:
        self.codes: dict[str | Indicator, Codes] = {}
        self._occurring: dict[tuple[str | Indicator, ...], Codes] = {}

    def allowed(self, name: str | Indicator, read: Callable[[], Codes], members: Bools) -> frozenset[int]:
        """Say which codes a set of rows has."""
        if name not in self.codes:
            self.codes[name] = read()
        found = np.flatnonzero(np.bincount(self.codes[name][members] + 1))
        return frozenset((found - 1).tolist())

    def count(self, fact: Fact) -> int:
        """Count the participants of a cell that may be outside of its cut."""
        sample = fact.cut.sample
        inside = np.ones(len(sample.units), dtype=bool)
        for name, codes in fact.cell.items():
            inside &= np.isin(self.codes[name], list(codes))
        return int(sample.multiplicity[inside].sum())

    def occurring(self, names: tuple[str | Indicator, ...]) -> Codes:
        """Return the combinations of variables that occur (combinations x variables)."""
        if names not in self._occurring:
            frame = pd.DataFrame({name: self.codes[name] for name in names})
            self._occurring[names] = frame.drop_duplicates().to_numpy(dtype=np.int64)
        return self._occurring[names]


def close(cuts: Sequence[Cut], below: int) -> None:
    """Hide more cells of cuts that are not fixed, until no hidden cell of fewer than `below` can be worked out.

    Raises
    ------
    InputError
        Finished tables alone give a cell away.
    """
    for key in dict.fromkeys(cut.key for cut in cuts):
        of_one = [cut for cut in cuts if cut.key == key]
        coded = _Coded()
        secrets = [fact for cut in of_one for fact in _secrets(cut, below, coded)]
        facts = [fact for cut in of_one for fact in _published(cut, coded)] if secrets else []
        # Hiding protects, so this ends at the latest when nothing is left to hide.
        while any(_protect(secret, [fact for fact in facts if fact.visible], coded) for secret in secrets):
            pass


def _protect(secret: Fact, facts: Sequence[Fact], coded: _Coded) -> bool:
    """Hide one more cell if a secret follows from what is published; tell whether that was needed."""
    given = _given_away(secret, facts, coded)
    if given is None:
        return False
    # What a finished table shows too is shown whatever else is hidden.
    shown = {fact.key for fact in facts if fact.cut.fixed}
    free = [fact for fact in given if not fact.cut.fixed and fact.key not in shown]
    if not free:
        named = list(dict.fromkeys(fact.cut.title for fact in given)) or [secret.cut.title]
        raise InputError(
            f"A cell of few participants in the table of {secret.cut.title} could be worked out from what the report shows "
            f"of {'; '.join(named)}. Leave one of them out, or join small categories."
        )

    def cost(fact: Fact) -> tuple[bool, int]:
        return fact.place[1] == fact.cut.groups, fact.count

    found = min(free, key=cost)
    for fact in facts:
        if fact.key == found.key and not fact.cut.fixed:
            level, group = fact.place
            fact.cut.hidden[slice(None) if level is None else level, group] = True
    return True


def _given_away(secret: Fact, facts: Sequence[Fact], coded: _Coded) -> list[Fact] | None:
    """Return the published cells that give a secret away; None if it is safe."""
    own = set(secret.cell)
    column = secret.cut.column
    related = [
        fact for fact in facts if fact.sums == secret.sums and (fact.cut.column == column or set(fact.cell) <= own)
    ]
    names = sorted(own.union(*(set(fact.cell) for fact in related)), key=str)
    cells = _cells(names, secret.name, coded)
    if cells is None:
        return related
    # Where nobody is, there is nobody in a part of it either.
    for fact in related:
        if secret.sums is None and not fact.count:
            cells = cells[_indicator(fact, names, cells) == 0]
    wanted = _indicator(secret, names, cells)
    if not wanted.any():
        return None
    # How many there are, and how large each group is, everybody knows.
    known = [np.ones(len(cells))] if secret.sums is None else []
    groups = [name for name in names if name in {n for fact in [secret, *related] for n in _group_names(fact.cut)}]
    if secret.sums is None and groups:
        places = [names.index(name) for name in groups if name != secret.name]
        for group in np.unique(cells[:, places], axis=0) if places else []:
            known.append((cells[:, places] == group).all(axis=1).astype(float))
    rows = np.array([*known, *(_indicator(fact, names, cells) for fact in related)], dtype=float)
    if not len(rows):
        return None
    # Equal columns say the same: one of each is enough.
    both = np.unique(np.vstack([rows, wanted]), axis=1)
    rows, wanted = both[:-1], both[-1]
    weights = np.linalg.lstsq(rows.T, wanted, rcond=None)[0]
    if np.abs(rows.T @ weights - wanted).max() > TINY:
        return None
    return [fact for fact, weight in zip(related, weights[len(known) :], strict=True) if abs(weight) > TINY]


def _group_names(cut: Cut) -> tuple[str | Indicator, ...]:
    return (*cut.by, cut.inside) if cut.where else cut.by


def _cells(names: Sequence[str | Indicator], column: str | Indicator, coded: _Coded) -> Codes | None:
    """List the cells (cells x variables) that a reader has to reckon with.

    How large groups are is known, so of their combinations those that occur; in each any answer could be given.
    """
    others = [name for name in names if name != column]
    seen = coded.occurring(tuple(others)) if others else np.zeros((1, 0), dtype=np.int64)
    values = coded.occurring((column,))[:, 0]
    if len(seen) * len(values) > MOST_CELLS:
        return None
    made = np.hstack([np.repeat(seen, len(values), axis=0), np.tile(values, len(seen))[:, None]]).astype(np.int64)
    order = [*others, column]
    return np.asarray(made[:, [order.index(name) for name in names]])


def _indicator(fact: Fact, names: Sequence[str | Indicator], cells: Codes) -> Floats:
    inside = np.ones(len(cells), dtype=bool)
    for name, allowed in fact.cell.items():
        inside &= np.isin(cells[:, names.index(name)], list(allowed))
    return inside.astype(float)


def _published(cut: Cut, coded: _Coded) -> Iterator[Fact]:
    for group in cut.places:
        yield _fact(cut, None, group, coded)
        if not cut.sums:
            yield from (_fact(cut, level, group, coded) for level in cut.lines)


def _secrets(cut: Cut, below: int, coded: _Coded) -> Iterator[Fact]:
    """List the cells of few participants: those of the cut, and those that it leaves out by its domain."""
    for group in cut.places:
        for level in range(cut.levels):
            fact = _fact(cut, None if cut.sums else level, group, coded)
            if 0 < cut.count(level, group) < below or (cut.secret is not None and cut.secret[level, group]):
                yield fact
            if cut.where and cut.domain is not None:
                rest = replace(fact, cell=fact.cell | {cut.inside: frozenset([0])})
                if 0 < coded.count(rest) < below:
                    yield rest


def _fact(cut: Cut, level: int | None, group: int, coded: _Coded) -> Fact:
    cell: dict[str | Indicator, frozenset[int]] = {}
    inside = cut.members(None, group) if group < cut.groups else cut.group >= 0
    for name in cut.by if group < cut.groups or not cut.everyone else ():
        cell[name] = coded.allowed(name, partial(_codes_of, cut, name), inside)
    if cut.where and cut.domain is not None:
        cell[cut.inside] = coded.allowed(cut.inside, partial(cut.domain.astype, np.int64), cut.domain)
    fact = Fact(cell, cut.column if cut.sums else None, cut, (level, group))
    answered = cut.level >= 0 if level is None else cut.level == level
    cell[fact.name] = coded.allowed(fact.name, partial(_base, cut), answered)
    return fact


def _codes_of(cut: Cut, name: str | Indicator) -> Codes:
    return categories_of(name, cut.sample.column(name))[0]


def _base(cut: Cut) -> Codes:
    """Return a column's codes as all cuts have them; the cut's own where it is no column."""
    in_table = isinstance(cut.column, Indicator) or cut.column in cut.sample.units.columns
    if cut.sums:
        lacking = columns.missing(cut.sample.column(cut.column)) if in_table else cut.level < 0
        return np.where(lacking, -1, 0)
    return _codes_of(cut, cut.column) if in_table else np.asarray(cut.level, dtype=np.int64)
