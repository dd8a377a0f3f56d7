"""What expressions are made of: leaves and arithmetic.

A node knows its point values (shape: labels), how to make a range of draws (labels x replicates) from its
arguments' draws, and what it measures. Leaves are statistics of surveys, uncertain inputs and constants;
everything else is arithmetic. Labels belong to `Estimate`; here all is positions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

import numpy as np
import pandas as pd

from .columns import Floats
from .errors import EstimationError, InputError

Made = TypeVar("Made", bound=Any)

#: What an estimate measures: sizes and rates are positive (intervals on the log scale), shares lie
#: in 0 to 1, an event is true or false in each draw.
Quantity = Literal["size", "rate", "share", "mean", "total", "event", "plain", "other"]


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


@runtime_checkable
class Analytic(Protocol):
    """A source that brings the covariance of its labels with it, from a formula."""

    def covariance(self) -> Floats:
        """Covariance (labels x labels)."""
        ...


@runtime_checkable
class Deletable(Protocol):
    """A source that knows what it would be without each of its units."""

    def without_each(self) -> tuple[Floats, Any]:
        """Values without one of each kind of unit (labels x kinds), and the kinds (`sourcewise.Units`)."""
        ...


@runtime_checkable
class Described(Protocol):
    """A leaf that says itself how it was made."""

    @property
    def estimator(self) -> str:
        """Its name, for tables."""
        ...

    def describe(self) -> tuple[list[str], list[str]]:
        """Sentences and references for a methods section."""
        ...


@runtime_checkable
class Smooth(Protocol):
    """A node of its own kind that says whether the delta method may pass through it.

    Linearised standard errors take numerical derivatives of its `block` where it may, and stop with the node's own reason
    where it may not. A node that says nothing is arithmetic with derivatives of its own, or has none.
    """

    @property
    def smooth(self) -> bool:
        """Whether the derivatives of `block` at the arguments' points say all of its variance."""
        ...


@runtime_checkable
class Rough(Protocol):
    """A node through which the delta method may not pass, with the reason in its own words."""

    @property
    def rough(self) -> str:
        """A sentence that says what the derivatives leave out."""
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


@dataclass(frozen=True, eq=False, repr=False)
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


@dataclass(frozen=True, eq=False, repr=False)
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


@dataclass(frozen=True, eq=False, repr=False)
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


@dataclass(frozen=True, eq=False, repr=False)
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


@dataclass(frozen=True, eq=False, repr=False)
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


@dataclass(frozen=True, eq=False, repr=False)
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


def reseeded(made: Made, seed: int | None, replicates: int | None) -> Made:
    """Return a dataclass with a seed and a number of replicates under others; None keeps its own."""
    return replace(
        made,
        seed=made.seed if seed is None else seed,
        replicates=made.replicates if replicates is None else replicates,
    )


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
