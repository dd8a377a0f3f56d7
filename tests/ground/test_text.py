"""Texts that nobody sees are shown, and files that can't be named are refused in words."""

import json
from pathlib import Path

import hiddenpop as hp
import pandas as pd
import pytest
from hiddenpop.errors import visible
from hiddenpop.ground.files import as_json
from hiddenpop.ground.text import another, label_of


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("home\x0bless", r"home\x0bless"),
        ("\x1b[2J", r"\x1b[2J"),
        ("\x9b31m", r"\x9b31m"),
        ("a\u202eb", r"a\u202eb"),
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
        ("\ud800\uffff", r"\ud800\uffff"),
        ("a\rb\r\nc", "a\\rb\nc"),
        ("a\tb\nc", "a\tb\nc"),
        # Words of people: joiners of Persian and of pictures, marks of direction, accents, and every letter.
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d⚕️", "👩\u200d⚕️"),
        ("\u200fשלום", "\u200fשלום"),
        ("Zürich – ¼ €", "Zürich – ¼ €"),
    ],
)
def test_what_nobody_sees_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert visible(shown) == shown
    assert label_of(text) == shown


def test_one_line_stays_one() -> None:
    assert visible("a\tb\nc\r\n", lines=False) == r"a\tb\nc\r\n"


def test_json_holds_what_utf_8_does_not() -> None:
    made = as_json({"a": "\ud800\x00é"})
    assert json.loads(made.encode()) == {"a": "\ud800\x00é"}


def test_half_a_character_is_refused_without_telling_the_answer() -> None:
    texts = pd.Series(["Jansen\udce9", "b"] * 5, dtype=object)
    for table in ({"g": texts.tolist(), "x": [1, 0] * 5}, pd.DataFrame({"g": texts, "x": [1, 0] * 5})):
        with pytest.raises(hp.InputError, match=r"half of a character \(U\+DCE9\)") as caught:
            hp.Survey(table)
        assert "Jansen" not in f"{caught.value}{caught.value.__context__}{caught.value.__cause__}"


def test_messages_and_warnings_show_control_characters() -> None:
    survey = hp.Survey({"a\x1b[2J": [1, 0], "b\u202e": [0, 1]}, replicates=20)
    with pytest.raises(hp.InputError) as caught:
        survey.proportion("x")
    assert visible(str(caught.value), lines=False) == str(caught.value)


@pytest.mark.parametrize("name", ["a\x00.json", "\ud800.json"])
def test_a_file_that_cannot_be_named_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(hp.InputError, match="no file can have this name"):
        hp.beta(2, 3, name="b").to_json(f"{tmp_path}/{name}")


def test_a_name_of_ours_gives_way_to_the_users() -> None:
    """A list called people was overwritten by the people on lists."""
    assert another("people", ["a"], "number") == "people"
    assert another("people", ["people", "people (number)"], "number") == "people (number) (number)"
    cells = {"people": [1, 0, 1], "any": [0, 1, 1], "counted": [40, 60, 12]}
    lists = hp.Lists(cells, ["people", "any"], counts="counted", replicates=20)
    assert lists.overlaps().columns.tolist() == ["people", "any", "people (number)"]
    assert lists.overlaps()["people"].tolist() == [0, 1, 1]
    assert "People on each list: people 52, any 72." in hp.plot.describe(lists.plot())
    rows = {"id": [1, 2, 3, 4], "all": [1, 0, 1, 1], "other": [0, 1, 0, 0]}
    checked = hp.dedupe_check(rows, "id", ["other", "all"])
    assert checked["rows"].tolist() == [1, 3, 4]
    survey = hp.Survey({"source": ["a", "b"] * 30, "x": [1, 0, 0, 1] * 15}, replicates=20)
    sizes = hp.multiplier({"a": 100, "b": 200}, survey.proportion("x", by="source")) * hp.beta(80, 20, name="estimate")
    shares = hp.variance_shares(sizes)
    assert set(shares.summary().index.get_level_values(0)) == {"a", "b"}
    made = hp.published(100, 90, 115, name="first") * hp.beta(80, 20, name="estimate")
    grid = hp.sensitivity(made, first=(90, 110), estimate=(0.5, 0.9)).grid("estimate", "first", points=2)
    assert grid.columns.tolist()[:3] == ["estimate (input)", "first", "estimate"]


def test_json_has_a_line_for_what_has_parts_and_one_for_a_list_of_numbers() -> None:
    made = {"a": [[1.5, -2.0], [0.1, None]], "b": {"c": ["x", {"d": [1, 2]}], "e": [], "f": {}}}
    assert json.loads(as_json(made)) == made
    assert as_json({"a": [[1.5, 2.0], [3.0, 4.0]], "b": []}).splitlines() == [
        "{", ' "a": [', "  [1.5, 2.0],", "  [3.0, 4.0]", " ],", ' "b": []', "}",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="not JSON compliant"):
        as_json({"a": [float("nan")]})
