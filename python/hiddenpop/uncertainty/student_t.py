"""t intervals (Korn and Graubard 1999, section 2.4): the estimate and its measured standard error, or the jackknife's.

Linearised standard errors are too small where clusters are few and unequal, or hold few of a domain; the jackknife's are not
(Wolter 2007, section 4.5: they take in what leaving a cluster out does to the denominator).
"""

from __future__ import annotations

import numpy as np

from ..expression.nodes import Node
from ..ground.columns import Floats
from ..ground.distributions import t_quantile
from ..ground.language import english
from ..ground.scales import link
from . import floors, freedom, jackknife, simultaneous
from .method import Aim, Method
from .notes import Note, flat_note, lost_notes
from .of_draws import ROUNDING
from .percentile import PERCENTILE
from .proportions import at_the_edge, is_share
from .variance import measured

#: With fewer degrees of freedom a share of nobody or everybody has no interval: Wilson's would hold nearly everything.
LEAST_DF = 3
APART = english(
    "No interval: imputations lie so far apart that less than one degree of freedom is left. Impute more often"
)


def _by_measured(node: Node, aim: Aim) -> tuple[Floats, list[Note]]:
    """Take standard errors that are linearised or from replicates, with Satterthwaite's degrees of freedom."""
    found = measured(node)
    return _ends(node, aim, found.se, found.df)


def _by_jackknife(node: Node, aim: Aim) -> tuple[Floats, list[Note]]:
    """Take standard errors of the design's jackknife."""
    return _ends(node, aim, jackknife.standard_error(node), freedom.fewest(node))


def _ends(node: Node, aim: Aim, se: Floats, df: Floats) -> tuple[Floats, list[Note]]:
    """Return intervals from standard errors and t, on the link scale.

    A share of nobody or of everybody has no standard error; it gets Wilson's interval with t (`proportions`).
    """
    to, back, slope = link(node.quantity, aim.scale, shares=True)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        critical = t_quantile(1 - aim.tail, df)
        half = critical * se * np.abs(slope(node.point))
        ends = back(to(node.point)[:, None] + np.array([-1.0, 1.0]) * half[:, None])
    ends = floors.log_normal(node, aim, ends, se, critical)
    few = ~(df >= 1)
    ends[few] = np.nan
    # The sum of a cluster's own deviations is zero but for rounding.
    still = (se <= ROUNDING * np.abs(node.point)) & ~few
    ends[still] = np.nan
    notes = lost_notes(node, np.where(few, 0.0, se))
    apart = few & (freedom.fewest(node) >= 1) & np.isfinite(se) & ~np.isnan(node.point)
    if apart.any():
        notes.append(Note.at(APART, apart))
    if still.any() and is_share(node):
        edge = still & ((node.point == 0) | (node.point == 1)) & (df >= LEAST_DF)
        ends[edge] = at_the_edge(node, aim.tail)[edge]
        still &= ~edge
    if (still & ~np.isnan(node.point)).any():
        notes.append(flat_note(still & ~np.isnan(node.point)))
    return ends, notes


STUDENT_T = Method(
    name="t",
    words=english("t (linearised standard errors and degrees of freedom of the participants concerned)"),
    words_by_replicates=english("t (standard errors and degrees of freedom from the replicates)"),
    reference="Korn and Graubard 1999",
    ends=_by_measured,
    rests_on="variance",
    by_design=True,
    # What no sample stands behind has no standard error of a design: published limits stay as they were published.
    unsampled=PERCENTILE,
    simultaneous=simultaneous.MULTIVARIATE_T,
)
JACKKNIFE = Method(
    name="jackknife",
    words=english("t (jackknife standard errors and degrees of freedom of the participants concerned)"),
    reference="Wolter 2007, chapter 4",
    ends=_by_jackknife,
    rests_on="variance",
    by_design=True,
    sampling=True,
    unsampled=PERCENTILE,
    simultaneous=simultaneous.MULTIVARIATE_T,
)
