"""Bias-corrected percentile intervals: BCa, and plain BC, whose acceleration is zero."""

from __future__ import annotations

import numpy as np

from ..expression import evaluate
from ..expression.nodes import Node
from ..ground import distributions
from ..ground.columns import Floats
from ..ground.language import english
from .jackknife import acceleration
from .method import Aim, Method
from .notes import Note
from .of_draws import draw_quantiles


def corrected(point: Floats, draws: Floats, tail: float, acceleration: Floats) -> tuple[Floats, list[Note]]:
    """Return BCa intervals (Efron 1987, JASA 82:171-185), plain BC where the acceleration is 0.

    Davison and Hinkley (1997), eq. 5.20.
    """
    ends = np.full((len(draws), 2), np.nan)
    notes: list[Note] = []
    z = distributions.quantile(1 - tail)
    stuck = np.zeros(len(draws), dtype=bool)
    for row, (value, drawn) in enumerate(zip(point, draws, strict=True)):
        defined = np.isfinite(drawn) | np.isinf(drawn)
        # Draws equal to the point count half: they are neither above nor below.
        below = np.mean(drawn[defined] < value) + np.mean(drawn[defined] == value) / 2 if defined.any() else 0
        if not 0 < below < 1:
            stuck[row] = True
            continue
        bias, a = distributions.quantile(float(below)), acceleration[row]
        if not abs(a) * (abs(bias) + z) < 1:
            stuck[row] = True
            continue
        shares = [distributions.cdf(bias + (bias + end) / (1 - a * (bias + end))) for end in (-z, z)]
        values, more = draw_quantiles(drawn[None, :], shares)
        ends[row] = values[0]
        notes.extend(Note(note.text, (row,)) for note in more)
    if stuck.any():
        text = english(
            "No bias-corrected interval: the draws lie too far to one side of the estimate, or it is infinite or undefined without "
            "one of those it rests on"
        )
        notes.append(Note.at(text, stuck))
    return ends, notes


def _bc(node: Node, aim: Aim) -> tuple[Floats, list[Note]]:
    return corrected(node.point, evaluate.draws(node), aim.tail, np.zeros(len(node.point)))


def _bca(node: Node, aim: Aim) -> tuple[Floats, list[Note]]:
    return corrected(node.point, evaluate.draws(node), aim.tail, acceleration(node))


BC = Method(
    name="bc",
    words=english("bias-corrected percentile"),
    reference="Efron and Tibshirani 1993, section 14.3",
    ends=_bc,
    sampling=True,
)
BCA = Method(
    name="bca",
    words=english("BCa (bias-corrected and accelerated, acceleration from the design's jackknife)"),
    reference="Efron 1987",
    ends=_bca,
    sampling=True,
)
