"""A study of the size of one group."""

from __future__ import annotations

from typing import Any

import hiddenpop as hp
import pytest

from .. import facts


@pytest.fixture
def crack(people: hp.Estimate) -> hp.Estimate:
    return people["crack only"]


@pytest.fixture
def study(survey: hp.Survey, crack: hp.Estimate) -> hp.Sensitivity:
    treated = survey.proportion("in_treatment", by="group")["crack only"]

    def model(completeness: Any, odds: Any) -> hp.Estimate:
        share = treated / (treated + odds * (1 - treated))
        return hp.multiplier(facts.OPAAK_BENCHMARKS["crack only"], share) / completeness

    return hp.sensitivity(model, completeness=(0.6, 1), odds=(0.5, 2), name="people")
