"""Tables that are handed out write texts as texts."""

import ast
import csv
import io
import pickle
from pathlib import Path

import hiddenpop as hp
import pandas as pd
import pytest
from hiddenpop.errors import visible
from hiddenpop.ground.handed import DataFrame

openpyxl = pytest.importorskip("openpyxl")
#: What Excel, LibreOffice and Google Sheets run when it is in a CSV file (OWASP, CSV injection).
FORMULAS = (
    "=1+1",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|'x'!A0",
    "@SUM(1)",
    "\t=1",
    " =1+1",
    "＝1+1",
    '=HYPERLINK("http://x")',
)
NUMBERS = ("-3", "+4.5", "-1,234.5", "-5%", "-1e-5")
PLAIN = ("a", "it's", "a=b", "https://x.org/=", "", "(blank)", "#N/A", "{=1}")
ROOT = Path(hp.__file__).parent


def frame() -> DataFrame:
    texts = [*FORMULAS, *NUMBERS, *PLAIN]
    values = {"=column": texts, "size": range(len(texts)), "below": [-float(i) for i in range(len(texts))]}
    index = pd.MultiIndex.from_arrays([texts, pd.Categorical(texts)], names=["=group", "-"])
    return DataFrame(values, index=index)


def test_excel_holds_texts_and_numbers_and_no_formula(tmp_path: Path) -> None:
    frame().reset_index().to_excel(tmp_path / "t.xlsx", index=False)
    frame().to_excel(tmp_path / "i.xlsx", merge_cells=False)
    with pd.ExcelWriter(tmp_path / "w.xlsx") as writer:
        frame().to_excel(writer, sheet_name="s", startrow=3, startcol=2)
    for name in ("t.xlsx", "i.xlsx", "w.xlsx"):
        cells = [cell for row in openpyxl.load_workbook(tmp_path / name).active.iter_rows() for cell in row]
        assert {cell.data_type for cell in cells if cell.value is not None} == {"s", "n"}
        # Somebody who edits the cell gets a text again.
        assert all(cell.quotePrefix for cell in cells if isinstance(cell.value, str) and cell.value.startswith("="))
    back = pd.read_excel(tmp_path / "t.xlsx", keep_default_na=False)
    assert back["=column"].tolist() == back["=group"].tolist() == back["-"].tolist() == [*FORMULAS, *NUMBERS, *PLAIN]
    assert back["below"].tolist() == frame()["below"].tolist()


def test_other_cells_of_a_sheet_are_left_alone(tmp_path: Path) -> None:
    texts = DataFrame({"=a": ["=1+1", "b"]}, index=["=x", "y"])
    several = texts.set_axis(pd.MultiIndex.from_tuples([("=a", "=b")]), axis=1)
    with pd.ExcelWriter(tmp_path / "t.xlsx", engine="openpyxl") as writer:
        texts.to_excel(writer, sheet_name="s")
        writer.sheets["s"]["C2"] = writer.sheets["s"]["A4"] = "=SUM(D1:D2)"
        texts.to_excel(writer, sheet_name="s", startrow=4, index=False, header=False)
        writer.sheets["s"]["B5"] = "=SUM(D1:D2)"
        texts.to_excel(writer, sheet_name="s", startrow=4, startcol=4, index=False)
        several.to_excel(writer, sheet_name="m")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    run = [cell.coordinate for row in book["s"].iter_rows() for cell in row if cell.data_type == "f"]
    assert run == ["C2", "A4", "B5"]
    assert "f" not in {cell.data_type for row in book["m"].iter_rows() for cell in row}


def test_csv_has_an_apostrophe_before_what_would_run(tmp_path: Path) -> None:
    made = frame()
    head, *rows = csv.reader(io.StringIO(made.to_csv()))
    assert head == ["'=group", "'-", "'=column", "size", "below"]
    for text, row in zip([*FORMULAS, *NUMBERS, *PLAIN], rows, strict=True):
        # Numbers stay numbers, texts that are numbers too.
        assert row[0] == row[1] == row[2] == (f"'{text}" if text in FORMULAS else text)
    assert rows[3][4] == "-3.0"
    assert made.to_csv(columns=["=column"], index=False).splitlines()[:2] == ["'=column", "'=1+1"]
    assert pd.DataFrame(made).to_csv().splitlines()[0] == "=group,-,=column,size,below"


def test_what_is_made_of_such_a_table_is_one() -> None:
    made = frame()
    for one in (made.head(), made.T, made.reset_index(), made[["size"]], made.round(1), made.sort_values("size")):
        assert type(one) is DataFrame
    assert type(pickle.loads(pickle.dumps(made))) is DataFrame
    assert isinstance(made["size"], pd.Series)


def test_control_characters_are_shown(tmp_path: Path) -> None:
    texts = pd.Series(["a\x0bb", "\x1b[2J", "\ud800", "\u202eabc"], list("\x01\x02\x03\x04"), dtype=object)
    made = DataFrame({"x\x00": texts})
    made.to_excel(tmp_path / "t.xlsx")
    assert pd.read_excel(tmp_path / "t.xlsx")[r"x\x00"].tolist() == [r"a\x0bb", r"\x1b[2J", r"\ud800", r"\u202eabc"]
    for text in (made.to_csv(), repr(made), made.to_html(), made._repr_html_(), made.to_string()):
        assert visible(text) == text
        assert r"\x1b[2J" in text
    assert r"\textbackslash" in made.to_latex()


def test_groups_called_like_a_column_get_another_name() -> None:
    survey = hp.Survey({"n": ["a", "b"] * 50, "se": ["c", "d", "d", "c"] * 25, "x": [1, 0, 0, 1] * 25}, replicates=50)
    rows = survey.proportion("x", by=["n", "se"]).summary().reset_index()
    assert rows.columns[:3].tolist() == ["n (group)", "se (group)", "estimate"]
    assert rows["n (group)"].tolist() == ["a", "a", "b", "b"]
    plain = survey.proportion("x", by="n").interval().reset_index()
    assert plain.columns.tolist() == ["n", "lower", "upper"]


def test_a_long_text_is_cut_and_says_so(tmp_path: Path) -> None:
    # A cell of Excel holds 32,767 letters (Microsoft, Excel specifications and limits).
    DataFrame({"a": ["x" * 40_000]}).to_excel(tmp_path / "t.xlsx", index=False)
    (cell,) = pd.read_excel(tmp_path / "t.xlsx")["a"]
    assert len(cell) == 32_767
    assert cell.endswith("x...")


def test_every_public_table_is_one() -> None:
    """Classes whose public members are DataFrames are @checked, which hands them out as tables that write themselves safely."""
    inner = {
        "Sample",
        "VarianceReplicates",
        "Replicates",
        "ModelMatrix",
        "People",
        "Rounded",
        "Rows",
        "Asked",
    }  # not handed out
    for file in ROOT.rglob("*.py"):
        for kind in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(kind, ast.ClassDef) or kind.name in inner or kind.name.startswith("_"):
                continue
            given = [m.returns for m in kind.body if isinstance(m, ast.FunctionDef) and not m.name.startswith("_")]
            given += [m.annotation for m in kind.body if isinstance(m, ast.AnnAssign)]
            if any(one is not None and "DataFrame" in ast.unparse(one) for one in given):
                assert "checked" in map(ast.unparse, kind.decorator_list), f"{kind.name} in {file.name}"
    survey = hp.Survey({"g": ["=1", "b"] * 50, "x": [1, 0, 0, 1] * 25}, replicates=50)
    share = survey.proportion("x", by="g")
    table = hp.describe(survey, ["x"], by="g")
    for one in (
        share.summary(),
        share.interval(),
        share.vcov(),
        table.numbers,
        table.to_pandas(),
        hp.trend({2012: share["=1"], 2023: share["b"]}, comparable=False, why="other").summary(),
    ):
        assert type(one) is DataFrame
