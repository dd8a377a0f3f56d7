"""What all figures share: steps of 1, 2 or 5, signs, legends that are read along lines, words for who can't see."""

from __future__ import annotations

import base64
import re

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop.drawing import axes, marks
from hiddenpop.drawing.marks import Marks
from matplotlib import pyplot
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def ticks(ax: axes.Axes) -> list[str]:  # type: ignore[name-defined]
    root = axes.root(ax)
    root.canvas.draw()
    low, high = ax.get_xlim()
    return [t.get_text() for t in ax.get_xticklabels() if low <= t.get_position()[0] <= high and t.get_text()]


@pytest.mark.parametrize(
    ("limits", "quantity", "shown"),
    [
        ((46, 52), "mean", ["46", "47", "48", "49", "50", "51", "52"]),
        ((1.02, 1.81), "rate", ["1.2", "1.4", "1.6", "1.8"]),
        ((-1_300, 400), "size", ["−1,000", "−500", "0"]),
        ((0.1, 0.6), "share", ["10%", "20%", "30%", "40%", "50%", "60%"]),
        ((11_900, 21_700), "size", ["12,000", "14,000", "16,000", "18,000", "20,000"]),
    ],
)
def test_axes_have_steps_of_one_two_or_five(limits: tuple[float, float], quantity: str, shown: list[str]) -> None:
    ax = Figure(figsize=(7, 2)).subplots()
    ax.set_xlim(*limits)
    axes.formatted(ax, "x", quantity)
    assert ticks(ax) == shown


def test_a_narrow_axis_has_fewer_numbers() -> None:
    ax = Figure(figsize=(2.5, 2)).subplots()
    ax.set_xlim(11_900, 21_700)
    axes.formatted(ax, "x", "size")
    assert ticks(ax) == ["15,000", "20,000"]


def test_an_interval_without_an_end_has_an_arrow_and_no_cap() -> None:
    found = Marks(np.array([400.0, 100]), np.array([200.0, 50]), np.array([np.inf, 200]), ("size",) * 2)
    for lying in (True, False):
        ax = Figure().subplots()
        drawn = marks.draw(ax, np.array([0.0, 1]), found, lying=lying, far=600.0)
        lower, upper = (line.get_data()[0 if lying else 1] for line in drawn.lines[1])
        assert lower.tolist() == [200, 50]
        assert np.isnan(upper[0])
        assert upper[1] == 200
        arrow = ax.lines[-1]
        assert (arrow.get_marker(), arrow.get_data()[0 if lying else 1].tolist()) == (">" if lying else "^", [600])


def test_a_legend_is_read_along_its_lines() -> None:
    ax = Figure().subplots()
    for name in "acemn":
        ax.plot([0, 1], [0, 1], label=name)
    made = axes.legend(ax, ncols=2)
    FigureCanvasAgg(ax.figure).draw()
    placed = [(text.get_text(), text.get_window_extent()) for text in made.get_texts()]
    across = sorted(placed, key=lambda one: (-round(one[1].y0 / 8), one[1].x0))
    assert "".join(name for name, _ in across) == "acemn"


def test_lines_break_beside_brackets() -> None:
    text = "people who use crack or opioids every week (95% interval)"
    for width in range(120, 400, 10):
        lines = axes.wrap(text, width, 10).split("\n")
        assert " ".join(lines) == text
        assert not any(line.count("(") != line.count(")") for line in lines)


def test_a_notebook_gets_a_figure_with_its_words() -> None:
    ax = hp.published(13_300, 12_600, 14_200, name='opioids "weekly" <b>').plot()
    shown = ax.figure._repr_html_()
    pyplot.close(ax.figure)
    words = re.search(r'alt="([^"]*)"', shown)
    assert words is not None
    assert words[1].startswith("opioids &quot;weekly&quot; &lt;b&gt; with 95% intervals.")
    assert "13,300 (12,600 to 14,200)" in words[1]
    data = re.search(r"base64,([^\"]*)", shown)
    assert data is not None
    assert base64.b64decode(data[1]).startswith(b"\x89PNG")


def test_notes_that_stand_beside_a_figure_are_not_in_it() -> None:
    ax, other = Figure().subplots(2)
    with axes.beside(["Synthetic."]):
        axes.note(ax, ["Synthetic.", "Not comparable."])
    axes.note(other, ["Synthetic."])
    assert (ax.get_title(loc="left"), other.get_title(loc="left")) == ("Not comparable.", "Synthetic.")


def test_long_labels_of_rows_are_folded() -> None:
    name = "difference of what was found here and what was published before (in thousands of people)"
    ax = hp.published(13, 12, 14, name=name).plot()
    (label,) = (text.get_text() for text in ax.get_yticklabels())
    pyplot.close(ax.figure)
    assert "\n" in label
    assert " ".join(label.split("\n")) == name
