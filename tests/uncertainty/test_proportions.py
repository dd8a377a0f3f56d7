"""Intervals made for proportions: R's survey, scipy, and closed forms."""

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import InputError

from ..schools import DESIGNS, EXPECTED, schools


@pytest.mark.parametrize("design", DESIGNS)
def test_likelihood_intervals_are_rs(design: str) -> None:
    # svyciprop(method="likelihood"). R finds its ends with uniroot, whose default tolerance on the logit scale is 1.2e-4:
    # up to 3e-5 on a share. It comes to 2e-6 in fact; leaving out n / (n - 1) would move the ends by 2e-4.
    share = schools(design).proportion("awards")
    (expected,) = [row["ci"] for row in EXPECTED[design]["ciprop"] if row.get("method") == "likelihood"]
    np.testing.assert_allclose(share.interval(method="likelihood").iloc[0], expected, atol=3e-6)


def share(k: int, n: int) -> hp.Estimate:
    return hp.Survey({"x": [1, 0], "n": [k, n - k]}, counts="n").proportion("x")


def test_likelihood_intervals_of_simple_samples() -> None:
    # Closed form: at both ends the binomial deviance is the chi-square quantile, 3.841458820694124.
    for k, n in ((39, 127), (2, 30), (29, 30)):
        p = k / n
        for q in share(k, n).interval(method="likelihood").iloc[0]:
            deviance = 2 * (k * np.log(p / q) + (n - k) * np.log((1 - p) / (1 - q)))
            assert deviance == pytest.approx(3.841458820694124, rel=1e-9)
    # Nobody: 2 n log(1 / (1 - q)) = 3.84; everybody, the same from the other side.
    most = 1 - np.exp(-3.841458820694124 / 60)
    assert share(0, 30).interval(method="likelihood").iloc[0].tolist() == pytest.approx([0, most], rel=1e-9, abs=1e-30)
    assert share(30, 30).interval(method="likelihood").iloc[0].tolist() == pytest.approx([1 - most, 1], rel=1e-9)


def test_likelihood_intervals_are_of_shares_only() -> None:
    with pytest.raises(InputError, match="not of what is computed"):
        hp.multiplier(100, share(5, 10)).interval(method="likelihood")
    assert "likelihood-ratio" in share(5, 10).methods(method="likelihood")


def test_intervals_made_for_shares_are_scipys() -> None:
    # Another implementation: Wilson's score and Clopper-Pearson's exact interval.
    stats = pytest.importorskip("scipy.stats")
    for k, n in ((0, 30), (2, 30), (39, 127), (240, 393), (10, 10)):
        for ours, theirs in (("wilson", "wilson"), ("beta", "exact")):
            expected = stats.binomtest(k, n).proportion_ci(method=theirs)
            np.testing.assert_allclose(share(k, n).interval(method=ours).iloc[0], expected, rtol=1e-7, atol=1e-12)
    with pytest.raises(InputError, match="not of what is computed"):
        hp.multiplier(100, share(5, 10)).interval(method="wilson")


def test_wilson_holds_what_was_seen() -> None:
    # Closed form: with nobody of n the lower end is 0, with everyone the upper one 1, whatever rounding says.
    for yes, end, value in ((0, "lower", 0.0), (17, "upper", 1.0)):
        survey = hp.Survey({"y": [1, 0], "count": [yes, 17 - yes]}, counts="count")
        assert survey.proportion("y").interval(method="wilson")[end].iloc[0] == value
