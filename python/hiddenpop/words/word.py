"""Tables in Word: real ones, whose header repeats on every page and whose rows stay whole."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any

from ..ground.files import needed, suffix, unwritten
from .rows import Row

#: Tables of up to so many lines stay on one page; longer ones break between variables of up to so many.
SHORT = 20
#: Width of a sign of nine points: of most letters and digits, of those that are narrow, and of others that are wide.
LETTER_CM, NARROW_CM, WIDE_CM = 0.165, 0.09, 0.23
#: What bold letters take more.
BOLD = 1.08
#: Margins of a cell, left and right together, and the indent of a label.
MARGINS_CM, INDENT_CM = 0.45, 0.3
#: A cell that is wider is folded where room is short.
TWO_LINES_CM = 3.7
#: The labels keep this much when cells need the room; then cells get two lines.
LABELS_CM = 2.8


def write(
    path: str | PathLike[str], title: str, columns: Sequence[str], rows: Sequence[Row], notes: Sequence[str]
) -> None:
    """Write a document with one table."""
    suffix(path, [".docx"])
    document = needed("docx", "python-docx").Document()
    if len(columns) > 3:
        # More columns than an upright page holds.
        section = document.sections[0]
        section.orientation = needed("docx.enum.section", "python-docx").WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = section.page_height, section.page_width
    document.core_properties.title = property_text(title)
    append(document, title, columns, rows, notes)
    with unwritten("table", path):
        document.save(str(path))


def property_text(text: str) -> str:
    """Return a text as a document's properties hold it, which have room for 255 letters."""
    return text if len(text) <= 255 else f"{text[:252]}..."


def append(document: Any, title: str, columns: Sequence[str], rows: Sequence[Row], notes: Sequence[str]) -> None:
    """Append title, table and notes."""
    shared = needed("docx.shared", "python-docx")
    caption = document.add_paragraph(title, style="Caption")
    caption.paragraph_format.keep_with_next = True
    grid = document.add_table(rows=1 + len(rows), cols=1 + len(columns))
    grid.autofit = True
    _describe(grid, title, f"Columns: {', '.join(columns)}. {' '.join(notes)}".strip())
    nested = any(row.heading for row in rows)
    align = needed("docx.enum.text", "python-docx").WD_ALIGN_PARAGRAPH
    for cell, text in zip(grid.rows[0].cells, ("", *columns), strict=True):
        _fill(cell, text, size=shared.Pt(9), bold=True, align=align.CENTER if text else align.LEFT)
    _flag(grid.rows[0], "tblHeader")
    for line, row in zip(grid.rows[1:], rows, strict=True):
        cells = line.cells
        _fill(cells[0], row.label, size=shared.Pt(9), bold=row.heading)
        cells[0].paragraphs[0].paragraph_format.left_indent = shared.Pt(10 if nested and not row.heading else 0)
        for cell, text in zip(cells[1:], row.cells, strict=True):
            _fill(cell, text, size=shared.Pt(9), align=align.CENTER)
        _flag(line, "cantSplit")
    _widths(grid, document)
    for line in _together([row.heading for row in rows]):
        for cell in grid.rows[line].cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True
    _rule(grid.rows[0], ("top", "bottom"))
    _rule(grid.rows[-1], ("bottom",))
    for text in notes:
        note(document, text)


def _together(headings: list[bool]) -> list[int]:
    """List the lines of the grid (the header is 0) that stay with the next one.

    A long table may break between its variables, so that the page before it is not left empty.
    """
    last = len(headings)
    if last <= SHORT:
        return list(range(last))
    opens = [i + 1 for i, heading in enumerate(headings) if heading]
    kept = {0}
    for first, after in zip(opens, [*opens, last + 1][1:], strict=True):
        kept.update(range(first, after - 1) if after - first <= SHORT else [first])
    return sorted(kept)


def _widths(grid: Any, document: Any) -> None:
    """Give columns the room that their longest text needs, as far as the page has it."""
    shared = needed("docx.shared", "python-docx")
    head, *lines = ([cell.text for cell in row.cells] for row in grid.rows)
    needs = [max([BOLD * _cm(text), *(_cm(line[i]) for line in lines)]) for i, text in enumerate(head)]
    widths = [MARGINS_CM + INDENT_CM + BOLD * needs[0], *(MARGINS_CM + need for need in needs[1:])]
    section = document.sections[-1]
    room = (section.page_width - section.left_margin - section.right_margin) / shared.Cm(1)
    if sum(widths) > room:
        # A long cell, as a date with its quartiles, may take two lines.
        folded = [max(min(need, TWO_LINES_CM), need / 2 + 0.5) for need in needs[1:]]
        widths[1:] = [MARGINS_CM + need for need in folded]
    if sum(widths) > room >= LABELS_CM + sum(widths[1:]):
        widths[0] = room - sum(widths[1:])  # labels are words, which break well
    elif sum(widths) > room:
        # Narrow columns keep what they need; the wide ones share the rest.
        narrow = [width for width in widths if width <= room / len(widths)]
        scale = (room - sum(narrow)) / (sum(widths) - sum(narrow))
        widths = [width if width <= room / len(widths) else scale * width for width in widths]
    for i, width in enumerate(widths):
        for row in grid.rows:
            row.cells[i].width = shared.Cm(width)
        grid.columns[i].width = shared.Cm(width)


def _cm(text: str) -> float:
    """Guess how wide a text of nine points is."""
    return sum(NARROW_CM if sign in " .,;:()[]'iljft-" else WIDE_CM if sign in "%mwMW" else LETTER_CM for sign in text)


def note(document: Any, text: str, *, last: bool = False) -> None:
    """Append a note in small letters, as under tables and figures; after the `last` comes some space."""
    shared = needed("docx.shared", "python-docx")
    below = document.add_paragraph()
    below.paragraph_format.space_after = shared.Pt(8 if last else 0)
    below.add_run(text).font.size = shared.Pt(8)


def _describe(grid: Any, title: str, description: str) -> None:
    """Give a table its title and what it shows, which are read aloud to those who don't see it."""
    oxml, names = needed("docx.oxml", "python-docx"), needed("docx.oxml.ns", "python-docx")
    for tag, text in (("tblCaption", title), ("tblDescription", description)):
        element = oxml.OxmlElement(f"w:{tag}")
        element.set(names.qn("w:val"), text)
        grid._tbl.tblPr.append(element)


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
