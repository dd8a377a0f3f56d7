"""Draws of an expression: one pass over the replicates for all of its leaves, then kept."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, cast
from weakref import WeakKeyDictionary

from ..draws import executors, ranges, settings
from ..ground.columns import Floats
from .graph import replicates, require_draws, walk
from .nodes import MANY, Node, Reader, Source

if TYPE_CHECKING:
    from concurrent.futures import Executor

_drawn: WeakKeyDictionary[Node, Floats] = WeakKeyDictionary()


def keep_draws(node: Node, draws: Floats) -> None:
    """Keep draws with their node."""
    draws.flags.writeable = False
    _drawn[node] = draws


def kept_draws(node: Node) -> Floats | None:
    """Return the draws kept with a node, if it has been evaluated."""
    return _drawn.get(node)


def draws(node: Node) -> Floats:
    """Return the draws (labels x replicates): computed when first asked for, then kept.

    One pass over the replicates serves all statistics of all surveys in the expression.
    """
    count = replicates(node)
    kept = kept_draws(node)
    if kept is not None and kept.shape[1] >= count:
        return kept[:, :count]
    require_draws(node)
    result = _evaluate(node, count, settings.defaults().executor)
    keep_draws(node, result)
    return result


def draw_with(node: Node, executor: Executor | None) -> None:
    """Make and keep the draws at once if an executor is given for them."""
    if executor is not None:
        with settings.within(executor=settings.check_executor(executor)):
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
                if other is node and node.writes:
                    node.block(args, start, stop, out)  # spares copying the result
                    return
                values[other] = other.block(args, start, stop)
        out[:] = values[node]

    labels = len(node.point)
    others = [other for other in order if other not in ready and not isinstance(other, Source)]
    paced: list[Reader | Node] = [*readers, *others]
    first = min((one.first_range for one in paced), default=MANY)
    if executor is not None and kernels:
        rows = [len(leaf.point) for leaf in nodes]
        return executors.evaluate(executor, kernels, fill, labels, count, first, rows)
    threads = settings.threads()

    def here(start: int, stop: int, out: Floats) -> None:
        fill(start, stop, out, itertools.chain.from_iterable(kernel.block(start, stop, threads) for kernel in kernels))

    return ranges.evaluate(here, labels, count, first)


def _readers(nodes: Iterable[Node]) -> list[Reader]:
    """Return what draws the sources among some nodes: one reader for those that are drawn together."""
    together: dict[tuple[type[Source], Hashable], list[Source]] = {}
    for node in nodes:
        if isinstance(node, Source):
            node.require_live()
            together.setdefault((type(node), node.drawn_with), []).append(node)
    return [kind.reader(leaves) for (kind, _), leaves in together.items()]
