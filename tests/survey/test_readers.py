"""SPSS and Stata files, written by pyreadstat and read with all that they say."""

from pathlib import Path

import hiddenpop as hp
import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hiddenpop import HiddenpopWarning, InputError


@pytest.fixture
def frame() -> pd.DataFrame:
    """Return answers in codes."""
    return pd.DataFrame(
        {
            "sex": [2.0, 1, 2, 9, 1, 2],
            "age": [30.0, 41, 998, 52, 999, np.nan],
            "injects": [1.0, 0, 0, 1, 0, 1],
            "city": ["A", "B", "A", "A", "B", "B"],
        }
    )


def test_spss(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "i.sav"
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels={"sex": "Sex at birth", "age": "Age in years"},
        variable_value_labels={"sex": {1: "woman", 2: "man", 9: "refused"}, "age": {998: "refused", 999: "unknown"}},
        missing_ranges={"sex": [9], "age": [{"lo": 998, "hi": 999}]},
    )
    read = hp.read_sav(path)
    assert read["sex"].tolist()[:3] == ["man", "woman", "man"]
    assert pd.isna(read["sex"][3])
    assert list(read["sex"].cat.categories)[:2] == ["woman", "man"]  # in the order of their codes
    assert read["age"].dropna().tolist() == [30, 41, 52]
    assert read.attrs["labels"] == {"sex": "Sex at birth", "age": "Age in years"}
    assert read.attrs["missing_codes"] == {"sex": {"refused": 1}, "age": {"refused": 1, "unknown": 1}}
    assert read.attrs["value_labels"]["sex"][9] == "refused"
    table = hp.describe(hp.Survey(read, replicates=100), ["sex", "age", "injects"], interval=False)
    shown = table.to_pandas()
    assert shown.index.get_level_values(0).unique().tolist() == ["Sex at birth", "Age in years", "injects"]
    assert shown.loc[("Sex at birth", "woman")].tolist() == ["2 (40.0%)"]
    assert shown.loc[("Age in years", "missing")].tolist() == ["3"]
    assert "Age in years, missing in the file: refused 1, unknown 1." in table.notes
    # The user's labels come first.
    other = hp.describe(hp.Survey(read, replicates=100), ["age"], labels={"age": "Years"}, interval=False)
    assert other.rows[0].label == "Years"


def test_stata(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "i.dta"
    coded = frame.assign(
        sex=frame["sex"].astype(int).astype(object), age=frame["age"].fillna(0).astype(int).astype(object)
    )
    coded.loc[3, "sex"] = "a"
    coded.loc[2, "age"] = "b"
    pyreadstat.write_dta(
        coded,
        str(path),
        column_labels={"sex": "Sex at birth"},
        variable_value_labels={"sex": {1: "woman", 2: "man", "a": "refused"}},
        missing_user_values={"sex": ["a"], "age": ["b"]},
    )
    read = hp.read_dta(path)
    assert read["sex"].tolist()[:3] == ["man", "woman", "man"]
    assert pd.isna(read["sex"][3])
    assert pd.isna(read["age"][2])
    assert read["age"].dtype == float
    assert read.attrs["labels"]["sex"] == "Sex at birth"
    assert read.attrs["missing_codes"] == {"sex": {"refused": 1}, "age": {"b": 1}}
    assert hp.Survey(read, replicates=100).mean("age").point == pytest.approx(np.mean([30, 41, 52, 999, 0]))


def test_some_columns_only(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "i.sav"
    pyreadstat.write_sav(frame, str(path))
    assert hp.read_sav(path, columns=["age"]).columns.tolist() == ["age"]


def test_files_that_cant_be_read(frame: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        hp.read_sav(tmp_path / "no.sav")
    with pytest.raises(InputError, match=r"should end in \.sav"):
        hp.read_sav(tmp_path / "i.csv")
    for name, read in (("bad.sav", hp.read_sav), ("bad.dta", hp.read_dta)):
        (tmp_path / name).write_text("id,age\n1,30\n", encoding="utf-8")
        with pytest.raises(InputError, match="can't be read as a"):
            read(tmp_path / name)
    pyreadstat.write_sav(frame, str(tmp_path / "i.sav"))
    with pytest.raises(InputError, match="zz"):
        hp.read_sav(tmp_path / "i.sav", columns=["zz"])


def written(values: object, labels: dict[object, str], folder: Path, ending: str = "dta") -> pd.DataFrame:
    """Write a column with labels and read it again."""
    path = folder / f"f.{ending}"
    write = pyreadstat.write_dta if ending == "dta" else pyreadstat.write_sav
    write(pd.DataFrame({"x": values}), str(path), variable_value_labels={"x": labels})
    return hp.read_dta(path) if ending == "dta" else hp.read_sav(path)


@pytest.mark.parametrize("ending", ["dta", "sav"])
def test_labelled_codes_of_a_number_are_no_amounts(tmp_path: Path, ending: str) -> None:
    ages = [20.0, 25, 30, 33, 36, 39, 42, 45, 50, 55, 65]  # their mean is 40
    with pytest.warns(
        HiddenpopWarning, match=r"made missing \('x': -99 \(Refused\) in 2 rows, -98 \(Don't know\) in 1 row\)"
    ):
        read = written([*ages, -99, -99, -98], {-99: "Refused", -98: "Don't know"}, tmp_path, ending)
    assert read.attrs["missing_codes"] == {"x": {"Refused": 2, "Don't know": 1}}
    assert hp.Survey(read, replicates=50).mean("x").point == pytest.approx(40)
    with pytest.warns(HiddenpopWarning, match=r"stay numbers \('x': 97 \(in an institution\) in 1 row\)"):
        read = written([*ages, 97], {97: "in an institution"}, tmp_path, ending)
    assert read["x"].max() == 97
    top = written([*ages, 90], {90: "90 and older"}, tmp_path, ending)  # an amount, by its label
    assert top["x"].max() == 90


def test_levels_that_say_no_answer_are_told_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "f.sav"
    frame = pd.DataFrame({"x": [1.0, 2, 8, 9, 1, 9], "y": [1.0, 2, 1, 9, 2, 2], "age": [20.0, 30, 97, 40, 50, 60]})
    labels = {"x": {1: "Ja", 2: "Nee", 8: "Weet niet", 9: "Geweigerd"}, "y": {1: "man", 2: "vrouw", 9: "Onbekend"}}
    pyreadstat.write_sav(frame, str(path), variable_value_labels=labels)
    with pytest.warns(HiddenpopWarning, match="count as answers") as told:
        read = hp.read_sav(path)
    assert "'x': 8 (Weet niet) in 1 row, 9 (Geweigerd) in 2 rows" in str(told[0].message)
    assert str(told[0].message).endswith("read the file with missing={'x': [8, 9], 'y': [9]}.")
    assert "Geweigerd" in read["x"].cat.categories
    # The advice works; by column any code will do, in a list those that have labels, and labels.
    by_column = hp.read_sav(path, missing={"x": [8, 9], "y": [9], "age": [97]})
    assert by_column["x"].astype(object).tolist()[:2] == ["Ja", "Nee"]
    assert by_column.isna().sum().to_dict() == {"x": 3, "y": 1, "age": 1}
    assert by_column.attrs["missing_codes"] == {
        "x": {"Weet niet": 1, "Geweigerd": 2},
        "y": {"Onbekend": 1},
        "age": {97: 1},
    }
    assert hp.Survey(by_column, replicates=50).proportion("x").point == pytest.approx(2 / 3)
    listed = hp.read_sav(path, missing=["weet niet", 9, 97])
    assert listed.isna().sum().to_dict() == {"x": 3, "y": 1, "age": 0}
    with pytest.raises(InputError, match="no column 'z'"):
        hp.read_sav(path, missing={"z": [9]})


def test_codes_of_a_sas_file_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "demo.xpt"
    pyreadstat.write_xport(pd.DataFrame({"EDUC": [1.0, 3, 7, 9, 2], "KIDS": [9.0, 1, 0, 2, 7]}), str(path))
    read = hp.read_xpt(path, missing={"EDUC": [7, 9]})
    assert read["EDUC"].dropna().tolist() == [1, 3, 2]
    assert read["KIDS"].tolist() == [9, 1, 0, 2, 7]


def test_codes_of_one_label_are_told_apart(tmp_path: Path) -> None:
    labels = {i: f"Group {i}" for i in range(1, 11)} | {11: "Other", 12: "Other"}
    read = written([float(i % 12 + 1) for i in range(60)], labels, tmp_path)
    assert read["x"].cat.categories.tolist() == [*(f"Group {i}" for i in range(1, 11)), "Other (11)", "Other (12)"]
    assert hp.Survey(read, replicates=50).count("x").point.tolist() == [5] * 12


def test_codes_without_a_label_are_levels(tmp_path: Path) -> None:
    values = [1.0, 2, 3, 4, 1, 2, 3, 4, 5, 5]
    with pytest.warns(HiddenpopWarning, match=r"no label .* \('x': 5 in 2 rows\)"):
        read = written(values, {1: "north", 2: "east", 3: "south", 4: "west", 7: "  "}, tmp_path)
    assert read["x"].value_counts().to_dict() == dict.fromkeys(["north", "east", "south", "west", "5"], 2)
    assert read["x"].cat.categories.tolist() == ["north", "east", "south", "west", "5"]


def test_missing_codes_of_one_label_are_counted_together(tmp_path: Path) -> None:
    path = tmp_path / "m.sav"
    pyreadstat.write_sav(
        pd.DataFrame({"x": [1.0, 2, 98, 99, 98]}), str(path),
        variable_value_labels={"x": {98: "no answer", 99: "no answer"}}, missing_ranges={"x": [98, 99]},
    )  # fmt: skip
    read = hp.read_sav(path)
    assert read.attrs["missing_codes"] == {"x": {"no answer": 3}}
    assert read["x"].dropna().tolist() == [1, 2]


def test_text_codes_with_labels(tmp_path: Path) -> None:
    read = written(["a", "b", "", "a"], {"a": "Yes", "b": "No"}, tmp_path, "sav")
    assert read["x"].astype(object).tolist() == ["Yes", "No", "", "Yes"]
    with pytest.warns(HiddenpopWarning, match=r"Blank text .* in 'x' \(1 answer\)"):
        hp.Survey(read, replicates=50)
