"""Chances that differ: models Mh and Mth against Rcapture."""

import hiddenpop as hp
import pytest

from ..on_lists import EXPECTED, rome


@pytest.mark.parametrize("law", ["Chao", "Poisson", "Darroch", "Gamma"])
@pytest.mark.parametrize("model", ["Mh", "Mth"])
def test_heterogeneity_is_that_of_rcapture(model: str, law: str) -> None:
    suffix = {"Chao": "Chao (LB)", "Poisson": "Poisson2", "Darroch": "Darroch", "Gamma": "Gamma3.5"}[law]
    theirs = EXPECTED["rome_hiv.csv"]["closedp"][f"{model} {suffix}"]
    size = (hp.mth if model == "Mth" else hp.mh)(rome(), law)
    assert size.point == pytest.approx(theirs["abundance"], rel=1e-7)
    # As for all log-linear models, R's standard error is that of its last step but one.
    assert size.se("linearized") == pytest.approx(theirs["stderr"], rel=2e-5)


def test_chao_without_its_constraint_is_the_moment_estimator() -> None:
    # Rivest and Baillargeon (2007): one column for each number of lists beyond two makes f1 and f2 alone count.
    # In this table nobody's coefficient is negative, so the constraint does not bind.
    cells = {
        "a": [1, 0, 0, 1, 1, 0, 1],
        "b": [0, 1, 0, 1, 0, 1, 1],
        "c": [0, 0, 1, 0, 1, 1, 1],
        "n": [30, 40, 35, 8, 9, 7, 9],
    }
    data = hp.Lists(cells, ["a", "b", "c"], counts="n")
    assert hp.mh(data, "Chao").point == pytest.approx(hp.chao_lower_bound(data).point)
    assert hp.mh(data, "Chao").se("linearized") == pytest.approx(hp.chao_lower_bound(data).se("linearized"))


def test_profile_of_chaos_bound_is_that_of_rcapture() -> None:
    theirs = EXPECTED["rome_hiv.csv"]["closedpCI_Mth_Chao"]["CI"][0]
    ends = hp.mth(rome()).interval(method="profile").iloc[0]
    assert ends.tolist() == pytest.approx([theirs["infCL"], theirs["supCL"]], rel=1e-6)


def test_redraws_of_heterogeneity() -> None:
    size = hp.mth(rome(replicates=400), "Poisson")
    low, high = size.interval().iloc[0]
    assert low < size.point < high
    assert size.interval(method="bca").notna().all(axis=None)
