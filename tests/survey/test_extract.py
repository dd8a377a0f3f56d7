"""Extracts that need not fit into memory."""

import re
from pathlib import Path
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError

duckdb = pytest.importorskip("duckdb")


def test_a_file_and_a_query_equal_the_table(interviews: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "interviews.parquet"
    interviews.to_parquet(path)
    wanted = ["group", "in_treatment", "uses_crack"]
    survey = hp.Survey.from_parquet(path, columns=wanted, strata="group")
    table = hp.Survey(interviews[wanted], strata="group")
    assert survey.n == 520
    pd.testing.assert_series_equal(
        survey.proportion("in_treatment", by="group").point.sort_index(),
        table.proportion("in_treatment", by="group").point.sort_index(),
        check_index_type=False,
    )
    query = hp.Survey.from_parquet(f"SELECT \"group\", in_treatment FROM '{path}' WHERE uses_crack = 1", strata="group")
    assert query.n == interviews["uses_crack"].sum()


def test_five_million_rows_take_little_memory() -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    query = "SELECT i % 5 AS region, i % 3 = 0 AS treated, i % 7 AS age_band FROM range(5_000_000) AS rows(i)"
    survey = hp.Survey.from_parquet(query, strata="region")
    share = survey.proportion("treated", by="region")
    # As many of n, by arithmetic; the s.e. is the binomial's.
    np.testing.assert_allclose(share.point, 1 / 3, atol=1e-6)
    np.testing.assert_allclose(share.se(), np.sqrt(2 / 9 / 1_000_000), rtol=0.03)
    # The rows alone would be 85 MB as pandas holds them, and a multiple while grouping.
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < 150e6


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can't be read"):
        hp.Survey.from_parquet(tmp_path / "nowhere.parquet")
    with pytest.raises(InputError, match="can't be read"):
        hp.Survey.from_parquet("SELECT nothing FROM nowhere")
    with pytest.raises(InputError, match="more than 1,000,000 different rows"):
        hp.Survey.from_parquet("SELECT i AS id FROM range(1_500_000) AS rows(i)")


def test_two_readings_are_one_sample_whatever_the_order_of_rows(tmp_path: Path) -> None:
    """DuckDB's threads hand rows out as they come; a survey's draws go by the order of its rows."""
    path = tmp_path / "extract.parquet"
    duckdb.sql(
        f"COPY (SELECT hash(i) % 3000 AS area, hash(i + 7) % 2 AS treated, CASE WHEN i % 5 > 0 THEN i % 5 END AS age "
        f"FROM range(300000) AS t(i)) TO '{path}' (ROW_GROUP_SIZE 6144)"
    )
    other = tmp_path / "shuffled.parquet"
    duckdb.sql(f"COPY (SELECT * FROM '{path}' ORDER BY hash(area + treated), age) TO '{other}' (ROW_GROUP_SIZE 6144)")
    first = hp.Survey.from_parquet(path, replicates=50)
    again = hp.Survey.from_parquet(other, columns=["treated", "age", "area"], replicates=50)
    assert first.record.fingerprint == again.record.fingerprint
    np.testing.assert_array_equal(first.proportion("treated").draws, again.proportion("treated").draws)
    with pytest.warns(hp.HiddenpopWarning, match="taken to be the same people"):
        difference = first.proportion("treated") - again.proportion("treated")
    assert difference.se() == 0


def test_a_column_of_the_extract_is_not_taken_for_the_counts(tmp_path: Path) -> None:
    path = tmp_path / "extract.parquet"
    pd.DataFrame({"Number of Rows": [1, 1, 1, 5], "x": [1, 0, 0, 1]}).to_parquet(path)
    survey = hp.Survey.from_parquet(path, replicates=50)
    assert survey.n == 4
    assert survey.proportion("x").point == 0.5
    assert survey.mean("Number of Rows").point == 2


def test_a_path_is_no_query_and_a_query_may_end_as_such_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pd.DataFrame({"x": [1, 0, 0, 1]}).to_parquet("from_2023.parquet")
    assert hp.Survey.from_parquet("from_2023.parquet", replicates=50).n == 4
    assert hp.Survey.from_parquet("SELECT x FROM 'from_2023.parquet';", replicates=50).n == 4


@pytest.mark.parametrize(
    ("source", "columns", "words"),
    [
        (5, None, "not 5"),
        ("", None, "not ''"),
        ("nowhere.parquet", None, "there is no file 'nowhere.parquet'"),
        ("nowhere*.parquet", None, "no file matches"),
        ("text.parquet", None, "is no Parquet file"),
        ("SELECT CAST(name AS INT) FROM 'names.parquet'", None, "fails on these rows"),
        ("names.parquet", [], "names no column"),
        ("names.parquet", ["nam"], "Did you mean 'name'"),
    ],
)
def test_what_is_wrong_with_an_extract_is_said_in_our_words(
    source: Any, columns: Any, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.parquet").write_text("hello " * 100, encoding="utf-8")
    pd.DataFrame({"name": ["Jansen"]}).to_parquet("names.parquet")
    with pytest.raises(InputError, match=re.escape(words)) as error:
        hp.Survey.from_parquet(source, columns=columns)
    assert "Error" not in str(error.value)
    assert "Jansen" not in str(error.value)


ODD = (
    "from 2023.parquet",
    "with it.parquet",
    "select * from x.parquet",
    "SELECT 1; COPY (SELECT 1) TO 'written.csv'",
    "d'quoted'; \"; --.parquet",
    "data[1].parquet",
    "a*b.parquet",
    "**.parquet",
    "what?.parquet",
    " spaced .parquet",
    "{a,b}.parquet",
    "ends with;.parquet;",
    "$path.parquet",
)


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("kind", [str, Path])
def test_what_is_there_as_a_file_is_a_file(
    name: str, kind: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for number, one in enumerate(ODD):
        pd.DataFrame({"x": [1, 0, 0, 1] * (number + 1)}).to_parquet(one)
    before = sorted(tmp_path.iterdir())
    assert hp.Survey.from_parquet(kind(name), replicates=20).n == 4 * (ODD.index(name) + 1)
    assert sorted(tmp_path.iterdir()) == before


def test_a_path_that_is_no_file_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pd.DataFrame({"x": [1, 0]}).to_parquet("x.parquet")
    with pytest.raises(InputError, match="begins like a query"):
        hp.Survey.from_parquet("from somewhere.parquet")
    with pytest.raises(InputError, match="no file"):
        hp.Survey.from_parquet(Path("SELECT * FROM 'x.parquet'"))
    with pytest.raises(InputError, match="source= or query="):
        hp.Survey.from_parquet()
    with pytest.raises(InputError, match="source= or query="):
        hp.Survey.from_parquet("x.parquet", query="SELECT 1")
    assert hp.Survey.from_parquet(query="SELECT * FROM 'x.parquet' -- all", replicates=20).n == 2
    assert hp.Survey.from_parquet(query="FROM'x.parquet';", replicates=20).n == 2


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1; COPY (SELECT 1) TO 'written.csv'",
        "SELECT 1 AS x) AS a; COPY (SELECT 1) TO 'written.csv'; SELECT * FROM (SELECT 1 AS x",
        "WITH a AS (SELECT 1 AS x) INSERT INTO b SELECT * FROM a",
        "COPY (SELECT 1) TO 'written.csv'",
        "ATTACH 'written.db'",
        "SELECT * FROM wanted",  # a variable of the reader's, which is no table
    ],
)
def test_a_query_reads_and_does_nothing_else(query: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for given in ({"query": query}, {"source": query}):
        with pytest.raises(InputError):
            hp.Survey.from_parquet(**given)
    assert list(tmp_path.iterdir()) == []


def test_columns_may_be_called_anything(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    names = ['a"b', "select", "a; DROP TABLE x", "größe", "$path", "x y", "'", "--", 'number of "rows"', "*"]
    pd.DataFrame({name: [1, 0, 0, i % 2] for i, name in enumerate(names)}).to_parquet(path)
    survey = hp.Survey.from_parquet(path, strata="select", replicates=20)
    assert sorted(survey.columns) == sorted([*names])
    assert hp.Survey.from_parquet(path, columns=names[:3], replicates=20).proportion('a"b').point == 0.25
