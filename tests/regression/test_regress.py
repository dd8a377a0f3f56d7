"""Regression: R's svyglm, closed forms of saturated models, refits under any design, and what has no answer."""

import copy
import pickle
import subprocess
import sys
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, InputError
from hiddenpop.sample.weights import Weights

from ..replicated import columns_of
from ..schools import DESIGNS, EXPECTED, table

FORMULA = "in_treatment ~ age + C(born) + group"


@pytest.mark.parametrize("design", DESIGNS)
def test_coefficients_and_errors_are_those_of_svyglm(design: str) -> None:
    schools = table(design)
    schools["won"] = schools["awards"] == "Yes"
    model = hp.regress(hp.Survey(schools, **DESIGNS[design]), "won ~ ell + meals", family="binomial")
    r = EXPECTED[design]["glm"]
    # R ends its search at a relative change of the deviance of 1e-8, so its standard errors have seven digits.
    np.testing.assert_allclose(model.coefficients.point, list(r["coef"].values()), rtol=1e-9)
    np.testing.assert_allclose(model.summary()["se"], list(r["se"].values()), rtol=1e-6)
    # Its documented degrees of freedom: those of the design less the number of predictors.
    assert model.df == (197 if design.startswith("strat") else 14) - 2


@pytest.mark.parametrize("family", ["gaussian", "binomial", "poisson", "log-binomial"])
def test_saturated_models_are_the_shares(survey: hp.Survey, family: str) -> None:
    # With one predictor of two values a model says what two shares say; variances by the delta method.
    shares = survey.proportion("in_treatment", by="group")
    crack, opioids = shares["crack only"], shares["opioids"]
    links: dict[str, Any] = {"gaussian": lambda p: p, "binomial": lambda p: np.log(p / (1 - p))}
    link = links.get(family, np.log)
    model = hp.regress(survey, "in_treatment ~ group", family=family)
    expected = hp.concat({"a": hp.apply(link, crack), "b": hp.apply(link, opioids) - hp.apply(link, crack)})
    np.testing.assert_allclose(model.coefficients.point, expected.point, rtol=1e-10)
    np.testing.assert_allclose(
        model.coefficients.vcov("linearized"), expected.vcov("linearized"), rtol=1e-6, atol=1e-12
    )
    np.testing.assert_allclose(model.coefficients.vcov("jackknife"), expected.vcov("jackknife"), rtol=1e-6, atol=1e-12)
    # In every redrawn sample too, to rounding; so joint with all that the survey answers.
    np.testing.assert_allclose(model.coefficients.draws, expected.draws, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(model.coefficients.interval(method="bca"), expected.interval(method="bca"), rtol=1e-6)
    margins = model.margins("group")[["crack only", "opioids"]]
    np.testing.assert_allclose(margins.point, [crack.point, opioids.point], rtol=1e-10)
    np.testing.assert_allclose(margins.se("linearized"), [crack.se("linearized"), opioids.se("linearized")], rtol=1e-8)
    effect, difference = model.effects("group"), opioids - crack
    np.testing.assert_allclose(effect.point, difference.point, rtol=1e-10)
    np.testing.assert_allclose(effect.draws[0], difference.draws[0], rtol=1e-6, atol=1e-9)


def weighted_fit(frame: pd.DataFrame, weights: Any) -> Any:
    """Weighted least squares of score on x, by the textbook."""
    x = np.column_stack([np.ones(len(frame)), frame["x"]])
    return np.linalg.solve(x.T @ (x * weights[:, None]), x.T @ (weights * frame["score"].to_numpy()))


def check_draws(survey: hp.Survey, frame: pd.DataFrame) -> None:
    model = hp.regress(survey, "score ~ x")
    weights = Weights.of(survey.sample).block(0, 20)
    expected = np.stack([weighted_fit(frame, row) for row in weights], axis=1)
    np.testing.assert_allclose(model.coefficients.draws[:, :20], expected, rtol=1e-9)


def test_draws_are_refits_whatever_the_design(mixed: pd.DataFrame) -> None:
    settings: dict[str, Any] = {"replicates": 50}
    check_draws(hp.Survey(mixed, **settings), mixed)
    check_draws(hp.Survey(mixed, strata="h", clusters="k", weights="w", **settings), mixed)
    check_draws(hp.Survey(mixed, strata="h", redraws="bayesian", **settings), mixed)
    stages = mixed.assign(i=np.arange(300), f1=40, f2=50)
    check_draws(hp.Survey(stages, clusters=["k", "i"], weights="w", fpc=["f1", "f2"], **settings), stages)
    calibrated = hp.Survey(mixed, clusters="k", weights="w", **settings).calibrate(
        {"g": {"a": 0.3, "b": 0.3, "c": 0.4}}
    )
    check_draws(calibrated, mixed)


def test_calibration_counts(mixed: pd.DataFrame) -> None:
    # A dummy's coefficient is a difference of means, whose linearised and jackknife errors have code of their own.
    survey = hp.Survey(mixed, clusters="k", weights="w", replicates=50).calibrate(
        {"x": 700, "g": {"a": 0.3, "b": 0.3, "c": 0.4}}
    )
    model = hp.regress(survey, "score ~ yes").coefficients
    means = survey.mean("score", by="yes")
    difference = means[1] - means[0]
    for method in ("linearized", "jackknife"):
        np.testing.assert_allclose(model["yes"].se(method), difference.se(method), rtol=1e-8)
    stages = mixed.assign(i=np.arange(300), f1=40, f2=50)
    two = hp.Survey(stages, clusters=["k", "i"], weights="w", fpc=["f1", "f2"])
    means = two.mean("score", by="yes")
    model = hp.regress(two, "score ~ yes").coefficients
    for method in ("linearized", "jackknife"):
        np.testing.assert_allclose(model["yes"].se(method), (means[1] - means[0]).se(method), rtol=1e-8)


def test_variance_replicates(pairs: pd.DataFrame, agency: pd.DataFrame, interviews: pd.DataFrame) -> None:
    survey = hp.Survey(agency, weights="w", replicate_weights=columns_of(agency), method="BRR")
    model = hp.regress(survey, "y ~ yes")
    frame = agency.assign(x=agency["yes"].astype(float), score=agency["y"])
    point = weighted_fit(frame, agency["w"].to_numpy())
    moved = np.stack([weighted_fit(frame, agency[name].to_numpy()) for name in columns_of(agency)]) - point
    np.testing.assert_allclose(model.summary()["se"], np.sqrt((moved**2).mean(axis=0)), rtol=1e-9)
    np.testing.assert_allclose(model.coefficients.se("replicates"), model.summary()["se"], rtol=1e-12)
    assert model.df == survey.sample.variance.df - 1  # type: ignore[union-attr]
    with pytest.raises(EstimationError, match="need the design"):
        model.coefficients.se("linearized")
    # Of a survey that joins identical rows: JKn is the jackknife.
    plain = hp.Survey(pd.concat([interviews.dropna()] * 3)[["in_treatment", "born", "group"]], strata="group")
    assert plain.sample.row_unit is not None
    by = hp.regress(plain.with_replicates("JKn"), "in_treatment ~ born", family="binomial").summary()["se"]
    np.testing.assert_allclose(
        by, hp.regress(plain, "in_treatment ~ born", family="binomial").coefficients.se("jackknife"), rtol=1e-9
    )


def test_imputations_pool(asked: hp.Survey, interviews: pd.DataFrame) -> None:
    # Rubin (1987), eq. 3.1.5, by hand.
    tables = [interviews.assign(age=interviews["age"].fillna(age)) for age in (20, 70)]
    models = [
        hp.regress(hp.Survey(t, strata="group", name=f"i{i}"), FORMULA, family="binomial") for i, t in enumerate(tables)
    ]
    pooled = hp.pool([model.coefficients for model in models])
    points = np.stack([np.asarray(model.coefficients.point) for model in models])
    within = np.mean([model.summary()["se"] ** 2 for model in models], axis=0)
    between = points.var(axis=0, ddof=1)
    np.testing.assert_allclose(pooled.point, points.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(pooled.se("linearized"), np.sqrt(within + 1.5 * between), rtol=1e-9)


def test_counts_are_people(table: pd.DataFrame) -> None:
    long = table.loc[table.index.repeat(table["count"])].drop(columns="count")
    a = hp.regress(hp.Survey(table, counts="count"), "in_treatment ~ born + group", family="binomial")
    b = hp.regress(hp.Survey(long.assign(i=np.arange(len(long)))), "in_treatment ~ born + group", family="binomial")
    assert a.n == b.n == len(long)
    np.testing.assert_allclose(a.summary(), b.summary(), rtol=1e-8, atol=1e-12)


def test_missing_answers_are_a_domain(asked: hp.Survey, interviews: pd.DataFrame) -> None:
    model = hp.regress(asked, FORMULA, family="binomial")
    assert (model.n, model.missing) == (518, 2)
    known = interviews["age"].notna() & interviews["born"].notna()
    inside = hp.regress(asked, FORMULA, family="binomial", where=known)
    assert (inside.n, inside.missing) == (518, 0)
    assert model.coefficients.draws.tobytes() == inside.coefficients.draws.tobytes()
    assert set(model.coefficients.summary(method="t")["missing"]) == {2}
    # A category outside the domain makes no column.
    opioids = hp.regress(asked, "in_treatment ~ age", family="binomial", where=interviews["group"] == "opioids")
    assert opioids.n == 393 - int((interviews["age"].isna() & (interviews["group"] == "opioids")).sum())
    assert "2 left out (missing answers)" in repr(model)


def test_transformed_predictors(asked: hp.Survey) -> None:
    # A quadratic's mean slope, by its derivative.
    square = hp.regress(asked, "depression ~ age + I(age ** 2)")
    b = square.coefficients.point
    known = asked.sample.units.dropna(subset=["age", "depression"])
    slope = b["age"] + 2 * b["I(age ** 2)"] * known["age"].mean()  # type: ignore[index]
    assert square.effects("age").point == pytest.approx(slope, rel=1e-7)
    step = hp.regress(asked, "in_treatment ~ I(age > 40) * group", family="binomial")
    with pytest.raises(InputError, match=r"changes in steps with 'age'.*margins"):
        step.effects("age")
    assert list(step.margins("age", at=[30, 50]).labels) == [30, 50]
    assert step.predict({"age": [33.3], "group": ["opioids"]}).point.between(0, 1).all()  # type: ignore[union-attr]
    with pytest.raises(InputError, match="can't hold 'old'"):
        step.margins("age", at=["old"])
    spline = hp.regress(asked, "in_treatment ~ bs(age, df=4)", family="binomial")
    assert spline.missing == asked.sample.units["age"].isna().sum()
    with pytest.raises(InputError, match=r"can't be evaluated.*beyond"):
        spline.predict({"age": [150]})


def test_saved_and_replayed(asked: hp.Survey) -> None:
    model = hp.regress(asked, FORMULA, family="binomial")
    for estimate in (model.coefficients, model.margins("group"), model.effects("age")):
        text = estimate.to_json()
        assert text is not None
        assert "synthetic-001" not in text
        read = hp.read_estimate(text)
        assert read.draws.tobytes() == estimate.draws.tobytes()
        again = read.replay(survey=asked)
        np.testing.assert_allclose(again.se("linearized"), estimate.se("linearized"), rtol=1e-9)
        assert again.draws.tobytes() == estimate.draws.tobytes()
        other = estimate.replay(seed=5)
        assert other.draws.tobytes() != estimate.draws.tobytes()
    text = model.methods()
    for words in ("logistic regression", "Binder DA (1983)", "t (linearised", FORMULA):
        assert words in text
    assert "in every replicate again" in model.coefficients.methods()
    assert copy.deepcopy(model) is model
    with pytest.raises(InputError, match=r"can't be saved.*coefficients"):
        pickle.dumps(model)
    leaf = model.coefficients.node
    kernel = leaf.reader([leaf]).kernel  # type: ignore[attr-defined]
    sent = pickle.loads(pickle.dumps(kernel))
    assert sent.block(3, 9, 1)[0].tobytes() == model.coefficients.draws[:, 3:9].copy().tobytes()
    more = model.coefficients.replay(replicates=500)
    assert more.draws[:, :400].tobytes() == model.coefficients.draws.tobytes()


@pytest.mark.parametrize(
    ("formula", "family", "words"),
    [
        ("in_treatment ~ aeg", "binomial", "'aeg'.*Did you mean 'age'"),
        ("age ~ group", "binomial", "'age'.*0 or 1"),
        ("group ~ age", "gaussian", "'group'.*must hold numbers"),
        ("low ~ age", "poisson", "negative in 1 row"),
        ("age ~ one", "gaussian", "'one' is the same for everyone"),
        ("age ~ nothing", "gaussian", "'nothing' is 0 for everyone"),
        ("in_treatment ~ age + months", "binomial", "'months' follows from 'age'"),
        ("age ~ C(only)", "gaussian", r"'C\(only\)' has a single category"),
        ("in_treatment ~ np.log(zero)", "binomial", r"'np.log\(zero\)' is undefined"),
        ("in_treatment ~ day", "binomial", "holds dates"),
        ("in_treatment", "binomial", "needs an outcome and predictors"),
        ("in_treatment ~ age +", "binomial", "can't be read"),
        ("in_treatment ~ age | group", "binomial", "needs an outcome"),
        ("in_treatment ~ foo(age)", "binomial", "names 'foo'"),
        ("in_treatment ~ bs(aeg, df=4)", "binomial", "'aeg' is not defined.*Did you mean 'age'"),
        ("lost ~ age", "gaussian", "Nobody is left"),
    ],
)
def test_bad_input(interviews: pd.DataFrame, formula: str, family: str, words: str) -> None:
    known = interviews[interviews["age"].notna()].reset_index(drop=True)
    frame = known.assign(
        one=1.5, nothing=0, months=known["age"] * 12, only="a", zero=0.0, day=pd.Timestamp("2023-01-01"), lost=np.nan
    )
    frame["low"] = np.where(np.arange(len(frame)) == 3, -1, 2)
    with pytest.raises(InputError, match=words):
        hp.regress(hp.Survey(frame), formula, family=family)


def test_more_bad_input(asked: hp.Survey, interviews: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="'logit' must be one of"):
        hp.regress(asked, "in_treatment ~ age", family="logit")
    with pytest.raises(InputError, match="takes a Survey"):
        hp.regress(interviews, "in_treatment ~ age")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no column 'tim'"):
        hp.regress(asked, "in_treatment ~ age", offset="tim")
    with pytest.raises(EstimationError, match="is 1 for all"):
        hp.regress(asked, "in_treatment ~ age", family="binomial", where=interviews["in_treatment"] == 1)
    with pytest.raises(InputError, match="can't determine"):
        hp.regress(hp.Survey({"y": [1.0, 2.0, 4.0], "a": [3, 1, 2], "b": [1, 1, 2], "c": [5, 3, 3]}), "y ~ a + b + c")


def test_column_types(interviews: pd.DataFrame) -> None:
    # The same answers as nullable types, booleans, categoricals and text give the same model.
    plain = hp.regress(hp.Survey(interviews), "in_treatment ~ age + injected + C(sex)", family="binomial")
    other = interviews.convert_dtypes().assign(
        injected=interviews["injected"].astype("boolean"), sex=interviews["sex"].astype("category")
    )
    typed = hp.regress(hp.Survey(other), "in_treatment ~ age + injected + sex", family="binomial")
    np.testing.assert_allclose(sorted(typed.coefficients.point), sorted(plain.coefficients.point), rtol=1e-9)
    years = interviews.assign(year=np.where(np.arange(520) % 3 == 0, np.nan, 2012 + np.arange(520) % 2))
    assert "C(year)[T.2013]" in hp.regress(hp.Survey(years), "age ~ C(year)").coefficients.labels
    condition = hp.regress(hp.Survey(interviews), "I(age > 40) ~ group", family="binomial")
    named = hp.regress(
        hp.Survey(interviews.assign(old=np.where(interviews["age"].isna(), np.nan, interviews["age"] > 40))),
        "old ~ group",
        family="binomial",
    )
    np.testing.assert_allclose(condition.coefficients.point, named.coefficients.point, rtol=1e-12)


def test_the_package_stays_light() -> None:
    code = "import sys, hiddenpop as hp; hp.Survey; assert not {'formulaic', 'scipy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_replay_labels_coefficients_right_when_levels_come_in_another_order(mixed: pd.DataFrame) -> None:
    # Same reference, other levels swapped: by definition each label is the coefficient that the model itself gives it.
    first = mixed.assign(g=pd.Categorical(mixed["g"], ["a", "b", "c"]))
    second = first.iloc[::2].assign(g=pd.Categorical(first["g"].iloc[::2], ["a", "c", "b"])).reset_index(drop=True)
    model = hp.regress(hp.Survey(first, clusters="k", replicates=60), "score ~ g + x").coefficients
    survey = hp.Survey(second, clusters="k", replicates=60)
    direct = hp.regress(survey, "score ~ g + x").coefficients
    assert list(direct.labels) != list(model.labels)
    replayed = model.replay(survey=survey)
    assert list(replayed.labels) == list(model.labels)
    for label in model.labels:
        assert replayed.point[label] == pytest.approx(direct.point[label], rel=1e-12)
    order = [list(direct.labels).index(label) for label in model.labels]
    np.testing.assert_allclose(replayed.draws, direct.draws[order], rtol=1e-12)
    for method in ("linearized", "jackknife"):
        np.testing.assert_allclose(replayed.se(method), direct.se(method).loc[list(model.labels)], rtol=1e-9)
    measured = model.replay(survey=survey.with_replicates("JK1"))
    np.testing.assert_allclose(measured.se(), direct.se("jackknife").loc[list(model.labels)], rtol=1e-9)


@pytest.mark.parametrize(
    ("formula", "levels", "words"),
    [
        ("score ~ g", ["a", "b", "c"], None),
        ("score ~ 0 + g", ["c", "a", "b"], None),  # without a reference order means nothing
        ("score ~ g", ["c", "a", "b"], r"no 'g\[T.c\]'"),
        ("score ~ g", ["a", "c", "b", "unused"], None),
        ("score ~ C(g, Sum)", ["b", "a", "c"], None),
        ("score ~ C(g, Helmert)", ["a", "c", "b"], "compare with something else"),  # with the levels before
        ("score ~ C(g, Diff)", ["a", "b", "c"], None),
        ("score ~ C(x // 3)", ["a", "b", "c"], None),
        ("score ~ bs(x, df=4)", ["a", "b", "c"], "would mean something else"),
        ("score ~ center(x)", ["a", "b", "c"], "would mean something else"),
        ("score ~ bs(x, knots=[0], lower_bound=-9, upper_bound=9)", ["a", "b", "c"], None),
    ],
)
def test_a_replay_keeps_what_labels_mean(formula: str, levels: list[str], words: str | None) -> None:
    """By definition each label is the coefficient that the model itself gives it; what means something else is refused."""
    rng = np.random.default_rng(8)
    x = rng.normal(0, 2, 90).clip(-5, 5)
    first = pd.DataFrame({"score": rng.normal(size=90), "g": pd.Categorical(list("abc") * 30), "x": x})
    second = first.iloc[:-7].assign(g=pd.Categorical(first["g"].iloc[:-7], levels), x=x[:-7] / 2)
    model = hp.regress(hp.Survey(first, replicates=20), formula)
    survey = hp.Survey(second, replicates=20)
    if words is not None:
        for est in (model.coefficients, model.predict({"g": ["a"], "x": [0.5]})):
            with pytest.raises(InputError, match=words):
                est.replay(survey=survey)
    elif set(model.coefficients.labels) == set(hp.regress(survey, formula).coefficients.labels):
        replayed, direct = model.coefficients.replay(survey=survey), hp.regress(survey, formula).coefficients
        for label in model.coefficients.labels:
            assert replayed.point[label] == pytest.approx(direct.point[label], rel=1e-12)
    if "g" in model._predictors.categories:
        margins = model.margins("g")
        direct = hp.regress(survey, formula).margins("g")
        np.testing.assert_allclose(margins.replay(survey=survey).point, direct.point[list(margins.labels)], rtol=1e-12)


def test_another_reference_of_the_same_other_levels_is_refused() -> None:
    rng = np.random.default_rng(8)
    y = rng.normal(size=60)
    model = hp.regress(hp.Survey({"y": y, "g": list("abc") * 20}, replicates=20), "y ~ g")
    other = hp.Survey({"y": y, "g": list("0bc") * 20}, replicates=20)
    assert list(hp.regress(other, "y ~ g").coefficients.labels) == list(model.coefficients.labels)
    for est in (model.coefficients, hp.read_estimate(model.coefficients.to_json())):
        with pytest.raises(InputError, match="'0', 'b', 'c' in the other survey and 'a', 'b', 'c' in this"):
            est.replay(survey=other)


def test_knots_are_those_of_the_same_rows_once_more() -> None:
    rng = np.random.default_rng(8)
    survey = hp.Survey({"y": rng.normal(size=60), "x": rng.normal(size=60)}, replicates=20)
    model = hp.regress(survey, "y ~ bs(x, df=4)").coefficients
    read = hp.read_estimate(model.to_json())
    np.testing.assert_array_equal(read.replay(survey=survey).point, model.point)
