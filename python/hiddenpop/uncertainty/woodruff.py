"""Intervals of quantiles by inverting those of shares (Woodruff 1952, JASA 47:635-646)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from ..answers.statistic import Statistic, quantiles_at, totals
from ..errors import EstimationError, InputError
from ..expression.nodes import Node
from ..expression.operations import Take
from ..ground import distributions
from ..ground.columns import Floats

if TYPE_CHECKING:
    from ..survey.survey import Survey


def interval(node: Node, tail: float) -> Floats:
    """Return Woodruff intervals of a survey's quantiles (labels x 2), as `svyquantile` in R.

    The share at or below the estimate gets a t interval with the design's degrees of freedom; its ends are
    carried back to the values. Its standard error is linearised, or that of the survey's variance replicates.
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
    sampling, replicates = below.survey._sampling, below.survey._variance
    half = _t(below.survey, tail)
    ends = []
    for position in positions:
        values, point = columns[position], below.point[position]
        inside = ~np.isnan(values)
        whole = sampling.total(inside.astype(float))
        at_most = (inside & (values <= point)).astype(float)
        share = sampling.total(at_most) / whole
        if replicates is None:
            influence = sampling.linear((at_most - share * inside) / whole)
            error = float(np.sqrt(sampling.variance(influence[:, None])[0, 0]))
        else:
            error = replicates.share_error(at_most, inside.astype(float), share)
        shares = np.clip([share - half * error, share + half * error], 0.0, 1.0)
        ends.append(quantiles_at(below, values, shares.tolist()))
    return np.array(ends)


def standard_error(node: Node) -> Floats:
    """Return what the 95% intervals' widths say of standard errors, as `svyquantile` in R."""
    ends = interval(node, 0.025)
    below = node
    while isinstance(below, Take):
        below = below.args[0]
    survey = cast("Statistic", below).survey
    assert survey is not None
    return np.asarray((ends[:, 1] - ends[:, 0]) / (2 * _t(survey, 0.025)))


def _t(survey: Survey, tail: float) -> float:
    """Return t with the degrees of freedom of what measures the survey's variance."""
    replicates = survey._variance
    df = float(survey._sampling.df if replicates is None else replicates.df)
    return float(distributions.t_quantile(1 - tail, np.array([df]))[0])
