"""What a fitted model is asked: tests of terms, a summary, predictions and margins."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from scipy import stats

FORMULA = "in_treatment ~ age + C(born) + group"


def test_tests_of_terms(asked: hp.Survey) -> None:
    model = hp.regress(asked, FORMULA, family="binomial")
    b, v = model.coefficients.point.to_numpy()[2:4], model.coefficients.vcov("linearized").to_numpy()[2:4, 2:4]  # type: ignore[union-attr]
    wald = b @ np.linalg.inv(v) @ b
    adjusted, plain = model.test("C(born)").iloc[0], model.test("C(born)", adjust=False).iloc[0]
    # Korn and Graubard (1990): (d - q + 1) / (d q) W on q and d - q + 1 degrees of freedom; d is that of those who answered.
    d = model.n - 2
    assert d < 518
    assert adjusted["F"] == pytest.approx((d - 1) / (d * 2) * wald, rel=1e-9)
    assert adjusted["p"] == pytest.approx(stats.f.sf(adjusted["F"], 2, d - 1), rel=1e-9)
    assert (plain["F"], plain["df2"]) == (pytest.approx(wald / 2, rel=1e-9), d - 4)
    # One coefficient: F is t squared, with the same p where both have the model's degrees of freedom.
    age, row = model.test("age", adjust=False).iloc[0], model.summary().loc["age"]
    assert (age["F"], age["p"]) == (pytest.approx(row["t"] ** 2), pytest.approx(row["p"], rel=1e-9))
    assert list(model.test().index) == ["age", "C(born)", "group"] == model.terms
    assert model.test(["age", "group"])["df1"].item() == 2
    with pytest.raises(InputError, match=r"no term 'born'.*C\(born\)"):
        model.test("born")


def test_a_test_needs_degrees_of_freedom(pairs: pd.DataFrame) -> None:
    few = pairs[pairs["h"] < 3].assign(c=lambda t: t["k"] % 4)
    survey = hp.Survey(few, strata="h", clusters="k", weights="w")
    with pytest.raises(InputError, match=r"3 degrees of freedom.*3 predictors"):
        hp.regress(survey, "y ~ C(c)")


def test_summary(asked: hp.Survey) -> None:
    model = hp.regress(asked, FORMULA, family="binomial")
    logs, ratios = model.summary(level=0.9), model.summary(exponentiate=True, level=0.9)
    assert list(logs.columns) == ["estimate", "se", "t", "p", "lower", "upper"]
    t = stats.t.ppf(0.95, model.n - 2 - 4)  # those who answered, less strata, less predictors (R's svyglm)
    np.testing.assert_allclose(logs["upper"], logs["estimate"] + t * logs["se"], rtol=1e-9)
    np.testing.assert_allclose(logs["lower"], model.coefficients.interval(0.9, method="t")["lower"], rtol=1e-10)
    for name in ("estimate", "lower", "upper"):
        np.testing.assert_allclose(ratios[name], np.exp(logs[name]), rtol=1e-12)
    odds = hp.apply(np.exp, model.coefficients)
    np.testing.assert_allclose(ratios["se"], odds.se("linearized"), rtol=1e-6)
    for shown in (repr(model), model._repr_html_()):
        assert "odds ratio" in shown
        assert f"{model.n - 6} degrees of freedom" in shown
    with pytest.raises(InputError, match="linear regression"):
        hp.regress(asked, "age ~ group").summary(exponentiate=True)


def test_predictions(asked: hp.Survey, mixed: pd.DataFrame) -> None:
    model = hp.regress(asked, FORMULA, family="binomial")
    people = pd.DataFrame({"age": [30, 50], "born": ["Netherlands", "other EU"], "group": "opioids"}, index=["p", "q"])
    b = model.coefficients
    odds = hp.apply(np.exp, b["Intercept"] + 30 * b["age"] + b["group[T.opioids]"])
    share = model.predict(people)
    assert share.point["p"] == pytest.approx(odds.point / (1 + odds.point), rel=1e-12)  # type: ignore[index, operator]
    # t intervals are formed on the logit scale, where predictions are linear.
    linear = b["Intercept"] + 30 * b["age"] + b["group[T.opioids]"]
    expected = 1 / (1 + np.exp(-linear.interval(method="t").to_numpy()))
    np.testing.assert_allclose(share.interval(method="t").loc[["p"]], expected, rtol=1e-6)
    with pytest.raises(InputError, match=r"'born'.*'Mars'.*not seen"):
        model.predict(people.assign(born="Mars"))
    with pytest.raises(InputError, match="no column 'age'"):
        model.predict(people.drop(columns="age"))
    rates = hp.regress(hp.Survey(mixed, weights="w"), "visits ~ x", family="poisson", offset="time")
    with pytest.raises(InputError, match="offset"):
        rates.predict({"x": [1.0]})
    two = rates.predict({"x": [1.0]}, offset=np.log(2)) / rates.predict({"x": [1.0]}, offset=0)
    assert two.point.iloc[0] == pytest.approx(2)  # type: ignore[union-attr]


def test_margins_average_over_everybody(asked: hp.Survey, interviews: pd.DataFrame) -> None:
    model = hp.regress(asked, FORMULA, family="binomial")
    known = interviews.dropna(subset=["age", "born"])
    for group in ("opioids", "crack only"):
        everybody = model.predict(known.assign(group=group)).point
        assert model.margins("group").point[group] == pytest.approx(np.mean(everybody), rel=1e-10)  # type: ignore[index]
    at = model.margins("age", at=[30, 50])
    assert list(at.labels) == [30, 50]
    # The derivative of the mean: b p (1 - p), averaged.
    p = np.asarray(model.predict(known).point)
    slope = model.coefficients.point["age"] * np.mean(p * (1 - p))  # type: ignore[index]
    assert model.effects("age").point == pytest.approx(slope, rel=1e-7)
    linear = hp.regress(asked, "age ~ group + born")
    np.testing.assert_allclose(
        linear.effects("group").se("linearized"), linear.summary()["se"][["group[T.opioids]"]], rtol=1e-9
    )
    assert "Graubard" in at.methods()
    with pytest.raises(InputError, match="different numbers"):
        model.margins("age")
    with pytest.raises(InputError, match=r"no column 'grup'.*'group'"):
        model.margins("grup")
    with pytest.raises(InputError, match="no 'tea'"):
        model.margins("group", at=["tea"])


def test_another_reference(asked: hp.Survey) -> None:
    model = hp.regress(asked, "in_treatment ~ C(group, contr.treatment('opioids'))", family="binomial")
    other = hp.regress(asked, "in_treatment ~ group", family="binomial")
    np.testing.assert_allclose(model.effects("group").point, -other.effects("group").point.to_numpy(), rtol=1e-10)  # type: ignore[union-attr]
    assert list(model.effects("group").labels) == ["crack only"]


def test_few_degrees_of_freedom_are_said_in_a_summary() -> None:
    # 4 clusters, 3 degrees of freedom, of which a predictor takes one. What is printed says it in its last line.
    table = {"y": [3.0, 1, 4, 1, 5, 9, 2, 6], "x": [2.0, 7, 1, 8, 2, 8, 1, 8], "site": [0, 0, 1, 1, 2, 2, 3, 3]}
    model = hp.regress(hp.Survey(table, clusters="site", replicates=40), "y ~ x")
    with pytest.warns(hp.HiddenpopWarning, match="rests on 2 degrees of freedom"):
        model.summary()
    assert str(model).endswith("8 participants; 2 degrees of freedom")
