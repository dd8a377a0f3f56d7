"""Idea 2, the half about history: the small expression that made an estimate, and its replay.

An expression is a graph of nodes (see `nodes`). Here it is walked, evaluated in one pass over the
replicates, rebuilt with other leaves, and kept from mixing what must not be mixed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, cast
from weakref import WeakKeyDictionary

import numpy as np

from . import replicate
from .columns import Floats
from .errors import InputError
from .nodes import COMPARISONS, EVENTS, Apply, Constant, Known, Node, Quantity, Source, Stack, Take, Writer, call


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
    return hasattr(node, "reseed")


def sources(node: Node) -> list[Source]:
    """List the leaves with randomness of their own."""
    return [cast("Source", leaf) for leaf in walk(node) if is_source(leaf)]


_drawn: WeakKeyDictionary[Node, Floats] = WeakKeyDictionary()


def keep_draws(node: Node, draws: Floats) -> None:
    """Keep draws with their node."""
    draws.flags.writeable = False
    _drawn[node] = draws


def kept_draws(node: Node) -> Floats | None:
    """Return the draws kept with a node, if it has been evaluated."""
    return _drawn.get(node)


def replicates(node: Node) -> int:
    """Return the number of draws: the most that any source wants."""
    wanted = [source.replicates for source in sources(node)]
    return max(wanted, default=replicate.defaults().replicates)


def draws(node: Node) -> Floats:
    """Return the draws (labels x replicates): computed when first asked for, then kept.

    One pass over the replicates serves all statistics of all surveys in the expression.
    """
    count = replicates(node)
    kept = kept_draws(node)
    if kept is not None and kept.shape[1] >= count:
        return kept[:, :count]
    result = preview(node, count)
    keep_draws(node, result)
    return result


def preview(node: Node, count: int) -> Floats:
    """Return the first draws (labels x count) without keeping them."""

    def known(other: Node) -> bool:
        drawn = kept_draws(other)
        return drawn is not None and drawn.shape[1] >= count

    order = walk(node, known=known)
    ready = {other: cast("Floats", kept_draws(other)) for other in order if known(other)}
    readers = _readers(other for other in order if other not in ready)

    def fill(start: int, stop: int, out: Floats) -> None:
        values = {other: drawn[:, start:stop] for other, drawn in ready.items()}
        for reader in readers:
            values.update(reader.block(start, stop))
        for other in order:
            if other not in values:
                args = [values[arg] for arg in other.args]
                if other is node and getattr(node, "writes", False):
                    cast("Writer", node).block(args, start, stop, out)  # spares copying the result
                    return
                values[other] = other.block(args, start, stop)
        out[:] = values[node]

    # A leaf that makes its own draws may say what takes long.
    slow = [getattr(other, "first_range", 65_536) for other in order]
    first = min([reader.first_range for reader in readers] + slow, default=65_536)
    return replicate.evaluate(fill, len(node.point), count, first)


class Reader(Protocol):
    """Evaluates all statistics of one survey together."""

    first_range: int

    def block(self, start: int, stop: int) -> Mapping[Node, Floats]:
        """Draws of each statistic for replicates start..stop."""
        ...


def _readers(nodes: Iterable[Node]) -> list[Reader]:
    """Group statistics by survey; each survey makes one reader for all of them."""
    by_survey: dict[int, tuple[Any, list[Node]]] = {}
    for node in nodes:
        survey = getattr(node, "survey", None)
        if survey is not None and hasattr(node, "question"):
            by_survey.setdefault(id(survey), (survey, []))[1].append(node)
    return [survey._reader(statistics) for survey, statistics in by_survey.values()]


def exact_quantiles(node: Node, shares: Sequence[float]) -> Floats:
    """Return quantiles that are known without draws (labels x shares), NaN for the other labels.

    A published interval, for one, must come out as it was published.
    """
    if isinstance(node, Stack):
        return np.concatenate([exact_quantiles(arg, shares) for arg in node.args])
    if isinstance(node, Take):
        return exact_quantiles(node.args[0], shares)[list(node.positions)]
    if isinstance(node, Known):
        return node.exact(shares)
    return np.full((len(node.point), len(shares)), np.nan)


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
            made[old] = old if unchanged else _again(old, args)
    return made[node]


def _again(node: Node, args: tuple[Node, ...]) -> Node:
    if isinstance(node, Apply):
        if node.function is None:
            node.block([], 0, 0)  # raises, with the reason
        function = cast("Callable[..., Any]", node.function)
        point = call(function, [arg.point[:, None] for arg in args], node.scalars)[:, 0]
        return replace(node, args=args, point=point)
    return cast("Node", replace(cast("Any", node), args=args))


def quantities(node: Node) -> list[Quantity]:
    """Say for each label what it measures."""
    if isinstance(node, Stack):
        return [quantity for arg in node.args for quantity in quantities(arg)]
    if isinstance(node, Take):
        below = quantities(node.args[0])
        return [below[position] for position in node.positions]
    return [node.quantity] * len(node.point)


def product_of(symbol: str, left: Node, right: Node) -> Quantity:
    """Say what the result of arithmetic measures, as far as that is certain."""
    if symbol in COMPARISONS or symbol in EVENTS:
        return "event"
    if symbol == "-" and right.quantity == "share" and isinstance(left, Constant) and bool(np.all(left.point == 1)):
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
    if symbol == "+" and a in positive and (b == a or _positive(right)):
        return a
    return "other"


def _positive(node: Node) -> bool:
    return isinstance(node, Constant) and bool(np.all(node.point > 0))


def check_joint(args: Sequence[Node]) -> None:
    """Close the traps of combining: let the origins of each pair of arguments look at each other."""
    origins = [dict.fromkeys(source.origin for source in sources(arg)) for arg in args]
    for i, first in enumerate(origins):
        for second in origins[:i]:
            for a in first:
                for b in second:
                    if a not in second and b not in first:
                        # A posterior knows the data that it was found from; the data don't know it.
                        one, other = (b, a) if hasattr(b, "data") else (a, b)
                        one.check_against(other)


def require_sampling(node: Node, method: str) -> None:
    """Refuse corrections that only make sense for redrawn samples."""
    if not all(source.origin.sampled for source in sources(node)):
        raise InputError(
            f"method={method!r} corrects for the bias of redrawing a sample, but this estimate also depends on "
            "uncertain inputs or stored draws, which no sample is redrawn for. Use method='percentile'."
        )
