"""The figures that tests draw, and how pictures are compared: as seen from afar, without the letters.

`python -m tests.figures` draws the committed pictures anew. Look at them before you commit them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import hiddenpop as hp
import matplotlib as mpl
import numpy as np
from matplotlib.text import Text

mpl.use("Agg")

FOLDER = Path(__file__).parent / "data" / "figures"
#: Grey values (of 255) by which a block of pixels may differ. A shift by a pixel makes up to 43; without a series at
#: least 56 is missing.
TOLERANCE = 45
#: Pixels a side of a block.
BLUR = 4

CHANGED = "recruitment and estimation method changed"
#: Strada et al. (2025), the OPAAK study: sizes as published.
OPIOIDS = {2012: (14_300, 13_400, 16_300), 2023: (13_300, 12_600, 14_200)}
CRACK = {2008: (12_400, 10_300, 15_600), 2023: (16_000, 11_300, 25_200)}


def published(figures: dict[int, tuple[float, float, float]]) -> dict[int, hp.Estimate]:
    return {year: hp.published(*numbers, name=str(year)) for year, numbers in figures.items()}


def studies() -> dict[str, Any]:
    def cautious(figures: dict[int, tuple[float, float, float]]) -> hp.Trend:
        return hp.trend(published(figures), comparable=False, why=CHANGED)

    return {
        "opioids": cautious(OPIOIDS),
        "crack without opioids": cautious(CRACK),
        "opioids and crack": {2023: 11_900},
    }


def regions() -> dict[Any, Any]:
    return {
        ("opioids",): 1_400,
        ("crack",): hp.published(*CRACK[2023], name="crack"),
        ("opioids", "crack"): 11_900,
    }


def three_sets() -> dict[str, Any]:
    numbers = {"a": 100, "b": 80, "c": 60, "a & b": 20, "a & c": 10, "b & c": 12, "a & b & c": 5}
    return {region: hp.published(n, 0.8 * n, 1.3 * n, name=region) for region, n in numbers.items()}


def treated() -> dict[str, Any]:
    """Return the study's shares in treatment: 2023 from its counts, the years before as printed."""
    survey = hp.Survey(hp.datasets.load("opaak")["treatment"], counts="count", strata="group")
    now = survey.proportion("in_treatment", by="group")
    return {
        "opioids": {2012: 0.792, 2023: now["opioids"]},
        "crack without opioids": {2008: 0.410, 2023: now["crack only"]},
    }


def synthetic() -> hp.Survey:
    return hp.Survey(hp.datasets.load("synthetic_opaak")["interviews"], strata="group")


def open_ended() -> hp.Estimate:
    """Return two sizes, one with no upper limit: a single person is on both of two lists."""
    share = hp.Survey({"r": [1, 0], "n": [40, 60]}, counts="n").proportion("r")
    lists = hp.Lists({"p": [1, 0, 1], "q": [0, 1, 1], "n": [29, 299, 1]}, ["p", "q"], counts="n")
    sizes = {"a": hp.multiplier(1000, share), "b": hp.lincoln_petersen(lists, bootstrap="conditional")}
    return hp.concat(sizes, name="population size")


FIGURES: dict[str, Callable[..., Any]] = {
    "sizes": lambda **options: hp.plot.sizes(studies(), **options),
    "coverage": lambda **options: hp.plot.coverage(treated(), **options),
    "coverage_groups": lambda **options: hp.plot.coverage(
        synthetic().proportion("in_treatment", by=["group", "born"]), **options
    ),
    "venn": lambda **options: hp.plot.venn(regions(), **options),
    "venn_three": lambda **options: hp.plot.venn(three_sets(), **options),
    "stacked": lambda **options: hp.plot.stacked(synthetic(), "housing", by="group", **options),
    "stacked_cities": lambda **options: hp.plot.stacked(synthetic(), "work", by="city", **options),
    "trend": lambda **options: hp.trend(published(OPIOIDS)).plot(**options),
    "estimate": lambda **options: open_ended().plot(**options),
}


def texts(figure: Any) -> list[Text]:
    """Return every visible text of a figure that has been drawn."""
    found = [one for one in figure.findobj(Text) if one.get_visible() and one.get_text().strip()]
    axes = list(figure.findobj(mpl.axis.Axis))
    hidden = {
        text
        for axis in axes
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]
        for text in (tick.label1, tick.label2)
        if not axis.axes.axison or not axis.get_view_interval()[0] <= tick.get_loc() <= axis.get_view_interval()[1]
    }
    hidden |= {axis.label for axis in axes if not axis.axes.axison}
    return [one for one in found if one not in hidden]


def overlapping(figure: Any) -> list[tuple[str, str]]:
    """Return the pairs of texts that touch, and texts that leave the figure, of a drawn figure."""
    figure.draw_without_rendering()
    boxes = [(one.get_text(), one.get_window_extent(), one.get_rotation()) for one in texts(figure)]
    # The box of an oblique text is larger than the text; along an axis these stand in parallel.
    pairs = [
        (a, b)
        for i, (a, box, turned) in enumerate(boxes)
        for b, other, also in boxes[i + 1 :]
        if not (turned % 90 and also % 90)
        and box.x0 < other.x1 - 0.5
        and other.x0 < box.x1 - 0.5
        and box.y0 < other.y1 - 0.5
        and other.y0 < box.y1 - 0.5
    ]
    edge = figure.bbox
    out = [
        (text, "the edge")
        for text, box, _ in boxes
        if box.x0 < -1 or box.y0 < -1 or box.x1 > edge.x1 + 1 or box.y1 > edge.y1 + 1
    ]
    return pairs + out


def seen(figure: Any) -> Any:
    """Return what remains of a figure from afar: its marks in grey, without letters and what stands where letters say.

    Letters have other widths in other releases of matplotlib, and with them layouts: so the axes stand at a fixed place
    and reach as far as what is drawn. Legends, limits and texts have tests of their own.
    """
    figure.set_layout_engine("none")
    figure.set_dpi(50)
    for axes in figure.axes:
        axes.set_position((0.05, 0.05, 0.9, 0.9))
        if axes.get_legend() is not None:
            axes.get_legend().set_visible(False)
        low, high = axes.dataLim.min, axes.dataLim.max
        if not axes.axison:  # a diagram: the circles, without lines to numbers
            circles = [patch for patch in axes.patches if isinstance(patch, mpl.patches.Circle)]
            low = np.min([np.subtract(one.center, one.radius) for one in circles], axis=0)
            high = np.max([np.add(one.center, one.radius) for one in circles], axis=0)
            for line in axes.lines:
                line.set_visible(False)
        margin = 0.05 * (high - low)
        axes.set_xlim(low[0] - margin[0], high[0] + margin[0])
        axes.set_ylim(low[1] - margin[1], high[1] + margin[1])
    for one in figure.findobj(Text):
        one.set_visible(False)
    figure.canvas.draw()
    grey = np.asarray(figure.canvas.buffer_rgba())[..., :3] @ [0.299, 0.587, 0.114]
    return np.asarray(grey.round(), dtype=np.uint8)


def difference(one: Any, other: Any) -> float:
    """Return the largest difference of blocks, at the best shift by a pixel; infinite where the sizes differ."""
    if np.abs(np.subtract(one.shape, other.shape)).max() > 1:
        return np.inf
    rows, columns = (min(a, b) // BLUR * BLUR for a, b in zip(one.shape, other.shape, strict=True))

    def blurred(picture: Any) -> Any:
        cut = picture[:rows, :columns].astype(float)
        return cut.reshape(rows // BLUR, BLUR, columns // BLUR, BLUR).mean(axis=(1, 3))

    shifted = [np.roll(one, (down, right), axis=(0, 1)) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return float(min(np.abs(blurred(picture) - blurred(other)).max() for picture in shifted))


def main() -> None:
    from PIL import Image  # noqa: PLC0415 (matplotlib brings it)

    FOLDER.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({}, None):
        mpl.rcdefaults()
        for name, draw in FIGURES.items():
            Image.fromarray(seen(draw().figure)).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
