"""Evaluating an estimate's expression again, on other redraws or with other inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from ..answers.function import Replicated
from ..answers.statistic import Statistic
from ..draws import settings
from ..errors import InputError, listing, suggest
from ..expression import graph
from ..expression.nodes import Node, Source
from ..multipliers.adjusted import Adjusted, unadjusted
from ..multipliers.adjustments import names
from ..multipliers.multiplier import Multiplied
from ..regression.leaf import Regressed
from ..sources.uncertain_input import Input
from . import arithmetic
from .estimate import Estimate

if TYPE_CHECKING:
    from ..survey.survey import Survey


def replay(
    est: Estimate,
    *,
    seed: int | None,
    replicates: int | None,
    survey: Survey | None,
    inputs: Mapping[str, Any],
) -> Estimate:
    """Rebuild the expression with other leaves; see `Estimate.replay`."""
    if seed is not None:
        seed = settings.check_seed(seed)
    if replicates is not None:
        replicates = settings.check_replicates(replicates)
    nodes = graph.walk(est.node)
    leaves = [node for node in nodes if not node.args]
    replaced = named(nodes, inputs)
    surveys = {leaf.record for leaf in leaves if isinstance(leaf, (Statistic, Replicated, Regressed))}
    if survey is not None:
        if not surveys:
            raise InputError(f"'{est.name}' depends on no survey.")
        if len({record.fingerprint for record in surveys}) > 1:
            names = [record.name or record.title for record in surveys]
            raise InputError(
                f"'{est.name}' depends on several surveys ({listing(names)}); replace one by its name: "
                "estimate.replay(**{'name': survey})."
            )

    def substitute(leaf: Node) -> Node:
        new = leaf
        if survey is not None and isinstance(leaf, (Statistic, Regressed)):
            new = leaf.ask(_survey(survey))
        elif survey is not None and isinstance(leaf, Replicated):
            raise InputError(
                f"'{leaf.title}' is a function made for its own table, so it can't be put to another survey; make it "
                "anew with survey.replicate."
            )
        if graph.is_source(new):
            new = cast("Source", new).reseed(seed=seed, replicates=replicates)
        return new

    node = graph.rebuild(est.node, substitute, replaced)
    return replace(est, node=node)


def _survey(value: object) -> Survey:
    from ..survey.survey import Survey  # noqa: PLC0415 (survey imports estimate)

    if not isinstance(value, Survey):
        raise InputError(f"A survey is replaced by a Survey, not by {type(value).__name__}.")
    return value


def named_nodes(nodes: list[Node]) -> dict[str, dict[Node, pd.Index[Any] | None]]:
    """List what can be replaced, by name, with the labels of its numbers."""
    by_name: dict[str, dict[Node, pd.Index[Any] | None]] = {}
    for node in nodes:
        if isinstance(node, Multiplied):
            found, labels = unadjusted(node.args[0], node.labels)
            by_name.setdefault(node.name, {})[found] = labels
        elif isinstance(node, Adjusted):
            for slot, arg in zip(names(node.kind), node.args[1:], strict=True):
                by_name.setdefault(slot, {})[arg] = node.labels if len(arg.point) > 1 else None
        elif isinstance(node, (Statistic, Regressed)):
            if node.record.name is not None:
                by_name.setdefault(node.record.name, {})[node] = None
        elif (name := getattr(node, "name", None)) is not None and not node.args:
            by_name.setdefault(name, {})[node] = getattr(node, "labels", None)
    return by_name


def named(nodes: list[Node], inputs: Mapping[str, Any]) -> dict[Node, Node]:
    """Find what each name stands for and make its replacement."""
    by_name = named_nodes(nodes)
    replaced: dict[Node, Node] = {}
    for name, value in inputs.items():
        if name not in by_name:
            hint = suggest(name, by_name) if by_name else "Nothing in it has a name."
            raise InputError(f"The expression holds no input {name!r}. {hint}")
        found = by_name[name]
        if len(found) > 1 and not all(isinstance(node, (Statistic, Regressed, Input)) for node in found):
            raise InputError(
                f"The expression has {len(found)} inputs called {name!r}, so it is not clear which to replace. Give each "
                "its own name: hp.multiplier(..., name='clinic') for benchmarks, hp.beta(..., name='clinic') for uncertain "
                "inputs."
            )
        for node, labels in found.items():
            replaced[node] = (
                node.ask(_survey(value))
                if isinstance(node, (Statistic, Regressed))
                else _input(node, labels, name, value)
            )
    return replaced


def _input(old: Node, labels: pd.Index[Any] | None, name: str, value: Any) -> Node:
    new = arithmetic.as_estimate(value)
    if len(new.node.point) != len(old.point):
        raise InputError(
            f"{name!r} holds {len(old.point)} numbers, its replacement {len(new.node.point)}; give one for each label."
        )
    if labels is None or new.scalar:
        return new.node
    if set(new.labels) != set(labels):
        raise InputError(f"{name!r} has the labels {listing(list(labels))}, its replacement others.")
    return new[list(labels)].node
