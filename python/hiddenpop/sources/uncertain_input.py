"""Uncertain inputs: a distribution that no sample stands behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .. import _core
from ..draws import settings
from ..draws.streams import stream
from ..errors import InputError
from ..expression.nodes import Node, Origin, Quantity, reseeded
from ..ground.columns import Floats


@dataclass(frozen=True)
class InputOrigin:
    """Where an uncertain input's draws come from."""

    key: str
    seed: int
    given: str

    #: No sample is redrawn, so corrections for bias decline.
    sampled = False

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
class Input:
    """An uncertain input as a leaf of expressions."""

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

    def exact(self, shares: Sequence[float]) -> Floats:
        """Return quantiles of the distribution itself (1 x shares): no draws are needed for them."""
        return _core.input_quantiles(self.law, self.parameters, list(shares))[None, :]

    def block(self, values: Sequence[Floats], start: int, stop: int) -> Floats:
        """Invert the distribution function at a uniform of each replicate's stream."""
        return _core.input_draws(
            self.law, self.parameters, self.seed, stream(self.key), start, stop, settings.threads()
        )
