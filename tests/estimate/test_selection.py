"""Picking labels."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError


def test_masks_and_columns_align_by_label(interviews: pd.DataFrame) -> None:
    shuffled = interviews.sample(frac=1, random_state=2)
    survey = hp.Survey(shuffled)
    older = interviews["age"] > 45
    expected = interviews.loc[older, "age"].mean()
    assert survey.mean("age", where=older).point == pytest.approx(expected)
    assert survey.assign(older=older).mean("age", where="older").point == pytest.approx(expected)
    assert survey.mean("age", where=older.loc[shuffled.index].to_numpy()).point == pytest.approx(expected)


def test_inner_levels_masks_and_sums_by_level(interviews: pd.DataFrame) -> None:
    survey = hp.Survey(interviews, strata="group")
    housing = survey.proportion("housing", by="group")
    shelter = housing[:, "shelter"]
    assert list(shelter.labels) == ["opioids", "crack only"]
    assert shelter["opioids"].point == housing["opioids", "shelter"].point
    assert len(housing[["opioids"]]) == 4
    assert (housing[housing.point > 0.2].point > 0.2).all()
    assert housing.sum(by="group").point.round(12).to_dict() == {"opioids": 1, "crack only": 1}
    np.testing.assert_allclose(housing.sum(by="housing").draws[1], shelter.draws.sum(axis=0))
    for wrong, message in (
        (lambda: housing[:, "shelterr"], "Did you mean 'shelter'"),
        (lambda: housing["opioids":], "whole levels"),
        (lambda: housing.sum("group"), "is a level of the labels"),
        (lambda: housing.sum(by="city"), "no level 'city'"),
        (lambda: housing.contrast({"opioids": 1}), "no label 'opioids'"),
        (lambda: survey.mean("age", by="group").rename(3), "takes a new name"),
    ):
        with pytest.raises(InputError, match=message):
            wrong()
