"""Figures of a register and of what a model made of it, with matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..plot.axes import COLOUR, axes_for, bare, tell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .fit import CountFit
    from .register import CaptureCounts

#: What is fitted, beside what was observed (Okabe and Ito 2008).
FITTED = "#D55E00"
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
    axes.plot(times, expected, "o-", color=FITTED, label="fitted")
    axes.legend(frameon=False)
    _finish(axes, fit.counts, "square root of people" if kind == "rootogram" else "people")
    axes.set_title(fit.title, loc="left", fontsize="small", wrap=True)
    both = zip(times, table["observed"], table["fitted"], strict=True)
    numbers = "; ".join(f"{time}: {seen:,.0f} observed, {made:,.1f} fitted" for time, seen, made in both)
    tell(axes, f"{fit.title}: people by times seen. {numbers}. {fit.counts.record.note or ''}")
    return axes


def _finish(axes: Axes, counts: CaptureCounts, height: str) -> None:
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(f"times seen ({counts.record.column})")
    axes.set_ylabel(height)
    bare(axes, "top", "right")
    if counts.record.note:
        axes.annotate(counts.record.note, (0, -0.25), xycoords="axes fraction", fontsize="small", style="italic")
