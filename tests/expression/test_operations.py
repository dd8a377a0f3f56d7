"""What combines labels: each different combination is made once."""

from __future__ import annotations

import numpy as np
from hiddenpop.expression.operations import Constant, Weigh


def test_equal_combinations_are_made_once() -> None:
    """A table divides every cell by a whole: 2,500 sums of 50 cells are 50 different ones."""
    values = np.arange(12.0).reshape(6, 2)
    values[5] = np.inf
    of = np.array([0, 1, 0, 1, 0])
    weights = np.zeros((5, 6))
    weights[of == 0, :2], weights[of == 1, 2:5] = (0.1, 0.7), 0.3
    node = Weigh((Constant(values[:, 0]),), weights, "other")
    each = np.array([0.1 * values[0] + 0.7 * values[1], 0.3 * values[2] + 0.3 * values[3] + 0.3 * values[4]])
    np.testing.assert_array_equal(node.block([values], 0, 2), each[of])
    assert len(node._different[0]) == 2
