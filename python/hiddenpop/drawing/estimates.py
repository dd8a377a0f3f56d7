"""Figures of one estimate: intervals, or the density of its draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from ..expression.labelled import Labelled
from ..ground.columns import Floats
from ..ground.language import read, tr
from ..ground.text import label_of
from . import marks
from .axes import COLOUR, axes_for, formatted, items, label_rows, legend_name, named, note, rows_done, tell
from .marks import Marks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KINDS = ("interval", "density")


def draw(
    est: Labelled, kind: str, *, level: float, ax: Axes | None, found: Marks | None = None, **options: Any
) -> Axes:
    """Draw an estimate; see `Estimate.plot`. With `found` its numbers are those, rounded."""
    if kind not in KINDS:
        raise InputError(f"kind={kind!r} is not one of {', '.join(KINDS)}.")
    found = found or marks.measured(est, level, warned=False)  # open ends and missing points are marked
    axes = axes_for(ax, len(est))
    drawn = _intervals if kind == "interval" else _densities
    drawn(est, axes, found, dict(options))
    for row in np.flatnonzero(found.missing):
        axes.annotate(tr("no estimate"), (0.5, row), xycoords=("axes fraction", "data"), ha="center", va="center")
    name, per_cent = read(est.name), 100 * level
    if kind == "interval":
        named(axes, "x", tr("{what} ({level:g}% interval)", what=name, level=per_cent))
    else:
        named(axes, "x", tr("{what} (density of draws, {level:g}% interval)", what=name, level=per_cent))
    _finish(est, axes)
    notes = marks.caveats(est)
    said = tr("{what} with {level:g}% intervals.", what=name, level=per_cent)
    tell(axes, " ".join([said, items(est.labels, found.texts()), *notes]))
    note(axes, notes)
    return axes


def _intervals(est: Labelled, axes: Axes, found: Marks, options: dict[str, Any]) -> None:
    place = np.arange(len(est), dtype=float)
    far = marks.far_end(found.finite())
    marks.draw(axes, place, found, lying=True, far=far, **({"color": COLOUR} | options))
    for row in np.flatnonzero(found.unbounded):
        axes.annotate(tr("unbounded"), (far, row), (-8, 3), textcoords="offset points", ha="right", fontsize="small")
    label_rows(axes, place, est.labels)
    axes.set_ylim(len(est) - 0.5, -0.5)


def _densities(est: Labelled, axes: Axes, found: Marks, options: dict[str, Any]) -> None:
    colour = options.pop("color", COLOUR)
    for row, (drawn, label) in enumerate(zip(est.draws, est.labels, strict=True)):
        x, height = _density(drawn)
        if est.node.quantity == "share":
            inside = (x >= 0) & (x <= 1)
            x, height = x[inside], height[inside]
        if np.isinf(drawn).any():
            axes.annotate(
                tr("{share:.0%} unbounded →", share=np.isinf(drawn).mean()),
                (0.98, row),
                xycoords=("axes fraction", "data"),
                ha="right",
                va="bottom",
                fontsize="small",
            )
        if len(x) == 0:
            axes.plot([est.node.point[row]], [row], "o", color=colour)
            continue
        top = row - 0.85 * height
        axes.fill_between(x, row, top, color=colour, **({"alpha": 0.3, "linewidth": 0} | options))
        axes.plot(x, top, color=colour, linewidth=1.5)
        axes.plot([found.lower[row], min(found.upper[row], x[-1])], [row, row], color=colour, linewidth=3)
        axes.plot([est.node.point[row]], [row], "o", color=colour, label=legend_name(label_of(label)))
    label_rows(axes, np.arange(len(est)), est.labels)
    axes.set_ylim(len(est) - 0.7, -1)


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


def _finish(est: Labelled, axes: Axes) -> None:
    units = set(est.node.units)
    formatted(axes, "x", units.pop() if len(units) == 1 else est.node.quantity)
    rows_done(axes)
