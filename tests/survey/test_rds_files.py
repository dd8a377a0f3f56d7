"""Files of respondent-driven samples, read as RDSAT and R mean them."""

import json
from pathlib import Path
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning, InputError

from ..facts import DATA

#: Heckathorn and Jeffri (2001), New York jazz musicians; counts and shares from R's RDS 0.9-10.
JAZZ = DATA / "rds" / "nyjazz.rdsat"
EXPECTED: Any = json.loads((DATA / "rds" / "nyjazz_expected.json").read_text(encoding="utf-8"))


def jazz(**options: Any) -> hp.Survey:
    table = hp.read_rdsat(JAZZ)
    with pytest.warns(HiddenpopWarning):
        return hp.Survey.rds(table, **table.attrs["rds"], replicates=100, **options)


def test_faults_of_real_coupons_are_all_said() -> None:
    table = hp.read_rdsat(JAZZ)
    assert len(table) == EXPECTED["participants"]
    assert table["own_coupon"].isna().sum() == 10
    assert table["network_size"].isna().sum() == EXPECTED["missing_degree"]
    said = table.attrs["rds"]
    with pytest.raises(InputError, match=r"given more than once \(18 too many\)"):
        hp.Survey.rds(table, **said)
    with pytest.raises(InputError, match="given to nobody, in 3 rows"), pytest.warns(HiddenpopWarning):
        hp.Survey.rds(table, **said, repeats="last")
    with (
        pytest.raises(InputError, match="missing or not above zero in 21 rows"),
        pytest.warns(HiddenpopWarning) as told,
    ):
        hp.Survey.rds(table, **said, repeats="last", orphans="seeds")
    text = " ".join(str(one.message) for one in told)
    assert "redeemed more than once (9 too many)" in text
    assert "14250378" not in text


def test_waves_and_transitions_are_r_s() -> None:
    survey = jazz(repeats="last", orphans="seeds", impute_degree="leave_out")
    forest = survey.sample.sampling.linear.recruits.forest  # type: ignore[union-attr]
    assert int(forest.seeds.sum()) == EXPECTED["seeds"]
    assert np.bincount(forest.wave).tolist() == EXPECTED["waves"]
    table = hp.read_rdsat(JAZZ)
    recruits = np.flatnonzero(forest.recruiter >= 0)
    for ours, theirs in (("Gender(MF)", "Gender.MF."), ("Airplay(yn)", "Airplay.yn."), ("Race(WBO)", "Race.WBO.")):
        by, of = table[ours].to_numpy()[forest.recruiter[recruits]], table[ours].to_numpy()[recruits]
        assert pd.crosstab(by, of).to_numpy().tolist() == EXPECTED["transitions"][theirs]
        shares = survey.assign(answer=table[ours].astype("Int64").astype("category")).proportion("answer").point
        for answer, share in EXPECTED["rds_ii_complete_degrees"][theirs].items():
            assert shares[int(answer)] == pytest.approx(share, rel=1e-10)


LINES = [
    "RDS",
    "4{0}2{0}0{0}hiv{0}city",
    "1{0}5{0}0{0}11{0}12{0}1{0}A",
    "2{0}3{0}11{0}21{0}0{0}2{0}B",
    "3{0}4{0}12{0}0{0}0{0}0{0}A",
]


@pytest.mark.parametrize("sign", ["\t", ",", ";", " ", "   "])
def test_any_separator_will_do(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "study.rdsat"
    lines = [*LINES, "4{0}2{0}21{0}0{0}0{0}2{0}0" + "{0}" * (sign in "\t,;")]
    path.write_text("\r\n".join(line.format(sign) for line in lines) + "\r\n", encoding="utf-8")
    table = hp.read_rdsat(path)
    assert table["hiv"].tolist()[:2] == [1, 2]
    assert table["hiv"].isna().tolist() == [False, False, True, False]
    assert table["city"].isna().tolist() == [False, False, False, True]
    with pytest.warns(HiddenpopWarning, match="1 chain"):
        assert hp.Survey.rds(table, **table.attrs["rds"]).n == 4


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["id,degree", "1,2", "2,3"], "first line is not RDS"),
        (["RDS", "many 2 0 hiv", "1 2 0 0 0 1"], "should begin with the number"),
        (["RDS", "1 2 0 id", "1 2 0 0 0 1"], "more than one column 'id'"),
        (["RDS", "2 2 0 hiv", "1 2 0 0 0 1", "2 2 0 0 0 1 7"], r"1 lines of .* \(line 4\)"),
    ],
)
def test_other_files_are_refused_by_line(tmp_path: Path, lines: list[str], said: str) -> None:
    path = tmp_path / "study.rdsat"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        hp.read_rdsat(path)
    with pytest.raises(InputError, match="no file"):
        hp.read_rdsat(tmp_path / "none.rdsat")


@pytest.mark.parametrize("name", ["study", "study_rds"])
def test_r_s_tables_say_who_recruited_whom(name: str) -> None:
    """Five people, written by R 4 with save() and saveRDS()."""
    pytest.importorskip("rdata")
    table = hp.read_rdsobj(DATA / "rds" / f"{name}.rdsobj")
    expected = {"id": "id", "recruiter": "recruiter.id", "degree": "knows", "time": "day", "population": 1000.0}
    assert table.attrs["rds"] == expected
    assert table["recruiter.id"].tolist() == ["seed", "1", "1", "2", "seed"]
    assert table["day"].dt.strftime("%m-%d").tolist() == ["01-01", "01-05", "01-06", "02-01", "01-02"]
    assert table["hiv"].isna().tolist() == [False, False, False, True, False]
    with pytest.warns(HiddenpopWarning):
        survey = hp.Survey.rds(table, **table.attrs["rds"], impute_degree="median", replicates=100)
    assert survey.n == 5


def test_other_files_are_none_of_r_s(tmp_path: Path) -> None:
    path = tmp_path / "study.rdsobj"
    path.write_bytes(b"nothing of R")
    pytest.importorskip("rdata")
    with pytest.raises(InputError, match=r"file of R's"):
        hp.read_rdsobj(path)
