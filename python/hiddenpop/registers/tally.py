"""Counting the people of a register's rows in a period: each once in a group, whatever their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from pandas.api import types

from ..errors import InputError, in_words, listing, warn
from ..ground import columns, grouping
from ..ground.columns import Bools, Codes
from ..ground.language import english
from ..ground.written import NO_ANSWER
from ..sample.doubts import doubts
from .dates import Days

#: In which group somebody is counted who has rows in several.
Several: TypeAlias = Literal["each", "first", "last"]
#: The last day of a spell that goes on.
OPEN = np.iinfo(np.int64).max
#: Words that are no ids, beside those for no answer.
NO_IDS = sorted({*NO_ANSWER, "-", "?", "none"})


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a register in a period, or what several alike come to: whose, in which group, and when.

    `table` has the columns of ids and groups, a row each.
    """

    table: pd.DataFrame
    #: How many rows of the register each stands for.
    times: Codes
    #: Its first day and its last, OPEN where one goes on.
    first: Days
    last: Days
    #: Whether one began before the period, or ended after it.
    before: Bools
    after: Bools
    #: Days within the period, and rows that begin in it.
    days: Codes
    entries: Codes
    #: Rows of the register that lie outside of the period, and those without a date.
    outside: int
    undated: int


@dataclass(frozen=True, eq=False)
class Tally:
    """What was counted, and what of the register's rows was not."""

    labels: pd.Index[Any] | None
    #: People by label, each once in a label.
    people: Codes
    #: Rows in the period, by label, with an id and without one.
    rows: Codes
    unknown: Codes
    #: Rows in the period with neither an id nor a label.
    nowhere: int
    #: People in all labels together, each once; those with rows in several; those of them who count in several, though one is
    #: wanted, because both rows are of one day; those whose rows in the period have no label.
    distinct: int
    several: int
    tied: int
    ungrouped: int
    #: Rows that lie outside of the period, and rows without a date.
    outside: int
    undated: int
    #: People who were there before the period began, who were after it ended, or whose spell has no end yet.
    before: int
    after: int
    open: int
    #: Ids that are one but for spaces, capitals and being text or number, and those that are words for none.
    alike: int
    wordy: tuple[str, ...]
    #: Days in the register per spell that began in the period; NaN where dates are no spells.
    stay: float


def within(
    table: pd.DataFrame, first: Days, last: Days, start: int, end: int, times: Codes | None = None, **counted: int
) -> Rows:
    """Return rows of a period as they are in a table, in memory."""
    began = first >= start
    return Rows(
        table,
        np.ones(len(table), dtype=np.int64) if times is None else times,
        first,
        last,
        ~began,
        (last > end) & (last != OPEN),
        np.minimum(last, end) - np.maximum(first, start) + 1,
        began.astype(np.int64),
        **counted,
    )


def _people(ids: pd.Series[Any]) -> tuple[Codes, int, tuple[str, ...]]:
    """Return a number for each person (-1 for none), how many ids are another's but for their writing, and words for none."""
    columns.require_digits(ids)
    try:
        codes, found = ids.array.factorize()
    except TypeError:
        raise InputError(f"Column {in_words(ids.name)} holds lists or mappings, which tell nobody apart.") from None
    if types.is_numeric_dtype(ids.dtype):
        return codes, 0, ()
    if isinstance(ids.dtype, pd.StringDtype):  # a column at a time, since there may be as many as people
        texts = pd.Series(found).str.strip()
    else:
        mixed = any(isinstance(one, str) for one in found)  # 101 beside "101", as spreadsheets hold them
        written = [
            one.strip() if isinstance(one, str) else f"{one:.17g}" if mixed and columns.is_number(one) else None
            for one in found
        ]
        texts = pd.Series(written, dtype="str")
    blank = np.append((texts == "").to_numpy(dtype=bool, na_value=False), True)
    known = texts[~blank[:-1]].dropna()
    folded = known.str.lower()
    wordy = tuple(known[folded.isin(NO_IDS)].tolist())
    return np.where(blank[codes], -1, codes), len(folded) - folded.nunique(), wordy


def _without_blanks(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column in which blank text is missing, as ids are."""
    try:
        found = values.cat.categories if isinstance(values.dtype, pd.CategoricalDtype) else values.array.unique()
    except TypeError:  # lists, which groups refuse
        return values
    blank = [one for one in found if isinstance(one, str) and not one.strip()]
    return values.mask(values.isin(blank)) if blank else values


def _groups(rows: Rows, by: tuple[str, ...]) -> tuple[Codes, pd.Index[Any] | None]:
    """Return each row's group (-1 for none) and the groups' labels; what is doubtful of them is said."""
    if not by:
        return np.zeros(len(rows.table), dtype=np.int64), None
    table = pd.DataFrame({name: _without_blanks(columns.column(rows.table, name)) for name in by})
    for doubt in doubts(table, rows.times, by):
        warn(doubt)
    return grouping.cross(grouping.read(table, by), by)


def count(rows: Rows, who: str, by: tuple[str, ...], several: Several, *, spells: bool) -> Tally:
    """Count the people of rows of a period."""
    ids, alike, wordy = _people(columns.column(rows.table, who))
    group, labels = _groups(rows, by)
    groups = 1 if labels is None else len(labels)
    size = int(ids.max(initial=-1)) + 1
    known = ids >= 0
    counted = known & (group >= 0)
    # A person in a group, once; sorted, so that each person's groups stand together.
    pairs = ids[counted] * groups + group[counted]
    keys = _distinct(pairs, groups * size)
    person, place = np.divmod(keys, groups)
    times = np.bincount(person, minlength=1)
    chosen, tied = np.ones(len(keys), dtype=bool), 0
    if several != "each" and (times > 1).any():
        moment = rows.first[counted] if several == "first" else -rows.last[counted]
        chosen, tied = _one_each(moment, np.searchsorted(keys, pairs), person)
    distinct = int((times > 0).sum()) if len(keys) else 0

    def people_of(which: Bools) -> int:
        return len(_distinct(ids[which], size))

    def rows_of(which: Bools) -> Codes:
        return np.bincount(group[which], weights=rows.times[which], minlength=groups).astype(np.int64)

    entries = int(rows.entries[counted].sum())
    return Tally(
        labels,
        np.bincount(place[chosen], minlength=groups),
        rows_of(counted),
        rows_of(~known & (group >= 0)),
        int(rows.times[~known & (group < 0)].sum()),
        distinct,
        int((times > 1).sum()),
        tied,
        (people_of(known) if by else distinct) - distinct,
        rows.outside,
        rows.undated,
        people_of(counted & rows.before),
        people_of(counted & rows.after),
        people_of(counted & (rows.last == OPEN)),
        alike,
        wordy,
        # Days per entry (Little 1961: people present = entries per day times mean stay).
        rows.days[counted].sum() / entries if spells and entries else float("nan"),
    )


def _one_each(moment: Days, position: Codes, person: Codes) -> tuple[Bools, int]:
    """Choose the group of the earliest moment for each person, and all of those that share it; say how many people have several."""
    best = np.full(len(person), OPEN)
    np.minimum.at(best, position, moment)
    least = np.full(int(person.max()) + 1, OPEN)
    np.minimum.at(least, person, best)
    chosen = np.asarray(best == least[person])
    return chosen, int((np.bincount(person[chosen]) > 1).sum())


def _distinct(numbers: Codes, size: int) -> Codes:
    """Return the different numbers below `size` in order; by marking them where that takes less than sorting."""
    if size > 4 * len(numbers) + 1_000_000:
        return np.unique(numbers)
    seen = np.zeros(size, dtype=bool)
    seen[numbers] = True
    return np.flatnonzero(seen)


#: Where somebody with rows in several groups is counted.
WHERE = {
    "each": english("each of them"),
    "first": english("that of their first row"),
    "last": english("that of their last row"),
}


def told(tally: Tally, by: tuple[str, ...], who: str, several: Several, *, spells: bool) -> list[str]:
    """Say what a reader of the counts must know."""
    columns = listing(by)
    whole, unknown = int(tally.rows.sum()), int(tally.unknown.sum())
    said = [
        english(
            "{people} by {column} in {rows} of the period",
            people=_persons(tally.distinct),
            column=in_words(who),
            rows=_rows(whole),
        )
    ]
    n = tally.several
    if n:
        said.append(
            english("{n:,} of them has rows in several groups, and is counted in {place}", n=n, place=WHERE[several])
            if n == 1
            else english(
                "{n:,} of them have rows in several groups, and are counted in {place}", n=n, place=WHERE[several]
            )
        )
    if tally.tied:
        said.append(_tied(tally.tied, several))
    if unknown:
        said.append(
            english(
                "{rows} without an id: there may be up to {people} more", rows=_rows(unknown), people=_persons(unknown)
            )
        )
    n = tally.nowhere
    if n:
        said.append(
            english(
                "{n:,} row has neither an id nor a group ({columns}), and is in no bound of a group",
                n=n,
                columns=columns,
            )
            if n == 1
            else english(
                "{n:,} rows have neither an id nor a group ({columns}), and are in no bound of a group",
                n=n,
                columns=columns,
            )
        )
    n = tally.ungrouped
    if n:
        said.append(
            english("{n:,} person is in no group ({columns} is missing) and not counted", n=n, columns=columns)
            if n == 1
            else english("{n:,} people are in no group ({columns} is missing) and not counted", n=n, columns=columns)
        )
    if tally.undated:
        said.append(english("{rows} without a date, not counted", rows=_rows(tally.undated)))
    if tally.outside:
        said.append(english("{rows} outside of the period, not counted", rows=_rows(tally.outside)))
    return said + _ends(tally, spells=spells) + _ids(tally)


def _persons(n: int) -> str:
    return english("{n:,} person", n=n) if n == 1 else english("{n:,} people", n=n)


def _rows(n: int) -> str:
    return english("{n:,} row", n=n) if n == 1 else english("{n:,} rows", n=n)


def _tied(n: int, several: Several) -> str:
    """Say how many people have several groups in the row that decides."""
    if several == "first":
        return (
            english(
                "{n:,} person has their first row in several groups on one day, and is counted in each of these", n=n
            )
            if n == 1
            else english(
                "{n:,} people have their first row in several groups on one day, and are counted in each of these", n=n
            )
        )
    return (
        english("{n:,} person has their last row in several groups on one day, and is counted in each of these", n=n)
        if n == 1
        else english(
            "{n:,} people have their last row in several groups on one day, and are counted in each of these", n=n
        )
    )


def _ends(tally: Tally, *, spells: bool) -> list[str]:
    """Say which spells (or months and years) reach beyond the period."""
    parts = []
    if n := tally.before:
        parts.append(
            english("{n:,} was there before it began", n=n)
            if n == 1
            else english("{n:,} were there before it began", n=n)
        )
    if n := tally.after:
        parts.append(english("{n:,} after it ended", n=n))
    if n := tally.open:
        parts.append(
            english("{n:,} has no last day and is taken to be there still", n=n)
            if n == 1
            else english("{n:,} have no last day and are taken to be there still", n=n)
        )
    if not parts:
        return []
    if not spells:
        return [english("some dates are months or years that reach beyond the period")]
    ends = parts[0]
    for part in parts[1:]:
        ends = english("{ends}, {part}", ends=ends, part=part)
    return [english("of the people counted, {ends}", ends=ends)]


def _ids(tally: Tally) -> list[str]:
    """Say what may be wrong with ids."""
    said = []
    if n := tally.alike:
        said.append(
            english(
                "{n:,} id is another's but for spaces, capitals or being text instead of a number, and counted apart",
                n=n,
            )
            if n == 1
            else english(
                "{n:,} ids are another's but for spaces, capitals or being text instead of a number, and counted apart",
                n=n,
            )
        )
    if tally.wordy:
        names = listing(tally.wordy)
        said.append(
            english("{names} is taken for an id", names=names)
            if len(tally.wordy) == 1
            else english("{names} are taken for ids", names=names)
        )
    return said
