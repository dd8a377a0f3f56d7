"""Figures of plans, with matplotlib. Lines differ in colour and in dashes, so that grey print tells them apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..drawing.axes import (
    COLOUR,
    ORANGE,
    VERMILION,
    across,
    curves_done,
    formatted,
    items,
    legend,
    named,
    note,
    tell,
)
from ..ground.columns import Codes, Floats
from ..ground.language import number, tr
from ..ground.text import capital

if TYPE_CHECKING:
    from matplotlib.axes import Axes
#: Colours, and dashes that go with them.
LINES = (
    (COLOUR, "-"),
    (VERMILION, "--"),
    ("#009E73", "-."),
    ("#000000", ":"),
    ("#CC79A7", (0, (5, 1, 1, 1, 1, 1))),
    (ORANGE, (0, (8, 2))),
)


class Curve(NamedTuple):
    """What is reached under one design effect: over all n of the figure, and with the plan's own n."""

    effect: float
    reached: Sequence[float]
    here: float
    #: Whether the effect is the plan's own.
    own: bool


class Mark(NamedTuple):
    """A plan in its figure: its n, what it reaches and what was asked for; in words, and in short."""

    n: int
    reached: float
    target: float | None
    said: str
    title: str


class Widths(NamedTuple):
    """Half widths of simulated studies for each n: the middle, between what 80% lie, and what was asked for."""

    middle: Floats
    low: Floats
    high: Floats
    target: float | None
    #: Whether they are relative to the studies' estimates.
    relative: bool


class Chances(NamedTuple):
    """Shares of simulated studies for each n: as precise as asked, its standard error, and holding the truth."""

    met: Floats
    met_se: Floats
    coverage: Floats | None


def precision(grid: Codes, curves: Sequence[Curve], mark: Mark, *, what: str, level: float, ax: Axes | None) -> Axes:
    """Draw half widths against interviews; see `Plan.plot`."""
    axes = across(ax)
    _curves(axes, grid, curves, mark)
    named(axes, "x", tr("interviews"))
    named(axes, "y", tr("{what} ({level:g}%)", what=what, level=100 * level))
    # Narrow samples would squeeze the rest of the figure against its foot.
    axes.set_ylim(0, 3 * mark.reached)
    axes.set_xlim(0, grid[-1])
    _finish_curves(axes, mark, "upper right")
    heights = [number(curve.here, ".1%") for curve in curves]
    reached = items(_effects(curves), heights)
    tell(
        axes,
        tr("{plan}. {what} with n = {n:,}: {values}", plan=mark.said, what=capital(what), n=mark.n, values=reached),
    )
    return axes


def power(grid: Codes, curves: Sequence[Curve], mark: Mark, *, second: int, ax: Axes | None) -> Axes:
    """Draw power against interviews in the first group; see `Comparison.plot`."""
    axes = across(ax)
    _curves(axes, grid, curves, mark)
    named(axes, "x", tr("interviews in the first group") if mark.n != second else tr("interviews in each group"))
    named(axes, "y", tr("power"))
    axes.set_ylim(0, 1)
    axes.set_xlim(0, grid[-1])
    _finish_curves(axes, mark, "lower right")
    reached = items(_effects(curves), [number(curve.here, ".0%") for curve in curves])
    told = tr(
        "{plan}. Power with n = {n:,} and {second:,}: {values}", plan=mark.said, n=mark.n, second=second, values=reached
    )
    tell(axes, told)
    return axes


def overlap(grid: Codes, reached: Sequence[float], mark: Mark, *, x: str, level: float, ax: Axes | None) -> Axes:
    """Draw the precision of two lists against their length; see `TwoListPlan.plot`."""
    axes = across(ax)
    axes.plot(grid, reached, color=COLOUR, linewidth=2)
    if np.isfinite(mark.reached):
        _mark(axes, mark)
    named(axes, "x", x)
    what = tr("precision, reached with a chance of {level:g}%", level=100 * level)
    named(axes, "y", what)
    axes.set_ylim(0, 1)
    axes.set_xlim(0, grid[-1])
    note(axes, [mark.title], style="normal")
    _finish(axes, percent=True)
    ends = [(int(n), p) for n, p in zip(grid, reached, strict=True) if np.isfinite(p)]
    steps = [ends[0], ends[-1]] if ends else []
    reach = (
        items([tr("with {n:,} people", n=n) for n, _ in steps], [f"± {number(p, '.0%')}" for _, p in steps])
        if steps
        else ""
    )
    tell(axes, f"{mark.said}. {capital(what)}: {reach}")
    return axes


def simulated(
    n: Sequence[int], wide: Widths | None, met: Chances | None, *, level: float, studies: int, ax: Axes | None
) -> Axes:
    """Draw widths, the chance of precision, or both, one above the other; see `SimulatedPlan.plot`."""
    axes = across(ax)
    if wide is None or met is None:
        if wide is not None:
            _widths(axes, n, wide, level, studies)
        if met is not None:
            _chances(axes, n, met, level, studies)
        return axes
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.set_size_inches(7, 6)
    grid = figure.add_gridspec(2, 1)
    axes.set_subplotspec(grid[0])
    lower = figure.add_subplot(grid[1], sharex=axes)
    _widths(axes, n, wide, level, studies)
    _chances(lower, n, met, level, studies)
    axes.tick_params(labelbottom=False)
    axes.set_xlabel("")
    return axes


def _widths(axes: Axes, n: Sequence[int], wide: Widths, level: float, studies: int) -> None:
    _band(axes, np.array(n, dtype=float), wide.middle, wide.low, wide.high)
    if wide.target is not None:
        axes.axhline(wide.target, color="black", linestyle="--", linewidth=1, label=tr("precision asked for"))
    what = tr("half width, relative") if wide.relative else tr("half width")
    what = tr("{what} ({level:g}%)", what=what, level=100 * level)
    named(axes, "y", what)
    named(axes, "x", "n")
    _finish(axes, percent=wide.relative)
    legend(axes, fontsize="small", loc="upper right")
    spec = ".1%" if wide.relative else ".3g"
    texts = [
        tr(
            "median {middle}, 80% of studies {low} to {high}",
            middle=number(m, spec),
            low=number(a, spec),
            high=number(b, spec),
        )
        for m, a, b in zip(wide.middle, wide.low, wide.high, strict=True)
    ]
    said = tr("{count:,} simulated studies for each n: {what}.", count=studies, what=what)
    asked = [] if wide.target is None else [tr("Asked for: {value}.", value=number(wide.target, spec))]
    tell(axes, " ".join([said, items(_sizes(n), texts), *asked]))


def _band(axes: Axes, x: Floats, middle: Floats, low: Floats, high: Floats) -> None:
    """Draw a line in a band. What is infinite reaches the top of the figure, and is marked there."""
    finite = np.concatenate([values[np.isfinite(values)] for values in (middle, low, high)])
    top = 1.15 * float(finite.max()) if len(finite) else 1.0
    reached = [np.where(np.isposinf(values), top, values) for values in (middle, low, high)]
    axes.fill_between(x, reached[1], reached[2], color=COLOUR, alpha=0.2, linewidth=0)
    axes.plot(x, reached[0], "o-", color=COLOUR, markersize=6, label=tr("median; band: 80% of studies"))
    for place in x[np.isposinf(middle)]:
        axes.annotate("∞", (place, top), xytext=(0, 5), textcoords="offset points", ha="center", annotation_clip=False)
    axes.set_ylim(0, top)


def _chances(axes: Axes, n: Sequence[int], found: Chances, level: float, studies: int) -> None:
    axes.errorbar(
        n,
        found.met,
        yerr=1.96 * found.met_se,
        fmt="s-",
        color=VERMILION,
        capsize=4,
        markersize=6,
        label=tr("as precise as asked"),
    )
    if found.coverage is not None:
        axes.plot(n, found.coverage, "^:", color="#000000", markersize=6, label=tr("interval holds the truth"))
        axes.axhline(level, color="black", linewidth=0.6)
    legend(axes, fontsize="small", loc="lower right")
    named(axes, "y", tr("share of studies"))
    axes.set_ylim(-0.03, 1.03)
    named(axes, "x", "n")
    _finish(axes, percent=True)
    texts = [tr("{share:.0%} as precise as asked", share=share) for share in found.met]
    if found.coverage is not None:
        held = [tr("{share:.0%} hold the truth", share=share) for share in found.coverage]
        texts = [f"{text}, {holding}" for text, holding in zip(texts, held, strict=True)]
    tell(axes, " ".join([tr("Share of {count:,} simulated studies.", count=studies), items(_sizes(n), texts)]))


def _sizes(n: Sequence[int]) -> list[str]:
    return [f"n = {number(one, ',')}" for one in n]


def _effects(curves: Sequence[Curve]) -> list[str]:
    return [tr("design effect {deff:g}", deff=curve.effect) for curve in curves]


def _curves(axes: Axes, grid: Codes, curves: Sequence[Curve], mark: Mark) -> None:
    """Draw a line for each design effect, the plan's own heavier, and mark the plan."""
    for i, (name, curve) in enumerate(zip(_effects(curves), curves, strict=True)):
        colour, dashes = LINES[i % len(LINES)]
        width = 2.2 if curve.own else 1.4
        axes.plot(grid, curve.reached, color=colour, linestyle=dashes, linewidth=width, label=name)
    _mark(axes, mark)


def _mark(axes: Axes, mark: Mark) -> None:
    """Mark the plan, and the precision or power asked for. Its n stands in the title, where no line crosses it."""
    if mark.target is not None:
        axes.axhline(mark.target, color="black", linewidth=0.8)
    axes.vlines([mark.n], 0, mark.reached, color="black", linewidth=0.8)
    axes.plot([mark.n], [mark.reached], "o", color="black", markersize=8, zorder=5)


def _finish_curves(axes: Axes, mark: Mark, corner: str) -> None:
    note(axes, [mark.title], style="normal")
    _finish(axes, percent=True)
    legend(axes, fontsize="small", loc=corner)


def _finish(axes: Axes, *, percent: bool) -> None:
    formatted(axes, "x", "size")
    if percent:
        formatted(axes, "y", "share")
    curves_done(axes)
