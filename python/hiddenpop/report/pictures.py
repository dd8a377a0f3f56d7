"""Figures as pictures, and as words for those who don't see them."""

from __future__ import annotations

import io
import re
import struct
import warnings
from typing import Any

from ..drawing import axes
from ..errors import InputError
from ..ground.text import capital
from .document import Picture

#: Points of an inch in the PNG, which Word files hold.
DPI = 200
#: A picture is no more than this many times as wide or high as its figure.
MOST_ROOM = 3


def is_figure(thing: object) -> bool:
    """Tell whether something is drawn by matplotlib, without importing it."""
    return type(thing).__module__.startswith("matplotlib") and (hasattr(thing, "savefig") or hasattr(thing, "figure"))


def canvas(height: float, width: float = 6.0) -> Any:
    """Return axes on a figure of its own, which no notebook shows twice."""
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 (only when something is drawn)
    except ImportError as error:
        raise InputError("Figures of a report need matplotlib: pip install 'hiddenpop[plot]'.") from error
    return Figure(figsize=(width, height), layout="constrained").subplots()


def picture(drawn: Any) -> Picture:
    """Take a picture of a figure, or of the figure that axes belong to."""
    import matplotlib as mpl  # noqa: PLC0415 (matplotlib only when something is plotted)

    figure = drawn if hasattr(drawn, "savefig") else drawn.figure
    vector, pixels = io.StringIO(), io.BytesIO()
    # The same figure gives the same file: no date, no random ids.
    with mpl.rc_context({"svg.hashsalt": "hiddenpop"}), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        figure.savefig(vector, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
        width, height = figure.get_size_inches()
        box = _room(vector.getvalue(), float(width), float(height))
        if box != "tight":
            vector = io.StringIO()
            figure.savefig(vector, format="svg", bbox_inches=box, metadata={"Date": None, "Creator": None})
        figure.savefig(pixels, format="png", dpi=DPI, bbox_inches=box, metadata={"Software": None})
    across, down = struct.unpack(">II", pixels.getvalue()[16:24])  # the head of a PNG
    return Picture(vector.getvalue(), pixels.getvalue(), across / down)


def _room(drawn: str, width: float, height: float) -> Any:
    """Say what of a figure is in its picture: all, or what is near where texts reach far beyond it.

    A label of 20,000 letters makes a picture of a gigabyte.
    """
    from matplotlib.transforms import Bbox  # noqa: PLC0415 (matplotlib only when something is plotted)

    found = re.search(r'<svg [^>]*?viewBox="0 0 ([\d.]+) ([\d.]+)"', drawn)
    wide, high = (float(size) / 72 for size in found.groups()) if found else (width, height)
    if wide <= MOST_ROOM * width and high <= MOST_ROOM * height:
        return "tight"
    return Bbox.from_extents(-width, -height, 2 * width, 2 * height)


def words(drawn: Any) -> str:
    """Say what a figure shows: as its maker does, or by titles and the names of its axes."""
    every = drawn.axes if hasattr(drawn, "savefig") else [drawn]
    return " ".join(text for text in map(axes.describe, every) if text)


def title_of(drawn: Any) -> str:
    """Return a figure's title, or what its axes measure."""
    every = drawn.axes if hasattr(drawn, "savefig") else [drawn]
    titles = [axes.get_title(loc=side) for axes in every for side in ("center", "left")]
    titles += [name for axes in every for name in (axes.get_xlabel(), axes.get_ylabel())]
    return capital(next((" ".join(text.split()) for text in titles if text), ""))
