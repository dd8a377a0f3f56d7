"""Strata with a single cluster."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, HiddenpopWarning, InputError


def test_certainty_and_corrections() -> None:
    # A stratum sampled whole, and a lonely one taken as certain, add nothing to the variance.
    base = {"h": [1, 1, 2, 2, 3], "x": [1.0, 3.0, 5.0, 9.0, 4.0], "w": [1.0] * 5}
    survey = hp.Survey({**base, "N": [2, 2, 8, 8, 6]}, strata="h", weights="w", fpc="N", lonely="certainty")
    # By hand: only stratum 2 varies, (1 - 2/8) * 2/1 * sum (x - 7)^2 = 0.75 * 2 * 8 = 12.
    assert survey.total("x").se("linearized") == pytest.approx(np.sqrt(12))
    assert survey.total("x").se() == pytest.approx(np.sqrt(12), rel=0.03)
    fractions = hp.Survey({**base, "N": [1, 1, 0.25, 0.25, 1]}, strata="h", weights="w", fpc="N")
    assert fractions.total("x").se("linearized") == pytest.approx(np.sqrt(12))


def test_strata_with_one_cluster_are_given_a_variance() -> None:
    frame = pd.DataFrame({"h": [1, 1, 2, 2, 2, 3], "x": [1.0, 3.0, 5.0, 9.0, 4.0, 6.0], "w": [2.0, 2, 1, 1, 1, 3]})
    z = (frame["x"] * frame["w"]).to_numpy()
    known = 2 * z[:2].var(ddof=1) + 3 * z[2:5].var(ddof=1)
    # As R documents survey.lonely.psu: about the grand mean of all units' totals; or the average of the others.
    expected = {"adjust": known + (z[5] - z.mean()) ** 2, "average": known * 1.5, "certainty": known}
    for lonely, variance in expected.items():
        survey = hp.Survey(frame, strata="h", weights="w", lonely=lonely)
        assert survey.total("x").se("linearized") == pytest.approx(np.sqrt(variance), rel=1e-12)
        assert survey.record.df == 3
        if lonely == "certainty":
            continue
        total = survey.total("x")
        assert total.se() == pytest.approx(np.sqrt(variance), rel=1e-12)
        with pytest.warns(HiddenpopWarning, match="rests on 3 degrees of freedom"):
            assert total.summary()["method"].item() == "total; 95% t"
        assert "linearisation, where a stratum" in str(survey.design)
        assert hp.read_estimate(total.to_json()).se() == total.se()
        assert "linearisation" in total.methods()
        with pytest.warns(HiddenpopWarning, match="rests on 3 degrees of freedom"):
            assert survey.median("x").summary()["method"].item() == "quantile; 95% woodruff"
        with pytest.raises(EstimationError, match="linearisation alone"):
            _ = total.draws
        with pytest.raises(EstimationError, match="linearisation alone"):
            total.interval(method="percentile")
        with pytest.raises(InputError, match="single cluster is not defined"):
            total.se("jackknife")
        with pytest.raises(InputError, match="single cluster is not defined"):
            survey.with_replicates("JKn")
        with pytest.raises(InputError, match="linearisation alone"):
            survey.to_replicate_weights()
    # Where no stratum is lonely the choice changes nothing.
    whole = hp.Survey(frame[:5], strata="h", weights="w", lonely="adjust").total("x")
    assert whole.draws.shape == (1, 10_000)
    # Without weights too.
    plain = hp.Survey(frame, strata="h", lonely="average").total("x")
    assert plain.se() == pytest.approx(np.sqrt(1.5 * (2 * 2 + 3 * np.array([5, 9, 4]).var(ddof=1))), rel=1e-12)


def test_the_design_names_lonely_strata() -> None:
    table = {"h": ["a", "a", "b", "b", "c"], "k": [1, 2, 3, 4, 5], "x": [1.0, 2, 3, 4, 5]}
    design = hp.Survey(table, strata="h", clusters="k", lonely="certainty").design
    assert "1 stratum with a single cluster (c) taken for certain" in design.sentence
