"""Files of text with separators, as offices export them: separator, encoding and decimal sign are found, and said."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from pandas.api import types

from ..errors import InputError, in_words, listing, name_rows, warn
from ..ground.files import exists
from ..ground.signatures import checked
from ..ground.written import as_number

SEPARATORS = (";", ",", "\t", "|")
#: Lines by which the separator is found.
LOOKED_AT = 1000
#: Encodings that are tried where none is named; the second takes any byte, so it is said.
ENCODINGS = ("utf-8-sig", "cp1252")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
#: A day that begins with its day or its month, and text as Excel writes it where it looks like a number.
_OTHER_DAY = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)
DAYS = (
    "Days of {columns} are not written as 2023-07-14, so they stay text. Make days of them: table[{name!r}] = "
    "pandas.to_datetime(table[{name!r}], format={form!r})."
)
DAYS_TWO_WAYS = (
    "Days of {columns} can be read in two ways (06-05-2023 may be in May or June), so they stay text. Make days of them: "
    "table[{name!r}] = pandas.to_datetime(table[{name!r}], format={form!r}), or format={other!r} if the month stands first."
)
AS_TEXT = (
    'Cells of {columns} are written as ="001", as Excel writes text. What stands between the marks was read, as text.'
)
ONE_COLUMN = " If this is one column of numbers with decimal commas, separator=';' reads it so."
#: What Excel writes above the names to say what separates.
_HINT = re.compile(r'"?sep=(.)"?(?=[\r\n])', flags=re.IGNORECASE)


@dataclass(frozen=True)
class _Form:
    """How a file is written."""

    encoding: str
    separator: str
    decimal: str
    #: Whether the file or the user says so, rather than a habit.
    settled: bool


@checked
def read_csv(
    path: str | PathLike[str],
    *,
    separator: str | None = None,
    decimal: Literal[".", ","] | None = None,
    encoding: str | None = None,
) -> pd.DataFrame:
    r"""Read a file of text with separators (.csv, .txt, .tsv) as it was exported.

    Nothing is lost on the way: "007" stays a text, words such as NA stay for `hp.recode` to settle, and a column is numbers or
    days only if all of its answers are, or would be if there were such a day (2023-02-30). What was found is in `attrs["read"]` of
    the table.

    Parameters
    ----------
    path : path
        The file; its first line names the columns.
    separator : str, optional
        One sign; else what a first line such as sep=; says, or the one of ; , tab and | that gives every line as many cells.
        Separators at the ends of lines make no column.
    decimal : {".", ","}, optional
        How numbers are written; else what some column shows. Where all that there is could be thousands too (1.234), and no comma
        separates, numbers stay text.
    encoding : str, optional
        As "cp1252"; else UTF-8, or Windows' western one (cp1252) with a warning.

    Returns
    -------
    DataFrame
        Numbers, days (2023-07-14) and texts; blank cells are missing.

    Raises
    ------
    InputError
        No such file, no separator that fits, lines of unequal length (the first are named), a column without a name or with another's.

    Warns
    -----
    HiddenpopWarning
        An encoding that was guessed; columns some of whose numbers could be read in two ways; days in another form than
        2023-07-14, with the line that makes days of them; text that Excel marked as such (="001"); lines of nothing but
        separators, which are left out; days that are in no calendar (2023-02-30), which are made missing.

    See Also
    --------
    recode : yes and no, missing answers and spellings.

    Examples
    --------
    >>> import hiddenpop as hp, pathlib
    >>> _ = pathlib.Path("interviews.csv").write_text("nr;treat;age\n007;ja;31,5\n008;nee;\n", encoding="utf-8")
    >>> people = hp.read_csv("interviews.csv")
    >>> people.to_dict("list")
    {'nr': ['007', '008'], 'treat': ['ja', 'nee'], 'age': [31.5, nan]}
    >>> people.attrs["read"]
    "separator ';', decimal comma, encoding UTF-8"
    >>> pathlib.Path("interviews.csv").unlink()
    """
    place = Path(path)
    if not exists(place):
        raise InputError(f"There is no file {str(path)!r}.")
    text, code = _text(place, encoding)
    if separator is not None and (len(separator) != 1 or separator in '"\r\n'):
        raise InputError(f"separator={in_words(separator)} must be one sign, such as ';'.")
    hint = _HINT.match(text)
    if hint:  # the end of its line stays, so that lines keep their numbers
        separator, text = separator or hint[1], text[hint.end() :]
    if not text.strip():
        raise InputError(f"{str(path)!r} is empty.")
    between = separator or _separator(text, str(path))
    rows = _rows(text, between, str(path))
    heads = _heads(rows[0], str(path))
    columns: list[Any] = [list(column) for column in zip(*rows[1:], strict=True)] or [[] for _ in heads]
    sign, settled = (decimal, True) if decimal else _decimal(columns, between)
    form = _Form(code, between, sign, settled)
    made, doubtful, marked, impossible = {}, [], [], []
    for head, values in zip(heads, columns, strict=True):
        bare = _unmarked(values)
        if bare is not None:
            made[head] = bare
            marked.append(head)
            continue
        made[head], doubt = _typed(values, form)
        doubtful += [head] if doubt else []
        if types.is_datetime64_dtype(made[head].dtype):
            spoiled = made[head].isna().to_numpy() & [bool(cell.strip()) for cell in values]
            impossible += [f"{head!r} in {name_rows(spoiled)}"] if spoiled.any() else []
    if not columns[0]:
        raise InputError(f"{str(path)!r} has a line of names and no rows.")
    if doubtful:
        warn(
            f"Numbers of {listing(doubtful)} could be read in two ways (1.234 may be 1234), so they stay text. Say decimal=',' or "
            "decimal='.', whichever it is."
        )
    if marked:
        warn(AS_TEXT.format(columns=listing(marked)))
    if impossible:
        warn(f"Days that are in no calendar were made missing: {'; '.join(impossible)}.")
    _tell_days(made)
    table = pd.DataFrame(made)
    called = "comma" if form.decimal == "," else "point"
    name = "UTF-8" if code.startswith("utf-8") else code
    table.attrs["read"] = f"separator {between!r}, decimal {called}, encoding {name}"
    return table


def _text(place: Path, encoding: str | None) -> tuple[str, str]:
    try:
        data = place.read_bytes()
    except OSError as error:
        raise InputError(f"{str(place)!r} can't be read: {error.strerror}.") from None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") and encoding is None:
        encoding = "utf-16"
    for code in ENCODINGS if encoding is None else (encoding,):
        try:
            text = data.decode(code)
        except UnicodeError:
            continue
        except (LookupError, ValueError):
            raise InputError(
                f"encoding={in_words(encoding)} is not known. Examples are 'utf-8' and 'cp1252'."
            ) from None
        if code == "cp1252" and encoding is None:
            warn(
                f"{place.name!r} is not in UTF-8 and was read as cp1252 (Western Europe). If letters look wrong, say encoding=."
            )
        if "\0" in text:
            raise InputError(f"{place.name!r} holds signs that no text has. Is it another kind of file?")
        return text, code
    raise InputError(
        f"{place.name!r} is not in the encoding {encoding or 'UTF-8 or cp1252'}. Say which with encoding=, as 'cp1250'."
    )


def _lines(text: str) -> io.StringIO:
    """Return a text by lines, whether they end as Windows', Unix' or old Macintoshes' do."""
    return io.StringIO(text, newline=None)


def _blank(row: Sequence[str]) -> bool:
    return not any(cell.strip() for cell in row)


def _even(rows: list[list[str]]) -> list[list[str]]:
    """Cut what a separator at the ends of lines adds: last cells that are blank in all of the longest lines."""
    width = max(map(len, rows))
    while width > 1 and all(_blank(row[-1:]) for row in rows if len(row) == width):
        width -= 1
        rows = [row[:width] for row in rows]
    return rows


def _separator(text: str, name: str) -> str:
    """Return the sign that cuts all of the first lines into as many cells, more than one."""
    first = "".join(_lines(text).readlines()[:LOOKED_AT])
    fitting = []
    for sign in SEPARATORS:
        try:
            rows = [row for row in csv.reader(_lines(first), delimiter=sign) if not _blank(row)]
        except csv.Error:  # the only one of a reader that isn't strict
            raise InputError(_too_long(name)) from None
        lengths = {len(row) for row in _even(rows)} if rows else set()
        if len(lengths) == 1 and lengths != {1}:
            fitting.append(sign)
    if not fitting:
        if not any(sign in first for sign in SEPARATORS):
            return ","  # one column
        head, *others = first.splitlines()
        alone = not any(sign in first for sign in SEPARATORS if sign != ",") and "," not in head
        numbers = alone and all(as_number(line, ",") is not None for line in others if line.strip())
        raise InputError(
            f"No separator cuts every line of {name!r} into as many cells. Say separator=, such as ';', to be told which lines differ."
            + (ONE_COLUMN if numbers else "")
        )
    if len(fitting) > 1:
        raise InputError(
            f"{listing(fitting)} all cut the lines of {name!r} into as many cells. Say which separates: separator=';'."
        )
    return fitting[0]


def _too_long(name: str) -> str:
    return f"{name!r} has a cell of more than {csv.field_size_limit():,} characters. Is the quotation mark at its end missing?"


def _rows(text: str, separator: str, name: str) -> list[list[str]]:
    reader = csv.reader(_lines(text), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    places: list[int] = []
    bare = 0
    try:
        for row in reader:
            if _blank(row) and (len(row) != 1 or (rows and len(rows[0]) > 1)):
                bare += len(row) > 1
                continue
            rows.append(row)
            places.append(reader.line_num)
    except csv.Error as error:
        if "limit" in str(error):
            raise InputError(_too_long(name)) from None
        raise InputError(f"Line {reader.line_num} of {name!r} has a quotation mark too many or too few.") from None
    if not rows:
        raise InputError(f"{name!r} is empty.")
    rows = _even(rows)
    wrong = [place for row, place in zip(rows, places, strict=True) if len(row) != len(rows[0])]
    if wrong:
        lines, have = ("line", "has") if len(wrong) == 1 else ("lines", "have")
        raise InputError(
            f"{len(wrong):,} {lines} of {name!r} {have} another number of cells than its first ({len(rows[0])}): line "
            f"{', '.join(map(str, wrong[:5]))}{', ...' if len(wrong) > 5 else ''}. A separator inside a text must be quoted."
        )
    if bare:
        lines, are = ("line", "is") if bare == 1 else ("lines", "are")
        warn(f"{bare:,} {lines} of {name!r} with nothing but separators {are} left out.")
    return rows


def _heads(heads: Sequence[str], name: str) -> list[str]:
    found = [head.strip() for head in heads]
    blank = [i for i, head in enumerate(found, 1) if not head]
    if blank:
        raise InputError(f"Column {blank[0]} of {name!r} has no name in its first line.")
    doubled = [head for i, head in enumerate(found) if head in found[:i]]
    if doubled:
        raise InputError(f"{name!r} has more than one column named {in_words(doubled[0])}; rename one.")
    return found


def _unmarked(cells: Sequence[str]) -> pd.Series[Any] | None:
    """Return the texts that Excel marked as such; None where not all are."""
    if not any(cell.lstrip()[:2] == '="' for cell in cells[:LOOKED_AT]):
        return None
    found = [_AS_TEXT.fullmatch(cell.strip()) for cell in cells]
    if not all(one or not cell.strip() for one, cell in zip(found, cells, strict=True)):
        return None
    return pd.Series([one[1].replace('""', '"') if one and one[1].strip() else None for one in found], dtype=object)


def _tell_days(made: dict[str, pd.Series[Any]]) -> None:
    """Tell which columns of text hold days that begin with the day or the month, and how days are made of them."""
    told: dict[tuple[str, str | None], list[str]] = {}
    for name, values in made.items():
        found = _form_of_days(values) if types.is_object_dtype(values.dtype) else None
        if found is not None:
            told.setdefault(found, []).append(name)
    for (form, other), names in told.items():
        text = DAYS if other is None else DAYS_TWO_WAYS
        warn(text.format(columns=listing(names), name=names[0], form=form, other=other))


def _form_of_days(values: pd.Series[Any]) -> tuple[str, str | None] | None:
    """Return how days are written, and how they may be written as well; None of other texts."""
    known = [cell.strip() for cell in values.tolist() if cell is not None]
    if not known or _OTHER_DAY.fullmatch(known[0]) is None:
        return None
    found = [_OTHER_DAY.fullmatch(cell) for cell in dict.fromkeys(known)]
    matched = [one for one in found if one]
    if len(matched) < len(found) or len({(one[2], len(one[4])) for one in matched}) > 1:
        return None
    first, second = (max(int(one[part]) for one in matched) for part in (1, 3))
    if first > 31 or second > 31 or min(first, second) > 12:
        return None
    sign, year = matched[0][2], "%Y" if len(matched[0][4]) == 4 else "%y"
    by_day, by_month = f"%d{sign}%m{sign}{year}", f"%m{sign}%d{sign}{year}"
    return (by_month, None) if second > 12 else (by_day, None if first > 12 else by_month)


def _decimal(columns: Sequence[Sequence[str]], separator: str) -> tuple[str, bool]:
    """Return the decimal sign that some column shows and none speaks against, and whether that settles it; else a point."""
    different = [set(column) for column in columns]
    commas, points = (
        any(any(_shows(cell, sign) for cell in column) and _all_read(column, sign) for column in different)
        for sign in ",."
    )
    if commas != points:
        return "," if commas else ".", True
    return ".", separator == ","


def _shows(cell: str, decimal: str) -> bool:
    """Tell whether a number can be read with this decimal sign only: 31,5 and 0,987, and 1.234.567, but not 1,234."""
    group = "." if decimal == "," else ","
    return cell.count(group) > 1 or (decimal in cell and not _in_thousands(cell, decimal))


def _in_thousands(cell: str, sign: str) -> bool:
    return bool(re.fullmatch(rf"[+-]?[1-9]\d{{0,2}}(\{sign}\d{{3}})+", cell.strip()))


def _all_read(column: Iterable[str], decimal: str) -> bool:
    return all(as_number(cell, decimal) is not None for cell in column if cell.strip())


def _typed(cells: Sequence[str], form: _Form) -> tuple[pd.Series[Any], bool]:
    """Return cells as numbers, days or texts, and whether numbers stayed texts because they can be read in two ways."""
    known = [cell.strip() for cell in cells if cell.strip()]
    texts = pd.Series([cell if cell.strip() else None for cell in cells], dtype=object)
    if not known:
        return texts, False
    decimal = form.decimal
    numbers_of = {cell: as_number(cell, decimal) for cell in set(known)}
    read = [numbers_of[cell] for cell in known]
    if None not in read:
        if any(" " in cell for cell in known) and not any(decimal in cell for cell in known):
            return texts, False  # 123 456 may be a number of a file or a telephone
        group = "." if decimal == "," else ","
        if any(group in cell for cell in known) and not any(decimal in cell or cell.count(group) > 1 for cell in known):
            return texts, True  # 1.234 alone
        signed = [cell for cell in known if decimal in cell]
        if signed and not form.settled and all(_in_thousands(cell, decimal) for cell in signed):
            return texts, True
        numbers = np.full(len(cells), np.nan)
        numbers[[bool(cell.strip()) for cell in cells]] = np.array(read, dtype=float)
        whole = len(known) == len(cells) and not any(decimal in cell for cell in known)
        exact = np.abs(numbers[~np.isnan(numbers)]).max() < 2**53
        if not exact:
            return texts, False  # ids of many digits
        return pd.Series(numbers.astype(np.int64) if whole else numbers), False
    if all(_DAY.fullmatch(cell) for cell in known):
        days = pd.to_datetime(texts.str.strip(), format="%Y-%m-%d", errors="coerce")
        spoiled = texts[days.isna() & texts.notna()].str.strip()
        turned = pd.to_datetime(spoiled, format="%Y-%d-%m", errors="coerce")  # 2023-14-07: then all may be so
        if days.notna().any() and turned.isna().all():
            return days, False
    return texts, False
