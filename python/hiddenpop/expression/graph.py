"""Idea 2, the half about history: the small expression that made an estimate, and its replay.

An expression is a graph of nodes (see `nodes`). Here it is walked, evaluated in one pass over the
replicates, rebuilt with other leaves, and kept from mixing what must not be mixed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from weakref import WeakKeyDictionary

import numpy as np

from ..draws import settings
from ..errors import EstimationError, InputError
from .nodes import Node, Quantity, Source
from .operations import COMPARISONS, EVENTS
from .origins import check_apart

#: The sources of each node that is made of others, and lives no longer than they do; they never change.
_sources: WeakKeyDictionary[Node, tuple[Source, ...]] = WeakKeyDictionary()


def walk(node: Node, *, known: Callable[[Node], bool] = lambda _: False) -> list[Node]:
    """List all nodes, arguments before what uses them; don't look behind `known` ones."""
    order: dict[Node, None] = {}
    stack: list[tuple[Node, bool]] = [(node, False)]
    while stack:
        current, ready = stack.pop()
        if ready or not current.args or known(current):
            order.setdefault(current)
        elif current not in order:
            stack.append((current, True))
            stack.extend((arg, False) for arg in reversed(current.args))
    return list(order)


def is_source(node: Node) -> bool:
    """Tell whether a node has randomness of its own."""
    return isinstance(node, Source)


def sources(node: Node) -> list[Source]:
    """List the leaves with randomness of their own; kept with each node, so that long arithmetic doesn't start anew."""
    for current in walk(node, known=_sources.__contains__):
        if current in _sources or not current.args:
            continue
        first, *others = (_sources_of(arg) for arg in current.args)
        found = dict.fromkeys(first)
        for other in others:
            found.update(dict.fromkeys(other))
        # What adds nothing shares the list.
        _sources[current] = first if len(found) == len(first) else tuple(found)
    return list(_sources_of(node))


def _sources_of(node: Node) -> tuple[Source, ...]:
    """Return the kept sources of a node, or a leaf itself: kept, it would never go."""
    if node.args:
        return _sources[node]
    return (node,) if isinstance(node, Source) else ()


def replicates(node: Node) -> int:
    """Return the number of draws: the most that any source wants."""
    wanted = [source.replicates for source in sources(node)]
    return max(wanted, default=settings.defaults().replicates)


def drawable(node: Node) -> bool:
    """Tell whether all sources have draws; variance replicates are none."""
    return not any(source.origin.no_draws for source in sources(node))


def require_draws(node: Node) -> None:
    """Say why there are no draws, and what to do, where a source has none."""
    for source in sources(node):
        if source.origin.no_draws:
            raise EstimationError(source.origin.no_draws)


def rebuild(node: Node, substitute: Callable[[Node], Node], replaced: Mapping[Node, Node]) -> Node:
    """Make the expression again with other leaves and replaced parts; shared parts stay shared."""
    made: dict[Node, Node] = {}
    for old in walk(node, known=lambda other: other in replaced):
        if old in replaced:
            made[old] = replaced[old]
        elif not old.args:
            made[old] = substitute(old)
        else:
            args = tuple(made[arg] for arg in old.args)
            unchanged = all(a is b for a, b in zip(args, old.args, strict=True))
            made[old] = old if unchanged else old.with_args(args)
    return made[node]


def reseeded(node: Node, seed: int | None, replicates: int | None) -> Node:
    """Make the expression again with its sources under another seed or number of replicates."""

    def again(leaf: Node) -> Node:
        return leaf.reseed(seed=seed, replicates=replicates) if isinstance(leaf, Source) else leaf

    return rebuild(node, again, {})


def numbered(node: Node) -> Node:
    """Make the expression again with draws that don't go by the names of uncertain inputs, nor by when they were made."""
    numbers: dict[Hashable, int] = {}

    def again(leaf: Node) -> Node:
        return (
            leaf.numbered(numbers.setdefault(leaf.origin.identity, len(numbers))) if isinstance(leaf, Source) else leaf
        )

    return rebuild(node, again, {})


def product_of(symbol: str, left: Node, right: Node) -> Quantity:
    """Say what the result of arithmetic measures, as far as that is certain."""
    if symbol in COMPARISONS or symbol in EVENTS:
        return "event"
    if symbol == "-" and right.quantity == "share" and left.constant and bool(np.all(left.point == 1)):
        return "share"
    a, b = left.quantity, right.quantity
    positive: tuple[Quantity, ...] = ("size", "rate")
    if symbol in ("*", "/"):
        if a in positive and (b == "share" or _positive(right)):
            return a
        if symbol == "*":
            if b in positive and (a == "share" or _positive(left)):
                return b
            if a == b == "share":
                return "share"
    if symbol == "+" and a in positive and (b == a or _positive(right, zero=True)):
        return a
    if symbol == "+" and b in positive and _positive(left, zero=True):  # as Python's sum() begins
        return b
    return "other"


def _positive(node: Node, *, zero: bool = False) -> bool:
    return node.constant and bool(np.all(node.point >= 0 if zero else node.point > 0))


def check_joint(args: Sequence[Node]) -> None:
    """Close the traps of combining: tell the origins of each pair of arguments apart."""
    # Equal origins are drawn together, and may yet have been made twice.
    origins = [dict.fromkeys((one.origin, one.origin.calls) for one in sources(arg)) for arg in args]
    for i, first in enumerate(origins):
        for second in origins[:i]:
            for a in first:
                for b in second:
                    if a not in second and b not in first:
                        check_apart(a[0], b[0])


def require_sampling(node: Node, method: str) -> None:
    """Refuse corrections that only make sense for redrawn samples."""
    if method != "jackknife":
        require_draws(node)
    if not all(source.origin.sampled for source in sources(node)):
        raise InputError(
            f"method={method!r} corrects for the bias of redrawing a sample, but this estimate also depends on "
            "uncertain inputs or stored draws, which no sample is redrawn for. Use method='percentile'."
        )
