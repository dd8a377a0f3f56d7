"""Sums of rows that round alike however many columns there are.

A product of matrices by BLAS rounds its last digit differently for another number of columns, or another place among
them, while no range of replicates may change a digit. Multiplying and adding whole rows in their order does not.
"""

from __future__ import annotations

import numpy as np

from .columns import Floats

#: Rows that are multiplied before they are added: some megabytes at most.
SOME = 128


def product(matrix: Floats, rows: Floats) -> Floats:
    """Return matrix @ rows (results x replicates), for few rows."""
    total: Floats = matrix[:, 0, None] * rows[0]
    for place in range(1, len(rows)):
        total += matrix[:, place, None] * rows[place]
    return total


def weighted_sum(weights: Floats, rows: Floats) -> Floats:
    """Return weights @ rows (replicates), for many rows."""
    if rows.shape[1] == 1:  # NumPy adds a single column up in another order
        return weighted_sum(weights, np.repeat(rows, 2, axis=1))[:1]
    total = np.zeros(rows.shape[1])
    for start in range(0, len(rows), SOME):
        some = slice(start, start + SOME)
        total += np.add.reduce(weights[some, None] * rows[some], axis=0)
    return total
