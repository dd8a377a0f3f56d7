"""A ministry's Word file as the house of a report: its styles, headers, footers and paper stay, its text goes."""

from __future__ import annotations

import io
import zipfile
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from ..errors import InputError, in_words
from ..ground.files import needed

#: What Word itself writes that is no .docx, and what to do about it.
OTHERS = {
    ".dotx": "a template of Word's own kind",
    ".dotm": "a template with macros",
    ".docm": "a document with macros",
    ".doc": "a document of Word before 2007",
    ".odt": "a document of LibreOffice",
    ".rtf": "rich text",
}


def read(path: str | PathLike[str]) -> bytes:
    """Return a Word file that can be a template, or say what is wrong with it."""
    if not isinstance(path, (str, PathLike)):
        raise InputError(f"template= is the path of a .docx file, not {in_words(path)}.")
    name = fspath(path)
    ending = Path(name).suffix.lower()
    if ending != ".docx":
        is_a = f" is {OTHERS[ending]}" if ending in OTHERS else " doesn't end in .docx"
        raise InputError(
            f"template={name!r}{is_a}. Open it in Word, save it as a Word document (.docx), and give that."
        )
    try:
        data = Path(name).read_bytes()
    except (OSError, ValueError) as error:
        raise InputError(f"template={name!r} can't be read: there is no such file, or it is locked.") from error
    opened(data, name)
    return data


def opened(data: bytes, name: str = "The template") -> Any:
    """Return the document of python-docx without its text; the last section's paper, margins, headers and footers stay."""
    docx, names = needed("docx", "python-docx"), needed("docx.oxml.ns", "python-docx")
    try:
        document = docx.Document(io.BytesIO(data))
        body = document.element.body
        for child in list(body):
            if child.tag != names.qn("w:sectPr"):
                body.remove(child)
        if not len(document.sections):
            raise ValueError("no section")
    except (
        KeyError,
        ValueError,
        AttributeError,
        zipfile.BadZipFile,
        docx.opc.exceptions.PackageNotFoundError,
    ) as error:
        raise InputError(
            f"template={name!r} is no Word document that can be opened: it is damaged, has a password, or is something else under "
            "this name. Open it in Word and save it as a Word document (.docx)."
        ) from error
    return document
