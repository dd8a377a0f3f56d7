"""The cases of raw files: answers and a register of a million rows, beside DuckDB and polars doing the same."""

from __future__ import annotations

import importlib

import hiddenpop as hp
import measure
import numpy as np
import pandas as pd
from cases import Result, on

ROWS = 1_000_000
CITIES = np.array(["Rotterdam", "Den Haag", "Oss", "Ede"])


def answers() -> pd.DataFrame:
    """Make four columns of yes and no in several spellings, and one of codes."""
    rng = np.random.default_rng(0)
    words = np.array(["ja", "Ja ", "JA", "nee", "onbekend", ""])
    columns = {f"q{i}": pd.Series(words[rng.integers(0, 6, ROWS)], dtype="str") for i in range(4)}
    return pd.DataFrame({**columns, "c": rng.choice([1, 2, 9], ROWS)})


def register() -> pd.DataFrame:
    """Make a row a month: of 150,000 people over four years, in four cities."""
    rng = np.random.default_rng(0)
    people = rng.integers(0, 150_000, ROWS)
    months = np.array([f"{2020 + month // 12}-{month % 12 + 1:02}" for month in range(48)])
    written = {
        "id": [f"c{one}" for one in people],
        "month": months[rng.integers(0, 48, ROWS)],
        "city": CITIES[people % 4],
    }
    return pd.DataFrame({name: pd.Series(values, dtype="str") for name, values in written.items()})


def recoding() -> Result:
    """Compare the recoding of five columns."""
    frame, duckdb, polars = answers(), importlib.import_module("duckdb"), importlib.import_module("polars")
    held = polars.from_pandas(frame)

    def by_polars() -> object:
        def coded(column: object, yes: object, no: object, name: str) -> object:
            return polars.when(column == yes).then(1).when(column == no).then(0).otherwise(None).alias(name)

        words = [polars.col(f"q{i}").str.strip_chars().str.to_lowercase() for i in range(4)]
        return held.select(
            [*(coded(w, "ja", "nee", f"q{i}") for i, w in enumerate(words)), coded(polars.col("c"), 1, 2, "c")]
        )

    asked = [f"CASE lower(trim(q{i})) WHEN 'ja' THEN 1 WHEN 'nee' THEN 0 END AS q{i}" for i in range(4)]
    query = f"SELECT {', '.join(asked)}, CASE c WHEN 1 THEN 1 WHEN 2 THEN 0 END AS c FROM frame"
    connection = duckdb.connect(config={"threads": 1})
    connection.register("frame", frame)
    lists = {"yes": ["ja", 1], "no": ["nee", 2], "missing": ["onbekend", "", 9]}
    found = measure.race(
        {
            "ours": on(1, lambda: hp.recode(frame, **lists)),
            "DuckDB": lambda: connection.execute(query).df(),
            "polars": by_polars,
        },
        3,
    )
    result, case = Result(), "w1 recoding five columns of a million rows"
    for peer in ("DuckDB", "polars"):
        result.limit(case, 1, found["ours"].best, peer, found[peer].best, 2.0)
    return result


def benchmark() -> Result:
    """Compare the counting of people by city in a year."""
    frame, duckdb = register(), importlib.import_module("duckdb")
    connection = duckdb.connect(config={"threads": 1})
    connection.register("frame", frame)
    query = (
        "SELECT city, count(DISTINCT id), count(*) FROM frame WHERE month BETWEEN '2022-01' AND '2022-12' GROUP BY city"
    )
    found = measure.race(
        {
            "ours": on(1, lambda: hp.benchmark(frame, id="id", date="month", period="2022", by="city")),
            "DuckDB": lambda: connection.execute(query).fetchall(),
        },
        5,
    )
    result = Result()
    result.limit("w2 a benchmark of a million rows", 1, found["ours"].best, "DuckDB", found["DuckDB"].best, 2.0)
    return result


ALL = (recoding, benchmark)
