"""Counting the people of a register's rows in a period: each once in a group, whatever their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from ..errors import InputError, listing, name_rows
from ..ground import columns, grouping
from ..ground.columns import Bools, Codes
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
    #: Ids that are one but for spaces and capitals.
    alike: int


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
    #: Days in the register per spell that began in the period; NaN where dates are no spells.
    stay: float


def read(table: pd.DataFrame, who: str, date: str | None, ends: tuple[str, str] | None, by: tuple[str, ...]) -> Rows:
    """Read the columns of a register."""
    person, alike = _people(columns.column(table, who))
    group, labels = np.zeros(len(table), dtype=np.int64), None
    if by:
        group, labels = grouping.cross(grouping.read(table, by), by)
    if date is not None:
        first, last, undated = dates.ordinals(columns.column(table, date), "dates")
        return Rows(person, group, labels, first, last, undated, alike)
    assert ends is not None
    first, _, undated = dates.ordinals(columns.column(table, ends[0]), "first days")
    _, last, going_on = dates.ordinals(columns.column(table, ends[1]), "last days")
    turned = ~undated & ~going_on & (last < first)
    if turned.any():
        raise InputError(
            f"Spells end ({ends[1]!r}) before they begin ({ends[0]!r}) in {name_rows(turned)}. Correct them, or leave them out."
        )
    return Rows(person, group, labels, first, np.where(going_on, OPEN, last), undated, alike)


def _people(ids: pd.Series[Any]) -> tuple[Codes, int]:
    """Return a number for each person (-1 for none), and how many ids are another's but for spaces and capitals."""
    columns.require_digits(ids)
    codes, found = pd.factorize(ids)
    texts = [one.strip() if isinstance(one, str) else None for one in found]
    blank = np.array([text == "" for text in texts] + [True])
    folded = [text.casefold() for text in texts if text]
    return np.where(blank[codes], -1, codes).astype(np.int64), len(folded) - len(set(folded))


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
        raise InputError(
            f"{tied:,} people have their {several} row in two groups on one day, so several={several!r} doesn't say where they "
            "belong. Count them in each (several='each'), or correct their rows."
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
    said = [f"{tally.distinct:,} people by {who!r} in {_rows(rows)} of the period"]
    if tally.several:
        where = {"each": "each of them", "first": "that of their first row", "last": "that of their last row"}[several]
        said.append(f"{tally.several:,} of them have rows in several groups, and are counted in {where}")
    unknown = int(tally.unknown.sum())
    if unknown:
        said.append(f"{_rows(unknown)} without an id: there may be up to {unknown:,} people more")
    if tally.ungrouped:
        said.append(f"{tally.ungrouped:,} people are in no group ({listing(by)} is missing), so they are not counted")
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
        said.append(
            f"{tally.alike:,} ids are another's but for spaces or capitals; if they are the same people, settle it first"
        )
    return said


def _rows(number: int) -> str:
    return f"{number:,} {'row' if number == 1 else 'rows'}"
