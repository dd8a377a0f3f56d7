"""Tick all that apply: shares by hand."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError


@pytest.fixture
def frame() -> pd.DataFrame:
    """Return a question with three options; the last person was not asked, the one before left two blank."""
    return pd.DataFrame(
        {
            "g": ["a", "a", "b", "b", "a", "b"],
            "q_teeth": [1, 0, 1, 1, np.nan, np.nan],
            "q_sleep": [0, 0, 1, 1, 1, np.nan],
            "q_none": [0, 1, 0, 0, np.nan, np.nan],
        }
    )


def test_base_is_who_answered(frame: pd.DataFrame) -> None:
    found = hp.multiselect(hp.Survey(frame, replicates=200), "q_")
    assert found.point.to_dict() == pytest.approx({"teeth": 3 / 5, "sleep": 3 / 5, "none": 1 / 5})
    summary = found.summary()
    assert summary["n"].tolist() == [5, 5, 5]
    assert summary["missing"].tolist() == [1, 1, 1]
    assert found.quantity == "share"
    # Joint with the survey's other estimates.
    survey = hp.Survey(frame, replicates=200)
    filled = survey.assign(t=[1, 0, 1, 1, 0, None]).proportion("t")
    assert np.array_equal(hp.multiselect(survey, "q_")["teeth"].draws, filled.draws, equal_nan=True)


def test_by_group_with_labels(frame: pd.DataFrame) -> None:
    survey = hp.Survey(frame, strata="g", replicates=200)
    found = hp.multiselect(survey, columns=["q_teeth", "q_sleep"], labels={"q_teeth": "dental problems"}, by="g")
    assert found.labels.names == ["option", "g"]
    assert found.point["dental problems", "a"] == pytest.approx(1 / 3)
    assert found.point["q_sleep", "b"] == pytest.approx(1)
    words = frame.assign(q_teeth=frame["q_teeth"].map({1: "Yes", 0: "No"}))
    assert hp.multiselect(hp.Survey(words, replicates=50), "q_").point["teeth"] == pytest.approx(3 / 5)


def test_what_is_wrong(frame: pd.DataFrame) -> None:
    survey = hp.Survey(frame.assign(q_code=[1, 2, 3, 4, 5, 6]), replicates=50)
    with pytest.raises(InputError, match="No column begins with 'r_'"):
        hp.multiselect(survey, "r_")
    with pytest.raises(InputError, match="'q_code' of a question"):
        hp.multiselect(survey, "q_")
    with pytest.raises(InputError, match="prefix or a list"):
        hp.multiselect(survey)
    with pytest.raises(InputError, match="ticks only"):
        hp.multiselect(hp.Survey({"q_a": [1, None, 1], "q_b": [None, None, 1]}, replicates=50), "q_")
    with pytest.raises(InputError, match="the same label"):
        hp.multiselect(survey, columns=["q_teeth", "q_sleep"], labels={"q_teeth": "x", "q_sleep": "x"})
