"""Doubts about a table's answers are said once, when the survey is made. What is doubtful is by construction."""

import warnings

import hiddenpop as hp
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning

BLANK = {"school": ["none", "some", "", "  ", "some", None], "x": [1, 0, 1, 0, 1, 0], "ok": [1, 1, 1, 1, None, 0]}


def settled(table: pd.DataFrame, text: str) -> pd.DataFrame:
    """Do what a warning says, by the line that it gives."""
    line = text.partition("beforehand")[2].partition(": ")[2]
    assert line.startswith("table = hp.recode(table, columns=")
    names = {"hp": hp, "table": table}
    exec(line, names)
    return names["table"]  # type: ignore[return-value]


def told(call: object) -> list[str]:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        call()  # type: ignore[operator]
    return [str(one.message) for one in said]


@pytest.mark.parametrize("kind", ["object", "category", "string"])
def test_blank_answers_are_counted(kind: str) -> None:
    table = pd.DataFrame(BLANK).astype({"school": kind})
    (text,) = told(lambda: hp.Survey(table, replicates=50))
    assert text.startswith("Blank text counts as an answer like any other in 'school' (2 answers).")
    assert told(lambda: hp.Survey(settled(table, text), replicates=50)) == []


def test_blank_answers_of_counts_are_people() -> None:
    table = {"g": ["", "b"], "n": [30, 20]}
    (text,) = told(lambda: hp.Survey(table, counts="n"))
    assert "'g' (30 answers)" in text


def test_blank_answers_have_a_name_in_tables() -> None:
    with pytest.warns(HiddenpopWarning, match="Blank"):
        survey = hp.Survey(BLANK, replicates=50)
    labels = [row.label for row in hp.describe(survey, ["school"], interval=False).rows]
    assert "(blank)" in labels
    assert "(blank, 2 spaces)" in labels
    assert "(blank)" in str(hp.crosstab(survey, "school", "x").table(test=False))
    assert "(blank) " in repr(survey.proportion("school"))
    assert survey.proportion("school").point[""] == 0.2


@pytest.mark.parametrize("word", ["NA", "n/a", "Refused", "no answer", "NaN", ".", "missing"])
def test_words_for_no_answer_are_counted(word: str) -> None:
    (text,) = told(lambda: hp.Survey({"x": ["yes", "no", word, word, "yes"]}))
    assert text.startswith(f"Words that look like missing answers count as answers in 'x' ({word!r} in 2 answers).")
    for kind in ("object", "category", "string"):  # the advice works
        table = pd.DataFrame({"x": pd.Series(["yes", "no", word, word, "yes"]).astype(kind)})
        assert told(lambda table=table: hp.Survey(settled(table, text))) == []


def test_lists_and_registers_are_looked_at_as_well() -> None:
    cells = {"area": ["North", "north ", "", ""] * 3, "a": [1, 0, 1] * 4, "b": [0, 1, 1] * 4, "times": 1}
    texts = told(lambda: hp.Lists(cells, ["a", "b"], by="area"))
    assert ["Blank" in text for text in texts] == [True, False]
    assert told(lambda: hp.CaptureCounts(cells, "times")) == texts


def test_answers_and_ids_raise_no_doubt() -> None:
    table = {"x": ["none", "both", "other", "none"] * 5, "id": ["", *(f"k{i}" for i in range(19))], "n": range(20)}
    assert told(lambda: hp.Survey(table, replicates=50)) == []


def test_doubts_are_said_once_for_a_survey_and_all_that_is_made_of_it() -> None:
    table = pd.DataFrame({**BLANK, "g": ["a", "b", "a", "b", "a", None], "sex": ["f", "F", "m", "m", "f", "m"]})
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        survey = hp.Survey(table, replicates=50)
        made = survey.assign(y=lambda t: t["x"] * 2)
        for one in (survey, made, made.assign(z=1)):
            one.mean("x", by="g")
            one.proportion("school", where="ok")
            one.count("sex", by="g", where="ok")
            hp.describe(one, ["sex", "school", "x"], interval=False)
            hp.regress(one, "x ~ 1", where="ok")
    texts = [str(one.message) for one in said]
    assert len(texts) == len(set(texts)) == 4, texts
    assert [text[:24] for text in texts[:2]] == ["Blank text counts as an ", "Answers that differ only"]
    # New columns have doubts of their own.
    assert len(told(lambda: made.assign(new=["", "b", "c", "d", "e", "f"]))) == 1


def test_imputations_are_doubted_once() -> None:
    table = pd.DataFrame({"g": ["a", "", "b", "a"], "x": [1.0, 2, 3, 4], "h": ["k", None, "l", "l"]})
    (text,) = told(lambda: hp.Imputed([table, table.assign(x=[1.0, 2, 3, 5])], replicates=20))
    assert text.startswith("Blank")
    imputed = hp.Imputed([table.assign(g="a"), table.assign(g="a", x=0.0)], replicates=20)
    assert len(told(lambda: imputed.mean("x", by="h"))) == 1
    assert told(lambda: imputed.mean("x", by="h")) == []


@pytest.mark.parametrize(
    "words",
    [
        ["onbekend", "Weet niet", "geweigerd", "geen antwoord", "wil niet zeggen"],
        ["ne sait pas", "Refus\u00e9", "refuse", "sans r\u00e9ponse", "Je ne sais pas"],
        ["wei\u00df nicht", "weiss nicht", "keine Angabe", "verweigert", "k.A."],
        ["no sabe", "No contest\u00f3", "rehus\u00f3", "NS/NC", "no s\u00e9"],
        ["n\u00e3o sabe", "nao sabe", "recusou", "N\u00e3o respondeu", "ignorado"],
        ["don't know", "Don\u2019t  know", "refused", "prefer not to say", "unknown"],
    ],
)
def test_words_for_no_answer_in_six_languages(words: list[str]) -> None:
    for word in words:
        (text,) = told(lambda word=word: hp.Survey({"x": ["a", "b", word, "a"]}))
        assert f"{word!r} in 1 answer" in text or '"' in text


@pytest.mark.parametrize(
    ("answers", "codes"),
    [
        ([0, 1, 9, 1, 0], "9 in 1 answer"),
        ([1, 2, 2, 98, 99, None], "98 in 1 answer, 99 in 1 answer"),
        ([1.0, 2, -9, -99, 2], "-9 in 1 answer, -99 in 1 answer"),
        (["1", "2", "9", "2", "1"], "'9' in 1 answer"),
        (["ja", "nee", "8", "ja", "Nee"], "'8' in 1 answer"),
        ([1, 2, 7, 9, 2], "7 in 1 answer, 9 in 1 answer"),
    ],
)
def test_codes_beside_two_answers(answers: list[object], codes: str) -> None:
    table = pd.DataFrame({"x": answers})
    text = next(text for text in told(lambda: hp.Survey(table)) if text.startswith("Codes"))
    assert f"'x' ({codes})" in text
    table = settled(table, text)
    assert not [text for text in told(lambda: hp.Survey(table)) if text.startswith("Codes")]


@pytest.mark.parametrize(
    "numbers",
    [
        [0, 1, 2, 9],
        [9, 1, 1, 9],
        [1, 2, 3, 9],
        [0, 1, 7, 1],
        [18, 99, 45, 60],
        [True, False, True, False],
        [1, 2, 10, 2],
    ],
)
def test_amounts_are_no_codes(numbers: list[object]) -> None:
    assert told(lambda: hp.Survey({"x": numbers})) == []


def test_columns_with_one_doubt_are_told_together() -> None:
    table = {f"q{i}": [0, 1, 9, 1] for i in range(8)} | {"age": [31, 47, 25, 52]}
    (text,) = told(lambda: hp.Survey(table))
    assert "'q5' (9 in 1 answer) and 2 more. If so" in text
    assert text.endswith("columns=['q0', 'q1', 'q2', 'q3', 'q4', 'q5', 'q6', 'q7'], missing=[9]).table")


@pytest.mark.parametrize(
    ("written", "sign", "mean"),
    [
        (["31,5", "40", "1.200,5"], "commas", 424.0),
        (["31.5", "40", "1,200.5"], "points", 424.0),
        (["1.234", "2.468"], "two ways", 1851.0),
    ],
)
def test_numbers_as_text_are_told(written: list[str], sign: str, mean: float) -> None:
    table = pd.DataFrame({"x": written})
    (text,) = told(lambda: hp.Survey(table))
    assert sign in text
    assert hp.Survey(settled(table, text), replicates=20).mean("x").point == mean


def test_spellings_are_counted() -> None:
    table = pd.DataFrame({"x": ["ja"] * 5 + ["Ja "] * 2 + ["JA", "nee"]})
    (text,) = told(lambda: hp.Survey(table))
    assert "'x' ('ja' in 5 answers, 'Ja ' in 2 answers, 'JA' in 1 answer)" in text
    assert settled(table, text)["x"].value_counts().to_dict() == {"ja": 8, "nee": 1}
