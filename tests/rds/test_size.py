"""Sizes from one recruited sample: anchors of an exact quadrature, sums over all that can be, simulation, what must not get out."""

import json
import pickle
import time
import warnings
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning, InputError
from hiddenpop.export import parts
from scipy.special import gammaln

from tools import augmented_pse, validate_pse

from .. import recruitment

pytestmark = pytest.mark.filterwarnings("ignore:The posterior has", "ignore:.*lies in the last tenth")
#: The prior of sizes of the R package sspse, in its parametrisation.
SSPSE: dict[str, Any] = {
    "largest_size": 35,
    "mean_size": 5.83479965006,
    "sd_size": 2.98376310669,
    "jacobian": False,
}
SHARES = (0.025, 0.25, 0.5, 0.75, 0.975)


@pytest.fixture(scope="module")
def survey() -> hp.Survey:
    return recruitment.survey(population=None, replicates=500)


def quantiles(size: hp.Estimate) -> list[float]:
    return [size.quantile(share) for share in SHARES]


def weights(a: float, b: float, last: int, n: int = 500) -> list[float]:
    """Return the weights of a beta prior, whose a and b are given."""
    people = np.arange(n, last + 1.0)
    logs = (b - 1) * np.log(people + 0.5 - n) - (a + b) * np.log(people + 0.5)
    return list(np.exp(logs - logs.max()))


# Other computations


def test_fauxmadrona_is_what_an_exact_quadrature_gives(survey: hp.Survey) -> None:
    """An independent quadrature with sspse's prior; sspse 1.1.0-6 itself gives 1544 with a Monte Carlo error of 35."""
    size = hp.successive_sampling_size(survey, prior=weights(2, 2.084908, 4392), **SSPSE)
    assert size.point == pytest.approx(1515.4, abs=0.3)
    assert quantiles(size) == [772, 1037, 1306, 1769, 3498]
    turned = hp.successive_sampling_size(survey, prior=weights(2, 2.084908, 4392), **{**SSPSE, "jacobian": True})
    assert turned.point == pytest.approx(1490.0, abs=0.3)
    assert quantiles(turned) == pytest.approx([768, 1025, 1284, 1731, 3446], abs=1)


def test_a_median_gives_nearly_the_prior_of_sspse(survey: hp.Survey) -> None:
    """sspse finds its b, 2.084908, on a coarser grid: its median is 999."""
    size = hp.successive_sampling_size(survey, prior_median=1_000, largest=4392, **SSPSE)
    assert quantiles(size) == pytest.approx([772, 1037, 1306, 1769, 3498], rel=1e-3)


def test_a_prior_with_a_high_median_is_what_the_same_quadrature_gives(survey: hp.Survey) -> None:
    size = hp.successive_sampling_size(survey, prior_median=5_000, largest=60_000, **SSPSE)
    assert quantiles(size) == pytest.approx([1233, 2314, 3866, 7634, 35074], rel=1e-3)


@pytest.mark.parametrize(
    ("prior", "last", "expected"),
    [
        ("flat", 5_000, [937, 1710, 2627, 3732, 4867]),
        ("flat", 20_000, [1166, 4102, 8822, 14250, 19416]),
        ("beta(1, 1)", 50_000, [778, 1105, 1513, 2471, 13753]),
        ("same, far", 50_000, [772, 1040, 1321, 1838, 5161]),
    ],
)
def test_wide_priors_are_what_the_chance_of_the_order_gives(
    survey: hp.Survey, prior: str, last: int, expected: list[float]
) -> None:
    """The chance of the order itself, without times of arrival: the mean of the product of d_i / (b_i + S) over the sum S of the sizes
    not seen, normal after tilting, on a grid of the two numbers of sizes (computed apart, once).
    """
    made: dict[str, Any] = {
        "flat": {"prior": "flat", "largest": last},
        "beta(1, 1)": {"prior": weights(1, 1, last)},
        "same, far": {"prior": weights(2, 2.0007, last)},
    }[prior]
    size = hp.successive_sampling_size(survey, **made, **SSPSE)
    assert quantiles(size) == pytest.approx(expected, rel=3e-3)


def test_what_ends_earlier_is_the_same_cut(survey: hp.Survey) -> None:
    """A flat prior up to 3,000 says of sizes below it what one up to 9,000 says of the same."""
    short, long = (hp.successive_sampling_size(survey, prior="flat", largest=last, **SSPSE) for last in (3_000, 9_000))
    one, other = (
        dict(zip(law.values, law.probability, strict=True)) for law in (short.node.laws[0], long.node.laws[0])
    )  # type: ignore[attr-defined]
    ratios = np.array([other[people] / one[people] for people in range(800, 3_001, 100)])
    assert ratios == pytest.approx(np.full(len(ratios), ratios[0]), rel=5e-3)


def test_a_small_sample_is_what_the_sum_over_everything_gives() -> None:
    """No approximation: the chance of the order by the exact distribution of the sum of the sizes that were not seen."""
    rng = np.random.default_rng(3)
    population = rng.integers(1, 7, 60)
    sizes = population[np.argsort(rng.exponential(1 / population))][:30]
    sizes[0], n, most, last = 6, 30, 6, 110
    k = np.arange(1, most + 1.0)
    counts = np.bincount(sizes, minlength=most + 1)[1:]
    left = np.cumsum(sizes[::-1])[::-1]
    sums = np.arange((last - n) * most + 1)
    chance = np.exp(-np.log(left[:, None] + sums).sum(axis=0) + np.log(left).sum())
    total = np.zeros(last - n + 1)
    for nu in np.linspace(0, 6, 31):  # none is below 0
        for log in nu * 1.2 + np.linspace(-3, 3, 41):
            logs = log * k - nu * gammaln(k + 1)
            p = np.exp(logs - logs.max())
            p /= p.sum()
            mean, variance = p @ k, p @ k**2 - (p @ k) ** 2
            base = -0.5 * (mean - 3) ** 2 / variance - 3 * np.log(variance) - 1.5 * 4 / variance
            height = np.exp(base + counts @ np.log(p + 1e-300) + 60) * (0.5 if nu == 0 else 1)
            if height < 1e-9:
                continue
            # Sums of 0, 1, 2, ... sizes: all terms are positive, so nothing cancels.
            spread = np.eye(1, len(sums))[0]
            for unseen in range(last - n + 1):
                total[unseen] += height * (spread @ chance)
                spread = np.convolve(spread, np.append(0, p))[: len(sums)]
    people = np.arange(n, last + 1)
    total *= np.exp(gammaln(people + 1) - gammaln(people - n + 1) - gammaln(n + 1))
    total /= total.sum()
    size = hp.successive_sampling_size(
        of_sizes(sizes), prior="flat", largest=last, mean_size=3, sd_size=2, largest_size=most, jacobian=False
    )
    assert size.point == pytest.approx(float(people @ total), rel=0.01)


def of_sizes(sizes: Any) -> hp.Survey:
    """Make a survey of people with these sizes, in order; the first recruited the last, which raises nobody's size."""
    n = len(sizes)
    table = pd.DataFrame({"id": np.arange(n), "by": [-1] * (n - 1) + [0], "knows": sizes})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)
        return hp.Survey.rds(table, id="id", recruiter="by", degree="knows", replicates=200)


def test_shares_of_truths_below_are_uniform() -> None:
    """Simulation-based calibration (Talts et al. 2018): truths from the prior, samples from the model itself."""
    below = validate_pse.below(np.random.default_rng(4), 20, 100, 150)
    assert abs(below.mean() - 0.5) < 4 / np.sqrt(12 * 150)
    for level in (0.5, 0.9):
        held = (np.abs(below - 0.5) <= level / 2).mean()
        assert abs(held - level) < 4 * np.sqrt(level * (1 - level) / 150)


# What it depends on


def test_order_matters(survey: hp.Survey) -> None:
    table = recruitment.madrona()
    rng = np.random.default_rng(1)
    rank = rng.permutation(len(table))
    sizes = table["degree"].to_numpy()
    assert hp.successive_sampling_size(of_sizes(np.sort(sizes)[::-1]), prior_median=1_000).quantile(0.5) < (
        hp.successive_sampling_size(of_sizes(sizes[rank]), prior_median=1_000).quantile(0.5)
    )


def test_other_distributions_of_sizes_say_nearly_the_same(survey: hp.Survey) -> None:
    """Sizes of fauxmadrona vary about as a Poisson's do, which all three hold."""
    medians = [
        hp.successive_sampling_size(survey, prior_median=1_000, sizes=sizes).quantile(0.5)  # type: ignore[arg-type]
        for sizes in ("conway_maxwell_poisson", "negative_binomial", "poisson_lognormal")
    ]
    assert max(medians) < 1.05 * min(medians)


def test_an_estimate_is_a_prior(survey: hp.Survey) -> None:
    believed = hp.published(1_000, 700, 1_600, name="published", replicates=4_000)
    size = hp.successive_sampling_size(survey, prior=believed)
    assert size.prior.loc["prior", "0.5"] == pytest.approx(float(np.median(believed.draws)), rel=0.01)
    assert size.se() < believed.se()
    assert "the estimate 'published'" in size.methods()


def test_priors_of_another_weight_are_another_posterior(survey: hp.Survey) -> None:
    one, other = (hp.successive_sampling_size(survey, prior=[1.0] * 400 + [w] * 400) for w in (1.0, 2.0))
    with pytest.warns(HiddenpopWarning, match="comes from as well"):
        assert (one - other).se() > 0


def test_the_same_participants_don_t_count_twice(survey: hp.Survey) -> None:
    first = hp.successive_sampling_size(survey, prior_median=1_000)
    with pytest.raises(InputError, match="would count twice"):
        hp.successive_sampling_size(survey, prior=first)


def test_a_size_and_a_share_of_one_survey_warn(survey: hp.Survey) -> None:
    size = hp.successive_sampling_size(survey, prior_median=1_000)
    with pytest.warns(HiddenpopWarning, match="was found from .*, which the other estimate comes from as well"):
        _ = size * survey.proportion("disease")


def test_sizes_of_the_population_are_smaller_than_of_participants(survey: hp.Survey) -> None:
    size = hp.successive_sampling_size(survey, prior_median=1_000)
    assert size.sizes["mean"] < recruitment.madrona()["degree"].mean()
    assert list(size.sizes.index) == ["mean", "sd"]


def test_what_priors_do_is_shown_and_quick(survey: hp.Survey) -> None:
    size = hp.successive_sampling_size(survey, prior_median=1_000)
    began = time.process_time()
    found = size.prior_sensitivity()
    assert time.process_time() - began < 10  # a second where nobody else computes
    assert found.loc["as asked", "mean"] == pytest.approx(float(size.point))
    assert found.loc["flat up to 20,000", "median"] > 3 * found.loc["flat up to 5,000", "median"]
    assert found["largest"].max() == found.loc["as asked", "largest"]
    assert found["median"].notna().all()


def test_few_people_of_one_size_say_so() -> None:
    with pytest.raises(InputError, match="say too little of how sizes are distributed"):
        hp.successive_sampling_size(of_sizes([1] * 30), prior_median=100, sizes="negative_binomial", largest_size=40)


# What is told


def test_a_posterior_that_repeats_the_prior_says_so(survey: hp.Survey) -> None:
    with pytest.warns(HiddenpopWarning, match="it mostly says what was believed before"):
        hp.successive_sampling_size(survey, prior="flat", largest=20_000)
    with pytest.warns(HiddenpopWarning, match="so where the prior ends decides"):
        hp.successive_sampling_size(survey, prior="flat", largest=5_000)


def test_several_sites_are_refused() -> None:
    table = pd.DataFrame({"id": range(40), "by": [-1, 0] * 20, "knows": [4, 5] * 20, "town": list("ab") * 20})
    table["by"] = [-1 if i < 2 else i % 2 for i in range(40)]
    population: Any = {"a": 100, "b": 200}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)
        survey = hp.Survey.rds(
            table, id="id", recruiter="by", degree="knows", site="town", population=population, replicates=50
        )
    with pytest.raises(InputError, match="has 2 sites, each with an order of its own"):
        hp.successive_sampling_size(survey, prior_median=3_000)


def test_other_surveys_are_refused() -> None:
    with pytest.raises(InputError, match=r"hp\.Survey\.rds"):
        hp.successive_sampling_size(hp.Survey({"x": [1, 0] * 10}), prior_median=100)


def test_a_methods_section_says_what_was_believed(survey: hp.Survey) -> None:
    text = hp.successive_sampling_size(survey, prior_median=1_000, **SSPSE).methods()
    for words in (
        "prior of the size",
        "median 1,000",
        "sizes Conway-Maxwell-Poisson up to 35",
        "Handcock",
        "in common",
    ):
        assert words in text


def test_no_degree_gets_out(survey: hp.Survey) -> None:
    """The largest network is one participant's own answer."""
    table = recruitment.madrona()
    table.loc[17, "degree"] = 137
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)
        survey = hp.Survey.rds(table, **recruitment.MADRONA, replicates=50)
        size = hp.successive_sampling_size(survey, prior_median=1_000)
    for text in (size.to_json() or "", size.methods(), repr(size), pickle.dumps(size, 0).decode()):
        assert "up to 137" not in text
    assert "up to the largest reported" in size.methods()
    assert not any(len(part) == 137 for part in json_lists(json.loads(size.to_json() or "")))
    for read in (hp.read_estimate(size.to_json() or ""), pickle.loads(pickle.dumps(size))):
        assert read.prior.equals(size.prior)  # type: ignore[attr-defined]
        with pytest.raises(InputError, match="which no file holds"):
            read.prior_sensitivity()  # type: ignore[attr-defined]


def json_lists(value: Any) -> list[list[Any]]:
    """List the lists in a file."""
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return ([value] if isinstance(value, list) else []) + [found for one in inner for found in json_lists(one)]


def test_forms_call_it_another_method(survey: hp.Survey) -> None:
    assert parts.methods(hp.successive_sampling_size(survey, prior_median=1_000)) == ("OT",)


def test_prior_and_posterior_are_drawn(survey: hp.Survey) -> None:
    size = hp.successive_sampling_size(survey, prior_median=1_000)
    axes = size.plot("prior")
    before, after = (line.get_ydata() for line in axes.get_lines())
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["prior", "posterior"]
    assert 0.5 * np.max(before) < np.max(after)
    assert size.plot().get_xlabel() != axes.get_xlabel()


# Wide priors, by another algorithm


def test_chains_that_draw_everybody_say_the_same() -> None:
    """Nothing is summed out or approximated in `tools/augmented_pse.py`: a flat prior on 40 people up to 300, whose end decides."""
    rng = np.random.default_rng(7)
    population = rng.integers(1, 9, 90)
    sizes = population[np.argsort(rng.exponential(1 / population))][:40]
    sizes[0] = 8
    chains = augmented_pse.sample(sizes, 300, 4_000, np.random.default_rng(3), augmented_pse.Sizes(8, 4.0, 2.5))
    size = hp.successive_sampling_size(
        of_sizes(sizes), prior="flat", largest=300, largest_size=8, mean_size=4, sd_size=2.5, jacobian=False
    )
    # Neighbouring sweeps are much alike: some 150 of them are worth as much as independent ones.
    assert abs(chains.mean - size.point) < 4 * size.se() / np.sqrt(150)
    assert chains.quantiles()[2] == pytest.approx(size.quantile(0.5), rel=0.25)
