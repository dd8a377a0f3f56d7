"""Idea 1, the half about sampling: what a design must say, so that every statistic, test and table can use it or decline.

A design turns columns of a table into a `Drawn`: numbers that redraw the sample (`Sampling`) and words that describe it
(`Description`). `fieldwork` has strata, clusters, weights and corrections; other designs stand beside it.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import InputError
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Codes, Floats
from ..ground.language import english, read, tr
from ..ground.text import capital
from .sampling import Sampling

#: What to cite where weights are calibrated.
CALIBRATION = BIBLIOGRAPHY["Deville and Särndal 1992"]
Multiplicity = npt.NDArray[np.uint64]
#: Under this name a table's `attrs` list columns that say how people were found, beside those that the design reads.
NO_ANSWERS = "no answers"


class Description(Protocol):
    """A sample and its redraws in words."""

    @property
    def participants(self) -> int:
        """All participants."""
        ...

    @property
    def sentence(self) -> str:
        """The design, as a noun phrase: "a sample of 520 participants ..."."""
        ...

    @property
    def redraws(self) -> str:
        """What a replicate does, or what else measures variance: "redrawing with replacement ..."."""
        ...

    @property
    def references(self) -> tuple[str, ...]:
        """What to cite for it."""
        ...

    @property
    def variance(self) -> str | None:
        """What measures variance where redraws do not; None where they do."""
        ...

    @property
    def calibration(self) -> str | None:
        """How weights are calibrated; None where they are not."""
        ...

    def calibrated(self, words: str) -> Description:
        """Return the description of the same sample with calibrated weights."""
        ...

    def measured(self, words: str, references: tuple[str, ...]) -> Description:
        """Return the description of the same sample with its variance measured by something else than redraws."""
        ...


@dataclass(frozen=True)
class Words:
    """A description that is given in words."""

    participants: int
    sentence: str
    redraws: str
    references: tuple[str, ...]
    variance: str | None = None
    calibration: str | None = None

    def calibrated(self, words: str) -> Words:
        """Return the description of the same sample with calibrated weights."""
        sentence = english("{sample}, {calibration}, again in every replicate", sample=self.sentence, calibration=words)
        return dataclasses.replace(
            self, sentence=sentence, calibration=words, references=(*self.references, CALIBRATION)
        )

    def measured(self, words: str, references: tuple[str, ...]) -> Words:
        """Return the description of the same sample with its variance measured by something else than redraws."""
        kept = (CALIBRATION,) if self.calibration else ()
        return dataclasses.replace(self, redraws=words, variance=words, references=(*references, *kept))

    def __str__(self) -> str:
        return f"{capital(read(self.sentence))}.\n{tr('A replicate comes from {redraws}.', redraws=read(self.redraws))}"


class ByRow(Protocol):
    """What brings factors of a design's units to the rows of a table (`weights.Weights`)."""

    def by_row(self, factors: Floats) -> Floats:
        """Spread factors of the units over the rows of the table."""
        ...


class Replicates(Protocol):
    """Replicates that measure a survey's variance without being draws."""

    @property
    def size(self) -> int:
        """The number of replicates."""
        ...

    @property
    def df(self) -> int:
        """Their degrees of freedom."""
        ...

    def df_by(self, sample: Any, domain: Codes, size: int) -> Floats:
        """Return the degrees of freedom of domains: rows with their number, -1 outside all."""
        ...

    @property
    def words(self) -> str:
        """What they are, for a sentence."""
        ...

    @property
    def references(self) -> tuple[str, ...]:
        """What to cite for them."""
        ...

    @property
    def agency(self) -> bool:
        """Whether they came with the table, so that no design is known."""
        ...

    @property
    def smooth_only(self) -> bool:
        """Whether they differ too little from the sample to measure quantiles."""
        ...

    @property
    def factors(self) -> Floats:
        """What each replicate's square counts for."""
        ...

    @property
    def times(self) -> Floats:
        """How many equal replicates each stands for."""
        ...

    @property
    def centre(self) -> Literal["estimate", "mean"]:
        """What replicates are compared with."""
        ...

    def answer(self, leaf: Any) -> Floats:
        """Return a leaf of the survey in each replicate (labels x replicates)."""
        ...

    def share_error(self, above: Floats, below: Floats, share: float) -> float:
        """Return the standard error of a ratio of two columns' totals."""
        ...

    def rows(self, weights: ByRow) -> Iterator[Floats]:
        """Yield the weights of the table's rows in each replicate."""
        ...

    def table(self, weights: ByRow) -> pd.DataFrame:
        """Return the weights of the table's rows, a column a replicate."""
        ...


@dataclass(frozen=True, eq=False)
class Drawn:
    """A sample as its design reads it from a table. Nothing has a default: what a design does not know it refuses."""

    sampling: Sampling
    description: Description
    #: Degrees of freedom that intervals should know of; None where participants are independent or nobody knows. A design
    #: that refuses linearised variances but states these gets t intervals and tests from the covariance of its draws.
    df: int | None
    #: Whether participants were drawn one by one, within strata at most, all with one chance.
    independent: bool
    #: Whether totals speak of the population, because weights do.
    weighted: bool
    #: Replicates that came with the table and measure its variance; None where redraws or linearisation do.
    replicates: Replicates | None


class Design(Protocol):
    """How people were sampled: what `Survey(table, design=...)` takes."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that say how people were found: no answers, so left out of Table 1."""
        ...

    @property
    def hidden(self) -> Mapping[str, str]:
        """Columns that the survey does not keep, such as frequencies, with what they hold."""
        ...

    @property
    def fixed(self) -> tuple[str, ...]:
        """Columns that `assign` may not replace, because the design rests on them."""
        ...

    @property
    def collapses(self) -> bool:
        """Whether identical rows are drawn alike, so that they may be joined to kinds."""
        ...

    @property
    def fingerprint(self) -> tuple[str, ...]:
        """What tells it from other designs of the same table."""
        ...

    def frequencies(self, frame: pd.DataFrame) -> Multiplicity:
        """Return how many participants each row stands for."""
        ...

    def read(self, frame: pd.DataFrame, multiplicity: Multiplicity) -> Drawn:
        """Read the sample; each row stands for so many participants."""
        ...


def names(given: str | Sequence[str] | object) -> tuple[str, ...]:
    """Return names of columns, whichever way they were given."""
    if given is None:
        return ()
    if isinstance(given, str):
        return (given,)
    if isinstance(given, Sequence) and all(isinstance(name, str) for name in given):
        if len(set(given)) < len(given):
            raise InputError(f"A column is named twice in {list(given)!r}.")
        return tuple(given)
    raise InputError(f"Columns are named by a text or a list of texts, not by {type(given).__name__}.")


def fingerprint(digests: Mapping[str, bytes], design: Iterable[str], name: str | None) -> int:
    """Hash what makes a survey itself: rows, column types, design and name."""
    hashed = hashlib.blake2b(digest_size=16)
    for column in sorted(digests):
        hashed.update(digests[column])
    for part in (*design, f"name={name}"):
        hashed.update(part.encode() + b"\0")
    return int.from_bytes(hashed.digest(), "little")
