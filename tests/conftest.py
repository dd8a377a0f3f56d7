"""Data that many tests use."""

from collections.abc import Iterator
from typing import Any

import hiddenpop as hp
import matplotlib as mpl
import pandas as pd
import pytest
from hiddenpop.ground import sealed

from . import facts, replicated, schools

mpl.use("Agg")  # figures are drawn without a screen


@pytest.fixture(scope="session", autouse=True)
def _own_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Seal files by a key of the tests, and leave the user's where it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(sealed.VARIABLE, str(tmp_path_factory.mktemp("key") / "key"))
        yield


@pytest.fixture
def table() -> pd.DataFrame:
    """Return the study's treatment table: group x birthplace x in treatment, with counts."""
    return hp.datasets.load("opaak")["treatment"]


@pytest.fixture
def survey(table: pd.DataFrame) -> hp.Survey:
    """Return the survey that the table stands for."""
    return hp.Survey(table, counts="count", strata="group")


@pytest.fixture
def interviews() -> pd.DataFrame:
    """Return the synthetic interviews."""
    return hp.datasets.load("synthetic_opaak")["interviews"]


@pytest.fixture
def people(survey: hp.Survey) -> hp.Estimate:
    """Return the study's two sizes."""
    return hp.multiplier(facts.OPAAK_BENCHMARKS, survey.proportion("in_treatment", by="group"))


@pytest.fixture
def pairs() -> pd.DataFrame:
    """Return synthetic people in strata of two clusters."""
    return replicated.make_pairs()


@pytest.fixture
def agency(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the same people with replicate weights only."""
    return replicated.make_agency(pairs)


@pytest.fixture(params=schools.DESIGNS)
def case(request: pytest.FixtureRequest) -> tuple[hp.Survey, dict[str, Any]]:
    """Return a survey of schools, and what R says of it."""
    return schools.schools(request.param), schools.EXPECTED[request.param]
