"""What expressions are made of: leaves and arithmetic.

A node knows its point values (shape: labels), how to make a range of draws (labels x replicates) from its
arguments' draws, and what it measures. Leaves are statistics of surveys, uncertain inputs and constants;
everything else is arithmetic. Labels belong to `Estimate`; here all is positions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

from ..ground.columns import Floats

Made = TypeVar("Made", bound=Any)
#: What an estimate measures: sizes and rates are positive (intervals on the log scale), shares lie
#: in 0 to 1, an event is true or false in each draw.
Quantity = Literal["size", "rate", "share", "mean", "total", "event", "plain", "other"]


class Node(Protocol):
    """What every node offers."""

    @property
    def point(self) -> Floats:
        """Point values, one a label."""
        ...

    @property
    def args(self) -> tuple[Node, ...]:
        """The nodes that this one is computed from."""
        ...

    @property
    def quantity(self) -> Quantity:
        """What it measures."""
        ...

    @property
    def n(self) -> Floats | None:
        """Participants behind each label: NaN where that has no answer, None where it has no bearing."""
        ...

    @property
    def missing(self) -> Floats | None:
        """Missing answers behind each label."""
        ...

    def block(self, values: Sequence[Floats], start: int, stop: int) -> Floats:
        """Draws of replicates start..stop, given those of the arguments."""
        ...


class Origin(Protocol):
    """Where randomness comes from; hashable, and equal for what is drawn together."""

    @property
    def sampled(self) -> bool:
        """Whether its draws redraw a sample."""
        ...

    def check_against(self, other: Origin) -> None:
        """Warn or raise when the two must not be combined as they are."""
        ...


class Source(Node, Protocol):
    """A leaf with randomness of its own."""

    @property
    def replicates(self) -> int:
        """How many replicates it wants."""
        ...

    @property
    def origin(self) -> Origin:
        """Where its randomness comes from."""
        ...

    def reseed(self, *, seed: int | None, replicates: int | None) -> Source:
        """Return the same source under another seed or number of replicates."""
        ...


class Writer(Protocol):
    """A node that can write its draws where they are wanted."""

    writes: bool

    def block(self, values: Sequence[Floats], start: int, stop: int, out: Floats | None = None) -> Floats:
        """Draws of replicates start..stop, into `out` if it is given."""
        ...


@runtime_checkable
class Known(Protocol):
    """A leaf whose distribution is known."""

    def exact(self, shares: Sequence[float]) -> Floats:
        """Quantiles (1 x shares)."""
        ...


@runtime_checkable
class Analytic(Protocol):
    """A source that brings the covariance of its labels with it, from a formula."""

    def covariance(self) -> Floats:
        """Covariance (labels x labels)."""
        ...


@runtime_checkable
class Deletable(Protocol):
    """A source that knows what it would be without each of its units."""

    def without_each(self) -> tuple[Floats, Any]:
        """Values without one of each kind of unit (labels x kinds), and the kinds (`sourcewise.Units`)."""
        ...


@runtime_checkable
class Described(Protocol):
    """A leaf that says itself how it was made."""

    @property
    def estimator(self) -> str:
        """Its name, for tables."""
        ...

    def describe(self) -> tuple[list[str], list[str]]:
        """Sentences and references for a methods section."""
        ...


@runtime_checkable
class Smooth(Protocol):
    """A node of its own kind that says whether the delta method may pass through it.

    Linearised standard errors take numerical derivatives of its `block` where it may, and stop with the node's own reason
    where it may not. A node that says nothing is arithmetic with derivatives of its own, or has none.
    """

    @property
    def smooth(self) -> bool:
        """Whether the derivatives of `block` at the arguments' points say all of its variance."""
        ...


@runtime_checkable
class Rough(Protocol):
    """A node through which the delta method may not pass, with the reason in its own words."""

    @property
    def rough(self) -> str:
        """A sentence that says what the derivatives leave out."""
        ...


def reseeded(made: Made, seed: int | None, replicates: int | None) -> Made:
    """Return a dataclass with a seed and a number of replicates under others; None keeps its own."""
    return replace(
        made,
        seed=made.seed if seed is None else seed,
        replicates=made.replicates if replicates is None else replicates,
    )
