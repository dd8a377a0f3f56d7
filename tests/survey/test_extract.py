"""Extracts that need not fit into memory."""

from pathlib import Path

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
