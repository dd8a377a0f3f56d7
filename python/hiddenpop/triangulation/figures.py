"""The forest plot of a synthesis: sources, weights, consensus, and their conflict above all."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..drawing.axes import (
    COLOUR,
    PLAIN,
    VERMILION,
    axes_for,
    bare,
    formatted,
    items,
    named,
    note,
    root,
    rows_done,
    tell,
)
from ..drawing.marks import Marks
from ..ground.language import number, tr
from ..ground.text import label_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
#: The consensus: lighter than blue in grey, and another shape.
CONSENSUS = VERMILION
#: Beyond this ratio of the outermost limits sizes are drawn on a log scale.
WIDE = 8
#: Areas of squares, in points squared, from no weight to all.
SMALL, LARGE = 20, 260
#: Where the columns' heads stand, above the first source.
HEAD = -0.7
#: Of a figure in inches: columns of numbers need room; names are broken after so many letters.
WIDTH, LETTERS = 9, 26


def forest(
    rows: pd.DataFrame, title: str, quantity: str, notes: Sequence[str], *, strong: bool, level: float, ax: Axes | None
) -> Axes:
    """Draw a summary's rows; see `Synthesis.plot`. A strong conflict's notes are heavy."""
    axes = axes_for(ax, len(rows))
    if ax is None:
        root(axes).set_figwidth(WIDTH)
    place = _places(rows["role"].tolist())
    ends = rows[["lower", "upper"]].to_numpy(dtype=float)
    _scale(axes, quantity, ends)
    for y, (_, row) in zip(place, rows.iterrows(), strict=True):
        (_source if row["role"] == "source" else _consensus)(axes, y, row)
    axes.set_yticks(place, ["\n".join(textwrap.wrap(label_of(name), LETTERS)) for name in rows.index], **PLAIN)
    for text, role in zip(axes.get_yticklabels(), rows["role"], strict=True):
        text.set_fontweight("bold" if role == "consensus" else "normal")
    axes.set_ylim(max(place) + 0.6, -0.9)
    if sum(rows["role"] == "consensus") == 1:
        middle = float(rows["estimate"].iloc[-1])
        axes.axvline(middle, color=CONSENSUS, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
    texts = _marks(quantity, rows).texts()
    weights = ["" if np.isnan(weight) else number(weight, ".0%") for weight in rows["weight"]]
    _columns(axes, place, rows, texts, weights, level)
    rows_done(axes)
    title = tr("{what} ({level:g}% intervals)", what=title, level=100 * level)
    named(axes, "x", title)
    note(axes, notes, style="normal", fontweight="bold" if strong else "normal")
    weighed = [
        tr("{value}, weight {weight}", value=text, weight=weight) if weight else text
        for text, weight in zip(texts, weights, strict=True)
    ]
    tell(axes, " ".join([f"{title}.", items(rows.index, weighed), *notes]))
    return axes


def _places(roles: list[str]) -> list[float]:
    """Leave a little room below each consensus."""
    place, at = [], 0.0
    for role in roles:
        place.append(at)
        at += 1.4 if role == "consensus" else 1.0
    return place


def _source(axes: Axes, y: float, row: Any) -> None:
    axes.plot([row["lower"], row["upper"]], [y, y], color=COLOUR, linewidth=2, solid_capstyle="butt")
    for end in (row["lower"], row["upper"]):
        axes.plot([end, end], [y - 0.1, y + 0.1], color=COLOUR, linewidth=2)
    size = SMALL + (LARGE - SMALL) * float(np.clip(row["weight"], 0, 1))
    axes.scatter([row["estimate"]], [y], marker="s", s=size, color=COLOUR, zorder=3)


def _consensus(axes: Axes, y: float, row: Any) -> None:
    across = [row["lower"], row["estimate"], row["upper"], row["estimate"]]
    axes.fill(across, [y, y - 0.28, y, y + 0.28], facecolor=CONSENSUS, edgecolor="black", linewidth=0.8, zorder=3)


def _scale(axes: Axes, quantity: str, ends: Any) -> None:
    finite = ends[np.isfinite(ends) & (ends > 0)]
    share = quantity == "share"
    wide = not share and len(finite) > 0 and finite.max() > WIDE * finite.min()
    if wide:
        axes.set_xscale("log")
    formatted(axes, "x", "share" if share else "size")


def _marks(quantity: str, rows: pd.DataFrame) -> Marks:
    point, lower, upper = rows[["estimate", "lower", "upper"]].to_numpy(dtype=float).T
    return Marks(point, lower, upper, (quantity,) * len(rows))


def _columns(axes: Axes, place: list[float], rows: Any, numbers: list[str], weights: list[str], level: float) -> None:
    """Write weights and numbers to the right, as labels of an axis, for which layouts keep room."""
    texts = [tr("weight   estimate ({level:g}% interval)", level=100 * level)]
    texts += [f"{weight:\N{FIGURE SPACE}>5}      {number}" for weight, number in zip(weights, numbers, strict=True)]
    right = axes.twinx()
    right.set_ylim(axes.get_ylim())
    right.set_yticks([HEAD, *place], texts, fontsize="small")
    right.tick_params(axis="y", length=0)
    for text, role in zip(right.get_yticklabels(), ["head", *rows["role"]], strict=True):
        text.set_fontweight("bold" if role == "consensus" else "normal")
    bare(right, "top", "right", "left", "bottom")
