"""Triangulation: closed forms, known mixtures, conjugate posteriors, joint surveys, and what it refuses."""

from __future__ import annotations

import warnings
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop.errors import EstimationError, HiddenpopWarning, InputError
from matplotlib import pyplot
from scipy import stats

METHODS = ("fixed", "minimum_variance", "bayesian", "linear_pool", "log_pool")


def lognormal(middle: float, sd: float, name: str, **more: Any) -> hp.Estimate:
    """Exactly log-normal: its limits are 1.96 s.d. from the middle on the log scale."""
    z = stats.norm.ppf(0.975)
    return hp.lognormal(middle, middle * np.exp(-z * sd), middle * np.exp(z * sd), name=name, **more)


def three() -> dict[str, hp.Estimate]:
    return {
        "a": lognormal(10_000, 0.2, "a", replicates=20_000),
        "b": lognormal(12_000, 0.1, "b", replicates=20_000),
        "c": lognormal(14_000, 0.3, "c", replicates=20_000),
    }


def six() -> dict[str, hp.Estimate]:
    sizes = (8_000, 11_000, 13_000, 9_000, 15_000, 12_000)
    return {f"s{i}": lognormal(size, 0.15, f"six {i}", replicates=40_000) for i, size in enumerate(sizes)}


CELLS = np.array([54, 36, 66, 144])


def survey(**more: Any) -> hp.Survey:
    """300 people: 54 in both registers, 36 in the clinic's only, 66 in outreach's only, 144 in none."""
    table = {"clinic": [1, 1, 0, 0], "outreach": [1, 0, 1, 0], "count": CELLS}
    return hp.Survey(table, counts="count", replicates=more.pop("replicates", 20_000), **more)


def multipliers(asked: hp.Survey) -> dict[str, hp.Estimate]:
    return {
        "clinic": hp.multiplier(3_000, asked.proportion("clinic"), name="clinic"),
        "outreach": hp.multiplier(4_000, asked.proportion("outreach"), name="outreach"),
    }


def test_two_independent_sources_in_closed_form() -> None:
    # Weights 1 / v, variance 1 / sum(1 / v), on the log scale.
    pair = {k: three()[k] for k in "ab"}
    for method in ("fixed", "inverse_variance", "minimum_variance"):
        together = hp.triangulate(pair, method=method)
        np.testing.assert_allclose(together.weights["weight"], [0.2, 0.8], atol=0.005)
        assert together.estimate.point == pytest.approx(np.exp(0.2 * np.log(10_000) + 0.8 * np.log(12_000)), rel=2e-3)
        sd = np.sqrt(1 / (1 / 0.04 + 1 / 0.01))
        low, high = together.estimate.interval().to_numpy()[0]
        assert np.log(high / low) == pytest.approx(2 * 1.96 * sd, rel=0.02)
        assert together.conflict.q == pytest.approx(np.log(1.2) ** 2 / 0.05, rel=0.02)
        assert together.conflict.p == pytest.approx(stats.chi2.sf(np.log(1.2) ** 2 / 0.05, 1), rel=0.02)
        assert together.estimate.quantity == "other"


def test_conflict_comes_with_every_pair() -> None:
    pairs = hp.triangulate(three(), method="fixed").conflict.pairs
    assert list(pairs.index) == [("a", "b"), ("a", "c"), ("b", "c")]
    row = pairs.loc[("a", "c")]
    assert row["ratio"] == pytest.approx(10 / 14)
    z = np.log(10 / 14) / np.sqrt(0.04 + 0.09)
    assert row["z"] == pytest.approx(z, rel=0.01)
    assert row["p"] == pytest.approx(2 * stats.norm.cdf(z), rel=0.03)
    assert row["first_larger"] == pytest.approx(stats.norm.cdf(z), abs=0.01)


def test_strong_conflict_warns_and_is_said_everywhere() -> None:
    apart = {"low": lognormal(5_000, 0.1, "low"), "high": lognormal(15_000, 0.1, "high")}
    with pytest.warns(
        HiddenpopWarning, match=r"The sources disagree: no consensus may be meaningful\. Cochran's Q is \d\d"
    ):
        together = hp.triangulate(apart, method="fixed")
    assert together.conflict.strong
    verdict = "The sources disagree: no consensus may be meaningful."
    said = (repr(together), together._repr_html_(), together.methods(), together.plot().get_title(loc="left"))
    for text in (*said, repr(together.conflict), together.conflict._repr_html_()):
        assert verdict in text.replace("\n", " ")
    assert together.conflict.i2 > 0.9


def test_sources_of_one_survey_are_weighed_with_their_covariance() -> None:
    # Multinomial: Var(log p) = (1 - p) / (p n), Cov(log p1, log p2) = (p12 / (p1 p2) - 1) / n.
    together = hp.triangulate(multipliers(survey()), method="minimum_variance")
    p, q, both, n = 0.3, 0.4, 54 / 300, 300
    v = np.array([[(1 - p) / p, both / (p * q) - 1], [both / (p * q) - 1, (1 - q) / q]]) / n
    np.testing.assert_allclose(together.combined.covariance, v, rtol=0.06)
    best = np.linalg.solve(v, np.ones(2))
    np.testing.assert_allclose(together.weights["weight"], best / best.sum(), atol=0.02)
    assert together.weights["in common with"].to_list() == ["outreach", "clinic"]
    sd = np.sqrt(1 / best.sum())
    low, high = together.estimate.interval().to_numpy()[0]
    assert np.log(high / low) == pytest.approx(2 * 1.96 * sd, rel=0.03)
    assert "draws in common, which enter with their covariance: clinic and outreach" in together.methods()
    # It is an expression of the survey: linearisation, bias correction and the bootstrap-t work.
    assert together.estimate.se("linearized") == pytest.approx(10_000 * sd, rel=0.03)
    for method in ("t", "bca", "studentized"):
        ends = together.estimate.interval(method=method).to_numpy()[0]
        assert np.log(ends[1] / ends[0]) == pytest.approx(2 * 1.96 * sd, rel=0.06)


def test_independent_sources_have_no_covariance() -> None:
    found = hp.triangulate(three(), method="fixed").combined.covariance
    assert (found[~np.eye(3, dtype=bool)] == 0).all()


def test_weights_that_would_be_negative_are_bounded_and_said() -> None:
    # b = a e with independent e: a alone is best, and without bounds b weighs nothing; with Cov > Var(a) less than that.
    base = lognormal(10_000, 0.2, "base")
    noisy = base**1.5 * lognormal(0.01, 0.1, "error")
    with pytest.warns(HiddenpopWarning, match=r"weight of 'noisy' would be negative.*bounded at 0"):
        bounded = hp.triangulate({"base": base, "noisy": noisy}, method="minimum_variance")
    assert bounded.weights["weight"].to_list() == [1.0, 0.0]
    assert bounded.estimate.point == pytest.approx(10_000)
    with pytest.warns(HiddenpopWarning, match="weight of 'noisy' is negative"):
        free = hp.triangulate({"base": base, "noisy": noisy}, method="minimum_variance", bounded=False)
    assert free.weights["weight"]["noisy"] < -0.1


def test_the_natural_scale_on_demand() -> None:
    # Sizes of equal relative precision: on the natural scale the smaller one looks more precise.
    pair = {"small": lognormal(10_000, 0.1, "small"), "large": lognormal(12_000, 0.1, "large")}
    natural = hp.triangulate(pair, method="minimum_variance", scale="identity")
    expected = 1 / np.array([10_000, 12_000]) ** 2
    np.testing.assert_allclose(natural.weights["weight"], expected / expected.sum(), atol=0.01)
    assert natural.estimate.point < hp.triangulate(pair, method="minimum_variance").estimate.point


@pytest.mark.parametrize("method", ["dersimonian_laird", "reml", "random_effects", "paule_mandel"])
def test_random_effects_have_their_t_interval(method: str) -> None:
    with pytest.warns(HiddenpopWarning, match="disagree"):
        together = hp.triangulate(six(), method=method)
    y = np.log([8_000, 11_000, 13_000, 9_000, 15_000, 12_000])
    # Equal variances: the mean, and Hartung and Knapp's standard error is the sample's s / sqrt(k), whatever tau is.
    assert together.estimate.point == pytest.approx(np.exp(y.mean()), rel=2e-3)
    half = stats.t.ppf(0.975, 5) * y.std(ddof=1) / np.sqrt(6)
    ends = together.estimate.interval().to_numpy()[0]
    np.testing.assert_allclose(np.log(ends), y.mean() + half * np.array([-1, 1]), atol=0.012)
    assert together.spread()["sd"].iloc[0] == pytest.approx(np.sqrt(y.var(ddof=1) - 0.15**2), rel=0.03)
    with pytest.warns(HiddenpopWarning, match="disagree"):
        plain = hp.triangulate(six(), method=method, adjust="none")
    ends = plain.estimate.interval().to_numpy()[0]
    np.testing.assert_allclose(
        np.log(ends), y.mean() + half / stats.t.ppf(0.975, 5) * 1.96 * np.array([-1, 1]), atol=0.01
    )


def test_few_sources_need_a_prior() -> None:
    with pytest.raises(InputError, match=r"3 sources can't tell how much sources vary.*prior=0\.5"):
        hp.triangulate(three(), method="reml")
    with_prior = hp.triangulate(three(), method="reml", prior=0.3)
    same = hp.triangulate(three(), method="bayesian", prior=("half-normal", 0.3))
    assert with_prior.estimate.point == same.estimate.point
    assert with_prior.estimate.interval().equals(same.estimate.interval())
    assert hp.triangulate(three(), method="bayesian").combined.prior == ("half-normal", 0.5)


def test_bayesian_draws_follow_the_posterior() -> None:
    # Draws against the mixture that the posterior is (its quadrature is tested against integration by other means).
    together = hp.triangulate(three(), method="bayesian", prior=0.3)
    shares = np.array([0.01, 0.025, 0.5, 0.975, 0.99])
    expected = together.combined.model.quantiles(0, shares)
    np.testing.assert_allclose(np.log(np.quantile(together.estimate.draws, shares)), expected, atol=0.02)
    assert together.estimate.point == pytest.approx(np.exp(expected[2]))
    # It stays joint with its sources.
    both = np.corrcoef(np.log(together.estimate.draws[0]), np.log(three()["b"].draws[0]))[0, 1]
    assert both > 0.3
    spread = together.spread()
    assert 0 < spread["lower"].iloc[0] < spread["sd"].iloc[0] < spread["upper"].iloc[0]


def test_sharp_and_wide_priors() -> None:
    fixed = hp.triangulate(three(), method="fixed")
    sharp = hp.triangulate(three(), method="bayesian", prior=1e-5)
    np.testing.assert_allclose(sharp.estimate.interval(), fixed.estimate.interval(), rtol=1e-3)
    wide = hp.triangulate(three(), method="bayesian", prior=("uniform", 50))
    # More variance between sources makes weights more alike.
    assert wide.weights["weight"].std() < hp.triangulate(three(), method="bayesian").weights["weight"].std()
    assert wide.weights["weight"].std() < fixed.weights["weight"].std() / 2


def sites() -> dict[str, dict[str, hp.Estimate]]:
    """Method `high` overstates by 1.5 everywhere."""
    truth = {"north": 10_000, "south": 4_000, "east": 20_000, "west": 7_000, "centre": 2_000}
    return {
        site: {
            kind: lognormal(size * factor, 0.05, f"{site} {kind}") for kind, factor in (("fair", 1.0), ("high", 1.5))
        }
        for site, size in truth.items()
    }


def test_several_sites_tell_the_bias_of_a_method() -> None:
    with pytest.warns(HiddenpopWarning, match="disagree"):
        together = hp.triangulate(sites(), method="bayesian")
    assert list(together.estimate.labels) == ["north", "south", "east", "west", "centre"]
    bias = together.biases()["factor"]
    assert bias["high"] / bias["fair"] == pytest.approx(1.5, rel=0.05)
    assert bias["high"] * bias["fair"] == pytest.approx(1, rel=0.05)
    ratio = together.biases(relative_to="fair")
    assert ratio.loc["fair"].to_list() == [1, 1, 1]
    assert ratio.loc["high", "factor"] == pytest.approx(1.5, rel=0.02)
    assert 1.3 < ratio.loc["high", "lower"] < 1.5 < ratio.loc["high", "upper"] < 1.7
    with pytest.raises(InputError, match="Did you mean 'fair'"):
        together.biases(relative_to="fari")
    np.testing.assert_allclose(together.estimate.point / [10_000, 4_000, 20_000, 7_000, 2_000], np.sqrt(1.5), rtol=0.03)
    # Where only one method was used, the others' bias is learnt elsewhere.
    lone = sites() | {"lone": {"high": lognormal(3_000, 0.05, "lone")}}
    with pytest.warns(HiddenpopWarning, match="disagree"):
        more = hp.triangulate(lone, method="bayesian")
    assert more.estimate["lone"].point == pytest.approx(3_000 / np.sqrt(1.5), rel=0.06)
    assert list(more.spread().index) == ["between methods", "within methods"]
    table = more.summary()
    assert table.loc["lone: consensus", "role"] == "consensus"
    assert len(table) == 11 + 6
    assert "5 sites" not in more.methods()
    assert "Sources of 6 sites" in more.methods()
    with pytest.raises(InputError, match="Several sites are combined by method='bayesian'"):
        hp.triangulate(sites(), method="fixed")


def test_a_table_of_published_figures() -> None:
    table = pd.DataFrame(
        {"source": ["a", "b"], "estimate": [16_000, 13_000], "lower": [11_300, 10_000], "upper": [25_200, 18_000]}
    )
    together = hp.triangulate(table, method="fixed")
    assert together.evidence.quantity == "size"
    assert together.summary().loc["a", ["lower", "upper"]].to_list() == pytest.approx([11_300, 25_200])
    two = pd.concat([table.assign(site="x"), table.assign(site="y")])
    assert list(hp.triangulate(two, method="bayesian").estimate.labels) == ["x", "y"]
    with pytest.raises(InputError, match="no column 'upper'"):
        hp.triangulate(table.drop(columns="upper"), method="fixed")
    with pytest.raises(InputError, match=r"'b'.* twice"):
        hp.triangulate(pd.concat([table, table.iloc[1:]]), method="fixed")


def test_linear_pool_is_the_mixture() -> None:
    pool = hp.triangulate(three(), method="linear_pool", weights={"a": 3, "b": 1, "c": 0})
    at = np.array([9_000, 11_000, 13_000])
    expected = 0.75 * stats.norm.cdf(np.log(at / 10_000) / 0.2) + 0.25 * stats.norm.cdf(np.log(at / 12_000) / 0.1)
    np.testing.assert_allclose((pool.estimate.draws[0] < at[:, None]).mean(axis=1), expected, atol=0.01)
    assert pool.estimate.point == pytest.approx(0.75 * 10_000 + 0.25 * 12_000)
    # Each draw is that of one source.
    drawn = np.stack([three()[k].draws[0] for k in "ab"])
    assert (pool.estimate.draws[0] == drawn).any(axis=0).all()
    again = hp.triangulate(three(), method="linear_pool", weights={"a": 0.75, "b": 0.25, "c": 0})
    assert (again.estimate.draws == pool.estimate.draws).all()
    assert (pool.estimate.replay(seed=5).draws != pool.estimate.draws).any()
    with pytest.raises(EstimationError, match="no linearised standard error"):
        pool.estimate.se("linearized")


def test_log_pool_in_closed_form() -> None:
    # Normal densities to powers w: precision sum(w / v), mean weighted by w / v.
    pool = hp.triangulate(three(), method="log_pool", weights={"a": 1, "b": 1, "c": 2})
    precision = np.array([0.25, 0.25, 0.5]) / np.array([0.04, 0.01, 0.09])
    mean = precision @ np.log([10_000, 12_000, 14_000]) / precision.sum()
    ends = pool.estimate.interval().to_numpy()[0]
    np.testing.assert_allclose(np.log(ends), mean + 1.96 / np.sqrt(precision.sum()) * np.array([-1, 1]), atol=0.01)
    # One source given twice, under a common survey or not, is pooled to itself.
    alone = {"a": three()["a"], "again": three()["a"] * lognormal(1.0, 0.001, "nothing")}
    pool = hp.triangulate(alone, method="log_pool")
    assert np.log(pool.estimate.draws).std() == pytest.approx(0.2, rel=0.02)


def betas(replicates: int = 40_000) -> dict[str, hp.Estimate]:
    return {
        "earlier": hp.beta(20, 80, name="earlier", replicates=replicates),
        "now": hp.beta(40, 110, name="now", replicates=replicates),
    }


def test_beta_distributions_add_up() -> None:
    # Beta(20, 80) as prior and 40 of 150 as likelihood: Beta(60, 190).
    given = betas()
    together = hp.triangulate(given, method="beta")
    np.testing.assert_allclose(together.combined.counts, [100, 150], rtol=0.03)
    np.testing.assert_allclose(together.combined.parameters, [60, 190], rtol=0.03)
    assert together.estimate.point == pytest.approx(60 / 250, rel=2e-3)
    shares = [0.025, 0.5, 0.975]
    expected = stats.beta(60, 190).ppf(shares)
    np.testing.assert_allclose(together.estimate.interval().to_numpy()[0], expected[[0, 2]], rtol=5e-3)
    np.testing.assert_allclose(np.quantile(together.estimate.draws, shares), expected, rtol=7e-3)
    assert np.corrcoef(together.estimate.draws[0], given["now"].draws[0])[0, 1] > 0.6
    # The same in people: sizes of a population of 200,000.
    sizes = {k: est * 200_000 for k, est in given.items()}
    people = hp.triangulate(sizes, method="beta", population=200_000)
    assert people.estimate.point == pytest.approx(together.estimate.point * 200_000)


def test_the_adjusted_beta_synthesis_widens_with_disagreement() -> None:
    assert hp.triangulate(betas(10_000), method="beta_adjusted").combined.dispersion < 1.5
    apart = betas(10_000) | {"other": hp.beta(60, 90, name="other", replicates=10_000)}
    with pytest.warns(HiddenpopWarning, match="disagree"):
        plain = hp.triangulate(apart, method="beta")
    with pytest.warns(HiddenpopWarning, match="disagree"):
        adjusted = hp.triangulate(apart, method="beta_adjusted")
    # Pearson's chi-squared: sum n (m - mean)^2 / (mean (1 - mean)) over 2.
    n, m = np.array([100, 150, 150]), np.array([0.2, 40 / 150, 0.4])
    middle = n @ m / n.sum()
    assert adjusted.combined.dispersion == pytest.approx(n @ (m - middle) ** 2 / middle / (1 - middle) / 2, rel=0.05)
    assert adjusted.estimate.point == plain.estimate.point
    width = [float(np.diff(t.estimate.interval().to_numpy()[0])[0]) for t in (plain, adjusted)]
    assert width[1] / width[0] == pytest.approx(np.sqrt(adjusted.combined.dispersion), rel=0.02)
    assert "divided by" in adjusted.methods()
    assert "Wesson" not in adjusted.methods()


def test_a_common_survey_does_not_count_twice_in_the_beta_synthesis() -> None:
    asked = {**multipliers(survey()), "literature": hp.published(11_000, 8_000, 15_000, name="literature")}
    together = hp.triangulate(asked, method="beta", population=500_000)
    node = together.combined
    assert node.overlap > 1.1
    assert sum(node.parameters) == pytest.approx(node.counts.sum() / node.overlap)


@pytest.mark.parametrize("method", [*METHODS, "beta"])
def test_saved_and_replayed(method: str) -> None:
    options = {"population": 400_000} if method == "beta" else {}
    asked = survey(replicates=2_000, name="field")
    together = hp.triangulate(multipliers(asked), method=method, **options)
    est = together.estimate
    again = hp.read_estimate(est.to_json())
    assert again.point == est.point
    assert (again.draws == est.draws).all()
    assert (again.replay(survey=asked).draws == est.draws).all()
    assert (est.replay(seed=4).draws != est.draws).any()
    assert est.replay(seed=4).point == est.point
    # Twice the benchmarks are twice the size: weights, where they are relative, stay.
    doubled = est.replay(clinic=6_000, outreach=8_000)
    assert doubled.point == pytest.approx(2 * est.point, rel=1e-9 if method != "bayesian" else 1e-6)
    assert together.method == method
    assert together.combined.estimator in est.summary()["method"].iloc[0] or method == "beta"


def test_a_replay_with_other_inputs_weighs_again() -> None:
    asked = survey(replicates=2_000)
    est = hp.triangulate(multipliers(asked), method="bayesian").estimate
    with_gap = est.replay(clinic=9_000)
    fresh = {**multipliers(asked), "clinic": hp.multiplier(9_000, asked.proportion("clinic"), name="clinic")}
    with pytest.warns(HiddenpopWarning, match="disagree"):
        expected = hp.triangulate(fresh, method="bayesian").estimate
    assert with_gap.point == pytest.approx(expected.point, rel=1e-12)


@pytest.mark.parametrize("method", ["fixed", "bayesian", "log_pool"])
def test_a_replay_that_only_removes_doubt_weighs_again(method: str) -> None:
    # The point stays where it was and the variance goes: weights must be those of the certain input.
    doubt = lognormal(1.0, 0.5, "doubt")
    sources = three()

    def consensus(factor: Any) -> hp.Estimate:
        return hp.triangulate(sources | {"a": sources["a"] / factor}, method=method).estimate

    est = consensus(doubt)
    assert est.replay(doubt=1.0).point == pytest.approx(consensus(1.0).point, rel=1e-9)
    assert est.replay(doubt=lognormal(1.0, 0.1, "less")).point == pytest.approx(
        consensus(lognormal(1.0, 0.1, "less")).point, rel=1e-9
    )
    assert abs(est.replay(doubt=1.0).point / est.point - 1) > 0.01
    # Another seed is no other doubt: weights are held.
    assert est.replay(seed=1).point == est.point


@pytest.mark.parametrize("method", ["bayesian", "linear_pool", "log_pool"])
def test_few_clusters_leave_an_interval(method: str) -> None:
    # Fewer than 30 clusters have t intervals by default, which what is drawn between sources does not have.
    table = {"clinic": [1, 0, 1, 0, 0] * 12, "outreach": [1, 1, 0, 0, 0, 1] * 10, "place": [i // 4 for i in range(60)]}
    together = hp.triangulate(multipliers(hp.Survey(table, clusters="place")), method=method)
    np.testing.assert_array_equal(together.estimate.interval(), together.estimate.interval(method="percentile"))
    assert np.isfinite(together.summary()[["lower", "upper"]]).all(axis=None)


@pytest.mark.parametrize("value", [3_000, 9_000, 11_000.5])
def test_a_source_replaced_by_a_number_is_refused(value: float) -> None:
    # The variance of equal draws is rounding and not always zero: it would take all the weight.
    for method in ("fixed", "minimum_variance", "bayesian"):
        with pytest.raises(InputError, match="'c' is a number without uncertainty here"):
            hp.triangulate(three(), method=method).estimate.replay(c=value)


def test_variance_replicates() -> None:
    # A jackknife has no draws: the fixed mean takes its covariance, everything else says what to do.
    table = {"clinic": [1, 0, 1, 1, 0, 0, 1, 0], "outreach": [1, 1, 0, 1, 0, 1, 0, 0], "city": [1, 1, 2, 2, 3, 3, 4, 4]}
    asked = hp.Survey(table, clusters="city").with_replicates("JK1")
    together = hp.triangulate(multipliers(asked), method="fixed")
    assert np.isnan(together.conflict.pairs["first_larger"]).all()
    v = np.log([1]) + hp.concat(multipliers(asked)).vcov().to_numpy() / np.outer([6_000, 8_000], [6_000, 8_000])
    np.testing.assert_allclose(together.combined.covariance, v, rtol=1e-9)
    assert together.estimate.se() > 0
    with pytest.raises(EstimationError, match="to_normal"):
        hp.triangulate(multipliers(asked), method="bayesian")
    # As the message says: together, so that what the survey has in common is kept.
    joint = hp.concat(multipliers(asked)).to_normal()
    drawn = hp.triangulate({name: joint[name] for name in ("clinic", "outreach")}, method="bayesian")
    assert drawn.combined.covariance[0, 1] == pytest.approx(v[0, 1], abs=0.05 * v[0, 0])
    with pytest.raises(InputError, match=r"is Synthesis, not an estimate. Its estimate is .estimate."):
        hp.triangulate({"all": drawn, "clinic": joint["clinic"]}, method="fixed")


def test_intervals_cover() -> None:
    # Two overlapping registers, 300 interviews, true size 10,000: weights found from each sample and then held.
    rng = np.random.default_rng(2)
    hits, cases = 0, 150
    for case in range(cases):
        cells = rng.multinomial(300, CELLS / 300)
        table = {"clinic": [1, 1, 0, 0], "outreach": [1, 0, 1, 0], "count": cells}
        asked = hp.Survey(table, counts="count", replicates=1_000, seed=case)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", HiddenpopWarning)
            est = hp.triangulate(multipliers(asked), method="minimum_variance").estimate
        low, high = est.interval().to_numpy()[0]
        hits += low <= 10_000 <= high
    # Binomial: 99.9% of such counts lie within 0.95 +- 3.3 x 0.018.
    assert 0.89 <= hits / cases <= 0.995


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"a": hp.beta(3, 4, name="x")}, "There is one source"),
        ({}, "There are no sources"),
        ({"a": hp.beta(3, 4, name="x"), "b": 0.4}, "'b' is float, not an estimate"),
        (
            {"a": hp.beta(3, 4, name="x"), "b": hp.published(10, 8, 13, name="y")},
            r"different quantities \(a: share; b: size",
        ),
        ({"a": hp.beta(3, 4, name="x"), "b": hp.concat({1: hp.beta(1, 2), 2: hp.beta(2, 2)})}, "'b' has 2 labels"),
        ({"a": hp.beta(3, 4, name="x"), "b": hp.beta(3, 4, name="x")}, "'a' and 'b' vary as one"),
        ({"a": hp.normal(5, 1, name="x"), "b": hp.normal(-5, 1, name="y")}, "'b' is -5"),
        ({"a": hp.beta(3, 4, name="x"), "b": hp.beta(3, 4, name="x") > 0.5}, "'b' is a comparison"),
        ({"s": {"a": hp.beta(3, 4, name="x")}, "b": hp.beta(3, 4, name="y")}, "Some entries are sites"),
        ([hp.beta(3, 4, name="x")], "mapping of names to estimates"),
    ],
)
def test_what_can_not_be_combined(given: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        hp.triangulate(given, method="fixed")


def test_numbers_without_uncertainty_and_infinite_draws() -> None:
    certain = hp.Survey({"x": [1, 1, 1], "count": [1, 1, 1]}, counts="count").proportion("x") * 0.5
    with pytest.raises(InputError, match="'a' does not vary"):
        hp.triangulate({"a": certain, "b": hp.beta(3, 4, name="y")}, method="fixed")
    constant = hp.published(10, 8, 13, name="y").replay(y=10)
    with pytest.raises(InputError, match="'a' is a number without uncertainty"):
        hp.triangulate({"a": constant, "b": hp.published(10, 8, 13, name="z")}, method="fixed")
    follows = {"a": three()["a"], "b": three()["b"], "c": (three()["a"] * three()["b"]) ** 0.5}
    with pytest.raises(InputError, match="One source follows from the others"):
        hp.triangulate(follows, method="fixed")
    rare = hp.Survey({"x": [1, 0], "count": [1, 30]}, counts="count")
    rarely = hp.multiplier(100, rare.proportion("x"))
    with pytest.raises(EstimationError, match=r"draws of the source 'a' are infinite.*hp\.published"):
        hp.triangulate({"a": rarely, "b": hp.published(3_000, 2_000, 5_000, name="z")}, method="fixed")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "fixd"}, "Did you mean 'fixed'"),
        ({"method": "fixed", "weights": {"a": 1}}, "weights= are those of an opinion pool"),
        ({"method": "fixed", "prior": 0.5}, "prior= is that of random effects"),
        ({"method": "bayesian", "prior": ("normal", 1)}, "families: half-normal"),
        ({"method": "bayesian", "prior": -1}, "number above zero"),
        ({"method": "bayesian", "scale": "identity"}, "'fixed' and 'minimum_variance'"),
        ({"method": "bayesian", "adjust": "none"}, "adjust='none'"),
        ({"method": "anchored_adjusted"}, "Wesson.* is not here.*method='beta_adjusted' has its idea"),
        ({"method": "fixed", "population": 1e6}, "belongs to 'beta' and 'beta_adjusted'"),
        ({"method": "beta"}, "population= says"),
        ({"method": "beta", "population": 11_000}, "one number above every source"),
        ({"method": "linear_pool", "weights": {"a": 1, "b": 1}}, "'c' has no weight"),
        ({"method": "linear_pool", "weights": {"a": 1, "b": 1, "c": 1, "d": 1}}, "no source 'd'"),
        ({"method": "linear_pool", "weights": {"a": 1, "b": -1, "c": 1}}, "weight of 'b' is -1"),
        ({"method": "log_pool", "weights": {"a": 0, "b": 0, "c": 0}}, "All weights are zero"),
    ],
)
def test_arguments_that_do_not_fit(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        hp.triangulate(three(), **options)


def test_tables_and_sentences() -> None:
    together = hp.triangulate(three(), method="bayesian")
    assert list(together.summary()["role"]) == ["source"] * 3 + ["consensus"]
    assert together.summary().loc["consensus", "estimate"] == together.estimate.point
    assert together.summary(0.5).loc["consensus", "lower"] > together.summary().loc["consensus", "lower"]
    assert together.sources["a"].point == pytest.approx(10_000)
    said = together.methods()
    assert said.index("Cochran's Q") < said.index("Bayesian model")
    assert "half-normal prior of scale 0.5" in said
    assert "Röver C (2020)" in said
    assert repr(together).startswith("consensus: Bayesian synthesis\n")
    assert "<table" in together._repr_html_()
    with pytest.raises(InputError, match="no variance between sources"):
        hp.triangulate(three(), method="fixed").spread()
    with pytest.raises(InputError, match="biases of methods"):
        hp.triangulate(three(), method="fixed").biases()


def test_forest_plot() -> None:
    together = hp.triangulate(three(), method="bayesian")
    _, given = pyplot.subplots()
    axes = together.plot(ax=given)
    assert axes is given
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a", "b", "c", "consensus"]
    # Squares grow with weight; the diamond is as wide as the interval.
    squares = [c.get_sizes()[0] for c in axes.collections]
    assert np.argsort(squares).tolist() == np.argsort(together.weights["weight"].to_numpy()).tolist()
    (diamond,) = axes.patches
    np.testing.assert_allclose(
        [diamond.get_xy()[:, 0].min(), diamond.get_xy()[:, 0].max()], together.estimate.interval().to_numpy()[0]
    )
    assert "Cochran's Q" in axes.get_title(loc="left")
    (right,) = [other for other in axes.figure.axes if other is not axes]
    assert right.get_yticklabels()[1].get_text().endswith("10,000 (6,800 to 14,800)")
    assert together.plot().get_xscale() == "linear"
    wide = three() | {"d": lognormal(100_000, 0.5, "d")}
    with pytest.warns(HiddenpopWarning, match="disagree"):
        assert hp.triangulate(wide, method="linear_pool").plot().get_xscale() == "log"
    pyplot.close("all")


def test_what_lies_between_sources_is_the_same_in_every_scenario() -> None:
    # Only the multiplier's correction differs, so the difference of two consensuses must not hold the noise twice.
    survey = hp.Survey({"t": [1, 0], "count": [39, 88]}, counts="count", name="interviews")
    lists = hp.published(12_500, 9_800, 17_000, name="lists")

    def consensus(completeness: float) -> hp.Estimate:
        people = hp.multiplier(4_912, survey.proportion("t")) / completeness
        return hp.triangulate({"multiplier": people, "lists": lists}, method="bayesian", prior=0.3).estimate

    apart = consensus(0.9) / consensus(1)
    low, high = np.quantile(apart.draws, [0.025, 0.975])
    # The multiplier's weight lies between 0 and 1, so the ratio does between 1 and 1 / 0.9.
    assert 0.99 < low < apart.point < high < 1.12
    assert np.corrcoef(consensus(0.9).draws[0], consensus(1).draws[0])[0, 1] > 0.95
    # Other people of the same survey have noise of their own.
    women = survey.proportion("t", where=[True, True])
    other = hp.triangulate({"multiplier": hp.multiplier(4_912, women), "lists": lists}, method="bayesian", prior=0.3)
    assert other.estimate.node.args[-1].key != consensus(1).node.args[-1].key
