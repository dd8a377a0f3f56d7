"""What all figures share: axes to draw on, colours, notes, words. Readable in grey; colour alone carries no meaning."""

from __future__ import annotations

import textwrap
import weakref
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..errors import InputError, visible
from ..ground.language import number, numerals, spoken, tr
from ..ground.signatures import checked
from ..ground.text import label_of

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
#: Stands before an underscore in a name of a legend, and is taken out when that is drawn.
SHOWN = "\u200a"
#: What screen readers are told instead of a figure.
_TOLD: weakref.WeakKeyDictionary[Axes, str] = weakref.WeakKeyDictionary()


def pyplot() -> Any:
    """Return matplotlib's pyplot, or say how to get it."""
    try:
        from matplotlib import pyplot as found  # noqa: PLC0415 (only when something is plotted)
    except ImportError as error:
        raise InputError("Plotting needs matplotlib: pip install 'hiddenpop[plot]'.") from error
    return found


def axes_for(ax: Axes | None, rows: float, width: float = 7) -> Axes:
    """Return the axes given, or new ones high enough for some rows."""
    found = pyplot()
    if ax is None:
        _, ax = found.subplots(figsize=(width, 1.4 + 0.5 * rows), layout="constrained")
    elif not hasattr(ax, "transData"):
        raise InputError(f"ax= takes the axes to draw on (from plt.subplots), and this is {type(ax).__name__}.")
    return ax


def across(ax: Axes | None) -> Axes:
    """Return axes for a figure over time."""
    return axes_for(ax, 5)


def formatted(axes: Axes, side: str, quantity: str) -> None:
    """Write an axis's numbers as tables write them: shares in per cent, sizes with separators."""
    from matplotlib.ticker import FuncFormatter, PercentFormatter  # noqa: PLC0415 (matplotlib only when something is plotted)

    axis = axes.xaxis if side == "x" else axes.yaxis
    language = spoken()  # a figure is drawn later, when another may be spoken
    if quantity == "share":
        per_cent = PercentFormatter(1.0, decimals=None)
        per_cent.set_axis(axis)
        axis.set_major_formatter(FuncFormatter(lambda value, place: numerals(per_cent(value, place), language)))
    elif quantity == "size":
        axis.set_major_formatter(
            FuncFormatter(lambda value, _: number(value, ",.0f" if abs(value) >= 10 else "g", language))
        )


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
    """Break a text into lines of some points."""
    average = width_of(text, size) / max(len(text), 1)
    return "\n".join(textwrap.wrap(text, max(int(width / max(average, 1e-9)), 12)))


def named(axes: Axes, side: str, text: str) -> None:
    """Write what an axis measures, in lines that are no longer than it."""
    room = extent(axes, settled=False)["xy".index(side)]
    write = axes.set_xlabel if side == "x" else axes.set_ylabel
    write(wrap(visible(text), room, points("medium")), **PLAIN)


def note(axes: Axes, notes: Iterable[str], **look: Any) -> None:
    """Write above a figure what must be known to read it: that studies don't compare, that data are synthetic."""
    lines = list(dict.fromkeys(visible(line) for line in notes if line))
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
