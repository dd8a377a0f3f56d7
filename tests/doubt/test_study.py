"""Sensitivity: closed forms, scipy's Sobol indices, and what must be refused or said."""

from __future__ import annotations

import math
from typing import Any

import hiddenpop as hp
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hiddenpop.doubt.variance_shares import estimators
from hiddenpop.errors import EstimationError, HiddenpopWarning, InputError
from matplotlib import pyplot
from scipy import stats

from .. import facts

mpl.use("Agg")
#: The study's size of the group that uses crack only.
CRACK = facts.OPAAK_BENCHMARKS["crack only"] * 127 / 39


@pytest.fixture
def crack(people: hp.Estimate) -> hp.Estimate:
    return people["crack only"]


@pytest.fixture
def study(survey: hp.Survey, crack: hp.Estimate) -> hp.Sensitivity:
    treated = survey.proportion("in_treatment", by="group")["crack only"]

    def model(completeness: Any, odds: Any) -> hp.Estimate:
        share = treated / (treated + odds * (1 - treated))
        return hp.multiplier(facts.OPAAK_BENCHMARKS["crack only"], share) / completeness

    return hp.sensitivity(model, completeness=(0.6, 1), odds=(0.5, 2), name="people")


def size_at(completeness: float, odds: float) -> float:
    """Closed form: 39 of 127 seen, those registered found with `odds` times the odds of the others."""
    return float(facts.OPAAK_BENCHMARKS["crack only"] * (39 + odds * 88) / 39 / completeness)


def test_the_promised_lines_work(people: hp.Estimate) -> None:
    crack = people["crack only"]
    study = hp.sensitivity(lambda completeness, odds: crack / completeness * odds, completeness=(0.6, 1), odds=(0.5, 2))
    assert study.tornado() is not None
    assert study.contour() is not None
    assert study.tipping_point(people > 20_000).loc["completeness", "tips_at"] == pytest.approx(CRACK / 20_000)
    pyplot.close("all")


def test_base_values_and_steps(study: hp.Sensitivity) -> None:
    # (0.6, 1) has the middle 0.8; (0.5, 2) is a ratio, whose middle is sqrt(0.5 * 2).
    assert study.base == {"completeness": 0.8, "odds": 1.0}
    assert study.estimate.point == pytest.approx(CRACK / 0.8)
    table = study.one_way(points=5, intervals=False)
    assert table.query("input == 'completeness'")["value"].tolist() == pytest.approx([0.6, 0.7, 0.8, 0.9, 1])
    assert table.query("input == 'odds'")["value"].tolist() == pytest.approx([2**k for k in (-1, -0.5, 0, 0.5, 1)])

    def of(**inputs: Any) -> tuple[float, float, float]:
        made = hp.sensitivity(lambda x: study.estimate * x, **inputs)
        return (made.inputs[0].low, made.inputs[0].base, made.inputs[0].high)

    assert of(x=(1, 2, 9)) == (1, 2, 9)
    assert of(x=[1, 2, 4, 5, 6]) == (1, 4, 6)
    assert of(x=[1, 2, 4, 5], base={"x": 2}) == (1, 2, 5)
    assert of(x=hp.uniform(0, 1, name="x")) == pytest.approx((0.025, 0.5, 0.975))
    assert of(x=hp.lognormal(1.5, 1.2, 1.9, name="x")) == pytest.approx((1.2, 1.5, 1.9))


def test_one_and_two_inputs_in_closed_form(study: hp.Sensitivity, crack: hp.Estimate) -> None:
    table = study.one_way(points=3)
    expected = [size_at(c, 1) for c in (0.6, 0.8, 1)] + [size_at(0.8, o) for o in (0.5, 1, 2)]
    assert table["estimate"].to_numpy() == pytest.approx(expected)
    # Completeness only scales: so do percentiles of the same redraws.
    ends = crack.interval().to_numpy()[0]
    assert table.loc[0, ["lower", "upper"]].to_numpy(float) == pytest.approx(ends / 0.6)
    grid = study.grid("odds", "completeness", points=3)
    assert list(grid.columns) == ["odds", "completeness", "estimate", "lower", "upper"]
    assert grid["estimate"].to_numpy() == pytest.approx([size_at(c, o) for o in (0.5, 1, 2) for c in (0.6, 0.8, 1)])
    points = study.grid("odds", "completeness", points=3, intervals=False)
    pd.testing.assert_frame_equal(points, grid[["odds", "completeness", "estimate"]])
    one = study.model({"completeness": 0.6, "odds": 2.0})
    assert grid.loc[6, ["lower", "upper"]].to_numpy(float) == pytest.approx(one.interval().to_numpy()[0])


def test_tornado_is_sorted_and_sees_what_turns_back(crack: hp.Estimate, study: hp.Sensitivity) -> None:
    table = study.summary()
    assert list(table.index) == ["odds", "completeness"]
    assert table.loc["odds", "swing"] == pytest.approx(size_at(0.8, 2) - size_at(0.8, 0.5))
    assert table.loc["completeness", "at_highest"] == pytest.approx(0.6)
    # x (1 - x) has its maximum 1/4 in the middle and the same value at both ends.
    turned = hp.sensitivity(lambda x: crack * (1 + x * (1 - x)), x=(0, 1), base={"x": 0}).summary()
    assert turned.loc["x", "swing"] == pytest.approx(crack.point / 4)
    assert turned.loc["x", "at_highest"] == pytest.approx(0.5)
    flat = hp.sensitivity(lambda x, y: crack * x, x=(1, 2), y=(1, 2)).summary()
    assert flat.loc["y", "swing"] == 0


def test_models_of_plain_numbers_give_the_same(crack: hp.Estimate) -> None:
    calls = []

    def arithmetic(x: Any) -> hp.Estimate:
        calls.append(x)
        return crack * x**2

    def plain(x: float) -> hp.Estimate:
        return crack * math.exp(2 * math.log(x))

    def branching(x: Any) -> hp.Estimate:
        return crack * (x**2 if x > 0 else 0)

    fast, slow, branch = (hp.sensitivity(model, x=(0.5, 2)) for model in (arithmetic, plain, branching))
    before = len(calls)
    tables = [made.one_way(points=200, intervals=False)["estimate"].to_numpy() for made in (fast, slow, branch)]
    assert len(calls) - before < 10  # one expression serves all values
    assert tables[0] == pytest.approx(tables[1])
    assert tables[0] == pytest.approx(tables[2])
    with pytest.raises(InputError, match="can't calculate with uncertain inputs"):
        slow.probabilistic()


def test_models_of_applied_functions_get_estimates(crack: hp.Estimate) -> None:
    study = hp.sensitivity(lambda x: crack * hp.apply(np.sqrt, x), x=(0.25, 4))
    table = study.one_way(points=3)
    assert table["estimate"].to_numpy() == pytest.approx(CRACK * np.array([0.5, 1, 2]))
    assert table.loc[0, ["lower", "upper"]].to_numpy(float) == pytest.approx(crack.interval().to_numpy()[0] / 2)
    assert study.probabilistic().point == pytest.approx(CRACK)
    assert study.scenarios({"a": {}, "b": {"x": 4}}).summary().loc["b", "relative"] == pytest.approx(1)


def test_a_model_that_treats_numbers_and_estimates_differently_is_called_with_numbers(crack: hp.Estimate) -> None:
    def model(x: Any) -> hp.Estimate:
        return crack * (x if isinstance(x, hp.Estimate) else 3 * x)

    assert hp.sensitivity(model, x=(2, 4)).one_way(points=2, intervals=False)["estimate"].to_numpy() == pytest.approx(
        [6 * CRACK, 12 * CRACK]
    )


def test_warnings_that_differ_in_their_numbers_come_once(crack: hp.Estimate) -> None:
    other = hp.published(50_000, 45_000, 56_000, name="other")

    def model(odds: float) -> hp.Estimate:
        return hp.triangulate({"a": crack / odds, "b": other}, method="bayesian", prior=0.3).estimate

    with pytest.warns(HiddenpopWarning, match="disagree") as said:
        made = hp.sensitivity(model, odds=(0.8, 1.25))
    assert len(said) == 1
    with pytest.warns(HiddenpopWarning, match="disagree") as said:
        made.summary()
    assert len([one for one in said if "disagree" in str(one.message)]) == 1
    with pytest.raises(InputError, match=r"returned Synthesis, not an Estimate. Its estimate is .estimate."):
        hp.sensitivity(lambda odds: hp.triangulate({"a": crack, "b": other / odds}, method="fixed"), odds=(0.8, 1.25))


def test_estimates_with_named_inputs(survey: hp.Survey) -> None:
    treated = survey.proportion("in_treatment", by="group")["crack only"]
    people = hp.multiplier(4_912, treated) / hp.beta(80, 20, name="completeness")
    study = hp.sensitivity(people, benchmark=(4_000, 6_000), completeness=(0.6, 1))
    assert study.base == {"benchmark": 4_912, "completeness": pytest.approx(0.8)}
    table = study.one_way(points=2, intervals=False)["estimate"].to_numpy()
    share, c = 39 / 127, 0.8
    assert table == pytest.approx([4_000 / share / c, 6_000 / share / c, 4_912 / share / 0.6, 4_912 / share])
    with pytest.raises(InputError, match="Did you mean 'completeness'"):
        hp.sensitivity(people, completenes=(0.6, 1))
    with pytest.raises(InputError, match="outside its range"):
        hp.sensitivity(people, benchmark=(5_000, 6_000))
    both = hp.multiplier(facts.OPAAK_BENCHMARKS, survey.proportion("in_treatment", by="group"))
    with pytest.raises(InputError, match="holds 2 numbers"):
        hp.sensitivity(both["crack only"], benchmark=(4_000, 6_000))


def test_several_labels(people: hp.Estimate) -> None:
    study = hp.sensitivity(lambda completeness: people / completeness, completeness=(0.5, 1))
    table = study.one_way(points=2)
    assert table["group"].tolist() == ["opioids", "crack only"] * 2
    assert table["estimate"].to_numpy() == pytest.approx(np.tile(people.node.point, 2) / [0.5, 0.5, 1, 1])
    assert "0.5" in repr(study)
    for ask in (study.tornado, study.summary, study.contour, lambda: study.tipping_point(above=1)):
        with pytest.raises(InputError, match=r"pick one: study\['opioids'\]"):
            ask()
    one = study["crack only"]
    assert one.summary().loc["completeness", "highest"] == pytest.approx(2 * CRACK)
    assert one.one_way(points=2)["estimate"].to_numpy() == pytest.approx([2 * CRACK, CRACK])


# Tipping points


def test_tipping_points_in_closed_form(study: hp.Sensitivity, people: hp.Estimate) -> None:
    # N = B (39 + 88 odds) / (39 c) crosses 20,000 at c = 0.79977 and, at c = 0.8, at odds = 1.0004.
    table = study.tipping_point(people > 20_000)
    assert table.loc["completeness", "tips_at"] == pytest.approx(CRACK / 20_000, abs=1e-8)
    odds = (20_000 * 0.8 * 39 / facts.OPAAK_BENCHMARKS["crack only"] - 39) / 88
    assert table.loc["odds", "tips_at"] == pytest.approx(odds, abs=1e-8)
    assert not table["holds"].any()
    assert "holds from here up" in table.loc["odds", "note"]
    for same in (
        study.tipping_point(above=20_000),
        study.tipping_point((people > 20_000)["opioids"]),
        study.tipping_point(lambda n: n > 20_000),
    ):
        assert same["tips_at"].to_numpy() == pytest.approx(table["tips_at"].to_numpy(), abs=2e-5)
    below = study.tipping_point(below=20_000)
    assert below["holds"].all()
    assert below["tips_at"].to_numpy() == pytest.approx(table["tips_at"].to_numpy())


def test_what_never_tips_says_so(study: hp.Sensitivity) -> None:
    table = study.tipping_point(above=30_000)
    assert np.isnan(table.loc["completeness", "tips_at"])
    assert "not within the range" in table.loc["completeness", "note"]
    assert "highest 26,700 at 0.6" in table.loc["completeness", "note"]
    assert table.loc["odds", "tips_at"] > 1
    throughout = study.tipping_point(above=5_000)
    assert "holds throughout (lowest 16,000 at 1)" in throughout.loc["completeness", "note"]


def test_listed_values_and_turning_back(crack: hp.Estimate) -> None:
    listed = hp.sensitivity(lambda x: crack * x, x=[1, 1.2, 1.4, 1.6, 1.8]).tipping_point(below=1.5 * CRACK)
    assert listed.loc["x", "tips_at"] == 1.6
    # 1 + x (1 - x) is above 1.2 between the roots of x^2 - x + 0.2: 0.276 and 0.724; the base 0.4 is nearer to the first.
    turning = hp.sensitivity(lambda x: crack * (1 + x * (1 - x)), x=(0, 1), base={"x": 0.4})
    found = turning.tipping_point(above=1.2 * CRACK)
    assert found.loc["x", "tips_at"] == pytest.approx((1 - math.sqrt(0.2)) / 2, abs=1e-7)
    assert "changes again" in found.loc["x", "note"]


def test_tipping_probability_in_closed_form() -> None:
    # X / c > 100 in 95% of draws of X ~ N(100, 10) while c < (100 - 1.645 * 10) / 100.
    x = hp.normal(100, 10, name="x")
    found = hp.sensitivity(lambda c: x / c, c=(0.5, 1)).tipping_point(above=100, probability=0.95)
    assert found.loc["c", "holds"]
    assert found.loc["c", "tips_at"] == pytest.approx(0.83551, abs=0.004)


def test_comparisons_that_fit_nothing(study: hp.Sensitivity, survey: hp.Survey, people: hp.Estimate) -> None:
    share = survey.proportion("in_treatment", by="group")["crack only"]
    bad: dict[str, Any] = {
        "about a share, and the model returns a size": share > 0.3,
        "compares with no single number": people["crack only"] > people["opioids"],
        "no single comparison": (people > 1) & (people < 2),
        "is no comparison. Write people > 20000": 20_000,
        "should return one comparison": lambda n: n,
    }
    for message, event in bad.items():
        with pytest.raises(InputError, match=message):
            study.tipping_point(event)
    with pytest.raises(InputError, match="Give one conclusion"):
        study.tipping_point()
    with pytest.raises(InputError, match="Give one conclusion"):
        study.tipping_point(above=1, below=2)
    with pytest.raises(InputError, match="between 0 and 1"):
        study.tipping_point(above=1, probability=95)
    with pytest.raises(InputError, match="above='many'"):
        study.tipping_point(above="many")  # type: ignore[arg-type]


# Variance shares


def test_products_of_lognormals_are_additive_on_the_log_scale() -> None:
    # Symmetric on the log scale (lower * upper = point^2), so log X_i is normal with s.d. log(upper) / 1.96.
    widths = {"a": 1.5, "b": 2.0, "c": 1.1}
    product: Any = 1
    for name, width in widths.items():
        product = hp.lognormal(1, 1 / width, width, name=name, replicates=40_000) * product
    variances = {name: math.log(width) ** 2 for name, width in widths.items()}
    found = hp.variance_shares(product, scale="log").summary()
    assert list(found.index) == ["b", "a", "c"]
    for name, variance in variances.items():
        share = variance / sum(variances.values())
        assert found.loc[name, "first"] == pytest.approx(share, abs=0.02)
        assert found.loc[name, "total"] == pytest.approx(share, abs=0.02)


def ishigami(x: Any, y: Any, z: Any) -> Any:
    return np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


def test_ishigami_in_closed_form() -> None:
    # Ishigami and Homma (1990) with a = 7, b = 0.1: the variance is V_x + V_y + V_xz.
    v_x, v_y, v_xz = (1 + 0.1 * math.pi**4 / 5) ** 2 / 2, 49 / 8, 0.01 * math.pi**8 * 8 / 225
    v = v_x + v_y + v_xz
    inputs = [hp.uniform(-math.pi, math.pi, name=name, replicates=65_536) for name in "xyz"]
    found = hp.variance_shares(hp.apply(ishigami, *inputs, name="ishigami")).summary().loc[list("xyz")]
    assert found["first"].to_numpy() == pytest.approx([v_x / v, v_y / v, 0], abs=0.02)
    assert found["total"].to_numpy() == pytest.approx([(v_x + v_xz) / v, v_y / v, v_xz / v], abs=0.02)


def test_estimators_are_those_of_scipy() -> None:
    rng = np.random.default_rng(1)
    a, b = (rng.uniform(-math.pi, math.pi, (3, 4_096)) for _ in range(2))
    mixed = np.stack([np.where(np.arange(3)[:, None] == i, b, a) for i in range(3)])
    f_a, f_b, f_ab = ishigami(*a), ishigami(*b), np.stack([ishigami(*one) for one in mixed])
    ours = [estimators(f_a, f_b, one) for one in f_ab]
    theirs = stats.sobol_indices(
        func={"f_A": f_a[None, :], "f_B": f_b[None, :], "f_AB": f_ab[:, None, :]}, n=4_096, method="saltelli_2010"
    )
    assert [one.first for one in ours] == pytest.approx(theirs.first_order.ravel(), rel=1e-10)
    assert [one.total for one in ours] == pytest.approx(theirs.total_order.ravel(), rel=1e-10)


def test_monte_carlo_intervals_cover() -> None:
    # 200 seeds of two normals with variances 9 and 1: 95% intervals hold the true share, 0.9, within chance (3 s.e.).
    both = hp.normal(0, 3, name="x", replicates=1_000) + hp.normal(0, 1, name="y", replicates=1_000)
    held = []
    for seed in range(200):
        row = hp.variance_shares(both.replay(seed=seed)).summary().loc["x"]
        held.append([row[f"{s}_lower"] <= 0.9 <= row[f"{s}_upper"] for s in ("first", "total")])
    assert np.mean(held, axis=0) == pytest.approx([0.95, 0.95], abs=0.046)


def test_a_survey_is_one_source(survey: hp.Survey) -> None:
    # Two statistics of one survey; delta method: log p has variance (1 - p) / (n p), log c that of beta(80, 20).
    treated = survey.proportion("in_treatment", by="group")
    people = hp.multiplier(facts.OPAAK_BENCHMARKS, treated) / hp.beta(80, 20, name="completeness")
    found = hp.variance_shares(people, replicates=20_000).summary()
    assert found.index.get_level_values("source").nunique() == 2
    beta = (0.2 / 0.8) / 101
    for label, p, n in (("opioids", 240 / 393, 393), ("crack only", 39 / 127, 127)):
        sampling = (1 - p) / (n * p)
        row = found.loc[(label, "the survey of 520 participants")]
        assert row["first"] == pytest.approx(sampling / (sampling + beta), abs=0.03)
    assert len(hp.variance_shares(people.sum("people")).summary()) == 2
    born = hp.variance_shares(people * survey.proportion("born", by="group")).summary()
    assert list(born.index.names) == ["group", "born", "source"]
    assert len(born) == 8


def test_shares_of_a_study_go_by_the_inputs_names(study: hp.Sensitivity) -> None:
    found = study.variance_shares(replicates=2_000)
    assert set(found.summary().index) == {"completeness", "odds", "the survey of 520 participants"}
    assert found.scale == "log"
    assert "odds" in repr(found)
    assert "Jansen" in found.methods()
    # Log-uniform on (0.5, 2): its logarithm has the variance (log 4)^2 / 12.
    odds = study.inputs[1].distribution()
    assert np.log(odds.draws).var() == pytest.approx(math.log(4) ** 2 / 12, rel=0.03)
    assert len(study.probabilistic(replicates=500).draws[0]) == 500
    assert study.probabilistic().name == "people"
    assert hp.read_estimate(study.probabilistic().to_json() or "").point == study.probabilistic().point


def test_an_input_from_the_same_survey_is_part_of_it(survey: hp.Survey, crack: hp.Estimate) -> None:
    # Size times share is the benchmark, whatever the redraw: all variance is the other input's, and the survey keeps its name.
    treated = survey.proportion("in_treatment", by="group")["crack only"]
    study = hp.sensitivity(lambda share, c: crack * share / c, share=treated, c=(0.5, 1))
    found = study.variance_shares().summary()
    assert list(found.index) == ["c", "the survey of 520 participants"]
    assert found["total"].to_numpy() == pytest.approx([1, 0], abs=0.03)


def test_lists_and_posteriors_are_sources() -> None:
    # On the log scale sources add up: each share is that of the variance of the source's own log draws.
    overlaps = hp.datasets.load("rome_hiv")["overlaps"]
    lists = hp.Lists(overlaps, ["c1", "c2", "c3", "c4"], counts="people")
    doubt = hp.lognormal(1, 1 / 1.2, 1.2, name="c")
    for size in (hp.sample_coverage(lists["c1", "c2", "c3"]), hp.decomposable_bma(lists)):
        found = hp.variance_shares(size * doubt, scale="log", replicates=40_000).summary()
        own = np.log(size.draws[0]).var()
        assert len(found) == 2
        assert found.drop("c")["first"].iloc[0] == pytest.approx(own / (own + (math.log(1.2) / 1.96) ** 2), abs=0.03)


def test_infinite_draws_are_left_out_and_said() -> None:
    def shares(yes: int, no: int) -> tuple[pd.DataFrame, int]:
        survey = hp.Survey({"yes": [1, 0], "count": [yes, no]}, counts="count")
        found = hp.variance_shares(hp.multiplier(100, survey.proportion("yes")) / hp.beta(80, 20, name="c"))
        return found.summary(), found.left_out

    # All of 30 redrawn from the 24 without: 0.8^30 = 0.12% of samples, twice as many pairs.
    with pytest.warns(HiddenpopWarning, match="left out"):
        table, left = shares(6, 24)
    assert left / 10_000 == pytest.approx(3 * 0.8**30, abs=0.003)
    assert table["first"].notna().all()
    with pytest.warns(HiddenpopWarning, match="too little to divide"):
        table, _ = shares(3, 27)  # 0.9^30 = 4%
    assert table["first"].isna().all()
    negative = hp.normal(0, 1, name="x") + hp.normal(0, 1, name="y")
    with pytest.warns(HiddenpopWarning, match="not positive on the log scale"):
        hp.variance_shares(negative, scale="log")


def test_noise_is_said(crack: hp.Estimate) -> None:
    with pytest.warns(HiddenpopWarning, match=r"uncertain by ±.*replicates=300"):
        hp.variance_shares(crack * hp.uniform(0.5, 1.5, name="x"), replicates=30, scale="log")


def test_nothing_to_divide(crack: hp.Estimate, survey: hp.Survey) -> None:
    for est, message in (
        (crack, "one source only"),
        (hp.beta(2, 3, name="c") > 0.5, "a comparison is 0 or 1"),
    ):
        with pytest.raises(InputError, match=f"(?i){message}"):
            hp.variance_shares(est)
    with pytest.raises(InputError, match="scale='sqrt'"):
        hp.variance_shares(crack * hp.beta(2, 3, name="c"), scale="sqrt")
    with pytest.raises(InputError, match="takes an Estimate"):
        hp.variance_shares(3)  # type: ignore[arg-type]


def test_surveys_without_draws(pairs: pd.DataFrame) -> None:
    table = pairs
    survey = hp.Survey(table, strata=table.columns[0], clusters=table.columns[1]).with_replicates("JKn")
    column = next(c for c in table.columns if table[c].dropna().isin([0, 1]).all())
    share = survey.proportion(column)
    study = hp.sensitivity(lambda c: hp.multiplier(100_000, share) / c, c=(0.5, 1))
    found = study.one_way(points=2)
    plain = hp.multiplier(100_000, share)
    assert found.loc[1, ["lower", "upper"]].to_numpy(float) == pytest.approx(plain.interval(method="t").to_numpy()[0])
    assert study.tipping_point(above=plain.point * 1.5)["tips_at"].to_numpy() == pytest.approx([2 / 3])
    for ask in (study.variance_shares, lambda: study.tipping_point(above=1, probability=0.5)):
        with pytest.raises(EstimationError, match="to_normal"):
            ask()


# Scenarios


def test_scenarios_move_together(study: hp.Sensitivity, crack: hp.Estimate) -> None:
    cases = study.scenarios(
        {
            "as published": {"completeness": 1},
            "misses 20%": {"completeness": 0.8},
            "odds 2": {"odds": 2, "completeness": 1},
        }
    )
    table = cases.summary()
    assert table["estimate"].to_numpy() == pytest.approx([CRACK, CRACK / 0.8, size_at(1, 2)])
    assert table["change"].to_numpy() == pytest.approx([0, CRACK / 4, size_at(1, 2) - CRACK])
    assert table["relative"].to_numpy()[:2] == pytest.approx([0, 0.25])
    assert table["completeness"].tolist() == [1, 0.8, 1]
    assert table["odds"].tolist() == [1, 1, 2]
    # The same redraws: the ratio of two sizes that differ by a factor is certain.
    assert cases.relative("misses 20%").se() == pytest.approx(0, abs=1e-12)
    assert cases.change("misses 20%").interval().to_numpy() == pytest.approx(crack.interval().to_numpy() / 4)
    assert "+25%" in repr(cases)
    assert "<table" in cases._repr_html_()
    assert "compared with 'as published'" in cases.methods()
    other = study.scenarios({"a": {"completeness": 1}, "b": {}}, base="b").summary()
    assert other.loc["b", "change"] == 0
    assert other.loc["a", "relative"] == pytest.approx(-0.2)


def test_scenarios_with_uncertain_values(study: hp.Sensitivity) -> None:
    cases = study.scenarios({"base": {}, "doubt": {"completeness": hp.beta(80, 20, name="c")}})
    wide = cases.summary()
    assert wide.loc["doubt", "estimate"] == pytest.approx(wide.loc["base", "estimate"])
    assert wide.loc["doubt", "upper"] > wide.loc["base", "upper"]
    assert wide.loc["doubt", "completeness"] == "c"


def test_bad_scenarios(study: hp.Sensitivity, crack: hp.Estimate, people: hp.Estimate) -> None:
    with pytest.raises(InputError, match=r"Scenario 'a' sets 'complete'. Did you mean 'completeness'"):
        study.scenarios({"a": {"complete": 1}, "b": {}})
    with pytest.raises(InputError, match="takes a mapping"):
        study.scenarios({"a": 0.8})  # type: ignore[dict-item]
    for cases, message in (
        ({"a": crack}, "two names or more"),
        ({"a": crack, "b": {"completeness": 1}}, "To set inputs use a study"),
        ({"a": crack, "b": people}, "pick one"),
        ({"a": crack, "b": hp.beta(2, 3, name="c")}, "of one quantity"),
    ):
        with pytest.raises(InputError, match=message):
            hp.scenarios(cases)  # type: ignore[arg-type]
    made = hp.scenarios({"a": crack, "b": crack * 2})
    with pytest.raises(InputError, match="no scenario 'c'"):
        made.change("c")
    with pytest.raises(InputError, match="the base itself"):
        made.change("a")
    with pytest.raises(InputError, match="to compare with"):
        hp.scenarios({"a": crack, "b": crack * 2}, base="c")


# What is refused, and what is said

BAD: dict[str, tuple[Any, dict[str, Any], str]] = {
    "inverted": (lambda c: c, {"c": (1, 0.6)}, r"c=\(1, 0.6\) should go from low to high. Did you mean \(0.6, 1\)"),
    "disordered": (lambda c: c, {"c": (1, 3, 2)}, "from low to high"),
    "flat": (lambda c: c, {"c": (1, 1)}, "from low to high"),
    "number": (lambda c: c, {"c": 0.8}, "One value is no range"),
    "text": (lambda c: c, {"c": "high"}, "should be a range"),
    "missing": (lambda c: c, {"c": (0.5, float("nan"))}, "varied over numbers"),
    "even": (lambda c: c, {"c": (1, 2, 3, 4)}, "no middle one"),
    "base outside": (lambda c: c, {"c": (1, 2), "base": {"c": 3}}, "outside its range"),
    "base unknown": (lambda c: c, {"c": (1, 2), "base": {"d": 1}}, "base= names 'd'"),
    "nothing": (lambda c: c, {}, "Say what is doubted"),
    "unknown": (lambda completeness: completeness, {"completenes": (0.5, 1)}, "Did you mean 'completeness'"),
    "lacking": (lambda c, odds: c, {"c": (0.5, 1)}, "needs 'odds', which has no range"),
    "no estimate": (lambda c: c * 2, {"c": (0.5, 1)}, "returned float, not an Estimate"),
    "comparison": (lambda c: hp.beta(2, 3, name="b") * c > 0.5, {"c": (0.5, 1)}, "returned a comparison"),
    "set": (lambda c: c, {"c": {1, 2}}, "should be a range"),
    "no model": (3, {"c": (0.5, 1)}, "should be a function of the inputs"),
    "fresh": (lambda c: hp.beta(80, 20) * c, {"c": (0.5, 1)}, r"new independent uncertain input \(beta\(80, 20\)\)"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_studies(name: str) -> None:
    model, inputs, message = BAD[name]
    with pytest.raises(InputError, match=message):
        hp.sensitivity(model, **inputs)


def test_bad_questions(study: hp.Sensitivity, crack: hp.Estimate) -> None:
    with pytest.raises(InputError, match=r"no input 'odd'. Did you mean 'odds'"):
        study.grid("odd", "completeness")
    with pytest.raises(InputError, match="both are 'odds'"):
        study.grid("odds", "odds")
    with pytest.raises(InputError, match="points=1"):
        study.one_way(points=1)
    with pytest.raises(InputError, match="published='16,000'"):
        study.contour(published="16,000")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="needs two inputs"):
        hp.sensitivity(lambda c: crack / c, c=(0.5, 1)).contour()
    with pytest.raises(InputError, match="have no probabilities"):
        hp.sensitivity(lambda c: crack / c, c=(1, 2, 3, 4, 5)).probabilistic()


def test_impossible_values_are_named(survey: hp.Survey) -> None:
    treated = survey.proportion("in_treatment", by="group")["crack only"]
    study = hp.sensitivity(lambda share: hp.multiplier(4_912, treated * share), share=(1, 5))
    # 39 / 127 times 5 is above 1.
    with pytest.raises(InputError, match=r"can't be evaluated at share=.*A share lies outside 0 to 1"):
        study.summary()


def test_where_there_is_no_estimate_is_said(survey: hp.Survey) -> None:
    treated = survey.proportion("in_treatment", by="group")["crack only"]
    study = hp.sensitivity(lambda known: hp.multiplier(4_912, treated * known), known=(0, 1), base={"known": 1})
    with pytest.warns(HiddenpopWarning, match="has no estimate"):
        table = study.one_way(points=3)
    assert np.isnan(table.loc[0, "estimate"])
    assert table.loc[2, "estimate"] == pytest.approx(CRACK)
    with pytest.warns(HiddenpopWarning, match="no estimate at 1 of 3 values"):
        study.one_way(points=3, intervals=False)
    with pytest.warns(HiddenpopWarning, match="leaves that part out"):
        assert study.summary().loc["known", "lowest"] == pytest.approx(CRACK)


# Figures and pages


def test_figures(study: hp.Sensitivity) -> None:
    axes = study.tornado()
    assert [tick.get_text().split("\n")[0] for tick in axes.get_yticklabels()] == ["odds", "completeness"]
    assert {text.get_text() for text in axes.texts} >= {"0.5", "2", "0.6", "1"}
    assert any(bar.get_hatch() for bar in axes.patches)
    left, right = axes.get_xlim()
    assert left < study.summary()["lowest"].min()
    assert right > study.summary()["highest"].max()
    axes = study.contour("odds", "completeness", published=16_000)
    assert axes.get_xlabel() == "odds"
    assert "published, 16,000" in axes.get_title(loc="left")
    (cross,) = axes.lines
    assert (list(cross.get_xdata()), list(cross.get_ydata())) == ([1.0], [0.8])
    axes = study.contour(published=1_000_000)
    assert "reached nowhere" in axes.get_title(loc="left")
    flat = hp.sensitivity(lambda a, b: study.estimate, a=(1, 2), b=(1, 2))
    assert "20,000 everywhere" in flat.contour().get_title(loc="left")
    assert {text.get_text().strip() for text in flat.tornado().texts} == {"a moves nothing", "b moves nothing"}
    endless = hp.sensitivity(lambda c: study.estimate / c, c=(0, 1))
    assert "0, unbounded" in {text.get_text() for text in endless.tornado().texts}
    axes = study.variance_shares(replicates=2_000).plot()
    assert len(axes.patches) == 6
    axes = study.scenarios({"a": {}, "b": {"odds": 2}}).plot()
    assert "dashed: a" in axes.get_xlabel()
    mine, own = pyplot.subplots()
    assert study.tornado(ax=own) is own
    assert mine is own.figure
    pyplot.close("all")


def test_texts(study: hp.Sensitivity) -> None:
    assert repr(study).splitlines()[0].startswith("people: 20,000 (95% interval")
    assert "completeness" in study._repr_html_()
    assert "completeness (0.8; 0.6 to 1)" in study.methods()
