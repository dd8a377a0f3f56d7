"""Whether numbers that were read can be what they are said to be.

A file may hold numbers that are odd and true, such as a share above 1 by negative weights. Who writes it says so; what is odd and
not said to be is refused. So nothing that was saved is refused, and nobody who changes a number is believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ..errors import InputError
from ..expression import graph
from ..expression.nodes import Fitted, Node, Portable
from ..expression.operations import symbol_of
from ..ground.columns import Bools, Floats

#: Rounding, in units of what is measured.
ROUNDING = 1e-9
#: Points of what is computed again, which other machines round in other ways.
AGAIN = 1e-6
#: Numbers (labels x replicates) that an estimate of a file may want: two gigabytes.
MOST_NUMBERS = 2**28
#: There are no more people.
MOST_PEOPLE = 2**53
#: Nodes on one another that are no arithmetic.
MOST_DEPTH = 100
#: Nodes of one estimate.
MOST_NODES = 100_000


def odd_points(node: Node) -> Bools:
    """Say which labels' points can't be what the node measures."""
    return np.array([_outside(q, p, p) for q, p in zip(node.quantities, node.point, strict=True)], dtype=bool)


def odd_draws(points: Floats, quantities: Sequence[str], draws: Floats) -> Bools:
    """Say which labels' draws can't be what is measured, or lie all to one side of the point."""
    low, high = np.fmin.reduce(draws, axis=1), np.fmax.reduce(draws, axis=1)
    found = []
    for point, least, most, quantity in zip(points, low, high, quantities, strict=True):
        near = ROUNDING * max(1.0, abs(point)) if np.isfinite(point) else 0.0
        aside = bool(point < least - near or point > most + near)  # False where there is none
        found.append(aside or _outside(quantity, float(least), float(most)))
    events = [i for i, quantity in enumerate(quantities) if quantity == "event"]
    for i in events:
        row = draws[i]
        found[i] = found[i] or not bool(((row == 0) | (row == 1) | np.isnan(row)).all())
    return np.array(found, dtype=bool)


def _outside(quantity: str, least: float, most: float) -> bool:
    if quantity in ("share", "event"):
        return least < -ROUNDING or most > 1 + ROUNDING
    return quantity in ("size", "rate") and least < -ROUNDING


def require_points(nodes: Sequence[Node], said: Iterable[int]) -> None:
    """Refuse nodes whose points can't be, unless they are said to be odd."""
    fine = set(said)
    for i, node in enumerate(nodes):
        _require_shape(node)
        if i not in fine and odd_points(node).any():
            raise InputError(
                "A number in this file can't be what it is said to be, such as a share above one or a size below zero."
            )


def require_draws(points: Floats, quantities: Sequence[str], draws: Floats, said: Iterable[int]) -> None:
    """Refuse draws that can't belong to their points, unless they are said to be odd."""
    odd = odd_draws(points, quantities, draws)
    odd[list(said)] = False
    if odd.any():
        raise InputError(
            "Draws in this file don't belong to their points: they lie all to one side, or beyond what is possible."
        )


def require_whole(nodes: Sequence[Node]) -> None:
    """Refuse nodes that nothing uses, and an estimate that would take all memory."""
    if len(graph.walk(nodes[-1])) != len(nodes):
        raise InputError("This file holds parts that belong to no estimate.")
    depth: dict[Node, int] = {}
    for node in nodes:  # arithmetic keeps what it found, others ask their arguments again
        below = max((depth[arg] for arg in node.args), default=0)
        depth[node] = 0 if symbol_of(node) else below + 1
        if depth[node] > MOST_DEPTH:
            raise InputError(f"More than {MOST_DEPTH} parts of this file rest on one another without any arithmetic.")
    require_moderate(nodes)


def require_working(nodes: Sequence[Node]) -> None:
    """Refuse nodes that can't do what every node does: draw two replicates, measure labels, and speak of themselves."""
    points = {node: np.repeat(node.point[:, None], 2, axis=1) for node in nodes}
    for node in nodes:
        shape = (len(node.point), 2)
        fine = len(node.quantities) == shape[0] and all(
            reach.shape == (shape[0], len(arg.point)) for reach, arg in zip(node.reaches(), node.args, strict=True)
        )
        if isinstance(node, Portable):
            fine = fine and node.drawn(0, 2, 1).shape == shape and node.exact([0.5]).shape == (shape[0], 1)
        elif node.args and node.evaluable:
            out = np.empty(shape)
            made = node.block([points[arg] for arg in node.args], 0, 2, out if node.writes else None)
            fine = fine and (node.writes or made.shape == shape)
        node.describe()
        if not fine or not all(isinstance(text, str) for text in (node.estimator or "", *node.caveats, *node.remarks)):
            raise InputError("A part of this file can't be computed.")


def require_moderate(nodes: Sequence[Node]) -> None:
    """Refuse an estimate that would take all memory."""
    count = max((source.replicates for node in nodes[-1:] for source in graph.sources(node)), default=0)
    labels = max(len(node.point) for node in nodes)
    if count * labels > MOST_NUMBERS:
        raise InputError(
            f"{count:,} replicates of {labels:,} labels would take {8 * count * labels / 1e9:,.1f} GB; files hold estimates of up to "
            f"{8 * MOST_NUMBERS / 1e9:,.1f}. Ask for fewer before saving: estimate.replay(replicates=10_000)."
        )
    if len(nodes) > MOST_NODES:
        raise InputError(f"An estimate of {len(nodes):,} steps is more than a file holds ({MOST_NODES:,}).")


def require_same(node: Node, points: Floats) -> None:
    """Refuse points that are not those of what was read; models may find others elsewhere, in the last digits and beyond."""
    if any(isinstance(part, Fitted) for part in graph.walk(node)):
        same = points.shape == node.point.shape
    else:
        same = points.shape == node.point.shape and np.allclose(points, node.point, rtol=AGAIN, atol=0, equal_nan=True)
    if not same:
        raise InputError("The numbers in this file contradict one another: its estimate is not that of its parts.")


def _require_shape(node: Node) -> None:
    size = node.point.shape
    if len(size) != 1 or size[0] == 0:
        raise InputError("A part of this file has no labels.")
    for counts in (node.n, node.missing):
        if counts is not None and (counts.shape != size or bool(((counts < 0) | (counts > MOST_PEOPLE)).any())):
            raise InputError(
                "Participants in this file are fewer than none or more than there are, or belong to no label."
            )
