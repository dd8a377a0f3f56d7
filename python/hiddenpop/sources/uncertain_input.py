"""Uncertain inputs: a distribution that no sample stands behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from .. import _core
from ..draws.streams import stream
from ..errors import InputError
from ..expression.nodes import GIVEN, Node, Origin, Portable, Quantity, reseeded
from ..ground.columns import Floats


@dataclass(frozen=True)
class InputOrigin:
    """Where an uncertain input's draws come from."""

    key: str
    seed: int
    given: str

    #: No sample is redrawn, so corrections for bias decline.
    sampled: ClassVar[bool] = False
    draws: ClassVar[str] = "draws of uncertain inputs"

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
    def no_draws(self) -> str | None:
        """None: it has draws."""
        return None

    @property
    def df(self) -> int | None:
        """None: no sample stands behind it."""
        return None

    def check_against(self, other: Origin) -> None:
        """Refuse one named quantity under two seeds."""
        if not isinstance(other, InputOrigin) or other.key != self.key:
            return
        if other.given != self.given:
            raise InputError(
                f"Two different uncertain inputs, {other.given} and {self.given}, carry one name and so would count as "
                "one quantity. Give them different names."
            )
        if other.seed != self.seed:
            raise InputError(
                f"The uncertain input {self.key} is used under two seeds ({other.seed} and {self.seed}), so it would "
                f"count as two independent ones. Replay one estimate: estimate.replay(seed={self.seed})."
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

    @property
    def origin(self) -> InputOrigin:
        """What its draws depend on."""
        return InputOrigin(self.key, self.seed, self.given)

    def reseed(self, *, seed: int | None, replicates: int | None) -> Input:
        """Return the same quantity under other settings."""
        return reseeded(self, seed, replicates)

    tells: ClassVar[int] = GIVEN

    @property
    def estimator(self) -> str:
        """How it was given."""
        return self.given

    @property
    def given_as(self) -> str:
        """How it was given, under its name."""
        return f"{self.name}, {self.given}" if self.name and self.name != self.given else self.given

    def replaceable(self) -> Mapping[str, tuple[Node, pd.Index[Any] | None]]:
        """Return itself under its name."""
        return {} if self.name is None else {self.name: (self, None)}

    def exact(self, shares: Sequence[float]) -> Floats:
        """Return quantiles of the distribution itself (1 x shares): no draws are needed for them."""
        return _core.input_quantiles(self.law, self.parameters, list(shares))[None, :]

    def drawn(self, start: int, stop: int, threads: int) -> Floats:
        """Invert the distribution function at a uniform of each replicate's stream."""
        return _core.input_draws(self.law, self.parameters, self.seed, stream(self.key), start, stop, threads)
