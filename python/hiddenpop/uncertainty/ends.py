"""The ends of intervals once a method has made them: what holds whatever the method."""

from __future__ import annotations

import numpy as np

from ..answers.asked import Asked
from ..expression import graph
from ..expression.nodes import Node
from ..ground.columns import Bools, Floats
from . import floors, freedom
from .method import Aim, Method
from .notes import Note, few_note, flat_note, heaped_note, joined, lost_note, no_freedom, no_variation
from .unfollowed import unfollowed

#: With fewer degrees of freedom the reader is told.
FEW = 5


def made(node: Node, method: Method, aim: Aim) -> tuple[Floats, list[Note]]:
    """Return the ends that a method makes, and what must be known about them.

    There are none where redraws have nothing to vary, or no degree of freedom is left, and none lie beyond what is certain.
    """
    ends, notes = method.ends(node, aim)
    ends[np.isnan(node.point)] = np.nan
    if method.rests_on == "draws":
        still = no_variation(node)
        notes = notes + still + unfollowed(node)
        ends[[label for note in still for label in note.labels]] = np.nan
    df = freedom.fewest(node)
    none = ~(df >= 1) & ~np.isnan(node.point)
    if none.any():
        ends[none] = np.nan
        notes = [*notes, no_freedom(none)]
    notes = [*notes, *on_few(node, df, ends)]
    still = (ends[:, 0] == ends[:, 1]) & _of_people(node)
    if still.any():
        ends[still] = np.nan
        untold = _untold(still, notes)
        say = flat_note if _smooth(node) else heaped_note
        notes = [*notes, say(untold)] if untold.any() else notes
    ends, more = floors.held(node, method, ends)
    notes = notes + more
    lost = np.isnan(ends).any(axis=1)
    ends[lost] = np.nan
    untold = _untold(lost & ~np.isnan(node.point), notes)
    if untold.any():
        notes = [*notes, lost_note(untold, aim.scale)]
    return ends, joined(notes)


def on_few(node: Node, df: Floats, ends: Floats) -> list[Note]:
    """Say which intervals rest on few degrees of freedom."""
    few = (df >= 1) & (df < FEW) & ~np.isnan(ends).any(axis=1)
    return [few_note(df, few, recruited=_recruited(node))] if few.any() and _grouped(node) else []


def _untold(marked: Bools, notes: list[Note]) -> Bools:
    """Mark those labels of which no note speaks."""
    result = marked.copy()
    result[[label for note in notes for label in note.labels]] = False
    return result


def _of_people(node: Node) -> bool:
    """Tell whether samples alone say it: chance moves them, whatever their redraws say."""
    leaves = graph.sources(node)
    return bool(leaves) and all(isinstance(leaf, Asked) for leaf in leaves)


def _smooth(node: Node) -> bool:
    """Tell whether means and totals say it, rather than quantiles."""
    return all(isinstance(leaf, Asked) and leaf.by_influence for leaf in graph.sources(node))


def _grouped(node: Node) -> bool:
    """Tell whether people were sampled by clusters, or with weights: the number of people does not say it all."""
    return any(isinstance(leaf, Asked) and not leaf.record.independent for leaf in graph.sources(node))


def _recruited(node: Node) -> bool:
    """Tell whether participants, and no clusters, are what is counted."""
    return all(leaf.record.by_draws for leaf in graph.sources(node) if isinstance(leaf, Asked))
