"""Tables of models: R's numbers, crude beside adjusted, and nothing of few people."""

import json
import warnings
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError

from ..schools import DESIGNS, table


@pytest.fixture
def model() -> Any:
    schools = table("clus1")
    schools["won"] = schools["awards"] == "Yes"
    return hp.regress(hp.Survey(schools, **DESIGNS["clus1"]), "won ~ stype + ell", family="binomial")


def test_estimates_are_those_of_svyglm(model: Any) -> None:
    """R's survey 4.1.1: svyglm((awards == "Yes") ~ stype + ell) on apiclus1, and of each predictor by itself."""
    found = model.table(crude=True).numbers.set_index(["variable", "level", "statistic"])
    schools = {
        ("stype", "H", "crude odds ratio"): (0.222972972973, 0.0711763909704, 0.698503337958, 1.42619275539e-02),
        ("stype", "M", "crude odds ratio"): (0.322072072073, 0.0970406562370, 1.068937738383, 6.20187042660e-02),
        ("ell", "", "crude odds ratio"): (1.02686887328, 1.002215775992, 1.05212840207, 0.0347605651731),
        ("stype", "H", "adjusted odds ratio"): (0.287118894280, 0.0739366094696, 1.11497213686, 0.0678978019628),
        ("stype", "M", "adjusted odds ratio"): (0.360024944505, 0.1090053047598, 1.18909773200, 0.0865542764583),
        ("ell", "", "adjusted odds ratio"): (1.019574415373, 0.9934130472902, 1.04642473875, 0.1289664005194),
    }
    for key, expected in schools.items():
        ours = found.loc[key, ["estimate", "lower", "upper", "p"]].to_numpy(dtype=float)
        np.testing.assert_allclose(ours, expected, rtol=2e-6)  # R's search ends at seven digits
    assert found.loc[("stype", "E", "adjusted odds ratio"), "estimate"] == 1
    # table(apiclus1$stype, apiclus1$awards)
    counts = found.xs("adjusted odds ratio", level="statistic")[["n", "events"]]
    assert counts.loc["stype"].to_numpy().tolist() == [[144, 111], [14, 6], [25, 13]]


def test_it_reads_as_papers_do(model: Any) -> None:
    found = model.table(crude=True, test=True, labels={"stype": "Type of school", "ell": "Learners", "won": "Award"})
    assert found.title == "Logistic regression of Award"
    assert found.columns == ("n", "events", "crude OR (95% CI)", "adjusted OR (95% CI)", "p")
    assert [(row.label, row.cells) for row in found.rows] == [
        ("Type of school", ("", "", "", "", "0.032")),
        ("E", ("144", "111", "1 (reference)", "1 (reference)", "")),
        ("H", ("14", "6", "0.22 (0.07 to 0.70)", "0.29 (0.07 to 1.11)", "0.068")),
        ("M", ("25", "13", "0.32 (0.10 to 1.07)", "0.36 (0.11 to 1.19)", "0.087")),
        ("Learners", ("183", "130", "1.03 (1.00 to 1.05)", "1.02 (0.99 to 1.05)", "0.13")),
    ]
    assert float(model.test("stype")["p"].iloc[0]) == pytest.approx(0.032, abs=0.0005)
    assert "Estimates are weighted; numbers of participants and events are not." in found.notes
    assert model.table().columns == ("n", "events", "OR (95% CI)", "p")


def test_other_families(mixed: pd.DataFrame) -> None:
    survey = hp.Survey(mixed, clusters="k", replicates=40)
    counts = hp.regress(survey, "visits ~ g", "poisson", offset="time").table(crude=True)
    assert counts.columns[1:3] == ("events", "crude IRR (95% CI)")
    # One predictor by itself is the model: crude and adjusted are the same.
    assert all(row.cells[2] == row.cells[3] for row in counts.rows)
    assert counts.rows[1].cells[1] == f"{mixed.loc[mixed['g'] == 'a', 'visits'].sum():,}"
    assert "RR (95% CI)" in hp.regress(survey, "yes ~ g", "poisson").table().columns
    linear = hp.regress(survey, "score ~ g + x").table(intercept=True)
    assert linear.columns == ("n", "difference (95% CI)", "p")
    assert linear.rows[0].label == "Intercept"
    shares = hp.regress(survey, "yes ~ g")
    assert "family='gaussian' was taken" in repr(shares)
    assert "differences of shares; family=" in shares._repr_html_()
    b = shares.coefficients.point["g[T.b]"]
    assert shares.table().rows[2].cells[1].startswith(f"{100 * b:.1f} (")
    assert "percentage points" in " ".join(shares.table().notes)
    logs = hp.regress(survey, "yes ~ g", "binomial").table(exponentiate=False)
    assert logs.columns[2] == "coefficient (95% CI)"
    with pytest.raises(InputError, match="has no meaning"):
        shares.table(exponentiate=True)


def test_ratios_near_one_show_where_they_differ(mixed: pd.DataFrame) -> None:
    survey = hp.Survey(mixed.assign(days=1000 * mixed["x"]), replicates=40)
    (row,) = hp.regress(survey, "visits ~ days", "poisson", offset="time").table().rows
    assert len(set(row.cells[2].replace("(", "").replace(")", "").split(" to "))) == 2
    assert row.cells[2] != "1.00 (1.00 to 1.00)"


def test_crude_needs_an_intercept(mixed: pd.DataFrame) -> None:
    model = hp.regress(hp.Survey(mixed, replicates=40), "yes ~ 0 + g", "binomial")
    with pytest.raises(InputError, match="Keep the intercept"):
        model.table(crude=True)
    assert [row.cells[0] for row in model.table().rows][1:] == [f"{n}" for n in mixed["g"].value_counts().sort_index()]


def test_imputations_are_pooled(mixed: pd.DataFrame) -> None:
    other = mixed.assign(g=mixed["g"].to_numpy()[::-1])
    found = hp.regress(hp.Imputed([mixed, other], replicates=40), "yes ~ g + x", "binomial").table(crude=True)
    alone = hp.regress(hp.Imputed([mixed, other], replicates=40), "yes ~ g", "binomial").table()
    assert [row.cells[2] for row in found.rows[:4]] == [row.cells[2] for row in alone.rows]
    events = np.mean([frame.loc[frame["g"] == "b", "yes"].sum() for frame in (mixed, other)])
    assert found.numbers.query("level == 'b'")["events"].tolist() == [events, events]
    with pytest.raises(InputError, match="imputed tables don't tell"):
        hp.regress(hp.Imputed([mixed, other], replicates=40), "yes ~ g", "binomial").table(suppress_below=5)


def few(n: int) -> hp.Survey:
    """Return a survey in which `n` people of group c have the outcome."""
    frame = pd.DataFrame(
        {
            "g": ["a"] * 60 + ["b"] * 60 + ["c"] * 40,
            "x": np.tile([0, 1], 80),
            "age": np.arange(160) % 37 * 1.0,
            "y": [1] * 25 + [0] * 35 + [1] * 30 + [0] * 30 + [1] * n + [0] * (40 - n),
        }
    )
    return hp.Survey(frame, replicates=40)


@pytest.mark.parametrize("formula", ["y ~ g", "y ~ g + age", "y ~ 0 + x + g", "y ~ C(g, Sum) + age", "y ~ g * x"])
def test_few_people_hide_the_whole(formula: str) -> None:
    """A count of few is in no cell, note or number, whatever the coding; with enough people everything is there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that four are few is said with most codings
        model = hp.regress(few(4), formula, "binomial")
    crude = "0 +" not in formula
    hidden = model.table(suppress_below=5, crude=crude)
    assert {cell for row in hidden.rows for cell in row.cells} <= {"", "hidden"}
    assert hidden.numbers[["n", "events", "estimate", "lower", "upper", "p"]].isna().all(axis=None)
    assert len(hidden.notes) == 1
    assert hidden.made is not None
    assert all(cut.hidden.all() for cut in hidden.made.cuts)
    assert hidden.made.audit()
    shown = hp.regress(few(20), formula, "binomial").table(suppress_below=5, crude=crude)
    assert "hidden" not in [cell for row in shown.rows for cell in row.cells]
    # The numbers behind it have the digits that it shows.
    assert (shown.numbers["p"].dropna() * 1000 % 1).round(6).isin([0, 1]).all()


def test_levels_that_no_coefficient_tells_are_looked_at() -> None:
    # Without an intercept, the second factor has a coefficient less than levels, so that the model tells no cells of it.
    frame = pd.DataFrame({"g": np.tile(["a", "b"], 80), "h": ["k"] * 80 + ["l"] * 77 + ["m"] * 3})
    frame["y"] = np.random.default_rng(0).integers(0, 2, 160) * 1.0 + np.arange(160)
    model = hp.regress(hp.Survey(frame, replicates=40), "y ~ 0 + g + h")
    assert "3" in [row.cells[0] for row in model.table().rows]
    assert "3" not in [row.cells[0] for row in model.table(suppress_below=5).rows]


def test_a_report_makes_it_again_and_looks_at_it_with_the_rest() -> None:
    model = hp.regress(few(20), "y ~ g + age", "binomial")
    report = hp.Report("r", suppress_below=5).add(model.table(crude=True))
    data = json.loads(report.to_json() or "")
    assert "hidden" not in json.dumps(data["content"])
    said = " ".join(data["methods"]["paragraphs"])
    assert "Regression models were fitted by weighted pseudo-maximum likelihood" in said
    assert "are described in" not in said
    assert any(one.startswith("Binder DA") for one in data["methods"]["references"])
    report = hp.Report("r", suppress_below=21).add(model.table(crude=True))
    text = json.dumps(json.loads(report.to_json() or "")["content"])
    assert "hidden" in text
    assert "reference" not in text
    assert "Regression models" not in str(report.to_json())
    # Who is of which group with the outcome is shown by the model; half of a group may not be told beside it.
    survey = few(20)
    table = hp.regress(survey, "y ~ g", "binomial").table()
    part = survey.assign(part=np.r_[np.zeros(57), np.ones(103)])
    both = hp.Report("r", suppress_below=5).add(table, part.proportion("y", by=["g", "part"]))
    cells = [row["cells"][0] for row in json.loads(both.to_json() or "")["content"][1]["table"]["rows"]]
    assert "hidden" in cells


def test_bad_input(model: Any) -> None:
    with pytest.raises(InputError, match="crude"):
        model.table(crude="yes")
    with pytest.raises(InputError, match="whole number of participants"):
        model.table(suppress_below=1)
    with pytest.warns(hp.HiddenpopWarning, match="'styp', which is no column or term. Did you mean 'stype'"):
        model.table(labels={"styp": "Type"})
    for called in (model.table, model.plot):
        with pytest.raises(InputError, match="labels= calls two columns 'A': 'stype', 'ell'"):
            called(labels={"stype": "A", "ell": "A"})
    with pytest.raises(InputError, match="labels= calls two columns 'ell'"):
        model.table(labels={"stype": "ell"})
