"""SPSS and Stata files, written by pyreadstat and read with all that they say."""

from pathlib import Path

import hiddenpop as hp
import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hiddenpop import InputError


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
