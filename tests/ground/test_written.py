"""Yes and no in six languages are one reading, whoever asks. What is right is by construction, or by the same answers as 1 and 0."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning, InputError
from hiddenpop.ground import columns, written

PAIRS = [
    ("yes", "no"), ("ja", "nee"), ("Oui", "non"), ("JA", "nein"), ("s\u00ed", "no"), ("si", "NO "), ("sim", "n\u00e3o"),
]  # fmt: skip


#: Texts with missing ones: "str" makes them words before pandas 3.
TEXT = "str" if int(pd.__version__.split(".")[0]) >= 3 else "string"


@pytest.mark.parametrize(
    ("yes", "no", "kind"), [*((*pair, TEXT) for pair in PAIRS), *(("ja", "nee", k) for k in ("object", "category"))]
)
@pytest.mark.filterwarnings("ignore::hiddenpop.HiddenpopWarning")
def test_every_question_reads_yes_and_no_alike(yes: str, no: str, kind: str) -> None:
    """The same answers as 1 and 0 say what is right."""
    rng = np.random.default_rng(1)
    plain = pd.Series(rng.choice([1.0, 0.0, np.nan], 120, p=[0.5, 0.4, 0.1]), name="x")
    table = pd.DataFrame({"age": rng.integers(18, 70, 120), "g": ["a", "b", "c"] * 40})
    coded = hp.Survey(table.assign(x=plain), replicates=50)
    words = hp.Survey(table.assign(x=plain.map({1.0: yes, 0.0: no}).astype(kind)), replicates=50)
    assert words.proportion("x").scalar
    for question in ("proportion", "mean", "total"):
        ours, theirs = getattr(words, question)("x", by="g"), getattr(coded, question)("x", by="g")
        pd.testing.assert_series_equal(ours.point, theirs.point)
        pd.testing.assert_frame_equal(ours.interval(method="t"), theirs.interval(method="t"))
    assert hp.multiplier(1000, words.proportion("x")).point == hp.multiplier(1000, coded.proportion("x")).point
    assert str(hp.describe(words, ["x"])) == str(hp.describe(coded, ["x"]))
    for family in ("binomial", "gaussian", "poisson"):
        models = [hp.regress(survey, "x ~ age + g", family).summary() for survey in (words, coded)]
        pd.testing.assert_frame_equal(*models)
    assert words.worst_case("x").lowest.point == coded.worst_case("x").lowest.point
    assert words.mean("age", where="x").point == coded.mean("age", where="x").point
    assert hp.compare(words, "x", by="g").test().p == pytest.approx(hp.compare(coded, "x", by="g").test().p)


def test_small_numbers_of_yes_are_hidden_as_those_of_ones() -> None:
    table = pd.DataFrame({"x": ["ja"] * 3 + ["nee"] * 40, "g": ["a", "b"] * 21 + ["a"]})
    words, coded = (hp.Survey(one, replicates=50) for one in (table, table.assign(x=(table["x"] == "ja").astype(int))))
    texts = [hp.Report("t", suppress_below=5).add(one.proportion("x")).to_json() for one in (words, coded)]
    assert '"hidden"' in texts[0]
    assert texts[0].count('"hidden"') == texts[1].count('"hidden"')


def test_labels_stay_where_groups_are_made() -> None:
    survey = hp.Survey({"x": ["nee", "ja", "ja", "nee"], "age": [20, 30, 40, 50]}, replicates=50)
    assert survey.mean("age", by="x").labels.tolist() == ["nee", "ja"]
    assert survey.count("x").labels.tolist() == ["nee", "ja"]


def test_no_is_the_reference() -> None:
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"x": rng.choice(["ja", "nee", "JA"], 60), "y": rng.normal(size=60)})
    with pytest.warns(HiddenpopWarning, match="differ only"):
        model = hp.regress(hp.Survey(table, replicates=50), "y ~ x")
    assert [term.casefold() for term in model.summary().index] == ["intercept", "x[t.ja]"]
    means = table["y"].groupby(table["x"].str.lower()).mean()
    assert model.summary()["estimate"].iloc[1] == pytest.approx(means["ja"] - means["nee"])
    assert model.predict({"x": ["Ja", "nee"]}).point.tolist() == pytest.approx([means["ja"], means["nee"]])


@pytest.mark.parametrize(
    "levels",
    [["ja", "nee", "onbekend"], ["ja", ""], ["ja", 1], ["y", "n"], ["true", "false"], ["none", "no"], [None, None]],
)
def test_anything_else_is_not_yes_and_no(levels: list[object]) -> None:
    values = pd.Series(levels, dtype=object)
    assert written.levels(values) is None
    assert written.yes_no(values) is None
    assert not columns.is_binary(values)


def test_spellings_are_one_answer() -> None:
    values = pd.Series(["ja", "Ja ", "JA", " nee", None])
    assert written.yes_no(values).tolist()[:4] == [1, 1, 1, 0]  # type: ignore[union-attr]
    unused = pd.Series(pd.Categorical(["Yes", "No", None], ["Yes", "No", "Refused"]))
    assert columns.is_binary(unused)


@pytest.mark.parametrize(
    ("texts", "sign"),
    [
        (["31,5", "40", " "], ","), (["1.234,5"], ","), (["1,234.5", "2"], "."), (["0,987"], ","), (["1.234.567", "1,5"], ","),
        (["1.234", "5.678"], "?"), (["31", "40"], None), (["007"], None), (["1,5 kg"], None), (["1.5", "2,5"], None), ([], None),
        (["10:30", "9,5"], None), (["1\u00a0367,79", "204,81"], ","),
    ],
)  # fmt: skip
def test_decimal_signs(texts: list[str], sign: str | None) -> None:
    assert written.decimal_of(texts) == sign


def test_written_numbers_are_refused_with_the_remedy() -> None:
    with pytest.warns(HiddenpopWarning, match="decimal commas"):
        survey = hp.Survey({"age": ["31,5", "40", "52,25"], "x": [1, 0, 1]}, replicates=50)
    remedy = r"table = hp.recode\(table, columns='age', decimal=','\).table"
    for question in (
        lambda: survey.mean("age"),
        lambda: survey.proportion("age"),
        lambda: hp.describe(survey, ["age"]),
    ):
        with pytest.raises(InputError, match=remedy):
            question()
    with pytest.warns(HiddenpopWarning, match="in two ways"):
        survey = hp.Survey({"age": ["1.234", "5.678"]})
    with pytest.raises(InputError, match=r"in two ways .*decimal=','\)\.table, or decimal='\.'"):
        survey.mean("age")
    with pytest.warns(HiddenpopWarning, match="decimal points"):
        areas = hp.Survey({"area": ["1.1", "1.2", "1.1"]}, replicates=50)
    assert areas.proportion("area").labels.tolist() == ["1.1", "1.2"]
    meant = hp.Survey({"dose": pd.Categorical(["0,5", "1,0", "0,5"])}, replicates=50)
    assert meant.proportion("dose").labels.tolist() == ["0,5", "1,0"]


def test_words_among_numbers_are_refused_with_the_remedy() -> None:
    with pytest.warns(HiddenpopWarning, match="'refused' in 1 answer"):
        survey = hp.Survey({"age": ["31", "40", "refused"]}, replicates=50)
    with pytest.raises(
        InputError, match=r"has text in 3 rows .*hp.recode\(table, columns='age', missing=\['refused'\]"
    ):
        survey.mean("age")


def test_ones_and_twos_are_told_how_to_become_yes_and_no() -> None:
    survey = hp.Survey({"x": [1, 2, 2, 1]}, replicates=50)
    with pytest.raises(InputError, match=r"yes=\[1\], no=\[2\]"):
        survey.proportion("x")
