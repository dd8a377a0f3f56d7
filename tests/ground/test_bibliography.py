"""Methods sections cite what was done, because each design brings its references."""

import re
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest

EFRON, RUBIN, RAO_WU = "Efron B (1979)", "Rubin DB (1981)", "Rao JNK, Wu CFJ (1988)"


def table() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "x": rng.integers(0, 2, 60),
            "k": np.repeat(np.arange(12), 5),
            "h": np.repeat([1, 2], 30),
            "w": rng.uniform(1, 3, 60),
        }
    )


@pytest.mark.parametrize(
    ("options", "cited", "not_cited"),
    [
        ({}, EFRON, (RUBIN, RAO_WU)),
        ({"strata": "h"}, EFRON, (RUBIN, RAO_WU)),
        ({"redraws": "bayesian"}, RUBIN, (EFRON, RAO_WU)),
        ({"clusters": "k"}, RAO_WU, (EFRON, RUBIN)),
        ({"weights": "w"}, RAO_WU, (EFRON, RUBIN)),
        ({"clusters": "k", "redraws": "bayesian"}, RUBIN, (EFRON, RAO_WU)),
    ],
)
def test_redraws_are_cited(options: dict[str, Any], cited: str, not_cited: tuple[str, ...]) -> None:
    share = hp.Survey(table(), replicates=50, **options).proportion("x")
    for est in (share, hp.read_estimate(share.to_json())):
        text = est.methods()
        assert cited in text
        assert not any(other in text for other in not_cited)


@pytest.mark.parametrize(
    ("method", "cited"), [("JKn", "Wolter KM (2007)"), ("DAGJK", "Kott PS (2001)"), ("SDR", "Fay RE, Train GF (1995)")]
)
def test_variance_replicates_are_cited(method: str, cited: str) -> None:
    survey = hp.Survey(table(), clusters="k")
    options = {"groups": 6} if method == "DAGJK" else {}
    text = survey.with_replicates(method, **options).proportion("x").methods()
    assert cited in text
    assert not any(other in text for other in (EFRON, RUBIN, RAO_WU))


def test_two_surveys_bring_both() -> None:
    one = hp.Survey(table(), clusters="k", name="one", replicates=50).proportion("x")
    two = hp.Survey(table().iloc[::2], redraws="bayesian", name="two", replicates=50).proportion("x")
    text = (one - two).methods()
    assert RAO_WU in text
    assert RUBIN in text
    assert EFRON not in text


BOOTSTRAP_INTERVAL, BINDER, CALIBRATED = (
    "Efron B, Tibshirani RJ (1993)",
    "Binder DA (1983)",
    "Deville JC, Särndal CE (1992)",
)


def inputs() -> dict[str, hp.Estimate]:
    histories = {"A": [1, 1, 1, 1, 0, 0, 0], "B": [1, 1, 0, 0, 1, 1, 0], "C": [1, 0, 1, 0, 1, 0, 1], "n": [40] * 7}
    weighted = hp.Survey(table(), weights="w", replicates=50).proportion("x")
    return {
        "an uncertain input": hp.beta(80, 20, name="b", replicates=50),
        "a published size": hp.published(100, 80, 130, name="p", replicates=50),
        "normal draws": weighted.to_normal(replicates=50),
        "a posterior": hp.decomposable_bma(hp.Lists(histories, ["A", "B", "C"], counts="n"), replicates=50),
        "the Bayesian bootstrap": hp.Survey(table(), redraws="bayesian", replicates=50).proportion("x"),
    }


@pytest.mark.parametrize(
    "what", ["an uncertain input", "a published size", "normal draws", "a posterior", "the Bayesian bootstrap"]
)
def test_percentiles_of_what_is_not_redrawn_are_no_bootstrap(what: str) -> None:
    est = inputs()[what]
    assert BOOTSTRAP_INTERVAL not in est.methods(method="percentile")
    # Beside a redrawn sample they are.
    size = hp.multiplier(100, hp.Survey({"x": [1, 0, 1, 0, 0, 1]}, replicates=50).proportion("x"))
    assert BOOTSTRAP_INTERVAL in (est * size).methods(method="percentile")


@pytest.mark.parametrize(
    "options", [{"weights": "w"}, {"weights": "w", "clusters": "k"}, {"weights": "w", "redraws": "bayesian"}]
)
def test_calibration_is_cited(options: dict[str, Any]) -> None:
    survey = hp.Survey(table(), replicates=50, **options)
    for calibrated in (survey.calibrate({"h": {1: 700, 2: 300}}), survey.poststratify("h", {1: 700, 2: 300})):
        share = calibrated.proportion("x")
        for est in (share, hp.read_estimate(share.to_json())):
            assert CALIBRATED in est.methods()
            assert (RUBIN if "redraws" in options else RAO_WU) in est.methods()
    assert CALIBRATED not in survey.proportion("x").methods()


def test_linearised_standard_errors_are_cited_where_an_interval_rests_on_them() -> None:
    share = hp.Survey(table(), clusters="k", replicates=50).proportion("x")
    for method, cited in (
        ("t", "Korn EL, Graubard BI (1999)"),
        ("wilson", "Wilson EB (1927)"),
        ("beta", "Korn EL, Graubard BI (1998)"),
        ("likelihood", "Rao JNK, Scott AJ (1984)"),
        ("studentized", "Davison AC, Hinkley DV (1997)"),
    ):
        text = share.methods(method=method)
        assert BINDER in text
        assert cited in text
        assert BOOTSTRAP_INTERVAL not in text
    assert BINDER not in share.methods(method="percentile")
    replicated = hp.Survey(table(), clusters="k").with_replicates("JKn").proportion("x")
    assert BINDER not in replicated.methods()
    alone = table().assign(h=["z", *["a"] * 29, *["b"] * 30])
    lonely = hp.Survey(alone, strata="h", weights="w", lonely="adjust").proportion("x").methods()
    assert BINDER in lonely
    assert EFRON not in lonely


@pytest.mark.parametrize(
    ("method", "more", "cited"),
    [
        ("BRR", {}, "McCarthy PJ (1969)"),
        ("Fay", {"rho": 0.3}, "Judkins DR (1990)"),
        ("JK1", {}, "Wolter KM (2007)"),
        ("JK2", {}, "Wolter KM (2007)"),
        ("JKn", {"rscales": [1.0] * 20}, "Wolter KM (2007)"),
        ("SDR", {}, "Fay RE, Train GF (1995)"),
    ],
)
def test_replicate_weights_are_cited(method: str, more: dict[str, Any], cited: str) -> None:
    names = [f"r{i}" for i in range(20)]
    drawn = np.random.default_rng(1).uniform(0.5, 2, (60, 20))
    given = pd.concat([table(), pd.DataFrame(drawn, columns=names)], axis=1)
    text = hp.Survey(given, weights="w", replicate_weights=names, method=method, **more).proportion("x").methods()
    assert cited in text
    assert not any(other in text for other in (EFRON, RUBIN, RAO_WU, BOOTSTRAP_INTERVAL))


def test_imputations_are_cited_with_their_design() -> None:
    rng = np.random.default_rng(5)
    imputed = hp.Imputed([table().assign(x=rng.integers(0, 2, 60)) for _ in range(3)], clusters="k", replicates=50)
    text = imputed.proportion("x").methods()
    assert "Rubin DB (1987)" in text
    assert RAO_WU in text
    assert RUBIN not in text


def test_what_a_sentence_cites_stands_among_the_references() -> None:
    two = hp.Lists({"A": [1, 1, 0] * 20, "B": [1, 0, 1] * 20}, ["A", "B"], replicates=50)
    register = hp.CaptureCounts({"k": [1, 1, 2, 3, 1, 1, 2, 4] * 5}, "k", replicates=50)
    found = [
        *inputs().values(),
        hp.chapman(two),
        hp.zero_truncated(register).size,
        *(
            hp.Survey(table(), replicates=50, **o).proportion("x")
            for o in ({}, {"weights": "w"}, {"redraws": "bayesian"})
        ),
        *(hp.Survey(table(), clusters="k").with_replicates(m).proportion("x") for m in ("JKn", "JK1", "SDR")),
    ]
    for est in found:
        sentences, _, references = est.methods().partition("\n\nReferences\n")
        for author, year in re.findall(r"([A-Z]\w+)(?: and [A-Z]\w+)? (\d{4})\)", sentences):
            assert any(f"({year})" in line and author in line for line in references.split("\n")), (author, year)
