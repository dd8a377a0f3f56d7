"""All models of some lists: their average, the best, and how far they disagree."""

from typing import Any

import hiddenpop as hp
import numpy as np
import pytest

from ..on_lists import ROME_MODELS, rome


def test_the_average_is_that_of_the_weights(fits: Any) -> None:
    # Burnham and Anderson (2002), eq. 4.1 and 4.9, from the table itself.
    good = fits.table.dropna(subset="abundance")
    weights = np.exp(-(good["AIC"] - good["AIC"].min()) / 2)
    weights /= weights.sum()
    mean = float(weights @ good["abundance"])
    assert fits.average().point == pytest.approx(mean, rel=1e-10)
    # The one model that is most likely with nobody unseen has no standard error; the formula's limit there is zero.
    assert good["se"].isna().sum() == 1
    error = float(weights @ np.sqrt(good["se"].fillna(0.0) ** 2 + (good["abundance"] - mean) ** 2))
    assert fits.average().se("linearized") == pytest.approx(error, rel=1e-8)
    assert fits.average("BIC").point != fits.average().point
    aicc = good["AIC"] + 2 * (15 - good["df"]) * (16 - good["df"]) / (1896 - (15 - good["df"]) - 1)
    np.testing.assert_allclose(good["AICc"], aicc)


def test_best_and_formula_are_rows_of_the_table(fits: Any) -> None:
    assert fits.table.index[0] == "c1*c2 + c3 + c4"
    assert fits.best.point == fits.table["abundance"].iloc[0]
    assert fits.model("c1*c2 + c3 + c4").point == pytest.approx(fits.best.point)
    assert hp.loglinear(rome(), "B + C*D + A").point == pytest.approx(ROME_MODELS["[34,1,2]"]["abundance"])
    bic = hp.loglinear(rome(), criterion="BIC")
    assert bic.table.index[0] == "c1 + c2 + c3 + c4"


def test_disagreeing_models_are_shown(fits: Any) -> None:
    assert "Models disagree" in repr(fits)
    assert "Models disagree" in repr(fits.best)
    low, high = fits.spread
    near = fits.table[fits.table["AIC"] <= fits.table["AIC"].min() + 4]["abundance"]
    assert (low, high) == (near.min(), near.max())
    assert "Models disagree" in fits.average().methods()
    assert "<table" in fits._repr_html_()
    assert fits.plot(most=6).get_xlabel().startswith("population size")


def test_saved_fits(fits: Any) -> None:
    read = hp.read_estimate(fits.average().to_json())
    np.testing.assert_array_equal(read.draws, fits.average().draws)
    assert "Models disagree" in repr(read)
