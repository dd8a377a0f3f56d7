"""Files that are loaded: what can't be one is refused before it is read, and what readers say of others is put in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hiddenpop as hp

from .writing import READERS, ending

#: The largest file that is taken into memory, in bytes.
LARGEST = 2_000_000_000
#: How files begin that are no tables, whatever their names.
BEGINNINGS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"\x1f\x8b": "a packed file (gzip); unpack it first",
    b"7z\xbc\xaf": "a packed file (7z); unpack it first",
    b"\x7fELF": "a program",
    b"MZ": "a program",
}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
KNOWN = (
    "CSV or text (.csv, .txt, .tsv), Excel (.xlsx), SPSS (.sav, .zsav, .por), Stata (.dta), SAS transport (.xpt), "
    "Parquet (.parquet)"
)


def plain_name(name: str) -> str:
    r"""Return a file's name without folders, under which it may lie in a folder.

    Examples
    --------
    >>> plain_name("C:\\data\\interviews.sav")
    'interviews.sav'
    >>> plain_name("../../etc/passwd")
    'passwd'
    """
    bare = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(sign for sign in bare if sign.isprintable() and sign not in ':*?"<>|').strip(" .")
    stem, dot, end = kept.rpartition(".")
    return f"{stem[:100]}{dot}{end[:12]}" if stem else kept[:100] or "table"


def refusal(name: str, content: bytes) -> str:
    """Say why a file can't be loaded, and what to do; nothing if it may be."""
    end = ending(name)
    if end == ".xls":
        return f"{name!r} is of Excel before 2007. Open it in Excel or LibreOffice, and save it as a workbook (.xlsx)."
    if end not in READERS:
        return f"{name!r} is no file that can be read as a table, by its name. What can be: {KNOWN}."
    if not content:
        return f"{name!r} is empty. Export it again, and look whether it has a size before you load it."
    if len(content) > LARGEST:
        return f"{name!r} is larger than two gigabytes. Use hp.Survey.from_parquet in a notebook, which need not hold it in memory."
    if content.startswith(OLE) and end in (".xlsx", ".xlsm"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            return (
                f"{name!r} is locked with a password. Open it in Excel, take the password off (File, Info, Protect Workbook, "
                "Encrypt with Password: leave it empty), save a copy, and load that. Delete the copy afterwards."
            )
        return (
            f"{name!r} is of Excel before 2007 under a newer name. Open it in Excel, and save it as a workbook (.xlsx)."
        )
    for beginning, kind in BEGINNINGS.items():
        if content.startswith(beginning):
            return (
                f"{name!r} is {kind}, whatever its name says. Export the table as CSV, Excel, SPSS, Stata or Parquet."
            )
    if content.startswith(b"PK\x03\x04") and end not in (".xlsx", ".xlsm"):
        return f"{name!r} is a workbook or a packed file under another name. Give it its own ending (.xlsx), or unpack it first."
    return ""


@contextmanager
def lying_there(name: str, content: bytes) -> Iterator[None]:
    """Lay a file into the folder where we are, for as long as it is read."""
    place = Path(name)
    try:
        place.write_bytes(content)
        yield
    finally:
        place.unlink(missing_ok=True)


def explained(error: Exception, file: tuple[str, bytes] | None) -> str:
    """Say in words why a file could not be read."""
    if isinstance(error, (hp.InputError, hp.EstimationError)):
        return str(error)
    name = repr(file[0]) if file else "The table"
    said = str(error).split("\n")[0]
    if isinstance(error, MemoryError):
        return f"{name} does not fit into this machine's memory. Load fewer columns or rows."
    if isinstance(error, OSError) and not isinstance(error, FileNotFoundError) and error.errno in (13, 28, 30):
        return f"There is no room, or no right, to write where temporary files go ({said}). Set TMPDIR to a folder that you may write."
    if isinstance(error, ImportError):
        return f"{name} needs a library that is not installed ({said}). pip install 'hiddenpop[explorer]' brings it."
    if "Worksheet" in said:
        return f"{said} in {name}. Leave the sheet empty for the first one, or write its name as in the workbook."
    return (
        f"{name} can't be read as what its name says ({said}). It may be damaged, or of another kind: open it where it was made, "
        "and export it again."
    )
