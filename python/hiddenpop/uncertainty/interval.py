"""Intervals of anything: what is asked is checked once, and taken to the method's own object.

Which methods there are stands in `interval_methods`, what a method is in `method`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import InputError
from ..expression import evaluate, graph
from ..expression.nodes import Node
from ..expression.operations import stacked, taken
from ..ground.checks import check_level, flag
from ..ground.columns import Floats
from ..ground.scales import SCALES
from .default import default_method
from .ends import made
from .interval_methods import named
from .method import Aim, Method
from .notes import Note

__all__ = ["default_method", "interval"]


def interval(
    node: Node, level: float, method: str, scale: str | None, *, simultaneous: bool = False
) -> tuple[Floats, list[Note]]:
    """Return lower and upper ends (labels x 2) and what must be known about them."""
    level, how = check_level(level), named(method)
    if scale is not None and scale not in SCALES:
        raise InputError(f"scale={scale!r} must be one of {', '.join(map(repr, SCALES))}.")
    return _interval(node, how, Aim(level, scale), simultaneous=flag(simultaneous, "simultaneous"))


def _interval(node: Node, method: Method, aim: Aim, *, simultaneous: bool) -> tuple[Floats, list[Note]]:
    if node.quantity == "event":
        raise InputError("A comparison has a probability, not an interval: hp.prob(a > b).")
    if method.sampling:
        graph.require_sampling(node, method.name)
    if simultaneous and len(node.point) > 1:
        method, aim = method.jointly(node, aim)
    ends, notes = _ends(node, method, aim)
    if method.rests_on != "kind":
        remarks = [text for other in graph.walk(node) for text in other.remarks]
        said = {note.text for note in notes}
        notes = [*notes, *(Note(text, ()) for text in dict.fromkeys(remarks) if text not in said)]
    return ends, notes


def _ends(node: Node, method: Method, aim: Aim) -> tuple[Floats, list[Note]]:
    if method.by_part and stacked(node):
        return _stacked(node, method, aim)
    positions = taken(node)
    if method.by_part and positions is not None and stacked(node.args[0]):
        return _picked(positions, *_stacked(node.args[0], method, aim))
    return made(node, method, aim)


def _picked(positions: Sequence[int], ends: Floats, notes: list[Note]) -> tuple[Floats, list[Note]]:
    """Keep what is about the labels that were picked."""
    place = {row: i for i, row in enumerate(positions)}
    about = [(note, tuple(place[row] for row in note.labels if row in place)) for note in notes]
    return ends[list(positions)], [Note(note.text, rows) for note, rows in about if rows or not note.labels]


def _stacked(node: Node, method: Method, aim: Aim) -> tuple[Floats, list[Note]]:
    """Take each part for what it measures, so that a size keeps its scale beside a difference."""
    parts, notes, first = [], [], 0
    draws = evaluate.draws(node) if method.rests_on == "draws" and graph.drawable(node) else None
    for arg in node.args:
        last = first + len(arg.point)
        if draws is not None and evaluate.kept_draws(arg) is None:
            evaluate.keep_draws(arg, draws[first:last].copy())
        own = method
        if method.rests_on == "parts":
            own = named(default_method(arg))
        elif method.unsampled and graph.drawable(arg) and not _sampled(arg):
            own = method.unsampled
        ends, found = _interval(arg, own, aim, simultaneous=False)
        parts.append(ends)
        notes += [Note(note.text, tuple(label + first for label in note.labels)) for note in found]
        first = last
    return np.concatenate(parts), notes


def _sampled(node: Node) -> bool:
    return any(leaf.origin.sampled for leaf in graph.sources(node))
