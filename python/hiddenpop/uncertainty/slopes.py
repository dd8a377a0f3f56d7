"""Derivatives of an expression by each of its leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..expression import graph
from ..expression.nodes import Node
from ..ground.columns import Floats

#: Products of fewer multiplications are made as they are.
MUCH = 10_000_000
#: A matrix is thin that has fewer than one in so many places filled.
THIN = 20


def slopes_of(node: Node, known: Callable[[Node], bool] = lambda _: False) -> dict[Node, Floats]:
    """Return derivatives by each leaf (labels x leaf's labels), backward through the expression.

    A `known` node counts as a leaf.
    """
    slopes: dict[Node, Floats] = {node: np.eye(len(node.point))}
    leaves: dict[Node, Floats] = {}
    for current in reversed(graph.walk(node, known=known)):
        above = slopes.pop(current)
        if not current.args or known(current):
            leaves[current] = above
            continue
        for arg, slope in zip(current.args, current.derivatives(), strict=True):
            through = chain(above, slope)
            slopes[arg] = slopes[arg] + through if arg in slopes else through
    return leaves


def chain(above: Floats, slope: Floats) -> Floats:
    """Multiply two matrices of derivatives; what has no derivative harms only the labels that depend on it."""
    lost = ~np.isfinite(slope)
    if _same(above):
        return np.where(lost, np.nan, slope) if lost.any() else slope
    if not lost.any():
        return _product(above, slope)
    result = _product(above, np.where(lost, 0.0, slope))
    result[_product(above != 0, lost)] = np.nan
    return result


def _same(matrix: Floats) -> bool:
    """Tell whether a matrix changes nothing: labels that depend on themselves alone."""
    size = len(matrix)
    return matrix.shape == (size, size) and bool((np.diag(matrix) == 1).all()) and np.count_nonzero(matrix) == size


def _product(above: Any, slope: Any) -> Floats:
    """Multiply by what is not zero, where matrices are large and most of one is: many labels hang on few each."""
    if above.size * slope.shape[1] > MUCH:
        from scipy import sparse  # noqa: PLC0415 (scipy only for many labels)

        if np.count_nonzero(above) * THIN < above.size:
            return np.asarray(sparse.csr_array(above) @ slope)
        if np.count_nonzero(slope) * THIN < slope.size:
            return np.asarray(above @ sparse.csc_array(slope))
    return np.asarray(above @ slope)
