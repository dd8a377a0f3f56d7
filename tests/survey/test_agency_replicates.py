"""Replicate weights that came with the data: their definition, R's defaults, and what is wrong with them."""

from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, InputError

from ..replicated import by_hand, columns_of

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
    index = agency.filter(like="rw").columns
    by_index = hp.Survey(agency, weights="w", replicate_weights=index, method=method, centre=centre, **options)
    assert by_index.mean("y").se() == survey.mean("y").se()
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


def test_successive_difference_weights_may_be_negative(agency: pd.DataFrame) -> None:
    # As in the American Community Survey's public files; quantiles have no meaning with them.
    frame = agency.assign(rw1=agency["rw1"].where(agency.index != 0, -3.0))
    survey = hp.Survey(frame, weights="w", replicate_weights=columns_of(frame), method="SDR")
    y = frame["y"].to_numpy()
    assert survey.total("y").se() == pytest.approx(by_hand(frame, lambda w: w @ y, 4 / 12), rel=1e-12)
    with pytest.raises(EstimationError, match="negative, so quantiles"):
        survey.median("y").se()


def test_agency_weights_stay_what_they_are(agency: pd.DataFrame) -> None:
    survey = hp.Survey(agency, weights="w", replicate_weights=columns_of(agency), method="BRR")
    with pytest.raises(InputError, match="comes with its replicate weights"):
        survey.with_replicates("JK1")
    with pytest.raises(InputError, match="12 variance replicates, all of which"):
        survey.to_replicate_weights(5)
    np.testing.assert_array_equal(survey.to_replicate_weights(), agency[columns_of(agency)])
    assert survey.replicates == 12


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
