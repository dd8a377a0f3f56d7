"""A Table 1: published margins, R's numbers by group, weighted moments by hand, and what is wrong with a question."""

import datetime
import tracemalloc
import warnings

import hiddenpop as hp
import numpy as np
import pandas as pd
import pyarrow
import pytest
from hiddenpop import InputError
from scipy import stats

from ..schools import TESTS, schools


def number(table: hp.Table, variable: str, statistic: str, group: str = "all", level: str = "") -> float:
    """Pick one number."""
    f = table.to_pandas(numbers=True)
    rows = (f["variable"] == variable) & (f["statistic"] == statistic) & (f["group"] == group) & (f["level"] == level)
    assert rows.sum() == 1
    return float(f.loc[rows, "estimate"].iloc[0])


@pytest.fixture
def table(interviews: pd.DataFrame) -> hp.Table:
    """Return the study's Table 1."""
    survey = hp.Survey(interviews, strata="group", replicates=1_000)
    columns = ["age", "sex", "born", "housing", "work", "injected", "depression", "consumption_room", "in_treatment"]
    return hp.describe(survey, columns, by="group", test=True, total=True)


def test_the_study_s_table(table: hp.Table) -> None:
    # Strada et al. (2025), table 1 and text: mean ages, per cent by group and of all.
    both = ("opioids", "crack only", "all")
    for group, age in zip(both, (50.7, 47.8, 50.0), strict=True):
        assert number(table, "age", "mean", group) == pytest.approx(age, abs=0.06)
    for group, share in zip(both, (35.6, 52.8, 39.8), strict=True):
        assert 100 * number(table, "born", "share", group, "outside EU") == pytest.approx(share, abs=0.06)
    for group, share in zip(both[:2], (61.1, 30.7), strict=True):
        assert 100 * number(table, "in_treatment", "share", group, "yes") == pytest.approx(share, abs=0.06)
        assert 100 * number(table, "consumption_room", "share", group, "yes") == pytest.approx(
            {61.1: 45.9, 30.7: 30.7}[share], abs=0.06
        )
    assert 100 * number(table, "sex", "share", "all", "man") == pytest.approx(85.1, abs=0.06)
    assert (number(table, "age", "min"), number(table, "age", "max")) == (19, 79)
    assert table.columns == ("opioids (n = 393)", "crack only (n = 127)", "all (n = 520)", "p")


def test_its_numbers_are_the_survey_s(table: hp.Table, interviews: pd.DataFrame) -> None:
    survey = hp.Survey(interviews, strata="group", replicates=1_000)
    frame = table.to_pandas(numbers=True).set_index(["variable", "statistic", "group", "level"])
    mean = survey.mean("age", by="group").summary()
    for group in mean.index:
        row = frame.loc[("age", "mean", group, "")]
        assert row[["estimate", "lower", "upper"]].tolist() == pytest.approx(
            mean.loc[group, ["estimate", "lower", "upper"]].tolist()
        )
        assert row["n"] == mean.loc[group, "n"]
    share = survey.proportion("housing").summary()
    for level in share.index:
        row = frame.loc[("housing", "share", "all", level)]
        assert row[["lower", "upper"]].tolist() == pytest.approx(share.loc[level, ["lower", "upper"]].tolist())
    # p-values are those of the tests by name.
    assert frame.loc[("age", "mean", "all", ""), "p"] == hp.compare(survey, "age", by="group").test().p
    assert frame.loc[("work", "share", "all", "other"), "p"] == hp.crosstab(survey, "work", "group").test().p
    assert any("design-based t test" in note and "Rao-Scott F" in note for note in table.notes)
    # Only people who use opioids were asked whether they inject, so there is nothing to compare.
    assert np.isnan(frame.loc[("injected", "share", "all", "yes"), "p"])
    assert any(note.startswith("No p for injected") for note in table.notes)


def test_order_missing_answers_and_text(table: hp.Table, interviews: pd.DataFrame) -> None:
    shown = table.to_pandas()
    order = list(dict.fromkeys(interviews["housing"].dropna()))
    assert shown.loc["housing"].index.tolist() == ["", *order]
    gaps = interviews["work"].isna().groupby(interviews["group"]).sum()
    assert shown.loc[("work", "missing")].tolist() == [
        str(gaps["opioids"]),
        str(gaps["crack only"]),
        str(gaps.sum()),
        "",
    ]
    assert shown.loc[("born", "outside EU"), "opioids (n = 393)"].startswith("140 (35.6%; ")
    assert "SYNTHETIC" in table.notes[-1]
    assert repr(table).splitlines()[1].startswith("age")


def test_a_design_weighs_and_gives_t_intervals() -> None:
    survey = schools("clus1")
    assert survey.record.df == 14
    table = hp.describe(survey, ["api00", "stype"], by="awards", total=True, test=True, method="t")
    by = TESTS["clus1"]["by"]
    numbers = table.to_pandas(numbers=True)

    def cell(statistic: str, group: str, level: str, column: str) -> float:
        keys = numbers[["statistic", "group", "level"]] == [statistic, group, level]
        (value,) = numbers.loc[keys.all(axis=1), column]
        return float(value)

    for group in ("No", "Yes"):
        row = {name: cell("mean", group, "", name) for name in ("estimate", "upper")}
        assert row["estimate"] == pytest.approx(by["est"][group], rel=1e-9)
        # Schools with an award are in 14 of the 15 districts, others in 13: R's degf(subset(design)) is one less.
        half = stats.t.ppf(0.975, {"No": 12, "Yes": 13}[group]) * by["se"][["No", "Yes"].index(group)]
        assert row["upper"] - row["estimate"] == pytest.approx(half, rel=1e-6)
    data = survey.sample.units
    mean = np.average(data["api00"], weights=data["pw"])
    n = len(data)
    sd = np.sqrt(np.average((data["api00"] - mean) ** 2, weights=data["pw"]) * n / (n - 1))
    assert cell("sd", "all", "", "estimate") == pytest.approx(sd, rel=1e-12)
    assert cell("median", "all", "", "estimate") == pytest.approx(survey.median("api00").point)
    assert cell("q1", "Yes", "", "estimate") == pytest.approx(survey.quantile("api00", 0.25, by="awards").point["Yes"])
    assert cell("mean", "all", "", "p") == pytest.approx(TESTS["clus1"]["ttest"]["p"], rel=1e-6)
    assert cell("share", "all", "E", "p") == pytest.approx(TESTS["clus1"]["chisq_stype_awards"]["p"], rel=1e-6)
    assert any(note.startswith("Weighted means") for note in table.notes)


@pytest.fixture
def mixed() -> pd.DataFrame:
    """Return a table with all kinds of columns."""
    return pd.DataFrame(
        {
            "g": ["a", "b"] * 6,
            "when": pd.to_datetime(["2023-07-01", "2023-07-02", None, "2023-08-01"] * 3),
            "score": [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3],
            "size": pd.Categorical(["big", "small"] * 6, categories=["small", "middle", "big"]),
            "smokes": ["yes", "no", "no", None] * 3,
            "weight": [70.5, 80.25, 90.125, np.nan] * 3,
            "c_a": [1, 0, 1, np.nan] * 3,
            "c_b": [1, 1, 0, np.nan] * 3,
        }
    )


def test_kinds_labels_dates_and_several_answers(mixed: pd.DataFrame) -> None:
    survey = hp.Survey(mixed, replicates=200)
    table = hp.describe(
        survey, by="g", total=True, multiple={"Complaints": "c_"}, labels={"weight": "Weight, kg", "c_a": "teeth"}
    )
    shown = table.to_pandas()
    assert shown.index.get_level_values(0).unique().tolist() == [
        "when", "score", "size", "smokes", "Weight, kg", "Complaints",
    ]  # fmt: skip
    assert shown.loc["size"].index.tolist() == ["", "small", "big"]  # categories that occur, in their order
    assert shown.loc[("when", "range"), "all (n = 12)"] == "2023-07-01 to 2023-08-01"
    assert shown.loc[("when", "median (quartiles)"), "all (n = 12)"].startswith("2023-07-02 (2023-07-01 to")
    assert shown.loc["score"].index.tolist() == ["", "1", "2", "3"]
    assert shown.loc[("smokes", ""), "all (n = 12)"].startswith("3 (33.3%")
    assert shown.loc[("Complaints", "teeth"), "all (n = 12)"].startswith("6 (66.7%")
    assert shown.loc[("Complaints", "b"), "all (n = 12)"].startswith("6 (66.7%")
    numbers = hp.describe(survey, ["score"], kinds={"score": "continuous"}, statistics=["mean", "range"])
    assert numbers.to_pandas().loc["score"].index.tolist() == ["", "mean", "range"]
    assert number(numbers, "score", "mean") == 2
    said = hp.describe(survey, ["c_a"], kinds={"c_a": "categorical"}).to_pandas()
    assert said.loc["c_a"].index.tolist()[:3] == ["", "0", "1"]


def test_counts_of_identical_rows_count() -> None:
    table = {"x": ["p", "q", None], "y": [1.5, 2.5, 3.5], "count": [30, 60, 10]}
    shown = hp.describe(hp.Survey(table, counts="count", replicates=100), interval=False).to_pandas()
    assert shown.loc[("x", "p")].tolist() == ["30 (33.3%)"]
    assert shown.loc[("x", "missing")].tolist() == ["10"]
    assert shown.loc[("y", "mean")].tolist() == ["2.300"]


def test_people_without_a_group_are_told(mixed: pd.DataFrame) -> None:
    frame = mixed.assign(g=["a", "b", None] * 4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with_total = hp.describe(hp.Survey(frame, replicates=100), ["size"], by="g", total=True)
        without = hp.describe(hp.Survey(frame, replicates=100), ["size"], by="g")
    assert with_total.columns == ("a (n = 4)", "b (n = 4)", "all (n = 12)")
    assert any(
        "4 participants have no value of g and are counted in the last column only" in n for n in with_total.notes
    )
    assert any("are left out" in n for n in without.notes)


def test_levels_in_one_group_only_and_silent_groups(mixed: pd.DataFrame) -> None:
    frame = mixed.assign(only=np.where(mixed["g"] == "a", "x", "y"), half=mixed["weight"].where(mixed["g"] == "a"))
    table = hp.describe(hp.Survey(frame, replicates=100), ["only", "half"], by="g", total=True, test=True)
    shown = table.to_pandas()
    assert shown.loc[("only", "x")].tolist()[:2] == ["6 (100.0%; 61.0 to 100.0)", "0 (0.0%; 0.0 to 39.0)"]
    assert shown.loc[("half", "mean"), "b (n = 6)"] == "–"
    assert any(note.startswith("No p for half") for note in table.notes)


def test_redraws_without_a_group_are_told() -> None:
    frame = {"g": ["a"] * 2 + ["b"] * 9, "x": [1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1]}
    table = hp.describe(hp.Survey(frame, replicates=500), ["x"], by="g")
    assert table.to_pandas().iloc[0, 0] == "1 (50.0%; 9.5 to 90.5)"  # Wilson 1927
    table = hp.describe(hp.Survey(frame, replicates=500), ["x"], by="g", method="percentile")
    assert table.to_pandas().iloc[0, 0] == "1 (50.0%)"
    assert any(note.startswith("No interval: up to") for note in table.notes)  # too many redraws without group a


def test_p_values_are_corrected_on_request(table: hp.Table, interviews: pd.DataFrame) -> None:
    survey = hp.Survey(interviews, strata="group", replicates=100)
    columns = ["age", "sex", "born"]
    plain, held = (
        hp.describe(survey, columns, by="group", test=True, interval=False, correction=c).numbers.groupby("variable")[
            "p"
        ]
        for c in ("none", "holm")
    )
    assert held.first()[columns].tolist() == pytest.approx(hp.correct(plain.first()[columns]).tolist())


def test_weights_calibrated_and_replicated_surveys(interviews: pd.DataFrame) -> None:
    plain = hp.Survey(interviews, strata="group", replicates=200)
    margin = {"outside EU": 0.5, "Netherlands": 0.4, "other EU": 0.1}
    for survey in (plain.calibrate({"born": margin}), plain.with_replicates("JKn")):
        frame = hp.describe(survey, ["age", "housing"], by="group", total=True, test=True).numbers
        row = frame[(frame["statistic"] == "mean") & (frame["group"] == "opioids")].iloc[0]
        own = survey.mean("age", by="group").summary().loc["opioids"]
        assert row[["estimate", "lower", "upper"]].tolist() == pytest.approx(
            own[["estimate", "lower", "upper"]].tolist()
        )
        assert row["p"] == hp.compare(survey, "age", by="group").test().p


def test_what_is_wrong_with_a_question(mixed: pd.DataFrame) -> None:
    survey = hp.Survey(mixed.assign(one="x", none=np.nan, who=[f"p{i}" for i in range(12)]), replicates=50)
    wrong = [
        ({"by": "one"}, "one group only"),
        ({"by": "none"}, "missing in every row"),
        ({"columns": ["none"]}, "'none' is missing in every row"),
        ({"columns": ["sise"]}, "Did you mean 'size'"),
        ({"columns": "size"}, "is a list of columns"),
        ({"columns": ["size", "size"]}, "named twice"),
        ({"columns": ["g"], "by": "g"}, "makes the groups"),
        ({"columns": ["size"], "kinds": {"sise": "date"}}, "Did you mean 'size'"),
        ({"columns": ["size"], "kinds": {"size": "number"}}, "must be one of"),
        ({"columns": ["size"], "kinds": {"size": "date"}}, "can't be read as dates"),
        ({"columns": ["size"], "kinds": {"size": "continuous"}}, "has text"),
        ({"columns": ["score"], "kinds": {"score": "binary"}}, "yes or no"),
        ({"columns": ["size"], "test": True}, "name their column with by="),
        ({"columns": ["size"], "statistics": ["mode"]}, "statistics= is a list"),
        ({"columns": ["size"], "method": "mystic"}, "is not one of"),
        ({"columns": ["size"], "level": 95}, "Did you mean 0.95"),
        ({"columns": ["size"], "correction": "sidak"}, "correction='sidak'"),
        ({"columns": []}, "no column to describe"),
        ({"columns": [], "multiple": {"Q": "zz_"}}, "No column begins with 'zz_'"),
    ]
    for options, message in wrong:
        with pytest.raises(InputError, match=message):
            hp.describe(survey, **options)
    many = hp.Survey({"who": [f"p{i}" for i in range(80)]}, replicates=50)
    with pytest.raises(InputError, match="80 different values"):
        hp.describe(many)


@pytest.mark.skipif(pd.__version__ < "3", reason="pandas 2 copies columns where pandas 3 shares them")
@pytest.mark.parametrize("design", [{}, {"weights": "weight", "clusters": "cluster"}], ids=["plain", "clusters"])
def test_a_large_table_takes_no_more_memory_than_itself(design: dict[str, str]) -> None:
    # A promise about memory, on columns that pandas keeps in few bytes as well as on floats.
    rng, rows = np.random.default_rng(1), 120_000
    frame = pd.DataFrame(
        {
            **{f"number {i}": rng.normal(50, 10, rows).round(1) for i in range(4)},
            **{f"age {i}": rng.integers(18, 80, rows).astype(np.int8) for i in range(3)},
            **{f"kind {i}": pd.Categorical.from_codes(rng.integers(-1, 4, rows), list("pqrs")) for i in range(6)},
            **{f"tick {i}": rng.random(rows) < 0.3 for i in range(6)},
            "group": pd.Categorical.from_codes(rng.integers(0, 3, rows), list("abc")),
            "weight": rng.random(rows) + 0.5,
            "cluster": rng.integers(0, 5_000, rows).astype(np.int32),
        }
    )
    columns = [name for name in frame if name not in ("group", "weight", "cluster")]
    few = hp.Survey(frame.head(500), replicates=50, **design)
    hp.describe(few, columns, by="group", total=True, test=True)  # imports what is imported when used
    survey = hp.Survey(frame, **design)
    tracemalloc.start()
    try:
        table = hp.describe(survey, columns, by="group", total=True, test=True)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < frame.memory_usage(index=False, deep=True).sum()
    if not design:  # by hand
        assert number(table, "age 0", "mean", "b") == pytest.approx(
            frame["age 0"][frame["group"] == "b"].mean(), rel=1e-12
        )


def test_a_group_in_which_nobody_answered_is_named_once(interviews: pd.DataFrame) -> None:
    # The study did not ask people who use crack only whether they inject.
    table = hp.describe(hp.Survey(interviews, strata="group"), ["injected"], by="group", total=True)
    assert "injected: nobody answered in 'crack only'." in table.notes
    assert not [note for note in table.notes if "undefined" in note]
    assert table.rows[0].cells[1] == "–"


def clustered() -> pd.DataFrame:
    """Invent people found at eight spots."""
    spots = np.repeat(list("abcdefgh"), 6)
    return pd.DataFrame(
        {
            "spot": spots,
            "weight": np.tile([1.1, 0.7, 1.3, 2.2, 0.9, 1.7], 8),
            "age": np.tile([23.0, 41, 57, 38, 62], 10)[:48],
            "phone": np.tile([1, 0, 0], 16),
            "nights": [np.nan, *np.tile([0.0, 3, 7], 16)[1:]],
        }
    )


def test_a_group_within_one_cluster_has_no_interval() -> None:
    # With one cluster nothing varies between clusters: what is left of the variance is rounding, and no interval.
    survey = hp.Survey(clustered(), clusters="spot", weights="weight")
    table = hp.describe(survey, ["age", "phone"], by="spot")
    assert table.numbers.query("statistic in ['mean', 'share']")[["lower", "upper"]].isna().all(axis=None)
    assert any("no degree of freedom" in note for note in table.notes)
    with pytest.warns(hp.HiddenpopWarning, match="no degree of freedom"):
        ends = survey.proportion("phone", by="spot").interval()
    assert ends.isna().all(axis=None)
    assert max(len(word) for word in repr(survey.proportion("phone", by="spot")).split("Note")[0].split()) < 12


def test_whole_numbers_with_missing_answers_read_as_whole() -> None:
    survey = hp.Survey(clustered())
    table = hp.describe(survey, ["nights"], by="phone", interval=False)
    assert [row.label for row in table.rows] == ["nights", "0", "3", "7", "missing"]
    cross = hp.crosstab(survey, "phone", "nights").table()
    assert [name.split()[0] for name in cross.columns] == ["0", "3", "7", "all"]
    half = survey.assign(phone=[np.nan, *clustered()["phone"][1:]])
    assert hp.describe(half, ["age"], by="phone").columns[0].startswith("0 (")


def test_levels_typed_in_several_ways_are_named() -> None:
    with pytest.warns(hp.HiddenpopWarning, match=r"'man' in 1 answer, 'Man' in 1 answer, 'MAN ' in 1 answer"):
        survey = hp.Survey({"sex": ["man", "Man", "MAN ", "woman", "woman"]})
    hp.describe(survey, ["sex"], interval=False)  # said once, when the survey was made


def test_one_line_for_those_who_left_out_a_question_with_several_answers() -> None:
    frame = pd.DataFrame({"why_full": [1, 0, np.nan, 1], "why_pets": [0, 0, np.nan, 1], "age": [20, 30, 40, np.nan]})
    table = hp.describe(hp.Survey(frame), ["age"], multiple={"Why": "why_"}, interval=False, statistics=["range"])
    assert [(row.label, row.cells[0]) for row in table.rows if "missing" in row.label] == [
        ("missing", "1"),
        ("missing", "1"),
    ]
    assert table.rows[-1].label == "missing"


@pytest.mark.parametrize("call", ["describe", "crosstab", "compare", "multiselect"])
def test_a_table_is_no_survey(call: str) -> None:
    frame = clustered()
    given = {
        "describe": (["age"],),
        "crosstab": ("phone", "spot"),
        "compare": ("age", "phone"),
        "multiselect": ("why_",),
    }
    with pytest.raises(InputError, match=f"{call} takes a Survey first, and this is DataFrame"):
        getattr(hp, call)(frame, *given[call])


def test_empty_columns_are_left_out_unless_they_are_named() -> None:
    survey = hp.Survey({"age": [20, 30, 41], "never": [np.nan] * 3})
    with pytest.warns(hp.HiddenpopWarning, match="nobody answered: 'never'"):
        table = hp.describe(survey, kinds={"age": "continuous"}, interval=False, statistics=["range"])
    assert [row.label for row in table.rows] == ["age", "range"]
    with pytest.raises(InputError, match="'never' is missing in every row"):
        hp.describe(survey, ["never"])


def test_a_label_of_nothing_is_named() -> None:
    survey = hp.Survey({"age": [20, 30, 41], "why_full": [1, 0, 1]})
    with pytest.warns(hp.HiddenpopWarning, match="'agee', which is no column. Did you mean 'age'"):
        hp.describe(survey, ["age"], labels={"agee": "Age"})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hp.describe(survey, ["age"], multiple={"Why": "why_"}, labels={"full": "It was full", "age": "Age"})
    with pytest.raises(InputError, match="labels= calls two columns 'Age': 'age', 'why_full'"):
        hp.describe(survey, ["age", "why_full"], labels={"age": "Age", "why_full": "Age"})
    with pytest.raises(InputError, match="title= is a text"):
        hp.describe(survey, ["age"], title=3)  # type: ignore[arg-type]


def test_dates_are_dates_however_they_are_held() -> None:
    """As read_sav and read_dta, Arrow and polars give them: median and range, and no line for each day."""
    days = [datetime.date(2024, 1, 1) + datetime.timedelta(days=i) for i in range(30)]
    plain = hp.describe(hp.Survey({"on": pd.to_datetime(days)}, replicates=20))
    assert len(plain.to_pandas()) == 3
    for held in (
        pd.Series(days),
        pd.Series(days, dtype=pd.ArrowDtype(pyarrow.date32())),
        pd.Series([datetime.datetime.combine(day, datetime.time(9)) for day in days], dtype=object),
        pd.Series(pd.period_range("2024-01-01", periods=30)),
        pd.Series(pd.to_datetime(days)).dt.tz_localize("Europe/Amsterdam"),
    ):
        assert repr(hp.describe(hp.Survey(pd.DataFrame({"on": held}), replicates=20))) == repr(plain)
    missing = hp.describe(hp.Survey(pd.DataFrame({"on": [*days[:29], None]}), replicates=20))
    assert len(missing.to_pandas()) == 4
    # Said to be levels, they are.
    assert len(hp.describe(hp.Survey(pd.DataFrame({"on": pd.Categorical(days)}), replicates=20)).to_pandas()) == 31
    # A date beyond the nanoseconds' year 2262 is one. With pandas 2, whose dates end there, it is refused.
    beyond = hp.Survey({"on": [*days, datetime.date(9999, 12, 31)]}, replicates=20)
    if int(pd.__version__.split(".")[0]) >= 3:
        assert "9999-12-31" in repr(hp.describe(beyond))
    else:
        with pytest.raises(hp.InputError, match="Column 'on' can't be read as dates"):
            hp.describe(beyond)
