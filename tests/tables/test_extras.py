"""What a Table 1 has on request: R's numbers, published formulas, and nothing of few people."""

from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError

from ..schools import DESIGNS, table


@pytest.fixture
def schools() -> pd.DataFrame:
    found = table("clus1")
    return found.assign(
        size=pd.Categorical(found["stype"], ["E", "M", "H"], ordered=True),
        number=found["stype"].map({"E": 3, "M": 10, "H": 20}),
        won=found["awards"] == "Yes",
    )


def asked(frame: pd.DataFrame) -> hp.Survey:
    return hp.Survey(frame, **DESIGNS["clus1"])


def one(found: hp.Table, variable: str, statistic: str, column: str) -> float:
    (value,) = found.numbers.query("variable == @variable and statistic == @statistic")[column]
    return float(value)


def test_trends_are_linear_contrasts(schools: pd.DataFrame) -> None:
    """R's survey 4.1.1: svycontrast(svyby(~x, ~size, d, svymean, covmat=TRUE), c(-1, 0, 1)), t with degf(d) - 1."""
    found = hp.describe(asked(schools), ["api00", "won", "ell"], by="size", trend=True, interval=False)
    for name, p in (("api00", 0.33140581106), ("won", 0.0224446360494), ("ell", 0.0059793432976)):
        assert one(found, name, "trend", "p") == pytest.approx(p, rel=1e-8)
    assert [row.cells[-1] for row in found.rows if row.heading] == ["0.33", "0.022", "0.006"]
    assert found.columns[-1] == "p for trend"
    # Numbers are ordered as numbers, by their ranks, wherever they first appear.
    backwards = hp.describe(asked(schools[::-1]), ["api00"], by="number", trend=True, interval=False)
    assert one(backwards, "api00", "trend", "p") == pytest.approx(0.33140581106, rel=1e-8)


def test_ordered_levels_have_mean_ranks(schools: pd.DataFrame) -> None:
    """R: the mean of as.numeric(size) by comp.imp, difference -0.1447 with p 0.01201."""
    found = hp.describe(asked(schools), ["size", "cname", "dnum"], by="comp.imp", trend=True, interval=False)
    assert one(found, "size", "trend", "p") == pytest.approx(0.0120105819613, rel=1e-8)
    assert "No test for trend of cname: its levels have no order. Make it an ordered categorical." in found.notes
    with pytest.raises(InputError, match="goes over groups in their order, and 'stype' has none"):
        hp.describe(asked(schools), ["api00"], by="stype", trend=True)
    with pytest.raises(InputError, match="goes over groups: name their column"):
        hp.describe(asked(schools), ["api00"], trend=True)


def test_standardised_differences(schools: pd.DataFrame) -> None:
    found = hp.describe(asked(schools), ["api00", "ell", "won", "stype"], by="comp.imp", smd=True)
    # Austin (2009) of R's svyby means and svyvar variances.
    by_hand = abs(632.9 - 648.406015038) / np.sqrt((9194.25510204 + 11939.53087264) / 2)
    assert one(found, "api00", "smd", "estimate") == pytest.approx(by_hand, rel=1e-6)
    p, q = 0.0, 0.977443609023
    assert one(found, "won", "smd", "estimate") == pytest.approx((q - p) / np.sqrt((p * (1 - p) + q * (1 - q)) / 2))
    assert any("distance of the two groups" in note for note in found.notes)
    # Yang and Dalton (2012): the distance of Mahalanobis, whichever level is left out.
    shares = asked(schools).proportion("stype", by="comp.imp").point.unstack()
    first, second = (shares.loc[label, ["H", "M"]].to_numpy() for label in ("No", "Yes"))
    spread = sum(np.diag(x) - np.outer(x, x) for x in (first, second)) / 2
    off = first - second
    assert one(found, "stype", "smd", "estimate") == pytest.approx(np.sqrt(off @ np.linalg.inv(spread) @ off))
    # Of two categories that is Austin's of a share.
    two = schools.assign(yes=schools["stype"] == "E", kind=np.where(schools["stype"] == "E", "e", "other"))
    both = hp.describe(asked(two), ["yes", "kind"], by="comp.imp", smd=True)
    assert one(both, "yes", "smd", "estimate") == pytest.approx(one(both, "kind", "smd", "estimate"))
    # Of three groups the largest of all pairs.
    three = hp.describe(asked(schools), ["ell"], by="stype", smd=True)
    pairs = []
    for left_out in "EMH":
        mask = schools["stype"] != left_out
        pairs.append(
            one(hp.describe(asked(schools), ["ell"], by="stype", where=mask, smd=True), "ell", "smd", "estimate")
        )
    assert one(three, "ell", "smd", "estimate") == pytest.approx(max(pairs))
    with pytest.raises(InputError, match="compares groups"):
        hp.describe(asked(schools), ["ell"], smd=True)


def test_differences_that_have_no_scale() -> None:
    frame = pd.DataFrame({"g": ["a", "b"] * 20, "apart": [1, 0] * 20, "same": [1] * 40, "x": ["p", "p", "q", "q"] * 10})
    found = hp.describe(hp.Survey(frame, replicates=40), ["apart", "x"], by="g", smd=True, interval=False)
    assert [row.cells[-1] for row in found.rows] == ["–", "0.00", "", ""]


def test_design_effects_are_those_of_estimates(schools: pd.DataFrame) -> None:
    survey = asked(schools)
    found = hp.describe(survey, ["won", "ell"], by="comp.imp", total=True, deff=True, interval=False)
    assert found.columns[3:] == ("design effect: Yes", "design effect: No", "design effect: all")
    # R: svymean(~awards, deff=TRUE) prints 0.99378.
    numbers = found.numbers.query("statistic == 'deff'").set_index(["variable", "group"])["estimate"]
    assert numbers["won", "all"] == pytest.approx(0.99378, abs=5e-6)
    by_group = survey.mean("ell", by="comp.imp").summary()["deff"]
    assert numbers["ell", "Yes"] == pytest.approx(by_group["Yes"])
    mean = next(row for row in found.rows if row.label == "mean")
    assert mean.cells[3] == f"{by_group['Yes']:.2f}"
    assert hp.describe(survey, ["won"], deff=True).columns[-1] == "design effect"


def test_uncertain_shares_are_not_shown(schools: pd.DataFrame) -> None:
    survey = asked(schools)
    found = hp.describe(survey, ["won", "size"], by="stype", presentation="nchs")
    assert found.rows[0].cells[0] == "6 (*)"
    assert found.rows[0].cells[1].startswith("111 (77.1%")
    alone = found.numbers.query("variable == 'won' and group == 'H'").iloc[0]
    assert alone[["estimate", "lower", "upper"]].isna().all()
    assert alone["n"] == 6
    assert any(note.startswith("* Not shown") for note in found.notes)
    fine = hp.describe(survey, ["won"], presentation="nchs")
    assert any(note.startswith("All shares meet the standards") for note in fine.notes)
    verdicts = hp.presentation(survey.proportion("won", by="stype"))["verdict"]
    assert verdicts.to_dict() == {"H": "suppress", "E": "show", "M": "suppress"}
    few = schools[schools["dnum"].isin(schools["dnum"].unique()[:6])]
    flagged = hp.describe(hp.Survey(few, clusters="dnum", weights="pw"), ["won"], presentation="nchs")
    assert flagged.rows[0].cells[0].endswith(("†", "(*)"))
    with pytest.raises(InputError, match="must be one of 'nchs'"):
        hp.describe(survey, ["won"], presentation="nhs")
    with pytest.raises(InputError, match="must be one of 'nchs'"):
        hp.presentation(survey.proportion("won"), rules="x")
    with pytest.raises(InputError, match="survey's proportions"):
        hp.presentation(survey.mean("ell"))
    imputed = hp.Imputed([schools, schools], replicates=40)
    with pytest.raises(InputError, match="is about one sample"):
        hp.describe(imputed, ["won"], presentation="nchs")


def test_what_is_beside_hidden_cells_is_hidden() -> None:
    frame = pd.DataFrame(
        {
            "g": pd.Categorical(["a"] * 60 + ["b"] * 60, ["a", "b"], ordered=True),
            "x": [1] * 30 + [0] * 30 + [1] * 3 + [0] * 57,
            "y": [1, 0] * 60,
        }
    )
    survey: Any = hp.Survey(frame, replicates=40)
    more: Any = {"smd": True, "trend": True, "deff": True, "presentation": "nchs"}
    found = hp.describe(survey, ["x", "y"], by="g", interval=False, suppress_below=5, **more)
    hidden, shown = found.rows
    assert hidden.cells == ("30 (50.0%)", "hidden", "0.99", "hidden", "hidden", "hidden")
    assert "hidden" not in shown.cells
    numbers = found.numbers.query("variable == 'x' and statistic in ['smd', 'trend', 'deff'] and group != 'a'")
    assert numbers[["n", "estimate", "p"]].isna().all(axis=None)
    # A report makes it again with all that was asked for.
    report = hp.Report("r", suppress_below=5).add(hp.describe(survey, ["x", "y"], by="g", interval=False, **more))
    written = report.to_json() or ""
    assert "standardised difference" in written
    for source in ("Austin PC (2009)", "Parker JD", "Lumley T (2010)"):
        assert source in written


def test_imputations_have_mean_differences(schools: pd.DataFrame) -> None:
    imputed = hp.Imputed([schools, schools.assign(ell=schools["ell"] + 1)], replicates=40, **DESIGNS["clus1"])
    found = hp.describe(imputed, ["ell"], by="size", smd=True, trend=True, interval=False)
    assert one(found, "ell", "smd", "estimate") == pytest.approx(
        one(hp.describe(asked(schools), ["ell"], by="size", smd=True, interval=False), "ell", "smd", "estimate")
    )
    # Of equal contrasts that of one sample, but for Barnard and Rubin's degrees of freedom, which are fewer.
    assert 0.0059793 < one(found, "ell", "trend", "p") < 0.008
