"""Methods sections cite what was done, because each design brings its references."""

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
