"""Opening files of SPSS, Stata and SAS: what can go wrong with a whole file, and with one cell of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError, in_words, name_rows, warn
from ..ground.apart import Apart, DiedError, OtherError
from ..ground.columns import Bools
from ..ground.files import exists, needed

#: Impossible dates in one column; more are no slips of the keyboard.
MOST_IMPOSSIBLE = 20
#: How a missing answer that was an impossible date is called.
IMPOSSIBLE = "impossible date"


def open_file(
    path: str | PathLike[str],
    program: str,
    readers: dict[str, str],
    columns: list[str] | None,
    encoding: str | None,
    **options: Any,
) -> tuple[pd.DataFrame, Any, dict[str, Bools]]:
    """Read a file of one program; its columns, what it says of them, and the rows of impossible dates by column.

    `readers` are pyreadstat's functions by the ending of a file's name.
    """
    place = Path(path)
    ending = place.suffix.lower()
    if ending not in readers:
        raise InputError(f"{str(path)!r} is no {program} file by its name; it should end in {' or '.join(readers)}.")
    if not exists(place):
        raise InputError(f"There is no file {str(path)!r}.")
    needed("pyreadstat", "pyreadstat")
    if columns is not None:
        options["usecols"] = list(columns)
    if encoding is not None:
        options["encoding"] = encoding
    if ending == ".por":  # declares neither
        options.pop("user_missing", None)
        if options.pop("encoding", None):
            raise InputError(
                "encoding= does nothing for .por files: their text has an encoding of its own. Leave it out."
            )
    try:
        with Apart("pyreadstat") as library:
            frame, meta, impossible = _opened(partial(library, readers[ending], str(place), **options))
    except OtherError as error:
        raise _refusal(path, program, encoding, error.said) from None
    except DiedError:
        raise _refusal(path, program, encoding, "reading it breaks off") from None
    lacking = [name for name in columns or [] if name not in frame.columns]
    if lacking:
        raise InputError(f"{str(path)!r} has no column {in_words(lacking[0])}.")
    if impossible:
        told = "; ".join(f"{name!r} in {name_rows(rows)}" for name, rows in impossible.items())
        warn(f"Impossible dates were made missing: {told}. Python knows the years 1 to 9999.")
    return frame, meta, impossible


def _opened(read: Callable[..., Any]) -> tuple[pd.DataFrame, Any, dict[str, Bools]]:
    try:
        frame, meta = read()
    except OtherError as error:
        if error.kind != "OverflowError":  # a year above 9999
            raise
        return _spoiled_cells(read)
    return frame, meta, {}


def _refusal(path: str | PathLike[str], program: str, encoding: str | None, why: str) -> InputError:
    if "invalid byte sequence" in why:
        said = "it declares" if encoding is None else f"encoding={encoding!r} says"
        return InputError(
            f"{str(path)!r} holds text in another encoding than {said}. Say which with encoding=, as programs name them: "
            "'CP1252' or 'LATIN1' for old files of Western Europe, 'CP1250' of Central Europe, 'CP1251' for Cyrillic, 'UTF-8'."
        )
    if encoding is not None and "character set" in why:
        return InputError(f"encoding={encoding!r} is not known. Examples are 'UTF-8', 'CP1252', 'LATIN1' and 'CP1251'.")
    return InputError(
        f"{str(path)!r} can't be read as a {program} file ({why.strip() or 'no reason is given'}). It may be damaged, "
        "or in another format under this name."
    )


def _spoiled_cells(read: Callable[..., Any]) -> tuple[pd.DataFrame, Any, dict[str, Bools]]:
    """Read a file with impossible dates: cells that can't be read are missing, all others as they would be without them."""
    raw, meta = read(disable_datetime_conversion=True)
    columns, impossible = {}, {}
    for name in raw.columns:
        if not (meta.original_variable_types or {}).get(name) or raw[name].dtype == object:
            columns[name] = raw[name]
            continue
        one = partial(read, usecols=[name])
        bad = list(_bad_rows(one, 0, len(raw), name))
        columns[name] = one()[0][name] if not bad else _without(one, bad, len(raw), name)
        if bad:
            impossible[name] = np.isin(np.arange(len(raw)), bad)
    return pd.DataFrame(columns, index=raw.index, columns=raw.columns), meta, impossible


def _bad_rows(one: Callable[..., Any], start: int, stop: int, name: str) -> Iterator[int]:
    """Yield the rows whose date can't be read, by halving."""
    found = 0
    spans = [(start, stop)]
    while spans:
        first, last = spans.pop()
        try:
            one(row_offset=first, row_limit=last - first)
        except OtherError as error:
            if error.kind != "OverflowError":
                raise
            if last - first > 1:
                middle = (first + last) // 2
                spans += [(middle, last), (first, middle)]
                continue
            found += 1
            if found > MOST_IMPOSSIBLE:
                raise InputError(
                    f"Column {in_words(name)} has impossible dates in more than {MOST_IMPOSSIBLE} rows. Leave it out with "
                    "columns=, or correct its format where the file was made."
                ) from None
            yield first


def _without(one: Callable[..., Any], bad: list[int], rows: int, name: str) -> pd.Series[Any]:
    """Return a column with nothing in some rows."""
    parts: list[Any] = []
    edges = [-1, *bad, rows]
    for before, after in pairwise(edges):
        if after - before > 1:
            parts += one(row_offset=before + 1, row_limit=after - before - 1)[0][name].tolist()
        if after < rows:
            parts.append(None)
    return pd.Series(parts, name=name)
