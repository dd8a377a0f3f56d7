"""What an estimate keeps of its survey: who it is, how it is redrawn, what must not be mixed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from ..expression.nodes import reseeded
from ..expression.origins import Origin, Redrawn
from ..expression.typed import require, settings
from ..ground.bibliography import BIBLIOGRAPHY


@dataclass(frozen=True)
class Record(Redrawn):
    """What an estimate keeps of its survey when saved: a description, never rows."""

    public: ClassVar[tuple[str, ...]] = (
        "fingerprint",
        "seed",
        "replicates",
        "participants",
        "design",
        "redraws",
        "name",
        "note",
        "weighted",
        "df",
        "variance",
        "independent",
        "by_draws",
        "references",
        "build",
    )
    sealed: ClassVar[tuple[str, ...]] = ("fingerprint",)

    fingerprint: int
    seed: int
    replicates: int
    participants: int
    #: Words, not identity: a calibrated survey is the same people, redrawn alike.
    design: str = field(compare=False)
    redraws: str
    name: str | None
    note: str | None
    weighted: bool = field(default=False, compare=False)
    #: Design degrees of freedom of a design with weights, clusters or fpc.
    df: int | None = None
    #: Whether participants were drawn one by one, with one chance within their stratum.
    independent: bool = field(default=False, compare=False)
    #: Whether percentiles of its draws are the intervals that nobody asked for; see `sampling.Linear`.
    by_draws: bool = field(default=False, compare=False)
    #: What to cite for the way variance is measured.
    references: tuple[str, ...] = field(default=(), compare=False)
    #: What measures variance: redraws, variance replicates, or linearisation alone.
    variance: Literal["draws", "replicates", "linearized"] = "draws"
    #: Names the call of `Survey` that made it.
    build: str | None = field(default=None, compare=False)
    digests: Mapping[str, bytes] = field(default_factory=dict, compare=False, repr=False)
    #: Hashed values of columns that tell people apart, sorted, while the survey is in memory.
    hashes: Mapping[str, npt.NDArray[np.uint64]] = field(default_factory=dict, compare=False, repr=False)

    twins: ClassVar[str] = "surveys with identical tables and designs"
    door: ClassVar[str] = "hp.Survey"

    def confirm(self) -> None:
        """Refuse numbers that no survey has."""
        require(self, self.participants > 0, settings(self.seed, self.replicates), 0 <= self.fingerprint < 2**128)
        require(self, self.df is None or self.df >= 0)

    @property
    def title(self) -> str:
        """How messages call the survey."""
        return f"survey '{self.name}'" if self.name else f"the survey of {self.participants:,} participants"

    @property
    def no_draws(self) -> str | None:
        """Why there are no draws and what to do, where variance is not measured by redraws."""
        if self.variance == "draws":
            return None
        why = "replicates that are not draws" if self.variance == "replicates" else "linearisation alone"
        return (
            f"The variance of {self.title} is measured by {why} ({self.redraws}), so there are no percentiles, densities "
            "or probabilities. Use interval(method='t') and se(), or mix with draws by estimate.to_normal(), which draws "
            "from a normal distribution with the same covariance."
        )

    def reseed(self, *, seed: int | None, replicates: int | None) -> Record:
        """Return the same survey's record under other settings; variance replicates have none."""
        if self.variance == "replicates":
            return self
        return reseeded(self, seed, replicates)

    @property
    def resampled(self) -> bool:
        """Whether people are redrawn; the Bayesian bootstrap draws weights from a posterior, and says so by its reference."""
        return BIBLIOGRAPHY["Rubin 1981"] not in self.references

    def contradicts(self, other: Record) -> str | None:
        """Refuse two ways of measuring the variance of the same people."""
        if self.variance == other.variance and (self.variance == "draws" or self.redraws == other.redraws):
            return None
        return (
            f"These estimates measure the variance of {self.title} in two ways ({other.redraws}; {self.redraws}), so they would "
            "count as independent although the people are the same. Ask one survey for both."
        )

    def dependence(self, other: Origin) -> str | None:
        """Warn of another survey that seems to be of the same people."""
        if not isinstance(other, Record) or self.fingerprint == other.fingerprint:
            return None
        if (self.name and other.name and self.name != other.name) or not self._shares_rows(other):
            return None
        return (
            f"Rows of {self.title} coincide with those of another survey in this combination, yet the two are redrawn "
            "independently because their tables or designs differ. If they are the same people, make one survey with all "
            "columns (survey.assign adds some); if not, give each a name: hp.Survey(..., name='2012')."
        )

    def _shares_rows(self, other: Record) -> bool:
        """Whether columns coincide row by row, or ids overlap whatever the order and selection of rows."""
        if self.build == other.build:
            return False
        shared = self.digests.keys() & other.digests.keys()
        same = all(self.digests[name] == other.digests[name] for name in shared)
        if self.participants == other.participants and shared and same:
            return True
        for name in self.hashes.keys() & other.hashes.keys():
            a, b = self.hashes[name], other.hashes[name]
            if len(np.intersect1d(a, b, assume_unique=True)) > min(len(a), len(b)) / 2:
                return True
        return False
