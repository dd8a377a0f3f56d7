"""Surveys: how they are read, how they redraw, what they refuse."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError


def test_counts_are_frequencies(table: pd.DataFrame) -> None:
    expanded = table.loc[table.index.repeat(table["count"])].drop(columns="count")
    by_table = hp.Survey(table, counts="count", strata="group")
    by_row = hp.Survey(expanded, strata="group")
    pd.testing.assert_series_equal(
        by_table.proportion("in_treatment", by=["group", "born"]).point,
        by_row.proportion("in_treatment", by=["group", "born"]).point,
    )
    assert by_table.n == by_row.n == 520


def test_variance_is_the_unbiased_one_times_its_factor(interviews: pd.DataFrame) -> None:
    # Closed form: the bootstrap variance of a stratum's mean is the plug-in variance / n_h.
    survey = hp.Survey(interviews.dropna(subset=["age"]), strata="group", replicates=40_000)
    mean = survey.mean("age", by="group")
    groups = interviews.groupby("group", sort=False)["age"]
    expected = np.sqrt(groups.var(ddof=0) / groups.count())
    # The s.e. of a standard deviation from R draws is 1 / sqrt(2 R) of it: 0.35%; four of those.
    np.testing.assert_allclose(mean.se(), expected.to_numpy(), rtol=0.015)


@pytest.mark.parametrize("size", [300, 12_000])
def test_rows_in_one_block_and_in_many_have_the_same_law(size: int) -> None:
    values = np.random.default_rng(1).gamma(2.0, size=size)
    mean = hp.Survey({"x": values}, replicates=4_000).mean("x")
    # Closed form as above; 1 / sqrt(2 * 4000) = 1.1%, four of those.
    assert mean.se() == pytest.approx(values.std() / np.sqrt(size), rel=0.045)
    assert mean.draws.mean() == pytest.approx(values.mean(), abs=4 * values.std() / np.sqrt(size * 4_000))


def test_kinds_are_drawn_when_they_are_few(interviews: pd.DataFrame) -> None:
    few = hp.Survey(interviews[["group", "in_treatment"]], strata="group")
    many = hp.Survey(interviews, strata="group")
    assert few.design.kinds == 4
    assert many.design.kinds is None
    a, b = (s.proportion("in_treatment", by="group").replay(replicates=40_000) for s in (few, many))
    # Different streams, one law: s.e. within Monte Carlo error (0.35% each).
    np.testing.assert_allclose(a.se(), b.se(), rtol=0.02)


def test_the_design_says_what_is_redrawn(survey: hp.Survey) -> None:
    text = str(survey.design)
    for part in (
        "520 participants in 2 strata by group",
        "opioids: 393",
        "(n_h - 1)/n_h",
        "frequencies, not",
        "8 kinds",
    ):
        assert part in text
    assert "treated as a simple random sample" in str(hp.Survey({"x": [1, 2]}).design)


@pytest.mark.parametrize("library", ["polars", "pyarrow", "mapping", "arrow stream"])
def test_any_table_gives_the_same_survey(interviews: pd.DataFrame, library: str) -> None:
    plain = interviews.astype(dict.fromkeys(("age", "injected", "depression", "consumption_room"), float))
    if library == "polars":
        other = pytest.importorskip("polars").from_pandas(plain)
    elif library == "pyarrow":
        other = pytest.importorskip("pyarrow").Table.from_pandas(plain)
    elif library == "mapping":
        other = {name: plain[name].tolist() for name in plain}
    else:

        class Stream:
            def __arrow_c_stream__(self, requested_schema: object = None) -> object:
                return pytest.importorskip("pyarrow").Table.from_pandas(plain).__arrow_c_stream__(requested_schema)

        other = Stream()
    ours, theirs = hp.Survey(interviews, strata="group"), hp.Survey(other, strata="group")
    assert ours.record.fingerprint == theirs.record.fingerprint
    a, b = (s.proportion("housing", by="group") for s in (ours, theirs))
    assert a.point.to_dict() == b.point.to_dict()
    np.testing.assert_array_equal(a.draws, b.draws)


def test_a_survey_is_a_value() -> None:
    table = pd.DataFrame({"x": [1, 0, 1, 1]})
    survey = hp.Survey(table)
    table.loc[0, "x"] = 0
    assert survey.proportion("x").point == 0.75


def test_assign_keeps_people_and_redraws(interviews: pd.DataFrame) -> None:
    survey = hp.Survey(interviews, strata="group")
    more = survey.assign(again=interviews["in_treatment"], constant=1.0)
    assert more.record.fingerprint == survey.record.fingerprint
    difference = more.proportion("again", by="group") - survey.proportion("in_treatment", by="group")
    assert (difference.draws == 0).all()
    assert "again" not in survey.columns


def test_assign_within_kinds(table: pd.DataFrame) -> None:
    rows = table.loc[table.index.repeat(table["count"]), ["group", "born", "in_treatment"]].reset_index(drop=True)
    survey = hp.Survey(rows, strata="group")
    assert survey.design.kinds == 8
    assigned = survey.assign(abroad=lambda t: t["born"] == "elsewhere")
    assert assigned.proportion("abroad").point == pytest.approx(267 / 520)
    with pytest.raises(InputError, match="differs between people whose other answers are identical"):
        survey.assign(row=np.arange(520))
    with pytest.raises(InputError, match="differs between people"):
        survey.proportion("in_treatment", where=np.arange(520) < 100)


BAD_SURVEYS = {
    "no rows": ({"x": []}, {}, "no rows"),
    "no table": (42, {}, "not from int"),
    "one participant": ({"x": [1]}, {}, "one participant"),
    "unknown strata": ({"group": [1, 1]}, {"strata": "gruop"}, "no column 'gruop'. Did you mean 'group'"),
    "missing strata": ({"g": ["a", "a", None]}, {"strata": "g"}, r"missing in 1 row \(row number 2"),
    "lonely stratum": ({"g": ["a", "a", "b"]}, {"strata": "g"}, "1 of 2 strata by g .* 'b'"),
    "negative count": ({"x": [1, 0], "n": [3, -1]}, {"counts": "n"}, r"negative in 1 row \(row number 1"),
    "fractional count": ({"x": [1, 0], "n": [3, 1.5]}, {"counts": "n"}, "fractional in 1 row"),
    "missing count": ({"x": [1, 0], "n": [3, None]}, {"counts": "n"}, "missing in 1 row"),
    "infinite count": ({"x": [1, 0], "n": [3, np.inf]}, {"counts": "n"}, "infinite in 1 row"),
    "text count": ({"x": [1, 0], "n": ["3", "many"]}, {"counts": "n"}, "should hold a count of participants"),
    "no participants": ({"x": [1, 0], "n": [0, 0]}, {"counts": "n"}, "zero in every row"),
    "one replicate": ({"x": [1, 0]}, {"replicates": 1}, "2 at least"),
    "too many replicates": ({"x": [1, 0]}, {"replicates": 10**12}, "8,000.0 GB"),
    "half a replicate": ({"x": [1, 0]}, {"replicates": 2.5}, "whole number"),
    "negative seed": ({"x": [1, 0]}, {"seed": -1}, "outside 0 to"),
    "columns twice": (pd.DataFrame([[1, 2]], columns=["a", "a"]), {}, "more than one column named 'a'"),
    "several levels": (pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])), {}, "levels"),
    "strata not named": ({"x": [1, 0]}, {"strata": 3}, "named by a text"),
    "strata twice": ({"x": [1, 0]}, {"strata": ["x", "x"]}, "named twice"),
}


@pytest.mark.parametrize("case", BAD_SURVEYS)
def test_bad_surveys(case: str) -> None:
    table, options, message = BAD_SURVEYS[case]
    with pytest.raises(InputError, match=message):
        hp.Survey(table, **options)


def test_one_kind_of_row_is_fine() -> None:
    assert hp.Survey({"x": [1], "n": [2]}, counts="n").proportion("x").point == 1


def test_rows_are_named_by_their_place_in_the_table_when_kinds_are_joined() -> None:
    survey = hp.Survey({"x": [1, 1, "text", 1] * 30})
    assert survey.design.kinds == 2
    with pytest.raises(InputError, match=r"30 rows \(row number 2, 6, 10, 14, 18, ..., counted from 0\)"):
        survey.mean("x")
