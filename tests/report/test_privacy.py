"""What a report may show of each kind of node: a leaf says on whom it rests, or is refused."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.estimate.estimate import Estimate
from hiddenpop.expression.nodes import Portable


def cells(*things: Any, below: int = 5) -> list[str]:
    """Return the first cell of each row that a report shows."""
    data = json.loads(hp.Report("r", suppress_below=below).add(*things).to_json() or "")
    return [row["cells"][0] for block in data["content"] if "table" in block for row in block["table"]["rows"]]


def shares() -> hp.Estimate:
    """A share on 2 of group a, and one on 30 of group b."""
    frame = pd.DataFrame({"g": ["a"] * 40 + ["b"] * 60, "y": [True] * 2 + [False] * 38 + [True] * 30 + [False] * 30})
    return hp.Survey(frame, replicates=50).proportion("y", by="g")


@dataclass(frozen=True, eq=False)
class Trees(Portable):
    """A leaf that the package has never heard of, and that says nothing of participants."""

    point: Any
    args: tuple[()] = ()
    quantity: str = "size"
    n: None = None
    missing: None = None
    replicates: int = 10
    estimator: str = "recruitment trees"

    @property
    def origin(self) -> Any:
        return hp.beta(1, 1, name="trees").node.origin

    def drawn(self, start: int, stop: int, threads: int) -> Any:
        return np.full((1, stop - start), self.point[0])


def test_a_leaf_that_says_nothing_is_refused() -> None:
    est = Estimate(Trees(np.array([100.0])), pd.Index(["trees"]), True, "trees")
    for thing in (est, 2 * est, hp.concat({"a": est, "b": hp.beta(1, 2, name="b")})):
        with pytest.raises(InputError, match="on how many participants 'recruitment trees' rests"):
            cells(thing)
        hp.Report("r").add(thing)


def test_normal_draws_of_people_are_refused() -> None:
    drawn = shares().to_normal(name="drawn")
    for thing in (drawn, hp.multiplier({"a": 100, "b": 100}, drawn)):
        with pytest.raises(InputError, match=r"Normal draws of 'drawn' don't say .* that to_normal\(\) was"):
            cells(thing)
    assert cells(hp.beta(20, 80, name="share").to_normal(name="input")) == ["20.0%"]


def test_sizes_from_lists_and_registers_are_shown() -> None:
    frame = pd.DataFrame(
        {
            "a": [1, 1, 0, 1, 0, 0, 1],
            "b": [1, 0, 1, 1, 1, 0, 0],
            "c": [1, 0, 0, 0, 1, 1, 1],
            "n": [2, 30, 20, 9, 8, 25, 7],
        }
    )
    lists = hp.Lists(frame, ["a", "b", "c"], counts="n", replicates=20)
    register = hp.CaptureCounts({"times": [1, 2, 3], "people": [164, 18, 3]}, "times", counts="people", replicates=20)
    sizes = [hp.chapman(lists["a", "b"]), hp.decomposable_bma(lists), hp.zero_truncated(register).size]
    assert "hidden" not in cells(*sizes)


def test_a_small_benchmark_is_hidden_in_any_order() -> None:
    # With weights, nobody can say that a register counts fewer people than the participants who are in it.
    frame = pd.DataFrame({"g": ["a"] * 40 + ["b"] * 60, "y": [1] * 20 + [0] * 20 + [1] * 30 + [0] * 30, "w": 1.5})
    share = hp.Survey(frame, weights="w", replicates=50).proportion("y", by="g")
    assert cells(share) == ["50.0%", "50.0%"]
    for benchmarks in ({"a": 3000, "b": 3}, {"b": 3, "a": 3000}):
        people = hp.multiplier(benchmarks, share)
        assert cells(people) == ["6,000", "hidden"]
        assert cells(people["a"]) == ["6,000"]
        assert cells(hp.adjust.duplicates(people, share=0.1))[1] == "hidden"
    uncertain = hp.concat({"b": hp.normal(3, 0.1, name="b"), "a": hp.normal(3000, 100, name="a")})
    assert cells(hp.multiplier(uncertain, share)) == ["6,000", "hidden"]


def test_an_adjusted_size_hides_its_own_label() -> None:
    people = hp.multiplier({"a": 100, "b": 100}, shares())
    assert cells(people) == ["hidden", "200"]
    adjusted = hp.adjust.duplicates(people, share=0.1)
    assert cells(adjusted) == ["hidden", "180"]
    assert cells(adjusted.sum("all")) == ["hidden"]


def test_masks_of_the_same_participants_are_one_domain_and_others_are_not() -> None:
    """A domain is known by who is in it: an array's place in memory is taken by the next one."""
    survey = hp.Survey({"x": [1, 0] * 30, "age": np.arange(60) + 0.5}, replicates=20)
    inside = np.arange(60) < 20

    def cut(where: Any) -> Any:
        return survey.proportion("x", where=where).node.rests_on(5).cut

    assert cut(inside).inside == cut(inside.copy()).inside
    assert cut(inside).inside != cut(~inside).inside
    assert str(cut(inside).title) == "'x', where a mask"


def test_sizes_of_groups_of_whom_few_were_seen_are_hidden() -> None:
    frame = pd.DataFrame({"a": [1, 1, 0] * 2, "b": [1, 0, 1] * 2, "g": list("xxxyyy"), "n": [10, 20, 30, 1, 1, 2]})
    lists = hp.Lists(frame, ["a", "b"], counts="n", by="g", replicates=20)
    # (30 + 1) (40 + 1) / (10 + 1) - 1 = 114.5 by Chapman's formula; of group y four people were seen.
    assert cells(hp.chapman(lists, by="g")) == ["115", "hidden"]
    assert "hidden" not in cells(hp.chapman(lists, by="g"), below=4)


def test_a_size_from_few_who_recruited_one_another_is_hidden() -> None:
    table = {"id": range(4), "by": [-1, -1, -1, 0], "knows": [5, 4, 3, 2]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", hp.HiddenpopWarning)  # four people say little
        survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", replicates=20)
        size = hp.successive_sampling_size(survey, prior_median=20, largest=100, largest_size=10)
    assert cells(size) == ["hidden"]
    assert cells(size, below=4) != ["hidden"]


def test_what_is_computed_from_answers_that_few_gave_is_hidden() -> None:
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"age": rng.integers(20, 30, 200).astype(float), "pay": rng.normal(2000, 300, 200)})
    survey = hp.Survey(table, replicates=50)
    age, pay = survey.quantile("age", 0.5), survey.quantile("pay", 0.5)
    assert cells(age)[0] != "hidden"
    assert cells(2 * age)[0] != "hidden"  # some twenty are of each age
    # Nobody else earns what the one in the middle does: rounded it is shown, twice that, exactly, is not.
    (shown,) = cells(pay)
    assert (np.abs(table["pay"] - float(shown.replace(",", ""))) < 150).sum() >= 5
    assert cells(2 * pay) == ["hidden"]
    assert cells(pay + 1) == ["hidden"]
