"""Tables in files: read back by what others use to read them."""

import re
from pathlib import Path

import docx
import hiddenpop as hp
import openpyxl
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.ground.text import unbroken
from hiddenpop.words.table import Row, Table


@pytest.fixture
def table(interviews: pd.DataFrame) -> hp.Table:
    """Return a table with tests and notes."""
    survey = hp.Survey(interviews, strata="group", replicates=200)
    return hp.describe(
        survey, ["age", "housing", "depression"], by="group", total=True, test=True, title="Who they are"
    )


def test_word_holds_a_real_table(table: hp.Table, tmp_path: Path) -> None:
    table.to_docx(tmp_path / "t.docx")
    document = docx.Document(str(tmp_path / "t.docx"))
    (grid,) = document.tables
    assert [cell.text for cell in grid.rows[0].cells] == ["", *map(unbroken, table.columns)]
    assert [[cell.text for cell in row.cells] for row in grid.rows[1:]] == [
        [r.label, *map(unbroken, r.cells)] for r in table.rows
    ]
    assert "w:tblHeader" in grid.rows[0]._tr.xml  # the header repeats on every page
    assert "w:cantSplit" in grid.rows[1]._tr.xml
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[0] == "Who they are"
    assert document.paragraphs[0].style.name == "Caption"
    assert set(table.notes) <= set(texts)
    assert document.sections[0].page_width > document.sections[0].page_height
    assert grid.rows[1].cells[0].paragraphs[0].runs[0].bold


def test_word_appends_to_a_document(table: hp.Table, tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("Report", 1)
    table.add_to_docx(document)
    table.add_to_docx(document)
    document.save(str(tmp_path / "r.docx"))
    again = docx.Document(str(tmp_path / "r.docx"))
    assert again.paragraphs[0].text == "Report"
    assert len(again.tables) == 2


def test_excel_holds_texts_and_numbers(table: hp.Table, tmp_path: Path) -> None:
    table.to_excel(tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames == ["table", "numbers"]
    assert [cell.value for cell in book["table"][3]][1:] == list(table.columns)
    assert book["table"].cell(4, 1).value == table.rows[0].label
    numbers = pd.read_excel(tmp_path / "t.xlsx", sheet_name="numbers", keep_default_na=True)
    for name in ("n", "estimate", "lower", "upper", "p"):
        assert numbers[name].tolist() == pytest.approx(table.numbers[name].tolist(), nan_ok=True)


def test_excel_runs_no_formula_of_a_respondent(tmp_path: Path) -> None:
    frame = pd.DataFrame({"answer": ["=1+1", "@x", "ok", "=1+1"]})
    hp.describe(hp.Survey(frame, replicates=50)).to_excel(tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["table"]
    cell = next(c for row in sheet for c in row if c.value == "=1+1")
    assert cell.data_type == "s"


def test_html_is_a_table_with_its_notes(table: hp.Table, tmp_path: Path) -> None:
    text = table.to_html()
    assert text is not None
    assert table._repr_html_() == text  # the same at every call
    assert text.count("<tr") >= len(table.rows)
    for part in ("Who they are", "opioids (n = 393)", "own home", *(note[:30] for note in table.notes)):
        assert part in text
    assert "http" not in re.sub(r"https?://www\.w3\.org\S*", "", text)  # nothing is loaded from elsewhere
    table.to_html(tmp_path / "t.html")
    page = (tmp_path / "t.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert '<meta charset="utf-8">' in page


def test_answers_are_no_markup() -> None:
    frame = pd.DataFrame({"answer": ["<script>alert(1)</script>", "a_b & 5%", "a_b & 5%"]})
    table = hp.describe(hp.Survey(frame, replicates=50))
    assert "<script>" not in (table.to_html() or "")
    assert r"a\_b \& 5\%" in (table.to_latex() or "")


def test_latex(table: hp.Table, tmp_path: Path) -> None:
    text = table.to_latex()
    assert text is not None
    assert r"\toprule" in text
    assert r"\quad own home" in text
    assert r"\textsuperscript{a}" in text
    assert text.isascii()  # any LaTeX reads it
    table.to_latex(tmp_path / "t.tex")
    assert (tmp_path / "t.tex").read_text(encoding="utf-8") == text


def test_equal_headings_are_told_apart() -> None:
    table = Table("t", ("a", "a"), (Row("x", ("1", "2")),), (), pd.DataFrame())
    html = table.to_html()
    assert html is not None
    assert ">1<" in html
    assert ">2<" in html


def test_file_names_say_what_is_in_them(table: hp.Table, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"should end in \.docx"):
        table.to_docx(tmp_path / "t.doc")
    with pytest.raises(InputError, match=r"should end in \.xlsx"):
        table.to_excel(tmp_path / "t.csv")


def test_what_is_not_installed_is_named(table: hp.Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "great_tables", None)
    with pytest.raises(InputError, match="great-tables: pip install"):
        table.to_html()
    assert "<table" in table._repr_html_()  # a notebook still shows something


def test_texts_that_word_and_excel_refuse_are_shown(tmp_path: Path) -> None:
    """XML has no control characters, a property of a Word file 255 letters, a cell of Excel 32,767."""
    survey = hp.Survey({"g": ["a\x0bb\ufffe", "=1+1"] * 20, "x": [1, 0, 0, 1] * 10}, replicates=20)
    table = hp.describe(survey, ["g"], title="t\x00" + "t" * 40_000)
    table.to_excel(tmp_path / "t.xlsx")
    table.to_docx(tmp_path / "t.docx")
    sheets = pytest.importorskip("openpyxl").load_workbook(tmp_path / "t.xlsx")
    cells = [cell for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert len(sheets["table"]["A1"].value) == 32_767
    assert {"a\\x0bb\\ufffe", "=1+1"} <= {cell.value for cell in cells}
    document = pytest.importorskip("docx").Document(str(tmp_path / "t.docx"))
    assert len(document.core_properties.title) == 255
    assert document.paragraphs[0].text == "t\\x00" + "t" * 40_000
    assert "a\\x0bb\\ufffe" in [row.cells[0].text for row in document.tables[0].rows]


def test_latex_takes_no_label_for_an_option_or_the_end_of_a_line() -> None:
    survey = hp.Survey({"[2cm] x": ["*", "a\n\nb"] * 20}, replicates=20)
    text = str(hp.describe(survey, ["[2cm] x"], interval=False).to_latex())
    assert "{}[2cm] x &" in text  # after the end of a line [ would be its height
    assert "{}* &" in text.replace(r"\quad ", "") or r"\quad * &" in text
    assert "a b &" in text  # an empty line would end the cell
