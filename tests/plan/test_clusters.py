"""Design effects of clusters: closed forms, and a simulation of clusters of unequal sizes."""

from typing import Any

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import InputError


def test_kish_and_eldridge() -> None:
    # Kish (1965): 1 + (m - 1) rho. Eldridge, Ashby and Kerry (2006), equation for cv: 1 + ((cv² + 1) m - 1) rho.
    assert hp.plan.design_effect(0.05, 21) == pytest.approx(2)
    assert hp.plan.design_effect(0.05, 20, cv=0.65) == pytest.approx(1 + ((0.65**2 + 1) * 20 - 1) * 0.05)
    # The sum of squares over the sum is what sizes do to a mean: 1 + (sum m² / sum m - 1) rho.
    sizes = np.array([3, 10, 10, 25, 52])
    assert hp.plan.design_effect(0.1, sizes) == pytest.approx(1 + (sizes @ sizes / sizes.sum() - 1) * 0.1)
    assert hp.plan.design_effect(0, sizes) == 1
    assert hp.plan.design_effect(1, 7) == 7


def test_the_variance_of_a_mean_of_unequal_clusters() -> None:
    rng = np.random.default_rng(5)
    sizes, rho, studies = np.array([2, 5, 8, 20, 40]), 0.2, 20_000
    between = rng.normal(0, np.sqrt(rho), (studies, len(sizes))) @ sizes / sizes.sum()
    within = rng.normal(0, np.sqrt((1 - rho) / sizes.sum()), studies)
    found = (between + within).var() * sizes.sum()
    # The variance of 20,000 studies has a relative standard error of 1%.
    assert found == pytest.approx(hp.plan.design_effect(rho, sizes), rel=0.04)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"icc": 5, "cluster_size": 10}, "If 5 per cent is meant, write 0.05"),
        ({"icc": -0.1, "cluster_size": 10}, "must lie between 0"),
        ({"icc": 0.1, "cluster_size": 0.5}, "one interview in a cluster or more"),
        ({"icc": 0.1, "cluster_size": []}, "is empty"),
        ({"icc": 0.1, "cluster_size": [5, 10], "cv": 0.2}, "a list of sizes tells"),
        ({"icc": 0.1, "cluster_size": 10, "cv": -1}, "can't be negative"),
    ],
)
def test_bad_input(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        hp.plan.design_effect(**asked)
