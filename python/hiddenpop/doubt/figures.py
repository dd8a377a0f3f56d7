"""Figures of a sensitivity analysis: tornado, contours, scenarios, shares of variance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from ..drawing.axes import (
    COLOUR,
    ORANGE,
    PLAIN,
    across,
    axes_for,
    describe,
    formatted,
    items,
    label_rows,
    legend,
    named,
    note,
    rows_done,
    tell,
    tick,
)
from ..ground.columns import Floats
from ..ground.language import numerals, spoken, tr
from ..ground.text import capital, label_of
from .digits import write
from .ranges import Varied

if TYPE_CHECKING:
    from matplotlib.axes import Axes
#: Above the base case, beside what lies below it; lighter in grey, and hatched.
UP = ORANGE
#: A bar that has no end is drawn so far beyond the others, in parts of what they span.
BEYOND = 0.15
#: No contour line so close to the lowest or highest value: its label would not fit into the corner.
EDGE = 0.07


class Result(NamedTuple):
    """What is studied: its name, quantity and point in the base case, and what must be known to read it."""

    name: str
    quantity: str
    point: float
    notes: Sequence[str]

    def text(self, value: float) -> str:
        """Write a value of it."""
        return write(value, 3, share=self.quantity == "share")


def tornado(result: Result, table: pd.DataFrame, *, ax: Axes | None) -> Axes:
    """Draw bars of a summary; see `Sensitivity.tornado`."""
    axes = axes_for(ax, len(table))
    base = result.point
    ends = table[["lowest", "highest"]].to_numpy()
    finite = np.append(ends[np.isfinite(ends)], base)
    reach = BEYOND * float(np.ptp(finite) or abs(base) or 1.0)
    shown = np.clip(np.nan_to_num(ends, nan=base, posinf=np.inf), finite.min() - reach, finite.max() + reach)
    for row, (name, line) in enumerate(table.iterrows()):
        low, high = shown[row]
        below, above = min(low, base), max(high, base)
        axes.barh(row, base - below, left=below, height=0.55, color=COLOUR, edgecolor="black", linewidth=0.6)
        axes.barh(row, above - base, left=base, height=0.55, color=UP, edgecolor="black", linewidth=0.6, hatch="//")
        if line["swing"] == 0:
            axes.annotate(
                " " + tr("{input} moves nothing", input=label_of(name)),
                (base, row),
                ha="left",
                va="center",
                fontsize="small",
                **PLAIN,
            )
            continue
        for end, place, side in ((low, "at_lowest", "right"), (high, "at_highest", "left")):
            open_end = "" if np.isfinite(line["lowest" if side == "right" else "highest"]) else tr(", unbounded")
            axes.annotate(
                f"{write(line[place])}{open_end}",
                (end, row),
                xytext=(-4 if side == "right" else 4, 0),
                textcoords="offset points",
                ha=side,
                va="center",
                fontsize="small",
            )
    axes.axvline(base, color="black", linewidth=1.2)
    bases = table["base"].map(write)
    axes.set_yticks(
        np.arange(len(table)),
        [tr("{input}\n(base {value})", input=label_of(name), value=bases[name]) for name in table.index],
        **PLAIN,
    )
    axes.set_ylim(len(table) - 0.5, -0.5)
    room = 0.18 * max(float(np.ptp(np.append(shown, base))), reach)  # for the numbers at the ends
    axes.set_xlim(min(float(shown.min()), base) - room, max(float(shown.max()), base) + room)
    _sideways(result.quantity, axes)
    start = result.text(base)
    named(axes, "x", tr("{what} (point estimate; base case {value})", what=result.name, value=start))
    note(axes, result.notes)
    texts = [
        tr(
            "{low} at {lowest} to {high} at {highest}, base {base}",
            low=result.text(line["lowest"]),
            lowest=write(line["at_lowest"]),
            high=result.text(line["highest"]),
            highest=write(line["at_highest"]),
            base=write(line["base"]),
        )
        for _, line in table.iterrows()
    ]
    said = tr("Tornado of {what}; base case {value}.", what=result.name, value=start)
    words = [said, items(table.index, texts), *result.notes]
    tell(axes, " ".join(words))
    return axes


def contour(
    result: Result,
    x: Varied,
    y: Varied,
    values: Sequence[Floats],
    estimates: Floats,
    published: float | None,
    *,
    ax: Axes | None,
) -> Axes:
    """Draw lines of equal estimates, given on a grid of both inputs' values; see `Sensitivity.contour`."""
    axes = across(ax)
    found = np.ma.masked_invalid(estimates)
    base = result.point
    marked = base if published is None else published
    low, high = float(found.min()), float(found.max())
    for varied, axis, scale in ((x, axes.xaxis, axes.set_xscale), (y, axes.yaxis, axes.set_yscale)):
        if varied.ratio:  # before anything is drawn, because labels are placed on the figure as it is
            _ratio(axis, scale, varied)
    axes.set_xlim(x.low, x.high)
    axes.set_ylim(y.low, y.high)
    levels = _levels(found, marked)
    if len(levels):
        axes.contourf(*values, found, levels=[low, *levels, high], cmap="Blues", alpha=0.45)
        lines = axes.contour(*values, found, levels=levels, colors="black", linewidths=0.7)
        axes.clabel(lines, fmt=result.text, fontsize="small")
    if low < marked < high:
        heavy = axes.contour(*values, found, levels=[marked], colors="black", linewidths=2.2, linestyles="dashed")
        line = max(heavy.allsegs[0], key=len)
        away = [np.hypot((px - x.base) / (x.high - x.low), (py - y.base) / (y.high - y.low)) for px, py in line]
        inner = range(len(line) // 6, max(len(line) - len(line) // 6, 1))  # not at an end, and not under the cross
        place = [tuple(line[max(inner, key=lambda i: away[i])])]
        axes.clabel(heavy, fmt=result.text, fontsize="small", manual=place)
    axes.plot([x.base], [y.base], "X", color="black", markersize=11, markeredgecolor="white", clip_on=False, zorder=5)
    named(axes, "x", x.name)
    named(axes, "y", y.name)
    heavy_line = _heavy(
        result.text(marked), published is not None, everywhere=low == marked == high, drawn=low < marked < high
    )
    cross = tr("cross: base case, {value}; {line}", value=result.text(base), line=heavy_line)
    note(axes, [result.name, cross, *result.notes], style="normal")
    drawn = ", ".join(result.text(value) for value in levels)
    words = [
        tr(
            "{what} over {input} ({from_input} to {to_input}) and {other} ({from_other} to {to_other}), from {low} to {high}.",
            what=result.name,
            input=x.name,
            from_input=write(x.low),
            to_input=write(x.high),
            other=y.name,
            from_other=write(y.low),
            to_other=write(y.high),
            low=result.text(low),
            high=result.text(high),
        ),
        tr(
            "Base case {value} at {input} {base_input} and {other} {base_other}; {line}.",
            value=result.text(base),
            input=x.name,
            base_input=write(x.base),
            other=y.name,
            base_other=write(y.base),
            line=heavy_line,
        ),
        *([tr("Lines at {levels}.", levels=drawn)] if drawn else []),
        *result.notes,
    ]
    tell(axes, " ".join(words))
    return axes


def _heavy(value: str, published: bool, *, everywhere: bool, drawn: bool) -> str:
    """Say where the estimate is as in the base case, or as published."""
    if not drawn:
        return tr("{value} everywhere", value=value) if everywhere else tr("{value} is reached nowhere", value=value)
    return (
        tr("dashed: published, {value}", value=value)
        if published
        else tr("dashed: as in the base case, {value}", value=value)
    )


def compared(axes: Axes, base: object, start: float) -> None:
    """Draw a line at the scenario that the others are compared with; see `Scenarios.plot`."""
    if np.isfinite(start):
        axes.axvline(start, color="black", linewidth=1, linestyle="dashed", zorder=0)
    label = " ".join(axes.get_xlabel().split())
    named(axes, "x", tr("{axis}; dashed: {base}", axis=label, base=label_of(base)))
    tell(axes, " ".join([describe(axes), tr("Dashed: {base}.", base=label_of(base))]))


def shares(table: pd.DataFrame, what: str, notes: Sequence[str], *, ax: Axes | None) -> Axes:
    """Draw first and total shares of what was divided; see `VarianceShares.plot`."""
    axes = axes_for(ax, len(table) + 1)
    place = np.arange(len(table))
    styles: tuple[tuple[str, float, str, str, str], ...] = (
        ("first", -0.2, COLOUR, "", tr("by itself (first-order)")),
        ("total", 0.2, UP, "//", tr("with all it does together with others (total)")),
    )
    for column, shift, colour, hatch, label in styles:
        value = table[column].to_numpy()
        error = np.maximum(np.nan_to_num(table[f"{column}_upper"].to_numpy() - value), 0)
        axes.barh(
            place + shift, np.nan_to_num(value), height=0.36, xerr=error, color=colour, hatch=hatch, edgecolor="black",
            linewidth=0.6, capsize=3, label=label,
        )  # fmt: skip
    for row in np.flatnonzero(table["total"].isna()):
        axes.annotate(tr("no answer"), (0.5, row), xycoords=("axes fraction", "data"), ha="center", va="center")
    label_rows(axes, place, table.index)
    axes.set_ylim(len(table) - 0.5, -0.5)
    formatted(axes, "x", "share")
    axes.axvline(0, color="black", linewidth=0.8)
    rows_done(axes)
    named(axes, "x", what)
    legend(axes, loc="lower right", bbox_to_anchor=(1, 1), fontsize="small", ncols=2)
    texts = [
        tr("no answer")
        if np.isnan(total)
        else tr("{first:.0%} by itself, {total:.0%} with all it does together with others", first=first, total=total)
        for first, total in zip(table["first"], table["total"], strict=True)
    ]
    tell(axes, " ".join([f"{capital(what)}.", items(table.index, texts), *notes]))
    return axes


def _levels(found: Any, marked: float) -> list[float]:
    """Return round levels, none of them close to the marked value."""
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415 (matplotlib only when something is plotted)

    low, high = float(found.min()), float(found.max())
    if not low < high:
        return []
    wide = low > 0 and high / low > 5
    nice = (
        np.unique([float(f"{v:.1g}") for v in np.geomspace(low, high, 9)])
        if wide
        else np.asarray(MaxNLocator(nbins=8).tick_values(low, high))
    )
    near = np.diff(nice).min() / 4 if len(nice) > 1 else 0.0
    edge = EDGE * (high - low)
    return [float(v) for v in nice if low + edge < v < high - edge and abs(v - marked) > near]


def _ratio(axis: Any, scale: Any, varied: Varied) -> None:
    """Show a ratio on the log scale, with readable numbers."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator  # noqa: PLC0415 (matplotlib only when something is plotted)

    language = spoken()
    scale("log")
    steps = [1, 1.25, 1.5, 2, 3, 4, 5, 8]
    nice = [s * 10.0**k for k in range(-6, 7) for s in steps]
    nice = sorted(
        {round(v, 9) for n in nice for v in (n, 1 / n) if varied.low <= v <= varied.high and len(f"{v:g}") < 5}
    )
    while len(nice) > 8:
        nice = [v for v in nice if v == 1 or nice.index(v) % 2 == nice.index(1.0) % 2]
    axis.set_major_locator(FixedLocator(nice))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda v, _: numerals(tick(v, "other"), language)))


def _sideways(quantity: str, axes: Axes) -> None:
    formatted(axes, "x", quantity)
    rows_done(axes)
