"""Nothing that is not a literal gets into a program. Checked against Python's own reader of literals."""

import ast
import math

import pytest
from hiddenpop.explorer.program import Cell, Name, call, literal
from hypothesis import given, settings
from hypothesis import strategies as st

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=5,
)
HOSTILE = [
    '"); import os; os.remove("x"); ("',
    "'); __import__('os').system('true') #",
    "a\nimport os",
    "both \" and ' and \\",
    "\\",
    "{x}",
    "\u2028import os",
    "\u202e)'so'(metsys",
    "\ud800",
    "\x00",
    '""" + exit() + """',
]


@settings(max_examples=60, deadline=None)
@given(plain)
def test_a_literal_gives_its_value_again(value: object) -> None:
    assert ast.literal_eval(literal(value)) == value


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_texts(text: str) -> None:
    line = call("hp.Survey", Name("table"), strata=text)
    made = ast.parse(line).body
    assert len(made) == 1, "one statement"
    assert [node.func.attr for node in ast.walk(made[0]) if isinstance(node, ast.Call)] == ["Survey"]  # type: ignore[attr-defined]
    assert [node.value for node in ast.walk(made[0]) if isinstance(node, ast.Constant)] == [text]
    assert line.isprintable(), "nothing turns the order of letters round or breaks the line"


@pytest.mark.parametrize("value", [math.nan, math.inf, b"x", {1, 2}, object(), 1j, type("Str", (str,), {})("x")])
def test_what_has_no_literal_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        literal(value)


@pytest.mark.parametrize("text", ["a b", "a;b", "lambda", "a.b()", "", "x\n", "é"])
def test_only_names_are_names(text: str) -> None:
    with pytest.raises(TypeError):
        Name(text)
    with pytest.raises(TypeError):
        call("hp.Survey", **{text: 1})


def test_a_message_finds_its_field() -> None:
    cell = Cell("", "", "found_how", {"weights": "found_weights", "w8": "found_weights", "strata": "found_strata"})
    assert cell.blamed("weights= must be above zero.") == "found_weights"
    assert cell.blamed("Column 'w8' is below zero in 3 rows.") == "found_weights"
    assert cell.blamed("There is a stratum with a single participant.") == "found_how"
