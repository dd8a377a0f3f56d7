"""Regression: R's svyglm, closed forms of saturated models, refits by hand, and what has no answer."""

import copy
import pickle
import subprocess
import sys
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, HiddenpopWarning, InputError
from hiddenpop.sample.weights import Weights
from scipy import optimize, stats

from ..replicated import columns_of
from ..schools import DESIGNS, EXPECTED, table

FORMULA = "in_treatment ~ age + C(born) + group"


@pytest.fixture
def asked(interviews: pd.DataFrame) -> hp.Survey:
    return hp.Survey(interviews, strata="group", replicates=400)


@pytest.fixture
def mixed() -> pd.DataFrame:
    """Return 300 synthetic people in 30 clusters with weights, and outcomes of every kind."""
    rng = np.random.default_rng(8)
    n = 300
    frame = pd.DataFrame(
        {"k": np.repeat(np.arange(30), 10), "h": np.repeat(np.arange(3), 100), "w": rng.uniform(1, 6, n)}
    )
    frame["x"] = rng.normal(2, 1, n) + rng.normal(0, 0.5, 30)[frame["k"]]
    frame["g"] = rng.choice(["a", "b", "c"], n)
    frame["time"] = np.log(rng.uniform(0.5, 3, n))
    share = 0.15 + 0.1 * (frame["g"] == "b") + 0.05 * frame["x"]
    frame["yes"] = (rng.random(n) < share.clip(0, 0.6)).astype(int)
    frame["visits"] = rng.poisson(np.exp(0.3 * frame["x"] + 0.2 * (frame["g"] == "c") + frame["time"]))
    frame["score"] = 3 + 0.7 * frame["x"] + rng.normal(0, 1, n)
    return frame


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


@pytest.mark.filterwarnings("ignore:The Log link")
@pytest.mark.parametrize(
    ("family", "formula"),
    [
        ("gaussian", "score ~ x * g"),
        ("binomial", "yes ~ x + g"),
        ("poisson", "visits ~ x + C(g)"),
        ("log-binomial", "yes ~ x + g"),
    ],
)
def test_points_agree_with_statsmodels(mixed: pd.DataFrame, family: str, formula: str) -> None:
    sm = pytest.importorskip("statsmodels.api")
    smf = pytest.importorskip("statsmodels.formula.api")
    families = {
        "gaussian": sm.families.Gaussian(),
        "binomial": sm.families.Binomial(),
        "poisson": sm.families.Poisson(),
        "log-binomial": sm.families.Binomial(sm.families.links.Log()),
    }
    offset = "time" if family == "poisson" else None
    ours = hp.regress(hp.Survey(mixed, weights="w"), formula, family=family, offset=offset)
    shift = {"offset": mixed["time"]} if offset else {}
    start = [-1.5, 0, 0, 0] if family == "log-binomial" else None
    theirs = smf.glm(formula, mixed, family=families[family], freq_weights=mixed["w"], **shift).fit(
        tol=1e-12, start_params=start, maxiter=200
    )
    expected = theirs.params[list(ours.coefficients.labels)]  # it may order terms otherwise
    np.testing.assert_allclose(ours.coefficients.point, expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("family", "outcome"), [("binomial", "yes"), ("poisson", "visits"), ("log-binomial", "yes")])
def test_influence_is_the_derivative_by_weights(mixed: pd.DataFrame, family: str, outcome: str) -> None:
    # Numerically: the estimate when one row's weight moves a little.
    model = hp.regress(hp.Survey(mixed, weights="w"), f"{outcome} ~ x + g", family=family)
    for estimate in (model.coefficients, model.margins("g")):
        influence = np.array(estimate.node.influence())  # type: ignore[attr-defined]
        for row in (3, 77, 204):
            h = 1e-4
            ends = []
            for sign in (1, -1):
                moved = mixed.assign(w=mixed["w"] + np.where(np.arange(300) == row, sign * h, 0.0))
                again = hp.regress(hp.Survey(moved, weights="w"), f"{outcome} ~ x + g", family=family)
                ends.append((again.coefficients if estimate is model.coefficients else again.margins("g")).point)
            np.testing.assert_allclose(influence[:, row], (ends[0] - ends[1]) / (2 * h), rtol=1e-5, atol=1e-10)


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


def test_tests_of_terms(asked: hp.Survey) -> None:
    model = hp.regress(asked, FORMULA, family="binomial")
    b, v = model.coefficients.point.to_numpy()[2:4], model.coefficients.vcov("linearized").to_numpy()[2:4, 2:4]  # type: ignore[union-attr]
    wald = b @ np.linalg.inv(v) @ b
    adjusted, plain = model.test("C(born)").iloc[0], model.test("C(born)", adjust=False).iloc[0]
    # Korn and Graubard (1990): (d - q + 1) / (d q) W on q and d - q + 1 degrees of freedom.
    assert adjusted["F"] == pytest.approx(517 / (518 * 2) * wald, rel=1e-9)
    assert adjusted["p"] == pytest.approx(stats.f.sf(adjusted["F"], 2, 517), rel=1e-9)
    assert (plain["F"], plain["df2"]) == (pytest.approx(wald / 2, rel=1e-9), 514)
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
    t = stats.t.ppf(0.95, 514)
    np.testing.assert_allclose(logs["upper"], logs["estimate"] + t * logs["se"], rtol=1e-9)
    np.testing.assert_allclose(logs["lower"], model.coefficients.interval(0.9, method="t")["lower"], rtol=1e-10)
    for name in ("estimate", "lower", "upper"):
        np.testing.assert_allclose(ratios[name], np.exp(logs[name]), rtol=1e-12)
    odds = hp.apply(np.exp, model.coefficients)
    np.testing.assert_allclose(ratios["se"], odds.se("linearized"), rtol=1e-6)
    for shown in (repr(model), model._repr_html_()):
        assert "odds ratio" in shown
        assert "514 degrees of freedom" in shown
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


def test_separation_is_said() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"x": rng.normal(size=60), "g": ["a", "b", "c"] * 20, "yes": rng.integers(0, 2, 60), "i": np.arange(60)}
    )
    quasi = frame.assign(yes=np.where(frame["g"] == "b", 0, frame["yes"]))
    for family in ("binomial", "log-binomial", "poisson"):
        with pytest.raises(
            EstimationError, match=r"Separation: 'g\[T.b\]'.*'yes' is 0 in all 20 rows where 'g\[T.b\]' is 1"
        ):
            hp.regress(hp.Survey(quasi), "yes ~ x + g", family=family)
    complete = frame.assign(yes=(frame["x"] > 0).astype(int))
    with pytest.raises(EstimationError, match="Separation: 'x'"):
        hp.regress(hp.Survey(complete), "yes ~ x + g", family="binomial")
    # Quasi-complete by a threshold, with ties at the edge.
    edge = pd.DataFrame(
        {"x": [0.0] * 10 + [1.0] * 10 + [2.0] * 10, "yes": [0] * 10 + [0, 1] * 5 + [1] * 10, "i": range(30)}
    )
    with pytest.raises(EstimationError, match="Separation: 'x'"):
        hp.regress(hp.Survey(edge), "yes ~ x", family="binomial")
    # A rare event is none.
    rare = frame.assign(yes=np.where(frame["g"] == "b", (frame["i"] < 12).astype(int), frame["yes"]))
    with pytest.warns(HiddenpopWarning, match=r"'g\[T.b\]'"):
        hp.regress(hp.Survey(rare), "yes ~ x + g", family="binomial")


def test_sparse_cells_lose_redraws() -> None:
    frame = pd.DataFrame({"g": ["a"] * 60 + ["b"] * 20, "yes": [0, 1] * 30 + [1, 1] + [0] * 18, "i": range(80)})
    with pytest.warns(HiddenpopWarning, match=r"of the first 500 redrawn samples have no fit"):
        model = hp.regress(hp.Survey(frame, replicates=2000), "yes ~ g", family="binomial")
    lost = np.isnan(model.coefficients.draws[0])
    # Nobody of the two is redrawn in (1 - 2/80)^80 of the samples: 13%.
    assert lost.mean() == pytest.approx((1 - 2 / 80) ** 80, abs=4 * np.sqrt(0.13 * 0.87 / 2000))
    with pytest.warns(HiddenpopWarning, match="No interval"):
        assert model.coefficients.interval(method="percentile").isna().all().all()
    assert model.summary().notna().all().all()


def test_log_binomial_at_its_edge() -> None:
    # The fitted risk would pass 1: everybody at x = 3 has the outcome, and the risk rises by a constant factor before.
    frame = pd.DataFrame(
        {"x": np.repeat([0.0, 1, 2, 3], 10), "yes": [1] + [0] * 9 + [1] * 3 + [0] * 7 + [1] * 9 + [0] + [1] * 10}
    )
    survey = hp.Survey(frame.assign(i=range(40)))
    with pytest.raises(EstimationError, match=r"risk of 1 or more.*family='poisson'"):
        hp.regress(survey, "yes ~ x", family="log-binomial")
    assert hp.regress(survey, "yes ~ x", family="poisson").n == 40


@pytest.mark.filterwarnings("ignore::hiddenpop.HiddenpopWarning")
def test_log_binomial_finds_the_maximum_or_its_edge() -> None:
    # Maximum likelihood under the constraint that risks are at most 1, by scipy's SLSQP.
    rng = np.random.default_rng(3)
    inside = 0
    for _ in range(30):
        x, z = rng.normal(size=60), rng.integers(0, 2, 60).astype(float)
        risk = np.exp(-1 + rng.uniform(0, 0.6) * x + rng.uniform(-0.5, 0.5) * z).clip(0, 1)
        y = (rng.random(60) < risk).astype(float)
        design = np.column_stack([np.ones(60), x, z])
        best = constrained(design, y)
        survey = hp.Survey(pd.DataFrame({"x": x, "z": z, "y": y}), replicates=2)
        if (design @ best).max() > -1e-6:
            with pytest.raises(EstimationError, match="risk of 1 or more"):
                hp.regress(survey, "y ~ x + z", family="log-binomial")
        else:
            inside += 1
            model = hp.regress(survey, "y ~ x + z", family="log-binomial")
            np.testing.assert_allclose(model.coefficients.point, best, atol=1e-4)
    assert 10 <= inside <= 20


def constrained(x: Any, y: Any) -> Any:
    """Return the log-binomial maximum with no risk above 1."""

    def loss(b: Any) -> float:
        eta = x @ b
        return -float((y * eta + (1 - y) * np.log1p(-np.exp(np.minimum(eta, -1e-12)))).sum())

    def slope(b: Any) -> Any:
        mean = np.exp(np.minimum(x @ b, -1e-12))
        return -x.T @ np.where(y == 1, 1, -mean / (1 - mean))

    edge = {"type": "ineq", "fun": lambda b: -(x @ b), "jac": lambda b: -x}
    options = {"ftol": 1e-13, "maxiter": 500}
    return optimize.minimize(loss, [-1.5, 0, 0], jac=slope, method="SLSQP", constraints=edge, options=options).x


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
