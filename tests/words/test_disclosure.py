"""Which cells must be hidden so that none can be worked out."""

from __future__ import annotations

import hiddenpop as hp
import numpy as np
import pandas as pd
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
