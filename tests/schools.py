"""Samples of Californian schools, on which R's survey package was run.

The samples are the package's own (`api`). Its numbers are in data/r_survey.json, of survey 4.x, and in
data/r_tests.json; their headers say how each design was declared.
"""

from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd

from . import facts

EXPECTED: dict[str, Any] = facts.printed("r_survey")
TESTS: dict[str, Any] = facts.printed("r_tests")
DESIGNS: dict[str, dict[str, Any]] = {
    "strat": {"strata": "stype", "weights": "pw", "fpc": "fpc"},
    "strat_nofpc": {"strata": "stype", "weights": "pw"},
    "clus1": {"clusters": "dnum", "weights": "pw", "fpc": "fpc"},
    "clus1_nofpc": {"clusters": "dnum", "weights": "pw"},
}


def table(design: str) -> pd.DataFrame:
    return pd.read_csv(facts.DATA / f"api{design.removesuffix('_nofpc')}.csv")


def schools(design: str) -> hp.Survey:
    return hp.Survey(table(design), **DESIGNS[design])


def close(ours: object, theirs: object) -> None:
    # Eight digits; an absolute tolerance where the standard error is zero (a stratum's own share).
    np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-12)
