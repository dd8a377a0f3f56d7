"""Simultaneous intervals: counted draws, known critical values, and Bonferroni."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning
from hiddenpop.uncertainty.interval_methods import METHODS
from hiddenpop.uncertainty.simultaneous import common_ranks

from .. import replicated


@pytest.fixture
def shares(interviews: pd.DataFrame) -> hp.Estimate:
    return hp.Survey(interviews, strata="group").proportion("in_treatment", by="city")


def test_common_ranks_hold_exactly_the_share_of_joint_draws() -> None:
    # By counting: the band holds at least the level, and with one rank less on each side it would not.
    rng = np.random.default_rng(2)
    base = rng.normal(size=(1, 2_000))
    for draws in (base + rng.normal(size=(6, 2_000)), np.round(base * 2 + rng.normal(size=(6, 2_000)))):
        for level in (0.5, 0.9, 0.95):
            ends, _ = common_ranks(draws, level)
            inside = ((draws >= ends[:, :1]) & (draws <= ends[:, 1:])).all(axis=0).mean()
            assert inside >= level
            ordered = np.sort(draws, axis=1)
            ranks = [r for r in range(1, 2_001) if (ordered[:, r - 1] == ends[:, 1]).all()]
            narrower = ordered[:, [2_000 - (ranks[0] - 1), ranks[0] - 2]]
            assert ((draws >= narrower[:, :1]) & (draws <= narrower[:, 1:])).all(axis=0).mean() < level
            if len(np.unique(draws)) == draws.size:
                assert inside == pytest.approx(level, abs=6 * 2 / 2_000)  # one rank holds at most two draws a label


def test_wider_than_one_by_one_and_not_wider_than_bonferroni(shares: hp.Estimate) -> None:
    alone, together = shares.interval(), shares.interval(simultaneous=True)
    bonferroni = shares.interval(1 - 0.05 / len(shares))
    assert (together["lower"] <= alone["lower"]).all()
    assert (together["upper"] >= alone["upper"]).all()
    width = (together["upper"] - together["lower"]) / (bonferroni["upper"] - bonferroni["lower"])
    assert width.max() < 1.1  # order statistics so far out have an error of their own


def independent(**laws: hp.Estimate) -> hp.Estimate:
    return hp.concat(laws)


def test_normal_intervals_of_independent_labels_are_sidaks() -> None:
    # Sidak (1967): three independent normals lie within z with the probability (2 Phi(z) - 1)^3.
    stats = pytest.importorskip("scipy.stats")
    est = independent(**{k: hp.normal(m, 2, name=k, replicates=100_000) for k, m in zip("abc", (0, 5, 9), strict=True)})
    ends = est.interval(method="normal", simultaneous=True)
    half = (ends["upper"] - ends["lower"]).to_numpy() / 2
    np.testing.assert_allclose(half, 2 * stats.norm.ppf((1 + 0.95 ** (1 / 3)) / 2), rtol=0.01)
    np.testing.assert_allclose(ends.mean(axis=1), est.point)


def test_normal_intervals_come_from_the_largest_deviation(people: hp.Estimate) -> None:
    # By hand on the log scale of sizes.
    logs = np.log(people.draws)
    spread = logs.std(axis=1, ddof=1)
    largest = np.abs((logs - logs.mean(axis=1)[:, None]) / spread[:, None]).max(axis=0)
    half = np.quantile(largest, 0.95) * spread
    ends = np.log(people.interval(method="normal", simultaneous=True).to_numpy())
    np.testing.assert_allclose(ends[:, 1] - ends[:, 0], 2 * half, rtol=1e-9)


def test_t_intervals_are_those_of_the_multivariate_t() -> None:
    # Another implementation: scipy's integral of the multivariate t between the ends is the level.
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(7)
    table = pd.DataFrame({"c": np.repeat(np.arange(12), 8), "g": np.tile([0, 1, 2, 0, 1, 2, 0, 1], 12)})
    table["x"] = rng.normal(size=12)[table["c"]] + rng.normal(size=96)
    est = hp.Survey(table, clusters="c").mean("x", by="g")
    covariance = est.vcov("linearized").to_numpy()
    se = np.sqrt(np.diag(covariance))
    ends = est.interval(method="t", simultaneous=True).to_numpy()
    critical = (ends[:, 1] - ends[:, 0]) / 2 / se
    law = stats.multivariate_t(shape=covariance / np.outer(se, se), df=11, seed=1)
    # 100,000 draws: a standard error of 0.07 points.
    assert law.cdf(critical, lower_limit=-critical) == pytest.approx(0.95, abs=0.003)
    assert critical.max() == pytest.approx(critical.min(), rel=1e-6)


def test_labels_that_are_one_quantity_cost_nothing() -> None:
    # A share and what is left of it have the correlation -1: nothing is added to one interval.
    survey = hp.Survey({"x": ["a", "b"], "n": [60, 140]}, counts="n")
    both = survey.proportion("x")
    alone, together = (both.interval(method="t", simultaneous=s) for s in (False, True))
    np.testing.assert_allclose(together, alone, rtol=2e-3)
    for method in ("percentile", "wilson"):
        ends = both.interval(method=method, simultaneous=True)
        np.testing.assert_allclose(ends, both.interval(method=method), atol=1 / 200)


def test_other_methods_are_bonferronis(shares: hp.Estimate) -> None:
    for method in ("bc", "basic", "beta", "likelihood", "hdi", "studentized"):
        together = shares.interval(method=method, simultaneous=True)
        pd.testing.assert_frame_equal(together, shares.interval(1 - 0.05 / len(shares), method=method))


def test_one_label_is_unchanged() -> None:
    share = hp.Survey({"x": [1, 0], "n": [60, 140]}, counts="n").proportion("x")
    for method in METHODS:
        if method not in ("woodruff", "profile", "logit"):
            pd.testing.assert_frame_equal(
                share.interval(method=method, simultaneous=True), share.interval(method=method)
            )
    assert "simultaneous" not in share.methods(simultaneous=True)


def test_parts_keep_their_scales_and_undefined_labels_do_not_count() -> None:
    survey = hp.Survey({"g": ["a", "a", "b", "b", "c"], "x": [1, 0, 1, 0, 0], "n": [40, 60, 30, 70, 50]}, counts="n")
    shares = survey.proportion("x", by="g")
    with pytest.warns(HiddenpopWarning, match="Nobody in the sample"):
        people = hp.multiplier({"a": 100, "b": 90, "c": 10}, shares)
    difference = shares["a"] - shares["b"]
    mixed = hp.concat({"people": people["a"], "difference": difference})
    for method in ("normal", "t"):
        ends = mixed.interval(method=method, simultaneous=True)
        low, high = ends.loc["people"]
        assert np.sqrt(low * high) == pytest.approx(people["a"].point)  # symmetric on the log scale
        assert ends.loc["difference"].mean() == pytest.approx(difference.point)
    three = people.interval(method="studentized", simultaneous=True)
    pd.testing.assert_frame_equal(three, people.interval(0.975, method="studentized"))
    assert three.loc["c"].isna().all()
    with pytest.warns(HiddenpopWarning, match="No interval"):
        ends = people.interval(method="percentile", simultaneous=True)
    assert ends.loc[["a", "b"]].notna().all(axis=None)


def test_infinite_draws_leave_ends_open() -> None:
    survey = hp.Survey({"g": ["a", "a", "b", "b"], "x": [1, 0, 1, 0], "n": [1, 19, 50, 50]}, counts="n", strata="g")
    people = hp.multiplier({"a": 100, "b": 100}, survey.proportion("x", by="g"))
    with pytest.warns(HiddenpopWarning, match="An end of the interval is infinite"):
        ends = people.interval(method="percentile", simultaneous=True)
    assert np.isinf(ends.loc["a", "upper"])
    assert np.isfinite(ends.loc["b"]).all()


def test_the_table_and_the_sentence_say_so(people: hp.Estimate) -> None:
    assert people.summary(simultaneous=True)["method"].iloc[0] == "multiplier; 95% simultaneous mover"
    pd.testing.assert_frame_equal(
        people.summary(method="t", simultaneous=True)[["lower", "upper"]],
        people.interval(method="t", simultaneous=True),
    )
    for method, said in (("percentile", "Mandel"), ("normal", "Montiel"), ("t", "Genz"), ("bca", "Bonferroni")):
        text = people.methods(method=method, simultaneous=True)
        assert "all 2 hold at once" in text
        assert said in text


def test_replicate_weights_measure_what_holds_together() -> None:
    # Of two independent labels a multivariate t's critical value lies between one's own and Bonferroni's.
    frame = replicated.make_agency(replicated.make_pairs())
    survey = hp.Survey(frame, weights="w", replicate_weights=replicated.columns_of(frame), method="BRR")
    mean = survey.mean("y", by="g")

    def width(ends: pd.DataFrame) -> float:
        return float(ends.loc["a", "upper"] - ends.loc["a", "lower"])

    together = width(mean.interval(simultaneous=True))
    assert width(mean.interval()) < together < width(mean.interval(0.975))
