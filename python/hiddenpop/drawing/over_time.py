"""Estimates over time as points, ranges and lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..ground.columns import Floats
from ..ground.language import tr
from ..ground.text import label_of
from . import marks
from .axes import (
    COLOURS,
    DASHES,
    MARKERS,
    PLAIN,
    across,
    curves_done,
    extent,
    formatted,
    legend,
    legend_name,
    named,
    note,
    points,
    tell,
    width_of,
)
from .series import Series, timed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
#: Points of space between two series at one time: more than an interval's caps are wide.
APART = 11.0


def draw(series: list[Series], name: str, *, level: float, ax: Axes | None, whole: bool = False) -> Axes:
    """Draw series upright; see `sizes`. A whole axis of shares goes from 0 to 100%."""
    axes = across(ax)
    places, labels = _places(series)
    _labels(axes, places, labels)
    named(axes, "y", tr("{what} ({level:g}% interval)", what=name, level=100 * level))
    curves_done(axes)
    formatted(axes, "y", series[0].quantity)
    notes = _notes(series)

    room, _ = extent(axes, settled=False)
    low, high = min(places.values()), max(places.values())
    gap = min(np.diff(np.unique(list(places.values()))), default=1.0)
    margin = max(0.08 * (high - low), 0.5 if high == low else 0.0, 0.0 if labels is None else 0.5)
    scale = (high - low + 2 * margin) / room
    step = min(APART * scale, gap / (len(series) + 1))
    margin = max(margin, step * len(series) / 2 + 6 * scale)
    axes.set_xlim(low - margin, high + margin)
    numbers = np.concatenate([one.marks.finite() for one in series])
    far = 1.0 if whole else marks.far_end(numbers)
    together = {place: [row for row, one in enumerate(series) if place in one.places] for place in places}
    for row, one in enumerate(series):
        shift = [together[p].index(row) - (len(together[p]) - 1) / 2 for p in one.places]
        _line(axes, one, row, np.array([places[p] for p in one.places]) + step * np.array(shift), far)
    _limits(axes, series, numbers, far, whole=whole)
    note(axes, notes)  # after what makes the axes narrower, before what needs their height
    if any(one.name for one in series):
        _legend(axes, series)
    said = tr("{what} with {level:g}% intervals.", what=name, level=100 * level)
    tell(axes, " ".join([said, *_words(series), *notes]))
    return axes


def _line(axes: Axes, one: Series, row: int, place: Floats, far: float) -> None:
    colour = COLOURS[row % len(COLOURS)]
    marker = MARKERS[row % len(MARKERS)]
    fmt = marker + (DASHES[row % len(DASHES)] if one.joined and len(place) > 1 else "")
    hollow = one.marks.bare
    face = {"markerfacecolor": "white"} if hollow.all() else {}
    marks.draw(
        axes,
        place,
        one.marks,
        lying=False,
        far=far,
        fmt=fmt,
        color=colour,
        label=legend_name(one.name) or None,
        linewidth=1.5,
        **face,
    )
    if hollow.any():
        style: dict[str, Any] = {
            "color": colour,
            "markerfacecolor": "white",
            "markersize": 7,
            "zorder": 3,
            "linestyle": "none",
        }
        axes.plot(place[hollow], one.marks.point[hollow], marker, **style)


def _places(series: list[Series]) -> tuple[dict[Any, float], list[str] | None]:
    """Return where each time or label stands, and names where these are no numbers."""
    known = list(dict.fromkeys(place for one in series for place in one.places))
    if timed(known):
        return {place: float(place) for place in sorted(known, key=float)}, None
    return {place: float(i) for i, place in enumerate(known)}, [label_of(place) for place in known]


def _labels(axes: Axes, places: dict[Any, float], labels: list[str] | None) -> None:
    """Write the times, as many as fit; labels stand obliquely where they don't."""
    room, _ = extent(axes, settled=False)
    size = points("medium")
    at = list(places.values())
    texts = labels or [f"{float(place):g}" for place in places]
    widest = max(width_of(text, size) for text in texts) + 6
    span = (max(at) - min(at)) / 0.8 or 1.0
    if labels is not None:
        oblique = widest > room / len(at)
        turn: dict[str, Any] = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"} if oblique else {}
        axes.set_xticks(at, texts, **PLAIN, **turn)
        return
    kept = [0]
    for i in range(1, len(at)):
        if (at[i] - at[kept[-1]]) / span * room >= widest:
            kept.append(i)
    axes.set_xticks([at[i] for i in kept], [texts[i] for i in kept])
    axes.set_xticks([at[i] for i in range(len(at)) if i not in kept], minor=True)


def _limits(axes: Axes, series: list[Series], numbers: Floats, far: float, *, whole: bool) -> None:
    if whole:
        axes.set_ylim(0, 1)
        axes.set_yticks(np.linspace(0, 1, 6))
        return
    if not len(numbers):
        axes.set_ylim(0, 1)
        return
    top = far if any(one.marks.unbounded.any() for one in series) else float(numbers.max())
    bottom = min(float(numbers.min()), 0.0)
    reach = (top - bottom) or 1.0
    axes.set_ylim(bottom - (0.06 * reach if bottom < 0 else 0.0), top + 0.06 * reach)


def _legend(axes: Axes, series: list[Series]) -> None:
    """Name the series in rows above the highest interval, inside the axes, where no neighbour is covered."""
    size = points("medium")
    room, high = extent(axes)
    widest = max(width_of(one.name, size) for one in series) + 4 * size
    columns = int(np.clip(room // widest, 1, len(series)))
    rows = -(-len(series) // columns)
    columns = -(-len(series) // rows)
    taken = min((1.25 * rows * size + 1.2 * size) / high, 0.6)
    bottom, top = axes.get_ylim()
    axes.set_ylim(bottom, bottom + (top - bottom) / (1 - taken))
    legend(axes, loc="upper left", ncols=columns, borderaxespad=0.2, labelspacing=0.25, columnspacing=1.2)


def _notes(series: list[Series]) -> list[str]:
    """Say what must be known: incomparable studies, missing estimates, open and unknown intervals, the data's notes."""
    notes: list[str] = []
    for caveat in dict.fromkeys(one.caveat for one in series if one.caveat):
        under = [one.name for one in series if one.caveat == caveat]
        named = tr("Not comparable ({names}):", names="; ".join(under))
        notes.append(caveat if len(under) == len(series) else caveat.replace(tr("Not comparable:"), named, 1))
    for said, kind in (
        (tr("No estimate"), "missing"),
        (tr("No interval (hollow)"), "bare"),
        (tr("No upper limit (arrow)"), "unbounded"),
    ):
        where = [
            f"{one.name} {label_of(place)}".strip()
            for one in series
            for place, marked in zip(one.places, getattr(one.marks, kind), strict=True)
            if marked
        ]
        if where:
            notes.append(f"{said}: {', '.join(where)}.")
    return list(dict.fromkeys([*notes, *(text for one in series for text in one.notes)]))


def _words(series: list[Series]) -> list[str]:
    return [
        (f"{one.name}: " if one.name else "")
        + "; ".join(f"{label_of(p)}: {text}" for p, text in zip(one.places, one.marks.texts(), strict=True))
        + "."
        for one in series
    ]
