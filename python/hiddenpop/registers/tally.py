"""Counting the people of a register's rows in a period: each once in a group, whatever their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from ..errors import InputError, in_words, listing, name_rows, warn
from ..ground import columns, grouping
from ..ground.columns import Bools, Codes
from ..ground.written import NO_ANSWER, bare
from ..sample.doubts import doubts
from . import dates
from .dates import Days

#: In which group somebody is counted who has rows in several.
Several: TypeAlias = Literal["each", "first", "last"]
#: The last day of a spell that goes on.
OPEN = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Rows:
    """A register's rows: whose, in which group (-1 for not known), from which day to which."""

    person: Codes
    group: Codes
    labels: pd.Index[Any] | None
    first: Days
    last: Days
    undated: Bools
    #: Ids that are one but for spaces, capitals and being text or number, and those that are words for none.
    alike: int
    wordy: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Tally:
    """What was counted, and what of the register's rows was not."""

    labels: pd.Index[Any] | None
    #: People by label, each once in a label.
    people: Codes
    #: Rows in the period, by label, with an id and without one.
    rows: Codes
    unknown: Codes
    #: People in all labels together, each once; those with rows in several; those whose rows in the period have no label.
    distinct: int
    several: int
    ungrouped: int
    #: Rows that lie outside of the period, and rows without a date.
    outside: int
    undated: int
    #: People who were there before the period began, who were after it ended, or whose spell has no end yet.
    before: int
    after: int
    open: int
    alike: int
    wordy: tuple[str, ...]
    #: Days in the register per spell that began in the period; NaN where dates are no spells.
    stay: float


def read(table: pd.DataFrame, who: str, date: str | None, ends: tuple[str, str] | None, by: tuple[str, ...]) -> Rows:
    """Read the columns of a register."""
    person, alike, wordy = _people(columns.column(table, who))
    group, labels = np.zeros(len(table), dtype=np.int64), None
    if by:
        table = table.assign(**{name: _without_blanks(columns.column(table, name)) for name in by})
        for doubt in doubts(table, np.ones(len(table)), by):
            warn(doubt)
        group, labels = grouping.cross(grouping.read(table, by), by)
    if date is not None:
        first, last, undated = dates.ordinals(columns.column(table, date), "dates")
        return Rows(person, group, labels, first, last, undated, alike, wordy)
    assert ends is not None
    first, _, undated = dates.ordinals(columns.column(table, ends[0]), "first days")
    _, last, going_on = dates.ordinals(columns.column(table, ends[1]), "last days")
    turned = ~undated & ~going_on & (last < first)
    if turned.any():
        raise InputError(
            f"Spells end ({ends[1]!r}) before they begin ({ends[0]!r}) in {name_rows(turned)}. Correct them, or leave them out."
        )
    return Rows(person, group, labels, first, np.where(going_on, OPEN, last), undated, alike, wordy)


def _people(ids: pd.Series[Any]) -> tuple[Codes, int, tuple[str, ...]]:
    """Return a number for each person (-1 for none), how many ids are another's but for their writing, and words for none."""
    columns.require_digits(ids)
    try:
        codes, found = pd.factorize(ids)
    except TypeError:
        raise InputError(f"Column {in_words(ids.name)} holds lists or mappings, which tell nobody apart.") from None
    mixed = any(isinstance(one, str) for one in found)  # 101 beside "101", as spreadsheets hold them
    texts = [
        one.strip() if isinstance(one, str) else f"{one:.17g}" if mixed and columns.is_number(one) else None
        for one in found
    ]
    blank = np.array([text == "" for text in texts] + [True])
    folded = [text.casefold() for text in texts if text]
    wordy = tuple(text for text in texts if text and bare(text) in {*NO_ANSWER, "-", "?", "none"})
    return np.where(blank[codes], -1, codes).astype(np.int64), len(folded) - len(set(folded)), wordy


def _without_blanks(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column in which blank text is missing, as ids are."""
    try:
        found = values.cat.categories if isinstance(values.dtype, pd.CategoricalDtype) else values.unique()
    except TypeError:  # lists, which groups refuse
        return values
    blank = [one for one in found if isinstance(one, str) and not one.strip()]
    return values.mask(values.isin(blank)) if blank else values


def count(rows: Rows, start: int, end: int, several: Several, *, spells: bool) -> Tally:
    """Count the people whose rows touch the days from start to end."""
    inside = ~rows.undated & (rows.first <= end) & (rows.last >= start)
    groups = 1 if rows.labels is None else len(rows.labels)
    known = inside & (rows.person >= 0)
    counted = known & (rows.group >= 0)
    # A person in a group, once; sorted, so that each person's groups stand together.
    pairs = rows.person[counted] * groups + rows.group[counted]
    keys = _distinct(pairs, groups * (int(rows.person.max(initial=-1)) + 1))
    person, group = np.divmod(keys, groups)
    times = np.bincount(person, minlength=1)
    mixed = times[person] > 1
    chosen = np.ones(len(keys), dtype=bool)
    if several != "each" and mixed.any():
        chosen = _one_each(rows, counted, np.searchsorted(keys, pairs), person, several)
    placed = np.flatnonzero(times)
    return Tally(
        rows.labels,
        np.bincount(group[chosen], minlength=groups),
        np.bincount(rows.group[counted], minlength=groups),
        np.bincount(rows.group[inside & (rows.person < 0) & (rows.group >= 0)], minlength=groups),
        len(placed),
        int((times > 1).sum()),
        len(np.setdiff1d(rows.person[known], placed)),
        int((~inside & ~rows.undated).sum()),
        int(rows.undated.sum()),
        _people_of(rows, counted & (rows.first < start)),
        _people_of(rows, counted & (rows.last > end) & (rows.last != OPEN)),
        _people_of(rows, counted & (rows.last == OPEN)),
        rows.alike,
        rows.wordy,
        _stay(rows, counted, start, end) if spells else float("nan"),
    )


def _one_each(rows: Rows, counted: Bools, position: Codes, person: Codes, several: Several) -> Bools:
    """Choose one group for those who have several: that of their first row, or of their last."""
    times = rows.first[counted] if several == "first" else -rows.last[counted]
    best = np.full(len(person), OPEN)
    np.minimum.at(best, position, times)
    order = np.lexsort((best, person))
    leads = np.append(True, person[order][1:] != person[order][:-1])
    chosen = np.zeros(len(person), dtype=bool)
    chosen[order[leads]] = True
    second = order[1:][(~leads[1:]) & leads[:-1]]
    lead = order[:-1][(~leads[1:]) & leads[:-1]]
    tied = int((best[second] == best[lead]).sum())
    if tied:
        have = "has" if tied == 1 else "have"
        raise InputError(
            f"{_people_in_words(tied)} {have} their {several} row in two groups on one day, so several={several!r} doesn't say where "
            "they belong. Count them in each (several='each'), or correct their rows."
        )
    return chosen


def _distinct(numbers: Codes, size: int) -> Codes:
    """Return the different numbers below `size` in order; by marking them where that takes less than sorting."""
    if size > 4 * len(numbers) + 1_000_000:
        return np.unique(numbers)
    seen = np.zeros(size, dtype=bool)
    seen[numbers] = True
    return np.flatnonzero(seen)


def _people_of(rows: Rows, which: Bools) -> int:
    return len(_distinct(rows.person[which], int(rows.person.max(initial=-1)) + 1))


def _stay(rows: Rows, counted: Bools, start: int, end: int) -> float:
    """Return days in the register per entry (Little 1961: people present = entries per day times mean stay)."""
    first, last = rows.first[counted], rows.last[counted]
    days = int((np.minimum(last, end) - np.maximum(first, start) + 1).sum())
    entries = int(((first >= start) & (first <= end)).sum())
    return days / entries if entries else float("nan")


def told(tally: Tally, by: tuple[str, ...], who: str, several: Several, *, spells: bool) -> list[str]:
    """Say what a reader of the counts must know."""
    rows = int(tally.rows.sum())
    said = [f"{_people_in_words(tally.distinct)} by {who!r} in {_rows(rows)} of the period"]
    if tally.several:
        where = {"each": "each of them", "first": "that of their first row", "last": "that of their last row"}[several]
        have = "has rows in several groups, and is" if tally.several == 1 else "have rows in several groups, and are"
        said.append(f"{tally.several:,} of them {have} counted in {where}")
    unknown = int(tally.unknown.sum())
    if unknown:
        said.append(f"{_rows(unknown)} without an id: there may be up to {_people_in_words(unknown)} more")
    if tally.ungrouped:
        are = "is in no group" if tally.ungrouped == 1 else "are in no group"
        said.append(f"{_people_in_words(tally.ungrouped)} {are} ({listing(by)} is missing) and not counted")
    if tally.undated:
        said.append(f"{_rows(tally.undated)} without a date, not counted")
    if tally.outside:
        said.append(f"{_rows(tally.outside)} outside of the period, not counted")
    ends = [
        f"{number:,} {text}"
        for number, text in (
            (tally.before, "were there before it began"),
            (tally.after, "after it ended"),
            (tally.open, "have no last day and are taken to be there still"),
        )
        if number
    ]
    if ends and spells:
        said.append(f"of the people counted, {', '.join(ends)}")
    elif ends:
        said.append("some dates are months or years that reach beyond the period")
    if tally.alike:
        ids = "id is" if tally.alike == 1 else "ids are"
        said.append(
            f"{tally.alike:,} {ids} another's but for spaces, capitals or being text instead of a number, and counted apart"
        )
    if tally.wordy:
        said.append(f"{listing(tally.wordy)} {'is taken for an id' if len(tally.wordy) == 1 else 'are taken for ids'}")
    return said


def _people_in_words(number: int) -> str:
    return f"{number:,} {'person' if number == 1 else 'people'}"


def _rows(number: int) -> str:
    return f"{number:,} {'row' if number == 1 else 'rows'}"
