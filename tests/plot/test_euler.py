"""Circles in proportion: geometry in closed form, other software, and diagrams that can't be drawn."""

from __future__ import annotations

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop.drawing.axes import describe
from hiddenpop.errors import InputError
from hiddenpop.plot import euler
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot

from .. import figures

SIZES = st.floats(0.01, 1000)


@settings(max_examples=60, deadline=None)
@given(SIZES, SIZES, SIZES)
def test_two_circles_have_areas_in_exact_proportion(only_a: float, only_b: float, both: float) -> None:
    sizes = np.array([0, only_a, only_b, both])
    circles = euler.fit(sizes)
    np.testing.assert_allclose(np.pi * circles.radii**2, [only_a + both, only_b + both] / sizes.sum(), rtol=1e-9)
    np.testing.assert_allclose(circles.areas(), sizes / sizes.sum(), atol=1e-9)
    # The lens by its own closed form (two circular segments), beside Green's theorem.
    distance = float(np.hypot(*(circles.centres[1] - circles.centres[0])))
    assert euler.lens(*circles.radii, distance) == pytest.approx(both / sizes.sum(), abs=1e-9)


def test_nested_and_disjoint_sets_are_drawn_so() -> None:
    nested = euler.fit(np.array([0, 0, 500, 300.0]))
    assert np.hypot(*(nested.centres[1] - nested.centres[0])) < nested.radii[1] - nested.radii[0]
    apart = euler.fit(np.array([0, 300.0, 500, 0]))
    assert np.hypot(*(apart.centres[1] - apart.centres[0])) > apart.radii.sum()


#: Overlaps that circles show exactly: equal sets, sets within others, sets apart, and sets of nobody.
EXACT = [
    {"a & b": 90},
    {"a": 0, "b": 0, "a & b": 90},
    {"a": 50, "b": 0},
    {"a & b & c": 10},
    {"a & b": 50, "a & b & c": 20, "c": 30},
    {"a & b": 50, "a & b & c": 20},
    {"a": 5, "b & c": 50, "a & b & c": 20},
    {"a & c": 50, "b": 20},
    {"a": 30, "b": 20, "a & b": 10, "c": 0},
    {"a": 30, "b": 0, "c": 0},
    {"a": 30, "a & b": 20, "a & b & c": 10},
    {"a": 30, "a & b": 10, "a & c": 15},
    {"a": 10, "b": 10, "c": 10},
]


@pytest.mark.parametrize("regions", EXACT, ids=str)
def test_equal_nested_separate_and_empty_sets_are_exact(regions: dict[str, float]) -> None:
    axes = hp.plot.venn(regions)
    assert axes.get_title(loc="left") == ""  # no area is off
    assert figures.overlapping(axes.figure) == []
    pyplot.close(axes.figure)
    sets = sorted({part for key in regions for part in key.split(" & ")})
    sizes = np.zeros(1 << len(sets))
    for key, size in regions.items():
        sizes[sum(1 << sets.index(part) for part in key.split(" & "))] = size
    np.testing.assert_allclose(euler.fit(sizes).areas(), sizes / sizes.sum(), atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.1, 9), st.floats(-1e-12, 1e-12), st.floats(-5, 5))
def test_circles_that_are_equal_but_for_rounding_have_equal_areas(radius: float, off: float, at: float) -> None:
    circles = euler.Circles(np.array([[at, 1.0], [at + off, 1.0 - off]]), np.array([radius, radius * (1 + off)]))
    np.testing.assert_allclose(circles.areas()[1:] / (np.pi * radius**2), [0, 0, 1], atol=1e-7)


def test_areas_of_three_circles_agree_with_counted_points() -> None:
    # Truth by brute force: which of a million points of a grid lie in which circles.
    circles = euler.Circles(np.array([[0, 0], [1.0, 0.2], [0.4, 0.9]]), np.array([0.9, 0.7, 0.6]))
    side = np.linspace(-2, 3, 1000)
    points = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    counted = np.bincount(circles.inside(points) @ [1, 2, 4], minlength=8) * (side[1] - side[0]) ** 2
    np.testing.assert_allclose(circles.areas()[1:], counted[1:], atol=2e-3)


def test_three_sets_are_fitted_as_well_as_by_eunoia() -> None:
    # Stress (residual over total sum of squares) printed by eunoia 0.6.0, euler(...), circles: 0.1027 and 6.15e-05.
    for sizes, stress in (([0, 1, 1, 1, 1, 1, 1, 1], 0.1027), ([0, 100, 80, 20, 60, 10, 12, 5], 6.15e-05)):
        shares = np.array(sizes) / sum(sizes)
        residual = euler.fit(np.array(sizes, dtype=float)).areas() - shares
        assert (residual**2).sum() / (shares**2).sum() <= stress * 1.001
    # Areas that circles can have are met: two pairs of sets overlap, the third does not.
    possible = np.array([0, 30, 20, 10, 0, 5, 0, 0])
    np.testing.assert_allclose(euler.fit(possible.astype(float)).areas(), possible / possible.sum(), atol=1e-6)


def test_an_approximate_diagram_says_so_and_a_bad_one_is_refused() -> None:
    equal = dict.fromkeys(("a", "b", "c", "a & b", "a & c", "b & c", "a & b & c"), 1_000)
    assert "Areas are approximate" in hp.plot.venn(equal).get_title(loc="left")
    # All three share people, but no two share others: circles can't.
    with pytest.raises(InputError, match="Three circles can't show these overlaps"):
        hp.plot.venn({"a": 10, "b": 10, "c": 10, "a & b & c": 5})
    assert "Too small to be drawn: c only" in describe(
        hp.plot.venn(
            {"a": 58_822, "b": 276_454, "a & b": 50_265, "c": 152, "a & c": 223, "b & c": 29, "a & b & c": 10_830}
        )
    )


@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(1, 5_000), min_size=3, max_size=3), st.integers(4, 9))
def test_labels_of_diagrams_never_meet(sizes: list[int], wide: int) -> None:
    _, ax = pyplot.subplots(figsize=(wide, 4), layout="constrained")
    hp.plot.venn(dict(zip(("people in treatment", "crack", "people in treatment & crack"), sizes, strict=True)), ax=ax)
    assert figures.overlapping(ax.figure) == []
    pyplot.close(ax.figure)
