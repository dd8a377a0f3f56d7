"""Checklists: the items of the statements, what reports know of them, and what is left to the author."""

from __future__ import annotations

from pathlib import Path

import docx
import hiddenpop as hp
import pytest
from hiddenpop import InputError
from hiddenpop.report import checklists
from hiddenpop.words.rows import Row
from hiddenpop.words.table import Table

from ..page_check import check


def numbers(name: str) -> list[str]:
    return [item["item"] for part in checklists.checklists()[name]["parts"] for item in part["items"]]


def synthesis() -> hp.Synthesis:
    sources = {"multiplier": (16_000, 11_300, 25_200), "lists": (13_000, 10_000, 17_500)}
    made = {name: hp.lognormal(*three, name=name) for name, three in sources.items()}
    return hp.triangulate(made, method="fixed")


@pytest.fixture(scope="module")
def report(study: hp.Survey) -> hp.Report:
    people = hp.multiplier({"opioids": 8126, "crack only": 4912}, study.proportion("in_treatment", by="group"))
    made = hp.Report("High-risk use").add(people, section="How many")
    made.add(hp.describe(study, ["age", "sex"], by="group"), hp.compare(study, "age", by="group"), section="Who")
    return made.add(hp.scenarios({"as it is": people["opioids"], "register misses some": people["opioids"] / 0.8}))


def test_the_items_are_those_of_the_statements() -> None:
    """STROBE has 22 items for all designs, GATHER 18; STROBE-RDS adds to 12 of the 22 (White et al. 2015)."""
    strobe = numbers("STROBE")
    assert list(dict.fromkeys(int(number.rstrip("abcde")) for number in strobe)) == list(range(1, 23))
    assert numbers("GATHER") == [str(i) for i in range(1, 19)]
    rds = numbers("STROBE-RDS")
    assert [number for number in rds if not number.endswith("RDS")] == strobe
    for name, one in checklists.checklists().items():
        assert one["source"].split("(")[1][:4] in {"2007", "2015", "2016"}, name


def test_every_fact_that_items_name_is_one(report: hp.Report) -> None:
    known = {
        item["known"]
        for one in checklists.checklists().values()
        for p in one["parts"]
        for item in p["items"]
        if "known" in item
    }
    every = hp.Report("r").add(synthesis())
    facts = {fact for made in (report, every) for fact in facts_of(made)}
    # Nothing here is adjusted, extrapolated, recruited by peers (tests/survey/test_checkup.py), or lacks answers of its own table.
    assert known - facts <= {"adjusted", "other_inputs", "links", "equilibrium", "seeds"}


def facts_of(report: hp.Report) -> set[str]:
    document = report._document(report._items, drawn=False)
    things = [item.thing for item in report._items if type(item.thing).__name__ not in ("Heading", "Text")]
    return set(checklists._facts(document, [checklists.Numbered(t, i) for i, t in enumerate(things, 1)], report.level))


def test_what_the_report_knows_is_filled_in(report: hp.Report) -> None:
    found = report.checklist("STROBE")
    answers = found.numbers.set_index("item")
    assert answers.loc["4", "answer"].startswith("Methods: a sample of 520 participants in 2 strata by group")
    assert answers.loc["14a", "answer"] == "Table 2."
    assert answers.loc["12e", "answer"] == "Table 4."
    assert answers.loc["17", "answer"] == "Tables 3 and 4."
    assert "in_treatment by group" in answers.loc["7", "answer"]
    assert answers.loc["19", "answer"] == "The caveats at the beginning."
    assert answers.loc[["2", "10", "18", "22"], "open"].all()
    blank = next(row for row in found.rows if row.label == "22")
    assert blank.cells == ("Who paid, and what their part was", "To be filled in by the author.")
    partly = next(row for row in found.rows if row.label == "6")
    assert "To add: criteria" in partly.cells[1]
    assert "von Elm" in found.notes[0]
    assert report.checklist("strobe").title == found.title


def test_an_empty_report_leaves_all_to_the_author() -> None:
    answers = hp.Report("A study").checklist("STROBE").numbers
    assert answers["open"].all()
    assert answers.loc[answers["answer"] != "", "item"].tolist() == ["1a"]


def test_gather_is_for_syntheses(report: hp.Report) -> None:
    with pytest.raises(InputError, match=r"report\.checklist\('STROBE'\)"):
        report.checklist("GATHER")
    answers = hp.Report("r").add(synthesis()).checklist("GATHER").numbers.set_index("item")
    assert answers.loc["5", "answer"] == "Table 1: multiplier and lists."
    assert answers.loc["9", "answer"] == "Methods; Table 1."
    with pytest.raises(InputError, match="no checklist 'PRISMA'"):
        report.checklist("PRISMA")


def test_one_table_for_every_way_out(report: hp.Report, study: hp.Survey, tmp_path: Path) -> None:
    found = report.checklist("STROBE-RDS")
    found.to_docx(tmp_path / "c.docx")
    grid = docx.Document(str(tmp_path / "c.docx")).tables[0]
    assert len(grid.rows) == 1 + len(found.rows)
    latex = found.to_latex() or ""
    assert latex.count(r"p{0.40\linewidth}") == 2
    lines = (found.to_markdown() or "").split("\n")
    assert lines[0] == "**STROBE-RDS checklist for respondent-driven samples**"
    assert sum(line.startswith("|") for line in lines) == 2 + len(found.rows)
    assert "1a RDS" in str(found.to_html())
    hidden = hp.Report("r", suppress_below=5).add(study.proportion("born", by="group"))
    hidden.add(hidden.checklist("STROBE"), section="Checklist")
    text = hidden.to_html() or ""
    check(text)
    assert "To be filled in by the author." in text
    # A checklist is of nobody, so that what holds of all results still stands at the top only.
    assert text.split("</header>")[1].count("SYNTHETIC data") == 1  # the figure's words


def test_markdown_takes_nothing_for_its_own() -> None:
    rows = (Row("a|b", ("*x* [y](z) `c` <b>", "1. one")), Row("- dash", ("# head", "$a$ ~b~")))
    text = (
        Table("A_b_", ("c|d", "e"), rows, ("Note *here*",), hp.describe(hp.Survey({"x": [1, 2]})).numbers).to_markdown()
        or ""
    )
    lines = text.split("\n")
    assert lines[0] == r"**A\_b\_**"
    assert lines[4] == r"| a\|b | \*x\* \[y\](z) \`c\` \<b\> | 1\. one |"
    assert lines[5] == r"| \- dash | \# head | \$a\$ \~b\~ |"
    assert r"Note \*here\*" in text
