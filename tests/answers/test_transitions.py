"""Shares from who recruits whom: R's numbers, and everything that an estimate can do with them."""

from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError, _core
from hiddenpop.answers.transitions import Counted, shares
from hiddenpop.uncertainty.variance_replicates import DeleteOne

from .. import recruitment
from ..facts import DATA
from ..recruitment import MADRONA, madrona, survey
from ..survey.test_rds_files import EXPECTED, jazz

RDS_I: dict[str, Any] = {"estimator": "salganik_heckathorn"}


def test_shares_are_r_s() -> None:
    """R's RDS 0.9-10 (seeds' degrees count) and an independent prototype (they don't)."""
    assert survey(population=None).proportion("disease", **RDS_I).point == pytest.approx(0.1591980938096, rel=1e-11)
    out = survey(population=None, seeds="out").proportion("disease", **RDS_I)
    assert out.point == pytest.approx(0.15861035660720224, rel=1e-11)
    for seeds, share in (("in", 0.143513425), ("out", 0.14459692713532193)):
        timed = hp.Survey.rds(recruitment.timed(), **recruitment.TIMED, seeds=seeds)
        assert timed.proportion("var1", **RDS_I).point == pytest.approx(share, rel=5e-9)


@pytest.mark.filterwarnings("ignore:The sample has 1 chain")
def test_three_categories_are_r_s() -> None:
    made = hp.Survey.rds(recruitment.faux(), **recruitment.FAUX, replicates=200)
    expected = {"black": 0.2742975567694264, "blue": 0.479063365853092, "green": 0.2466390773774817}
    assert made.proportion("Y", **RDS_I).point.to_dict() == pytest.approx(expected, rel=1e-11)
    two = {"blue": 0.31091328556386233, "red": 0.6890867144361377}
    assert made.proportion("X", **RDS_I).point.to_dict() == pytest.approx(two, rel=1e-11)


def test_transitions_count_people_without_a_degree() -> None:
    """New York jazz musicians, numbers from R (complete degrees, seeds in)."""
    table = hp.read_rdsat(DATA / "rds" / "nyjazz.rdsat")
    made = jazz(repeats="last", orphans="seeds", impute_degree="leave_out")
    for ours, theirs in (("Gender(MF)", "Gender.MF."), ("Race(WBO)", "Race.WBO.")):
        asked = made.assign(answer=table[ours].astype("Int64").astype("category"))
        expected = EXPECTED["rds_i_seeds_and_complete_degrees"][theirs]
        assert asked.proportion("answer", **RDS_I).point.tolist() == pytest.approx(expected, rel=1e-11)


def test_shares_balance_recruitment() -> None:
    """Closed form: with two categories q is (T21/T2, T12/T1) over their sum; and q P = q with more."""
    rng = np.random.default_rng(1)
    totals = rng.uniform(1, 9, (15, 4))
    found = shares(totals, 3)
    chances = totals[:9].T.reshape(-1, 3, 3)
    chances = chances / chances.sum(axis=2, keepdims=True)
    q = found * totals[9:12] / totals[12:]
    q = (q / q.sum(axis=0)).T
    np.testing.assert_allclose(np.einsum("ra,rab->rb", q, chances), q, rtol=1e-12)
    # Whoever never recruits the first is in balance without it; two that never meet have no answer.
    one_way = np.array([3, 1, 0, 5, 1, 1, 1, 1.0])[:, None]
    np.testing.assert_allclose(shares(one_way, 2)[:, 0], [0, 1])
    assert np.isnan(shares(np.array([3, 0, 0, 5, 1, 1, 1, 1.0])[:, None], 2)).all()


@pytest.mark.parametrize("scheme", ["tree", "seeds", "salganik", "neighbourhood"])
def test_draws_are_those_of_the_totals(scheme: str) -> None:
    """A replicate's share is that of its own transitions and degrees, joint with the survey's other answers."""
    options = {"homophily_on": "disease"} if scheme == "salganik" else {}
    made = survey(redraws=scheme, replicates=400, **options)
    share = made.proportion("disease", **RDS_I)
    table = madrona()
    weight = made.sample.sampling.weights
    place = {str(k): i for i, k in enumerate(table["id"])}
    by = np.array([place.get(r, -1) for r in table["recruiter.id"].astype(str)])
    x, degree = table["disease"].to_numpy(), table["degree"].to_numpy()
    times = made.to_replicate_weights(3).to_numpy() / weight[:, None]
    for i in range(3):
        c = times[:, i]
        count = [[c[(by >= 0) & (x[by] == a) & (x == b)].sum() for b in (0, 1)] for a in (0, 1)]
        p = np.array(count) / np.sum(count, axis=1)[:, None]
        q = np.array([p[1, 0], p[0, 1]])
        h = [c[x == a].sum() / (c / degree)[x == a].sum() for a in (0, 1)]
        assert share.draws[0, i] == pytest.approx((q / h)[1] / (q / h).sum(), rel=1e-9)
    assert abs(share.draws.mean() - share.point) < share.se() / 3
    difference = share - made.proportion("disease")
    assert difference.se() < share.se() + made.proportion("disease").se()


@pytest.mark.parametrize("scheme", ["successive", "homophily_graph"])
def test_who_is_recruited_anew_has_the_recruiter_of_the_replicate(scheme: str) -> None:
    """Replicates keep what the scheme follows: transitions have the sample's row shares, and shares lie around the point."""
    made = survey(redraws=scheme, replicates=1_000, homophily_on="disease", centre=False, population=20_000)
    share = made.proportion("disease", **RDS_I)
    assert abs(share.draws.mean() - share.point) < share.se() / 4
    counted = Counted.of(share.node.live, "disease", None)  # type: ignore[attr-defined]
    kernel = _core.Recruitment(share.node.live.sampling.core, counted.category, 2)  # type: ignore[attr-defined]
    record = made.sample.record
    found = kernel.transitions(record.seed, record.fingerprint, 0, 1_000, 1)[:4].sum(axis=1).reshape(2, 2)
    point = np.array([counted.columns[k].sum() for k in range(4)]).reshape(2, 2)
    np.testing.assert_allclose(found[:, 1] / found.sum(axis=1), point[:, 1] / point.sum(axis=1), rtol=0.06)


@pytest.mark.filterwarnings("ignore:The sample has 1 chain")
def test_least_squares_are_those_of_an_overdetermined_system() -> None:
    """NumPy's lstsq on p_a h_a P_ab - p_b h_b P_ba = 0 for each pair, with the last share 1 less the others (Heckathorn 2002)."""
    rng = np.random.default_rng(3)
    totals = rng.uniform(1, 9, (24, 5))
    found = shares(totals, 4, "least_squares")
    pairs = [(a, b) for a in range(4) for b in range(a)]
    for r in range(5):
        count = totals[:16, r].reshape(4, 4)
        ends = count / count.sum(axis=1)[:, None] * (totals[16:20, r] / totals[20:, r])[:, None]
        system = np.zeros((len(pairs), 4))
        for row, (a, b) in enumerate(pairs):
            system[row, a], system[row, b] = ends[a, b], -ends[b, a]
        first = np.linalg.lstsq(system[:, :3] - system[:, 3:], -system[:, 3], rcond=None)[0]
        np.testing.assert_allclose(found[:, r], [*first, 1 - first.sum()], rtol=1e-9)
    two = rng.uniform(1, 9, (8, 5))
    np.testing.assert_array_equal(shares(two, 2, "least_squares"), shares(two, 2))
    # Where both directions agree there is nothing to square: it is RDS-I.
    ties = np.array([[8.0, 3, 2], [3, 9, 4], [2, 4, 6]])
    agreed = np.concatenate([ties.ravel(), [9.0, 9, 9], [2.0, 3, 1]])[:, None]
    np.testing.assert_allclose(shares(agreed, 3, "least_squares"), shares(agreed, 3), rtol=1e-10)
    assert np.isnan(
        shares(np.array([[3.0], *[[0.0]] * 3, [5], *[[0.0]] * 3, [2], *[[1.0]] * 6]), 3, "least_squares")
    ).all()
    made = hp.Survey.rds(recruitment.faux(), **recruitment.FAUX, replicates=200)
    share = made.proportion("Y", **RDS_I, smoothing="least_squares")
    assert share.point.sum() == pytest.approx(1)
    assert share.draws.shape == (3, 200)
    np.testing.assert_allclose(np.nansum(share.draws, axis=0)[np.isfinite(share.draws[0])], 1)
    assert "by least squares" in share.methods()
    assert "Heckathorn DD (2002)" in share.methods()
    again = hp.read_estimate(share.to_json())
    assert again.replay(survey=made).draws.tobytes() == share.draws.tobytes()
    assert np.isfinite(share.se("linearized")).all()
    plain = made.proportion("X", **RDS_I)
    np.testing.assert_allclose(made.proportion("X", **RDS_I, smoothing="least_squares").draws, plain.draws)


def test_standard_errors_agree_among_themselves() -> None:
    """The linearised one is near that of the draws of whole trees; slopes are those of the estimator."""
    made = survey(population=None, replicates=4_000)
    share = made.proportion("disease", **RDS_I)
    assert 0.4 < share.se("linearized") / share.se() < 1.6
    values = share.node.influence()  # type: ignore[attr-defined]
    assert np.abs(np.sum(values)) < 1e-8
    table = madrona()
    without = share.node.left_out(*_scheme(share))  # type: ignore[attr-defined]
    # Leaving one of n out moves the share by its influence, but for terms of 1/n^2.
    off = without[0] - share.point
    assert np.corrcoef(off, values[0])[0, 1] < -0.98
    assert len(off) == len(table)


def _scheme(share: hp.Estimate) -> Any:
    scheme = DeleteOne.of(share.node.live)  # type: ignore[attr-defined]
    return scheme, scheme.varies


def test_it_is_an_estimate_like_any_other() -> None:
    made = survey(replicates=500, homophily_on="disease")
    share = made.proportion("disease", **RDS_I)
    size = hp.multiplier(400, share)
    assert size.point == pytest.approx(400 / share.point)
    for est in (share, size):
        again = hp.read_estimate(est.to_json())
        assert again.interval().equals(est.interval())
        assert again.interval(method="t").equals(est.interval(method="t"))
        assert "degree" not in est.to_json()
        assert again.replay(survey=made).draws.tobytes() == est.draws.tobytes()
    assert share.replay(seed=3).draws.tobytes() != share.draws.tobytes()
    text = size.methods()
    assert "estimator of Salganik and Heckathorn (RDS-I)" in text
    assert "Sociological Methodology" in text
    assert share.summary()["method"].iloc[0] == "proportion (RDS-I); 95% percentile"
    groups = made.proportion("group", **RDS_I)
    assert groups.point.sum() == pytest.approx(1)
    assert groups["b"].draws.shape == (1, 500)
    hp.Report("r", suppress_below=5).add(groups).to_html()


def test_what_it_does_not_answer_is_refused() -> None:
    made = survey()
    for ask, said in (
        (lambda: made.proportion("disease", by="group", **RDS_I), "leave by= and where= out"),
        (lambda: made.proportion("age", **RDS_I), "numbers, not categories"),
        (lambda: hp.Survey(madrona()).proportion("disease", **RDS_I), r"hp\.Survey\.rds"),
        (lambda: hp.Imputed([madrona(), madrona()]).proportion("disease", **RDS_I), r"hp\.Survey\.rds"),
        (lambda: made.calibrate({"group": {"a": 0.4, "b": 0.6}}).proportion("disease", **RDS_I), "calibrated"),
        (lambda: made.proportion("disease", estimator="other"), "estimator"),
    ):
        with pytest.raises(InputError, match=said):
            ask()
    lonely = hp.Survey.rds(madrona().assign(rare=lambda t: t["id"] == t["id"].iloc[-1]), **MADRONA)
    with pytest.raises(InputError, match="True of 'rare' recruited nobody"):
        lonely.proportion("rare", **RDS_I)
    alone = pd.Series(np.where(madrona()["wave"] == 0, "seed", "other"))
    with pytest.raises(InputError, match="'seed' of 'first' were recruited by nobody"):
        hp.Survey.rds(madrona().assign(first=alone), **MADRONA).proportion("first", **RDS_I)
