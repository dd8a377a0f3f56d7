"""Linearisation: the redraws' variance, textbook formulas, degrees of freedom, and where there is none."""

from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, HiddenpopWarning

from ..schools import DESIGNS, table


def test_redraws_have_the_linearised_variance(case: tuple[hp.Survey, dict[str, Any]]) -> None:
    # Rao and Wu (1988): for totals the two variances are equal in expectation; 40,000 draws fix a standard error to
    # 0.35% (the kurtosis of so few clusters' totals may double that).
    survey, _ = case
    total = survey.total("enroll").replay(replicates=40_000)
    assert total.se() == pytest.approx(total.se("linearized"), rel=0.02)
    assert total.draws.mean() == pytest.approx(total.point, rel=0.01)


def test_simple_designs_linearise_to_the_textbook() -> None:
    # Closed form: var(p) = p q / (n - 1), the same for rows, kinds and counts.
    rows = pd.DataFrame({"x": [1] * 30 + [0] * 70, "id": range(100)})
    for survey in (
        hp.Survey(rows),
        hp.Survey(rows[["x"]]),
        hp.Survey({"x": [1, 0], "n": [30, 70]}, counts="n"),
        hp.Survey(rows.assign(w=1.0), weights="w"),
    ):
        assert survey.proportion("x").se("linearized") == pytest.approx(np.sqrt(0.3 * 0.7 / 99), rel=1e-12)


def test_the_delta_method_goes_through_any_arithmetic(interviews: pd.DataFrame) -> None:
    survey = hp.Survey(interviews, clusters="city", strata=None)
    group = survey.proportion("in_treatment", by="group")
    uses = survey.proportion("uses_crack", by="group")
    people = hp.multiplier({"opioids": 8126, "crack only": 4912}, group)
    total = (people * uses * hp.beta(5_000, 1_250, name="completeness")).sum("all")
    # By hand: N_g u_g c, with the covariance of the four shares; the input adds its own variance.
    shares = hp.concat({"p": group, "u": uses})
    covariance = shares.vcov("linearized").to_numpy()
    size, use, p = people.point.to_numpy(), uses.point.to_numpy(), group.point.to_numpy()
    gradient = 0.8 * np.concatenate([-size * use / p, size])
    expected = gradient @ covariance @ gradient + (size @ use) ** 2 * 0.8 * 0.2 / 6251
    assert total.se("linearized") == pytest.approx(np.sqrt(expected), rel=1e-3)  # the input's variance is drawn
    for ours, theirs in (
        (hp.apply(np.log, people), people.se("linearized") / people.point),
        (people**2, 2 * people.point * people.se("linearized")),
        (1 / people, people.se("linearized") / people.point**2),
        (-people / 3 + 7, people.se("linearized") / 3),
    ):
        np.testing.assert_allclose(ours.se("linearized"), theirs, rtol=1e-6)


def test_degrees_of_freedom() -> None:
    strat, clus = (hp.Survey(table(d), **DESIGNS[d]) for d in ("strat", "clus1"))
    assert (strat.record.df, clus.record.df) == (197, 14)
    # Few clusters: t by the jackknife is the default, and the table says so.
    assert clus.mean("api00").summary()["method"].iloc[0] == "mean; 95% jackknife"
    assert clus.mean("api00").summary()["se"].iloc[0] == pytest.approx(clus.mean("api00").se("jackknife"))
    assert strat.mean("api00").summary()["method"].iloc[0] == "mean; 95% t"
    assert "t (linearised" in clus.mean("api00").methods(method="t")
    size = hp.multiplier(10_000, clus.proportion("awards"))
    ends = size.interval(method="t").iloc[0]
    assert ends["lower"] * ends["upper"] == pytest.approx(size.point**2)  # symmetric on the log scale
    # By default the image of the share's interval.
    low, high = clus.proportion("awards").interval().iloc[0]
    assert size.interval().iloc[0].tolist() == pytest.approx([10_000 / high, 10_000 / low])


def test_a_t_interval_without_width_says_why() -> None:
    survey = hp.Survey({"k": [1, 1, 2, 2, 3, 3], "x": [0] * 6, "y": [1] * 6}, clusters="k")
    for est in (survey.proportion("x"), hp.multiplier(100, survey.proportion("y"))):
        with pytest.warns(HiddenpopWarning, match="standard error is zero"):
            assert est.interval().isna().all(axis=None)
        assert "standard error is zero" in repr(est)


def test_quantiles_have_no_linearised_error() -> None:
    clus = hp.Survey(table("clus1"), **DESIGNS["clus1"])
    with pytest.raises(EstimationError, match="no linearised standard error"):
        clus.median("api00").se("linearized")
    assert clus.median("api00").summary()["method"].iloc[0] == "quantile; 95% woodruff"
