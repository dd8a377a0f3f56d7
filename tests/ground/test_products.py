"""Sums of rows: right, and to the last digit the same for any number of columns."""

from collections.abc import Callable

import numpy as np
import pytest
from hiddenpop.ground.products import product, weighted_sum

RNG = np.random.default_rng(0)


def cut(sums: Callable[[np.ndarray], np.ndarray], rows: np.ndarray, width: int) -> np.ndarray:
    """Sum some columns at a time."""
    pieces = [rows[:, start : start + width] for start in range(0, rows.shape[1], width)]
    return np.concatenate([sums(np.ascontiguousarray(piece)) for piece in pieces], axis=-1)


@pytest.mark.parametrize("width", [1, 2, 3, 7, 64, 333])
@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_products(count: int, width: int) -> None:
    matrix, rows = RNG.normal(size=(3, count)), RNG.normal(size=(count, 1_000))
    whole = product(matrix, rows)
    np.testing.assert_allclose(whole, matrix @ rows, rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(cut(lambda some: product(matrix, some), rows, width), whole)


@pytest.mark.parametrize("width", [1, 2, 3, 7, 64, 333])
@pytest.mark.parametrize("count", [1, 100, 128, 5_000])
def test_weighted_sums(count: int, width: int) -> None:
    weights, rows = RNG.normal(size=count), RNG.normal(size=(count, 400))
    whole = weighted_sum(weights, rows)
    np.testing.assert_allclose(whole, weights @ rows, rtol=1e-9, atol=1e-10)
    np.testing.assert_array_equal(cut(lambda some: weighted_sum(weights, some), rows, width), whole)
