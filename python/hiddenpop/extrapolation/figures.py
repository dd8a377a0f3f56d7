"""Figures of an extrapolation: rates by area, and predictions from the other areas against direct estimates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..drawing.axes import (
    COLOUR,
    PLAIN,
    VERMILION,
    axes_for,
    formatted,
    items,
    label_rows,
    legend,
    named,
    rows_done,
    tell,
)
from ..drawing.marks import Marks, draw, far_end
from ..ground.language import tr
from ..ground.text import capital, label_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
#: What is predicted has another colour and another marker.
DIRECT: dict[str, Any] = {"fmt": "o", "color": COLOUR, "markersize": 6, "capsize": 3, "elinewidth": 1.6}
OPEN: dict[str, Any] = DIRECT | {"color": VERMILION, "markerfacecolor": "white"}
#: More areas than this are too many to name; those predicted with the largest sizes are shown.
MOST_AREAS = 40
BASE = 1000


def areas(
    table: pd.DataFrame,
    direct: pd.DataFrame,
    population: pd.Series[Any],
    caveats: Sequence[str],
    *,
    both: bool,
    level: float,
    ax: Axes | None,
) -> Axes:
    """Draw each area's rate: direct estimates, and the model's predictions.

    `table` is a summary with rates per `BASE` people, `direct` has the limits of areas' own estimates. With `both`
    areas with an estimate of their own have a prediction too.
    """
    per = BASE / population
    every = len(table)
    left = every - MOST_AREAS
    if left > 0:
        known = table["direct"].notna()
        room = max(MOST_AREAS - int(known.sum()), 0)
        table = table.loc[known | (table["estimate"].where(~known).rank(ascending=False, method="first") <= room)]
        left = every - len(table)
    table = table.sort_values("rate")
    axes = axes_for(ax, round(0.62 * len(table) + 1))
    place = pd.Series(np.arange(len(table), dtype=float), index=table.index)
    own = table[table["direct"].notna()]
    shown = table if both else table[table["direct"].isna()]
    apart = 0.17 if len(shown) == len(table) else 0.0
    direct = direct.loc[own.index].assign(estimate=own["direct"])
    columns = ["lower", "upper", "estimate"]
    series = {
        tr("the area's own estimate"): direct.mul(per.loc[own.index], axis=0),
        tr("predicted"): shown[columns].mul(per.loc[shown.index], axis=0),
    }
    styles = ((place - apart, DIRECT), (place + apart, OPEN | {"fmt": "s"}))
    for (name, values), (where, style) in zip(series.items(), styles, strict=True):
        _draw(axes, where, values, style, name)
    starred = [f"{label_of(area)} *" if table.loc[area, "beyond"] else label_of(area) for area in table.index]
    label_rows(axes, place, starred)
    axes.set_ylim(-0.7, len(table) - 0.3)
    axes.set_xlim(left=0)
    notes = [tr("* beyond the indicators of areas with an estimate")] if table["beyond"].any() else []
    notes += [tr("{count} areas not shown", count=left)] if left > 0 else []
    title = tr("per {base:,} inhabitants ({level:g}% intervals)", base=BASE, level=100 * level)
    axes.set_xlabel("\n".join([title, *notes]), **PLAIN)
    told = [items(values.index, _marks(values).texts()) for values in series.values()]
    words = [f"{capital(name)}, {text}" for name, text in zip(series, told, strict=True)]
    _finish(axes, [tr("People {title}.", title=title), *words, *(f"{line}." for line in notes), *caveats])
    return axes


def check(table: pd.DataFrame, caveats: Sequence[str], *, level: float, ax: Axes | None) -> Axes:
    """Draw predictions from the other areas relative to the areas' own estimates, with the line of equality."""
    table = table.sort_values("ratio")
    axes = axes_for(ax, round(0.8 * len(table) + 1))
    place = pd.Series(np.arange(len(table), dtype=float), index=table.index)
    ratios = table[["ratio", "ratio_lower", "ratio_upper"]].set_axis(["estimate", "lower", "upper"], axis=1)
    for agrees, style, label in ((True, DIRECT, tr("agree")), (False, OPEN | {"fmt": "D"}, tr("differ"))):
        if (table["agrees"] == agrees).any():
            _draw(axes, place, ratios[table["agrees"] == agrees], style, label)
    axes.axvline(1, color="black", linewidth=1, linestyle="--", zorder=0)
    axes.set_xscale("log")
    axes.set_xlim(min(table["ratio_lower"].min() / 1.2, 0.45), max(table["ratio_upper"].max() * 1.2, 2.2))
    formatted(axes, "x", "other")
    label_rows(axes, place, table.index)
    axes.set_ylim(-0.7, len(table) - 0.3)
    title = tr("predicted from the other areas, relative to the own estimate ({level:g}% interval)", level=100 * level)
    named(axes, "x", title)
    agree = np.where(table["agrees"], "", tr(", which differ"))
    texts = [f"{text}{end}" for text, end in zip(_marks(ratios).texts(), agree, strict=True)]
    _finish(axes, [f"{capital(title)}.", items(table.index, texts), *caveats])
    return axes


def _marks(values: pd.DataFrame) -> Marks:
    """Return rates or ratios with their intervals."""
    point, lower, upper = values[["estimate", "lower", "upper"]].to_numpy(dtype=float).T
    return Marks(point, lower, upper, ("rate",) * len(values))


def _draw(axes: Axes, place: pd.Series[Any], values: pd.DataFrame, style: dict[str, Any], label: str) -> None:
    """Draw points with intervals, a row each."""
    marks = _marks(values)
    where = place[values.index].to_numpy()
    draw(axes, where, marks, lying=True, far=far_end(marks.finite()), label=label, **style)


def _finish(axes: Axes, words: list[str]) -> None:
    rows_done(axes)
    legend(axes, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2)
    tell(axes, " ".join(words))
