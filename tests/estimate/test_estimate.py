"""Estimates: values that are joint, labelled and never change."""

import copy

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.answers import statistic

from .. import facts


def test_an_estimate_is_frozen(people: hp.Estimate) -> None:
    with pytest.raises(AttributeError):
        people.name = "other"  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        people.draws[0, 0] = 1
    assert copy.deepcopy(people) is people


def test_estimates_of_one_survey_are_joint(shares: tuple[hp.Estimate, hp.Estimate], interviews: pd.DataFrame) -> None:
    # Closed form: the plug-in covariance of two means of one sample of n is cov(x, y) / n.
    a, b = (s["opioids"] for s in shares)
    rows = interviews[interviews["group"] == "opioids"]
    covariance = np.cov(rows["in_treatment"], rows["uses_crack"], ddof=0) / len(rows)
    expected = np.array([[1, -1], [1, 1]]) @ covariance @ np.array([[1, 1], [-1, 1]])
    # A variance from R draws has a relative s.e. of sqrt(2 / R) = 1%; four of those.
    assert (a - b).se() ** 2 == pytest.approx(expected[0, 0], rel=0.04)
    assert (a + b).se() ** 2 == pytest.approx(expected[1, 1], rel=0.04)
    assert np.isclose((a - a).draws, 0).all()


def test_estimates_of_different_surveys_are_independent() -> None:
    a, b = (
        hp.Survey({"x": [1, 0], "n": [30, 70]}, counts="n", replicates=20_000, name=name).proportion("x")
        for name in ("first", "second")
    )
    # The correlation of independent draws has s.e. 1 / sqrt(R) = 0.7%.
    assert abs(np.corrcoef(a.draws[0], b.draws[0])[0, 1]) < 0.03
    assert (a - b).se() ** 2 == pytest.approx(a.se() ** 2 + b.se() ** 2, rel=0.04)


def test_vcov_is_the_covariance_of_draws(shares: tuple[hp.Estimate, hp.Estimate]) -> None:
    matrix = shares[0].vcov()
    np.testing.assert_allclose(matrix, np.cov(shares[0].draws))
    assert list(matrix.columns) == ["opioids", "crack only"]


def test_rates_per_population(people: hp.Estimate) -> None:
    rate = people.per(11_700_000, base=1000)
    np.testing.assert_allclose(rate.draws, people.draws / 11_700)
    assert people.per({"opioids": 1e6, "crack only": 2e6}).point["crack only"] == pytest.approx(
        people.point["crack only"] / 2000
    )
    with pytest.raises(InputError, match="population above zero"):
        people.per(0)


def test_rename(people: hp.Estimate) -> None:
    renamed = people.rename({"opioids": "opioids (with or without crack)"})
    assert list(renamed.labels) == ["opioids (with or without crack)", "crack only"]
    assert renamed["crack only"].rename("crack").name == "crack"
    with pytest.raises(InputError, match="no label 'heroin'"):
        people.rename({"heroin": "x"})
    with pytest.raises(InputError, match="two labels the same name"):
        people.rename({"opioids": "crack only"})


def test_one_pass_serves_a_whole_expression(interviews: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    reader = statistic.TotalsReader
    monkeypatch.setattr(statistic, "TotalsReader", lambda sample, s: calls.append(len(s)) or reader(sample, s))
    survey = hp.Survey(interviews, strata="group")
    people = hp.multiplier(facts.OPAAK_BENCHMARKS, survey.proportion("in_treatment", by="group"))
    total = (people * survey.proportion("uses_crack", by="group") * survey.mean("age", by="group")).sum()
    assert total.draws.shape == (1, 10_000)
    assert calls == [3]


def test_to_xarray(people: hp.Estimate) -> None:
    pytest.importorskip("xarray")
    array = people.to_xarray()
    assert array.dims == ("label", "replicate")
    np.testing.assert_array_equal(array.sel(label="opioids"), people.draws[0])


def test_impossible_rates(people: hp.Estimate) -> None:
    with pytest.raises(InputError, match="population is smaller"):
        people.per(100)
    with pytest.raises(InputError, match="zero or less"):
        people.per(hp.normal(1_000_000, 600_000))


def test_summary_is_tidy(people: hp.Estimate) -> None:
    summary = people.summary()
    assert list(summary.columns) == ["estimate", "lower", "upper", "se", "n", "missing", "method"]
    assert summary["missing"].tolist() == [0, 0]
    assert people.summary(0.9, "normal")["method"].iloc[0] == "multiplier; 90% normal"
    ends = people.interval(0.9, "normal")
    np.testing.assert_array_equal(people.summary(0.9, "normal")[["lower", "upper"]], ends)


def test_n_is_unknown_where_groups_mix(people: hp.Estimate) -> None:
    assert people.sum().summary()["n"].isna().all()
    assert (
        (
            people
            / people[["crack only", "opioids"]]
            .rename({"opioids": "x", "crack only": "y"})
            .rename({"x": "crack only", "y": "opioids"})
        )
        .summary()["n"]
        .isna()
        .all()
    )


def test_synthetic_data_say_so_everywhere(interviews: pd.DataFrame) -> None:
    survey = hp.Survey(interviews, strata="group")
    people = hp.multiplier(facts.OPAAK_BENCHMARKS, survey.proportion("in_treatment", by="group")).sum()
    for text in (repr(survey), people._repr_html_(), people.methods(), people.to_json()):
        assert "SYNTHETIC" in text
    assert "SYNTHETIC" in hp.read_estimate(people.to_json())._repr_html_()
    assert "SYNTHETIC" in people.plot().get_title(loc="left")
