"""From the columns of a table to a design with weights, clusters or finite population corrections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from .. import _core
from ..errors import InputError, name_rows
from ..ground import columns
from ..ground.columns import Codes, Floats
from .sampling import Redraws
from .strata import LONELY_WORDS, Lonely, Stage, Strata


class _Level(NamedTuple):
    """One stage as it is read from the table."""

    #: The unit of each row.
    unit: Codes
    #: The group of each unit, its name, and its size.
    group: Codes
    names: Sequence[str]
    sizes: npt.NDArray[np.int64]
    #: The sampling fraction of each group.
    fraction: Floats


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
) -> tuple[_core.Design, Strata]:
    """Return a design with weights, clusters or finite population corrections.

    Of n_h clusters n_h - 1 are redrawn and weights rescaled (Rao and Wu 1988; Rao, Wu and Yue
    1992, Survey Methodology 18:209-217), so that variances are the unbiased ones and no weight
    is negative. Later stages are redrawn where they have finite population corrections.
    """
    weight = _weights(frame, weights)
    if len(fpc) > len(clusters) + 1:
        raise InputError(
            f"fpc= names {len(fpc)} stages, but there are {len(clusters) + 1}: {len(clusters)} of clusters and that of "
            "participants."
        )
    for later in clusters[1:]:
        columns.column(frame, later)
    above, above_names = stratum, list(names)
    levels: list[_Level] = []
    for stage in range(max(1, len(fpc))):
        column = clusters[stage] if stage < len(clusters) else None
        unit = _units(frame, above, column, nest=nest or stage > 0)
        first = np.zeros(int(unit.max()) + 1, dtype=np.int64)
        first[unit[::-1]] = np.arange(len(unit))[::-1]
        group = above[first]
        sizes = np.bincount(group, minlength=len(above_names))
        within = fpc[stage] if stage < len(fpc) else None
        fraction = _fractions(frame, above, above_names, sizes, within)
        _check_lonely(above_names, sizes, fraction, lonely, column, first=stage == 0)
        levels.append(_Level(unit, group, above_names, sizes, fraction))
        above, above_names = unit, _named(frame, column, first, [above_names[g] for g in group])
    stages = tuple(Stage(level.group, level.fraction) for level in levels)
    core = _core_of(levels, redraws)
    return core, Strata(stages, tuple(names), np.ones(len(levels[-1].group)), levels[-1].unit, weight, lonely)


def _named(frame: pd.DataFrame, column: str | None, first: Codes, above: Sequence[str]) -> list[str]:
    """Name units for messages, by the row where each is first seen."""
    own = first.tolist() if column is None else frame[column].iloc[first].tolist()
    return [f"{label} in {name}" for label, name in zip(own, above, strict=True)]


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
    parts = [_spread(first, np.ones(len(first.names)))]
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
    return np.ascontiguousarray(values)  # pandas may keep columns side by side


def _units(frame: pd.DataFrame, above: Codes, column: str | None, *, nest: bool) -> Codes:
    """Return the number of each row's unit in a stage; rows are their own where no column names them."""
    if column is None:
        return np.arange(len(frame), dtype=np.int64)
    codes, labels = columns.categories(columns.column(frame, column))
    if (codes < 0).any():
        raise InputError(f"Clusters in column {column!r} are missing in {name_rows(codes < 0)}; fill them in.")
    if nest:
        return np.asarray(pd.factorize(codes * (above.max() + 1) + above)[0], dtype=np.int64)
    table = pd.DataFrame({"cluster": codes, "stratum": above}).drop_duplicates()
    straddling = table["cluster"][table["cluster"].duplicated()].unique()
    if len(straddling):
        shown = ", ".join(repr(labels[c]) for c in straddling[:5])
        raise InputError(
            f"{len(straddling)} clusters of {column!r} lie in more than one stratum ({shown}). If each stratum "
            "numbers its clusters anew say nest=True; otherwise correct the table."
        )
    return np.asarray(pd.factorize(codes)[0], dtype=np.int64)


def _fractions(
    frame: pd.DataFrame, group: Codes, names: Sequence[str], sizes: npt.NDArray[np.int64], fpc: str | None
) -> Floats:
    """Return sampling fractions from population sizes (above 1) or fractions (up to 1), as R's survey."""
    if fpc is None:
        return np.zeros(len(sizes))
    values = columns.numbers(columns.column(frame, fpc), what="a number of clusters in the population")
    bad = np.isnan(values) | (values <= 0)
    if bad.any():
        raise InputError(f"Column {fpc!r} (fpc) is missing or not above zero in {name_rows(bad)}.")
    given = pd.Series(values).groupby(group).agg(["min", "max"])
    differs = [names[h] for h in given.index[given["min"] != given["max"]]]
    if differs:
        raise InputError(
            f"Column {fpc!r} (fpc) differs within '{differs[0]}'; it is how many units the population of a stratum (or of "
            "a cluster, for later stages) has, so it must be one number there."
        )
    population = given["min"].to_numpy()
    small = (population > 1) & (population < sizes)
    if small.any():
        h = int(np.flatnonzero(small)[0])
        raise InputError(
            f"Column {fpc!r} (fpc) says that '{names[h]}' has {population[h]:,.0f} clusters in the population, "
            f"fewer than the {sizes[h]:,} in the sample."
        )
    return np.where(population <= 1, population, sizes / np.maximum(population, 1))


def _check_lonely(
    names: Sequence[str],
    sizes: npt.NDArray[np.int64],
    fraction: Floats,
    lonely: Lonely,
    column: str | None,
    *,
    first: bool,
) -> None:
    if lonely not in get_args(Lonely):
        raise InputError(f"lonely={lonely!r} must be one of {', '.join(map(repr, get_args(Lonely)))}.")
    if not first and lonely in LONELY_WORDS:
        raise InputError(f"lonely={lonely!r} is for one stage only; with corrections at later stages say 'certainty'.")
    alone = [name for name, n, f in zip(names, sizes, fraction, strict=True) if n < 2 and f < 1]
    what, where = f"cluster of {column!r}" if column else "participant", "strata" if first else "clusters"
    if alone and lonely == "error":
        listed = ", ".join(f"'{name}'" for name in alone[:6])
        raise InputError(
            f"{len(alone)} of {len(names)} {where} have a single {what}: {listed}. One alone shows no variation: join "
            "such a stratum to a similar one, or, if it was taken with certainty, say lonely='certainty' (it then "
            "adds nothing to the variance). lonely='adjust' and 'average' give it a linearised variance."
        )
    if first and len(alone) == len(names):
        raise InputError(f"Every stratum has a single {what}, so nothing can be said about variation.")
