"""Variance replicates: R's survey to eight digits, closed forms, and what has no draws says so.

Numbers in data/r_survey.json come from R survey 4.x; the rest are closed forms computed here with NumPy.
"""

import pickle
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, HiddenpopWarning, InputError
from hiddenpop.arithmetic import as_estimate
from hiddenpop.replicate_designs import _of_order, hadamard
from hiddenpop.variance import measured

from .test_designs import DESIGNS, EXPECTED, table


@pytest.fixture
def pairs() -> pd.DataFrame:
    """Return ten strata of two clusters of three people, with weights and a fraction sampled."""
    rng = np.random.default_rng(5)
    stratum, cluster = np.repeat(np.arange(10), 6), np.repeat(np.arange(20), 3)
    frame = pd.DataFrame({"h": stratum, "k": cluster, "w": rng.uniform(1, 9, 60).round(2)})
    frame["y"] = (rng.normal(5, 2, 20)[cluster] + rng.normal(0, 1, 60)).round(3)
    frame["f"] = np.linspace(0.05, 0.6, 10)[stratum]
    return frame.assign(yes=lambda t: t["y"] > 5, g=["a", "b", "b"] * 20)


@pytest.fixture
def agency(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the same people with 12 columns of BRR weights and nothing that says how they were sampled."""
    survey = hp.Survey(pairs, strata="h", clusters="k", weights="w").with_replicates("BRR")
    return pd.concat([pairs.drop(columns=["h", "k", "f"]), survey.to_replicate_weights()], axis=1)


def columns_of(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame.columns if str(name).startswith("rw")]


def by_hand(frame: pd.DataFrame, theta: Any, factor: Any, centre: str = "estimate") -> float:
    """Apply the definition: the root of sum_r factor_r (theta_r - c)^2."""
    values = np.array([theta(frame[name].to_numpy()) for name in columns_of(frame)])
    middle = theta(frame["w"].to_numpy()) if centre == "estimate" else values.mean()
    return float(np.sqrt((factor * (values - middle) ** 2).sum()))


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


FACTORS: dict[str, tuple[dict[str, Any], Any]] = {
    # As R's svrepdesign documents its defaults, with R = 12.
    "BRR": ({}, 1 / 12),
    "Fay": ({"rho": 0.4}, 1 / (12 * 0.36)),
    "JK1": ({}, 11 / 12),
    "JK2": ({}, 1.0),
    "JKn": ({"rscales": np.linspace(0.5, 0.9, 12)}, np.linspace(0.5, 0.9, 12)),
    "SDR": ({}, 4 / 12),
    "bootstrap": ({}, 1 / 11),
    "other": ({"scale": 0.5, "rscales": [0.1] * 12}, 0.05),
}


@pytest.mark.parametrize("centre", ["estimate", "mean"])
@pytest.mark.parametrize("method", FACTORS)
def test_agency_weights_by_their_definition(agency: pd.DataFrame, method: str, centre: str) -> None:
    options, factor = FACTORS[method]
    survey = hp.Survey(
        agency, weights="w", replicate_weights=columns_of(agency), method=method, centre=centre, **options
    )
    y = agency["y"].to_numpy()
    expected = by_hand(agency, lambda w: w @ y / w.sum(), factor, centre)
    assert survey.mean("y").se() == pytest.approx(expected, rel=1e-12)
    assert survey.record.df == 10  # the rank, as the design they came from has
    assert survey.columns == ["w", "y", "yes", "g"]
    # Through a multiplier and arithmetic, replicate by replicate.
    size = hp.multiplier(900, survey.proportion("yes")) * survey.mean("y") / 5
    in_size = by_hand(agency, lambda w: 900 * w.sum() / (w @ (y > 5)) * (w @ y / w.sum()) / 5, factor, centre)
    assert size.se() == pytest.approx(in_size, rel=1e-12)


def test_replicates_that_multiply_weights(agency: pd.DataFrame) -> None:
    names = columns_of(agency)
    combined = hp.Survey(agency, weights="w", replicate_weights=names, method="BRR")
    factors = agency.assign(**{name: agency[name] / agency["w"] for name in names})
    apart = hp.Survey(factors, weights="w", replicate_weights=names, method="BRR", combined_weights=False)
    assert apart.mean("y").se() == pytest.approx(combined.mean("y").se(), rel=1e-12)
    assert apart.median("y").se() == pytest.approx(combined.median("y").se(), rel=1e-12)
    assert apart.record.df == combined.record.df
    pd.testing.assert_frame_equal(apart.to_replicate_weights(), combined.to_replicate_weights())
    # Without sampling weights all count one.
    plain = hp.Survey(agency, replicate_weights=names, method="BRR", combined_weights=False)
    assert plain.mean("y").point == pytest.approx(agency["y"].mean())


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


def test_sources_add_their_variances(agency: pd.DataFrame, survey: hp.Survey) -> None:
    ours = hp.Survey(agency, weights="w", replicate_weights=columns_of(agency), method="BRR").mean("y")
    input_ = hp.normal(3, 0.5, name="hours")
    other = survey.proportion("in_treatment", by="group")["opioids"]
    product = ours * input_ * other
    parts = [
        (ours.se() * input_.point * other.point) ** 2,
        (ours.point * input_.se() * other.point) ** 2,
        (ours.point * input_.point * other.se("linearized")) ** 2,
    ]
    assert product.se() == pytest.approx(np.sqrt(sum(parts)), rel=1e-9)
    # Satterthwaite (1946): degrees of freedom of the sum; 10 for the replicates, 518 for the design, none for the input.
    df = sum(parts) ** 2 / (parts[0] ** 2 / 10 + parts[2] ** 2 / survey._sampling.df)
    assert measured(product.node).df[0] == pytest.approx(df, rel=1e-9)
    # What can't be linearised brings its draws.
    rows = hp.Survey({"age": np.random.default_rng(3).normal(40, 9, 101)})
    both = ours + rows.median("age")
    assert both.se() == pytest.approx(np.hypot(ours.se(), rows.median("age").se()), rel=1e-9)


def test_two_surveys_with_replicates(agency: pd.DataFrame, pairs: pd.DataFrame) -> None:
    a = hp.Survey(agency, weights="w", replicate_weights=columns_of(agency), method="BRR", name="a").mean("y")
    other = pairs.assign(y=pairs["y"] + pairs["h"])
    b = hp.Survey(other, strata="h", clusters="k", weights="w", name="b").with_replicates("JKn").mean("y")
    assert (a - b).se() == pytest.approx(np.hypot(a.se(), b.se()), rel=1e-12)
    # One survey's estimates move together.
    assert (a - a).se() == 0


def test_intervals_are_t_on_the_link_scale(agency: pd.DataFrame) -> None:
    survey = hp.Survey(agency, weights="w", replicate_weights=columns_of(agency), method="BRR")
    size = hp.multiplier({"a": 500, "b": 900}, survey.proportion("yes", by="g"))
    t = 2.2281388519649385  # Student's t, 97.5%, 10 degrees of freedom (any table)
    half = t * size.se() / size.point
    summary = size.summary()
    np.testing.assert_allclose(summary["lower"], size.point * np.exp(-half), rtol=1e-9)
    np.testing.assert_allclose(summary["upper"], size.point * np.exp(half), rtol=1e-9)
    np.testing.assert_allclose(summary["se"], size.se(), rtol=1e-12)
    assert set(summary["method"]) == {"multiplier; 95% t"}
    share = survey.proportion("yes")
    low, high = share.interval().iloc[0]
    logit = t * share.se() / (share.point * (1 - share.point))
    assert np.log(high / (1 - high)) - np.log(low / (1 - low)) == pytest.approx(2 * logit, rel=1e-9)
    wide = hp.Survey(agency, weights="w", replicate_weights=columns_of(agency), method="BRR", df=2)
    assert wide.proportion("yes").interval().loc[:, "upper"].item() > high
    for method in ("wilson", "beta"):
        assert share.interval(method=method).iloc[0].between(0, 1).all()


def test_what_has_no_draws_says_so(agency: pd.DataFrame) -> None:
    survey = hp.Survey(agency, weights="w", replicate_weights=columns_of(agency), method="Fay", rho=0.5)
    size = hp.multiplier(900, survey.proportion("yes"))
    for method in ("percentile", "basic", "normal", "bc", "bca"):
        with pytest.raises(EstimationError, match=r"not draws.*interval\(method='t'\).*to_normal"):
            (size * hp.beta(80, 20, name="c")).interval(method=method)
    for impossible in (
        lambda: size.draws,
        lambda: hp.prob(size > 1_000),
        lambda: size.quantile(0.5),
        lambda: size.se("draws"),
        lambda: size.plot("density"),
        size.to_xarray,
        (size > 1_000).methods,
    ):
        with pytest.raises(EstimationError, match="not draws"):
            impossible()
    assert "no probability" in repr(size > 1_000)
    assert "to_normal" in (size > 1_000)._repr_html_()
    with pytest.raises(InputError, match="needs the design"):
        size.se("jackknife")
    with pytest.raises(EstimationError, match="need the design"):
        size.se("linearized")
    assert "95% interval" in repr(size)
    assert "12 variance replicates" in size._repr_html_()
    assert size.plot() is not None
    assert size.cv() == pytest.approx(size.se() / size.point)
    assert (size / 2).per(10_000).se() == pytest.approx(size.se() / 20)
    assert hp.concat({"a": size, "b": size * 2}).summary()["se"].tolist() == pytest.approx([size.se(), 2 * size.se()])
    double = hp.apply(lambda x: 2 * x, size, name="twice")
    assert double.se() == pytest.approx(2 * size.se())
    with pytest.raises(InputError, match="mixes replicates"):
        hp.apply(lambda x: x - x.mean(), size)
    assert size.replay(seed=4, replicates=77).se() == size.se()
    text = size.methods()
    for part in (
        "12 replicate weights by Fay's",
        "rho 0.5",
        "t (standard errors and degrees of freedom from",
        "Judkins",
    ):
        assert part in text
    assert "draw" not in text
    assert "Efron" not in text


def test_the_design_says_what_measures_variance(agency: pd.DataFrame, pairs: pd.DataFrame) -> None:
    survey = hp.Survey(agency, weights="w", replicate_weights=columns_of(agency), method="BRR")
    assert "measured by 12 replicate weights by balanced repeated replication" in str(survey.design)
    assert "12 replicate weights" in repr(survey)
    assert "seed" not in repr(survey)
    made = hp.Survey(pairs, strata="h", clusters="k", weights="w").with_replicates("JKn")
    assert "20 clusters by k in 10 strata" in str(made.design)
    assert "20 replicates by the stratified jackknife" in str(made.design)


def test_quantiles_by_half_samples_and_not_by_the_jackknife(agency: pd.DataFrame, pairs: pd.DataFrame) -> None:
    survey = hp.Survey(agency, weights="w", replicate_weights=columns_of(agency), method="BRR")
    order = np.argsort(agency["y"].to_numpy())
    sorted_ = agency["y"].to_numpy()[order]

    def median(w: Any) -> float:
        return float(sorted_[np.searchsorted(np.cumsum(w[order]), w.sum() / 2)])

    ours = survey.quantile("y", 0.5, rule="lower")
    assert ours.se() == pytest.approx(by_hand(agency, median, 1 / 12), rel=1e-12)
    assert ours.summary()["method"].item() == "quantile; 95% t"
    # A design's half-samples give the same.
    design = hp.Survey(pairs, strata="h", clusters="k", weights="w")
    assert design.with_replicates("BRR").quantile("y", 0.5, rule="lower").se() == pytest.approx(ours.se(), rel=1e-12)
    for method in ("JKn", "DAGJK"):
        groups = {"groups": 10} if method == "DAGJK" else {}
        jackknifed = design.with_replicates(method, **groups).median("y")
        with pytest.raises(EstimationError, match="quantile jumps"):
            jackknifed.se("replicates")
        assert jackknifed.summary()["method"].item() == "quantile; 95% woodruff"
        assert "no interval" not in repr(jackknifed)
        assert "no interval" in repr(jackknifed * 2)
    few = design.with_replicates("DAGJK", groups=4).median("y")
    assert few.se() > 0


def test_woodruff_intervals_with_jackknife_replicates() -> None:
    # R's Woodruff intervals of apistrat, in which the jackknife's standard error of the share moves no end.
    survey = hp.Survey(table("strat"), **DESIGNS["strat"]).with_replicates("JKn")
    for q, (_, lower, upper, error) in zip((0.25, 0.5, 0.75), EXPECTED["strat"]["quantile"], strict=True):
        quantile = survey.quantile("api00", q, rule="lower")
        assert quantile.interval().iloc[0].tolist() == [lower, upper]
        assert quantile.se() == pytest.approx(error, rel=1e-8)
        assert quantile.summary()["se"].item() == quantile.se()
        with pytest.raises(EstimationError, match="save the points alone"):
            quantile.to_json()


def test_functions_of_weights(agency: pd.DataFrame, pairs: pd.DataFrame) -> None:
    y = agency["y"].to_numpy()
    for survey in (
        hp.Survey(agency, weights="w", replicate_weights=columns_of(agency), method="BRR"),
        hp.Survey(pairs, strata="h", clusters="k", weights="w").with_replicates("JKn"),
    ):
        mean = survey.replicate(lambda w: np.average(y, weights=w), name="mean y")
        assert mean.se() == pytest.approx(survey.mean("y").se(), rel=1e-12)
        assert (mean - survey.mean("y")).se() == pytest.approx(0, abs=1e-9)
        assert "mean y, a function of weights" in mean.methods()


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


def test_an_undefined_replicate_gives_no_standard_error(agency: pd.DataFrame) -> None:
    names = columns_of(agency)
    someone = agency.assign(rare=[True] + [False] * 59)
    survey = hp.Survey(someone, weights="w", replicate_weights=names, method="BRR")
    size = hp.multiplier(100, survey.proportion("rare"))  # a half-sample without that one person
    with pytest.warns(HiddenpopWarning, match="undefined or infinite in some variance replicate"):
        assert np.isnan(size.se())
    with pytest.warns(HiddenpopWarning, match="undefined or infinite"):
        assert size.interval().isna().all(axis=None)
    assert "no interval" in repr(size)


def test_certain_clusters_add_nothing() -> None:
    base = {"h": [1, 1, 2, 2, 3], "x": [1.0, 3.0, 5.0, 9.0, 4.0], "w": [1.0] * 5, "N": [2, 2, 8, 8, 6]}
    survey = hp.Survey(base, strata="h", weights="w", fpc="N", lonely="certainty")
    # By hand, as in test_designs: 0.75 * 2 * 8 = 12.
    for method in ("JKn", "BRR", "SDR"):
        assert survey.with_replicates(method).total("x").se() == pytest.approx(np.sqrt(12), rel=1e-12)
    assert survey.total("x").se("jackknife") == pytest.approx(np.sqrt(12), rel=1e-12)


def test_draws_from_a_normal(agency: pd.DataFrame) -> None:
    survey = hp.Survey(agency, weights="w", replicate_weights=columns_of(agency), method="BRR")
    size = hp.multiplier({"a": 500, "b": 900}, survey.proportion("yes", by="g"))
    normal = size.to_normal(replicates=50_000, seed=2)
    logs = np.log(normal.draws)
    point = size.point.to_numpy()
    # The delta method's covariance on the log scale; 50,000 draws fix standard deviations to 0.3%.
    np.testing.assert_allclose(np.cov(logs), size.vcov() / np.outer(point, point), rtol=0.03, atol=1e-4)
    np.testing.assert_allclose(logs.mean(axis=1), np.log(point), atol=0.005)
    np.testing.assert_array_equal(normal.point, size.point)
    assert 0 < hp.prob(normal["a"] > 500) <= 1
    assert normal.quantity == "size"
    text = normal.methods()
    assert "multivariate normal distribution on the log scale" in text
    assert "12 replicate weights by balanced" in text
    mixed = normal.sum() * hp.beta(80, 20, name="c")
    assert mixed.interval(method="percentile").notna().all(axis=None)
    # The same estimate gives the same draws; so does what was saved.
    np.testing.assert_array_equal(size.to_normal(replicates=50_000, seed=2).draws, normal.draws)
    assert not np.array_equal(size.to_normal(seed=2, name="mine").draws, normal.draws[:, :10_000])
    back = hp.read_estimate(normal.to_json(draws=False))
    np.testing.assert_array_equal(back.draws, normal.draws)
    share = survey.proportion("yes").to_normal()
    assert ((share.draws > 0) & (share.draws < 1)).all()
    with pytest.warns(HiddenpopWarning, match="another estimate of the same survey"):
        _ = normal * survey.mean("y")
    with pytest.warns(HiddenpopWarning, match="another estimate of the same survey"):
        _ = survey.mean("y") * normal
    with pytest.raises(InputError, match="under two seeds"):
        _ = normal + size.to_normal(seed=3)
    for method in ("bca", "basic"):
        with pytest.raises(InputError, match="no sample is redrawn for"):
            normal.interval(method=method)


def test_normal_draws_have_an_edge() -> None:
    part = hp.Survey({"k": list("aabbccdd"), "g": [1, 2] * 4, "x": [1, 0, 1, 0, 0, 0, 1, 0]}, clusters="k")
    with pytest.warns(HiddenpopWarning, match="no estimate there"):
        size = hp.multiplier({1: 50, 2: 50}, part.with_replicates("JK1").proportion("x", by="g"))
    assert np.isnan(size.to_normal().draws).all(axis=1).tolist() == [False, True]
    survey = hp.Survey({"k": [1, 1, 2, 2, 3, 3], "x": [1] * 6, "z": [1, 0] * 3}, clusters="k").with_replicates("JK1")
    fixed = survey.proportion("x").to_normal()
    assert (fixed.draws == 1).all()  # nothing varies, so nothing is drawn
    # Without the cluster that holds all of it the share is 0, the size infinite.
    part = hp.Survey({"k": [1, 1, 2, 2, 3, 3], "x": [1, 0, 0, 0, 0, 0]}, clusters="k").with_replicates("JK1")
    with pytest.raises(EstimationError, match="no standard error"):
        hp.multiplier(10, part.proportion("x")).to_normal()
    with pytest.raises(InputError, match="nothing to draw"):
        as_estimate(3.0).to_normal()


def pairs_again(agency: pd.DataFrame) -> hp.Survey:
    """Return other people with replicate weights of the same kind."""
    people = agency.assign(y=agency["y"][::-1].to_numpy())
    return hp.Survey(people, weights="w", replicate_weights=columns_of(agency), method="BRR", name="others")


def test_saved_estimates_keep_their_variance(agency: pd.DataFrame) -> None:
    survey = hp.Survey(agency, weights="w", replicate_weights=columns_of(agency), method="BRR")
    size = hp.multiplier({"a": 500, "b": 900}, survey.proportion("yes", by="g")) * hp.beta(80, 20, name="c")
    for back in (
        hp.read_estimate(size.to_json()),
        hp.read_estimate(size.to_json(draws=False)),
        pickle.loads(pickle.dumps(size)),
    ):
        pd.testing.assert_frame_equal(back.summary(), size.summary())
        pd.testing.assert_frame_equal(back.vcov(), size.vcov())
        assert repr(back) == repr(size)
        assert back.methods() == size.methods()
        # Labels, sums and other linear combinations carry the saved covariance on.
        assert back["a"].se() == pytest.approx(size["a"].se(), rel=1e-12)
        assert back.sum().se() == pytest.approx(size.sum().se(), rel=1e-9)
        assert (back["a"] / 2 + hp.normal(0, 1, name="z")).se() > back["a"].se() / 2
        with pytest.raises(EstimationError, match="combine before saving"):
            (back * survey.mean("y")).se()
        with pytest.raises(EstimationError, match="not draws"):
            _ = back.draws
        again = back.replay(survey=survey)
        assert again.se().tolist() == pytest.approx(size.se().tolist())
        assert not [name for name in ("rw1", "digests") if name in size.to_json()]
    # Beside a live survey with replicates, and beside what was saved with its draws.
    other = pairs_again(agency).mean("y")
    assert (back["a"] * other).se() == pytest.approx(
        np.hypot(size["a"].se() * other.point, other.se() * size["a"].point), rel=1e-9
    )
    drawn = hp.read_estimate(hp.Survey({"age": [30, 41, 52, 63]}).mean("age").to_json())
    assert (drawn + other).se() == pytest.approx(np.hypot(drawn.se(), other.se()), rel=1e-9)
    event = hp.read_estimate((size["a"] > 300).to_json())
    assert "no probability" in repr(event)


def test_one_survey_measures_variance_in_one_way(pairs: pd.DataFrame) -> None:
    survey = hp.Survey(pairs, strata="h", clusters="k", weights="w")
    replicated = survey.with_replicates("JKn")
    for other in (survey, survey.with_replicates("BRR"), survey.with_replicates("JKn", centre="mean")):
        with pytest.raises(InputError, match="in two ways"):
            _ = replicated.mean("y") / other.mean("y")
    assert replicated.record.fingerprint == survey.record.fingerprint
    kept = replicated.assign(z=pairs["y"] * 2).mean("z") / replicated.mean("y")
    assert kept.se() == pytest.approx(0, abs=1e-9)
    assert replicated.mean("y").se("jackknife") == pytest.approx(replicated.mean("y").se(), rel=1e-12)
    with pytest.raises(InputError, match="No survey in this estimate has variance replicates"):
        survey.mean("y").se("replicates")


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
        assert total.summary()["method"].item() == "total; 95% t"
        assert "linearisation, where a stratum" in str(survey.design)
        assert hp.read_estimate(total.to_json()).se() == total.se()
        assert "linearisation" in total.methods()
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


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no method": ({"method": None}, "Say how the replicate weights were made"),
    "unknown method": ({"method": "brr"}, "Did you mean 'BRR'"),
    "census name": ({"method": "ACS"}, "Did you mean 'SDR'"),
    "far method": ({"method": "bootstap"}, "Did you mean 'bootstrap'"),
    "one column": ({"replicate_weights": ["rw1"]}, "1 column of replicate weights says nothing"),
    "a text": ({"replicate_weights": "rw1"}, "1 column of replicate weights says nothing"),
    "a matrix": ({"replicate_weights": np.ones((60, 3))}, "named by a text or a list of texts"),
    "twice": ({"replicate_weights": ["rw1", "rw1"]}, "named twice"),
    "lacking": ({"replicate_weights": ["rw1", "rw_2"]}, r"no column 'rw_2' of replicate weights. Did you mean 'rw2'"),
    "negative": ({"replicate_weights": ["rw1", "negative"]}, r"'negative' are negative in 1 row \(row number 0"),
    "missing": ({"replicate_weights": ["rw1", "gap"]}, r"'gap' are missing in 1 row \(row number 3"),
    "text": ({"replicate_weights": ["rw1", "g"]}, "should hold replicate weights but has text"),
    "all zero": ({"replicate_weights": ["rw1", "zero"]}, "'zero' are all zero"),
    "proportional": ({"replicate_weights": ["rw1", "rw1 twice"]}, "proportional to one another"),
    "strata too": ({"strata": "g"}, "strata= and replicate_weights= don't go together"),
    "clusters too": ({"clusters": "g"}, "clusters= and replicate_weights="),
    "fpc too": ({"fpc": "w"}, "fpc= and replicate_weights="),
    "counts too": ({"counts": "w"}, "counts= and replicate_weights="),
    "redraws too": ({"replicates": 500}, "replicates= and replicate_weights="),
    "no weights": ({"weights": None}, "need weights="),
    "rho of BRR": ({"rho": 0.5}, "rho= belongs to method='Fay'"),
    "Fay without rho": ({"method": "Fay"}, "needs rho="),
    "rho of 1": ({"method": "Fay", "rho": 1.0}, "must lie in 0 to 1, below 1"),
    "negative rho": ({"method": "Fay", "rho": -0.1}, "must lie in 0 to 1"),
    "JKn without rscales": ({"method": "JKn"}, "method='JKn' needs rscales="),
    "other without scale": ({"method": "other"}, "needs scale= and rscales="),
    "other without rscales": ({"method": "other", "scale": 1.0}, "needs rscales="),
    "rscales of wrong length": ({"method": "JKn", "rscales": [1.0, 2.0]}, "holds 2 numbers, but there are 12 columns"),
    "rscales negative": ({"rscales": [-1.0] * 12}, "zero or more"),
    "rscales of text": ({"rscales": ["a"] * 12}, "a number, or one for each"),
    "scale of zero": ({"scale": 0}, "scale=0 must be a number above zero"),
    "centre": ({"centre": "median"}, "must be 'estimate' or 'mean'"),
    "df": ({"df": 0}, "at least 1"),
    "centre alone": (
        {"replicate_weights": None, "method": None, "centre": "mean"},
        "centre= says how replicate weights are used",
    ),
    "method alone": ({"replicate_weights": None}, "method= says how replicate weights are used"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_replicate_weights(agency: pd.DataFrame, name: str) -> None:
    options, message = BAD[name]
    frame = agency.assign(
        negative=[-1.0] + [1.0] * 59, gap=[1.0, 1, 1, np.nan] + [1.0] * 56, zero=0.0, **{"rw1 twice": agency["rw1"] * 2}
    )
    given = {"weights": "w", "replicate_weights": [f"rw{i}" for i in range(1, 13)], "method": "BRR"} | options
    with pytest.raises(InputError, match=message):
        hp.Survey(frame, **given)


def test_successive_difference_weights_may_be_negative(agency: pd.DataFrame) -> None:
    # As in the American Community Survey's public files; quantiles have no meaning with them.
    frame = agency.assign(rw1=agency["rw1"].where(agency.index != 0, -3.0))
    survey = hp.Survey(frame, weights="w", replicate_weights=columns_of(frame), method="SDR")
    y = frame["y"].to_numpy()
    assert survey.total("y").se() == pytest.approx(by_hand(frame, lambda w: w @ y, 4 / 12), rel=1e-12)
    with pytest.raises(EstimationError, match="negative, so quantiles"):
        survey.median("y").se()


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


def test_agency_weights_stay_what_they_are(agency: pd.DataFrame) -> None:
    survey = hp.Survey(agency, weights="w", replicate_weights=columns_of(agency), method="BRR")
    with pytest.raises(InputError, match="comes with its replicate weights"):
        survey.with_replicates("JK1")
    with pytest.raises(InputError, match="12 variance replicates, all of which"):
        survey.to_replicate_weights(5)
    np.testing.assert_array_equal(survey.to_replicate_weights(), agency[columns_of(agency)])
    assert survey.replicates == 12
