"""Networks have what was asked of them, up to what theory lets vary."""

import time
from typing import Any

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import InputError


def drawn(people: int = 10_000, attributes: Any = None, **options: Any) -> hp.simulate.Network:
    return hp.simulate.network(people, attributes or {"hiv": 0.2}, **{"mean_degree": 10, "seed": 3, **options})


@pytest.mark.parametrize("homophily", [0.9, 1, 2, 5])
@pytest.mark.parametrize("activity", [1, 1.8])
def test_homophily_and_activity_are_near_what_is_asked(homophily: float, activity: float) -> None:
    network = drawn(homophily=homophily, activity=activity, spread=0.5)
    assert network.shares("hiv")[1] == 0.2
    assert network.mean_degree == 10
    # Shares of 50,000 independent ties: delta method, four standard errors.
    s = 0.2 * activity / (0.8 + 0.2 * activity)
    apart = 2 * s * (1 - s) / homophily
    assert network.homophily("hiv") == pytest.approx(homophily, rel=4 * np.sqrt((1 - apart) / apart / 50_000) + 0.01)
    assert network.activity("hiv")[1] == pytest.approx(activity, rel=4 * np.sqrt(1 / (s * (1 - s)) / 50_000))


@pytest.mark.parametrize("spread", [0, 0.5, 1])
def test_degrees_vary_as_said(spread: float) -> None:
    degrees = drawn(20_000, spread=spread).degrees
    # Poisson mixed by a gamma: variance m + (spread m)^2; ties that would stand twice are few.
    assert degrees.var() == pytest.approx(10 + (spread * 10) ** 2, rel=0.08)


def test_nobody_leaves_a_group_and_labels_have_their_own_activity() -> None:
    network = drawn(
        6_000,
        {"hiv": 0.2, "kind": {"a": 0.5, "b": 0.3, "c": 0.2}},
        homophily={"kind": 3},
        activity={"kind": {"a": 1, "b": 2, "c": 0.5}},
        groups={"north": 0.7, "south": 0.3},
    )
    assert network.homophily("group") == np.inf
    assert network.homophily("kind") == pytest.approx(3, rel=0.06)
    assert network.homophily("hiv") == pytest.approx(1, rel=0.06)
    assert network.activity("kind").to_numpy() == pytest.approx([1, 2, 0.5], rel=0.06)
    assert network.shares("kind").to_dict() == {"a": 0.5, "b": 0.3, "c": 0.2}


def test_ties_are_of_two_people_and_stand_once() -> None:
    network = drawn(60, mean_degree=30, spread=0.5, homophily=1.2)
    # Half of all pairs are tied.
    pairs = {tuple(sorted(pair)) for pair in network.ties.tolist()}
    assert len(pairs) == len(network.ties) == 900
    assert all(a != b for a, b in pairs)


def test_seeds_fix_the_digits() -> None:
    one, same, other = drawn(seed=5), drawn(seed=5), drawn(seed=6)
    assert (one.ties == same.ties).all()
    assert not np.array_equal(one.ties, other.ties)
    # Written down once: a change here changes every user's networks.
    assert one.ties[:2].tolist() == [[2073, 5657], [1434, 8788]]


def test_a_network_of_10_000_takes_well_below_a_second() -> None:
    began = time.process_time()
    drawn(activity=1.8, homophily=2, spread=0.5)
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mean_degree": 20_000}, "not possible"),
        ({"mean_degree": 300, "spread": 2}, "no room"),
        ({"people": 50, "mean_degree": 45, "homophily": 5}, "no room"),
        ({"homophily": 0.1}, "too low"),
        ({"homophily": {"hvi": 2}}, "not among the attributes"),
        ({"attributes": {"a": 0.2, "b": 0.3}, "homophily": 2}, "of which attribute"),
        ({"attributes": {"a": {"x": 0.5, "y": 0.4}}}, "add up to 1"),
        ({"attributes": {"a": {"x": 0.5, "y": 0.5}}, "activity": 2}, "by label"),
        ({"attributes": {"degree": 0.5}}, "as a column of samples"),
        ({"attributes": {"group": 0.5}, "groups": {"a": 0.5, "b": 0.5}}, "another name"),
        ({"people": 2}, "share is too small"),
        ({"spread": -1}, "between 0 and 5"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        drawn(**{"people": 400, **({"mean_degree": 1} if options == {"people": 2} else {}), **options})


@pytest.mark.parametrize(
    ("people", "ties", "message"),
    [
        ({"id": [1, 1], "x": [0, 1]}, {"a": [1], "b": [1]}, "name each person once"),
        ({"id": [1, None], "x": [0, 1]}, {"a": [1], "b": [1]}, "name each person once"),
        ({"id": [1, 2], "x": [0, 1]}, {"a": [1], "b": [3]}, "not in the table of people, in 1 row .row number 0"),
        ({"id": [1, 2], "x": [0, 1]}, {"a": [1], "b": [1]}, "with themselves"),
        ({"id": [1, 2], "x": [0, 1]}, {"a": [1, 2], "b": [2, 1]}, "stand there before, in 1 row .row number 1"),
        ({"id": [1, 2], "x": [0, 1]}, {"a": [1], "b": [2], "c": [1]}, "has two columns"),
        ({"id": [1, 2], "wave": [0, 1]}, {"a": [1], "b": [2]}, "another name"),
    ],
)
def test_tables_that_are_no_network_are_refused(people: Any, ties: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        hp.simulate.network_from(people, ties, id="id")
