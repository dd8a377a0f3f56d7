"""Figures of a register and of what a model made of it, with matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..drawing.axes import COLOUR, VERMILION, axes_for, bare, formatted, legend, named, note, tell

if TYPE_CHECKING:
    from matplotlib.axes import Axes
KINDS = ("rootogram", "frequencies")


def frequencies(seen: pd.Series[Any], noted: str, *, ax: Axes | None) -> Axes:
    """Draw bars of people by times seen; see `CaptureCounts.plot`."""
    axes = axes_for(ax, 5)
    axes.bar(seen.index, seen, color=COLOUR, width=0.8)
    for times, people in seen.items():
        if people:
            axes.annotate(f"{people:,}", (float(str(times)), people), ha="center", va="bottom", fontsize="small")
    _finish(axes, seen.index.name, "people")
    note(axes, [noted])
    numbers = "; ".join(f"{times}: {people:,}" for times, people in seen.items() if people)
    tell(axes, f"People by times seen ({seen.index.name}). {numbers}. {noted}")
    return axes


def fitted(table: pd.DataFrame, title: str, noted: str, kind: str, *, ax: Axes | None) -> Axes:
    """Draw observed and fitted frequencies; see `CountFit.plot`."""
    axes = axes_for(ax, 5)
    times = table.index.to_numpy()
    observed, expected = table["observed"].to_numpy(float), table["fitted"].to_numpy(float)
    if kind == "rootogram":
        observed, expected = np.sqrt(observed), np.sqrt(expected)
        axes.bar(times, observed, bottom=expected - observed, color=COLOUR, alpha=0.5, width=0.8, label="observed")
        axes.axhline(0, color="black", linewidth=0.8)
    else:
        axes.bar(times, observed, color=COLOUR, alpha=0.5, width=0.8, label="observed")
    axes.plot(times, expected, "o-", color=VERMILION, label="fitted")
    legend(axes)
    _finish(axes, table.index.name, "square root of people" if kind == "rootogram" else "people")
    note(axes, [title, noted])
    both = zip(times, table["observed"], table["fitted"], strict=True)
    numbers = "; ".join(f"{time}: {seen:,.0f} observed, {made:,.1f} fitted" for time, seen, made in both)
    tell(axes, f"{title}: people by times seen. {numbers}. {noted}")
    return axes


def _finish(axes: Axes, column: object, height: str) -> None:
    named(axes, "x", f"times seen ({column})")
    named(axes, "y", height)
    formatted(axes, "x", "size", whole=True)
    formatted(axes, "y", "size")
    bare(axes, "top", "right")
