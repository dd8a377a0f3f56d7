"""Linearised (Taylor) variances of anything computed from surveys.

A statistic's variance comes from its influence values and the design (`Linear.variance`); what is
computed from statistics takes the chain rule (the delta method) through its expression. Sources are
independent, so their variances add; uncertain inputs enter with the variance of their draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..answers.asked import Asked
from ..errors import EstimationError, granted
from ..expression import evaluate, one_source, pooled
from ..expression.nodes import Node, Source
from ..ground.columns import Floats
from ..sample.sample import Sample
from ..sample.sampling import Linear
from . import freedom
from .slopes import chain, slopes_of

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
        # What cancels has a variance of zero but for rounding, to either side.
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))


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
    if first.analytic:
        if len(leaves) > 1:
            raise EstimationError(
                "Several sizes of one register, or of the same lists, depend on one another, which only the draws know. Use "
                "se(), interval(method='percentile')."
            )
        # A label without a variance harms only what depends on it.
        return chain(slopes[first], chain(slopes[first], first.covariance()).T).T, np.inf
    if first.origin.sampled:
        return _of_sample(asked(leaves), slopes)
    slope = np.asarray(sum(slopes[leaf] for leaf in leaves))
    return slope @ np.atleast_2d(np.cov(evaluate.draws(first))) @ slope.T, np.inf


def asked(leaves: Sequence[Source]) -> list[Asked]:
    """Return leaves as answers of a sample; what else redraws people has no linearised variance."""
    found = [leaf for leaf in leaves if isinstance(leaf, Asked)]
    if len(found) < len(leaves):
        raise EstimationError(
            "A function of weights has no linearised standard error. Use the draws: se(), interval(method='percentile')."
        )
    return found


def _of_sample(leaves: Sequence[Asked], slopes: Mapping[Node, Floats]) -> Part:
    """Return the covariance that a sample's design gives its answers."""
    linear = linear_of(leaves[0].live)
    if any(linear_of(leaf.live).metric != linear.metric for leaf in leaves[1:]):
        raise EstimationError(
            "These answers weigh the same people in two ways (by two populations, say), so they have no linearised standard error "
            "together. Use the draws: se(), interval(method='percentile')."
        )
    split = leaves[0].split() if len(leaves) == 1 else None
    if split is not None:
        place, value, by_label = split
        result = linear.covariance(place, value, chain(slopes[leaves[0]], by_label.T).T)
    else:
        values = sum(chain(slopes[leaf], influence(leaf).T).T for leaf in leaves)
        result = linear.variance(np.asarray(values))
    return result + _margins(leaves, slopes), freedom.together(leaves, slopes, _variances)


def linear_of(sample: Sample) -> Linear:
    """Return the design's linearised variances, or why it has none."""
    if sample.variance is not None and sample.variance.agency:
        raise EstimationError(
            "Linearised variances need the design, but this survey's variance comes with its replicate weights: se(), "
            "interval(method='t')."
        )
    return granted(sample.sampling.linear)


def _variances(leaf: Asked) -> Floats:
    """Return the variance of each label of an answer."""
    return np.diag(_of_sample([leaf], {leaf: np.eye(len(leaf.point))})[0])


def combine(parts: Sequence[Part], size: int) -> Linearized:
    """Add the variances of independent sources; degrees of freedom are Satterthwaite's (1946)."""
    total = sum((v for v, _ in parts), np.zeros((size, size)))
    spread = np.diag(total)
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = sum((np.diag(v) ** 2 / df for v, df in parts), np.zeros(size))
        # What has no variance keeps the fewest that it rests on.
        fewest = np.min([np.broadcast_to(df, (size,)) for _, df in parts], axis=0, initial=np.inf)
        df = np.where(lost > 0, spread**2 / lost, fewest)
    return Linearized(total, df)


def influence(leaf: Asked) -> Floats:
    """Return linearised values (units x labels): how much each unit moves each label, collected with the weights."""
    linear = linear_of(leaf.live)
    return np.stack([linear.collect(values) for values in leaf.influence()], axis=1)


def _margins(leaves: Sequence[Asked], slopes: Mapping[Node, Floats]) -> Any:
    """Return what estimated margins add to the covariance of calibrated statistics, all together."""
    moves: dict[Node, Floats] = {}
    for leaf in leaves:
        linear = linear_of(leaf.live)
        if linear.estimated is not None:
            by_total = np.stack([linear.by_totals(values) for values in leaf.influence()], axis=1)
            move = slopes[leaf] @ by_total.T
            moves[linear.estimated] = moves.get(linear.estimated, np.zeros_like(move)) + move
    return sum((m @ np.atleast_2d(np.cov(evaluate.draws(t))) @ m.T for t, m in moves.items()), 0.0)
