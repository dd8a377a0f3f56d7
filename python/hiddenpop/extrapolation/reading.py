"""Reading what extrapolation is given: estimates of some areas, a table of all areas, and how the two fit together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError, in_words, listing, suggest
from ..estimate.arithmetic import within
from ..estimate.combine import concat
from ..estimate.estimate import Estimate
from ..expression import graph
from ..ground import collinear, columns
from ..ground.columns import Floats, read_table

#: How an indicator enters a model, from its column and the population.
TRANSFORMS = {
    "log_rate": "the logarithm of the indicator per inhabitant",
    "rate": "the indicator per inhabitant",
    "log": "the logarithm of the column as it is",
    "none": "the column as it is",
}


def read_anchors(given: object) -> Estimate:
    """Return the estimates of areas as one Estimate, whose labels are the areas (and groups)."""
    if isinstance(given, Mapping):
        for area, est in given.items():
            if not isinstance(est, Estimate):
                raise InputError(
                    f"The estimate of {in_words(area)} is {type(est).__name__}. {within(est)}Published figures enter by hp.published."
                )
        est = concat(given, name="population size")
    elif isinstance(given, Estimate) and not given.scalar:
        est = given
    else:
        raise InputError(
            "local_estimates is an Estimate labelled by area, or a mapping of areas to estimates, such as "
            "{'Utrecht': hp.published(1_100, 900, 1_400), ...}."
        )
    if est.quantity in ("share", "rate", "mean", "event"):
        raise InputError(
            f"'{est.name}' is a {est.quantity}; extrapolation starts from sizes: multiply by the population."
        )
    if est.node.no_size:
        raise InputError(f"'{est.name}' is {est.node.no_size}, and extrapolation starts from sizes.")
    if (est.node.point < 1).all():
        raise InputError(
            f"The estimates of {listing(list(est.labels))} are below one person each, as shares are. Extrapolation starts from sizes: "
            "multiply by the population."
        )
    if not graph.drawable(est.node):
        raise InputError(
            "Some local estimates have variance replicates, which are no draws. Give draws with the same covariance, of all "
            "areas together: hp.concat(local_estimates).to_normal()."
        )
    lost = ~(est.node.point > 0)
    if lost.any():
        raise InputError(
            f"The estimates of {listing(list(est.labels[lost]))} are missing, zero or negative; leave these areas out."
        )
    return est


def read_areas(given: object, population: str) -> pd.DataFrame:
    """Return the table of areas, with a population above zero everywhere."""
    frame = given.copy() if isinstance(given, pd.DataFrame) else read_table(given)
    unnamed = frame.index.nlevels == 1 and frame.index.name is None and pd.api.types.is_integer_dtype(frame.index)
    if unnamed and "area" in frame.columns:  # rows by number, also of a table that was sorted or cut
        frame = frame.set_index(["area", "group"] if "group" in frame.columns else "area")
    if isinstance(frame.index, pd.RangeIndex):
        raise InputError(
            "indicators is a table with the areas as its index, or in a column 'area' (and 'group'): indicators.set_index('city')."
        )
    if not frame.index.is_unique:
        twice = list(frame.index[frame.index.duplicated()].unique())
        raise InputError(f"{listing(twice)} stand in indicators more than once; add up their rows.")
    if population not in frame.columns:
        raise InputError(
            f"indicators has no column {in_words(population)} with the population of each area. {suggest(population, frame.columns)} "
            "Name it: population='...'."
        )
    for column in frame.columns:
        frame[column] = numbers(frame[column])
    wrong = frame.index[~(frame[population] > 0)]
    if len(wrong):
        raise InputError(f"The population of {listing(list(wrong))} is missing, zero or negative.")
    return frame


def check_counts(columns: pd.DataFrame) -> None:
    """Refuse indicators that are shares where counts are wanted: of two cities with one share the larger has more people."""
    for name in columns:
        values = columns[name]
        if values.between(0, 1).all() and not values.isin([0, 1]).all():
            raise InputError(
                f"The indicator {name!r} lies between 0 and 1 everywhere, as a share of the population does, and a count is wanted: "
                "sizes go with how many people there are. Multiply it by the population. In regressions a share enters "
                f"by transform={{{name!r}: 'log'}} or 'none'."
            )


def numbers(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column as numbers."""
    try:
        result = columns.settled(column.replace([np.inf, -np.inf], np.nan))
        result = pd.Series(columns.numbers(result), index=column.index, name=column.name)
    except InputError:
        raise InputError(f"The column {column.name!r} of indicators does not hold numbers; drop it.") from None
    return result.where(np.isfinite(result))


def check_known(areas: Sequence[Any], known: pd.Index[Any]) -> None:
    """Refuse areas with an estimate that the table does not have."""
    lost = [area for area in areas if area not in known]
    if lost:
        raise InputError(
            f"Areas with an estimate but no row in indicators: {listing(lost)}. {suggest(lost[0], known)} Add their rows, "
            "rename them, or leave their estimates out."
        )


def check_fits(anchors: Estimate, people: pd.Series[Any]) -> None:
    """Refuse more hidden people than people."""
    there = people.loc[list(anchors.labels)].to_numpy()
    over = anchors.node.point > there
    if over.any():
        place = int(np.argmax(over))
        raise InputError(
            f"More people are estimated than live there: {listing(list(anchors.labels[over]))} ({anchors.node.point[place]:,.0f} "
            f"of {there[place]:,.0f} at the first). Give the population in people, not in thousands."
        )


def check_complete(frame: pd.DataFrame) -> None:
    """Refuse missing indicators, by area."""
    holes = frame.isna()
    if not holes.any(axis=None):
        return
    said = [f"{column!r} at {listing(list(frame.index[marked]))}" for column, marked in holes.items() if marked.any()]
    raise InputError(
        f"Indicators are missing: {'; '.join(said)}. Fill them in, drop the indicator, or drop the areas, which then are no "
        "part of the total."
    )


def transformed(frame: pd.DataFrame, population: pd.Series[Any], transform: str | Mapping[str, str]) -> pd.DataFrame:
    """Return indicators as models take them: per inhabitant, in logs, standardised over all areas."""
    chosen = dict(transform) if isinstance(transform, Mapping) else dict.fromkeys(frame.columns, transform)
    for column, how in chosen.items():
        if column not in frame.columns:
            raise InputError(f"transform names {column!r}, which is no indicator. {suggest(column, frame.columns)}")
        if how not in TRANSFORMS:
            raise InputError(f"transform={how!r} must be one of {', '.join(map(repr, TRANSFORMS))}.")
    check_counts(frame[[column for column in frame.columns if chosen.get(column, "log_rate").endswith("rate")]])
    result = {}
    for column in frame.columns:
        how = chosen.get(column, "log_rate")
        values = frame[column] / population if how.endswith("rate") else frame[column]
        if how.startswith("log"):
            zero = values.index[values <= 0]
            if len(zero):
                raise InputError(
                    f"The indicator {column!r} is zero or negative at {listing(list(zero))}, so it has no logarithm. Take it "
                    f"as it is: transform={{{column!r}: 'rate'}} (or 'none' for what is no count)."
                )
            values = pd.Series(np.log(values.to_numpy()), index=values.index)
        result[column] = values
    made = pd.DataFrame(result, index=frame.index)
    for column in made.columns:
        if collinear.dependent(np.column_stack([np.ones(len(made)), made[column]])):
            raise InputError(f"The indicator {column!r} is the same in all areas, so it tells nothing; drop it.")
    return (made - made.mean()) / made.std()


def first_component(standardised: pd.DataFrame) -> tuple[pd.Series[Any], float]:
    """Return the loadings of the first principal component and the share of variance that it explains."""
    if standardised.shape[1] < 2:
        raise InputError("A principal component needs two indicators or more; with one use method='mim_regression'.")
    _, sizes, directions = np.linalg.svd(standardised.to_numpy(), full_matrices=False)
    loadings = directions[0] * (1.0 if directions[0].sum() >= 0 else -1.0)
    return pd.Series(loadings, index=standardised.columns), float(sizes[0] ** 2 / (sizes**2).sum())


def outside(standardised: pd.DataFrame, anchors: Sequence[Any]) -> pd.DataFrame:
    """Mark where an area's indicator lies beyond the range of the anchors."""
    inner = standardised.loc[list(anchors)]
    slack = 1e-9
    return (standardised < inner.min() - slack) | (standardised > inner.max() + slack)


def constant(frame: pd.DataFrame) -> Floats:
    """Return a design with a constant before its columns."""
    return np.column_stack([np.ones(len(frame)), frame.to_numpy()])
