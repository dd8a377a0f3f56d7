"""Intervals and standard errors: formulas, exact laws, and what has no answer."""

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import HiddenpopWarning, InputError
from hiddenpop.uncertainty.bias_corrected import corrected

from ..schools import EXPECTED


def share(k: int, n: int, **options: object) -> hp.Estimate:
    return hp.Survey({"x": [1, 0], "n": [k, n - k]}, counts="n", **options).proportion("x")


def test_percentiles_are_those_of_the_exact_binomial() -> None:
    # Closed form: the redrawn count is Binomial(n, k/n).
    scipy = pytest.importorskip("scipy.stats")
    est = share(39, 127, replicates=200_000)
    for level in (0.5, 0.8, 0.9, 0.99):
        ends = est.interval(level, method="percentile").iloc[0] * 127
        law = scipy.binom(127, 39 / 127)
        for end, tail in (("lower", (1 - level) / 2), ("upper", (1 + level) / 2)):
            # Between the quantiles a Monte Carlo error of four s.e. to either side.
            error = 4 * np.sqrt(tail * (1 - tail) / 200_000)
            assert law.ppf(tail - error) <= ends[end] <= law.ppf(tail + error)


def test_normal_interval_in_the_limit_is_walds() -> None:
    # Delta method on the log scale: se(log N) = sqrt((1 - p) / (n p)).
    n, p = 40_000, 0.3
    people = hp.multiplier(1_000_000, share(int(n * p), n, replicates=50_000))
    ends = people.interval(method="normal").iloc[0]
    half = 1.959964 * np.sqrt((1 - p) / (n * p))
    assert np.log(ends["upper"] / people.point) == pytest.approx(half, rel=0.015)
    assert np.log(people.point / ends["lower"]) == pytest.approx(half, rel=0.015)


def test_formulas_on_the_draws(people: hp.Estimate) -> None:
    # Davison and Hinkley (1997), eq. 5.6, on the log scale for sizes; and on the scale asked for.
    draws, point = people.draws, people.point.to_numpy()
    low, high = np.quantile(draws, [0.025, 0.975], axis=1)
    percentile = people.interval(method="percentile")
    np.testing.assert_allclose(percentile.to_numpy(), np.stack([low, high], axis=1), rtol=1e-12)
    basic = people.interval(method="basic", scale="identity")
    np.testing.assert_allclose(basic.to_numpy(), np.stack([2 * point - high, 2 * point - low], axis=1), rtol=1e-12)
    log_basic = people.interval(method="basic")
    # Quantiles interpolate on the log scale here, so the ends agree to a draw's distance.
    np.testing.assert_allclose(log_basic.to_numpy(), np.stack([point**2 / high, point**2 / low], axis=1), rtol=1e-5)
    normal = people.interval(method="normal", scale="identity")
    half = 1.959963984540054 * draws.std(axis=1, ddof=1)
    np.testing.assert_allclose(normal.to_numpy(), np.stack([point - half, point + half], axis=1), rtol=1e-12)


def test_bias_corrected_percentiles(people: hp.Estimate) -> None:
    # Efron and Tibshirani (1993), section 14.3 with acceleration 0; draws at the point count half.
    scipy = pytest.importorskip("scipy.stats")
    for row, label in enumerate(people.labels):
        draws, point = people.draws[row], people.point[label]
        below = (draws < point).mean() + (draws == point).mean() / 2
        z = scipy.norm.ppf(below)
        shares = scipy.norm.cdf(2 * z + scipy.norm.ppf([0.025, 0.975]))
        np.testing.assert_allclose(people.interval(method="bc").loc[label], np.quantile(draws, shares), rtol=1e-9)


def test_agrees_with_scipys_bootstrap() -> None:
    # Another implementation, within Monte Carlo error: 5% of the width with 10,000 replicates each.
    scipy = pytest.importorskip("scipy.stats")
    values = np.random.default_rng(4).lognormal(size=80)
    theirs = scipy.bootstrap((values,), np.mean, method="percentile", random_state=np.random.default_rng(0))
    ours = hp.Survey({"x": values}).mean("x")
    ends = ours.interval(method="percentile").iloc[0]
    width = ends["upper"] - ends["lower"]
    assert ends["lower"] == pytest.approx(theirs.confidence_interval.low, abs=0.05 * width)
    assert ends["upper"] == pytest.approx(theirs.confidence_interval.high, abs=0.05 * width)
    assert ours.se() == pytest.approx(theirs.standard_error, rel=0.04)


def test_agrees_with_rs_boot(people: hp.Estimate) -> None:
    # R boot on 8126 / mean of 240 ones and 153 zeros, 10,000 replicates (tests/data/r_survey.json). Ends move by whole
    # participants, 65 people at the upper one; R's BCa takes its acceleration from a regression, ours from the
    # jackknife, which may tip an end by one participant.
    r = EXPECTED["boot"]["ci (level, [order,] lower, upper)"]
    opioids = people["opioids"].replay(replicates=100_000)
    step = 8126 * 393 * (1 / 221 - 1 / 222)
    for method, name in (("percentile", "perc"), ("bca", "bca")):
        np.testing.assert_allclose(opioids.interval(method=method).iloc[0], r[name][0][-2:], atol=1.01 * step)
    basic = opioids.interval(method="basic", scale="identity").iloc[0]
    np.testing.assert_allclose(basic, r["basic"][0][-2:], atol=1.01 * step)


def test_bca_agrees_with_scipy() -> None:
    # Another implementation, within Monte Carlo error: 5% of the width with 20,000 replicates each.
    scipy = pytest.importorskip("scipy.stats")
    values = np.random.default_rng(5).lognormal(size=60)
    theirs = scipy.bootstrap(
        (values,), np.mean, method="BCa", n_resamples=20_000, random_state=np.random.default_rng(0)
    )
    ends = hp.Survey({"x": values}, replicates=20_000).mean("x").interval(method="bca").iloc[0]
    width = ends["upper"] - ends["lower"]
    np.testing.assert_allclose(ends, theirs.confidence_interval, atol=0.05 * width)


def test_infinite_draws_stay_infinite() -> None:
    # 1 of 20 registered: a replicate has none with chance 0.95^20 = 36%.
    people = hp.multiplier(100, share(1, 20))
    with pytest.warns(HiddenpopWarning, match="An end of the interval is infinite"):
        ends = people.interval(method="percentile").iloc[0]
    assert np.isinf(ends["upper"])
    assert np.isfinite(ends["lower"])
    infinite = np.isinf(people.draws).mean()
    assert infinite == pytest.approx(0.95**20, abs=4 * np.sqrt(0.36 * 0.64 / 10_000))
    with pytest.warns(HiddenpopWarning, match="No standard error"):
        assert np.isnan(people.se())
    with pytest.warns(HiddenpopWarning, match="No standard error"):
        assert people.interval(method="normal").isna().all(axis=None)
    with pytest.warns(HiddenpopWarning, match="No covariance"):
        people.vcov()
    with pytest.warns(HiddenpopWarning):
        summary = people.summary(method="percentile")
    assert np.isnan(summary["se"].iloc[0])
    # The share's own interval leaves zero out, so the size's has an end: its image.
    low, high = share(1, 20).interval().iloc[0]
    assert people.interval().iloc[0].tolist() == pytest.approx([100 / high, 100 / low])


def test_a_reflected_infinity_is_no_interval() -> None:
    # 2 of 30: no register in 13% of redraws, so the percentile's upper end is infinite and basic would reflect it.
    people = hp.multiplier(1_000, share(2, 30))
    for scale in ("log", "identity"):
        with pytest.warns(HiddenpopWarning, match="No basic interval"):
            assert people.interval(method="basic", scale=scale).isna().all(axis=None)


def test_a_size_of_a_share_of_all_has_no_percentiles() -> None:
    size = hp.multiplier(1_000, share(30, 30))
    with pytest.warns(HiddenpopWarning, match="rule of three"):
        assert size.interval(method="percentile").isna().all(axis=None)
    # Wilson's upper bound of the share of nobody, z^2 / (n + z^2), turned round.
    z2 = 1.959963984540054**2
    assert size.interval().iloc[0].tolist() == pytest.approx([1_000, 1_000 * (30 + z2) / 30])


def test_undefined_draws_are_left_out_while_they_are_few() -> None:
    # Nobody in the domain with chance (11/16)^16 = 0.25%: under the 1% that an interval tolerates.
    few = hp.Survey({"x": [1, 0, 1, 0, 1] + [0] * 11, "in": [1] * 5 + [0] * 11}).proportion("x", where="in")
    with pytest.warns(HiddenpopWarning, match="are undefined .* and are left out"):
        assert few.interval(method="percentile").notna().all(axis=None)
    rare = hp.Survey({"x": [1, 0] * 8, "in": [1, 1] + [0] * 14}).proportion("x", where="in")
    with pytest.warns(HiddenpopWarning, match="No interval"):
        assert rare.interval(method="percentile").isna().all(axis=None)
    assert rare.interval().notna().all(axis=None)


def test_no_bias_correction_when_all_draws_lie_on_one_side() -> None:
    # No redrawn sample does this, so the formula is called directly: the point lies below every draw.
    draws = hp.uniform(1, 2, name="one side").draws
    ends, notes = corrected(np.array([0.5]), draws, 0.025, np.zeros(1))
    assert np.isnan(ends).all()
    assert "to one side" in notes[0].text


def test_a_share_of_all_or_none_has_no_percentiles() -> None:
    z2 = 1.959963984540054**2
    for k, ends in ((0, [0, z2 / (10 + z2)]), (10, [10 / (10 + z2), 1])):
        with pytest.warns(HiddenpopWarning, match=r"sample of 10 has this property.* 0.3 away \(the rule of three"):
            assert share(k, 10).interval(method="percentile").isna().all(axis=None)
        assert share(k, 10).interval().iloc[0].tolist() == pytest.approx(ends)  # Wilson 1927


def test_corrections_decline_without_a_redrawn_sample() -> None:
    for method in ("basic", "bc"):
        with pytest.raises(InputError, match="no sample is redrawn"):
            hp.beta(8, 2).interval(method=method)
        with pytest.raises(InputError, match="no sample is redrawn"):
            (share(5, 10) * hp.beta(8, 2)).interval(method=method)


@pytest.mark.parametrize("level", [0, 1, -0.5, 95, "0.95", True, float("nan")])
def test_bad_levels(people: hp.Estimate, level: object) -> None:
    with pytest.raises(InputError, match="must lie between 0 and 1"):
        people.interval(level)  # type: ignore[arg-type]


def test_bad_methods(people: hp.Estimate) -> None:
    with pytest.raises(InputError, match="'student' is not one of percentile"):
        people.interval(method="student")
    with pytest.raises(InputError, match="scale='sqrt'"):
        people.interval(scale="sqrt")
    with pytest.raises(InputError, match=r"Did you mean 0.95\?"):
        people.interval(95)


def test_cv_and_quantile(people: hp.Estimate) -> None:
    np.testing.assert_allclose(people.cv(), people.draws.std(axis=1, ddof=1) / people.point)
    table = people.quantile([0.1, 0.5])
    np.testing.assert_allclose(table.to_numpy(), np.quantile(people.draws, [0.1, 0.5], axis=1).T)
    with pytest.raises(InputError, match="between 0 and 1"):
        people.quantile(1.2)


def test_a_label_without_an_answer_takes_no_other_along() -> None:
    # The same s.e. as where that label is not asked for.
    counts = {"g": ["a", "a", "b"], "x": [1, 0, 0], "n": [40, 60, 50]}
    shares = hp.Survey(counts, counts="n").proportion("x", by="g")
    with pytest.warns(HiddenpopWarning, match="Nobody in the sample"):
        people = hp.multiplier({"a": 100, "b": 90}, shares)
    alone = hp.multiplier(100, shares["a"])
    assert people.se("linearized")["a"] == people["a"].se("linearized") == pytest.approx(alone.se("linearized"))
    assert np.isnan(people.se("linearized")["b"])
    np.testing.assert_allclose(people.interval(method="t").loc["a"], alone.interval(method="t").iloc[0])


@pytest.mark.filterwarnings("ignore:An end of the interval is infinite")
def test_a_first_draw_that_is_infinite_is_no_lack_of_variation() -> None:
    # One of eleven: (10/11)^11 = 35% of redraws have nobody, whose size is infinite; so of ten seeds some begin with one.
    firsts = []
    for seed in range(10):
        share = hp.Survey({"y": [1, 0], "n": [1, 10]}, counts="n", replicates=1000, seed=seed).proportion("y")
        size = hp.multiplier(1000, share)
        firsts.append(size.draws[0, 0])
        lower, upper = np.ravel(size.interval(method="percentile"))
        assert 1000 < lower < 11_000
        assert upper == np.inf
    assert np.isinf(firsts).any()
