"""Which cells must be hidden so that none can be worked out."""

from __future__ import annotations

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.sample.cut import Cut
from hiddenpop.words.disclosure import close


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
