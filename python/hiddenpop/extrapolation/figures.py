"""Figures of an extrapolation: rates by area, and predictions from the other areas against direct estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..plot import axes as plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .result import Extrapolation

#: Okabe and Ito's vermilion, for what is predicted; its marker is another one too.
PREDICTED = "#D55E00"
DIRECT: dict[str, Any] = {"fmt": "o", "color": plot.COLOUR, "markersize": 6, "capsize": 3, "elinewidth": 1.6}
OPEN: dict[str, Any] = DIRECT | {"color": PREDICTED, "markerfacecolor": "white"}
#: More areas than this are too many to name; those predicted with the largest sizes are shown.
MOST_AREAS = 40
BASE = 1000


def areas(result: Extrapolation, level: float, ax: Axes | None) -> Axes:
    """Draw each area's rate: direct estimates, and the model's predictions."""
    table = result.summary(level, base=BASE)
    per = BASE / pd.Series(result.plan.population, index=result.plan.areas)
    left = len(table) - MOST_AREAS
    if left > 0:
        known = table["direct"].notna()
        room = max(MOST_AREAS - int(known.sum()), 0)
        table = table.loc[known | (table["estimate"].where(~known).rank(ascending=False, method="first") <= room)]
        left = len(result.areas) - len(table)
    table = table.sort_values("rate")
    axes = plot.axes_for(ax, round(0.62 * len(table) + 1))
    place = pd.Series(np.arange(len(table), dtype=float), index=table.index)
    own = table[table["direct"].notna()]
    shown = table if result.plan.method == "fay_herriot" else table[table["direct"].isna()]
    apart = 0.17 if len(shown) == len(table) else 0.0
    direct = result.direct.interval(level).loc[own.index].assign(estimate=own["direct"])
    _marks(axes, place - apart, direct.mul(per.loc[own.index], axis=0), DIRECT, "the area's own estimate")
    columns = ["lower", "upper", "estimate"]
    _marks(axes, place + apart, shown[columns].mul(per.loc[shown.index], axis=0), OPEN | {"fmt": "s"}, "predicted")
    starred = [f"{plot.label_of(area)} *" if table.loc[area, "beyond"] else plot.label_of(area) for area in table.index]
    axes.set_yticks(place, starred)
    axes.set_ylim(-0.7, len(table) - 0.3)
    axes.set_xlim(left=0)
    notes = ["* beyond the indicators of areas with an estimate"] if table["beyond"].any() else []
    notes += [f"{left} areas not shown"] if left > 0 else []
    axes.set_xlabel("\n".join([f"per {BASE:,} inhabitants ({100 * level:g}% intervals)", *notes]))
    _finish(axes)
    return axes


def check(result: Extrapolation, level: float, ax: Axes | None) -> Axes:
    """Draw predictions from the other areas relative to the areas' own estimates, with the line of equality."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter  # noqa: PLC0415

    table = result.leave_one_out(level).sort_values("ratio")
    axes = plot.axes_for(ax, round(0.8 * len(table) + 1))
    place = pd.Series(np.arange(len(table), dtype=float), index=table.index)
    ratios = table[["ratio", "ratio_lower", "ratio_upper"]].set_axis(["estimate", "lower", "upper"], axis=1)
    for agrees, style, label in ((True, DIRECT, "agree"), (False, OPEN | {"fmt": "D"}, "differ")):
        if (table["agrees"] == agrees).any():
            _marks(axes, place, ratios[table["agrees"] == agrees], style, label)
    axes.axvline(1, color="black", linewidth=1, linestyle="--", zorder=0)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlim(min(table["ratio_lower"].min() / 1.2, 0.45), max(table["ratio_upper"].max() * 1.2, 2.2))
    axes.set_yticks(place, [plot.label_of(area) for area in table.index])
    axes.set_ylim(-0.7, len(table) - 0.3)
    axes.set_xlabel(f"predicted from the other areas, relative to the own estimate ({100 * level:g}% interval)")
    _finish(axes)
    return axes


def _marks(axes: Axes, place: pd.Series[Any], values: pd.DataFrame, style: dict[str, Any], label: str) -> None:
    """Draw points with intervals, a row each."""
    reach = [values["estimate"] - values["lower"], values["upper"] - values["estimate"]]
    axes.errorbar(values["estimate"], place[values.index], xerr=np.maximum(reach, 0), label=label, **style)


def _finish(axes: Axes) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="x", alpha=0.3)
    axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2)
