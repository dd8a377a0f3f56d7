"""A file of SPSS such as offices have, choices for it, and a runner in a folder of its own."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import hiddenpop as hp
import pyreadstat
import pytest
from hiddenpop.explorer import writing
from hiddenpop.explorer.choices import Choices, Doubts, Found, Paper, Shares, Sizes, Source, Table1
from hiddenpop.explorer.runner import Runner

#: Registered people by group, as the published study has them.
REGISTERED = (("opioids", 8126.0), ("crack only", 4912.0))


def spss(path: Path) -> Path:
    """Write the synthetic interviews as a file of SPSS: codes with labels, a code that is declared missing."""
    table = hp.datasets.load("synthetic_opaak")["questionnaire"].copy()
    table["group"] = table["group"].map({"opioids": 1.0, "crack only": 2.0})
    table["in_treatment"] = table["in_treatment"].map({1: 1.0, 0: 2.0})
    table["sex"] = table["sex"].map({"man": 1.0, "woman": 2.0}).fillna(9.0)
    table = table[["id", "group", "in_treatment", "age", "sex", "housing"]].rename(
        columns={"group": "q1", "in_treatment": "q7"}
    )
    pyreadstat.write_sav(
        table,
        path,
        column_labels={"q1": "What do you use most?", "q7": "In treatment in the last year", "age": "Age in years"},
        variable_value_labels={
            "q1": {1: "opioids", 2: "crack only"},
            "q7": {1: "Yes", 2: "No"},
            "sex": {1: "man", 2: "woman", 9: "refused"},
        },
        missing_ranges={"sex": [9]},
    )
    return path


@pytest.fixture(scope="session")
def sav(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return spss(tmp_path_factory.mktemp("office") / "interviews.sav")


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    monkeypatch.chdir(tmp_path)
    with hp.settings(replicates=200):
        yield Runner()
    assert list(tmp_path.iterdir()) == [], "what is written is gone"


@pytest.fixture
def chosen(sav: Path, runner: Runner) -> Choices:
    """Return what somebody would choose with the file of SPSS, which the runner holds."""
    source = Source("file", sav.name)
    runner.take(sav.name, sav.read_bytes())
    looked = runner.look(writing.table(Choices(source)))  # type: ignore[arg-type]
    assert not looked.error
    return Choices(
        source=source,
        columns=looked.columns,
        found=Found("fieldwork", id="id", strata=("q1",)),
        sizes=Sizes("q7", by="q1", benchmark=REGISTERED, name="people who use"),
        table1=Table1(("age", "sex", "housing"), "q1", test=True),
        shares=Shares("housing", "q1"),
        doubts=Doubts(completeness=(0.7, 1.0), false_reports=(0.0, 0.05), recruitment=(0.5, 2.0), label="crack only"),
        paper=replace(Paper(), title="People who use crack or opioids", views=tuple(writing.SECTIONS)),
    )
