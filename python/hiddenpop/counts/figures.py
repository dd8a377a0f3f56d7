"""Figures of a register and of what a model made of it, with matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..drawing.axes import COLOUR, VERMILION, axes_for, bare, formatted, legend, named, note, tell
from ..ground.language import number, tr

if TYPE_CHECKING:
    from matplotlib.axes import Axes
KINDS = ("rootogram", "frequencies")


def frequencies(seen: pd.Series[Any], noted: str, *, ax: Axes | None) -> Axes:
    """Draw bars of people by times seen; see `CaptureCounts.plot`."""
    axes = axes_for(ax, 5)
    axes.bar(seen.index, seen, color=COLOUR, width=0.8)
    for times, people in seen.items():
        if people:
            axes.annotate(number(people, ","), (float(str(times)), people), ha="center", va="bottom", fontsize="small")
    _finish(axes, seen.index.name, tr("people"))
    note(axes, [noted])
    numbers = "; ".join(f"{times}: {number(people, ',')}" for times, people in seen.items() if people)
    tell(
        axes,
        tr("People by times seen ({column}). {numbers}. {noted}", column=seen.index.name, numbers=numbers, noted=noted),
    )
    return axes


def fitted(table: pd.DataFrame, title: str, noted: str, kind: str, *, ax: Axes | None) -> Axes:
    """Draw observed and fitted frequencies; see `CountFit.plot`."""
    axes = axes_for(ax, 5)
    times = table.index.to_numpy()
    observed, expected = table["observed"].to_numpy(float), table["fitted"].to_numpy(float)
    if kind == "rootogram":
        observed, expected = np.sqrt(observed), np.sqrt(expected)
        axes.bar(times, observed, bottom=expected - observed, color=COLOUR, alpha=0.5, width=0.8, label=tr("observed"))
        axes.axhline(0, color="black", linewidth=0.8)
    else:
        axes.bar(times, observed, color=COLOUR, alpha=0.5, width=0.8, label=tr("observed"))
    axes.plot(times, expected, "o-", color=VERMILION, label=tr("fitted"))
    legend(axes)
    _finish(axes, table.index.name, tr("square root of people") if kind == "rootogram" else tr("people"))
    note(axes, [title, noted])
    both = zip(times, table["observed"], table["fitted"], strict=True)
    numbers = "; ".join(
        tr("{times}: {seen:,.0f} observed, {fitted:,.1f} fitted", times=time, seen=seen, fitted=made)
        for time, seen, made in both
    )
    tell(axes, tr("{title}: people by times seen. {numbers}. {noted}", title=title, numbers=numbers, noted=noted))
    return axes


def _finish(axes: Axes, column: object, height: str) -> None:
    named(axes, "x", tr("times seen ({column})", column=column))
    named(axes, "y", height)
    formatted(axes, "x", "size", whole=True)
    formatted(axes, "y", "size")
    bare(axes, "top", "right")
