"""Samples from strata, in one stage or several: their linearised variances and what is left without a unit.

Units are rows, kinds of identical rows, or clusters, and, where several stages have finite populations, the units of
each stage. How the columns of a table become these numbers is in `stages`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from .. import _core
from ..errors import InputError, Refusal
from ..ground.columns import Bools, Codes, Floats
from .sampling import Apart, Linear, Redraws, Sampling

#: What to do about strata with a single cluster.
Lonely = Literal["error", "certainty", "adjust", "average"]
#: What measures variance when strata with a single cluster are given one.
LONELY_WORDS = {
    "adjust": "linearisation, where a stratum's single cluster varies about the mean of all clusters",
    "average": "linearisation, where a stratum with a single cluster varies as the others do on average",
}


#: Why nothing can be left out where strata with a single cluster are given a variance.
SINGLE = (
    "Leaving out units of strata with a single cluster is not defined. With lonely='adjust' or 'average' only linearised "
    "variances are: se('linearized'); for others join such strata or say lonely='certainty'."
)


@dataclass(frozen=True, eq=False, repr=False)
class Stage:
    """One stage of sampling: its units lie in groups, from each of which a part was taken."""

    #: The group of each unit: a stratum, or a unit of the stage before.
    group: Codes
    #: The sampling fraction of each group: 0 without a finite population correction.
    fraction: Floats


@dataclass(frozen=True, eq=False, repr=False)
class Strata(Linear):
    """The units of a sample by strata and stages: `Linear` and `Deletable`."""

    #: The stages of sampling, the first one first; units of the last one are the core's.
    stages: tuple[Stage, ...]
    #: Names of the strata.
    names: tuple[str, ...]
    #: How many people (or, for clusters, 1) each unit of the last stage counts for.
    people: Floats
    #: The last stage's unit of each row; None when rows are units.
    unit: Codes | None = None
    #: The sampling weight of each row; None when all count alike.
    weight: Floats | None = None
    #: What strata with a single cluster add to linearised variances, if there are any.
    lonely: Lonely = "certainty"

    @property
    def alone(self) -> list[int]:
        """Strata with a single unit that chance chose."""
        size = np.bincount(self.stratum, weights=self.counted)
        return np.flatnonzero((size == 1) & (self.fraction < 1)).tolist()

    @property
    def adjusted(self) -> str | None:
        """How strata with a single cluster are given a variance, which no redraw has; None where none is."""
        return self.lonely if self.lonely in LONELY_WORDS and self.alone else None

    @property
    def stratum(self) -> Codes:
        """The stratum of each unit of the first stage."""
        return self.stages[0].group

    @property
    def fraction(self) -> Floats:
        """The sampling fraction of each stratum."""
        return self.stages[0].fraction

    @property
    def units(self) -> int:
        """The number of units of the first stage."""
        return len(self.stratum)

    @property
    def counted(self) -> Floats:
        """How many people (or, for clusters, 1) each unit of the first stage counts for."""
        return self.people if len(self.stages) == 1 else np.ones(self.units)

    @property
    def df(self) -> int:
        """Design degrees of freedom: people or clusters that were drawn, less strata."""
        size = np.bincount(self.stratum, weights=self.counted)
        drawn = (size > 1) & (self.fraction < 1)
        return int((size[drawn] - 1).sum())

    def collect(self, column: Floats) -> Floats:
        """Bring a column of the rows to the units of the last stage, weighted."""
        weighted = column if self.weight is None else self.weight * column
        if self.unit is None:
            return weighted
        return np.bincount(self.unit, weights=weighted, minlength=len(self.people)).astype(float)

    def spread(self, factors: Floats) -> Floats:
        """Turn factors of the last stage's units into weights of the rows."""
        spread = factors if self.unit is None else factors[self.unit]
        return spread if self.weight is None else spread * self.weight

    def without_each(self, columns: Sequence[Floats]) -> list[Floats]:
        """Total columns without each unit of the first stage (one person of a kind), its stratum scaled up."""
        people = self.counted
        n = np.bincount(self.stratum, weights=people)[self.stratum]
        results = []
        for column in columns:
            values = self.collect(column)
            for stage in self.stages[:0:-1]:
                values = _add_up(stage, values)
            parts = np.bincount(self.stratum, weights=people * values)[self.stratum]
            with np.errstate(divide="ignore", invalid="ignore"):
                results.append(np.asarray(people @ values - parts + n / (n - 1) * (parts - values)))
        return results

    def deletions(self, rows: int) -> Iterator[Floats]:
        """Yield the factors of the core's units without each unit of the first stage, its stratum scaled up; some at a time.

        So many sets at once that weights of so many rows fit into some megabytes.
        """
        top = np.arange(self.units)
        for stage in self.stages[1:]:
            top = top[stage.group]  # the first stage's unit of each unit further down
        counted, stratum = self.counted, self.stratum
        n = np.bincount(stratum, weights=counted)[stratum]
        some = max(1, 2_000_000 // rows)
        for start in range(0, self.units, some):
            out = np.arange(start, min(self.units, start + some))
            factors = np.tile(self.people, (len(out), 1))
            for row, u in zip(factors, out.tolist(), strict=True):
                same = (stratum == stratum[u])[top]
                row[top == u] -= 1.0
                if n[u] > 1:
                    row[same] *= n[u] / (n[u] - 1)
            yield factors

    def deleted(self) -> Iterator[Floats]:
        """Yield the rows' weights without each unit of the first stage, some at a time (units x rows)."""
        for factors in self.deletions(len(self.people) if self.unit is None else len(self.unit)):
            yield np.stack([self.spread(row) for row in factors])

    def df_of(self, inside: Bools) -> int:
        """Units of the first stage that the people marked lie in, less their strata (R's `degf` of a subset)."""
        if self.unit is None:
            here = self.people * inside
        else:
            here = (np.bincount(self.unit, weights=inside, minlength=len(self.people)) > 0).astype(float)
        for stage in self.stages[:0:-1]:
            here = (np.bincount(stage.group, weights=here, minlength=len(stage.fraction)) > 0).astype(float)
        size = np.bincount(self.stratum, weights=here, minlength=len(self.fraction))
        drawn = (size > 0) & (self.fraction < 1)
        return int((size[drawn] - 1).sum())

    def apart(self) -> Apart:
        """Return each row's stratum and the strata's fractions."""
        top = np.arange(len(self.people)) if self.unit is None else self.unit
        for stage in self.stages[:0:-1]:
            top = stage.group[top]
        alone = self.unit is None or int(np.bincount(self.unit, minlength=1).max()) <= 1
        return Apart(self.stratum[top], self.fraction, alone and len(self.stages) == 1)

    def covariance(self, place: Codes, value: Floats | None, slopes: Floats) -> Floats:
        """Return what `variance` makes of linearised values (rows x labels), here in two factors: see `Linear`."""
        weight, unit, place = self.weight, self.unit, place.astype(np.int64) + 1  # the first place moves nothing
        slopes = np.concatenate([np.zeros((1, slopes.shape[1])), slopes])
        if weight is not None:
            value = weight if value is None else weight * value
        units, places = len(self.people), len(slopes)
        rows_are_units = unit is None or len(unit) == units
        if rows_are_units and len(self.stages) == 1 and len(self.fraction) * places <= units:
            return self._by_cell(place, value, slopes)
        place += (np.arange(units) if unit is None else unit) * places
        sums = np.bincount(place, weights=value, minlength=units * places).reshape(units, places)
        return self.variance(sums @ slopes)

    def _by_cell(self, place: Codes, value: Floats | None, slopes: Floats) -> Floats:
        """Return the covariance from the cells of strata and places: between their means and, where values differ, within."""
        stage, places = self.stages[0], len(slopes)
        strata = len(stage.fraction)
        cell = place if strata == 1 else stage.group * places + place
        size = strata * places
        people = np.bincount(cell, weights=self.people, minlength=size).astype(float)
        cells = Stage(np.repeat(np.arange(strata), places), stage.fraction)
        every = np.tile(slopes, (strata, 1))
        if value is None:
            return within_groups(cells, every, people, 1.0, self.lonely)
        mean = np.bincount(cell, weights=self.people * value, minlength=size) / np.maximum(people, 1)
        off = value - mean[cell]
        off *= off
        off *= self.people
        within = np.bincount(cell, weights=off, minlength=size).astype(float)
        scale = scales(cells, people, 1.0, self.lonely)[cells.group]
        between = within_groups(cells, mean[:, None] * every, people, 1.0, self.lonely)
        return np.asarray(between + (every * (within * scale)[:, None]).T @ every)

    def variance(self, influence: Floats) -> Floats:
        """Return the covariance of totals of linearised values (units of the last stage x labels).

        Each stage adds the spread of its units within their groups, as if drawn with replacement, with its
        finite population correction, times the sampling fractions of the stages above (Särndal, Swensson
        and Wretman 1992, eq. 4.6.2 and 4.3.21; R's `svyrecvar`). A stratum with a single cluster adds nothing,
        or the square about the mean of all clusters ("adjust"), or what the others add on average
        ("average"), as R's `survey.lonely.psu` documents.
        """
        values, people = influence, self.people
        levels: list[tuple[Stage, Floats, Floats]] = []
        for stage in self.stages[::-1]:
            levels.append((stage, values, people))
            if len(levels) < len(self.stages):
                values = np.stack([_add_up(stage, v) for v in values.T], axis=1)
                people = np.ones(len(values))
        result = np.zeros((influence.shape[1],) * 2)
        above = np.ones(len(self.fraction))
        for stage, values, people in levels[::-1]:
            result += within_groups(stage, values, people, above, self.lonely)
            above = (above * stage.fraction)[stage.group]
        return result


def _add_up(stage: Stage, values: Floats) -> Floats:
    """Add up units within their groups."""
    return np.bincount(stage.group, weights=values, minlength=len(stage.fraction)).astype(float)


def scales(stage: Stage, people: Floats, above: Floats | float, lonely: Lonely) -> Floats:
    """Return what each group's sum of squares counts for in a variance; `above` holds the fractions that led to it."""
    size = np.bincount(stage.group, weights=people, minlength=len(stage.fraction))
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where((size > 1) & (stage.fraction < 1), above * (1 - stage.fraction) * size / (size - 1), 0.0)
    if lonely == "average" and (size > 1).any():
        scale *= 1 + ((size == 1) & (stage.fraction < 1)).sum() / (size > 1).sum()
    return scale


def within_groups(stage: Stage, values: Floats, people: Floats, above: Floats | float, lonely: Lonely) -> Floats:
    """Return the covariance that one stage adds."""
    size = np.bincount(stage.group, weights=people, minlength=len(stage.fraction))
    means = np.stack([_add_up(stage, people * v) for v in values.T], axis=1) / np.maximum(size, 1)[:, None]
    scale = scales(stage, people, above, lonely)
    centred = values - means[stage.group]
    result = np.asarray((centred * (people * scale[stage.group])[:, None]).T @ centred)
    alone = (size == 1) & (stage.fraction < 1)
    if lonely == "adjust" and alone.any():
        mine = alone[stage.group] & (people > 0)
        off = values[mine] - people @ values / people.sum()
        result += (off * (1 - stage.fraction[stage.group[mine]])[:, None]).T @ off
    return result


def resampled(
    stratum: Codes, names: Sequence[str], multiplicity: npt.NDArray[np.uint64], redraws: Redraws = "resample"
) -> tuple[_core.Design, Strata]:
    """Return a simple or stratified design without weights: as many are redrawn as there were.

    Or, the Bayesian way, each stratum's weight is spread by a flat Dirichlet distribution.
    """
    people, strata = multiplicity.astype(float), int(stratum.max()) + 1
    codes = stratum.astype(np.uint32)
    core = (
        _core.Design.resample(codes, multiplicity)
        if redraws == "resample"
        else _core.Design.dirichlet(codes, people, np.ones(strata))
    )
    return core, Strata((Stage(stratum, np.zeros(strata)),), tuple(names), people)


def as_sampling(core: _core.Design, strata: Strata) -> Sampling:
    """Say what a design of strata and stages can do."""
    return Sampling(
        core,
        strata.people,
        strata.unit,
        strata.weight,
        even=strata.unit is None and strata.weight is None,
        drawn=int((strata.people > 0).sum() if core.by_kind else strata.people.sum()),
        linear=strata,
        deletable=Refusal(SINGLE, InputError) if strata.adjusted else strata,
        again=None,
    )
