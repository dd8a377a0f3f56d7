"""Reports: valid, alone, told once, and nothing of few people in them."""

from __future__ import annotations

import itertools
import json
import pickle
import re
from pathlib import Path
from typing import Any

import docx
import hiddenpop as hp
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.sample.cut import Cut
from hiddenpop.tables.disclosure import close
from hiddenpop.words import methods as report
from matplotlib.figure import Figure
from scipy.optimize import linprog

from ..page_check import check

mpl.use("Agg")
EVIL = '<script>alert("x")</script> & <b>'
WHY = "recruitment and estimation method changed"


@pytest.fixture(scope="module")
def study() -> hp.Survey:
    interviews = hp.datasets.load("synthetic_opaak")["interviews"]
    return hp.Survey(interviews, strata="group", replicates=200, seed=7)


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
    account = report.account([report.Told(est, 0.95, "percentile")])
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
    assert block["table"]["rows"][0] == {"label": "multiplier", "heading": False, "cells": ["0.25", "<0.001"]}
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
    "caption": (lambda: hp.Report("r").add("text", caption="c"), "belongs to one figure"),
    "list": (lambda: hp.Report("r").add(["a", "b"]), r"one by one: report.add\(\*results\)"),
    "author": (lambda: hp.Report("r", author=["A", "B"]), "author= is a text"),  # type: ignore[arg-type]
    "date": (lambda: hp.Report("r", date=3.5), "date= is a text"),  # type: ignore[arg-type]
    "language": (lambda: hp.Report("r", language=None), "language= is a text"),  # type: ignore[arg-type]
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
    assert '<tr class="head"><th scope="row" colspan="4">housing</th><td>' in page


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
    # A line lets go of the next one where that opens a variable, and nowhere else but at the end.
    opens = [row.heading for row in table.rows]
    assert kept == [True, *(not last for last in [*opens[1:], True])]
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


def small(seed: int) -> pd.DataFrame:
    """Return 90 people, some kinds of whom are few."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "group": rng.choice(["a", "b"], 90, p=[0.3, 0.7]),
            "sex": rng.choice(["m", "w"], 90, p=[0.8, 0.2]),
            "x": rng.choice(["p", "q", "r", None], 90, p=[0.65, 0.2, 0.08, 0.07]),
        }
    )


ANSWERS = ("p", "q", "r")


def known(data: dict[str, Any]) -> list[tuple[dict[str, Any], float]]:
    """List what a reader of the report knows of x: cells as {column: values} and how many participants are in them."""
    found: list[tuple[dict[str, Any], float]] = []
    for block in data["content"]:
        table = block.get("table", {"numbers": [], "title": "", "columns": []})
        by = table["title"].partition(" by ")[2]
        for line in table["numbers"]:
            if block["type"] == "estimate" and line["estimate"] is not None:
                cell = {name: (line[name],) for name in ("group", "sex") if name in line}
                found.append((cell | {"x": (line["x"],)}, round(line["estimate"] * line["n"])))
                found.append((cell | {"x": ANSWERS}, line["n"]))
            elif "statistic" in line and line["n"] is not None:
                where = {} if line["group"] == "all" else {by: (line["group"],)}
                level = "-" if line["statistic"] == "missing" else line["level"]
                found.append(({"x": (level,), **where}, line["n"]))
        if table["title"].startswith("x by"):  # a cross-table's heads count who answered both
            heads = [re.fullmatch(r"(.*) \(n = (\d+)\)", head) for head in table["columns"]]
            found += [({"x": ANSWERS, by: (h[1],)}, float(h[2])) for h in heads if h and h[1] != "all"]
            rows = [(row["label"], row["cells"][-1]) for row in table["rows"] if not row["heading"]]
            found += [({"x": (label,)}, float(text)) for label, text in rows if text != "hidden"]
    return found


def test_nothing_hidden_can_be_worked_out_of_a_whole_report() -> None:
    """Linear programming over every table of counts that agrees with all that is published and with all group sizes."""
    looked = hid = refused = 0
    names = ("x", "group", "sex")
    combos = list(itertools.product([*ANSWERS, "-"], "ab", "mw"))

    def row(cell: dict[str, Any]) -> np.ndarray:
        return np.array([all(c[names.index(k)] in v for k, v in cell.items()) for c in combos], dtype=float)

    for seed in range(8):
        frame = small(seed)
        survey = hp.Survey(frame, replicates=30)
        things = [
            survey.proportion("x", by="group"),
            survey.proportion("x"),
            survey.proportion("x", by="sex"),
            hp.describe(survey, ["x"], by="group", interval=False),
            hp.crosstab(survey, "x", "sex"),
        ]
        made = hp.Report("r", suppress_below=4)
        for i in np.random.default_rng(seed).choice(len(things), 3, replace=False):
            try:
                made.add(things[i])
            except InputError as error:
                assert "could be worked out" in str(error)
                refused += 1
        data = json.loads(made.to_json() or "")
        hid += '"hidden"' in json.dumps(data)
        sizes = frame.groupby(["group", "sex"]).size()
        published = known(data) + [({"group": (g,), "sex": (s,)}, float(n)) for (g, s), n in sizes.items()]
        left = np.array([row(cell) for cell, _ in published])
        right = np.array([count for _, count in published])
        answered = frame.dropna()
        for by in ("group", "sex"):
            if not any(by in cell and len(cell["x"]) == 1 for cell, _ in known(data)):
                continue  # x is not shown by it
            for (level, group), count in answered.groupby(["x", by]).size().items():
                if 0 < count < 4:
                    cell = row({"x": (level,), by: (group,)})
                    ends = [s * linprog(s * cell, A_eq=left, b_eq=right, bounds=(0, None)).fun for s in (1, -1)]
                    assert ends[1] - ends[0] > 0.5, (seed, by, level, group, ends)
                    looked += 1
    assert looked > 12
    assert hid > 4
    assert refused < 4


def test_the_total_gives_nothing_away() -> None:
    # Of group a 2 have it, of b 30 do: with the share of all, 2 would follow from 32 - 30.
    frame = pd.DataFrame({"g": ["a"] * 40 + ["b"] * 60, "y": [True] * 2 + [False] * 38 + [True] * 30 + [False] * 30})
    survey = hp.Survey(frame, replicates=50)
    by_group, everyone = survey.proportion("y", by="g"), survey.proportion("y")

    def rows(*things: Any) -> list[list[str]]:
        data = json.loads(hp.Report("r", suppress_below=5).add(*things).to_json() or "")
        return [row["cells"] for block in data["content"] if "table" in block for row in block["table"]["rows"]]

    assert [cells[0] for cells in rows(by_group)] == ["hidden", "50.0%"]
    # One more goes: the share of b, on 30, or that of all, on 32.
    assert [cells[0] for cells in rows(by_group, everyone)].count("hidden") == 2
    # What is computed from a hidden share hides too, and so does a sum over it.
    sizes = hp.multiplier({"a": 100, "b": 100}, by_group)
    assert next(cells[0] for cells in rows(sizes)) == "hidden"
    assert rows(sizes.sum("all"))[0][0] == "hidden"
    assert rows(sizes["b"])[0][0] == "200"


def test_a_domain_gives_nothing_away_of_the_rest() -> None:
    # 32 of 100, and 30 of the 60 in a domain: 2 of those outside of it.
    frame = pd.DataFrame({"b": [False] * 40 + [True] * 60, "y": [True] * 2 + [False] * 38 + [True] * 30 + [False] * 30})
    frame["x"] = np.arange(100.0)
    survey = hp.Survey(frame, replicates=50)
    mask = frame["b"].to_numpy()
    for where in ("b", mask):
        made = hp.Report("r", suppress_below=5).add(survey.proportion("y"), survey.proportion("y", where=where))
        cells = [b["table"]["rows"][0]["cells"][0] for b in json.loads(made.to_json() or "")["content"]]
        assert cells == ["32.0%", "hidden"]
    # The mean of all and that of 97 give that of three.
    most = np.arange(100) < 97
    made = hp.Report("r", suppress_below=5).add(survey.mean("x", where=most), survey.mean("x"))
    cells = [b["table"]["rows"][0]["cells"][0] for b in json.loads(made.to_json() or "")["content"]]
    assert cells.count("hidden") == 1


def test_counts_of_few() -> None:
    frame = pd.DataFrame({"g": ["a"] * 40 + ["b"] * 60, "s": ["m"] * 3 + ["w"] * 37 + ["m"] * 30 + ["w"] * 30})
    survey = hp.Survey(frame, replicates=50)
    made = hp.Report("r", suppress_below=5).add(survey.count(by=["g", "s"]), survey.count(by="s"))
    cells = [
        row["cells"][0]
        for b in json.loads(made.to_json() or "")["content"]
        if "table" in b
        for row in b["table"]["rows"]
    ]
    assert cells[0] == "hidden"
    # How large groups are everybody may know, so nothing more can be asked of them.
    assert cells[4:] == ["33.0", "67.0"]


def test_long_figures_go_in_as_pixels() -> None:
    axes = Figure().subplots()
    x = np.random.default_rng(0).random((2, 20_000))
    axes.scatter(*x)
    text = hp.Report("r").add(axes, alt="noise").to_html() or ""
    assert "data:image/png;base64," in text
    assert len(text) < 800_000


def test_a_table_is_made_again_with_small_cells_hidden() -> None:
    frame = pd.DataFrame({"g": ["a"] * 40 + ["b"] * 40, "x": ["p"] * 2 + ["q"] * 38 + ["p"] * 10 + ["q"] * 30})
    survey = hp.Survey(frame, replicates=50)
    table = hp.describe(survey, ["x"], by="g", total=True, title="Mine")
    assert "hidden" not in repr(table)
    made = hp.Report("r", suppress_below=5).add(table)
    text = made.to_html() or ""
    assert text.count("<td>hidden</td>") == 4
    assert "Mine" in text
    assert "2 (5.0%" not in text
    stricter = hp.describe(survey, ["x"], by="g", total=True, suppress_below=8)
    assert "fewer than 8" in (hp.Report("r", suppress_below=5).add(stricter).to_html() or "")
    crossed = hp.Report("r", suppress_below=5).add(hp.crosstab(survey, "x", "g")).to_html() or ""
    assert crossed.count("<td>hidden</td>") == 4
    with pytest.raises(InputError, match=r"hp.describe\(\.\.\., suppress_below=5\)"):
        hp.Report("r", suppress_below=5).add(pickle.loads(pickle.dumps(table)))


def test_two_tables_that_give_each_other_away_are_refused() -> None:
    # x by group hides (a, p) = 2 with partners in a; x by finer groups shows what a's two halves add up to.
    frame = pd.DataFrame(
        {
            "g": ["a"] * 40 + ["b"] * 40,
            "fine": ["a1"] * 20 + ["a2"] * 20 + ["b"] * 40,
            "x": ["p"] * 2 + ["q"] * 18 + ["p"] * 12 + ["q"] * 8 + ["p"] * 10 + ["q"] * 30,
        }
    )
    survey = hp.Survey(frame, replicates=50)
    coarse = hp.describe(survey, ["x"], by="g", interval=False)
    fine = hp.describe(survey, ["x"], by="fine", interval=False)
    made = hp.Report("r", suppress_below=5).add(fine)
    with pytest.raises(InputError, match=r"'x' by fine could be worked out .* Leave one of them out"):
        # a1 + a2 = a is a sum of hidden and shown: 14 - 12 = 2.
        made.add(hp.describe(survey, ["x"], by="g", interval=False, total=True), coarse, halves(survey))


def halves(survey: hp.Survey) -> hp.Table:
    """Return the second half's own table, which with the whole gives the first."""
    return hp.describe(survey.assign(other=lambda t: t["fine"].eq("a2")), ["x"], by="other", interval=False)


def test_means_of_few_are_hidden_with_what_reveals_them() -> None:
    frame = pd.DataFrame({"g": ["a"] * 3 + ["b"] * 20 + ["c"] * 30, "age": np.arange(53) + 20.0})
    survey = hp.Survey(frame, replicates=50)
    made = hp.Report("r", suppress_below=5).add(survey.mean("age", by="g"), survey.mean("age"))
    blocks = [b for b in json.loads(made.to_json() or "")["content"] if "table" in b]
    values = [row["cells"][0] for b in blocks for row in b["table"]["rows"]]
    assert values[0] == "hidden"
    assert values.count("hidden") == 2
    assert all("record" not in b for b in blocks[:1])


def test_data_with_hidden_cells_keep_no_history() -> None:
    frame = pd.DataFrame({"g": ["a"] * 40 + ["b"] * 60, "y": [True] * 2 + [False] * 38 + [True] * 30 + [False] * 30})
    survey = hp.Survey(frame, replicates=50)
    est = survey.proportion("y", by="g")
    open_to_all = json.loads(hp.Report("r").add(est).to_json() or "")["content"][0]
    assert "record" in open_to_all
    made = hp.Report("r", suppress_below=5).add(est, est["b"])
    for block in json.loads(made.to_json(draws=True) or "")["content"]:
        assert "record" not in block
    text = made.to_json() or ""
    assert "0.05" not in text
    assert made.to_html() is not None
    assert not check(made.to_html() or "").images  # one label is left, which is no figure


def test_models_and_comparisons_of_few_are_hidden() -> None:
    frame = pd.DataFrame(
        {"g": ["a"] * 40 + ["b"] * 60, "y": [1] * 6 + [0] * 34 + [1] * 30 + [0] * 30, "z": [0, 1] * 50}
    )
    survey = hp.Survey(frame, replicates=50)
    made = hp.Report("r", suppress_below=8)
    made.add(hp.regress(survey, "y ~ g", family="binomial"), hp.regress(survey, "z ~ g", family="binomial"))
    tables = [b["table"] for b in json.loads(made.to_json() or "")["content"]]
    assert {cell for row in tables[0]["rows"] for cell in row["cells"]} == {"hidden"}
    assert tables[0]["numbers"] == []
    assert "hidden" not in {cell for row in tables[1]["rows"] for cell in row["cells"]}
    compared = hp.Report("r", suppress_below=8).add(hp.compare(survey.assign(y=lambda t: t["y"] == 1), "y", by="g"))
    assert {
        cell for row in json.loads(compared.to_json() or "")["content"][0]["table"]["rows"] for cell in row["cells"]
    } == {"hidden"}


def test_what_cannot_be_checked_is_refused_unless_vouched_for(study: hp.Survey) -> None:
    est = study.proportion("in_treatment", by="group")
    made = hp.Report("r", suppress_below=5)
    frame = pd.DataFrame({"n": [3]})
    for thing in (est.plot(), frame):
        with pytest.raises(InputError, match="safe=True"):
            made.add(thing)
        made.add(thing, safe=True)
    with pytest.raises(InputError, match="was read from a file"):
        made.add(hp.read_estimate(est.to_json() or ""))
    with pytest.raises(InputError, match="function of weights"):
        made.add(study.replicate(lambda w: w.mean(), name="m"))
    few = hp.multiplier(3, hp.beta(80, 20, name="share"))
    data = json.loads(hp.Report("r", suppress_below=5).add(few).to_json() or "")
    assert data["content"][0]["table"]["rows"][0]["cells"] == ["hidden", "hidden"]


def test_a_trend_with_a_hidden_time_draws_nothing() -> None:
    frame = pd.DataFrame({"y": [True] * 2 + [False] * 58})
    share = hp.Survey(frame, replicates=50).proportion("y")
    trend = hp.trend({2012: hp.beta(20, 80, name="then"), 2023: share})
    made = hp.Report("r", suppress_below=5).add(trend)
    assert not check(made.to_html() or "").images
    rows = json.loads(made.to_json() or "")["content"][0]["table"]["rows"]
    assert rows[1]["cells"] == ["hidden"] * 5
    assert rows[0]["cells"][0] != "hidden"


def test_closing_hides_the_least() -> None:
    # Two groups and all: the small cell needs one more of group b or of all; b's is the smaller.
    frame = pd.DataFrame({"g": ["a"] * 40 + ["b"] * 60, "y": ["p"] * 2 + ["q"] * 38 + ["p"] * 30 + ["q"] * 30})
    survey = hp.Survey(frame, replicates=10)
    units = survey.sample.units  # one row a kind of participant
    level = (units["y"] == "q").to_numpy().astype(np.int64)
    group = (units["g"] == "b").to_numpy().astype(np.int64)
    cut = Cut(survey.sample, "y", ("g",), level, group, 2, 2, np.zeros((2, 3), dtype=bool), total=True, fixed=False)
    cut.hidden[0, 0] = True
    close([cut], 5)
    assert cut.hidden.tolist() == [[True, True, False], [True, True, False]]


def test_notes_about_redraws_give_no_hidden_number_away() -> None:
    # Of 100, three have the property: (1 - 3 / 100) ** 100 = 0.048 of the redraws hold none of them, and a note that
    # says so says three. The other group's size has such a note of its own, which stays where it is shown.
    frame = pd.DataFrame({"group": ["a"] * 100 + ["b"] * 60, "listed": [1] * 3 + [0] * 97 + [1] * 30 + [0] * 30})
    survey = hp.Survey(frame, strata="group", replicates=2_000)
    people = hp.multiplier({"a": 30, "b": 900}, survey.proportion("listed", by="group"))
    shown = hp.Report("r").add(people).to_html() or ""
    assert "of 2,000 draws are" in shown
    hidden = hp.Report("r", suppress_below=5).add(people)
    for text in (hidden.to_html() or "", hidden.to_json() or ""):
        assert "hidden" in text
        assert "draws are" not in text
    trend = hp.trend({2016: hp.published(900, 700, 1_200, name="then"), 2024: people["a"]})
    assert "draws are" not in (hp.Report("r", suppress_below=5).add(trend).to_html() or "")
    compared = hp.Report("r", suppress_below=5).add(hp.compare(survey, "listed", by="group")).to_html() or ""
    assert "hidden" in compared
    assert "Rao-Scott F test (second order): F =" not in compared


def test_an_estimate_is_read_from_its_place_in_a_report() -> None:
    survey = hp.Survey({"listed": [1, 0, 1, 0]}, replicates=100)
    text = hp.Report("r").add(hp.multiplier(10, survey.proportion("listed"))).to_json(draws=True) or ""
    with pytest.raises(InputError, match="This is a report"):
        hp.read_estimate(text)
    assert hp.read_estimate(json.dumps(json.loads(text)["content"][0]["record"])).point == 20
