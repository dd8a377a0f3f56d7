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


def test_jackknife_leaves_out_units_of_every_stage() -> None:
    # Closed form: a total is linear, so without each unit of each stage, its squares times the fractions above, it has the
    # linearised variance, which R's survey prints (799638 without rounding). Of one stage it is the textbook's.
    two = clus2(clusters="dnum", fpc=["fpc1", "fpc2"])
    with pytest.warns(hp.HiddenpopWarning, match="leaves out"):
        total = two.total("enroll")
    assert total.se("jackknife") == pytest.approx(total.se("linearized"), rel=1e-9)
    assert np.isfinite(two.mean("api00").interval(method="bca")).all(axis=None)
    # What is refitted without each unit has weights for it: those of which the totals are.
    for survey in (two, two.calibrate({"fpc1": 757.0 * 6000}, method="linear")):
        deletable, scores = survey.sample.sampling.deletable, survey.sample.answers("api00")
        (totals,) = deletable.without_each([scores])
        assert len(totals) == len(deletable.stratum) == 40 + 126
        varies = np.isfinite(totals)
        assert (np.concatenate(list(deletable.deleted())) @ scores)[varies] == pytest.approx(totals[varies])


def nested() -> pd.DataFrame:
    """Four clusters of three smaller ones of two people."""
    return pd.DataFrame(
        {
            "p": np.repeat([1, 2, 3, 4], 6),
            "q": np.tile(np.repeat([1, 2, 3], 2), 4),
            "w": 10.0,
            "y": [1, 2, 9, 8, 4, 4, 3, 1, 7, 7, 2, 2, 8, 9, 1, 2, 5, 5, 2, 2, 6, 9, 3, 1],
        }
    )


def test_later_stages_count_where_the_first_has_a_correction() -> None:
    # R 4.2.2, survey 4.5: SE(svymean(~y, svydesign(ids=~p+q, fpc=~N, weights=~w))) is 0.8611335, as with fpc=~N+M and M of
    # 1e9 (in survey 4.1 too); with all four clusters taken 0.9492321; of one stage 0.1439361.
    table = nested().assign(N=5, M=np.inf)
    for clusters, fpc, expected in (
        (["p", "q"], "N", 0.8611335),
        (["p", "q"], ["N", "M"], 0.8611335),
        ("p", "N", 0.1439361),
    ):
        mean = hp.Survey(table, clusters=clusters, fpc=fpc, weights="w", replicates=20_000).mean("y")
        assert mean.se("linearized") == pytest.approx(expected, rel=1e-6)
        assert mean.se() == pytest.approx(expected, rel=0.03)
        assert mean.se("jackknife") == pytest.approx(expected, rel=1e-6)
    survey = hp.Survey(table, clusters=["p", "q"], fpc="N", weights="w")
    assert "stage by stage" in str(survey.design)
    assert "Survey Methodology 18:209-217" in survey.mean("y").methods()
    taken = hp.Survey(table.assign(N=4), clusters=["p", "q"], fpc="N", weights="w", replicates=20_000)
    assert taken.mean("y").se("linearized") == pytest.approx(0.9492321, rel=1e-6)
    # Three stages, people in the last one: their part counts times both fractions (Cochran 1977, section 10.8).
    three = hp.Survey(table.assign(M=6, K=4), clusters=["p", "q"], fpc=["N", "M", "K"], weights="w").mean("y")
    assert three.se("linearized") > hp.Survey(table.assign(M=6), clusters=["p", "q"], fpc=["N", "M"], weights="w").mean(
        "y"
    ).se("linearized")
    # A first stage of which the sample is no part: later ones don't count (R: fpc of Inf).
    endless = hp.Survey(table.assign(N=np.inf, M=6), clusters=["p", "q"], fpc=["N", "M"], weights="w").mean("y")
    assert endless.se("linearized") == pytest.approx(
        hp.Survey(table, clusters="p", weights="w").mean("y").se("linearized")
    )


def test_clusters_that_were_all_taken_are_strata() -> None:
    # R: SE(svymean(~y, svydesign(ids=~p+.row, fpc=~F+R, weights=~w))) is 0.570042, the same design as
    # svydesign(ids=~1, strata=~p, fpc=~R, weights=~w), whose degf is 20.
    table = nested().assign(F=4, R=40)
    two = hp.Survey(table, clusters="p", fpc=["F", "R"], weights="w", replicates=20_000)
    one = hp.Survey(table.assign(p=table["p"].astype(str)), strata="p", fpc="R", weights="w")
    assert two.sample.df == one.sample.df == 20
    for how in ("linearized", "jackknife"):
        assert two.mean("y").se(how) == pytest.approx(0.570042, abs=1e-6)
    assert two.mean("y").se() == pytest.approx(0.570042, rel=0.03)
    assert two.mean("y").interval(method="t").to_numpy() == pytest.approx(one.mean("y").interval(method="t").to_numpy())
    assert two.with_replicates("JKn").mean("y").se() == pytest.approx(0.570042, abs=1e-6)
    assert hp.regress(two.assign(x=range(24)), "y ~ x").df == 19
    assert (
        "4 clusters taken for certain and sampled inside (1 in all, 2 in all, 3 in all, 4 in all)"
        in two.design.sentence
    )
    assert "all but one of the participants within each cluster" in str(two.design)
    # Three stages, the first two taken whole.
    deep = hp.Survey(table.assign(G=3), clusters=["p", "q"], fpc=["F", "G", "R"], weights="w")
    flat = hp.Survey(table, strata=["p", "q"], fpc="R", weights="w")
    assert deep.sample.df == flat.sample.df == 12
    assert deep.mean("y").se("linearized") == pytest.approx(flat.mean("y").se("linearized"), rel=1e-12)


def test_domains_in_clusters_that_were_taken_whole() -> None:
    # By hand: stratum a has two clusters, both taken and three of nine people asked in each; b has two of ten clusters.
    table = pd.DataFrame({"h": list("aaaaaabbbb"), "k": [1, 1, 1, 2, 2, 2, 3, 3, 4, 4], "y": range(10)})
    table["N"], table["M"] = table["h"].map({"a": 2, "b": 10}), 9
    linear = hp.Survey(table, strata="h", clusters="k", fpc=["N", "M"]).sample.sampling.linear
    inside = (table["h"] == "a").to_numpy()
    assert linear.df == 1
    # Of those in a, people less clusters; of those in b, clusters less strata.
    assert (linear.df_of(inside), linear.df_of(~inside), linear.df_of(table["k"].to_numpy() == 3)) == (4, 1, 0)


def test_a_census_is_refused() -> None:
    # Nothing is left to chance, so an interval would run from 672 to 672.
    table = nested().assign(F=4, one=1.0, all=1.0, R=6)
    for clusters, fpc in (("p", "F"), ("p", "one"), ("p", ["F", "R"]), (["p", "q"], ["one", "all"])):
        with pytest.raises(InputError, match=r"no chance is left.*lonely='participants'"):
            hp.Survey(table, clusters=clusters, fpc=fpc, weights="w")
    with pytest.raises(
        InputError, match=r"no chance is left to measure and an interval would have no width. Without fpc="
    ):
        hp.Survey(table.assign(F=24), fpc="F")


def test_population_sizes_are_weights_where_none_are_given() -> None:
    # R: svymean(~y, svydesign(ids=~1, strata=~s, fpc=~N)) is 2.0693, SE 0.4034; svytotal 2090, SE 407.44.
    table = pd.DataFrame({"s": list("aaaabbbb"), "N": [1000] * 4 + [10] * 4, "y": [1, 2, 3, 2, 9, 8, 9, 10.0]})
    survey = hp.Survey(table, strata="s", fpc="N")
    assert survey.mean("y").point == pytest.approx(2090 / 1010)
    assert survey.mean("y").se("linearized") == pytest.approx(0.4034, abs=5e-5)
    assert (survey.total("y").point, round(survey.total("y").se("linearized"), 2)) == (2090, 407.44)
    assert survey.weights.tolist() == [250.0] * 4 + [2.5] * 4
    assert "correction by N, from which its weights come" in survey.design.sentence
    assert survey.record.weighted
    # Fractions say the same, and stages multiply: by hand 5/4 clusters times 6/3 smaller ones times 8/2 people.
    fractions = hp.Survey(table.assign(N=4 / table["N"]), strata="s", fpc="N")
    assert fractions.total("y").se("linearized") == pytest.approx(survey.total("y").se("linearized"), rel=1e-12)
    staged = hp.Survey(nested().assign(N=5, M=6, K=8), clusters=["p", "q"], fpc=["N", "M", "K"])
    assert staged.weights.tolist() == [10.0] * 24
    with pytest.raises(InputError, match="says nothing of the clusters of 'q'"):
        hp.Survey(nested().assign(N=5), clusters=["p", "q"], fpc="N")
    with pytest.raises(InputError, match="the population is infinite in 24 rows"):
        hp.Survey(nested().assign(N=np.inf), clusters="p", fpc="N")


def test_sizes_and_fractions_do_not_mix() -> None:
    # R: "Must have all fpc>=1 or all fpc<=1" and "FPC implies >100% sampling in some strata".
    def survey(a: float, b: float, **more: float) -> hp.Survey:
        table = nested().assign(h=lambda t: t["p"] > 2, N=lambda t: np.where(t["h"], a, b), **more)
        return hp.Survey(table, strata="h", clusters="p", fpc=["N", *more], weights="w")

    with pytest.raises(InputError, match="holds fractions, below 1, in 12 rows"):
        survey(100, 0.5)
    with pytest.raises(InputError, match="'False' has 1 cluster in the population, fewer than the 2"):
        survey(100, 1)
    with pytest.raises(InputError, match="'1 in False' has 1 participant in the population, fewer than the 6"):
        survey(100, 100, M=1.0)
    with pytest.raises(InputError, match=r"'M' .* holds fractions"):
        survey(100, 100, M=0.5)
    assert survey(0.5, 1, M=0.5).sample.df == 1
    # Fractions that add up to 1 but for rounding are all of it.
    tenth = sum([0.1] * 10)
    assert tenth < 1
    assert survey(0.5, tenth).sample.df == 1
    # A population of one, of which one was sampled, was taken whole.
    one = pd.DataFrame({"s": list("aab"), "N": [9, 9, 1], "y": [1, 2, 3.0]})
    assert hp.Survey(one, strata="s", fpc="N", replicates=50).total("y").point == pytest.approx(9 * 1.5 + 3)


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
