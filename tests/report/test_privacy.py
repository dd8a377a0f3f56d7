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
from hiddenpop.report import builder

from .test_shown import people


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


@pytest.mark.filterwarnings("ignore:The size:hiddenpop.HiddenpopWarning")  # 6 people, of whom 60 took part
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


#: Answers by group and sex: what is reported of x3, of whether it is yes (x), and of whether it is not never (ever).
SPECS: dict[str, list[tuple[str, list[str]]]] = {
    "one table and its total": [("x3", ["g"]), ("x3", [])],
    "a share by two columns and of all": [("x", ["g"]), ("x", ["s"]), ("x", [])],
    "answers by two columns": [("x3", ["g"]), ("x3", ["s"])],
    "two columns together": [("x3", ["g", "s"]), ("x3", ["g"])],
    "a recode": [("x", ["g"]), ("x3", ["g"]), ("x3", [])],
    "a recode elsewhere": [("x", ["g"]), ("x3", ["s"]), ("x3", [])],
    "two recodes": [("x", ["g"]), ("ever", ["g"]), ("x3", ["s"])],
}
ANSWERS = ("yes", "no", "never", None)


def town(counts: np.ndarray) -> hp.Survey:
    """Return people by group, sex and answer, the last of which is none."""
    rows = [
        ("abcd"[g], "mw"[s], ANSWERS[i], int(counts[g, s, i]))
        for g, s, i in np.ndindex(counts.shape)
        if counts[g, s, i]
    ]
    frame = pd.DataFrame(rows, columns=["g", "s", "x3", "people"])
    frame["x3"] = pd.Categorical(frame["x3"], [one for one in ANSWERS if one])
    gone = frame["x3"].isna()
    frame["x"] = (frame["x3"] == "yes").astype("boolean").mask(gone)
    frame["ever"] = (frame["x3"] != "never").astype("boolean").mask(gone)
    return hp.Survey(frame, counts="people", replicates=20, name="town")


def labels(counts: np.ndarray, spec: list[tuple[str, list[str]]]) -> np.ndarray:
    """Return participants with each label that is reported, and who answered."""
    found = []
    for column, by in spec:
        table = counts.sum(axis=tuple(i for i, name in enumerate("gs") if name not in by)).reshape(-1, 4)[:, :3]
        own = {"x": table[:, :1], "ever": table[:, :2].sum(axis=1, keepdims=True), "x3": table}[column]
        found += [(one, row.sum()) for row, cells_of in zip(table, own, strict=True) for one in cells_of]
    return np.array(found)


def kinds(told: np.ndarray) -> np.ndarray:
    """Say which numbers are none, few, or more: with, answered, without."""
    each = np.column_stack([told, told[:, 1] - told[:, 0]])
    return np.where(each == 0, 0, np.where(each < 5, 1, 2))


def moved(counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Let a few people of a group and sex answer otherwise, and others the other way round."""
    other, groups = counts.copy(), len(counts)
    for _ in range(rng.integers(1, 4)):
        people = rng.integers(1, 4)
        this, that = rng.choice(4 if rng.random() < 0.2 else 3, 2, replace=False)
        (g, h), s = rng.choice(groups, 2, replace=False), rng.integers(2)
        ways = [[(g, s)], [(g, s), (h, s)], [(g, s), (g, 1 - s)], [(g, s), (h, s), (g, 1 - s), (h, 1 - s)]]
        for i, place in enumerate(ways[rng.integers(4)]):
            sign = people if i in (0, 3) else -people
            other[(*place, this)] += sign
            other[(*place, that)] -= sign
    return other


@pytest.mark.parametrize("name", SPECS)
def test_what_else_is_hidden_does_not_tell_how_small_the_small_ones_are(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random towns that differ in nothing but hidden numbers give the same report (no attack by minimality)."""
    monkeypatch.setattr(builder, "_picture", lambda _: builder.NOT_DRAWN)
    spec, pairs, hid = SPECS[name], 0, 0

    def report(counts: np.ndarray) -> str:
        survey = town(counts)
        things = [survey.proportion(column, by=by or None) for column, by in spec]
        return hp.Report("r", suppress_below=5).add(*things).to_json() or ""

    for seed in range(6):
        rng = np.random.default_rng(seed)
        groups = int(rng.integers(2, 5))
        sizes = rng.integers(8, 45, (groups, 2))
        counts = np.array([[rng.multinomial(n, rng.dirichlet([2, 4, 2, 0.6])) for n in row] for row in sizes])
        counts[rng.integers(groups), :, rng.choice([0, 2])] = rng.integers(0, 3, 2)
        first, told = report(counts), labels(counts, spec)
        content = json.loads(first)["content"]
        shown = [r["cells"][0] for b in content if "table" in b for r in b["table"]["rows"]]
        assert len(shown) == len(told)
        open_to_all = np.array([cell != "hidden" for cell in shown])
        hid += int((~open_to_all).sum())
        for _ in range(400):
            other = moved(counts, rng)
            if (other < 0).any() or not (~open_to_all).any():
                continue
            now = labels(other, spec)
            if (
                (now == told).all()
                or (now[open_to_all] != told[open_to_all]).any()
                or (kinds(now) != kinds(told)).any()
            ):
                continue
            pairs += 1
            assert report(other) == first, (seed, counts.tolist(), other.tolist())
            break
    assert pairs >= 2
    assert hid > 5


def more(few: int, *, whole: bool, weighted: bool = False, calibrated: bool = False) -> hp.Survey:
    """Return the people of `test_shown` with missing answers, a recode and further answers, of which none tells the hidden ones."""
    frame = people(few, whole=whole)
    last = frame.groupby("g").cumcount(ascending=False)  # the property comes first in each group
    frame["some"] = frame["x"].astype(float).mask(last % 10 == 3)
    daily = np.where(frame["x"] == 1, "yes", np.where(last % 3 == 0, "never", "no"))
    frame["daily"] = pd.Categorical(daily, ["yes", "no", "never"])
    frame["other"], frame["third"] = last % 4 == 1, last % 7 == 2
    frame["weight"] = frame["g"].map({"a": 1.0, "b": 2.0, "c": 1.5})
    survey = hp.Survey(frame, weights="weight" if weighted else None, replicates=50, name="town")
    return survey.poststratify("g", {"a": 0.3, "b": 0.4, "c": 0.3}) if calibrated else survey


#: Results that take answers of x together with others, or leave some out.
TOGETHER: dict[str, tuple[dict[str, bool], Any]] = {
    "missing answers": ({}, lambda s: [s.proportion("some", by="g"), s.proportion("some")]),
    "a table of missing answers": ({}, lambda s: [hp.describe(s, ["some", "age"], by="g", total=True)]),
    "means of some": ({}, lambda s: [s.mean("some", by="g"), s.mean("some"), s.mean("days", by="g")]),
    "a recode": ({}, lambda s: [s.proportion("x", by="g"), s.proportion("daily", by="g"), s.proportion("daily")]),
    "several answers, weighted": (
        {"weighted": True},
        lambda s: [s.proportion(c, by="g") for c in ("x", "other", "third")] + [s.proportion("x")],
    ),
    "models of some": ({}, lambda s: [s.proportion("some", by="g"), hp.regress(s, "some ~ g", family="binomial")]),
    "margins": (
        {},
        lambda s: [s.proportion("x", by="g"), hp.regress(s, "x ~ g + age", family="binomial").margins("g")],
    ),
    "comparisons": ({}, lambda s: [s.proportion("some", by="g"), hp.compare(s, "some", by="g")]),
    "quantiles by it": ({}, lambda s: [s.quantile("age", 0.5, by="daily"), s.proportion("x", by="g")]),
    "means within it": ({}, lambda s: [s.mean("age", by="g", where="x"), s.proportion("x", by="g")]),
    "calibrated": ({"calibrated": True}, lambda s: [s.proportion("x", by="g"), s.proportion("x")]),
    "calibrated, with a recode": (
        {"calibrated": True},
        lambda s: [s.proportion("daily", by="g"), s.proportion("x", by="g"), s.mean("days")],
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", TOGETHER)
def test_which_cells_are_hidden_does_not_depend_on_a_hidden_one(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of group a to four of them: the same cells are hidden, wherever others have as many fewer."""
    monkeypatch.setattr(builder, "_picture", lambda _: builder.NOT_DRAWN)
    how, things = TOGETHER[name]
    for whole in (True, False):
        seen = set()
        for few in (1, 2, 4):
            made = hp.Report("r", suppress_below=5).add(*things(more(few, whole=whole, **how)))
            content = json.loads(made.to_json() or "")["content"]
            rows = [row["cells"] for b in content if "table" in b for row in b["table"]["rows"]]
            seen.add(tuple(cell == "hidden" for row in rows for cell in row))
        assert any(next(iter(seen)))
        assert len(seen) == 1
