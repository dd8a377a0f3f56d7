"""No population is smaller than those seen: limits and draws, by every method, of one size, of several and of their sums."""

import warnings
from typing import Any

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import EstimationError, HiddenpopWarning, InputError
from hiddenpop.uncertainty.interval_methods import METHODS

HIGH = (20, 25, 150)
THREE = {
    "a": [1, 1, 1, 0, 1, 0, 0],
    "b": [1, 1, 0, 1, 0, 1, 0],
    "c": [1, 0, 1, 1, 0, 0, 1],
    "n": [60, 20, 15, 18, 6, 5, 4],
}


def two(*people: int, **options: Any) -> hp.Lists:
    """Return two lists with these people on the first only, on the second only, on both."""
    cells = {"a": [1, 0, 1], "b": [0, 1, 1], "n": people}
    return hp.Lists(cells, ["a", "b"], counts="n", **{"replicates": 1000} | options)


def areas() -> hp.Lists:
    cells = {"g": ["x"] * 3 + ["y"] * 3, "a": [1, 0, 1] * 2, "b": [0, 1, 1] * 2, "n": [*HIGH, 6, 4, 70]}
    return hp.Lists(cells, ["a", "b"], by="g", counts="n", replicates=1000)


def three() -> hp.Lists:
    return hp.Lists(THREE, ["a", "b", "c"], counts="n", replicates=500)


SIZES: dict[str, tuple[Any, Any]] = {
    "Lincoln-Petersen": (lambda: hp.lincoln_petersen(two(*HIGH)), 195),
    "Chapman": (lambda: hp.chapman(two(*HIGH)), 195),
    "Chao's bound": (lambda: hp.chao_lower_bound(two(*HIGH)), 195),
    "covariates": (lambda: hp.capture_covariates(two(*HIGH)).size, 195),
    "doubly robust": (lambda: hp.doubly_robust(two(*HIGH), folds=2), 195),
    "dependence": (lambda: hp.dependence(two(*HIGH), (0.5, 2), steps=3).estimate, 195),
    "an uncertain odds ratio": (lambda: hp.dependence(two(*HIGH), hp.lognormal(1.3, 0.9, 1.9)), 195),
    "one model": (lambda: hp.loglinear(three(), "a + b + c"), 128),
    "the best model": (lambda: hp.loglinear(three()).best, 128),
    "an average": (lambda: hp.loglinear(three()).average(), 128),
    "sparse": (lambda: hp.sparse_mse(three()), 128),
    "coverage": (lambda: hp.sample_coverage(three()), 128),
    "Mth": (lambda: hp.mth(three(), "Chao"), 128),
    "a pair of three": (lambda: hp.chapman(three()["a", "b"]), 124),
    "graphs": (lambda: hp.decomposable_bma(three()), 128),
    "areas": (lambda: hp.chapman(areas(), by="g"), [195, 80]),
    "areas picked": (lambda: hp.chapman(areas(), by="g")["y"], 80),
    "areas in another order": (lambda: hp.chapman(areas(), by="g")[["y", "x"]], [80, 195]),
    "a sum of areas": (lambda: hp.sekar_deming(areas()), 275),
    "areas under one another": (
        lambda: hp.concat({"p": hp.chapman(two(*HIGH)), "q": hp.loglinear(three()).best}),
        [195, 128],
    ),
    "added one by one": (lambda: hp.chapman(two(*HIGH)) + hp.loglinear(three()).best, 323),
    "a rate": (lambda: hp.chapman(two(*HIGH)).per(1000), 195),
}


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.filterwarnings("ignore::hiddenpop.errors.HiddenpopWarning")
def test_no_limit_lies_below_those_seen(name: str) -> None:
    make, seen = SIZES[name]
    size, seen = make(), np.atleast_1d(seen)
    assert (np.nan_to_num(size.draws, nan=np.inf) >= seen[:, None]).all()
    assert (np.atleast_1d(size.point) >= seen).all()
    worked = set()
    for method in METHODS:
        for simultaneous in (False, True):
            try:
                ends = size.interval(method=method, simultaneous=simultaneous).to_numpy()
            except (EstimationError, InputError):
                continue  # not every method is of every size
            assert (ends[:, 0] >= seen - 1e-9).all(), method
            assert (ends[:, 1] >= ends[:, 0]).all(), method
            worked.add(method)
    assert {"percentile", "normal", "hdi"} <= worked
    assert size.interval().to_numpy()[:, 0].min() >= seen.min()


def test_intervals_from_standard_errors_are_log_normal_in_the_people_unseen() -> None:
    # n + f / C to n + f C, C = exp(z sqrt(log(1 + var / f^2))) (Burnham et al. 1987, p. 212; Chao 1987), var of Seber (1970).
    size = hp.chapman(two(*HIGH))
    seen, unseen = 195, 171 * 176 / 151 - 1 - 195
    variance = 171 * 176 * 20 * 25 / (151**2 * 152)
    for level, z in ((0.95, 1.959963984540054), (0.8, 1.2815515655446004)):
        factor = np.exp(z * np.sqrt(np.log1p(variance / unseen**2)))
        ends = size.interval(level, method="t").iloc[0]
        np.testing.assert_allclose(ends, [seen + unseen / factor, seen + unseen * factor], rtol=1e-9)
    factor = np.exp(1.959963984540054 * np.sqrt(np.log1p(size.draws.var(ddof=1) / unseen**2)))
    np.testing.assert_allclose(
        size.interval(method="normal").iloc[0], [seen + unseen / factor, seen + unseen * factor], rtol=1e-9
    )
    # A rate is its size's, interval and all.
    np.testing.assert_allclose(size.per(1000).interval(method="t") * 1, size.interval(method="t"), rtol=1e-9)
    # Another scale is taken where it is asked for, and its ends are held.
    wide = hp.chapman(two(1, 1, 100)).interval(method="t", scale="identity").iloc[0]
    assert wide["lower"] == 102
    # Covariates say the same of the same lists.
    fit = hp.capture_covariates(two(*HIGH))
    np.testing.assert_allclose(fit.size.interval(method="t").iloc[0], fit.interval(), rtol=1e-9)


def test_moving_ends_up_to_those_seen_loses_no_coverage() -> None:
    # N = 200, chances of 85% and 80%: an interval holds N after its ends were moved up to n if and only if it did before.
    rng = np.random.default_rng(8)
    held = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for trial in range(60):
            on = rng.random((200, 2)) < (0.85, 0.8)
            people = [int((on[:, 0] & ~on[:, 1]).sum()), int((~on[:, 0] & on[:, 1]).sum()), int(on.all(axis=1).sum())]
            lower, upper = hp.chapman(two(*people, replicates=400, seed=trial)).interval().iloc[0]
            assert lower >= sum(people)
            held += lower <= 200 <= upper
    assert held >= 51  # 95% of 60 less 3.6 standard errors


def test_a_floor_survives_a_file_and_ends_where_something_is_subtracted() -> None:
    size = hp.chapman(areas(), by="g")
    again = hp.read_estimate(size.to_json())
    assert again.interval()["lower"].tolist() == size.interval()["lower"].tolist()
    kept = hp.read_estimate(hp.dependence(two(*HIGH), hp.lognormal(1.3, 0.9, 1.9)).to_json())
    assert kept.interval().iloc[0, 0] >= 195
    apart = size["x"] - size["y"]
    assert apart.node.floor is None
    assert size.contrast({"x": 1, "y": -1}).interval().iloc[0, 0] < 195


def test_normal_draws_of_a_size_begin_at_those_seen() -> None:
    # log(N - n) is normal with standard deviation s.e. / (N - n); its median is the point.
    size = hp.chapman(two(*HIGH))
    drawn = size.to_normal(replicates=20_000)
    unseen = np.ravel(drawn.draws) - 195
    assert unseen.min() > 0
    spread = float(np.log(unseen).std())
    assert spread == pytest.approx(size.se("linearized") / (size.point - 195), rel=0.02)  # 4 standard errors
    assert np.median(unseen) == pytest.approx(size.point - 195, rel=4 * 1.2533 * spread / np.sqrt(20_000))
    assert "log(N - n) scale" in drawn.methods()
    assert hp.read_estimate(drawn.to_json()).interval(method="normal").iloc[0, 0] >= 195


@pytest.mark.filterwarnings("ignore:Nobody is on two lists")
def test_what_is_printed_is_not_below_those_seen_either() -> None:
    # 397 to 80,716: to the nearest thousand the lower limit would read 0.
    size = hp.chapman(two(40, 60, 0))
    assert repr(size) == "population size: 2,500 (95% interval 400 to 80,700)"
    with pytest.warns(HiddenpopWarning, match="No standard error: where nobody is unseen, or lists never meet"):
        assert np.isnan(size.se())
    # Seber's: 41 x 61 x 40 x 60 / 2.
    assert size.se("linearized") == pytest.approx(np.sqrt(41 * 61 * 40 * 60 / 2))
