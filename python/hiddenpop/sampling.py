"""The numbers behind a design: which unit a row belongs to, what it weighs, how units are redrawn.

Units are what a replicate draws: rows, kinds of identical rows, or clusters. Everything a statistic
needs goes through here, so that no estimator asks which design it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import _core, columns
from .columns import Codes, Floats
from .errors import InputError, name_rows

Lonely = Literal["error", "certainty", "adjust", "average"]

#: What measures variance when strata with a single cluster are given one.
LONELY_WORDS = {
    "adjust": "linearisation, where a stratum's single cluster varies about the mean of all clusters",
    "average": "linearisation, where a stratum with a single cluster varies as the others do on average",
}


@dataclass(frozen=True, eq=False, repr=False)
class Sampling:
    """How a sample is totalled, redrawn and linearised."""

    core: _core.Resample
    #: The stratum of each unit.
    stratum: Codes
    #: How many people (or, for clusters, 1) each unit counts for.
    people: Floats
    #: The sampling fraction of each stratum: 0 without a finite population correction.
    fraction: Floats
    #: The unit of each row; None when rows are units.
    unit: Codes | None = None
    #: The sampling weight of each row; None when all count alike.
    weight: Floats | None = None
    #: What strata with a single cluster add to linearised variances, if there are any.
    lonely: Lonely = "certainty"

    @property
    def adjusted(self) -> str | None:
        """How strata with a single cluster are given a variance, which no redraw has; None where none is."""
        size = np.bincount(self.stratum, weights=self.people)
        alone = bool(((size == 1) & (self.fraction < 1)).any())
        return self.lonely if alone and self.lonely in LONELY_WORDS else None

    @property
    def units(self) -> int:
        """The number of units."""
        return len(self.stratum)

    @property
    def simple(self) -> bool:
        """Whether as many are redrawn as there were, all counting alike."""
        return self.unit is None and self.weight is None

    @property
    def drawn(self) -> int:
        """How many things a replicate draws or counts: kinds, or people, or clusters."""
        return int((self.people > 0).sum() if self.core.by_kind else self.people.sum())

    @property
    def df(self) -> int:
        """Design degrees of freedom: people or clusters that were drawn, less strata."""
        size = np.bincount(self.stratum, weights=self.people)
        drawn = (size > 1) & (self.fraction < 1)
        return int((size[drawn] - 1).sum())

    def collect(self, column: Floats) -> Floats:
        """Bring a column of the rows to the units, weighted."""
        if self.unit is None:
            return column if self.weight is None else self.weight * column
        weighted = column if self.weight is None else self.weight * column
        return np.bincount(self.unit, weights=weighted, minlength=self.units).astype(float)

    def total(self, column: Floats) -> float:
        """Add up a column of the rows, weighted."""
        return float(self.collect(column) @ self.people)

    def without_each(self, column: Floats) -> Floats:
        """Total a column of the rows without each unit (one person of each kind), its stratum scaled up."""
        values = self.collect(column)
        parts = np.bincount(self.stratum, weights=self.people * values)[self.stratum]
        n = np.bincount(self.stratum, weights=self.people)[self.stratum]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.total(column) - parts + n / (n - 1) * (parts - values))

    def variance(self, influence: Floats) -> Floats:
        """Return the covariance of totals of linearised values (units x labels).

        Clusters as if drawn with replacement within strata, with the finite population correction
        of the first stage (Särndal, Swensson and Wretman 1992, eq. 4.6.2; R's `svyrecvar`). A stratum with a
        single cluster adds nothing, or the square about the mean of all clusters ("adjust"), or what the
        others add on average ("average"), as R's `survey.lonely.psu` documents.
        """
        labels = influence.shape[1]
        result = np.zeros((labels, labels))
        alone = several = 0
        for h in range(len(self.fraction)):
            inside = self.stratum == h
            n = self.people[inside].sum()
            several += bool(n > 1)
            if n == 1 and self.fraction[h] < 1:
                alone += 1
                if self.lonely == "adjust":
                    middle = (self.people[:, None] * influence).sum(axis=0) / self.people.sum()
                    off = influence[inside & (self.people > 0)] - middle
                    result += (1 - self.fraction[h]) * off.T @ off
            if n < 2 or self.fraction[h] >= 1:
                continue
            people, values = self.people[inside, None], influence[inside]
            centred = values - (people * values).sum(axis=0) / n
            result += (1 - self.fraction[h]) * n / (n - 1) * (people * centred).T @ centred
        return result * (1 + alone / several) if self.lonely == "average" and several else result


def resampled(stratum: Codes, multiplicity: npt.NDArray[np.uint64]) -> Sampling:
    """Return a simple or stratified design without weights: as many are redrawn as there were."""
    core = _core.Resample(stratum.astype(np.uint32), multiplicity)
    return Sampling(core, stratum, multiplicity.astype(float), np.zeros(int(stratum.max()) + 1))


def rescaled(
    frame: pd.DataFrame,
    stratum: Codes,
    names: Sequence[str],
    *,
    clusters: Sequence[str],
    weights: str | None,
    fpc: str | None,
    lonely: Lonely,
    nest: bool,
) -> Sampling:
    """Return a design with weights, clusters or finite population corrections.

    Of n_h clusters n_h - 1 are redrawn and weights rescaled (Rao and Wu 1988; Rao, Wu and Yue
    1992, Survey Methodology 18:209-217), so that variances are the unbiased ones and no weight
    is negative.
    """
    weight = _weights(frame, weights)
    unit = _clusters(frame, stratum, clusters, nest=nest)
    first = np.zeros(int(unit.max()) + 1, dtype=np.int64)
    first[unit[::-1]] = np.arange(len(unit))[::-1]
    of_unit = stratum[first]
    sizes = np.bincount(of_unit, minlength=len(names))
    fraction = _fractions(frame, stratum, names, sizes, fpc)
    _check_lonely(names, sizes, fraction, lonely, clusters)
    rules = [_rule(int(n), float(f)) for n, f in zip(sizes, fraction, strict=True)]
    core = _core.Resample(of_unit.astype(np.uint32), np.ones(len(first), dtype=np.uint64), rules)
    return Sampling(core, of_unit, np.ones(len(first)), fraction, unit, weight, lonely)


def _rule(n: int, fraction: float) -> tuple[int, float, float]:
    """Draws, offset and scale of a stratum with n clusters."""
    if n < 2 or fraction >= 1:
        return 0, 1.0, 0.0
    part = float(np.sqrt(1 - fraction))
    return n - 1, 1 - part, part * n / (n - 1)


def _weights(frame: pd.DataFrame, name: str | None) -> Floats | None:
    if name is None:
        return None
    values = columns.numbers(columns.column(frame, name), what="a sampling weight")
    for wrong, what in ((np.isnan(values), "missing"), (values < 0, "negative")):
        if wrong.any():
            raise InputError(
                f"Weights in column {name!r} are {what} in {name_rows(wrong)}; a weight says how many people of the "
                "population a participant stands for. Correct them, or leave these participants out."
            )
    if values.sum() == 0:
        raise InputError(f"Weights in column {name!r} are all zero.")
    return values


def _clusters(frame: pd.DataFrame, stratum: Codes, clusters: Sequence[str], *, nest: bool) -> Codes:
    """Return the number of each row's first-stage cluster; rows are their own where none are named."""
    if not clusters:
        return np.arange(len(frame), dtype=np.int64)
    codes, labels = columns.categories(columns.column(frame, clusters[0]))
    if (codes < 0).any():
        raise InputError(f"Clusters in column {clusters[0]!r} are missing in {name_rows(codes < 0)}; fill them in.")
    for later in clusters[1:]:
        columns.column(frame, later)
    if nest:
        return np.asarray(pd.factorize(codes * (stratum.max() + 1) + stratum)[0], dtype=np.int64)
    table = pd.DataFrame({"cluster": codes, "stratum": stratum}).drop_duplicates()
    straddling = table["cluster"][table["cluster"].duplicated()].unique()
    if len(straddling):
        shown = ", ".join(repr(labels[c]) for c in straddling[:5])
        raise InputError(
            f"{len(straddling)} clusters of {clusters[0]!r} lie in more than one stratum ({shown}). If each stratum "
            "numbers its clusters anew say nest=True; otherwise correct the table."
        )
    return np.asarray(pd.factorize(codes)[0], dtype=np.int64)


def _fractions(
    frame: pd.DataFrame, stratum: Codes, names: Sequence[str], sizes: npt.NDArray[np.int64], fpc: str | None
) -> Floats:
    """Return sampling fractions from population sizes (above 1) or fractions (up to 1), as R's survey."""
    if fpc is None:
        return np.zeros(len(names))
    values = columns.numbers(columns.column(frame, fpc), what="a number of clusters in the population")
    bad = np.isnan(values) | (values <= 0)
    if bad.any():
        raise InputError(f"Column {fpc!r} (fpc) is missing or not above zero in {name_rows(bad)}.")
    given = pd.Series(values).groupby(stratum).agg(["min", "max"])
    differs = [names[h] for h in given.index[given["min"] != given["max"]]]
    if differs:
        raise InputError(
            f"Column {fpc!r} (fpc) differs within stratum '{differs[0]}'; it is the number of clusters in the "
            "population of a stratum, so it must be one number there."
        )
    population = given["min"].to_numpy()
    small = (population > 1) & (population < sizes)
    if small.any():
        h = int(np.flatnonzero(small)[0])
        raise InputError(
            f"Column {fpc!r} (fpc) says that stratum '{names[h]}' has {population[h]:,.0f} clusters in the population, "
            f"fewer than the {sizes[h]:,} in the sample."
        )
    return np.where(population <= 1, population, sizes / np.maximum(population, 1))


def _check_lonely(
    names: Sequence[str], sizes: npt.NDArray[np.int64], fraction: Floats, lonely: Lonely, clusters: Sequence[str]
) -> None:
    if lonely not in get_args(Lonely):
        raise InputError(f"lonely={lonely!r} must be one of {', '.join(map(repr, get_args(Lonely)))}.")
    alone = [name for name, n, f in zip(names, sizes, fraction, strict=True) if n < 2 and f < 1]
    if alone and lonely == "error":
        what = f"cluster of {clusters[0]!r}" if clusters else "participant"
        listed = ", ".join(f"'{name}'" for name in alone[:6])
        raise InputError(
            f"{len(alone)} of {len(names)} strata have a single {what}: {listed}. One cluster shows no variation: join "
            "such a stratum to a similar one, or, if it was taken with certainty, say lonely='certainty' (it then "
            "adds nothing to the variance). lonely='adjust' and 'average' give it a linearised variance."
        )
    if len(alone) == len(names):
        raise InputError("Every stratum has a single cluster, so nothing can be said about variation.")
