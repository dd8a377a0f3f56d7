"""Two statistics of one survey."""

import hiddenpop as hp
import pandas as pd
import pytest


@pytest.fixture
def shares(interviews: pd.DataFrame) -> tuple[hp.Estimate, hp.Estimate]:
    survey = hp.Survey(interviews, strata="group", replicates=20_000)
    return survey.proportion("in_treatment", by="group"), survey.proportion("uses_crack", by="group")
