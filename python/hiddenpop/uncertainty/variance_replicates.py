"""Variance replicates: reweighted samples that measure variance with a scale of their own.

Jackknife, balanced repeated replication, successive differences and an agency's replicate weights are not redraws:
the squares of (replicate - estimate), each times its factor, add up to the variance, but the replicates' own
distribution means nothing. So there are no percentiles of them; intervals are t intervals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from ..answers.asked import Asked, Scheme
from ..errors import InputError, granted
from ..expression import one_source
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Bools, Codes, Floats
from ..ground.language import english
from ..sample.design import ByRow
from ..sample.sample import Sample
from ..sample.sampling import Deletable, Sampling
from ..sample.weights import Weights

Centre = Literal["estimate", "mean"]
#: What each method is called in a sentence, and whose it is.
NAMES = {
    "BRR": english("balanced repeated replication (McCarthy 1969)"),
    "Fay": english("Fay's balanced repeated replication (Judkins 1990)"),
    "JK1": english("the jackknife (JK1)"),
    "JK2": english("the paired jackknife (JK2)"),
    "JKn": english("the stratified jackknife (JKn)"),
    "DAGJK": english("the delete-a-group jackknife (Kott 2001)"),
    "SDR": english("successive differences (Fay and Train 1995)"),
    "bootstrap": english("an agency's bootstrap weights"),
    "other": english("a method with a scale of its own"),
}
#: What to cite for each, where that is known: keys of the bibliography.
_CITED = {
    "BRR": ("McCarthy 1969",),
    "Fay": ("McCarthy 1969", "Judkins 1990"),
    "JK1": ("Wolter 2007, chapter 4",),
    "JK2": ("Wolter 2007, chapter 4",),
    "JKn": ("Wolter 2007, chapter 4",),
    "DAGJK": ("Kott 2001",),
    "SDR": ("Fay and Train 1995",),
}
#: Columns that are totalled together.
AT_ONCE = 16
#: Methods whose replicates hardly differ from the sample, so that a quantile jumps or stays.
JACKKNIVES = frozenset({"JK1", "JK2", "JKn"})


def references(method: str) -> tuple[str, ...]:
    """Return what to cite for a method, where that is known."""
    return tuple(BIBLIOGRAPHY[key] for key in _CITED.get(method, ()))


@dataclass(frozen=True, eq=False, repr=False)
class DeleteOne:
    """Each unit left out in turn, its stratum scaled up; no weights are stored."""

    deletable: Deletable
    #: Marks the units that chance chose; others stay in every replicate.
    varies: Bools
    whole: ClassVar[bool] = False

    @classmethod
    def of(cls, sample: Sample) -> DeleteOne:
        """Return the jackknife of a sample's design."""
        units = deletable_of(sample, "jackknife")
        size = np.bincount(units.stratum, weights=units.counted)[units.stratum]
        varies = (size > 1) & (units.counted > 0) & (units.fraction[units.stratum] < 1)
        return cls(units, np.asarray(varies, dtype=bool))

    @property
    def size(self) -> int:
        """The number of units left out in turn."""
        return int(self.varies.sum())

    def totals(self, columns: Sequence[Floats]) -> Floats:
        """Total columns without each unit."""
        return np.stack([totals[self.varies] for totals in self.deletable.without_each(columns)])

    def units(self, replicate: int) -> Floats:
        """Return what is left without one unit (one person of a kind)."""
        left_out = int(np.flatnonzero(self.varies)[replicate])
        units = self.deletable
        inside = units.stratum == units.stratum[left_out]
        n = units.counted[inside].sum()
        counts = units.counted.copy()
        counts[left_out] -= 1
        counts[inside] *= n / (n - 1)
        return counts


@dataclass(frozen=True, eq=False, repr=False)
class Matrix:
    """Stored factors of the units (replicates x units), or whole weights of the rows."""

    sampling: Sampling
    factors: Floats
    #: Whether the factors are the rows' weights already.
    whole: bool = False

    @property
    def size(self) -> int:
        """The number of replicates."""
        return len(self.factors)

    def totals(self, columns: Sequence[Floats]) -> Floats:
        """Total columns in each replicate: some at a time, so that the factors are read once for several."""
        parts = []
        for start in range(0, len(columns), AT_ONCE):
            some = columns[start : start + AT_ONCE]
            parts.append(np.stack([c if self.whole else self.sampling.collect(c) for c in some]) @ self.factors.T)
        return np.concatenate(parts)

    def units(self, replicate: int) -> Floats:
        """Factors of the units in a replicate."""
        return np.asarray(self.factors[replicate])


#: Singular values this small beside the largest one are rounding, as in R.
RANK_TOLERANCE = 1e-5


def rank(weights: Floats) -> int:
    """Return the rank of weights (replicates x rows), from the smaller of the two matrices of products."""
    least = weights if weights.shape[0] <= weights.shape[1] else weights.T
    values = np.linalg.eigvalsh(least @ least.T)
    return int((values > values[-1] * RANK_TOLERANCE**2).sum())


@dataclass(frozen=True, eq=False, repr=False)
class VarianceReplicates:
    """The replicates that measure a survey's variance."""

    method: str
    scheme: Scheme
    #: What each replicate's square counts for: scale times rscales.
    factors: Floats
    centre: Centre
    df: int
    #: The replicates in a sentence.
    words: str
    #: How many equal replicates each stands for: identical participants are left out alike.
    times: Floats
    #: What to cite for them.
    references: tuple[str, ...]
    #: Whether they came with the table, so that no design is known.
    agency: bool = False
    #: Whether they differ too little from the sample to measure quantiles.
    smooth_only: bool = False

    @property
    def size(self) -> int:
        """The number of replicates."""
        return int(self.times.sum())

    def df_by(self, sample: Sample, domain: Codes, size: int) -> Floats:
        """Return the degrees of freedom of domains: rows with their number, -1 outside all.

        Weights that came with the table have as many as their columns differ among the people of the domain (R's `degf` of
        a subset); others no more than the design.
        """
        if not self.agency:
            return np.minimum(self.df, granted(sample.sampling.linear).df_by(domain, size))
        if size == 1 and (domain == 0).all():
            return np.array([float(self.df)])
        rows = np.stack(list(self.rows(Weights.of(sample))))
        kinds = domain if sample.row_unit is None else domain[sample.row_unit]
        ranks = [rank(rows[:, kinds == one]) - 1.0 if (kinds == one).any() else 0.0 for one in range(size)]
        return np.minimum(self.df, ranks)

    def answer(self, leaf: Asked) -> Floats:
        """Return an answer of the survey in each replicate (labels x replicates)."""
        return leaf.in_replicates(self.scheme, lambda: self.rows(Weights.of(leaf.live)), smooth_only=self.smooth_only)

    def share_error(self, above: Floats, below: Floats, share: float) -> float:
        """Return the standard error of a ratio of two columns' totals."""
        with np.errstate(divide="ignore", invalid="ignore"):
            top, bottom = self.scheme.totals([above, below])
            values = (top / bottom)[None, :]
        spread = one_source.spread(values, np.array([share]), self.factors, self.times, self.centre)
        return float(np.sqrt(spread[0, 0]))

    def rows(self, weights: ByRow) -> Iterator[Floats]:
        """Yield the weights of the table's rows in each replicate."""
        for replicate in range(self.scheme.size):
            units = self.scheme.units(replicate)
            yield units if self.scheme.whole else weights.by_row(units)

    def table(self, weights: ByRow) -> pd.DataFrame:
        """Return the weights of the table's rows, a column a replicate; `attrs` hold what goes with them."""
        repeated = np.repeat(np.stack(list(self.rows(weights))), self.times.astype(int), axis=0)
        frame = pd.DataFrame(repeated.T, columns=[f"rw{i}" for i in range(1, len(repeated) + 1)])
        rscales = np.repeat(self.factors, self.times.astype(int)).tolist()
        frame.attrs = {"method": self.method, "scale": 1.0, "rscales": rscales, "centre": self.centre, "df": self.df}
        return frame


def deletable_of(sample: Sample, what: str) -> Deletable:
    """Return the clusters and strata, or the participants, that chance chose, or say why they are not known."""
    if sample.variance is not None and sample.variance.agency:
        raise InputError(
            f"The {what} needs the design, but this survey's variance comes with its replicate weights. Use those: se(), "
            "interval(method='t')."
        )
    return granted(sample.sampling.deletable)
