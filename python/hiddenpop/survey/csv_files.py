"""Files of text with separators, as offices export them: separator, encoding and decimal sign are found, and said."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..errors import InputError, in_words, listing, warn
from ..ground.files import exists
from ..ground.signatures import checked
from .recoding import as_number

SEPARATORS = (";", ",", "\t", "|")
#: Lines by which the separator is found.
LOOKED_AT = 1000
#: Encodings that are tried where none is named; the second takes any byte, so it is said.
ENCODINGS = ("utf-8-sig", "cp1252")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class _Form:
    """How a file is written."""

    encoding: str
    separator: str
    decimal: str


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
    days only if all of its answers are. What was found is in `attrs["read"]` of the table.

    Parameters
    ----------
    path : path
        The file; its first line names the columns.
    separator : str, optional
        One sign; else the one of ; , tab and | that gives every line as many cells.
    decimal : {".", ","}, optional
        How numbers are written; else a comma where semicolons or tabs separate and some column has decimal commas.
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
        An encoding that was guessed; columns some of whose numbers could be read in two ways.

    See Also
    --------
    hp.recode : yes and no, missing answers and spellings.

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
    if not text.strip():
        raise InputError(f"{str(path)!r} is empty.")
    if separator is not None and len(separator) != 1:
        raise InputError(f"separator={in_words(separator)} must be one sign, such as ';'.")
    between = separator or _separator(text, str(path))
    rows = _rows(text, between, str(path))
    heads = _heads(rows[0], str(path))
    columns: list[Any] = [list(column) for column in zip(*rows[1:], strict=True)] or [[] for _ in heads]
    form = _Form(code, between, decimal or _decimal(columns, between))
    made, doubtful = {}, []
    for head, values in zip(heads, columns, strict=True):
        made[head], doubt = _typed(values, form.decimal)
        doubtful += [head] if doubt else []
    if not columns[0]:
        raise InputError(f"{str(path)!r} has a line of names and no rows.")
    if doubtful:
        warn(
            f"Numbers of {listing(doubtful)} could be read in two ways (1.234 may be 1234), so they stay text. Say decimal=',' or "
            "decimal='.', whichever it is."
        )
    table = pd.DataFrame(made)
    sign = "comma" if form.decimal == "," else "point"
    name = "UTF-8" if code.startswith("utf-8") else code
    table.attrs["read"] = f"separator {between!r}, decimal {sign}, encoding {name}"
    return table


def _text(place: Path, encoding: str | None) -> tuple[str, str]:
    data = place.read_bytes()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") and encoding is None:
        encoding = "utf-16"
    for code in (encoding,) if encoding else ENCODINGS:
        try:
            text = data.decode(code)
        except LookupError:
            raise InputError(
                f"encoding={in_words(encoding)} is not known. Examples are 'utf-8' and 'cp1252'."
            ) from None
        except UnicodeDecodeError:
            continue
        if code == "cp1252":
            warn(
                f"{place.name!r} is not in UTF-8 and was read as cp1252 (Western Europe). If letters look wrong, say encoding=."
            )
        if "\0" in text:
            raise InputError(f"{place.name!r} holds signs that no text has. Is it another kind of file?")
        return text, code
    raise InputError(
        f"{place.name!r} is not in the encoding {encoding or 'UTF-8 or cp1252'}. Say which with encoding=, as 'cp1250'."
    )


def _separator(text: str, name: str) -> str:
    """Return the sign that cuts all of the first lines into as many cells, more than one."""
    first = "".join(io.StringIO(text).readlines()[:LOOKED_AT])
    fitting = []
    for sign in SEPARATORS:
        try:
            lengths = {len(row) for row in csv.reader(io.StringIO(first), delimiter=sign) if row}
        except csv.Error:  # a line break of another kind within a cell, or a cell that never ends
            continue
        if len(lengths) == 1 and lengths != {1}:
            fitting.append(sign)
    if not fitting:
        if not any(sign in first for sign in SEPARATORS):
            return ","  # one column
        raise InputError(
            f"No separator cuts every line of {name!r} into as many cells. Say separator=, such as ';', to be told which lines differ."
        )
    if len(fitting) > 1:
        raise InputError(
            f"{listing(fitting)} all cut the lines of {name!r} into as many cells. Say which separates: separator=';'."
        )
    return fitting[0]


def _rows(text: str, separator: str, name: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    wrong: list[int] = []
    try:
        for row in reader:
            if not row:
                continue
            if rows and len(row) != len(rows[0]):
                wrong.append(reader.line_num)
            rows.append(row)
    except csv.Error:
        raise InputError(
            f"Line {reader.line_num} of {name!r} has a quotation mark too many or too few, a line break of another kind than the "
            "rest, or a cell that never ends."
        ) from None
    if wrong:
        raise InputError(
            f"{len(wrong):,} lines of {name!r} have another number of cells than its first ({len(rows[0])}): line "
            f"{', '.join(map(str, wrong[:5]))}{', ...' if len(wrong) > 5 else ''}. A separator inside a text must be quoted."
        )
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


def _decimal(columns: Sequence[Sequence[str]], separator: str) -> str:
    """Return the decimal sign: a comma where no comma separates and a column has numbers with one, and none with a point."""
    if separator == ",":
        return "."
    commas = any(_all_read(column, ",") and any("," in cell for cell in column) for column in columns)
    points = any(
        _all_read(column, ".") and any(re.search(r"\.(?!\d{3}\b)", cell) for cell in column) for column in columns
    )
    return "," if commas and not points else "."


def _all_read(column: Sequence[str], decimal: str) -> bool:
    return all(as_number(cell, decimal) is not None for cell in column if cell.strip())


def _typed(cells: Sequence[str], decimal: str) -> tuple[pd.Series[Any], bool]:
    """Return cells as numbers, days or texts, and whether numbers stayed texts because they can be read in two ways."""
    known = [cell.strip() for cell in cells if cell.strip()]
    texts = pd.Series([cell if cell.strip() else None for cell in cells], dtype=object)
    if not known:
        return texts, False
    read = [as_number(cell, decimal) for cell in known]
    if None not in read:
        group = "." if decimal == "," else ","
        if any(group in cell for cell in known) and not any(decimal in cell or cell.count(group) > 1 for cell in known):
            return texts, True  # 1.234 alone
        numbers = np.full(len(cells), np.nan)
        numbers[[bool(cell.strip()) for cell in cells]] = np.array(read, dtype=float)
        whole = len(known) == len(cells) and not any(decimal in cell for cell in known)
        exact = np.abs(numbers[~np.isnan(numbers)]).max() < 2**53
        if not exact:
            return texts, False  # ids of many digits
        return pd.Series(numbers.astype(np.int64) if whole else numbers), False
    if all(_DAY.fullmatch(cell) for cell in known):
        days = pd.to_datetime(texts, format="%Y-%m-%d", errors="coerce")
        if days.notna().sum() == len(known):
            return days, False
    return texts, False
