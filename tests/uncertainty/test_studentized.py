"""Studentized intervals: equal to bootstrap-t by brute force on the same redraws, for every design and arithmetic."""

from collections.abc import Callable

import hiddenpop as hp
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hiddenpop import EstimationError, HiddenpopWarning, InputError
from hiddenpop.answers.totals import Answers

Floats = npt.NDArray[np.float64]
REPLICATES = 1_000


def identity(x: Floats) -> Floats:
    return x


def ends(point: float, se: float, points: Floats, errors: Floats, level: float = 0.95) -> list[float]:
    """Davison and Hinkley (1997), eq. 5.7, with NumPy's quantiles."""
    pivots = (points - point) / errors
    high, low = np.quantile(pivots, [(1 + level) / 2, (1 - level) / 2])
    return [point - high * se, point - low * se]


def test_a_mean_of_a_simple_sample_is_the_textbooks_bootstrap_t() -> None:
    # Brute force: mean and s / sqrt(n) of every redrawn sample, on the identity and on the log scale.
    values = np.random.default_rng(1).lognormal(size=25)
    survey = hp.Survey({"x": values}, replicates=REPLICATES)
    counts = survey.to_replicate_weights(REPLICATES).to_numpy()
    means = values @ counts / 25
    errors = np.sqrt((counts * (values[:, None] - means) ** 2).sum(axis=0) / 24 / 25)
    mean, se = values.mean(), values.std(ddof=1) / 5
    ours = survey.mean("x").interval(method="studentized").iloc[0]
    np.testing.assert_allclose(ours, ends(mean, se, means, errors), rtol=1e-10)
    ours = survey.mean("x").interval(0.9, method="studentized", scale="log").iloc[0]
    expected = ends(np.log(mean), se / mean, np.log(means), errors / means, 0.9)
    np.testing.assert_allclose(ours, np.exp(expected), rtol=1e-10)


def test_shares_of_a_table_of_counts_on_the_logit_scale() -> None:
    # Closed form for every redrawn share p: se(logit p) = 1 / sqrt((n - 1) p (1 - p)).
    survey = hp.Survey({"x": [1, 0], "n": [60, 140]}, counts="n", replicates=REPLICATES)
    p = survey.proportion("x").draws[0]
    expected = ends(np.log(0.3 / 0.7), 1 / np.sqrt(199 * 0.21), np.log(p / (1 - p)), 1 / np.sqrt(199 * p * (1 - p)))
    ours = survey.proportion("x").interval(method="studentized").iloc[0]
    np.testing.assert_allclose(ours, 1 / (1 + np.exp(-np.array(expected))), rtol=1e-9)


def rescaled(table: pd.DataFrame, survey: hp.Survey, statistic: Callable[[Floats], Floats]) -> tuple[Floats, Floats]:
    """Return the statistic, and linearised errors by brute force, in every replicate of clusters in two strata.

    `statistic` takes row weights and returns the value, then a linearised value for every row.
    """
    h, c, w, size = (table[name].to_numpy() for name in ("h", "c", "w", "size"))
    first = np.unique(c, return_index=True)[1]
    points, errors = [], []
    for column in survey.to_replicate_weights(REPLICATES).to_numpy().T:
        value, *influence = statistic(column)
        totals, factors = np.bincount(c, weights=np.array(influence)), (column / w)[first]
        variance = 0.0
        for stratum in (0, 1):
            inside = h[first] == stratum
            n = inside.sum()
            part = np.sqrt(1 - n / size[first][inside][0])
            drawn = (factors[inside] - (1 - part)) / (part * n / (n - 1))  # how often each was drawn, n - 1 in all
            assert drawn.sum() == pytest.approx(n - 1)
            mean = drawn @ totals[inside] / (n - 1)
            spread = drawn @ (totals[inside] - mean) ** 2 / (n - 2)
            variance += (part * n / (n - 1)) ** 2 * (n - 1) * spread
        points.append(value)
        errors.append(np.sqrt(variance))
    return np.array(points), np.array(errors)


@pytest.fixture
def clustered() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    c = np.repeat(np.arange(16), 5)
    h = (c >= 7).astype(int)
    level = rng.normal(size=16)[c]
    return pd.DataFrame(
        {
            "c": c,
            "h": h,
            "w": rng.uniform(1, 3, len(c)),
            "size": np.where(h == 0, 20, 60),
            "y": np.exp(level + rng.normal(size=len(c))),
            "x": rng.random(len(c)) < 0.4 + 0.1 * level,
        }
    )


def test_rescaled_redraws_of_clusters_with_corrections(clustered: pd.DataFrame) -> None:
    # Brute force: the residuals' between-cluster variance among the clusters that were drawn, scaled so that it is
    # unbiased for the variance of the redraws (src/answers/covariance.rs); a mean is a ratio of two totals.
    survey = hp.Survey(clustered, strata="h", clusters="c", weights="w", fpc="size", replicates=REPLICATES)
    w, y = clustered["w"].to_numpy(), clustered["y"].to_numpy()

    def mean(weights: Floats) -> Floats:
        value = weights @ y / weights.sum()
        return np.array([value, *(w * (y - value) / weights.sum())])

    est = survey.mean("y")
    expected = ends(est.point, est.se("linearized"), *rescaled(clustered, survey, mean))
    np.testing.assert_allclose(est.interval(method="studentized").iloc[0], expected, rtol=1e-9)


def test_arithmetic_and_functions_take_their_derivatives_along(clustered: pd.DataFrame) -> None:
    # A size times a mean, B / p m; its linearised value is B / p z_m - B m / p^2 z_p.
    survey = hp.Survey(clustered, strata="h", clusters="c", weights="w", fpc="size", replicates=REPLICATES)
    w, x, y = (clustered[name].to_numpy(dtype=float) for name in "wxy")

    def product(weights: Floats) -> Floats:
        whole = weights.sum()
        p, m = weights @ x / whole, weights @ y / whole
        return np.array([500 / p * m, *(500 / p * w * (y - m) / whole - 500 * m / p**2 * w * (x - p) / whole)])

    people, mean = hp.multiplier(500, survey.proportion("x")), survey.mean("y")
    est = people * mean
    expected = ends(est.point, est.se("linearized"), *rescaled(clustered, survey, product))
    ours = est.interval(method="studentized", scale="identity")
    np.testing.assert_allclose(ours.iloc[0], expected, rtol=1e-9)
    # Numerical derivatives of a function: right to about 1e-9.
    applied = hp.apply(lambda p, m: 500 / p * m, survey.proportion("x"), mean)
    np.testing.assert_allclose(applied.interval(method="studentized"), ours, rtol=1e-7)
    # Other ways to say the same.
    double = (est + est) / 2 * 3 - est - est
    np.testing.assert_allclose(double.interval(method="studentized"), ours, rtol=1e-9)
    squared = (est**2) ** 0.5
    np.testing.assert_allclose(squared.interval(method="studentized", scale="identity"), ours, rtol=1e-9)


def test_two_surveys_add_their_variances() -> None:
    # Welch's pivot by brute force: replicate i pairs redraw i of both surveys.
    rng = np.random.default_rng(5)
    samples = [rng.lognormal(size=n) for n in (12, 20)]
    surveys = [hp.Survey({"x": x}, replicates=REPLICATES, name=str(len(x))) for x in samples]
    means, variances = [], []
    for x, survey in zip(samples, surveys, strict=True):
        counts = survey.to_replicate_weights(REPLICATES).to_numpy()
        means.append(x @ counts / len(x))
        off = (counts * (x[:, None] - means[-1]) ** 2).sum(axis=0)
        variances.append(off / (len(x) - 1) / len(x))
    difference = surveys[0].mean("x") - surveys[1].mean("x")
    se = np.sqrt(sum(x.var(ddof=1) / len(x) for x in samples))
    expected = ends(difference.point, se, means[0] - means[1], np.sqrt(sum(variances)))
    np.testing.assert_allclose(difference.interval(method="studentized").iloc[0], expected, rtol=1e-9)
    # The same beside other labels of both.
    stacked = hp.concat({"b": surveys[1].total("x"), "d": difference, "a": surveys[0].mean("x")})
    for label, alone in (("d", difference), ("a", surveys[0].mean("x")), ("b", surveys[1].total("x"))):
        together = hp.apply(lambda values: values, stacked).interval(method="studentized").loc[label]
        np.testing.assert_allclose(together, alone.interval(method="studentized").iloc[0], rtol=1e-6)
        np.testing.assert_allclose(stacked[[label]].interval(method="studentized").iloc[0], together, rtol=1e-6)


def test_labels_are_as_if_asked_alone(interviews: pd.DataFrame) -> None:
    # Each label needs its own totals only; sums and picks of labels need those of several.
    survey = hp.Survey(interviews, strata="group")
    shares = survey.proportion("in_treatment", by="city")
    together = shares.interval(method="studentized")
    for label in shares.labels[:3]:
        alone = survey.proportion("in_treatment", where=(interviews["city"] == label).to_numpy())
        np.testing.assert_allclose(alone.interval(method="studentized").iloc[0], together.loc[label], rtol=1e-9)
        np.testing.assert_allclose(shares[label].interval(method="studentized").iloc[0], together.loc[label])
    people = hp.multiplier({"opioids": 8126, "crack only": 4912}, survey.proportion("in_treatment", by="group"))
    by_hand = people["opioids"] + people["crack only"]
    np.testing.assert_allclose(
        people.sum().interval(method="studentized"), by_hand.interval(method="studentized"), rtol=1e-9
    )
    both = hp.concat({"shares": shares[list(shares.labels[:2])], "people": people})
    np.testing.assert_allclose(
        both["people"].interval(method="studentized", scale="log"), people.interval(method="studentized")
    )


def test_columns_assigned_later_are_of_the_same_sample() -> None:
    # x - x is zero in every redraw, also when it is asked of two surveys that share their people: no interval says more.
    survey = hp.Survey({"x": [1.0, 2.0, 4.0, 8.0, 16.0]})
    zero = survey.mean("x") - survey.assign(y=lambda table: table["x"]).mean("y")
    with pytest.warns(HiddenpopWarning, match="standard error is zero"):
        assert zero.interval(method="studentized").isna().all(axis=None)
    with pytest.warns(HiddenpopWarning, match="standard error is zero"):
        assert zero.interval().isna().all(axis=None)


def test_nobody_and_everybody_have_no_studentized_interval() -> None:
    # No redraw of 0 of 20 varies; the true share may be 3/20 (rule of three), so "0 to 0" would be false.
    survey = hp.Survey({"none": [0] * 20, "all": [1] * 20}, replicates=100)
    for column in ("none", "all"):
        with pytest.warns(HiddenpopWarning, match="No interval: the standard error is zero"):
            assert survey.proportion(column).interval(method="studentized").isna().all(axis=None)


def test_threads_change_no_digit(people: hp.Estimate) -> None:
    with hp.settings(threads=1):
        one = people.interval(method="studentized")
    with hp.settings(threads=3):
        pd.testing.assert_frame_equal(people.replay().interval(method="studentized"), one)


def test_redraws_without_variation_leave_an_end_open() -> None:
    # 2 of 20: nobody in 12% of the redraws (0.9^20), where logit and log have no limit on one side.
    survey = hp.Survey({"x": [1, 0], "n": [2, 18]}, counts="n")
    for est, column, end in (
        (survey.proportion("x"), "upper", 1.0),
        (hp.multiplier(100, survey.proportion("x")), "lower", 0.0),
    ):
        with pytest.warns(HiddenpopWarning, match="An end of the interval is open"):
            limits = est.interval(method="studentized")
        assert limits[column].iloc[0] == end
    # All three equal, and not the mean, in 2 of 27 redraws: below and above all others.
    with pytest.warns(HiddenpopWarning, match="have no standard error"):
        limits = hp.Survey({"x": [0.1, 0.2, 0.3]}).mean("x").interval(method="studentized").iloc[0]
    assert limits.tolist() == [-np.inf, np.inf]


def test_answers_that_are_all_the_same_have_no_interval() -> None:
    survey = hp.Survey({"h": [1] * 7 + [2] * 3, "x": [1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0, 3.0, 3.0, 3.0]}, strata="h")
    with pytest.warns(HiddenpopWarning, match="standard error is zero"):
        limits = survey.mean("x", by="h").interval(method="studentized")
    assert limits.loc[2].isna().all()
    assert limits.loc[1, "lower"] < 53 / 7 < limits.loc[1, "upper"]


def test_undefined_redraws() -> None:
    # Nobody in the domain with chance (7/8)^16 = 12%, more than an interval tolerates.
    rare = hp.Survey({"x": [1.0, 2.0] * 8, "in": [1, 1] + [0] * 14}).mean("x", where="in")
    with pytest.warns(HiddenpopWarning, match="No interval"):
        assert rare.interval(method="studentized").isna().all(axis=None)


def test_what_has_no_studentized_interval() -> None:
    survey = hp.Survey({"x": [1.0, 2.0, 4.0, 8.0]}, replicates=100)
    for est in (
        survey.median("x"),
        survey.replicate(lambda w: w @ np.arange(4.0)),
        survey.mean("x") * hp.beta(8, 2),
        hp.beta(8, 2),
    ):
        with pytest.raises(InputError, match="studentized"):
            est.interval(method="studentized")
    with pytest.raises(InputError, match="not an interval"):
        (survey.mean("x") > 2).interval(method="studentized")
    pairs = hp.Survey({"h": [1, 1, 2, 2], "x": [1.0, 2.0, 4.0, 8.0], "w": [1.0] * 4}, strata="h", weights="w")
    with pytest.raises(InputError, match="two clusters, of which a replicate redraws one"):
        pairs.mean("x").interval(method="studentized")


def test_other_redraws_than_totals_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    survey = hp.Survey({"x": [1.0, 2.0, 4.0, 8.0]}, replicates=100)
    mean = survey.mean("x")
    block = Answers.block
    monkeypatch.setattr(Answers, "block", lambda *where: [1.01 * values for values in block(*where)])
    with pytest.raises(EstimationError, match="do more than that"):
        mean.interval(method="studentized")


def test_designs_whose_redraws_are_more_than_totals() -> None:
    table = {"sex": ["m", "f"] * 20, "x": range(40)}
    calibrated = hp.Survey(table).calibrate({"sex": {"m": 0.6, "f": 0.4}})
    bayesian = hp.Survey(table, redraws="bayesian")
    for survey in (calibrated, bayesian):
        with pytest.raises(InputError, match="samples redrawn at one stage"):
            survey.mean("x").interval(method="studentized")
    with pytest.raises(EstimationError, match="not draws"):
        hp.Survey(table).with_replicates("JK1").mean("x").interval(method="studentized")


def test_the_table_and_the_sentence_say_so(people: hp.Estimate) -> None:
    table = people.summary(method="studentized")
    np.testing.assert_allclose(table["se"], people.se("linearized"))
    assert table["method"].iloc[0] == "multiplier; 95% studentized"
    assert "studentized bootstrap" in people.methods(method="studentized")
    assert "equation 5.7" in people.methods(method="studentized")
