"""Robust variances, against R's sandwich and by hand."""

from __future__ import annotations

import hiddenpop as hp
import numpy as np
import pytest


@pytest.fixture(scope="module")
def immigrants() -> hp.CaptureCounts:
    return hp.CaptureCounts(hp.datasets.load("netherlands_immigrants")["apprehensions"], "capture", replicates=400)


def test_sandwiches_against_r(immigrants: hp.CaptureCounts) -> None:
    # Chao's likelihood is a logistic regression of those seen once or twice. R's sandwich 3.0: diag(vcovHC(glm, type = "HC0"))
    # and diag(vcovCL(glm, cluster = nation, type = "HC0")).
    fit = hp.chao(immigrants, "~ gender + age")
    people = np.diag(fit.robust().vcov)
    assert people == pytest.approx([0.04446672138, 0.05162999592, 0.18375143902], rel=1e-6)
    with pytest.warns(hp.HiddenpopWarning, match="6 clusters"):
        clustered = fit.robust(cluster="nation")
    assert np.diag(clustered.vcov) == pytest.approx([0.06891065292, 0.03535794529, 0.09880382008], rel=1e-6)
    assert clustered.coefficients["se"].to_numpy() == pytest.approx(np.sqrt(np.diag(clustered.vcov)))
    assert clustered.size.point == fit.size.point


def test_sizes_follow_by_hand(immigrants: hp.CaptureCounts) -> None:
    # Zero-truncated Poisson without covariates: scores y - lambda / (1 - exp(-lambda)), N = n / p, and the chance n (1 - p) / p^2.
    fit = hp.zero_truncated(immigrants)
    f = immigrants.frequencies
    lam = float(np.exp(fit.coefficients["estimate"].iloc[0]))
    p, y = -np.expm1(-lam), f.index.to_numpy()
    bread = float(fit.vcov.iloc[0, 0])
    meat = (f * (y - lam / p) ** 2).sum()
    slope = -immigrants.n / p**2 * lam * np.exp(-lam)
    variance = (slope * bread) ** 2 * meat + immigrants.n * (1 - p) / p**2
    robust = fit.robust()
    assert robust.se() ** 2 == pytest.approx(variance, rel=1e-8)
    assert robust.size.se("linearized") == pytest.approx(robust.se())
    assert "sandwich estimate, by people" in robust.size.methods()
    assert "White H (1982)" in robust.size.methods()
    assert "sandwich" in repr(robust)
    # Redraws of people don't rest on the family either: the counts vary more than Poisson, and both say so.
    assert fit.se() < robust.se()
    assert robust.size.se() == pytest.approx(robust.se(), rel=0.15)


def test_clusters_have_no_draws_and_the_right_spread() -> None:
    # Households of four who share a rate: everyone is doubled, so the coefficients' variance is nearly that of half the people.
    rng = np.random.default_rng(3)
    seen = np.repeat(rng.poisson(1.0, 1_500), 2)
    house = np.repeat(np.arange(1_500), 2)
    counts = hp.CaptureCounts({"seen": seen[seen > 0], "house": house[seen > 0]}, "seen", replicates=50)
    fit = hp.zero_truncated(counts)
    by_house = fit.robust("house")
    # Two people with one score: their sum squared is twice the sum of squares, exactly, up to g / (g - 1).
    g = len(np.unique(house[seen > 0]))
    assert by_house.vcov.iloc[0, 0] == pytest.approx(2 * fit.robust().vcov.iloc[0, 0] * g / (g - 1), rel=1e-9)
    size = by_house.size
    with pytest.raises(hp.EstimationError, match="redraws people one by one"):
        _ = size.draws
    with pytest.raises(hp.EstimationError, match="redraws people one by one"):
        by_house.bootstrap_outcomes()
    assert size.interval().equals(size.interval(method="t"))
    assert "clusters of 'house'" in size.methods()
    again = hp.read_estimate(size.to_json())
    assert again.interval().equals(size.interval())
    with pytest.raises(hp.InputError, match="no column 'houses'"):
        fit.robust("houses")
    with pytest.raises(hp.InputError, match="name of a column"):
        fit.robust(3)  # type: ignore[arg-type]


def test_one_cluster_says_nothing() -> None:
    counts = hp.CaptureCounts({"k": [1, 1, 2, 3], "town": ["a"] * 4}, "k")
    with pytest.raises(hp.EstimationError, match="one cluster"):
        hp.zero_truncated(counts).robust("town")
    with pytest.warns(hp.HiddenpopWarning, match="boundary"):
        settled = hp.zero_truncated(
            hp.CaptureCounts({"k": [1, 2, 3], "n": [50, 30, 5]}, "k", counts="n"), family="negbin"
        )
    with pytest.raises(hp.EstimationError, match="maximum inside"):
        settled.robust()
