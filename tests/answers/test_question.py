"""Questions of indicators: asked again of another survey, saved, told in the user's words, hidden or refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop.answers.question import Question
from hiddenpop.answers.statistic import Statistic, ask
from hiddenpop.errors import InputError
from hiddenpop.estimate.estimate import Estimate
from hiddenpop.ground.columns import Floats
from hiddenpop.sample.sample import Indicator, Sample
from hiddenpop.tables import numbers, variables
from hiddenpop.tables.extras import More
from hiddenpop.tables.levels import Levels
from hiddenpop.tables.ranks import SCORES, Ranks


def people(seed: int, groups: str) -> pd.DataFrame:
    """Make people with all kinds of columns; their levels come in an order of their own."""
    rng = np.random.default_rng(seed)
    rows = 120
    g = np.r_[list(groups), rng.choice(list(groups), rows - len(groups))]
    frame = pd.DataFrame(
        {
            "g": g,
            "born": rng.choice(["here", "there", "elsewhere"], rows),
            "code": rng.choice([1.0, 2.0, np.nan], rows, p=[0.5, 0.4, 0.1]),
            "treated": rng.choice([1.0, 0.0, np.nan], rows, p=[0.3, 0.6, 0.1]),
            "age": rng.normal(40, 9, rows).round(1),
            "says": rng.choice(["yes", "no"], rows),
            "q_teeth": rng.choice([0.0, 1.0], rows),
            "q_sleep": rng.choice([0.0, 1.0], rows),
            "w": rng.uniform(1, 4, rows),
        }
    )
    asked_not = rng.random(rows) < 0.1
    frame.loc[asked_not, ["q_teeth", "q_sleep"]] = np.nan
    return frame.assign(silent=frame["treated"].where(frame["g"] != "c"))


SURVEY = hp.Survey(people(1, "abc"), weights="w", replicates=60)
OTHER = hp.Survey(people(2, "cab"), weights="w", replicates=60, seed=5)


def table_one(survey: hp.Survey, column: str) -> Estimate:
    """Return what a Table 1 asks of a column by group, with the levels for which its numbers stand."""
    parts = variables.groups(survey, "g", total=False)
    one = variables.variable(survey, column, column, None)
    made = variables.with_levels(survey, [one])
    (leaf,) = numbers.evaluate([made], [[one]], [parts], test=False, correction="none", more=More())[0].by_group
    pairs = [label if isinstance(label, tuple) else (label, 0) for label in leaf.labels]
    levels = one.levels or ("mean",)
    labels = pd.MultiIndex.from_tuples([(parts.labels[group], levels[level]) for group, level in pairs])
    return Estimate(leaf, labels, False, leaf.title)


def ranked(survey: hp.Survey, scores: str) -> Estimate:
    """Return the mean scores of a rank test."""
    return Estimate.of(ask(survey.sample, Question("mean", (Ranks("age", "g", scores),), (Levels("g"),))))


#: What is asked, of any survey; and which columns a methods section must name.
ASKED: dict[str, tuple[Callable[[hp.Survey], Estimate], tuple[str, ...]]] = {
    "cells": (lambda s: hp.crosstab(s, "born", "g").counts(), ("born", "g")),
    "shares of rows": (lambda s: hp.crosstab(s, "born", "g").shares("row"), ("born", "g")),
    "shares of columns": (lambda s: hp.crosstab(s, "code", "treated").shares("column"), ("code", "treated")),
    "shares of all": (lambda s: hp.crosstab(s, "born", "says").shares("total"), ("born", "says")),
    "means": (lambda s: hp.compare(s, "age", by="code").difference, ("age", "code")),
    "odds": (lambda s: hp.compare(s, "treated", by="g", reference="b").odds_ratio, ("treated", "g")),
    "lowest": (lambda s: s.worst_case("treated", by="g").lowest, ("treated, missing as lowest", "g")),
    "highest": (lambda s: s.worst_case("code", limits=(1, 4)).highest, ("code, missing as highest",)),
    "ticks": (lambda s: hp.multiselect(s, "q_"), ("q_teeth", "q_sleep")),
    "ticks by group": (lambda s: hp.multiselect(s, "q_", by="g"), ("q_teeth", "q_sleep", "g")),
    "categories": (lambda s: table_one(s, "born"), ("born", "g")),
    "numbers": (lambda s: table_one(s, "age"), ("age", "g")),
    "yes or no": (lambda s: table_one(s, "says"), ("says", "g")),
    "silent group": (lambda s: table_one(s, "silent"), ("silent", "g")),
    **{scores: (lambda s, scores=scores: ranked(s, scores), ("age", "g")) for scores in SCORES},  # type: ignore[misc]
}


def _same(found: Estimate, expected: Estimate) -> None:
    order = expected.labels.get_indexer(found.labels)
    assert (order >= 0).all()
    assert len(order) == len(expected.labels)
    # Shares of rows are of sums whose order is that of the levels.
    assert np.allclose(found.node.point, expected.node.point[order], rtol=1e-14, atol=0, equal_nan=True)
    assert np.allclose(found.draws, expected.draws[order], rtol=1e-14, atol=0, equal_nan=True)


@pytest.mark.filterwarnings("ignore:.* belong to no group")
@pytest.mark.parametrize("what", ASKED)
def test_another_survey_answers_as_if_it_had_been_asked(what: str) -> None:
    """Nothing of the first survey but names and levels goes along: ranks, for one, are those of the other's weights."""
    make, named = ASKED[what]
    est = make(SURVEY)
    _same(est.replay(survey=OTHER), make(OTHER))
    text = est.methods()
    assert all(name in text for name in named)
    for internal in ("cells of", "described", "groups of the table", "option "):
        assert internal not in text
        assert internal not in est.name
    # A file holds no rows, and yet knows what was asked.
    read = hp.read_estimate(est.to_json() or "")
    assert read.methods() == text
    assert np.array_equal(read.draws, est.draws, equal_nan=True)
    _same(read.replay(survey=OTHER), make(OTHER))


def test_other_levels_make_another_table() -> None:
    shares = hp.crosstab(SURVEY, "born", "g").shares("row")
    for groups in ("ab", "abcd"):
        with pytest.raises(InputError, match=r"Column 'g' has other levels here .*'(c|d)' stand in one"):
            shares.replay(survey=hp.Survey(people(3, groups), replicates=20))
    with pytest.raises(InputError, match="no column 'born'"):
        shares.replay(survey=hp.Survey(people(3, "abc").drop(columns="born"), replicates=20))
    # Groups that are compared need not be all that there are.
    difference = hp.compare(SURVEY, "age", by="g").difference
    more = hp.Survey(people(3, "abcd"), replicates=20)
    expected = hp.compare(more, "age", by="g").difference
    assert difference.replay(survey=more).point["a", "b"] == expected.point["a", "b"]


def test_empty_cells_fill_when_another_survey_has_people_in_them() -> None:
    few = hp.Survey({"x": ["a", "b", "b", "a"], "y": ["s", "s", "t", "s"]}, replicates=20)
    many = hp.Survey({"x": ["a", "b", "b", "a"], "y": ["s", "t", "t", "t"]}, replicates=20)
    shares = hp.crosstab(few, "x", "y").shares("row")
    assert shares.point["a", "t"] == 0
    assert shares.replay(survey=many).point["a", "t"] == 0.5
    assert shares.replay(survey=many).point["b", "s"] == 0


def test_limits_and_ticks_are_checked_again() -> None:
    highest = SURVEY.worst_case("code", limits=(1, 2)).highest
    with pytest.raises(InputError, match=r"limits=\(1, 2\) must enclose all answers of 'code'"):
        highest.replay(survey=hp.Survey({"code": [1, 3, None]}, replicates=20))
    ticks = hp.multiselect(SURVEY, "q_")
    with pytest.raises(InputError, match="hold ticks only"):
        ticks.replay(survey=hp.Survey({"q_teeth": [1, None, 1], "q_sleep": [None, None, 1]}, replicates=20))


def test_what_tells_noise_apart_stays() -> None:
    """Whoever set estimates beside one another gets the same noise as before questions took indicators."""

    def about(est: Estimate) -> str:
        leaf = est.node
        while not isinstance(leaf, Statistic):
            leaf = leaf.args[0]
        return repr(leaf.about)

    rest = "by=(), where=None, probability=None, rule='midpoint', weighted=True)"
    assert about(SURVEY.proportion("treated")) == f"Question(kind='proportion', columns=('treated',), {rest}"
    lowest = about(SURVEY.worst_case("treated").lowest)
    assert lowest == f"Question(kind='proportion', columns=('treated, missing as lowest',), {rest}"
    assert about(hp.multiselect(SURVEY, "q_")) == f"Question(kind='proportion', columns=('ticked q_teeth',), {rest}"
    crossed = about(hp.crosstab(SURVEY, "born", "g").counts())
    assert crossed == f"Question(kind='count', columns=('cells of born by g',), {rest}"
    assert "by=('g',)" in about(hp.compare(SURVEY, "age", by="g").values)


def test_small_cells_of_indicators_are_hidden() -> None:
    frame = pd.DataFrame({"x": ["a"] * 3 + ["b"] * 40, "g": ["s", "t"] * 21 + ["s"], "q_one": [1, 1] + [0] * 41})
    survey = hp.Survey(frame.assign(q_two=[0, 0, 1, 1] * 10 + [0, 1, 0]), replicates=20)
    report = hp.Report("r", suppress_below=5)
    report.add(hp.crosstab(survey, "x", "g").counts(), hp.multiselect(survey, "q_"), survey.worst_case("q_one").lowest)
    tables = [block["table"]["rows"] for block in json.loads(report.to_json() or "")["content"] if "table" in block]
    cells = [[row["cells"][0] for row in rows] for rows in tables]
    assert cells[0].count("hidden") >= 2
    assert cells[1][0] == "hidden"
    assert cells[1][1] != "hidden"
    assert cells[2] == ["hidden"]


@dataclass(frozen=True)
class Squared(Indicator):
    """A kind that says nothing of who its values belong to."""

    public: ClassVar[tuple[str, ...]] = ("column",)

    column: str

    @property
    def title(self) -> str:
        """The square."""
        return f"squared {self.column}"

    def make(self, sample: Sample) -> pd.Series[Any]:
        """Multiply."""
        values: Floats = sample.answers(self.column)
        return pd.Series(values**2, name=self.title)


def test_a_kind_that_says_nothing_is_asked_and_refused_elsewhere() -> None:
    """A new kind needs no other file to be asked; to be saved it must be known, to be published vouched for."""
    est = Estimate.of(ask(SURVEY.sample, Question("mean", (Squared("age"),))))
    squared = SURVEY.assign(square=lambda table: table["age"] ** 2).mean("square")
    assert np.array_equal(est.draws, squared.draws)
    assert "the mean of squared age" in est.methods()
    with pytest.raises(InputError, match="Squared"):
        est.to_json()
    for unknown in (est, ranked(SURVEY, "wilcoxon")):
        with pytest.raises(InputError, match="nothing says on how many participants"):
            hp.Report("r", suppress_below=5).add(unknown).to_html()
    with pytest.raises(InputError, match="given by their names"):
        ask(SURVEY.sample, Question("mean", (3,)))  # type: ignore[arg-type]
