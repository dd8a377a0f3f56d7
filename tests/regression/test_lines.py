"""Lines of a model: what its terms and levels are called, and which of them is the reference."""

from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def survey() -> hp.Survey:
    rng = np.random.default_rng(0)
    n = 300
    frame = pd.DataFrame(
        {
            "y": rng.integers(0, 2, n),
            "g": rng.choice(["a", "b", "c"], n),
            "yes": rng.choice([True, False], n),
            "one": rng.integers(0, 2, n),
            "age": rng.normal(40, 8, n).round(),
            "year": rng.choice([2010, 2011], n),
            "where to": rng.choice(["p:q", "r"], n),
        }
    )
    return hp.Survey(frame, replicates=20)


@pytest.mark.parametrize(
    ("formula", "lines"),
    [
        ("g", ["g", "a*", "b", "c"]),
        ("C(g, contr.treatment('b'))", ["Group", "b*", "a", "c"]),
        ("C(g, Sum)", ["Group", "C(g, Sum)[S.a]", "C(g, Sum)[S.b]"]),
        ("yes + one", ["yes", "no*", "yes", "one", "no*", "yes"]),
        ("C(year)", ["C(year)", "2010*", "2011"]),
        ("`where to` + age", ["where to", "p:q*", "r", "age"]),
        ("age:`where to`", ["age × where to", "age × p:q", "age × r"]),
        ("g * yes", ["g", "a*", "b", "c", "yes", "no*", "yes", "g × yes", "b × yes", "c × yes"]),
        ("poly(age, 2)", ["poly(age, 2)", "poly(age, 2)[1]", "poly(age, 2)[2]"]),
        ("I(age > 40)", ["over 40"]),
        ("0 + g", ["g", "a", "b", "c"]),
    ],
)
def test_what_lines_are_called(survey: hp.Survey, formula: str, lines: list[str]) -> None:
    labels = {"I(age > 40)": "over 40"} if "40" in formula else {"g": "Group"} if "C(g" in formula else None
    if formula == "C(year)":
        labels = {"C(year)": "C(year)"}
    table = hp.regress(survey, f"y ~ {formula}", "binomial").table(labels=labels)
    found = [row.label + ("*" if "reference" in row.cells[2] else "") for row in table.rows]
    assert found == lines


def test_labels_of_files_are_used(survey: hp.Survey) -> None:
    frame = survey.sample.units.copy()
    frame.attrs["labels"] = {"g": "Group of drugs", "y": "In treatment"}
    table: Any = hp.regress(hp.Survey(frame, replicates=20), "y ~ C(g)", "binomial").table()
    assert table.title == "Logistic regression of In treatment"
    assert table.rows[0].label == "Group of drugs"
