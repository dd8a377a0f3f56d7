"""Tables in Word: real ones, whose header repeats on every page and whose rows stay whole."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

from ..ground.files import needed, suffix, unwritten
from ..ground.text import pieces, unbroken
from .rows import Row

#: Tables of up to so many lines stay on one page; longer ones break between variables of up to so many.
SHORT = 12
#: Sizes of letters in points, the next one where a table has no room for cells of two lines; the last one whatever it has.
SIZES = (9.0, 8.0, 7.0, 6.0)
#: Width of a sign of Arial (and Liberation Sans, which has its widths) in ems: most, narrow, capitals, wide.
LETTER, NARROW, CAPITAL, WIDE = 0.556, 0.3, 0.69, 0.86
#: Fonts that take no more room than Arial; letters of others may be as much wider as Verdana's are.
AS_ARIAL = (
    "aptos", "arial", "arial narrow", "caladea", "calibri", "cambria", "carlito", "garamond", "helvetica", "liberation sans",
    "liberation serif", "segoe ui", "tahoma", "times new roman",
)  # fmt: skip
VERDANA = 1.18
#: Cells of this width are texts, which have as many lines as they need, but keep that much.
LONG_CM, LEAST_CM = 6.0, 3.0
#: Height of a line in cm for each point of its letters, and of a title with the space around a table.
LINE_CM, TITLE_CM = 0.042, 1.2
#: What bold letters take more.
BOLD = 1.06
#: Margins of a cell, left and right together, and the indent of a label.
MARGINS_CM, INDENT_CM = 0.45, 0.35
#: The labels keep this much when cells need the room; texts in cells are folded to this.
LABELS_CM, TEXT_CM = 2.8, 10.0


@dataclass(frozen=True)
class Fit:
    """How a table stands on a page."""

    #: Of each column, in cm.
    widths: tuple[float, ...]
    #: Of letters, in points.
    size: float
    #: Whether no cell needs more than two lines, in letters of the first size; whether none needs more than one.
    good: bool
    whole: bool = False


def write(
    path: str | PathLike[str], title: str, columns: Sequence[str], rows: Sequence[Row], notes: Sequence[str]
) -> None:
    """Write a document with one table."""
    suffix(path, [".docx"])
    document = needed("docx", "python-docx").Document()
    if not _fitted(document, columns, rows).whole:
        turn(document.sections[0])
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
    fitted = _fitted(document, columns, rows)
    size = shared.Pt(fitted.size)
    caption = document.add_paragraph(title, style=styled(document, "Caption", bold=True, size=10))
    caption.paragraph_format.keep_with_next = True
    grid = document.add_table(rows=1 + len(rows), cols=1 + len(columns))
    grid.autofit = True
    _describe(grid, title, f"Columns: {', '.join(columns)}. {' '.join(notes)}".strip())
    nested = any(row.heading for row in rows)
    align = needed("docx.enum.text", "python-docx").WD_ALIGN_PARAGRAPH
    texts = [any(_cm(row.cells[i], fitted.size) > LONG_CM for row in rows) for i in range(len(columns))]
    for cell, text, long in zip(grid.rows[0].cells, ("", *columns), (True, *texts), strict=True):
        _fill(cell, unbroken(text), size=size, bold=True, align=align.LEFT if long else align.CENTER)
    _flag(grid.rows[0], "tblHeader")
    for line, row in zip(grid.rows[1:], rows, strict=True):
        cells = line.cells
        _fill(cells[0], row.label, size=size, bold=row.heading)
        cells[0].paragraphs[0].paragraph_format.left_indent = shared.Pt(10 if nested and not row.heading else 0)
        for cell, text, long in zip(cells[1:], row.cells, texts, strict=True):
            _fill(cell, unbroken(text), size=size, align=align.LEFT if long else align.CENTER)
        _flag(line, "cantSplit")
    for i, width in enumerate(fitted.widths):
        for line in grid.rows:
            line.cells[i].width = shared.Cm(width)
        grid.columns[i].width = shared.Cm(width)
    for line in [*_together([row.heading for row in rows]), *([len(rows)] if notes else [])]:
        for cell in grid.rows[line].cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True
    _rule(grid.rows[0], ("top", "bottom"))
    _rule(grid.rows[-1], ("bottom",))
    for i, text in enumerate(notes, 1):
        note(document, text, first=i == 1, last=i == len(notes))


def _together(headings: list[bool]) -> list[int]:
    """List the lines of the grid (the header is 0) that stay with the next one.

    A long table may break between its variables, so that the page before it is not left empty.
    """
    last = len(headings)
    if last <= SHORT:
        return list(range(last))
    opens = [i + 1 for i, heading in enumerate(headings) if heading]
    if opens[:1] != [1]:  # lines that no heading opens, as in a table without variables, may stand on any page
        opens.insert(0, 1)
    kept = {0}
    for first, after in zip(opens, [*opens, last + 1][1:], strict=True):
        kept.update(range(first, after - 1) if after - first <= SHORT else [first])
    return sorted(kept)


def room(document: Any) -> float:
    """Return how wide the text of a document's last section is, in cm."""
    section = document.sections[-1]
    across = section.page_width - section.left_margin - section.right_margin
    return float(across / needed("docx.shared", "python-docx").Cm(1))


def spread(document: Any) -> float:
    """Return how wide the letters of a document's text are, relative to those of Arial."""
    names = needed("docx.oxml.ns", "python-docx")
    kind = needed("docx.enum.style", "python-docx").WD_STYLE_TYPE.PARAGRAPH
    normal, font = document.styles.default(kind), None
    while normal is not None and font is None:
        font, normal = normal.font.name, normal.base_style
    if font is None:
        fonts = document.styles.element.find(f"./{names.qn('w:docDefaults')}//{names.qn('w:rFonts')}")
        font = None if fonts is None else fonts.get(names.qn("w:ascii")) or _of_theme(document)
    return 1.0 if font is None or font.strip().lower() in AS_ARIAL else VERDANA


def _of_theme(document: Any) -> str | None:
    """Return the font of a theme's text."""
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/theme") and not relation.is_external:
            found = re.search(rb'<a:minorFont>\s*<a:latin typeface="([^"]+)"', relation.target_part.blob)
            return None if found is None else found[1].decode(errors="replace")
    return None


def _fitted(document: Any, columns: Sequence[str], rows: Sequence[Row]) -> Fit:
    """Fit a table into a document's page, in letters of its own font."""
    wider = spread(document)
    found = fit(columns, rows, room(document) / wider)
    return replace(found, widths=tuple(wider * width for width in found.widths))


def turn(section: Any) -> None:
    """Turn the pages of a section by a quarter."""
    orient = needed("docx.enum.section", "python-docx").WD_ORIENT
    section.orientation = orient.PORTRAIT if section.orientation == orient.LANDSCAPE else orient.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width


def fit(columns: Sequence[str], rows: Sequence[Row], room: float) -> Fit:
    """Give columns the room that their longest texts need, as far as there are so many cm.

    Labels give way first, as they are words; then cells take two lines; then letters get smaller.
    """
    for size in SIZES:
        labels = max((_cm(row.label, size, bold=row.heading) for row in rows), default=0.0)
        texts = [[row.cells[i] for row in rows] for i in range(len(columns))]
        across = MARGINS_CM + INDENT_CM
        whole = [across + labels, *(_needs(name, of, size, _whole) for name, of in zip(columns, texts, strict=True))]
        folded = [
            min(whole[0], LABELS_CM),
            *(_needs(n, of, size, _folded) for n, of in zip(columns, texts, strict=True)),
        ]
        for wanted in (whole, [*folded[:1], *whole[1:]], folded):
            if sum(wanted) <= room:
                first = size == SIZES[0]
                return Fit(_filled(wanted, whole, room), size, good=first, whole=first and wanted is not folded)
    # Narrow columns keep what they need; the wide ones share the rest.
    narrow = [width for width in folded if width <= room / len(folded)]
    scale = (room - sum(narrow)) / (sum(folded) - sum(narrow))
    return Fit(tuple(w if w <= room / len(folded) else scale * w for w in folded), SIZES[-1], good=False)


def height(columns: Sequence[str], rows: Sequence[Row], notes: Sequence[str], room: float) -> float:
    """Guess how high a table is with title and notes, in cm."""
    fitted = fit(columns, rows, room)
    lines = 0
    for cells in (("", *columns), *((row.label, *row.cells) for row in rows)):
        parts = zip(cells, fitted.widths, strict=True)
        lines += max(math.ceil(_cm(text, fitted.size) / max(width - MARGINS_CM, 0.5)) or 1 for text, width in parts)
    return TITLE_CM + lines * fitted.size * LINE_CM + sum(paragraph(text, 8.0, room) for text in notes)


def paragraph(text: str, size: float, room: float) -> float:
    """Guess how high a paragraph of so many points is, in cm."""
    return math.ceil(_cm(text, size) / room) * size * LINE_CM


def _filled(widths: Sequence[float], most: Sequence[float], room: float) -> tuple[float, ...]:
    """Share what is left of the room among the columns that could use it."""
    lack = [max(full - width, 0.0) for full, width in zip(most, widths, strict=True)]
    share = min((room - sum(widths)) / sum(lack), 1.0) if sum(lack) else 0.0
    return tuple(width + share * more for width, more in zip(widths, lack, strict=True))


def _needs(head: str, cells: Sequence[str], size: float, of: Callable[..., float]) -> float:
    """Return how wide a column must be for its head and cells."""
    return MARGINS_CM + max([BOLD * of(head, size), *(of(cell, size) for cell in cells)])


def _whole(text: str, size: float) -> float:
    """Return the width of a cell in one line; a text is folded anyway."""
    return min(_cm(text, size), max(TEXT_CM, _folded(text, size)))


def _folded(text: str, size: float) -> float:
    """Return the least width in which a cell takes two lines; a text may take more, but none of its words."""
    parts = pieces(text)
    ways = [(" ".join(parts[:i]), " ".join(parts[i:])) for i in range(1, len(parts) + 1)]
    two = min(max(_cm(first, size), _cm(second, size)) for first, second in ways)
    return max([LEAST_CM, *(_cm(part, size) for part in parts)]) if two > LEAST_CM else two


def _cm(text: str, size: float, *, bold: bool = False) -> float:
    """Guess how wide a text of so many points is."""
    ems = sum(
        NARROW
        if sign in " .,;:()[]'iljft-|/\u00a0\u2011"
        else WIDE
        if sign in "%mwMW"
        else CAPITAL
        if sign.isupper()
        else LETTER
        for sign in text
    )
    return ems * size * 2.54 / 72 * (BOLD if bold else 1.0)


def styled(document: Any, name: str, **looks: Any) -> Any:
    """Return a paragraph style by its English name, which Word keeps in any language; one that a document lacks is added."""
    kind = needed("docx.enum.style", "python-docx").WD_STYLE_TYPE.PARAGRAPH
    if any(style.type == kind and style.name == name for style in document.styles):
        return document.styles[name]
    made = document.styles.add_style(name, kind)
    made.base_style = document.styles.default(kind)
    made.font.bold = looks.get("bold")
    made.font.size = needed("docx.shared", "python-docx").Pt(looks["size"])
    made.paragraph_format.keep_with_next = looks.get("next")
    return made


def note(document: Any, text: str, *, first: bool, last: bool) -> None:
    """Append a note in small letters under a table, with some space before the first and after the last of them."""
    shared = needed("docx.shared", "python-docx")
    below = document.add_paragraph()
    below.paragraph_format.space_before = shared.Pt(3 if first else 0)
    below.paragraph_format.space_after = shared.Pt(8 if last else 0)
    below.paragraph_format.keep_with_next = None if last else True
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
