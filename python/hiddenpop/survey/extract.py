"""Register extracts too large for memory: collapsed to kinds of rows on the way in, by DuckDB."""

from __future__ import annotations

from os import PathLike, fspath

import pandas as pd

from ..errors import InputError

#: The column that counts identical rows.
COUNT = "number of rows"
#: More kinds than this are hardly kinds: some column tells rows apart.
MOST_KINDS = 1_000_000


def kinds(source: str | PathLike[str], columns: list[str] | None) -> pd.DataFrame:
    """Return the distinct rows of a Parquet file, several of them or a query, and how often each occurs.

    Only the distinct rows come into memory; DuckDB reads the rest in passing.
    """
    try:
        import duckdb  # noqa: PLC0415 (an optional dependency)
    except ImportError as error:
        raise InputError("Reading extracts needs DuckDB: pip install 'hiddenpop[large]'.") from error
    text = fspath(source)
    is_query = text.lstrip().lower().startswith(("select", "with", "from"))
    rows = f"({text})" if is_query else "read_parquet($path)"
    names = "*" if columns is None else ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
    count = f'count(*) AS "{COUNT}"'
    query = f"SELECT * FROM (SELECT {names}, {count} FROM {rows} AS rows_read GROUP BY ALL) LIMIT {MOST_KINDS + 1}"
    try:
        with duckdb.connect() as connection:
            found: pd.DataFrame = connection.execute(query, {} if is_query else {"path": text}).df()
    except duckdb.Error as error:
        first = str(error).strip().splitlines()[0]
        raise InputError(f"The extract can't be read: {first}") from error
    if len(found) > MOST_KINDS:
        raise InputError(
            f"The extract has more than {MOST_KINDS:,} different rows, so collapsing saves nothing. Name the columns you need "
            "(columns=['region', 'treated']) and leave out ids and dates, or cut them into bands in a query."
        )
    return found
