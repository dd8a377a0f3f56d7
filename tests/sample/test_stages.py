"""Several stages of sampling, and the Bayesian bootstrap."""

from __future__ import annotations

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop.errors import InputError

from .. import facts


def clus2(**options: object) -> hp.Survey:
    # R survey's apiclus2, its columns for the design, without names.
    return hp.Survey(pd.read_csv(facts.DATA / "apiclus2.csv"), weights="pw", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("clusters", ["dnum", ["dnum", "snum"]])
def test_two_stages_as_printed_by_r(clusters: object) -> None:
    # R survey, help page of svymean: dclus2 = svydesign(id=~dnum+snum, fpc=~fpc1+fpc2): api00 670.81, SE 30.099;
    # enroll (na.rm) 2639273, SE 799638.
    survey = clus2(clusters=clusters, fpc=["fpc1", "fpc2"], replicates=20_000)
    mean = survey.mean("api00")
    with pytest.warns(hp.HiddenpopWarning, match="leaves out"):
        total = survey.total("enroll")
    assert (round(mean.point, 2), round(mean.se("linearized"), 3)) == (670.81, 30.099)
    assert (round(total.point), round(total.se("linearized"))) == (2639273, 799638)
    # A total is linear, so redraws have the same variance but for the Monte Carlo error of 20,000.
    assert total.se() == pytest.approx(799638, rel=0.02)
    assert "stage by stage" in str(survey.design)
    assert (survey.to_replicate_weights(200) >= 0).all(axis=None)


def test_one_stage_ignores_the_second() -> None:
    one, two = clus2(clusters="dnum", fpc="fpc1"), clus2(clusters="dnum", fpc=["fpc1", "fpc2"])
    assert one.mean("api00").se("linearized") < two.mean("api00").se("linearized")


def test_jackknife_leaves_out_clusters_of_the_first_stage() -> None:
    # Without corrections the jackknife of two stages is that of one.
    one, two = clus2(clusters="dnum", fpc="fpc1"), clus2(clusters="dnum", fpc=["fpc1", "fpc2"])
    assert two.mean("api00").se("jackknife") == pytest.approx(one.mean("api00").se("jackknife"), rel=1e-9)
    assert np.isfinite(two.mean("api00").interval(method="bca")).all(axis=None)


def test_a_census_of_clusters_leaves_the_second_stage() -> None:
    # Closed form: with all clusters taken the design is a stratified sample within them.
    rng = np.random.default_rng(5)
    table = pd.DataFrame({"city": np.repeat([1, 2, 3], 40), "x": rng.normal(size=120), "all": 3, "people": 100})
    staged = hp.Survey(table, clusters="city", fpc=["all", "people"], replicates=20_000)
    strata = hp.Survey(table, strata="city", fpc="people")
    expected = strata.mean("x").se("linearized")
    assert staged.mean("x").se("linearized") == pytest.approx(expected, rel=1e-12)
    assert staged.mean("x").se() == pytest.approx(expected, rel=0.02)


def test_bad_stages() -> None:
    with pytest.raises(InputError, match="names 3 stages, but there are 2"):
        clus2(clusters="dnum", fpc=["fpc1", "fpc2", "pw"])
    with pytest.raises(InputError, match="clusters have a single participant: '15 in all'"):
        clus2(clusters="dnum", fpc=["fpc1", "pw"])
    with pytest.raises(InputError, match="one stage only"):
        clus2(clusters="dnum", fpc=["fpc1", "fpc2"], redraws="bayesian")
    with pytest.raises(InputError, match="redraws='jackknife'"):
        clus2(redraws="jackknife")


def test_bayesian_bootstrap_has_rubins_moments() -> None:
    # Rubin (1981): a share follows Beta(yes, no): mean p and variance p (1 - p) / (n + 1).
    survey = hp.Survey({"yes": [1, 0], "count": [30, 70]}, counts="count", redraws="bayesian", replicates=50_000)
    draws = survey.proportion("yes").draws[0]
    assert draws.mean() == pytest.approx(0.3, abs=0.001)
    assert draws.var() == pytest.approx(0.21 / 101, rel=0.03)
    assert "Bayesian bootstrap" in survey.proportion("yes").methods()
    assert (
        survey.proportion("yes").draws[0, 0]
        != hp.Survey({"yes": [1, 0], "count": [30, 70]}, counts="count").proportion("yes").draws[0, 0]
    )


def test_bayesian_bootstrap_of_clusters_has_the_unbiased_variance() -> None:
    # Closed form: with a concentration of (n - 2) / n a total has the linearised variance.
    survey = clus2(clusters="dnum", redraws="bayesian", replicates=20_000)
    total = survey.total("api00")
    assert total.se() == pytest.approx(total.se("linearized"), rel=0.02)
    assert (survey.to_replicate_weights(100) > 0).all(axis=None)
