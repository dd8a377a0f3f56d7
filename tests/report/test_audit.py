"""The list of what a report hides, for the colleague who checks it."""

from __future__ import annotations

import json
from pathlib import Path

import hiddenpop as hp
import pandas as pd
import pytest
from hiddenpop import InputError


def report() -> hp.Report:
    """Return a report of which a cell of two is hidden."""
    counts = {"sex": ["m", "m", "w", "w"], "injects": [1, 0, 1, 0], "people": [2, 48, 30, 20]}
    survey = hp.Survey(counts, counts="people")
    made = hp.Report("Injecting", suppress_below=5)
    made.add(survey.proportion("injects", by="sex"), hp.beta(20, 80, name="guess"))
    return made.add(pd.DataFrame({"n": [3]}), safe=True)


def test_every_result_and_every_hidden_cell_has_a_row() -> None:
    frame = report().audit()
    assert frame["status"].tolist() == ["hidden in part", "shown", "vouched for", "hidden"]
    assert "m" in frame["why"][0]
    cell = frame.iloc[3]
    assert cell["participants"] == 2
    assert cell["low"] <= 2 <= cell["high"]
    assert cell["high"] - cell["low"] >= 4
    assert "fewer than 5 participants" in cell["why"]


def test_files_say_that_they_are_confidential(tmp_path: Path) -> None:
    made = report()
    made.audit(tmp_path / "audit.csv")
    text = (tmp_path / "audit.csv").read_text(encoding="utf-8")
    assert text.startswith("# Confidential")
    assert len(pd.read_csv(tmp_path / "audit.csv", comment="#")) == 4
    made.audit(tmp_path / "audit.json")
    data = json.loads((tmp_path / "audit.json").read_text(encoding="utf-8"))
    assert "not for release" in data["note"]
    assert data["rows"][3]["participants"] == 2
    with pytest.raises(InputError, match=r"\.csv or \.json"):
        made.audit(tmp_path / "audit.txt")
    with pytest.raises(InputError, match="hides nothing"):
        hp.Report("r").audit()


def test_labels_that_a_spreadsheet_would_run_stay_texts(tmp_path: Path) -> None:
    counts = {"sex": ["=1+1", "=1+1", "w", "w"], "injects": [1, 0, 1, 0], "people": [2, 48, 30, 20]}
    survey = hp.Survey(counts, counts="people")
    made = hp.Report("Injecting", suppress_below=5).add(survey.proportion("injects", by="sex"))
    made.audit(tmp_path / "audit.csv")
    lines = (tmp_path / "audit.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert any("=1+1" in line for line in lines)
    assert not any(cell.strip('"').startswith(("=", "+", "-", "@")) for line in lines for cell in line.split(","))
