"""The page for those who come from other software: everything on its right-hand side runs."""

from __future__ import annotations

import re
import warnings
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

from . import facts

PAGE = (facts.ROOT / "docs" / "from_other_software.md").read_text(encoding="utf-8")
#: The right-hand cell of each row: code between its first and its last tick.
SAID = [row.split(" | ")[-1].strip(" |") for row in PAGE.splitlines() if row.startswith("| ")]
CODE = sorted({cell.strip("`") for cell in SAID if cell.startswith("`")})


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """Return what the page says that its reader has."""
    rng = np.random.default_rng(1)
    n = 96
    df = pd.DataFrame(
        {
            "st": np.repeat(["a", "b"], n // 2),
            "psu": np.tile(np.repeat([1, 2, 3, 4], n // 8), 2),
            "ssu": np.arange(n) // 3,
            "w": rng.choice([10.0, 20.0, 30.0], n),
            "N": 1_000,
            "age": rng.integers(20, 70, n),
            "sex": np.tile(["f", "m"], n // 2),
            "housing": rng.choice(["own home", "shelter", "street"], n),
            "treated": rng.integers(0, 2, n),
            "visits": rng.poisson(2.0, n),
            "helped_by_friend": rng.integers(0, 2, n),
            "helped_by_clinic": rng.integers(0, 2, n),
        }
    )
    df["ages"] = np.where(df["age"] < 45, "young", "old")
    for i in range(1, 5):
        df[f"rw{i}"] = df["w"] * np.where(df["psu"] % 2 == i % 2, 2, 0)
    survey = hp.Survey(df, strata="st", clusters="psu", weights="w", nest=True)
    histories = {"A": [1, 0, 0, 1, 1, 0, 1], "B": [0, 1, 0, 1, 0, 1, 1], "C": [0, 0, 1, 0, 1, 1, 1]}
    lists = hp.Lists(
        {**histories, "people": [60, 52, 40, 16, 12, 11, 5]}, ["A", "B", "C"], counts="people", replicates=200
    )
    on = rng.random((600, 2)) < 0.5
    on = on[on.any(axis=1)]
    people = pd.DataFrame({"A": on[:, 0] * 1, "B": on[:, 1] * 1, "age": rng.integers(20, 70, len(on))})
    seen = {"seen": [1, 2, 3, 4], "people": [600, 240, 65, 12]}
    counts = hp.CaptureCounts(seen, "seen", counts="people", replicates=200)
    recruits = {
        **{"id": [1, 2, 3, 4, 5, 6, 7, 8], "by": [None, None, None, 1, 1, 2, 3, 6]},
        **{"knows": [4, 2, 6, 3, 8, 4, 4, 2], "hiv": [1, 0, 0, 1, 0, 1, 0, 0]},
    }
    return {
        "hp": hp,
        "df": df,
        "survey": survey,
        "share": survey.proportion("treated"),
        "model": hp.regress(survey, "treated ~ age + sex", family="binomial"),
        "lists": lists,
        "people_on_lists": hp.Lists(people, ["A", "B"], replicates=50),
        "counts": counts,
        "fit": hp.zero_truncated(counts),
        "recruits": recruits,
        "rds": hp.Survey.rds(recruits, id="id", recruiter="by", degree="knows"),
        "sources": {str(i): hp.published(n, 0.8 * n, 1.3 * n) for i, n in enumerate([900, 1000, 1100, 1050, 980])},
    }


def test_every_row_has_code_on_its_right() -> None:
    headers = {"here", "---"}
    assert [cell for cell in SAID if not re.fullmatch(r"`[^`]+`", cell) and cell not in headers] == []


@pytest.mark.parametrize("code", CODE)
def test_what_is_said_here_runs(names: dict[str, Any], code: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", hp.HiddenpopWarning)  # it is about the data of this test
        assert eval(code, dict(names)) is not None
    pyplot.close("all")
