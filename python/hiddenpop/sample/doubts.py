"""Doubts about a table's answers, said once when something is made of it: blanks, words and codes for no answer, spellings.

Each text counts the answers and gives the line of `hp.recode` that settles them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api import types

from ..errors import in_words
from ..ground import columns, written
from ..ground.columns import Levels

#: Columns by name.
Table: TypeAlias = "pd.DataFrame | Mapping[str, pd.Series[Any]]"
#: With more levels than this a column is no question with answers to choose from.
MOST_LEVELS = 50
#: So many columns, and answers of one, are named; the line that settles them names all.
MOST_TOLD = 6
BLANK = (
    "Blank text counts as an answer like any other in {columns}. If nothing was answered there, make it missing "
    "beforehand: {line}"
)
NO_ANSWER = (
    "Words that look like missing answers count as answers in {columns}. If so, make them missing beforehand: {line}"
)
CODES = "Codes that look like missing answers stand beside two answers in {columns}. If so, make them missing beforehand: {line}"
SPELLINGS = (
    "Answers that differ only in capitals, spaces or how accents are written are counted apart in {columns}. If they mean "
    "the same, join them beforehand: {line}"
)
NUMBERS = "Numbers with {sign} stand as text in {columns}, so they have no mean. Make numbers of them beforehand{either}: {line}"
SIGNS = {
    ",": "decimal commas",
    ".": "decimal points",
    "?": "points or commas that can be read in two ways (1.234 may be 1234)",
}


@dataclass
class _Found:
    """Columns with one doubt, and what they hold that is doubtful."""

    told: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    values: dict[Any, None] = field(default_factory=dict)

    def add(self, name: str, told: str, values: Iterable[Any] = ()) -> None:
        self.told.append(f"{name!r}{told and f' ({told})'}")
        self.columns.append(name)
        self.values.update(dict.fromkeys(values))

    def said(self, text: str, **more: str) -> str:
        """Say the doubt, with the line that settles it."""
        rest = f" and {len(self.told) - MOST_TOLD} more" if len(self.told) > MOST_TOLD else ""
        named = in_words(self.columns[0] if len(self.columns) == 1 else self.columns, shown=len(self.columns))
        missing = f", missing={in_words(list(self.values), shown=len(self.values))}" if self.values else ""
        sign = more.pop("decimal", "")
        decimal = f", decimal={sign!r}" if sign else ""
        line = f"table = hp.recode(table, columns={named}{missing}{decimal}).table"
        return text.format(columns=", ".join(self.told[:MOST_TOLD]) + rest, line=line, **more)


def doubts(
    units: Table,
    people: npt.NDArray[Any],
    names: Iterable[str],
    known: Mapping[str, Levels | None] = MappingProxyType({}),
) -> list[str]:
    """Return what is doubtful about the answers in some columns of `people` a row, a text for each kind of doubt.

    Levels of columns of text may be known already.
    """
    blank, words, spellings = _Found(), _Found(), _Found()
    codes: dict[tuple[Any, ...], _Found] = {}
    numbers: dict[str, _Found] = {}
    for name in names:
        values = units[name]
        place, levels = _levels(values, known.get(name))
        if not levels:
            continue
        count = np.bincount(place + 1, weights=people, minlength=len(levels) + 1)[1:]
        some = [(level, int(n)) for level, n in zip(levels, count, strict=True) if n]
        text = [(level, n) for level, n in some if isinstance(level, str)]
        empty = [(level, n) for level, n in text if not level.strip()]
        if empty:
            blank.add(name, _answers(sum(n for _, n in empty)), ("",))
        silent = [(level, n) for level, n in text if level.strip() and written.bare(level) in written.NO_ANSWER]
        if silent:
            words.add(name, _counted(silent), _spelled_once(level for level, _ in silent))
        coded = _codes(some, {level for level, _ in (*empty, *silent)})
        if coded:
            codes.setdefault(tuple(level for level, _ in coded), _Found()).add(
                name, _counted(coded), (level for level, _ in coded)
            )
        if len(levels) <= MOST_LEVELS:
            doubled = _doubled([one for one in text if one not in silent])
            if doubled:
                spellings.add(name, "; ".join(_counted(same) for same in doubled[:3]))
        if not isinstance(values.dtype, pd.CategoricalDtype):
            decimal = written.decimal_of([level for level, _ in some if level not in dict(silent)])
            if decimal:
                numbers.setdefault(decimal, _Found()).add(name, "")
    made = [(blank, BLANK), (words, NO_ANSWER), (spellings, SPELLINGS), *((one, CODES) for one in codes.values())]
    said = [found.said(text) for found, text in made if found.columns]
    return said + [
        found.said(
            NUMBERS,
            sign=SIGNS[decimal],
            decimal="," if decimal == "?" else decimal,
            either=", with decimal=',' or decimal='.', whichever it is" if decimal == "?" else "",
        )
        for decimal, found in numbers.items()
    ]


def _levels(values: pd.Series[Any], known: Levels | None) -> Levels:
    """Return codes and levels of a column of texts, or of numbers that may be codes; no levels of other columns.

    Columns of texts that tell people apart have no levels either.
    """
    nothing: Levels = (np.zeros(0, dtype=np.int64), [])
    if isinstance(values.dtype, pd.StringDtype):
        known = known or columns.levels(values) or nothing
        return nothing if len(known[1]) == len(values) > 10 else known
    if isinstance(values.dtype, pd.CategoricalDtype):
        levels = values.cat.categories
        coded = types.is_numeric_dtype(levels.dtype) and len(levels) <= MOST_LEVELS
        return np.asarray(values.cat.codes, dtype=np.int64), levels.tolist() if coded or _has_text(levels) else []
    if types.is_numeric_dtype(values.dtype):
        if types.is_bool_dtype(values.dtype) or not _may_hold_codes(values):
            return nothing
    elif not types.is_object_dtype(values.dtype) or not _has_text(values):
        return nothing
    try:
        codes, found = values.array.factorize()  # in half the time that pd.factorize takes
    except TypeError:  # lists and the like, which questions refuse
        return nothing
    return nothing if len(found) == len(values) > 10 else (np.asarray(codes, dtype=np.int64), found.tolist())


def _may_hold_codes(values: pd.Series[Any]) -> bool:
    """Tell by the least and the greatest number, as nearly every column of numbers can be told, whether to look closer."""
    plain = values.to_numpy() if isinstance(values.dtype, np.dtype) else values.to_numpy(dtype=float, na_value=np.nan)
    if plain.dtype.kind not in "iuf" or len(plain) == 0:
        return False
    low, high = np.fmin.reduce(plain), np.fmax.reduce(plain)
    return bool(
        (low in written.CODES and high <= 2) or (high in written.CODES and (low in (0, 1) or low in written.CODES))
    )


def _has_text(values: pd.Series[Any] | pd.Index[Any]) -> bool:
    if isinstance(values.dtype, pd.StringDtype):
        return bool(values.notna().any())  # holds nothing else
    return any(isinstance(value, str) for value in values[values.notna()][:1000].tolist())


def _answers(number: int) -> str:
    return "1 answer" if number == 1 else f"{number:,} answers"


def _counted(levels: Sequence[tuple[Any, int]]) -> str:
    """Write levels, and in how many answers each stands."""
    told = ", ".join(f"{in_words(level)} in {_answers(n)}" for level, n in levels[:MOST_TOLD])
    return told + (", ..." if len(levels) > MOST_TOLD else "")


def _spelled_once(levels: Iterable[str]) -> list[str]:
    """Return words in one spelling each, which is enough for `recode`."""
    return list({written.key(level): level for level in levels}.values())


def _codes(levels: Sequence[tuple[Any, int]], silent: set[Any]) -> list[tuple[Any, int]]:
    """Return codes of missing answers beside 0 and 1, 1 and 2, or yes and no, where nothing else was answered."""
    answered = [(level, n) for level, n in levels if level not in silent]
    if len(answered) < 3 or len(answered) > MOST_LEVELS:
        return []
    keys = [_meant(level) for level, _ in answered]
    codes = [
        (int(k) if isinstance(k, float) and not isinstance(level, str) else level, n)
        for (level, n), k in zip(answered, keys, strict=True)
        if k in written.CODES
    ]
    rest = frozenset(k for k in keys if k not in written.CODES)
    # A seven alone may be a number of something.
    coded = any(k in written.CODES and abs(k) % 10 != 7 for k in keys if isinstance(k, float))
    few = 2 * sum(n for _, n in codes) < sum(n for _, n in answered)
    return codes if coded and few and rest in (*written.PAIRS, frozenset({"yes", "no"})) else []


def _meant(level: Any) -> written.Key:
    said = written.says(level)
    return written.key(level) if said is None else "yes" if said else "no"


def _doubled(levels: Sequence[tuple[str, int]]) -> list[list[tuple[str, int]]]:
    """Return levels that are one but for their writing."""
    alike: dict[written.Key, list[tuple[str, int]]] = {}
    for level, n in levels:
        if level.strip():
            alike.setdefault(written.key(level), []).append((level, n))
    return [same for same in alike.values() if len(same) > 1]
