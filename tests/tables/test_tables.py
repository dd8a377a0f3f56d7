"""Tables, comparisons and tests of some of the people: R's survey on a subset of the design, and the survey's own answers."""

from __future__ import annotations

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError

from .test_crosstab import LARGE


@pytest.fixture
def frame() -> pd.DataFrame:
    """Return people in eight clusters of nine, weighted; some of them in five clusters."""
    i = np.arange(72)
    table = pd.DataFrame({"p": i // 9 + 1, "a": list(LARGE[0]), "b": list(LARGE[1]), "w": 1 + i % 4})
    table["x"] = i * 7 % 11 + table["p"]
    table["untied"] = table["x"] + i / 100
    table["isx"], table["few"] = table["a"] == "x", table["p"] <= 5
    return table


@pytest.fixture
def survey(frame: pd.DataFrame) -> hp.Survey:
    """Return their survey."""
    return hp.Survey(frame, clusters="p", weights="w", replicates=100)


# R's survey 4.1: des <- svydesign(ids = ~p, weights = ~w, data = d); s <- subset(des, p <= 5); svychisq(~a + b, s, ...).
CHISQ = {
    "F": (1.52631229645, 0.264124491091, (2.643326212, 10.573304849)),
    "Chisq": (8.09887240142, 0.191424869436, (4,)),
    "Wald": (1.65065560576, 0.319595450256, (4, 4)),
    "adjWald": (0.412663901439, 0.805466974322, (4, 1)),
    "saddlepoint": (8.09887240142, 0.276542353911, ()),
}


@pytest.mark.parametrize("method", CHISQ)
def test_tests_of_a_domain_as_in_r(survey: hp.Survey, method: str) -> None:
    statistic, p, df = CHISQ[method]
    found = hp.crosstab(survey, "a", "b", where="few").test(method)
    printed = found.pearson if method == "Chisq" else found.statistic
    assert printed == pytest.approx(statistic, rel=1e-9)
    assert found.p == pytest.approx(p, rel=1e-8)
    assert found.df == pytest.approx(df, rel=1e-9)


def test_comparisons_of_a_domain_as_in_r(survey: hp.Survey) -> None:
    # svyttest(x ~ isx, s), svyranktest(untied ~ ..., s), regTermTest(svyglm(x ~ a, s), ~a).
    two = hp.compare(survey, "x", "isx", where="few")
    assert two.test().statistic == pytest.approx(-0.614497438590, rel=1e-9)  # False less True
    assert two.test().p == pytest.approx(0.582349511348, rel=1e-9)
    assert two.test().df == (3,)
    rank = hp.compare(survey, "untied", "isx", where="few").test("wilcoxon")
    assert (rank.statistic, rank.p) == pytest.approx((-0.443731349893, 0.687289667731), rel=1e-9)
    assert hp.compare(survey, "untied", "a", where="few").test("median").p == pytest.approx(0.407979063218, rel=1e-9)
    three = hp.compare(survey, "x", "a", where="few")
    assert three.test().statistic == pytest.approx(0.224934631789, rel=1e-9)
    assert three.test().p == pytest.approx(0.816370093594, rel=1e-9)
    assert three.test().df == (2, 2)
    # Each pair by itself: svyttest(x ~ a, subset(s, a %in% c("x", "y"))), and of y and z.
    with pytest.warns(hp.HiddenpopWarning, match="degrees of freedom"):
        p = three.summary().loc["difference", "p"]
    assert p.loc[("x", "y")] == pytest.approx(0.636950418294, rel=1e-9)
    assert p.loc[("y", "z")] == pytest.approx(0.735387076086, rel=1e-9)


@pytest.mark.filterwarnings("ignore:The interval rests on")
@pytest.mark.parametrize("mask", [False, True])
def test_tables_of_a_domain_are_the_survey_s_answers(frame: pd.DataFrame, survey: hp.Survey, *, mask: bool) -> None:
    where = frame["few"] if mask else "few"
    table = hp.describe(survey, ["x", "a"], by="isx", where=where, total=True)
    numbers = table.numbers.set_index(["variable", "level", "statistic", "group"])
    means = survey.mean("x", by="isx", where=where)
    for group, mean in means.point.items():
        row = numbers.loc[("x", "", "mean", str(group))]
        assert row["estimate"] == pytest.approx(mean)
        assert row[["lower", "upper"]].tolist() == pytest.approx(means.interval().loc[group].tolist())
    shares = survey.proportion("a", where=where)
    for level, share in shares.point.items():
        row = numbers.loc[("a", level, "share", "all")]
        assert row["estimate"] == pytest.approx(share)
        assert row["n"] == (frame["few"] & (frame["a"] == level)).sum()
        assert row[["lower", "upper"]].tolist() == pytest.approx(shares.interval().loc[level].tolist())
    inside = frame[frame["few"]]
    assert numbers.loc[("x", "", "max", "all"), "estimate"] == inside["x"].max()
    assert table.columns[-1] == f"all (n = {len(inside)})"
    assert "where a mask" in table.title if mask else table.title == "Participants by isx, where few"
    cross = hp.crosstab(survey, "a", "b", where=where)
    order = [(b, a) for a, b in cross.shares().labels]
    by_b = survey.proportion("a", by="b", where=where).point
    assert cross.shares().point.tolist() == pytest.approx([by_b[label] for label in order])
    assert cross.table().numbers["n"].sum() == len(inside)
    assert cross.counts().sum().point == pytest.approx(inside["w"].sum())


def test_groups_and_levels_of_others_are_none_of_a_domain(frame: pd.DataFrame) -> None:
    survey = hp.Survey(frame.assign(b=np.where(frame["few"], frame["b"], "elsewhere")), clusters="p", replicates=50)
    assert "elsewhere" not in hp.crosstab(survey, "a", "b", where="few").cells.columns
    assert "elsewhere" not in hp.compare(survey, "x", "b", where="few").groups
    assert not any("elsewhere" in name for name in hp.describe(survey, ["x"], by="b", where="few").columns)
    # The question is put to another survey with its domain, and a group without a name in it is missed nowhere else.
    again = hp.Survey(frame.assign(b=np.where(frame["few"], frame["b"], None)), clusters="p", replicates=50, seed=1)
    shares = hp.crosstab(survey, "a", "b", where="few").shares()
    np.testing.assert_allclose(shares.replay(survey=again).point, shares.point)
    difference = hp.compare(survey, "x", "b", where="few").difference
    np.testing.assert_allclose(difference.replay(survey=again).point, difference.point)
    read = hp.read_estimate(shares.to_json())
    np.testing.assert_array_equal(read.draws, shares.draws)


def test_domains_that_cant_be_described(frame: pd.DataFrame, survey: hp.Survey) -> None:
    nobody = np.zeros(len(frame), dtype=bool)
    with pytest.raises(InputError, match="Nobody is in the domain where=a mask"):
        hp.describe(survey, ["x"], where=nobody)
    with pytest.raises(InputError, match="of those whom where= names"):
        hp.crosstab(survey, "a", "b", where=nobody)
    with pytest.raises(InputError, match="makes no group in its domain"):
        hp.compare(survey, "x", "a", where=nobody)
    with pytest.raises(InputError, match=r"one group only \('x'\) in its domain"):
        hp.compare(survey, "x", "a", where="isx")
    with pytest.raises(InputError, match=r"one group only \('x'\) in its domain"):
        hp.describe(survey, ["x"], by="a", where="isx")
    with pytest.raises(InputError, match="no column 'fwe'"):
        hp.crosstab(survey, "a", "b", where="fwe")
    for ask in (
        lambda unsure: hp.describe(unsure, ["a"], where="few"),
        lambda unsure: hp.crosstab(unsure, "a", "b", where="few"),
        lambda unsure: hp.compare(unsure, "x", "a", where="few"),
    ):
        unsure = hp.Survey(frame.assign(few=[None, *frame["few"][1:]]), replicates=50)  # which says it once
        with pytest.warns(hp.HiddenpopWarning, match=r"1 row \(row number 0.* no value of few"):
            ask(unsure)


def test_few_people_stay_hidden_in_a_domain_and_outside_of_it(frame: pd.DataFrame) -> None:
    # All but three are in the domain: who sees the table of all and that of the domain sees the three.
    frame = frame.assign(most=np.arange(72) >= 3)
    survey = hp.Survey(frame, replicates=50)
    table = hp.describe(survey, ["a"], by="isx", where="few", suppress_below=5)
    shown = table.numbers[table.numbers["statistic"] == "share"]
    assert not ((shown["n"] > 0) & (shown["n"] < 5)).any()
    with pytest.raises(InputError, match="fewer than 50"):
        hp.describe(survey, ["a"], where="few", suppress_below=50)
    report = hp.Report("Both", suppress_below=5).add(hp.describe(survey, ["b"]))
    assert "<td>hidden" not in (report.to_html() or "")
    report.add(hp.describe(survey, ["b"], where="most"))
    assert "<td>hidden" in (report.to_html() or "")


def test_tests_beside_hidden_cells_give_nothing_away() -> None:
    rows = [("a", 1)] * 2 + [("a", 0)] * 48 + [("b", 1)] * 30 + [("b", 0)] * 70 + [("c", 1)] * 20 + [("c", 0)] * 60
    frame = pd.DataFrame(rows, columns=["g", "x"]).assign(y=[0, 1] * 115)
    survey = hp.Survey(frame, replicates=50)
    cross = hp.crosstab(survey, "g", "x")
    table = cross.table(suppress_below=5)
    assert "F" not in " ".join(table.notes)
    assert "p = " not in " ".join(table.notes)
    assert table.numbers["p"].isna().all()
    described = hp.describe(survey, ["x", "y"], by="g", test=True, suppress_below=5)
    assert described.to_pandas()["p"].tolist()[0] == "hidden"
    assert "hidden" not in described.to_pandas()["p"].tolist()[1:]
    assert described.numbers.set_index("variable")["p"].isna().groupby("variable").all().to_dict() == {
        "x": True,
        "y": False,
    }
    # Holm's correction goes by the order of all p-values, so that one tells of the others; Bonferroni's doesn't.
    for correction, all_hidden in (("holm", True), ("bonferroni", False)):
        corrected = hp.describe(survey, ["x", "y"], by="g", test=True, suppress_below=5, correction=correction)
        assert corrected.numbers["p"].isna().all() == all_hidden
    with pytest.raises(InputError, match="can give away a hidden cell"):
        hp.Report("t", suppress_below=5).add(cross.test())
    assert "second order" in hp.Report("t", suppress_below=5).add(cross.test(), safe=True).to_html()


def test_strata_and_the_rest_of_a_design_are_no_answers() -> None:
    table = pd.DataFrame(
        {
            "number": np.repeat([75, 76, 77, 78, 79], 8),
            "code": pd.Categorical(np.repeat([1, 2, 3, 4, 5], 8)),
            "name": np.repeat(list("vwxyz"), 8),
            "city": np.repeat(range(20), 2),
            "weight": 2.0,
            "size": 100,
            "rw1": 1.0,
            "rw2": np.arange(40) % 3 + 1.0,
            "age": np.arange(40),
        }
    )

    def names(columns: str, **design: object) -> set[str]:
        survey = hp.Survey(table[[*columns.split(), "age"]], replicates=50, **design)  # type: ignore[arg-type]
        return set(hp.describe(survey).numbers["variable"])

    assert names("number city weight size", strata="number", clusters="city", weights="weight", fpc="size") == {"age"}
    assert names("code", strata="code") == {"age"}
    assert names("name", strata="name") == {"age", "name"}
    assert names("number name", strata=["number", "name"]) == {"age", "name"}
    survey = hp.Survey(
        table[["weight", "rw1", "rw2", "age"]], weights="weight", replicate_weights=["rw1", "rw2"], method="JK1"
    )
    assert set(hp.describe(survey).numbers["variable"]) == {"age"}
    met = pd.DataFrame(
        {"bar": list("aabbcc") * 3, "night": [1, 2] * 9, "nights": [20, 2, 4] * 6, "tested": [True, False] * 9}
    )
    met = met.assign(present=30, enrolled=6, age=range(18))
    met.attrs["note"] = "Invented."
    survey = hp.Survey.venue_day(
        met, venue="bar", day="night", attendance="nights", counts="present", enrolled="enrolled", replicates=50
    )
    described = hp.describe(survey)
    assert set(described.numbers["variable"]) == {"nights", "tested", "age"}
    assert "Invented." in described.notes  # what came with the table is not lost on the way
    # Who asks for a stratum gets it, and the column that says who is described is not described.
    survey = hp.Survey(table[["number", "age"]].assign(old=table["age"] > 9), strata="number", replicates=50)
    assert set(hp.describe(survey, ["number"]).numbers["variable"]) == {"number"}
    assert set(hp.describe(survey, where="old").numbers["variable"]) == {"age"}


def test_few_whole_numbers_are_codes_unless_they_look_measured() -> None:
    table = {"age": [20, 30, 40, 50, 60, 70] * 4, "code": [1, 2, 3, 4, 88, 99] * 4, "year": [2019, 2020, 2021] * 8}
    described = hp.describe(hp.Survey(table, replicates=50))
    kinds = described.numbers.groupby("variable")["statistic"].first()
    assert kinds.to_dict() == {"age": "mean", "code": "share", "year": "share"}
    assert "Taken for measurements though they have few different values: age." in described.notes
    said = hp.describe(hp.Survey(table, replicates=50), ["age"], kinds={"age": "categorical"})
    assert set(said.numbers["statistic"]) == {"share", "missing"}
