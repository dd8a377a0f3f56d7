"""The forest plot of a model: its table as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..drawing import marks
from ..drawing.axes import COLOUR, PLAIN, VERMILION, axes_for, items, legend, named, note, rows_done, tell
from ..drawing.marks import Marks
from ..ground.columns import Floats
from ..ground.formula_text import INTERCEPT
from ..words import methods
from . import tabulated
from .lines import Line, of_model
from .tabulated import Asked

if TYPE_CHECKING:
    from matplotlib.axes import Axes
#: How far crude estimates stand above adjusted ones, in rows.
APART = 0.18
#: Ticks of ratios within a power of ten, from the finest, and how many a figure has room for.
STEPS = (
    tuple(np.arange(1, 10, 0.1).round(1).tolist()),
    (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0),
    (1.0, 1.5, 2.0, 3.0, 5.0, 7.0),
    (1.0, 2.0, 5.0),
    (1.0,),
)
MOST_TICKS = 9
WORDS = "{title}, with {level:g}% confidence intervals."
AXIS = "{what} ({level:g}% CI)"


def draw(asked: Asked, ax: Axes | None) -> Axes:
    """Draw a model's estimates; see `Regression.plot`."""
    lines = of_model(asked.first, asked.labels, intercept=asked.intercept)
    axes = axes_for(ax, len(lines))
    series: list[tuple[str, pd.DataFrame, float, dict[str, Any]]] = [
        ("adjusted", asked.adjusted, 0.0, {"color": COLOUR, "fmt": "o"})
    ]
    if asked.crude is not None:
        alone = pd.concat(list(asked.crude.values())).drop(index=INTERCEPT)
        series[0] = ("adjusted", asked.adjusted, APART, {"color": COLOUR, "fmt": "o"})
        series.insert(0, ("crude", alone, -APART, {"color": VERMILION, "fmt": "s", "markerfacecolor": "white"}))
    nothing = 1.0 if asked.ratios else 0.0
    axes.axvline(nothing, color="0.35", linewidth=1, zorder=0)
    found = [(name, _marks(asked, frame, lines), shift, style) for name, frame, shift, style in series]
    if asked.ratios:
        axes.set_xscale("log")
    drawn = np.concatenate([one.finite() for _, one, _, _ in found])
    far = marks.far_end(drawn)
    place = np.arange(len(lines), dtype=float)
    for name, one, shift, style in found:
        marks.draw(axes, place + shift, one, lying=True, far=far, label=name, **style)
    references = [i for i, line in enumerate(lines) if line.reference]
    axes.plot(
        np.full(len(references), nothing), references, "D", color="black", markerfacecolor="white", label="reference"
    )
    _named(axes, lines)
    named(axes, "x", AXIS.format(what=asked.ratio if asked.ratios else asked.head, level=100 * asked.level))
    if asked.ratios:
        _ticks(axes, np.append(drawn, 1.0))
    rows_done(axes)
    if asked.crude is not None:
        legend(axes, loc="best")
    notes = methods.caveats(asked.first.leaf)
    told = tabulated.table(asked, None)
    cells = [row.cells[-2] for row in told.rows]
    texts = [(_whole(line), cell) for line, cell in zip(lines, cells, strict=True) if not line.heading]
    said = WORDS.format(title=told.title, level=100 * asked.level)
    tell(axes, " ".join([said, items(*zip(*texts, strict=True)), *notes]) if texts else said)
    note(axes, notes)
    return axes


def _marks(asked: Asked, frame: pd.DataFrame, lines: list[Line]) -> Marks:
    """Return points and intervals by line; nothing in headings and references."""
    values = np.full((len(lines), 3), np.nan)
    for i, line in enumerate(lines):
        if line.coefficient is not None and line.coefficient in frame.index:
            values[i] = tabulated.ends_of(asked, frame, line)
    return Marks(values[:, 0], values[:, 1], values[:, 2], ("other",) * len(lines))


def _named(axes: Axes, lines: list[Line]) -> None:
    """Name the rows: headings in bold, levels below them."""
    axes.set_yticks(np.arange(len(lines)), [line.says for line in lines], **PLAIN)
    for line, text in zip(lines, axes.get_yticklabels(), strict=True):
        text.set_fontweight("bold" if line.heading else "normal")
    axes.set_ylim(len(lines) - 0.5, -0.5)


def _ticks(axes: Axes, drawn: Floats) -> None:
    """Put ticks at round ratios, the finest of which there is room for, and write them plainly."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator  # noqa: PLC0415 (matplotlib only when something is plotted)

    low, high = np.log10(drawn[drawn > 0].min()), np.log10(drawn.max())
    room = 0.05 * (high - low) + 0.02
    powers = np.arange(np.floor(low) - 1, np.ceil(high) + 1)
    for steps in STEPS:
        places = np.array([step * 10.0**power for power in powers for step in steps])
        inside = places[(np.log10(places) >= low - room) & (np.log10(places) <= high + room)]
        if len(inside) <= MOST_TICKS:
            break
    axes.xaxis.set_major_locator(FixedLocator(inside.tolist()))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _whole(line: Line) -> str:
    return f"{line.heads}, {line.says}" if line.heads else line.says
