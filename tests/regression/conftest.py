"""Participants whom models are fitted to."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def asked(interviews: pd.DataFrame) -> hp.Survey:
    return hp.Survey(interviews, strata="group", replicates=400)


@pytest.fixture
def mixed() -> pd.DataFrame:
    """Return 300 synthetic people in 30 clusters with weights, and outcomes of every kind."""
    rng = np.random.default_rng(8)
    n = 300
    frame = pd.DataFrame(
        {"k": np.repeat(np.arange(30), 10), "h": np.repeat(np.arange(3), 100), "w": rng.uniform(1, 6, n)}
    )
    frame["x"] = rng.normal(2, 1, n) + rng.normal(0, 0.5, 30)[frame["k"]]
    frame["g"] = rng.choice(["a", "b", "c"], n)
    frame["time"] = np.log(rng.uniform(0.5, 3, n))
    share = 0.15 + 0.1 * (frame["g"] == "b") + 0.05 * frame["x"]
    frame["yes"] = (rng.random(n) < share.clip(0, 0.6)).astype(int)
    frame["visits"] = rng.poisson(np.exp(0.3 * frame["x"] + 0.2 * (frame["g"] == "c") + frame["time"]))
    frame["score"] = 3 + 0.7 * frame["x"] + rng.normal(0, 1, n)
    return frame
