"""From the columns of a table to a design with weights, clusters or finite population corrections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from .. import _core
from ..errors import InputError, name_rows
from ..ground import columns
from ..ground.columns import Bools, Codes, Floats
from .sampling import Redraws
from .strata import LONELY_WORDS, Lonely, Stage, Strata


class _Level(NamedTuple):
    """One stage of the design."""

    #: The unit of each row.
    unit: Codes
    #: The group of each unit, and the size of each group.
    group: Codes
    sizes: npt.NDArray[np.int64]
    #: The sampling fraction of each group.
    fraction: Floats
    #: A row of each group.
    row: Codes


class Read(NamedTuple):
    """A design as its columns say it."""

    core: _core.Design
    strata: Strata
    #: How many clusters (or participants) of the first stage there are that anybody stands for.
    clusters: int
    #: Names of those that were taken for certain and sampled inside.
    inside: tuple[str, ...]
    #: Whether weights come from the population sizes.
    sized: bool


def rescaled(
    frame: pd.DataFrame,
    stratum: Codes,
    names: Sequence[str],
    *,
    clusters: Sequence[str],
    weights: str | None,
    fpc: Sequence[str],
    lonely: Lonely,
    nest: bool,
    redraws: Redraws = "resample",
) -> Read:
    """Return a design with weights, clusters or finite population corrections.

    Of n_h clusters n_h - 1 are redrawn and weights rescaled (Rao and Wu 1988; Rao, Wu and Yue
    1992, Survey Methodology 18:209-217), so that variances are the unbiased ones and no weight
    is negative. Later stages are redrawn where there are finite population corrections: without its own a stage
    counts as drawn with replacement, times the fractions of the stages before (Cochran 1977, eq. 11.24).
    """
    if len(fpc) > len(clusters) + 1:
        raise InputError(
            f"fpc= names {len(fpc)} stages, but there are {len(clusters) + 1}: {len(clusters)} of clusters and that of "
            "participants."
        )
    for later in clusters[1:]:
        columns.column(frame, later)
    weight = None if weights is None else weights_of(frame, weights)
    chain = _Chain.read(frame, stratum, names, clusters, fpc, nest=nest, deep=lonely == "participants")
    if weights is None and fpc:
        weight = chain.weights()
    first, last = _path(chain, lonely)
    levels = _levels(chain, first, last, lonely)
    for stage, level in enumerate(levels):
        _check_lonely(chain, level, first + stage, lonely, later=stage > 0)
    _check_variation(chain, levels)
    stages = tuple(Stage(level.group, level.fraction) for level in levels)
    core = _core_of(levels, redraws)
    top = levels[0]
    names = [chain.name(int(first[row]), int(row)) for row in top.row]
    strata = Strata(stages, tuple(names), np.ones(len(levels[-1].group)), levels[-1].unit, weight, lonely)
    counted = np.bincount(chain.unit[0], weights=None if weight is None else weight > 0) > 0
    inside = _first_rows(chain.unit[0])[counted]
    inside = np.sort(inside[first[inside] > 0])
    return Read(
        core,
        strata,
        int(counted.sum()),
        tuple(chain.name(1, int(row)) for row in inside),
        weights is None and bool(fpc),
    )


@dataclass(frozen=True, eq=False)
class _Chain:
    """What people lie in, from the strata down to themselves, whichever of it the design samples."""

    frame: pd.DataFrame
    strata: Sequence[str]
    stratum: Codes
    clusters: Sequence[str]
    #: How many of the links below the design says something of.
    stated: int
    #: How many of those have a population size or fraction.
    corrected: int
    #: For each link (clusters of each stage, people) the unit of each row,
    unit: list[Codes]
    #: how many units there are in each row's group, which is the unit before,
    sizes: list[Codes]
    #: and which fraction of that group's population they are.
    fraction: list[Floats]

    @classmethod
    def read(
        cls,
        frame: pd.DataFrame,
        stratum: Codes,
        names: Sequence[str],
        clusters: Sequence[str],
        fpc: Sequence[str],
        *,
        nest: bool,
        deep: bool,
    ) -> _Chain:
        """Read clusters and corrections: as far as the design speaks of them, or all the way down."""
        chain = cls(
            frame, names, stratum, clusters, max(1, len(fpc), len(clusters) if fpc else 0), len(fpc), [], [], []
        )
        links = (*clusters, None) if deep else (*clusters, None)[: chain.stated]
        for link, column in enumerate(links):
            above = chain.above(link)
            unit = _units(frame, above, column, nest=nest or link > 0)
            chain.unit.append(unit)
            chain.sizes.append(np.bincount(above[_first_rows(unit)])[above])
            chain.fraction.append(np.zeros(len(unit)))
        populations = [columns.numbers(_finite(columns.column(frame, name)), what=POPULATION) for name in fpc]
        are_sizes = _are_sizes(fpc, populations)
        for link, (name, population) in enumerate(zip(fpc, populations, strict=True)):
            chain.check_population(link, name, population, are_sizes=are_sizes)
            fraction = chain.sizes[link] / population if are_sizes else population
            chain.fraction[link] = np.where(fraction > WHOLE, 1.0, fraction)
        return chain

    def above(self, link: int) -> Codes:
        """Return the group of each row: its stratum, or its unit of the link before."""
        return self.stratum if link == 0 else self.unit[link - 1]

    def name(self, link: int, row: int) -> str:
        """Name the group that a row lies in."""
        if link == 0:
            return self.strata[int(self.stratum[row])]
        own = self.frame[self.clusters[link - 1]].iloc[row] if link <= len(self.clusters) else row
        return f"{own} in {self.name(link - 1, row)}"

    def certain(self, link: int) -> Bools:
        """Mark the rows whose unit was taken for certain: it is alone in its group, or the whole group was taken."""
        return np.asarray((self.sizes[link] == 1) | (self.fraction[link] >= 1))

    def check_population(self, link: int, name: str, values: Floats, *, are_sizes: bool) -> None:
        """Refuse what differs within a group, or is less than the sample."""
        group = self.above(link)
        given = pd.Series(values).groupby(group).agg(["min", "max"])
        differs = (given["min"] != given["max"]).to_numpy()[group]
        if differs.any():
            raise InputError(
                f"Column {name!r} (fpc) differs within '{self.name(link, int(np.argmax(differs)))}'; it is how many units the "
                "population of a stratum (or of a cluster, for later stages) has, so it must be one number there."
            )
        small = are_sizes & (values < self.sizes[link])
        if small.any():
            row = int(np.argmax(small))
            what = ("cluster" if link < len(self.clusters) else "participant") + ("" if values[row] == 1 else "s")
            raise InputError(
                f"Column {name!r} (fpc) says that '{self.name(link, row)}' has {values[row]:,.6g} {what} in the population, "
                f"fewer than the {self.sizes[link][row]:,} in the sample."
            )

    def weights(self) -> Floats:
        """Return how many people of the population each participant stands for: sizes over samples, stage by stage."""
        if self.corrected < self.stated:
            raise InputError(
                f"fpc= says nothing of the clusters of {self.clusters[self.corrected]!r}, so weights can't be computed from it. "
                "Name the weights=, or the population of each stage in fpc=."
            )
        product = np.prod([1 / fraction for fraction in self.fraction[: self.corrected]], axis=0)
        endless = product > MOST_WEIGHT
        if endless.any():
            raise InputError(
                f"Weights can't be computed from fpc=, which says that the population is infinite in {name_rows(endless)}. "
                "Name the weights=."
            )
        return np.asarray(product)


#: What fpc= holds.
POPULATION = "a number of clusters in the population"
#: A fraction above this is all, as in R's survey: fractions that were added up, say.
WHOLE = 1 - 1e-7
#: Weights above this come from populations that were called infinite, as in R's survey.
MOST_WEIGHT = 1e12


def _finite(values: pd.Series[Any]) -> pd.Series[Any]:
    """Take infinite populations, of which any sample is no part, for very large ones."""
    is_float = isinstance(values.dtype, np.dtype) and values.dtype.kind == "f"
    return values.replace(np.inf, 1e300) if is_float else values


def _are_sizes(names: Sequence[str], columns: Sequence[Floats]) -> bool:
    """Tell sizes of populations from fractions of them, as R's survey: all fpc are one or the other."""
    for name, values in zip(names, columns, strict=True):
        bad = np.isnan(values) | (values <= 0)
        if bad.any():
            raise InputError(f"Column {name!r} (fpc) is missing or not above zero in {name_rows(bad)}.")
    sizes = [name for name, values in zip(names, columns, strict=True) if (values > 1).any()]
    for name, values in zip(names, columns, strict=True):
        if sizes and (values < 1).any():
            raise InputError(
                f"Column {name!r} (fpc) holds fractions, below 1, in {name_rows(values < 1)}, but {sizes[0]!r} holds sizes of "
                "populations, above 1. Give sizes everywhere or fractions everywhere."
            )
    return bool(sizes)


def _path(chain: _Chain, lonely: Lonely) -> tuple[Codes, Codes]:
    """Return for each row the first link that is sampled, and where they end."""
    rows, links = len(chain.stratum), len(chain.unit)
    if lonely != "participants":
        start = 0
        # Where everything was taken at a stage, its units are strata of the next one.
        while start + 1 < chain.stated and (chain.fraction[start] >= 1).all():
            start += 1
        return np.full(rows, start), np.full(rows, chain.stated)
    # From the first link that chance chose, at least; what is certain further down is left in its place, as taken whole.
    certain = np.stack([chain.certain(link) for link in range(links)], axis=1)
    first = np.where(certain.all(axis=1), links - 1, np.argmin(certain, axis=1))
    last = np.maximum(chain.stated, first + 1)
    while (more := (last < links) & certain[np.arange(rows), last - 1]).any():
        last = last + more
    return first, last


def _levels(chain: _Chain, first: Codes, last: Codes, lonely: Lonely) -> list[_Level]:
    """Put the links that are sampled beside one another: the first one of each row, the second one, and so on.

    Where a row has fewer than others, its last unit is followed by itself, taken for certain.
    """
    if not first.any() and (last == chain.stated).all():
        return [
            _level(unit, chain.above(link), chain.sizes[link], chain.fraction[link])
            for link, unit in enumerate(chain.unit[: chain.stated])
        ]
    rows = np.arange(len(first))
    units, sizes, fractions = (np.stack(part, axis=1) for part in (chain.unit, chain.sizes, chain.fraction))
    if lonely == "participants":
        for link in range(len(chain.clusters)):
            fractions[chain.certain(link), link] = 1.0
    # Numbers that no two links share; the first group is a stratum, or a cluster that became one.
    before = np.concatenate([chain.stratum[:, None], units], axis=1)
    before += np.cumsum([0, *(before.max(axis=0) + 1)])[:-1]
    above = np.asarray(pd.factorize(before[rows, first])[0], dtype=np.int64)
    levels: list[_Level] = []
    for stage in range(int((last - first).max())):
        place, own = np.minimum(first + stage, last - 1), first + stage < last
        key = np.where(own, before[rows, place + 1], before.max() + 1 + above)
        unit = np.asarray(pd.factorize(key)[0], dtype=np.int64)
        levels.append(
            _level(unit, above, np.where(own, sizes[rows, place], 1), np.where(own, fractions[rows, place], 1.0))
        )
        above = unit
    return levels


def _level(unit: Codes, above: Codes, sizes: Codes, fractions: Floats) -> _Level:
    """Return a stage of what is known of each row."""
    row = _first_rows(above)
    return _Level(unit, above[_first_rows(unit)], sizes[row], fractions[row], row)


def _first_rows(codes: Codes) -> Codes:
    """Return the row in which each code is first seen."""
    first = np.zeros(int(codes.max()) + 1, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return first


def _core_of(levels: Sequence[_Level], redraws: Redraws) -> _core.Design:
    first = levels[0]
    codes = first.group.astype(np.uint32)
    if redraws == "bayesian":
        if len(levels) > 1:
            raise InputError(
                "redraws='bayesian' spreads the weight of one stage only; with finite population corrections at later "
                "stages use redraws='resample'."
            )
        n = first.sizes.astype(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            # The concentration that gives totals the unbiased variance with its correction.
            alpha = np.where((n > 1) & (first.fraction < 1), ((n - 1) / (1 - first.fraction) - 1) / n, np.inf)
        return _core.Design.dirichlet(codes, np.ones(len(codes)), alpha)
    # Variance of a stage's factor, and the square that the factors of the stages above have on average.
    parts = [_spread(first, np.ones(len(first.sizes)))]
    if len(levels) == 1:
        return _core.Design.resample(codes, np.ones(len(codes), dtype=np.uint64), _rules(first, parts[0]))
    fractions, squares = first.fraction[first.group], 1 + parts[0][first.group]
    for level in levels[1:]:
        parts.append(_spread(level, fractions / squares))
        fractions, squares = (fractions * level.fraction)[level.group], (squares * (1 + parts[-1]))[level.group]
    return _core.Design.nested(
        [(level.group.astype(np.uint32), _rules(level, part)) for level, part in zip(levels, parts, strict=True)]
    )


def _spread(level: _Level, above: Floats) -> Floats:
    """Return the variance that the factors of each group's units need; see `nested` in the core."""
    varies = (level.sizes > 1) & (level.fraction < 1)
    return np.where(varies, above * (1 - level.fraction), 0.0)


def _rules(level: _Level, variance: Floats) -> list[tuple[int, float, float]]:
    """Draws, offset and scale of each group: all units but one, moved by the wanted variance."""
    rules = []
    for n, part in zip(level.sizes.tolist(), np.sqrt(variance).tolist(), strict=True):
        rules.append((n - 1, 1 - part, part * n / (n - 1)) if part > 0 else (0, 1.0, 0.0))
    return rules


def weights_of(frame: pd.DataFrame, name: str) -> Floats:
    """Read sampling weights."""
    values = columns.numbers(columns.column(frame, name), what="a sampling weight")
    for wrong, what in ((np.isnan(values), "missing"), (values < 0, "negative")):
        if wrong.any():
            raise InputError(
                f"Weights in column {name!r} are {what} in {name_rows(wrong)}; a weight says how many people of the "
                "population a participant stands for. Correct them, or leave these participants out."
            )
    if values.sum() == 0:
        raise InputError(f"Weights in column {name!r} are all zero.")
    return np.ascontiguousarray(values)  # pandas may keep columns side by side


def counted(frame: pd.DataFrame, weights: str | None) -> npt.NDArray[np.uint64]:
    """Return one for each row, and none where its weight is zero: such rows are units of the design, but no participants."""
    return (
        np.ones(len(frame), dtype=np.uint64) if weights is None else (weights_of(frame, weights) > 0).astype(np.uint64)
    )


def _units(frame: pd.DataFrame, above: Codes, column: str | None, *, nest: bool) -> Codes:
    """Return the number of each row's unit in a stage; rows are their own where no column names them."""
    if column is None:
        return np.arange(len(frame), dtype=np.int64)
    codes, labels = columns.categories(columns.column(frame, column))
    if (codes < 0).any():
        raise InputError(f"Clusters in column {column!r} are missing in {name_rows(codes < 0)}; fill them in.")
    if nest:
        return np.asarray(pd.factorize(codes * (above.max() + 1) + above)[0], dtype=np.int64)
    straddling = pd.unique(codes[above != above[_first_rows(codes)][codes]])
    if len(straddling):
        shown = ", ".join(repr(labels[c]) for c in straddling[:5])
        raise InputError(
            f"{len(straddling)} clusters of {column!r} lie in more than one stratum ({shown}). If each stratum "
            "numbers its clusters anew say nest=True; otherwise correct the table."
        )
    return np.asarray(pd.factorize(codes)[0], dtype=np.int64)


def _check_lonely(chain: _Chain, level: _Level, link: Codes, lonely: Lonely, *, later: bool) -> None:
    """Refuse groups with a single unit that chance chose, unless it is said what to do about them."""
    alone = (level.sizes == 1) & (level.fraction < 1)
    if lonely == "certainty" or not alone.any():
        return
    rows = level.row[alone]
    links = link[rows]
    people = (links == len(chain.clusters)).any()
    what = "participant" if people else f"cluster of {chain.clusters[int(links[0])]!r}"
    listed = ", ".join(f"'{chain.name(int(k), int(row))}'" for k, row in zip(links[:6], rows[:6], strict=True))
    group = "cluster" if later or (links > 0).any() else "stratum"
    groups = "clusters" if group == "cluster" else "strata"
    text = f"{int(alone.sum())} of {len(alone)} {groups} have a single {what}: {listed}. One alone shows no variation"
    if lonely == "participants":
        raise InputError(f"{text}: join such a cluster to a similar one of its stratum, or leave it out.")
    if lonely in LONELY_WORDS:
        if later:
            raise InputError(
                f"{text}, and lonely={lonely!r} is for the first stage only: say 'participants' or 'certainty'."
            )
        return
    inside = (
        ""
        if people
        else "If people were sampled in a cluster that was taken for certain, say lonely='participants': they are the units "
        f"of that {group}. "
    )
    given = "" if later else " lonely='adjust' and 'average' give it a linearised variance."
    raise InputError(
        f"{text}. {inside}If nothing in such a {group} was left to chance, say lonely='certainty': it adds nothing to the "
        f"variance.{given} Or join it to a similar one."
    )


def _check_variation(chain: _Chain, levels: Sequence[_Level]) -> None:
    """Refuse samples of which nothing says how they vary: an interval would have no width."""
    if any(((level.sizes > 1) & (level.fraction < 1)).any() for level in levels):
        return
    what = f"cluster of {chain.clusters[0]!r}" if chain.clusters else "participant"
    inside = (
        " If people were sampled inside, say lonely='participants', or how many there are: fpc= of the next stage."
        if chain.clusters
        else ""
    )
    if (levels[0].sizes == 1).all() and (levels[0].fraction < 1).any():
        raise InputError(f"Every stratum has a single {what}, so nothing can be said about variation.{inside}")
    raise InputError(
        "fpc= says that everything was taken, so no chance is left to measure and an interval would have no width."
        f"{inside} Without fpc= the population is taken for one of many that might have been."
    )
