"""Idea 2, the half about history: the small expression that made an estimate, and its replay.

An expression is a graph of nodes. A node knows its point values (shape: labels), how to make a
range of draws (labels x replicates) from its arguments' draws, and what it measures. Leaves are
statistics of surveys, uncertain inputs, stored draws and constants; everything else is arithmetic.
Labels belong to `Estimate`; here all is positions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, cast, runtime_checkable
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from . import replicate
from .columns import Floats
from .errors import EstimationError, InputError

#: What an estimate measures: sizes and rates are positive (intervals on the log scale), shares lie
#: in 0 to 1, an event is true or false in each draw.
Quantity = Literal["size", "rate", "share", "mean", "total", "event", "plain", "other"]


@runtime_checkable
class Node(Protocol):
    """What every node offers."""

    @property
    def point(self) -> Floats:
        """Point values, one a label."""
        ...

    @property
    def args(self) -> tuple[Node, ...]:
        """The nodes that this one is computed from."""
        ...

    @property
    def quantity(self) -> Quantity:
        """What it measures."""
        ...

    @property
    def n(self) -> Floats | None:
        """Participants behind each label: NaN where that has no answer, None where it has no bearing."""
        ...

    @property
    def missing(self) -> Floats | None:
        """Missing answers behind each label."""
        ...

    def block(self, values: Sequence[Floats], start: int, stop: int) -> Floats:
        """Draws of replicates start..stop, given those of the arguments."""
        ...


class Origin(Protocol):
    """Where randomness comes from; hashable, and equal for what is drawn together."""

    @property
    def sampled(self) -> bool:
        """Whether its draws redraw a sample."""
        ...

    def check_against(self, other: Origin) -> None:
        """Warn or raise when the two must not be combined as they are."""
        ...


class Source(Node, Protocol):
    """A leaf with randomness of its own."""

    @property
    def replicates(self) -> int:
        """How many replicates it wants."""
        ...

    @property
    def origin(self) -> Origin:
        """Where its randomness comes from."""
        ...

    def reseed(self, *, seed: int | None, replicates: int | None) -> Source:
        """Return the same source under another seed or number of replicates."""
        ...


class Writer(Protocol):
    """A node that can write its draws where they are wanted."""

    writes: bool

    def block(self, values: Sequence[Floats], start: int, stop: int, out: Floats | None = None) -> Floats:
        """Draws of replicates start..stop, into `out` if it is given."""
        ...


@runtime_checkable
class Known(Protocol):
    """A leaf whose distribution is known."""

    def exact(self, shares: Sequence[float]) -> Floats:
        """Quantiles (1 x shares)."""
        ...


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "negative": np.negative,
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
    "&": np.minimum,
    "|": np.maximum,
    "~": lambda event: 1 - event,
}
COMPARISONS = frozenset({">", ">=", "<", "<="})
#: Events are 0 or 1 in each draw, NaN where undefined.
EVENTS = frozenset({"&", "|", "~"})


@dataclass(frozen=True, eq=False)
class Constant:
    """Known numbers; a name makes them replaceable in a replay."""

    point: Floats
    name: str | None = None
    labels: pd.Index[Any] | None = None
    args: tuple[Node, ...] = ()
    quantity: Quantity = "plain"
    n: Floats | None = None
    missing: Floats | None = None

    def block(self, values: Sequence[Floats], start: int, stop: int) -> Floats:
        """Return the same in every replicate."""
        return self.point[:, None]


@dataclass(frozen=True, eq=False)
class Operation:
    """Arithmetic, draw by draw, with NumPy's broadcasting of one label over many."""

    symbol: str
    args: tuple[Node, ...]
    quantity: Quantity
    point: Floats = field(init=False)
    n: Floats | None = field(init=False)
    missing: Floats | None = field(init=False)

    def __post_init__(self) -> None:
        _set(self, "point", self._compute([arg.point for arg in self.args]))
        _set(self, "n", _common([arg.n for arg in self.args], len(self.point)))
        _set(self, "missing", _common([arg.missing for arg in self.args], len(self.point)))

    def block(self, values: Sequence[Floats], start: int, stop: int) -> Floats:
        """Apply the operation to the arguments' draws."""
        return self._compute(values)

    def _compute(self, values: Sequence[Floats]) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            result = np.asarray(_OPERATIONS[self.symbol](*values), dtype=float)
        if self.symbol in COMPARISONS:
            # An undefined draw is neither above nor below.
            undefined = np.isnan(values[0]) | np.isnan(values[1])
            if undefined.any():
                result[undefined] = np.nan
        return result


@dataclass(frozen=True, eq=False)
class Take:
    """Some labels of another node, in a given order."""

    args: tuple[Node]
    positions: tuple[int, ...]

    @property
    def point(self) -> Floats:
        """Point values."""
        return self.args[0].point[list(self.positions)]

    @property
    def quantity(self) -> Quantity:
        """As the argument's."""
        return self.args[0].quantity

    @property
    def n(self) -> Floats | None:
        """The taken labels' participants."""
        n = self.args[0].n
        return None if n is None else n[list(self.positions)]

    @property
    def missing(self) -> Floats | None:
        """The taken labels' missing answers."""
        missing = self.args[0].missing
        return None if missing is None else missing[list(self.positions)]

    def block(self, values: Sequence[Floats], start: int, stop: int) -> Floats:
        """Take the rows."""
        return values[0][list(self.positions)]


@dataclass(frozen=True, eq=False)
class Weigh:
    """Linear combinations of labels: a matrix (results x labels) times the draws. Sums are of ones."""

    args: tuple[Node]
    weights: Floats
    quantity: Quantity
    n: Floats | None = None
    missing: Floats | None = None

    @property
    def point(self) -> Floats:
        """Point values."""
        return self.block([self.args[0].point[:, None]], 0, 1)[:, 0]

    def block(self, values: Sequence[Floats], start: int, stop: int) -> Floats:
        """Combine the rows, leaving out those of weight zero (an infinite draw times 0 is no answer)."""
        with np.errstate(invalid="ignore"):
            rows = [
                sum(w * row for w, row in zip(weights, values[0], strict=True) if w != 0.0)
                + np.zeros(values[0].shape[1])
                for weights in self.weights
            ]
        return np.asarray(rows)


@dataclass(frozen=True, eq=False)
class Stack:
    """Several nodes under one another."""

    args: tuple[Node, ...]

    @property
    def point(self) -> Floats:
        """Point values."""
        return np.concatenate([arg.point for arg in self.args])

    @property
    def quantity(self) -> Quantity:
        """What all measure, if it is the same."""
        kinds = {arg.quantity for arg in self.args}
        return kinds.pop() if len(kinds) == 1 else "other"

    @property
    def n(self) -> Floats | None:
        """All labels' participants."""
        return _stacked([(arg.n, len(arg.point)) for arg in self.args])

    @property
    def missing(self) -> Floats | None:
        """All labels' missing answers."""
        return _stacked([(arg.missing, len(arg.point)) for arg in self.args])

    def block(self, values: Sequence[Floats], start: int, stop: int) -> Floats:
        """Stack the rows."""
        width = max(v.shape[1] for v in values)
        return np.concatenate([np.broadcast_to(v, (v.shape[0], width)) for v in values])


@dataclass(frozen=True, eq=False)
class Apply:
    """Any function of arrays that acts replicate by replicate."""

    function: Callable[..., Any] | None
    args: tuple[Node, ...]
    name: str
    scalars: tuple[bool, ...]
    point: Floats
    quantity: Quantity = "other"
    n: Floats | None = None
    missing: Floats | None = None

    def block(self, values: Sequence[Floats], start: int, stop: int) -> Floats:
        """Call the function."""
        if self.function is None:
            raise EstimationError(
                f"The function {self.name!r} is not kept in a saved estimate, so this one can't be replayed; "
                "apply the function again to its arguments."
            )
        width = stop - start
        whole = [np.broadcast_to(v, (v.shape[0], width)) for v in values]
        return call(self.function, whole, self.scalars)


def call(function: Callable[..., Any], values: Sequence[Floats], scalars: Sequence[bool]) -> Floats:
    """Call a user's function: one-label arguments as (replicates,), others as (labels, replicates)."""
    passed = [v[0] if scalar else v for v, scalar in zip(values, scalars, strict=True)]
    returned = function(*passed)
    try:
        result = np.asarray(returned)
        if result.dtype.kind not in "fiub":
            raise TypeError
    except (TypeError, ValueError):
        raise InputError(
            f"The function returned {type(returned).__name__} values; it should return real numbers."
        ) from None
    result = result.astype(float)
    return result[None, :] if result.ndim == 1 else result


def _set(node: object, name: str, value: object) -> None:
    object.__setattr__(node, name, value)


def _common(counts: Iterable[Floats | None], length: int) -> Floats | None:
    """Return what the arguments agree on; NaN where they don't."""
    known = [np.broadcast_to(c, (length,)) for c in counts if c is not None]
    if not known:
        return None
    same = np.all([c == known[0] for c in known], axis=0)
    return np.where(same, known[0], np.nan)


def _stacked(parts: Sequence[tuple[Floats | None, int]]) -> Floats | None:
    if all(part is None for part, _ in parts):
        return None
    return np.concatenate([np.full(size, np.nan) if part is None else part for part, size in parts])


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

    first = min((reader.first_range for reader in readers), default=65_536)
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
                        a.check_against(b)


def require_sampling(node: Node, method: str) -> None:
    """Refuse corrections that only make sense for redrawn samples."""
    if not all(source.origin.sampled for source in sources(node)):
        raise InputError(
            f"method={method!r} corrects for the bias of redrawing a sample, but this estimate also depends on "
            "uncertain inputs or stored draws, which no sample is redrawn for. Use method='percentile'."
        )
