"""Weights, clusters and corrections: R's survey to eight digits, sentences, and what is refused."""

from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError

from ..schools import DESIGNS, close, table


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


def test_t_intervals_of_shares(case: tuple[hp.Survey, dict[str, Any]]) -> None:
    # svyciprop's "logit" and "mean", t with design degrees of freedom.
    survey, r = case
    share = survey.proportion("awards")
    by_method = {row.get("method"): row for row in r["ciprop"]}
    np.testing.assert_allclose(share.interval(method="t").iloc[0], by_method["logit"]["ci"], rtol=1e-8)
    identity = share.interval(method="t", scale="identity").iloc[0]
    np.testing.assert_allclose(identity, by_method["mean"]["ci"], rtol=1e-8)
    np.testing.assert_allclose(share.interval(method="beta").iloc[0], by_method["beta"]["ci"], rtol=1e-8)


def test_the_multiplier_needs_no_change(case: tuple[hp.Survey, dict[str, Any]]) -> None:
    survey, _ = case
    size = hp.multiplier({"E": 9_000, "H": 5_000, "M": 3_000}, 1 - survey.proportion("stype"))
    assert list(size.labels) == list(survey.proportion("stype").labels)
    assert size.summary().notna().drop(columns=["n", "missing"]).all(axis=None)


def test_the_design_reads_like_a_sentence() -> None:
    clus = hp.Survey(table("clus1"), **DESIGNS["clus1"])
    for part in (
        "183 participants in 15 clusters by dnum",
        "weighted by pw",
        "correction by fpc",
        "all but one of the clusters",
    ):
        assert part in str(clus.design)


BAD: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "negative weight": ({"w": [1, -1, 2, 1]}, {"weights": "w"}, r"negative in 1 row \(row number 1"),
    "missing weight": ({"w": [1, None, 2, 1]}, {"weights": "w"}, "missing in 1 row"),
    "weights of zero": ({"w": [0, 0, 0, 0]}, {"weights": "w"}, "all zero"),
    "counts too": ({"w": [1, 1, 2, 1]}, {"weights": "w", "counts": "c"}, "expand the table"),
    "fpc too small": ({"N": [3, 3, 3, 3]}, {"fpc": "N"}, "3 participants in the population, fewer than the 4"),
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


def test_summary_of_a_complex_design_has_design_effects() -> None:
    table = {"city": np.arange(12) // 2, "x": [1, 1, 0, 0, 1, 1] * 2, "g": ["a", "b"] * 6}
    survey = hp.Survey(table, clusters="city")
    mean = survey.mean("x", by="g")
    assert mean.summary()["deff"].tolist() == mean.design_effect().tolist()
    assert mean["b"].summary()["deff"].iloc[0] == mean.design_effect()["b"]
    assert "deff" not in (mean * 2).summary()
    assert "deff" not in hp.Survey(table).mean("x").summary()


def test_weights_that_pandas_keeps_beside_other_columns() -> None:
    # A column of a two-dimensional array is no contiguous piece of memory. By hand: 3 of 6 lie at or below 2.
    frame = pd.DataFrame(np.array([[1.0, 1.0], [2.0, 2.0], [7.0, 3.0]]), columns=["x", "w"])
    assert hp.Survey(frame, weights="w", replicates=20).median("x").point == 4.5
