"""Two shares: R's power.prop.test, and simulation."""

import math

import hiddenpop as hp
import numpy as np
import pytest

from ..facts import POWER_PROP_TEST, Z


def test_two_shares_as_r_has_them() -> None:
    shares = POWER_PROP_TEST["shares"]
    assert hp.plan.compare(shares, n=50).power == pytest.approx(POWER_PROP_TEST["power of 50"], abs=5e-4)
    assert hp.plan.compare(shares, power=0.9).n == (math.ceil(POWER_PROP_TEST["n for 0.9"]),) * 2
    assert hp.plan.compare(shares, power=0.9, design_effect=2).n == (math.ceil(2 * 76.65),) * 2


def test_power_by_simulation() -> None:
    plan = hp.plan.compare((0.31, 0.2), power=0.8, ratio=2)
    first, second = plan.n
    assert second == pytest.approx(2 * first, abs=1)
    rng = np.random.default_rng(3)
    one, two = rng.binomial(first, 0.31, 40_000) / first, rng.binomial(second, 0.2, 40_000) / second
    pooled = (first * one + second * two) / (first + second)
    z = (one - two) / np.sqrt(pooled * (1 - pooled) * (1 / first + 1 / second))
    assert np.mean(z > Z) == pytest.approx(0.8, abs=0.015)
    assert hp.plan.compare((0.31, 0.2), n=np.array([first, second])).power == pytest.approx(plan.power)
