"""People recruited by people: weights, redraws and linearised variances, held to other implementations and closed forms."""

import json
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning, InputError, _core
from hiddenpop.sample.along_trees import Trees
from hiddenpop.sample.recruited import BY_CATEGORY
from scipy import integrate, stats

from .. import recruitment
from ..recruitment import MADRONA, madrona, survey, timed


def weights(made: hp.Survey) -> Any:
    return made.sample.sampling.weights


# What participants weigh


@pytest.mark.parametrize(
    ("population", "time", "share", "by_degree"),
    [  # NumPy prototype and R's RDS 0.9-10 with 40,000 or 100,000 samples an iteration
        (715, 0.17981650565112, 0.2125265627, {2: 2.31853942, 8: 0.91661705, 20: 0.71897772}),
        (1_000, 0.10219810313732877, 0.194387713, {2: 2.70132598, 8: 0.8954304, 20: 0.57390626}),
        (5_000, 0.015418116508403374, 0.1690971329, {2: 3.28688464, 8: 0.86291146, 20: 0.37639591}),
    ],
)
def test_successive_sampling_is_gile_s(population: int, time: float, share: float, by_degree: dict[int, float]) -> None:
    made = survey(population=population)
    degree, weight = madrona()["degree"].to_numpy(), weights(made)
    kinds, people = np.unique(degree.astype(float), return_counts=True)
    assert _core.inclusion_time(kinds, people.astype(float), population) == pytest.approx(time, rel=1e-12)
    assert weight.sum() == pytest.approx(population, rel=1e-12)
    assert made.proportion("disease").point == pytest.approx(share, abs=2e-4)  # 1/50 of its standard error
    for d, relative in by_degree.items():
        assert weight[degree == d][0] / weight.mean() == pytest.approx(relative, rel=3e-3)


def test_shares_of_successive_sampling_are_near_those_of_r_s_500_samples() -> None:
    for population, share in ((715, 0.21244056), (1_000, 0.19443608), (5_000, 0.16829846)):
        assert survey(population=population).proportion("disease").point == pytest.approx(share, abs=0.002)


@pytest.mark.parametrize(("population", "off"), [(1_000, 4e-4), (50, 0.012)])
def test_chances_of_inclusion_are_near_the_exact_ones(population: int, off: float) -> None:
    """The integral of d exp(-d t) P(at most n - 1 of the others by t), by quadrature: people of two degrees."""
    n = population // 2 if population > 100 else 20
    size = np.array([2.0, 6.0])
    many = np.array([population * 0.6, population * 0.4]).round().astype(int)

    def exact(d: float, others: Any) -> float:
        def inner(t: float) -> float:
            gone = 1 - np.exp(-size * t)
            counts = [stats.binom.pmf(np.arange(k + 1), k, p) for k, p in zip(others, gone, strict=True)]
            return float(d * np.exp(-d * t) * np.convolve(*counts)[:n].sum())

        return float(integrate.quad(inner, 0, 4, limit=400, epsabs=1e-10)[0])

    chances = [exact(d, many - np.eye(2, dtype=int)[i]) for i, d in enumerate(size)]
    people = np.array(chances) * many  # expected numbers in the sample
    time = _core.inclusion_time(size, people, float(people.sum()) * population / n)
    assert time is not None
    np.testing.assert_allclose(1 - np.exp(-size * time), chances, rtol=off)


def test_inverse_degrees_are_r_s() -> None:
    """R's RDS 0.9-10: RDS-II, and its weights to 8 digits and more."""
    made = survey(population=None)
    assert made.proportion("disease").point == pytest.approx(0.164149290445, rel=1e-11)
    assert weights(made).sum() == pytest.approx(500)
    relative = weights(made)[madrona()["degree"].to_numpy() == 2][0]
    assert relative == pytest.approx(3.417392864618, rel=1e-11)
    assert weights(survey(weights="volz_heckathorn")).sum() == pytest.approx(1_000)
    times = hp.Survey.rds(timed(), **recruitment.TIMED)
    assert times.proportion("var1").point == pytest.approx(0.14619984537, rel=1e-10)
    expected = {"black": 0.2142727507789138, "blue": 0.4069438657577172, "green": 0.37878338346336904}
    with pytest.warns(HiddenpopWarning, match="1 chain"):
        one = hp.Survey.rds(recruitment.faux(), **recruitment.FAUX)
    assert one.proportion("Y").point.to_dict() == pytest.approx(expected, rel=1e-10)


def test_a_whole_population_weighs_alike_and_an_endless_one_by_inverse_degrees() -> None:
    np.testing.assert_allclose(weights(survey(population=500)), 1.0)
    endless = survey(population=1e12)
    np.testing.assert_allclose(weights(endless) / 1e12, weights(survey(population=None)) / 500, rtol=1e-8)
    with pytest.raises(InputError, match=r"population= is 499, and the sample has 500"):
        survey(population=499)


@pytest.mark.filterwarnings("ignore:Degrees in")
def test_sites_are_added_by_their_populations() -> None:
    """Closed form: the share is that of each site's survey, weighted by their people."""
    both = pd.concat([madrona().assign(city="A"), timed_like().assign(city="B")], ignore_index=True)
    sizes = {"A": 1_000, "B": 3_000}
    made = hp.Survey.rds(both, **MADRONA, site="city", population=sizes, replicates=500)
    parts = [
        hp.Survey.rds(table, **MADRONA, population=size, replicates=500)
        for table, size in ((madrona(), 1_000), (timed_like(), 3_000))
    ]
    shares = [part.proportion("disease").point for part in parts]
    assert made.proportion("disease").point == pytest.approx((shares[0] + 3 * shares[1]) / 4, rel=1e-12)
    errors = [part.proportion("disease").se("linearized") for part in parts]
    error = float(np.hypot(errors[0], 3 * errors[1]) / 4)
    assert made.proportion("disease").se("linearized") == pytest.approx(error, rel=1e-9)
    assert made.proportion("disease").se() == pytest.approx(
        np.hypot(*[k * part.proportion("disease").se() / 4 for k, part in zip((1, 3), parts, strict=True)]), rel=0.15
    )
    by_city = made.count("city")
    np.testing.assert_allclose(by_city.draws, [[1_000.0] * 500, [3_000.0] * 500], rtol=1e-12)
    for other, said in (({"A": 1_000}, "lacks 'B'"), ({**sizes, "C": 9}, "has 'C'"), (1_000, "each site")):
        with pytest.raises(InputError, match=said):
            hp.Survey.rds(both, **MADRONA, site="city", population=other)
    with pytest.raises(InputError, match="needs site="):
        hp.Survey.rds(madrona(), **MADRONA, population={"A": 1_000})


def timed_like() -> pd.DataFrame:
    """The sample with times under the other's names, with ids of its own."""
    table = timed().rename(columns={"SER": "id", "NETWORK": "degree", "var1": "disease"})
    by = [f"t{r}" if r != "seed" else "seed" for r in table["recruiter.id"].astype(str)]
    return table.assign(**{"id": "t" + table["id"].astype(str), "recruiter.id": by}).drop(columns="DATEINTERVIEW")


def test_seeds_and_people_without_a_degree_may_be_left_out() -> None:
    table = madrona()
    out = survey(seeds="out", population=None)
    kept = table[table["recruiter.id"] != "seed"]
    assert out.n == 490
    assert out.proportion("disease").point == pytest.approx(np.average(kept["disease"], weights=1 / kept["degree"]))
    lacking = table.assign(degree=table["degree"].mask(table["id"] % 7 == 0))
    left = hp.Survey.rds(lacking, **MADRONA, impute_degree="leave_out", population=900, replicates=200)
    known = lacking[lacking["degree"].notna()]
    assert left.n == len(known)
    assert left.count().point == pytest.approx(900)
    assert left.proportion("disease").summary()["n"].iloc[0] == len(known)
    assert np.isfinite(left.proportion("disease").draws).all()


# How they are recruited again

AGREED = {  # prototype in NumPy and R 0.9-10 (Gile, Treeboot): standard errors as published, without centring
    "successive": (0.0143, {"population": 1_000, "homophily_on": "disease"}),
    "tree": (0.0332, {"population": None}),
    "tree with SS": (0.03679, {"population": 1_000}),
    "salganik": (0.0207, {"population": None, "homophily_on": "disease"}),
    "salganik with SS": (0.02362, {"population": 1_000, "homophily_on": "disease"}),
    "neighbourhood": (0.0169, {"population": None}),
    "seeds": (0.0221, {"population": None}),
}


@pytest.mark.parametrize("what", AGREED)
def test_standard_errors_of_the_schemes_are_those_of_others(what: str) -> None:
    se, options = AGREED[what]
    made = survey(**options, redraws=what.split(maxsplit=1)[0], centre=False, replicates=10_000)
    assert made.proportion("disease").se() == pytest.approx(se, rel=0.05)


@pytest.mark.parametrize("scheme", [*BY_CATEGORY, "tree", "seeds", "neighbourhood"])
def test_draws_lie_around_the_estimate(scheme: str) -> None:
    """Proof for totals, E w c / E c = w; a ratio of them is off by terms of 1/n. Without centring they are not."""
    options = {"homophily_on": "disease"} if scheme in BY_CATEGORY else {}
    made = survey(redraws=scheme, replicates=8_000, **options)
    for est in (made.total("disease"), made.mean("age"), made.proportion("disease", by="group")):
        off = np.abs(est.draws.mean(axis=1) - est.node.point)
        assert (off < 0.12 * est.draws.std(axis=1)).all()
    assert "without centring" in str(survey(redraws=scheme, centre=False, **options).design)


def test_the_graph_needs_no_population_and_follows_the_trees() -> None:
    """Without a population: the sizes of all waves and chains are kept, and nobody is used up. Close to salganik's errors."""
    graph = survey(population=None, homophily_on="disease", redraws="homophily_graph", replicates=4_000)
    chain = survey(population=None, homophily_on="disease", replicates=4_000)
    assert graph.proportion("disease").se() == pytest.approx(chain.proportion("disease").se(), rel=0.15)
    assert "along the same trees" in str(graph.design)
    taken = survey(population=700, homophily_on="disease", redraws="homophily_graph", centre=False, replicates=300)
    degree = madrona()["degree"].to_numpy()
    times = taken.to_replicate_weights(300).to_numpy() / weights(taken)[:, None]
    times = times / times.sum(axis=0)
    # Those with many ties come early and are gone later: by size, without replacement, as in the sample.
    assert (degree @ times).mean() == pytest.approx(degree.mean(), rel=0.03)
    # All of the population is in the sample, and in every replicate.
    whole = survey(population=500, homophily_on="disease", redraws="homophily_graph", replicates=100)
    assert whole.proportion("disease").se() < 2e-3
    for column in ("disease", ["disease", "group"]):
        small = survey(population=501, homophily_on=column, redraws="homophily_graph", replicates=50)
        assert np.isfinite(small.proportion("group").draws).all()


def test_a_transition_that_nobody_made_is_said() -> None:
    table = madrona().assign(late=lambda t: np.where(t["wave"] > 3, "late", "early"))
    with pytest.warns(HiddenpopWarning, match="recruited nobody of some others.*1 is added"):
        made = hp.Survey.rds(table, **MADRONA, homophily_on="late", redraws="homophily_graph", replicates=50)
    assert np.isfinite(made.proportion("disease").draws).all()


def test_one_category_is_recruitment_by_size_alone() -> None:
    made = survey(homophily_on="same", redraws="homophily_graph", replicates=200, table=madrona().assign(same="x"))
    assert 0 < made.proportion("disease").se() < survey().proportion("disease").se()


def test_weights_found_anew_move_standard_errors_little() -> None:
    """By less than 5% in simulations; the point is the same, and every replicate adds up to the population."""
    for options in ({"homophily_on": "disease"}, {"population": None}, {"weights": "volz_heckathorn"}):
        kept, anew = (survey(**options, reweigh=flag, replicates=4_000) for flag in (False, True))
        share = anew.proportion("disease")
        assert share.point == kept.proportion("disease").point
        assert share.se() == pytest.approx(kept.proportion("disease").se(), rel=0.08)
        assert share.draws.tobytes() != kept.proportion("disease").draws.tobytes()
        np.testing.assert_allclose(anew.to_replicate_weights(20).sum(), weights(anew).sum())
        assert "found anew in each" in str(anew.design)
    # Closed form: a replicate's weights are those that its own degrees have in a sample of as many.
    tree = survey(reweigh=True, replicates=5)
    degree = madrona()["degree"].to_numpy(float)
    times = survey(replicates=5).to_replicate_weights(5).to_numpy() / weights(tree)[:, None]
    kinds, place = np.unique(degree, return_inverse=True)
    for i in range(5):
        people = np.bincount(place, weights=times[:, i])
        people *= 500 / people.sum()
        time = _core.inclusion_time(kinds[people > 0], people[people > 0], 1_000)
        assert time is not None
        found = tree.to_replicate_weights(5).to_numpy()[:, i]
        expected = times[:, i] / -np.expm1(-degree * time)
        np.testing.assert_allclose(found, expected * 1_000 / expected.sum(), rtol=1e-9)


def test_weights_found_anew_take_each_population() -> None:
    size = hp.published(1_000, 850, 1_300)
    made = survey(population=size, reweigh=True, replicates=300)
    np.testing.assert_allclose(made.count().draws, size.draws[:, :300], rtol=1e-9)
    assert np.isfinite(made.proportion("disease").draws).all()


def test_defaults_follow_what_is_known() -> None:
    assert "without replacement" in str(survey(homophily_on="disease").design)
    assert "one chain" in str(survey(homophily_on="disease", population=None).design)
    assert "redrawing seeds, then" in str(survey().design)


def test_the_tree_needs_no_category_and_replicates_differ_in_size() -> None:
    """Prototype: 41 of 500 more or less."""
    made = survey(population=None, replicates=4_000)
    degree = madrona()["degree"].to_numpy()
    taken = made.to_replicate_weights(4_000).to_numpy() / (500 / (1 / degree).sum() / degree)[:, None]
    np.testing.assert_allclose(taken, taken.round(), atol=1e-9)
    assert taken.sum(axis=0).std() == pytest.approx(41, rel=0.05)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "gile": ({"weights": "gile", "population": None}, "needs population="),
    "successive": ({"redraws": "successive", "population": None, "homophily_on": "disease"}, "needs population="),
    "no category": ({"redraws": "salganik"}, "homophily_on="),
    "idle category": ({"redraws": "tree", "homophily_on": "disease"}, "follows the trees"),
    "cells": ({"homophily_on": "age"}, "42 cells|follow 12"),
    "choices": ({"weights": "other"}, "weights='other'"),
    "schemes": ({"redraws": "other"}, "redraws='other'"),
    "seeds": ({"seeds": "none"}, "seeds='none'"),
    "site": ({"site": "group"}, "population of each site"),
    "population": ({"population": "many"}, "population"),
    "nobody": ({"population": 0}, "no number of people"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_does_not_go_together_is_refused(what: str) -> None:
    options, said = REFUSED[what]
    with pytest.raises(InputError, match=said):
        survey(**options)


def test_people_of_an_unknown_category_are_refused() -> None:
    table = madrona()
    table.loc[3, "group"] = None
    with pytest.raises(InputError, match=r"homophily_on=.*in 1 row \(row number 3"):
        hp.Survey.rds(table, **MADRONA, homophily_on="group")


def test_nobody_recruited_is_no_rds() -> None:
    table = madrona().assign(city=lambda t: np.where(t["wave"] == 0, "A", "B"))
    alone = table[table["city"] == "A"].assign(id=lambda t: "n" + t["id"].astype(str))
    both = pd.concat([table.assign(city="B"), alone], ignore_index=True)
    with pytest.raises(InputError, match="Nobody recruited anybody at 'A'"):
        hp.Survey.rds(both, **MADRONA, site="city", population={"A": 50, "B": 1_000})
    with pytest.raises(InputError, match="Nobody recruited anybody, so"):
        hp.Survey.rds({"id": [1, 2, 3], "by": [None, None, None], "k": [1, 2, 3]}, id="id", recruiter="by", degree="k")


def test_a_population_that_is_an_estimate_enters_every_replicate() -> None:
    size = hp.published(1_000, 850, 1_200)
    made = survey(population=size, homophily_on="disease")
    count = made.count()
    np.testing.assert_allclose(count.draws, size.draws[:, :2_000], rtol=1e-9)
    fixed = survey(homophily_on="disease").proportion("disease")
    share = made.proportion("disease")
    assert share.point == fixed.point
    slope = (
        survey(population=1_001).proportion("disease").point - survey(population=999).proportion("disease").point
    ) / 2
    added = np.sqrt(fixed.se("linearized") ** 2 + (slope * size.draws.std(ddof=1)) ** 2)
    assert share.se("linearized") == pytest.approx(added, rel=1e-4)
    # Weights are those that each draw of the population gives: the tree's factors are 0, 1, 2, ... times them.
    tree = survey(population=size, replicates=20)
    degree = madrona()["degree"].to_numpy(float)
    kinds, people = np.unique(degree, return_counts=True)
    for i, drawn in enumerate(size.draws[0, :20]):
        time = _core.inclusion_time(kinds, people.astype(float), drawn)
        assert time is not None
        ratio = tree.to_replicate_weights(20).to_numpy()[:, i] * -np.expm1(-degree * time)
        times = ratio / ratio[ratio > 0].min()
        np.testing.assert_allclose(times, times.round(), atol=1e-6)
    again = share.replay(replicates=500)
    np.testing.assert_allclose(again.draws, share.draws[:, :500])
    assert tree.calibrate({"group": {"a": 0.4, "b": 0.6}}).proportion("disease").replay(replicates=15).draws.shape == (
        1,
        15,
    )
    with pytest.raises(InputError, match="smaller than the sample"):
        survey(population=hp.published(550, 450, 700))


# Linearised variances


def brute(made: hp.Survey, z: Any) -> float:
    """Return the variance as it is written down, over all pairs of participants."""
    linear = made.sample.sampling.linear
    assert isinstance(linear, Trees)
    n = len(z)
    a = linear.recruits.weight / linear.recruits.weight.sum()
    path = np.full((n, n), np.inf)
    up = [[i] for i in range(n)]
    for i in range(n):
        while linear.recruits.forest.recruiter[up[i][-1]] >= 0:
            up[i].append(int(linear.recruits.forest.recruiter[up[i][-1]]))
    for i in range(n):
        for j in range(n):
            shared = [k for k in up[i] if k in up[j]]
            if shared:
                path[i, j] = up[i].index(shared[0]) + up[j].index(shared[0])
    z = z - a * z.sum()
    each = z / a
    recruits = linear.recruits.forest.recruiter >= 0
    r = max(0.0, np.corrcoef(each[recruits], each[linear.recruits.forest.recruiter[recruits]])[0, 1])
    alike = np.where(np.isfinite(path), r ** np.where(np.isfinite(path), path, 0), 0.0)
    return float((a * each**2).sum() * (a @ alike @ a)) * (1 - n / linear.recruits.sizes[0])


def test_linearised_variances_are_the_formula() -> None:
    """Closed form, over all pairs: Rohe (2019), function G."""
    table = madrona().iloc[:120]
    made = hp.Survey.rds(table, **MADRONA, population=600, replicates=100)
    share = made.proportion("disease")
    z = weights(made) * (table["disease"].to_numpy() - share.point) / 600
    assert share.se("linearized") == pytest.approx(np.sqrt(brute(made, z)), rel=1e-10)
    ages = made.mean("age", where=table["group"].to_numpy() == "a")
    inside = (table["group"] == "a").to_numpy()
    z = np.where(inside, weights(made) * (table["age"].to_numpy() - ages.point), 0) / weights(made)[inside].sum()
    assert ages.se("linearized") == pytest.approx(np.sqrt(brute(made, z)), rel=1e-10)


def test_who_recruits_at_random_has_the_variance_of_unequal_weights() -> None:
    """Closed form: r = 0 leaves sum a^2 (Kish's design effect of weights)."""
    rng = np.random.default_rng(2)
    table = madrona().assign(coin=rng.permutation(np.repeat([0, 1], 250)))
    for seed in range(40):  # one whose recruits are not alike at all
        table["coin"] = np.random.default_rng(seed).integers(0, 2, 500)
        made = hp.Survey.rds(table, **MADRONA, replicates=50)
        share = made.proportion("coin")
        a = weights(made) / 500
        p = float(share.point)
        plain = np.sqrt(p * (1 - p) * (a**2).sum())
        assert share.se("linearized") >= plain * (1 - 1e-12)
        if share.se("linearized") == pytest.approx(plain, rel=1e-9):
            break
    else:
        pytest.fail("no table without correlation")


def test_shares_of_all_answers_covary_to_nothing() -> None:
    made = survey()
    shares = made.proportion("group")
    whole = shares["a"] + shares["b"]
    assert whole.se("linearized") == pytest.approx(0, abs=1e-9)
    size = hp.multiplier(300, made.proportion("disease"))
    p = made.proportion("disease")
    assert size.se("linearized") == pytest.approx(300 / p.point**2 * p.se("linearized"), rel=1e-6)


def test_intervals_rest_on_draws_unless_asked() -> None:
    made = survey(homophily_on="disease")
    share = made.proportion("disease")
    size = hp.multiplier(400, share)
    for est in (share, size, made.mean("age", by="group"), made.median("age"), share - 0.1):
        for one in (est, hp.read_estimate(est.to_json())):
            assert one.interval().equals(one.interval(method="percentile"))
    t = share.interval(method="t", scale="identity").iloc[0]
    half = stats.t.ppf(0.975, 499) * share.se("linearized")
    assert (t["upper"] - t["lower"]) / 2 == pytest.approx(half, rel=1e-6)
    variance = share.point * (1 - share.point) / 499 * (1 - 0.5)
    assert share.design_effect() == pytest.approx(share.se("linearized") ** 2 / variance, rel=1e-9)
    assert share.interval(method="bca").iloc[0]["upper"] > share.point
    with pytest.raises((InputError, hp.EstimationError)):
        made.with_replicates("JK1")


def test_what_redraws_do_not_follow_is_said() -> None:
    """Successive redraws by a group that has nothing to do with the disease leave out its homophily of 1.5."""
    made = survey(homophily_on="group")
    ratio = made.proportion("disease").se("linearized") / made.proportion("disease").se()
    assert ratio > 4 / 3
    for est in (made.proportion("disease"), made.calibrate({"group": {"a": 0.4, "b": 0.6}}).proportion("disease")):
        with pytest.warns(HiddenpopWarning, match="more alike along recruitment in 'disease'"):
            est.summary()
    made.proportion("group").summary()
    survey(homophily_on="disease").proportion("disease").summary()
    survey().proportion("disease").summary()


def test_sites_that_lack_a_category_are_redrawn_all_the_same() -> None:
    both = pd.concat([madrona().assign(city="A", k="p"), timed_like().assign(city="B")], ignore_index=True)
    both["k"] = both["k"].fillna(both["disease"].map({0: "q", 1: "r"}))
    sizes = {"A": 1_000, "B": hp.published(3_000, 2_400, 3_800, replicates=500)}
    for scheme in BY_CATEGORY:
        with pytest.warns(HiddenpopWarning, match="Degrees in"):
            made = hp.Survey.rds(
                both, **MADRONA, site="city", population=sizes, homophily_on="k", redraws=scheme, replicates=500
            )
        share, cities = made.proportion("disease"), made.count("city")
        assert abs(share.draws.mean() - share.point) < share.se() / 3
        np.testing.assert_allclose(cities.draws[0], 1_000, rtol=1e-9)
        np.testing.assert_allclose(cities.draws[1], sizes["B"].draws[0], rtol=1e-9)  # type: ignore[union-attr]


def test_the_sentence_says_it_all() -> None:
    text = survey(homophily_on="disease").proportion("disease").methods()
    for part in (
        "500 participants",
        "10 seeds",
        "5 waves",
        "Gile's successive sampling",
        "population of 1,000",
        "by disease",
        "Gile KJ (2011)",
    ):
        assert part in text
    assert "Volz E" in survey(population=None).proportion("disease").methods()
    assert "Baraff AJ" in survey(population=None).proportion("disease").methods()


# Who knows whom is nobody's business


def test_recruiters_and_degrees_are_no_answers() -> None:
    made = survey(homophily_on="disease")
    assert made.columns == ["disease", "wave", "age", "group"]
    for column in ("id", "recruiter.id", "degree"):
        with pytest.raises(InputError):
            made.mean(column)
        assert column not in str(hp.describe(made))
    with pytest.raises(InputError, match="disease"):
        made.assign(disease=1)
    text = str(hp.multiplier(400, made.proportion("disease")).to_json())
    assert "recruiter" not in text
    assert all(name not in json.dumps(json.loads(text)) for name in ("recruiter.id", '"degree"'))
