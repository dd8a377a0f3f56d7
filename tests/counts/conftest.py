"""A register that several files ask."""

from __future__ import annotations

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Make a register of about 1,300 of 3,000 people."""
    rng = np.random.default_rng(1)
    sex, age = rng.choice(["f", "m"], 3_000), rng.integers(18, 60, 3_000)
    seen = rng.poisson(np.exp(-1.2 + 0.6 * (sex == "m") + 0.01 * (age - 18)))
    return pd.DataFrame({"seen": seen, "sex": sex, "age": age})[seen > 0].reset_index(drop=True)


@pytest.fixture(scope="module")
def counts(table: pd.DataFrame) -> hp.CaptureCounts:
    return hp.CaptureCounts(table, "seen", replicates=400, name="clinics")
