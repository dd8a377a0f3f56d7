"""Uncertain inputs: a distribution that no sample stands behind."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from .. import _core
from ..draws.streams import stream
from ..expression.nodes import GIVEN, Node, Portable, Quantity, reseeded
from ..expression.origins import Origin
from ..expression.rests import Rests, on_nobody
from ..expression.typed import require, settings
from ..ground.columns import Floats
from ..ground.language import english

#: Standard deviations of the laws, by their parameters.
SPREADS: dict[str, Callable[..., float]] = {
    "beta": lambda a, b: math.sqrt(a * b / (a + b + 1)) / (a + b),
    "uniform": lambda low, high: (high - low) / math.sqrt(12),
    "triangular": lambda low, mode, high: math.sqrt(
        ((high - mode) ** 2 + (mode - low) ** 2 + (high - mode) * (mode - low)) / 18
    ),
    "normal": lambda mean, sd: sd,
    "shifted lognormal": lambda median, sign, scale, sigma: (
        scale * math.sqrt(math.expm1(sigma**2)) * math.exp(sigma**2 / 2)
    ),
}


@dataclass(frozen=True)
class InputOrigin(Origin):
    """Where an uncertain input's draws come from."""

    key: str
    seed: int
    given: str
    #: The call that made it, where no name tells whether it is the same quantity.
    call: str | None = field(default=None, compare=False)

    #: No sample is redrawn, so corrections for bias decline.
    sampled: ClassVar[bool] = False
    draws: ClassVar[str] = english("draws of uncertain inputs")

    @property
    def title(self) -> str:
        """How messages call it."""
        return f"the uncertain input {self.key}"

    @property
    def identity(self) -> str:
        """Its key."""
        return self.key

    @property
    def people(self) -> frozenset[int]:
        """Nobody's."""
        return frozenset()

    @property
    def calls(self) -> tuple[str, ...]:
        """The call that made it; with a name, whoever gives the name."""
        return () if self.call is None else (self.call,)

    def made_twice(self, other: InputOrigin) -> str:
        """Say that another run made it, or one of them."""
        return (
            f"Uncertain inputs {self.given} without a name, made in two runs, are combined; they are taken to be one quantity. "
            "Name them, so that it is known: equal names for one quantity, different ones for two."
        )

    def contradicts(self, other: InputOrigin) -> str | None:
        """Refuse two quantities of one name."""
        if other.given == self.given:
            return None
        return (
            f"Two different uncertain inputs, {other.given} and {self.given}, carry one name and so would count as one quantity. "
            "Give them different names."
        )


@dataclass(frozen=True, eq=False, repr=False)
class Input(Portable):
    """An uncertain input as a leaf of expressions."""

    one_by_name: ClassVar[bool] = True

    public: ClassVar[tuple[str, ...]] = (
        "law",
        "parameters",
        "key",
        "name",
        "seed",
        "replicates",
        "point",
        "quantity",
        "given",
        "args",
        "n",
        "missing",
        "call",
    )

    law: str
    parameters: tuple[float, ...]
    #: Says what quantity this is: equal keys are one quantity.
    key: str
    name: str | None
    seed: int
    replicates: int
    point: Floats
    quantity: Quantity
    #: How the input was given, for the methods section.
    given: str
    args: tuple[Node, ...] = ()
    n: Floats | None = None
    missing: Floats | None = None
    #: Names the call that made it, where it has no name.
    call: str | None = None

    def confirm(self) -> None:
        """Refuse a law that there is not, and numbers that it can't have."""
        require(self, self.law in SPREADS, len(self.point) == 1, settings(self.seed, self.replicates))
        try:
            spread = self.exact_se[0]
            low, middle, high = self.exact([0.025, 0.5, 0.975])[0]
        except (TypeError, ValueError, ArithmeticError):
            require(self, False)
        require(self, math.isfinite(spread) and spread > 0, low <= middle <= high)

    @property
    def origin(self) -> InputOrigin:
        """What its draws depend on."""
        return InputOrigin(self.key, self.seed, self.given, self.call)

    def reseed(self, *, seed: int | None, replicates: int | None) -> Input:
        """Return the same quantity under other settings."""
        return reseeded(self, seed, replicates)

    def numbered(self, number: int) -> Input:
        """Return a quantity of the same distribution, with draws that don't go by the name."""
        return replace(self, key=f"{self.given}, as input {number}")

    tells: ClassVar[int] = GIVEN

    @property
    def estimator(self) -> str:
        """How it was given."""
        return self.given

    @property
    def specified(self) -> tuple[str, tuple[float, ...]]:
        """Its law and parameters, which a name does not tell."""
        return self.law, self.parameters

    @property
    def given_as(self) -> str:
        """How it was given, under its name."""
        if not self.name or self.name == self.given:
            return self.given
        return english("{label}, {given}", label=self.name, given=self.given)

    def replaceable(self) -> Mapping[str, tuple[Node, pd.Index[Any] | None]]:
        """Return itself under its name."""
        return {} if self.name is None else {self.name: (self, None)}

    def rests_on(self, below: int) -> Rests:
        """Hide nothing: what was published or guessed rests on nobody who was asked."""
        return on_nobody(len(self.point))

    @property
    def exact_se(self) -> Floats:
        """The standard deviation of the distribution itself."""
        return np.array([SPREADS[self.law](*self.parameters)])

    def exact(self, shares: Sequence[float]) -> Floats:
        """Return quantiles of the distribution itself (1 x shares): no draws are needed for them."""
        return _core.input_quantiles(self.law, self.parameters, list(shares))[None, :]

    def drawn(self, start: int, stop: int, threads: int) -> Floats:
        """Invert the distribution function at a uniform of each replicate's stream."""
        return _core.input_draws(self.law, self.parameters, self.seed, stream(self.key), start, stop, threads)


def as_share(node: Node) -> Node:
    """Return an uncertain input that lies within 0 and 1 as the share that it is; anything else as it is."""
    if not isinstance(node, Input):
        return node
    low, high = node.exact([0.025, 0.975])[0]
    return replace(node, quantity="share") if 0 <= low <= high <= 1 else node
