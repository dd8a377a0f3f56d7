"""The ends of intervals once a method has made them: what holds whatever the method."""

from __future__ import annotations

import numpy as np

from ..answers.asked import Asked
from ..expression import graph
from ..expression.nodes import Node
from ..ground.columns import Floats
from . import floors, freedom
from .method import Aim, Method
from .notes import Note, few_note, joined, no_freedom, no_variation

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
        notes = notes + still
        ends[[label for note in still for label in note.labels]] = np.nan
    df = freedom.fewest(node)
    none = ~(df >= 1) & ~np.isnan(node.point)
    if none.any():
        ends[none] = np.nan
        notes = [*notes, no_freedom(none)]
    notes = [*notes, *on_few(node, df, ends)]
    ends, more = floors.held(node, method, ends)
    return ends, joined(notes + more)


def on_few(node: Node, df: Floats, ends: Floats) -> list[Note]:
    """Say which intervals rest on few degrees of freedom."""
    few = (df >= 1) & (df < FEW) & ~np.isnan(ends).any(axis=1)
    return [few_note(df, few)] if few.any() and _grouped(node) else []


def _grouped(node: Node) -> bool:
    """Tell whether people were sampled by clusters, or with weights: the number of people does not say it all."""
    return any(isinstance(leaf, Asked) and not leaf.record.independent for leaf in graph.sources(node))
