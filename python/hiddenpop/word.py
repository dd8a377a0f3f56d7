"""Tables in Word: real ones, whose header repeats on every page and whose rows stay whole."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

from .tables import needed, suffix

if TYPE_CHECKING:
    from .tables import Table


def write(table: Table, path: str | PathLike[str]) -> None:
    """Write a document with one table."""
    suffix(path, [".docx"])
    document = needed("docx", "python-docx").Document()
    if len(table.columns) > 3:
        # More columns than an upright page holds.
        section = document.sections[0]
        section.orientation = needed("docx.enum.section", "python-docx").WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = section.page_height, section.page_width
    document.core_properties.title = table.title
    append(table, document)
    document.save(str(path))


def append(table: Table, document: Any) -> None:
    """Append title, table and notes."""
    shared = needed("docx.shared", "python-docx")
    caption = document.add_paragraph(table.title, style="Caption")
    caption.paragraph_format.keep_with_next = True
    grid = document.add_table(rows=1 + len(table.rows), cols=1 + len(table.columns))
    grid.autofit = True
    align = needed("docx.enum.text", "python-docx").WD_ALIGN_PARAGRAPH
    for cell, text in zip(grid.rows[0].cells, ("", *table.columns), strict=True):
        _fill(cell, text, size=shared.Pt(9), bold=True, align=align.CENTER if text else align.LEFT)
    _flag(grid.rows[0], "tblHeader")
    for line, row in zip(grid.rows[1:], table.rows, strict=True):
        cells = line.cells
        _fill(cells[0], row.label, size=shared.Pt(9), bold=row.heading)
        cells[0].paragraphs[0].paragraph_format.left_indent = shared.Pt(0 if row.heading else 10)
        cells[0].paragraphs[0].paragraph_format.keep_with_next = row.heading
        for cell, text in zip(cells[1:], row.cells, strict=True):
            _fill(cell, text, size=shared.Pt(9), align=align.CENTER)
        _flag(line, "cantSplit")
    _rule(grid.rows[0], ("top", "bottom"))
    _rule(grid.rows[-1], ("bottom",))
    for note in table.notes:
        below = document.add_paragraph()
        below.paragraph_format.space_after = shared.Pt(0)
        below.add_run(note).font.size = shared.Pt(8)


def _fill(cell: Any, text: str, *, size: Any, bold: bool = False, align: Any = None) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = 0
    run = paragraph.add_run(text)
    run.font.size, run.bold = size, bold
    if align is not None:
        paragraph.alignment = align


def _flag(row: Any, name: str) -> None:
    """Set a property of a row that python-docx has no word for."""
    element = needed("docx.oxml", "python-docx").OxmlElement(f"w:{name}")
    row._tr.get_or_add_trPr().append(element)


def _rule(row: Any, sides: tuple[str, ...]) -> None:
    """Draw lines above or below a row."""
    oxml, names = needed("docx.oxml", "python-docx"), needed("docx.oxml.ns", "python-docx")
    for cell in row.cells:
        borders = oxml.OxmlElement("w:tcBorders")
        for side in sides:
            line = oxml.OxmlElement(f"w:{side}")
            for key, value in (("val", "single"), ("sz", "8"), ("space", "0"), ("color", "444444")):
                line.set(names.qn(f"w:{key}"), value)
            borders.append(line)
        cell._tc.get_or_add_tcPr().append(borders)
