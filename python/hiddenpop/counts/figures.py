"""Figures of a register and of what a model made of it, with matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..drawing.axes import COLOUR, VERMILION, axes_for, bare, formatted, legend, named, note, tell
from ..errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .fit import CountFit
    from .register import CaptureCounts
KINDS = ("rootogram", "frequencies")


def frequencies(counts: CaptureCounts, *, ax: Axes | None) -> Axes:
    """Draw bars; see `CaptureCounts.plot`."""
    axes = axes_for(ax, 5)
    seen = counts.frequencies
    axes.bar(seen.index, seen, color=COLOUR, width=0.8)
    for times, people in seen.items():
        if people:
            axes.annotate(f"{people:,}", (float(str(times)), people), ha="center", va="bottom", fontsize="small")
    _finish(axes, counts, "people")
    note(axes, [counts.record.note or ""])
    numbers = "; ".join(f"{times}: {people:,}" for times, people in seen.items() if people)
    tell(axes, f"People by times seen ({counts.record.column}). {numbers}. {counts.record.note or ''}")
    return axes


def fitted(fit: CountFit, kind: str, *, ax: Axes | None) -> Axes:
    """Draw observed and fitted frequencies; see `CountFit.plot`."""
    if kind not in KINDS:
        raise InputError(f"kind={kind!r} is not one of {', '.join(KINDS)}.")
    table = fit.frequencies()
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
    _finish(axes, fit.counts, "square root of people" if kind == "rootogram" else "people")
    note(axes, [fit.title, fit.counts.record.note or ""])
    both = zip(times, table["observed"], table["fitted"], strict=True)
    numbers = "; ".join(f"{time}: {seen:,.0f} observed, {made:,.1f} fitted" for time, seen, made in both)
    tell(axes, f"{fit.title}: people by times seen. {numbers}. {fit.counts.record.note or ''}")
    return axes


def _finish(axes: Axes, counts: CaptureCounts, height: str) -> None:
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    named(axes, "x", f"times seen ({counts.record.column})")
    named(axes, "y", height)
    formatted(axes, "y", "size")
    bare(axes, "top", "right")
