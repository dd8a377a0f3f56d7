"""Draws from a normal distribution with a measured covariance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..draws import streams
from ..errors import InputError, warn
from ..expression.nodes import Node, Quantity, reseeded
from ..ground import scales
from ..ground.columns import Floats


@dataclass(frozen=True)
class NormalOrigin:
    """Where normal draws come from, and of which surveys' people they speak."""

    key: str
    seed: int
    surveys: tuple[int, ...]
    given: str

    #: No sample is redrawn, so corrections for bias decline.
    sampled = False

    def check_against(self, other: Any) -> None:
        """Warn where the other estimate comes from the same people, or the same draws under another seed."""
        if getattr(other, "key", None) == self.key and other.seed != self.seed:
            raise InputError(
                f"Normal draws of one estimate are used under two seeds ({other.seed} and {self.seed}), so they would count "
                f"as two independent ones. Replay one: estimate.replay(seed={self.seed})."
            )
        theirs = getattr(other, "surveys", (getattr(other, "fingerprint", None),))
        if set(self.surveys) & set(theirs):
            warn(
                f"Normal draws of '{self.given}' are combined with another estimate of the same survey as if the two were "
                "independent. Combine the estimates first and call to_normal() on the result.",
            )


@dataclass(frozen=True, eq=False, repr=False)
class NormalDraws:
    """Draws of a multivariate normal on link scales, as a leaf of expressions."""

    point: Floats
    #: The link of each label.
    links: tuple[str, ...]
    #: A square root of the covariance on the link scale (labels x labels).
    root: Floats
    key: str
    name: str
    seed: int
    replicates: int
    quantity: Quantity
    surveys: tuple[int, ...]
    #: What the covariance was measured by, for the methods section.
    given: str
    n: Floats | None = None
    missing: Floats | None = None
    args: tuple[Node, ...] = ()

    @property
    def origin(self) -> NormalOrigin:
        """What its draws depend on."""
        return NormalOrigin(self.key, self.seed, self.surveys, self.name)

    @property
    def short(self) -> str:
        """What a table's column of methods says."""
        return f"normal draws of {self.name}"

    def reseed(self, *, seed: int | None, replicates: int | None) -> NormalDraws:
        """Return the same quantity under other settings."""
        return reseeded(self, seed, replicates)

    def block(self, values: Sequence[Floats], start: int, stop: int) -> Floats:
        """Draw independent normals from each label's stream, correlate them and leave the link scale."""
        normals = [
            streams.standard("normal", self.seed, f"{self.key} {label}", start, stop)
            for label in range(len(self.point))
        ]
        moved = self.root @ np.concatenate(normals)
        result = np.empty(moved.shape)
        for label, (link, value) in enumerate(zip(self.links, self.point, strict=True)):
            to, back, _ = scales.SCALES[link]
            with np.errstate(divide="ignore", over="ignore"):
                fixed = not self.root[label].any()
                result[label] = value if fixed else back(to(np.array(value)) + moved[label])
        return result
