"""Overlap of two or three groups as an area-proportional Euler diagram."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..drawing.axes import COLOURS, PLAIN, axes_for, extent, legend, legend_name, note, points, root, tell, width_of
from ..drawing.series import Series, one_quantity
from ..errors import InputError, listing, visible
from ..estimate.estimate import Estimate
from ..ground.columns import Floats
from ..ground.language import tr
from ..ground.signatures import checked
from ..ground.text import enumerated
from . import euler
from .euler import Circles
from .series import read

if TYPE_CHECKING:
    from matplotlib.axes import Axes
#: A region may miss its share of all by so much before it is said, and before there is no picture.
SAID, REFUSED = 0.02, 0.10
#: One hatch a set; where sets overlap, so do the hatches.
HATCHES = ("///", "\\\\\\", "..")
OUTLINES = ("-", "--", ":")
TAKES = (
    "venn takes regions that exclude one another, each a tuple of sets or their names joined by &, such as "
    "{'opioids': ..., 'crack': ..., 'opioids & crack': ...}, where 'opioids' means opioids without crack"
)


@checked
def venn(data: Any, *, level: float = 0.95, ax: Axes | None = None, name: str | None = None) -> Axes:
    r"""Draw how two or three groups overlap, as circles whose regions have areas in proportion; needs matplotlib.

    Parameters
    ----------
    data : Estimate or mapping of region to one-label Estimate
        The sizes of regions that **exclude one another**: a key is a tuple of sets or their names joined by ``&``.
        ``"opioids"`` are people who use opioids and nothing else that is drawn, ``"opioids & crack"`` those who use
        both. Regions that are not given are empty. A plain number is a figure published without an interval. An
        Estimate has such labels (``hp.concat({"opioids": ..., "opioids & crack": ...})``).
    level : float
        Confidence level of the intervals, which stand in the legend.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.
    name : str, optional
        What is counted, for the legend's title.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        Regions that can't be read, no or negative sizes, more than three sets (use `Lists.plot`), or overlaps of three
        sets that circles can't show.

    See Also
    --------
    hiddenpop.Lists.plot : many lists.

    Notes
    -----
    Two circles are exact. Three circles can't show every overlap: all seven areas are fitted by least squares, and
    where a region is off by more than 2% of all people, the figure says so; by more than 10%, there is none. Numbers
    stand in regions that have the room, and all in the legend.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> axes = hp.plot.venn({"opioids": 1_400, "crack": hp.published(16_000, 11_300, 25_200, name="crack"),
    ...                      "opioids & crack": 11_900})
    >>> [text.get_text() for text in axes.get_legend().get_texts()][-1]
    'opioids and crack:\n11,900'
    """
    sets, series = _read(data, level)
    sizes = np.zeros(1 << len(sets))
    regions = [_bits(place, sets) for place in series.places]
    sizes[regions] = series.marks.point
    circles = euler.fit(sizes)
    off = _off(circles, sizes, sets)
    called = [_called(region, sets) for region in regions]
    words = [f"{title}: {text}" for title, text in zip(called, series.marks.texts(), strict=True)]
    what = visible(name or "") or (tr("population size") if series.quantity == "size" else tr("estimate"))
    title = tr("{what} ({level:g}% interval)", what=what, level=100 * level)
    axes = axes_for(ax, 5)
    axes.set_axis_off()
    notes = [*off, *series.notes]
    note(axes, notes)
    order = sorted(range(len(regions)), key=lambda i: (regions[i].bit_count(), regions[i]))
    written = {r: text.split(" (")[0] for r, text in zip(regions, series.marks.texts(), strict=True)}
    scale, box = _arrange(axes, circles, {regions[i]: words[i] for i in order}, written, title)
    limits = axes.get_xlim(), axes.get_ylim()
    _draw(axes, circles, [r for r in regions if sizes[r] > 0])
    free = _Free(axes, circles, scale, box)
    _names(free, sets)
    _leaders(free, _numbers(axes, circles, sizes, written, scale), written)
    axes.set_xlim(limits[0])
    axes.set_ylim(limits[1])
    said = tr("Overlap of {sets}: {title}.", sets=enumerated(sets), title=title)
    tell(axes, " ".join([said, "; ".join(words) + ".", *notes]))
    return axes


def _read(data: Any, level: float) -> tuple[list[str], Series]:
    if not isinstance(data, (Mapping, Estimate)) or (isinstance(data, Estimate) and data.labels.nlevels > 1):
        raise InputError(f"{TAKES}; this is {type(data).__name__}.")
    if isinstance(data, Mapping) and any(isinstance(v, Estimate) and not v.scalar for v in data.values()):
        raise InputError(f"A region has one estimate, and one of these has several labels: pick one. {TAKES}.")
    keys = list(data) if isinstance(data, Mapping) else list(data.labels)
    parts = [_parts(key) for key in keys]
    sets = list(dict.fromkeys(part for region in parts for part in region))
    if len(sets) > 3:
        raise InputError(f"Circles show two or three sets, and these are {listing(sets)}: use hp.Lists(...).plot().")
    if len(sets) < 2:
        raise InputError(f"There is one set, {listing(sets)}, so nothing overlaps. {TAKES}.")
    regions = [frozenset(region) for region in parts]
    if len(set(regions)) < len(regions):
        twice = next(r for r in regions if regions.count(r) > 1)
        raise InputError(f"The region of {' & '.join(sorted(twice))} is given twice.")
    found = read((data,), level)
    one_quantity(found)
    series = found[0]
    for region, size in zip(parts, series.marks.point, strict=True):
        if not np.isfinite(size) or size < 0:
            raise InputError(f"The size of {' & '.join(region)} is {size:g}; an area is finite and not negative.")
    if not series.marks.point.sum() > 0:
        raise InputError("All regions are empty, so there is nothing to draw.")
    places = [region for one in [series] for region in map(_parts, one.places)]
    return sets, Series("", places, series.marks, False, series.quantity, series.notes)


def _parts(key: Any) -> tuple[str, ...]:
    parts = key if isinstance(key, tuple) else str(key).split("&")
    names = tuple(visible(str(part)).strip() for part in parts)
    if not names or not all(names) or len(set(names)) < len(names):
        raise InputError(f"{key!r} names no region. {TAKES}.")
    return names


def _bits(region: tuple[str, ...], sets: list[str]) -> int:
    return sum(1 << sets.index(one) for one in region)


def _called(region: int, sets: list[str]) -> str:
    inside = [one for i, one in enumerate(sets) if region >> i & 1]
    joined = enumerated(inside)
    return joined if len(inside) == len(sets) else tr("{sets} only", sets=joined)


def _off(circles: Circles, sizes: Floats, sets: list[str]) -> list[str]:
    """Say how far the areas are off, or that there is no honest picture."""
    wanted, drawn = sizes / sizes.sum(), circles.areas()
    worst = int(np.abs(drawn - wanted).argmax())
    error = abs(drawn[worst] - wanted[worst])
    lost = [_called(r, sets) for r in range(1, len(sizes)) if sizes[r] > 0 and drawn[r] < 1e-9]
    if error > REFUSED:
        raise InputError(
            f"{'Three' if len(sets) == 3 else 'Two'} circles can't show these overlaps: the area of {_called(worst, sets)} would be "
            f"{drawn[worst]:.0%} of all people, and should be {wanted[worst]:.0%}. Draw bars: hp.plot.sizes."
        )
    notes = []
    if error > SAID:
        notes.append(
            tr(
                "Areas are approximate: that of {sets} is {drawn:.0%} of all, not {wanted:.0%}.",
                sets=_called(worst, sets),
                drawn=drawn[worst],
                wanted=wanted[worst],
            )
        )
    if lost:
        notes.append(tr("Too small to be drawn: {sets}.", sets=", ".join(lost)))
    return notes


def _fill(region: int) -> tuple[float, float, float]:
    """Mix the colours of the sets, darker the more there are."""
    from matplotlib.colors import to_rgb  # noqa: PLC0415 (matplotlib only when something is plotted)

    inside = [i for i in range(3) if region >> i & 1]
    mixed = np.mean([to_rgb(COLOURS[(0, 1, 6)[i]]) for i in inside], axis=0)
    white = {1: 0.68, 2: 0.4, 3: 0.2}[len(inside)]
    red, green, blue = (1 - white) * mixed + white
    return float(red), float(green), float(blue)


def _style(region: int) -> dict[str, Any]:
    hatch = "".join(HATCHES[i] for i in range(3) if region >> i & 1)
    return {"facecolor": _fill(region), "edgecolor": "0.45", "hatch": hatch, "linewidth": 0}


def _draw(axes: Axes, circles: Circles, regions: list[int]) -> None:
    """Paint circles, over them what two share, over that what three share: what is left of each is its region."""
    from matplotlib.patches import Circle, Polygon  # noqa: PLC0415 (matplotlib only when something is plotted)

    k = len(circles.radii)
    for region in sorted(range(1, 1 << k), key=int.bit_count):
        inside = tuple(i for i in range(k) if region >> i & 1)
        if len(inside) > 1:
            outline = circles.common(inside)
            if len(outline):
                axes.add_patch(Polygon(outline, closed=True, zorder=1 + 0.1 * len(inside), **_style(region)))
        elif circles.radii[inside[0]] > 0:
            axes.add_patch(Circle(tuple(circles.centres[inside[0]]), circles.radii[inside[0]], **_style(region)))
    for i in range(k):
        centre = tuple(circles.centres[i])
        style = {"fill": False, "edgecolor": "0.1", "linewidth": 1.8, "linestyle": OUTLINES[i], "zorder": 2}
        axes.add_patch(Circle(centre, circles.radii[i], **style))


def _arrange(
    axes: Axes, circles: Circles, words: dict[int, str], written: dict[int, str], title: str
) -> tuple[float, tuple[float, float, float, float]]:
    """Put the legend beside or below the circles, whichever leaves them more room; return points a unit, and their box."""
    wide, high = extent(axes)
    low, top = (circles.centres - circles.radii[:, None]).min(0), (circles.centres + circles.radii[:, None]).max(0)
    spare = 2.2 * points("medium")  # for names above and below, for numbers at the sides
    sides = 2 * max(1.15 * width_of(number, points("medium")) + 14 for number in written.values())
    most = min((wide - sides) / (top[0] - low[0]), (high - 2 * spare) / (top[1] - low[1]))
    best: tuple[Any, ...] | None = None
    for worth, size in ((1.0, "medium"), (0.8, "small"), (0.6, "x-small")):  # small letters where they gain much
        for broken in (False, True):
            texts = [word.replace(": ", ":\n", 1) if broken else word for word in words.values()]
            width, height = _legend(axes, list(words), texts, title, size)
            for beside in (True, False):
                room = (wide - width - 12, high) if beside else (wide, high - height - 8)
                scale = min((room[0] - sides) / (top[0] - low[0]), (room[1] - 2 * spare) / (top[1] - low[1]))
                fits = width <= wide and height <= high and scale > 0
                if fits and (best is None or worth * scale > best[0]):
                    best = worth * scale, scale, room, beside, size, texts
        if best is not None and best[1] > most / 2:
            break
    if best is None:
        axes.clear()
        raise InputError("The axes are too small for a diagram and its legend; give larger ones.")
    _, scale, room, beside, size, texts = best
    _legend(axes, list(words), texts, title, size, "center right" if beside else "lower center")
    middle = (low + top) / 2
    left = middle[0] - room[0] / 2 / scale
    bottom = middle[1] + room[1] / 2 / scale - high / scale
    axes.set_xlim(left, left + wide / scale)
    axes.set_ylim(bottom, bottom + high / scale)
    axes.set_aspect("equal", adjustable="box")
    upper = bottom + high / scale
    return float(scale), (left, upper - room[1] / scale, left + room[0] / scale, upper)


def _legend(
    axes: Axes, regions: list[int], texts: list[str], title: str, size: str, place: str = "center right"
) -> tuple[float, float]:
    """Draw the legend and return its width and height in points."""
    from matplotlib.patches import Patch  # noqa: PLC0415 (matplotlib only when something is plotted)

    handles = [Patch(label=legend_name(text), **_style(region)) for text, region in zip(texts, regions, strict=True)]
    look = {"borderaxespad": 0, "handleheight": 1.3, "handlelength": 2.4, "alignment": "left"}
    box = legend(
        axes, handles=handles, title=title, fontsize=size, title_fontsize=size, loc=place, **look
    ).get_window_extent()
    return box.width * 72 / root(axes).dpi, box.height * 72 / root(axes).dpi


def _rectangle(x: float, y: float, width: float, height: float) -> Floats:
    """Points all over a rectangle around its centre."""
    grid = np.stack(np.meshgrid(np.linspace(-0.5, 0.5, 9), np.linspace(-0.5, 0.5, 5)), axis=-1).reshape(-1, 2)
    return np.asarray(grid * [width, height] + [x, y])


def _numbers(axes: Axes, circles: Circles, sizes: Floats, written: dict[int, str], scale: float) -> list[int]:
    """Write sizes into the regions that have room for them, and return the others."""
    left = []
    for region, text in written.items():
        core = circles.core(region) if sizes[region] > 0 else None
        if core is None:
            continue
        x, y = core[0].tolist()
        for size in (points("medium"), points("small")):
            width, height = (width_of(text, size) + 6) / scale, 1.5 * size / scale
            marks = circles.inside(_rectangle(x, y, width, height)) @ (1 << np.arange(len(circles.radii)))
            if (marks == region).all():
                back = {"facecolor": _fill(region), "edgecolor": "none", "pad": 1.5}
                style: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 3, **PLAIN}
                axes.text(x, y, text, fontsize=size, bbox=back, **style)
                break
        else:
            left.append(region)
    return left


class _Free:
    """Room outside of the circles, for names and for numbers that don't fit their regions."""

    def __init__(self, axes: Axes, circles: Circles, scale: float, box: tuple[float, float, float, float]) -> None:
        self.axes, self.circles, self.scale, self.box = axes, circles, scale, box
        self.taken: list[tuple[float, float, float, float]] = []

    def write(self, text: str, at: Floats, towards: Floats, *, weight: str = "normal") -> bool:
        """Write a text that begins at a point and runs in a direction, if nothing stands there."""
        size = points("medium")
        width, height = (1.15 * width_of(text, size) + 4) / self.scale, 1.35 * size / self.scale
        x = at[0] + np.clip(towards[0] * 2, -1, 1) * width / 2
        y = at[1] + (np.sign(towards[1]) * height / 2 if abs(towards[1]) > 0.1 else 0.0)
        edge = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        low, high = self.box[:2], self.box[2:]
        if edge[0] < low[0] or edge[1] < low[1] or edge[2] > high[0] or edge[3] > high[1]:
            return False
        if self.circles.inside(_rectangle(x, y, width, height)).any() or any(_meet(edge, t) for t in self.taken):
            return False
        self.axes.text(x, y, text, fontsize=size, weight=weight, ha="center", va="center", **PLAIN)
        self.taken.append(edge)
        return True


def _names(free: _Free, sets: list[str]) -> None:
    """Write the sets' names outside of the circles, where nothing else stands; the legend has them all."""
    circles = free.circles
    middle = circles.centres.mean(0)
    for i, name in enumerate(sets):
        away = circles.centres[i] - middle
        upright = np.pi / 2 if abs(away[1]) < 1e-6 or away[1] > 0 else -np.pi / 2
        lean = (-np.sign(away[0]) or 1.0) * np.sign(upright)
        turns = [upright + lean * step for step in np.linspace(0, np.pi / 2, 7)]
        for angle in [*turns, *(-turn for turn in turns)] if circles.radii[i] > 0 else []:
            towards = np.array([np.cos(angle), np.sin(angle)])
            at = circles.centres[i] + (circles.radii[i] + 4 / free.scale) * towards
            if free.write(name, at, towards, weight="bold"):
                break


def _leaders(free: _Free, left: list[int], written: dict[int, str]) -> None:
    """Write numbers that don't fit outside of the circles, with a line to their region; else the legend has them."""
    circles = free.circles
    middle = (circles.centres - circles.radii[:, None]).min(0) / 2 + (circles.centres + circles.radii[:, None]).max(
        0
    ) / 2
    for region in left:
        core = circles.core(region)
        if core is None:
            continue
        start = core[0]
        outward = np.arctan2(*(start - middle)[::-1])
        for turn in sorted(np.linspace(-np.pi, np.pi, 25)[1:], key=abs):
            towards = np.array([np.cos(outward + turn), np.sin(outward + turn)])
            way = start + np.outer(np.linspace(0, 2, 200), towards)
            outside = np.flatnonzero(~circles.inside(way).any(1))
            at = way[outside[0]] + 6 / free.scale * towards if len(outside) else None
            if at is not None and abs(turn) < 1.7 and free.write(written[region], at, towards):
                free.axes.plot(*np.stack([start, at]).T, color="0.1", linewidth=0.9, zorder=3)
                free.axes.plot(*start, "o", color="0.1", markersize=3, zorder=3)
                break


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
