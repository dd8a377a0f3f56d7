"""t intervals (Korn and Graubard 1999, section 2.4): the estimate and its measured standard error."""

from __future__ import annotations

import numpy as np

from ..expression.nodes import Node
from ..ground.columns import Floats
from ..ground.distributions import t_quantile
from ..ground.scales import link
from . import floors, simultaneous
from .method import Aim, Method
from .notes import Note, flat_note, lost_notes
from .of_draws import ROUNDING
from .percentile import PERCENTILE
from .proportions import at_the_edge, is_share
from .variance import measured

#: With fewer degrees of freedom a share of nobody or everybody has no interval: Wilson's would hold nearly everything.
LEAST_DF = 3


def _ends(node: Node, aim: Aim) -> tuple[Floats, list[Note]]:
    """Return intervals from standard errors, linearised or from replicates, and t, on the link scale.

    A share of nobody or of everybody has no standard error; it gets Wilson's interval with t (`proportions`).
    """
    to, back, slope = link(node.quantity, aim.scale, shares=True)
    lin = measured(node)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        critical = t_quantile(1 - aim.tail, lin.df)
        half = critical * lin.se * np.abs(slope(node.point))
        ends = back(to(node.point)[:, None] + np.array([-1.0, 1.0]) * half[:, None])
    ends = floors.log_normal(node, aim, ends, lin.se, critical)
    few = ~(lin.df >= 1)
    ends[few] = np.nan
    # The sum of a cluster's own deviations is zero but for rounding.
    still = (lin.se <= ROUNDING * np.abs(node.point)) & ~few
    ends[still] = np.nan
    notes = lost_notes(node, lin.se)
    if still.any() and is_share(node):
        edge = still & ((node.point == 0) | (node.point == 1)) & (lin.df >= LEAST_DF)
        ends[edge] = at_the_edge(node, aim.tail)[edge]
        still &= ~edge
    if (still & ~np.isnan(node.point)).any():
        notes.append(flat_note(still & ~np.isnan(node.point)))
    return ends, notes


STUDENT_T = Method(
    name="t",
    words="t (linearised standard errors and degrees of freedom of the participants concerned)",
    words_by_replicates="t (standard errors and degrees of freedom from the replicates)",
    reference="Korn and Graubard 1999",
    ends=_ends,
    rests_on="variance",
    by_design=True,
    # What no sample stands behind has no standard error of a design: published limits stay as they were published.
    unsampled=PERCENTILE,
    simultaneous=simultaneous.MULTIVARIATE_T,
)
