"""Trends: published figures beside one another, against closed forms and the study's own caution."""

from __future__ import annotations

import re

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop.errors import InputError


def normals() -> dict[int, hp.Estimate]:
    return {
        2023: hp.normal(90, 3, name="now"),
        2012: hp.normal(100, 4, name="then"),
        2008: hp.normal(110, 5, name="first"),
    }


def test_changes_in_closed_form() -> None:
    # Independent normals: the difference has variance 3^2 + 4^2, and is above zero with the chance of 10 / 5 s.d.
    trend = hp.trend(normals())
    assert trend.times == [2008, 2012, 2023]
    change = trend.change(2012, 2023)
    assert change.point == -10
    assert change.se() == pytest.approx(5, rel=0.03)
    assert trend.increase(2012, 2023) == pytest.approx(0.02275, abs=0.006)
    assert trend.relative(2012, 2023).point == pytest.approx(0.9)
    assert trend.change().point == -20
    table = trend.summary()
    assert np.isnan(table.loc[2008, "change"])
    assert table.loc[2023, "relative"] == pytest.approx(-0.1)
    assert table.loc[2023, "change_lower"] == pytest.approx(-10 - 1.96 * 5, abs=0.5)
    assert table.loc[2012, "increase"] == trend.increase(2008, 2012)


def test_contrasts_of_times_in_closed_form() -> None:
    # Independent normals: variance is the sum of w^2 s^2.
    made = hp.contrast(hp.trend(normals()), {2023: 1, 2012: -0.5, 2008: -0.5}, name="late against early")
    assert made.point == -15
    assert made.se() == pytest.approx(np.sqrt(9 + 4 + 6.25), rel=0.03)
    assert hp.contrast(normals(), {2023: 1, 2012: -1}).point == -10
    withheld = hp.trend(normals(), comparable=False, why="recruitment changed")
    with pytest.raises(InputError, match="recruitment changed"):
        hp.contrast(withheld, {2023: 1, 2012: -1})


def test_published_figures_keep_their_limits() -> None:
    # The Dutch study's opioid figures: what was printed comes out as printed.
    sizes = {2012: hp.published(14_300, 13_400, 16_300, name="a"), 2023: hp.published(13_300, 12_600, 14_200, name="b")}
    table = hp.trend(sizes).summary()
    assert table[["estimate", "lower", "upper"]].round().to_numpy().tolist() == [
        [14300, 13400, 16300],
        [13300, 12600, 14200],
    ]


def test_what_is_not_comparable_says_so_everywhere() -> None:
    trend = hp.trend(normals(), comparable=False, why="recruitment and estimation method changed.")
    caveat = "Not comparable: recruitment and estimation method changed. No change is tested or stated."
    assert trend.caveat == caveat
    assert caveat in repr(trend)
    assert caveat in trend._repr_html_()
    assert caveat in trend.methods()
    assert (trend.summary()["caveat"] == caveat).all()
    assert "change" not in trend.summary()
    axes = trend.plot()
    assert axes.get_title(loc="left").replace("\n", " ") == caveat
    assert not any(len(line.get_xdata()) == 3 and line.get_linestyle() == "-" for line in axes.lines)
    for ask in (trend.change, trend.relative, trend.increase):
        with pytest.raises(InputError, match="Not comparable"):
            ask()


def test_figure_of_comparable_studies_is_joined() -> None:
    axes = hp.trend(normals(), name="people").plot()
    assert any(list(line.get_xdata()) == [2008, 2012, 2023] and line.get_linestyle() == "-" for line in axes.lines)
    assert axes.get_ylabel().startswith("people")
    assert axes.get_ylim()[0] == 0


def test_two_waves_of_one_survey_stay_joint() -> None:
    # The same people asked twice: their answers are redrawn together, so a constant shift has no spread.
    survey = hp.Survey(pd.DataFrame({"before": [1.0, 2, 3, 4, 5], "after": [2.0, 3, 4, 5, 6]}))
    trend = hp.trend({1: survey.mean("before"), 2: survey.mean("after")})
    assert trend.change().se() == pytest.approx(0, abs=1e-12)


BAD = {
    "one time": ({2012: hp.normal(1, 1, name="x")}, {}, "two times or more"),
    "number": ({2012: 14_300, 2023: hp.normal(1, 1, name="x")}, {}, "Published figures enter by hp.published"),
    "no reason": (normals(), {"comparable": False}, "Say why"),
    "reason": (normals(), {"why": "because"}, "add comparable=False"),
    "mixed": ({1: hp.beta(2, 3, name="b"), 2: hp.published(10, 8, 13, name="c")}, {}, "of one quantity"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_trends(name: str) -> None:
    estimates, options, message = BAD[name]
    with pytest.raises(InputError, match=message):
        hp.trend(estimates, **options)


def test_unknown_times_are_named() -> None:
    with pytest.raises(InputError, match="no time 2013"):
        hp.trend(normals()).change(2013)
    with pytest.raises(InputError, match="both are 2012"):
        hp.trend(normals()).change(2012, 2012)


def test_published_limits_stay_beside_a_survey_s_t_interval() -> None:
    # 14 clusters leave 13 degrees of freedom, so the survey's own interval is t; what was published stays as it was.
    frame = {"spot": np.repeat(np.arange(14), 5), "registered": np.tile([1, 0, 0, 1, 0, 0, 1], 10)}
    people = hp.multiplier(500, hp.Survey(frame, clusters="spot").proportion("registered"))
    trend = hp.trend({2016: hp.published(1_900, 1_500, 2_600, name="2016"), 2024: people})
    table = trend.summary()
    assert table.loc[2016, ["lower", "upper"]].tolist() == pytest.approx([1_500, 2_600])
    assert table.loc[2024, ["lower", "upper"]].tolist() == pytest.approx(people.interval().to_numpy()[0].tolist())
    assert trend.estimates[2016].interval().to_numpy()[0].tolist() == pytest.approx([1_500, 2_600])
    assert trend.estimates[[2024]].interval().to_numpy()[0].tolist() == pytest.approx(
        people.interval().to_numpy()[0].tolist()
    )


def test_times_in_words_stay_in_the_order_given() -> None:
    one, two = normals()[2008], normals()[2012]
    assert hp.trend({"spring 2016": one, "autumn 2016": two}).times == ["spring 2016", "autumn 2016"]
    assert hp.trend({"2023": one, "2016": two}).times == ["2016", "2023"]
    assert hp.trend({"2023-05": one, "2016-11": two}).times == ["2016-11", "2023-05"]


def test_published_shares_are_shares() -> None:
    survey = hp.Survey({"registered": [1, 0, 0, 1, 1, 0] * 20}, replicates=500, seed=3)
    then = hp.published(0.40, 0.35, 0.46, name="then", replicates=500, seed=3)
    trend = hp.trend({2020: then, 2024: survey.proportion("registered")})
    assert trend.estimates.quantity == "share"
    assert repr(trend).startswith("proportion of registered\n")
    assert re.search("2020 +40.0% +35.0% to 46.0%", repr(trend))
    assert trend.change().point == pytest.approx(0.10)
    # The same quantity as before it was read as a share, draw by draw.
    assert (trend.estimates[2020].draws == then.draws).all()
    both = hp.trend({2016: hp.published(0.3, 0.2, 0.45, name="first"), 2020: then.rename("then")})
    assert both.estimates.quantity == "share"
    with pytest.raises(InputError, match="of one quantity"):
        hp.trend({2020: hp.published(400, 350, 460, name="size"), 2024: survey.proportion("registered")})
