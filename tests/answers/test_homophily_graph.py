"""The homophily configuration graph: R's numbers, an independent prototype, and everything that an estimate can do with it."""

import pickle
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning, InputError
from hiddenpop.answers.homophily_graph import Graph
from hiddenpop.sample.along_trees import Trees
from hiddenpop.uncertainty.variance_replicates import DeleteOne
from scipy import optimize

from .. import recruitment
from ..recruitment import FAUX, MADRONA, TIMED, faux, madrona, survey, timed

GRAPH: dict[str, Any] = {"estimator": "homophily_graph"}
#: Schemes whose replicates keep everybody's own recruiter and order.
ALONG = ("tree", "seeds", "neighbourhood")


def of_timed(population: float | None = None, **options: Any) -> hp.Survey:
    return hp.Survey.rds(timed(), **TIMED, population=population, **{"replicates": 200, **options})


def in_order(made: hp.Survey, column: str) -> tuple[Any, Any, Any]:
    """Return the categories of recruiters (-1 for seeds) and recruits, and degrees, as participants came."""
    linear = made.sample.sampling.linear
    assert isinstance(linear, Trees)
    forest = linear.recruits.forest
    x = pd.factorize(made.sample.column(column), sort=True)[0]
    by = np.where(forest.recruiter >= 0, x[forest.recruiter], -1)
    return by[forest.order], x[forest.order], linear.recruits.degree[forest.order]


def prototype(a: Any, b: Any, d: Any, population: float) -> float:
    """Return the share of the second of two categories: the product is written down, and an optimiser finds its largest value."""
    recruit = a >= 0
    used = np.zeros((len(b) + 1, 2))
    for i in range(len(b)):
        used[i + 1] = used[i]
        used[i + 1, b[i]] += d[i]
    before = used[:-1][recruit]

    def mean(k: int, people: float) -> float:
        own = d[(b == k) & recruit]
        if people <= len(own):
            return float(own.mean())
        log_time = optimize.brentq(lambda t: (-1 / np.expm1(-own * np.exp(t))).sum() - people, -25, 5, xtol=1e-14)
        weight = -1 / np.expm1(-own * np.exp(log_time))
        return float((weight * own).sum() / weight.sum())

    def shares(theta: Any, m: Any) -> Any:
        rest = [sum(theta[k, c] * m[k] / (theta[c, k] * m[c]) for c in (0, 1)) for k in (0, 1)]
        return (1 / np.array(rest)) / (1 / np.array(rest)).sum()

    def ties(logit: Any) -> Any:
        p = 1 / (1 + np.exp(-logit))
        return np.stack([1 - p, p], axis=1)

    logit, p = np.array([-1.8, -1.8]), np.bincount(b) / len(b)
    for _ in range(60):
        m = np.array([mean(k, population * p[k]) for k in (0, 1)])

        def product(logit: Any, m: Any = m) -> float:
            theta = ties(logit)
            left = np.maximum(1 - before / (population * shares(theta, m) * m), 1e-12)
            chosen = theta[a[recruit], b[recruit]] * left[np.arange(len(left)), b[recruit]]
            return float(-np.log(chosen / (theta[a[recruit]] * left).sum(axis=1)).sum())

        logit = optimize.minimize(product, logit, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}).x
        before_p, p = p, shares(ties(logit), m)
        if np.abs(p - before_p).max() < 1e-9:
            break
    return float(p[1])


# Its numbers


def test_without_a_population_shares_are_r_s() -> None:
    """R's RDS 0.9-10 on rows in order; in the table's own order it counts wrong rows as seeds and gives 0.143873."""
    assert of_timed().proportion("var1", **GRAPH).point == pytest.approx(0.144596927072, rel=1e-9)
    with pytest.warns(HiddenpopWarning, match="1 chain"):
        three = hp.Survey.rds(faux(), **FAUX, replicates=50)
    expected = {"black": 0.300323739247, "blue": 0.407324517455, "green": 0.292351743298}
    assert three.proportion("Y", **GRAPH).point.to_dict() == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(("population", "share"), [(3_000, 0.14647833), (10_000, 0.14582594), (1_000, 0.14788449)])
def test_shares_of_a_population_are_those_of_the_prototype_by_rows(population: int, share: float) -> None:
    """With ties of time broken by row, as R's data have it: 0.146478, where R's runs average 0.14655 with an error of 0.00013.

    19 recruits stand before their recruiters there, which no survey takes; an earlier participant with the same answer
    recruits in their place, and nothing else is changed.
    """
    table = timed()
    order = np.lexsort((np.arange(len(table)), table["DATEINTERVIEW"].astype("int64")))
    table = table.iloc[order].reset_index(drop=True).assign(rank=range(len(table)))
    place = {str(k): i for i, k in enumerate(table["SER"])}
    by = [place.get(str(r), -1) for r in table["recruiter.id"]]
    answer, names = table["var1"].tolist(), table["SER"].astype(str).tolist()
    moved = [i for i, k in enumerate(by) if k > i]
    assert len(moved) == 19
    for i in moved:
        by[i] = answer[:i].index(answer[by[i]])
    table["recruiter.id"] = [names[k] if k >= 0 else "seed" for k in by]
    made = hp.Survey.rds(table, **{**TIMED, "time": "rank"}, population=population, replicates=50)
    assert made.proportion("var1", **GRAPH).point == pytest.approx(share, abs=1e-6)  # the prototype's optimiser


def test_shares_of_a_population_are_those_with_the_largest_product() -> None:
    """By time, then wave, then row, as surveys are ordered: 0.146598 among 3,000."""
    made = of_timed(3_000)
    share = made.proportion("var1", **GRAPH).point
    assert share == pytest.approx(0.146598, abs=1e-6)
    assert share == pytest.approx(prototype(*in_order(made, "var1"), 3_000), abs=2e-7)
    small = survey(population=700)
    assert small.proportion("disease", **GRAPH).point == pytest.approx(
        prototype(*in_order(small, "disease"), 700), abs=2e-7
    )


def test_large_populations_come_near_those_without_end() -> None:
    endless = survey(population=None).proportion("disease", **GRAPH).point
    assert survey(population=1e8).proportion("disease", **GRAPH).point == pytest.approx(endless, abs=1e-6)
    # With two categories and no end it is RDS-I, without seeds' degrees.
    other = survey(population=None, seeds="out").proportion("disease", estimator="salganik_heckathorn").point
    assert endless == pytest.approx(other, rel=1e-12)


def test_a_whole_population_has_the_shares_of_the_sample() -> None:
    table = madrona()
    assert survey(population=500).proportion("disease", **GRAPH).point == pytest.approx(
        table["disease"].mean(), abs=1e-9
    )
    few = survey(population=501).proportion("disease", **GRAPH).point
    assert table["disease"].sum() / 501 - 1e-9 <= few <= (table["disease"].sum() + 1) / 501 + 1e-9


def test_means_weigh_by_the_categories_of_a_number() -> None:
    """Closed form without a population: shares of the categories, and inverse degrees within them."""
    table = madrona()
    made = survey(population=None, replicates=300)
    mean = made.mean("age", **GRAPH, cuts=[30, 45])
    cut = made.assign(age_group=pd.cut(table["age"], [0, 29, 44, 99]).cat.codes.map({0: "a", 1: "b", 2: "c"}))
    shares = cut.proportion("age_group", **GRAPH).point[["a", "b", "c"]]
    group = pd.cut(table["age"], [0, 29, 44, 99]).cat.codes.to_numpy()
    within = [np.average(table["age"][group == k], weights=1 / table["degree"][group == k]) for k in range(3)]
    assert mean.point == pytest.approx(float(shares.to_numpy() @ within), rel=1e-12)
    assert mean.quantity == "mean"
    double = made.assign(twice=2.0 * table["disease"]).mean("twice", **GRAPH, cuts=[1])
    np.testing.assert_allclose(double.draws, 2 * made.proportion("disease", **GRAPH).draws, rtol=1e-12)
    assert survey(population=900).mean("age", **GRAPH, cuts=[30, 45]).point == pytest.approx(mean.point, rel=0.02)


# Its draws


@pytest.mark.parametrize("scheme", ALONG)
@pytest.mark.parametrize("population", [None, 1_000])
def test_draws_are_those_of_each_replicate(scheme: str, population: float | None) -> None:
    """Each is the graph of the participants that the replicate took, as often as it did, and joint with other answers."""
    made = survey(redraws=scheme, replicates=60, population=population)
    share = made.proportion("disease", **GRAPH)
    times = made.to_replicate_weights(60).to_numpy().T / made.sample.sampling.weights
    graph = Graph.of(share.node.live, "disease", ())  # type: ignore[attr-defined]
    np.testing.assert_allclose(graph.of_factors(times)[1], share.draws[0], rtol=1e-7)
    assert (share - made.proportion("disease")).se() < share.se()


@pytest.mark.parametrize("scheme", [*ALONG, "salganik", "successive", "homophily_graph"])
def test_draws_lie_around_the_estimate(scheme: str) -> None:
    follows = {} if scheme in ALONG else {"homophily_on": "disease"}
    made = survey(redraws=scheme, replicates=1_500, **follows)
    share = made.proportion("disease", **GRAPH)
    assert np.isfinite(share.draws).all()
    assert abs(share.draws.mean() - share.point) < 0.25 * share.se()
    if follows:  # like Gile's share from the same redraws; whole trees vary more
        assert share.se() == pytest.approx(made.proportion("disease").se(), rel=0.2)


def test_replicates_take_their_own_population() -> None:
    size = hp.published(1_000, 800, 1_400, replicates=60)
    made = survey(population=size, replicates=60)
    share = made.proportion("disease", **GRAPH)
    assert share.point == survey().proportion("disease", **GRAPH).point
    weights = made.to_replicate_weights(60).to_numpy().T
    degree = madrona()["degree"].to_numpy(float)
    kernel = Graph.of(share.node.live, "disease", ()).kernel  # type: ignore[attr-defined]
    for i in (0, 7, 31):
        time = _time(degree, float(size.draws[0, i]))
        times = weights[i] * -np.expm1(-degree * time)
        found = kernel.graph(times[None, :], float(size.draws[0, i]), 1)
        assert share.draws[0, i] == pytest.approx(found[1, 0], rel=1e-7)
    with pytest.raises(hp.EstimationError, match="is an estimate"):
        share.se("linearized")
    again = hp.read_estimate(share.to_json())
    assert again.draws.tobytes() == share.draws.tobytes()
    assert share.replay(replicates=30).draws.tobytes() == share.draws[:, :30].tobytes()


def _time(degree: Any, population: float) -> float:
    return float(
        np.exp(optimize.brentq(lambda t: (-1 / np.expm1(-degree * np.exp(t))).sum() - population, -25, 5, xtol=1e-14))
    )


def test_threads_and_parts_of_replicates_change_no_digit() -> None:
    made = survey(replicates=120, homophily_on="disease", redraws="homophily_graph")
    share = made.proportion("disease", **GRAPH)
    kernel = Graph.of(share.node.live, "disease", ()).kernel  # type: ignore[attr-defined]
    where = made.sample.record.seed, made.sample.record.fingerprint
    parts = [kernel.graphs(*where, start, start + 40, 2) for start in (0, 40, 80)]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1)[1], share.draws[0])


def test_slopes_are_those_of_leaving_out() -> None:
    made = survey(homophily_on="disease", replicates=500)
    share = made.proportion("disease", **GRAPH)
    values = share.node.influence()[0]  # type: ignore[attr-defined]
    assert abs(values.sum()) < 1e-6
    without = share.node.left_out(*_scheme(share))[0]  # type: ignore[attr-defined]
    assert np.corrcoef(without - share.point, values)[0, 1] < -0.99
    assert 0.6 < share.se("linearized") / share.se() < 1.6


def _scheme(share: hp.Estimate) -> Any:
    scheme = DeleteOne.of(share.node.live)  # type: ignore[attr-defined]
    return scheme, scheme.varies


# An estimate like any other


def test_files_reports_and_sentences() -> None:
    made = survey(replicates=300, homophily_on="disease", redraws="homophily_graph")
    share = made.proportion("disease", **GRAPH)
    mean = made.mean("age", **GRAPH, cuts=[40])
    for est in (share, mean, hp.multiplier(400, share)):
        read = hp.read_estimate(est.to_json())
        for again in (read, pickle.loads(pickle.dumps(est))):
            assert again.draws.tobytes() == est.draws.tobytes()
            for method in ("percentile", "t"):
                np.testing.assert_allclose(again.interval(method=method), est.interval(method=method), rtol=1e-9)
        assert read.replay(survey=made).draws.tobytes() == est.draws.tobytes()
        assert "degree" not in est.to_json()
        assert "recruiter" not in est.to_json()
    text = share.methods()
    assert "by the homophily configuration graph" in text
    assert text.count("Fellows IE (2019)") == 1
    assert "along the same trees" in text
    assert "cut at 40" in mean.methods()
    assert share.summary()["method"].iloc[0] == "proportion (homophily graph); 95% percentile"
    shown = f"{100 * share.point:.1f}"
    for below, visible in ((5, True), (200, False)):  # 129 have it
        assert (shown in hp.Report("r", suppress_below=below).add(share).to_html()) == visible


def test_missing_answers_are_counted_and_left_out() -> None:
    table = madrona()
    lacking = table.assign(disease=table["disease"].astype(float).mask(table["id"] % 5 == 0))
    made = hp.Survey.rds(lacking, **MADRONA, population=1_000, replicates=100)
    share = made.proportion("disease", **GRAPH)
    assert share.summary()["missing"].iloc[0] == (table["id"] % 5 == 0).sum()
    assert share.point == pytest.approx(survey().proportion("disease", **GRAPH).point, abs=0.03)
    assert np.isfinite(share.draws).all()


@pytest.mark.filterwarnings("ignore:Column 'degree' is missing")
def test_people_without_a_degree_recruit_all_the_same() -> None:
    table = madrona()
    lacking = table.assign(degree=table["degree"].mask(table["id"] % 7 == 0))
    full = survey().proportion("disease", **GRAPH).point
    for how in ("leave_out", "median"):
        made = hp.Survey.rds(lacking, **MADRONA, impute_degree=how, population=1_000, replicates=100)
        share = made.proportion("disease", **GRAPH)
        assert share.point == pytest.approx(full, abs=0.03)
        assert np.isfinite(share.draws).all()


@pytest.mark.filterwarnings("ignore:The sample has")
def test_tiny_trees_and_transitions_that_nobody_made() -> None:
    table = pd.DataFrame(
        {"id": range(8), "by": [-1, -1, 0, 0, 1, 2, 3, 4], "knows": [4, 2, 6, 3, 8, 4, 4, 2], "x": list("abaabaab")}
    )
    for population in (None, 8, 9, 20, 5_000):
        made = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", population=population, replicates=50)
        with pytest.warns(HiddenpopWarning, match=r"these categories of 'x': 'a to b', 'b to a'\..*1 is added"):
            share = made.proportion("x", **GRAPH)
        assert share.point.sum() == pytest.approx(1)
        assert np.isfinite(share.draws).mean() > 0.5  # of eight people; the others have no answer, and say so
        # Counts are 4 of a by a, 2 of b by b, and none across; closed form with one more each.
        if population is None:
            p = np.array([[5 / 6, 1 / 6], [1 / 4, 3 / 4]])
            told = table[2:].groupby("x")["knows"].agg(lambda k: len(k) / (1 / k).sum()).to_numpy()
            q = np.array([p[1, 0], p[0, 1]]) / told
            np.testing.assert_allclose(share.point, q / q.sum(), rtol=1e-9)


def test_what_it_does_not_answer_is_refused() -> None:
    made = survey(replicates=50)
    for ask, said in (
        (lambda: made.proportion("disease", by="group", **GRAPH), "leave by= and where= out"),
        (lambda: made.mean("age", where="disease", **GRAPH, cuts=[30]), "leave by= and where= out"),
        (lambda: made.proportion("age", **GRAPH), "numbers, not categories"),
        (lambda: made.mean("age", **GRAPH), "cuts= go together"),
        (lambda: made.mean("age", cuts=[3]), "cuts= go together"),
        (lambda: made.mean("age", **GRAPH, cuts=[40, 30]), "in order"),
        (lambda: made.mean("age", **GRAPH, cuts=[]), "in order"),
        (lambda: made.mean("age", **GRAPH, cuts=range(20, 40)), "2 to 10"),
        (lambda: made.mean("age", **GRAPH, cuts=[30, 900]), "'900 or more'"),
        (lambda: made.mean("group", **GRAPH, cuts=[30]), "no numbers"),
        (lambda: made.proportion("disease", **GRAPH, smoothing="least_squares"), "salganik_heckathorn"),
        (lambda: made.proportion("disease", smoothing="least_squares"), "salganik_heckathorn"),
        (lambda: made.assign(one="same").proportion("one", **GRAPH), "1 category"),
        (lambda: hp.Survey(madrona()).proportion("disease", **GRAPH), r"hp\.Survey\.rds"),
        (lambda: made.calibrate({"group": {"a": 0.4, "b": 0.6}}).proportion("disease", **GRAPH), "calibrated"),
    ):
        with pytest.raises(InputError, match=said):
            ask()
    alone = pd.Series(np.where(madrona()["wave"] == 0, "seed", "other"))
    with pytest.raises(InputError, match="'seed' of 'first' were recruited by nobody"):
        hp.Survey.rds(madrona().assign(first=alone), **MADRONA).proportion("first", **GRAPH)
    two = pd.concat([madrona().assign(city="A"), recruitment.elsewhere().assign(city="B")], ignore_index=True)
    both = hp.Survey.rds(two, **MADRONA, site="city", population={"A": 900, "B": 2_000}, replicates=50)
    with pytest.raises(InputError, match="of one site"):
        both.proportion("disease", **GRAPH)
