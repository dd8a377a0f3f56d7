"""Who recruited whom in other programs' files: read again by ourselves, and by GraphViz."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError

from .. import recruitment
from ..facts import DATA

pytestmark = pytest.mark.filterwarnings("ignore::hiddenpop.HiddenpopWarning")
WRITERS = {"to_netdraw": "a.vna", "to_graphviz": "a.dot", "to_rdsat": "a.rdsat"}
#: What is hard to write: marks of quotation, what labels of GraphViz obey, line breaks, letters beyond ASCII.
HARD = ['wh"ite', "bl\\Nack & <b>\n", "ö\tther"]


def forest(survey: hp.Survey) -> Any:
    return survey.sample.sampling.linear.recruits.forest  # type: ignore[union-attr]


def small(**columns: Any) -> hp.Survey:
    """Seven people from three seeds."""
    table = {
        "id": [70, 71, 72, 73, 74, 75, 76],
        "by": [None, None, None, 70, 70, 71, 73],
        "knows": [4, 2, 6, 3, 8, 4, 4],
    }
    return hp.Survey.rds(pd.DataFrame({**table, **columns}), id="id", recruiter="by", degree="knows", replicates=20)


@pytest.mark.parametrize("how", WRITERS)
def test_nothing_is_written_without_the_word(how: str, tmp_path: Path) -> None:
    survey, path = small(hiv=[1, 0, 1, 0, 1, 0, 1]), tmp_path / WRITERS[how]
    for named in (None, "hiv"):
        with pytest.raises(InputError, match=r"person by person, who recruited whom.*confidential=True"):
            getattr(survey, how)(path, named)
    for named in ("id", "by", "knows"):
        with pytest.raises(InputError, match="is no answer of participants"):
            getattr(survey, how)(path, named, confidential=True)
    with pytest.raises(InputError, match="confidential"):
        getattr(survey, how)(path, confidential="no")
    with pytest.raises(InputError, match="should end in"):
        getattr(survey, how)(tmp_path / "a.csv", confidential=True)
    with pytest.raises(InputError, match=r"hp\.Survey\.rds"):
        getattr(hp.Survey({"x": [1, 0]}), how)(path, confidential=True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("how", WRITERS)
def test_no_ids_and_no_coupons_are_in_a_file(how: str, tmp_path: Path) -> None:
    """nyjazz: eight digits to a coupon."""
    table = hp.read_rdsat(DATA / "rds" / "nyjazz.rdsat")
    options = {"repeats": "last", "orphans": "seeds", "impute_degree": "median"}
    coded = table.assign(sex=table["Gender(MF)"].astype("category"))
    survey = hp.Survey.rds(coded, **table.attrs["rds"], **options, replicates=20)
    getattr(survey, how)(tmp_path / WRITERS[how], "sex", confidential=True)
    assert "1425" not in (tmp_path / WRITERS[how]).read_text(encoding="utf-8")
    survey = small(hiv=[1, 0, 1, 0, 1, 0, 1])
    getattr(survey, how)(tmp_path / WRITERS[how], "hiv", confidential=True)
    assert not re.search(r"\b7[0-6]\b", (tmp_path / WRITERS[how]).read_text(encoding="utf-8"))


@pytest.mark.parametrize("which", ["nyjazz", "faux", "fauxtime"])
def test_rdsat_comes_back(which: str, tmp_path: Path) -> None:
    """The same trees, weights and shares, with answers and degrees that are missing."""
    if which == "nyjazz":
        table = hp.read_rdsat(DATA / "rds" / "nyjazz.rdsat")
        read, names = {**table.attrs["rds"], "repeats": "last", "orphans": "seeds"}, ["Gender(MF)", "Age"]
    elif which == "faux":
        table, read, names = recruitment.faux(), recruitment.FAUX, ["X", "Y"]
    else:
        table, read, names = recruitment.timed(), recruitment.TIMED, ["var1", "DATEINTERVIEW"]
    survey = hp.Survey.rds(table, **read, impute_degree="leave_out", replicates=20)
    path = tmp_path / "again.rdsat"
    survey.to_rdsat(path, names, confidential=True)
    again = hp.read_rdsat(path)
    after = hp.Survey.rds(again, **again.attrs["rds"], impute_degree="leave_out", replicates=20)
    assert forest(after).recruiter.tolist() == forest(survey).recruiter.tolist()
    np.testing.assert_allclose(after.weights, survey.weights, rtol=1e-12)
    for name in names:
        assert again[name].isna().tolist() == table[name].isna().tolist()
        if name != "DATEINTERVIEW":
            assert again[name].dropna().tolist() == table[name].dropna().tolist()
    if which == "fauxtime":
        assert pd.to_datetime(again["DATEINTERVIEW"]).tolist() == table["DATEINTERVIEW"].tolist()


def test_what_is_missing_in_rdsat_is_nobody_s_answer(tmp_path: Path) -> None:
    """0 stands for missing in RDSAT's own files, and here somebody's answer is 0, another's -9."""
    path = tmp_path / "a.txt"
    small(x=[0, -9, 3, None, 5, 6, 7]).to_rdsat(path, "x", confidential=True)
    assert path.read_text(encoding="utf-8").splitlines()[1].split("\t") == ["7", "2", "-99", "x"]
    np.testing.assert_array_equal(hp.read_rdsat(path)["x"], [0, -9, 3, np.nan, 5, 6, 7])
    for text in (*HARD[1:], ' a"', "a "):
        with pytest.raises(InputError, match=r"'x' can't stand in the file, in 1 row \(row number 2"):
            small(x=["a", "b", text, "c", None, "b", "c"]).to_rdsat(path, "x", confidential=True)
    with pytest.raises(InputError, match="columns of its own that are called 'coupon_1'"):
        small(coupon_1=[1, 2, 3, 4, 5, 6, 7]).to_rdsat(path, "coupon_1", confidential=True)


def test_netdraw_has_people_and_ties(tmp_path: Path) -> None:
    path = tmp_path / "a.vna"
    survey = small(kind=[*HARD, *HARD, None], seed=[1, 0, 1, 0, 1, 0, 1])
    survey.to_netdraw(path, ["kind", "seed"], confidential=True)
    people, ties = path.read_text(encoding="utf-8").split("*Tie data\n")
    lines = people.splitlines()
    assert lines[:2] == ["*Node data", 'ID "seed (of the file)" wave chain kind seed']
    assert lines[2:5] == ['1 1 0 1 "wh\'ite" 1', r'2 1 0 2 "bl\Nack & <b>\n" 0', r'3 1 0 3 "ö\tther" 1']
    assert lines[-1] == '7 0 2 1 "not known" 1'
    assert ties.splitlines() == ["from to recruited", "1 4 1", "1 5 1", "2 6 1", "4 7 1"]
    with pytest.raises(InputError, match="read alike in the file, in 2 rows"):
        small(kind=['a"', "a'", "b", "c", "d", "e", "f"]).to_netdraw(path, "kind", confidential=True)
    with pytest.raises(InputError, match="read alike in the file, in 1 row"):
        small(kind=["not known", "a", "b", None, "d", "e", "f"]).to_netdraw(path, "kind", confidential=True)


def test_chains_are_numbered_as_their_seeds_came() -> None:
    table = pd.DataFrame(
        {"id": list("abcdefg"), "by": [None, None, None, "c", "a", "b", "e"], "knows": 4, "x": [1, 0] * 3 + [1]}
    )
    when = table.assign(day=[3, 2, 1, 4, 5, 6, 7]).set_index(pd.Index(range(10, 17)))
    survey = hp.Survey.rds(when, id="id", recruiter="by", degree="knows", time="day", seeds="out", replicates=20)
    assert survey.chains.to_dict() == {10: 3, 11: 2, 12: 1, 13: 1, 14: 3, 15: 2, 16: 3}
    assert survey.bottleneck("x").summary()["participants"].to_dict() == {1: 1, 2: 1, 3: 2}


@pytest.mark.skipif(shutil.which("dot") is None, reason="GraphViz, which reads the file, is not installed")
def test_graphviz_draws_it(tmp_path: Path) -> None:
    path = tmp_path / "a.dot"
    small(kind=[*HARD, *HARD, None]).to_graphviz(path, "kind", confidential=True)
    run = subprocess.run(["dot", "-Tjson", str(path)], capture_output=True, text=True, check=True)
    assert run.stderr == ""
    drawn = json.loads(run.stdout)
    names = {one["_gvid"]: one for one in drawn["objects"]}
    ties = {(names[one["tail"]]["name"], names[one["head"]]["name"]) for one in drawn["edges"]}
    assert ties == {("1", "4"), ("1", "5"), ("2", "6"), ("4", "7")}
    # As they are drawn: a backslash is one, & is &, and no \N is obeyed.
    shown = {text["text"] for one in drawn["objects"] for text in one.get("_ldraw_", []) if "text" in text}
    assert shown == {"kind", 'wh"ite', r"bl\Nack & <b>\n", r"ö\tther", "not known"}
    subprocess.run(["dot", "-Tsvg", str(path), "-o", str(tmp_path / "a.svg")], check=True)
    small().to_graphviz(path, confidential=True)
    subprocess.run(["dot", "-Tsvg", str(path), "-o", str(tmp_path / "a.svg")], check=True)
