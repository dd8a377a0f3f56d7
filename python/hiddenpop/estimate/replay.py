"""Evaluating an estimate's expression again, on other redraws or with other inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from ..answers.asked import Asked
from ..draws import settings
from ..errors import InputError, listing, suggest
from ..expression import graph
from ..expression.labelled import Labelled
from ..expression.nodes import Node, Source
from ..sample.sample import Held, Sample
from . import arithmetic, selection


def replay(
    est: Labelled,
    *,
    seed: int | None,
    replicates: int | None,
    survey: Held | None,
    inputs: Mapping[str, Any],
) -> Labelled:
    """Rebuild the expression with other leaves; see `Estimate.replay`."""
    if seed is not None:
        seed = settings.check_seed(seed)
    if replicates is not None:
        replicates = settings.check_replicates(replicates)
    nodes = graph.walk(est.node)
    replaced = named(nodes, inputs)
    records = {leaf.record for leaf in nodes if isinstance(leaf, Asked)}
    if survey is not None:
        if not records:
            raise InputError(f"'{est.name}' depends on no survey.")
        if len({record.fingerprint for record in records}) > 1:
            names = [record.name or record.title for record in records]
            raise InputError(
                f"'{est.name}' depends on several surveys ({listing(names)}); replace one by its name: "
                "estimate.replay(**{'name': survey})."
            )

    def substitute(leaf: Node) -> Node:
        new = leaf
        if survey is not None and isinstance(leaf, Asked):
            new = leaf.ask(_sample(survey))
        return new.reseed(seed=seed, replicates=replicates) if isinstance(new, Source) else new

    return replace(est, node=graph.rebuild(est.node, substitute, replaced))


def _sample(value: object) -> Sample:
    if not isinstance(value, Held):
        raise InputError(f"A survey is replaced by a Survey, not by {type(value).__name__}.")
    return value.sample


def named_nodes(nodes: list[Node]) -> dict[str, dict[Node, pd.Index[Any] | None]]:
    """List what can be replaced, by name, with the labels of its numbers."""
    by_name: dict[str, dict[Node, pd.Index[Any] | None]] = {}
    for node in nodes:
        for name, (found, labels) in node.replaceable().items():
            by_name.setdefault(name, {})[found] = labels
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
        if len(found) > 1 and not all(node.one_by_name for node in found):
            raise InputError(
                f"The expression has {len(found)} inputs called {name!r}, so it is not clear which to replace. Give each "
                "its own name: hp.multiplier(..., name='clinic') for benchmarks, hp.beta(..., name='clinic') for uncertain "
                "inputs."
            )
        for node, labels in found.items():
            replaced[node] = node.ask(_sample(value)) if isinstance(node, Asked) else _input(node, labels, name, value)
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
    return selection.pick(new, list(labels)).node
