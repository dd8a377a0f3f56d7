"""The figure of a smooth trend: a band over the studies' own intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..drawing import axes as plot
from ..drawing import marks as shared
from .smooth import number, smooth

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..estimate.estimate import Estimate
    from .smooth import SmoothTrend
#: Places at which the band is computed.
PLACES = 61


def draw(found: SmoothTrend, level: float, ax: Axes | None) -> Axes:
    """Draw it; see `SmoothTrend.plot`."""
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    axes = plot.across(ax)
    studies, walk = found.trend.estimates, found._walk
    at = np.array([number(t) for t in studies.labels])
    asked = [number(t) for t in found.estimate.labels]
    grid = np.union1d(np.linspace(min([*at, *asked]), max([*at, *asked]), PLACES), [*at, *asked])
    years = type(found.trend)(_at_numbers(found), None)
    line = smooth(years, at=grid.tolist(), step=walk.step, prior=walk.prior).estimate
    ends = line.interval(level).to_numpy()
    told = f"{100 * level:g}%"
    axes.fill_between(
        grid, ends[:, 0], ends[:, 1], color=plot.COLOUR, alpha=0.22, linewidth=0, label=f"smooth, {told} band"
    )
    inside = (grid >= at.min()) & (grid <= at.max())
    axes.plot(grid[inside], line.node.point[inside], color=plot.COLOUR, linewidth=2)
    for beyond in (grid <= at.min(), grid >= at.max()):
        axes.plot(grid[beyond], line.node.point[beyond], color=plot.COLOUR, linewidth=2, linestyle=(0, (4, 3)))
    marks = shared.measured(studies, level, warned=False)  # open ends are marked
    drawn = np.concatenate([marks.finite(), ends[np.isfinite(ends)]])
    far = shared.far_end(drawn)
    style: dict[str, Any] = {"color": "black", "markerfacecolor": "white", "elinewidth": 1.3, "zorder": 3}
    shared.draw(axes, at, marks, lying=False, far=far, label=f"studies, {told} intervals", **style)
    axes.set_ylim(0, 1.06 * (far if marks.unbounded.any() else drawn.max()))
    plot.formatted(axes, "y", found.estimate.quantity)
    plot.curves_done(axes)
    plot.named(axes, "y", found.estimate.name)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    plot.legend(axes, loc="lower left")
    notes = [found.caveat or "", *shared.caveats(studies)]
    plot.note(axes, notes)
    words = plot.items(found.estimate.labels, shared.measured(found.estimate, level, warned=False).texts())
    plot.tell(axes, " ".join([f"Smooth trend with {told} intervals.", words, *notes]))
    return axes


def _at_numbers(found: SmoothTrend) -> Estimate:
    from dataclasses import replace  # noqa: PLC0415

    import pandas as pd  # noqa: PLC0415

    studies = found.trend.estimates
    return replace(studies, labels=pd.Index([number(t) for t in studies.labels]))
