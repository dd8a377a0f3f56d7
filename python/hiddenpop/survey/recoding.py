"""Answers as people write them to answers as questions want them: yes and no, missing ones, one spelling, numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import combinations
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pandas.api import types

from ..errors import InputError, listing, visible, warn
from ..ground.columns import column, is_number, read_table
from ..ground.columns import missing as lacking
from ..ground.signatures import checked
from ..ground.stays import Stays
from ..ground.written import Key, as_number, key
from ..sample.design import names

#: What stands for an answer that became nothing, or stayed.
MISSING, LEFT, YES, NO = "missing", "left alone", "yes (1)", "no (0)"
#: Changes that are printed; of the rest the first and last are (a register's ids may have thousands).
SHOWN = 40


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Recoded(Stays):
    """A table whose answers were recoded, and what became what.

    Attributes
    ----------
    table : DataFrame
        The table, ready for `hp.Survey`; yes and no are 1 and 0, answers that were none are missing.
    changes : DataFrame
        A row for each column and value: "column", "value", "became" (yes, no, missing, another spelling, a number, or
        "left alone") and "rows".

    See Also
    --------
    recode : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.recode({"treated": ["ja", "nee"]}, yes=["ja"], no=["nee"]).table["treated"].tolist()
    [1, 0]
    """

    unsaved: ClassVar[str] = (
        "Recoded answers hold people's rows and can't be pickled. Save what you need of them: answers.table"
    )

    table: pd.DataFrame
    changes: pd.DataFrame

    def __repr__(self) -> str:
        shown = self.changes.to_string(index=False, max_rows=SHOWN) if len(self.changes) else "nothing was changed"
        return visible(f"{self._heading}\n{shown}")

    def _repr_html_(self) -> str:
        many = len(self.changes)
        shown = self.changes.to_html(index=False, border=0, max_rows=SHOWN) if many else "nothing was changed"
        return f"{escape(self._heading)}{shown}"

    @property
    def _heading(self) -> str:
        more = f"; {len(self.changes):,} changes, all in .changes" if len(self.changes) > SHOWN else ""
        return f"{len(self.table):,} rows, {len(self.table.columns)} columns{more}"


@dataclass(frozen=True)
class _Lists:
    yes: frozenset[Key]
    no: frozenset[Key]
    missing: frozenset[Key]
    decimal: str | None
    named: frozenset[str]


@checked
def recode(
    table: object,
    *,
    yes: Sequence[object] = (),
    no: Sequence[object] = (),
    missing: Sequence[object] = (),
    columns: str | Sequence[str] | None = None,
    decimal: Literal[",", "."] | None = None,
) -> Recoded:
    """Make answers of yes and no, of missing ones, of several spellings and of written numbers, and tell what became what.

    Capitals and spaces at the ends make no difference: "ja" stands for "Ja " and "JA". Nothing else is guessed: what no list names
    stays as it is, and is told.

    Parameters
    ----------
    table : table
        Any table (pandas, polars, pyarrow, a mapping of columns, ...). It isn't changed.
    yes, no : list
        Words and codes that mean yes and no. A column becomes 1 and 0 where all of its answers are in these lists or in `missing`;
        a column of codes only if it has both a yes and a no, so that a constant column isn't taken for one.
    missing : list
        Words and codes that are no answers. Words, and "" for blank text, are missing in every column of text; codes (9, 99) in
        columns of yes and no and in those that `columns` names, since elsewhere a 9 may be nine years: there `changes` tells
        that they were left alone.
    columns : str or list of str, optional
        Columns to look at, in which codes of missing answers are missing whatever else is there; all columns by default.
    decimal : {",", "."}, optional
        How numbers are written in columns of text: with "," 1.234,5 and 1 234,5 are 1234.5. Columns all of whose answers are such
        numbers become numbers. Without it text stays text.

    Returns
    -------
    Recoded
        With `table` and `changes`.

    Raises
    ------
    InputError
        A word in two lists, or a column that isn't there.

    Warns
    -----
    HiddenpopWarning
        Columns some of whose answers mean yes or no and some of which are in no list: they stay as they are.

    See Also
    --------
    read_csv, read_sav : read the file first.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> people = {"treated": ["ja", "Nee ", "onbekend", "JA"], "city": ["Oss", "oss", "Ede", "Oss"], "age": ["31", "40,5", "", "28"]}
    >>> answers = hp.recode(people, yes=["ja"], no=["nee"], missing=["onbekend", ""], decimal=",")
    >>> answers
    4 rows, 3 columns
     column    value   became  rows
    treated       ja  yes (1)     1
    treated     Nee    no (0)     1
    treated onbekend  missing     1
    treated       JA  yes (1)     1
       city      oss      Oss     1
        age           missing     1
        age  numbers a number     3
    >>> hp.Survey(answers.table, replicates=100).proportion("treated").point
    0.6666666666666666
    """
    frame = read_table(table)
    named = names(columns)
    for name in named:
        column(frame, name)
    meant = {what: frozenset(map(key, given)) for what, given in (("yes", yes), ("no", no), ("missing", missing))}
    for first, second in combinations(meant, 2):
        both = meant[first] & meant[second]
        if both:
            raise InputError(f"{listing(sorted(both, key=str))} is in {first}= and in {second}=; it can't be both.")
    lists = _Lists(meant["yes"], meant["no"], meant["missing"], decimal, frozenset(named))
    made, changes, doubtful = {}, [], []
    for name in frame.columns:
        values = frame[name]
        if named and name not in named:
            made[name] = values
            continue
        made[name], told, partly = _recoded(values, lists)
        changes += [(name, *line) for line in told]
        if partly:
            doubtful.append(f"{name!r} ({partly:,} {'row' if partly == 1 else 'rows'})")
    if doubtful:
        warn(
            f"In {', '.join(doubtful)} some answers mean yes or no and others are in none of the lists, so these columns were left as "
            "they are. Name the others in yes=, no= or missing=; `changes` shows them."
        )
    result = pd.DataFrame(made, index=frame.index, columns=frame.columns)
    result.attrs = dict(frame.attrs)
    return Recoded(result, pd.DataFrame(changes, columns=["column", "value", "became", "rows"]))


def _recoded(values: pd.Series[Any], lists: _Lists) -> tuple[pd.Series[Any], list[tuple[Any, str, int]], int]:
    """Return a column as it is after recoding, what became what, and how many rows were of yes or no but for others."""
    kind = values.dtype.categories.dtype if isinstance(values.dtype, pd.CategoricalDtype) else values.dtype
    # Numbers beside True and False are neither text nor of a dtype of numbers.
    mixed = types.is_object_dtype(kind) and any(is_number(value) for value in values.dropna().tolist())
    if types.is_bool_dtype(kind) or not (mixed or _is_text(values) or types.is_numeric_dtype(kind)):
        return values, [], 0
    try:
        codes, found = pd.factorize(values)
    except TypeError:  # lists and the like, which questions refuse
        return values, [], 0
    answers = list(found)
    rows = np.bincount(codes + 1, minlength=len(answers) + 1)[1:].tolist()
    keys = [key(answer) for answer in answers]
    told = {one for one in keys if one in lists.yes or one in lists.no}
    settled = all(one in told or one in lists.missing for one in keys)
    words = any(isinstance(one, str) for one in told)
    binary = bool(told) and settled and (words or bool(told & lists.yes and told & lists.no))
    if binary:
        meanings = [YES if one in lists.yes else NO if one in lists.no else MISSING for one in keys]
        numbers = np.array([{YES: 1.0, NO: 0.0, MISSING: np.nan}[one] for one in meanings] + [np.nan])
        made = pd.Series(numbers[codes], index=values.index, name=values.name)
        return made.astype("Int64" if made.isna().any() else "int64"), _lines(answers, meanings, rows), 0
    partly = sum(n for one, n in zip(keys, rows, strict=True) if one not in told and one not in lists.missing)
    made, became = _cleaned(values, codes, answers, keys, rows, lists)
    unsettled = words and not settled
    if unsettled:
        became = [one or LEFT for one in became]
    number, converted = _as_numbers(made, lists.decimal)
    if converted:  # spaces in numbers are no spellings
        became = [one if one in (None, MISSING, LEFT) else None for one in became]
    lines = _lines(answers, became, rows)
    return number, lines + ([("numbers", "a number", converted)] if converted else []), partly if unsettled else 0


def _is_text(values: pd.Series[Any]) -> bool:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return any(isinstance(level, str) for level in values.cat.categories)
    if not (types.is_object_dtype(values.dtype) or isinstance(values.dtype, pd.StringDtype)):
        return False
    return any(isinstance(value, str) for value in values.dropna().tolist())


def _lines(answers: list[Any], became: Sequence[str | None], rows: list[int]) -> list[tuple[Any, str, int]]:
    return [(answer, new, n) for answer, new, n in zip(answers, became, rows, strict=True) if new is not None]


def _cleaned(
    values: pd.Series[Any], codes: Any, answers: list[Any], keys: list[Key], rows: list[int], lists: _Lists
) -> tuple[pd.Series[Any], list[str | None]]:
    """Make answers that are none missing, and write each text in its most frequent spelling."""
    code = values.name in lists.named  # whether codes are missing here too
    gone = [one in lists.missing and (isinstance(one, str) or code) for one in keys]
    best: dict[Key, tuple[int, str]] = {}
    for answer, one, n in zip(answers, keys, rows, strict=True):
        if isinstance(answer, str) and isinstance(one, str):
            spelling = " ".join(answer.split())
            best[one] = max(best.get(one, (0, "")), (n, spelling), key=lambda pair: pair[0])
    new = [
        None if lost else best[one][1] if isinstance(answer, str) and isinstance(one, str) else answer
        for answer, one, lost in zip(answers, keys, gone, strict=True)
    ]
    became = [
        MISSING if lost else str(n) if n != a else LEFT if one in lists.missing else None
        for a, n, one, lost in zip(answers, new, keys, gone, strict=True)
    ]
    if all(one in (None, LEFT) for one in became):
        return values, became
    if isinstance(values.dtype, pd.CategoricalDtype):
        kept = [new[answers.index(level)] if level in answers else level for level in values.cat.categories]
        order = list(dict.fromkeys(level for level in kept if level is not None))
        mapped = pd.Categorical([None if c < 0 else new[c] for c in codes], order, ordered=bool(values.cat.ordered))
        return pd.Series(mapped, index=values.index, name=values.name), became
    changed = pd.array([*new, None], dtype=object)[codes]
    made = pd.Series(changed, index=values.index, name=values.name)
    return (made.astype(float) if types.is_numeric_dtype(values.dtype) else made.astype(values.dtype)), became


def _as_numbers(values: pd.Series[Any], decimal: str | None) -> tuple[pd.Series[Any], int]:
    """Return a column of written numbers as numbers and how many there were; another column as it is, and none."""
    if decimal is None or not _is_text(values) or isinstance(values.dtype, pd.CategoricalDtype):
        return values, 0
    known = ~lacking(values)
    read = [float(value) if is_number(value) else as_number(str(value), decimal) for value in values[known]]
    if not read or any(number is None or abs(number) >= 2**53 for number in read):
        return values, 0  # no numbers, or ids of so many digits that some would be lost
    made = pd.Series(np.nan, index=values.index, name=values.name)
    made[known] = np.array(read, dtype=float)
    return made, len(read)
