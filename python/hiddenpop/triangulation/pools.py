"""The linear opinion pool: a mixture of the sources' distributions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..expression.nodes import SELF, Fitted, Node, Quantity
from ..expression.typed import require
from ..ground.columns import Floats
from . import wording


@dataclass(frozen=True, eq=False, repr=False)
class LinearPool(Fitted):
    """Each draw is that of one source, picked with its weight; the last argument is the noise that picks."""

    tells: ClassVar[int] = SELF
    public: ClassVar[tuple[str, ...]] = ("args", "names", "given", "quantity", "n", "missing")

    args: tuple[Node, ...]
    names: tuple[str, ...]
    #: Weights with sum 1.
    given: Floats
    quantity: Quantity
    n: Floats | None = None
    missing: Floats | None = None

    method = "linear_pool"
    #: A mixture's spread is not that of its derivatives.
    smooth = False
    rough = "A linear pool spreads over its sources, which they alone do not say."

    def confirm(self) -> None:
        """Refuse weights of other sources, or that are none."""
        count = len(self.names)
        require(self, len(self.args) == count + 1, self.given.shape == (count,), bool((self.given >= 0).all()))
        require(self, all(len(arg.point) == 1 for arg in self.args))
        require(self, self.quantity in {arg.quantity for arg in self.args[:count]})

    @property
    def point(self) -> Floats:
        """The mixture's mean: the weighted mean of the points."""
        return np.array([sum(w * float(arg.point[0]) for w, arg in zip(self.given, self.args, strict=False))])

    @property
    def weights(self) -> Floats:
        """The sources' weights."""
        return self.given

    @property
    def estimator(self) -> str:
        """Its name, for tables."""
        return wording.TITLES[self.method]

    def describe(self) -> tuple[list[str], list[str]]:
        """Sentences and references for a methods section."""
        return wording.linear_pool(wording.shares(self.names, self.given))

    def block(self, values: Sequence[Floats], start: int, stop: int, out: Floats | None = None) -> Floats:
        """Take each replicate from the source that its uniform picks."""
        width = max(value.shape[1] for value in values)
        drawn = np.concatenate([np.broadcast_to(value, (1, width)) for value in values])
        which = np.minimum(np.searchsorted(np.cumsum(self.given), drawn[-1]), len(self.names) - 1)
        return np.asarray(drawn[which, np.arange(width)])[None, :]
