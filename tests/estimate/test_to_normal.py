"""Draws from a normal distribution with the covariance that replicates measured."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, HiddenpopWarning, InputError
from hiddenpop.estimate.arithmetic import as_estimate
from hiddenpop.estimate.estimate import Estimate

from ..replicated import columns_of


def test_draws_from_a_normal(agency: pd.DataFrame) -> None:
    survey = hp.Survey(agency, weights="w", replicate_weights=columns_of(agency), method="BRR")
    size = hp.multiplier({"a": 500, "b": 900}, survey.proportion("yes", by="g"))
    normal = size.to_normal(replicates=50_000, seed=2)
    logs = np.log(normal.draws)
    point = size.point.to_numpy()
    # The delta method's covariance on the log scale; 50,000 draws fix standard deviations to 0.3%.
    np.testing.assert_allclose(np.cov(logs), size.vcov() / np.outer(point, point), rtol=0.03, atol=1e-4)
    np.testing.assert_allclose(logs.mean(axis=1), np.log(point), atol=0.005)
    np.testing.assert_array_equal(normal.point, size.point)
    assert 0 < hp.prob(normal["a"] > 500) <= 1
    assert normal.quantity == "size"
    text = normal.methods()
    assert "multivariate normal distribution on the log scale" in text
    assert "12 replicate weights by balanced" in text
    mixed = normal.sum() * hp.beta(80, 20, name="c")
    assert mixed.interval(method="percentile").notna().all(axis=None)
    # The same estimate gives the same draws; so does what was saved.
    np.testing.assert_array_equal(size.to_normal(replicates=50_000, seed=2).draws, normal.draws)
    assert not np.array_equal(size.to_normal(seed=2, name="mine").draws, normal.draws[:, :10_000])
    back = hp.read_estimate(normal.to_json(draws=False))
    np.testing.assert_array_equal(back.draws, normal.draws)
    share = survey.proportion("yes").to_normal()
    assert ((share.draws > 0) & (share.draws < 1)).all()
    with pytest.warns(HiddenpopWarning, match="another estimate of the same survey"):
        _ = normal * survey.mean("y")
    with pytest.warns(HiddenpopWarning, match="another estimate of the same survey"):
        _ = survey.mean("y") * normal
    with pytest.raises(InputError, match="under two seeds"):
        _ = normal + size.to_normal(seed=3)
    for method in ("bca", "basic"):
        with pytest.raises(InputError, match="no sample is redrawn for"):
            normal.interval(method=method)


def test_normal_draws_have_an_edge() -> None:
    part = hp.Survey({"k": list("aabbccdd"), "g": [1, 2] * 4, "x": [1, 0, 1, 0, 0, 0, 1, 0]}, clusters="k")
    with pytest.warns(HiddenpopWarning, match="no estimate there"):
        size = hp.multiplier({1: 50, 2: 50}, part.with_replicates("JK1").proportion("x", by="g"))
    assert np.isnan(size.to_normal().draws).all(axis=1).tolist() == [False, True]
    survey = hp.Survey({"k": [1, 1, 2, 2, 3, 3], "x": [1] * 6, "z": [1, 0] * 3}, clusters="k").with_replicates("JK1")
    fixed = survey.proportion("x").to_normal()
    assert (fixed.draws == 1).all()  # nothing varies, so nothing is drawn
    # Without the cluster that holds all of it the share is 0, the size infinite.
    part = hp.Survey({"k": [1, 1, 2, 2, 3, 3], "x": [1, 0, 0, 0, 0, 0]}, clusters="k").with_replicates("JK1")
    with pytest.raises(EstimationError, match="no standard error"):
        hp.multiplier(10, part.proportion("x")).to_normal()
    with pytest.raises(InputError, match="nothing to draw"):
        Estimate.wrap(as_estimate(3.0)).to_normal()
