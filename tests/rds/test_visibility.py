"""Sizes from visibilities that nobody sees: the model without errors, what was believed, simulation, what must not get out."""

import json
import pickle
import warnings
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning, InputError, _core
from hiddenpop.rds import visibility

from tools import validate_pse

from .. import recruitment
from .test_ordered import of_sizes

pytestmark = pytest.mark.filterwarnings(
    "ignore:The posterior has", "ignore:.*lies in the last tenth", "ignore:The chains have not settled"
)
#: Short chains.
QUICK: dict[str, Any] = {"visibility": True, "chains": 2, "draws": 200, "burn_in": 200, "thin": 1}


def came(people: int, participants: int, seed: int = 5) -> Any:
    """Return the sizes of those who came first."""
    rng = np.random.default_rng(seed)
    sizes = np.minimum(rng.negative_binomial(2, 0.3, people) + 1, 12)
    return sizes[np.argsort(rng.exponential(1 / sizes))][:participants]


@pytest.fixture(scope="module")
def size() -> hp.Estimate:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)
        survey = recruitment.survey(population=None, replicates=300)
        return hp.successive_sampling_size(survey, prior_median=1_000, **QUICK)


# Other computations


def test_without_errors_it_is_the_quadrature_of_the_model_without() -> None:
    survey = of_sizes(came(200, 80))
    asked: dict[str, Any] = {"prior": "flat", "largest": 500, "mean_size": 5, "sd_size": 3}
    exact = hp.successive_sampling_size(survey, **asked)
    none: dict[str, Any] = {"visibility": True, "optimism": 1.0, "error": 1e-5, "recruits": False}
    found = hp.successive_sampling_size(survey, **asked, **none, chains=4, draws=1_000, burn_in=300, thin=4)
    errors = found.diagnostics  # type: ignore[attr-defined]
    assert errors["ess_bulk"].item() > 400
    assert abs(found.point - exact.point) < 4 * errors["mcse"].item()
    assert found.se() == pytest.approx(float(exact.se()), rel=0.12)
    assert found.sizes["mean"] == pytest.approx(exact.sizes["mean"], rel=0.01)  # type: ignore[attr-defined]
    assert found.common == pytest.approx(exact.common, abs=0.04)  # type: ignore[attr-defined]
    seen = found.visibilities()  # type: ignore[attr-defined]
    assert seen.to_numpy() == pytest.approx(came(200, 80), abs=1e-9)


def test_shares_of_truths_below_are_uniform(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulation-based calibration (Talts et al. 2018): truths from the prior, reports and recruits from the model itself."""
    for name, less in (("SETTLE", 150), ("DRAWS", 100), ("THIN", 3)):
        monkeypatch.setattr(validate_pse, name, less)
    below = validate_pse.below_visible(np.random.default_rng(9), 12, 60, 16)
    assert abs(below.mean() - 0.5) < 4 / np.sqrt(12 * 16)
    held = (np.abs(below - 0.5) <= 0.4).mean()
    assert abs(held - 0.8) < 4 * np.sqrt(0.16 / 16)


def test_recruits_tell_of_visibility_where_reports_don_t() -> None:
    """A simulation with known truth: everybody reports 6, and coupons come back the more, the more people somebody knows."""
    rng = np.random.default_rng(6)
    truth = rng.choice([2, 10], 300)
    truth = truth[np.argsort(rng.exponential(1 / truth))][:150]
    back = rng.binomial(3, np.where(truth == 10, 0.8, 0.2)).astype(np.uint32)
    chains = _core.Visibilities(
        np.full(150, 6, dtype=np.uint32),
        visibility.NO_CAP,
        back,
        np.full(150, 3, dtype=np.uint32),
        np.zeros(150),
        15,
        "negative_binomial",
        (6.0, 4.0, 5.0, 20.0),
        True,
        (0.0, 0.1),
        (1.5, 0.2),
        list(visibility.RECRUITING),
        np.zeros(500),
        2,
        1,
        1,
    )
    chains.settle(400, 1)
    slope = chains.advance(200, 4, 1)[:, :, 5]
    seen = chains.found()[1]
    assert slope.mean() > 0.5
    assert seen[back == 3].mean() > 1.3 * seen[back == 0].mean()
    assert seen[truth == 10].mean() > 1.15 * seen[truth == 2].mean()


def test_optimism_is_what_was_believed(size: Any) -> None:
    """Reports twice as high with twice the optimism: the same visibilities, so nearly the same size."""
    row = size.parameters.loc["optimism"]
    assert 0.4 < row["0.025"] < row["0.5"] < row["0.975"] < 2.5
    assert list(size.parameters.index)[:4] == ["optimism", "error", "mean_visibility", "sd_visibility"]


# Draws


def test_draws_are_the_same_on_any_threads_and_another_seed_gives_others() -> None:
    sizes = came(200, 60)
    asked: dict[str, Any] = {"prior_median": 200, "largest": 1_000, **QUICK, "draws": 100}
    with hp.settings(threads=1):
        one = hp.successive_sampling_size(of_sizes(sizes), **asked)
    with hp.settings(threads=2):
        two = hp.successive_sampling_size(of_sizes(sizes), **asked)
    assert (one.node.laws[0].values == two.node.laws[0].values).all()  # type: ignore[attr-defined]
    table = pd.DataFrame({"id": range(60), "by": [-1] * 59 + [0], "knows": sizes})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)
        other = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", replicates=200, seed=1)
    again = hp.successive_sampling_size(other, **asked)
    assert (one.node.laws[0].values != again.node.laws[0].values).any()  # type: ignore[attr-defined]


def test_chains_that_have_not_settled_say_so() -> None:
    with pytest.warns(HiddenpopWarning, match="The chains have not settled"):
        hp.successive_sampling_size(of_sizes(came(200, 60)), prior_median=200, **{**QUICK, "draws": 100})


def test_arviz_holds_the_chains(size: Any) -> None:
    pytest.importorskip("arviz")
    chains = size.to_arviz().posterior
    assert chains["size"].shape == (2, 200)
    assert {"optimism", "error", "mean_visibility"} <= set(chains.data_vars)


# What is told


def test_a_methods_section_says_what_was_believed_of_reports(size: Any) -> None:
    text = size.methods()
    for words in (
        "reports over visibility 0.5 to 2",
        "recruits of up to 2 coupons",
        "McLaughlin",
        "chains of 200 draws",
    ):
        assert words in text
    assert "R-hat up to" in repr(size)
    assert "mcse" in size.summary()
    before, _ = (line.get_ydata() for line in size.plot("prior").get_lines())
    assert np.max(before) > 0


def test_what_others_would_say_is_asked_of_short_chains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visibility, "SHORT_DRAWS", 60)
    found = hp.successive_sampling_size(of_sizes(came(80, 30)), prior_median=60, largest=300, **{**QUICK, "draws": 100})
    tried = found.prior_sensitivity([50])  # type: ignore[attr-defined]
    assert tried.loc["as asked", "mean"] == pytest.approx(float(found.point), rel=0.3)
    assert tried["median"].notna().sum() >= 4


def test_no_participant_gets_out(size: Any) -> None:
    seen = size.visibilities()
    assert len(seen) == 500
    assert seen.notna().all()
    text = size.to_json() or ""
    assert not any(len(part) >= 500 and isinstance(part[0], float) for part in lists(json.loads(text)))
    for read in (hp.read_estimate(text), pickle.loads(pickle.dumps(size))):
        assert type(read) is type(size)
        assert read.parameters.equals(size.parameters)
        assert read.diagnostics.equals(size.diagnostics)
        with pytest.raises(InputError, match="no file holds them"):
            read.visibilities()
        with pytest.raises(InputError, match="which no file holds"):
            read.prior_sensitivity()


def lists(value: Any) -> list[list[Any]]:
    """List the lists in a file."""
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return ([value] if isinstance(value, list) and value else []) + [found for one in inner for found in lists(one)]


# What can't be


def test_more_recruits_than_coupons_are_refused() -> None:
    table = pd.DataFrame({"id": range(30), "by": [-1, 0, 0, 0, *range(26)], "knows": 7})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)
        survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", replicates=50)
    with pytest.raises(InputError, match=r"coupons=2 is how many .* those in 1 row"):
        hp.successive_sampling_size(survey, prior_median=90, visibility=True, coupons=2)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"optimism": (2.0, 0.5)}, "the lower end first"),
        ({"optimism": 0.0}, "must lie between 0.01 and 100"),
        ({"error": (1.0, 2.0, 3.0)}, "two ends of its 95% interval"),
        ({"error": float("nan")}, "error"),
        ({"chains": 1}, "chains"),
        ({"draws": 5}, "draws"),
        ({"burn_in": 0}, "burn_in"),
        ({"coupons": 0}, "coupons"),
        ({"visibility": 1}, "visibility"),
        ({"recruits": "no"}, "recruits"),
        ({"prior_median": 10}, "above the 30 participants"),
    ],
)
def test_what_can_t_be_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        hp.successive_sampling_size(of_sizes(came(80, 30)), **{"prior_median": 60, "largest": 300, **QUICK, **wrong})


@pytest.mark.parametrize("sizes", [[5] * 30, [40, 1, 1], [3, 2, 1], [1] * 12, [200, 1] * 10])
@pytest.mark.parametrize("law", ["conway_maxwell_poisson", "negative_binomial", "poisson_lognormal"])
def test_odd_samples_have_an_answer_that_can_be(sizes: list[int], law: Any) -> None:
    """Sizes all alike, three people, sizes above what counts: a posterior on n and more people that the prior allows."""
    n = len(sizes)
    asked: dict[str, Any] = {"prior": "flat", "largest": 10 * n, "largest_size": 12, "sizes": law}
    found = hp.successive_sampling_size(of_sizes(sizes), **asked, **{**QUICK, "draws": 100, "burn_in": 100})
    draws = found.node.laws[0].values  # type: ignore[attr-defined]
    assert draws.min() >= n
    assert draws.max() <= 10 * n
    assert np.isfinite(found.parameters["mean"]).all()  # type: ignore[attr-defined]
