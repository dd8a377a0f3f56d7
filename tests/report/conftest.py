"""A survey to report on."""

from __future__ import annotations

import hiddenpop as hp
import pytest


@pytest.fixture(scope="module")
def study() -> hp.Survey:
    interviews = hp.datasets.load("synthetic_opaak")["interviews"]
    return hp.Survey(interviews, strata="group", replicates=200, seed=7)
