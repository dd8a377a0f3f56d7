"""Replicates as weights: any function of weights as an estimate, and weights for other software."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..errors import EstimationError, InputError
from ..expression.labelled import Labelled
from ..expression.nodes import NOTHING, Node, Quantity, Reading
from ..expression.rests import Rests
from ..ground import checks
from ..ground.columns import Floats
from ..ground.language import tr
from ..sample.record import Record
from ..sample.sample import Sample
from ..sample.weights import Weights, base_weights
from .asked import Asked, Scheme

#: So many weights at a time are a few megabytes: they stay in the processor's cache.
SOME_WEIGHTS = 500_000


@dataclass(frozen=True, eq=False, repr=False)
class Replicated(Asked):
    """A user's function of weights as a leaf of expressions."""

    public: ClassVar[tuple[str, ...]] = ("record", "title", "point", "args", "quantity", "n", "missing")

    function: Callable[[Floats], Any] | None
    sample: Sample | None
    record: Record
    title: str
    point: Floats
    args: tuple[Node, ...] = ()
    quantity: Quantity = "other"
    n: Floats | None = None
    missing: Floats | None = None
    #: Labels of the Series that the function returns; None where it returns plain values.
    named: pd.Index[Any] | None = None

    @property
    def labels(self) -> pd.Index[Any]:
        """Places of the values: only the estimate knows their names."""
        return pd.RangeIndex(len(self.point))

    tells: ClassVar[int] = NOTHING

    @property
    def by_influence(self) -> bool:
        """Nobody knows how a function moves."""
        return False

    @property
    def asked(self) -> str:
        """The function's name."""
        return tr("{function}, a function of weights", function=self.title)

    @property
    def drawn_with(self) -> Hashable:
        """Nothing: each function is called by itself."""
        return self

    def rests_on(self, below: int) -> Rests:
        """Refuse: a function may look at anybody."""
        self.at_hand()
        raise InputError(
            f"'{self.title}' is a function of weights, and nothing says on how many participants it rests. Leave it out of a "
            "report with suppress_below."
        )

    def require_live(self) -> None:
        """Say why it can't be drawn again."""
        if self.sample is None or self.function is None:
            raise EstimationError(
                f"'{self.title}' was saved without its survey and function, so it can't be drawn again; make it anew "
                "with survey.replicate."
            )

    def ask(self, sample: Sample) -> Asked:
        """Refuse: the function knows its own table only."""
        raise InputError(
            f"'{self.title}' is a function made for its own table, so it can't be put to another survey; make it "
            "anew with survey.replicate."
        )

    @classmethod
    def reader(cls, together: Sequence[Replicated]) -> Reading:
        """Call the function with the weights of each replicate; nobody knows what that costs before it was called."""
        (leaf,) = together
        assert leaf.function is not None
        return Reading([leaf], Calls(leaf.function, Weights.of(leaf.live), len(leaf.point), leaf.named), 1)

    def in_replicates(self, scheme: Scheme, rows: Callable[[], Iterator[Floats]], *, smooth_only: bool) -> Floats:
        """Call the function with the rows' weights of each variance replicate."""
        self.require_live()
        assert self.function is not None
        call, size, named = self.function, len(self.point), self.named
        return np.stack([_call(call, row, f"replicate {i}", size, named) for i, row in enumerate(rows())], axis=1)


@dataclass(frozen=True, eq=False)
class Calls:
    """A kernel: the function called with the weights of each replicate."""

    function: Callable[[Floats], Any]
    weights: Weights
    size: int
    #: What the function calls its values, which it may return in another order each time.
    named: pd.Index[Any] | None

    def block(self, start: int, stop: int, threads: int) -> list[Floats]:
        """Call the function with the weights of each replicate, which are made some at a time."""
        out = np.empty((self.size, stop - start))
        step = max(1, SOME_WEIGHTS // self.weights.rows)
        for begin in range(start, stop, step):
            for i, row in enumerate(self.weights.block(begin, min(stop, begin + step)), begin):
                out[:, i - start] = _call(self.function, row, f"replicate {i}", self.size, self.named)
        return [out]


def replicated(
    sample: Sample, function: Callable[[Floats], Any], labels: Sequence[Any] | None, name: str | None
) -> Labelled:
    """Make the estimate; see `Survey.replicate`."""
    if not callable(function):
        raise InputError("replicate needs a function of weights, such as lambda w: my_statistic(table, w).")
    first = checks.called(function, base_weights(sample), what="replicate")
    point = _values(first, "the sample's own weights", None)
    named = index = first.index if isinstance(first, pd.Series) else None
    title = name or str(getattr(function, "__name__", "function"))
    if labels is not None:
        if len(labels) != len(point):
            raise InputError(f"The function returns {len(point)} values, but {len(labels)} labels were given.")
        index = checks.labels(labels, "labels")
    for given in (named, index):
        if given is not None:
            checks.once(given, "The values of the function have")
    if index is None and len(point) > 1:
        index = pd.RangeIndex(len(point))
    node = Replicated(function, sample, sample.record, title, point, named=named)
    scalar = index is None
    return Labelled(node, pd.Index([title]) if index is None else index, scalar, title)


def _call(
    function: Callable[[Floats], Any], weights: Floats, where: str, size: int, named: pd.Index[Any] | None
) -> Floats:
    try:
        value = function(weights)
    except Exception as error:
        raise EstimationError(
            f"The function raised {type(error).__name__} in {where} ({error}). Some categories may be empty in a redrawn "
            "sample: let the function return NaN there."
        ) from error
    if named is not None and isinstance(value, pd.Series) and not value.index.equals(named):
        if len(value) != len(named) or not value.index.is_unique or len(value.index.difference(named)):
            raise InputError(
                f"The function returned a Series with other labels for {where} than for the sample's own weights. Let it return "
                "the same labels each time: series.reindex(labels)."
            )
        value = value.reindex(named)
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
