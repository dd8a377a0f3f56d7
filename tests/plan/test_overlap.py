"""Two lists: published constants, and the law of the overlap."""

import math

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import HiddenpopWarning
from hiddenpop.plan.overlap import _needed, _reached

from ..facts import ROBSON_REGIER_D


@pytest.mark.parametrize("accuracy", ROBSON_REGIER_D)
def test_robson_and_regiers_constants(accuracy: float) -> None:
    wanted = ROBSON_REGIER_D[accuracy]
    # Three digits, and by hand: the last one is off by one.
    assert _needed(accuracy, 0.95) == pytest.approx(wanted, rel=3e-3)
    assert _reached(accuracy, wanted) == pytest.approx(0.95, abs=5e-4)


@pytest.mark.parametrize("precision", [0.5, 0.25, 0.1])
@pytest.mark.parametrize("first", [None, 900])
def test_lists_reach_their_precision(precision: float, first: int | None) -> None:
    plan = hp.plan.capture(5_000, relative_precision=precision, first=first)
    one, two = plan.first, plan.second
    assert first in (None, one)
    assert one * two * 4_999 / ((5_000 - one) * (5_000 - two)) == pytest.approx(ROBSON_REGIER_D[precision], rel=0.02)
    # Exactly, by the hypergeometric distribution of the overlap, up to its steps.
    assert plan.chance == pytest.approx(0.95, abs=0.03)
    inverse = hp.plan.capture(5_000, n=(one, two))
    assert inverse.relative_precision == pytest.approx(precision, rel=0.02)


def test_the_law_of_chapmans_estimate() -> None:
    plan = hp.plan.capture(400, n=(80, 60))
    both = np.random.default_rng(4).hypergeometric(80, 320, 60, 100_000)
    estimates = 81 * 61 / (both + 1) - 1
    assert plan.bias == pytest.approx(estimates.mean() / 400 - 1, abs=0.005)
    assert plan.cv == pytest.approx(np.sqrt(np.mean((estimates / 400 - 1) ** 2)), rel=0.02)
    assert plan.few == pytest.approx(np.mean(both < 7), abs=0.005)
    assert plan.none == pytest.approx(np.mean(both == 0), abs=0.002)
    near = np.abs(estimates / 400 - 1) <= plan.relative_precision
    assert plan.chance == pytest.approx(near.mean(), abs=0.005)
    # Unbiased where the lists together exceed the population (Chapman 1951).
    assert hp.plan.capture(100, n=(60, 50)).bias == pytest.approx(0, abs=1e-12)


def test_lists_that_hardly_overlap() -> None:
    with pytest.warns(HiddenpopWarning, match=r"Only 2\.5 people"):
        plan = hp.plan.capture(4_000, n=(100, 100))
    assert math.isnan(plan.relative_precision)
    assert math.isnan(plan.chance)
    assert "too few for any precision" in repr(plan)
    assert plan.bias < -0.05
    plan.plot()
