"""Randomness of a consensus that its sources don't have: what lies between them, which source a pool picks."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import _core, replicate
from ..columns import Floats
from ..errors import InputError
from ..nodes import Node, Quantity

_PARAMETERS = {"normal": (0.0, 1.0), "uniform": (0.0, 1.0)}


@dataclass(frozen=True)
class NoiseOrigin:
    """Where such draws come from."""

    key: str
    seed: int

    #: No sample is redrawn, so corrections for bias decline.
    sampled = False
    draws = "draws of what the sources leave open"

    def check_against(self, other: Any) -> None:
        """Refuse one consensus under two seeds."""
        if isinstance(other, NoiseOrigin) and other.key == self.key and other.seed != self.seed:
            raise InputError(
                f"One consensus is used under two seeds ({other.seed} and {self.seed}), so it would count as two "
                f"independent ones. Replay one: estimate.replay(seed={self.seed})."
            )


@dataclass(frozen=True, eq=False, repr=False)
class Noise:
    """Independent standard normals and uniforms, as a leaf of expressions with a label for each."""

    laws: tuple[str, ...]
    key: str
    seed: int
    replicates: int
    args: tuple[Node, ...] = ()
    quantity: Quantity = "other"
    n: Floats | None = None
    missing: Floats | None = None

    @classmethod
    def of(cls, laws: Sequence[str], key: str, replicates: int) -> Noise:
        """Make it under the settings' seed; equal keys are the same draws."""
        return cls(tuple(laws), key, replicate.defaults().seed, replicates)

    @property
    def point(self) -> Floats:
        """The middle of each."""
        return np.array([0.0 if law == "normal" else 0.5 for law in self.laws])

    @property
    def origin(self) -> NoiseOrigin:
        """What its draws depend on."""
        return NoiseOrigin(self.key, self.seed)

    def reseed(self, *, seed: int | None, replicates: int | None) -> Noise:
        """Return the same noise under other settings."""
        return replace(
            self,
            seed=self.seed if seed is None else seed,
            replicates=self.replicates if replicates is None else replicates,
        )

    def block(self, values: Sequence[Floats], start: int, stop: int) -> Floats:
        """Draw each label from its own stream."""
        rows = []
        for label, law in enumerate(self.laws):
            hashed = hashlib.blake2b(f"{self.key} {label}".encode(), digest_size=16)
            stream = int.from_bytes(hashed.digest(), "little")
            rows.append(_core.input_draws(law, _PARAMETERS[law], self.seed, stream, start, stop, replicate.threads()))
        return np.concatenate(rows)
