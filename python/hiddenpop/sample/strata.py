"""Samples from strata, in one stage or several: their linearised variances and what is left without a unit.

Units are rows, kinds of identical rows, or clusters, and, where several stages have finite populations, the units of
each stage. How the columns of a table become these numbers is in `stages`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from .. import _core
from ..errors import InputError, Refusal
from ..ground.columns import Bools, Codes, Floats
from ..ground.language import english
from .sampling import Apart, Linear, Redraws, Sampling

if TYPE_CHECKING:
    from scipy import sparse

#: Beyond so many slopes (places x labels), of which less than one in so many is not zero, only those are kept.
MUCH, THIN = 100_000, 20
#: What to do about strata with a single cluster.
Lonely = Literal["error", "certainty", "adjust", "average", "participants"]
#: What measures variance when strata with a single cluster are given one.
LONELY_WORDS = {
    "adjust": english("linearisation, where a stratum's single cluster varies about the mean of all clusters"),
    "average": english("linearisation, where a stratum with a single cluster varies as the others do on average"),
}


#: Why nothing can be left out where strata with a single cluster are given a variance.
SINGLE = (
    "Leaving out units of strata with a single cluster is not defined. With lonely='adjust' or 'average' only linearised "
    "variances are: se('linearized'); for others join such strata, or say lonely='participants' or 'certainty'."
)


@dataclass(frozen=True, eq=False, repr=False)
class Stage:
    """One stage of sampling: its units lie in groups, from each of which a part was taken."""

    #: The group of each unit: a stratum, or a unit of the stage before.
    group: Codes
    #: The sampling fraction of each group: 0 without a finite population correction.
    fraction: Floats


class Level(NamedTuple):
    """A stage among others."""

    stage: Stage
    #: How many people (or, for clusters, 1) each unit counts for.
    people: Floats
    #: For each group the product of the sampling fractions of the stages above.
    above: Floats


@dataclass(frozen=True, eq=False, repr=False)
class Strata(Linear):
    """The units of a sample by strata and stages."""

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
    def counted(self) -> Floats:
        """How many people (or, for clusters, 1) each unit of the first stage counts for."""
        return self.people if len(self.stages) == 1 else np.ones(len(self.stratum))

    @property
    def df(self) -> int:
        """Design degrees of freedom: people or clusters that were drawn and count, less strata."""
        return self.df_of(np.ones(self.rows, dtype=bool))

    @property
    def levels(self) -> list[Level]:
        """The stages, first one first, with what they need of one another."""
        result = []
        above = np.ones(len(self.fraction))
        for number, stage in enumerate(self.stages, start=1):
            people = self.people if number == len(self.stages) else np.ones(len(stage.group))
            result.append(Level(stage, people, above))
            above = (above * stage.fraction)[stage.group]
        return result

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

    def df_of(self, inside: Bools) -> int:
        """Return the degrees of freedom of the people marked; see `df_by`."""
        return int(self.df_by(np.where(inside, 0, -1), 1)[0])

    def df_by(self, domain: Codes, size: int) -> Floats:
        """Units of the first stage that a domain's people lie in, less their strata (R's `degf` of a subset).

        Nobody of weight zero makes a unit. Where all units of these strata were taken, those of the next stage count, less theirs.
        """
        if self.weight is not None and not self.weight.all():
            domain = np.where(self.weight != 0, domain, domain.dtype.type(-1))
        if self.unit is None and len(self.stages) == 1:
            return self._df_of_people(domain, size)
        which, unit = self._holding(domain, size)
        found, count = [], self.people[unit]
        for stage in self.stages[::-1]:
            (which, unit), count = _pairs(which, stage.group[unit], len(stage.fraction), count)
            found.append((which, stage.fraction[unit] < 1, count))
            count = np.ones(len(unit))
        result, known = np.zeros(size), np.zeros(size, dtype=bool)
        for which, drawn, count in found[::-1]:
            here = np.bincount(which[drawn], minlength=size) > 0
            df = np.bincount(which[drawn], weights=count[drawn] - 1, minlength=size)
            result = np.where(here & ~known, df, result)
            known |= here
        return result

    def _holding(self, domain: Codes, size: int) -> tuple[Codes, Codes]:
        """Return the pairs of domains and units of the last stage that have somebody in common."""
        units = len(self.people)
        if self.unit is None:
            unit = np.flatnonzero(domain >= 0)
            return domain[unit].astype(np.int64), unit
        key = domain.astype(np.int64)
        key *= units
        key += self.unit
        if size * units > 4 * len(key) + 1_000:
            found = np.unique(key[domain >= 0])
        else:
            key += units  # the first places are outside of all
            found = np.flatnonzero(np.bincount(key, minlength=(size + 1) * units)[units:])
        return found // units, found % units

    def _df_of_people(self, domain: Codes, size: int) -> Floats:
        """Do it where rows are units, in one pass."""
        strata = len(self.fraction)
        cell = domain.astype(np.int64)
        cell += 1  # the first place is outside of all
        if strata > 1:
            cell *= strata
            cell += self.stratum
        count = np.bincount(cell, weights=self.people, minlength=(size + 1) * strata).reshape(-1, strata)[1:]
        return np.asarray(np.where((count > 0) & (self.fraction < 1), count - 1, 0.0).sum(axis=1), dtype=float)

    def holding(self, inside: Bools) -> Bools:
        """Mark the units of the last stage that hold somebody marked who counts: whose weight is not zero."""
        here = np.asarray(inside if self.weight is None else inside & (self.weight != 0), dtype=float)
        if self.unit is not None:
            here = np.bincount(self.unit, weights=here, minlength=len(self.people))
        return np.asarray(here > 0)

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.people) if self.unit is None else len(self.unit)

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
        if slopes.size > MUCH and np.count_nonzero(slopes) * THIN < slopes.size:
            from scipy import sparse  # noqa: PLC0415 (scipy only for many labels)

            return self._by_cell_of_units(place, value, sparse.csr_array(slopes))
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

    def _by_cell_of_units(self, place: Codes, value: Floats | None, slopes: sparse.csr_array) -> Floats:
        """Return the same for many labels that few places move: a unit's sums are kept where it has some."""
        from scipy import sparse  # noqa: PLC0415 (scipy only when it is needed)

        units, rows = len(self.people), np.arange(len(place)) if self.unit is None else self.unit
        each = np.ones(len(place)) if value is None else value
        values = sparse.csr_array((each, (rows, place)), shape=(units, slopes.shape[0])) @ slopes
        result = np.zeros((slopes.shape[1],) * 2)
        for level, added in self._by_level(values, lambda stage, below: _members(stage) @ below):
            result += _within_groups_thin(level.stage, added, level.people, level.above, self.lonely)
        return result

    def _by_level(self, values: Any, add_up: Callable[[Stage, Any], Any]) -> list[tuple[Level, Any]]:
        """Return each level with values of its units, the first stage's first; `add_up` brings them to the stage above."""
        levels = []
        for level in reversed(self.levels):
            levels.append((level, values))
            if len(levels) < len(self.stages):
                values = add_up(level.stage, values)
        return levels[::-1]

    def variance(self, influence: Floats) -> Floats:
        """Return the covariance of totals of linearised values (units of the last stage x labels).

        Each stage adds the spread of its units within their groups, as if drawn with replacement, with its
        finite population correction, times the sampling fractions of the stages above (Särndal, Swensson
        and Wretman 1992, eq. 4.6.2 and 4.3.21; R's `svyrecvar`). A stratum with a single cluster adds nothing,
        or the square about the mean of all clusters ("adjust"), or what the others add on average
        ("average"), as R's `survey.lonely.psu` documents.
        """

        def add_up(stage: Stage, values: Floats) -> Floats:
            return np.stack([_add_up(stage, v) for v in values.T], axis=1)

        result = np.zeros((influence.shape[1],) * 2)
        for level, values in self._by_level(influence, add_up):
            result += within_groups(level.stage, values, level.people, level.above, self.lonely)
        return result


def _pairs(first: Codes, second: Codes, seconds: int, count: Floats) -> tuple[tuple[Codes, Codes], Floats]:
    """Return the different pairs of two codes, and what is counted for each."""
    key = first * seconds + second
    if len(key) and key.max() <= 4 * len(key):
        sums = np.bincount(key, weights=count).astype(float)
        keys = np.flatnonzero(np.bincount(key))
        return (keys // seconds, keys % seconds), sums[keys]
    keys, place = np.unique(key, return_inverse=True)
    return (keys // seconds, keys % seconds), np.bincount(place, weights=count, minlength=len(keys)).astype(float)


def _add_up(stage: Stage, values: Floats) -> Floats:
    """Add up units within their groups."""
    return np.bincount(stage.group, weights=values, minlength=len(stage.fraction)).astype(float)


def scales(stage: Stage, people: Floats, above: Floats | float, lonely: Lonely) -> Floats:
    """Return what each group's sum of squares counts for in a variance; `above` holds the fractions that led to it."""
    size = np.bincount(stage.group, weights=people, minlength=len(stage.fraction))
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where((size > 1) & (stage.fraction < 1), above * (1 - stage.fraction) * size / (size - 1), 0.0)
    alone = (size == 1) & (stage.fraction < 1)
    if lonely == "average" and alone.any():
        # Strata whose variance is known, also those that were taken whole, with none (R's survey).
        scale *= 1 + alone.sum() / ((size > 0) & ~alone).sum()
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


def _members(stage: Stage) -> sparse.csr_array:
    """Return what adds up units within their groups (groups x units)."""
    from scipy import sparse  # noqa: PLC0415 (scipy only when it is needed)

    units = len(stage.group)
    return sparse.csr_array((np.ones(units), (stage.group, np.arange(units))), shape=(len(stage.fraction), units))


#: A group's sum this small beside what was added up is zero but for rounding: its square is lost beside the sum of squares.
CANCELLED = 1e-13


def _sums(stage: Stage, values: sparse.csr_array) -> sparse.csr_array:
    """Add up units within their groups; what cancels is nothing, so that labels without people in common have no covariance."""
    members = _members(stage)
    sums, gross = (members @ values).tocoo(), members @ abs(values)
    sums.data[np.abs(sums.data) <= CANCELLED * np.asarray(gross[sums.row, sums.col]).ravel()] = 0.0
    result: sparse.csr_array = sums.tocsr()
    result.eliminate_zeros()
    return result


def _within_groups_thin(
    stage: Stage, values: sparse.csr_array, people: Floats, above: Floats | float, lonely: Lonely
) -> Floats:
    """Return what `within_groups` does, of values (units x labels) that are mostly zero: squares less those of sums."""
    size = np.bincount(stage.group, weights=people, minlength=len(stage.fraction))
    scale = scales(stage, people, above, lonely)
    sums = _sums(stage, values * people[:, None])
    squares = values.T @ (values * (people * scale[stage.group])[:, None])
    result: Floats = (squares - sums.T @ (sums * (scale / np.maximum(size, 1))[:, None])).toarray()
    alone = (size == 1) & (stage.fraction < 1)
    if lonely == "adjust" and alone.any():
        mine = alone[stage.group] & (people > 0)
        off = values[mine].toarray() - people @ values / people.sum()
        result += (off * (1 - stage.fraction[stage.group[mine]])[:, None]).T @ off
    return result


@dataclass(frozen=True, eq=False, repr=False)
class Deletions:
    """The units of a sample left out in turn, stage by stage: `Deletable`.

    A unit of a later stage is left out of its own group, and its square counts times the fractions of the stages above,
    so that a total gets its linearised variance.
    """

    strata: Strata

    @property
    def stratum(self) -> Codes:
        """The group of each unit, numbered on from stage to stage."""
        stages = self.strata.stages
        starts = np.cumsum([0, *(len(stage.fraction) for stage in stages[:-1])])
        return np.concatenate([stage.group + start for stage, start in zip(stages, starts, strict=True)])

    @property
    def fraction(self) -> Floats:
        """What of a group's squares does not count: its sampling fraction, and for later stages that of those above."""
        first, *later = self.strata.levels
        return np.concatenate([first.stage.fraction, *(1 - x.above * (1 - x.stage.fraction) for x in later)])

    @property
    def counted(self) -> Floats:
        """How many people (or, for clusters, 1) each unit counts for."""
        return np.concatenate([level.people for level in self.strata.levels])

    def without_each(self, columns: Sequence[Floats]) -> list[Floats]:
        """Total columns without each unit (one person of a kind), its group scaled up."""
        levels, results = self.strata.levels, []
        for column in columns:
            values = self.strata.collect(column)
            whole, parts = self.strata.people @ values, []
            for level in reversed(levels):
                group = level.stage.group
                n, sums = _add_up(level.stage, level.people)[group], _add_up(level.stage, level.people * values)
                with np.errstate(divide="ignore", invalid="ignore"):
                    parts.append(whole - sums[group] + n / (n - 1) * (sums[group] - values))
                values = sums
            results.append(np.concatenate(parts[::-1]))
        return results

    def deletions(self, rows: int) -> Iterator[Floats]:
        """Yield the factors of the core's units without each unit, its group scaled up; some at a time.

        So many sets at once that weights of so many rows fit into some megabytes.
        """
        levels = self.strata.levels
        some = max(1, 2_000_000 // rows)
        for number, level in enumerate(levels):
            units = len(level.stage.group)
            of = np.arange(units)
            for below in levels[number + 1 :]:
                of = of[below.stage.group]  # this stage's unit of each unit further down
            n = _add_up(level.stage, level.people)[level.stage.group]
            for start in range(0, units, some):
                out = np.arange(start, min(units, start + some))
                factors = np.tile(self.strata.people, (len(out), 1))
                for row, u in zip(factors, out.tolist(), strict=True):
                    same = (level.stage.group == level.stage.group[u])[of]
                    row[of == u] -= 1.0
                    if n[u] > 1:
                        row[same] *= n[u] / (n[u] - 1)
                yield factors

    def deleted(self) -> Iterator[Floats]:
        """Yield the rows' weights without each unit, some at a time (units x rows)."""
        strata = self.strata
        for factors in self.deletions(strata.rows):
            yield np.stack([strata.spread(row) for row in factors])


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
        deletable=Refusal(SINGLE, InputError) if strata.adjusted else Deletions(strata),
        again=None,
    )
