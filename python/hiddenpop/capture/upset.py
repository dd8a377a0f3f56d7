"""UpSet plots: overlaps of many lists, readable where a Venn diagram no longer is.

Lex, Gehlenborg, Strobelt, Vuillemot and Pfister (2014), IEEE Transactions on Visualization and Computer
Graphics 20:1983-1992.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from ..drawing.axes import COLOUR, PLAIN, bare, formatted, subplots, tell
from ..errors import visible
from ..ground import checks
from ..ground.columns import Floats
from .describe import marks, overlaps

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw(names: Sequence[str], table: Floats, most: int, ax: Axes | None) -> Axes:
    """Draw the plot of people by history; see `Lists.plot`."""
    frame = overlaps(names, table).head(checks.whole(most, "most", 1))
    counted = frame.iloc[:, -1]
    totals = {name: int(table[on].sum()) for name, on in zip(names, marks(len(names)), strict=True)}
    if ax is None:
        size = (2.5 + 0.38 * len(frame), 2.8 + 0.32 * len(names))
        bars, dots = subplots(2, figsize=size, sharex=True, height_ratios=[2.4, 0.32 * len(names) + 0.4])
    else:
        bars = ax
        dots = ax.inset_axes((0, -0.12 - 0.12 * len(names), 1, 0.12 * len(names)), sharex=ax)
    place = np.arange(len(frame))
    bars.bar(place, counted, color=COLOUR, width=0.65)
    for x, count in zip(place, counted, strict=True):
        bars.annotate(f"{count:,}", (x, count), ha="center", va="bottom", fontsize="small")
    bars.set_ylabel("people")
    formatted(bars, "y", "size", whole=True)
    bars.tick_params(axis="x", bottom=False, labelbottom=False)
    bars.margins(y=0.12)
    for row, name in enumerate(names):
        on = frame[name].to_numpy(dtype=bool)
        dots.plot(place[~on], np.full((~on).sum(), row), "o", color="0.85", markersize=7)
        dots.plot(place[on], np.full(on.sum(), row), "o", color="0.15", markersize=7)
    histories = frame[list(names)].to_numpy(dtype=bool)
    for x, column in zip(place, histories, strict=True):
        rows = np.flatnonzero(column)
        dots.plot([x, x], [rows.min(), rows.max()], color="0.15", linewidth=1.5)
    dots.set_yticks(np.arange(len(names)), [f"{visible(name)} ({totals[name]:,})" for name in names], **PLAIN)
    dots.set_ylim(len(names) - 0.5, -0.5)
    dots.tick_params(axis="both", length=0, labelbottom=False)
    for axes in (bars, dots):
        bare(axes, "top", "right", *(("left", "bottom") if axes is dots else ()))
    title = f"{int(table.sum()):,} people on {len(names)} lists"
    bars.set_title(title, loc="left", fontsize="medium")
    on_each = ", ".join(f"{name} {total:,}" for name, total in totals.items())
    seen = [
        f"{' and '.join(name for name, on in zip(names, column, strict=True) if on)} only {count:,}"
        for column, count in zip(histories, counted, strict=True)
    ]
    tell(bars, f"UpSet plot: {title}. People on each list: {on_each}. Most frequent combinations: {'; '.join(seen)}.")
    return cast("Axes", bars)
