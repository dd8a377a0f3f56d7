"""Latent classes: closed forms, LCMCR within Monte Carlo error, ArviZ's diagnostics, files."""

import math
import warnings
from typing import Any

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import HiddenpopWarning, InputError
from hiddenpop.sources import chains
from hiddenpop.sources.posterior import Chains, Posterior
from scipy.special import betaln, gammaln

from ..on_lists import EXPECTED, KOSOVO, SMALL, kosovo, small


@pytest.fixture(scope="module")
def classes() -> Any:
    # Shorter than the default, for speed; whether it has settled is not what is tested.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)
        return hp.latent_class(kosovo(), thin=25)


def test_kosovo_is_lcmcrs_within_monte_carlo_error(classes: Any) -> None:
    theirs = EXPECTED["kosovo.csv"]["LCMCR K=10, a_alpha=b_alpha=0.25, 5000 draws thinned by 20"]
    error = classes.diagnostics["mcse"].iloc[0]
    # LCMCR ran 100,000 sweeps after burn-in, ours 250,000 (4 x 2500 x 25): so its Monte Carlo variance is 2.5 times ours.
    both = math.hypot(error, error * math.sqrt(250_000 / 100_000))
    assert abs(classes.point - theirs["mean"]) < 4 * both
    # Medians are steadier than means in a long tail: within 4%.
    assert classes.quantile(0.5) == pytest.approx(theirs["q"][2], rel=0.04)


def test_one_class_is_independence() -> None:
    # Closed form: p(u) ~ (N - 1)! / u! prod B(1 + n_j, 1 + N - n_j).
    lists = small()
    size = hp.latent_class(lists, classes=1, thin=10)
    unseen = np.arange(3000)
    people = lists.n + unseen
    on = [sum(k for mark, k in zip(SMALL[name], SMALL["people"], strict=True) if mark) for name in "abc"]
    logs = gammaln(people) - gammaln(unseen + 1) + sum(betaln(1 + k, 1 + people - k) for k in on)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    mean = weights @ people
    sd = math.sqrt(weights @ (people - mean) ** 2)
    assert size.point == pytest.approx(mean, abs=4 * size.diagnostics["mcse"].iloc[0])
    # 4 s.e. of an s.d., of 5,000 effective draws or more
    assert size.diagnostics["ess_bulk"].iloc[0] > 5000
    assert size.se() == pytest.approx(sd, rel=4 * math.sqrt(1 / 5000))


def test_order_of_lists_is_no_matter_to_classes(classes: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)
        other = hp.latent_class(kosovo(KOSOVO[::-1]), thin=25)
    error = math.hypot(classes.diagnostics["mcse"].iloc[0], other.diagnostics["mcse"].iloc[0])
    assert abs(classes.point - other.point) < 4 * error


def test_draws_are_the_stored_ones_in_another_order(classes: Any) -> None:
    stored = np.sort(classes.node.laws[0].values.ravel())
    assert np.array_equal(np.sort(classes.draws[0]), stored)
    more = classes.replay(replicates=15_000).draws[0]
    assert np.array_equal(more[:10_000], classes.draws[0])
    assert not np.array_equal(more[10_000:], classes.draws[0, :5000])
    assert classes.summary()["mcse"].iloc[0] == classes.diagnostics["mcse"].iloc[0] > 0
    assert "R-hat" in repr(classes)
    assert "R-hat" in classes._repr_html_()
    assert "Manrique-Vallier" in classes.methods()


def test_chains_that_have_not_settled_warn() -> None:
    with pytest.warns(HiddenpopWarning, match="have not settled"):
        hp.latent_class(kosovo(), draws=100, burn_in=0, thin=1)


def test_thinning_doubles_until_chains_agree() -> None:
    easy = hp.latent_class(small(), classes=1)
    assert easy.diagnostics["thin"].iloc[0] == 20
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)
        hard = hp.latent_class(kosovo(), draws=100, burn_in=0)
    assert hard.diagnostics["thin"].iloc[0] > 20
    assert hard.node.laws[0].values.shape == (4, 100)  # type: ignore[attr-defined]


def test_a_cut_off_of_latent_classes_holds() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)
        size = hp.latent_class(small(), max_missed=60, thin=5)
    assert size.draws.max() <= small().n + 60


def test_strata_of_classes(regions: hp.Lists) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)
        size = hp.latent_class(regions, classes=2, thin=5, draws=500, by="region")
    assert size.diagnostics.index.tolist() == ["north", "south"]
    assert size.sum().point == pytest.approx(size.point.sum())
    assert size.to_arviz("south").posterior["size"].shape == (4, 500)
    with pytest.raises(InputError, match="which label"):
        size.to_arviz()


def test_diagnostics_are_those_of_arviz(classes: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        az = pytest.importorskip("arviz")
    rng = np.random.default_rng(0)
    steps = rng.normal(size=(4, 2000))
    slow = np.empty_like(steps)
    slow[:, 0] = steps[:, 0]
    for i in range(1, 2000):
        slow[:, i] = 0.9 * slow[:, i - 1] + steps[:, i]
    apart = steps + np.arange(4)[:, None]
    ties = np.round(slow)
    swinging = steps.copy()
    swinging[:, 1:] -= 0.8 * steps[:, :-1]
    for draws in (steps, slow, apart, ties, swinging, slow[:, :501], classes.node.laws[0].values):
        assert chains.r_hat(draws) == pytest.approx(float(az.rhat(draws)), rel=1e-9)
        assert chains.ess_bulk(draws) == pytest.approx(float(az.ess(draws)), rel=1e-9)
        assert chains.ess_tail(draws) == pytest.approx(float(az.ess(draws, method="tail")), rel=1e-9)
        assert chains.mcse(draws) == pytest.approx(float(az.mcse(draws)), rel=1e-9)
    assert math.isnan(chains.r_hat(np.ones((4, 100))))


def test_chains_go_to_arviz(classes: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        pytest.importorskip("arviz")
    data = classes.to_arviz()
    assert set(data.posterior.data_vars) == {"size", "alpha", "occupied_classes"}
    assert data.posterior["size"].shape == (4, 2500)
    np.testing.assert_array_equal(data.posterior["size"].to_numpy(), classes.node.laws[0].values)
    assert classes.plot_trace() is not None


def test_saved_and_read_nothing_is_lost(classes: Any) -> None:
    graphs = hp.decomposable_bma(kosovo(replicates=300))
    for size in (graphs, classes):
        read = hp.read_estimate(size.to_json(draws=False))
        assert type(read) is type(size)
        assert isinstance(read.node, Posterior)
        assert np.array_equal(read.draws, size.draws)
        assert repr(read) == repr(size)
        assert read.interval().equals(size.interval())
    read = hp.read_estimate(graphs.to_json())
    assert read.graphs.equals(graphs.graphs)
    assert read.sensitivity.equals(graphs.sensitivity)
    assert isinstance(classes.node.laws[0], Chains)
    assert hp.read_estimate(classes.to_json()).diagnostics.equals(classes.diagnostics)
    # It is the same quantity as the one in memory.
    assert not (graphs - read).draws.any()
