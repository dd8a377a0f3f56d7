"""Recruitment keeps its rules, and estimators find a known truth where their assumptions hold."""

from typing import Any

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import HiddenpopWarning, InputError

NETWORK = hp.simulate.network(3_000, {"hiv": 0.2}, homophily=2, activity=1.8, mean_degree=10, spread=0.5, seed=2)


def sample(**options: Any) -> Any:
    return hp.simulate.rds(NETWORK, **{"n": 500, "seed": 7, **options})


@pytest.mark.parametrize("coupons", [1, 2, 3])
def test_recruits_are_known_come_once_and_later_and_coupons_run_out(coupons: int) -> None:
    found = sample(coupons=coupons, refuse=0.3)
    assert found["person"].is_unique
    assert found["id"].tolist() == list(range(1, 501))
    assert found["time"].is_monotonic_increasing
    recruits = found.dropna(subset="recruiter")
    by = found.set_index("id").loc[recruits["recruiter"].astype(int)]
    ties = {tuple(sorted(pair)) for pair in NETWORK.people.index.to_numpy()[NETWORK.ties].tolist()}
    assert all(tuple(sorted(pair)) in ties for pair in zip(recruits["person"], by["person"], strict=True))
    assert (recruits["wave"].to_numpy() == by["wave"].to_numpy() + 1).all()
    assert (recruits["time"].to_numpy() > by["time"].to_numpy()).all()
    assert recruits["recruiter"].value_counts().max() <= coupons
    known = NETWORK.people.loc[found["person"]]
    assert (found["degree"].to_numpy() == known["degree"].to_numpy()).all()
    assert (found["hiv"].to_numpy() == known["hiv"].to_numpy()).all()


def test_everybody_can_be_taken() -> None:
    small = hp.simulate.network(200, {"hiv": 0.5}, mean_degree=20, seed=1)
    assert sorted(hp.simulate.rds(small, n=200)["person"]) == list(range(1, 201))


def test_seeds_are_who_they_are_said_to_be() -> None:
    found = sample(seeds=20, seeds_from={"hiv": 1})
    seeds = found[found["recruiter"].isna()]
    assert len(seeds) == 20
    assert (seeds["hiv"] == 1).all()


def test_refusals_end_chains_and_others_begin() -> None:
    everybody = sample(coupons=1, refuse=0.5)
    assert everybody["recruiter"].isna().sum() > 100
    with pytest.warns(HiddenpopWarning, match="Recruitment ended after 10 of 500"):
        assert len(sample(refuse=1, reseed=False)) == 10


def test_groups_that_no_seed_is_from_are_never_reached() -> None:
    parted = hp.simulate.network(1_000, {"hiv": 0.2}, mean_degree=8, groups={"a": 0.6, "b": 0.4}, seed=1)
    found = hp.simulate.rds(parted, n=300, seeds_from={"group": "a"}, seed=1)
    assert set(found["group"]) == {"a"}


def test_under_replacement_inverse_degrees_are_nearly_unbiased() -> None:
    # A random walk's stationary chances are proportional to degrees, and so are the seeds'. The ratio's bias is of order 1/n.
    truth = float(NETWORK.people.query("degree > 0")["hiv"].mean())
    found = []
    for seed in range(150):
        table = sample(coupons=2, replacement=True, seed=seed)
        found.append((table["hiv"] / table["degree"]).sum() / (1 / table["degree"]).sum())
    error = np.std(found) / np.sqrt(150)
    assert abs(np.mean(found) - truth) < 4 * error + 0.002
    naive = np.mean([sample(replacement=True, seed=seed)["hiv"].mean() for seed in range(20)])
    assert naive > truth + 0.08  # who is active is over-represented, so weights matter


def test_samples_are_ready_for_surveys() -> None:
    survey = hp.Survey.rds(
        sample(n=300),
        id="id",
        recruiter="recruiter",
        degree="degree",
        time="time",
        population=3_000,
        homophily_on="hiv",
        replicates=200,
    )
    assert survey.proportion("hiv").point == pytest.approx(0.2, abs=0.1)


def test_seeds_of_numbers_fix_the_digits() -> None:
    assert sample().equals(sample())
    assert not sample().equals(sample(seed=8))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 3_001}, "more than the 3,000 people"),
        ({"seeds": 501}, "seeds=501"),
        ({"coupons": 0}, "coupons=0"),
        ({"refuse": 1.5}, "must be a chance"),
        ({"time": 0}, "above zero"),
        ({"seeds_from": {"hiv": 7}}, "leaves nobody"),
        ({"seeds_from": {"sex": 1}}, "no column 'sex'"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        sample(**options)
