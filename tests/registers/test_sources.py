"""Registers that stay in DuckDB are counted as those in memory, which test_benchmark.py counts by hand and with pandas."""

import warnings
from pathlib import Path
from typing import Any

import duckdb
import hiddenpop as hp
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hiddenpop import InputError

ASKED: tuple[dict[str, Any], ...] = (
    {"date": "month"}, {"date": "day"}, {"date": "moment"}, {"start": "day", "end": "until"},
)  # fmt: skip


@pytest.fixture(scope="module")
def register() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    days = pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(0, 1000, 2000), unit="D")
    table = pd.DataFrame(
        {
            "id": rng.choice([*(f"c{i:03}" for i in range(200)), None, "", " "], 2000),
            "city": rng.choice(["a", "b's", "c", None, ""], 2000),
            "sex": rng.choice([1, 2], 2000),
            "moment": days + pd.Timedelta("13h"),
            "day": days.date,
            "month": pd.Series(days.strftime("%Y-%m")).where(rng.random(2000) > 0.05, None),
            "until": (days + pd.to_timedelta(rng.integers(0, 200, 2000), unit="D")).date,
        }
    )
    table.loc[rng.random(2000) < 0.1, "until"] = None
    return table


@pytest.mark.parametrize("several", ["each", "first", "last"])
@pytest.mark.parametrize("when", ASKED, ids=lambda when: "-".join(when.values()))
def test_duckdb_counts_as_memory_does(
    register: pd.DataFrame, tmp_path: Path, when: dict[str, Any], several: str
) -> None:
    register.to_parquet(tmp_path / "r.parquet")
    register.to_csv(tmp_path / "r.csv", index=False)
    connection = duckdb.connect()
    connection.register("visits", register)
    for by in (None, ["city", "sex"]):
        asked = {"id": "id", "period": ("2022-07", "2023-06"), "by": by, "several": several, **when}
        expected = hp.benchmark(register, **asked)
        sources = [
            tmp_path / "r.parquet", str(tmp_path / "r.csv"), connection.table("visits"), connection.sql("FROM visits"),
            pl.from_pandas(register),
        ]  # fmt: skip
        for source in sources:
            found = hp.benchmark(source, **asked)
            pd.testing.assert_frame_equal(
                found.bounds().sort_index(), expected.bounds().sort_index(), check_names=False, check_index_type=False
            )
            assert found.notes == expected.notes
            assert found.stay == expected.stay
            assert found.duplicates == expected.duplicates


def test_ids_keep_their_noughts(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("id;month;ward\n007;2023-01;1\n7;2023-01;2\n;2023-02;1\n", encoding="utf-8")
    found = hp.benchmark(path, id="id", date="month", period="2023", by="ward")
    assert found.point.to_dict() == {1: 1, 2: 1}
    assert found.bounds().loc[1, "most"] == 2


def test_what_is_refused(register: pd.DataFrame, tmp_path: Path) -> None:
    asked = {"id": "id", "date": "day", "period": "2023"}
    (tmp_path / "bad.parquet").write_text("no parquet", encoding="utf-8")
    with pytest.raises(InputError, match="There is no file"):
        hp.benchmark(tmp_path / "none.csv", **asked)
    with pytest.raises(InputError, match="is no register by its name"):
        hp.benchmark("register.docx", **asked)
    with pytest.raises(InputError, match=r"DuckDB can't read .*damaged"):
        hp.benchmark(tmp_path / "bad.parquet", **asked)
    with pytest.raises(InputError, match=r"connection\.table\('visits'\)"):
        hp.benchmark(duckdb.connect(), **asked)
    relation = duckdb.from_df(register)
    with pytest.raises(InputError, match=r"no column 'idd'. Did you mean 'id'"):
        hp.benchmark(relation, **{**asked, "id": "idd"})
    with pytest.raises(InputError, match="Column 'city' holds dates, and 3 of its 3 different values can't be read so"):
        hp.benchmark(relation, **{**asked, "date": "city"})
    with pytest.raises(InputError, match="Nobody with an id is in the register"):
        hp.benchmark(relation, **{**asked, "period": "2010"})
    turned = duckdb.sql("SELECT 'a' AS id, DATE '2023-02-01' AS s, DATE '2023-01-01' AS e")
    with pytest.raises(InputError, match=r"end \('e'\) before they begin \('s'\) in 1 row\."):
        hp.benchmark(turned, id="id", start="s", end="e", period="2023")


def test_a_register_is_not_held(tmp_path: Path) -> None:
    """Of ten million rows those of a person and group come into memory: here a hundred."""
    relation = duckdb.sql(
        "SELECT i % 100 AS id, DATE '2023-01-01' + (i % 365)::INT AS day FROM range(10_000_000) AS r(i)"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = hp.benchmark(relation, id="id", date="day", period="2023")
    assert found.point == 100
    assert found.bounds()["rows"].item() == 10_000_000
