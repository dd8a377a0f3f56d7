"""Sums that few make up, and numbers that few gave."""

from __future__ import annotations

import numpy as np
import pytest
from hiddenpop.answers.contributions import NO_DECIMALS, Shared, concentrated, concentrated_by, rounded


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([10, 10, *[0] * 48], True),  # two contribute
        ([10] * 5 + [0] * 45, False),
        ([0, 0, *[10] * 48], True),  # two lack what all others have
        ([8, 8, *range(48)], False),
        ([0] * 50, False),
        # The p% rule: without the two largest, 99 is less than 10% of 1,000 and 100 is not (Hundepool et al. 2012, 4.2).
        ([1000, 500, 33, 33, 33], True),
        ([1000, 500, 34, 33, 33], False),
        ([-1000, 500, 33, 33, 33], True),
    ],
)
def test_sums_that_few_make_up(values: list[float], told: bool) -> None:
    array = np.array(values, dtype=float)
    assert concentrated(array, np.ones(len(array)), 5) == told
    groups = np.zeros(len(array), dtype=np.int64)
    assert concentrated_by(array, groups, 1, np.ones(len(array)), 5).tolist() == [told]


def test_rows_that_stand_for_several_count_as_several() -> None:
    values = np.array([10.0, 0.0])
    assert concentrated(values, np.array([4.0, 46.0]), 5)
    assert not concentrated(values, np.array([5.0, 45.0]), 5)


def test_groups_are_looked_at_one_by_one_and_missing_answers_add_nothing() -> None:
    values = np.array([10.0, 0, 0, 0, np.nan, 1.0, 2, 3, 4, 5, 6])
    groups = np.array([0] * 5 + [1] * 5 + [-1])
    assert concentrated_by(values, groups, 3, np.ones(11), 5).tolist() == [True, False, False]


def test_a_number_is_written_so_that_several_gave_it() -> None:
    ages = Shared(np.array([20.0, 31, 31, 31, 31, 31, 38, 39, 40, 41, 42, 64]), np.ones(12), 5)
    assert ages.decimals(31.0) == 12  # five are 31
    assert ages.decimals(40.0) == -1  # 38 to 42 are written 40
    assert ages.decimals(64.0) == NO_DECIMALS  # nobody else is written 60
    # Rounded down 30 begins [30, 40) with seven, up 40 ends (30, 40] with eight.
    assert (ages.decimals(38.0, -1), ages.decimals(38.0, 1)) == (-1, -1)
    assert Shared(np.full(4, 7.0), np.ones(4), 5).decimals(7.0) == NO_DECIMALS


def test_rounding_down_and_up_is_outwards_and_leaves_round_numbers() -> None:
    assert [rounded(38.0, -1, side) for side in (-1, 0, 1)] == [30.0, 40.0, 40.0]
    assert [rounded(40.0, -1, side) for side in (-1, 0, 1)] == [40.0] * 3
    assert [rounded(-0.34, 1, side) for side in (-1, 1)] == [-0.4, -0.3]
    assert rounded(0.3, 1, -1) == 0.3
