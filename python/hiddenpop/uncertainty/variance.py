"""The variance of an estimate as its sources measure it: by variance replicates, linearisation or draws.

A source with replicates moves through the whole expression with the others at their points; other sources go
through the delta method. Sources are independent, so their variances add.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ..answers.asked import Asked
from ..errors import EstimationError, InputError, Refusal
from ..expression import evaluate, graph, one_source, pooled
from ..expression.nodes import Node, Source
from ..expression.operations import Stack
from ..ground.columns import Floats
from ..sample.sample import Sample
from . import freedom, kept, linearized
from .linearized import Linearized, Part
from .slopes import chain, slopes_of

#: Of estimates read from files, whose surveys stayed where they were.
_given: WeakKeyDictionary[Node, Linearized] = WeakKeyDictionary()
_found: WeakKeyDictionary[Node, Linearized] = WeakKeyDictionary()


def give(node: Node, covariance: Floats, df: Floats) -> None:
    """Attach the variance that was saved with a node."""
    _given[node] = Linearized(covariance, df)


def given(node: Node) -> Linearized | None:
    """Return the variance that was saved with a node."""
    return _given.get(node)


def measured(node: Node, centre: str | None = None) -> Linearized:
    """Return the covariance (labels x labels) and Satterthwaite's degrees of freedom.

    Parameters
    ----------
    node : Node
        What to measure.
    centre : {"estimate", "mean"}, optional
        What replicates are compared with; by default as the survey says.

    Raises
    ------
    EstimationError
        A comparison, a quantile where only linearisation or a jackknife would measure it, or an estimate
        read from a file that is joint with another one.
    """
    if node in _given:
        return _given[node]
    if centre is None and node in _found:
        return _found[node]
    if pooled.find(node):
        return Linearized(*pooled.rubin(node, lambda one: (measured(one, centre).covariance, measured(one, centre).df)))
    if node.quantity == "event":
        raise EstimationError("A comparison has a probability, not a standard error: hp.prob(a > b).")
    # Beside a source without draws, what was saved with its draws brings their covariance.
    drawable = graph.drawable(node)
    is_saved = _given.__contains__ if drawable else _saved
    saved = [other for other in graph.walk(node, known=is_saved) if is_saved(other)]
    groups = _live(node, is_saved)
    _require_apart(saved, groups)
    parts: list[Part] = []
    slopes: dict[Node, Floats] | None = None
    for leaves in groups:
        stored = kept.together(leaves)
        if stored is not None:
            slopes = slopes or slopes_of(node, is_saved)
            slope = np.concatenate([slopes[leaf] for leaf in leaves], axis=1)
            least = np.where(slope != 0, stored[1], np.inf).min(axis=1, initial=np.inf)
            parts.append((chain(slope, chain(slope, stored[0]).T).T, least))
            continue
        sample = _sample_of(leaves)
        replicates = sample.variance if sample is not None else None
        if replicates is not None:
            answers = linearized.asked(leaves)
            known: dict[Node, Floats] = {leaf: replicates.answer(leaf) for leaf in answers}
            values = one_source.replayed(node, known | {other: other.point[:, None] for other in saved})
            spread = one_source.spread(
                values, node.point, replicates.factors, replicates.times, centre or replicates.centre
            )
            parts.append((spread, freedom.fewest(node, answers)))
            continue
        slopes = slopes or slopes_of(node, is_saved)
        parts.append(_by_design(leaves, slopes, drawable=drawable))
    if saved:
        slopes = slopes or slopes_of(node, is_saved)
        parts += [_carried(other, slopes[other]) for other in saved]
    result = linearized.combine(parts, len(node.point))
    if centre is None:
        _found[node] = result
    return result


def known(leaf: Node) -> bool:
    """Tell whether the variance of a source is measured or was saved, so that its draws are not needed."""
    if isinstance(leaf, Asked):
        if leaf.sample is None:
            return kept.kept_of(leaf) is not None
        stated = leaf.by_influence and leaf.sample.known_df is not None
        return leaf.linearizable or leaf.sample.variance is not None or stated
    return isinstance(leaf, Source) and leaf.analytic


def measurable(node: Node) -> bool:
    """Tell whether the sources of an expression have limits and correlations of their own: measured, saved, or drawn."""
    for leaves in one_source.by_origin(node):
        saved = [leaf for leaf in leaves if kept.kept_of(leaf) is not None]
        if saved and kept.together(leaves) is None:
            return False
        if not saved and not all(known(leaf) or _has_draws(leaf) for leaf in leaves):
            return False
    return True


def _has_draws(leaf: Source) -> bool:
    """Tell whether a source has draws, or can make some."""
    if leaf.origin.no_draws:
        return False
    if evaluate.kept_draws(leaf) is not None:
        return True
    try:
        leaf.require_live()
    except EstimationError:
        return False
    return True


def by_replicates(node: Node) -> bool:
    """Tell whether a source's variance is measured by replicates."""
    return any(isinstance(leaf, Asked) and leaf.record.variance == "replicates" for leaf in graph.sources(node))


def require_replicates(node: Node) -> None:
    """Refuse where no source has variance replicates."""
    if not by_replicates(node):
        raise InputError(
            "No survey in this estimate has variance replicates. Give it some: survey.with_replicates('JKn'), or "
            "hp.Survey(..., replicate_weights=[...], method=...)."
        )


def _live(node: Node, is_saved: Callable[[Node], bool]) -> list[list[Source]]:
    """Group sources that are not hidden behind what was saved."""
    groups: dict[Any, list[Source]] = {}
    for leaf in graph.walk(node, known=is_saved):
        if not is_saved(leaf) and isinstance(leaf, Source):
            groups.setdefault(leaf.origin, []).append(leaf)
    return list(groups.values())


def _require_apart(saved: Sequence[Node], groups: Sequence[Sequence[Source]]) -> None:
    """Refuse to add variances of what is not independent: what was saved keeps no covariance with others."""
    seen: set[object] = set()
    keys = [{source.origin.identity for source in graph.sources(other)} for other in saved]
    for key in [*keys, {leaves[0].origin.identity for leaves in groups}]:
        if seen & key:
            raise EstimationError(
                "An estimate read from a file keeps its own variance, but not its covariance with others of the same "
                "survey or input. Give it the survey again, estimate.replay(survey=survey), or combine before saving."
            )
        seen |= key


def _sample_of(leaves: Sequence[Source]) -> Sample | None:
    """Return the sample that answers leaves of one source; None where it is none, or stayed behind."""
    return leaves[0].sample if isinstance(leaves[0], Asked) else None


def _saved(node: Node) -> bool:
    """Tell whether a node was read from a file with its variance or its draws, and without its survey."""
    if node in _given:
        return True
    return evaluate.kept_draws(node) is not None and any(
        isinstance(source, Asked) and source.sample is None for source in graph.sources(node)
    )


def _carried(node: Node, slope: Floats) -> Part:
    """Carry a saved covariance through the delta method; labels keep the fewest degrees of freedom they rest on."""
    if node not in _given:
        df = min(source.origin.df or np.inf for source in graph.sources(node))
        return slope @ np.atleast_2d(np.cov(evaluate.draws(node))) @ slope.T, float(df)
    before = _given[node]
    rests = np.where(slope != 0, before.df[None, :], np.inf)
    return chain(slope, chain(slope, before.covariance).T).T, rests.min(axis=1)


def _by_design(leaves: Sequence[Source], slopes: dict[Node, Floats], *, drawable: bool) -> Part:
    """Linearise, or take the covariance of the draws.

    Of the draws where there is nothing to linearise beside a source without draws, and where the design has no linearised
    variances but states degrees of freedom.
    """
    sample = _sample_of(leaves)
    refused = sample is not None and isinstance(sample.sampling.linear, Refusal)
    stated = sample is not None and refused and sample.known_df is not None and not leaves[0].origin.no_draws
    try:
        return linearized.taylor(leaves, slopes)
    except EstimationError:
        if not stated and (drawable or leaves[0].origin.no_draws):
            raise
    slope = np.concatenate([slopes[leaf] for leaf in leaves], axis=1)
    df: float | Floats = np.inf
    if sample is not None:
        own = np.concatenate([freedom.of_answer(leaf) for leaf in linearized.asked(leaves)])
        df = np.where(slope != 0, own, np.inf).min(axis=1, initial=np.inf)
    together = Stack(tuple(leaves))
    return slope @ np.atleast_2d(np.cov(evaluate.draws(together))) @ slope.T, df
