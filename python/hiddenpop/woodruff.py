"""Intervals of quantiles by inverting those of shares (Woodruff 1952, JASA 47:635-646)."""

from __future__ import annotations

import numpy as np

from . import linearized
from .columns import Floats
from .errors import EstimationError, InputError
from .nodes import Node, Take
from .statistic import Statistic, quantiles_at, totals


def interval(node: Node, tail: float) -> Floats:
    """Return Woodruff intervals of a survey's quantiles (labels x 2), as `svyquantile` in R.

    The share at or below the estimate gets a t interval with the design's degrees of freedom; its ends are
    carried back to the values.
    """
    positions = list(range(len(node.point)))
    below = node
    while isinstance(below, Take):
        positions = [below.positions[i] for i in positions]
        below = below.args[0]
    if not isinstance(below, Statistic) or below.question.kind != "quantile":
        raise InputError("Woodruff intervals are those of a survey's quantiles, not of what is computed from them.")
    columns = [column for column, _ in totals(below)]
    if below.survey is None:
        raise EstimationError("A Woodruff interval needs the survey: estimate.replay(survey=survey).")
    sampling = below.survey._sampling
    half = linearized.t_quantile(1 - tail, np.array([float(sampling.df)]))[0]
    ends = []
    for position in positions:
        values, point = columns[position], below.point[position]
        inside = ~np.isnan(values)
        whole = sampling.total(inside.astype(float))
        at_most = (inside & (values <= point)).astype(float)
        share = sampling.total(at_most) / whole
        influence = sampling.linear((at_most - share * inside) / whole)
        error = float(np.sqrt(sampling.variance(influence[:, None])[0, 0]))
        shares = np.clip([share - half * error, share + half * error], 0.0, 1.0)
        ends.append(quantiles_at(below, values, shares.tolist()))
    return np.array(ends)
