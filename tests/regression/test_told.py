"""What a fitted model tells: cells of its terms, the reference group's too."""

from __future__ import annotations

from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest


def frame() -> pd.DataFrame:
    """Return 230 people: 2 of 50 of group a have the property, 30 of 100 of b and 20 of 80 of c."""
    rows = [("a", 1)] * 2 + [("a", 0)] * 48 + [("b", 1)] * 30 + [("b", 0)] * 70 + [("c", 1)] * 20 + [("c", 0)] * 60
    made = pd.DataFrame(rows, columns=["g", "x"])
    number = np.arange(len(made))
    return made.assign(
        sex=np.where(number % 2, "m", "w"), age=20.0 + number % 41, days=(1 + number % 7.0) * made["x"], nr=number
    )


def hidden(formula: str, family: str = "gaussian", **changes: Any) -> bool:
    """Say whether a report hides a model."""
    model = hp.regress(hp.Survey(frame().assign(**changes), replicates=20), formula, family=family)
    rests = model.coefficients.node.rests_on(5)
    assert rests.hidden.all() == rests.hidden.any()
    return bool(rests.hidden.any())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("formula", "family", "told"),
    [
        ("x ~ g", "binomial", True),  # the reference: 2 of 50
        ("x ~ 0 + g", "gaussian", True),
        ("x ~ C(g) + age", "binomial", True),
        ("x ~ sex + age", "binomial", False),
        ("x ~ 1", "binomial", False),
        ("days ~ g", "gaussian", True),  # two contribute to the sum in a
        ("days ~ sex", "gaussian", False),
        ("age ~ g", "gaussian", False),
        ("age ~ g * sex", "gaussian", False),
        ("days ~ I(nr < 50)", "gaussian", True),  # group a by another name
        ("age ~ I(nr > 226)", "gaussian", True),  # three people
        ("x ~ I(nr < 50):age", "gaussian", True),  # their ages, of those with the property
    ],
)
def test_models_that_tell_of_few_are_hidden(formula: str, family: str, told: bool) -> None:
    assert hidden(formula, family) == told


@pytest.mark.filterwarnings("ignore")
def test_a_saturated_interaction_tells_its_cells() -> None:
    h = lambda t: np.where((t["nr"] % 10 == 0) | (t["x"] == 0), "p", "q")  # noqa: E731
    few = lambda t: np.where((t["g"] == "b") & (t["nr"] % 34 == 0), "r", "s")  # noqa: E731  (three of group b)
    assert not hidden("age ~ g + h", h=h)
    assert hidden("age ~ g + h", h=few)


@pytest.mark.filterwarnings("ignore")
def test_margins_and_predictions_are_hidden_with_the_model() -> None:
    model = hp.regress(hp.Survey(frame(), replicates=20), "x ~ g", family="binomial")
    for est in (model.margins("g"), model.effects("g"), model.predict(pd.DataFrame({"g": ["b"]}))):
        assert hp.Report("r", suppress_below=5).add(est).to_json().count('"hidden"') >= 2 * len(est)


@pytest.mark.filterwarnings("ignore")
def test_a_model_counts_as_its_cells_beside_other_results() -> None:
    # Of 104 with a covariate all but three are in the model: with the share of all, those three follow.
    table = pd.DataFrame({"x": [1, 0] * 52, "z": [*range(101), None, None, None]})
    survey = hp.Survey(table, replicates=20)
    alone = hp.Report("r", suppress_below=5).add(hp.regress(survey, "x ~ z", family="binomial"))
    assert '"hidden"' not in (alone.to_json() or "")
    both = hp.Report("r", suppress_below=5).add(hp.regress(survey, "x ~ z", family="binomial"), survey.proportion("x"))
    assert '"hidden"' in (both.to_json() or "")


def test_of_many_predictors_that_separate_the_first_are_named() -> None:
    people = pd.DataFrame({"nr": [f"n{i:03}" for i in range(300)], "y": [0, 1] * 150})
    with pytest.raises(hp.EstimationError, match=r"Separation: .*, \.\.\. predict the outcome 'y'") as told:
        hp.regress(hp.Survey(people, replicates=20), "y ~ C(nr)", family="binomial")
    assert len(str(told.value)) < 800
