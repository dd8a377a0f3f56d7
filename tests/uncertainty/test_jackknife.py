"""The jackknife: R's numbers, and through any arithmetic."""

from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop.uncertainty.jackknife import acceleration

from ..schools import close


def test_jackknife(case: tuple[hp.Survey, dict[str, Any]]) -> None:
    # JK1 and JKn, centred on the mean of the replicates as in the reference.
    survey, r = case
    mean = survey.mean("api00")
    close(mean.se("jackknife", centre="mean"), r["reps"]["jackknife"]["se"])
    # A sum of squares is least about the mean.
    assert mean.se("jackknife") >= mean.se("jackknife", centre="mean") * (1 - 1e-12)


def test_the_jackknife_goes_through_any_arithmetic(interviews: pd.DataFrame) -> None:
    # By brute force: leave out each city, scale the rest, and estimate again.
    survey = hp.Survey(interviews, clusters="city")
    total = (
        hp.multiplier({"opioids": 8126, "crack only": 4912}, survey.proportion("in_treatment", by="group"))
        * survey.proportion("uses_crack", by="group")
    ).sum()
    cities = interviews["city"].unique()
    values = []
    for city in cities:
        rest = interviews[interviews["city"] != city].groupby("group")[["in_treatment", "uses_crack"]].mean()
        values.append(8126 / rest.loc["opioids", "in_treatment"] * rest.loc["opioids", "uses_crack"])
        values[-1] += 4912 / rest.loc["crack only", "in_treatment"]
    expected = np.sqrt((len(cities) - 1) / len(cities) * ((np.array(values) - total.point) ** 2).sum())
    assert total.se("jackknife") == pytest.approx(expected, rel=1e-9)


def test_kinds_jackknife_as_their_rows() -> None:
    rows = pd.DataFrame({"x": [1] * 30 + [0] * 70})
    by_row = hp.Survey(rows.assign(id=range(100))).proportion("x").se("jackknife")
    assert hp.Survey({"x": [1, 0], "n": [30, 70]}, counts="n").proportion("x").se("jackknife") == pytest.approx(by_row)
    assert by_row == pytest.approx(np.sqrt(0.3 * 0.7 / 99))


def test_acceleration_is_a_sixth_of_the_skewness() -> None:
    # Closed form for a mean: sum d^3 / (6 (sum d^2)^(3/2)) with d the deviations (Efron 1987, eq. 7.3).
    values = np.random.default_rng(2).lognormal(size=40)
    off = values - values.mean()
    expected = (off**3).sum() / (6 * (off**2).sum() ** 1.5)
    for survey in (hp.Survey({"x": values}), hp.Survey({"x": values, "n": [1] * 40}, counts="n")):
        assert acceleration(survey.mean("x").node)[0] == pytest.approx(expected, rel=1e-9)
