"""Two lists: closed forms, published examples, and what the bootstrap gives."""

import json
import warnings
from collections.abc import Iterator
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, HiddenpopWarning, InputError


def two(first: int, second: int, both: int, **options: object) -> hp.Lists:
    """Two lists from who is only on the first, only on the second, on both."""
    cells = {"a": [1, 0, 1], "b": [0, 1, 1], "people": [first, second, both]}
    return hp.Lists(cells, ["a", "b"], counts="people", **options)


def test_points_and_seber_variances() -> None:
    # n1 = 200, n2 = 300, m = 60 by the formulas of Seber (1982), section 3.1.
    lists = two(140, 240, 60)
    lp, chapman = hp.lincoln_petersen(lists), hp.chapman(lists)
    assert lp.point == 200 * 300 / 60
    assert lp.se("linearized") == pytest.approx(np.sqrt(200 * 300 * 140 * 240 / 60**3))
    assert chapman.point == pytest.approx(201 * 301 / 61 - 1)
    assert chapman.se("linearized") == pytest.approx(np.sqrt(201 * 301 * 140 * 240 / (61**2 * 62)))


def test_sadinle_interval_of_a_published_example() -> None:
    # 10 turtles marked, 15 caught, 5 of them marked: 95% interval 22 to 65 (Sadinle 2009's interval as worked out in
    # Wikipedia, "Mark and recapture").
    ends = hp.chapman(two(5, 10, 5)).interval(method="logit")
    assert ends.round().to_numpy().tolist() == [[22, 65]]


def test_the_bootstrap_agrees_with_the_delta_method_in_the_limit() -> None:
    # Large counts: standard error of the log size from draws and from Seber's formula.
    lists = two(14_000, 24_000, 6_000, replicates=10_000)
    size = hp.lincoln_petersen(lists)
    assert size.se() == pytest.approx(size.se("linearized"), rel=0.03)
    # Redrawing the people seen alone forgets var(n), which is n (1 - n / N) in the size's variance.
    conditional = hp.lincoln_petersen(lists, bootstrap="conditional")
    n, total = 44_000, size.point
    assert conditional.se() < size.se()
    assert size.se() ** 2 - conditional.se() ** 2 == pytest.approx((total / n) ** 2 * n * (1 - n / total), rel=0.25)


def test_estimates_of_the_same_lists_are_joint() -> None:
    lists = two(140, 240, 60, replicates=2000)
    gap = hp.chapman(lists) - hp.lincoln_petersen(lists)
    assert gap.se() < 0.1 * hp.chapman(lists).se()
    survey = hp.Survey({"x": [1, 0], "n": [30, 70]}, counts="n", replicates=2000)
    users = hp.chapman(lists) * survey.proportion("x")
    cv = np.hypot(hp.chapman(lists).cv(), survey.proportion("x").cv())  # independent sources, first order
    assert users.cv() == pytest.approx(cv, rel=0.1)
    assert users.quantity == "size"


def test_bca_lies_near_sadinle() -> None:
    size = hp.chapman(two(140, 240, 60))
    bca, logit = size.interval(method="bca"), size.interval(method="logit")
    np.testing.assert_allclose(bca, logit, rtol=0.04)


def test_no_overlap_has_no_lincoln_petersen() -> None:
    cells = {"a": [1, 0, 1, 0], "b": [0, 1, 0, 1], "c": [0, 0, 1, 1], "people": [30, 40, 5, 6]}
    lists = hp.Lists(cells, ["a", "b", "c"], counts="people", replicates=500)["a", "b"]
    with pytest.raises(EstimationError, match="nobody is on both lists"):
        hp.lincoln_petersen(lists)
    assert hp.chapman(lists).point == 36 * 47 - 1


@pytest.mark.filterwarnings("ignore:Nobody is on two lists")
def test_chapman_without_overlap_has_sadinles_interval() -> None:
    # 41 x 61 - 1, and n + a b / c exp(-+ z s) - 1/2 with half a person added to each cell (Sadinle 2009, eq. 8).
    size = hp.chapman(two(40, 60, 0))
    assert size.point == 2500
    spread = 1.959963984540054 * np.sqrt(1 / 0.5 + 1 / 40.5 + 1 / 60.5 + 0.5 / (40.5 * 60.5))
    ends = [100 + 40.5 * 60.5 / 0.5 * np.exp(side * spread) - 0.5 for side in (-1, 1)]
    np.testing.assert_allclose(size.interval().iloc[0], ends, rtol=1e-12)
    # No redraw of these people has an overlap, so the draws' narrow spread is no interval.
    with pytest.warns(HiddenpopWarning, match="lists never meet"):
        assert size.interval(method="percentile").iloc[0].tolist() == [100, np.inf]


def test_chao_is_the_moment_estimator() -> None:
    # Closed form on four lists in Rome: f1 = 1,774 and f2 = 115.
    rome = hp.datasets.load("rome_hiv")["overlaps"]
    lists = hp.Lists(rome, ["c1", "c2", "c3", "c4"], counts="people")
    size = hp.chao_lower_bound(lists)
    assert size.point == pytest.approx(1896 + 0.75 * 1774**2 / 230)
    assert "at least" in size.name


def test_dependence_moves_the_size() -> None:
    lists = two(40, 60, 12, replicates=500)
    moved = hp.dependence(lists, (0.5, 2), steps=3)
    assert moved.table["estimate"].tolist() == [112 + 100, 112 + 200, 112 + 400]
    # The definition: a table with that many unseen people has that odds ratio.
    for ratio, size in moved.estimate.point.items():
        assert 12 * (size - 112) / (40 * 60) == pytest.approx(ratio)
    assert moved.plot().get_xlabel().startswith("odds ratio")
    uncertain = hp.dependence(lists, hp.lognormal(1.3, 0.9, 1.9, name="odds ratio", replicates=500))
    assert uncertain.point == pytest.approx(112 + 1.3 * 200)
    with pytest.raises(InputError, match="lower first"):
        hp.dependence(lists, (2, 0.5))


def test_three_lists_are_not_two() -> None:
    rome = hp.datasets.load("rome_hiv")["overlaps"]
    lists = hp.Lists(rome, ["c1", "c2", "c3", "c4"], counts="people")
    with pytest.raises(InputError, match=r"Pick two: lists\['c1', 'c2'\]"):
        hp.chapman(lists)


def numbers(value: Any) -> Iterator[float]:
    """Yield the numbers in what a file holds; digits inside identities and packed draws are chance."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from numbers(item)
    elif isinstance(value, int | float):
        yield value


def test_saved_estimates_keep_their_draws_and_methods() -> None:
    size = hp.chapman(two(140, 240, 60, replicates=300))
    text = size.to_json()
    read = hp.read_estimate(text)
    np.testing.assert_array_equal(read.draws, size.draws)
    assert not {140, 240, 60} & set(numbers(json.loads(text)))  # counts of cells stay where they were
    assert "Chapman DG (1951)" in size.methods()
    assert size.methods().count("Binomial(N, n / N)") == 1
    assert size.summary()["method"].tolist() == ["Chapman; 95% logit"]
    pd.testing.assert_frame_equal(read.interval(0.9), size.interval(0.9))
    with pytest.raises(EstimationError, match=r"at the levels 0.5, 0.8, 0.9, 0.95, 0.99"):
        read.interval(0.7)
    with pytest.raises(EstimationError, match="saved without its lists"):
        read.replay(seed=1).interval()
    assert size.replay(seed=1).interval().iloc[0, 0] == pytest.approx(size.interval().iloc[0, 0], rel=0.05)
    with pytest.raises(EstimationError, match="no jackknife standard error"):
        size.se("jackknife")


def test_a_group_without_overlap_has_no_upper_end() -> None:
    # Lincoln-Petersen's N is infinite there, and a finite default interval beside it would contradict it.
    cells = {"g": list("xxxyyy"), "a": [1, 0, 1] * 2, "b": [0, 1, 1] * 2, "n": [20, 25, 150, 30, 10, 0]}
    lists = hp.Lists(cells, ["a", "b"], by="g", counts="n", replicates=400)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)
        size = hp.lincoln_petersen(lists, by="g")
        ends = size.interval()
        size.interval(method="bca")  # and NumPy says nothing of infinite values
        assert np.isfinite(hp.chapman(lists, by="g").interval()).all(axis=None)
    assert size.point["y"] == np.inf
    assert ends.loc["y"].tolist() == [40, np.inf]
