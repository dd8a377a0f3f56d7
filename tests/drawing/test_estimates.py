"""Estimates in figures: what the table says, and ends that are open."""

import hiddenpop as hp
import matplotlib.pyplot as plt
import numpy as np
import pytest
from hiddenpop import InputError


def test_plots_draw_what_the_table_says(people: hp.Estimate) -> None:
    axes = people.plot()
    assert [t.get_text() for t in axes.get_yticklabels()] == ["opioids", "crack only"]
    points, _, bars = axes.containers[0]
    np.testing.assert_allclose(points.get_xdata(), people.point)
    ends = np.array([segment[:, 0] for segment in bars[0].get_segments()])
    np.testing.assert_allclose(ends, people.interval().to_numpy())
    density = people.plot("density", ax=people.plot().figure.add_subplot())
    assert len(density.collections) == 2
    with pytest.raises(InputError, match="kind='bars' is not one of"):
        people.plot("bars")
    with pytest.raises(InputError, match="not a figure"):
        (people > 1).plot()


def test_infinite_ends_are_marked_in_the_plot() -> None:
    # Lists that hardly overlap: many redraws have no overlap at all.
    lists = hp.Lists({"p": [1, 0, 1], "q": [0, 1, 1], "n": [29, 299, 1]}, ["p", "q"], counts="n", replicates=500)
    axes = hp.lincoln_petersen(lists, bootstrap="conditional").plot()
    assert any("unbounded" in text.get_text() for text in axes.texts)


def test_an_open_interval_reaches_beyond_its_point_in_the_plot() -> None:
    survey = hp.Survey({"g": list("aabb"), "r": [1, 0, 1, 0], "n": [40, 60, 1, 29]}, counts="n", strata="g")
    axes = hp.multiplier({"a": 1000, "b": 300}, survey.proportion("r", by="g")).plot()
    ends = axes.containers[0][2][0].get_segments()[1][:, 0]
    assert ends[1] > 9_000 * 1.1


@pytest.mark.parametrize("label", ["costs $5 to $9", "$\\frac$", "100%_of^all", "\\input{x}"])
def test_names_in_figures_are_no_mathematics(label: str) -> None:
    survey = hp.Survey({"g": [label, "b"] * 20, "x": [1, 0, 0, 1] * 10}, replicates=20)
    axes = survey.proportion("x", by="g").rename(label).plot()
    axes.figure.canvas.draw()  # matplotlib fails on mathematics that it can't read
    texts = [
        text for text in [*axes.get_yticklabels(), axes.xaxis.label] if label.split(maxsplit=1)[0] in text.get_text()
    ]
    assert len(texts) == 2
    assert not any(text.get_parse_math() or text.get_usetex() for text in texts)
    plt.close(axes.figure)


def test_a_name_that_begins_with_an_underscore_is_in_the_legend() -> None:
    """Matplotlib leaves such names out, since they are its own."""
    sizes = {2012: hp.published(100, 90, 115, name="a"), 2023: hp.published(120, 90, 145, name="b")}
    axes = hp.plot.sizes({"_hidden": sizes, "shown": sizes}, why="other people")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["_hidden", "shown"]
    plt.close(axes.figure)
