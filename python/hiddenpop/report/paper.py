"""A report as a Word document: headings, tables and captions are Word's own, so that it can be edited and read aloud."""

from __future__ import annotations

import datetime
import io
from functools import partial
from os import PathLike
from typing import Any

from ..ground.files import needed, unwritten
from ..ground.language import tr
from ..words import word
from . import template
from .document import Document, Figure, Grid, Heading
from .sheets import Paper, Piece, sheets

#: A font that Windows and macOS have, and for which others have one of the same widths.
FONT = "Arial"
#: Width of a figure in cm, as long as it is no higher than this.
FIGURE_CM, HIGHEST_CM = 14.0, 13.0
#: Our sizes of styles in points; which of them are bold, and stay with what follows.
SIZES = {"Title": 20.0, "Heading 1": 14.0, "Heading 2": 11.5, "Caption": 9.5, "List Number": 9.0}
BOLD, STAY = ("Title", "Heading 1", "Heading 2", "Caption"), ("Title", "Heading 1", "Heading 2")
#: Of the text, in points.
TEXT = 10.0


def write(document: Document, path: str | PathLike[str], house: bytes | None = None) -> None:
    """Write the file, in the house of a template if there is one."""
    made = needed("docx", "python-docx").Document() if house is None else template.opened(house)
    _describe(made, document)
    for name, size in SIZES.items():
        word.styled(made, name, size=size, bold=name in BOLD or None, next=name in STAY or None)
    if house is None:
        _dress(made)
    upright, lying = _papers(made.sections[-1], word.spread(made))
    for i, sheet in enumerate(sheets(_pieces(document, upright, lying), upright, lying)):
        if i or sheet.lying:
            _section(made, first=not i)
        for piece in sheet.pieces:
            piece.write(made)
    with unwritten("report", path):
        made.save(str(path))


def _describe(made: Any, document: Document) -> None:
    """Set properties and language."""
    names, oxml = needed("docx.oxml.ns", "python-docx"), needed("docx.oxml", "python-docx")
    properties = made.core_properties
    properties.title, properties.language = word.property_text(document.title), word.property_text(document.language)
    properties.author, properties.comments = word.property_text(document.author or ""), ""
    properties.created = properties.modified = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    # A language in the defaults is that of the whole document.
    above = made.styles.element
    for name in ("w:docDefaults", "w:rPrDefault", "w:rPr", "w:lang"):
        found = above.find(names.qn(name))
        if found is None:
            found = oxml.OxmlElement(name)
            above.insert(0, found) if name == "w:docDefaults" else above.append(found)
        above = found
    above.set(names.qn("w:val"), document.language)


def _dress(made: Any) -> None:
    """Set paper, fonts and sizes where no template does."""
    shared, names = needed("docx.shared", "python-docx"), needed("docx.oxml.ns", "python-docx")
    section = made.sections[0]
    section.page_width, section.page_height = shared.Cm(21.0), shared.Cm(29.7)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, shared.Cm(2.0))
    for name, size in {"Normal": TEXT, **SIZES}.items():
        style = made.styles[name]
        style.font.size, style.font.name = shared.Pt(size), FONT
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(names.qn(kind), None)
        for kind in ("w:hAnsi", "w:cs"):
            fonts.set(names.qn(kind), FONT)
        style.font.color.rgb = shared.RGBColor(0x1A, 0x1A, 0x1A)
    made.styles["Normal"].paragraph_format.space_after = shared.Pt(6)


def _papers(section: Any, spread: float) -> tuple[Paper, Paper]:
    """Return the text's width and height on the document's own pages, and on pages turned by a quarter, if those are wider.

    Of letters that are wider than those that widths are guessed by, as many fit as on a narrower page.
    """
    cm = needed("docx.shared", "python-docx").Cm(1)
    beside, above = section.left_margin + section.right_margin, section.top_margin + section.bottom_margin
    wide, high = section.page_width, section.page_height
    own = Paper((wide - beside) / cm / spread, (high - above) / cm)
    return own, own if wide >= high else Paper((high - beside) / cm / spread, (wide - above) / cm)


def _section(made: Any, *, first: bool) -> None:
    """Begin pages of the other kind."""
    if first:
        word.turn(made.sections[-1])
        return
    names, shared = needed("docx.oxml.ns", "python-docx"), needed("docx.shared", "python-docx")
    section = made.add_section(needed("docx.enum.section", "python-docx").WD_SECTION.NEW_PAGE)
    word.turn(section)
    # A letterhead stands on the first page of all, and pages are counted on.
    section.different_first_page_header_footer = False
    for count in section._sectPr.findall(names.qn("w:pgNumType")):
        count.attrib.pop(names.qn("w:start"), None)
    # The end of a section is a paragraph, which would take a line.
    ends = made.paragraphs[-1]
    ends.paragraph_format.space_after = ends.paragraph_format.space_before = 0
    ends.paragraph_format.line_spacing = shared.Pt(1)


def _pieces(document: Document, upright: Paper, lying: Paper) -> list[Piece]:
    """List what is written, in order."""
    made = [_heading(document.title, 0)]
    if document.byline:
        made.append(_paragraph(document.byline))
    made += [
        Piece(partial(word.paragraph, one.shown, TEXT), partial(_caveat, text=one.shown)) for one in document.caveats
    ]
    for block in document.blocks:
        if isinstance(block, Heading):
            made.append(_heading(block.text, 1))
        elif isinstance(block, Grid):
            made.append(_grid(block, document.notes(block), upright, lying))
        elif isinstance(block, Figure):
            made.append(Piece(partial(_height, block.picture.ratio), partial(_figure, figure=block)))
        else:
            made.append(_paragraph(block.text))
    if not (document.methods or document.references or document.settings):
        return made
    made += [_heading(tr("Methods"), 1), *(_paragraph(text) for text in (*document.methods, document.repeat) if text)]
    if document.references:
        made.append(_heading(tr("References"), 2))
        made += [_reference(i, text) for i, text in enumerate(document.references, 1)]
    return made


def _heading(text: str, level: int) -> Piece:
    return Piece(lambda room: 1.4, lambda made: made.add_heading(text, level), opens=True)


def _paragraph(text: str) -> Piece:
    return Piece(lambda room: 0.2 + word.paragraph(text, TEXT, room), lambda made: made.add_paragraph(text))


def _reference(number: int, text: str) -> Piece:
    def write(made: Any) -> None:
        style = made.styles["List Number"]
        numbered = style.element.find(f".//{needed('docx.oxml.ns', 'python-docx').qn('w:numPr')}") is not None
        made.add_paragraph(text if numbered else f"{number}. {text}", style=style)

    return Piece(partial(word.paragraph, text, SIZES["List Number"]), write)


def _grid(grid: Grid, notes: tuple[str, ...], upright: Paper, lying: Paper) -> Piece:
    columns, rows = grid.table.columns, grid.table.rows
    wide = lying.width > upright.width and not word.fit(columns, rows, upright.width).good

    def write(made: Any) -> None:
        word.append(made, grid.title, columns, rows, notes)
        if not notes:  # else the last of them keeps the distance
            made.add_paragraph().paragraph_format.space_after = 0

    return Piece(partial(word.height, columns, rows, notes), write, wide=wide)


def _across(ratio: float, room: float) -> float:
    return min(FIGURE_CM, room, HIGHEST_CM * ratio)


def _height(ratio: float, room: float) -> float:
    return _across(ratio, room) / ratio + 1.2


def _caveat(made: Any, text: str) -> None:
    shared, names = needed("docx.shared", "python-docx"), needed("docx.oxml.ns", "python-docx")
    oxml = needed("docx.oxml", "python-docx")
    paragraph = made.add_paragraph(text)
    paragraph.paragraph_format.left_indent = shared.Cm(0.3)
    properties = paragraph._p.get_or_add_pPr()
    borders = oxml.OxmlElement("w:pBdr")
    line = oxml.OxmlElement("w:left")
    for key, value in (("val", "single"), ("sz", "24"), ("space", "6"), ("color", "B35900")):
        line.set(names.qn(f"w:{key}"), value)
    borders.append(line)
    # The schema wants borders before spacing and indents.
    properties.insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")


def _figure(made: Any, figure: Figure) -> None:
    shared = needed("docx.shared", "python-docx")
    paragraph = made.add_paragraph()
    paragraph.paragraph_format.keep_with_next = True
    across = shared.Cm(_across(figure.picture.ratio, word.room(made)))
    drawn = paragraph.add_run().add_picture(io.BytesIO(figure.picture.pixels), width=across)
    about = drawn._inline.docPr
    about.set("name", f"Figure {figure.number}")  # stays English (a name of Word's)
    about.set("title", figure.caption)
    about.set("descr", figure.alt)
    made.add_paragraph(figure.title, style="Caption")
