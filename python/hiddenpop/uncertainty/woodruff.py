"""Intervals of quantiles by inverting those of shares (Woodruff 1952, JASA 47:635-646)."""

from __future__ import annotations

import numpy as np

from ..answers.statistic import Statistic, picked_statistic, quantiles_at, totals
from ..errors import InputError
from ..expression.nodes import Node
from ..ground import distributions
from ..ground.columns import Floats
from ..ground.language import english
from . import freedom, kept
from .kept import KeptAlone
from .linearized import linear_of
from .method import Aim, Method
from .notes import Note, flat_note
from .of_draws import ROUNDING


def interval(node: Node, tail: float) -> Floats:
    """Return Woodruff intervals of a survey's quantiles (labels x 2), as `svyquantile` in R.

    The share at or below the estimate gets a t interval with the domain's degrees of freedom; its ends are
    carried back to the values. Its standard error is linearised, or that of the survey's variance replicates.
    """
    found = picked_statistic(node)
    if found is None or found[0].question.kind != "quantile":
        raise InputError("Woodruff intervals are those of a survey's quantiles, not of what is computed from them.")
    below, positions = found
    alone = kept.alone_of(below)
    if alone is not None:
        return _scaled(below, alone, tail)[positions]
    columns = [column for column, _ in totals(below)]
    sample = below.live
    sampling, replicates = sample.sampling, sample.variance
    ends = []
    for position, half in zip(positions, _t(below, tail)[positions], strict=True):
        values, point = columns[position], below.point[position]
        if not np.isfinite(half) or np.isnan(point):
            ends.append([np.nan, np.nan])
            continue
        inside = ~np.isnan(values)
        whole = sampling.total(inside.astype(float))
        at_most = (inside & (values <= point)).astype(float)
        share = sampling.total(at_most) / whole
        if replicates is None:
            linear = linear_of(sample)
            influence = linear.collect((at_most - share * inside) / whole)
            error = float(np.sqrt(linear.variance(influence[:, None])[0, 0]))
        else:
            error = replicates.share_error(at_most, inside.astype(float), share)
        if not error > ROUNDING:
            ends.append([np.nan, np.nan])  # clusters agree by chance, or nobody differs
            continue
        shares = np.clip([share - half * error, share + half * error], 0.0, 1.0)
        ends.append(quantiles_at(below, values, shares.tolist()))
    return np.array(ends)


def _scaled(below: Statistic, alone: KeptAlone, tail: float) -> Floats:
    """Return what was saved: its 95% limits, others at as many times the distance as t says."""
    point, df = below.point[:, None], alone.df
    with np.errstate(invalid="ignore", divide="ignore"):
        times = distributions.t_quantile(1 - tail, df) / distributions.t_quantile(0.975, df)
        return np.where(times[:, None] == 1, alone.woodruff, point + times[:, None] * (alone.woodruff - point))


def _ends(node: Node, aim: Aim) -> tuple[Floats, list[Note]]:
    """Return intervals, and which labels have none because the share below them does not vary."""
    ends = interval(node, aim.tail)
    still = np.isnan(ends).any(axis=1) & ~np.isnan(node.point) & (freedom.fewest(node) >= 1)
    return ends, [flat_note(still)] if still.any() else []


def standard_error(node: Node) -> Floats:
    """Return what the 95% intervals' widths say of standard errors, as `svyquantile` in R."""
    ends = interval(node, 0.025)
    found = picked_statistic(node)
    assert found is not None  # or there were no ends
    return np.asarray((ends[:, 1] - ends[:, 0]) / (2 * _t(found[0], 0.025)[found[1]]))


def _t(quantiles: Statistic, tail: float) -> Floats:
    """Return t with each label's degrees of freedom."""
    if kept.alone_of(quantiles) is None:
        quantiles.live.df  # noqa: B018 (says why where nothing is known of them)
    return distributions.t_quantile(1 - tail, freedom.of_answer(quantiles))


WOODRUFF = Method(
    name="woodruff",
    words=english("Woodruff"),
    reference="Woodruff 1952",
    ends=_ends,
    rests_on="kind",
    by_design=True,
)
