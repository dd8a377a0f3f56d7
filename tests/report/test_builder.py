"""Reports: valid, alone, told once, and no respondent in them."""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path
from typing import Any

import docx
import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.report import pictures
from hiddenpop.words import methods as report
from matplotlib.figure import Figure

from ..page_check import check

EVIL = '<script>alert("x")</script> & <b>'
WHY = "recruitment and estimation method changed"


def parts(study: hp.Survey) -> dict[str, Any]:
    people = hp.multiplier({"opioids": 8126, "crack only": 4912}, study.proportion("in_treatment", by="group"))
    earlier = hp.published(14_300, 13_400, 16_300, name="2012", replicates=200)
    return {
        "people": people,
        "table": hp.describe(study, ["age", "sex", "housing"], by="group", test=True, total=True),
        "trend": hp.trend({2012: earlier, 2023: people["opioids"]}, comparable=False, why=WHY),
        "model": hp.regress(study, "in_treatment ~ age + group", family="binomial"),
        "comparison": hp.compare(study, "age", by="group"),
    }


@pytest.fixture(scope="module")
def made(study: hp.Survey) -> hp.Report:
    found = parts(study)
    made = hp.Report("High-risk use & crack, 2023", author="A. Author", date="2025-09")
    made.add(found["people"], found["people"].per(11_700_000), section="How many", text=f"Asked.\n\n{EVIL}")
    made.add(found["table"], found["model"], found["comparison"], section=EVIL)
    return made.add(found["trend"], hp.crosstab(study, "born", "group"), section="Since 2012")


@pytest.fixture(scope="module")
def page(made: hp.Report) -> str:
    text = made.to_html()
    assert text is not None
    return text


def test_the_page_is_valid_and_alone(page: str) -> None:
    found = check(page)
    assert found.language == "en"
    assert found.headings == [1, 2, 2, 2, 2, 3]
    assert found.tables == 7
    assert len(found.images) == 3
    assert "@media print" in page
    assert "size:A4" in page
    assert len(page) < 250_000  # three figures, and no file beside it


def test_the_checker_finds_what_is_wrong(page: str) -> None:
    for old, new in (
        ('<th scope="col">', "<th>"),
        ("</caption>", ""),
        ('alt="', 'data-alt="'),
        ("<h3>", "<h5>"),
        ("</main>", '<script src="https://example.org"></script></main>'),
        ('href="#methods"', 'href="https://example.org"'),
    ):
        assert old in page
        with pytest.raises(AssertionError):
            check(page.replace(old, new, 1))


def test_texts_of_users_are_no_markup(page: str) -> None:
    assert EVIL not in page
    assert page.count("&lt;script&gt;") == 3  # a paragraph, a heading, and the list of sections
    frame = pd.DataFrame({EVIL: [EVIL, "b"] * 20, "g": [EVIL, EVIL, "c", "c"] * 10})
    survey = hp.Survey(frame, replicates=50)
    evil = hp.Report(EVIL, author=EVIL, date=EVIL)
    axes = Figure().subplots()
    axes.set_title(EVIL)
    evil.add(hp.describe(survey, by="g"), survey.proportion(EVIL, by="g"), axes)
    text = evil.to_html()
    assert text is not None
    check(text)
    assert "<script" not in text
    assert "<script" not in evil._repr_html_()


def test_caveats_stand_at_the_top_by_the_table_and_by_the_figure(made: hp.Report, page: str) -> None:
    caveat = f"Not comparable: {WHY}. No change is tested or stated."
    synthetic = "SYNTHETIC data"
    top = page[page.index("<header>") : page.index("</header>")]
    assert caveat in top
    assert synthetic in top
    data = json.loads(made.to_json() or "")
    for block in data["content"]:
        if block["type"] == "figure":
            assert synthetic in block["description"]
        if "table" in block:
            assert synthetic in " ".join(block["table"]["notes"])
    trend = next(b for b in data["content"] if b["type"] == "trend")
    assert caveat in trend["table"]["notes"]
    assert (
        caveat
        in next(b for b in data["content"] if b["type"] == "figure" and "time" in b["description"])["description"]
    )


def test_trends_of_groups_read_as_each_by_itself() -> None:
    tables = {
        year: pd.DataFrame({"group": ["a", "b"], "estimate": [100.0, 50.0], "low": [90.0, 40.0], "high": [115.0, 65.0]})
        for year in (2012, 2023)
    }
    for options in ({}, {"comparable": False, "why": WHY}):
        trends = hp.trend(tables, by="group", **options)
        data = json.loads(hp.Report("x").add(trends).to_json() or "")["content"]
        table = next(one["table"] for one in data if "table" in one)
        alone = [
            json.loads(hp.Report("x").add(trends[group]).to_json() or "")["content"][0]["table"] for group in ("a", "b")
        ]
        assert table["columns"] == alone[0]["columns"]
        rows = [row for row in table["rows"] if not row.get("heading")]
        assert [row["label"] for row in table["rows"] if row.get("heading")] == ["a", "b"]
        assert [row["cells"] for row in rows] == [row["cells"] for one in alone for row in one["rows"]]
        assert len([note for note in table["notes"] if WHY in note]) == len(options) // 2
        described = next(one["description"] for one in data if one["type"] == "figure")
        assert "a, 2012: 100.0 (90.0 to 115.0); a, 2023" in described


def test_figures_say_their_numbers(page: str) -> None:
    found = check(page)
    assert "opioids: 13,310 (" in str(found.images[0]["alt"])


def test_methods_are_told_once(made: hp.Report, page: str) -> None:
    data = json.loads(made.to_json() or "")["methods"]
    sentences = [s for text in data["paragraphs"] for s in re.split(r"(?<=\.) (?=[A-Z])", text)]
    assert len(sentences) == len(set(sentences))
    assert sum("The survey is a sample of 520" in s for s in sentences) == 1
    assert "in_treatment by group" in " ".join(sentences)
    assert "For 'population size'" in " ".join(sentences)  # methods differ, so it is said of what they are
    references = data["references"]
    assert references == sorted(set(references), key=str.casefold)
    assert any(line.startswith("UNAIDS/WHO") for line in references)
    assert any(line.startswith("Rao JNK") for line in references)  # of the table's tests
    assert page.count("Efron B (1979)") == 1
    assert "200 redraws, seed 7, hiddenpop" in page


def test_account_is_what_methods_says(study: hp.Survey) -> None:
    est = parts(study)["people"]
    account = report.account([report.Told(est, 0.95, "mover")])
    assert est.methods() == account.text
    body, _, listed = est.methods().partition("\n\nReferences\n")
    assert all(sentence in body for sentence in account.sentences)
    assert tuple(listed.split("\n")) == account.references


def test_word(made: hp.Report, tmp_path: Path) -> None:
    made.to_docx(tmp_path / "r.docx")
    document = docx.Document(str(tmp_path / "r.docx"))
    styles = [(p.style.name, p.text) for p in document.paragraphs]
    assert styles[0] == ("Title", "High-risk use & crack, 2023")
    headings = [text for name, text in styles if name == "Heading 1"]
    assert headings == ["How many", EVIL, "Since 2012", "Methods"]
    assert ("Heading 2", "References") in styles
    assert len(document.tables) == 7
    for grid in document.tables:
        assert "w:tblHeader" in grid.rows[0]._tr.xml
        assert "w:tblCaption" in grid._tbl.xml
        assert "w:tblDescription" in grid._tbl.xml
    captions = [text for name, text in styles if name == "Caption"]
    assert captions[0].startswith("Table 1. Population size")
    assert sum(text.startswith("Figure") for text in captions) == len(document.inline_shapes) == 3
    for shape in document.inline_shapes:
        assert "(" in shape._inline.docPr.get("descr")
    assert document.core_properties.title == "High-risk use & crack, 2023"
    assert document.core_properties.author == "A. Author"
    assert 'w:lang w:val="en"' in document.styles.element.xml
    assert document.sections[0].page_width.cm == pytest.approx(21, abs=0.01)


def test_a_table_in_word_has_words(study: hp.Survey, tmp_path: Path) -> None:
    hp.describe(study, ["sex"], by="group", title="Who").to_docx(tmp_path / "t.docx")
    xml = docx.Document(str(tmp_path / "t.docx")).tables[0]._tbl.xml
    assert 'w:tblCaption w:val="Who"' in xml


def test_json_keeps_everything(made: hp.Report, study: hp.Survey, tmp_path: Path) -> None:
    made.to_json(tmp_path / "r.json")
    data = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(data)) == data
    keys = "format kind hiddenpop title author date language suppress_below caveats content methods"
    assert list(data) == keys.split()
    estimate = next(b for b in data["content"] if b["type"] == "estimate")
    people = parts(study)["people"]
    again = hp.read_estimate(json.dumps(estimate["record"]))
    assert again.point.tolist() == people.point.tolist()
    numbers = pd.DataFrame(estimate["table"]["numbers"])
    assert numbers[["estimate", "lower", "upper"]].to_numpy() == pytest.approx(
        people.summary()[["estimate", "lower", "upper"]].to_numpy()
    )
    with_draws = json.loads(made.to_json(draws=True) or "")
    record = next(b for b in with_draws["content"] if b["type"] == "estimate")["record"]
    assert np.array_equal(hp.read_estimate(json.dumps(record)).draws, people.draws)


def test_no_respondent_is_in_any_file(tmp_path: Path) -> None:
    interviews = hp.datasets.load("synthetic_opaak")["interviews"].head(300)
    ids = [f"respondent-{i:05d}" for i in range(len(interviews))]
    survey = hp.Survey(interviews.assign(id=ids, secret=[7.125 + i for i in range(len(ids))]), replicates=50)
    found = hp.Report("r")
    found.add(survey.proportion("in_treatment", by="group"), survey.mean("age", where=survey_mask(interviews)))
    found.add(hp.describe(survey, ["age", "sex"], by="group"), hp.regress(survey, "age ~ sex"))
    texts = [found.to_html(), found.to_json(), found.to_json(draws=True), found._repr_html_()]
    for text in texts:
        assert text is not None
        assert "respondent-" not in text
        assert "7.125" not in text
    table = pickle.loads(pickle.dumps(hp.describe(survey, ["age"])))
    assert table.made is None
    assert b"respondent-" not in pickle.dumps(table)


def survey_mask(frame: pd.DataFrame) -> Any:
    return (frame["age"] > 30).to_numpy()


def test_a_notebook_shows_a_part_of_a_page(made: hp.Report) -> None:
    text = made._repr_html_()
    assert "<html" not in text
    assert text.count("<h1>") == 1
    assert repr(made) == "Report 'High-risk use & crack, 2023': 3 sections, 7 tables, 3 figures"


class Weighed:
    """What another family might return."""

    title = "weighed methods"
    caveat = "Methods disagree."

    def __init__(self, estimate: hp.Estimate) -> None:
        self.estimate = estimate

    def summary(self) -> pd.DataFrame:
        return pd.DataFrame({"weight": [0.25, 0.75], "p": [0.0001, np.nan]}, index=["multiplier", "lists"])

    def plot(self, ax: Any = None) -> Any:
        ax.bar(["multiplier", "lists"], [0.25, 0.75])
        return ax

    def methods(self) -> str:
        return f"Estimates were weighed. {self.estimate.methods()}"


def test_anything_with_a_summary(study: hp.Survey) -> None:
    est = study.proportion("in_treatment")
    made = hp.Report("r").add(est, Weighed(est))
    data = json.loads(made.to_json() or "")
    block = data["content"][1]
    assert block["table"]["rows"][0] == {"label": "multiplier", "heading": False, "cells": ["0.250", "<0.001"]}
    assert "Methods disagree." in data["caveats"]
    assert data["methods"]["paragraphs"][1] == "Estimates were weighed."
    assert data["content"][2]["type"] == "figure"
    check(made.to_html() or "")


def test_figures_of_users(study: hp.Survey) -> None:
    axes = study.proportion("housing", by="group").plot()
    made = hp.Report("r").add(axes, caption="Housing", alt="Half live at home")
    found = check(made.to_html() or "")
    assert found.images[0]["alt"] == "Half live at home"
    plain = check(hp.Report("r").add(axes).to_html() or "")
    assert "proportion of housing" in str(plain.images[0]["alt"])
    first = made.to_html()
    assert made.to_html() == first


BAD = {
    "no title": (lambda: hp.Report(" "), "needs a title"),
    "number": (lambda: hp.Report("r").add(3.5), "can't show what is of type float"),
    "caption": (lambda: hp.Report("r").add("text", caption="c"), "belongs to one table, figure"),
    "list": (lambda: hp.Report("r").add(["a", "b"]), r"one by one: report.add\(\*results\)"),
    "author": (lambda: hp.Report("r", author=["A", "B"]), "author= is a text"),  # type: ignore[arg-type]
    "date": (lambda: hp.Report("r", date=3.5), "date= is a text"),  # type: ignore[arg-type]
    "language": (lambda: hp.Report("r", language=""), "language= is a text"),
    "path": (lambda: hp.Report("r").to_html(3), "named by a text or a path"),  # type: ignore[arg-type]
    "below": (lambda: hp.Report("r", suppress_below=1), "suppress_below=1"),
    "text": (lambda: hp.Report("r").add(text=3), "text= is a text"),
    "level": (lambda: hp.Report("r", level=95), "level"),
    "suffix": (lambda: hp.Report("r").to_html("r.pdf"), r"should end in \.html"),
    "folder": (lambda: hp.Report("r").to_html("nowhere/r.html"), "can't be written"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_reports(name: str) -> None:
    call, message = BAD[name]
    with pytest.raises(InputError, match=message):
        call()


def test_small_conveniences(study: hp.Survey) -> None:
    made = hp.Report("r", date=2025)
    made.add(pd.DataFrame({"beds": [40]}, index=["north"]), caption="Beds")
    made.add(hp.crosstab(study, "born", "group").test())
    text = made.to_html() or ""
    check(text)
    assert "Table 1. Beds" in text
    assert "<p>Rao-Scott F test (second order): F = " in text
    assert '<p class="byline">2025</p>' in text


def test_the_name_of_a_variable_takes_the_empty_cells_beside_it(page: str) -> None:
    # Two groups and all stand before p, so a name without numbers of its own covers four columns.
    line = '<tr class="head" role="row"><th scope="row" colspan="4" role="rowheader">housing</th><td role="cell" data-head="p">'
    assert line in page


def test_a_long_table_of_word_breaks_between_variables(study: hp.Survey) -> None:
    table = hp.describe(
        study,
        ["age", "sex", "born", "injected", "depression", "housing", "work"],
        by="group",
        total=True,
        interval=False,
    )
    document = docx.Document()
    table.add_to_docx(document)
    grid = document.tables[0]
    kept = [row.cells[0].paragraphs[0].paragraph_format.keep_with_next is True for row in grid.rows]
    assert len(table.rows) > 20
    # A line lets go of the next one where that opens a variable, and nowhere else; the last one stays with the notes.
    opens = [row.heading for row in table.rows]
    assert kept == [True, *(not last for last in [*opens[1:], False])]
    document = docx.Document()
    hp.describe(study, ["age", "sex"], by="group").add_to_docx(document)
    rows = document.tables[0].rows
    assert all(row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in list(rows)[:-1])


def test_cells_of_word_have_a_line_of_their_own(study: hp.Survey) -> None:
    table = hp.describe(
        study,
        ["housing"],
        by="group",
        total=True,
        test=True,
        labels={"housing": "Where they slept most of the last month"},
    )
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.left_margin, section.right_margin = (
        docx.shared.Cm(21),
        docx.shared.Cm(2),
        docx.shared.Cm(2),
    )
    table.add_to_docx(document)
    widths = [column.width / docx.shared.Cm(1) for column in document.tables[0].columns]
    assert sum(widths) == pytest.approx(17, abs=0.01)
    # Nine points of Calibri in cm: digits and most letters take 0.16, other signs less but for %; margins take 0.38.
    wide = {"%": 0.23, " ": 0.072, ".": 0.08, ";": 0.085, "(": 0.096, ")": 0.096, "t": 0.106}
    for column, width in enumerate(widths[1:4]):
        texts = [row.cells[column] for row in table.rows]
        assert max(map(len, texts)) >= 20
        assert width >= 0.38 + max(sum(wide.get(sign, 0.168) for sign in text) for text in texts)


def test_a_mistake_leaves_the_report_as_it_was(study: hp.Survey) -> None:
    made = hp.Report("r", suppress_below=5).add(study.proportion("sex", by="group"))
    with pytest.raises(InputError):
        made.add(3.5)
    assert repr(made) == "Report 'r': 0 sections, 1 table, 1 figure"


# Small cells


def test_long_figures_go_in_as_pixels() -> None:
    axes = Figure().subplots()
    x = np.random.default_rng(0).random((2, 20_000))
    axes.scatter(*x)
    text = hp.Report("r").add(axes, alt="noise").to_html() or ""
    assert "data:image/png;base64," in text
    assert len(text) < 800_000


def test_an_estimate_is_read_from_its_place_in_a_report() -> None:
    survey = hp.Survey({"listed": [1, 0, 1, 0]}, replicates=100)
    text = hp.Report("r").add(hp.multiplier(10, survey.proportion("listed"))).to_json(draws=True) or ""
    with pytest.raises(InputError, match="This is a report"):
        hp.read_estimate(text)
    assert hp.read_estimate(json.dumps(json.loads(text)["content"][0]["record"])).point == 20


def test_a_report_shows_the_estimate_that_it_was_given() -> None:
    """What was refused is gone, and its place in memory is taken by the next one: nothing of it may be shown."""
    survey = hp.Survey({"x": [1, 0, 0, 0, 0] * 40, "y": [1, 1, 1, 0, 0] * 40}, replicates=50)
    for _ in range(30):
        report = hp.Report("Two shares")
        with pytest.raises(InputError, match="can't show"):
            report.add(survey.proportion("x"), 5)
        report.add(survey.proportion("y"))
        page = report.to_html()
        assert page is not None
        assert "Proportion of x" not in page
        assert "60.0%" in page  # three of five


def test_a_report_keeps_a_table_as_it_was_and_its_own_level() -> None:
    frame = pd.DataFrame({"people": [11]})
    report = hp.Report("A table").add(frame)
    frame.loc[0, "people"] = 99
    page = report.to_html()
    assert page is not None
    assert ">11<" in page
    assert ">99<" not in page
    report = hp.Report("A level").add(hp.published(100, 80, 130, name="published"))
    report.level = 0.5
    page = report.to_html()
    assert page is not None
    assert "50% interval" in page


def test_how_to_repeat_numbers_that_were_given_reads_well() -> None:
    rows = {"id": list(range(60)), "month": ["2023-01"] * 60}
    found = hp.benchmark(rows, id="id", date="month", period="2023")
    page = hp.Report("Sizes").add(found).to_html()
    assert page is not None
    assert "without uncertainty." in page
    assert "uncertainty.." not in page


def test_a_label_of_many_letters_makes_no_picture_of_a_gigabyte() -> None:
    """A figure is 7 inches wide, its picture three times as much at most: a label of 5,000 letters would reach over 500."""
    pyplot = pytest.importorskip("matplotlib.pyplot")
    figure, axes = pyplot.subplots(figsize=(7, 2))
    axes.barh(["x" * 5000, "b"], [1, 2])
    drawn = pictures.picture(figure)
    pyplot.close(figure)
    wide, high = np.frombuffer(drawn.pixels[16:24], dtype=">u4") / pictures.DPI
    assert wide <= 3 * 7 + 0.5
    assert high <= 3 * 2 + 0.5


# What belongs together


def blocks(report: hp.Report) -> list[tuple[str, str]]:
    data = json.loads(report.to_json() or "")["content"]
    return [(b["type"], b.get("text") or b.get("caption") or b["table"]["title"]) for b in data]


def size(name: str = "opioids", **more: Any) -> hp.Estimate:
    return hp.published(100, 80, 130, name=name, **more)


def test_a_section_named_twice_is_one_section() -> None:
    report = hp.Report("r").add("Before all.")
    report.add(size("a"), section="Who").add(size("b"), section="How many").add(size("c"), section="Who", text="Again.")
    report.add("Goes where the last one went.")
    assert [text for _, text in blocks(report)] == [
        "Before all.", "Who", "A", "Again.", "C", "Goes where the last one went.", "How many", "B",
    ]  # fmt: skip
    assert "Table 3. B" in (report.to_html() or "")


def test_a_failed_addition_leaves_nothing_behind() -> None:
    report = hp.Report("r").add(size(), section="How many")
    before = report.to_json()
    for more in ({"section": "New", "text": "Told."}, {"section": "How many"}, {"text": "Told.", "caption": "c"}):
        with pytest.raises(InputError):
            report.add(size("b"), 3.5, **more)
        assert report.to_json() == before
    report.add("Still here.")
    assert blocks(report)[-1] == ("text", "Still here.")


def test_captions_on_everything(study: hp.Survey) -> None:
    shares = study.proportion("in_treatment", by="group")
    report = (
        hp.Report("r").add(shares, caption="In treatment").add(hp.describe(study, ["sex"]), caption="Men and women")
    )
    report.add(pd.DataFrame({"beds": [4], "staff": [2]}, index=pd.Index(["Oss"], name="city")))
    assert [text for _, text in blocks(report)] == [
        "In treatment",
        "In treatment",
        "Men and women",
        "Beds and staff by city",
    ]
    with pytest.raises(InputError, match="add it by itself"):
        report.add(shares, shares, caption="Two")
    with pytest.raises(InputError, match="one figure that you drew"):
        report.add(shares, alt="points")


def test_tables_are_told_apart_by_their_variables() -> None:
    survey = hp.Survey({"drug": ["a", "b"] * 4, "city": ["x", "x", "y", "y"] * 2, "y": [0, 1, 1, 0] * 2})
    made = hp.Report("r").add(hp.describe(survey, ["drug"], by="y"), hp.describe(survey, ["city"], by="y"))
    page = made.to_html() or ""
    assert "Participants by y (drug)" in page
    assert "Participants by y (city)" in page


def test_tables_of_one_title_are_told_apart(study: hp.Survey) -> None:
    report = hp.Report("r")
    report.add(study.proportion("in_treatment", by="group"), study.proportion("in_treatment", by="born"))
    assert [text for _, text in blocks(report)] == [
        "Proportion of in_treatment (by group)", "Proportion of in_treatment (by group)",
        "Proportion of in_treatment (by born)", "Proportion of in_treatment (by born)",
    ]  # fmt: skip
    mine = hp.concat({"opioids": size("a"), "crack": size("b")}, name="sizes")
    report = hp.Report("r").add(mine, mine["opioids"].rename("sizes"))
    assert [text for kind, text in blocks(report) if kind == "estimate"] == ["Sizes (opioids, crack)", "Sizes (sizes)"]
    report = hp.Report("r").add(size(), section="Oss").add(size(), section="Ede")
    assert [text for kind, text in blocks(report) if kind == "estimate"] == ["Opioids (Oss)", "Opioids (Ede)"]
    report = hp.Report("r").add(size(), size())
    assert [text for kind, text in blocks(report) if kind == "estimate"] == ["Opioids (1)", "Opioids (2)"]


def test_lists_enter_with_their_overlaps() -> None:
    rome = hp.datasets.load("rome_hiv")["overlaps"]
    lists = hp.Lists(rome, ["c1", "c2", "c3", "c4"], counts="people")
    report = hp.Report("r").add(lists, section="Registers")
    text = report.to_html() or ""
    check(text)
    data = [b for b in json.loads(report.to_json() or "")["content"] if "table" in b]
    assert [b["table"]["title"] for b in data] == [
        "People on the lists c1, c2, c3 and c4", "People by the lists that they are on", "Pairs of lists",
    ]  # fmt: skip
    # Every person of the published table is in one overlap.
    assert sum(line["people"] for line in data[1]["table"]["numbers"]) == lists.n == rome["people"].sum()
    assert {row["label"] for row in data[1]["table"]["rows"]} >= {"c1 only", "c1 and c2"}
    assert "c1 only: " in str(check(text).images[0]["alt"])
    described = json.loads(hp.Report("r").add(lists.describe()).to_json() or "")["content"]
    assert [b["table"] for b in described] == [b["table"] for b in data]
    hidden = hp.Report("r", suppress_below=5)
    with pytest.raises(InputError, match=r"report\.add\(lists, safe=True\)"):
        hidden.add(lists)
    assert "3 tables" in repr(hidden.add(lists, safe=True))


def test_caveats_of_everything_stand_at_the_top_and_nowhere_else(study: hp.Survey) -> None:
    note = "SYNTHETIC data"
    report = hp.Report("r").add(study.proportion("in_treatment", by="group"), hp.describe(study, ["sex"]))
    report.add(pd.DataFrame({"beds": [4]}))  # of which nothing is known
    text = re.sub(r'src="[^"]*"|alt="[^"]*"', "", report.to_html() or "")
    assert text.count(note) == 1
    figure = json.loads(report.to_json() or "")["content"][1]
    assert note in figure["description"]  # for who can't see where it stands
    # What is only of some results stands by them too, and the top says which.
    report.add(size())
    text = re.sub(r'src="[^"]*"|alt="[^"]*"', "", report.to_html() or "")
    assert text.count(note) == 3
    assert "relations between answers mean nothing. (Tables 1 and 2)" in text


def test_wide_tables_become_cards_on_a_telephone(page: str, study: hp.Survey) -> None:
    assert page.count('class="table wide cards"') + page.count('class="table long wide cards"') >= 1
    assert 'data-head="opioids (n\u00a0=\u00a0393)"' in page
    narrow = hp.Report("r").add(study.proportion("in_treatment", by="group")).to_html() or ""
    assert '<div class="table" role="region"' in narrow
    assert "data-head=" not in narrow


def test_a_long_ranking_is_cut_and_says_so() -> None:
    rome = hp.datasets.load("rome_hiv")["overlaps"]
    fits = hp.loglinear(hp.Lists(rome, ["c1", "c2", "c3", "c4"], counts="people"))
    data = json.loads(hp.Report("r").add(fits).to_json() or "")["content"][0]["table"]
    assert data["title"] == "Log-linear models of 4 lists"
    assert len(data["rows"]) == 20
    assert len(data["numbers"]) == len(fits.table)
    assert f"The first 20 rows of {len(fits.table)}." in data["notes"]


def test_the_correction_for_several_tests_has_a_name(study: hp.Survey) -> None:
    report = hp.Report("r").add(hp.compare(study, "age", by="group"))
    assert "p corrected: for several tests, by Holm (1979)." in (report.to_html() or "")
