"""Figures of one estimate: intervals, or the density of its draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import interval, report
from ..columns import Floats
from ..errors import InputError
from ..interval import check_level
from .axes import COLOUR, axes_for, label_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..estimate import Estimate

KINDS = ("interval", "density")


def draw(est: Estimate, kind: str, *, level: float, ax: Axes | None, **options: Any) -> Axes:
    """Draw an estimate; see `Estimate.plot`."""
    if kind not in KINDS:
        raise InputError(f"kind={kind!r} is not one of {', '.join(KINDS)}.")
    level = check_level(level)
    if est.node.quantity == "event":
        raise InputError("A comparison has a probability, not a figure: hp.prob(a > b).")
    axes = axes_for(ax, len(est))
    drawn = _intervals if kind == "interval" else _densities
    drawn(est, axes, level, dict(options))
    _finish(est, axes)
    return axes


def _intervals(est: Estimate, axes: Axes, level: float, options: dict[str, Any]) -> None:
    ends, _ = interval.interval(est.node, level, interval.default_method(est.node), None)
    point = est.node.point
    place = np.arange(len(est))
    with np.errstate(invalid="ignore"):
        reach = np.array([point - ends[:, 0], ends[:, 1] - point])
    unbounded = np.isinf(ends[:, 1])
    finite = np.concatenate([ends[np.isfinite(ends)], point[np.isfinite(point)]])
    far = finite.max() + 0.15 * max(np.ptp(finite), abs(finite.max())) if len(finite) else 1.0
    reach[1] = np.where(unbounded, far - point, reach[1])
    reach = np.where(np.isfinite(reach), np.maximum(reach, 0), 0)
    style: dict[str, Any] = {"fmt": "o", "color": COLOUR, "markersize": 7, "capsize": 4, "elinewidth": 2} | options
    axes.errorbar(point, place, xerr=reach, **style)
    for row in np.flatnonzero(unbounded):
        axes.annotate("unbounded →", (far, row), ha="right", va="bottom", fontsize="small")
    for row in np.flatnonzero(np.isnan(point)):
        axes.annotate("no estimate", (0.5, row), xycoords=("axes fraction", "data"), ha="center", va="center")
    axes.set_yticks(place, [label_of(label) for label in est.labels])
    axes.set_ylim(len(est) - 0.5, -0.5)
    axes.grid(axis="x", alpha=0.3)
    axes.set_xlabel(f"{est.name} ({100 * level:g}% interval)")


def _densities(est: Estimate, axes: Axes, level: float, options: dict[str, Any]) -> None:
    ends, _ = interval.interval(est.node, level, interval.default_method(est.node), None)
    colour = options.pop("color", COLOUR)
    for row, (drawn, label) in enumerate(zip(est.draws, est.labels, strict=True)):
        x, height = _density(drawn)
        if est.node.quantity == "share":
            inside = (x >= 0) & (x <= 1)
            x, height = x[inside], height[inside]
        if np.isinf(drawn).any():
            axes.annotate(
                f"{np.isinf(drawn).mean():.0%} unbounded →",
                (0.98, row),
                xycoords=("axes fraction", "data"),
                ha="right",
                va="bottom",
                fontsize="small",
            )
        if np.isnan(est.node.point[row]):
            axes.annotate("no estimate", (0.5, row), xycoords=("axes fraction", "data"), ha="center", va="center")
        if len(x) == 0:
            axes.plot([est.node.point[row]], [row], "o", color=colour)
            continue
        top = row - 0.85 * height
        axes.fill_between(x, row, top, color=colour, **({"alpha": 0.3, "linewidth": 0} | options))
        axes.plot(x, top, color=colour, linewidth=1.5)
        low, high = ends[row]
        axes.plot([low, min(high, x[-1])], [row, row], color=colour, linewidth=3, solid_capstyle="butt")
        axes.plot([est.node.point[row]], [row], "o", color=colour, label=label_of(label))
    axes.set_yticks(np.arange(len(est)), [label_of(label) for label in est.labels])
    axes.set_ylim(len(est) - 0.7, -1)
    axes.grid(axis="x", alpha=0.3)
    axes.set_xlabel(f"{est.name} (density of draws, {100 * level:g}% interval)")


def _density(draws: Floats, cells: int = 257) -> tuple[Floats, Floats]:
    """Smooth a histogram with a normal kernel (Silverman 1986, eq. 3.31 for its width); height at most 1."""
    defined = draws[np.isfinite(draws)]
    if len(defined) < 2:
        return np.empty(0), np.empty(0)
    low, high = np.quantile(defined, [0.001, 0.999])
    quartiles = np.quantile(defined, [0.25, 0.75])
    spread = min(defined.std(), (quartiles[1] - quartiles[0]) / 1.349) or defined.std()
    if spread == 0:
        return np.empty(0), np.empty(0)
    width = 0.9 * spread * len(defined) ** -0.2
    counts, edges = np.histogram(defined, cells, (low - 3 * width, high + 3 * width))
    step = edges[1] - edges[0]
    reach = (np.arange(cells) - cells // 2) * step
    kernel = np.exp(-0.5 * (reach / max(width, step)) ** 2)
    smooth = np.convolve(counts, kernel, mode="same")
    return (edges[:-1] + edges[1:]) / 2, smooth / smooth.max()


def _finish(est: Estimate, axes: Axes) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter  # noqa: PLC0415

    axes.xaxis.set_major_locator(MaxNLocator(nbins=6))
    if est.node.quantity == "share":
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    elif est.node.quantity == "size":
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    notes = report.caveats(est.node)
    if notes:
        axes.set_title("\n".join(notes), loc="left", fontsize="small", style="italic", wrap=True)
