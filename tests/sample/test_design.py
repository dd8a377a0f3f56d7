"""Weights, clusters and corrections: R's survey to eight digits, and redraws with the same variance.

Numbers in data/r_survey.json come from R survey 4.x on its own `api` data (samples of Californian schools); its
header says how each design was declared.
"""

from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, HiddenpopWarning, InputError

from ..schools import DESIGNS, EXPECTED, table


@pytest.fixture(params=DESIGNS)
def case(request: pytest.FixtureRequest) -> tuple[hp.Survey, dict[str, Any]]:
    return hp.Survey(table(request.param), **DESIGNS[request.param]), EXPECTED[request.param]


def close(ours: object, theirs: object) -> None:
    # Eight digits; an absolute tolerance where the standard error is zero (a stratum's own share).
    np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-12)


def test_means_totals_ratios(case: tuple[hp.Survey, dict[str, Any]]) -> None:
    survey, r = case
    mean, total = survey.mean("api00"), survey.total("enroll")
    ratio = survey.ratio("api.stu", "enroll")
    for ours, name, column in ((mean, "mean_api00", "api00"), (total, "total_enroll", "enroll")):
        close(ours.point, r[name]["est"][column])
        close(ours.se("linearized"), r[name]["se"][0])
    close(ratio.point, r["ratio"]["est"])
    close(ratio.se("linearized"), r["ratio"]["se"])
    assert total.name == "total of enroll"


def test_shares_and_domains(case: tuple[hp.Survey, dict[str, Any]]) -> None:
    survey, r = case
    shares = survey.proportion("stype")
    for label in "EHM":
        close(shares[label].point, r["mean_stype"]["est"][f"stype{label}"])
        close(shares[label].se("linearized"), r["mean_stype"]["se"][f"stype{label}"])
    by = survey.mean("api00", by="awards")
    for position, label in enumerate(("No", "Yes")):
        close(by[label].point, r["by"]["est"][label])
        close(by[label].se("linearized"), r["by"]["se"][position])


def test_design_effects_and_quantiles(case: tuple[hp.Survey, dict[str, Any]]) -> None:
    survey, r = case
    close(survey.mean("api00").design_effect(), r["deff"])
    for q, (value, *_) in zip((0.25, 0.5, 0.75), r["quantile"], strict=True):
        assert survey.quantile("api00", q, rule="lower").point == value


def test_woodruff_intervals_of_quantiles(case: tuple[hp.Survey, dict[str, Any]]) -> None:
    survey, r = case
    for q, (_, lower, upper, _) in zip((0.25, 0.5, 0.75), r["quantile"], strict=True):
        ends = survey.quantile("api00", q, rule="lower").interval(method="woodruff").iloc[0]
        assert ends.tolist() == [lower, upper]
    by = survey.quantile("api00", 0.5, by="awards")
    assert by["Yes"].interval(method="woodruff").iloc[0].tolist() == by.interval(method="woodruff").loc["Yes"].tolist()
    with pytest.raises(InputError, match="those of a survey's quantiles"):
        survey.mean("api00").interval(method="woodruff")


def test_jackknife(case: tuple[hp.Survey, dict[str, Any]]) -> None:
    # JK1 and JKn, centred on the mean of the replicates as in the reference.
    survey, r = case
    mean = survey.mean("api00")
    close(mean.se("jackknife", centre="mean"), r["reps"]["jackknife"]["se"])
    # A sum of squares is least about the mean.
    assert mean.se("jackknife") >= mean.se("jackknife", centre="mean") * (1 - 1e-12)


def test_the_jackknife_goes_through_any_arithmetic(interviews: pd.DataFrame) -> None:
    # By brute force: leave out each city, scale the rest, and estimate again.
    survey = hp.Survey(interviews, clusters="city")
    total = (
        hp.multiplier({"opioids": 8126, "crack only": 4912}, survey.proportion("in_treatment", by="group"))
        * survey.proportion("uses_crack", by="group")
    ).sum()
    cities = interviews["city"].unique()
    values = []
    for city in cities:
        rest = interviews[interviews["city"] != city].groupby("group")[["in_treatment", "uses_crack"]].mean()
        values.append(8126 / rest.loc["opioids", "in_treatment"] * rest.loc["opioids", "uses_crack"])
        values[-1] += 4912 / rest.loc["crack only", "in_treatment"]
    expected = np.sqrt((len(cities) - 1) / len(cities) * ((np.array(values) - total.point) ** 2).sum())
    assert total.se("jackknife") == pytest.approx(expected, rel=1e-9)


def test_kinds_jackknife_as_their_rows() -> None:
    rows = pd.DataFrame({"x": [1] * 30 + [0] * 70})
    by_row = hp.Survey(rows.assign(id=range(100))).proportion("x").se("jackknife")
    assert hp.Survey({"x": [1, 0], "n": [30, 70]}, counts="n").proportion("x").se("jackknife") == pytest.approx(by_row)
    assert by_row == pytest.approx(np.sqrt(0.3 * 0.7 / 99))


def test_t_intervals_of_shares(case: tuple[hp.Survey, dict[str, Any]]) -> None:
    # svyciprop's "logit" and "mean", t with design degrees of freedom.
    survey, r = case
    share = survey.proportion("awards")["Yes"]
    by_method = {row.get("method"): row for row in r["ciprop"]}
    np.testing.assert_allclose(share.interval(method="t").iloc[0], by_method["logit"]["ci"], rtol=1e-8)
    identity = share.interval(method="t", scale="identity").iloc[0]
    np.testing.assert_allclose(identity, by_method["mean"]["ci"], rtol=1e-8)
    np.testing.assert_allclose(share.interval(method="beta").iloc[0], by_method["beta"]["ci"], rtol=1e-8)


def test_redraws_have_the_linearised_variance(case: tuple[hp.Survey, dict[str, Any]]) -> None:
    # Rao and Wu (1988): for totals the two variances are equal in expectation; 40,000 draws fix a standard error to
    # 0.35% (the kurtosis of so few clusters' totals may double that).
    survey, _ = case
    total = survey.total("enroll").replay(replicates=40_000)
    assert total.se() == pytest.approx(total.se("linearized"), rel=0.02)
    assert total.draws.mean() == pytest.approx(total.point, rel=0.01)


def test_simple_designs_linearise_to_the_textbook() -> None:
    # Closed form: var(p) = p q / (n - 1), the same for rows, kinds and counts.
    rows = pd.DataFrame({"x": [1] * 30 + [0] * 70, "id": range(100)})
    for survey in (
        hp.Survey(rows),
        hp.Survey(rows[["x"]]),
        hp.Survey({"x": [1, 0], "n": [30, 70]}, counts="n"),
        hp.Survey(rows.assign(w=1.0), weights="w"),
    ):
        assert survey.proportion("x").se("linearized") == pytest.approx(np.sqrt(0.3 * 0.7 / 99), rel=1e-12)


def test_the_delta_method_goes_through_any_arithmetic(interviews: pd.DataFrame) -> None:
    survey = hp.Survey(interviews, clusters="city", strata=None)
    group = survey.proportion("in_treatment", by="group")
    uses = survey.proportion("uses_crack", by="group")
    people = hp.multiplier({"opioids": 8126, "crack only": 4912}, group)
    total = (people * uses * hp.beta(5_000, 1_250, name="completeness")).sum("all")
    # By hand: N_g u_g c, with the covariance of the four shares; the input adds its own variance.
    shares = hp.concat({"p": group, "u": uses})
    covariance = shares.vcov("linearized").to_numpy()
    size, use, p = people.point.to_numpy(), uses.point.to_numpy(), group.point.to_numpy()
    gradient = 0.8 * np.concatenate([-size * use / p, size])
    expected = gradient @ covariance @ gradient + (size @ use) ** 2 * 0.8 * 0.2 / 6251
    assert total.se("linearized") == pytest.approx(np.sqrt(expected), rel=1e-3)  # the input's variance is drawn
    for ours, theirs in (
        (hp.apply(np.log, people), people.se("linearized") / people.point),
        (people**2, 2 * people.point * people.se("linearized")),
        (1 / people, people.se("linearized") / people.point**2),
        (-people / 3 + 7, people.se("linearized") / 3),
    ):
        np.testing.assert_allclose(ours.se("linearized"), theirs, rtol=1e-6)


def test_degrees_of_freedom() -> None:
    strat, clus = (hp.Survey(table(d), **DESIGNS[d]) for d in ("strat", "clus1"))
    assert (strat.record.df, clus.record.df) == (197, 14)
    # Few clusters: t on the link scale is the default, and the table says so.
    assert clus.mean("api00").summary()["method"].iloc[0] == "mean; 95% t"
    assert strat.mean("api00").summary()["method"].iloc[0] == "mean; 95% percentile"
    assert "t (linearised" in clus.mean("api00").methods()
    size = hp.multiplier(10_000, clus.proportion("awards")["Yes"])
    ends = size.interval().iloc[0]
    assert ends["lower"] * ends["upper"] == pytest.approx(size.point**2)  # symmetric on the log scale


def test_a_t_interval_without_width_says_why() -> None:
    survey = hp.Survey({"k": [1, 1, 2, 2, 3, 3], "x": [0] * 6, "y": [1] * 6}, clusters="k")
    for est in (survey.proportion("x"), hp.multiplier(100, survey.proportion("y"))):
        with pytest.warns(HiddenpopWarning, match="standard error is zero"):
            ends = est.interval().iloc[0]
        assert ends["lower"] == ends["upper"]
        assert "standard error is zero" in repr(est)


def test_the_multiplier_needs_no_change(case: tuple[hp.Survey, dict[str, Any]]) -> None:
    survey, _ = case
    size = hp.multiplier({"No": 5_000, "Yes": 9_000}, 1 - survey.proportion("awards"))
    assert list(size.labels) == list(survey.proportion("awards").labels)
    assert size.summary().notna().drop(columns=["n", "missing"]).all(axis=None)


def test_certainty_and_corrections() -> None:
    # A stratum sampled whole, and a lonely one taken as certain, add nothing to the variance.
    base = {"h": [1, 1, 2, 2, 3], "x": [1.0, 3.0, 5.0, 9.0, 4.0], "w": [1.0] * 5}
    survey = hp.Survey({**base, "N": [2, 2, 8, 8, 6]}, strata="h", weights="w", fpc="N", lonely="certainty")
    # By hand: only stratum 2 varies, (1 - 2/8) * 2/1 * sum (x - 7)^2 = 0.75 * 2 * 8 = 12.
    assert survey.total("x").se("linearized") == pytest.approx(np.sqrt(12))
    assert survey.total("x").se() == pytest.approx(np.sqrt(12), rel=0.03)
    fractions = hp.Survey({**base, "N": [1, 1, 0.25, 0.25, 1]}, strata="h", weights="w", fpc="N")
    assert fractions.total("x").se("linearized") == pytest.approx(np.sqrt(12))


def test_the_design_reads_like_a_sentence() -> None:
    clus = hp.Survey(table("clus1"), **DESIGNS["clus1"])
    for part in (
        "183 participants in 15 clusters by dnum",
        "weighted by pw",
        "correction by fpc",
        "all but one of the clusters",
    ):
        assert part in str(clus.design)


def test_quantiles_have_no_linearised_error() -> None:
    clus = hp.Survey(table("clus1"), **DESIGNS["clus1"])
    with pytest.raises(EstimationError, match="no linearised standard error"):
        clus.median("api00").se("linearized")
    assert clus.median("api00").summary()["method"].iloc[0] == "quantile; 95% percentile"


BAD: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "negative weight": ({"w": [1, -1, 2, 1]}, {"weights": "w"}, r"negative in 1 row \(row number 1"),
    "missing weight": ({"w": [1, None, 2, 1]}, {"weights": "w"}, "missing in 1 row"),
    "weights of zero": ({"w": [0, 0, 0, 0]}, {"weights": "w"}, "all zero"),
    "counts too": ({"w": [1, 1, 2, 1]}, {"weights": "w", "counts": "c"}, "expand the table"),
    "fpc too small": ({"N": [3, 3, 3, 3]}, {"fpc": "N"}, "3 clusters in the population, fewer than the 4"),
    "fpc varies": ({"N": [8, 8, 9, 8]}, {"fpc": "N"}, "differs within"),
    "fpc of zero": ({"N": [0, 8, 9, 8]}, {"fpc": "N"}, "not above zero in 1 row"),
    "missing cluster": ({"k": ["a", None, "b", "b"]}, {"clusters": "k"}, "missing in 1 row"),
    "straddling": ({"k": ["a", "b", "a", "c"]}, {"clusters": "k", "strata": "h"}, r"in more than one stratum \('a'\)"),
    "lonely": (
        {"k": ["a", "b", "c", "c"]},
        {"clusters": "k", "strata": "h"},
        "1 of 2 strata have a single cluster of 'k': '2'",
    ),
    "one cluster": ({"k": ["a"] * 4}, {"clusters": "k", "lonely": "certainty"}, "Every stratum has a single cluster"),
    "unknown rule": (
        {"k": ["a", "b", "c", "d"]},
        {"clusters": "k", "lonely": "maybe"},
        "must be one of 'error', 'certainty', 'adjust', 'average'",
    ),
    "unknown column": ({}, {"weights": "wt"}, "no column 'wt'"),
    "later stage": ({"k": ["a", "b", "c", "d"]}, {"clusters": ["k", "dy"]}, "no column 'dy'"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_designs(name: str) -> None:
    columns, options, message = BAD[name]
    with pytest.raises(InputError, match=message):
        hp.Survey({"h": [1, 1, 2, 2], "x": [1, 0, 1, 1], "c": [1, 1, 1, 1], **columns}, **options)


def test_nested_clusters_may_be_numbered_anew() -> None:
    frame = {"h": [1, 1, 2, 2], "k": [1, 2, 1, 2], "x": [1, 2, 3, 5]}
    survey = hp.Survey(frame, strata="h", clusters="k", nest=True)
    assert survey.design.units == 4
    with pytest.raises(InputError, match="more than one stratum"):
        hp.Survey(frame, strata="h", clusters="k")


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


def test_summary_of_a_complex_design_has_design_effects() -> None:
    table = {"city": [1, 1, 2, 2, 3, 3], "x": [1, 1, 0, 0, 1, 1], "g": ["a", "b"] * 3}
    survey = hp.Survey(table, clusters="city")
    mean = survey.mean("x", by="g")
    assert mean.summary()["deff"].tolist() == mean.design_effect().tolist()
    assert mean["b"].summary()["deff"].iloc[0] == mean.design_effect()["b"]
    assert "deff" not in (mean * 2).summary()
    assert "deff" not in hp.Survey(table).mean("x").summary()


def test_the_design_names_lonely_strata() -> None:
    table = {"h": ["a", "a", "b", "b", "c"], "k": [1, 2, 3, 4, 5], "x": [1.0, 2, 3, 4, 5]}
    design = hp.Survey(table, strata="h", clusters="k", lonely="certainty").design
    assert "1 stratum with a single cluster (c) taken for certain" in design.sentence


def test_weights_that_pandas_keeps_beside_other_columns() -> None:
    # A column of a two-dimensional array is no contiguous piece of memory. By hand: 3 of 6 lie at or below 2.
    frame = pd.DataFrame(np.array([[1.0, 1.0], [2.0, 2.0], [7.0, 3.0]]), columns=["x", "w"])
    assert hp.Survey(frame, weights="w", replicates=20).median("x").point == 4.5
