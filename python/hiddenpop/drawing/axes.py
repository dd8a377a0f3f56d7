"""What all figures share: axes to draw on, colours, notes, words. Readable in grey; colour alone carries no meaning."""

from __future__ import annotations

import re
import textwrap
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from ..errors import InputError, visible
from ..ground.language import numerals, spoken, tr
from ..ground.signatures import checked
from ..ground.text import SPACE, label_of, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
#: Dark enough for print, distinguishable without colour vision (Okabe and Ito 2008).
COLOUR = "#0072B2"
#: What stands beside it, lighter or darker in grey; another hatch or marker tells it apart as well.
ORANGE, VERMILION = "#E69F00", "#D55E00"
#: Their colours for lines in an order in which neighbours differ in luminance too; yellow is too light for lines.
COLOURS = (COLOUR, ORANGE, "#000000", "#56B4E9", VERMILION, "#CC79A7", "#009E73")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("-", "--", ":", "-.")
#: Texts are no mathematics and no TeX: a $ in a label is a dollar.
PLAIN: dict[str, Any] = {"parse_math": False, "usetex": False}
#: An axis has at most so many steps, and a number beside others needs so many points.
MOST_TICKS, TICK = 6, 58
#: Labels of rows take this share of a figure's width at most.
LABELS = 0.4
#: Stands before an underscore in a name of a legend, and is taken out when that is drawn.
SHOWN = "\u200a"
#: What screen readers are told instead of a figure.
_TOLD: weakref.WeakKeyDictionary[Axes, str] = weakref.WeakKeyDictionary()
#: Notes that stand beside a figure, and so not in it.
_BESIDE: ContextVar[frozenset[str]] = ContextVar("beside", default=frozenset())


def pyplot() -> Any:
    """Return matplotlib's pyplot, or say how to get it."""
    try:
        from matplotlib import pyplot as found  # noqa: PLC0415 (only when something is plotted)
    except ImportError as error:
        raise InputError("Plotting needs matplotlib: pip install 'hiddenpop[plot]'.") from error
    return found


def axes_for(ax: Axes | None, rows: float, width: float = 7) -> Axes:
    """Return the axes given, or new ones high enough for some rows."""
    pyplot()
    if ax is None:
        ax = subplots(1, figsize=(width, 1.4 + 0.5 * rows))
    elif not hasattr(ax, "transData"):
        raise InputError(f"ax= takes the axes to draw on (from plt.subplots), and this is {type(ax).__name__}.")
    return ax


def subplots(rows: int, **look: Any) -> Any:
    """Return axes under one another in a new figure, which notebooks show with its words."""
    found = pyplot()
    from .figure import Described  # noqa: PLC0415 (is made of matplotlib's figure)

    return found.subplots(rows, 1, layout="constrained", FigureClass=Described, words=describe, **look)[1]


def across(ax: Axes | None) -> Axes:
    """Return axes for a figure over time."""
    return axes_for(ax, 5)


def formatted(axes: Axes, side: str, quantity: str, *, whole: bool = False) -> None:
    """Write an axis's numbers at steps of 1, 2 or 5, as tables write them: shares in per cent, sizes with separators."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter  # noqa: PLC0415 (matplotlib only when something is plotted)

    axis = axes.xaxis if side == "x" else axes.yaxis
    most = _ticks(axes) if side == "x" else MOST_TICKS
    low, high = sorted(axes.get_xlim() if side == "x" else axes.get_ylim())
    if axis.get_scale() == "log" and high >= 3 * low:
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=most))
    else:
        axis.set_major_locator(MaxNLocator(nbins=most, steps=[1, 2, 5, 10], integer=whole))
    axis.set_minor_formatter(NullFormatter())
    language = spoken()  # a figure is drawn later, when another may be spoken
    axis.set_major_formatter(FuncFormatter(lambda value, _: numerals(tick(value, quantity), language)))


def tick(value: float, quantity: str) -> str:
    """Write a number of an axis, with no more decimals than it has and a minus sign.

    Examples
    --------
    >>> tick(2000.0, "size"), tick(0.25, "share"), tick(-0.5, "mean")
    ('2,000', '25%', '−0.5')
    """
    hundredfold = quantity in ("share", "points")
    text = f"{round(100 * value if hundredfold else value, 10) + 0.0:,.10g}"
    whole, _, power = text.partition("e")
    return signed(f"{float(whole):g}e{int(power)}" if power else text) + ("%" if quantity == "share" else "")


def _ticks(axes: Axes) -> int:
    """Return for how many numbers side by side there is room, beside the labels of rows."""
    labels = [width_of(text.get_text(), points("medium")) for text in axes.get_yticklabels() if text.get_text()]
    box = axes.get_position().width if len(root(axes).axes) > 1 else 0.95
    room = box * root(axes).get_figwidth() * 72 - max(labels, default=0.0)
    return max(2, min(MOST_TICKS, int(room // TICK)))


def bare(axes: Axes, *sides: str) -> None:
    """Remove the frame's sides that say nothing."""
    for side in sides:
        axes.spines[side].set_visible(False)


def rows_done(axes: Axes) -> None:
    """Finish a figure with a row for each label: no frame but its foot, and lines to read numbers by."""
    bare(axes, "top", "right", "left")
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)


def curves_done(axes: Axes) -> None:
    """Finish a figure of curves: no frame above and beside them, and lines to read heights by."""
    bare(axes, "top", "right")
    axes.grid(axis="y", alpha=0.3)


def root(axes: Axes) -> Any:
    """Return the figure that holds the axes, also where they stand in a part of it."""
    figure: Any = axes.figure
    while hasattr(figure, "figure") and figure.figure is not figure:
        figure = figure.figure
    return figure


def extent(axes: Axes, *, settled: bool = True) -> tuple[float, float]:
    """Return width and height of the axes in points: after the figure's layout, or without it about those."""
    figure = root(axes)
    engine = figure.get_layout_engine()
    if settled and engine is not None:
        engine.execute(figure)
    box = axes.get_window_extent()
    return box.width * 72 / figure.dpi, box.height * 72 / figure.dpi


def width_of(text: str, size: float) -> float:
    """Return the width of a text in points, its longest line's."""
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415 (matplotlib only when something is plotted)
    from matplotlib.textpath import text_to_path  # noqa: PLC0415 (matplotlib only when something is plotted)

    font = FontProperties(size=size)
    widths = [text_to_path.get_text_width_height_descent(line, font, ismath=False)[0] for line in text.split("\n")]
    return float(max(widths))


def points(name: str) -> float:
    """Return the size in points of a named font size, such as small."""
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415 (matplotlib only when something is plotted)

    return float(FontProperties(size=name).get_size_in_points())


def wrap(text: str, width: float, size: float) -> str:
    """Break a text into lines of some points, outside its brackets as long as these fit a line."""
    average = width_of(text, size) / max(len(text), 1)
    letters = max(int(width / max(average, 1e-9)), 12)
    brackets = rf"\([^()]{{0,{letters - 2}}}\)"
    kept = re.sub(brackets, lambda found: found.group().replace(" ", SPACE), text)
    return "\n".join(textwrap.wrap(kept, letters)).replace(SPACE, " ")


def label_rows(axes: Axes, place: Any, labels: Iterable[object]) -> None:
    """Write the labels of rows, in lines that leave most of the width to the figure."""
    room = LABELS * float(root(axes).get_figwidth()) * 72
    axes.set_yticks(place, [wrap(label_of(label), room, points("medium")) for label in labels], **PLAIN)


def named(axes: Axes, side: str, text: str) -> None:
    """Write what an axis measures, in lines that are no longer than it."""
    room = extent(axes, settled=False)["xy".index(side)]
    write = axes.set_xlabel if side == "x" else axes.set_ylabel
    write(wrap(visible(text), room, points("medium")), **PLAIN)


@contextmanager
def beside(notes: Iterable[str]) -> Iterator[None]:
    """Draw figures without notes that stand beside them, as those of a report's table do."""
    before = _BESIDE.set(frozenset(notes))
    try:
        yield
    finally:
        _BESIDE.reset(before)


def note(axes: Axes, notes: Iterable[str], **look: Any) -> None:
    """Write above a figure what must be known to read it: that studies don't compare, that data are synthetic."""
    lines = list(dict.fromkeys(visible(line) for line in notes if line and line not in _BESIDE.get()))
    if lines:
        figure = root(axes)
        if figure.get_layout_engine() is None and len(figure.axes) > 1:
            figure.set_layout_engine("constrained")  # else notes would cover the panel above
        room, _ = extent(axes)
        size = points("small")
        room *= 0.93 if len(figure.axes) == 1 else 0.84  # other panels may still make this one narrower
        text = "\n".join(wrap(line, room, size) for line in lines)
        options: dict[str, Any] = {"fontsize": size, "style": "italic"} | look
        axes.set_title(text, loc="left", **PLAIN, **options)


def legend(axes: Axes, **look: Any) -> Any:
    """Draw a legend without a frame, its names as they are written (no mathematics)."""
    columns = look.get("ncols", 1)
    if columns > 1:  # matplotlib fills columns; readers go along lines
        handles = look.get("handles", axes.get_legend_handles_labels()[0])
        look |= {"handles": [handles[i] for first in range(columns) for i in range(first, len(handles), columns)]}
    made = axes.legend(**({"frameon": False} | look))
    made.get_title().set(**PLAIN)
    for text in made.get_texts():
        text.set(**PLAIN)
        text.set_text(text.get_text().removeprefix(SHOWN))
    return made


def legend_name(text: str) -> str:
    """Return a name for `legend`: matplotlib leaves out what begins with an underscore."""
    return SHOWN + text if text.startswith("_") else text


def tell(axes: Axes, text: str) -> None:
    """Keep the words that stand for a figure where it can't be seen; see `describe`."""
    _TOLD[axes] = visible(" ".join(text.split()))


@checked
def describe(axes: Axes) -> str:
    """Return words for who can't see a figure: what was told when it was drawn, or its title and axis labels.

    See Also
    --------
    hiddenpop.Report : gives each figure its words.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> from hiddenpop.plot import describe
    >>> describe(hp.published(13_300, 12_600, 14_200, name="opioids").plot())
    'opioids with 95% intervals. opioids: 13,300 (12,600 to 14,200).'
    """
    if axes in _TOLD:
        return _TOLD[axes]
    parts = [axes.get_title(), axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel()]
    return ". ".join(" ".join(part.split()).rstrip(".") for part in parts if part) or tr("Figure")


def items(labels: Iterable[object], texts: Iterable[str]) -> str:
    """Write what each label has: a: 13,300 (12,600 to 14,200); b: 4,000."""
    return "; ".join(f"{label_of(label)}: {text}" for label, text in zip(labels, texts, strict=True)) + "."
