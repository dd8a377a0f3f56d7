"""Evaluating an estimate's expression again, on other redraws or with other inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from . import arithmetic, expression, replicate
from .errors import InputError, listing, suggest
from .estimate import Estimate
from .expression import Node, Source
from .statistic import Statistic

if TYPE_CHECKING:
    from .survey import Survey


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
        seed = replicate.check_seed(seed)
    if replicates is not None:
        replicates = replicate.check_replicates(replicates)
    leaves = [node for node in expression.walk(est.node) if not node.args]
    replaced = _named(leaves, inputs)
    surveys = {leaf.record for leaf in leaves if isinstance(leaf, Statistic)}
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
        new = replaced.get(leaf, leaf)
        if new is leaf and survey is not None and isinstance(leaf, Statistic):
            new = leaf.ask(_survey(survey))
        if expression.is_source(new):
            new = cast("Source", new).reseed(seed=seed, replicates=replicates)
        return new

    memo: dict[Node, Node] = {}
    node = expression.rebuild(est.node, lambda leaf: memo.setdefault(leaf, substitute(leaf)))
    return Estimate(node, est.labels, est.scalar, est.name)


def _survey(value: object) -> Survey:
    from .survey import Survey  # noqa: PLC0415 (survey imports estimate)

    if not isinstance(value, Survey):
        raise InputError(f"A survey is replaced by a Survey, not by {type(value).__name__}.")
    return value


def _named(leaves: list[Node], inputs: Mapping[str, Any]) -> dict[Node, Node]:
    """Find what each name stands for and make its replacement."""
    by_name: dict[str, list[Node]] = {}
    for leaf in leaves:
        name = leaf.record.name if isinstance(leaf, Statistic) else getattr(leaf, "name", None)
        if name is not None:
            by_name.setdefault(name, []).append(leaf)
    replaced: dict[Node, Node] = {}
    for name, value in inputs.items():
        if name not in by_name:
            hint = suggest(name, by_name) if by_name else "Nothing in it has a name."
            raise InputError(f"The expression holds no input {name!r}. {hint}")
        for leaf in by_name[name]:
            if isinstance(leaf, Statistic):
                replaced[leaf] = leaf.ask(_survey(value))
            else:
                replaced[leaf] = _input(leaf, name, value)
    return replaced


def _input(leaf: Node, name: str, value: Any) -> Node:
    new = arithmetic.constant(value, name)
    if len(new.node.point) != len(leaf.point):
        raise InputError(
            f"{name!r} holds {len(leaf.point)} numbers, its replacement {len(new.node.point)}; give one for each label."
        )
    labels = getattr(leaf, "labels", None)
    if labels is not None and not new.scalar:
        if set(new.labels) != set(labels):
            raise InputError(f"{name!r} has the labels {listing(list(labels))}, its replacement others.")
        positions = new.labels.get_indexer(labels)
        return new.node if np.all(np.diff(positions) == 1) else new[list(labels)].node
    return new.node
