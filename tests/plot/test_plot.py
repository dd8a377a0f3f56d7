"""Figures of a study: pictures against committed ones, no text over text, words that say it all."""

from __future__ import annotations

import gc
import subprocess
import sys
import warnings
from itertools import pairwise
from typing import Any

import hiddenpop as hp
import matplotlib as mpl
import numpy as np
import pytest
from hiddenpop.drawing.axes import describe, tell
from hiddenpop.errors import HiddenpopWarning, InputError
from matplotlib import pyplot

from .. import figures, on_lists


@pytest.fixture(autouse=True)
def _fresh() -> Any:
    with mpl.rc_context():
        mpl.rcdefaults()
        yield
        pyplot.close("all")


def drawn(name: str, **options: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)
        return figures.FIGURES[name](**options)


# Pictures and texts


@pytest.mark.parametrize("name", figures.FIGURES)
def test_pictures_are_as_committed_and_no_text_covers_another(name: str) -> None:
    figure = drawn(name).figure
    assert figures.overlapping(figure) == []
    picture = figures.seen(figure)
    wanted = (255 * mpl.image.imread(figures.FOLDER / f"{name}.png")).round()
    difference = figures.difference(picture, wanted)
    assert difference <= figures.TOLERANCE, f"differs by {difference:.2f}; look, then python -m tests.figures"


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("sizes", lambda axes: axes.containers[1]),
        ("coverage", lambda axes: axes.containers[1]),
        ("venn", lambda axes: axes.patches[1]),
        ("stacked", lambda axes: axes.containers[1]),
        ("trend", lambda axes: axes.containers[0]),
    ],
)
def test_a_missing_series_is_seen(name: str, part: Any) -> None:
    axes = drawn(name)
    axes.figure.draw_without_rendering()
    part(axes).remove()
    wanted = (255 * mpl.image.imread(figures.FOLDER / f"{name}.png")).round()
    assert figures.difference(figures.seen(axes.figure), wanted) > figures.TOLERANCE


@pytest.mark.parametrize("layout", ["constrained", None])
def test_no_text_covers_another_in_small_panels(layout: str | None) -> None:
    figure, axes = pyplot.subplots(2, 2, figsize=(9, 7), layout=layout)
    for name, ax in zip(("sizes", "venn", "coverage", "stacked"), axes.flat, strict=True):
        assert drawn(name, ax=ax) is ax
    assert figures.overlapping(figure) == []


def test_overlapping_texts_are_found() -> None:
    # The helper itself: two texts at one place, and one over the edge.
    figure, ax = pyplot.subplots()
    ax.text(0.5, 0.5, "one")
    ax.text(0.51, 0.5, "other")
    ax.text(1.2, 0.5, "a long way out of the figure")
    assert ("one", "other") in figures.overlapping(figure)
    assert ("a long way out of the figure", "the edge") in figures.overlapping(figure)


def test_colours_differ_in_grey() -> None:
    # Relative luminance (WCAG 2.1) of neighbours in a stack or among series.
    from hiddenpop.drawing.axes import COLOURS  # noqa: PLC0415
    from hiddenpop.plot.bars import FILLS, HATCHES  # noqa: PLC0415

    def grey(colour: str) -> float:
        return float(np.array(mpl.colors.to_rgb(colour)) @ [0.299, 0.587, 0.114])

    for palette in (COLOURS, FILLS):
        assert min(abs(grey(a) - grey(b)) for a, b in pairwise(palette)) > 0.09
    assert all(a != b for a, b in pairwise(HATCHES))


# What the figures show


def test_sizes_show_what_was_published() -> None:
    axes = drawn("sizes")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(figures.studies())
    for container, numbers in zip(axes.containers, (figures.OPIOIDS, figures.CRACK), strict=False):
        points, _, (bars,) = container
        np.testing.assert_allclose(points.get_ydata(), [n[0] for n in numbers.values()], rtol=1e-9)
        ends = np.array([segment[:, 1] for segment in bars.get_segments()])
        np.testing.assert_allclose(ends, [n[1:] for n in numbers.values()], rtol=1e-3)
        assert points.get_linestyle() == "None"  # not comparable: not joined
    assert axes.get_ylim()[0] == 0
    assert "Not comparable (opioids; crack without opioids)" in axes.get_title(loc="left").replace("\n", " ")
    assert "No interval (hollow): opioids and crack 2023." in axes.get_title(loc="left").replace("\n", " ")
    now = [line.get_xdata()[1] for line in (c[0] for c in axes.containers[:2])]
    assert now[0] != now[1]  # beside one another


def test_ways_to_give_the_same_figure() -> None:
    opioids = hp.trend(figures.published(figures.OPIOIDS), name="opioids")
    named = hp.plot.sizes({"opioids": opioids}).containers[0][0]
    for data in ((opioids,), ({"opioids": figures.published(figures.OPIOIDS)},), (figures.published(figures.OPIOIDS),)):
        line = hp.plot.sizes(*data).containers[0][0]
        assert line.get_linestyle() == named.get_linestyle() == "-"
        np.testing.assert_array_equal(line.get_xydata(), named.get_xydata())
    two = hp.plot.sizes(opioids, hp.trend(figures.published(figures.CRACK), name="crack"))
    assert [text.get_text() for text in two.get_legend().get_texts()] == ["opioids", "crack"]
    # Groups within years, and years within groups, are the same lines.
    survey = figures.synthetic()
    group = survey.proportion("in_treatment", by="group")
    by_year = hp.plot.coverage({2012: group, 2023: group})
    stacked = hp.plot.coverage(hp.concat({2012: group, 2023: group}))
    for axes in (by_year, stacked):
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ["opioids", "crack only"]
        np.testing.assert_allclose(axes.containers[0][0].get_ydata(), [group.point["opioids"]] * 2)


def test_coverage_goes_from_nothing_to_all() -> None:
    axes = drawn("coverage")
    assert axes.get_yticks().tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert [text.get_text() for text in axes.get_yticklabels()][-1] == "100%"
    # OPAAK: 79.2% (2012) to 61.1%, 41.0% (2008) to 30.7%.
    for container, wanted in zip(axes.containers, ([79.2, 61.1], [41.0, 30.7]), strict=False):
        np.testing.assert_allclose(100 * container[0].get_ydata(), wanted, atol=0.05)
    changed = hp.plot.coverage(figures.treated(), why=figures.CHANGED)
    assert changed.containers[0][0].get_linestyle() == "None"
    assert "Not comparable: recruitment" in changed.get_title(loc="left")


def test_open_and_missing_estimates_are_marked_and_said() -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", HiddenpopWarning)
        axes = hp.plot.sizes(figures.open_ended())
    assert any("infinite" in str(one.message) for one in said)
    assert "No upper limit (arrow): b." in axes.get_title(loc="left")
    assert any(line.get_marker() == "^" for line in axes.lines)
    both = hp.concat({"a": hp.normal(8, 2, name="p"), "b": hp.normal(8, 2, name="q")})
    missing = hp.apply(lambda x: x * np.array([1, np.nan]).reshape(-1, *[1] * (x.ndim - 1)), both)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)
        axes = hp.plot.sizes(missing)
    assert "No estimate: b." in axes.get_title(loc="left")
    assert "b: no estimate" in describe(axes)


def test_venn_has_sizes_and_intervals_in_its_legend() -> None:
    for data in (figures.regions(), {" & ".join(k): v for k, v in figures.regions().items()}):
        axes = hp.plot.venn(data)
        said = [text.get_text().replace("\n", " ") for text in axes.get_legend().get_texts()]
        assert said == ["opioids only: 1,400", "crack only: 16,000 (11,300 to 25,200)", "opioids and crack: 11,900"]
        assert {"opioids", "crack", "11,900", "16,000", "1,400"} <= {text.get_text() for text in axes.texts}
    circles = [patch for patch in axes.patches if isinstance(patch, mpl.patches.Circle) and patch.get_fill()]
    areas = np.array([patch.radius for patch in circles]) ** 2
    assert areas[1] / areas[0] == pytest.approx(27_900 / 13_300, abs=1e-6)
    together = hp.concat({key: hp.normal(n, 10, name=key) for key, n in {"a": 300, "b": 500, "a & b": 100}.items()})
    assert "a and b: 100.0 (80.4 to 119.6)" in describe(hp.plot.venn(together))
    height = axes.get_window_extent().height / np.ptp(axes.get_ylim())
    assert axes.get_window_extent().width / np.ptp(axes.get_xlim()) == pytest.approx(height, rel=0.01)


def test_stacked_bars_are_the_survey_s_shares() -> None:
    survey = figures.synthetic()
    shares = survey.proportion("housing", by="group")
    for axes in (hp.plot.stacked(survey, "housing", by="group"), hp.plot.stacked(shares)):
        widths = np.array([[bar.get_width() for bar in container] for container in axes.containers])
        np.testing.assert_allclose(widths.T.ravel(), shares.point)
        np.testing.assert_allclose(widths.sum(0), 1)
    assert {"53%", "38%"} <= {text.get_text() for text in axes.texts}
    _, small = pyplot.subplots(figsize=(3.2, 2.8), layout="constrained")
    written = {text.get_text() for text in hp.plot.stacked(shares, ax=small).texts}
    assert "53%" in written
    assert "11%" not in written  # no room
    assert len(hp.plot.stacked(survey, "work").containers[0]) == 1


@pytest.mark.parametrize("name", ["coverage_groups", "stacked", "stacked_cities"])
def test_synthetic_data_say_so_on_every_figure(name: str) -> None:
    axes = drawn(name)
    assert "SYNTHETIC" in axes.get_title(loc="left")
    assert "SYNTHETIC" in describe(axes)


def test_synthetic_data_say_so_in_trends_and_diagrams() -> None:
    survey = figures.synthetic()
    people = hp.multiplier(8_126, survey.proportion("in_treatment", where=survey_group("opioids")))
    for axes in (
        hp.trend({2012: hp.published(14_300, 13_400, 16_300, name="then"), 2023: people}).plot(),
        hp.plot.venn({"a": people, "b": 16_000, "a & b": 12_000}),
    ):
        assert "SYNTHETIC" in axes.get_title(loc="left")


def survey_group(group: str) -> Any:
    return hp.datasets.load("synthetic_opaak")["interviews"]["group"].to_numpy() == group


# Words


def test_words_hold_the_numbers() -> None:
    words = describe(drawn("sizes"))
    for part in ("opioids: 2012: 14,300 (13,400 to 16,300)", "2023: 16,000 (11,300 to 25,200)", "Not comparable"):
        assert part in words
    assert "crack without opioids: 2008: 41.0%; 2023: 30.7% (" in describe(drawn("coverage"))
    assert "crack only: 16,000 (11,300 to 25,200)" in describe(drawn("venn"))
    assert "opioids, own home: 52.9% (48.0% to 57.8%)" in describe(drawn("stacked"))
    assert "2012: 14,300 (13,400 to 16,300)" in describe(drawn("trend"))
    assert "b: 9,000 (2,700 to unbounded)" in describe(drawn("estimate"))
    rome = on_lists.rome()
    assert "c1 and c2" in describe(rome.plot())


def test_words_fall_back_to_what_is_written_and_are_forgotten_with_their_figure() -> None:
    _, ax = pyplot.subplots()
    assert describe(ax) == "Figure"
    ax.set_title("Sizes")
    ax.set_ylabel("people")
    assert describe(ax) == "Sizes. people"
    tell(ax, "two\nlines")
    assert describe(ax) == "two lines"
    from hiddenpop.drawing import axes  # noqa: PLC0415

    before = len(axes._TOLD)
    ax.remove()
    pyplot.close("all")
    del ax
    gc.collect()
    assert len(axes._TOLD) < before


# Bad input


SHARE = hp.beta(80, 20, name="share")
SIZE = hp.published(14_300, 13_400, 16_300, name="size")
TWO = hp.concat({"a": SIZE, "b": hp.published(10, 8, 13, name="other")})
BAD: dict[str, tuple[Any, str]] = {
    "nothing": (hp.plot.sizes, "nothing to draw"),
    "empty": (lambda: hp.plot.sizes({}), "nothing to draw"),
    "text": (lambda: hp.plot.sizes("opioids"), "published figures enter by hp.published"),
    "text within": (lambda: hp.plot.sizes({"a": "many"}), "'a' is str"),
    "no year": (lambda: hp.plot.sizes({"a": TWO, "b": SIZE}), "say when it was"),
    "labels in a year": (lambda: hp.plot.sizes({"a": {2012: TWO}}), "holds an Estimate of 2 labels"),
    "mixed": (lambda: hp.plot.sizes({"a": {1: SIZE}, "b": {1: SHARE}}), "of one quantity"),
    "mixed series": (lambda: hp.plot.sizes({1: SIZE, 2: SHARE}), "of one quantity"),
    "same names": (lambda: hp.plot.sizes(TWO, TWO), "called the same"),
    "event": (lambda: hp.plot.sizes(SIZE > 3), "hp.prob"),
    "axes": (lambda: hp.plot.sizes(SIZE, ax=3), "ax= takes the axes"),
    "level": (lambda: hp.plot.sizes(SIZE, level=95), "Did you mean 0.95"),
    "why": (lambda: hp.plot.sizes(SIZE, why=" "), "why= says why"),
    "per cent": (lambda: hp.plot.coverage({2012: 79.2, 2023: 61.1}), "per cent are divided by 100"),
    "no shares": (lambda: hp.plot.coverage(TWO), "drawn by hp.plot.sizes"),
    "one set": (lambda: hp.plot.venn({"a": 3}), "nothing overlaps"),
    "four sets": (lambda: hp.plot.venn(dict.fromkeys("abcd", 3)), r"hp.Lists\(...\).plot\(\)"),
    "twice": (lambda: hp.plot.venn({"a & b": 3, "b & a": 3, "a": 1}), "given twice"),
    "negative": (lambda: hp.plot.venn({"a": -3, "b": 3}), "The size of a is -3"),
    "undefined": (lambda: hp.plot.venn({"a": np.nan, "b": 3}), "is nan"),
    "all empty": (lambda: hp.plot.venn({"a": 0, "b": 0}), "nothing to draw"),
    "no region": (lambda: hp.plot.venn({"a & ": 2, "b": 0}), "names no region"),
    "no mapping": (lambda: hp.plot.venn([1, 2, 3]), "exclude one another"),
    "labels in a region": (lambda: hp.plot.venn({"a": TWO, "b": 3}), "A region has one estimate"),
    "no column": (lambda: hp.plot.stacked(figures.synthetic()), "which column"),
    "unknown column": (lambda: hp.plot.stacked(figures.synthetic(), "house"), "housing"),
    "yes or no": (lambda: hp.plot.stacked(figures.synthetic(), "depression", by="group"), "yes or no"),
    "sizes in bars": (lambda: hp.plot.stacked(TWO), "no shares of several categories"),
    "part of a bar": (
        lambda: hp.plot.stacked(figures.synthetic().proportion("housing")[["own home", "shelter"]]),
        "add up to",
    ),
    "by of an estimate": (lambda: hp.plot.stacked(TWO, by="group"), "belong to a survey"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_explained(name: str) -> None:
    ask, message = BAD[name]
    with pytest.raises(InputError, match=message):
        ask()


def test_too_small_axes_are_refused() -> None:
    _, ax = pyplot.subplots(figsize=(1, 1))
    with pytest.raises(InputError, match="too small"):
        hp.plot.venn(figures.three_sets(), ax=ax)


def test_without_matplotlib_the_remedy_is_said() -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = None; import hiddenpop as hp\n"
        "try: hp.plot.sizes({2012: 3, 2023: 4})\n"
        "except hp.InputError as error: print(error)\n"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'hiddenpop[plot]'" in out.stdout


def test_years_as_text_are_years() -> None:
    axes = hp.plot.sizes({"2012": 100, "2023": 120, "2016": 90})
    assert axes.get_xticks().tolist() == [2012, 2016, 2023]
    line = axes.lines[0]
    assert line.get_xdata().tolist() == [2012, 2016, 2023]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["2012", "2016", "2023"]
    words = hp.plot.sizes({"spring": 100, "autumn": 120})
    assert [text.get_text() for text in words.get_xticklabels()] == ["spring", "autumn"]


def test_coverage_is_called_by_the_survey_s_column() -> None:
    survey = hp.Survey({"used_shelter": [1, 0, 0, 1, 1, 0]}, replicates=100)
    share = survey.proportion("used_shelter")
    # A published share says no more than its three numbers; with a share beside it, it is one.
    axes = hp.plot.coverage({2020: hp.published(0.40, 0.35, 0.46, name="then", replicates=100), 2024: share})
    assert axes.get_ylabel() == "used shelter (95% interval)"
    assert "2020: 40.0% (35.0% to 46.0%)" in describe(axes)
    assert hp.plot.coverage({2012: 0.4, 2023: 0.5}).get_ylabel() == "share (95% interval)"
    with pytest.raises(InputError, match="of one quantity"):
        hp.plot.coverage({2020: hp.published(400, 350, 460, name="size", replicates=100), 2024: share})
