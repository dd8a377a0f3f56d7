"""Sparse overlaps: numbers of SparseMSE, and what models of many lists refuse."""

from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, InputError
from hiddenpop.uncertainty import bias_corrected, jackknife

from .. import facts
from ..on_lists import EXPECTED, hepatitis, rome

SIX = ["LA", "NG", "PF", "GO", "GP", "NCA"]
FIVE = ["LA", "NG", "PFNCA", "GO", "GP"]


def uk(names: list[str], **options: Any) -> hp.Lists:
    if names == SIX:
        return hp.Lists(hp.datasets.load("uk_modern_slavery")["overlaps"], SIX, counts="people", **options)
    return hp.Lists(pd.read_csv(facts.DATA / "uk_modern_slavery_5.csv"), FIVE, counts="count", **options)


BAD = {
    "law": (lambda: hp.mth(rome(), "Normal"), "heterogeneity='Normal'"),
    "two lists": (lambda: hp.mh(rome()["c1", "c2"]), "three at least"),
    "theta": (lambda: hp.mth(rome(), "Darroch", theta=2), "not of Darroch"),
    "theta of 1": (lambda: hp.mth(rome(), "Poisson", theta=1), "not 1"),
    "coverage": (lambda: hp.sample_coverage(rome()), "for three lists, not 4"),
    "threshold": (lambda: hp.sparse_mse(rome(), 2), "between 0 and 1"),
    "selection": (lambda: hp.sparse_selection(hp.mth(rome())), "takes an estimate of hp.sparse_mse"),
    "parametric": (lambda: hp.chao_lower_bound(rome(), bootstrap="parametric"), "has not"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(case: str) -> None:
    make, message = BAD[case]
    with pytest.raises(InputError, match=message):
        make()


def test_uk_figures_are_those_of_sparsemse() -> None:
    published = EXPECTED["uk_modern_slavery.csv"]["stepwise"]
    for threshold, key in ((0.02, "pthresh 0.02 (default)"), (0.05, "pthresh 0.05")):
        path = hp.sparse_path(uk(SIX), threshold)
        last = path.iloc[-1]
        theirs = published[key]
        assert last["abundance"] == pytest.approx(theirs["point est."], rel=1e-9)
        # Their ends use R's standard error of the last step but one.
        assert last["lower"] == pytest.approx(theirs["2.5%"], rel=1e-6)
        assert last["upper"] == pytest.approx(theirs["97.5%"], rel=1e-6)
        assert path["pair"].tolist()[1:] == published["terms at 0.05"][7:]
        assert hp.sparse_mse(uk(SIX), threshold).point == pytest.approx(theirs["point est."], rel=1e-9)
    five = EXPECTED["uk_modern_slavery_5.csv"]
    path = hp.sparse_path(uk(FIVE), 0.05)
    assert path["pair"].tolist()[1:] == five["terms"][6:]
    assert path["abundance"].iloc[-1] == pytest.approx(five["stepwise pthresh 0.05"]["point est."], rel=1e-9)


def test_bca_of_sparsemse_within_its_monte_carlo_error() -> None:
    # SparseMSE drew 200 conditional replicates, whose BCa ends have a Monte Carlo error (most from the bias correction):
    # the spread of ends over 50 batches of 200 of our draws.
    theirs = EXPECTED["uk_modern_slavery_5.csv"]["BCa bootstrap, 200 replicates, set.seed(1)"]["BCa"]
    size = hp.sparse_mse(uk(FIVE, replicates=10_000), 0.05, bootstrap="conditional")
    rate = jackknife.acceleration(size.node)
    batches = size.draws[0].reshape(50, 1, 200)
    for level, names in ((0.95, ["", "0.975"]), (0.9, ["0.05", "0.95"]), (0.8, ["0.1", "0.9"])):
        tail = (1 - level) / 2
        ends = np.stack([bias_corrected.corrected(size.node.point, b, tail, rate)[0][0] for b in batches])
        for side, name in enumerate(names):
            if name:
                assert abs(theirs[name] - ends[:, side].mean()) < 3 * ends[:, side].std(), name
    # Their lowest end lies beyond the 1/200 quantile: it is about the smallest of 200 draws.
    below = (size.draws[0] < theirs["0.025"]).mean()
    assert 1 - (1 - below) ** 200 > 0.01


def test_selection_frequencies_of_pairs() -> None:
    often = hp.sparse_selection(hp.sparse_mse(uk(FIVE, replicates=400), 0.05, bootstrap="conditional"), 400)
    assert often.index[0] == "LA:NG"
    assert often["LA:NG"] > 0.95  # p = 5e-8 in the data
    assert len(often) == 10


def test_full_redraws_are_wider_than_conditional_ones() -> None:
    data = uk(FIVE, replicates=2000)
    full, conditional = (hp.sparse_mse(data, 0.0, bootstrap=b) for b in ("full", "conditional"))
    assert conditional.se() < full.se()


def test_lists_that_never_meet_are_minus_infinity() -> None:
    # Three lists; B and C never meet. With B:C in the model cells 011 and 111 are left out, and A:B, A:C and
    # singles remain: N by the saturated form of what is left, n + n010 n001 n1.. in closed form below.
    cells = {"a": [1, 0, 0, 1, 1], "b": [0, 1, 0, 1, 0], "c": [0, 0, 1, 0, 1], "n": [50, 300, 280, 9, 8]}
    data = hp.Lists(cells, ["a", "b", "c"], counts="n")
    size = hp.loglinear(data, "a + b*c")
    # Given b and c (three observed patterns), a is independent with the same odds: unseen = 50 x (300 + 280) / 17.
    assert size.point == pytest.approx(647 + 50 * 580 / 17)
    # Two lists that never meet: n_b n_c / 0.
    with pytest.raises(EstimationError, match="most likely at an infinite size"):
        hp.loglinear(data["b", "c"], "b + c")


def test_saved_estimates() -> None:
    for size in (
        hp.mth(rome(replicates=50)),
        hp.sparse_mse(rome(replicates=50)),
        hp.sample_coverage(hepatitis(replicates=50)),
    ):
        read = hp.read_estimate(size.to_json())
        np.testing.assert_array_equal(read.draws, size.draws)
        assert read.methods() == size.methods()


@pytest.mark.parametrize("level", [float("nan"), -0.5, 0, 1, True, 2, "0.9", None])
def test_levels_outside_0_to_1_are_refused(level: object) -> None:
    with pytest.raises(InputError, match="must lie between 0 and 1"):
        hp.sparse_path(rome(replicates=50), level=level)  # type: ignore[arg-type]
