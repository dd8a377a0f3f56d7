"""Calibration against R's survey, closed forms, and its own promises."""

from __future__ import annotations

import tracemalloc
import warnings

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop.errors import EstimationError, HiddenpopWarning, InputError

from .. import facts

TYPES = {"E": 4421, "H": 755, "M": 1018}


@pytest.fixture(scope="module")
def clus1() -> hp.Survey:
    table = pd.read_csv(facts.DATA / "apiclus1.csv")
    return hp.Survey(table, clusters="dnum", weights="pw", fpc="fpc", replicates=2_000)


def test_poststratified_as_printed_by_r(clus1: hp.Survey) -> None:
    # R survey, help page of postStratify: svytotal(~enroll, dclus1p) 3680893, SE 406293; api00 642.31, 23.921.
    survey = clus1.poststratify("stype", TYPES)
    total, mean = survey.total("enroll"), survey.mean("api00")
    assert (round(total.point), round(total.se("linearized"))) == (3680893, 406293)
    assert (round(mean.point, 2), round(mean.se("linearized"), 3)) == (642.31, 23.92)
    # What is calibrated to is known: no replicate moves it.
    assert survey.count("stype").point.to_dict() == pytest.approx(TYPES)
    assert survey.count("stype").se().max() < 1e-6


def test_regression_estimator_as_printed_by_r(clus1: hp.Survey) -> None:
    # R survey, help page of calibrate, ~stype + api99: api00 665.31, SE 3.4418; enroll 3638487, SE 385524.
    survey = clus1.calibrate({"stype": TYPES, "api99": 3914069}, method="linear")
    total, mean = survey.total("enroll"), survey.mean("api00")
    assert (round(total.point), round(total.se("linearized"))) == (3638487, 385524)
    assert (round(mean.point, 2), round(mean.se("linearized"), 4)) == (665.31, 3.4418)
    assert survey.total("api99").point == pytest.approx(3914069)
    # Redraws of 15 clusters: their standard error is within a fifth of the linearised one.
    assert total.se() == pytest.approx(385524, rel=0.2)


def test_raked_jackknife_as_printed_by_r(clus1: hp.Survey) -> None:
    # R survey, help page of rake on as.svrepdesign(dclus1): api00 641.23, SE 26.874; enroll 3647280, SE 463582.
    survey = clus1.calibrate({"stype": TYPES, "sch.wide": {"No": 1072, "Yes": 5122}})
    total, mean = survey.total("enroll"), survey.mean("api00")
    assert (round(total.point), round(total.se("jackknife", centre="mean"))) == (3647280, 463582)
    assert (round(mean.point, 2), round(mean.se("jackknife", centre="mean"), 3)) == (641.23, 26.874)


def test_poststratified_share_is_a_weighted_sum_of_shares() -> None:
    # Closed form: sum of W_h p_h, in the sample and in every replicate; strata and poststrata redraw jointly.
    table = {"sex": ["m", "m", "f", "f"], "yes": [1, 0, 1, 0], "count": [300, 100, 20, 60]}
    survey = hp.Survey(table, counts="count", replicates=200)
    fitted = survey.poststratify("sex", {"m": 700, "f": 300})
    by_sex = survey.proportion("yes", by="sex")
    by_hand = 0.7 * by_sex["m"] + 0.3 * by_sex["f"]
    assert fitted.proportion("yes").point == pytest.approx(0.7 * 0.75 + 0.3 * 0.25)
    np.testing.assert_allclose(fitted.proportion("yes").draws, by_hand.draws, rtol=1e-9)
    # The linearised variance is that of the closed form; shares of 1 and totals of 1000 are one margin.
    assert fitted.proportion("yes").se("linearized") == pytest.approx(by_hand.se("linearized"), rel=1e-9)
    shares = survey.poststratify("sex", {"m": 0.7, "f": 0.3})
    assert shares.proportion("yes").point == pytest.approx(fitted.proportion("yes").point)
    assert shares.weights.to_numpy() @ np.array([300, 100, 20, 60]) == pytest.approx(480)


def test_joint_with_the_survey_before_calibration() -> None:
    # The same people and redraws: their difference has less variance than two surveys' would.
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"sex": rng.choice(["m", "f"], 300), "x": rng.normal(size=300)})
    survey = hp.Survey(table, replicates=2_000)
    fitted = survey.calibrate({"sex": {"m": 0.6, "f": 0.4}})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        difference = fitted.mean("x") - survey.mean("x")
    apart = np.hypot(fitted.mean("x").se(), survey.mean("x").se())
    assert difference.se() < apart / 3
    assert difference.se() == pytest.approx(difference.se("linearized"), rel=0.1)


def test_bounded_weights_stay_within_bounds() -> None:
    rng = np.random.default_rng(3)
    table = pd.DataFrame({"sex": rng.choice(["m", "f"], 400, p=[0.75, 0.25]), "age": rng.integers(18, 70, 400)})
    margins = {"sex": {"m": 300, "f": 100}, "age": 400 * 45.0}
    survey = hp.Survey(table, replicates=500)
    free = survey.calibrate(margins).weights
    assert free.max() > 1.45
    for method in ("raking", "linear", "logit"):
        fitted = survey.calibrate(margins, method=method, bounds=(0.4, 1.45))
        assert fitted.weights.min() >= 0.4
        assert fitted.weights.max() <= 1.45
        assert fitted.total("age").point == pytest.approx(400 * 45.0)
        assert fitted.count("sex").point.to_dict() == pytest.approx(margins["sex"])


def test_bounds_too_narrow_for_few_clusters_are_refused(clus1: hp.Survey) -> None:
    # 15 clusters: the sample itself fits within these bounds, most redrawn ones do not.
    with pytest.raises(EstimationError, match="replicates can't be calibrated, more than 1%"):
        clus1.calibrate({"stype": TYPES, "api99": 3914069}, bounds=(0.55, 1.6))


def test_estimated_margins_add_their_variance() -> None:
    # Closed form for one margin: V = W(1-W) variances of the known-margin share, plus (p_m - p_f)^2 var(W).
    table = {"sex": ["m", "m", "f", "f"], "yes": [1, 0, 1, 0], "count": [300, 100, 20, 60]}
    survey = hp.Survey(table, counts="count", replicates=20_000)
    census = hp.Survey({"sex": ["m", "f"], "count": [70, 30]}, counts="count", replicates=20_000)
    shares = census.proportion("sex")
    known = survey.poststratify("sex", {"m": 0.7, "f": 0.3}).proportion("yes")
    fitted = survey.poststratify("sex", shares).proportion("yes")
    assert fitted.point == pytest.approx(known.point)
    expected = np.hypot(known.se("linearized"), 0.5 * shares["m"].se())
    assert fitted.se("linearized") == pytest.approx(expected, rel=1e-3)
    assert fitted.se() == pytest.approx(expected, rel=0.03)
    # Another seed draws margins and people again.
    assert fitted.replay(seed=1).se() == pytest.approx(expected, rel=0.03)


def test_quantiles_functions_and_exports_use_calibrated_weights(clus1: hp.Survey) -> None:
    survey = clus1.calibrate({"stype": TYPES, "api99": 3914069})
    table = pd.read_csv(facts.DATA / "apiclus1.csv")
    enroll = table["enroll"].to_numpy(float)
    ours = survey.replicate(lambda w: float(w @ enroll))
    np.testing.assert_allclose(ours.draws[0, :50], survey.total("enroll").draws[0, :50], rtol=1e-9)
    weights = survey.to_replicate_weights(5)
    np.testing.assert_allclose(weights.T @ table["api99"], 3914069, rtol=1e-7)
    by_hand = pd.Series(survey.weights.to_numpy(), table["api00"]).sort_index().cumsum()
    assert survey.median("api00").point in by_hand.index[[by_hand.searchsorted(by_hand.iloc[-1] / 2)]]


def test_by_rows_and_by_kinds_alike() -> None:
    kinds = {"sex": ["m", "m", "f", "f"], "yes": [1, 0, 1, 0], "count": [300, 100, 20, 60]}
    rows = pd.DataFrame({k: np.repeat(v, kinds["count"]) for k, v in kinds.items() if k != "count"})
    a = hp.Survey(kinds, counts="count").calibrate({"sex": {"m": 700, "f": 300}})
    b = hp.Survey(rows).calibrate({"sex": {"m": 700, "f": 300}})
    assert a.total("yes").point == pytest.approx(b.total("yes").point)
    assert a.total("yes").se("linearized") == pytest.approx(b.total("yes").se("linearized"))
    assert a.total("yes").se("jackknife") == pytest.approx(b.total("yes").se("jackknife"))
    assert b.weights.sum() == pytest.approx(1000)
    assert b.design.calibration is not None
    assert "calibrated by raking to sex" in str(b.design)


BAD = {
    "disagree": ({"sex": {"m": 700, "f": 300}, "age": {"young": 500, "old": 600}}, {}, "margins disagree"),
    "no total": ({"sex": {"m": 700}}, {}, "no total for 'f'"),
    "nobody": ({"sex": {"m": 700, "f": 200, "x": 100}}, {}, "Nobody in the sample is in 'x'"),
    "zero": ({"sex": {"m": 1000, "f": 0}}, {}, "zero or less"),
    "missing": ({"gaps": {"a": 500, "b": 500}}, {}, "missing in .*row"),
    "unknown": ({"sexe": {"m": 700, "f": 300}}, {}, "sex"),
    "method": ({"sex": {"m": 700, "f": 300}}, {"method": "rake"}, "method='rake'"),
    "bounds": ({"sex": {"m": 700, "f": 300}}, {"bounds": (1.2, 2)}, "must lie below and above 1"),
    "one bound": ({"sex": {"m": 700, "f": 300}}, {"bounds": (0, None)}, "needs both"),
    "no margins": ({}, {}, "calibrate needs margins"),
    "not a total": ({"sex": {"m": "many", "f": 300}}, {}, "give a finite total"),
    "no mapping": ({"sex": ["m", "f"]}, {}, "should be a mapping"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_margins(name: str) -> None:
    margins, options, message = BAD[name]
    table = pd.DataFrame(
        {"sex": list("mmff"), "age": ["young", "old"] * 2, "gaps": ["a", None, "b", "a"], "x": [1, 0, 1, 1]}
    )
    with pytest.raises(InputError, match=message):
        hp.Survey(table).calibrate(margins, **options)


def test_margins_that_cannot_be_met_are_named() -> None:
    table = pd.DataFrame({"sex": ["m"] * 90 + ["f"] * 10, "x": range(100)})
    with pytest.raises(EstimationError, match=r"'sex: [mf]'"):
        hp.Survey(table).calibrate({"sex": {"m": 500, "f": 500}}, bounds=(0.9, 1.1))
    # A category of one person is missing in a third of all redrawn samples.
    rare = table.assign(sex=["m"] * 99 + ["f"])
    with pytest.raises(EstimationError, match="more than 1%"):
        hp.Survey(rare).calibrate({"sex": {"m": 900, "f": 10}})
    # Five people: 0.7 in a hundred samples lack them all, which is said and left out.
    few = hp.Survey(table.assign(sex=["m"] * 95 + ["f"] * 5), seed=1)
    with pytest.warns(HiddenpopWarning, match="left out"):
        fitted = few.calibrate({"sex": {"m": 900, "f": 100}})
    with pytest.warns(HiddenpopWarning, match="undefined"):
        assert np.isfinite(fitted.mean("x").se())
    # The Bayesian bootstrap leaves nobody out.
    assert np.isfinite(hp.Survey(rare, redraws="bayesian").calibrate({"sex": {"m": 900, "f": 10}}).mean("x").se())


def test_calibrated_twice_is_refused() -> None:
    survey = hp.Survey({"sex": ["m", "f"] * 30, "x": range(60)}).calibrate({"sex": {"m": 700, "f": 300}})
    with pytest.raises(InputError, match="calibrated already"):
        survey.calibrate({"sex": {"m": 700, "f": 300}})


def test_negative_weights_are_said() -> None:
    table = pd.DataFrame({"x": np.arange(60.0)})
    with pytest.warns(HiddenpopWarning, match="weights are negative"):
        fitted = hp.Survey(table, replicates=100).calibrate({"x": 300.0}, method="linear")
    assert fitted.total("x").point == pytest.approx(300.0)


def test_many_poststrata_take_no_table_of_rows_by_categories() -> None:
    # 1,000 columns of 10,000 rows would be 80 MB, and took 0.9 GB in all; rows and categories are 10,000 numbers a column.
    rng = np.random.default_rng(0)
    code = np.concatenate([np.arange(1_000), rng.integers(0, 1_000, 9_000)])
    survey = hp.Survey({"h": code.astype(str), "age": rng.normal(40, 9, 10_000)}, replicates=4, redraws="bayesian")
    tracemalloc.start()
    made = survey.poststratify("h", {str(i): 1 / 1_000 for i in range(1_000)})
    mean = made.mean("age")
    spread = mean.se("linearized")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 25e6
    # The mean of the strata's means, by definition.
    ages = pd.Series(survey.sample.units["age"].to_numpy()).groupby(code).mean()
    assert float(mean.point) == pytest.approx(ages.mean(), rel=1e-9)
    assert spread > 0


@pytest.mark.parametrize("many", [15, 60])
def test_margins_that_follow_from_others_are_found_however_many(many: int) -> None:
    # Two questions: the last category of the second follows; a third, a recode of the first, follows but for nothing.
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, many, 4_000), rng.integers(0, many, 4_000)
    table = pd.DataFrame({"a": a.astype(str), "b": b.astype(str), "half": np.where(a % 2, "odd", "even")})
    survey = hp.Survey(table, replicates=2, redraws="bayesian")
    shares = {name: table[name].value_counts(normalize=True).to_dict() for name in table}
    weights = survey.calibrate(shares).weights
    np.testing.assert_allclose(weights, 1.0, rtol=1e-6)
    with pytest.raises(InputError, match="follows from the other margins"):
        survey.assign(one=1.0).calibrate(shares | {"one": 4_000.0})
