"""What variance replicates say of any expression, and what has no draws says so."""

import pickle
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, HiddenpopWarning, InputError
from hiddenpop.uncertainty.variance import measured

from ..replicated import by_hand, columns_of
from ..schools import DESIGNS, EXPECTED, table


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
    # Satterthwaite (1946): degrees of freedom of the sum; 10 for the replicates, 392 of the 393 who
    # use opioids, none for the input.
    df = sum(parts) ** 2 / (parts[0] ** 2 / 10 + parts[2] ** 2 / 392)
    assert measured(product.node).df[0] == pytest.approx(df, rel=1e-9)
    text = product.methods()
    assert "The variance of other surveys' estimates is linearised." in text
    assert "12 variance replicates, linearised variances, 10,000 draws of uncertain inputs" in text
    assert "redrawing" not in text
    # What can't be linearised brings its draws.
    rows = hp.Survey({"age": np.random.default_rng(3).normal(40, 9, 101)})
    both = ours + rows.median("age")
    assert both.se() == pytest.approx(np.hypot(ours.se(), rows.median("age").se()), rel=1e-9)
    assert "12 variance replicates, 10,000 redraws, seed 0" in both.methods()


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
    summary = size.summary(method="t")
    np.testing.assert_allclose(summary["lower"], size.point * np.exp(-half), rtol=1e-9)
    np.testing.assert_allclose(summary["upper"], size.point * np.exp(half), rtol=1e-9)
    np.testing.assert_allclose(summary["se"], size.se(), rtol=1e-12)
    assert set(summary["method"]) == {"multiplier; 95% t"}
    # By default a size has the image of its share's interval.
    share = survey.proportion("yes", by="g").interval()
    np.testing.assert_allclose(size.interval()["upper"], np.array([500, 900]) / share["lower"], rtol=1e-9)
    share = survey.proportion("yes")
    low, high = share.interval().iloc[0]
    logit = t * share.se() / (share.point * (1 - share.point))
    assert np.log(high / (1 - high)) - np.log(low / (1 - low)) == pytest.approx(2 * logit, rel=1e-9)
    wide = hp.Survey(agency, weights="w", replicate_weights=columns_of(agency), method="BRR", df=2)
    with pytest.warns(HiddenpopWarning, match="rests on 2 degrees of freedom"):
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
    text = size.methods(method="t")
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
        ends = np.ravel(jackknifed.interval())
        np.testing.assert_allclose(np.ravel((jackknifed * 2).interval()), 2 * ends, rtol=1e-12)
        assert (jackknifed * 2).summary()["se"].isna().all()
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


def test_what_never_varies_has_no_width(agency: pd.DataFrame) -> None:
    everyone = agency.assign(all_of_them=True)
    survey = hp.Survey(everyone, weights="w", replicate_weights=columns_of(agency), method="BRR")
    share = survey.proportion("all_of_them", by="g")
    assert (share.se() == 0).all()
    with pytest.warns(HiddenpopWarning, match="standard error is zero"):
        assert (share * 1.0).interval(method="t").isna().all(axis=None)
    strat = hp.Survey(table("strat"), **DESIGNS["strat"])
    for method in ("JKn", "DAGJK"):  # a stratum's own share, as in R
        assert (strat.with_replicates(method).proportion("stype").se() == 0).all()


def test_an_undefined_replicate_gives_no_standard_error(agency: pd.DataFrame) -> None:
    names = columns_of(agency)
    someone = agency.assign(rare=[True] + [False] * 59)
    survey = hp.Survey(someone, weights="w", replicate_weights=names, method="BRR")
    size = hp.multiplier(100, survey.proportion("rare"))  # a half-sample without that one person
    with pytest.warns(HiddenpopWarning, match="undefined or infinite in some variance replicate"):
        assert np.isnan(size.se())
    with pytest.warns(HiddenpopWarning, match="undefined or infinite"):
        assert size.interval(method="t").isna().all(axis=None)
    low, high = survey.proportion("rare").interval().iloc[0]
    assert size.interval().iloc[0].tolist() == pytest.approx([100 / high, 100 / low])


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
    assert drawn.summary(method="t").equals(hp.Survey({"age": [30, 41, 52, 63]}).mean("age").summary(method="t"))
    assert (drawn + other).se() == pytest.approx(np.hypot(drawn.se(), other.se()), rel=1e-9)
    function = survey.replicate(lambda w: w[:10].sum(), name="ten")
    assert hp.read_estimate(function.to_json()).summary().equals(function.summary())
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
