"""Time-location sampling, against closed forms and a simulated town."""

from __future__ import annotations

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop.errors import InputError

TABLE = pd.DataFrame(
    {
        "bar": ["a", "a", "b", "b", "c", "c"],
        "night": [1, 1, 1, 1, 2, 2],
        "counted": [40, 40, 10, 10, 30, 30],
        "asked": [4, 4, 2, 2, 2, 2],
        "visits": [20, 5, 2, 10, 4, 1],
        "tested": [1, 0, 1, 1, 0, 1],
        "frame": 60,
    }
)


def survey(**options: object) -> hp.Survey:
    given = {"venue": "bar", "day": "night", "attendance": "visits", "counts": "counted", "enrolled": "asked"}
    return hp.Survey.venue_day(TABLE, **{**given, **options})  # type: ignore[arg-type]


def test_weights_in_closed_form() -> None:
    # People present for each enrolled one, by visits; with a frame of 60 venue-days of which 3 were sampled, times 20.
    expected = np.array([10, 10, 5, 5, 15, 15]) / TABLE["visits"]
    np.testing.assert_allclose(survey().weights, expected * 6 / expected.sum())
    np.testing.assert_allclose(survey(events="frame").weights, 20 * expected)
    assert survey().proportion("tested").point == pytest.approx(expected @ TABLE["tested"] / expected.sum())
    assert "3 clusters by venue-day" in str(survey().design)


def test_without_attendance_it_warns() -> None:
    with pytest.warns(hp.HiddenpopWarning, match="come often count for too much"):
        made = hp.Survey.venue_day(TABLE, venue="bar", day="night", counts="counted", enrolled="asked")
    expected = np.array([10, 10, 5, 5, 15, 15])
    np.testing.assert_allclose(made.weights, expected / 10)


def test_design_effect_of_relative_weights() -> None:
    # Kish (1965): about n sum w^2 / (sum w)^2 when weights have nothing to do with answers.
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"v": np.arange(3_000) // 2, "d": 1, "a": rng.choice([1, 10], 3_000), "x": rng.random(3_000) < 0.5}
    )
    effect = hp.Survey.venue_day(table, venue="v", day="d", attendance="a").mean("x").design_effect()
    weight = 1 / table["a"]
    assert effect == pytest.approx(3_000 * (weight**2).sum() / weight.sum() ** 2, rel=0.1)


def test_a_town_is_estimated_without_bias() -> None:
    # Simulation with known truth: people who go out more are met more often, and differ.
    rng = np.random.default_rng(11)
    people, nights = 2_000, 120
    often = rng.choice([2, 30], people)
    tested = rng.random(people) < np.where(often == 30, 0.8, 0.2)
    present = np.array([rng.permutation(nights)[: often.max()] for _ in range(people)])
    goes = np.zeros((people, nights), dtype=bool)
    for i in range(people):
        goes[i, present[i, : often[i]]] = True
    rows = []
    for night in rng.choice(nights, 60, replace=False):
        here = np.flatnonzero(goes[:, night])
        for i in rng.choice(here, 20, replace=False):
            rows.append((night, len(here), 20, often[i], tested[i], nights))
    table = pd.DataFrame(rows, columns=["night", "here", "asked", "visits", "tested", "nights"]).assign(bar="x")
    town = hp.Survey.venue_day(
        table, venue="bar", day="night", attendance="visits", counts="here", enrolled="asked", events="nights"
    )
    share, size = town.proportion("tested"), town.count()
    assert table["tested"].mean() > 0.7  # taken at face value it is far off
    assert abs(share.point - tested.mean()) < 3 * share.se("linearized")
    assert abs(size.point - people) < 3 * size.se("linearized")


BAD = {
    "never": ({"visits": [0, 5, 2, 10, 4, 1]}, "not above zero in 1 row"),
    "unknown": ({"visits": [None, 5, 2, 10, 4, 1]}, "missing or not above zero"),
    "differs": ({"counted": [40, 41, 10, 10, 30, 30]}, "differs within a venue-day"),
    "more asked": ({"asked": [4, 4, 20, 20, 2, 2]}, "fewer counted"),
    "more rows": ({"asked": [1, 1, 2, 2, 2, 2]}, "fewer enrolled"),
    "nowhere": ({"bar": [None, "a", "b", "b", "c", "c"]}, "everyone was met somewhere"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_venue_days(name: str) -> None:
    changes, message = BAD[name]
    with pytest.raises(InputError, match=message):
        hp.Survey.venue_day(
            TABLE.assign(**changes), venue="bar", day="night", attendance="visits", counts="counted", enrolled="asked"
        )
