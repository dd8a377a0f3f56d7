"""Two recruited samples of one population: capture-recapture, sums over all that can be, simulation; and what can't be."""

import warnings
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning, InputError
from scipy.special import gammaln

from tools import validate_pse

pytestmark = pytest.mark.filterwarnings("ignore:The posterior has", "ignore:.*lies in the last tenth")


def of_sizes(sizes: Any, name: str | None = None, **columns: Any) -> hp.Survey:
    """Make a survey of people with these sizes, in order; the first recruited the last, which raises nobody's size."""
    n = len(sizes)
    table = pd.DataFrame({"id": np.arange(n), "by": [-1] * (n - 1) + [0], "knows": sizes, **columns})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)
        return hp.Survey.rds(table, id="id", recruiter="by", degree="knows", replicates=200, name=name)


def two(sizes: Any, first: int, second: int, seed: int = 1) -> tuple[list[hp.Survey], Any, Any]:
    """Take two samples by size of people with these sizes."""
    rng = np.random.default_rng(seed)
    one, other = (np.argsort(rng.exponential(1 / sizes))[:n] for n in (first, second))
    again = np.isin(other, one).astype(int)
    return [of_sizes(sizes[one], "first"), of_sizes(sizes[other], "second", again=again)], one, other


def test_where_sizes_are_nearly_equal_it_is_capture_recapture() -> None:
    """The hypergeometric chance of 37 in both; sizes are 20 and 21, so that the order says next to nothing."""
    sizes = np.where(np.random.default_rng(1).random(600) < 0.5, 20, 21)
    surveys, one, other = two(sizes, 150, 120)
    both = int(np.isin(other, one).sum())
    people = np.arange(270 - both, 5_001)
    logs = gammaln(people - 149) - gammaln(people - 269 + both) - gammaln(people + 1) + gammaln(people - 119)
    exact = np.exp(logs - logs.max())
    upto = np.cumsum(exact / exact.sum())
    size = hp.successive_sampling_size(surveys, also_in="again", prior="flat", largest=5_000, largest_size=40)
    assert size.point == pytest.approx(float(people @ exact / exact.sum()), rel=5e-3)
    shares = [0.025, 0.25, 0.5, 0.75, 0.975]
    found = [size.quantile(share) for share in shares]
    assert found == pytest.approx([float(people[np.searchsorted(upto, share)]) for share in shares], rel=5e-3)
    assert size.summary()["n"].item() == 270 - both


def test_small_samples_are_what_the_sum_over_everything_gives() -> None:
    """No approximation: the chances of both orders by the exact distribution of the sum of the sizes in neither sample."""
    rng = np.random.default_rng(8)
    population, last, most = rng.integers(1, 5, 60), 90, 4
    population[:2] = most
    surveys, one, other = two(population, 22, 18, seed=4)
    fresh = ~np.isin(other, one)
    distinct = np.concatenate([population[one], population[other][fresh]])
    n = len(distinct)
    counts = np.bincount(distinct, minlength=most + 1)[1:]
    sums = np.arange((last - n) * most + 1)

    def chance(order: Any, besides: int) -> Any:
        left = np.cumsum(order[::-1])[::-1] + besides
        return np.exp(-np.log(left[:, None] + sums).sum(axis=0) + np.log(left).sum())

    only_first = population[one][~np.isin(one, other)].sum()
    both_orders = chance(population[one], population[other][fresh].sum()) * chance(population[other], only_first)
    k, total = np.arange(1, most + 1.0), np.zeros(last - n + 1)
    for nu in np.linspace(0, 6, 31):
        for log in nu * 0.9 + np.linspace(-3, 3, 41):
            logs = log * k - nu * gammaln(k + 1)
            p = np.exp(logs - logs.max())
            p /= p.sum()
            mean, variance = p @ k, p @ k**2 - (p @ k) ** 2
            base = -0.5 * (mean - 2) ** 2 / variance - 3 * np.log(variance) - 1.5 * 1 / variance
            height = np.exp(base + counts @ np.log(p + 1e-300) + 60) * (0.5 if nu == 0 else 1)
            if height < 1e-9:
                continue
            spread = np.eye(1, len(sums))[0]
            for unseen in range(last - n + 1):
                total[unseen] += height * (spread @ both_orders)
                spread = np.convolve(spread, np.append(0, p))[: len(sums)]
    people = np.arange(n, last + 1)
    total *= np.exp(gammaln(people + 1) - gammaln(people - n + 1) - gammaln(n + 1))
    total /= total.sum()
    asked: dict[str, Any] = {"mean_size": 2, "sd_size": 1, "largest_size": most, "jacobian": False}
    size = hp.successive_sampling_size(surveys, also_in="again", prior="flat", largest=last, **asked)
    assert size.point == pytest.approx(float(people @ total), rel=0.01)
    assert size.se() == pytest.approx(float(np.sqrt(people**2 @ total - (people @ total) ** 2)), rel=0.05)


def test_shares_of_truths_below_are_uniform() -> None:
    """Simulation-based calibration (Talts et al. 2018): truths from the prior, two samples from the model itself."""
    below = validate_pse.below_two(np.random.default_rng(4), 30, 200, 60)
    assert abs(below.mean() - 0.5) < 4 / np.sqrt(12 * 60)
    for level in (0.5, 0.9):
        held = (np.abs(below - 0.5) <= level / 2).mean()
        assert abs(held - level) < 4 * np.sqrt(level * (1 - level) / 60)


def test_two_samples_say_more_than_one() -> None:
    sizes = np.random.default_rng(2).negative_binomial(3, 0.3, 500) + 1
    surveys, *_ = two(sizes, 150, 150)
    asked: dict[str, Any] = {"prior": "flat", "largest": 4_000}
    size = hp.successive_sampling_size(surveys, also_in="again", **asked)
    assert size.se() < 0.3 * hp.successive_sampling_size(surveys[0], **asked).se()
    low, high = size.interval().to_numpy()[0]
    assert low < 500 < high
    tried = size.prior_sensitivity()  # type: ignore[attr-defined]
    assert tried.loc["as asked", "mean"] == pytest.approx(float(size.point))
    text = size.methods()
    assert "of whom were in both" in text
    assert "Kim BJ, Handcock MS (2021)" in text


def test_the_size_is_not_independent_of_either_survey() -> None:
    sizes = np.random.default_rng(2).integers(2, 9, 200)
    surveys, *_ = two(sizes, 60, 50)
    surveys = [one.assign(x=np.arange(len(one)) % 2) for one in surveys]
    size = hp.successive_sampling_size(surveys, also_in="again", prior_median=300)
    for one in surveys:
        with pytest.warns(HiddenpopWarning, match="which the other estimate comes from as well"):
            _ = size * one.proportion("x")
        with pytest.raises(InputError, match="would count twice"):
            hp.successive_sampling_size(one, prior=size)
    read = hp.read_estimate(size.to_json() or "")
    assert read.prior.equals(size.prior)  # type: ignore[attr-defined]


def test_what_can_t_be_is_refused() -> None:
    sizes = np.random.default_rng(2).integers(2, 9, 200)
    (first, second), *_ = two(sizes, 60, 50)
    asked: dict[str, Any] = {"prior_median": 300}
    with pytest.raises(InputError, match="also_in= must name the column of the second survey"):
        hp.successive_sampling_size([first, second], **asked)
    with pytest.raises(InputError, match="The two surveys are one"):
        hp.successive_sampling_size([second, second], also_in="again", **asked)
    with pytest.raises(InputError, match="says who of a second sample"):
        hp.successive_sampling_size(first, also_in="again", **asked)
    with pytest.raises(InputError, match="or a list of two"):
        hp.successive_sampling_size([first, second, first], also_in="again", **asked)
    with pytest.raises(InputError, match="is for one survey"):
        hp.successive_sampling_size([first, second], also_in="again", visibility=True, **asked)
    aged = of_sizes(sizes[:30], "aged", age=range(30))
    with pytest.raises(InputError, match="must say who of the second survey was in the first"):
        hp.successive_sampling_size([first, aged], also_in="age", **asked)
    few = of_sizes(sizes[:30], "few", again=np.ones(30, dtype=int))
    with pytest.raises(InputError, match="participants of the second survey were in the first, which had 20"):
        hp.successive_sampling_size([of_sizes(sizes[:20], "one"), few], also_in="again", **asked)
    large = of_sizes(np.full(30, 50), "large", again=[1] * 10 + [0] * 20)
    with pytest.raises(InputError, match="nothing is left for those who were in the first alone"):
        hp.successive_sampling_size([of_sizes(sizes[:20], "one"), large], also_in="again", **asked)
    gaps = of_sizes(sizes[:30], "gaps", again=[None, *([0] * 29)])
    with pytest.raises(InputError, match="is missing, in 1 row"):
        hp.successive_sampling_size([first, gaps], also_in="again", **asked)
