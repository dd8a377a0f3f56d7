"""Which cells must be hidden so that none can be worked out."""

from __future__ import annotations

import itertools

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.sample.cut import Cut
from hiddenpop.words.disclosure import close
from hiddenpop.words.people import People


def test_closing_hides_the_least() -> None:
    # Two groups and all: the small cell needs one more of group b or of all; b's is the smaller.
    frame = pd.DataFrame({"g": ["a"] * 40 + ["b"] * 60, "y": ["p"] * 2 + ["q"] * 38 + ["p"] * 30 + ["q"] * 30})
    survey = hp.Survey(frame, replicates=10)
    units = survey.sample.units  # one row a kind of participant
    level = (units["y"] == "q").to_numpy().astype(np.int64)
    group = (units["g"] == "b").to_numpy().astype(np.int64)
    cut = Cut(survey.sample, "y", ("g",), level, group, 2, 2, np.zeros((2, 3), dtype=bool), total=True, fixed=False)
    cut.hidden[0, 0] = True
    close([cut], 5)
    assert cut.hidden.tolist() == [[True, True, False], [True, True, False]]


def test_the_same_answers_by_two_weightings_are_refused_beside_hidden_cells() -> None:
    # 50 of a weigh 1 or 2, so that with a and c hidden two totals are two equations for two numbers.
    def town(few: int) -> hp.Survey:
        sizes = {"a": (few, 50), "b": (30, 100), "c": (22, 80)}
        rows = [(g, True, k) for g, (k, _) in sizes.items()] + [(g, False, n - k) for g, (k, n) in sizes.items()]
        frame = pd.DataFrame(rows, columns=["g", "x", "people"])
        return hp.Survey(frame, counts="people", replicates=10)

    def raked(few: int, share: float) -> hp.Survey:
        rest = (1 - share) / 2
        return town(few).poststratify("g", {"a": share, "b": rest, "c": rest})

    for few, refused in ((2, True), (20, False)):
        other = raked(few, 0.5)
        for things in (
            [town(few).proportion("x", by="g"), town(few).proportion("x"), other.proportion("x")],
            [town(few).count(by=["g", "x"]), town(few).count(by="x"), other.proportion("x")],
            [raked(few, 0.2).proportion("x", by="g"), other.proportion("x")],
        ):
            made = hp.Report("r", suppress_below=5)
            if refused:
                with pytest.raises(InputError, match="by different weights, or weighted and counted"):
                    made.add(*things)
            else:
                made.add(*things)
    hp.Report("r", suppress_below=5).add(raked(2, 0.5).proportion("x", by="g"), raked(2, 0.5).proportion("x"))


def test_what_nobody_has_by_chance_rules_nothing_out() -> None:
    """Of 20 unrelated columns with rare answers hardly a pair is taken to exclude one another; what does by its meaning is."""
    found = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame(
            {f"v{i}": rng.choice(list("pqrst"), 400, p=[0.55, 0.25, 0.13, 0.04, 0.03]) for i in range(20)}
        )
        frame["sober"] = np.where(frame["v0"] == "q", "often", np.where(rng.random(400) < 0.5, "never", "rarely"))
        frame.loc[frame["v0"] == "p", "sober"] = "never"
        people = People(hp.Survey(frame, replicates=2).sample)
        people.codes = [pd.factorize(frame[name])[0].astype(np.int64) for name in frame.columns]
        people.multiplicity = np.ones(400)
        excluding = list(people.excluding(list(itertools.combinations(range(21), 2))))
        assert (0, 20) in excluding
        found += len(excluding) - 1
    # One in twenty of such surveys may have one.
    assert found <= 4
