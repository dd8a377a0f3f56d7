"""Posteriors on a grid: dense grids, limits, and integration by another route."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hiddenpop.triangulation import quadrature
from scipy import integrate, stats


def one_site(y: np.ndarray, v: np.ndarray, prior: tuple[str, float]) -> tuple[quadrature.Grid, np.ndarray, np.ndarray]:
    grid = quadrature.posterior(y, np.diag(v), np.ones((len(y), 1)), np.eye(len(y)), prior)
    precision = 1 / (v + grid.sds[:, :1] ** 2)
    return grid, (precision @ y) / precision.sum(axis=1), np.sqrt(1 / precision.sum(axis=1))


@pytest.mark.parametrize(
    ("prior", "density"),
    [
        (("half-normal", 0.5), stats.halfnorm(scale=0.5).pdf),
        (("half-cauchy", 0.3), stats.halfcauchy(scale=0.3).pdf),
        (("uniform", 2.0), stats.uniform(0, 2).pdf),
    ],
)
def test_posterior_on_a_dense_grid(prior: tuple[str, float], density: Callable[[np.ndarray], np.ndarray]) -> None:
    # The joint density of (mu, tau), summed over both by the trapezoid rule.
    y, v = np.array([9.2, 9.6, 10.1]), np.array([0.02, 0.03, 0.05])
    mu, tau = np.linspace(-15, 34, 4901), np.sinh(np.linspace(0, 4.2, 800)) / 2
    spread = np.sqrt(v + tau[:, None] ** 2)
    joint = density(tau)[:, None] * np.ones(len(mu))
    for one, sd in zip(y, spread.T, strict=True):
        joint *= stats.norm.pdf(one, mu, sd[:, None])
    over_tau = integrate.trapezoid(joint, tau, axis=0)
    over_mu = integrate.trapezoid(joint, mu, axis=1)
    total = integrate.trapezoid(over_tau, mu)
    grid, mean, sd = one_site(y, v, prior)
    assert grid.probability @ grid.sds[:, 0] == pytest.approx(
        integrate.trapezoid(over_mu * tau, tau) / total, rel=0.003
    )
    shares = np.array([0.025, 0.1, 0.5, 0.975])
    expected = np.interp(shares, integrate.cumulative_trapezoid(over_tau, mu, initial=0) / total, mu)
    np.testing.assert_allclose(quadrature.mixture_quantiles(grid.probability, mean, sd, shares), expected, atol=0.004)


def test_a_sharp_prior_is_the_fixed_effect() -> None:
    y, v = np.array([9.2, 9.6, 10.1]), np.array([0.02, 0.03, 0.05])
    grid, mean, sd = one_site(y, v, ("half-normal", 1e-6))
    ends = quadrature.mixture_quantiles(grid.probability, mean, sd, np.array([0.025, 0.5, 0.975]))
    middle, error = np.sum(y / v) / np.sum(1 / v), np.sqrt(1 / np.sum(1 / v))
    np.testing.assert_allclose(ends, middle + error * stats.norm.ppf([0.025, 0.5, 0.975]), rtol=1e-8)


def test_several_sites_by_another_route() -> None:
    # The same model as one Gaussian of sizes, biases and departures, sizes with a very wide prior: its conditional means
    # and variances, and the marginal likelihood of scipy's multivariate normal.
    rng = np.random.default_rng(5)
    site, kind = np.array([0, 0, 1, 1, 2, 2, 2]), np.array([0, 1, 0, 1, 0, 1, 2])
    levels, methods = np.eye(3)[site], np.eye(3)[kind]
    root = rng.normal(size=(7, 9)) / 6
    v = root @ root.T + 0.01 * np.eye(7)
    y = np.array([8.0, 8.4, 9.1, 9.3, 7.0, 7.6, 7.1])
    tau, omega, wide = 0.3, 0.2, 1e4
    design = np.hstack([levels, methods, np.eye(7)])
    before = np.diag([wide] * 3 + [tau**2] * 3 + [omega**2] * 7)
    gain = before @ design.T @ np.linalg.inv(design @ before @ design.T + v)
    mean, spread = gain @ (y - 8.0 * levels.sum(axis=1)), before - gain @ design @ before
    grid = quadrature.Grid(np.array([[tau, omega]]), np.ones(1))
    contrasts = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, -1, 0]])
    bias, error = quadrature.biases(y, v, levels, methods, grid, contrasts)
    np.testing.assert_allclose(bias[0], contrasts @ mean[3:6], atol=1e-4)
    np.testing.assert_allclose(error[0] ** 2, np.diag(contrasts @ spread[3:6, 3:6] @ contrasts.T), atol=1e-4)
    total = v + quadrature.between(grid.sds, methods)[0]
    theta = np.linalg.solve(levels.T @ np.linalg.inv(total) @ levels, levels.T @ np.linalg.inv(total) @ y)
    np.testing.assert_allclose(theta, 8.0 + mean[:3], atol=1e-3)

    found = quadrature.posterior(y, v, levels, methods, ("half-normal", 0.5))
    cells = (np.arange(40) + 0.5) / 40
    sds = stats.halfnorm(scale=0.5).ppf(cells)
    fixed = v + wide * levels @ levels.T
    shared, own = methods @ methods.T, np.eye(7)
    logs = np.array(
        [
            [stats.multivariate_normal(np.full(7, 8.0), fixed + a**2 * shared + b**2 * own).logpdf(y) for b in sds]
            for a in sds
        ]
    )
    mass = np.exp(logs - logs.max())
    mass /= mass.sum()
    expected = [(mass.sum(axis=1) @ sds), (mass.sum(axis=0) @ sds)]
    np.testing.assert_allclose(found.probability @ found.sds, expected, rtol=0.02)
