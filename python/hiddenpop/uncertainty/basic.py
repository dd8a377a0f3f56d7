"""Basic bootstrap intervals (Davison and Hinkley 1997, eq. 5.6): the draws' quantiles, reflected at the estimate."""

from __future__ import annotations

import numpy as np

from ..expression import evaluate
from ..expression.nodes import Node
from ..ground.columns import Floats
from ..ground.language import english
from ..ground.scales import link
from .method import Aim, Method
from .notes import Note
from .of_draws import draw_quantiles


def _ends(node: Node, aim: Aim) -> tuple[Floats, list[Note]]:
    to, back, _ = link(node.quantity, aim.scale)
    draws = evaluate.draws(node)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        values, notes = draw_quantiles(to(draws), [1 - aim.tail, aim.tail])
        ends = 2 * to(node.point)[:, None] - values
        beyond = np.isinf(values).any(axis=1)
        if beyond.any():
            # Reflected, an open end would become a limit on the other side that no data support.
            ends[beyond] = np.nan
            notes = [
                Note.at(
                    english("No basic interval: an end of the draws' interval is infinite (a share of zero)"), beyond
                )
            ]
        return back(ends), notes


BASIC = Method(
    name="basic",
    words=english("basic bootstrap"),
    reference="Davison and Hinkley 1997, equation 5.6",
    of_resampling=True,
    ends=_ends,
    sampling=True,
)
