"""Register extracts too large for memory: collapsed to kinds of rows on the way in, by DuckDB."""

from __future__ import annotations

import contextlib
import re
from os import PathLike, fspath
from typing import Any

import pandas as pd

from ..errors import InputError, in_words, suggest
from ..ground.aside import aside
from ..ground.files import exists
from ..sample.design import names

#: The column that counts identical rows, unless the extract has one of this name.
COUNT = "number of rows"
#: More kinds than this are hardly kinds: some column tells rows apart.
MOST_KINDS = 1_000_000
#: How a query begins; a path is no query.
QUERY = re.compile(r"\s*(?:select|with|from)\s", re.IGNORECASE)
#: How the name of a file ends, which may begin like a query.
FILE = re.compile(r"\.(?:parquet|parq|pq)\s*$", re.IGNORECASE)
#: Signs that make a pattern of several files.
PATTERN = re.compile(r"[*?\[]")
#: A file's name must not fetch programs from elsewhere, nor a query read the variables of this module.
OF_FILES = ("autoinstall_known_extensions", "autoload_known_extensions")
OF_QUERIES = ("python_enable_replacements",)


def kinds(source: str | PathLike[str] | None, columns: object, query: str | None = None) -> tuple[pd.DataFrame, str]:
    """Return the distinct rows of a Parquet file, several of them or a query, and the column that counts each.

    Only the distinct rows come into memory; DuckDB reads the rest in passing. They are sorted, by the columns in the order of
    their names: its threads hand them out in another order at each reading, and a survey's draws go by the order of rows.
    """
    try:
        import duckdb  # noqa: PLC0415 (an optional dependency)
    except ImportError as error:
        raise InputError("Reading extracts needs DuckDB: pip install 'hiddenpop[large]'.") from error
    text, is_query = _read(source, query)
    wanted = names(columns.tolist() if isinstance(columns, pd.Index) else columns)
    if columns is not None and not wanted:
        raise InputError("columns=[] names no column; leave it out to keep all.")
    # A comment at the end of a query must not go on.
    rows = f"({text}\n)" if is_query else "read_parquet($path)"
    given: dict[str, Any] = {} if is_query else {"path": _literal(text)}
    try:
        if is_query:
            _require_one(duckdb, text)
        with duckdb.connect() as connection:
            for name in OF_QUERIES if is_query else OF_FILES:
                _switch_off(duckdb, connection, name)
            describe = f"DESCRIBE SELECT * FROM {rows} AS rows_read"
            described = aside(lambda: connection.execute(describe, given).fetchall(), connection.interrupt)
            known = {str(row[0]).casefold(): str(row[0]) for row in described}  # as DuckDB tells names apart
            kept = wanted or tuple(known.values())
            for name in kept:
                if name not in known.values():
                    raise InputError(f"The extract has no column {name!r}. {suggest(name, known.values())}")
            count = COUNT
            while count.casefold() in known:
                count += " alike"
            listed = ", ".join(map(_quoted, kept))
            order = ", ".join(f"{_quoted(name)} NULLS LAST" for name in sorted(kept))
            query = (
                f"SELECT {listed}, count(*) AS {_quoted(count)} FROM {rows} AS rows_read GROUP BY {listed} "
                f"ORDER BY {order} LIMIT {MOST_KINDS + 1}"
            )
            found: pd.DataFrame = aside(lambda: connection.execute(query, given).df(), connection.interrupt)
    except duckdb.Error as error:
        raise InputError(f"The extract can't be read: {_reason(duckdb, error, text, is_query=is_query)}") from None
    if len(found) > MOST_KINDS:
        raise InputError(
            f"The extract has more than {MOST_KINDS:,} different rows, so collapsing saves nothing. Name the columns you need "
            "(columns=['region', 'treated']) and leave out ids and dates, or cut them into bands in a query."
        )
    return found, count


def _read(source: object, query: object) -> tuple[str, bool]:
    """Return a path or a query, and which it is: whatever is there as a file is a file."""
    if (source is None) == (query is None):
        raise InputError("An extract is a file or a query: give source= or query=.")
    if query is not None:
        if not isinstance(query, str) or not query.strip():
            raise InputError(f"query={in_words(query)} must be a query of DuckDB's SQL, a text.")
        return query.strip().rstrip(";"), True
    if not isinstance(source, (str, PathLike)) or not str(source).strip():
        raise InputError(
            f"An extract is the path of a Parquet file or a query that begins with SELECT, not {in_words(source)}."
        )
    text = str(fspath(source))
    if isinstance(source, PathLike) or exists(text) or not QUERY.match(text):
        return text, False
    if FILE.search(text) and "\n" not in text:
        raise InputError(
            f"There is no file {in_words(text)}, and it begins like a query. A query that ends so is given as query=, a file as a "
            "path: pathlib.Path(...)."
        )
    return text.strip().rstrip(";"), True


def _literal(text: str) -> str:
    """Return what DuckDB reads as this file where there is one of the name; a pattern of several where there is none."""
    return PATTERN.sub(lambda sign: f"[{sign.group()}]", text) if exists(text) else text


def _require_one(duckdb: Any, text: str) -> None:
    """Refuse what is more than one query that reads: it stands in parentheses, and must not close them."""
    found = duckdb.extract_statements(text)
    if len(found) != 1 or found[0].type != duckdb.StatementType.SELECT:
        raise InputError("A query is one statement that reads rows: SELECT, FROM or WITH ... SELECT.")


def _switch_off(duckdb: Any, connection: Any, name: str) -> None:
    with contextlib.suppress(duckdb.CatalogException):  # older versions lack it
        connection.execute(f"SET {name} = false")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _reason(duckdb: Any, error: Exception, text: str, *, is_query: bool) -> str:
    """Say what is wrong; of DuckDB's words only those about the text of a query, since others may hold somebody's answers."""
    if not is_query:
        if isinstance(error, duckdb.IOException) and not PATTERN.search(text) and not exists(text):
            return f"there is no file {text!r}."
        if isinstance(error, duckdb.IOException) and PATTERN.search(text) and not exists(text):
            return f"no file matches {text!r}."
        return f"{text!r} is no Parquet file, or it is damaged."
    if isinstance(error, (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)):
        first = str(error).strip().splitlines()[0].partition(": ")[2]
        return f"the query is not understood. {first}".rstrip(".!") + "."
    return "the query fails on these rows. Look at it in DuckDB itself."
