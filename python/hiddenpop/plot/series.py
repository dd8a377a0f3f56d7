"""Reading what a figure over time is made of: estimates, trends, mappings of them, published figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..drawing.marks import Marks, caveats, measured
from ..drawing.series import Series, numeric, timed
from ..errors import InputError, listing
from ..estimate.estimate import Estimate
from ..ground.checks import check_level, real
from ..ground.columns import is_number
from ..ground.text import label_of
from ..trends.figures import line
from ..trends.trend import Trend

TAKES = (
    "an Estimate, a Trend, or a mapping of series names to them or to a mapping such as {2012: ..., 2023: ...}; "
    "published figures enter by hp.published, or as plain numbers where no interval was printed"
)


def read(data: tuple[Any, ...], level: float) -> list[Series]:
    """Return the series of a figure, in the order given."""
    level = check_level(level)
    if not data:
        raise InputError(f"There is nothing to draw. The figure takes {TAKES}.")
    if len(data) == 1 and not isinstance(data[0], Mapping):
        return _one("", data[0], level)
    if len(data) > 1:
        for one in data:
            if not isinstance(one, (Estimate, Trend)):
                raise InputError(f"Several series are Estimates, Trends or one mapping, and this is {_kind(one)}.")
        named = [(one.estimates if isinstance(one, Trend) else one).name for one in data]
        if len(set(named)) < len(named):
            raise InputError(f"Two series are called the same ({listing(named)}); give a mapping of names to series.")
        mapping: Mapping[Any, Any] = dict(zip(named, data, strict=True))
    else:
        mapping = data[0]
    if not mapping:
        raise InputError(f"There is nothing to draw. The figure takes {TAKES}.")
    if all(_scalar(value) for value in mapping.values()):
        return [_mapped("", mapping, level)]
    found = [one for key, value in mapping.items() for one in _one(label_of(key), value, level)]
    # Groups within years are turned: a year is a place, a group a line.
    if numeric(mapping) and len(found) == len(mapping) and not any(isinstance(v, Trend) for v in mapping.values()):
        return _turned(list(mapping), found)
    return found


def _one(name: str, value: Any, level: float) -> list[Series]:
    if isinstance(value, Trend):
        return [line(value.estimates, value.caveat, level, name)]
    if isinstance(value, Mapping):
        for inner in value.values():
            if not _scalar(inner):
                raise InputError(f"{name!r} holds {_kind(inner)}; a series holds one-label estimates by time.")
        return [_mapped(name, value, level)]
    if name and _scalar(value):
        raise InputError(f"{name!r} is one number among series; say when it was: {{2023: ...}}.")
    if not isinstance(value, Estimate):
        raise InputError(f"{f'{name!r} is ' if name else 'This is '}{_kind(value)}. The figure takes {TAKES}.")
    marks = measured(value, level)
    notes = tuple(caveats(value))
    if value.labels.nlevels == 1:
        return [Series(name, list(value.labels), marks, False, value.quantity, notes)]
    if value.labels.nlevels > 2:
        raise InputError(
            f"{value.name!r} has labels of {value.labels.nlevels} levels; pick a group: estimate['group']."
        )
    outer, inner = (list(value.labels.get_level_values(i)) for i in (0, 1))
    turned = numeric(outer) and not numeric(inner)
    lines, places_of = (inner, outer) if turned else (outer, inner)
    timed = numeric(places_of)
    series = []
    for group in dict.fromkeys(lines):
        rows = [i for i, one in enumerate(lines) if one == group]
        title = f"{name}, {group}" if name else str(group)
        series.append(Series(title, [places_of[i] for i in rows], _taken(marks, rows), timed, value.quantity, notes))
    return series


def _mapped(name: str, mapping: Mapping[Any, Any], level: float) -> Series:
    """Return a series of one-label estimates and published numbers by time."""
    if not mapping:
        raise InputError(f"{name!r} holds nothing to draw.")
    try:
        ordered = dict(sorted(mapping.items())) if timed(mapping) else dict(mapping)
    except TypeError:
        ordered = dict(mapping)
    parts, notes, quantities = [], [], []
    for value in ordered.values():
        if isinstance(value, Estimate):
            parts.append(measured(value, level))
            notes += caveats(value)
            quantities.append(value.quantity)
        else:
            number = np.array([real(value)])
            parts.append(Marks(number, np.full(1, np.nan), np.full(1, np.nan), ("",)))
    stacked = [np.concatenate([getattr(part, end) for part in parts]) for end in ("point", "lower", "upper")]
    quantity = quantities[0] if quantities else "share" if (stacked[0] <= 1).all() else "size"
    if "share" in quantities and set(quantities) <= {"share", "size", "other"} and (stacked[0] <= 1).all():
        quantity = "share"  # published figures don't say what they are; a size below one is none
    elif len(set(quantities)) > 1:
        raise InputError(f"A series is of one quantity, and these are {listing(sorted(set(quantities)))}.")
    marks = Marks(stacked[0], stacked[1], stacked[2], (quantity,) * len(parts))
    return Series(name, list(ordered), marks, timed(ordered), quantity, tuple(dict.fromkeys(notes)))


def _turned(times: list[Any], found: list[Series]) -> list[Series]:
    """Make lines of groups and places of the times under which they were given."""
    lines: dict[Any, list[tuple[Any, Marks]]] = {}
    for time, one in sorted(zip(times, found, strict=True), key=lambda pair: pair[0]):
        for row, place in enumerate(one.places):
            lines.setdefault(place, []).append((time, _taken(one.marks, [row])))
    notes = tuple(dict.fromkeys(text for one in found for text in one.notes))
    series = []
    for group, parts in lines.items():
        ends = [np.concatenate([getattr(m, end) for _, m in parts]) for end in ("point", "lower", "upper")]
        marks = Marks(ends[0], ends[1], ends[2], (found[0].quantity,) * len(parts))
        series.append(Series(str(group), [t for t, _ in parts], marks, True, found[0].quantity, notes))
    return series


def _taken(marks: Marks, rows: list[int]) -> Marks:
    quantities = tuple(marks.quantities[i] for i in rows)
    return Marks(marks.point[rows], marks.lower[rows], marks.upper[rows], quantities)


def _scalar(value: Any) -> bool:
    if isinstance(value, Estimate):
        return value.scalar
    return is_number(value) or (isinstance(value, np.ndarray) and value.ndim == 0)


def _kind(value: Any) -> str:
    if isinstance(value, Estimate):
        return f"an Estimate of {len(value)} labels"
    return f"{type(value).__name__} ({value!r})" if isinstance(value, (str, bool)) else type(value).__name__
