"""Derivatives of an expression by each of its leaves."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import EstimationError
from ..expression import graph, operations
from ..expression.nodes import Node, Rough, Smooth
from ..expression.operations import Apply, Constant, Operation, Stack, Take, Weigh
from ..ground.columns import Floats
from ..multipliers.adjusted import Adjusted


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
        for arg, slope in zip(current.args, _derivatives(current), strict=True):
            through = _chain(above, slope)
            slopes[arg] = slopes[arg] + through if arg in slopes else through
    return leaves


def _chain(above: Floats, slope: Floats) -> Floats:
    """Multiply two matrices of derivatives; what has no derivative harms only the labels that depend on it."""
    lost = ~np.isfinite(slope)
    if not lost.any():
        return above @ slope
    result: Floats = above @ np.where(lost, 0.0, slope)
    result[(above != 0) @ lost] = np.nan
    return result


def _derivatives(node: Node) -> list[Floats]:
    """Return derivatives by each argument (labels x argument's labels)."""
    points = [arg.point for arg in node.args]
    if isinstance(node, Take):
        return [np.eye(len(points[0]))[list(node.positions)]]
    if isinstance(node, Weigh):
        return [node.weights]
    if isinstance(node, Stack):
        sizes = np.cumsum([0, *(len(p) for p in points)])
        return [np.eye(int(sizes[-1]))[:, a:b] for a, b in itertools.pairwise(sizes)]
    if isinstance(node, Smooth) and not node.smooth:
        reason = node.rough if isinstance(node, Rough) else "Derivatives would leave out some of the variance."
        raise EstimationError(
            f"There is no linearised standard error. {reason} Use the draws: se(), interval(method='percentile')."
        )
    if isinstance(node, (Apply, Smooth)):
        return _numerically(lambda values: node.block([v[:, None] for v in values], 0, 1)[:, 0], points)
    symbol = node.symbol if isinstance(node, Operation) else "/"  # a multiplier divides
    if symbol in operations.COMPARISONS:
        raise EstimationError("A comparison has a probability, not a standard error: hp.prob(a > b).")
    if symbol == "negative":
        return [-np.eye(len(points[0]))]
    by_each = node.partials(points) if isinstance(node, Adjusted) else partials(symbol, *points)
    size = len(node.point)
    # Exponents and other constants have no slope that matters, whatever the formula says.
    slopes = [np.zeros(size) if isinstance(arg, Constant) else by for arg, by in zip(node.args, by_each, strict=True)]
    return [_spread(np.broadcast_to(slope, size), len(p)) for slope, p in zip(slopes, points, strict=True)]


def partials(symbol: str, a: Floats, b: Floats) -> tuple[Any, Any]:
    """Return the derivatives of `a symbol b` by each side."""
    by_each: dict[str, Callable[[], tuple[Any, Any]]] = {
        "+": lambda: (1.0, 1.0),
        "-": lambda: (1.0, -1.0),
        "*": lambda: (b, a),
        "/": lambda: (1 / b, -a / b**2),
        "**": lambda: (b * a ** (b - 1), a**b * np.log(a)),
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        return by_each[symbol]()


def _spread(slope: Any, labels: int) -> Floats:
    """Return a diagonal matrix, or a column where one label meets many."""
    return np.diag(slope) if labels == len(slope) else np.asarray(slope)[:, None]


def _numerically(function: Callable[[list[Floats]], Floats], points: list[Floats]) -> list[Floats]:
    slopes = []
    for i, point in enumerate(points):
        columns = []
        for j, value in enumerate(point):
            step = max(abs(value), 1e-3) * 6e-6  # the cube root of rounding balances both errors
            ends = []
            for sign in (1, -1):
                moved = [p.copy() for p in points]
                moved[i][j] += sign * step
                ends.append(function(moved))
            columns.append((ends[0] - ends[1]) / (2 * step))
        slopes.append(np.stack(columns, axis=1))
    return slopes
