"""Sizes that are known to be infinite, or the people seen: points, redraws, rankings, averages, profiles and intervals."""

import warnings
from typing import Any

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import EstimationError, HiddenpopWarning, InputError, _core
from scipy.optimize import brentq
from scipy.special import gammaln
from scipy.stats import poisson

THREE = {"a": [1, 0, 0, 1, 1, 0, 1], "b": [0, 1, 0, 1, 0, 1, 1], "c": [0, 0, 1, 0, 1, 1, 1]}
PAIRS = "a*b + a*c + b*c"
PEOPLE = (40, 60, 50, 10, 12, 15, 2)


def three(people: Any = PEOPLE, **options: Any) -> hp.Lists:
    """Return lists with these people of histories 100, 010, 001, 110, 101, 011, 111."""
    return hp.Lists(THREE | {"n": list(people)}, ["a", "b", "c"], counts="n", **{"replicates": 400} | options)


def without(*cells: int) -> list[int]:
    """Return the people with some cells empty."""
    return [0 if place in cells else people for place, people in enumerate(PEOPLE)]


def opened(size: hp.Estimate, **options: Any) -> Any:
    """Return an interval that warns of its open end."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        ends = size.interval(**options)
    assert any("The interval is open" in str(w.message) and "What to do" in str(w.message) for w in told)
    return ends


def profile(people: Any, unseen: float) -> float:
    """Return the profile log-likelihood without an interaction of all three lists, to a constant.

    The model is saturated but for one constraint: the product of cells with an odd number of lists is that of the others, so
    all cells move by t and are fitted by y + t or y - t.
    """
    sign = np.array([-1.0, 1, 1, 1, -1, -1, -1, 1])
    y = np.r_[unseen, people].astype(float)

    def odds(t: float) -> float:
        return float((sign * np.log(y + sign * t)).sum())

    low, high = -y[sign > 0].min(), y[sign < 0].min()
    t = brentq(odds, low + 1e-13 * (1 - low), high - 1e-13 * (1 + high), xtol=1e-14, maxiter=1000)
    mu, size = y + sign * t, y.sum()
    fitted = (y[y > 0] * np.log(mu[y > 0] / size)).sum()
    return float(gammaln(size + 1) - gammaln(unseen + 1) + fitted)


@pytest.mark.parametrize("cell", [0, 1, 2, 6])
def test_nobody_unseen_is_an_estimate(cell: int) -> None:
    # u = n111 n100 n010 n001 / (n110 n101 n011) (Bishop, Fienberg and Holland 1975, chapter 6).
    people = without(cell)
    size = hp.loglinear(three(people), PAIRS)
    assert size.point == sum(people)
    assert not np.isnan(size.draws).any()
    # The profile falls from nobody unseen on: a one-sided interval, by default.
    cut = profile(people, 1e-9) - 3.841458820694124 / 2
    upper = sum(people) + brentq(lambda u: profile(people, u) - cut, 1e-6, 100)
    np.testing.assert_allclose(size.interval().iloc[0], [sum(people), upper], rtol=1e-6)
    # Redraws have nobody in that cell either: they can't show how many are unseen.
    assert opened(size, method="percentile").iloc[0].tolist() == [sum(people), np.inf]
    assert hp.loglinear(three(people), PAIRS, likelihood="multinomial").point == sum(people)


@pytest.mark.parametrize("cell", [3, 4, 5])
def test_an_infinite_size_is_said_and_has_a_lower_limit(cell: int) -> None:
    people = without(cell)
    core = _core.LogLinear([[1, 2, 4, 3, 5, 6]], np.r_[0.0, np.ones(7)])
    table = np.zeros(8)
    table[[1, 2, 4, 3, 5, 6, 7]] = people
    size, lower, upper = core.profile(table, 3.841458820694124 / 2)  # type: ignore[misc]
    assert size == upper == np.inf
    cut = profile(people, 1e8) - 3.841458820694124 / 2
    expected = sum(people) + brentq(lambda u: profile(people, u) - cut, 50, 1e5)
    assert lower == pytest.approx(expected, rel=1e-4)
    with pytest.raises(EstimationError, match="infinite size") as raised:
        hp.loglinear(three(people), PAIRS)
    least = core.profile(table, 1.6448536269514722**2 / 2)
    assert f"{least[1]:,.0f} people or more" in str(raised.value)  # type: ignore[index]


def test_redraws_at_a_limit_are_kept() -> None:
    # With two people on all lists exp(-2) of redraws have none: each of them has N = n, and none is lost.
    size = hp.loglinear(three(replicates=2000), PAIRS)
    tables = size.node.kernel.redraw.tables(0, 2000, 1)[0]  # type: ignore[attr-defined]
    closed = tables.sum(axis=1) + tables[:, [1, 2, 4, 7]].prod(axis=1) / tables[:, [3, 5, 6]].prod(axis=1)
    assert (tables[:, 7] == 0).mean() == pytest.approx(np.exp(-2), abs=0.03)
    np.testing.assert_allclose(np.ravel(size.draws), np.maximum(closed, 189), rtol=1e-7)


def test_independence_of_two_lists_is_lincoln_petersen_in_every_redraw() -> None:
    # n_a n_b / m; without overlap infinite in both.
    lists = hp.Lists({"a": [1, 0, 1], "b": [0, 1, 1], "n": [40, 60, 4]}, ["a", "b"], counts="n", replicates=2000)
    first, second = hp.lincoln_petersen(lists), hp.loglinear(lists, "a + b")
    assert np.isinf(first.draws).mean() == pytest.approx(np.exp(-4), abs=0.01)
    np.testing.assert_allclose(first.draws, second.draws, rtol=1e-8)
    for method in (None, "percentile", "logit"):
        np.testing.assert_allclose(first.interval(method=method), second.interval(method=method), rtol=1e-8)
    assert hp.prob(second > 1e9) == np.isinf(first.draws).mean()
    assert np.isfinite(second.quantile(0.5))


def test_an_open_end_says_what_to_do() -> None:
    lists = hp.Lists({"a": [1, 0, 1], "b": [0, 1, 1], "n": [40, 60, 1]}, ["a", "b"], counts="n", replicates=400)
    for size, words in ((hp.lincoln_petersen(lists), "logit"), (hp.loglinear(lists, "a + b"), "hp.decomposable_bma")):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            assert size.interval(method="percentile").iloc[0, 1] == np.inf
        assert any("What to do" in str(w.message) and words in str(w.message) for w in told)


def test_infinite_models_rank() -> None:
    # Cells A, B, AB, C have people and are fitted exactly under A*B + C: AIC in closed form, the lowest of all.
    counts = np.array([40, 30, 20, 6])
    fits = hp.loglinear(three([40, 30, 20, 6, 0, 0, 0]))
    table = fits.table
    right = -2 * poisson.logpmf(counts, counts).sum() + 2 * 5
    assert table.index[0] == "a*b + c"
    assert table["AIC"].iloc[0] == pytest.approx(right, abs=1e-9)
    assert table["abundance"].iloc[0] == np.inf
    assert table["weight"].iloc[0] == table["weight"].max()
    assert table["weight"].sum() == pytest.approx(1)
    # Nothing over nothing: no size and no weight, but a likelihood.
    none = table.loc["a*b + a*c + b*c"]
    assert np.isnan(none["abundance"])
    assert (none["weight"], none["AIC"]) == (0, pytest.approx(right + 4))
    for what in (lambda: fits.best, fits.average):
        with pytest.raises(EstimationError, match="infinite size"):
            what()
    assert "most likely at an infinite size" in repr(fits)
    assert fits.selection().table.loc["a*b + c", "chosen"] > 0.3
    assert np.isinf(fits.spread[1])


def test_an_average_is_infinite_where_infinite_models_count() -> None:
    # Two infinite models of 83% in the data; in redraws of other data an infinite draw wherever they hold 1% or more.
    table = hp.loglinear(three(without(3))).table
    assert table["weight"][np.isinf(table["abundance"])].sum() == pytest.approx(0.83, abs=0.01)
    lists = three([40, 60, 50, 3, 12, 15, 2])
    fits = hp.loglinear(lists)
    core = _core.LogLinear(fits.method.models, np.r_[0.0, np.ones(7)])
    average = np.ravel(fits.average().draws)
    tables = fits.average().node.kernel.redraw.tables(0, 400, 1)[0]  # type: ignore[attr-defined]
    for table, mean in zip(tables[:100], average, strict=False):
        _, unseen, _, _, _, likelihood, p = core.fits(np.ascontiguousarray(table), 1).T
        known = ~np.isnan(unseen)
        weight = np.where(known, np.exp(likelihood - p - (likelihood - p)[known].max()), 0)
        weight /= weight.sum()
        infinite = weight[np.isinf(unseen)].sum()
        bounded = np.isfinite(unseen)
        expected = table.sum() + weight[bounded] @ unseen[bounded] / weight[bounded].sum()
        assert mean == (np.inf if infinite >= 0.01 else pytest.approx(max(expected, lists.n), rel=1e-9))
    assert 0 < np.isinf(average).mean() < 0.5


@pytest.mark.filterwarnings("ignore:Nobody is on two lists")
def test_lists_that_never_meet() -> None:
    with pytest.warns(HiddenpopWarning, match="Nobody is on two lists"):
        lists = three([40, 60, 50, 0, 0, 0, 0])
    for make in (
        lambda: hp.loglinear(lists, "a + b + c"),
        lambda: hp.sparse_mse(lists),
        lambda: hp.mth(lists),
        lambda: hp.mh(lists),
        lambda: hp.sample_coverage(lists),
        lambda: hp.lincoln_petersen(lists["a", "b"]),
        lambda: hp.dependence(lists["a", "b"]),
        lambda: hp.dependence(lists["a", "b"], hp.lognormal(1.3, 0.9, 1.9)),
    ):
        with pytest.raises(EstimationError, match="no finite estimate"):
            make()
    with pytest.raises(EstimationError, match="The size is infinite"):
        hp.doubly_robust(lists["a", "b"])
    for bayesian in (hp.decomposable_bma, hp.latent_class):
        with pytest.raises(InputError, match="the prior alone would decide"):
            bayesian(lists)
    # The bound is a moment estimator with f1 (f1 - 1) / 2 in place of f1^2 / (2 f2) (Chao 1987), blind in every redraw.
    bound = hp.chao_lower_bound(lists)
    assert bound.point == 150 + 2 / 3 * 150 * 149 / 2
    assert opened(bound).iloc[0].tolist() == [150, np.inf]


def test_a_group_without_overlap_is_infinite_and_so_is_the_sum() -> None:
    cells = {"g": ["x"] * 3 + ["y"] * 3, "a": [1, 0, 1] * 2, "b": [0, 1, 1] * 2, "n": [40, 60, 12, 30, 20, 0]}
    lists = hp.Lists(cells, ["a", "b"], by="g", counts="n", replicates=300)
    for make in (lambda: hp.lincoln_petersen(lists, by="g"), lambda: hp.loglinear(lists, "a + b", by="g")):
        with pytest.warns(HiddenpopWarning, match="no finite estimate for 'y'"):
            size = make()
        assert size.point.tolist() == pytest.approx([312, np.inf])
        assert np.isinf(size.draws[1]).all()
        assert size.sum().point == np.inf
        ends = opened(size, method="percentile")
        assert ends.loc["y"].tolist() == [50, np.inf]
        assert np.isfinite(ends.loc["x"]).all()
        assert opened(size.sum(), method="percentile").iloc[0].tolist() == [162, np.inf]
        assert opened(size.sum()).iloc[0].tolist() == [162, np.inf]
        assert hp.prob(size["y"] > size["x"]) == 1
        # The other group's standard error is its own affair: Seber's, n1 n2 (n1 - m)(n2 - m) / m^3.
        seber = np.sqrt(52 * 72 * 40 * 60 / 12**3)
        assert size.se("linearized")["x"] == pytest.approx(seber)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert size.interval(method="profile").loc["y", "lower"] > 300


def test_the_bound_under_constraints_is_the_constrained_maximum() -> None:
    # Mth of Chao for four lists: the largest of all fits whose columns have coefficients of zero or more, by enumeration of
    # the columns kept (the likelihood is concave), in 30 tables.
    rng = np.random.default_rng(5)
    cells, lists, main = np.arange(16), 4, [1, 2, 4, 8]
    number = np.array([int(c).bit_count() for c in cells], dtype=float)
    extras = [tuple(np.maximum(number - beyond, 0)) for beyond in (2, 3)]
    open = np.r_[0.0, np.ones(15)]
    kinds = set()
    for _ in range(30):
        chance = 1 / (1 + np.exp(-rng.normal(-0.5, rng.uniform(0, 1), (300, 1)) - rng.normal(0, 0.5, (1, lists))))
        seen = (rng.random((300, lists)) < chance) @ (1 << np.arange(lists))
        y = np.bincount(seen, minlength=16).astype(float)
        y[0] = 0
        best = None
        for kept in ([0, 1], [0], [1], []):
            core = _core.LogLinear([main], open, [extras[i] for i in kept])
            unseen, likelihood = core.fits(y, 1)[0][[1, 5]]
            x = np.column_stack([np.ones(16), *[((cells & t) == t) for t in main], *[extras[i] for i in kept]])[1:]
            mu = core.fitted(y)[1:]
            if (mu <= 0).any() or np.isnan(mu).any():
                continue
            beta = np.linalg.lstsq(x, np.log(mu), rcond=None)[0]
            if (beta[5:] >= -1e-9).all() and (best is None or likelihood > best[0] + 1e-9):
                best = (likelihood, unseen, len(kept))
        assert best is not None
        kinds.add(best[2])
        mine = _core.LogLinear([main], open, extras, 2).fits(y, 1)[0]
        assert mine[[5, 1]] == pytest.approx(best[:2], rel=1e-9)
    assert kinds == {0, 1, 2}


def test_the_profile_under_constraints_is_constrained_at_every_size() -> None:
    # Snowshoe hares, first four occasions: by exact enumeration [66.619, 109.764]; Rcapture, whose optimiser stops at 1e-4,
    # prints [66.6194, 109.7735] (Baillargeon and Rivest 2007, closedpCI.t).
    counts = [6, 11, 2, 8, 2, 3, 0, 9, 3, 7, 0, 1, 1, 3, 2]
    cells = {f"c{j}": [h >> j & 1 for h in range(1, 16)] for j in range(4)} | {"n": counts}
    lists = hp.Lists(cells, [f"c{j}" for j in range(4)], counts="n", replicates=100)
    ends = hp.mth(lists, "Chao").interval(method="profile")
    np.testing.assert_allclose(ends.iloc[0], [66.61941364, 109.76406237], rtol=1e-8)


def test_sample_coverage_is_no_less_than_those_seen() -> None:
    # (t D - sum A) / (t C - sum A B / (n_i n_j)) is 362.6 here (Chao et al. 2001, eq. 12); its authors' program (CARE1) gives
    # the 501 people seen.
    cells = {"A": [0, 0, 0, 1, 1, 1, 1], "B": [0, 1, 1, 0, 0, 1, 1], "C": [1, 0, 1, 0, 1, 0, 1]}
    lists = hp.Lists(cells | {"n": [7, 77, 121, 124, 89, 80, 3]}, ["A", "B", "C"], counts="n", replicates=200)
    with pytest.warns(HiddenpopWarning, match="fewer people than were seen \\(363 for 501\\)"):
        size = hp.sample_coverage(lists)
    assert size.point == 501
    assert size.draws.min() == 501
