"""Word documents: a ministry's house, wide tables on lying pages, nothing broken inside a number."""

from __future__ import annotations

import re
from pathlib import Path

import docx
import hiddenpop as hp
import pandas as pd
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_LINE_SPACING
from docx.shared import Cm, Pt
from hiddenpop import InputError
from hiddenpop.ground.text import unbroken
from hiddenpop.report.sheets import Paper, Piece, sheets
from hiddenpop.words import word


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Return a file as an organisation has it: text, two sections, a letterhead, fonts, and no caption style."""
    made = docx.Document()
    made.add_paragraph("Dear reader, this stands in the template.")
    made.add_section()
    made.sections[-1].header.is_linked_to_previous = False
    made.sections[-1].header.paragraphs[0].text = "Ministry of Examples"
    made.sections[-1].left_margin = Cm(4)
    made.sections[-1].page_width, made.sections[-1].page_height = Cm(21), Cm(29.7)
    made.styles["Heading 1"].font.name, made.styles["Heading 1"].font.size = "Georgia", Pt(17)
    made.styles["Caption"].delete()
    made.styles["List Number"].delete()
    made.add_table(1, 1)
    made.save(str(tmp_path / "house.docx"))
    return tmp_path / "house.docx"


def wide(count: int = 9) -> pd.DataFrame:
    return pd.DataFrame(
        {f"group {i}": ["1,234 (12.3%; 10.1 to 15.6)"] * 3 for i in range(count)}, index=["a", "b", "c"]
    )


def test_a_template_gives_its_house_and_loses_its_text(house: Path, tmp_path: Path) -> None:
    report = hp.Report("Sizes", template=house)
    house.unlink()  # it was read when it was given
    report.add(hp.published(100, 80, 130, name="sizes"), section="How many")
    report.to_docx(tmp_path / "r.docx")
    made = docx.Document(str(tmp_path / "r.docx"))
    texts = [p.text for p in made.paragraphs]
    assert not any("Dear reader" in text for text in texts)
    assert len(made.tables) == len(made.sections) == 1
    assert made.sections[0].header.paragraphs[0].text == "Ministry of Examples"
    assert made.sections[0].left_margin == pytest.approx(Cm(4), abs=1000)
    assert (made.styles["Heading 1"].font.name, made.styles["Heading 1"].font.size) == ("Georgia", Pt(17))
    assert made.styles["Normal"].font.name != "Arial"
    assert [p.style.name for p in made.paragraphs if p.text.startswith("Table 1")] == ["Caption"]
    references = [p.text for p in made.paragraphs if p.style.name == "List Number"]
    assert all(re.match(r"\d+\. ", text) for text in references)  # the style that it lacked numbers nothing by itself
    assert made.core_properties.title == "Sizes"


def test_what_is_no_template_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "text.docx").write_text("no archive", encoding="utf-8")
    with pytest.raises(InputError, match="no Word document that can be opened"):
        hp.Report("r", template=tmp_path / "text.docx")
    with pytest.raises(InputError, match="there is no such file"):
        hp.Report("r", template=tmp_path / "nowhere.docx")
    with pytest.raises(InputError, match=r"a template of Word's own kind.*save it as a Word document"):
        hp.Report("r", template=tmp_path / "house.dotx")
    with pytest.raises(InputError, match=r"doesn't end in \.docx"):
        hp.Report("r", template="house.pdf")
    hp.Report("r").to_docx(tmp_path / "r.docx")
    (tmp_path / "sheet.docx").write_bytes((tmp_path / "r.docx").read_bytes()[:2000])
    with pytest.raises(InputError, match="damaged"):
        hp.Report("r", template=tmp_path / "sheet.docx")


def test_wide_tables_lie_and_the_others_stand(tmp_path: Path) -> None:
    report = hp.Report("r")
    for place in range(4):
        report.add(wide(2), caption=f"Narrow {place}", text="A paragraph. " * 120)
    report.add(wide(), caption="Wide", section="Lying").add("Text. " * 900).add(wide(2), caption="Last")
    report.to_docx(tmp_path / "r.docx")
    made = docx.Document(str(tmp_path / "r.docx"))
    assert [section.page_width > section.page_height for section in made.sections] == [False, True, False]
    body = [child.tag.rpartition("}")[2] for child in made.element.body]
    assert body.count("tbl") == 6
    for grid in made.tables:
        section = made.sections[1 if grid is made.tables[4] or len(grid.columns) == 10 else 0]
        room = section.page_width - section.left_margin - section.right_margin
        assert sum(column.width for column in grid.columns) <= room + 1000  # a column is whole twentieths of a point
    # No line breaks inside a number: what may break is a space beside the bracket.
    cell = made.tables[0].rows[1].cells[1].text
    assert cell == "1,234 (12.3%;\u00a010.1\u00a0to\u00a015.6)"
    ends = [p for p in made.paragraphs if p._p.pPr is not None and p._p.pPr.sectPr is not None]
    assert [p.text for p in ends] == ["", ""]
    assert all(p.paragraph_format.line_spacing_rule == WD_LINE_SPACING.EXACTLY for p in ends)


def test_a_table_without_variables_may_be_long(tmp_path: Path) -> None:
    frame = pd.DataFrame({"beds": range(60)}, index=[f"house {i}" for i in range(60)])
    hp.Report("r").add(frame).to_docx(tmp_path / "r.docx")
    grid = docx.Document(str(tmp_path / "r.docx")).tables[0]
    kept = [row.cells[0].paragraphs[0].paragraph_format.keep_with_next is True for row in grid.rows]
    assert kept[:2] == [True, True]
    assert not any(kept[2:])


@pytest.mark.parametrize(
    ("font", "wider"),
    [("Arial", 1), ("Times New Roman", 1), (None, 1), ("Verdana", 1.18), ("Rijksoverheid Sans", 1.18)],
)
def test_columns_are_as_wide_as_the_letters_of_a_template(tmp_path: Path, font: str | None, wider: float) -> None:
    made = docx.Document()  # whose theme says Cambria
    made.styles["Normal"].font.name = font
    made.save(str(tmp_path / "house.docx"))
    report = hp.Report("r", template=tmp_path / "house.docx").add(wide(2), caption="Sizes")
    report.to_docx(tmp_path / "r.docx")
    across = sum(column.width for column in docx.Document(str(tmp_path / "r.docx")).tables[0].columns)
    hp.Report("r").add(wide(2), caption="Sizes").to_docx(tmp_path / "r.docx")
    ours = sum(column.width for column in docx.Document(str(tmp_path / "r.docx")).tables[0].columns)
    assert across == pytest.approx(wider * ours, rel=1e-3)


def test_a_theme_may_have_wide_letters(tmp_path: Path) -> None:
    made = docx.Document()
    assert word.spread(made) == 1
    theme = next(one.target_part for one in made.part.rels.values() if one.reltype.endswith("/theme"))
    theme._blob = re.sub(rb'(<a:minorFont>\s*<a:latin typeface=)"[^"]+"', rb'\1"Verdana"', theme.blob)
    assert word.spread(made) == word.VERDANA


def test_a_section_begins_on_the_page_of_its_wide_table() -> None:
    assert laid(18, 1, 2, 110) == [(False, 1), (True, 3)]  # heading and words below it
    assert laid(18, 1, 1, 2, 110) == [(False, 1), (True, 4)]  # a title and a heading
    assert laid(14, 1, 8, 110) == [(False, 3), (True, 1)]  # much stands there already


def test_a_document_without_a_caption_style_gets_one(house: Path) -> None:
    made = docx.Document(str(house))
    survey = hp.Survey({"sex": ["man", "woman", "man"]})
    hp.describe(survey, ["sex"]).add_to_docx(made)
    assert made.styles["Caption"].type == WD_STYLE_TYPE.PARAGRAPH


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("-1,300 (-2,000 to 400)", "−1,300 (−2,000\u00a0to\u00a0400)"),
        ("13.300 tot 14.200", "13.300\u00a0tot\u00a014.200"),
        ("15-64", "15\u201164"),
        ("low-threshold care", "low-threshold care"),
        ("an empty overlap: a term is minus infinity", "an empty overlap: a term is minus infinity"),
        ("all (n = 520)", "all (n\u00a0=\u00a0520)"),
    ],
)
def test_numbers_stay_whole(cell: str, shown: str) -> None:
    assert unbroken(cell) == shown


def pieces(*heights: float) -> list[Piece]:
    """Return pieces of some cm; those above 100 are wide and so much less high."""
    return [Piece(lambda room, h=h: h % 100, lambda made: None, wide=h > 100, opens=h == 1) for h in heights]


def laid(*heights: float) -> list[tuple[bool, int]]:
    return [(sheet.lying, len(sheet.pieces)) for sheet in sheets(pieces(*heights), Paper(17, 26), Paper(26, 17))]


def test_no_page_is_left_half_empty() -> None:
    assert laid(5, 5, 5) == [(False, 3)]
    assert laid(20, 110, 20) == [(False, 1), (True, 1), (False, 1)]
    # A page that is hardly begun lies down with the wide table, and a lying page is filled before the next one stands.
    assert laid(20, 10, 105, 20) == [(False, 1), (True, 2), (False, 1)]
    assert laid(20, 104, 3, 4, 20) == [(False, 1), (True, 3), (False, 1)]
    # Headings go with what they open.
    assert laid(20, 1, 110, 1, 20) == [(False, 1), (True, 2), (False, 2)]
    assert laid(105) == [(True, 1)]
