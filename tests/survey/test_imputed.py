"""Rubin's rules against closed forms."""

from __future__ import annotations

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop.errors import EstimationError, InputError
from hiddenpop.uncertainty.linearized import linearize
from scipy.stats import t


def tables(count: int = 5, n: int = 200) -> list[pd.DataFrame]:
    rng = np.random.default_rng(2)
    seen = rng.normal(10, 2, n)
    gaps = rng.random(n) < 0.3
    sex = rng.choice(["m", "f"], n)
    return [
        pd.DataFrame({"x": np.where(gaps, rng.normal(10.5, 2, n), seen), "sex": sex, "yes": rng.random(n) < 0.4})
        for _ in range(count)
    ]


def test_rubins_rules_in_closed_form() -> None:
    # Rubin (1987): T = W + (1 + 1/M) B; Barnard and Rubin (1999) degrees of freedom.
    frames = tables()
    survey = hp.Imputed(frames, replicates=20_000)
    mean = survey.mean("x")
    points = np.array([f["x"].mean() for f in frames])
    within = np.mean([f["x"].var() / 200 for f in frames])
    between = points.var(ddof=1)
    total = within + 1.2 * between
    assert mean.point == pytest.approx(points.mean())
    assert mean.se("linearized") == pytest.approx(np.sqrt(total), rel=1e-10)
    assert mean.se() == pytest.approx(np.sqrt(total), rel=0.02)
    share = 1.2 * between / total
    observed = 200 / 202 * 199 * (1 - share)
    df = 1 / (share**2 / 4 + 1 / observed)
    assert linearize(mean.node).df[0] == pytest.approx(df)
    lower, upper = mean.interval().iloc[0]
    assert (upper - lower) / 2 / np.sqrt(total) == pytest.approx(float(t.ppf(0.975, df)), rel=1e-6)


def test_derived_quantities_stay_joint() -> None:
    survey = hp.Imputed(tables(), replicates=2_000)
    whole = survey.proportion("sex").sum("all")
    np.testing.assert_allclose(whole.draws, 1.0, rtol=1e-12)
    size = hp.multiplier(1_000, survey.proportion("yes"))
    assert size.point == pytest.approx(1_000 / survey.proportion("yes").point)
    assert size.se("linearized") == pytest.approx(size.se(), rel=0.1)
    assert "5 imputations were pooled" in size.methods()
    assert size.methods().count("is a sample of") == 1
    again = hp.read_estimate(size.to_json())
    np.testing.assert_array_equal(again.draws, size.draws)


def test_long_table_as_mice_makes_it() -> None:
    frames = tables(3)
    long = pd.concat([f.assign(**{".imp": m}) for m, f in enumerate([frames[0].assign(x=np.nan), *frames])])
    ours = hp.Imputed(long, imputation=".imp").mean("x", by="sex")
    np.testing.assert_allclose(ours.point, hp.Imputed(frames).mean("x", by="sex").point)
    calibrated = hp.Imputed(frames).map(lambda s: s.calibrate({"sex": {"m": 500, "f": 500}}))
    assert calibrated.total("yes").point == pytest.approx(
        np.mean([500 * f["yes"].groupby(f["sex"]).mean().sum() for f in frames])
    )


def test_surveys_that_are_made_already() -> None:
    frames = [frame.assign(site=np.arange(200) // 10, night=1, often=2) for frame in tables()]
    surveys = [hp.Survey.venue_day(frame, venue="site", day="night", attendance="often") for frame in frames]
    mean = hp.Imputed(surveys).mean("x")
    assert mean.point == pytest.approx(np.mean([survey.mean("x").point for survey in surveys]))
    with pytest.raises(InputError, match="made already, so strata="):
        hp.Imputed(surveys, strata="sex")
    with pytest.raises(InputError, match="One imputation can't show"):
        hp.Imputed(surveys[:1])
    with pytest.raises(InputError, match="different designs"):
        hp.Imputed([surveys[0], hp.Survey(frames[1])])


def test_bad_imputations() -> None:
    frames = tables(2)
    with pytest.raises(InputError, match="One imputation can't show"):
        hp.Imputed(frames[:1])
    with pytest.raises(InputError, match="different numbers of rows"):
        hp.Imputed([frames[0], frames[1][:10]])
    with pytest.raises(InputError, match="no column 'imp'"):
        hp.Imputed(frames[0], imputation="imp")
    with pytest.raises(InputError, match="takes a list of tables"):
        hp.Imputed(frames[0])
    one, two = hp.Survey({"a": ["x", "y"]}), hp.Survey({"a": ["x", "z"]})
    with pytest.raises(InputError, match="Imputation 2 has other labels"):
        hp.pool([one.proportion("a"), two.proportion("a")])
    with pytest.raises(EstimationError, match="pooled imputations"):
        hp.Imputed(frames).mean("x").interval(method="bca")


def test_the_data_before_imputation_are_left_out_however_they_are_numbered() -> None:
    for numbers in ([0, 0, 1, 1, 2, 2], [0.0, 0.0, 1.0, 1.0, 2.0, 2.0], list("001122")):
        long = pd.DataFrame({".imp": numbers, "age": [99.0, 99, 30, 41, 30, 45]})
        assert hp.Imputed(long, imputation=".imp", replicates=20).mean("age").point == 36.5
