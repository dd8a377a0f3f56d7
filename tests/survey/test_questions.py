"""Questions: answers equal pandas, and what can't be asked."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning, InputError


def test_statistics_equal_pandas(interviews: pd.DataFrame) -> None:
    survey = hp.Survey(interviews, strata="group")
    groups = interviews.groupby("group", sort=False)
    pd.testing.assert_series_equal(
        survey.mean("age", by="group").point, groups["age"].mean(), check_names=False, check_index_type=False
    )
    assert survey.median("age").point == interviews["age"].median()
    assert survey.count(by="city").point.to_dict() == interviews["city"].value_counts().to_dict()
    shares = survey.proportion("housing", by="group").point
    expected = groups["housing"].value_counts(normalize=True)
    assert {k: pytest.approx(v) for k, v in expected.items()} == shares.to_dict()
    known = interviews.dropna(subset=["age"])
    assert survey.ratio("age", "in_treatment").point == pytest.approx(known["age"].sum() / known["in_treatment"].sum())
    with pytest.warns(HiddenpopWarning, match="leaves out 2 missing answers"):
        total = survey.total("age")
    assert total.point == interviews["age"].sum()
    assert "sample total" in total.name


def test_quantiles_follow_hyndman_and_fan() -> None:
    # Type 2 ("school" in R's survey) and type 1 ("math") on the numbers 1 to 10: values by definition.
    survey = hp.Survey({"x": range(1, 11)})
    assert survey.quantile("x", 0.5).point == 5.5
    assert survey.quantile("x", 0.5, rule="lower").point == 5
    assert survey.quantile("x", 0.25).point == survey.quantile("x", 0.25, rule="lower").point == 3
    # 0.7 * 10 is not a whole number in binary; it must still count as one.
    assert survey.quantile("x", 0.7).point == 7.5


def test_quantiles_asked_together_equal_each_alone(interviews: pd.DataFrame) -> None:
    # By construction: replicate i is one redrawn survey, however many questions share its draws.
    survey = hp.Survey(interviews, strata="group", replicates=200)

    def ask() -> list[hp.Estimate]:
        lowest = survey.quantile("age", 0.1, by="group", rule="lower")
        return [lowest, survey.median("age", by="city"), survey.median("age"), survey.mean("age")]

    together = hp.concat([estimate.rename(str(i)) for i, estimate in enumerate(ask())])
    np.testing.assert_array_equal(together.draws, np.concatenate([alone.draws for alone in ask()]))


def test_domains_keep_the_whole_sample_in_the_redraw(interviews: pd.DataFrame) -> None:
    survey = hp.Survey(interviews)
    older = survey.assign(older=lambda t: (t["age"] > 50).astype("boolean").mask(t["age"].isna()))
    with pytest.warns(HiddenpopWarning, match="2 rows .* have no value of older"):
        domain = older.proportion("in_treatment", where="older")
    deleted = hp.Survey(interviews[interviews["age"] > 50]).proportion("in_treatment")
    assert domain.point == deleted.point
    # In a domain the denominator varies too; a deletion holds it fixed.
    size = older.count(where="older")  # the missing were told of
    assert size.se() > 5
    mask = (interviews["age"] > 50).to_numpy()
    np.testing.assert_array_equal(survey.proportion("in_treatment", where=mask).draws, domain.draws)


def test_missing_answers_are_counted_per_label(interviews: pd.DataFrame) -> None:
    summary = hp.Survey(interviews, strata="group").proportion("depression", by="group").summary()
    expected = interviews["depression"].isna().groupby(interviews["group"], sort=False).sum()
    assert summary["missing"].to_dict() == expected.to_dict()
    assert (summary["n"] + summary["missing"]).to_dict() == {"opioids": 393, "crack only": 127}


def test_order_of_categories_is_the_users() -> None:
    answers = ["high", "low", "mid", "low"]
    assert list(hp.Survey({"x": answers}).proportion("x").labels) == ["high", "low", "mid"]
    ordered = pd.Categorical(answers, ["low", "mid", "high", "never seen"])
    assert list(hp.Survey({"x": ordered}).proportion("x").labels) == ["low", "mid", "high"]


BAD_QUESTIONS = {
    "unknown column": (lambda s: s.mean("ages"), "no column 'ages'. Did you mean 'age'"),
    "unknown by": (lambda s: s.mean("age", by="groups"), "no column 'groups'"),
    "text": (lambda s: s.mean("code"), r"has text in 2 rows \(row number 1, 3, counted from 0\)"),
    "text is not shown": (lambda s: s.mean("name"), r"^((?!Jansen).)*$"),
    "infinite": (lambda s: s.mean("infinite"), r"infinite in 1 row \(row number 2"),
    "numbers for a proportion": (lambda s: s.proportion("age"), "4 different numbers, not categories"),
    "text for where": (lambda s: s.mean("age", where="name"), "must name a column of True and False"),
    "short mask": (lambda s: s.mean("age", where=[True, False]), "has 2 values where the table has 4 rows"),
    "mask with a gap": (lambda s: s.mean("age", where=[True, None, False, True]), "without missing values"),
    "mask of another table": (
        lambda s: s.mean("age", where=pd.Series([True] * 4, index=[7, 8, 9, 10])),
        "index of 'where' differs",
    ),
    "nobody answered in a group": (
        lambda s: s.mean("silent", by="group"),
        r"'silent' has no answers in 'b': all are missing, in 2 rows \(row number 2, 3",
    ),
    "nobody answered": (lambda s: s.mean("never"), "'never' has no answers: all are missing"),
    "share out of range": (lambda s: s.quantile("age", 1.5), "q=1.5 must be a share"),
    "unknown rule": (lambda s: s.quantile("age", 0.5, rule="type 7"), "must be 'midpoint' or 'lower'"),
    "strata replaced": (lambda s: hp.Survey({"g": [1, 1]}, strata="g").assign(g=[1, 2]), "how people were sampled"),
}


@pytest.mark.parametrize("case", BAD_QUESTIONS)
def test_bad_questions(case: str) -> None:
    survey = hp.Survey(
        {
            "group": ["a", "a", "b", "b"],
            "age": [30, 40, 50, 61],
            "code": [1, "other", 3, "x"],
            "name": ["Jansen", "Jansen", "de Vries", "Bakker"],
            "infinite": [1.0, 2.0, np.inf, 3.0],
            "silent": [1.0, 2.0, None, None],
            "never": [None, None, None, None],
        }
    )
    ask, message = BAD_QUESTIONS[case]
    with pytest.raises(InputError, match=message):
        ask(survey)


def test_empty_domains() -> None:
    survey = hp.Survey({"g": ["a", "a", "b", "b"], "x": [1, 0, 1, 0], "in": [1, 1, 0, 0], "out": [0, 0, 0, 0]})
    with pytest.raises(hp.EstimationError, match="nobody in its domain"):
        survey.proportion("x", where="out")
    with pytest.warns(HiddenpopWarning, match="no answer for 'b'"):
        share = survey.proportion("x", by="g", where="in")
    assert share.point["a"] == 0.5
    assert np.isnan(share.point["b"])
    assert survey.count(by="g", where="in").point.to_dict() == {"a": 2, "b": 0}


def test_people_without_a_group_are_named() -> None:
    survey = hp.Survey({"g": ["a", None, "b", "b"], "x": [1, 0, 1, 0]})
    with pytest.warns(HiddenpopWarning, match=r"1 row \(row number 1.* no value of g"):
        survey.mean("x", by="g")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda s, t: s.mean(t["age"]), "given by its name"),
        (lambda s, t: s.mean("age", by="silent"), "missing in every row"),
        (lambda s, t: s.mean("age", where="age > 45"), "For a condition use a mask"),
        (lambda s, t: s.mean("age", where=lambda d: d), "For a condition make a mask"),
        (lambda s, t: s.mean("age", where=t[["age"]] == 1), "one for every row"),
        (lambda s, t: s.assign(z=lambda d: d[["age", "x"]]), "one value for each row"),
        (lambda s, t: s.mean("when"), "where a number is needed"),
        (lambda s, t: hp.Survey(t["age"]), "from a table, not from one column"),
        (lambda s, t: hp.Survey({"a": [1, 2], "b": [1]}), "makes no table"),
        (lambda s, t: hp.Survey({"a": [[1], [2]]}), "holds lists"),
        (lambda s, t: hp.Survey(t, strata=t["x"]), "not by Series"),
        (lambda s, t: hp.Survey(t.assign(n=2), counts="n").mean("n"), "holds the counts"),
        (lambda s, t: hp.Survey(t, counts=["n"]), "given by their names"),
    ],
)
def test_more_bad_questions(make, message: str) -> None:  # type: ignore[no-untyped-def]
    table = pd.DataFrame(
        {
            "age": [30, 40, 50, 60],
            "x": [1, 0, 1, 0],
            "silent": [None] * 4,
            "when": pd.to_timedelta([1, 2, 3, 4], unit="D"),
        }
    )
    with pytest.raises(InputError, match=message):
        make(hp.Survey(table), table)


def test_groups_that_tell_people_apart_are_refused() -> None:
    values = np.arange(100_000)
    survey = hp.Survey({"x": values, "y": values})
    with pytest.raises(InputError, match="makes 100,000 groups"):
        survey.mean("y", by="x")


def test_a_mask_that_changes_later_is_another_domain() -> None:
    survey = hp.Survey({"x": np.arange(40.0)}, replicates=50)
    mask = pd.Series(np.arange(40) < 20)
    share = survey.mean("x", where=mask)
    mask[:] = True
    # Of 0 to 19, whose mean is 9.5; of all of them it would be 19.5.
    assert share.draws.mean() == pytest.approx(9.5, abs=1)
