"""Saved and pickled estimates lose nothing and hold no respondents."""

import datetime
import json
import pickle
from collections import Counter
from pathlib import Path

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, HiddenpopWarning, InputError
from hiddenpop.estimate import inputs

from .. import facts


@pytest.fixture
def total(interviews: pd.DataFrame) -> hp.Estimate:
    survey = hp.Survey(interviews, strata="group", name="fieldwork")
    people = hp.multiplier(facts.OPAAK_BENCHMARKS, survey.proportion("in_treatment", by="group"))
    uses = survey.proportion("uses_crack", by="group", where=(interviews["city"] != "Utrecht").to_numpy())
    return (people * uses * hp.beta(80, 20, name="completeness")).sum("people")


def test_round_trip(total: hp.Estimate, people: hp.Estimate, tmp_path: Path) -> None:
    for i, est in enumerate(
        (total, people, people > 1, hp.concat({2012: total, 2023: people["opioids"]}), people.per(1e6), -people)
    ):
        path = tmp_path / f"{i}.json"
        est.to_json(path)
        back = hp.read_estimate(path)
        np.testing.assert_array_equal(back.draws, est.draws)
        np.testing.assert_array_equal(back.node.point, est.node.point)
        pd.testing.assert_index_equal(back.labels, est.labels)
        assert (back.name, back.scalar, back.quantity) == (est.name, est.scalar, est.quantity)
        assert back.methods() == est.methods()
        assert repr(back) == repr(est)
        if est.quantity != "event":
            pd.testing.assert_frame_equal(back.summary(), est.summary())


def test_infinite_draws_survive(tmp_path: Path) -> None:
    size = hp.multiplier(9, hp.Survey({"x": [1, 0], "n": [1, 9]}, counts="n").proportion("x"))
    assert np.isinf(size.draws).any()
    np.testing.assert_array_equal(hp.read_estimate(size.to_json()).draws, size.draws)
    json.loads(size.to_json(), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_no_rows_are_written(total: hp.Estimate, interviews: pd.DataFrame) -> None:
    text = total.to_json() + pickle.dumps(total).decode("latin-1")
    assert "synthetic-" not in text  # the participants' ids
    for city in interviews["city"].unique():
        assert city not in text
    record = total.node.args[0]
    assert "digests" not in text, record


def test_a_read_estimate_combines_with_its_survey(survey: hp.Survey, people: hp.Estimate) -> None:
    back = hp.read_estimate(people.to_json())
    assert ((back - people).draws == 0).all()
    uses = survey.proportion("in_treatment", by="group")
    np.testing.assert_array_equal((back * uses).draws, (people * uses).draws)


def test_a_read_estimate_replays_on_its_survey(survey: hp.Survey, people: hp.Estimate) -> None:
    back = hp.read_estimate(people.to_json())
    np.testing.assert_array_equal(
        back.replay(survey=survey, replicates=15_000).draws, people.replay(replicates=15_000).draws
    )
    with pytest.raises(EstimationError, match=r"replay\(survey=survey\)"):
        _ = back.replay(replicates=15_000).draws


def test_without_draws(survey: hp.Survey, people: hp.Estimate) -> None:
    text = people.to_json(draws=False)
    assert text is not None
    assert len(text) < 8_000
    back = hp.read_estimate(text)
    pd.testing.assert_series_equal(back.point, people.point)
    assert "no interval" in repr(back)
    with pytest.raises(EstimationError, match="saved without its survey's rows"):
        back.interval()
    np.testing.assert_array_equal(back.replay(survey=survey).draws, people.draws)


def test_functions_are_not_kept_but_their_results_are(people: hp.Estimate, survey: hp.Survey) -> None:
    logs = hp.apply(np.log, people, name="log")
    back = hp.read_estimate(logs.to_json())
    np.testing.assert_array_equal(back.draws, logs.draws)
    with pytest.raises(EstimationError, match="'log' is not kept"):
        back.replay(survey=survey)


def test_pickle(total: hp.Estimate) -> None:
    back = pickle.loads(pickle.dumps(total))
    np.testing.assert_array_equal(back.draws, total.draws)


def test_a_survey_pickles_whole(survey: hp.Survey) -> None:
    # A survey is its rows: pickling one is the user's own choice, for a process pool for example.
    back = pickle.loads(pickle.dumps(survey))
    np.testing.assert_array_equal(back.proportion("in_treatment").draws, survey.proportion("in_treatment").draws)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "format None"),
        ("{not json", "no estimate saved by hiddenpop"),
        ('{"format": 1}', "no estimate saved by hiddenpop"),
        ('{"format": 99, "nodes": []}', "format 99"),
        ("/nowhere/at/all.json", "no estimate to read at"),
    ],
)
def test_bad_files(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        hp.read_estimate(text)


def test_labels_that_cannot_be_saved_are_named(people: hp.Estimate) -> None:
    with pytest.raises(InputError, match="A label of type frozenset"):
        hp.concat({frozenset({1}): people["opioids"]}).to_json()


def test_age_bands_and_dates_are_labels_too(people: hp.Estimate) -> None:
    labels = [pd.Interval(15, 64), pd.Period("2023-07", "M"), datetime.date(2023, 7, 1), pd.Timestamp("2024-07-01")]
    est = hp.concat(dict.fromkeys(labels, people["opioids"]))
    assert list(hp.read_estimate(est.to_json()).labels) == labels


def test_inputs_of_two_runs_are_one_quantity_or_two_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unnamed input is known by its number in the run, which the next run gives to another."""
    monkeypatch.setattr(inputs, "_calls", Counter())
    path = tmp_path / "size.json"
    first = 1000 / hp.beta(80, 20, replicates=50)
    first.to_json(path)
    again = hp.read_estimate(path)
    assert (first - again).se() == 0  # of one call: nothing to be said
    monkeypatch.setattr(inputs, "_calls", Counter())
    with pytest.warns(HiddenpopWarning, match="without a name, made in two runs"):
        _ = 1000 / hp.beta(80, 20, replicates=50) - again
    named = 1000 / hp.beta(80, 20, name="completeness", replicates=50)
    named.to_json(path)
    assert (hp.read_estimate(path) - 1000 / hp.beta(80, 20, name="completeness", replicates=50)).se() == 0


def test_equal_tables_of_two_towns_are_told_from_their_files() -> None:
    def town() -> dict[str, hp.Estimate]:
        survey = hp.Survey({"x": [1, 0], "n": [30, 70]}, counts="n", replicates=50)
        lists = hp.Lists({"A": [1, 1, 0] * 20, "B": [1, 0, 1] * 20}, ["A", "B"], replicates=50)
        histories = {"A": [1, 1, 1, 1, 0, 0, 0], "B": [1, 1, 0, 0, 1, 1, 0], "C": [1, 0, 1, 0, 1, 0, 1], "n": [40] * 7}
        three = hp.Lists(histories, ["A", "B", "C"], counts="n")
        register = hp.CaptureCounts({"k": [1, 1, 2, 3, 1, 1, 2, 4] * 5}, "k", replicates=50)
        return {
            "surveys with identical tables": survey.proportion("x"),
            "Lists with identical counts": hp.chapman(lists),
            "registers with identical tables": hp.zero_truncated(register).size,
            "normal draws": survey.proportion("x").to_normal(),
            "posteriors": hp.decomposable_bma(three, replicates=50),
        }

    for (words, here), there in zip(town().items(), town().values(), strict=True):
        a, b = (hp.read_estimate(one.to_json() or "") for one in (here, there))
        with pytest.warns(HiddenpopWarning, match=f"wo {words}") as told:
            _ = a - b
        assert len(told) == 1
        with pytest.warns(HiddenpopWarning, match=f"wo {words}"):
            _ = a - there
        assert (a - here).se() == 0  # one survey, saved and at hand


def test_what_is_taken_to_be_one_sample_is_one_for_every_interval() -> None:
    """Draws and linearised variances say the same of two surveys of one table: that they are one."""
    table = {"x": [1, 0, 0, 1, 1, 0, 1, 1] * 4, "w": [1, 2, 3, 1] * 8}
    a, b = (hp.Survey(table, weights="w", replicates=50).proportion("x") for _ in range(2))
    with pytest.warns(HiddenpopWarning, match="taken to be the same people"):
        difference = a - b
    assert difference.se() == 0
    with pytest.warns(HiddenpopWarning, match="standard error is zero"):
        assert difference.interval(method="t").isna().all(axis=None)
