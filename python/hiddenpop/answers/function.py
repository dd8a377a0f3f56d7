"""Replicates as weights: any function of weights as an estimate, and weights for other software."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import EstimationError, InputError
from ..estimate.estimate import Estimate
from ..expression.nodes import Node, Quantity
from ..ground.columns import Floats
from ..sample.weights import Weights, base_weights

if TYPE_CHECKING:
    from ..sample.record import Record
    from ..survey.survey import Survey
#: So many weights at a time are a few megabytes: they stay in the processor's cache.
SOME_WEIGHTS = 500_000


@dataclass(frozen=True, eq=False, repr=False)
class Replicated:
    """A user's function of weights as a leaf of expressions."""

    function: Callable[[Floats], Any] | None
    survey: Survey | None
    record: Record
    title: str
    point: Floats
    args: tuple[Node, ...] = ()
    quantity: Quantity = "other"
    n: Floats | None = None
    missing: Floats | None = None

    @property
    def replicates(self) -> int:
        """The survey's number of replicates."""
        return self.record.replicates

    @property
    def origin(self) -> Record:
        """The survey's record: joint with its statistics."""
        return self.record

    def reseed(self, *, seed: int | None, replicates: int | None) -> Replicated:
        """Return the same function of the same survey under other settings."""
        survey = self.survey and self.survey._reseed(seed=seed, replicates=replicates)
        return replace(self, survey=survey, record=self.record.reseed(seed=seed, replicates=replicates))

    def block(self, values: Sequence[Floats], start: int, stop: int) -> Floats:
        """Say why there are no draws: with survey and function in memory its reader makes them."""
        raise EstimationError(
            f"'{self.title}' was saved without its survey and function, so it can't be drawn again; make it anew "
            "with survey.replicate."
        )

    def reader(self) -> FunctionReader | None:
        """Return what draws it, if it still has survey and function."""
        if self.survey is None or self.function is None:
            return None
        return FunctionReader([self], Calls(self.function, Weights.of(self.survey), len(self.point)))

    def values_at(self, weights: Iterable[Floats]) -> Floats:
        """Call the function with the rows' weights of each variance replicate (labels x replicates)."""
        if self.survey is None or self.function is None:
            self.block([], 0, 0)  # raises, with the reason
        assert self.function is not None
        size = len(self.point)
        return np.stack([_call(self.function, row, f"replicate {i}", size) for i, row in enumerate(weights)], axis=1)


@dataclass(frozen=True)
class FunctionReader:
    """Evaluates one function of weights."""

    nodes: Sequence[Node]
    kernel: Calls
    #: Nobody knows what a function costs before it was called.
    first_range: int = 1


@dataclass(frozen=True, eq=False)
class Calls:
    """A kernel: the function called with the weights of each replicate."""

    function: Callable[[Floats], Any]
    weights: Weights
    size: int

    def block(self, start: int, stop: int, threads: int) -> list[Floats]:
        """Call the function with the weights of each replicate, which are made some at a time."""
        out = np.empty((self.size, stop - start))
        step = max(1, SOME_WEIGHTS // self.weights.rows)
        for begin in range(start, stop, step):
            for i, row in enumerate(self.weights.block(begin, min(stop, begin + step)), begin):
                out[:, i - start] = _call(self.function, row, f"replicate {i}", self.size)
        return [out]


def make(survey: Survey, function: Callable[[Floats], Any], labels: Sequence[Any] | None, name: str | None) -> Estimate:
    """Make the estimate; see `Survey.replicate`."""
    if not callable(function):
        raise InputError("replicate needs a function of weights, such as lambda w: my_statistic(table, w).")
    first = function(base_weights(survey))
    point = _values(first, "the sample's own weights", None)
    index = first.index if isinstance(first, pd.Series) else None
    title = name or str(getattr(function, "__name__", "function"))
    if labels is not None:
        if len(labels) != len(point):
            raise InputError(f"The function returns {len(point)} values, but {len(labels)} labels were given.")
        index = pd.Index(list(labels))
    if index is None and len(point) > 1:
        index = pd.RangeIndex(len(point))
    node = Replicated(function, survey, survey.record, title, point)
    scalar = index is None
    return Estimate(node, pd.Index([title]) if index is None else index, scalar, title)


def _call(function: Callable[[Floats], Any], weights: Floats, where: str, size: int) -> Floats:
    try:
        value = function(weights)
    except Exception as error:
        raise EstimationError(
            f"The function raised {type(error).__name__} in {where} ({error}). Some categories may be empty in a redrawn "
            "sample: let the function return NaN there."
        ) from error
    return _values(value, where, size)


def _values(value: Any, where: str, size: int | None) -> Floats:
    try:
        values = np.atleast_1d(np.asarray(value, dtype=float))
    except (TypeError, ValueError):
        raise InputError(
            f"The function returned {type(value).__name__} for {where}; it should return numbers."
        ) from None
    if values.ndim != 1 or len(values) == 0 or (size is not None and len(values) != size):
        expected = "one number or a list of numbers" if size is None else f"{size} numbers"
        raise InputError(f"The function returned an array of shape {values.shape} for {where}; expected {expected}.")
    return values
