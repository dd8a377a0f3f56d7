"""What a reader can reckon of hidden counts, beside published examples and by hand."""

from __future__ import annotations

import json
import warnings
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop.report import builder
from hiddenpop.tables import suppress
from hiddenpop.words import disclosure
from hiddenpop.words.attack import Problem, protect

#: The counts of the tests of sdcTable's simple heuristic, 4 by 4 with totals, of which these cells are hidden at first.
TABLE = np.array([[30, 47, 64, 89], [90, 124, 5, 31], [92, 100, 59, 85], [800, 991, 651, 685]])
HIDDEN = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 1), (2, 3), (3, 1), (3, 3)]


def problem(below: int, secret: tuple[int, int], hidden: list[tuple[int, int]], *, free: bool) -> Any:
    """Make the attacker's problem of the published table, whose totals are shown."""
    place = np.arange(16).reshape(4, 4)
    sums = [np.isin(np.arange(16), line) for line in (*place, *place.T)]
    covered = np.zeros((4, 4), dtype=bool)
    covered[tuple(zip(*hidden, strict=True))] = True
    rest = np.zeros(16, dtype=np.int64)
    made = Problem(
        TABLE.ravel(), np.array(sums), np.eye(16, dtype=bool), np.eye(16, dtype=bool)[[place[secret]]], np.eye(16, dtype=bool),
        covered.ravel(), np.full(16, free), 1 + TABLE.ravel() / TABLE.sum(), np.ones(16, dtype=bool), rest, rest[:1], int(TABLE.sum()),
    )  # fmt: skip
    return protect(made, below, exact=True)


def test_a_published_table_in_which_a_hidden_cell_follows() -> None:
    # Rows w and x less what is shown of them are 236, columns a and c 189: the cell (w, b) is 47.
    bound = problem(60, (0, 1), HIDDEN, free=False)
    assert bound.ranges.tolist() == [[47, 47]]
    assert bound.bare.tolist() == [True]
    freed = problem(60, (0, 1), HIDDEN, free=True)
    assert freed.hidden.sum() == len(HIDDEN) + 1  # one more will do, as it says there
    assert freed.ranges[0, 1] >= 60
    assert freed.protects[freed.hidden & ~np.isin(np.arange(16), [4 * r + c for r, c in HIDDEN])].tolist() == [0]


@pytest.mark.parametrize("counts", [(50, 1, 1), (20, 1, 3), (50, 2, 3)])
def test_hidden_cells_whose_sum_is_small_hide_another(counts: tuple[int, ...]) -> None:
    hidden = suppress.hide(np.array(counts, dtype=float)[:, None], np.zeros(1), 5, total=False)
    # 52 - 50 = 2 is 1 and 1, as zeros are shown; 24 - 20 = 4 and 55 - 50 = 5 are sums of two that are small for certain.
    assert hidden.ravel().tolist() == [True, True, True]


def test_what_is_hidden_beside_small_cells_does_not_tell_their_sum() -> None:
    # 6 may be 1 and 5, or 5 and 1. But were it shown, a reader of a table in which it isn't would know that the sum is less.
    for counts in ((50, 2, 4), (50, 1, 1), (50, 4, 4)):
        hidden = suppress.hide(np.array(counts, dtype=float)[:, None], np.zeros(1), 5, total=False)
        assert hidden.ravel().tolist() == [True, True, True]


def shown(*things: Any, below: int = 5) -> list[dict[str, str]]:
    """Return the first cells of each table of a report, by label."""
    made = hp.Report("r", suppress_below=below).add(*things)
    content = json.loads(made.to_json() or "")["content"]
    return [{row["label"]: row["cells"][0] for row in b["table"]["rows"]} for b in content if "table" in b]


@pytest.fixture(autouse=True)
def _undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder, "_picture", lambda _: builder.NOT_DRAWN)


def ages() -> pd.DataFrame:
    """50-64 in a are 2 of 52."""
    counts = {
        ("a", "18-49"): 40,
        ("a", "50-64"): 2,
        ("a", "65+"): 10,
        ("b", "18-49"): 60,
        ("b", "50-64"): 20,
        ("b", "65+"): 20,
    }
    frame = pd.DataFrame([key for key, n in counts.items() for _ in range(n)], columns=["g", "age"])
    frame["old"] = frame["age"] == "65+"
    frame["income"] = np.arange(len(frame)) % 17 * 100.0
    return frame


def test_a_recode_is_no_way_round() -> None:
    survey = hp.Survey(ages(), replicates=20)
    first, second = shown(survey.proportion("age", by="g"), survey.proportion("old", by="g"))
    assert first["a, 50-64"] == "hidden"
    assert "hidden" in (first["a, 18-49"], second["a"])
    # Nor is it as a group: how many answered stands beside the mean.
    first, second = shown(survey.proportion("age", by="g"), survey.mean("income", by=["g", "old"]))
    assert "hidden" in (first["a, 18-49"], second["a, True"])
    # Nor under the same name, in another state of the survey.
    again = survey.assign(age=lambda t: t["old"])
    first, second = shown(survey.proportion("age", by="g"), again.proportion("age", by="g"))
    assert "hidden" in (first["a, 18-49"], second["a"])


def test_the_difference_of_two_recodes_is_a_number_too() -> None:
    frame = ages().assign(adult=lambda t: t["age"] != "18-49")
    survey = hp.Survey(frame, replicates=20)
    first, second = shown(survey.proportion("adult", by="g"), survey.proportion("old", by="g"))
    assert "hidden" in (first["a"], second["a"])  # 12 - 10 = 2
    assert first["b"] == "40.0%"
    assert second["b"] == "20.0%"


def test_a_column_made_of_two_others() -> None:
    # Any of two drugs, and each of them: 9 + 13 - 20 = 2 use both.
    rows = [(True, False)] * 7 + [(False, True)] * 11 + [(True, True)] * 2 + [(False, False)] * 60
    frame = pd.DataFrame(rows, columns=["crack", "heroin"])
    frame["any"] = frame["crack"] | frame["heroin"]
    survey = hp.Survey(frame, replicates=20)
    cells = shown(*(survey.proportion(name) for name in frame.columns))
    assert "hidden" in [cell for table in cells for cell in table.values()]
    two = shown(*(survey.proportion(name) for name in ("crack", "heroin")))
    assert "hidden" not in [cell for table in two for cell in table.values()]


def test_columns_that_have_nothing_to_do_with_one_another_stay() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"v{i}": rng.choice(["p", "q", "r"], 400, p=[0.6, 0.39, 0.01]) for i in range(6)})
    survey = hp.Survey(frame, replicates=20)
    for i, cells in enumerate(shown(*(survey.proportion(f"v{i}") for i in range(6)))):
        small = 0 < (frame[f"v{i}"] == "r").sum() < 5
        assert cells["p"] != "hidden"
        assert (cells["q"] == "hidden") == small


def test_means_in_another_unit_are_sums_of_the_same() -> None:
    frame = pd.DataFrame({"g": ["a"] * 3 + ["b"] * 40 + ["c"] * 40, "days": np.arange(83) % 29 * 1.0})
    frame["weeks"] = frame["days"] / 7
    survey = hp.Survey(frame, replicates=20)
    by_group, everyone = shown(survey.mean("days", by="g"), survey.mean("weeks"))
    assert by_group["a"] == "hidden"
    assert [*by_group.values(), *everyone.values()].count("hidden") == 2


def test_what_has_too_many_cells_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disclosure, "MOST_CELLS", 5)
    survey = hp.Survey(ages(), replicates=20)
    assert set(shown(survey.proportion("age", by="g"))[0].values()) == {"hidden"}
    text = hp.Report("r", suppress_below=5).add(hp.describe(survey, ["age"], by="g", interval=False)).to_html() or ""
    assert text.count("<td>hidden</td>") == 6


def test_an_audit_says_why_and_how_far() -> None:
    survey = hp.Survey(ages(), replicates=20)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = hp.describe(survey, ["age"], by="g", total=True, interval=False, suppress_below=5)
    assert table.made is not None
    small, beside, *others = table.made.audit()
    assert (small.label, small.reason, small.participants) == ("a, 50-64", "fewer than 5 participants", 2)
    assert (small.low, small.high) == (1, 11)  # with 10 of 65+ hidden, their sum of 12 is known
    assert beside.label == "a, 65+"
    assert {one.label for one in others} == {"b, 50-64", "b, 65+"}
    assert hp.describe(survey, ["age"], by="g", interval=False).made.audit() == []  # type: ignore[union-attr]
