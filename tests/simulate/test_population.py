"""What is true of a network, held to published figures and to networks that can be counted by hand."""

import itertools
import pickle

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, InputError

from ..facts import DATA


def madrona() -> hp.simulate.Network:
    """Return the population of 1,000 from which R's `fauxmadrona` was sampled."""
    nodes, edges = (pd.read_csv(DATA / "rds" / f"fauxmadrona_{part}.csv") for part in ("nodes", "edges"))
    return hp.simulate.network_from(nodes, edges, id="id")


def test_the_network_behind_fauxmadrona_has_its_published_figures() -> None:
    # R package RDS 0.9-10 says of its network: prevalence 0.2, activity 1.7595, homophily 1.5293.
    network = madrona()
    assert network.shares("disease").to_dict() == {0: 0.8, 1: 0.2}
    assert network.activity("disease").round(4).to_dict() == {0: 1, 1: 1.7595}
    assert round(network.homophily("disease"), 4) == 1.5293
    assert network.mean_degree == 2 * 3_586 / 1_000


def test_its_sample_has_the_degrees_of_the_network() -> None:
    sample = pd.read_csv(DATA / "rds" / "fauxmadrona.csv")
    known = madrona().people["degree"].reindex(sample["id"])
    assert (known.to_numpy() == sample["degree"].to_numpy()).all()


def test_a_square_counted_by_hand() -> None:
    people = {"id": ["a", "b", "c", "d"], "x": [1, 1, 0, 0]}
    network = hp.simulate.network_from(people, {"i": ["a", "a", "c", "d"], "j": ["b", "c", "d", "b"]}, id="id")
    # Ends are half and half, so 2 of 4 ties are expected between labels, and a-c and d-b are.
    assert network.homophily("x") == 1
    assert network.degrees.tolist() == [2, 2, 2, 2]
    start, neighbour = network.neighbours
    assert [sorted(neighbour[i:j].tolist()) for i, j in itertools.pairwise(start)] == [
        [1, 2],
        [0, 3],
        [0, 3],
        [1, 2],
    ]
    apart = hp.simulate.network_from(people, {"i": ["a", "c"], "j": ["b", "d"]}, id="id")
    assert apart.homophily("x") == np.inf


def test_what_is_unknown_of_a_network_is_refused() -> None:
    people = {"id": [1, 2, 3], "x": [0, 1, 1]}
    network = hp.simulate.network_from(people, {"i": [2], "j": [3]}, id="id")
    with pytest.raises(EstimationError, match="no homophily"):
        network.homophily("x")
    with pytest.raises(EstimationError, match="relative to 0"):
        network.activity("x")
    with pytest.raises(InputError, match="no attribute 'y'"):
        network.shares("y")
    with pytest.raises(InputError, match="can't be saved"):
        pickle.dumps(network)
