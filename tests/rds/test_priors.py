"""Priors on numbers of people: what was asked of them, closed forms, refusals."""

import time
from typing import Any

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import InputError
from hiddenpop.rds import priors
from scipy import stats


def made(given: Any = "beta", n: int = 500, **options: Any) -> priors.Prior:
    asked = {"median": None, "mode": None, "quartiles": None, "largest": None} | options
    return priors.make(priors.read(given, n=n, **asked), n)


def test_a_beta_prior_has_the_b_of_the_reference() -> None:
    """The prior of the R package sspse for a median of 1,000 that ends at 4,392: a = 2, b = 2.084908, by a coarser median (999)."""
    prior = made(median=1_000, largest=4_392)
    people = np.arange(500, 4_393)
    logs = 1.084908 * np.log(people + 0.5 - 500) - 4.084908 * np.log(people + 0.5)
    weights = np.exp(logs - logs.max())
    np.testing.assert_allclose(prior.probability, weights / weights.sum(), rtol=0.03)


@pytest.mark.parametrize(
    ("median", "largest"), [(510, None), (1_000, None), (1_000, 4_392), (3_000, 20_000), (501, 5_000)]
)
def test_medians_are_medians(median: float, largest: int | None) -> None:
    prior = made(median=median, largest=largest)
    assert prior.below(median) == pytest.approx(0.5, abs=1e-6)
    assert largest is None or prior.largest == largest


def test_a_beta_prior_is_the_beta_of_the_share() -> None:
    """scipy's beta distribution of n/N, at its quantiles, where nothing is cut."""
    prior = made(n=2_000, median=4_000)
    start = priors._continuous(4_000, 2_000, 2.0, None)
    assert start is not None
    law = stats.beta(2.0, np.exp(start))
    for people in (2_500, 3_000, 8_000, 20_000):
        assert prior.below(people) == pytest.approx(law.sf(2_000 / (people + 0.5)), abs=2e-3)


def test_modes_are_modes() -> None:
    prior = made(mode=900)
    assert prior.n + int(prior.probability.argmax()) == pytest.approx(900, abs=1)


@pytest.mark.parametrize("kind", ["beta", "negative_binomial", "poisson_lognormal"])
@pytest.mark.parametrize("quartiles", [(700.0, 1_300.0), (1_000.0, 1_100.0)])
def test_quartiles_are_quartiles(kind: str, quartiles: tuple[float, float]) -> None:
    prior = made(kind, quartiles=quartiles)
    assert [prior.below(one) for one in quartiles] == pytest.approx([0.25, 0.75], abs=1e-3)


def test_logs_of_distributions_are_scipys() -> None:
    people = np.arange(1, 400.0)
    ours = priors._log_negative_binomial(people, mean=80, size=3.0)
    theirs = stats.nbinom.logpmf(people, 3.0, 3.0 / 83.0)
    np.testing.assert_allclose(ours - ours[0], theirs - theirs[0], atol=1e-9)
    nodes = np.linspace(-9, 9, 4_001)
    rates = np.exp(np.log(80) + 0.7 * nodes)
    sums = (stats.poisson.pmf(people[:, None], rates) * stats.norm.pdf(nodes)).sum(axis=1) * (nodes[1] - nodes[0])
    found = priors._log_poisson_lognormal(people, float(np.log(80)), 0.7)
    np.testing.assert_allclose(found[5:], np.log(sums)[5:], atol=1e-6)


def test_an_estimate_is_spread_over_whole_numbers() -> None:
    believed = hp.published(1_000, 700, 1_600, name="published", replicates=4_000)
    prior = made(believed)
    inside = believed.draws[believed.draws >= 500]
    for share in (0.1, 0.5, 0.9):
        assert prior.quantile(share) == pytest.approx(float(np.quantile(inside, share)), rel=0.01)


def test_a_long_prior_is_found_quickly() -> None:
    began = time.process_time()
    assert made(median=1_000).largest > 50_000
    assert time.process_time() - began < 1  # 0.02 s where nobody else computes


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "none is"),
        ({"median": 1_000, "mode": 900}, "prior_median and prior_mode are"),
        ({"median": 400}, "must be above the 500 participants"),
        ({"median": 1_000, "largest": 900}, "No beta prior that ends at 900 has the median 1,000"),
        ({"given": "flat"}, "needs largest="),
        ({"given": "negative_binomial", "median": 1_000}, "needs prior_quartiles"),
        ({"quartiles": (1_000, 800)}, "must be two numbers, the lower first"),
        ({"given": [1.0, -1.0]}, "weights of 500, 501"),
        ({"given": [1.0, 1.0], "median": 1_000}, "leave one out"),
        ({"given": hp.published(100, 80, 130, name="small")}, "this can't be how large"),
    ],
)
def test_what_says_too_little_or_what_can_t_be_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        made(**options)
