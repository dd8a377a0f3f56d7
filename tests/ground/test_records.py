"""JSON that somebody damaged or made up is refused in words."""

import pytest
from hiddenpop import InputError
from hiddenpop.ground.records import MOST_DEPTH, checksum, parsed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000 + "]" * 100_000, "brackets"),
        ('{"a":' * 50_000 + "1" + "}" * 50_000, "brackets"),
        ('{"a": 1, "a": 2}', "twice"),
        ("9" * 1_000_000, "digits"),
        ("[1e999999]", "too large"),
        ("[" + "1" * 500 + ".0]", "too large"),
        ("[NaN]", "NaN"),
        ("[-Infinity]", "Infinity"),
        ('{"a": ', "cut off"),
        ("", "no JSON"),
    ],
)
def test_what_no_file_holds(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parsed(text)


def test_brackets_in_texts_are_texts() -> None:
    text = '{"a": "' + "[" * 1000 + '\\"{{{", "b": ' + "[" * (MOST_DEPTH - 1) + "]" * (MOST_DEPTH - 1) + "}"
    assert parsed(text)["a"] == "[" * 1000 + '"{{{'


def test_the_checksum_is_of_the_content() -> None:
    record = {"b": [1, 2.5, "ü"], "a": None}
    assert checksum(record) == checksum({"a": None, "b": [1, 2.5, "ü"], "checksum": "anything"})
    assert checksum(record) != checksum({"a": None, "b": [1, 2.25, "ü"]})
    # sha256sum of {"a":1}
    assert checksum({"a": 1}) == "sha256 015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
