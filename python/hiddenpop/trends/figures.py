"""Figures of trends: studies as a line over time, and a smooth trend as a band over the studies' own intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..drawing import marks
from ..drawing.axes import COLOUR, across, curves_done, formatted, legend, named, note, tell
from ..drawing.marks import Marks
from ..drawing.series import Series
from ..ground.columns import Floats
from ..ground.language import tr

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..estimate.estimate import Estimate
#: Places at which the band is computed.
PLACES = 61


def line(studies: Estimate, caveat: str | None, level: float, name: str = "") -> Series:
    """Return studies as a line of a figure over time, joined unless there is a caveat."""
    found = marks.measured(studies, level)
    notes = tuple(marks.caveats(studies))
    return Series(name, list(studies.labels), found, caveat is None, studies.quantity, notes, caveat)


def places(times: Sequence[float]) -> Floats:
    """Return where the band is computed: evenly from the first to the last of some times, and at these."""
    return np.union1d(np.linspace(min(times), max(times), PLACES), times)


def draw(
    grid: Floats,
    band: Marks,
    at: Floats,
    studies: Marks,
    *,
    name: str,
    told: str,
    notes: Sequence[str],
    level: float,
    ax: Axes | None,
) -> Axes:
    """Draw levels over a grid, and studies at their times; see `SmoothTrend.plot`. `told` lists the levels asked for."""
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415 (matplotlib only when something is plotted)

    axes = across(ax)
    per_cent = 100 * level
    axes.fill_between(
        grid,
        band.lower,
        band.upper,
        color=COLOUR,
        alpha=0.22,
        linewidth=0,
        label=tr("smooth, {level:g}% band", level=per_cent),
    )
    inside = (grid >= at.min()) & (grid <= at.max())
    axes.plot(grid[inside], band.point[inside], color=COLOUR, linewidth=2)
    for beyond in (grid <= at.min(), grid >= at.max()):
        axes.plot(grid[beyond], band.point[beyond], color=COLOUR, linewidth=2, linestyle=(0, (4, 3)))
    ends = np.concatenate([band.lower, band.upper])
    drawn = np.concatenate([studies.finite(), ends[np.isfinite(ends)]])
    far = marks.far_end(drawn)
    style: dict[str, Any] = {"color": "black", "markerfacecolor": "white", "elinewidth": 1.3, "zorder": 3}
    marks.draw(
        axes, at, studies, lying=False, far=far, label=tr("studies, {level:g}% intervals", level=per_cent), **style
    )
    axes.set_ylim(0, 1.06 * (far if studies.unbounded.any() else drawn.max()))
    formatted(axes, "y", band.quantities[0])
    curves_done(axes)
    named(axes, "y", name)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 5, 10], integer=True))
    legend(axes, loc="lower left")
    note(axes, notes)
    tell(axes, " ".join([tr("Smooth trend with {level:g}% intervals.", level=per_cent), told, *notes]))
    return axes
