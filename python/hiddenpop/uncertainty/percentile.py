"""Percentile intervals (Davison and Hinkley 1997, section 5.3): quantiles of the draws."""

from __future__ import annotations

from ..expression.nodes import Node
from ..ground.columns import Floats
from ..ground.language import english
from . import simultaneous
from .method import Aim, Method
from .notes import Note
from .of_draws import percentiles


def _ends(node: Node, aim: Aim) -> tuple[Floats, list[Note]]:
    return percentiles(node, [aim.tail, 1 - aim.tail])


PERCENTILE = Method(
    name="percentile",
    words=english("percentile"),
    reference="Efron and Tibshirani 1993, chapter 13",
    of_resampling=True,
    ends=_ends,
    by_part=False,
    simultaneous=simultaneous.COMMON_RANKS,
)
