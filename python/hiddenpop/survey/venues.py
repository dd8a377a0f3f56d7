"""Time-location sampling: people met where and when they gather, weighted by how often they do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError, in_words, name_rows, warn
from ..ground import columns
from ..ground.columns import Floats
from ..sample import fieldwork
from ..sample.design import NO_ANSWERS, names

#: Columns that are added to the table.
EVENT, WEIGHT = "venue-day", "venue-day weight"


def read(
    table: object,
    *,
    venue: str,
    day: str,
    attendance: str | None,
    counts: str | None,
    enrolled: str | None,
    strata: Any,
    events: str | None,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return a table with venue-days and weights, and how `Survey` reads them; see `Survey.venue_day`."""
    frame = columns.read_table(table)
    for taken in (EVENT, WEIGHT):
        if taken in frame.columns:
            raise InputError(f"The table has a column {in_words(taken)}, a name that venue_day gives; rename it.")
    for name in (venue, day):
        lacking = columns.missing(columns.column(frame, name))
        if lacking.any():
            raise InputError(
                f"Column {name!r} is missing in {name_rows(lacking)}: everyone was met somewhere, some day."
            )
    event = frame[venue].astype(str) + ", " + frame[day].astype(str)
    codes, _ = pd.factorize(event)
    met = _by_event(frame, enrolled, codes, "enrolled") if enrolled else np.bincount(codes)[codes].astype(float)
    present = _by_event(frame, counts, codes, "counted") if counts else met
    interviewed = np.bincount(codes)[codes]
    for wrong, what in (
        (met < interviewed, f"fewer enrolled ({enrolled!r}) than the table has rows for that venue-day"),
        (present < met, f"fewer counted ({counts!r}) than enrolled"),
    ):
        if wrong.any():
            raise InputError(f"There are {what} in {name_rows(wrong)}.")
    weight: Floats = present / met
    if attendance is None:
        warn(
            "Without attendance= people who come often count for too much, because they are met more often. Ask participants how "
            "often they come.",
        )
    else:
        weight = weight / _positive(frame, attendance, "how often somebody attends")
    # Without the frame's size weights are relative: they add up to the sample, whatever attendance is counted in.
    weight = weight * len(weight) / weight.sum() if events is None else weight * _events(frame, events, codes, strata)
    added = pd.DataFrame({EVENT: event, WEIGHT: weight}, index=frame.index)
    keywords = {"strata": strata, "clusters": EVENT, "weights": WEIGHT, "fpc": events, "nest": False}
    made = pd.concat([frame, added], axis=1)
    # What came with the table stays with it; where and when people were met, and how many, is no answer of theirs.
    apart = {venue, day, counts, enrolled} - {None, *names(strata)}
    made.attrs = {**frame.attrs, NO_ANSWERS: sorted(apart)}
    return made, keywords


def _positive(frame: pd.DataFrame, name: str, what: str) -> Floats:
    values = columns.numbers(columns.column(frame, name), what=f"a number ({what})")
    bad = np.isnan(values) | (values <= 0)
    if bad.any():
        raise InputError(
            f"Column {name!r} ({what}) is missing or not above zero in {name_rows(bad)}. Whoever was met attends at least "
            "once: correct these, or leave the participants out."
        )
    return values


def _by_event(frame: pd.DataFrame, name: str, codes: Any, what: str) -> Floats:
    values = _positive(frame, name, f"people {what} at a venue-day")
    given = pd.Series(values).groupby(codes).agg(["min", "max"])
    differs = (given["min"] != given["max"]).to_numpy()[codes]
    if differs.any():
        raise InputError(
            f"Column {name!r} differs within a venue-day, in {name_rows(differs)}; it is how many people were {what} there."
        )
    return values


def _events(frame: pd.DataFrame, name: str, codes: Any, strata: Any) -> Floats:
    """Return how many venue-days of the frame each sampled one stands for."""
    values = _positive(frame, name, "venue-days in the sampling frame")
    stratum, _ = fieldwork.strata(frame, names(strata))
    sampled = pd.Series(codes).groupby(stratum).nunique().to_numpy()[stratum]
    return values / sampled
