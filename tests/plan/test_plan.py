"""What plans of all kinds refuse, say and draw."""

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import InputError
from matplotlib import pyplot

# What is refused


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: hp.plan.multiplier(4_900, 31, relative_precision=0.2), r"If 31 per cent is meant, write 0\.31"),
        (lambda: hp.plan.multiplier(4_900, 1.0, relative_precision=0.2), "between 0 and 1"),
        (lambda: hp.plan.multiplier(0, 0.3, relative_precision=0.2), "benchmark=0 must be a number above zero"),
        (lambda: hp.plan.multiplier(4_900, 0.3, relative_precision=-0.2), "must be a number above zero"),
        (lambda: hp.plan.multiplier(4_900, 0.3, relative_precision=20), "starts below zero people"),
        (lambda: hp.plan.multiplier(4_900, 0.3), "exactly one of"),
        (lambda: hp.plan.multiplier(4_900, 0.3, n=100, width=500), "'width', 'n' are given"),
        (lambda: hp.plan.multiplier(4_900, 0.3, n=100, design_effect=0), "design_effect=0 must be a number above zero"),
        (lambda: hp.plan.multiplier(4_900, 0.3, n=10.5), "whole number"),
        (lambda: hp.plan.multiplier(4_900, 0.3, n=100, level=95), r"Did you mean 0\.95"),
        (lambda: hp.plan.multiplier(4_900, 0.3, n=100, assurance=0.8), "with n= there is none"),
        (lambda: hp.plan.multiplier(4_900, 0.3, relative_precision=0.2, assurance=80), "for example 0.8"),
        (lambda: hp.plan.multiplier(4_900, 0.3, n=100, method="wald"), "not one of delta, percentile"),
        (lambda: hp.plan.multiplier(4_900, float("nan"), n=100), "finite"),
        (lambda: hp.plan.multiplier("many", 0.3, n=100), "must be a number"),
        (lambda: hp.plan.proportion(0.03, precision=0.05), "beyond 0 or 1"),
        (lambda: hp.plan.proportion(0.3, n=500, population=400), "more than the population"),
        (lambda: hp.plan.compare((0.3, 0.3), power=0.8), "no difference to find"),
        (lambda: hp.plan.compare((0.3,), power=0.8), "two values, not 1"),
        (lambda: hp.plan.compare((0.3, 0.4), power=80), "between 0 and 1"),
        (lambda: hp.plan.capture(1_000, n=(1_000, 10)), "whole population"),
        (lambda: hp.plan.capture(1_000, n=(100, 10), first=20), "leave first out"),
        (lambda: hp.plan.capture(1_000, relative_precision=25), "0.25 is ± 25%"),
        (lambda: hp.plan.capture(1_000, n=(100, 100)).summary([0.1]), "there is one precision"),
    ],
)
def test_what_is_refused(make, why: str) -> None:
    with pytest.raises(InputError, match=why):
        make()


# What is said and drawn


@pytest.mark.parametrize(
    "plan",
    [
        hp.plan.multiplier(4_900, 0.31, relative_precision=0.2, design_effect=2.5, method="percentile", assurance=0.8),
        hp.plan.multiplier(hp.normal(4_900, 100, name="b"), 0.31, n=127),
        hp.plan.multiplier(300, 0.3, relative_precision=0.1, finite_population=True),
        hp.plan.proportion(0.3, precision=0.05),
        hp.plan.rds(0.3, n=500, design_effect=3),
        hp.plan.compare((0.3, 0.4), power=0.8, ratio=2),
        hp.plan.compare((0.3, 0.4), n=200),
        hp.plan.capture(5_000, relative_precision=0.2),
        hp.plan.capture(5_000, n=(400, 900)),
    ],
    ids=lambda plan: f"{type(plan).__name__} {plan.target}",
)
def test_plans_speak_for_themselves(plan) -> None:
    said = plan.methods()
    assert said.count("References\n") == 1
    assert "nan" not in said + repr(plan)
    assert "<table" in plan._repr_html_()
    assert plan.summary().notna().all(axis=None)
    axes = plan.plot()
    for line in axes.get_lines():
        assert np.isfinite(line.get_xdata()).all()
    _, given = pyplot.subplots()
    assert plan.plot(ax=given) is given


def test_what_a_plan_says() -> None:
    plan = hp.plan.multiplier(4_900, 0.31, relative_precision=0.2, design_effect=2)
    assert plan.methods().startswith(
        "A sample of 428 people was planned to give the population's size by the multiplier method a 95% confidence "
        "interval of ± 20.0% (± 3,160), for an expected share of 31.0%, a benchmark of 4,900 and a design effect of 2."
    )
    assert "JMIR Public Health and Surveillance 3(3):e59" in plan.methods()
