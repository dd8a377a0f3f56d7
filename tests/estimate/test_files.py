"""Saved and pickled estimates lose nothing and hold no respondents."""

import base64
import datetime
import json
import pickle
import warnings
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, HiddenpopWarning, InputError
from hiddenpop.estimate import inputs
from hiddenpop.expression import graph
from hiddenpop.ground import records, sealed
from hiddenpop.uncertainty import variance

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


# What is read is not believed before it was checked

SAVED = sorted((Path(__file__).parents[1] / "data" / "saved").glob("*.json"))


@pytest.mark.parametrize("path", SAVED, ids=[path.stem for path in SAVED])
def test_files_of_the_earlier_format_are_read(path: Path) -> None:
    """They were saved in format 1, which had no checksum and named data by their fingerprints."""
    text = path.read_text(encoding="utf-8")
    assert json.loads(text)["format"] == 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)  # chains this short don't settle
        old = hp.read_estimate(path)
        again = hp.read_estimate(old.to_json() or "")
    assert json.loads(old.to_json(draws=False) or "")["format"] == 2
    np.testing.assert_array_equal(again.draws, old.draws)
    assert old.node.point == pytest.approx(json.loads(text)["estimate"]["array"], rel=1e-8)
    assert old.methods() == again.methods()
    for name in ("checksum", "odd"):
        with pytest.raises(InputError, match=f"called '{name}'"):
            hp.read_estimate(json.dumps(json.loads(text) | {name: []}))


def _share() -> hp.Estimate:
    return hp.Survey({"g": ["a", "b"] * 20, "x": [0, 1, 1, 0] * 10}, replicates=50).proportion("x", by="g")


def _draws(values: np.ndarray) -> str:
    return base64.b64encode(zlib.compress(np.ascontiguousarray(values, dtype="<f8").tobytes())).decode()


PACKED = "zlib+base64 of little-endian doubles"
#: What a liar changes, who computes the checksum again.
LIES: dict[str, Any] = {
    "a share of 700%": lambda r: (
        r["nodes"][0].update(point={"array": [7, -3]}),
        r.update(estimate={"array": [7, -3]}),
    ),
    "points beside the draws": lambda r: (
        r["nodes"][0].update(point={"array": [0.9, 0.99]}),
        r.update(estimate={"array": [0.9, 0.99]}),
    ),
    "points of others": lambda r: r["nodes"][0]["point"].update(array=[0.4, 0.6]),
    "one label twice": lambda r: r["labels"].update(index=["a", "a"]),
    "labels of others": lambda r: r["labels"].update(index=["a", "b", "c"]),
    "draws of 1e9": lambda r: r["draws"].update({PACKED: _draws(np.full((2, 50), 1e9))}),
    "draws of 7": lambda r: r["draws"].update({PACKED: _draws(np.full((2, 7), 0.5)), "replicates": 7}),
    "more draws than said": lambda r: r["draws"].update({PACKED: _draws(np.full((2, 500), 0.5))}),
    "many replicates": lambda r: (
        r["draws"].update(replicates=10**7),
        r["nodes"][0]["record"].update(replicates=10**7),
    ),
    "-5 participants": lambda r: r["nodes"][0]["record"].update(participants=-5),
    "more answers than people": lambda r: r["nodes"][0].update(n={"array": [20, 41]}),
    "more missing than people": lambda r: r["nodes"][0].update(missing={"array": [41, 0]}),
    "answers of no number": lambda r: r["nodes"][0].update(n={"array": [20, {"float": "nan"}]}),
    "a covariance beyond its variances": lambda r: r["parts"][0]["covariance"].update(array=[[1.0, 2.0], [2.0, 1.0]]),
    "answers below none": lambda r: r["nodes"][0].update(n={"array": [20, -1]}),
    "a seed below zero": lambda r: r["nodes"][0]["record"].update(seed=-1),
    "a number for a text": lambda r: r["nodes"][0]["record"].update(design=5),
    "a text for a number": lambda r: r["nodes"][0]["record"].update(participants="40"),
    "True for a number": lambda r: r["nodes"][0]["record"].update(participants=True),
    "a question that is none": lambda r: r["nodes"][0]["question"].update(kind="everything"),
    "a field that is none": lambda r: r["nodes"][0].update(sample={"tuple": []}),
    "a field too few": lambda r: r["nodes"][0].pop("record"),
    "a class that is none": lambda r: r["nodes"][0].update(type="Popen"),
    "nodes that go round": lambda r: r["nodes"][0].update(args={"tuple": [{"node": 0}]}),
    "nodes from behind": lambda r: r["nodes"][0].update(args={"tuple": [{"node": -1}]}),
    "nodes of nobody": lambda r: r["nodes"].insert(0, dict(r["nodes"][0])),
    "a covariance below zero": lambda r: r["parts"][0]["covariance"].update(array=[[-1.0, 0.0], [0.0, 1.0]]),
    "a covariance of others": lambda r: r["parts"][0]["covariance"].update(array=[[1.0]]),
    "a part of others": lambda r: r["parts"][0].update(nodes=[1]),
    "texts for numbers": lambda r: r["estimate"].update(array=["0.5", "0.5"]),
    "another key": lambda r: r.update(more=1),
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("again", [True, False])
def test_a_file_that_was_changed_is_refused(lie: str, again: bool) -> None:
    record = json.loads(_share().to_json() or "")
    LIES[lie](record)
    if again:
        record["checksum"] = records.checksum(record)
    with pytest.raises(InputError, match=None if again else "checksum|holds|lacks|called"):
        hp.read_estimate(json.dumps(record))


#: Estimates whose last step measures something, and what it can't measure.
MEASURES: dict[str, tuple[Any, str]] = {
    "shares that are sizes": (lambda: 1 - _share(), "size"),
    "shares and a half that are sizes": (lambda: _share() + 0.5, "size"),
    "sums of shares that are sizes": (lambda: _share().sum(), "size"),
    "sums of shares that are means": (lambda: _share().sum(), "mean"),
    "sizes that are means": (lambda: hp.multiplier({"a": 100, "b": 200}, _share()), "mean"),
    "sizes that are other": (lambda: hp.multiplier({"a": 100, "b": 200}, _share()), "other"),
    "a consensus of sizes that is a mean": (
        lambda: hp.triangulate({name: hp.published(90, 80, 100, name=name) for name in "ab"}, method="fixed").estimate,
        "mean",
    ),
}


@pytest.mark.parametrize("what", MEASURES)
def test_a_step_measures_what_its_arguments_can(what: str) -> None:
    make, wrong = MEASURES[what]
    record = json.loads(make().to_json())
    assert hp.read_estimate(json.dumps(record)).quantity == record["nodes"][-1]["quantity"] != wrong
    record["nodes"][-1]["quantity"] = wrong
    record["checksum"] = records.checksum(record)
    with pytest.raises(InputError, match=r"contradict|can't hold"):
        hp.read_estimate(json.dumps(record))


def test_how_a_file_is_spaced_and_ordered_is_nobodys_business() -> None:
    record = json.loads(_share().to_json() or "")
    np.testing.assert_array_equal(hp.read_estimate(json.dumps(dict(reversed(record.items())))).draws, _share().draws)


def test_numbers_that_are_odd_and_true_are_read() -> None:
    """A function of weights may lie beside all of its draws: the file says so, and is believed."""
    survey = hp.Survey({"x": [0, 1, 1, 0] * 10, "w": [1.0, 2.0] * 20}, weights="w", replicates=50)
    est = survey.replicate(lambda weights: float(np.array_equal(weights, np.tile([1.0, 2.0], 20))))
    assert (est.draws == 0).all()
    assert est.point == 1
    record = json.loads(est.to_json() or "")
    assert hp.read_estimate(json.dumps(record)).point == 1
    record["draws"]["odd"] = []
    record["checksum"] = records.checksum(record)
    with pytest.raises(InputError, match="don't belong to their points"):
        hp.read_estimate(json.dumps(record))


def test_a_device_is_no_file() -> None:
    with pytest.raises(InputError, match="it is no file"):
        hp.read_estimate("/dev/zero")


def test_sums_of_sums_are_read_in_no_time() -> None:
    """Each uses the one before twice: whoever asked arguments again and again would ask 2^40 times."""
    record = json.loads(hp.published(1000, 900, 1100, name="x", replicates=20).to_json(draws=False) or "")
    for i in range(40):
        record["nodes"].append(
            {"type": "Operation", "symbol": "+", "args": {"tuple": 2 * [{"node": i}]}, "quantity": "size"}
        )
    record["estimate"] = {"array": [1000.0 * 2**40]}
    record["checksum"] = records.checksum(record)
    assert hp.read_estimate(json.dumps(record)).interval(method="percentile")["lower"].item() > 900 * 2**40


# Whose people an estimate is of


def test_no_fingerprint_leaves_memory(total: hp.Estimate) -> None:
    lists = hp.Lists({"A": [1, 1, 0] * 20, "B": [1, 0, 1] * 20, "C": [1, 1, 1] * 20}, list("ABC"), replicates=50)
    register = hp.CaptureCounts({"k": [1, 1, 2, 3, 1, 1, 2, 4] * 5}, "k", replicates=50)
    normal = _share().to_normal()
    peers = {"id": range(60), "by": [-1, *range(59)], "knows": [6, 5, 4, 4, 3, 2] * 10}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)  # one chain, and the prior decides
        recruits = hp.Survey.rds(peers, id="id", recruiter="by", degree="knows")
        peers_size = hp.successive_sampling_size(recruits, prior_median=200, largest=1_000, replicates=50)
    sizes = hp.decomposable_bma(lists, replicates=50), hp.mh(lists), hp.zero_truncated(register).size, peers_size
    for est in (total, _share(), normal, *sizes):
        prints = {number for source in graph.sources(est.node) for number in source.origin.people}
        texts = [
            est.to_json(),
            est.to_json(draws=False),
            pickle.dumps(est, 0).decode(),
            est.methods(),
            hp.Report("r").add(est).to_json(),
        ]
        for text in texts:
            assert not any(str(number) in str(text) or f"{number:x}" in str(text) for number in prints)


def test_who_has_another_key_is_told_what_can_t_be_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    share = _share()
    texts = share.to_json() or "", (1 - share).to_json() or ""
    monkeypatch.setenv(sealed.VARIABLE, str(tmp_path / "colleague"))
    one, other = map(hp.read_estimate, texts)
    np.testing.assert_array_equal(one.draws, share.draws)
    np.testing.assert_array_equal((one + other).draws, np.ones((2, 50)))  # of one survey, whoever it may be
    with pytest.warns(HiddenpopWarning, match="saved by somebody else"):
        _ = one - share
    np.testing.assert_array_equal(
        one.replay(survey=hp.Survey({"g": ["a", "b"] * 20, "x": [0, 1, 1, 0] * 10})).node.point, share.node.point
    )
    back = one.to_json() or ""
    monkeypatch.undo()
    assert ((hp.read_estimate(back) - share).draws == 0).all()  # who saved it first knows it again


def test_a_covariance_of_many_labels_is_packed_and_the_same() -> None:
    table = {"x": np.arange(240) % 7 < 3, "g": [f"g{i % 60}" for i in range(240)], "s": np.arange(240) % 2}
    for share in (hp.Survey(table, strata="s").proportion("x", by="g"), hp.Survey(table).proportion("g")):
        text = share.to_json() or ""
        (part,) = json.loads(text)["parts"]
        assert list(part["covariance"]) == ["zlib+base64 of little-endian doubles"]
        np.testing.assert_array_equal(hp.read_estimate(text).interval(), share.interval())
        np.testing.assert_array_equal(
            variance.measured(hp.read_estimate(text).node).covariance, variance.measured(share.node).covariance
        )
