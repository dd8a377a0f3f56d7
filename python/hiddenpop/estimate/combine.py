"""Functions of estimates: stacking, probabilities of comparisons, any function of arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError, in_words, listing
from ..expression import evaluate, graph, operations
from ..expression.operations import Apply, Stack
from ..expression.pooled import Pooled
from ..ground import checks
from ..ground.signatures import checked
from ..ground.text import common
from ..uncertainty.notes import certain_notes, tell, too_many, undefined_notes
from .estimate import Estimate


@checked
def concat(estimates: Mapping[Any, Estimate] | Sequence[Estimate], name: str | None = None) -> Estimate:
    """Stack estimates under new labels.

    Parameters
    ----------
    estimates : mapping of label to Estimate, or list of Estimate
        Keys become labels (the outer level, where an estimate has labels of its own). A list keeps
        the estimates' own labels.
    name : str, optional
        Name of the result; by default what the estimates' names have in common.

    See Also
    --------
    pool : one quantity from several estimates.
    Estimate.sum

    Examples
    --------
    >>> import hiddenpop as hp
    >>> sizes = hp.concat({2012: hp.published(14_300, 13_400, 16_300, name="2012"),
    ...                    2023: hp.published(13_300, 12_600, 14_200, name="2023")}, name="opioids")
    >>> sizes.point.round(0).to_dict()
    {2012: 14300.0, 2023: 13300.0}
    """
    if isinstance(estimates, Estimate):
        raise InputError("concat takes several estimates, as a mapping of labels or a list.")
    if len(estimates) == 0:
        raise InputError("There is nothing to stack.")
    keyed = isinstance(estimates, Mapping)
    if isinstance(estimates, pd.Series):
        estimates = checks.by_label(estimates, "The Series of estimates has")
        keyed = True
    items = list(estimates.items()) if isinstance(estimates, Mapping) else [(None, e) for e in estimates]
    for key, value in items:
        if not isinstance(value, Estimate):
            raise InputError(f"concat stacks estimates, but {in_words(key)} is {type(value).__name__}.")
    parts = [value for _, value in items]
    graph.check_joint([part.node for part in parts])
    rows: list[Any] = []
    for key, part in items:
        for label in part.labels:
            inner = label if isinstance(label, tuple) else (label,)
            rows.append(label if not keyed else key if part.scalar else (key, *inner))
    widths = {len(row) if isinstance(row, tuple) else 1 for row in rows}
    if len(widths) > 1:
        raise InputError("Estimates with different numbers of label levels don't stack; pick labels first.")
    names = [None, *parts[0].labels.names] if keyed else list(parts[0].labels.names)
    tuples = widths != {1}
    if tuples and len(names) != next(iter(widths)):
        names = [None] * next(iter(widths))
    level = names[0] if not keyed and all(list(p.labels.names) == names for p in parts) else None
    labels = pd.MultiIndex.from_tuples(rows, names=names) if tuples else pd.Index(rows, name=level)
    if not labels.is_unique:
        raise InputError("Two of the stacked labels are the same; give the estimates as a mapping of new labels.")
    return Estimate(Stack(tuple(p.node for p in parts)), labels, False, name or common([p.name for p in parts]))


@checked
def prob(event: Estimate) -> pd.Series[Any] | float:
    """Return the share of draws in which a comparison holds.

    For redrawn samples this is a bootstrap probability: how often the redrawn sample says so. It is
    not the probability of a hypothesis.

    Parameters
    ----------
    event : Estimate
        A comparison such as ``a > b``.

    See Also
    --------
    Estimate.quantile, Estimate.interval

    Examples
    --------
    >>> import hiddenpop as hp
    >>> round(hp.prob(hp.uniform(0, 1, name="u", replicates=100_000) > 0.25), 2)
    0.75
    """
    if not isinstance(event, Estimate) or event.quantity != "event":
        raise InputError("prob takes a comparison of estimates, such as hp.prob(a > b).")
    draws = event.draws
    undefined = np.isnan(draws).sum(axis=1)
    notes = undefined_notes(undefined, draws.shape[1])
    tell(notes + certain_notes(event.node), event.labels)
    defined = draws.shape[1] - undefined
    with np.errstate(invalid="ignore"):
        share = np.nansum(draws, axis=1) / np.where(too_many(undefined, draws.shape[1]), np.nan, defined)
    return event._series(share)


@checked
def apply(
    function: Callable[..., Any],
    *estimates: Estimate,
    labels: Sequence[Any] | None = None,
    name: str | None = None,
) -> Estimate:
    """Lift a function of arrays to estimates.

    Parameters
    ----------
    function : callable
        Takes an array for each estimate, (labels, replicates) or, for a one-label estimate,
        (replicates,), and returns an array of one of these shapes. Replicate *i* of the result may
        depend only on replicate *i* of the arguments; this is checked.
    *estimates : Estimate
        The arguments.
    labels : sequence, optional
        Labels of the result, where its number differs from the arguments'.
    name : str, optional
        Name of the result.

    Raises
    ------
    InputError
        The function mixes replicates, changes their number, or returns an unlabelled shape.

    See Also
    --------
    concat, pool, prob

    Examples
    --------
    >>> import hiddenpop as hp
    >>> import numpy as np
    >>> round(hp.apply(np.log, hp.uniform(1, 3, name="u"), name="log").point, 3)
    0.693
    """
    if not estimates or not all(isinstance(e, Estimate) for e in estimates):
        raise InputError("apply takes a function and one or more estimates.")
    graph.check_joint([e.node for e in estimates])
    if not callable(function):
        raise InputError(f"apply takes a function of arrays, such as numpy.log, not {type(function).__name__}.")
    estimates = _aligned(estimates, named=labels is not None)
    title = name or str(getattr(function, "__name__", "function"))
    scalars = tuple(e.scalar for e in estimates)
    point = operations.call(function, [e.node.point[:, None] for e in estimates], scalars)
    if point.ndim != 2 or point.shape[1] != 1:
        raise InputError(
            f"{title!r} returned an array of shape {point.shape} for one replicate; it should return one value for "
            "each label and replicate."
        )
    like = next((e for e in estimates if len(e.labels) == len(point) and not e.scalar), estimates[0])
    if labels is not None:
        if len(labels) != len(point) or len(set(labels)) < len(labels):
            raise InputError(f"{title!r} returns {len(point)} labels, but {len(labels)} were named, or one twice.")
        index, scalar = pd.Index(list(labels)), False
    elif len(point) == 1 and all(scalars):
        index, scalar = pd.Index([title]), True
    elif len(point) == len(like.labels):
        index, scalar = like.labels, False
    elif len(point) == 1:
        index, scalar = pd.Index([title]), True
    else:
        raise InputError(f"{title!r} returns {len(point)} labels; name them with labels=.")
    node = Apply(function, tuple(e.node for e in estimates), title, scalars, point[:, 0])
    _check_replicatewise(node, estimates)
    return Estimate(node, index, scalar, title)


def _aligned(estimates: Sequence[Estimate], *, named: bool) -> tuple[Estimate, ...]:
    """Bring labelled arguments to the first one's labels, as arithmetic does."""
    first = next((e for e in estimates if not e.scalar), None)
    result = []
    for est in estimates:
        same = first is None or est.scalar or set(est.labels) == set(first.labels)
        if not same and not named and first is not None:
            raise InputError(
                f"'{est.name}' has other labels than '{first.name}'. Pick the same labels, or name those of the result "
                "with labels=."
            )
        result.append(est if est.scalar or first is None or not same else est[list(first.labels)])
    return tuple(result)


def _check_replicatewise(node: Apply, estimates: Sequence[Estimate]) -> None:
    """Call the function on a few draws, in two orders and one by one: all must agree."""
    some = min(8, *(e.replicates for e in estimates))
    # Without draws any values serve: what is checked is that replicates don't mix.
    values = [
        evaluate.preview(e.node, some)
        if graph.drawable(e.node)
        else e.node.point[:, None] * (1 - np.arange(some) / 1000)
        for e in estimates
    ]
    whole = node.block(values, 0, some)
    if whole.shape != (len(node.point), some):
        raise InputError(
            f"{node.name!r} returned shape {whole.shape} for {some} replicates of {len(node.point)} labels; it must "
            "return one value for each label and replicate."
        )
    back = node.block([v[:, ::-1] for v in values], 0, some)[:, ::-1]
    single = np.concatenate([node.block([v[:, i : i + 1] for v in values], 0, 1) for i in range(some)], axis=1)
    if not (np.allclose(whole, back, equal_nan=True) and np.allclose(whole, single, equal_nan=True)):
        raise InputError(
            f"{node.name!r} mixes replicates: its result for one depends on the others. Work along axis 0 (labels), "
            "never along the last axis (replicates)."
        )


@checked
def pool(estimates: Sequence[Estimate]) -> Estimate:
    """Pool the same estimate of several imputations by Rubin's rules.

    Parameters
    ----------
    estimates : list of Estimate
        One for each imputation, with equal labels.

    Returns
    -------
    Estimate
        Its point is the mean; t intervals and linearised standard errors follow Rubin's rules, and so
        do the variances of its draws.

    Raises
    ------
    InputError
        Fewer than two estimates, or labels that differ.

    See Also
    --------
    triangulate : estimates that may conflict.
    concat : estimates side by side.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> tables = [{"treated": [1, 0, 1, 1, 0, 1]}, {"treated": [1, 0, 1, 0, 0, 1]}]
    >>> round(hp.pool([hp.Survey(table).proportion("treated") for table in tables]).point, 3)
    0.583
    """
    if isinstance(estimates, Estimate) or not all(isinstance(e, Estimate) for e in estimates):
        raise InputError("pool takes a list of estimates, one for each imputation.")
    if len(estimates) < 2:
        raise InputError("One imputation can't show how uncertain imputing is; give two at least, twenty as a rule.")
    first = estimates[0]
    nodes = []
    for m, est in enumerate(estimates):
        if len(est.labels) != len(first.labels) or set(est.labels) != set(first.labels):
            differ = sorted(map(str, set(est.labels) ^ set(first.labels)))
            raise InputError(
                f"Imputation {m + 1} has other labels than the first ({listing(differ)}): a category is in one and not in the "
                "other. Make the column categorical with all its categories, or join small ones."
            )
        nodes.append(est.node if est.scalar else est[list(first.labels)].node)
    return Estimate(Pooled(tuple(nodes)), first.labels, first.scalar, first.name)
