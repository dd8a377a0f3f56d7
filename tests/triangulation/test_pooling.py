"""The arithmetic of combining: published meta-analyses, other software, closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hiddenpop.triangulation import pooling
from scipy import stats

#: Thirteen trials of BCG vaccine (Colditz et al. 1994, JAMA 271:698-702), as in R's metafor (dat.bcg): cases and others
#: among the vaccinated, cases and others among controls.
BCG = np.array(
    [
        [4, 119, 11, 128],
        [6, 300, 29, 274],
        [3, 228, 11, 209],
        [62, 13536, 248, 12619],
        [33, 5036, 47, 5761],
        [180, 1361, 372, 1079],
        [8, 2537, 10, 619],
        [505, 87886, 499, 87892],
        [29, 7470, 45, 7232],
        [17, 1699, 65, 1600],
        [186, 50448, 141, 27197],
        [5, 2493, 3, 2338],
        [27, 16886, 29, 17825],
    ],
    dtype=float,
)


def bcg() -> tuple[np.ndarray, np.ndarray]:
    a, b, c, d = BCG.T
    return np.log(a / (a + b) / (c / (c + d))), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)


def test_published_heterogeneity() -> None:
    # metafor's rma(yi, vi) prints: Q(df = 12) = 152.2330, tau^2 (REML) = 0.3132, estimate -0.7145, se 0.1798, interval -1.0669
    # to -0.3622. DerSimonian-Laird, Paule-Mandel and the Hartung-Knapp standard errors: combine_effects of statsmodels 0.14,
    # method_re "chi2" and "iterated".
    y, v = bcg()
    found = pooling.disagreement(y, np.diag(v))
    assert (round(found.q, 4), found.df, round(found.i2, 6)) == (152.2330, 12, 0.921173)
    assert found.p < 1e-20
    assert pooling.dersimonian_laird(y, np.diag(v)) == pytest.approx(0.308760263, rel=1e-8)
    assert pooling.paule_mandel(y, np.diag(v)) == pytest.approx(0.318068452, rel=1e-6)
    tau2 = pooling.reml(y, np.diag(v))
    assert round(tau2, 4) == 0.3132
    w = pooling.weights(np.diag(v + tau2), bounded=True)
    se = np.sqrt(w @ np.diag(v + tau2) @ w)
    assert [round(float(x), 4) for x in (w @ y, se, w @ y - 1.959964 * se, w @ y + 1.959964 * se)] == [
        -0.7145,
        0.1798,
        -1.0669,
        -0.3622,
    ]


@pytest.mark.parametrize(
    ("estimator", "mean", "se"),
    [("dersimonian_laird", -0.714117222, 0.180696628), ("paule_mandel", -0.714968153, 0.180892192)],
)
def test_hartung_knapp(estimator: str, mean: float, se: float) -> None:
    # sd_eff_w_re_hksj of statsmodels 0.14.
    y, v = bcg()
    total = np.diag(v + pooling.BETWEEN[estimator](y, np.diag(v)))
    w = pooling.weights(total, bounded=False)
    assert w @ y == pytest.approx(mean, rel=1e-6)
    stretch = pooling.hartung_knapp(y, total, modified=False)
    assert stretch * np.sqrt(w @ total @ w) == pytest.approx(se, rel=1e-6)


def test_modified_hartung_knapp_is_never_narrower() -> None:
    y, total = np.array([1.0, 1.01, 0.99, 1.0, 1.02]), np.eye(5)
    assert pooling.hartung_knapp(y, total, modified=False) < 0.1
    assert pooling.hartung_knapp(y, total, modified=True) == 1.0


def test_no_variance_between_equal_sources() -> None:
    y, v = np.array([2.0, 2.0, 2.0, 2.0, 2.0]), np.eye(5)
    assert [estimate(y, v) for estimate in pooling.BETWEEN.values()] == pytest.approx([0.0, 0.0, 0.0], abs=1e-15)
    assert pooling.disagreement(y, v).i2 == 0.0


def test_bounded_weights() -> None:
    # Two sources with correlation r and standard errors s < t: w2 ~ s^2 - r s t is negative where r > s / t.
    v = np.array([[1.0, 1.8], [1.8, 4.0]])
    np.testing.assert_allclose(pooling.weights(v, bounded=False), [2.2 / 1.4, -0.8 / 1.4])
    np.testing.assert_allclose(pooling.weights(v, bounded=True), [1.0, 0.0])
    # Elsewhere they solve the problem's stationarity conditions: V w is equal where w > 0 and not less elsewhere.
    rng = np.random.default_rng(3)
    seen = 0
    for _ in range(200):
        root = rng.normal(size=(4, 5)) + rng.normal(size=5)
        v = root @ root.T * rng.choice([1e-6, 1.0, 1e8])
        w = pooling.weights(v, bounded=True)
        assert w.sum() == pytest.approx(1)
        assert w.min() >= 0
        slope = v @ w
        level = w @ slope
        assert (slope >= level * (1 - 1e-8)).all()
        np.testing.assert_allclose(slope[w > 1e-9], level, rtol=1e-8)
        seen += (w == 0).any()
        if pooling.weights(v, bounded=False).min() >= 0:
            np.testing.assert_allclose(w, pooling.weights(v, bounded=False), rtol=1e-6, atol=1e-9)
    assert seen > 50


def test_random_effects_cover() -> None:
    # Six sources around a mean of 9 with s.d. 0.3 between them and standard errors from 0.1 to 0.4: Hartung and Knapp's
    # intervals hold in 95% of 1,500 cases (binomial error 0.6%), the normal ones visibly less often.
    rng = np.random.default_rng(11)
    errors = np.linspace(0.1, 0.4, 6)
    v = np.diag(errors**2)
    hits = np.zeros(2)
    cases = 1500
    for _ in range(cases):
        y = 9 + rng.normal(size=6) * np.sqrt(0.09 + errors**2)
        total = v + pooling.dersimonian_laird(y, v) * np.eye(6)
        w = pooling.weights(total, bounded=False)
        off = abs(w @ y - 9) / np.sqrt(w @ total @ w)
        hits += [off <= stats.t.ppf(0.975, 5) * pooling.hartung_knapp(y, total, modified=False), off <= 1.96]
    assert 0.925 < hits[0] / cases < 0.965
    assert hits[1] / cases < 0.93
