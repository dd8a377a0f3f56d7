"""Figures of plans, with matplotlib. Lines differ in colour and in dashes, so that grey print tells them apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..plot.axes import COLOUR, across

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..columns import Floats
    from .comparison import Comparison
    from .overlap import TwoListPlan
    from .precision import Plan
    from .simulation import SimulatedPlan

#: Colours (Okabe and Ito 2008), and dashes that go with them.
LINES = (
    (COLOUR, "-"),
    ("#D55E00", "--"),
    ("#009E73", "-."),
    ("#000000", ":"),
    ("#CC79A7", (0, (5, 1, 1, 1, 1, 1))),
    ("#E69F00", (0, (8, 2))),
)


def precision(plan: Plan, effects: Sequence[float], *, ax: Axes | None) -> Axes:
    """Draw half widths against interviews; see `Plan.plot`."""
    axes = across(ax)
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
    axes.set_xlabel("interviews")
    what = "half width of the interval, relative to the size" if size else "half width of the interval"
    axes.set_ylabel(f"{what} ({100 * plan.level:g}%)", fontsize="small")
    # Narrow samples would squeeze the rest of the figure against its foot.
    axes.set_ylim(0, 3 * reached)
    axes.set_xlim(0, most)
    expected = f"n = {plan.n:,}: share {plan.share:.1%}"
    axes.set_title(expected + (f", benchmark {plan.benchmark:,.0f}" if size else ""), loc="left", fontsize="small")
    _finish(axes, percent=True)
    axes.legend(frameon=False, fontsize="small", loc="upper right")
    return axes


def power(plan: Comparison, effects: Sequence[float], *, ax: Axes | None) -> Axes:
    """Draw power against interviews in the first group; see `Comparison.plot`."""
    from dataclasses import replace  # noqa: PLC0415

    axes = across(ax)
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
    axes.set_xlabel("interviews in the first group" if first != second else "interviews in each group")
    axes.set_ylabel("power")
    axes.set_ylim(0, 1)
    axes.set_xlim(0, grid[-1])
    axes.set_title(
        f"n = {first:,} and {second:,}: shares {plan.shares[0]:.1%} and {plan.shares[1]:.1%}",
        loc="left",
        fontsize="small",
    )
    _finish(axes, percent=True)
    axes.legend(frameon=False, fontsize="small", loc="lower right")
    return axes


def overlap(plan: TwoListPlan, *, ax: Axes | None) -> Axes:
    """Draw the precision of two lists against their length; see `TwoListPlan.plot`."""
    axes = across(ax)
    most = min(3 * plan.second, plan.population - 1)
    grid = np.unique(np.geomspace(max(2, plan.second / 6), most, 80).astype(int))
    plans = [plan.at(int(n)) for n in grid]
    reached = [p.relative_precision for p in plans]
    axes.plot(grid, reached, color=COLOUR, linewidth=2)
    own = plan.relative_precision
    if np.isfinite(own):
        _mark(axes, plan.second, own, plan.target)
    axes.set_xlabel("people on the second list" if plan.known else "people on each list")
    axes.set_ylabel(f"precision, reached with a chance of {100 * plan.level:g}%", fontsize="small")
    axes.set_ylim(0, 1)
    axes.set_xlim(0, most)
    axes.set_title(
        f"lists of {plan.first:,} and {plan.second:,}: population {plan.population:,}", loc="left", fontsize="small"
    )
    _finish(axes, percent=True)
    return axes


def simulated(plan: SimulatedPlan, kind: str | None, *, ax: Axes | None) -> Axes:
    """Draw widths and the chance of precision; see `SimulatedPlan.plot`."""
    if kind is None and ax is None and plan.met is not None:
        upper = across(None)
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
    axes = across(ax)
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
    axes.set_ylabel(f"half width{', relative' if relative else ''} ({100 * plan.level:g}%)", fontsize="small")
    axes.set_xlabel("n")
    _finish(axes, percent=relative)
    axes.legend(frameon=False, fontsize="small", loc="upper right")


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
        color="#D55E00",
        capsize=4,
        markersize=6,
        label="as precise as asked",
    )
    if plan.truth is not None:
        axes.plot(table.index, table["coverage"], "^:", color="#000000", markersize=6, label="interval holds the truth")
        axes.axhline(plan.level, color="black", linewidth=0.6)
    axes.legend(frameon=False, fontsize="small", loc="lower right")
    axes.set_ylabel("share of studies", fontsize="small")
    axes.set_ylim(-0.03, 1.03)
    axes.set_xlabel("n")
    _finish(axes, percent=True)


def _mark(axes: Axes, n: float, reached: float, target: float | None) -> None:
    """Mark the plan, and the precision or power asked for. Its n stands in the title, where no line crosses it."""
    if target is not None:
        axes.axhline(target, color="black", linewidth=0.8)
    axes.vlines([n], 0, reached, color="black", linewidth=0.8)
    axes.plot([n], [reached], "o", color="black", markersize=8, zorder=5)


def _lines(number: int) -> list[tuple[str, object]]:
    return [LINES[i % len(LINES)] for i in range(number)]


def _finish(axes: Axes, *, percent: bool) -> None:
    from matplotlib.ticker import FuncFormatter, PercentFormatter  # noqa: PLC0415

    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    if percent:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="y", alpha=0.3)
