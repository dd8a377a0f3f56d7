"""What every design must say of its sample: nothing here has a default, and nothing is a simple random sample by default.

`Survey` and all that answers read these statements only. What a design can't do it refuses, with a reason that the user
sees (`Refusal`); so what is forgotten can't print the numbers of another design.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, Protocol

import numpy as np

from .. import _core
from ..errors import Refusal
from ..expression.nodes import Node
from ..ground.columns import Bools, Codes, Floats

if TYPE_CHECKING:
    from .record import Record

#: How replicates come about: Efron's redraws (Rao and Wu's in complex designs), or Rubin's weights.
Redraws = Literal["resample", "bayesian"]


class Apart(NamedTuple):
    """A sample as if its people had been drawn one by one within the strata."""

    #: The stratum of each row.
    stratum: Codes
    #: The sampling fraction of each stratum's first stage.
    fraction: Floats
    #: Whether they were, rather than in clusters.
    truly: bool
    #: Whether weights were calibrated, so that answers vary less than people do.
    calibrated: bool = False


class Linear(ABC):
    """A design's linearised variances: what it adds up, and how far sums of it vary."""

    #: Totals of the population that are estimates of their own, with which answers move (`by_totals`).
    estimated: Node | None = None
    #: Whether percentiles of its draws cover better than intervals from these variances, so that they are what nobody asked for.
    by_draws: ClassVar[bool] = False

    @property
    def followed(self) -> tuple[str, ...]:
        """Columns whose likeness the redraws follow, where they know of no other."""
        return ()

    @property
    @abstractmethod
    def df(self) -> int:
        """Degrees of freedom of the whole design."""

    @abstractmethod
    def df_of(self, inside: Bools) -> int:
        """Degrees of freedom of the people that are marked (rows of the sample)."""

    def df_by(self, domain: Codes, size: int) -> Floats:
        """Return the degrees of freedom of each of some domains: the rows with its number (-1 is outside all)."""
        return np.array([self.df_of(domain == one) for one in range(size)], dtype=float)

    @abstractmethod
    def apart(self) -> Apart | None:
        """Return the strata that people would be drawn from one by one; None where nobody knows."""

    @abstractmethod
    def collect(self, column: Floats) -> Floats:
        """Bring linearised values of the rows to the units that `variance` takes, weighted."""

    @abstractmethod
    def variance(self, influence: Floats) -> Floats:
        """Return the covariance of totals of linearised values (units x labels)."""

    def covariance(self, place: Codes, value: Floats | None, slopes: Floats) -> Floats:
        """Return the covariance of labels that each row moves by its value times the slopes of its place.

        Parameters
        ----------
        place : array
            The place of each row; -1 where it moves nothing.
        value : array or None
            Its value; None where all are 1.
        slopes : array
            Places x labels.
        """
        inside = place >= 0
        each = np.where(inside, 1.0 if value is None else value, 0.0)
        rows = [self.collect(np.where(inside, slope[place], 0.0) * each) for slope in slopes.T]
        return self.variance(np.stack(rows, axis=1))

    def by_totals(self, column: Floats) -> Floats:
        """Return how a column's total moves with each of the `estimated` totals of the population."""
        raise NotImplementedError("No totals of the population are estimated.")


class Deletable(Protocol):
    """A design's units, each of which can be left out in turn: of the first stage, then of each later one in its groups."""

    @property
    def stratum(self) -> Codes:
        """The stratum of each unit, or its group at a later stage, numbered on."""
        ...

    @property
    def fraction(self) -> Floats:
        """The sampling fraction of each stratum: what of its squares does not count."""
        ...

    @property
    def counted(self) -> Floats:
        """How many equal units each stands for."""
        ...

    def without_each(self, columns: Sequence[Floats]) -> list[Floats]:
        """Total columns of the rows without each unit, its stratum scaled up."""
        ...

    def deletions(self, rows: int) -> Iterator[Floats]:
        """Yield the factors of the core's units without each unit, as many at a time as fit for so many rows."""
        ...

    def deleted(self) -> Iterator[Floats]:
        """Yield the rows' weights without each unit, some at a time (units x rows)."""
        ...


@dataclass(frozen=True, eq=False, repr=False)
class Sampling:
    """How a sample is totalled, redrawn, linearised and taken apart."""

    #: What redraws it: factors of its units, for any replicate.
    core: _core.Design
    #: The factors of the core's units in the sample as it is.
    factors: Floats
    #: The core's unit of each row; None when rows are the core's units.
    row_unit: Codes | None
    #: What the core does not know of each row's weight; None when it knows all.
    row_weight: Floats | None
    #: Whether all replicates weigh as many as the sample, so that what is the same for everyone never varies.
    even: bool
    #: How many things a replicate draws or counts: what it costs.
    drawn: int
    linear: Linear | Refusal
    deletable: Deletable | Refusal
    #: Makes it again under another record (seed, replicates), where it depends on that; None where it does not.
    again: Callable[[Record], Sampling] | None

    def collect(self, column: Floats) -> Floats:
        """Bring a column of the rows to the core's units, weighted: what its totals are made of."""
        weighted = column if self.row_weight is None else self.row_weight * column
        if self.row_unit is None:
            return weighted
        return np.bincount(self.row_unit, weights=weighted, minlength=len(self.factors)).astype(float)

    def spread(self, factors: Floats) -> Floats:
        """Turn factors of the core's units into weights of the rows, for all the people of a row together."""
        spread = factors if self.row_unit is None else factors[self.row_unit]
        return spread if self.row_weight is None else spread * self.row_weight

    @property
    def weights(self) -> Floats:
        """What each row counts for in the sample, for all the people of a row together."""
        return self.spread(self.factors)

    def total(self, column: Floats) -> float:
        """Add up a column of the rows, weighted."""
        return float(self.collect(column) @ self.factors)
