"""Trends of several groups in one call."""

import hiddenpop as hp
import pandas as pd
import pytest
from hiddenpop import InputError

COLUMNS = ["group", "estimate", "low", "high"]


def table(opioids: tuple[int, int, int], crack: tuple[int, int, int]) -> pd.DataFrame:
    return pd.DataFrame([["opioids", *opioids], ["crack only", *crack]], columns=COLUMNS)


TABLE08 = table((17_700, 17_300, 18_100), (3_000, 2_500, 3_900))
TABLE12 = table((14_300, 13_400, 16_300), (3_400, 2_900, 4_400))


def now() -> hp.Estimate:
    counts = {
        "group": ["opioids", "opioids", "crack only", "crack only"],
        "in_treatment": [1, 0, 1, 0],
        "count": [240, 153, 39, 88],
    }
    survey = hp.Survey(counts, counts="count", strata="group", replicates=500)
    return hp.multiplier({"opioids": 8126, "crack only": 4912}, survey.proportion("in_treatment", by="group"))


def test_tables_and_estimates_go_together() -> None:
    people = now()
    trends = hp.trend({2023: people, 2008: TABLE08, 2012: TABLE12}, by="group")
    assert (trends.groups, trends.times, len(trends)) == (["opioids", "crack only"], [2008, 2012, 2023], 2)
    assert trends["opioids"].estimates.point.round().tolist() == [17_700, 14_300, 13_306]  # type: ignore[union-attr]
    assert trends["crack only"].estimates.interval().loc[2008].round().tolist() == [2_500, 3_900]
    by_hand = hp.trend(
        {
            2008: hp.published(17_700, 17_300, 18_100, name="2008, opioids"),
            2012: hp.published(14_300, 13_400, 16_300, name="2012, opioids"),
            2023: people["opioids"],
        }
    )
    pd.testing.assert_frame_equal(trends.summary().loc["opioids"], by_hand.summary(), check_names=False)
    assert trends.change().point["opioids"] == by_hand.change().point  # type: ignore[index]
    assert trends.change(2012).name == "population size, change 2012 to 2023"
    assert trends.relative(2008, 2012).point.round(2).tolist() == [0.81, 1.13]  # type: ignore[union-attr]  # 14.3 / 17.7, 3.4 / 3
    assert trends.estimates.unstack("time").columns == ("2008", "2012", "2023")
    assert "Estimates of 2008, 2012 and 2023 were set beside one another for each of 2 groups." in trends.methods()


def test_groups_stand_under_headings() -> None:
    rows = hp.trend({2008: TABLE08, 2012: TABLE12}, by="group")._as_table().rows
    assert [row.label for row in rows if row.heading] == ["opioids", "crack only"]
    assert [row.label for row in rows if not row.heading] == ["2008", "2012"] * 2
    assert rows[2].cells[:2] == ("14,300", "13,400 to 16,300")


def test_studies_that_are_not_comparable_say_so() -> None:
    trends = hp.trend({2008: TABLE08, 2012: TABLE12}, by="group", comparable=False, why="recruitment changed")
    assert "Not comparable: recruitment changed." in repr(trends)
    with pytest.raises(InputError, match="Not comparable"):
        trends.change()
    assert "Not comparable: recruitment changed. No change is tested or stated." in trends._as_table().notes


def test_times_read_as_years_or_months() -> None:
    years = {pd.Timestamp(f"{year}-01-01"): one for year, one in ((2008, TABLE08), (2012, TABLE12))}
    assert "opioids, 2008 " in repr(hp.trend(years, by="group"))
    months = {pd.Timestamp("2008-03-01"): TABLE08, pd.Timestamp("2012-01-01"): TABLE12}
    assert "opioids, 2008-03 " in repr(hp.trend(months, by="group"))
    change = hp.trend(months, by="group")["opioids"].change()
    assert change.name == "change 2008-03 to 2012-01"
    people = now()["opioids"]
    assert "2008  " in repr(hp.trend({2008.0: people, 2012.0: people * 1.1}))


def test_a_figure_has_a_line_a_group() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    axes = hp.trend({2008: TABLE08, 2012: TABLE12}, by="group").plot()
    said = " ".join(text.get_text() for text in [*axes.texts, *(axes.get_legend().texts if axes.get_legend() else [])])
    assert "opioids" in said
    assert "crack only" in said


def test_a_report_takes_them() -> None:
    html = hp.Report("r").add(hp.trend({2008: TABLE08, 2012: TABLE12}, by="group")).to_html()
    assert "crack only" in (html or "")


def test_what_has_no_groups_is_refused() -> None:
    with pytest.raises(InputError, match="has one label, where labels by 'group' are wanted"):
        hp.trend({2008: TABLE08, 2012: now()["opioids"]}, by="group")
    with pytest.raises(InputError, match="at one time only"):
        hp.trend({2008: TABLE08, 2012: TABLE12.assign(group=["opiates", "crack only"])}, by="group")
    with pytest.raises(InputError, match="At 2008 stands int"):
        hp.trend({2008: 17_700, 2012: TABLE12}, by="group")  # type: ignore[dict-item]
    survey = hp.Survey({"group": ["a", "b"] * 9, "city": ["x", "x", "y"] * 6, "r": [1, 0, 1] * 6})
    shares = survey.proportion("r", by=["group", "city"])
    with pytest.raises(InputError, match=r"Add up the others: estimate.sum\(by='group'\)"):
        hp.trend({1: shares, 2: shares}, by="group")
    with pytest.raises(InputError, match="no group 'opiates'"):
        hp.trend({2008: TABLE08, 2012: TABLE12}, by="group")["opiates"]
