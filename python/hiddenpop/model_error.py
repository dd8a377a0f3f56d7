"""What a model does not know: independent standard normals, as a leaf of expressions.

Models that predict (areas without a study, years between studies) turn them into errors of their own size. Every
label has a stream keyed by its name, so a prediction has the same digits whatever else is predicted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from . import _core, replicate
from .columns import Floats
from .errors import InputError
from .nodes import Node, Quantity


@dataclass(frozen=True)
class ModelOrigin:
    """Where a model's errors come from."""

    key: str
    seed: int

    #: No sample is redrawn, so corrections for bias decline.
    sampled = False
    draws = "draws of model error"

    def check_against(self, other: Any) -> None:
        """Refuse the errors of one model under two seeds."""
        if isinstance(other, ModelOrigin) and other.key == self.key and other.seed != self.seed:
            raise InputError(
                f"The errors of one model are used under two seeds ({other.seed} and {self.seed}), so they would count as "
                f"independent. Replay one estimate: estimate.replay(seed={self.seed})."
            )


@dataclass(frozen=True, eq=False, repr=False)
class ModelError:
    """Standard normals, one a label, as a leaf of expressions."""

    #: Names of the labels, which key their streams.
    names: tuple[str, ...]
    #: Says which model's errors these are: equal keys are equal errors.
    key: str
    seed: int
    replicates: int
    name: str = "model_error"
    quantity: Quantity = "other"
    args: tuple[Node, ...] = ()
    n: Floats | None = None
    missing: Floats | None = None

    @property
    def point(self) -> Floats:
        """No error."""
        return np.zeros(len(self.names))

    @property
    def origin(self) -> ModelOrigin:
        """What its draws depend on."""
        return ModelOrigin(self.key, self.seed)

    def reseed(self, *, seed: int | None, replicates: int | None) -> ModelError:
        """Return the same errors under other settings."""
        return replace(
            self,
            seed=self.seed if seed is None else seed,
            replicates=self.replicates if replicates is None else replicates,
        )

    def block(self, values: Sequence[Floats], start: int, stop: int) -> Floats:
        """Draw from each label's stream."""
        result = np.empty((len(self.names), stop - start))
        for row, name in enumerate(self.names):
            hashed = hashlib.blake2b(f"{self.key}, {name}".encode(), digest_size=16).digest()
            stream = int.from_bytes(hashed, "little")
            result[row] = _core.input_draws("normal", (0.0, 1.0), self.seed, stream, start, stop, replicate.threads())
        return result


def digest(*parts: object) -> str:
    """Return a short text that differs where a model's ingredients differ."""
    hashed = hashlib.blake2b(digest_size=12)
    for part in parts:
        hashed.update(part.tobytes() if isinstance(part, np.ndarray) else repr(part).encode())
        hashed.update(b"|")
    return hashed.hexdigest()
