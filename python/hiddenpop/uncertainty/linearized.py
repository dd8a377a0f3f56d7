"""Linearised (Taylor) variances of anything computed from surveys.

A statistic's variance comes from its influence values and the design (`sampling.variance`); what is
computed from statistics takes the chain rule (the delta method) through its expression. Sources are
independent, so their variances add; uncertain inputs enter with the variance of their draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..answers import indicators
from ..answers.statistic import Statistic, plan_of, totals
from ..errors import EstimationError
from ..expression import evaluate, one_source, pooled
from ..expression.nodes import Analytic, Node, Source
from ..ground.columns import Floats
from ..sample.calibration import Calibrated
from .slopes import _chain, slopes_of

if TYPE_CHECKING:
    from ..survey.survey import Survey
#: The covariance that one source adds (labels x labels), and its degrees of freedom: one number, or one a label.
Part = tuple[Floats, "float | Floats"]


@dataclass(frozen=True, eq=False, repr=False)
class Linearized:
    """A covariance matrix (labels x labels) and each label's degrees of freedom."""

    covariance: Floats
    df: Floats

    @property
    def se(self) -> Floats:
        """Standard errors."""
        return np.sqrt(np.diag(self.covariance))


def linearize(node: Node) -> Linearized:
    """Return the linearised covariance of a node, with Satterthwaite's degrees of freedom.

    Raises
    ------
    EstimationError
        For quantiles and comparisons, and for estimates read without their survey.
    """
    if pooled.find(node):
        return Linearized(*pooled.rubin(node, _whole))
    return Linearized(*_whole(node))


def _whole(node: Node) -> tuple[Floats, Floats]:
    """Return covariance and degrees of freedom of an expression without imputations."""
    slopes = slopes_of(node)
    found = combine([taylor(leaves, slopes) for leaves in one_source.by_origin(node)], len(node.point))
    return found.covariance, found.df


def taylor(leaves: Sequence[Source], slopes: Mapping[Node, Floats]) -> Part:
    """Return the covariance that one source adds, and its degrees of freedom."""
    first = leaves[0]
    if isinstance(first, Analytic):
        if len(leaves) > 1:
            raise EstimationError(
                "Several sizes of one register, or of the same lists, depend on one another, which only the draws know. Use "
                "se(), interval(method='percentile')."
            )
        return slopes[first] @ first.covariance() @ slopes[first].T, np.inf
    if first.origin.sampled:
        if not all(linearizable(leaf) for leaf in leaves):
            raise EstimationError(
                "A function of weights has no linearised standard error. Use the draws: se(), interval(method='percentile')."
            )
        survey = cast("Statistic", first).survey
        if (
            len(leaves) == 1
            and isinstance(first, Statistic)
            and survey
            and not isinstance(survey._sampling, Calibrated)
        ):
            result = _alone(first, slopes[first])
        else:
            values = sum(_chain(slopes[leaf], influence(cast("Statistic", leaf)).T).T for leaf in leaves)
            assert survey is not None
            result = survey._sampling.variance(np.asarray(values))
        result = result + _margins([cast("Statistic", leaf) for leaf in leaves], slopes)
        return result, float(survey._sampling.df - taken_df(leaves))
    slope = np.asarray(sum(slopes[leaf] for leaf in leaves))
    return slope @ np.atleast_2d(np.cov(evaluate.draws(first))) @ slope.T, np.inf


def linearizable(leaf: Node) -> bool:
    """Tell whether a survey's leaf has linearised values: statistics, and what offers its own by `influence()`."""
    return isinstance(leaf, Statistic) or hasattr(leaf, "influence")


def taken_df(leaves: Sequence[Source]) -> int:
    """Return how many degrees of freedom the predictors of models take from the design (R's `svyglm`)."""
    return max(getattr(leaf, "taken_df", 0) for leaf in leaves)


def combine(parts: Sequence[Part], size: int) -> Linearized:
    """Add the variances of independent sources; degrees of freedom are Satterthwaite's (1946)."""
    total = sum((v for v, _ in parts), np.zeros((size, size)))
    spread = np.diag(total)
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = sum((np.diag(v) ** 2 / df for v, df in parts), np.zeros(size))
        df = np.where(lost > 0, spread**2 / lost, np.inf)
    return Linearized(total, df)


def influence(statistic: Statistic) -> Floats:
    """Return linearised values (units x labels): how much each unit moves each label.

    For a ratio R = Y / X they are (y - R x) / X, collected by unit with the weights (Binder 1983,
    International Statistical Review 51:279-292).
    """
    rows = _linearized_rows(statistic)
    assert statistic.survey is not None
    sampling = statistic.survey._sampling
    return np.stack([sampling.linear(values) for values in rows], axis=1)


def _alone(statistic: Statistic, slope: Floats) -> Floats:
    """Return the covariance of what depends on one statistic; no table of rows x labels is made."""
    survey = _require_design(statistic)
    plan, sampling = plan_of(statistic), survey._sampling
    rows = plan.labels.get_indexer(statistic.labels)
    top, bottom, value = plan.numerators, plan.denominators, plan.numerators.values
    by_label = np.eye(top.size)
    if bottom is not None:
        whole = bottom.totals(sampling)
        some = np.where(whole == 0, 1.0, whole)
        ratio = top.totals(sampling) / some[plan.group]
        if value is None:
            # Who is of a kind moves its share up, and those of the other kinds in the group down.
            by_label -= (plan.group[:, None] == plan.group[None, :]) * ratio[None, :]
        else:
            off = ratio[top.place]
            if bottom.values is not None:
                off *= bottom.values
            value = np.subtract(value, off, out=off)
            value[top.place < 0] = 0.0
        by_label /= np.where(whole == 0, np.nan, whole)[plan.group]
    elif value is not None:
        value = np.where(top.place < 0, 0.0, value)
    return indicators.covariance(sampling, top.place, value, _chain(slope, by_label[:, rows].T).T)


def _require_design(statistic: Statistic) -> Survey:
    """Return the survey, whose design measures the variance."""
    if statistic.survey is None:
        statistic.block([], 0, 0)  # raises, with the reason
    if isinstance(statistic, Statistic) and statistic.question.kind == "quantile":
        raise EstimationError(
            "A quantile has no linearised standard error. Use interval(method='woodruff') or, where there are draws, those: "
            "se(), interval(method='percentile')."
        )
    assert statistic.survey is not None
    replicates = statistic.survey._variance
    if replicates is not None and replicates.agency:
        raise EstimationError(
            "Linearised variances need the design, but this survey's variance comes with its replicate weights: se(), "
            "interval(method='t')."
        )
    return statistic.survey


def _linearized_rows(statistic: Statistic) -> list[Floats]:
    """Return for each label the linearised values of the rows."""
    sampling = _require_design(statistic)._sampling
    if not isinstance(statistic, Statistic):
        return list(cast("Any", statistic).influence())
    rows = []
    pairs = totals(statistic)
    wholes = {id(below): sampling.total(below) for below in {id(b): b for _, b in pairs if b is not None}.values()}
    for above, below in pairs:
        values = above
        if below is not None:
            whole = wholes[id(below)]
            ratio = sampling.total(above) / whole if whole else np.nan
            values = (above - ratio * below) / (whole or np.nan)
        rows.append(values)
    return rows


def _margins(leaves: Sequence[Statistic], slopes: Mapping[Node, Floats]) -> Any:
    """Return what estimated margins add to the covariance of calibrated statistics, all together."""
    moves: dict[Node, Floats] = {}
    for leaf in leaves:
        assert leaf.survey is not None
        sampling = leaf.survey._sampling
        if isinstance(sampling, Calibrated) and sampling.totals is not None:
            by_total = np.stack([sampling.by_totals(values) for values in _linearized_rows(leaf)], axis=1)
            move = slopes[leaf] @ by_total.T
            moves[sampling.totals] = moves.get(sampling.totals, np.zeros_like(move)) + move
    return sum((m @ np.atleast_2d(np.cov(evaluate.draws(t))) @ m.T for t, m in moves.items()), 0.0)
