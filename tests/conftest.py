"""Data that many tests use."""

import hiddenpop as hp
import pandas as pd
import pytest

from . import facts, replicated


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
