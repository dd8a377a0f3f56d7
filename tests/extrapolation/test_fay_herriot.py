"""The models behind extrapolation: published Fay-Herriot results, textbook formulas, Student's prediction interval."""

from __future__ import annotations

import numpy as np
import pytest
from hiddenpop.extrapolation.fay_herriot import AreaModel
from hiddenpop.ground.random_effects import Component, Predictor
from scipy import stats

from .. import facts

MILK = facts.printed("milk")


def milk() -> AreaModel:
    area = np.array(MILK["major_area"])
    design = np.column_stack([np.ones(len(area)), *(area == k for k in (2, 3, 4))]).astype(float)
    return AreaModel(np.array(MILK["y"]), design, np.array(MILK["sd"]) ** 2)


@pytest.mark.parametrize("method", ["REML", "ML", "FH"])
def test_milk_as_published(method: str) -> None:
    # sae stops its iterations at relative changes of 1e-4, which bounds the agreement.
    model, expected = milk(), MILK[method]
    variance = model.variance(method)
    found, covariance = model.coefficients(variance)
    if "coefficients" in expected:
        assert found == pytest.approx(expected["coefficients"], abs=5e-7)
        assert np.sqrt(np.diag(covariance)) == pytest.approx(
            expected["coefficients_se"], abs=2e-6 if method == "REML" else 2e-5
        )
    assert model.eblup(variance) == pytest.approx(expected["eblup"], abs=2e-6)
    assert model.mse(variance, method) == pytest.approx(expected["mse"], abs=2e-7 if method == "REML" else 2e-6)


def balanced(spread: float) -> tuple[AreaModel, float]:
    """Ten areas with equal sampling variance 1 and a given sum of squares."""
    y = np.linspace(-1, 1, 10)
    y *= np.sqrt(spread / ((y - y.mean()) ** 2).sum())
    return AreaModel(y, np.ones((10, 1)), np.ones(10)), spread


@pytest.mark.parametrize("spread", [3.0, 40.0])
def test_variances_in_closed_form(spread: float) -> None:
    # With equal sampling variances psi = 1: ML is S / m - 1, REML and moments S / (m - 1) - 1, or zero. The adjusted
    # likelihood's derivative, 1/A - m / 2(A + 1) + S / 2(A + 1)^2 = 0, is a polynomial.
    model, s = balanced(spread)
    assert model.variance("ML") == pytest.approx(max(s / 10 - 1, 0), rel=1e-6)
    assert model.variance("REML") == pytest.approx(max(s / 9 - 1, 0), rel=1e-6)
    assert model.variance("FH") == pytest.approx(max(s / 9 - 1, 0), rel=1e-6)
    roots = np.roots([2 - 10, 4 - 10 + s, 2])  # times 2 A (A + 1)^2: 2 (A+1)^2 - 10 A (A+1) + s A
    (positive,) = [root.real for root in roots if root.real > 0]
    assert model.variance("adjusted") == pytest.approx(positive, rel=1e-5)


def test_restricted_likelihood_is_the_same_by_contrasts() -> None:
    model = milk()
    component = Component(model.y, model.design, np.eye(43), np.diag(model.sampling))
    assert component.reml() == pytest.approx(model.variance("REML"), rel=1e-6)


def test_posterior_without_errors_is_scaled_inverse_chi_squared() -> None:
    # Jeffreys' prior is 1 / s there: s = RSS / chi-squared with the regression's degrees of freedom.
    rng = np.random.default_rng(3)
    design = np.column_stack([np.ones(9), rng.normal(size=(9, 2))])
    y = rng.normal(size=9)
    component = Component(y, design, np.eye(9), np.zeros((9, 9)))
    rss = float(np.linalg.lstsq(design, y, rcond=None)[1][0])
    shares = np.array([0.025, 0.2, 0.5, 0.9, 0.975])
    assert component.df == 6
    assert component.quantile(shares) == pytest.approx(rss / stats.chi2.isf(shares, 6), rel=2e-3)
    assert component.reml() == pytest.approx(rss / 6, rel=1e-6)


def test_posterior_with_a_prior_by_quadrature() -> None:
    # One contrast w ~ N(0, s + d): the posterior of the deviation under a half-normal prior, summed by brute force.
    y, errors = np.array([0.0, 0.5]), np.diag([0.02, 0.03])
    component = Component(y, np.ones((2, 1)), np.eye(2), errors, prior=0.2)
    tau = np.linspace(1e-6, 3, 400_001)
    density = stats.norm.pdf(0.5, 0, np.sqrt(2 * tau**2 + 0.05)) * np.exp(-0.5 * (tau / 0.2) ** 2)
    cumulative = np.cumsum(density) / density.sum()
    for share in (0.05, 0.5, 0.95):
        expected = tau[np.searchsorted(cumulative, share)]
        assert np.sqrt(component.quantile(np.array([share]))[0]) == pytest.approx(expected, rel=3e-3)


def test_predictions_are_the_textbook_ones() -> None:
    # b = (X'V^-1 X)^-1 X'V^-1 y and x0'b + s c0'V^-1 (y - X b), computed with whole matrices.
    rng = np.random.default_rng(8)
    root, error_root = rng.normal(size=(8, 8)), rng.normal(size=(6, 6))
    whole, errors = root @ root.T + np.eye(8), error_root @ error_root.T
    design = np.column_stack([np.ones(8), rng.normal(size=8)])
    y, variances = rng.normal(size=(6, 3)), np.array([0.1, 1.0, 7.0])
    component = Component(y[:, 0], design[:6], whole[:6, :6], errors)
    found = Predictor(component, design[6:], whole[6:, :6])(y, variances)
    for column, s in enumerate(variances):
        inverse = np.linalg.inv(s * whole[:6, :6] + errors)
        b = np.linalg.solve(design[:6].T @ inverse @ design[:6], design[:6].T @ inverse @ y[:, column])
        expected = design[6:] @ b + s * whole[6:, :6] @ inverse @ (y[:, column] - design[:6] @ b)
        assert found[:, column] == pytest.approx(expected, rel=1e-9)
