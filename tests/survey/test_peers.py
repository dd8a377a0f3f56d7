"""A survey of people who recruited one another does all that other surveys do, by its own weights, draws and variances."""

import json
import pickle
import warnings
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, HiddenpopWarning, InputError
from hiddenpop.sample.forest import Recruitment
from hiddenpop.sample.recruited import Recruited

from .. import test_new_design

COLUMNS = {"id": "id", "recruiter": "by", "degree": "knows"}
DESIGN = Recruited(Recruitment("id", "by"), "knows", 2_000)


def table() -> pd.DataFrame:
    """Return the people of the design that nobody knows, who recruited one another within their trees."""
    made = test_new_design.table()
    place = np.arange(15)
    by = [None if k == 0 else f"{tree}-{(k - 1) // 2}" for tree in range(20) for k in place]
    ids = [f"{tree}-{k}" for tree in range(20) for k in place]
    # Two of three recruits answer as their recruiter did.
    rng, x = np.random.default_rng(4), made["x"].to_numpy().copy()
    for i in range(300):
        if i % 15 and rng.random() < 2 / 3:
            x[i] = x[i - i % 15 + (i % 15 - 1) // 2]
    return made.assign(x=x, y=made["y"] + x, id=ids, by=by, knows=made["age"] % 9 + 4)


@pytest.fixture(scope="module")
def peers() -> hp.Survey:
    return hp.Survey.rds(table(), **COLUMNS, population=2_000, replicates=500)


@pytest.fixture(scope="module", params=["tree", "homophily_graph"])
def redrawn(request: pytest.FixtureRequest, peers: hp.Survey) -> hp.Survey:
    """The same survey by each of two schemes: along the trees, and from a population of categories."""
    if request.param == "tree":
        return peers
    options = {"homophily_on": "g", "redraws": request.param}
    return hp.Survey.rds(table(), **COLUMNS, population=2_000, replicates=500, **options)


@pytest.fixture(scope="module")
def weighted(peers: hp.Survey) -> hp.Survey:
    """The same people with the same weights, drawn one by one."""
    return hp.Survey(table().assign(w=peers.sample.sampling.weights), weights="w", replicates=500)


ASKED = {k: v for k, v in test_new_design.DRAWN.items() if k not in ("imputed", "consensus", "function")}


@pytest.mark.parametrize("what", ASKED)
def test_its_answers_are_weighted_and_vary_as_its_draws(peers: hp.Survey, weighted: hp.Survey, what: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours, theirs = ASKED[what](peers), ASKED[what](weighted)
        np.testing.assert_allclose(ours.node.point, theirs.node.point, rtol=1e-9)
        errors, other = np.atleast_1d(ours.se()), np.atleast_1d(theirs.se())
        summary = ours.summary()
    np.testing.assert_allclose(errors, ours.draws.std(axis=1, ddof=1), rtol=1e-9)
    varies = errors > 1e-9 * np.abs(ours.node.point)
    assert not np.allclose(errors[varies], other[varies], rtol=1e-3)
    drawn = np.quantile(ours.draws, [0.025, 0.975], axis=1).T
    np.testing.assert_allclose(summary[["lower", "upper"]].to_numpy()[varies], drawn[varies], rtol=1e-9)


REPLICATES = ("jackknife replicates", "balanced replicates", "successive differences", "random groups")
LINEAR: dict[str, Any] = {k: v for k, v in test_new_design.REFUSED.items() if k not in REPLICATES}


@pytest.mark.parametrize("what", LINEAR)
def test_what_rests_on_variances_is_answered(peers: hp.Survey, what: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert LINEAR[what](peers) is not None


def test_people_alike_along_the_trees_make_tests_and_intervals_wider(peers: hp.Survey, weighted: hp.Survey) -> None:
    for ask in (
        lambda s: s.proportion("x"),
        lambda s: s.mean("y"),
        lambda s: hp.multiplier(500, s.proportion("x")),
        lambda s: hp.regress(s, "x ~ g", "binomial").margins("g"),
    ):
        assert np.all(np.asarray(ask(peers).se("linearized")) > 1.2 * np.asarray(ask(weighted).se("linearized")))
    assert hp.crosstab(peers, "g", "x").test().p > hp.crosstab(weighted, "g", "x").test().p


def test_methods_of_intervals(peers: hp.Survey) -> None:
    share = peers.proportion("x")
    for method in ("percentile", "basic", "normal", "bc", "bca", "hdi", "t", "wilson", "beta", "mover"):
        ends = share.interval(method=method).iloc[0]
        assert ends["lower"] < share.point < ends["upper"]
    for method in ("BRR", "JKn", "SDR", "DAGJK"):
        with pytest.raises((InputError, EstimationError)):
            peers.with_replicates(method)


def test_domains_missing_answers_and_calibration(redrawn: hp.Survey) -> None:
    people = table()
    lacking = people.assign(x=people["x"].mask(people["age"] > 50))
    made = hp.Survey.rds(lacking, **COLUMNS, population=2_000, replicates=300)
    assert made.proportion("x").summary()["missing"].iloc[0] == (people["age"] > 50).sum()
    where = people["g"].to_numpy() == "a"
    assert redrawn.proportion("x", where=where).point == pytest.approx(redrawn.proportion("x", by="g").point["a"])
    known = redrawn.calibrate({"g": {"a": 700, "b": 1_300}})
    np.testing.assert_allclose(known.count("g").draws, [[700.0] * 500, [1_300.0] * 500], rtol=1e-8)
    assert known.proportion("g").se("linearized").max() < 1e-9
    weights = redrawn.to_replicate_weights(20)
    np.testing.assert_allclose(weights.sum(), 2_000)
    x = people["x"].to_numpy()
    by_hand = redrawn.replicate(lambda w: float(w @ x / w.sum()), name="x")
    np.testing.assert_allclose(by_hand.draws, redrawn.proportion("x").draws, rtol=1e-9)
    np.testing.assert_allclose(weights.T @ x / 2_000, redrawn.proportion("x").draws[0, :20], rtol=1e-9)


def test_imputations_take_the_design() -> None:
    people = table()
    made = hp.Imputed([people, people.assign(x=1 - people["x"])], design=DESIGN, replicates=200)
    one = hp.Survey(people, design=DESIGN, replicates=200)
    assert made.proportion("x").point == pytest.approx(0.5)
    assert made.proportion("other").point == pytest.approx(one.proportion("other").point)


def test_files_reports_and_pickles(redrawn: hp.Survey) -> None:
    size = hp.multiplier({"a": 300, "b": 200}, redrawn.proportion("x", by="g"))
    read = hp.read_estimate(size.to_json())
    for again in (read, pickle.loads(pickle.dumps(size))):
        assert again.draws.tobytes() == size.draws.tobytes()
        for method in ("percentile", "t"):
            np.testing.assert_allclose(again.interval(method=method), size.interval(method=method), rtol=1e-9)
    assert read.replay(survey=redrawn).draws.tobytes() == size.draws.tobytes()
    assert b"12-7" not in pickle.dumps(size)
    assert "12-7" not in size.to_json()
    html = hp.Report("r", suppress_below=5).add(size, hp.describe(redrawn, ["x", "age"], by="g", test=True)).to_html()
    assert "respondent-driven sample" in html
    assert "knows" not in html
    assert json.loads(hp.Report("r").add(size).to_json())["content"]
    copied = pickle.loads(pickle.dumps(redrawn))
    assert copied.proportion("x").draws.tobytes() == redrawn.proportion("x").draws.tobytes()


def test_totals_without_a_population_are_relative() -> None:
    made = hp.Survey.rds(table(), **COLUMNS, replicates=100)
    with pytest.warns(HiddenpopWarning, match="Weights are relative"):
        assert made.total("x").name == "total of x"
    made.count("g")  # it is said once
    assert hp.Survey.rds(table(), **COLUMNS, population=900, replicates=100).total("x").name == "total of x"


def test_surveys_under_several_populations_are_joint() -> None:
    """The same people under two assumptions: redraws are the same, so the difference is sharp."""
    few, many = (hp.Survey.rds(table(), **COLUMNS, population=n, replicates=500) for n in (400, 4_000))
    with pytest.warns(HiddenpopWarning, match="taken to be the same people"):
        difference = few.proportion("x") - many.proportion("x")
    assert difference.se() < 0.2 * few.proportion("x").se()
    with pytest.raises(EstimationError, match="in two ways"):
        difference.se("linearized")
    both = few.proportion("x") - few.proportion("x", estimator="salganik_heckathorn")
    assert 0 < both.se("linearized") < few.proportion("x").se("linearized")


def test_the_invented_study_is_recruited_from_the_population_it_comes_with() -> None:
    """synthetic_peers: what the simulator was asked for, and an interval that holds the 2,000 people."""
    data = hp.datasets.load("synthetic_peers")
    interviews, truth = data["interviews"], data["population"].iloc[0]
    assert "SYNTHETIC" in interviews.attrs["note"]
    registered = int(data["register"].at[0, "people"])
    assert registered == truth["people"] * truth["in_treatment"]
    coupons = ["coupon_1", "coupon_2", "coupon_3"]
    columns = {"id": "id", "own_coupon": "own_coupon", "coupons": coupons, "degree": "knows", "time": "date"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing about it has to be said
        peers = hp.Survey.rds(interviews, **columns, homophily_on="in_treatment", replicates=1_000)
    low, high = hp.multiplier(registered, peers.proportion("in_treatment")).interval().to_numpy()[0]
    assert low < truth["people"] < high
    # Weights by hand: the inverse of degrees.
    inverse = 1 / interviews["knows"]
    assert peers.proportion("in_treatment").point == pytest.approx(
        (inverse * interviews["in_treatment"]).sum() / inverse.sum()
    )
    assert (
        hp.multiplier(registered, hp.Survey(interviews).proportion("in_treatment")).interval().iloc[0, 1]
        < truth["people"]
    )


@pytest.mark.filterwarnings("ignore:The sample has 1 chain")
@pytest.mark.filterwarnings("ignore:Degrees in")
def test_redraws_that_do_not_vary_say_why() -> None:
    """Nobody with a property: 3/n of the rule of three. A chain in a line, or all of the population: nothing can be redrawn."""
    nobody = forty(x=[0] * 40).proportion("x")
    with pytest.warns(
        HiddenpopWarning, match=r"No interval: everyone or nobody in a sample of 40 .* 0.075 away .* their like"
    ):
        assert nobody.interval().isna().to_numpy().all()
    mixed = [0, 1] * 20
    in_line = forty(by=[None, *range(39)], x=mixed).proportion("x")
    with pytest.warns(HiddenpopWarning, match="each redraw takes the same participants") as told:
        assert in_line.interval().isna().to_numpy().all()
    assert not any("more alike" in str(one.message) for one in told)
    everybody = forty(x=mixed, population=40, homophily_on="x").proportion("x")
    with pytest.warns(HiddenpopWarning, match="each redraw takes the same participants"):
        everybody.interval()


def test_few_participants_are_no_clusters() -> None:
    """Three participants in a part: two degrees of freedom."""
    share = forty(part=["a"] * 37 + ["b"] * 3).mean("knows_well", by="part")
    with pytest.warns(HiddenpopWarning, match=r"rests on 2 degrees of freedom \(participants less sites\)"):
        share.interval(method="t")


def forty(by: Any = None, population: Any = None, homophily_on: Any = None, **columns: Any) -> hp.Survey:
    """Forty people, four of them seeds."""
    table = {"id": range(40), "by": [None] * 4 + [i // 3 for i in range(4, 40)] if by is None else by}
    knows = {"knows": np.arange(40) % 7 + 4, "knows_well": np.arange(40) % 5 + 1.5}
    options = {"population": population, "homophily_on": homophily_on, "replicates": 100}
    return hp.Survey.rds({**table, **knows, **columns}, **COLUMNS, **options)
