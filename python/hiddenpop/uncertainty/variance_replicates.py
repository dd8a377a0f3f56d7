"""Variance replicates: reweighted samples that measure variance with a scale of their own.

Jackknife, balanced repeated replication, successive differences and an agency's replicate weights are not redraws:
the squares of (replicate - estimate), each times its factor, add up to the variance, but the replicates' own
distribution means nothing. So there are no percentiles of them; intervals are t intervals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

import numpy as np
import pandas as pd

from ..answers import statistic
from ..answers.statistic import Statistic
from ..errors import EstimationError, InputError
from ..expression import one_source
from ..expression.nodes import Source
from ..ground.columns import Bools, Floats
from ..sample.sampling import Sampling

if TYPE_CHECKING:
    from ..survey.survey import Survey
Centre = Literal["estimate", "mean"]
#: What each method is called in a sentence, and whose it is.
NAMES = {
    "BRR": "balanced repeated replication (McCarthy 1969)",
    "Fay": "Fay's balanced repeated replication (Judkins 1990)",
    "JK1": "the jackknife (JK1)",
    "JK2": "the paired jackknife (JK2)",
    "JKn": "the stratified jackknife (JKn)",
    "DAGJK": "the delete-a-group jackknife (Kott 2001)",
    "SDR": "successive differences (Fay and Train 1995)",
    "bootstrap": "an agency's bootstrap weights",
    "other": "a method with a scale of its own",
}
#: Columns that are totalled together.
AT_ONCE = 16
#: Methods whose replicates hardly differ from the sample, so that a quantile jumps or stays.
JACKKNIVES = frozenset({"JK1", "JK2", "JKn"})


class Scheme(Protocol):
    """How the units of a sample count in each replicate."""

    @property
    def size(self) -> int:
        """The number of replicates, equal ones taken together."""
        ...

    def totals(self, columns: Sequence[Floats]) -> Floats:
        """Total columns of the rows in each replicate (columns x replicates)."""
        ...

    def units(self, replicate: int) -> Floats:
        """Return what each unit counts for in a replicate."""
        ...


@dataclass(frozen=True, eq=False, repr=False)
class DeleteOne:
    """Each unit left out in turn, its stratum scaled up; no weights are stored."""

    sampling: Sampling
    #: Marks the units that chance chose; others stay in every replicate.
    varies: Bools

    @classmethod
    def of(cls, survey: Survey) -> DeleteOne:
        """Return the jackknife of a survey's design."""
        require_design(survey, "jackknife")
        sampling = survey._sampling
        size = np.bincount(sampling.stratum, weights=sampling.counted)[sampling.stratum]
        varies = (size > 1) & (sampling.counted > 0) & (sampling.fraction[sampling.stratum] < 1)
        return cls(sampling, np.asarray(varies, dtype=bool))

    @property
    def size(self) -> int:
        """The number of units left out in turn."""
        return int(self.varies.sum())

    def totals(self, columns: Sequence[Floats]) -> Floats:
        """Total columns without each unit."""
        return np.stack([totals[self.varies] for totals in self.sampling.without_each(columns)])

    def units(self, replicate: int) -> Floats:
        """Return what is left without one unit (one person of a kind)."""
        left_out = int(np.flatnonzero(self.varies)[replicate])
        sampling = self.sampling
        inside = sampling.stratum == sampling.stratum[left_out]
        n = sampling.people[inside].sum()
        counts = sampling.people.copy()
        counts[left_out] -= 1
        counts[inside] *= n / (n - 1)
        return counts

    def answer(self, leaf: Statistic) -> Floats:
        """Return a statistic without each unit (labels x units)."""
        if not isinstance(leaf, Statistic):  # a leaf that is fitted again, such as a regression
            return np.asarray(cast("Any", leaf).refit_without_each()[:, self.varies])
        return answer(self, leaf, smooth_only=True)


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
    #: Whether they came with the table, so that no design is known.
    agency: bool = False
    #: Whether they differ too little from the sample to measure quantiles.
    smooth_only: bool = False

    @property
    def size(self) -> int:
        """The number of replicates."""
        return int(self.times.sum())

    def answer(self, leaf: Source) -> Floats:
        """Return a statistic, or a function of weights, in each replicate (labels x replicates)."""
        if isinstance(leaf, Statistic):
            return answer(self.scheme, leaf, smooth_only=self.smooth_only)
        return np.asarray(cast("Any", leaf).values_at(self.rows(cast("Any", leaf).survey)))

    def share_error(self, above: Floats, below: Floats, share: float) -> float:
        """Return the standard error of a ratio of two columns' totals."""
        with np.errstate(divide="ignore", invalid="ignore"):
            top, bottom = self.scheme.totals([above, below])
            values = (top / bottom)[None, :]
        spread = one_source.spread(values, np.array([share]), self.factors, self.times, self.centre)
        return float(np.sqrt(spread[0, 0]))

    def rows(self, survey: Survey) -> Iterator[Floats]:
        """Yield the weights of the table's rows in each replicate."""
        from ..sample.weights import Weights  # noqa: PLC0415 (it needs Estimate)

        whole = isinstance(self.scheme, Matrix) and self.scheme.whole
        weights = Weights.of(survey)
        for replicate in range(self.scheme.size):
            units = self.scheme.units(replicate)
            yield units if whole else weights.by_row(units)

    def table(self, survey: Survey) -> pd.DataFrame:
        """Return the weights of the table's rows, a column a replicate; `attrs` hold what goes with them."""
        weights = np.repeat(np.stack(list(self.rows(survey))), self.times.astype(int), axis=0)
        frame = pd.DataFrame(weights.T, columns=[f"rw{i}" for i in range(1, len(weights) + 1)])
        rscales = np.repeat(self.factors, self.times.astype(int)).tolist()
        frame.attrs = {"method": self.method, "scale": 1.0, "rscales": rscales, "centre": self.centre, "df": self.df}
        return frame


def answer(scheme: Scheme, leaf: Statistic, *, smooth_only: bool) -> Floats:
    """Return a statistic in each replicate of a scheme (labels x replicates)."""
    if leaf.question.kind == "quantile":
        if smooth_only:
            raise EstimationError(
                "A quantile jumps when a participant is left out, so its jackknife says nothing. Where there are draws "
                "use them: se(), interval(method='percentile'); otherwise interval(method='woodruff')."
            )
        whole = isinstance(scheme, Matrix) and scheme.whole
        kernel = statistic.kernel_of(leaf, whole=whole)
        counts = [np.ascontiguousarray(scheme.units(r)) for r in range(scheme.size)]
        if any((row < 0).any() for row in counts):
            raise EstimationError("Some replicate weights are negative, so quantiles have no replicates.")
        return np.stack([kernel.sample(row) for row in counts], axis=1)
    # All categories of a group divide by one total, which is a column of its own only once.
    pairs = statistic.totals(leaf)
    columns = {id(column): column for pair in pairs for column in pair if column is not None}
    found = dict(zip(columns, scheme.totals(list(columns.values())), strict=True))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.stack(
            [found[id(above)] if below is None else found[id(above)] / found[id(below)] for above, below in pairs]
        )


def require_design(survey: Survey, what: str) -> None:
    """Refuse what needs the clusters and strata, or the participants, that chance chose."""
    replicates = survey._variance
    if replicates is not None and replicates.agency:
        raise InputError(
            f"The {what} needs the design, but this survey's variance comes with its replicate weights. Use those: se(), "
            "interval(method='t')."
        )
    if survey._sampling.adjusted:
        raise InputError(
            f"The {what} of strata with a single cluster is not defined. With lonely='adjust' or 'average' only "
            "linearised variances are: se('linearized'); for others join such strata or say lonely='certainty'."
        )
