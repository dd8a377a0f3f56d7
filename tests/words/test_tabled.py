"""Everything that is fitted has a table, and the same ways out of it."""

from html import escape
from pathlib import Path
from typing import Any

import hiddenpop as hp
import pandas as pd
import pytest
from hiddenpop.ground.text import MINUS, SPACE
from hiddenpop.words.tabled import Tabled

docx = pytest.importorskip("docx")


def fits() -> dict[str, Tabled]:
    interviews = hp.datasets.load("synthetic_opaak")["interviews"]
    survey = hp.Survey(interviews, strata="group", replicates=200)
    sizes: dict[Any, hp.Estimate] = {
        2012: hp.published(14_300, 13_400, 16_300, name="2012"),
        2023: hp.published(13_300, 12_600, 14_200, name="2023"),
    }
    cells = {"a": [1, 0, 1, 1], "b": [0, 1, 1, 0], "c": [0, 1, 0, 1], "n": [40, 60, 12, 20]}
    lists = hp.Lists(cells, ["a", "b", "c"], counts="n", replicates=50)
    arrests = hp.CaptureCounts(hp.datasets.load("netherlands_immigrants")["apprehensions"], "capture", replicates=50)
    trend = hp.trend(sizes)
    return {
        "estimate": survey.proportion("in_treatment", by="group"),
        "trend": trend,
        "smooth trend": trend.smooth(at=[2018], step=0.03),
        "lists": lists,
        "description of lists": lists.describe(),
        "models of lists": hp.loglinear(lists),
        "register": arrests,
        "fit of a register": hp.zelterman(arrests),
        "comparison": hp.compare(survey, "in_treatment", by="group"),
        "regression": hp.regress(survey, "in_treatment ~ age", family="binomial"),
        "cross-table": hp.crosstab(survey, "in_treatment", "group"),
        "benchmark": hp.benchmark({"id": ["a"], "month": ["2023-01"]}, id="id", date="month", period="2023"),
        "scenarios": hp.scenarios(sizes, base=2012),
        "plan": hp.plan.multiplier(benchmark=4_900, share=0.31, relative_precision=0.2),
    }


def test_every_fit_has_all_ways_out(tmp_path: Path) -> None:
    pytest.importorskip("great_tables")
    for name, fit in fits().items():
        fit.to_docx(tmp_path / "table.docx")
        (grid,) = docx.Document(str(tmp_path / "table.docx")).tables
        fit.to_excel(tmp_path / "table.xlsx")
        read = pd.read_excel(tmp_path / "table.xlsx", sheet_name="numbers")
        assert len(read) == len(fit.to_frame()) > 0, name
        shown = [cell.text.replace(SPACE, " ").replace(MINUS, "-") for row in grid.rows for cell in row.cells]
        html = fit.to_html()
        latex = fit.to_latex()
        assert html is not None
        assert latex is not None
        assert escape(shown[-1]) in html, name
        assert "toprule" in latex
        assert len(fit.round(1)) == len(fit.to_frame())


def test_limits_stand_beside_their_estimate_in_one_column() -> None:
    shares: dict[Any, hp.Estimate] = {2012: hp.beta(80, 20, name="a"), 2023: hp.beta(60, 40, name="b")}
    table = hp.trend(shares)._as_table()
    assert table.columns[:4] == ("estimate", "95% interval", "change", "change (95% interval)")
    assert table.rows[1].cells[0] == "60.0%"
    assert table.rows[1].cells[2] == "-20.0 points"  # 60% less 80%
    assert table.rows[0].cells[2:] == ("–",) * (len(table.columns) - 2)


def test_ratios_have_two_decimals_and_differences_of_shares_are_points() -> None:
    survey = hp.Survey({"g": ["a", "a", "b", "b"], "x": [1, 0, 1, 0], "n": [60, 40, 30, 70]}, counts="n", strata="g")
    table = hp.compare(survey, "x", by="g")._as_table()
    estimates = {row.label.split(",")[0]: row.cells[0] for row in table.rows}
    assert estimates == {
        "difference": "30.0 points",
        "ratio": "2.00",
        "odds ratio": "3.50",
    }  # .6 - .3; .6 / .3; 60*70 / (40*30)
