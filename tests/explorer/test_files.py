"""What can't be loaded says why and what to do. Beginnings of files are those of their formats' standards."""

import io

import openpyxl
import pandas as pd
import pytest
from hiddenpop.explorer import files, writing
from hiddenpop.explorer.choices import Choices, Source
from hiddenpop.explorer.runner import Outcome, Runner


def locked() -> bytes:
    """Return what a workbook with a password looks like: a compound file (MS-CFB) with an EncryptedPackage (MS-OFFCRYPTO)."""
    return files.OLE + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 500


def look(runner: Runner, name: str, content: bytes, **settled: str) -> Outcome:
    runner.take(name, content)
    return runner.look(writing.table(Choices(Source("file", name, **settled))))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("table.xlsx", locked(), "locked with a password"),
        ("table.xlsx", files.OLE + b"\0" * 900, "before 2007"),
        ("table.xls", b"x", "save it as a workbook"),
        ("table.csv", b"%PDF-1.7 ...", "is a PDF"),
        ("table.sav", b"\x89PNG\r\n", "a picture"),
        ("table.csv", b"PK\x03\x04", "workbook or a packed file"),
        ("table.docx", b"PK\x03\x04", "What can be:"),
        ("table", b"a,b", "by its name"),
        ("table.csv", b"", "is empty"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(name: str, content: bytes, said: str) -> None:
    assert said in files.refusal(name, content)


@pytest.mark.parametrize("name", ["a.csv", "a.SAV", "a.dta", "a.xlsx", "a.parquet", "a.xpt"])
def test_what_may_be_a_table_is_read(name: str) -> None:
    assert not files.refusal(name, b"$FL2")


@pytest.mark.parametrize("name", ["bad.sav", "bad.dta", "bad.xlsx", "bad.parquet", "bad.csv", "bad.xpt"])
def test_damaged_files_say_so(runner: Runner, name: str) -> None:
    made = look(runner, name, b"\x01\x02\x03\0not a table\0" * 40)
    assert name in made.error
    assert made.place in ("file", "source_separator", "source_encoding")
    assert "should not have happened" not in made.error


def test_formats_are_read_alike(runner: Runner) -> None:
    table = pd.DataFrame({"group": ["a", "b", "a"], "treated": [1, 0, 1]})
    into = {"csv": table.to_csv(index=False).encode(), "parquet": table.to_parquet()}
    for end, write in (("xlsx", table.to_excel), ("dta", table.to_stata)):
        place = io.BytesIO()
        write(place, **({"index": False} if end == "xlsx" else {"write_index": False}))
        into[end] = place.getvalue()
    for end, content in into.items():
        made = look(runner, f"t.{end}", content)
        assert not made.error, (end, made.error)
        assert [(column.name, column.kind) for column in made.columns] == [
            ("group", "categories"),
            ("treated", "yes or no"),
        ]


def test_a_sheet_that_is_not_there_is_said_beside_its_field(runner: Runner) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.active.append([1])
    into = io.BytesIO()
    book.save(into)
    made = look(runner, "t.xlsx", into.getvalue(), table="Second")
    assert "Second" in made.error
    assert made.place == "source_sheet"


def test_wide_and_long_tables_are_looked_at(runner: Runner) -> None:
    """Two hundred columns, and a million rows."""
    wide = pd.DataFrame({f"q{i}": [0, 1, 1] for i in range(200)})
    made = look(runner, "wide.parquet", wide.to_parquet())
    assert len(made.columns) == 200
    assert made.shown[0].content.count("<th>") <= 13, "twelve are shown"
    long = pd.DataFrame({"treated": [0, 1] * 500_000, "id": range(1_000_000)})
    made = look(runner, "long.parquet", long.to_parquet())
    assert made.rows == 1_000_000
    assert [column.kind for column in made.columns] == ["yes or no", "number"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../x.csv", "x.csv"),
        ("a\nb.sav", "ab.sav"),
        ("..", "table"),
        ("x" * 300 + ".csv", "x" * 100 + ".csv"),
        ("C:\\d\\e.sav", "e.sav"),
    ],
)
def test_names_stay_in_their_folder(given: str, kept: str) -> None:
    assert files.plain_name(given) == kept
