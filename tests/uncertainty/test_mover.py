"""MOVER: published differences of shares, images of limits, correlations; and the same from a file."""

import warnings

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning
from hiddenpop.uncertainty import freedom, mover
from scipy import stats


def two(a: tuple[int, int], b: tuple[int, int]) -> hp.Estimate:
    """Return the shares of two quotas."""
    table = {"g": list("aabb"), "y": [1, 0, 1, 0], "n": [a[0], a[1] - a[0], b[0], b[1] - b[0]]}
    return hp.Survey(table, counts="n", strata="g", replicates=100).proportion("y", by="g")


@pytest.mark.parametrize(
    ("a", "b", "published"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((6, 7), (2, 7), (0.0582, 0.8062)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
    ],
)
def test_differences_as_published(a: tuple[int, int], b: tuple[int, int], published: tuple[float, float]) -> None:
    # Newcombe (1998), Statistics in Medicine 17:873-890, table II, method 10: the square-and-add of Wilson's limits.
    shares = two(a, b)
    assert np.ravel((shares["a"] - shares["b"]).interval()) == pytest.approx(published, abs=5e-5)


def test_a_difference_of_nobody_and_nobody_has_a_width() -> None:
    # Wilson's upper ends z^2 / (n + z^2), each alone.
    shares, z2 = two((0, 101), (0, 105)), stats.norm.ppf(0.975) ** 2
    ends = np.ravel((shares["a"] - shares["b"]).interval())
    assert ends == pytest.approx([-z2 / (105 + z2), z2 / (101 + z2)], rel=1e-9)
    assert np.ravel(
        hp.compare(
            hp.Survey({"g": ["a", "b"], "died": [0, 0], "n": [101, 105]}, counts="n"), "died", "g"
        ).difference.interval()
    )[0] == pytest.approx(ends[0], rel=1e-6)


def test_what_moves_one_to_one_has_the_image_of_the_limits() -> None:
    share = two((39, 127), (3, 40))
    low, high = share.interval().to_numpy().T
    size = hp.multiplier({"a": 4912, "b": 900}, share)
    np.testing.assert_allclose(size.interval(), np.array([[4912, 900] / high, [4912, 900] / low]).T, rtol=1e-12)
    np.testing.assert_allclose((1 - share).interval(), np.stack([1 - high, 1 - low], axis=1), rtol=1e-12)
    odds = share / (1 - share)
    np.testing.assert_allclose(odds.interval(), np.stack([low / (1 - low), high / (1 - high)], axis=1), rtol=1e-12)


def test_parts_of_one_survey_bring_their_correlation() -> None:
    # Three kinds: two of them together are all but the third, exactly; by their limits and correlation nearly.
    kinds = hp.Survey({"k": list("abc"), "n": [120, 90, 60]}, counts="n", replicates=100).proportion("k")
    both = np.ravel((kinds["a"] + kinds["b"]).interval())
    assert both == pytest.approx(np.ravel((1 - kinds["c"]).interval()), abs=0.006)
    apart = two((120, 270), (90, 270))
    alone = np.ravel((apart["a"] + apart["b"]).interval())
    assert both[1] - both[0] < 0.8 * (alone[1] - alone[0])


def test_a_product_on_logs_by_hand() -> None:
    share = two((60, 200), (90, 150))
    c = hp.beta(80, 20, name="c")
    size = hp.multiplier(1000, share["a"]) / c
    steps = []
    for part, sign in ((share["a"], -1), (c, -1)):
        low, high = np.log(np.ravel(part.interval()))
        point = np.log(part.point)
        steps.append([high - point, point - low] if sign < 0 else [point - low, high - point])
    down, up = np.sqrt((np.array(steps) ** 2).sum(axis=0))
    expected = np.log(size.point) + np.array([-down, up])
    assert np.log(np.ravel(size.interval())) == pytest.approx(expected, rel=1e-9)


def test_parts_that_cancel_have_no_interval() -> None:
    # Shares of all categories are 1 together, whatever the sample; nothing minus itself is nothing.
    survey = hp.Survey({"k": list("abc"), "x": [1.0, 2.0, 4.0], "n": [12, 9, 6]}, counts="n", replicates=100)
    for est in (survey.proportion("k").sum(), survey.mean("x") - survey.mean("x")):
        with pytest.warns(HiddenpopWarning, match="standard error is zero"):
            assert est.interval().isna().all(axis=None)
        with pytest.warns(HiddenpopWarning, match="standard error is zero"):
            hp.read_estimate(est.to_json()).summary()


def test_imputed_shares_and_their_sizes_do_not_contradict_each_other() -> None:
    tables = [frame().assign(y=lambda t, shift=shift: np.roll(t["y"], shift)) for shift in (0, 1, 5)]
    share = hp.Imputed(tables, clusters="c", replicates=60).proportion("y", by="g")
    low, high = share.interval().to_numpy().T
    size = hp.multiplier({"a": 500, "b": 700}, share)
    np.testing.assert_allclose(size.interval(), np.array([[500, 700] / high, [500, 700] / low]).T, rtol=1e-12)
    np.testing.assert_allclose((share * 1).interval(), share.interval(), rtol=1e-12)
    np.testing.assert_allclose(hp.read_estimate(size.to_json()).interval(), size.interval(), rtol=1e-12)
    assert 0 < np.ravel((share["a"] - share["b"]).interval())[1] < 1


def test_pythons_sum_of_sizes_is_a_size() -> None:
    sizes = hp.multiplier({"a": 500, "b": 700}, two((30, 90), (20, 80)))
    parts = [sizes["a"], sizes["b"]]
    for est in (sum(parts), parts[0] + parts[1], sizes.sum() + 0):
        assert isinstance(est, hp.Estimate)
        assert est.quantity == "size"
        np.testing.assert_allclose(est.interval(), sizes.sum().interval(), rtol=1e-12)


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    made = pd.DataFrame(
        {
            "c": np.repeat(np.arange(14), 6),
            "y": rng.integers(0, 2, 84),
            "x": rng.normal(5, 1, 84),
            "w": rng.uniform(1, 3, 84),
        }
    )
    return made.assign(g=np.tile(["a", "b", "b"], 28), none=0)


DESIGNS: list[dict[str, str]] = [
    {},
    {"strata": "g"},
    {"weights": "w"},
    {"clusters": "c"},
    {"clusters": "c", "weights": "w"},
]


@pytest.mark.parametrize("design", DESIGNS, ids=str)
def test_a_file_keeps_what_intervals_need(design: dict[str, str]) -> None:
    survey = hp.Survey(frame(), replicates=60, **design)
    lists = hp.Lists({"p": [1, 0, 1], "q": [0, 1, 1], "n": [40, 50, 20]}, ["p", "q"], counts="n", replicates=60)
    shares, means = survey.proportion("y", by="g"), survey.mean("x", by="g")
    size = hp.multiplier({"a": 500, "b": 700}, shares)
    for est in (
        shares,
        survey.proportion("none"),
        means,
        shares["a"] - shares["b"],
        means["a"] / means["b"],
        size.sum() * hp.beta(80, 20, name="c", replicates=60),
        hp.chapman(lists) * shares["a"],
        survey.median("x") * 2,
        hp.concat({"share": shares["a"], "mean": means["a"]}),
    ):
        back = hp.read_estimate(est.to_json())
        pd.testing.assert_frame_equal(back.interval(), est.interval())
        assert back.summary()["method"].tolist() == est.summary()["method"].tolist()


@pytest.mark.filterwarnings("ignore:No interval", "ignore:The interval rests on")
def test_quantiles_of_few_clusters_in_files_and_arithmetic() -> None:
    survey = hp.Survey(frame(), clusters="c", replicates=200)
    alone = frame().assign(g=lambda t: np.where(t["c"] == 0, "a", "b"))
    for median in (
        survey.median("x", by="g"),
        hp.Survey(alone, clusters="c", replicates=200).median("x", by="g"),  # "a" has no degree of freedom
    ):
        assert median.summary()["method"].iloc[0].endswith("woodruff")
        for est in (median, median * 2, median["b"] - 3, median - hp.normal(1, 0.1, name="shift", replicates=200)):
            back = hp.read_estimate(est.to_json())
            pd.testing.assert_frame_equal(back.interval(), est.interval())
        np.testing.assert_allclose((median * 2).interval(), 2 * median.interval(), rtol=1e-12)
        # Other levels of a file's are as many times as wide as t says.
        back, df = hp.read_estimate(median.to_json()), freedom.of_answer(median.node)[list(median.labels).index("b")]
        wide, usual = (np.diff(back.interval(level).loc["b"])[0] for level in (0.99, 0.95))
        assert wide / usual == pytest.approx(stats.t.ppf(0.995, df) / stats.t.ppf(0.975, df), rel=1e-9)


def test_a_function_that_a_file_does_not_keep_leaves_its_draws() -> None:
    est = hp.apply(np.log, hp.Survey(frame(), replicates=200).mean("x"))
    back = hp.read_estimate(est.to_json())
    pd.testing.assert_frame_equal(back.interval(), est.interval(method="percentile"))
    assert back.summary()["method"].iloc[0].endswith("percentile")


def test_what_is_over_itself_has_no_interval() -> None:
    # x - x is 0 and x / x is 1 whatever the sample says, and shares of all answers add up to 1: none of them has an interval.
    survey = hp.Survey({"x": [1, 0, 0, 1, 1] * 6, "g": ["a", "b", "c"] * 10}, replicates=50)
    share = survey.proportion("x")
    for fixed in (share - share, share / share, survey.proportion("g").sum()):
        for method, words in ((None, "standard error is zero"), ("percentile", "redraws don't vary")):
            with pytest.warns(hp.HiddenpopWarning, match=words):
                assert fixed.interval(method=method).isna().all(axis=None)


def test_few_clusters_are_said_once() -> None:
    survey = hp.Survey(
        {"x": [1, 0, 0, 1] * 5, "site": [0] * 5 + [1] * 5 + [2] * 5 + [3] * 5}, clusters="site", replicates=50
    )
    for computed in (1 - survey.proportion("x"), 100 / survey.proportion("x")):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            computed.interval()
        assert len([w for w in told if "3 degrees of freedom" in str(w.message)]) == 1


@pytest.mark.filterwarnings("ignore:No interval")
def test_sums_of_many_skewed_sizes_cover() -> None:
    # Simulated: 1,000 people in each of six cities, a tenth to a third of them registered, 60 interviews in each. Square-and-add
    # of six limits, whose asymmetry falls too slowly, covered 85%.
    rng, shares = np.random.default_rng(20261126), np.array([0.2, 0.2, 0.3, 0.1, 0.25, 0.15])
    inside = []
    for _ in range(300):
        yes = np.maximum(rng.binomial(60, shares), 1)
        table = {"city": list("abcdef") * 2, "y": [1] * 6 + [0] * 6, "n": [*yes, *(60 - yes)]}
        share = hp.Survey(table, counts="n", strata="city", replicates=2).proportion("y", by="city")
        sizes = hp.multiplier(pd.Series(1000 * shares, index=share.labels), share)
        lower, upper = np.ravel(sizes.sum().interval())
        inside.append(lower <= 6000 <= upper)
    assert np.mean(inside) == pytest.approx(0.945, abs=0.03)


def test_sums_of_many_approach_their_expansion() -> None:
    # Third cumulants of independent parts add up, so with k like parts of half width h and asymmetry s the sum lies
    # s +- h sqrt(k) off its estimate; Newcombe's square-and-add would put sqrt(k) (s +- h) there. Closed form.
    k, n, x = 9, 50, 5
    counts = {"g": np.repeat(np.arange(k), 2), "y": [1, 0] * k, "n": [x, n - x] * k}
    share = hp.Survey(counts, counts="n", strata="g", replicates=2).proportion("y", by="g")
    lower, upper = share.interval().to_numpy()[0] - x / n
    half, aside = (upper - lower) / 2, (upper + lower) / 2
    expected = k * x / n + aside + np.array([-half, half]) * np.sqrt(k)
    assert np.ravel(share.sum().interval(scale="identity")) == pytest.approx(expected, rel=1e-9)


def test_a_change_between_two_of_many_studies_asks_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty changes of fifty studies took eleven seconds; the limits are those of the two studies by themselves."""
    rng = np.random.default_rng(0)
    studies = {
        2000 + i: hp.Survey({"x": rng.random(90) < 0.4}, replicates=50, name=str(i)).proportion("x") for i in range(9)
    }
    asked: list[object] = []
    real = mover.limits_of
    monkeypatch.setattr(mover, "limits_of", lambda part, level: asked.append(part) or real(part, level))
    among = hp.trend(studies).change(2003, 2004).interval()
    assert len(asked) == 2
    alone = (studies[2004] - studies[2003]).interval()
    np.testing.assert_array_equal(among.to_numpy(), alone.to_numpy())
