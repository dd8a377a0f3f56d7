"""The forest plot of a synthesis: sources, weights, consensus, and their conflict above all."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from .. import table
from ..interval import check_level
from ..plot.axes import COLOUR, axes_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .synthesis import Synthesis

#: The consensus: vermillion of Okabe and Ito, darker or lighter than blue in grey, and another shape.
CONSENSUS = "#D55E00"
#: Beyond this ratio of the outermost limits sizes are drawn on a log scale.
WIDE = 8
#: Areas of squares, in points squared, from no weight to all.
SMALL, LARGE = 20, 260
#: Where the columns' heads stand, above the first source.
HEAD = -0.7
#: Of a figure in inches: columns of numbers need room; names are broken after so many letters.
WIDTH, LETTERS = 9, 26


def forest(together: Synthesis, *, level: float, ax: Axes | None) -> Axes:
    """Draw it; see `Synthesis.plot`."""
    level = check_level(level)
    rows = together.summary(level)
    axes = axes_for(ax, len(rows))
    if ax is None and isinstance(axes.figure, Figure):
        axes.figure.set_figwidth(WIDTH)
    place = _places(rows["role"].tolist())
    ends = rows[["lower", "upper"]].to_numpy(dtype=float)
    _scale(axes, together, ends)
    for y, (_, row) in zip(place, rows.iterrows(), strict=True):
        (_source if row["role"] == "source" else _consensus)(axes, y, row)
    axes.set_yticks(place, ["\n".join(textwrap.wrap(str(name), LETTERS)) for name in rows.index])
    for text, role in zip(axes.get_yticklabels(), rows["role"], strict=True):
        text.set_fontweight("bold" if role == "consensus" else "normal")
    axes.set_ylim(max(place) + 0.6, -0.9)
    if not together.evidence.several:
        middle = float(rows["estimate"].iloc[-1])
        axes.axvline(middle, color=CONSENSUS, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
    _columns(axes, together, place, rows, level)
    axes.grid(axis="x", alpha=0.3)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(f"{together.estimate.name} by {together.combined.estimator} ({100 * level:g}% intervals)")
    said = [text for text in (together.conflict.verdict, together.conflict.sentence()) if text]
    axes.set_title(
        "\n".join(said),
        loc="left",
        fontsize="small",
        fontweight="bold" if together.conflict.strong else "normal",
    )
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


def _scale(axes: Axes, together: Synthesis, ends: Any) -> None:
    finite = ends[np.isfinite(ends) & (ends > 0)]
    share = together.evidence.quantity == "share"
    wide = not share and len(finite) > 0 and finite.max() > WIDE * finite.min()
    whole = FuncFormatter(lambda x, _: f"{x:,.0f}" if abs(x) >= 10 else f"{x:g}")
    per_cent = FuncFormatter(lambda x, _: f"{100 * x:.3g}%")
    if wide:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=6))
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.xaxis.set_major_formatter(per_cent if share else whole)


def _columns(axes: Axes, together: Synthesis, place: list[float], rows: Any, level: float) -> None:
    """Write weights and numbers to the right, as labels of an axis, for which layouts keep room."""
    quantity = together.evidence.quantity
    values = rows[["estimate", "lower", "upper"]].to_numpy(dtype=float)
    texts = [f"weight   estimate ({100 * level:g}% interval)"]
    for digits, row, weight in zip(table.decimals(*values.T), values, rows["weight"], strict=True):
        number = [table.show(value, digits, quantity) for value in row]
        share = "" if np.isnan(weight) else f"{100 * weight:.0f}%"
        texts.append(f"{share:\N{FIGURE SPACE}>5}      {number[0]} ({number[1]} to {number[2]})")
    right = axes.twinx()
    right.set_ylim(axes.get_ylim())
    right.set_yticks([HEAD, *place], texts, fontsize="small")
    right.tick_params(axis="y", length=0)
    for text, role in zip(right.get_yticklabels(), ["head", *rows["role"]], strict=True):
        text.set_fontweight("bold" if role == "consensus" else "normal")
    for spine in right.spines.values():
        spine.set_visible(False)
