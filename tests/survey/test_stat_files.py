"""Files of other programs with a bad cell or another encoding; the right answer is what the file was written from."""

import contextlib
import warnings
from pathlib import Path
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hiddenpop import HiddenpopWarning, InputError
from hiddenpop.ground.apart import Apart
from hiddenpop.survey import stat_files

#: 1 October 2013, 09:46:40, as SPSS counts seconds since 14 October 1582.
SEEN, SLIP = 1.36e10, 6.3e12


def written(tmp_path: Path, seen: list[Any], form: str = "DATETIME20") -> Path:
    path = tmp_path / "d.sav"
    table = pd.DataFrame({"age": [20.0 + i for i in range(len(seen))], "seen": seen, "since": [SEEN] * len(seen)})
    pyreadstat.write_sav(table, str(path), variable_format={"seen": form, "since": "DATE11"})
    return path


@pytest.mark.parametrize("bad", [SLIP, -SLIP, 9e15, 1e300])
def test_an_impossible_date_spoils_its_cell(tmp_path: Path, bad: float) -> None:
    path = written(tmp_path, [SEEN, bad, None, SEEN])
    with pytest.warns(HiddenpopWarning, match=r"made missing: 'seen' in 1 row \(row number 1, counted from 0\)"):
        read = hp.read_sav(path)
    assert read["age"].tolist() == [20, 21, 22, 23]
    assert read["seen"].isna().tolist() == [False, True, True, False]
    assert read["seen"].iloc[[0, 3]].tolist() == [pd.Timestamp("2013-10-01 09:46:40")] * 2
    assert read["since"].astype(str).tolist() == ["2013-10-01"] * 4
    assert read.attrs["missing_codes"] == {"seen": {"impossible date": 1}}
    assert hp.read_sav(path, columns=["age", "since"]).shape == (4, 2)


def test_a_column_of_impossible_dates_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Column 'seen' has impossible dates in more than 20 rows"):
        hp.read_sav(written(tmp_path, [SLIP] * 30))


def test_stata_and_sas(tmp_path: Path) -> None:
    table = pd.DataFrame({"d": [22000.0, 9e9]})  # days since 1 January 1960
    pyreadstat.write_dta(table, str(tmp_path / "y.dta"), variable_format={"d": "%td"})
    pyreadstat.write_xport(table, str(tmp_path / "y.xpt"), variable_format={"d": "DATE9"}, column_labels={"d": "Day"})
    for read, name in ((hp.read_dta, "y.dta"), (hp.read_xpt, "y.xpt")):
        with pytest.warns(HiddenpopWarning, match="'d' in 1 row"):
            found = read(tmp_path / name)
        assert [str(v)[:10] for v in found["d"]][:1] == ["2020-03-26"]
        assert found["d"].isna().tolist() == [False, True]
    assert found.attrs["labels"] == {"d": "Day"}


def test_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "e.sav"
    pyreadstat.write_sav(pd.DataFrame({"town": ["Zoëxx", "Oss"] * 3}), str(path))
    path.write_bytes(path.read_bytes().replace("Zoëxx".encode(), "Zoëxx ".encode("latin-1")))
    with pytest.raises(InputError, match=r"another encoding than it declares\. Say which with encoding="):
        hp.read_sav(path)
    assert hp.read_sav(path, encoding="LATIN1")["town"].tolist()[:2] == ["Zoëxx", "Oss"]
    with pytest.raises(InputError, match="'Klingon' is not known"):
        hp.read_sav(path, encoding="Klingon")
    with pytest.raises(InputError, match="another encoding than encoding='UTF-8' says"):
        hp.read_sav(path, encoding="UTF-8")


def test_a_damaged_file_takes_nobody_along(tmp_path: Path) -> None:
    """The library that reads SPSS files dies of some damage; bytes at random places, the same each time."""
    whole = written(tmp_path, [SEEN, None, SEEN]).read_bytes()
    path = tmp_path / "damaged.sav"
    for seed in range(8):
        rng = np.random.default_rng(seed)
        data = bytearray(whole)
        for place in rng.integers(0, len(data), 5):
            data[place] = rng.integers(256)
        path.write_bytes(data[: rng.integers(len(data))] if seed % 2 else data)
        with contextlib.suppress(InputError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert isinstance(hp.read_sav(path), pd.DataFrame)


def test_a_reader_that_dies_is_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Dies(Apart):
        def __call__(self, function: str, *given: Any, **named: Any) -> Any:
            return Apart.__call__(self, "abort")

    monkeypatch.setattr(stat_files, "Apart", lambda module: Dies("os"))
    with pytest.raises(InputError, match=r"can't be read as a SPSS file .*It may be damaged"):
        hp.read_sav(written(tmp_path, [SEEN]))


def test_text_that_fails_beside_an_impossible_date(tmp_path: Path) -> None:
    """The second reading, for the dates, fails for another reason than the first."""
    path = tmp_path / "e.sav"
    table = pd.DataFrame({"seen": [SLIP, SEEN], "town": ["Zoëxx", "Oss"]})
    pyreadstat.write_sav(table, str(path), variable_format={"seen": "DATETIME20"})
    path.write_bytes(path.read_bytes().replace("Zoëxx".encode(), "Zoëxx ".encode("latin-1")))
    with pytest.raises(InputError, match="another encoding than it declares"):
        hp.read_sav(path)
