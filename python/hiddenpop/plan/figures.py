"""Figures of plans, with matplotlib. Lines differ in colour and in dashes, so that grey print tells them apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..drawing import axes as plot
from ..drawing.axes import COLOUR, VERMILION
from ..ground.text import capital

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ..ground.columns import Floats
    from .comparison import Comparison
    from .overlap import TwoListPlan
    from .precision import Plan
    from .simulation import SimulatedPlan
#: Colours, and dashes that go with them.
LINES = (
    (COLOUR, "-"),
    (VERMILION, "--"),
    ("#009E73", "-."),
    ("#000000", ":"),
    ("#CC79A7", (0, (5, 1, 1, 1, 1, 1))),
    (plot.ORANGE, (0, (8, 2))),
)


def precision(plan: Plan, effects: Sequence[float], *, ax: Axes | None) -> Axes:
    """Draw half widths against interviews; see `Plan.plot`."""
    axes = plot.across(ax)
    most = max(3 * plan.n, 20)
    if plan.population is not None:
        most = min(most, int(plan.population))
    grid = np.unique(np.geomspace(max(5, plan.n / 6), most, 80).astype(int))
    size = plan.benchmark is not None
    for (colour, dashes), effect in zip(_lines(len(effects)), effects, strict=True):
        plans = [plan.vary(design_effect=effect, n=int(n)) for n in grid]
        height = [p.relative_precision if size else p.half_width for p in plans]
        own = 2.2 if effect == plan.design_effect else 1.4
        axes.plot(grid, height, color=colour, linestyle=dashes, linewidth=own, label=f"design effect {effect:g}")
    reached = plan.relative_precision if size else plan.half_width
    _mark(axes, plan.n, reached, plan.target)
    plot.named(axes, "x", "interviews")
    what = "half width of the interval, relative to the size" if size else "half width of the interval"
    plot.named(axes, "y", f"{what} ({100 * plan.level:g}%)")
    # Narrow samples would squeeze the rest of the figure against its foot.
    axes.set_ylim(0, 3 * reached)
    axes.set_xlim(0, most)
    expected = f"n = {plan.n:,}: share {plan.share:.1%}"
    _titled(axes, expected + (f", benchmark {plan.benchmark:,.0f}" if size else ""))
    _finish(axes, percent=True)
    plot.legend(axes, fontsize="small", loc="upper right")
    same = [plan.vary(design_effect=effect, n=plan.n) for effect in effects]
    heights = [f"{p.relative_precision if size else p.half_width:.1%}" for p in same]
    effect_names = [f"design effect {effect:g}" for effect in effects]
    plot.tell(axes, f"{_said(plan)}. {capital(what)} with n = {plan.n:,}: {plot.items(effect_names, heights)}")
    return axes


def power(plan: Comparison, effects: Sequence[float], *, ax: Axes | None) -> Axes:
    """Draw power against interviews in the first group; see `Comparison.plot`."""
    from dataclasses import replace  # noqa: PLC0415

    axes = plot.across(ax)
    first, second = plan.n
    grid = np.unique(np.linspace(2, 3 * first, 80).astype(int))
    for (colour, dashes), effect in zip(_lines(len(effects)), effects, strict=True):
        plans = [
            replace(plan, n=(int(n), max(1, round(n * second / first))), design_effect=effect, target=None)
            for n in grid
        ]
        own = 2.2 if effect == plan.design_effect else 1.4
        axes.plot(
            grid,
            [p.power for p in plans],
            color=colour,
            linestyle=dashes,
            linewidth=own,
            label=f"design effect {effect:g}",
        )
    _mark(axes, first, plan.power, plan.target)
    plot.named(axes, "x", "interviews in the first group" if first != second else "interviews in each group")
    plot.named(axes, "y", "power")
    axes.set_ylim(0, 1)
    axes.set_xlim(0, grid[-1])
    _titled(axes, f"n = {first:,} and {second:,}: shares {plan.shares[0]:.1%} and {plan.shares[1]:.1%}")
    _finish(axes, percent=True)
    plot.legend(axes, fontsize="small", loc="lower right")
    heights = [f"{replace(plan, design_effect=effect, target=None).power:.0%}" for effect in effects]
    effect_names = [f"design effect {effect:g}" for effect in effects]
    plot.tell(axes, f"{_said(plan)}. Power with n = {first:,} and {second:,}: {plot.items(effect_names, heights)}")
    return axes


def overlap(plan: TwoListPlan, *, ax: Axes | None) -> Axes:
    """Draw the precision of two lists against their length; see `TwoListPlan.plot`."""
    axes = plot.across(ax)
    most = min(3 * plan.second, plan.population - 1)
    grid = np.unique(np.geomspace(max(2, plan.second / 6), most, 80).astype(int))
    plans = [plan.at(int(n)) for n in grid]
    reached = [p.relative_precision for p in plans]
    axes.plot(grid, reached, color=COLOUR, linewidth=2)
    own = plan.relative_precision
    if np.isfinite(own):
        _mark(axes, plan.second, own, plan.target)
    plot.named(axes, "x", "people on the second list" if plan.known else "people on each list")
    what = f"precision, reached with a chance of {100 * plan.level:g}%"
    plot.named(axes, "y", what)
    axes.set_ylim(0, 1)
    axes.set_xlim(0, most)
    _titled(axes, f"lists of {plan.first:,} and {plan.second:,}: population {plan.population:,}")
    _finish(axes, percent=True)
    ends = [(int(n), p) for n, p in zip(grid, reached, strict=True) if np.isfinite(p)]
    steps = [ends[0], ends[-1]] if ends else []
    reach = plot.items([f"with {n:,} people" for n, _ in steps], [f"± {p:.0%}" for _, p in steps]) if steps else ""
    plot.tell(axes, f"{_said(plan)}. {capital(what)}: {reach}")
    return axes


def simulated(plan: SimulatedPlan, kind: str | None, *, ax: Axes | None) -> Axes:
    """Draw widths and the chance of precision; see `SimulatedPlan.plot`."""
    if kind is None and ax is None and plan.met is not None:
        upper = plot.across(None)
        figure = upper.get_figure(root=True)
        assert figure is not None
        figure.set_size_inches(7, 6)
        grid = figure.add_gridspec(2, 1)
        upper.set_subplotspec(grid[0])
        lower = figure.add_subplot(grid[1], sharex=upper)
        _widths(plan, upper)
        _chance(plan, lower)
        upper.tick_params(labelbottom=False)
        upper.set_xlabel("")
        return upper
    axes = plot.across(ax)
    if kind == "chance":
        _chance(plan, axes)
    else:
        _widths(plan, axes)
    return axes


def _widths(plan: SimulatedPlan, axes: Axes) -> None:
    table = plan.summary().sort_index()
    relative = plan.precision is None
    if not relative:
        half = [plan.half_widths[plan.n.index(n)][~plan.failed[plan.n.index(n)]] for n in table.index]
        middle, low, high = (
            [float(np.quantile(values, share, method="inverted_cdf")) if len(values) else np.nan for values in half]
            for share in (0.5, 0.1, 0.9)
        )
    else:
        middle, low, high = (table[name].to_list() for name in ("relative", "relative_10", "relative_90"))
    x = table.index.to_numpy(float)
    _band(axes, x, *(np.array(values, dtype=float) for values in (middle, low, high)))
    target = plan.relative_precision if relative else plan.precision
    if target is not None:
        axes.axhline(target, color="black", linestyle="--", linewidth=1, label="precision asked for")
    what = f"half width{', relative' if relative else ''} ({100 * plan.level:g}%)"
    plot.named(axes, "y", what)
    plot.named(axes, "x", "n")
    _finish(axes, percent=relative)
    plot.legend(axes, fontsize="small", loc="upper right")
    show = "{:.1%}".format if relative else "{:.3g}".format
    texts = [
        f"median {show(m)}, 80% of studies {show(a)} to {show(b)}" for m, a, b in zip(middle, low, high, strict=True)
    ]
    asked = "" if target is None else f" Asked for: {show(target)}."
    plot.tell(
        axes, f"{plan.replicates:,} simulated studies for each n: {what}. {plot.items(_sizes(table), texts)}{asked}"
    )


def _band(axes: Axes, x: Floats, middle: Floats, low: Floats, high: Floats) -> None:
    """Draw a line in a band. What is infinite reaches the top of the figure, and is marked there."""
    finite = np.concatenate([values[np.isfinite(values)] for values in (middle, low, high)])
    top = 1.15 * float(finite.max()) if len(finite) else 1.0
    reached = [np.where(np.isposinf(values), top, values) for values in (middle, low, high)]
    axes.fill_between(x, reached[1], reached[2], color=COLOUR, alpha=0.2, linewidth=0)
    axes.plot(x, reached[0], "o-", color=COLOUR, markersize=6, label="median; band: 80% of studies")
    for place in x[np.isposinf(middle)]:
        axes.annotate("∞", (place, top), xytext=(0, 5), textcoords="offset points", ha="center", annotation_clip=False)
    axes.set_ylim(0, top)


def _chance(plan: SimulatedPlan, axes: Axes) -> None:
    table = plan.summary().sort_index()
    axes.errorbar(
        table.index,
        table["met"],
        yerr=1.96 * table["met_se"],
        fmt="s-",
        color=VERMILION,
        capsize=4,
        markersize=6,
        label="as precise as asked",
    )
    if plan.truth is not None:
        axes.plot(table.index, table["coverage"], "^:", color="#000000", markersize=6, label="interval holds the truth")
        axes.axhline(plan.level, color="black", linewidth=0.6)
    plot.legend(axes, fontsize="small", loc="lower right")
    plot.named(axes, "y", "share of studies")
    axes.set_ylim(-0.03, 1.03)
    plot.named(axes, "x", "n")
    _finish(axes, percent=True)
    texts = [f"{share:.0%} as precise as asked" for share in table["met"]]
    if plan.truth is not None:
        texts = [f"{text}, {c:.0%} hold the truth" for text, c in zip(texts, table["coverage"], strict=True)]
    plot.tell(axes, f"Share of {plan.replicates:,} simulated studies. {plot.items(_sizes(table), texts)}")


def _said(plan: Plan | Comparison | TwoListPlan) -> str:
    return repr(plan).replace("\n", "; ")


def _sizes(table: pd.DataFrame) -> list[str]:
    return [f"n = {n:,}" for n in table.index]


def _titled(axes: Axes, text: str) -> None:
    plot.note(axes, [text], style="normal")


def _mark(axes: Axes, n: float, reached: float, target: float | None) -> None:
    """Mark the plan, and the precision or power asked for. Its n stands in the title, where no line crosses it."""
    if target is not None:
        axes.axhline(target, color="black", linewidth=0.8)
    axes.vlines([n], 0, reached, color="black", linewidth=0.8)
    axes.plot([n], [reached], "o", color="black", markersize=8, zorder=5)


def _lines(number: int) -> list[tuple[str, object]]:
    return [LINES[i % len(LINES)] for i in range(number)]


def _finish(axes: Axes, *, percent: bool) -> None:
    plot.formatted(axes, "x", "size")
    if percent:
        plot.formatted(axes, "y", "share")
    plot.curves_done(axes)
