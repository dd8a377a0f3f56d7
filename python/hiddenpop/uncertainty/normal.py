"""Normal intervals (Davison and Hinkley 1997, section 5.2): the estimate and the draws' standard deviation."""

from __future__ import annotations

import numpy as np

from ..expression import evaluate
from ..expression.nodes import Node
from ..ground import distributions
from ..ground.columns import Floats
from ..ground.language import english
from ..ground.scales import link
from . import floors, simultaneous
from .method import Aim, Method
from .notes import Note
from .of_draws import standard_error


def _ends(node: Node, aim: Aim) -> tuple[Floats, list[Note]]:
    to, back, _ = link(node.quantity, aim.scale)
    draws = evaluate.draws(node)
    z = distributions.quantile(1 - aim.tail)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        errors, notes = standard_error(to(draws))
        ends = back(to(node.point)[:, None] + np.array([-z, z]) * errors[:, None])
    if node.floor is None:
        return ends, notes
    return floors.log_normal(node, aim, ends, standard_error(draws)[0], np.full(len(ends), z)), notes


NORMAL = Method(
    name="normal",
    words=english("normal"),
    reference="Davison and Hinkley 1997, section 5.2",
    of_resampling=True,
    ends=_ends,
    simultaneous=simultaneous.LARGEST_DEVIATION,
)
