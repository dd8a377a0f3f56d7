"""Idea 2, the half about history: the small expression that made an estimate, and its replay.

An expression is a graph of nodes (see `nodes`). Here it is walked, evaluated in one pass over the
replicates, rebuilt with other leaves, and kept from mixing what must not be mixed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, cast
from weakref import WeakKeyDictionary

import numpy as np

from . import replicate
from .columns import Floats
from .errors import EstimationError, InputError
from .kernels import Kernel
from .nodes import COMPARISONS, EVENTS, Apply, Constant, Known, Node, Quantity, Source, Stack, Take, Writer, call

if TYPE_CHECKING:
    from concurrent.futures import Executor


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
    require_draws(node)
    result = _evaluate(node, count, replicate.defaults().executor)
    keep_draws(node, result)
    return result


def drawable(node: Node) -> bool:
    """Tell whether all sources have draws; variance replicates are none."""
    return not any(getattr(source.origin, "no_draws", None) for source in sources(node))


def require_draws(node: Node) -> None:
    """Say why there are no draws, and what to do, where a source has none."""
    for source in sources(node):
        reason = getattr(source.origin, "no_draws", None)
        if reason:
            raise EstimationError(reason)


def draw_with(node: Node, executor: Executor | None) -> None:
    """Make and keep the draws at once if an executor is given for them."""
    if executor is not None:
        with replicate.settings(executor=executor):
            draws(node)


def preview(node: Node, count: int) -> Floats:
    """Return the first draws (labels x count) without keeping them."""
    return _evaluate(node, count, None)


def _evaluate(node: Node, count: int, executor: Executor | None) -> Floats:
    def known(other: Node) -> bool:
        drawn = kept_draws(other)
        return drawn is not None and drawn.shape[1] >= count

    order = walk(node, known=known)
    ready = {other: cast("Floats", kept_draws(other)) for other in order if known(other)}
    readers = _readers(other for other in order if other not in ready)
    nodes = [leaf for reader in readers for leaf in reader.nodes]
    kernels = [reader.kernel for reader in readers]

    def fill(start: int, stop: int, out: Floats, blocks: Iterable[Floats]) -> None:
        values = {other: drawn[:, start:stop] for other, drawn in ready.items()}
        values.update(zip(nodes, blocks, strict=True))
        for other in order:
            if other not in values:
                args = [values[arg] for arg in other.args]
                if other is node and getattr(node, "writes", False):
                    cast("Writer", node).block(args, start, stop, out)  # spares copying the result
                    return
                values[other] = other.block(args, start, stop)
        out[:] = values[node]

    labels = len(node.point)
    paced = [*readers, *(other for other in order if other not in ready)]
    first = min((getattr(one, "first_range", 65_536) for one in paced), default=65_536)
    if executor is not None and kernels:
        from . import executors  # noqa: PLC0415 (only when one is given)

        return executors.evaluate(executor, kernels, fill, labels, count, first)
    threads = replicate.threads()

    def here(start: int, stop: int, out: Floats) -> None:
        fill(start, stop, out, itertools.chain.from_iterable(kernel.block(start, stop, threads) for kernel in kernels))

    return replicate.evaluate(here, labels, count, first)


class Reader(Protocol):
    """Evaluates leaves that are drawn together."""

    @property
    def nodes(self) -> Sequence[Node]:
        """The leaves, in the kernel's order."""
        ...

    @property
    def kernel(self) -> Kernel:
        """What draws them, here or elsewhere."""
        ...

    @property
    def first_range(self) -> int:
        """How many replicates may take a tenth of a second."""
        ...


def _readers(nodes: Iterable[Node]) -> list[Reader]:
    """Group statistics by survey, each of which makes one reader for all of them; others have their own."""
    by_survey: dict[int, tuple[Any, list[Node]]] = {}
    own: list[Reader | None] = []
    for node in nodes:
        survey = getattr(node, "survey", None)
        if survey is not None and hasattr(node, "question"):
            by_survey.setdefault(id(survey), (survey, []))[1].append(node)
        elif hasattr(node, "reader"):
            own.append(node.reader())
    grouped: list[Reader] = [survey._reader(statistics) for survey, statistics in by_survey.values()]
    return grouped + [reader for reader in own if reader is not None]


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
    if hasattr(node, "with_args"):  # fitted to its arguments, so fitted again
        return cast("Node", node.with_args(args))
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
                        a.check_against(b)
                        if type(a) is not type(b):
                            b.check_against(a)


def require_sampling(node: Node, method: str) -> None:
    """Refuse corrections that only make sense for redrawn samples."""
    if method != "jackknife":
        require_draws(node)
    if not all(source.origin.sampled for source in sources(node)):
        raise InputError(
            f"method={method!r} corrects for the bias of redrawing a sample, but this estimate also depends on "
            "uncertain inputs or stored draws, which no sample is redrawn for. Use method='percentile'."
        )
