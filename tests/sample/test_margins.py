"""Margins that are shares, rounded or not, percentages, and totals that can't be meant. Right weights: by definition."""

import warnings
from typing import Any

import hiddenpop as hp
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning, InputError

TABLE = pd.DataFrame(
    {"age": ["young", "mid", "old"] * 20, "sex": ["f", "m"] * 30, "yes": [1, 0, 0] * 20, "w": [100.0, 150, 50] * 20}
)
THIRDS = {"young": 1.0, "mid": 1.0, "old": 1.0}


def survey(*, weighted: bool = True, times: int = 1) -> hp.Survey:
    design: dict[str, Any] = {"weights": "w"} if weighted else {}
    return hp.Survey(pd.concat([TABLE] * times), redraws="bayesian", replicates=50, **design)


@pytest.mark.parametrize("each", [0.33, 0.34, 33, 33.3, 33.6, 100 / 3])
def test_rounded_shares_and_percentages_are_scaled_to_the_weights(each: float) -> None:
    margin = dict.fromkeys(THIRDS, each)
    with pytest.warns(
        HiddenpopWarning, match=f"read as {'shares' if each < 1 else 'percentages'}.*scaled to the 6,000"
    ):
        made = survey().calibrate({"age": margin})
    assert made.weights.groupby(TABLE["age"]).sum().to_dict() == pytest.approx(dict.fromkeys(THIRDS, 2000))
    with pytest.warns(HiddenpopWarning, match="scaled to the 6,000"):
        again = survey().poststratify("age", pd.Series(margin))
    assert again.weights.sum() == pytest.approx(6000)


def test_shares_of_several_questions_describe_one_population() -> None:
    with pytest.warns(HiddenpopWarning) as said:
        made = survey().calibrate({"age": dict.fromkeys(THIRDS, 0.33), "sex": {"f": 0.4, "m": 0.61}})
    assert len(said) == 2
    assert made.weights.groupby(TABLE["sex"]).sum()["f"] == pytest.approx(6000 * 0.4 / 1.01)


def test_what_was_said_of_margins_is_not_said_again() -> None:
    with pytest.warns(HiddenpopWarning, match="rounded"):
        made = survey().calibrate({"age": dict.fromkeys(THIRDS, 0.33)})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made.mean("yes").replay(seed=3, replicates=60).se()  # margins are read anew


def test_estimated_shares_are_scaled_with_their_draws() -> None:
    shares = hp.concat(
        {"young": hp.beta(33, 67, name="a"), "mid": hp.beta(33, 67, name="b"), "old": hp.beta(33, 67, name="c")}
    )
    with pytest.warns(HiddenpopWarning, match="scaled to the 6,000"):
        made = survey().calibrate({"age": shares})
    assert made.weights.sum() == pytest.approx(6000)
    assert made.total("yes").se() == pytest.approx(6000 / 0.99 * (0.33 * 0.67 / 101) ** 0.5, rel=0.4)  # 50 replicates


def test_exact_shares_and_totals_are_taken_as_they_are() -> None:
    assert survey().calibrate({"age": {"young": 0.25, "mid": 0.25, "old": 0.5}}).weights.sum() == pytest.approx(6000)
    assert survey().calibrate({"age": {"young": 200, "mid": 300, "old": 250}}).weights.sum() == pytest.approx(750)
    with pytest.warns(HiddenpopWarning, match="taken for the number of people"):
        assert survey(weighted=False).calibrate(
            {"age": {"young": 30, "mid": 30, "old": 40}}
        ).weights.sum() == pytest.approx(100)


@pytest.mark.parametrize(
    ("margins", "message"),
    [
        ({"age": {"young": 0.3, "mid": 0.3, "old": 0.3}}, r"adds up to 0.9 people, and the sample has 60"),
        ({"age": {"young": 10, "mid": 10, "old": 10}}, "adds up to 30 people, and the sample has 60"),
        ({"yes": 0.33}, r"is yes or no, and its total is 0.33 people.*\{1: 0.33, 0: 0.67\}"),
        (
            {"age": pd.Series([0.5, 0.2, 0.1, 0.2], index=["young", "young", "mid", "old"])},
            "the label 'young' more than once",
        ),
    ],
)
def test_totals_that_cannot_be_meant_are_refused(margins: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        survey().calibrate(margins)


@pytest.mark.parametrize("times", [2, 4])
def test_percentages_of_more_people_than_a_hundred(times: int) -> None:
    with pytest.warns(HiddenpopWarning, match=f"percentages and scaled to the {60 * times} that"):
        made = survey(weighted=False, times=times).calibrate({"age": {"young": 30, "mid": 30, "old": 40}})
    assert made.weights.sum() == pytest.approx(60 * times)


def test_totals_far_below_the_weights_are_doubted() -> None:
    # 96 percent of 6,000, some categories being left out, and 6,000 thousands: taken for people, and said.
    survey = hp.Survey({"age": ["young", "mid", "old"] * 20, "w": [100.0] * 60}, weights="w", replicates=50)
    with pytest.warns(HiddenpopWarning, match="adds up to 96 people, and the weights to 6,000"):
        made = survey.poststratify("age", {"young": 32, "mid": 32, "old": 32})
    assert made.weights.sum() == pytest.approx(96)
