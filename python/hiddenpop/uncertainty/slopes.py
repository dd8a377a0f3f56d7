"""Derivatives of an expression by each of its leaves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..expression import graph
from ..expression.nodes import Node
from ..ground.columns import Floats


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
    if not lost.any():
        return above @ slope
    result: Floats = above @ np.where(lost, 0.0, slope)
    result[(above != 0) @ lost] = np.nan
    return result
