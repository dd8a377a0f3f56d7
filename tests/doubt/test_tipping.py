"""Tipping points in closed form, and comparisons that have none."""

from __future__ import annotations

import math
from typing import Any

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop.errors import InputError

from .. import facts


def test_tipping_points_in_closed_form(study: hp.Sensitivity, people: hp.Estimate) -> None:
    # N = B (39 + 88 odds) / (39 c) crosses 20,000 at c = 0.79977 and, at c = 0.8, at odds = 1.0004.
    table = study.tipping_point(people > 20_000)
    assert table.loc["completeness", "tips_at"] == pytest.approx(facts.CRACK / 20_000, abs=1e-8)
    odds = (20_000 * 0.8 * 39 / facts.OPAAK_BENCHMARKS["crack only"] - 39) / 88
    assert table.loc["odds", "tips_at"] == pytest.approx(odds, abs=1e-8)
    assert not table["holds"].any()
    assert "holds from here up" in table.loc["odds", "note"]
    for same in (
        study.tipping_point(above=20_000),
        study.tipping_point((people > 20_000)["opioids"]),
        study.tipping_point(lambda n: n > 20_000),
    ):
        assert same["tips_at"].to_numpy() == pytest.approx(table["tips_at"].to_numpy(), abs=2e-5)
    below = study.tipping_point(below=20_000)
    assert below["holds"].all()
    assert below["tips_at"].to_numpy() == pytest.approx(table["tips_at"].to_numpy())


def test_what_never_tips_says_so(study: hp.Sensitivity) -> None:
    table = study.tipping_point(above=30_000)
    assert np.isnan(table.loc["completeness", "tips_at"])
    assert "not within the range" in table.loc["completeness", "note"]
    assert "highest 26,700 at 0.6" in table.loc["completeness", "note"]
    assert table.loc["odds", "tips_at"] > 1
    throughout = study.tipping_point(above=5_000)
    assert "holds throughout (lowest 16,000 at 1)" in throughout.loc["completeness", "note"]


def test_listed_values_and_turning_back(crack: hp.Estimate) -> None:
    listed = hp.sensitivity(lambda x: crack * x, x=[1, 1.2, 1.4, 1.6, 1.8]).tipping_point(below=1.5 * facts.CRACK)
    assert listed.loc["x", "tips_at"] == 1.6
    # 1 + x (1 - x) is above 1.2 between the roots of x^2 - x + 0.2: 0.276 and 0.724; the base 0.4 is nearer to the first.
    turning = hp.sensitivity(lambda x: crack * (1 + x * (1 - x)), x=(0, 1), base={"x": 0.4})
    found = turning.tipping_point(above=1.2 * facts.CRACK)
    assert found.loc["x", "tips_at"] == pytest.approx((1 - math.sqrt(0.2)) / 2, abs=1e-7)
    assert "changes again" in found.loc["x", "note"]


def test_tipping_probability_in_closed_form() -> None:
    # X / c > 100 in 95% of draws of X ~ N(100, 10) while c < (100 - 1.645 * 10) / 100.
    x = hp.normal(100, 10, name="x")
    found = hp.sensitivity(lambda c: x / c, c=(0.5, 1)).tipping_point(above=100, probability=0.95)
    assert found.loc["c", "holds"]
    assert found.loc["c", "tips_at"] == pytest.approx(0.83551, abs=0.004)


def test_comparisons_that_fit_nothing(study: hp.Sensitivity, survey: hp.Survey, people: hp.Estimate) -> None:
    share = survey.proportion("in_treatment", by="group")["crack only"]
    bad: dict[str, Any] = {
        "about a share, and the model returns a size": share > 0.3,
        "compares with no single number": people["crack only"] > people["opioids"],
        "no single comparison": (people > 1) & (people < 2),
        "is no comparison. Write people > 20000": 20_000,
        "should return one comparison": lambda n: n,
    }
    for message, event in bad.items():
        with pytest.raises(InputError, match=message):
            study.tipping_point(event)
    with pytest.raises(InputError, match="Give one conclusion"):
        study.tipping_point()
    with pytest.raises(InputError, match="Give one conclusion"):
        study.tipping_point(above=1, below=2)
    with pytest.raises(InputError, match="between 0 and 1"):
        study.tipping_point(above=1, probability=95)
    with pytest.raises(InputError, match="above='many'"):
        study.tipping_point(above="many")  # type: ignore[arg-type]


def test_a_comparison_of_something_else_is_no_conclusion() -> None:
    """Only the number of a comparison is used, so it must be about such a quantity as the model returns."""
    result = hp.published(1_000, 800, 1_300, name="size") * hp.beta(80, 20, name="completeness")
    study = hp.sensitivity(result, completeness=(0.6, 1))
    assert study.tipping_point(result > 700)["tips_at"].iloc[0] == pytest.approx(0.7)  # 1,000 times it
    for event in (1 / result > 0.001, result / result > 1):
        with pytest.raises(InputError, match="is about"):
            study.tipping_point(event)
