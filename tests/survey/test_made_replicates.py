"""Replicates made from designs: R's survey to eight digits, and closed forms.

Numbers in data/r_survey.json come from R survey 4.x.
"""

from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.survey.made_replicates import _of_order, hadamard

from ..replicated import columns_of
from ..schools import DESIGNS, EXPECTED, table


@pytest.mark.parametrize("design", DESIGNS)
def test_jackknife_replicates_agree_with_r(design: str) -> None:
    survey = hp.Survey(table(design), **DESIGNS[design])
    method = "JKn" if design.startswith("strat") else "JK1"
    expected = EXPECTED[design]["reps"]["jackknife"]
    replicated = survey.with_replicates(method, centre="mean")
    mean = replicated.mean("api00")
    np.testing.assert_allclose(mean.point, expected["est"], rtol=1e-8)
    np.testing.assert_allclose(mean.se(), expected["se"], rtol=1e-8)
    np.testing.assert_allclose(mean.se("replicates"), expected["se"], rtol=1e-8)
    # About the estimate they are the design's own jackknife; degrees of freedom are the design's.
    about = survey.with_replicates(method).mean("api00")
    assert about.se() == pytest.approx(survey.mean("api00").se("jackknife"), rel=1e-12)
    assert mean.se(centre="estimate") == pytest.approx(about.se(), rel=1e-12)
    assert replicated.record.df == survey.record.df
    if "nofpc" in design:
        weights = replicated.to_replicate_weights()
        frame = pd.concat([table(design), weights], axis=1)
        assert frame[columns_of(frame)].to_numpy().shape == (len(frame), replicated.replicates)
        assert np.linalg.matrix_rank(weights.to_numpy(), tol=1e-5) - 1 == survey.record.df


@pytest.mark.parametrize(("method", "rho"), [("BRR", None), ("Fay", 0.5), ("Fay", 0.3)])
@pytest.mark.parametrize("fpc", [None, "f"])
def test_balanced_replicates_of_linear_statistics_are_exact(
    pairs: pd.DataFrame, method: str, rho: float | None, fpc: str | None
) -> None:
    # Full orthogonal balance (McCarthy 1969): the linearised variance exactly, and replicates whose mean is the estimate.
    survey = hp.Survey(pairs, strata="h", clusters="k", weights="w", fpc=fpc)
    replicated = survey.with_replicates(method, rho=rho)
    for ask in (lambda s: s.total("y", by="g"), lambda s: s.count(by="g")):
        ours, theirs = ask(replicated), ask(survey)
        np.testing.assert_allclose(ours.vcov(), theirs.vcov("linearized"), rtol=1e-10)
        np.testing.assert_allclose(ours.se(centre="mean"), ours.se(), rtol=1e-10)
    assert replicated.replicates == 12
    assert replicated.record.df == 10
    means = replicated.mean("y")
    assert means.se() == pytest.approx(survey.mean("y").se("linearized"), rel=0.1)
    if fpc is None:
        assert np.linalg.matrix_rank(replicated.to_replicate_weights().to_numpy(), tol=1e-5) - 1 == 10


def test_jackknife_of_totals_is_the_linearised_variance(pairs: pd.DataFrame) -> None:
    # Closed form: replicates of a total are linear in the cluster left out, so JKn gives the textbook variance.
    for fpc in (None, "f"):
        survey = hp.Survey(pairs, strata="h", clusters="k", weights="w", fpc=fpc)
        total = survey.with_replicates("JKn").total("y", by="g")
        np.testing.assert_allclose(total.vcov(), survey.total("y", by="g").vcov("linearized"), rtol=1e-10)
    # And so it does for the mean of a simple sample: s^2 / n.
    values = pairs["y"].to_numpy()
    mean = hp.Survey({"y": values, "id": range(60)}).with_replicates("JK1").mean("y")
    assert mean.se() == pytest.approx(values.std(ddof=1) / np.sqrt(60), rel=1e-10)


def test_successive_differences_are_half_the_squares_between_neighbours() -> None:
    # Fay and Train (1995): in a circle within each stratum, exactly while the matrix has a row for each unit.
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"y": rng.normal(size=30), "h": [1] * 17 + [2] * 13, "w": rng.uniform(1, 3, 30)})
    z = (frame["y"] * frame["w"]).to_numpy()
    one = hp.Survey(frame, weights="w").with_replicates("SDR").total("y")
    assert one.se() == pytest.approx(np.sqrt(0.5 * ((z - np.roll(z, 1)) ** 2).sum()), rel=1e-12)
    two = hp.Survey(frame, weights="w", strata="h").with_replicates("SDR")
    parts = [0.5 * ((part - np.roll(part, 1)) ** 2).sum() for part in (z[:17], z[17:])]
    assert two.total("y").se() == pytest.approx(np.sqrt(sum(parts)), rel=1e-12)
    weights = two.to_replicate_weights().to_numpy()
    assert np.linalg.matrix_rank(weights, tol=1e-5) - 1 == two.record.df
    # Neighbours of a trend differ little: that is what the method is for.
    trend = hp.Survey({"y": np.arange(200.0)}).with_replicates("SDR")
    assert trend.replicates == 160
    assert trend.mean("y").se() < 0.2 * trend.mean("y").se("linearized")


def test_delete_a_group_in_closed_form() -> None:
    rng = np.random.default_rng(2)
    y = rng.normal(size=40)
    survey = hp.Survey({"y": y, "id": range(40)})
    replicated = survey.with_replicates("DAGJK", groups=8, seed=3)
    weights = replicated.to_replicate_weights().to_numpy()
    left_out = weights == 0
    assert (left_out.sum(axis=1) == 1).all()
    assert (left_out.sum(axis=0) == 5).all()
    # Equal groups: the variance between their means (Wolter 2007, eq. 4.2.4).
    means = np.array([y[left_out[:, g]].mean() for g in range(8)])
    assert replicated.mean("y").se() == pytest.approx(np.sqrt(((means - y.mean()) ** 2).sum() / (8 * 7)), rel=1e-10)
    assert replicated.record.df == 7
    assert replicated.mean("y").se() == survey.with_replicates("DAGJK", groups=8, seed=3).mean("y").se()
    assert replicated.mean("y").se() != survey.with_replicates("DAGJK", groups=8, seed=4).mean("y").se()


def test_delete_a_group_where_groups_outnumber_units(pairs: pd.DataFrame) -> None:
    # Kott's extension: a stratum with fewer units than groups adds its linearised variance exactly.
    # (The second stratum here has nothing to add.)
    clusters = pairs.assign(h=pairs["k"] < 10, y=pairs["y"].where(pairs["k"] < 10, 0.0))
    survey = hp.Survey(clusters, strata="h", clusters="k", weights="w")
    small = survey.with_replicates("DAGJK", groups=15)
    assert small.total("y").se() == pytest.approx(survey.total("y").se("linearized"), rel=1e-10)
    assert (small.to_replicate_weights() > 0).all(axis=None)
    # In many strata the groups cross, with mean zero over the seeds: 400 of them fix the mean variance to some 3%.
    many = hp.Survey(pairs, strata="h", clusters="k", weights="w")
    found = [many.with_replicates("DAGJK", groups=6, seed=seed).total("y").se() ** 2 for seed in range(400)]
    assert np.mean(found) == pytest.approx(many.total("y").se("linearized") ** 2, rel=0.12)


def test_hadamard_matrices() -> None:
    for order in [1, 2, 4, 8, 12, 20, 24, 28, 36, 40, 44, 60, 76, 80, 160]:
        matrix = _of_order(order)
        assert matrix is not None, order
        assert set(np.unique(matrix)) <= {-1.0, 1.0}
        np.testing.assert_array_equal(matrix @ matrix.T, order * np.eye(order))
    assert len(hadamard(50)) == 56  # 52 has no such construction here
    assert (hadamard(30)[:, 0] == 1).all()


@pytest.mark.parametrize("method", ["JKn", "BRR", "Fay", "SDR", "DAGJK"])
def test_exported_weights_read_back(pairs: pd.DataFrame, method: str) -> None:
    options = {"rho": 0.5} if method == "Fay" else {"groups": 4} if method == "DAGJK" else {}
    survey = hp.Survey(pairs, strata="h", clusters="k", weights="w", fpc="f").with_replicates(method, **options)
    weights = survey.to_replicate_weights()
    frame = pd.concat([pairs, weights], axis=1)
    given = {key: weights.attrs[key] for key in ("scale", "rscales", "centre")}
    back = hp.Survey(frame, weights="w", replicate_weights=list(weights.columns), method="other", **given)
    for ask in (lambda s: s.mean("y", by="g"), lambda s: s.proportion("g")):
        np.testing.assert_allclose(ask(back).vcov(), ask(survey).vcov(), rtol=1e-9)
    assert back.record.df == survey.record.df


def test_identical_participants_are_replicated_alike() -> None:
    rows = pd.DataFrame({"x": [1] * 30 + [0] * 70})
    single = hp.Survey(rows.assign(id=range(100)))
    counted = hp.Survey({"x": [1, 0], "n": [30, 70]}, counts="n")
    for survey in (counted, hp.Survey(rows)):
        for centre in ("estimate", "mean"):
            ours = survey.with_replicates("JK1", centre=centre)
            theirs = single.with_replicates("JK1", centre=centre)
            assert ours.proportion("x").se() == pytest.approx(theirs.proportion("x").se(), rel=1e-10)
            assert ours.replicates == 100
    assert counted.with_replicates("JK1").to_replicate_weights().shape == (2, 100)
    # Groups and neighbours are of people: the order of rows counts where the table has it.
    for method in ("SDR", "DAGJK"):
        ours, theirs = (s.with_replicates(method) for s in (hp.Survey(rows), single))
        assert ours.replicates == theirs.replicates
        assert ours.count().se() == pytest.approx(0, abs=1e-9)
    assert hp.Survey(rows).with_replicates("SDR").total("x").se() == pytest.approx(1.0)  # one step, and the circle's


def test_certain_clusters_add_nothing() -> None:
    base = {"h": [1, 1, 2, 2, 3], "x": [1.0, 3.0, 5.0, 9.0, 4.0], "w": [1.0] * 5, "N": [2, 2, 8, 8, 6]}
    survey = hp.Survey(base, strata="h", weights="w", fpc="N", lonely="certainty")
    # By hand, as in test_design: 0.75 * 2 * 8 = 12.
    for method in ("JKn", "BRR", "SDR"):
        assert survey.with_replicates(method).total("x").se() == pytest.approx(np.sqrt(12), rel=1e-12)
    assert survey.total("x").se("jackknife") == pytest.approx(np.sqrt(12), rel=1e-12)


BAD_DESIGNS: dict[str, tuple[str, dict[str, Any], str]] = {
    "unknown": ("JKN", {}, "Did you mean 'JKn'"),
    "JK1 of strata": ("JK1", {}, r"without strata; this one has 4: with_replicates\('JKn'\)"),
    "BRR of threes": ("BRR", {}, "needs two clusters .* 2 of 4 have another number: 'c', 'd'"),
    "groups of BRR": ("BRR", {"groups": 4}, "belong to method='DAGJK'"),
    "one group": ("DAGJK", {"groups": 1}, "a whole number from 2 to 11"),
    "too many groups": ("DAGJK", {"groups": 12}, "a whole number from 2 to 11"),
    "seed": ("DAGJK", {"groups": 3, "seed": -1}, "seed=-1 is outside"),
    "rho": ("Fay", {"rho": 1}, "must lie in 0 to 1"),
    "centre": ("JKn", {"centre": "x"}, "must be 'estimate' or 'mean'"),
}


@pytest.mark.parametrize("name", BAD_DESIGNS)
def test_designs_that_a_method_is_not_for(name: str) -> None:
    method, options, message = BAD_DESIGNS[name]
    frame = {"h": list("aabbcccdddd"), "x": range(11), "w": [1.0] * 11}
    survey = hp.Survey(frame, strata="h", weights="w")
    with pytest.raises(InputError, match=message):
        survey.with_replicates(method, **options)
