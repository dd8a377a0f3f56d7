"""Sensitivity: closed forms, and what must be refused or said."""

from __future__ import annotations

import math
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop.errors import HiddenpopWarning, InputError
from matplotlib import pyplot

from .. import facts


def test_the_promised_lines_work(people: hp.Estimate) -> None:
    crack = people["crack only"]
    study = hp.sensitivity(lambda completeness, odds: crack / completeness * odds, completeness=(0.6, 1), odds=(0.5, 2))
    assert study.tornado() is not None
    assert study.contour() is not None
    assert study.tipping_point(people > 20_000).loc["completeness", "tips_at"] == pytest.approx(facts.CRACK / 20_000)
    pyplot.close("all")


def test_base_values_and_steps(study: hp.Sensitivity) -> None:
    # (0.6, 1) has the middle 0.8; (0.5, 2) is a ratio, whose middle is sqrt(0.5 * 2).
    assert study.base == {"completeness": 0.8, "odds": 1.0}
    assert study.estimate.point == pytest.approx(facts.CRACK / 0.8)
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
    expected = [facts.crack_size(c, 1) for c in (0.6, 0.8, 1)] + [facts.crack_size(0.8, o) for o in (0.5, 1, 2)]
    assert table["estimate"].to_numpy() == pytest.approx(expected)
    # Completeness only scales: so do percentiles of the same redraws.
    ends = crack.interval().to_numpy()[0]
    assert table.loc[0, ["lower", "upper"]].to_numpy(float) == pytest.approx(ends / 0.6)
    grid = study.grid("odds", "completeness", points=3)
    assert list(grid.columns) == ["odds", "completeness", "estimate", "lower", "upper"]
    assert grid["estimate"].to_numpy() == pytest.approx(
        [facts.crack_size(c, o) for o in (0.5, 1, 2) for c in (0.6, 0.8, 1)]
    )
    points = study.grid("odds", "completeness", points=3, intervals=False)
    pd.testing.assert_frame_equal(points, grid[["odds", "completeness", "estimate"]])
    one = study.model({"completeness": 0.6, "odds": 2.0})
    assert grid.loc[6, ["lower", "upper"]].to_numpy(float) == pytest.approx(one.interval().to_numpy()[0])


def test_tornado_is_sorted_and_sees_what_turns_back(crack: hp.Estimate, study: hp.Sensitivity) -> None:
    table = study.summary()
    assert list(table.index) == ["odds", "completeness"]
    assert table.loc["odds", "swing"] == pytest.approx(facts.crack_size(0.8, 2) - facts.crack_size(0.8, 0.5))
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
    assert table["estimate"].to_numpy() == pytest.approx(facts.CRACK * np.array([0.5, 1, 2]))
    assert table.loc[0, ["lower", "upper"]].to_numpy(float) == pytest.approx(crack.interval().to_numpy()[0] / 2)
    assert study.probabilistic().point == pytest.approx(facts.CRACK)
    assert study.scenarios({"a": {}, "b": {"x": 4}}).summary().loc["b", "relative"] == pytest.approx(1)


def test_a_model_that_treats_numbers_and_estimates_differently_is_called_with_numbers(crack: hp.Estimate) -> None:
    def model(x: Any) -> hp.Estimate:
        return crack * (x if isinstance(x, hp.Estimate) else 3 * x)

    assert hp.sensitivity(model, x=(2, 4)).one_way(points=2, intervals=False)["estimate"].to_numpy() == pytest.approx(
        [6 * facts.CRACK, 12 * facts.CRACK]
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
    assert one.summary().loc["completeness", "highest"] == pytest.approx(2 * facts.CRACK)
    assert one.one_way(points=2)["estimate"].to_numpy() == pytest.approx([2 * facts.CRACK, facts.CRACK])


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
    assert table.loc[2, "estimate"] == pytest.approx(facts.CRACK)
    with pytest.warns(HiddenpopWarning, match="no estimate at 1 of 3 values"):
        study.one_way(points=3, intervals=False)
    with pytest.warns(HiddenpopWarning, match="leaves that part out"):
        assert study.summary().loc["known", "lowest"] == pytest.approx(facts.CRACK)
