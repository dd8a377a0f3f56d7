"""Answers as people write them: each expected table is written out by hand."""

import hiddenpop as hp
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning, InputError

LISTS = {"yes": ["ja", "oui", 1], "no": ["nee", "non", 2], "missing": ["onbekend", "weet niet", 9, ""]}


def changed(answers: hp.Recoded) -> list[tuple[str, str, int]]:
    return [tuple(line) for line in answers.changes[["value", "became", "rows"]].to_numpy().tolist()]


def test_yes_and_no_in_every_spelling() -> None:
    table = pd.DataFrame({"treat": ["ja", "Ja ", "JA", "nee", "weet  niet", "", None]})
    answers = hp.recode(table, **LISTS)
    assert answers.table["treat"].tolist() == [1, 1, 1, 0, pd.NA, pd.NA, pd.NA]
    assert changed(answers) == [
        ("ja", "yes (1)", 1), ("Ja ", "yes (1)", 1), ("JA", "yes (1)", 1), ("nee", "no (0)", 1),
        ("weet  niet", "missing", 1), ("", "missing", 1),
    ]  # fmt: skip
    assert table["treat"].tolist()[1] == "Ja "  # the user's own table stays
    assert hp.Survey(answers.table, replicates=50).proportion("treat").point == 0.75


@pytest.mark.parametrize("codes", [[1, 2, 9, 2], [1.0, 2.0, 9.0, 2.0], ["1", "2", "9", "2"]])
def test_codes_of_yes_and_no(codes: list[object]) -> None:
    assert hp.recode({"x": codes}, **LISTS).table["x"].tolist() == [1, 0, pd.NA, 0]


def test_amounts_are_no_codes() -> None:
    table = {"age": [9, 19, 29, 1], "children": [1, 1, 1, 1], "rooms": [1, 2, 3, 9], "since": ["01", "02", "01", "02"]}
    answers = hp.recode(table, **LISTS)
    assert answers.table.to_dict("list") == table
    # That codes of missing answers stayed is told: they may be no amounts after all.
    assert answers.changes.to_numpy().tolist() == [["age", 9, "left alone", 1], ["rooms", 9, "left alone", 1]]
    named = hp.recode(table, **LISTS, columns=["rooms"])
    assert named.table["rooms"].isna().tolist() == [False, False, False, True]
    assert named.table["age"].tolist() == table["age"]


def test_what_no_list_names_is_told_and_stays() -> None:
    table = {"x": ["ja", "nee", "misschien", "misschien"], "y": ["ja", "nee", "ja", "nee"]}
    with pytest.warns(HiddenpopWarning, match=r"In 'x' \(2 rows\) some answers mean yes or no") as told:
        answers = hp.recode(table, **LISTS)
    assert "misschien" not in str(told[0].message)
    assert answers.table["x"].tolist() == table["x"]
    assert ("misschien", "left alone", 2) in changed(answers)
    assert answers.table["y"].tolist() == [1, 0, 1, 0]


def test_one_spelling_and_the_order_of_categories() -> None:
    order = pd.Categorical(["laag", "Hoog ", "hoog", "hoog"], ["laag", "Hoog ", "hoog", "onbekend"], ordered=True)
    answers = hp.recode({"level": order, "city": ["Oss", "oss ", "Oss", "Ede"]}, **LISTS)
    assert answers.table["level"].tolist() == ["laag", "hoog", "hoog", "hoog"]
    assert answers.table["level"].cat.categories.tolist() == ["laag", "hoog", "onbekend"]
    assert answers.table["level"].cat.ordered
    assert answers.table["city"].tolist() == ["Oss", "Oss", "Oss", "Ede"]


@pytest.mark.parametrize(
    ("written", "decimal", "read"),
    [
        (["1.234,5", "12", "-3,25"], ",", [1234.5, 12, -3.25]),
        (["1,234.5", "0.5", "1,000,000"], ".", [1234.5, 0.5, 1e6]),
        (["1 234,5", "1\u202f234\u202f567,25", "-12\u00a0000", "7"], ",", [1234.5, 1234567.25, -12000, 7]),  # French
        (["1'234.5", "1\u2019000"], ".", [1234.5, 1000]),  # Swiss
        (["1 234.567"], ",", None),  # thousands are parted in one way
        (["12 34", "5"], ",", None),
        (["1.5", "2,5"], ",", None),  # no point stands before one digit alone
        (["007", "12"], ",", None),  # a name
        (["12 km", "3"], ",", None),
        (["1.234", "5.678"], None, None),
    ],
)
def test_written_numbers(written: list[str], decimal: str | None, read: list[float] | None) -> None:
    answers = hp.recode({"x": written}, decimal=decimal)
    assert answers.table["x"].tolist() == (written if read is None else read)


def test_spaces_in_numbers_are_no_spellings() -> None:
    changes = hp.recode({"x": ["1\u202f234,5", "31,5", "refus"]}, missing=["refus"], decimal=",").changes
    assert changes.to_numpy().tolist() == [["x", "refus", "missing", 1], ["x", "numbers", "a number", 2]]


def test_a_word_can_not_be_both() -> None:
    with pytest.raises(InputError, match="'ja' is in yes= and in no="):
        hp.recode({"x": ["ja"]}, yes=["ja"], no=["JA "])
    with pytest.raises(InputError, match="no column 'z'"):
        hp.recode({"x": ["ja"]}, columns="z")


def test_labels_of_a_file_stay() -> None:
    table = pd.DataFrame({"x": ["ja", "nee"]})
    table.attrs["labels"] = {"x": "In treatment"}
    assert hp.recode(table, **LISTS).table.attrs["labels"] == {"x": "In treatment"}
    assert "yes (1)" in hp.recode(table, **LISTS)._repr_html_()


def test_categories_of_codes_are_codes() -> None:
    answers = hp.recode({"treated": pd.Categorical([1, 2, 9, None])}, **LISTS)
    assert answers.table["treated"].fillna(-1).tolist() == [1, 0, -1, -1]


def test_letters_with_accents_are_one_however_they_are_written() -> None:
    answers = hp.recode({"town": ["Cura\u00e7ao", "Curac\u0327ao", "Cura\u00e7ao"]})
    assert answers.table["town"].tolist() == ["Cura\u00e7ao"] * 3


@pytest.mark.parametrize("written", ["0.987", "1" * 400, "12345678901234567890"])
def test_what_is_no_amount_stays_text(written: str) -> None:
    """A point after nought separates no thousands; numbers that are too long would become infinite, or lose digits."""
    assert hp.recode({"x": [written, written]}, decimal=",").table["x"].tolist() == [written, written]


def test_numbers_among_written_ones() -> None:
    assert hp.recode({"x": ["31,5", 40.5]}, decimal=",").table["x"].tolist() == [31.5, 40.5]


def test_codes_that_stay_are_told() -> None:
    answers = hp.recode({"city": ["Oss", "9", "Ede"]}, **LISTS)
    assert answers.changes.to_numpy().tolist() == [["city", "9", "left alone", 1]]
    assert hp.recode({"city": ["Oss", "9", "Ede"]}, **LISTS, columns="city").table["city"].isna().tolist() == [
        False,
        True,
        False,
    ]


def test_what_holds_a_table_is_no_table() -> None:
    with pytest.raises(InputError, match=r"pass its \.table"):
        hp.Survey(hp.recode({"treat": ["ja", "nee"]}, **LISTS))


def test_codes_beside_true_and_false() -> None:
    answers = hp.recode({"x": [True, 9, False, 1]}, yes=[1, True], no=[0, False], missing=[9])
    assert answers.table["x"].fillna(-1).tolist() == [1, -1, 0, 1]


def test_choices_are_held_to_their_list() -> None:
    with pytest.raises(InputError, match=r"decimal=';' must be ',' or '\.'"):
        hp.recode({"x": ["1;5"]}, decimal=";")


def test_a_registers_ids_do_not_fill_a_page() -> None:
    many = hp.recode({"id": [f"{letter}{number}" for number in range(500) for letter in "Cc"]}, columns="id")
    assert len(many.changes) == 500
    assert "500 changes, all in .changes" in repr(many)
    assert len(repr(many).splitlines()) < 50
    assert many._repr_html_().count("<tr") < 50
    assert "changes, all in" not in repr(hp.recode({"treat": ["ja", "JA"]}))
