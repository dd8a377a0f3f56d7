"""A report as a Word document: headings, tables and captions are Word's own, so that it can be edited and read aloud."""

from __future__ import annotations

import datetime
import io
from os import PathLike
from typing import Any

from ..ground.files import needed, unwritten
from ..ground.language import tr
from ..tables import word
from .document import Document, Figure, Grid, Heading, Text

#: Width of the text on A4 with margins of 2 cm.
WIDTH_CM = 17.0


def write(document: Document, path: str | PathLike[str]) -> None:
    """Write the file."""
    made = needed("docx", "python-docx").Document()
    _prepare(made, document)
    made.add_heading(document.title, 0)
    if document.byline:
        made.add_paragraph(document.byline)
    for text in document.caveats:
        _caveat(made, text)
    for block in document.blocks:
        if isinstance(block, Heading):
            made.add_heading(block.text, 1)
        elif isinstance(block, Text):
            made.add_paragraph(block.text)
        elif isinstance(block, Grid):
            word.append(made, block.title, block.table.columns, block.table.rows, block.table.notes)
            made.add_paragraph().paragraph_format.space_after = 0
        else:
            _figure(made, block)
    _methods(made, document)
    with unwritten("report", path):
        made.save(str(path))


def _prepare(made: Any, document: Document) -> None:
    """Set page, fonts, language and properties."""
    shared, names = needed("docx.shared", "python-docx"), needed("docx.oxml.ns", "python-docx")
    oxml = needed("docx.oxml", "python-docx")
    section = made.sections[0]
    section.page_width, section.page_height = shared.Cm(21.0), shared.Cm(29.7)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, shared.Cm(2.0))
    properties = made.core_properties
    properties.title, properties.language = word.property_text(document.title), word.property_text(document.language)
    properties.author, properties.comments = word.property_text(document.author or ""), ""
    properties.created = properties.modified = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    sizes = {"Normal": 10.5, "Title": 22, "Heading 1": 15, "Heading 2": 12, "Caption": 10, "List Number": 9.5}
    for name, size in sizes.items():
        style = made.styles[name]
        style.font.size, style.font.name = shared.Pt(size), "Calibri"
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(names.qn(kind), None)
        fonts.set(names.qn("w:hAnsi"), "Calibri")
        style.font.color.rgb = shared.RGBColor(0x1A, 0x1A, 0x1A)
    made.styles["Normal"].paragraph_format.space_after = shared.Pt(6)
    # A language in the defaults is that of the whole document.
    defaults = (
        made.styles.element.find(names.qn("w:docDefaults")).find(names.qn("w:rPrDefault")).find(names.qn("w:rPr"))
    )
    language = defaults.find(names.qn("w:lang"))
    if language is None:
        language = oxml.OxmlElement("w:lang")
        defaults.append(language)
    language.set(names.qn("w:val"), document.language)


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
    drawn = paragraph.add_run().add_picture(io.BytesIO(figure.picture.pixels), width=shared.Cm(WIDTH_CM - 1.0))
    about = drawn._inline.docPr
    about.set("name", f"Figure {figure.number}")  # stays English (a name of Word's)
    about.set("title", figure.caption)
    about.set("descr", figure.alt)
    caption = made.add_paragraph(figure.title, style="Caption")
    caption.paragraph_format.keep_with_next = bool(figure.notes)
    for i, note in enumerate(figure.notes):
        word.note(made, note, last=i + 1 == len(figure.notes))


def _methods(made: Any, document: Document) -> None:
    if not (document.methods or document.references or document.settings):
        return
    made.add_heading(tr("Methods"), 1)
    for text in document.methods:
        made.add_paragraph(text)
    if document.repeat:
        made.add_paragraph(document.repeat)
    if document.references:
        made.add_heading(tr("References"), 2)
        for text in document.references:
            made.add_paragraph(text, style="List Number")
