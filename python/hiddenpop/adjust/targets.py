"""Where an adjustment goes: onto a benchmark or a size as a factor, or into the share behind a size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from ..errors import InputError, in_words, listing, warn
from ..estimate import arithmetic
from ..estimate.combine import concat
from ..estimate.estimate import Estimate
from ..expression import graph
from ..expression.labelled import Labelled
from ..expression.nodes import SELF, Node
from ..multipliers.adjusted import Adjusted, is_adjusted_for
from ..multipliers.adjustments import ADJUSTMENTS, names
from ..multipliers.multiplier import Multiplied, multiplied

#: What is added to the name of an adjusted estimate.
SUFFIX = ", adjusted"
#: What a share may have been called by arithmetic.
SHARES = ("share", "mean", "other")


def count(kind: str, target: Any, *inputs: Any) -> Estimate:
    """Adjust a benchmark; or a size, which is proportional to it."""
    made = not isinstance(target, Estimate)
    est = Estimate.wrap(arithmetic.as_estimate(target))
    if made:
        est = replace(est, name="benchmark", labels=pd.Index(["benchmark"]) if est.scalar else est.labels)
    if est.quantity in ("share", "event", "mean"):
        raise InputError(
            f"'{est.name}' is a {est.quantity}, but this adjusts a count: the register's (the benchmark), or a size made of "
            "it. Errors of the share are hp.adjust.self_report, linkage and recruitment."
        )
    if (est.node.point < 0).any():
        raise InputError(f"'{est.name}' is negative; it counts people.")
    others = _others(est.node)
    if multiplied(est.node) and others:
        raise InputError(
            f"'{est.name}' is made of multipliers and of other sizes ({others[0]}), which the register has no part in. Adjust the "
            "multipliers before they are combined."
        )
    if not multiplied(est.node) and any(source.tells == SELF for source in graph.sources(est.node)):
        raise InputError(
            f"'{est.name}' comes from lists or from repeated records, not from the multiplier method N = B / p, for which this "
            "adjustment is made: such methods estimate by themselves whom lists miss, and other flaws don't act as factors. "
            "Clean the records before."
        )
    return _adjusted(kind, est, inputs)


def share(kind: str, target: Any, *inputs: Any) -> Estimate:
    """Adjust a share; given a size, the share that it was divided by."""
    if not isinstance(target, Estimate):
        raise InputError(
            f"This adjusts the share of the population that is in the register, an Estimate such as survey.proportion(...), "
            f"not {in_words(target)}. For 61 of 100 from elsewhere use hp.beta(61, 39)."
        )
    found = multiplied(target.node)
    if len(found) > 1:
        raise InputError(
            f"'{target.name}' is made of {len(found)} multipliers, and it is not clear whose share is meant. Adjust each share "
            "before hp.multiplier."
        )
    if not found:
        if target.quantity not in SHARES:
            raise InputError(
                f"'{target.name}' is a {target.quantity} that was not made by hp.multiplier, so there is no share in it to "
                "adjust. Adjust the share, then divide the benchmark by it."
            )
        if ((target.node.point < 0) | (target.node.point > 1)).any():
            raise InputError(f"'{target.name}' lies outside 0 to 1, so it is no share.")
        return _adjusted(kind, target, inputs)
    (old,) = found
    below = old.args[1]
    inside = Estimate(
        below, old.labels if len(below.point) > 1 else pd.Index(["share"]), len(below.point) == 1, "share"
    )
    new = Multiplied((old.args[0], _adjusted(kind, inside, inputs).node), old.labels, old.name)
    return _named(target, graph.rebuild(target.node, lambda leaf: leaf, {old: new}), target.labels)


def _others(node: Node) -> list[str]:
    """Say which sizes an expression holds that no multiplier made."""
    inside = {other for made in multiplied(node) for other in graph.walk(made)}
    leaves = [other for other in graph.walk(node) if not other.args and other not in inside and graph.is_source(other)]
    return [leaf.given_as or "lists" for leaf in leaves if leaf.quantity == "size"]


def _adjusted(kind: str, est: Labelled, inputs: tuple[Any, ...]) -> Estimate:
    nodes: list[Node] = []
    for name, value in zip(names(kind), inputs, strict=True):
        given: Labelled = _input(name, value)
        graph.check_joint([est.node, *nodes, given.node])
        if not given.scalar:
            if est.scalar:
                raise InputError(
                    f"{name} has the labels {listing(list(given.labels))}, but '{est.name}' has none. Give one number, or "
                    "adjust what has these labels."
                )
            size = len(est)
            wide, given, _ = arithmetic.align(est, given)
            est = Estimate.wrap(wide)
            if len(est) != size:
                raise InputError(
                    f"{name} has more levels of labels than '{est.name}': {listing(list(given.labels.names))}. Give one number "
                    "for each label."
                )
        nodes.append(given.node)
    if kind != "definition" and is_adjusted_for(est.node, kind):
        warn(
            f"'{est.name}' was adjusted for {ADJUSTMENTS[kind].title} before and now is once more. If a cell of a notebook ran "
            "twice, start from the unadjusted estimate.",
        )
    node = Adjusted((est.node, *nodes), kind, est.labels)
    return _named(est, node, est.labels)


def _named(est: Labelled, node: Node, labels: pd.Index[Any]) -> Estimate:
    name = est.name if est.name.endswith(SUFFIX) else est.name + SUFFIX
    return Estimate(node, pd.Index([name]) if est.scalar else labels, est.scalar, name)


def _input(name: str, value: Any) -> Estimate:
    """Make an input an estimate: a number, an uncertain input, or one of either for each label."""
    if isinstance(value, Mapping) and any(isinstance(one, Estimate) for one in value.values()):
        return concat({label: Estimate.wrap(arithmetic.as_estimate(one)) for label, one in value.items()}, name=name)
    try:
        est = Estimate.wrap(arithmetic.as_estimate(value))
    except InputError as error:
        raise InputError(f"{name}={in_words(value)} can't be used. {error}") from None
    if est.quantity in ("event", "size"):
        raise InputError(
            f"{name} is '{est.name}', a {est.quantity}; it must be a number, or uncertain input of its kind."
        )
    return est
