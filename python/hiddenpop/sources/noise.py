"""Randomness that no data hold: independent standard normals and uniforms, as a leaf of expressions.

Models turn it into errors of their own size (areas without a study, years between studies), a consensus into what lies
between its sources, or the source that a pool picks. Every label has a stream keyed by its name, so it has the same digits
whatever else is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..draws import settings
from ..draws.streams import standard
from ..expression.nodes import Node, Portable, Quantity, reseeded
from ..expression.origins import Origin
from ..expression.rests import Rests, on_nobody
from ..expression.typed import require
from ..expression.typed import settings as within
from ..ground.columns import Floats
from ..ground.language import english

#: The laws there are, with the point that stands for each.
MIDDLE = {"normal": 0.0, "uniform": 0.5}


@dataclass(frozen=True)
class NoiseOrigin(Origin):
    """Where noise comes from."""

    key: str
    seed: int
    #: What it is called, in reports and in shares of variance.
    title: str

    #: No sample is redrawn, so corrections for bias decline.
    sampled: ClassVar[bool] = False

    @property
    def identity(self) -> str:
        """Its key."""
        return self.key

    @property
    def people(self) -> frozenset[int]:
        """Nobody's."""
        return frozenset()

    @property
    def draws(self) -> str:
        """What its draws are called."""
        return english("draws of the {label}", label=self.title)

    @property
    def called(self) -> str:
        """How messages call it."""
        return f"the {self.title}"


@dataclass(frozen=True, eq=False, repr=False)
class Noise(Portable):
    """Independent standard normals and uniforms, one a label, as a leaf of expressions."""

    public: ClassVar[tuple[str, ...]] = (
        "names",
        "laws",
        "key",
        "seed",
        "replicates",
        "title",
        "args",
        "quantity",
        "n",
        "missing",
    )

    sealed: ClassVar[tuple[str, ...]] = ("key",)

    #: Names of the labels, which key their streams.
    names: tuple[str, ...]
    #: normal or uniform, of each label.
    laws: tuple[str, ...]
    #: Says which model's noise this is: equal keys are the same draws.
    key: str
    seed: int
    replicates: int
    title: str
    args: tuple[Node, ...] = ()
    quantity: Quantity = "other"
    n: Floats | None = None
    missing: Floats | None = None

    def confirm(self) -> None:
        """Refuse laws that there are not."""
        require(self, len(self.names) == len(self.laws), within(self.seed, self.replicates))
        require(self, set(self.laws) <= set(MIDDLE))

    @property
    def point(self) -> Floats:
        """The middle of each."""
        return np.array([MIDDLE[law] for law in self.laws])

    @property
    def origin(self) -> NoiseOrigin:
        """What its draws depend on."""
        return NoiseOrigin(self.key, self.seed, self.title)

    def rests_on(self, below: int) -> Rests:
        """Hide nothing: noise rests on nobody."""
        return on_nobody(len(self.point))

    def reseed(self, *, seed: int | None, replicates: int | None) -> Noise:
        """Return the same noise under other settings."""
        return reseeded(self, seed, replicates)

    def drawn(self, start: int, stop: int, threads: int) -> Floats:
        """Draw each label from its own stream."""
        each = zip(self.names, self.laws, strict=True)
        return np.concatenate(
            [standard(law, self.seed, f"{self.key}, {name}", start, stop, threads) for name, law in each]
        )


def normals(names: Sequence[str], key: str, replicates: int, title: str) -> Noise:
    """Return standard normals under the settings' seed; equal keys are the same draws."""
    return Noise(tuple(names), ("normal",) * len(names), key, settings.defaults().seed, replicates, title)
