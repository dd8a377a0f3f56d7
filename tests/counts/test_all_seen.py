"""No size is below the people seen, and a size of nobody else is said."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop.counts.leaf import no_fewer


def made(frequencies: dict[int, int], **more: Any) -> hp.CaptureCounts:
    table = {"k": list(frequencies), "n": list(frequencies.values())}
    return hp.CaptureCounts(table, "k", counts="n", **{"replicates": 500} | more)


@pytest.mark.parametrize("family", ["poisson", "geometric", "Hurdleztpoisson", "zotpoisson"])
def test_points_limits_and_draws_are_no_lower_than_those_seen(family: str) -> None:
    # Nearly everybody was seen, so that a redraw often finds fewer than the register knows.
    counts = made({1: 9, 2: 20, 3: 30, 4: 20, 5: 10, 6: 3})
    fit = hp.zero_truncated(counts, family=family)
    assert fit.size.node.floor.tolist() == [92]
    assert fit.size.point >= 92
    assert fit.size.draws.min() >= 92
    assert fit.size.draws.std() > 0
    for scale in ("log", "identity"):
        assert fit.interval(scale=scale).to_numpy()[0, 0] >= 92
    for method in ("t", "normal", "basic"):
        assert fit.interval(method=method, scale="identity").to_numpy()[0, 0] >= 92


def test_parts_add_up_where_some_are_lifted() -> None:
    # By hand: the second part is 1 below the 5 seen there; the first, with 6 and 3 unseen, gives up what that one gains.
    draws = np.array([[16.0, 20.0, np.nan, np.inf], [4.0, 6.0, 1.0, 4.0], [23.0, 21.0, 30.0, 21.0]])
    found = no_fewer(draws, np.array([10.0, 5.0, 20.0]))
    assert found[:, 0] == pytest.approx([10 + 6 * 8 / 9, 5, 20 + 3 * 8 / 9])
    assert found[:, 1].tolist() == [20, 6, 21]
    assert np.isnan(found[0, 2])
    assert found[1:, 3].tolist() == [5, 21]
    assert np.isinf(found[0, 3])
    rng = np.random.default_rng(1)
    age, seen = rng.integers(0, 40, 400), rng.poisson(1.5, 400)
    table = pd.DataFrame({"seen": seen, "age": age})[seen > 0]
    fit = hp.zero_truncated(hp.CaptureCounts(table, "seen", replicates=200))
    parts = fit.size_by("age")
    assert (parts.draws >= parts.node.floor[:, None] - 1e-9).all()
    assert parts.sum().draws[0] == pytest.approx(fit.size.draws[0])


def test_nobody_seen_once_is_the_best_news() -> None:
    # Chao: n + f1^2 / (2 f2) = 7 + 0. The mean of ones may be up to -log(0.025) (Garwood 1936), and the bound that at f1.
    counts = made({2: 5, 3: 2})
    with pytest.warns(hp.HiddenpopWarning, match="size is the number seen, 7. Nobody was seen exactly once"):
        fit = hp.chao(counts)
    assert fit.size.point == 7
    unseen = np.log(0.025) ** 2 / (2 * 5)
    assert fit.interval().to_numpy()[0] == pytest.approx([7, 7 + unseen], rel=1e-9)
    assert fit.interval(0.8).to_numpy()[0] == pytest.approx([7, 7 + np.log(0.1) ** 2 / 10], rel=1e-9)
    assert fit.se() == pytest.approx(unseen / 1.959964, rel=1e-6)
    assert fit.interval(method="t").to_numpy()[0, 0] >= 7
    with pytest.raises(hp.EstimationError, match="no draws"):
        _ = fit.size.draws
    assert "Garwood" in fit.size.methods()
    with pytest.warns(hp.HiddenpopWarning, match="size is the number seen"):
        less = hp.chao(counts, bias_corrected=True)
    assert less.size.point == 7
    assert less.interval().to_numpy()[0, 1] == pytest.approx(7 + np.log(0.025) ** 2 / (2 * 6), rel=1e-9)
    # One person seen once: f1 (f1 - 1) is 0 as well, and the mean may be up to 5.5716 (the 97.5% point of chi-square with 4
    # degrees of freedom, halved).
    with pytest.warns(hp.HiddenpopWarning, match="So few were seen seldom"):
        one = hp.chao(made({1: 1, 2: 5, 3: 2}), bias_corrected=True)
    assert one.interval().to_numpy()[0] == pytest.approx([8, 8 + 5.5716434**2 / 12], rel=1e-6)
    with pytest.warns(hp.HiddenpopWarning, match="size is the number seen"):
        line = hp.ratio_regression(made({2: 50, 3: 40, 4: 20}), line="linear")
    # Two ratios give the line: log(3 * 40 / 50) at 2 and log(4 * 20 / 40) at 3, so 3 * the first less 2 * the second at 0.
    assert line.size.point == 110
    at_zero = 3 * np.log(2.4) - 2 * np.log(2)
    assert line.interval().to_numpy()[0, 1] == pytest.approx(110 - np.log(0.025) * np.exp(-at_zero), rel=1e-9)
    with pytest.warns(hp.HiddenpopWarning, match="Nobody was seen exactly twice"):
        assert hp.oichao(made({1: 10, 3: 4})).size.point == 14
    with pytest.warns(hp.HiddenpopWarning, match="Nobody was seen exactly once"):
        assert hp.chao(made({3: 5, 4: 1})).size.point == 6


def test_groups_without_ones() -> None:
    # Nobody of town b was seen once: its bound is its 12 people, and town a's is 75 + 50^2 / (2 * 20).
    table = {"k": [1, 2, 3, 2, 3], "n": [50, 20, 5, 9, 3], "town": list("aaabb")}
    counts = hp.CaptureCounts(table, "k", counts="n", replicates=200)
    with pytest.warns(hp.HiddenpopWarning, match=r"'town\[T.b\]' runs away \(nobody there was seen exactly once"):
        fit = hp.chao(counts, "~ town")
    parts = fit.size_by("town")
    assert parts["a"].point == pytest.approx(75 + 50**2 / 40, rel=1e-9)
    assert parts["b"].point == 12
    assert parts["b"].draws.min() >= 12
    # Chao's variance of town a, and for town b what the bound might be if its ones were missed by chance.
    r = 50 / 20
    errors = [20 * (r**4 / 4 + r**3 + r**2 / 2), (np.log(0.025) ** 2 / (2 * 9) / 1.959964) ** 2]
    assert parts.se("linearized").to_numpy() ** 2 == pytest.approx(errors, rel=1e-5)
    assert fit.se() ** 2 == pytest.approx(sum(errors), rel=1e-5)


def test_groups_that_an_estimator_knows_nothing_of() -> None:
    # Town b was seen three times or more: Chao adds nobody, Zelterman's rate there is anybody's guess.
    table = {"k": [1, 2, 3, 3, 4], "n": [50, 20, 5, 9, 3], "town": list("aaabb")}
    counts = hp.CaptureCounts(table, "k", counts="n", replicates=50)
    bound = hp.chao(counts, "~ town")
    assert bound.size_by("town")["b"].point == 12
    assert bound.coefficients.loc[("lambda", "town[T.b]")].isna().all()
    with pytest.warns(hp.HiddenpopWarning, match="It rests on those seen once or twice"):
        assert hp.zelterman(counts, "~ town").status == "unidentified"
    # Town b was seen once only, which a zero-one-truncated family does not look at.
    table = {"k": [1, 2, 3, 4, 1], "n": [50, 20, 8, 2, 9], "town": list("aaaab")}
    with pytest.warns(hp.HiddenpopWarning, match="It rests on those seen at least twice"):
        hp.zero_truncated(hp.CaptureCounts(table, "k", counts="n"), "~ town", family="zotpoisson")


@pytest.mark.parametrize("k", [2, 5])
def test_everybody_seen_equally_often(k: int) -> None:
    # Truncated Poisson: lambda / (1 - exp(-lambda)) = k; geometric: lambda = k - 1, N = n k / (k - 1).
    counts = made({k: 50})
    fit = hp.zero_truncated(counts)
    lam = np.exp(fit.coefficients["estimate"].iloc[0])
    assert lam / -np.expm1(-lam) == pytest.approx(k)
    assert hp.zero_truncated(counts, family="geometric").size.point == pytest.approx(50 * k / (k - 1))
    # N - n is 0.35 for k = 5: rounding N to 50 would leave redraws nothing to vary.
    assert fit.size.draws.std() > 0
    low, high = fit.size.interval().to_numpy()[0]
    assert 50 <= low < high


@pytest.mark.parametrize(
    "people", [[2**64, 5], [1e19, 5], np.array([2**63 + 5, 5], dtype=np.uint64), [2**62, 2**62], [Decimal(2) ** 70, 5]]
)
def test_more_people_than_a_register_holds_are_refused(people: Any) -> None:
    with pytest.raises(hp.InputError, match=r"'n' is above 200,000,000 in [12] row"):
        hp.CaptureCounts({"k": [1, 2], "n": people}, "k", counts="n")
    with pytest.raises(hp.InputError, match="more than one register can redraw"):
        hp.CaptureCounts({"k": [1, 2], "n": [150_000_000, 150_000_000]}, "k", counts="n")


def test_counts_as_objects_are_counts() -> None:
    plain = made({1: 5, 2: 3}).frequencies
    for k, n in (
        (np.array([1, 2], dtype=object), [5, 3]),
        ([Decimal(1), Decimal(2)], [Decimal(5), Decimal(3)]),
        (pd.array([1, 2], dtype="Int64"), pd.Categorical([5, 3])),
    ):
        assert hp.CaptureCounts({"k": k, "n": n}, "k", counts="n").frequencies.equals(plain)
