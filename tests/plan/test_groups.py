"""Plans of several groups: each is the plan that it is alone, and together what independent groups are."""

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import InputError


def plans() -> hp.plan.Plans:
    return hp.plan.by_group(
        hp.plan.multiplier,
        benchmark={"opioids": 8_126, "crack": 4_912},
        share={"crack": 0.31, "opioids": 0.61},
        relative_precision=0.2,
        response={"opioids": 0.7, "crack": 0.5},
    )


def test_each_group_is_planned_as_alone() -> None:
    found = plans()
    alone = hp.plan.multiplier(4_912, 0.31, relative_precision=0.2, response=0.5)
    assert found["crack"] == alone
    assert found.n == sum(plan.n for plan in found.plans.values())
    assert found.invite == found["opioids"].invite + alone.invite
    assert found.summary().loc["crack", "invite"] == alone.invite == 2 * alone.n
    assert "crack: " in repr(found)
    assert found._repr_html_()


def test_the_sum_is_as_precise_as_simulated() -> None:
    found = plans()
    rng = np.random.default_rng(3)
    sizes = 0.0
    for label, benchmark in (("opioids", 8_126), ("crack", 4_912)):
        one = found[label]
        sizes = sizes + benchmark * one.n / rng.binomial(one.n, one.share, 40_000)
    low, high = np.quantile(sizes, [0.025, 0.975])
    truth = 8_126 / 0.61 + 4_912 / 0.31
    # The delta method's interval is symmetric; of this size it is within some hundredths of the simulated one.
    assert (high - low) / 2 / truth == pytest.approx(found.relative_precision, rel=0.06)
    assert f"± {found.relative_precision:.1%}" in found.methods()
    assert found.methods().count("Fearon") == 1


def test_shares_have_no_sum() -> None:
    found = hp.plan.by_group(hp.plan.proportion, share={("NL", 2020): 0.3, ("NL", 2024): 0.5}, precision=0.05)
    assert np.isnan(found.relative_precision)
    assert "NL, 2020: Interview" in repr(found)
    assert "together" not in repr(found)
    pilot = hp.Survey({"x": [0, 1] * 20, "g": ["a", "b"] * 10 + ["a"] * 20}, replicates=50).proportion("x", by="g")
    assert list(hp.plan.by_group(hp.plan.proportion, share=pilot * 0.5 + 0.2, precision=0.1).plans) == ["a", "b"]


def test_bad_input() -> None:
    with pytest.raises(InputError, match="at least one argument as a mapping"):
        hp.plan.by_group(hp.plan.proportion, share=0.3, precision=0.1)
    with pytest.raises(InputError, match=r"share= is of 'a' and benchmark= of 'a', 'b'"):
        hp.plan.by_group(hp.plan.multiplier, benchmark={"a": 900, "b": 800}, share={"a": 0.3}, relative_precision=0.2)
    with pytest.raises(InputError, match=r"Group 'b': share=1\.2 must lie"):
        hp.plan.by_group(hp.plan.proportion, share={"a": 0.3, "b": 1.2}, precision=0.1)
    with pytest.raises(InputError, match="There is no plan for 'c'"):
        plans()["c"]
    with pytest.raises(InputError, match="a function that returns a plan"):
        hp.plan.by_group(lambda share: share, share={"a": 0.3})


def test_refusals_and_people_who_are_not_eligible() -> None:
    plan = hp.plan.proportion(0.5, precision=0.05, response=0.6, eligible=0.8)
    assert plan.n == 385
    assert plan.invite == int(np.ceil(385 / 0.48)) == 803
    assert "(invite 803: 60.0% take part, 80.0% are eligible)" in repr(plan)
    assert "803 people are to be invited" in plan.methods()
    assert plan.vary(share=0.3).invite == int(np.ceil(plan.vary(share=0.3).n / 0.48))
    assert hp.plan.rds(0.5, precision=0.05, design_effect=4, eligible=0.5).invite == 2 * 1_537
    both = hp.plan.compare((0.31, 0.61), power=0.8, response=0.5)
    assert both.invite == (2 * both.n[0], 2 * both.n[1])
    assert "(invite 86 and 86)" in repr(both)
    assert "86 and 86 people are to be invited" in both.methods()
    for name, value in (("response", 60), ("eligible", 0), ("response", -1)):
        with pytest.raises(InputError, match=name):
            hp.plan.proportion(0.5, precision=0.05, **{name: value})
