"""Frequencies, influence and tests of inflation: by hand, and by fitting without a person."""

from __future__ import annotations

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from scipy import stats


def test_fitted_frequencies_of_the_poisson(counts: hp.CaptureCounts) -> None:
    # The likelihood equation of lambda without covariates is: fitted mean = observed mean.
    fit = hp.zero_truncated(counts)
    lam = np.exp(fit.coefficients["estimate"].iloc[0])
    table = fit.frequencies()
    expected = counts.n * lam ** table.index[0] * np.exp(-lam) / (1 - np.exp(-lam))
    assert table["fitted"].iloc[0] == pytest.approx(expected)
    assert table["observed"].sum() == counts.n
    test = fit.goodness_of_fit()
    assert ((test["p"] > 1e-3) & (test["p"] <= 1)).all()
    # By scipy, from the same frequencies: counts with fewer than 5 expected joined with those before, the tail included.
    seen, fitted = table["observed"].to_numpy(float), table["fitted"].to_numpy(float)
    last = int((fitted >= 5).sum()) - 1
    joined = np.append(seen[:last], seen[last:].sum()), np.append(fitted[:last], counts.n - fitted[:last].sum())
    for name, power in (("Pearson", "pearson"), ("likelihood ratio", "log-likelihood")):
        found = stats.power_divergence(*joined, ddof=1, lambda_=power)
        assert test["statistic"][name] == pytest.approx(found.statistic, rel=1e-9)
        assert test["p"][name] == pytest.approx(found.pvalue, rel=1e-9)


def test_dfbeta_is_fitting_without_a_person(table: pd.DataFrame, counts: hp.CaptureCounts) -> None:
    fit = hp.zero_truncated(counts, "~ sex")
    row = int(table["seen"].idxmax())
    others = hp.zero_truncated(hp.CaptureCounts(table.drop(index=row), "seen"), "~ sex")
    moved = fit.coefficients["estimate"] - others.coefficients["estimate"]
    assert fit.dfbeta().iloc[row].to_numpy() == pytest.approx(moved.to_numpy(), abs=1e-7)
    assert fit.dfpopsize()[row] == pytest.approx(fit.size.point - others.size.point, rel=1e-5)
    assert len(fit.dfbeta()) == len(table)


def test_one_inflation_is_found_where_it_is_and_not_elsewhere() -> None:
    # A fifth of those seen bound to be seen once, and nobody: chances of error below 1e-4 and 1%.
    rng = np.random.default_rng(2)
    seen = rng.poisson(1.5, 4_000)
    seen = seen[seen > 0]
    more = np.where(rng.random(len(seen)) < 0.2, 1, seen)
    plain = hp.zero_truncated(hp.CaptureCounts({"seen": seen}, "seen")).one_inflation_test()
    inflated = hp.zero_truncated(hp.CaptureCounts({"seen": more}, "seen")).one_inflation_test()
    assert (plain["p"] > 0.01).all()
    assert (inflated["p"] < 1e-4).all()
    with pytest.raises(hp.InputError, match="zero-truncated family"):
        hp.zero_truncated(
            hp.CaptureCounts({"seen": more}, "seen"), family="ones_in_population_poisson"
        ).one_inflation_test()


def test_the_score_test_by_hand() -> None:
    # Without covariates: (f1 / g - n)^2 / (n (1 / g - 1) - cross^2 / information), g = lambda / (e^lambda - 1).
    frequencies = np.array([70.0, 20, 9, 4])
    counts = hp.CaptureCounts({"y": [1, 2, 3, 4], "n": frequencies}, "y", counts="n")
    fit = hp.zero_truncated(counts)
    lam, n = float(np.exp(fit.coefficients["estimate"].iloc[0])), frequencies.sum()
    g = lam / np.expm1(lam)
    mean = lam / (1 - np.exp(-lam))
    slope = 1 - mean  # of log g by log lambda
    information = n * mean * (1 + lam - mean)  # n times the variance of the truncated Poisson
    statistic = (frequencies[0] / g - n) ** 2 / (n * (1 / g - 1) - (n * slope) ** 2 / information)
    assert fit.one_inflation_test()["statistic"]["score"] == pytest.approx(statistic, rel=1e-6)
