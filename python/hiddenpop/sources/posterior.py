"""A fixed posterior as a leaf of expressions: a distribution on a grid, or the stored draws of a sampler.

A posterior is found once; its draws are then handed out replicate by replicate, keyed by the leaf, so that two
posteriors are independent and one is the same in all that is computed from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Protocol

import numpy as np

from .. import _core
from ..draws.streams import stream
from ..expression.nodes import SELF, Node, Portable, Quantity, Sizing, reseeded
from ..expression.origins import Origin
from ..expression.rests import Rests, on_seen
from ..expression.typed import require, settings
from ..ground.columns import Floats
from ..ground.language import english, read
from ..ground.packed import pack, unpack
from .chains import mcse

#: On a grid, what lies further out than this share of the probability is left out.
NEGLIGIBLE = 1e-15
#: Methods that find a size from people, who are a part of it.
SEEN = ("lists", "recruitment")


class Data(Protocol):
    """What a posterior was found from: the record of a survey or of lists."""

    fingerprint: int

    @property
    def title(self) -> str:
        """How messages call it."""
        ...


class Law(Protocol):
    """The distribution of one label."""

    @property
    def mean(self) -> float:
        """The posterior mean."""
        ...

    @property
    def mcse(self) -> float:
        """Its Monte Carlo error: 0 where it is exact."""
        ...

    def exact(self, shares: Sequence[float]) -> Floats:
        """Quantiles that need no draws, else NaN."""
        ...

    def draws(self, seed: int, fingerprint: int, start: int, stop: int) -> Floats:
        """Draws of replicates start..stop."""
        ...


@dataclass(frozen=True, eq=False, repr=False)
class Grid:
    """Probabilities of whole numbers `first`, `first` + 1, ..."""

    public: ClassVar[tuple[str, ...]] = ("first", "probability")

    first: int
    probability: Floats

    def confirm(self) -> None:
        """Refuse what is no distribution."""
        shape, p = self.probability.shape, self.probability
        require(self, 0 <= self.first < 2**53, len(shape) == 1, p.size > 0)
        require(self, bool((p >= 0).all()), 0 < float(p.sum()) < np.inf)

    @classmethod
    def of(cls, first: int, probability: Floats) -> Grid:
        """Keep the part that matters."""
        cumulative = np.cumsum(probability)
        inside = np.flatnonzero((cumulative > NEGLIGIBLE) & (cumulative - probability < 1 - NEGLIGIBLE))
        low, high = int(inside[0]), int(inside[-1]) + 1
        return cls(first + low, probability[low:high])

    @property
    def values(self) -> Floats:
        """The numbers."""
        return np.arange(self.first, self.first + len(self.probability), dtype=float)

    @property
    def mean(self) -> float:
        """The posterior mean."""
        return float((self.values * self.probability).sum() / self.probability.sum())

    @property
    def mcse(self) -> float:
        """None: it is exact."""
        return 0.0

    def exact(self, shares: Sequence[float]) -> Floats:
        """Return the smallest numbers that hold these shares of the probability."""
        place = np.searchsorted(self._cumulative, np.asarray(shares) * self._cumulative[-1])
        return np.asarray(self.first + np.minimum(place, len(self._cumulative) - 1), dtype=float)

    def draws(self, seed: int, fingerprint: int, start: int, stop: int) -> Floats:
        """Invert the distribution function at a uniform of each replicate's stream."""
        return self.first + _core.grid_draws(self._cumulative, seed, fingerprint, start, stop)

    @cached_property
    def _cumulative(self) -> Floats:
        return np.cumsum(self.probability)


@dataclass(frozen=True, eq=False, repr=False)
class Chains:
    """Draws of a sampler (chains x draws), packed, with other quantities of the same draws."""

    public: ClassVar[tuple[str, ...]] = ("chains", "packed", "traces")

    chains: int
    packed: str
    #: Names and packed draws of what else was followed.
    traces: tuple[tuple[str, str], ...] = ()

    def confirm(self) -> None:
        """Refuse chains of different lengths, and draws that are no numbers."""
        size = self.chains * self.length
        require(self, self.chains > 0, self.length > 0)
        for packed in (self.packed, *(packed for _, packed in self.traces)):
            require(self, bool(np.isfinite(unpack(packed, size)).all()))
        require(self, bool((self.values >= 0).all()))

    @property
    def length(self) -> int:
        """Draws of each chain."""
        return len(unpack(self.packed)) // max(self.chains, 1)

    @classmethod
    def of(cls, draws: Floats, **traces: Floats) -> Chains:
        """Keep draws (chains x draws)."""
        others = tuple((name, pack(np.ascontiguousarray(trace), 1)) for name, trace in traces.items())
        return cls(len(draws), pack(np.ascontiguousarray(draws), 1), others)

    @cached_property
    def values(self) -> Floats:
        """The draws (chains x draws)."""
        return unpack(self.packed).reshape(self.chains, -1)

    def followed(self) -> dict[str, Floats]:
        """Return what else was followed (chains x draws)."""
        return {name: unpack(packed).reshape(self.chains, -1) for name, packed in self.traces}

    @property
    def mean(self) -> float:
        """The posterior mean."""
        return float(self.values.mean())

    @cached_property
    def mcse(self) -> float:
        """The standard deviation over the root of the effective sample size."""
        return mcse(self.values)

    def exact(self, shares: Sequence[float]) -> Floats:
        """Nothing is exact."""
        return np.full(len(shares), np.nan)

    def draws(self, seed: int, fingerprint: int, start: int, stop: int) -> Floats:
        """Return the stored draws in a random order; then in another one, and so on."""
        return _core.stored_draws(self.values.ravel(), seed, fingerprint, start, stop)


@dataclass(frozen=True)
class PosteriorOrigin(Origin):
    """Where a posterior's draws come from."""

    key: str
    seed: int
    title: str
    #: Fingerprint and name of the data that it was found from.
    data: tuple[int, str]
    #: The call that made those data.
    calls: tuple[str, ...] = field(default=(), compare=False)
    #: The same of other data that it was found from.
    besides: tuple[tuple[int, str], ...] = ()

    #: No sample is redrawn, so corrections for bias decline.
    sampled: ClassVar[bool] = False
    draws: ClassVar[str] = english("draws of a posterior")

    @property
    def identity(self) -> str:
        """Its key."""
        return self.key

    @property
    def people(self) -> frozenset[int]:
        """Those that it was found from."""
        return frozenset({self.data[0], *(fingerprint for fingerprint, _ in self.besides)})

    @property
    def called(self) -> str:
        """How messages call it."""
        return f"the posterior of '{self.title}'"

    def made_twice(self, other: PosteriorOrigin) -> str:
        """Say from what they were found."""
        return (
            f"Two posteriors of '{self.title}' were found from data with identical counts ({self.data[1]}); they are taken to be "
            "one. If they are two, give the data of each a name: name='2012'."
        )

    @property
    def of_same_people(self) -> str:
        """Say from what it was found."""
        return (
            f"The posterior of '{self.title}' was found from {self.data[1]}, which the other estimate comes from as well. "
            "Their draws count as independent and are not: intervals of what combines them are not to be trusted."
        )


@dataclass(frozen=True, eq=False, repr=False)
class Posterior(Portable):
    """Posterior distributions of labels that are independent of one another, as a leaf of expressions."""

    tells: ClassVar[int] = SELF
    public: ClassVar[tuple[str, ...]] = (
        "title",
        "sentence",
        "references",
        "laws",
        "key",
        "data",
        "seed",
        "replicates",
        "point",
        "n",
        "notes",
        "found",
        "view",
        "sized_by",
        "args",
        "quantity",
        "missing",
        "calls",
        "besides",
    )
    sealed: ClassVar[tuple[str, ...]] = ("key", "data", "besides")

    #: Short name of the method, and what it says in a methods section.
    title: str
    sentence: str
    references: tuple[str, ...]
    laws: tuple[Any, ...]
    #: Says what posterior this is: equal keys are one quantity.
    key: str
    #: Fingerprint and name of the data.
    data: tuple[int, str]
    seed: int
    replicates: int
    point: Floats
    n: Floats | None
    notes: tuple[str, ...] = ()
    #: What the method found besides: pairs of names and values that can be saved.
    found: tuple[Any, ...] = ()
    #: The kind of estimate that shows it.
    view: str = ""
    #: The kind of method that finds a size by it.
    sized_by: Sizing | None = None
    args: tuple[Node, ...] = ()
    quantity: Quantity = "size"
    missing: Floats | None = None
    #: The call that made the data.
    calls: tuple[str, ...] = ()
    #: Fingerprints and names of other data that it was found from as well.
    besides: tuple[tuple[int, str], ...] = ()

    def confirm(self) -> None:
        """Refuse laws that are none, and findings that its view can't show."""
        require(self, len(self.laws) == len(self.point), settings(self.seed, self.replicates))
        require(self, all(isinstance(law, (Grid, Chains)) for law in self.laws))
        require(self, self.sized_by not in SEEN or self.n is not None)

    @property
    def origin(self) -> PosteriorOrigin:
        """What its draws depend on."""
        fingerprint, name = self.data
        besides = tuple((int(other), str(called)) for other, called in self.besides or ())
        return PosteriorOrigin(
            self.key, self.seed, self.title, (int(fingerprint), str(name)), tuple(self.calls), besides
        )

    @property
    def caveats(self) -> tuple[str, ...]:
        """What must be known to read the number."""
        return tuple(self.notes)

    @property
    def floor(self) -> Floats | None:
        """The people seen, where it is a size from those."""
        return self.n if self.sized_by in SEEN else None

    @property
    def estimator(self) -> str:
        """What made it, for tables."""
        return self.title

    def describe(self) -> tuple[list[str], list[str]]:
        """Return a sentence and references for a methods section."""
        return [read(self.sentence)], list(self.references)

    def rests_on(self, below: int) -> Rests:
        """Hide sizes of whose people few were seen; of other data nobody knows."""
        return on_seen(len(self.point), self.n, below) if self.sized_by in SEEN else super().rests_on(below)

    def reseed(self, *, seed: int | None, replicates: int | None) -> Posterior:
        """Return the same posterior with its draws in another order, or more of them."""
        return reseeded(self, seed, replicates)

    def exact(self, shares: Sequence[float]) -> Floats:
        """Return quantiles that need no draws (labels x shares), NaN for the others."""
        return np.stack([law.exact(shares) for law in self.laws])

    def drawn(self, start: int, stop: int, threads: int) -> Floats:
        """Hand out draws: labels have streams of their own."""
        drawn = [
            law.draws(self.seed, stream(f"{self.key}, label {label}"), start, stop)
            for label, law in enumerate(self.laws)
        ]
        return np.stack(drawn)
