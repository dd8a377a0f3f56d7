"""Arithmetic: the nodes that are no leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import EstimationError, InputError
from ..ground.columns import Floats

if TYPE_CHECKING:
    from .nodes import Node, Quantity
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
