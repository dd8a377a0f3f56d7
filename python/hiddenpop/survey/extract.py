"""Register extracts too large for memory: collapsed to kinds of rows on the way in, by DuckDB."""

from __future__ import annotations

from os import PathLike, fspath
from typing import Any

import pandas as pd

from ..errors import InputError, in_words, suggest
from ..ground.files import exists
from ..sample.design import names

#: The column that counts identical rows, unless the extract has one of this name.
COUNT = "number of rows"
#: More kinds than this are hardly kinds: some column tells rows apart.
MOST_KINDS = 1_000_000
#: How a query begins; a path is no query.
QUERIES = ("select", "with", "from")


def kinds(source: str | PathLike[str], columns: object) -> tuple[pd.DataFrame, str]:
    """Return the distinct rows of a Parquet file, several of them or a query, and the column that counts each.

    Only the distinct rows come into memory; DuckDB reads the rest in passing. They are sorted, by the columns in the order of
    their names: its threads hand them out in another order at each reading, and a survey's draws go by the order of rows.
    """
    try:
        import duckdb  # noqa: PLC0415 (an optional dependency)
    except ImportError as error:
        raise InputError("Reading extracts needs DuckDB: pip install 'hiddenpop[large]'.") from error
    if not isinstance(source, (str, PathLike)) or not str(source).strip():
        raise InputError(
            f"An extract is the path of a Parquet file or a query that begins with SELECT, not {in_words(source)}."
        )
    wanted = names(columns.tolist() if isinstance(columns, pd.Index) else columns)
    if columns is not None and not wanted:
        raise InputError("columns=[] names no column; leave it out to keep all.")
    text = str(fspath(source)).strip().rstrip(";")
    is_query = isinstance(source, str) and text.split(maxsplit=1)[0].lower() in QUERIES
    rows = f"({text})" if is_query else "read_parquet($path)"
    given: dict[str, Any] = {} if is_query else {"path": text}
    try:
        with duckdb.connect() as connection:
            described = connection.execute(f"DESCRIBE SELECT * FROM {rows} AS rows_read", given).fetchall()
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
            found: pd.DataFrame = connection.execute(
                f"SELECT {listed}, count(*) AS {_quoted(count)} FROM {rows} AS rows_read GROUP BY {listed} "
                f"ORDER BY {order} LIMIT {MOST_KINDS + 1}",
                given,
            ).df()
    except duckdb.Error as error:
        raise InputError(f"The extract can't be read: {_reason(duckdb, error, text, is_query=is_query)}") from None
    if len(found) > MOST_KINDS:
        raise InputError(
            f"The extract has more than {MOST_KINDS:,} different rows, so collapsing saves nothing. Name the columns you need "
            "(columns=['region', 'treated']) and leave out ids and dates, or cut them into bands in a query."
        )
    return found, count


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _reason(duckdb: Any, error: Exception, text: str, *, is_query: bool) -> str:
    """Say what is wrong; of DuckDB's words only those about the text of a query, since others may hold somebody's answers."""
    if not is_query:
        if isinstance(error, duckdb.IOException) and not any(sign in text for sign in "*?[") and not exists(text):
            return f"there is no file {text!r}."
        if isinstance(error, duckdb.IOException) and any(sign in text for sign in "*?["):
            return f"no file matches {text!r}."
        return f"{text!r} is no Parquet file, or it is damaged."
    if isinstance(error, (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)):
        first = str(error).strip().splitlines()[0].partition(": ")[2]
        return f"the query is not understood. {first}".rstrip(".!") + "."
    return "the query fails on these rows. Look at it in DuckDB itself."
