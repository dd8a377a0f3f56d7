"""Bounds and formulas of the frequencies: closed forms, R 4.2, and populations whose size is known."""

from __future__ import annotations

from typing import Any

import hiddenpop as hp
import numpy as np
import pytest


@pytest.fixture(scope="module")
def immigrants() -> hp.CaptureCounts:
    return hp.CaptureCounts(hp.datasets.load("netherlands_immigrants")["apprehensions"], "capture", replicates=400)


def made(frequencies: dict[int, int], **more: Any) -> hp.CaptureCounts:
    table = {"k": list(frequencies), "n": list(frequencies.values())}
    return hp.CaptureCounts(table, "k", counts="n", **{"replicates": 100} | more)


def test_the_bound_from_twos_and_threes(immigrants: hp.CaptureCounts) -> None:
    # Böhning, Kaskasamkul and van der Heijden (2019): n + 2 f2^3 / (9 f3^2); the delta method of its frequencies, written out.
    f2, f3 = immigrants.frequencies[2], immigrants.frequencies[3]
    unseen, fit = 2 * f2**3 / (9 * f3**2), hp.oichao(immigrants)
    assert fit.size.point == pytest.approx(immigrants.n + unseen, rel=1e-10)
    variance = unseen + 4 / 9 * f2**5 / f3**4 + 16 / 81 * f2**6 / f3**5
    assert fit.se() ** 2 == pytest.approx(variance, rel=1e-7)
    assert fit.size_by("gender").sum().point == pytest.approx(fit.size.point)
    # With a covariate that splits people: the sum of the bounds of the groups.
    table = hp.datasets.load("netherlands_immigrants")["apprehensions"]
    apart = [hp.oichao(hp.CaptureCounts(table[table["gender"] == g], "capture")).size.point for g in ("male", "female")]
    parts = hp.oichao(immigrants, "~ gender").size_by("gender")
    assert [parts[g].point for g in ("male", "female")] == pytest.approx(apart, rel=1e-6)
    assert "Metrika" in fit.size.methods()


def test_bias_corrected_bounds() -> None:
    # n + f1 (f1 - 1) / (2 (f2 + 1)) and its delta method, as EstimateS and (but for a factor) SpadeR have it. vegan 2.6's
    # estimateR has the same 28.25 and a standard error of 9.529 for 9.560: it takes the number of people as drawn with counts.
    fit, f1, f2 = hp.chao(made({1: 10, 2: 3, 3: 4}), bias_corrected=True), 10, 3
    assert fit.size.point == pytest.approx(28.25, rel=1e-12)
    variance = f1 * (f1 - 1) / (2 * (f2 + 1)) + f1 * (2 * f1 - 1) ** 2 / (4 * (f2 + 1) ** 2)
    variance += f1**2 * f2 * (f1 - 1) ** 2 / (4 * (f2 + 1) ** 4)
    assert fit.se() ** 2 == pytest.approx(variance, rel=1e-8)
    # Nobody seen twice: 14 + 10 * 9 / 2.
    assert hp.chao(made({1: 10, 3: 4}), bias_corrected=True).size.point == pytest.approx(59, rel=1e-12)
    # Böhning et al. (2019): n + 2 f2 (f2 - 1) (f2 - 2) / (9 (f3 + 1) (f3 + 2)).
    few = hp.oichao(made({1: 10, 2: 5, 4: 2}), bias_corrected=True)
    assert few.size.point == pytest.approx(17 + 2 * 5 * 4 * 3 / (9 * 1 * 2), rel=1e-12)
    with pytest.raises(hp.InputError, match="no covariates"):
        hp.chao(made({1: 10, 2: 3}), "~ k", bias_corrected=True)
    with pytest.raises(hp.InputError, match="True or False"):
        hp.oichao(made({1: 10, 2: 3}), bias_corrected=1)  # type: ignore[arg-type]
    with pytest.raises(hp.InputError, match="formula of the frequencies"):
        few.frequencies()
    with pytest.raises(hp.InputError, match="nothing to make robust"):
        few.robust()
    assert "log-likelihood" not in repr(few)


def test_bias_corrections_correct_bias() -> None:
    # Registers of 40 people who are alike (Poisson, mean 1), where the bound is the size: on average of 300 within 4 s.e.
    # (2.6), where Chao's without correction is 4 too high.
    rng, size, sizes = np.random.default_rng(4), 40, []
    for _ in range(300):
        seen = rng.poisson(1.0, size)
        seen = seen[seen > 0]
        f1, f2 = (seen == 1).sum(), (seen == 2).sum()
        plain = len(seen) + f1**2 / (2 * max(f2, 1))
        adjusted = hp.chao(hp.CaptureCounts({"seen": seen}, "seen", replicates=2), bias_corrected=True).size.point
        sizes.append((plain, adjusted))
    plain, adjusted = np.mean(sizes, axis=0).tolist()
    assert abs(adjusted - size) < 2.6 < plain - size


@pytest.mark.parametrize("base", ["poisson", "geom"])
def test_zero_one_truncation_is_inflation_in_the_population(immigrants: hp.CaptureCounts, base: str) -> None:
    # Böhning and van der Heijden (2019): without covariates both likelihoods give the same lambda, size and variance.
    one = hp.zero_truncated(immigrants, family=f"zot{base}")
    other = hp.zero_truncated(immigrants, family=f"ones_in_population_{base}")
    assert one.size.point == pytest.approx(other.size.point, rel=1e-8)
    assert one.se() == pytest.approx(other.se(), rel=1e-6)
    assert (one.frequencies()["observed"] == immigrants.frequencies.loc[2:]).all()
    assert one.frequencies()["fitted"].sum() == pytest.approx(one.frequencies()["observed"].sum(), rel=0.01)


def test_zero_one_truncated_families_against_r(immigrants: hp.CaptureCounts) -> None:
    # R 4.2: optimize and optim on dpois and dnbinom above one: log-likelihood and n + f(0) / P(Y > 1) for each seen again.
    poisson = hp.zero_truncated(immigrants, family="zotpoisson")
    assert poisson.coefficients["estimate"].iloc[0] == pytest.approx(-0.2411216762, abs=1e-7)
    assert (poisson.loglik, poisson.size.point) == pytest.approx((-165.5245410745, 2_455.56127), rel=1e-7)
    negbin = hp.zero_truncated(immigrants, family="zotnegbin")
    assert (negbin.loglik, negbin.size.point) == pytest.approx((-164.235799, 16_155.45), rel=1e-4)
    with pytest.raises(hp.InputError, match="at least twice only"):
        hp.zero_truncated(immigrants, family="zotpoisson", bootstrap="parametric")
    with pytest.raises(hp.InputError, match="AIC can't be compared"):
        hp.compare_families(immigrants, family=["poisson", "zotpoisson"])


def test_ratio_regression_against_r(immigrants: hp.CaptureCounts) -> None:
    # R 4.2: lm(log((2:6) * f[2:6] / f[1:5]) ~ I(1:5), weights = 1 / (1 / f[2:6] + 1 / f[1:5])), f0 = f1 exp(-intercept).
    fit = hp.ratio_regression(immigrants, line="linear")
    assert fit.coefficients["estimate"].to_numpy() == pytest.approx([-2.342713051909, 0.857942075703], rel=1e-10)
    assert fit.size.point == pytest.approx(19_003.5282034, rel=1e-10)
    # The delta method by differences of the frequencies, and the bootstrap: a s.d. of 400 draws is right to 3.5%.
    f = immigrants.frequencies.to_numpy(float)

    def unseen(f: Any) -> Any:
        y = np.arange(1, 6)
        r, w = np.log((y + 1) * f[1:] / f[:-1]), 1 / (1 / f[1:] + 1 / f[:-1])
        at_zero = np.polyfit(y, r, 1, w=np.sqrt(w))[1]
        return f[0] * np.exp(-at_zero)

    slopes = np.array([(unseen(f + h) - unseen(f - h)) / 2e-4 for h in 1e-4 * np.eye(6)])
    assert fit.se() ** 2 == pytest.approx(unseen(f) + (slopes**2 * f).sum(), rel=1e-4)
    assert fit.size.se() == pytest.approx(fit.se(), rel=0.15)
    assert fit.size_by("gender").sum().point == pytest.approx(fit.size.point)


def test_ratio_regression_on_the_logs_against_r(immigrants: hp.CaptureCounts) -> None:
    # R 4.2: k <- 1:5; r <- f[k + 1] / f[k]; w <- 1 / (1 / f[k] + 1 / f[k + 1]); lm(log(r) ~ log(k + 1), weights = w), to which (k + 1)
    # adds 1 to the slope; f0 = f1 exp(-intercept). With I(k == 1) beside it, singleRcapture's M1: f0 = f2 / (r0 r1).
    fit = hp.ratio_regression(immigrants)
    assert fit.coefficients["estimate"].to_numpy() == pytest.approx([-3.193037029893, 2.442383797914], rel=1e-9)
    assert fit.size.point == pytest.approx(41_955.99049048, rel=1e-9)
    ones = hp.ratio_regression(immigrants, one_inflation=True)
    assert ones.coefficients["estimate"].to_numpy() == pytest.approx([-2.910096371002, 2.212659792116], rel=1e-9)
    assert ones.size.point == pytest.approx(28_492.25702259, rel=1e-9)
    assert ones.size_by("gender").sum().point == pytest.approx(ones.size.point)
    for wrong in ({"line": "square"}, {"one_inflation": 1}):
        with pytest.raises(hp.InputError, match="must be"):
            hp.ratio_regression(immigrants, **wrong)  # type: ignore[arg-type]
    with pytest.raises(hp.EstimationError, match="1 pair of neighbouring counts from 2 on"):
        hp.ratio_regression(made({1: 9, 2: 5, 3: 2}), one_inflation=True)


def test_ratios_of_a_geometric_have_slope_one() -> None:
    # Rates that differ as an exponential distribution (mean 1.2): (y + 1) r(y) = (y + 1) 1.2 / 2.2, and 5,000 people.
    rng = np.random.default_rng(9)
    seen = rng.poisson(rng.exponential(1.2, 5_000))
    fit = hp.ratio_regression(hp.CaptureCounts({"seen": seen[seen > 0]}, "seen", replicates=50))
    found = fit.coefficients
    assert (np.abs(found["estimate"] - [np.log(1.2 / 2.2), 1]) < 4 * found["se"]).all()
    assert abs(fit.size.point - 5_000) < 4 * fit.se()


def test_ratios_of_a_poisson_are_level() -> None:
    # Poisson with mean 1.2: the ratio is 1.2 everywhere and the size 5,000; within 4 standard errors.
    rng = np.random.default_rng(8)
    seen = rng.poisson(1.2, 5_000)
    fit = hp.ratio_regression(hp.CaptureCounts({"seen": seen[seen > 0]}, "seen", replicates=50))
    found = fit.coefficients
    assert (np.abs(found["estimate"] - [np.log(1.2), 0]) < 4 * found["se"]).all()
    assert abs(fit.size.point - 5_000) < 4 * fit.se()


def test_surplus_ones_break_chaos_bound_and_not_the_one_from_twos_and_threes() -> None:
    # Rates differ as an exponential distribution and a fifth of the population can be seen once only: twenty registers.
    rng, size = np.random.default_rng(6), 4_000
    found = []
    for _ in range(20):
        seen = rng.poisson(rng.exponential(1.0, size))
        seen[rng.random(size) < 0.2] = 1
        counts = hp.CaptureCounts({"seen": seen[seen > 0]}, "seen", replicates=10)
        found.append((hp.chao(counts).size.point, hp.oichao(counts).size.point))
    chao, twos = np.mean(found, axis=0)
    assert chao > 1.1 * size
    assert twos < size


def test_redraws_with_one_ratio_bound_nothing() -> None:
    # Two ratios of which the second rests on one person: with neither threes nor more in a redraw (chance about exp(-1)) no
    # line is fixed, and the size has no upper end.
    fit = hp.ratio_regression(made({1: 60, 2: 20, 3: 1}, replicates=400))
    outcomes = fit.bootstrap_outcomes()
    assert outcomes["unbounded"] / 400 == pytest.approx(np.exp(-1), abs=4 * (0.37 * 0.63 / 400) ** 0.5)
    assert outcomes["unidentified"] == 0
    with (
        pytest.warns(hp.HiddenpopWarning, match="infinite"),
        pytest.warns(hp.HiddenpopWarning, match="Join small groups"),
    ):
        assert np.isinf(fit.size.interval().to_numpy()[0, 1])
    assert np.isfinite(fit.interval().to_numpy()).all()
