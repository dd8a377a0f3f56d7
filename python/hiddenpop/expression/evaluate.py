"""Draws of an expression: one pass over the replicates for all of its leaves, then kept."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast
from weakref import WeakKeyDictionary

from ..draws import ranges, settings
from ..draws.kernel import Kernel
from ..ground.columns import Floats
from .graph import replicates, require_draws, walk
from .nodes import Node, Writer

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
        with settings.settings(executor=executor):
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
        from ..draws import executors  # noqa: PLC0415 (only when one is given)

        return executors.evaluate(executor, kernels, fill, labels, count, first)
    threads = settings.threads()

    def here(start: int, stop: int, out: Floats) -> None:
        fill(start, stop, out, itertools.chain.from_iterable(kernel.block(start, stop, threads) for kernel in kernels))

    return ranges.evaluate(here, labels, count, first)


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
