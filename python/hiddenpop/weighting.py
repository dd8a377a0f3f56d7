"""Replicates as weights: any function of weights as an estimate, and weights for other software."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from . import replicate
from .columns import Floats
from .errors import EstimationError, InputError
from .estimate import Estimate
from .nodes import Node, Quantity

if TYPE_CHECKING:
    from .record import Record
    from .survey import Survey


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
        """Call the function with the weights of each replicate."""
        if self.survey is None or self.function is None:
            raise EstimationError(
                f"'{self.title}' was saved without its survey and function, so it can't be drawn again; make it anew "
                "with survey.replicate."
            )
        return self.values_at(replicate_weights(self.survey, start, stop), start)

    def values_at(self, weights: Iterable[Floats], start: int = 0) -> Floats:
        """Call the function with the rows' weights of each replicate (labels x replicates)."""
        if self.survey is None or self.function is None:
            self.block([], 0, 0)  # raises, with the reason
        assert self.function is not None
        size = len(self.point)
        values = [_call(self.function, row, f"replicate {start + i}", size) for i, row in enumerate(weights)]
        return np.stack(values, axis=1)


def make(survey: Survey, function: Callable[[Floats], Any], labels: Sequence[Any] | None, name: str | None) -> Estimate:
    """Make the estimate; see `Survey.replicate`."""
    if not callable(function):
        raise InputError("replicate needs a function of weights, such as lambda w: my_statistic(table, w).")
    weights = base_weights(survey)
    first = function(weights)
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


def base_weights(survey: Survey) -> Floats:
    """Return what each row of the table counts for in the sample."""
    return _by_row(survey, survey._sampling.factors)


def replicate_weights(survey: Survey, start: int, stop: int) -> Floats:
    """Return each row's weight in replicates start..stop (replicates x rows)."""
    record = survey.record
    replicate.check_memory(len(survey._index), stop - start)
    factors = survey._sampling.core.factors(record.seed, record.fingerprint, start, stop)
    return np.stack([_by_row(survey, row) for row in factors])


def _by_row(survey: Survey, factors: Floats) -> Floats:
    """Spread what units count for over the rows of the table."""
    spread = survey._sampling.spread(factors)
    if survey._row_unit is None:
        return spread
    return (spread / survey._multiplicity)[survey._row_unit]


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
