"""The figure of a smooth trend: a band over the studies' own intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import interval
from ..smoothing import number, smooth
from . import axes as plot
from .marks import caveats, measured

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..estimate import Estimate
    from ..smoothing import SmoothTrend

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
    own, _ = interval.interval(studies.node, level, interval.default_method(studies.node), None)
    point = studies.node.point
    reach = np.maximum(np.nan_to_num([point - own[:, 0], own[:, 1] - point], posinf=0.0), 0.0)
    style: dict[str, Any] = {
        "fmt": "o",
        "color": "black",
        "markerfacecolor": "white",
        "capsize": 4,
        "markersize": 7,
        "linewidth": 1.3,
    }
    axes.errorbar(at, point, yerr=reach, label=f"studies, {told} intervals", zorder=3, **style)
    highest = np.concatenate([ends[:, 1], point + reach[1]])
    axes.set_ylim(0, 1.06 * highest[np.isfinite(highest)].max())
    plot.formatted(axes, "y", found.estimate.quantity)
    plot.bare(axes, "top", "right")
    axes.grid(axis="y", alpha=0.3)
    plot.named(axes, "y", found.estimate.name)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    plot.legend(axes, loc="lower left")
    plot.note(axes, [found.caveat or "", *caveats(studies)])
    texts = zip(found.estimate.labels, measured(found.estimate, level, warned=False).texts(), strict=True)
    words = "; ".join(f"{plot.label_of(time)}: {text}" for time, text in texts)
    plot.tell(axes, f"Smooth trend with {told} intervals. {words}.")
    return axes


def _at_numbers(found: SmoothTrend) -> Estimate:
    from dataclasses import replace  # noqa: PLC0415

    import pandas as pd  # noqa: PLC0415

    studies = found.trend.estimates
    return replace(studies, labels=pd.Index([number(t) for t in studies.labels]))
