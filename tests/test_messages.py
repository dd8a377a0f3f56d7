"""Catalogues agree with the sources, no sentence for readers escapes them, and what readers get is in one language."""

import re
from collections.abc import Iterator

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop.ground import language
from hiddenpop.ground.language import FOLDER, LANGUAGES, read
from hiddenpop.report.builder import SOURCES

from tools import messages, tree

OTHERS = [code for code in LANGUAGES if code != "en"]


@pytest.mark.parametrize("code", OTHERS)
def test_catalogues_are_up_to_date(code: str) -> None:
    """`make messages` brings them there."""
    assert (FOLDER / f"{code}.po").read_text(encoding="utf-8") == messages.updated(code)


@pytest.mark.parametrize("code", OTHERS)
def test_translations_have_the_fields_of_the_english_text(code: str) -> None:
    assert messages.wrong(code) == []


def test_dutch_is_complete() -> None:
    assert messages.missing("nl") == []


@pytest.mark.parametrize("name", messages.HELD)
def test_no_sentence_escapes(name: str) -> None:
    """Mark it with `tr`, `plural` or `english`; what is no sentence for readers says "stays English" in a comment."""
    assert name in tree.FILES
    assert list(messages.escaped(name)) == []


def test_what_escapes_is_found() -> None:
    found = {text for _, text in messages.escaped("errors")}
    assert "There are: {}{}." in found, "a sentence that nobody marked"
    assert not any("needs its lower end first" in text for _, text in messages.escaped("estimate.inputs")), "an error"
    assert not any("{count:,} participants" in text for _, text in messages.escaped("sample.fieldwork")), "marked"


@pytest.mark.parametrize("code", OTHERS)
def test_tests_are_cited_in_any_language(code: str) -> None:
    """A report finds what to cite by words that stand in the names of tests."""
    known = language.catalogue(code)
    said = {**known.texts, **known.kept}
    tests = re.compile(r"test|Pearson's statistic against its|saddlepoint|Rubin|standards of|deviations \(Austin")
    texts = [m.id for m in messages.catalogue(code) if isinstance(m.id, str) and m.id and tests.search(m.id)]
    with hp.settings(language=code):
        for words in SOURCES:
            inside = [text for text in texts if words.rstrip(":") in text]
            assert inside, words
            for text in inside:
                if words in said or text in said:
                    assert read(words).rstrip(":\u00a0 ").lower() in said.get(text, text).lower(), (words, text)


def _designs() -> Iterator[hp.Survey]:
    rng = np.random.default_rng(1)
    n = 240
    table = {
        "x": rng.integers(0, 2, n),
        "g": rng.choice(["north", "south"], n),
        "c": rng.integers(0, 24, n),
        "d": rng.integers(0, 3, n),
        "w": rng.random(n) + 1,
        "size": np.full(n, 5000),
    }
    yield hp.Survey(table)
    yield hp.Survey(table, name="veldwerk")
    yield hp.Survey(table, strata="g")
    yield hp.Survey(table, strata=["g", "d"], redraws="bayesian")
    yield hp.Survey(table, weights="w").calibrate({"g": {"north": 600, "south": 700}})
    yield hp.Survey(table, strata="g", clusters="c", weights="w", nest=True)
    yield hp.Survey(table, clusters=["c", "d"], weights="w", nest=True)
    yield hp.Survey(table, weights="w", fpc="size")
    yield hp.Survey(table, weights="w").with_replicates("JK1")


ENGLISH_WORDS = re.compile(r"\b(the|of|and|with|from|participants|draws|redraws|estimate|survey|by|where|each)\b")


@pytest.mark.parametrize("survey", list(_designs()), ids=lambda survey: survey.record.redraws[:40])
def test_methods_are_dutch_whatever_the_design(survey: hp.Survey) -> None:
    size = hp.multiplier(hp.normal(900, 20, name="B"), survey.proportion("x"))
    plain = size.methods()
    with hp.settings(language="nl"):
        text, _, references = size.methods().partition("\n\nLiteratuur\n")
        described = str(survey.sample.description)
    assert "multipliermethode" in text
    assert "10.000" in text or survey.record.variance != "draws"
    assert not ENGLISH_WORDS.search(text), text
    assert not ENGLISH_WORDS.search(described), described
    assert references == plain.partition("\n\nReferences\n")[2], "titles of books stay"
    assert size.methods() == plain


def test_a_report_is_in_one_language() -> None:
    survey = next(_designs())
    size = hp.multiplier({"north": 900, "south": 1100}, survey.proportion("x", by="g"))
    with hp.settings(language="nl"):
        report = hp.Report("Verslag")
        table = hp.describe(survey, ["x", "w"], by="g", test=True, labels={"w": "gewicht"})
        cross = hp.crosstab(survey, "x", "d")
    report.add(size, section="Omvang")  # whatever is spoken when something is added
    with hp.settings(language="fr"):
        report.add(table, cross, section="Wie")
        page = str(report.to_html()).replace("\u00a0", " ")
    assert '<html lang="nl">' in page
    for words in (
        "Tabel 1. Omvang van de populatie",
        "95%-BI",
        "Methoden",
        "Literatuur",
        "gemiddelde",
        "allen (n = 240)",
    ):
        assert words in page, words
    assert "Lumley T (2010)" in page, "what a test in a table cites"
    body = re.sub(r"<style>.*?</style>|<ol class=.references.*?</ol>|<[^>]+>", " ", page, flags=re.DOTALL)
    assert not ENGLISH_WORDS.search(body), ENGLISH_WORDS.findall(body)
    alternative = " ".join(re.findall(r'alt="([^"]*)"', page))
    assert "betrouwbaarheidsintervallen" in alternative
    assert not ENGLISH_WORDS.search(alternative)


def test_figures_keep_the_language_they_were_made_in() -> None:
    size = hp.published(13_300, 12_600, 14_200, name="opioïden")
    with hp.settings(language="nl"):
        axes = size.plot()
    axes.figure.canvas.draw()  # later, and in English
    assert axes.get_xlabel() == "opioïden (95%-BI)"
    assert any(re.fullmatch(r"1\d\.\d00", label.get_text()) for label in axes.get_xticklabels())
    assert hp.plot.describe(axes).startswith(
        "opioïden met 95%-betrouwbaarheidsintervallen. opioïden: 13.300 (12.600 tot 14.200)"
    )


@pytest.mark.parametrize(
    ("code", "cell"),
    [
        ("en", "3 (75.0%)"),
        ("nl", "3 (75,0%)"),
        ("fr", "3 (75,0\u00a0%)"),
        ("de", "3 (75,0\u00a0%)"),
        ("es", "3 (75,0\u00a0%)"),
        ("pt", "3 (75,0%)"),
    ],
)
def test_tables_in_all_languages(code: str, cell: str) -> None:
    survey = hp.Survey({"sex": ["man", "man", "vrouw", "man"]})
    with hp.settings(language=code):
        table = hp.describe(survey, ["sex"], interval=False)
    assert table.rows[1].cells == (cell,)
    assert table.numbers["group"].tolist()[0] == "all", "what programs read is English"
    assert table.numbers["statistic"].tolist()[0] == "share"


@pytest.mark.parametrize("code", OTHERS)
def test_as_much_is_hidden_in_any_language(code: str) -> None:
    rng = np.random.default_rng(1)
    groups = ["a"] * 7 + ["b"] * 60 + ["c"] * 80
    survey = hp.Survey({"x": rng.integers(0, 2, 147), "age": rng.integers(18, 70, 147), "g": groups})
    plain = hp.describe(survey, ["x", "age"], by="g", suppress_below=5, interval=False)
    with hp.settings(language=code):
        table = hp.describe(survey, ["x", "age"], by="g", suppress_below=5, interval=False)
        word = language.tr("hidden")
    hidden = [[one.count("hidden") for one in row.cells] for row in plain.rows]
    assert sum(map(sum, hidden)) > 0
    assert [[one.count(word) for one in row.cells] for row in table.rows] == hidden


#: Without "of", which is Dutch as well.
NOT_DUTCH = re.compile(
    r"\b(the|and|with|from|to|participants|draws|redraws|estimate|survey|by|where|each|what|how|who|people|rows?)\b"
)


def _recruited() -> hp.Survey:
    rng = np.random.default_rng(2)
    n = 90
    who = [None if i < 5 else i - 5 for i in range(n)]
    table = {"id": range(n), "door": who, "kent": rng.integers(2, 30, n), "x": rng.integers(0, 2, n)}
    return hp.Survey.rds(
        table, id="id", recruiter="door", degree="kent", population=900, homophily_on="x", replicates=200
    )


def _shown(table: hp.Table) -> str:
    return " ".join([table.title, *table.columns, *(text for row in table.rows for text in (row.label, *row.cells))])


def test_a_respondent_driven_survey_is_dutch() -> None:
    survey = _recruited()
    plain = survey.check()
    with hp.settings(language="nl"):
        text = survey.proportion("x").methods().partition("\n\nLiteratuur\n")[0]
        found = [survey.check(), survey.recruitment("x"), survey.convergence("x"), survey.bottleneck("x")]
        found.append(survey.sensitivity("x", population=[400, 900]))
        shown = [one._as_table().to_markdown() for one in found]
        axes = [survey.plot_tree("x"), found[2].plot(), found[3].plot()]
        drawn = [hp.plot.describe(one) for one in axes]
        again = survey.check()
    assert "geworven vanuit 5 startdeelnemers (seeds) in 17 golven" in text
    for one in (text, *shown, *drawn):
        assert not NOT_DUTCH.search(one), one
    assert again.summary().equals(plain.summary()), "what programs read is English"


def test_a_benchmark_is_dutch() -> None:
    rows = {
        "nummer": [1, 1, 2, 3, None, 4, 4],
        "van": ["2023-01-02", "2023-03-01", "2022-12-05", "2023-02-01", "2023-03-01", "2021-01-01", "2023-04-01"],
        "tot": ["2023-01-09", None, "2023-01-05", "2024-02-01", "2023-03-02", "2021-02-01", "2023-04-02"],
        "stad": ["Ede", "Oss", "Ede", "Oss", "Oss", "Ede", None],
    }
    spells = {"start": "van", "end": "tot", "period": ("2023-01-01", "2023-12-31")}
    found = hp.benchmark(rows, id="nummer", by="stad", several="first", **spells)
    with hp.settings(language="nl"):
        texts = [found.methods(), repr(found), found._as_table().to_markdown()]
    assert "van 1 januari 2023 tot en met 31 december 2023" in texts[0]
    assert "1 was er al voor het begin, 1 na afloop ervan, 1 heeft geen laatste dag" in texts[1]
    for text in texts:
        assert not NOT_DUTCH.search(text), text


def test_a_checklist_is_in_the_language_of_its_report() -> None:
    survey = _recruited()
    report = hp.Report("Verslag", language="nl").add(survey.proportion("x"), survey.check())
    for name in ("STROBE", "STROBE-RDS"):
        text = _shown(report.checklist(name))  # asked in English
        assert "In te vullen door de auteur." in text
        assert not NOT_DUTCH.search(text), text


def test_yes_and_no_of_a_regression_are_dutch() -> None:
    rng = np.random.default_rng(3)
    made = {"y": rng.integers(0, 2, 200), "x": rng.integers(0, 2, 200).astype(bool)}
    model = hp.regress(hp.Survey(made), "y ~ x")
    with hp.settings(language="nl"):
        table = model.table()
    assert {"ja", "nee"} <= {row.label for row in table.rows}
    assert "yes" in table.numbers.astype(str).to_numpy(), "what programs read is English"
