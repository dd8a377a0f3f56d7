"""Draws from a normal distribution with a measured covariance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..draws import streams
from ..errors import InputError
from ..expression.nodes import GIVEN, Node, Portable, Quantity, reseeded
from ..expression.origins import Origin
from ..expression.rests import Rests, on_nobody
from ..expression.typed import require, settings
from ..ground import scales
from ..ground.columns import Floats
from ..ground.language import english, read, tr
from ..ground.products import product
from ..ground.text import enumerated


@dataclass(frozen=True)
class NormalOrigin(Origin):
    """Where normal draws come from, and of which surveys' people they speak."""

    key: str
    seed: int
    surveys: tuple[int, ...]
    given: str
    #: The calls that made what it was measured on.
    calls: tuple[str, ...] = field(default=(), compare=False)

    #: No sample is redrawn, so corrections for bias decline.
    sampled: ClassVar[bool] = False
    draws: ClassVar[str] = english("draws of uncertain inputs")

    @property
    def title(self) -> str:
        """How messages call it."""
        return f"normal draws of '{self.given}'"

    @property
    def identity(self) -> str:
        """Its key."""
        return self.key

    @property
    def people(self) -> frozenset[int]:
        """Those of the surveys whose covariance it has."""
        return frozenset(self.surveys)

    def made_twice(self, other: NormalOrigin) -> str:
        """Say what they come from."""
        return (
            f"Two normal draws of '{self.given}' with identical numbers, of surveys or inputs that were made by different calls, "
            "are combined; they are taken to be one quantity. If they are two, give each a name: to_normal(name='2012')."
        )

    @property
    def of_same_people(self) -> str:
        """Say what to do instead."""
        return (
            f"Normal draws of '{self.given}' are combined with another estimate of the same survey as if the two were "
            "independent. Combine the estimates first and call to_normal() on the result."
        )


@dataclass(frozen=True, eq=False, repr=False)
class NormalDraws(Portable):
    """Draws of a multivariate normal on link scales, as a leaf of expressions."""

    public: ClassVar[tuple[str, ...]] = (
        "point",
        "links",
        "root",
        "key",
        "name",
        "seed",
        "replicates",
        "quantity",
        "surveys",
        "given",
        "n",
        "missing",
        "args",
        "calls",
        "least",
    )

    sealed: ClassVar[tuple[str, ...]] = ("surveys",)

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
    #: The calls that made what it was measured on.
    calls: tuple[str, ...] = ()
    #: What labels can't be less than, minus infinity where that is unknown: their log scale begins there.
    least: Floats | None = None

    def confirm(self) -> None:
        """Refuse numbers of other labels, and scales that there are not."""
        size = len(self.point)
        require(self, len(self.links) == size, self.root.shape == (size, size), settings(self.seed, self.replicates))
        require(self, set(self.links) <= set(scales.SCALES), bool(np.isfinite(self.root).all()))
        require(self, self.least is None or self.least.shape == self.point.shape)

    @property
    def floor(self) -> Floats | None:
        """What labels can't be less than."""
        return self.least

    @property
    def origin(self) -> NormalOrigin:
        """What its draws depend on."""
        return NormalOrigin(self.key, self.seed, self.surveys, self.name, self.calls)

    tells: ClassVar[int] = GIVEN

    def describe(self) -> tuple[list[str], list[str]]:
        """Say what is drawn, on which scale."""
        begins = np.isfinite(self._begins(np.inf))
        named = {"identity": tr("natural")} | ({"log": "log(N - n)"} if begins.any() else {})
        fields = {
            "name": self.name,
            "scales": enumerated([named.get(link, link) for link in self.links]),
            "measured": read(self.given),
        }
        if len(self.point) > 1:
            sentence = tr(
                "'{name}' enters by draws from a multivariate normal distribution on the {scales} scale with its covariance as "
                "measured by {measured}, independent of everything else.",
                **fields,
            )
        else:
            sentence = tr(
                "'{name}' enters by draws from a normal distribution on the {scales} scale with its covariance as measured by "
                "{measured}, independent of everything else.",
                **fields,
            )
        return [sentence], []

    def replaceable(self) -> Mapping[str, tuple[Node, pd.Index[Any] | None]]:
        """Return itself under its name."""
        return {self.name: (self, None)}

    @property
    def estimator(self) -> str:
        """What a table's column of methods says."""
        return english("normal draws of {label}", label=self.name)

    def rests_on(self, below: int) -> Rests:
        """Refuse where people stand behind the covariance: in which cells they were, it does not say."""
        if self.surveys:
            raise InputError(
                f"Normal draws of '{self.name}' don't say on how many participants they rest, so they can't be checked for small "
                "numbers. Report the estimate that to_normal() was called on, or leave suppress_below out."
            )
        return on_nobody(len(self.point))

    def reseed(self, *, seed: int | None, replicates: int | None) -> NormalDraws:
        """Return the same quantity under other settings."""
        return reseeded(self, seed, replicates)

    def drawn(self, start: int, stop: int, threads: int) -> Floats:
        """Draw independent normals from each label's stream, correlate them and leave the link scale."""
        normals = [
            streams.standard("normal", self.seed, f"{self.key} {label}", start, stop, threads)
            for label in range(len(self.point))
        ]
        moved = product(self.root, np.concatenate(normals))
        result, begins = np.empty(moved.shape), self._begins(0.0)
        for label, (link, value) in enumerate(zip(self.links, self.point, strict=True)):
            to, back, _ = scales.SCALES[link]
            with np.errstate(divide="ignore", over="ignore"):
                fixed = not self.root[label].any()
                result[label] = (
                    value if fixed else begins[label] + back(to(np.array(value - begins[label])) + moved[label])
                )
        return result

    def _begins(self, otherwise: float) -> Floats:
        """Return where each label's log scale begins."""
        least = np.full(len(self.point), -np.inf) if self.least is None else self.least
        return np.where(np.isfinite(least) & (np.array(self.links) == "log"), least, otherwise)
