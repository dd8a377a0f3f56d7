"""Intervals of what can't be less than a known number, such as a population some of whose people were seen.

N is no less than the n people seen, with certainty, so ends below n are moved up to n: an interval that held N before
holds it still. What is built on a standard error works on log(N - n), as the field does (Burnham et al. 1987, American
Fisheries Society Monograph 5, p. 212; Chao 1987, Biometrics 43:783-791, section 4).
"""

from __future__ import annotations

import numpy as np

from ..expression import graph
from ..expression.nodes import Node
from ..ground.columns import Bools, Floats
from ..ground.language import english
from . import of_draws
from .method import Aim, Method
from .notes import Note

OPEN = english(
    "The interval is open: where the estimate is infinite, nobody is unseen, or lists never meet, redraws of these people can't "
    "show how many there may be"
)


def log_normal(node: Node, aim: Aim, ends: Floats, errors: Floats, critical: Floats) -> Floats:
    """Put ends on the scale log(N - n) where a floor n is known and no other scale was asked for.

    With f = N - n, ends are n + f / C and n + f C, C = exp(z sqrt(log(1 + (s.e. / f)^2))).
    """
    floor = node.floor
    if floor is None or aim.scale is not None or node.quantity not in ("size", "rate"):
        return ends
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        beyond = node.point - floor
        factor = np.exp(critical * np.sqrt(np.log1p((errors / beyond) ** 2)))
        mine = np.stack([floor + beyond / factor, floor + beyond * factor], axis=1)
    usable = np.isfinite(floor) & (beyond > 0) & np.isfinite(beyond)
    return np.where(usable[:, None], mine, ends)


def held(node: Node, method: Method, ends: Floats) -> tuple[Floats, list[Note]]:
    """Hold ends to what is known with certainty, and say what an open end means."""
    notes: list[Note] = []
    floor = node.floor
    unknown = _unknown(node, method, ends)
    if unknown.any():
        least = np.full(len(ends), np.nan) if floor is None else np.where(np.isfinite(floor), floor, np.nan)
        ends = np.where(unknown[:, None], np.stack([least, np.where(np.isnan(least), np.nan, np.inf)], axis=1), ends)
    if floor is not None:
        ends = np.maximum(ends, floor[:, None])
    advice = list(dict.fromkeys(other.advice for other in graph.walk(node) if other.advice))
    beyond = np.isposinf(ends[:, 1]) & ~unknown
    if unknown.any():
        notes.append(Note.at(". ".join([OPEN, *advice]), unknown))
    if beyond.any():
        notes += [Note.at(text, beyond) for text in advice]
    return ends, notes


def standard_error(node: Node, draws: Floats) -> tuple[Floats, list[Note]]:
    """Return the draws' standard deviations: NaN where draws can't show how large a label may be."""
    values, notes = of_draws.standard_error(draws)
    blind = _reached(node) & np.isfinite(values)
    if blind.any():
        values = np.where(blind, np.nan, values)
        text = english(
            "No standard error: where nobody is unseen, or lists never meet, redraws of these people can't show how many there "
            "may be"
        )
        notes.append(Note.at(text, blind))
    return values, notes


def _unknown(node: Node, method: Method, ends: Floats) -> Bools:
    """Mark labels whose interval would say what its method can't know."""
    blind = _reached(node)
    if method.rests_on == "draws":
        return blind
    lost = np.isnan(ends).any(axis=1) | (ends[:, 0] == ends[:, 1])
    return np.asarray(blind & lost)


def _reached(node: Node) -> Bools:
    """Mark labels that depend on a leaf's blind ones."""
    found: dict[Node, Bools] = {}
    for current in graph.walk(node):
        marked = np.array(current.blind)
        if any(found[arg].any() for arg in current.args):
            for arg, reached in zip(current.args, current.reaches(), strict=True):
                marked |= (reached & found[arg]).any(axis=1)
        found[current] = marked
    return found[node]
