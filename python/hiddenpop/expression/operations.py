"""Arithmetic: the nodes that are no leaves."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, cast
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from ..errors import EstimationError, InputError
from ..ground import checks
from ..ground.columns import Bools, Codes, Floats
from .nodes import Elementwise, Node, Quantity, numerically
from .rests import Rests, on_nobody
from .typed import require

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
#: Decimals of what is nobody's answer: as many as there are.
EVERY_DIGIT = 99
#: Events are 0 or 1 in each draw, NaN where undefined.
EVENTS = frozenset({"&", "|", "~"})
#: What has one argument.
SINGLE = frozenset({"negative", "~"})


@dataclass(frozen=True, eq=False, repr=False)
class Constant(Node):
    """Known numbers; a name makes them replaceable in a replay."""

    constant: ClassVar[bool] = True
    public: ClassVar[tuple[str, ...]] = ("point", "name", "labels", "args", "quantity", "n", "missing")

    point: Floats
    name: str | None = None
    labels: pd.Index[Any] | None = None
    args: tuple[Node, ...] = ()
    quantity: Quantity = "plain"
    n: Floats | None = None
    missing: Floats | None = None

    def confirm(self) -> None:
        """Refuse labels that are not those of the numbers."""
        require(self, self.labels is None or len(self.labels) == len(self.point))

    def block(self, values: Sequence[Floats], start: int, stop: int, out: Floats | None = None) -> Floats:
        """Return the same in every replicate."""
        return self.point[:, None]

    def rests_on(self, below: int) -> Rests:
        """Hide nothing: known numbers rest on nobody who was asked."""
        return on_nobody(len(self.point))

    def replaceable(self) -> Mapping[str, tuple[Node, pd.Index[Any] | None]]:
        """Return itself under its name."""
        return {} if self.name is None else {self.name: (self, self.labels)}


#: What arithmetic may measure though no argument does: odds and rates, parts of a whole, numbers made of shares.
_MADE: dict[str, tuple[Quantity, ...]] = {"/": ("share", "rate"), "*": ("rate", "total"), "-": ("share",)}
#: What is known of each operation's labels, once asked.
_floors: WeakKeyDictionary[Node, Floats | None] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False, repr=False)
class Operation(Elementwise):
    """Arithmetic, draw by draw, with NumPy's broadcasting of one label over many."""

    derived: ClassVar[bool] = True
    public: ClassVar[tuple[str, ...]] = ("symbol", "args", "quantity")

    symbol: str
    args: tuple[Node, ...]
    quantity: Quantity
    point: Floats = field(init=False)
    n: Floats | None = field(init=False)
    missing: Floats | None = field(init=False)

    def __post_init__(self) -> None:
        require(self, self.symbol in _OPERATIONS, len(self.args) == (1 if self.symbol in SINGLE else 2))
        _set(self, "point", self._compute([arg.point for arg in self.args]))
        _set(self, "n", _common([arg.n for arg in self.args], len(self.point)))
        _set(self, "missing", _common([arg.missing for arg in self.args], len(self.point)))
        _ = self.floor, self.no_size

    def confirm(self) -> None:
        """Refuse arithmetic that there is not, or that measures what it can't."""
        event = self.symbol in COMPARISONS | EVENTS
        require(self, (self.quantity == "event") == event, self.symbol not in EVENTS or _events(self.args))
        known = {"event", "other", *_MADE.get(self.symbol, ()), *(arg.quantity for arg in self.args)}
        if self.symbol == "*" and any(arg.constant for arg in self.args):
            known.add("size")  # a share of a known population
        require(self, self.quantity in known)

    @property
    def smooth(self) -> bool:
        """Comparisons jump."""
        return self.symbol not in COMPARISONS | EVENTS

    def block(self, values: Sequence[Floats], start: int, stop: int, out: Floats | None = None) -> Floats:
        """Apply the operation to the arguments' draws."""
        return self._compute(values)

    @property
    def units(self) -> list[str]:
        """A difference of two shares is in points, also with its sign turned; two of a kind make a ratio."""
        kinds = {arg.quantity for arg in self.args}
        if self.symbol == "-" and self.quantity == "other" and kinds == {"share"}:
            return ["points"] * len(self.point)
        if self.symbol == "/" and len(kinds) == 1 and kinds <= {"share", "rate", "size", "mean"}:
            return ["ratio"] * len(self.point)
        return self.args[0].units if self.symbol == "negative" else super().units

    def partials(self, values: Sequence[Floats]) -> Sequence[Any]:
        """Return derivatives by each side; comparisons have none."""
        if self.symbol in COMPARISONS or self.symbol in EVENTS:
            raise EstimationError("A comparison has a probability, not a standard error: hp.prob(a > b).")
        return [-1.0] if self.symbol == "negative" else partials(self.symbol, *values)

    # Found once, when it is made: arguments have found theirs, so nothing is asked twice however often they are used.
    @cached_property
    def no_size(self) -> str | None:
        """A difference may lie on either side of zero; products and quotients are what they multiply and divide."""
        if self.quantity != "other":
            return super().no_size
        if self.symbol == "*":
            reasons = [arg.no_size for arg in self.args if not arg.constant]
            return None if None in reasons else next(iter(reasons), None)
        return {"-": "a difference", "negative": "a number with its sign turned"}.get(self.symbol, self.args[0].no_size)

    @cached_property
    def floor(self) -> Floats | None:
        """What sums of such labels are at least, and what a known factor makes of them.

        Found from the bottom up and kept: arithmetic of thousands of steps is deeper than Python goes.
        """
        waiting: list[Operation] = [] if self in _floors else [self]
        while waiting:
            below = [arg for arg in waiting[-1].args if isinstance(arg, Operation) and arg not in _floors]
            if below:
                waiting += below
            else:
                last = waiting.pop()
                _floors[last] = last._floor()
        return _floors[self]

    def _floor(self) -> Floats | None:
        left, right = self.args[0], self.args[-1]
        floors = [arg.point if arg.constant else arg.floor for arg in self.args]
        if len(self.args) != 2 or any(floor is None for floor in floors) or (left.constant and right.constant):
            return None
        below, above = cast("list[Floats]", floors)
        scaled = (right.constant and bool((right.point > 0).all()), left.constant and bool((left.point > 0).all()))
        if self.symbol == "+":
            return np.asarray(below + above)
        if self.symbol == "*" and any(scaled):
            return np.asarray(below * above)
        return np.asarray(below / above) if self.symbol == "/" and scaled[0] else None

    def _compute(self, values: Sequence[Floats]) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            result = np.asarray(_OPERATIONS[self.symbol](*values), dtype=float)
        if self.symbol in COMPARISONS:
            # An undefined draw is neither above nor below.
            undefined = np.isnan(values[0]) | np.isnan(values[1])
            if undefined.any():
                result[undefined] = np.nan
        return result


@dataclass(frozen=True, eq=False, repr=False)
class Take(Node):
    """Some labels of another node, in a given order."""

    public: ClassVar[tuple[str, ...]] = ("args", "positions")

    args: tuple[Node]
    positions: tuple[int, ...]

    def confirm(self) -> None:
        """Refuse labels that there are not."""
        require(self, all(0 <= place < len(self.args[0].point) for place in self.positions))

    @property
    def point(self) -> Floats:
        """Point values."""
        return self.args[0].point[list(self.positions)]

    @property
    def quantity(self) -> Quantity:
        """As the argument's."""
        return self.args[0].quantity

    @property
    def no_size(self) -> str | None:
        """As the argument."""
        return self.args[0].no_size

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

    def block(self, values: Sequence[Floats], start: int, stop: int, out: Floats | None = None) -> Floats:
        """Take the rows."""
        return values[0][list(self.positions)]

    @property
    def picked(self) -> tuple[Node, list[int]]:
        """The node that labels are picked of in the end, and which."""
        below, positions = self.args[0].picked
        return below, [positions[i] for i in self.positions]

    @property
    def quantities(self) -> list[Quantity]:
        """The taken labels' quantities."""
        below = self.args[0].quantities
        return [below[position] for position in self.positions]

    @property
    def units(self) -> list[str]:
        """The taken labels' units."""
        below = self.args[0].units
        return [below[position] for position in self.positions]

    def decimals(self, below: int, numbers: Floats, sides: Sequence[int] = (0,)) -> Codes | None:
        """As the argument says of the taken labels."""
        whole = np.full((len(self.args[0].point), numbers.shape[1]), np.nan)
        whole[list(self.positions)] = numbers
        found = self.args[0].decimals(below, whole, sides)
        return None if found is None else found[list(self.positions)]

    def own_small(self, below: int) -> Bools:
        """Nothing: what is taken says of itself how finely it may be written."""
        return np.zeros(len(self.positions), dtype=bool)

    def exact(self, shares: Sequence[float]) -> Floats:
        """Return the taken labels' known quantiles."""
        return self.args[0].exact(shares)[list(self.positions)]

    def reaches(self) -> list[Bools]:
        """Return the taken labels."""
        return [np.eye(len(self.args[0].point), dtype=bool)[list(self.positions)]]

    def derivatives(self) -> list[Floats]:
        """Return rows of the unit matrix."""
        return [np.eye(len(self.args[0].point))[list(self.positions)]]

    def carry(self, before: Sequence[Floats], given: Sequence[Floats | None], width: int) -> Floats:
        """Take the rows."""
        return self.block([cast("Floats", given[0])], 0, width)

    @property
    def floor(self) -> Floats | None:
        """The taken labels' floors."""
        floor = self.args[0].floor
        return None if floor is None else floor[list(self.positions)]

    @property
    def own_intervals(self) -> tuple[str, ...]:
        """Picking labels keeps the intervals of their model."""
        return self.args[0].own_intervals

    @property
    def default_interval(self) -> str | None:
        """As the argument's."""
        return self.args[0].default_interval

    def own_interval(self, method: str, tail: float) -> tuple[Floats, list[Any]]:
        """Return the taken labels' interval; notes are about all labels, so they stay behind."""
        return self.args[0].own_interval(method, tail)[0][list(self.positions)], []


@dataclass(frozen=True, eq=False, repr=False)
class Weigh(Node):
    """Linear combinations of labels: a matrix (results x labels) times the draws. Sums are of ones."""

    derived: ClassVar[bool] = True
    public: ClassVar[tuple[str, ...]] = ("args", "weights", "quantity", "n", "missing")

    args: tuple[Node]
    weights: Floats
    quantity: Quantity
    n: Floats | None = None
    missing: Floats | None = None

    def confirm(self) -> None:
        """Refuse weights of other labels, or none."""
        require(self, self.weights.ndim == 2 and self.weights.shape[1] == len(self.args[0].point))
        require(self, bool(np.isfinite(self.weights).all()), self.quantity != "event")
        require(self, self.quantity in ("other", "share", self.args[0].quantity))

    @property
    def point(self) -> Floats:
        """Point values."""
        return self.block([self.args[0].point[:, None]], 0, 1)[:, 0]

    def block(self, values: Sequence[Floats], start: int, stop: int, out: Floats | None = None) -> Floats:
        """Combine the rows, leaving out those of weight zero (an infinite draw times 0 is no answer)."""
        with np.errstate(invalid="ignore"):
            rows = [
                sum(weights[label] * values[0][label] for label in np.flatnonzero(weights).tolist())
                + np.zeros(values[0].shape[1])
                for weights in self.weights
            ]
        return np.asarray(rows)

    @property
    def units(self) -> list[str]:
        """What weighs shares by numbers that cancel out is a difference of shares, in points."""
        of_shares = self.quantity == "other" and self.args[0].quantity == "share"
        cancels = (np.abs(self.weights.sum(axis=1)) < 1e-9) & (self.weights != 0).any(axis=1)
        return ["points" if of_shares and one else self.quantity for one in cancels]

    @property
    def no_size(self) -> str | None:
        """A sum is what it adds up; what it takes off makes a difference."""
        return "a difference" if (self.weights < 0).any() else self.args[0].no_size

    @property
    def floor(self) -> Floats | None:
        """Sums of floors, where nothing is subtracted."""
        floor = self.args[0].floor
        if floor is None:
            return None
        known = np.where(np.isfinite(floor), floor, 0.0)
        lost = (self.weights < 0).any(axis=1) | ((self.weights != 0) @ ~np.isfinite(floor))
        return np.where(lost, -np.inf, self.weights @ known)

    def reaches(self) -> list[Bools]:
        """Return the labels that count."""
        return [np.asarray(self.weights != 0)]

    def derivatives(self) -> list[Floats]:
        """Return the weights."""
        return [self.weights]

    def carry(self, before: Sequence[Floats], given: Sequence[Floats | None], width: int) -> Floats:
        """Combine the rows."""
        tangent = cast("Floats", given[0])
        return np.asarray(self.weights @ tangent) if np.isfinite(tangent).all() else self.block([tangent], 0, width)


@dataclass(frozen=True, eq=False, repr=False)
class Stack(Node):
    """Several nodes under one another."""

    public: ClassVar[tuple[str, ...]] = ("args",)

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
    def no_size(self) -> str | None:
        """What the first of its parts is that is none."""
        return next((arg.no_size for arg in self.args if arg.no_size), None)

    @property
    def n(self) -> Floats | None:
        """All labels' participants."""
        return _stacked([(arg.n, len(arg.point)) for arg in self.args])

    @property
    def missing(self) -> Floats | None:
        """All labels' missing answers."""
        return _stacked([(arg.missing, len(arg.point)) for arg in self.args])

    def block(self, values: Sequence[Floats], start: int, stop: int, out: Floats | None = None) -> Floats:
        """Stack the rows."""
        width = max(v.shape[1] for v in values)
        return np.concatenate([np.broadcast_to(v, (v.shape[0], width)) for v in values])

    @property
    def quantities(self) -> list[Quantity]:
        """All labels' quantities."""
        return [quantity for arg in self.args for quantity in arg.quantities]

    @property
    def units(self) -> list[str]:
        """All labels' units."""
        return [unit for arg in self.args for unit in arg.units]

    def decimals(self, below: int, numbers: Floats, sides: Sequence[int] = (0,)) -> Codes | None:
        """As the parts say."""
        sizes = np.cumsum([0, *(len(arg.point) for arg in self.args)])
        found = [
            (arg.decimals(below, numbers[a:b], sides), b - a)
            for arg, (a, b) in zip(self.args, itertools.pairwise(sizes), strict=True)
        ]
        if all(part is None for part, _ in found):
            return None
        free = [np.full((size, numbers.shape[1]), EVERY_DIGIT) if part is None else part for part, size in found]
        return np.concatenate(free)

    def own_small(self, below: int) -> Bools:
        """Nothing: the parts say of themselves how finely they may be written."""
        return np.zeros(len(self.point), dtype=bool)

    def exact(self, shares: Sequence[float]) -> Floats:
        """Return all labels' known quantiles."""
        return np.concatenate([arg.exact(shares) for arg in self.args])

    @property
    def floor(self) -> Floats | None:
        """All labels' floors."""
        floors = [(arg.floor, len(arg.point)) for arg in self.args]
        if all(floor is None for floor, _ in floors):
            return None
        return np.concatenate([np.full(size, -np.inf) if floor is None else floor for floor, size in floors])

    def reaches(self) -> list[Bools]:
        """Return each part's own labels."""
        return [slope != 0 for slope in self.derivatives()]

    def derivatives(self) -> list[Floats]:
        """Return blocks of the unit matrix."""
        sizes = np.cumsum([0, *(len(arg.point) for arg in self.args)])
        return [np.eye(int(sizes[-1]))[:, a:b] for a, b in itertools.pairwise(sizes)]

    def carry(self, before: Sequence[Floats], given: Sequence[Floats | None], width: int) -> Floats:
        """Stack the rows, zero where a part does not move."""
        return self.block([np.zeros_like(v) if t is None else t for v, t in zip(before, given, strict=True)], 0, width)


@dataclass(frozen=True, eq=False, repr=False)
class AtLeast(Elementwise):
    """Another node, whose draws are moved up to what it can't be less than."""

    public: ClassVar[tuple[str, ...]] = ("args", "least")

    args: tuple[Node]
    least: Floats

    def confirm(self) -> None:
        """Refuse floors of other labels."""
        require(self, self.least.shape == self.args[0].point.shape)

    @property
    def floor(self) -> Floats:
        """What it can't be less than."""
        return self.least

    @property
    def point(self) -> Floats:
        """Point values."""
        return np.maximum(self.args[0].point, self.least)

    @property
    def quantity(self) -> Quantity:
        """As the argument's."""
        return self.args[0].quantity

    @property
    def n(self) -> Floats | None:
        """As the argument's."""
        return self.args[0].n

    @property
    def missing(self) -> Floats | None:
        """As the argument's."""
        return self.args[0].missing

    def block(self, values: Sequence[Floats], start: int, stop: int, out: Floats | None = None) -> Floats:
        """Move up what is less."""
        return np.maximum(values[0], self.least[:, None])

    def partials(self, values: Sequence[Floats]) -> Sequence[Any]:
        """Return 1 above the floor, and 0 below."""
        above = values[0] >= (self.least if values[0].ndim == 1 else self.least[:, None])
        return [above.astype(float)]


@dataclass(frozen=True, eq=False, repr=False)
class Apply(Node):
    """Any function of arrays that acts replicate by replicate."""

    public: ClassVar[tuple[str, ...]] = ("args", "name", "scalars", "point", "quantity", "n", "missing")

    #: None once an estimate was saved.
    function: Callable[..., Any] | None
    args: tuple[Node, ...]
    name: str
    scalars: tuple[bool, ...]
    point: Floats
    quantity: Quantity = "other"
    n: Floats | None = None
    missing: Floats | None = None

    def confirm(self) -> None:
        """Refuse a function whose arguments nobody knows."""
        require(self, len(self.scalars) == len(self.args), self.quantity != "event")

    def block(self, values: Sequence[Floats], start: int, stop: int, out: Floats | None = None) -> Floats:
        """Call the function."""
        width = stop - start
        whole = [np.broadcast_to(v, (v.shape[0], width)) for v in values]
        return call(self._live, whole, self.scalars)

    def with_args(self, args: tuple[Node, ...]) -> Apply:
        """Call the function with other points."""
        point = call(self._live, [arg.point[:, None] for arg in args], self.scalars)[:, 0]
        return replace(self, args=args, point=point)

    def derivatives(self) -> list[Floats]:
        """Return numerical derivatives of the function."""
        return numerically(self)

    @property
    def evaluable(self) -> bool:
        """Whether the function is known: files keep none."""
        return self.function is not None

    @property
    def _live(self) -> Callable[..., Any]:
        if self.function is None:
            raise EstimationError(
                f"The function {self.name!r} is not kept in a saved estimate, so this one can't be replayed; "
                "apply the function again to its arguments."
            )
        return self.function


def _events(args: Sequence[Node]) -> bool:
    return all(arg.quantity == "event" for arg in args)


def symbol_of(node: Node) -> str | None:
    """Return the sign of arithmetic; None for other nodes."""
    return node.symbol if isinstance(node, Operation) else None


def taken(node: Node) -> tuple[int, ...] | None:
    """Return which labels of its argument a node takes; None where it does anything else."""
    return node.positions if isinstance(node, Take) else None


def stacked(node: Node) -> tuple[Node, ...] | None:
    """Return the nodes that stand under one another in a node; None where it does anything else."""
    return node.args if isinstance(node, Stack) else None


def partials(symbol: str, a: Floats, b: Floats) -> tuple[Any, Any]:
    """Return the derivatives of `a symbol b` by each side."""
    by_each: dict[str, Callable[[], tuple[Any, Any]]] = {
        "+": lambda: (1.0, 1.0),
        "-": lambda: (1.0, -1.0),
        "*": lambda: (b, a),
        "/": lambda: (1 / b, -a / b**2),
        "**": lambda: (b * a ** (b - 1), a**b * np.log(a)),
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        return by_each[symbol]()


def call(function: Callable[..., Any], values: Sequence[Floats], scalars: Sequence[bool]) -> Floats:
    """Call a user's function: one-label arguments as (replicates,), others as (labels, replicates)."""
    passed = [v[0] if scalar else v for v, scalar in zip(values, scalars, strict=True)]
    returned = checks.called(function, *passed, what="apply")
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
