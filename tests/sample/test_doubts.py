"""Doubts about a table's answers are said once, when the survey is made. What is doubtful is by construction."""

import warnings

import hiddenpop as hp
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning

BLANK = {"school": ["none", "some", "", "  ", "some", None], "x": [1, 0, 1, 0, 1, 0], "ok": [1, 1, 1, 1, None, 0]}


def told(call: object) -> list[str]:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        call()  # type: ignore[operator]
    return [str(one.message) for one in said]


@pytest.mark.parametrize("kind", ["object", "category", "string"])
def test_blank_answers_are_counted(kind: str) -> None:
    table = pd.DataFrame(BLANK).astype({"school": kind})
    (text,) = told(lambda: hp.Survey(table, replicates=50))
    assert text.startswith("2 answers in column 'school' are blank text")
    # The advice works.
    table["school"] = table["school"].mask(table["school"].str.strip() == "")
    assert told(lambda: hp.Survey(table, replicates=50)) == []


def test_blank_answers_of_counts_are_people() -> None:
    table = {"g": ["", "b"], "n": [30, 20]}
    (text,) = told(lambda: hp.Survey(table, counts="n"))
    assert text.startswith("30 answers")


def test_blank_answers_have_a_name_in_tables() -> None:
    with pytest.warns(HiddenpopWarning, match="blank"):
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
    assert text.startswith(f"2 answers in column 'x' look like missing ones ({word!r})")
    for kind in ("object", "category", "string"):  # the advice works
        x = pd.Series(["yes", "no", word, word, "yes"]).astype(kind)
        assert told(lambda x=x: hp.Survey({"x": x.mask(x.isin([word]))})) == []


def test_lists_and_registers_are_looked_at_as_well() -> None:
    cells = {"area": ["North", "north ", "", ""] * 3, "a": [1, 0, 1] * 4, "b": [0, 1, 1] * 4, "times": 1}
    texts = told(lambda: hp.Lists(cells, ["a", "b"], by="area"))
    assert ["blank" in text for text in texts] == [True, False]
    assert told(lambda: hp.CaptureCounts(cells, "times")) == texts


def test_answers_and_ids_raise_no_doubt() -> None:
    table = {"x": ["none", "unknown", "other", "none"] * 5, "id": ["", *(f"k{i}" for i in range(19))], "n": range(20)}
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
    assert [text.split(" ", 1)[1][:20] for text in texts[:2]] == ["answers in column 's", "of 'sex' differ only"]
    # New columns have doubts of their own.
    assert len(told(lambda: made.assign(new=["", "b", "c", "d", "e", "f"]))) == 1


def test_imputations_are_doubted_once() -> None:
    table = pd.DataFrame({"g": ["a", "", "b", "a"], "x": [1.0, 2, 3, 4], "h": ["k", None, "l", "l"]})
    (text,) = told(lambda: hp.Imputed([table, table.assign(x=[1.0, 2, 3, 5])], replicates=20))
    assert "blank" in text
    imputed = hp.Imputed([table.assign(g="a"), table.assign(g="a", x=0.0)], replicates=20)
    assert len(told(lambda: imputed.mean("x", by="h"))) == 1
    assert told(lambda: imputed.mean("x", by="h")) == []
