"""Where a register's rows stand: in a table, or in DuckDB, which hands over a row a person and group and holds the rest itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError, in_words, name_rows, suggest
from ..ground import columns
from ..ground.aside import aside
from ..ground.columns import Codes
from ..ground.files import exists, needed
from ..ground.written import as_number
from . import dates, tally
from .dates import Days
from .tally import OPEN, Rows

#: Files that DuckDB reads, by the ending of their name.
FILES = {".parquet": "read_parquet", ".pq": "read_parquet", ".csv": "read_csv", ".tsv": "read_csv", ".txt": "read_csv"}
#: More different days than this are times of day, or no dates.
MOST_DAYS = 200_000
TURNED = "Spells end ({end!r}) before they begin ({start!r}) in {where}. Correct them, or leave them out."


def read(
    register: object, who: str, date: str | None, ends: tuple[str, str] | None, by: Sequence[str], start: int, end: int
) -> Rows:
    """Return the rows of a register that touch the days from start to end."""
    wanted = list(dict.fromkeys([who, *by]))
    if isinstance(register, (str, PathLike)):
        with _opened(register) as connection:
            found = _in_duckdb(_file(connection, register), wanted, date, ends, start, end, connection.interrupt)
        if FILES[Path(register).suffix.lower()] == "read_csv":
            for name in by:
                found.table[name] = _whole(found.table[name])
        return found
    if type(register).__name__ == "DuckDBPyRelation":
        return _in_duckdb(register, wanted, date, ends, start, end, None)
    if type(register).__name__ == "DuckDBPyConnection":
        raise InputError("A connection of DuckDB holds many tables: pass one of them, connection.table('visits').")
    asked = [*wanted, *(ends or (date,))]
    if isinstance(register, pd.DataFrame) and register.columns.is_unique and set(asked) <= set(register.columns):
        register = register[list(dict.fromkeys(asked))]  # copies take longer than counting
    return _in_memory(columns.read_table(register), wanted, date, ends, start, end)


def _in_memory(
    table: pd.DataFrame, wanted: list[str], date: str | None, ends: tuple[str, str] | None, start: int, end: int
) -> Rows:
    for name in wanted:
        columns.column(table, name)
    if ends is None:
        assert date is not None
        codes, first, last = dates.read(columns.column(table, date), "dates")
        undated = int((codes < 0).sum())
        places = np.flatnonzero(((first <= end) & (last >= start))[codes])
        codes = codes[places]
        first, last = first[codes], last[codes]
    else:
        codes, first, _ = dates.read(columns.column(table, ends[0]), "first days")
        until, _, last = dates.read(columns.column(table, ends[1]), "last days")
        last[-1] = OPEN
        first, last, known = first[codes], last[until], codes >= 0
        turned = known & (last < first)
        if turned.any():
            raise InputError(TURNED.format(start=ends[0], end=ends[1], where=name_rows(turned)))
        undated = int((~known).sum())
        places = np.flatnonzero(known & (first <= end) & (last >= start))
        first, last = first[places], last[places]
    part = table[wanted] if len(places) == len(table) else table[wanted].take(places)
    outside = len(table) - len(places) - undated
    return tally.within(part.reset_index(drop=True), first, last, start, end, outside=outside, undated=undated)


def _opened(path: str | PathLike[str]) -> Any:
    """Open DuckDB for a file."""
    place = Path(path)
    if place.suffix.lower() not in FILES:
        raise InputError(
            f"{str(path)!r} is no register by its name: a file ends in {', '.join(FILES)}. Another is read first, or handed over as "
            "a relation of DuckDB: duckdb.sql('...')."
        )
    if not exists(place):
        raise InputError(f"There is no file {str(path)!r}.")
    needed("duckdb", "hiddenpop[large]")
    import duckdb  # noqa: PLC0415 (an optional dependency)

    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    return connection


def _file(connection: Any, path: str | PathLike[str]) -> Any:
    reader = FILES[Path(path).suffix.lower()]
    # Signs that make a pattern of several files stand for themselves: there is a file of the name.
    text = re.sub(r"[*?\[]", lambda sign: f"[{sign.group()}]", str(path))
    try:
        if reader == "read_csv":  # "007" stays what it is
            return connection.read_csv(text, all_varchar=True, header=True)
        return connection.read_parquet(text)
    except Exception:  # DuckDB's words may hold somebody's answers
        pass
    hint = "hp.read_csv says what is wrong with it." if reader == "read_csv" else "It may be damaged."
    raise InputError(f"DuckDB can't read {str(path)!r}. {hint}")


def _whole(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Return groups that are written as whole numbers as such, as `hp.read_csv` does."""
    known = [text for text in texts.unique().tolist() if isinstance(text, str) and text.strip()]
    numbers = {text: as_number(text, ".") for text in known}
    if not known or not all(number is not None and text.strip().isdigit() for text, number in numbers.items()):
        return texts
    return texts.map(numbers).astype("Int64")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(relation: Any, name: str) -> str:
    """Return what writes a column's days as text; of times of day the day alone."""
    kind = str(relation.types[relation.columns.index(name)]).upper()
    plain = f"CAST({_quoted(name)} AS DATE)" if kind.startswith("TIMESTAMP") else _quoted(name)
    return f"CAST({plain} AS VARCHAR)"


def _in_duckdb(
    relation: Any,
    wanted: list[str],
    date: str | None,
    ends: tuple[str, str] | None,
    start: int,
    end: int,
    stop: Callable[[], object] | None,
) -> Rows:
    """Let DuckDB group the rows of a period by person and group."""
    for name in (*wanted, *(ends or (str(date),))):
        if name not in relation.columns:
            raise InputError(f"The register has no column {name!r}. {suggest(name, relation.columns)}")

    def ask(query: str) -> pd.DataFrame:
        try:
            found: pd.DataFrame = aside(lambda: relation.query("register_rows", query).df(), stop)
        except Exception:  # DuckDB's words may hold somebody's answers
            found = pd.DataFrame()
        else:
            return found
        raise InputError("DuckDB can't read these rows of the register. Look at them in DuckDB itself.")

    first, last = (_text(relation, name) for name in ends or (str(date),) * 2)
    begin = _days(ask, first, ends[0] if ends else str(date), "first days" if ends else "dates")
    stay = _days(ask, last, ends[1], "last days") if ends else begin
    until = f"coalesce(stay.l, {OPEN})" if ends else "stay.l"
    source = (
        f"(SELECT register_rows.*, begin.f AS f, {until} AS l FROM register_rows LEFT JOIN {_values(begin)} AS begin(t, f, x) "
        f"ON begin.t = {first} LEFT JOIN {_values(stay)} AS stay(t, y, l) ON stay.t = {last})"
    )
    inside = f"f <= {end} AND l >= {start}"
    counts = ask(
        f"SELECT count(*) FILTER (f IS NULL) AS undated, count(*) FILTER (f IS NOT NULL AND NOT ({inside})) AS outside, "
        f"count(*) FILTER (l < f) AS turned FROM {source}"
    ).iloc[0]
    if ends and counts["turned"]:
        number = int(counts["turned"])
        raise InputError(
            TURNED.format(start=ends[0], end=ends[1], where=f"{number:,} {'row' if number == 1 else 'rows'}")
        )
    listed = ", ".join(map(_quoted, wanted))
    made = (
        f"count(*) AS n, min(f) AS f, max(l) AS l, bool_or(f < {start}) AS before, bool_or(l > {end} AND l <> {OPEN}) AS after, "
        f"sum(least(l, {end}) - greatest(f, {start}) + 1)::BIGINT AS days, count(*) FILTER (f >= {start}) AS entries"
    )
    # Names of ours must not meet those of the register.
    names = ", ".join(f"{_quoted(name)} AS c{i}" for i, name in enumerate(wanted))
    found = ask(f"SELECT {names}, {made} FROM {source} WHERE {inside} GROUP BY {listed} ORDER BY {listed}")
    table = columns.read_table(
        pd.DataFrame({name: found[f"c{i}"] for i, name in enumerate(wanted)})
        if len(found)
        else pd.DataFrame({name: [None] for name in wanted})
    ).iloc[: len(found)]
    numbers = {name: found[name].to_numpy(dtype=np.int64) for name in ("n", "f", "l", "days", "entries")}
    return Rows(
        table,
        numbers["n"],
        numbers["f"],
        numbers["l"],
        found["before"].to_numpy(dtype=bool),
        found["after"].to_numpy(dtype=bool),
        numbers["days"],
        numbers["entries"],
        int(counts["outside"]),
        int(counts["undated"]),
    )


def _days(
    ask: Callable[[str], pd.DataFrame], text: str, name: str, what: str
) -> tuple[list[str], Codes | Days, Codes | Days]:
    """Return the different days of a column as text, and the first and the last day that each means."""
    found = ask(f"SELECT DISTINCT {text} AS t FROM register_rows LIMIT {MOST_DAYS + 1}")["t"]
    if len(found) > MOST_DAYS:
        raise InputError(
            f"Column {in_words(name)} holds more than {MOST_DAYS:,} different {what}. Make days of times first."
        )
    codes, first, last = dates.read(pd.Series(found.astype(object).to_numpy(), name=name, dtype=object), what)
    known = codes >= 0
    return found[known].tolist(), first[codes[known]], last[codes[known]]


def _values(days: tuple[list[str], Any, Any]) -> str:
    """Write a table of days for a query."""
    if not days[0]:
        return "(SELECT NULL::VARCHAR, NULL::BIGINT, NULL::BIGINT)"
    lines = (
        "('{}', {}, {})".format(text.replace("'", "''"), first, last) for text, first, last in zip(*days, strict=True)
    )
    return f"(VALUES {', '.join(lines)})"
