"""Posterior of the normal hierarchical model by quadrature over its standard deviations: no sampler, no Monte Carlo.

Estimate i of level s (a site) by method m is y_i = theta_s + b_m + g_i + e_i, with e from the estimates' covariance V,
method biases b_m ~ N(0, tau^2), departures g_i ~ N(0, omega^2) where there are several sites, and theta flat. Given tau and
omega all is normal with covariance S = V + tau^2 Z Z' + omega^2 I:

theta | y ~ N(A y, C),  C = (X' S^-1 X)^-1,  A = C X' S^-1,
p(tau, omega | y) ~ prior |S|^-1/2 |C|^1/2 exp(-y' P y / 2).

With one site this is the random-effects model (Roever 2020, Journal of Statistical Software 93(6)).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ..errors import InputError, in_words
from ..ground import checks
from ..ground.columns import Bools, Floats

PRIORS = ("half-normal", "half-cauchy", "uniform")
#: Points of the first grid, equally likely before the data: one standard deviation, and two.
FINE, COARSE = 4096, (64, 32)
#: What is less likely than this is left out.
NEGLIGIBLE = 1e-9


class Grid(NamedTuple):
    """Standard deviations (points x 2: between methods, between sites within methods) and their probabilities."""

    sds: Floats
    probability: Floats


def check_prior(prior: object) -> tuple[str, float]:
    """Return a prior's family and scale."""
    given = prior if math.isnan(checks.real(prior)) else ("half-normal", prior)
    if not isinstance(given, (tuple, list)) or len(given) != 2 or given[0] not in PRIORS:
        raise InputError(
            f"prior={in_words(prior)} must be the scale of a half-normal, such as 0.5, or a family with its scale, such as "
            f"('half-cauchy', 0.5); families: {', '.join(PRIORS)}."
        )
    family, scale = given
    return str(family), checks.positive(scale, "the prior's scale")


def prior_quantiles(family: str, scale: float, shares: Floats) -> Floats:
    """Return quantiles of a prior of a standard deviation."""
    from scipy.special import ndtri  # noqa: PLC0415 (only when something is combined)

    if family == "half-normal":
        return np.asarray(scale * ndtri((1 + shares) / 2))
    return scale * (np.tan(np.pi * shares / 2) if family == "half-cauchy" else shares)


def between(sds: Floats, methods: Floats) -> Floats:
    """Return tau^2 Z Z' + omega^2 I for each point of a grid."""
    shared = methods @ methods.T
    return np.asarray(sds[:, :1, None] ** 2 * shared + sds[:, 1:, None] ** 2 * np.eye(len(methods)))


def posterior(y: Floats, covariance: Floats, levels: Floats, methods: Floats, prior: tuple[str, float]) -> Grid:
    """Return the posterior of the standard deviations on a grid."""
    if levels.shape[1] == 1:
        sds = np.column_stack([prior_quantiles(*prior, _middles(FINE)), np.zeros(FINE)])
    else:
        first, second = (prior_quantiles(*prior, _middles(count)) for count in COARSE)
        sds = np.column_stack([np.repeat(first, COARSE[1]), np.tile(second, COARSE[0])])
    logs = np.concatenate([_log_likelihood(y, covariance, levels, methods, part) for part in np.array_split(sds, 16)])
    mass = np.exp(logs - logs.max())
    mass /= mass.sum()
    if levels.shape[1] == 1:
        return _condense(sds, mass)
    kept: Bools = mass > NEGLIGIBLE
    return Grid(sds[kept], mass[kept] / mass[kept].sum())


def _middles(count: int) -> Floats:
    return (np.arange(count) + 0.5) / count


def _log_likelihood(y: Floats, covariance: Floats, levels: Floats, methods: Floats, sds: Floats) -> Floats:
    total = covariance + between(sds, methods)
    inverse = np.linalg.inv(total)
    across = levels.T @ inverse
    inner = across @ levels
    fitted = np.linalg.solve(inner, (across @ y)[..., None])[..., 0]
    left = y - fitted @ levels.T
    misfit = np.einsum("gi,gij,gj->g", left, inverse, left)
    result: Floats = -(np.linalg.slogdet(total)[1] + np.linalg.slogdet(inner)[1] + misfit) / 2
    return result


def _condense(sds: Floats, mass: Floats) -> Grid:
    """Join neighbours to some three hundred points, finer where the tails begin."""
    tails = 2.0 ** -np.arange(9, 21)
    edges = np.sort(np.concatenate([np.arange(1, 256) / 256, tails, 1 - tails]))
    cell = np.searchsorted(edges, np.cumsum(mass) - mass / 2)
    joined = np.bincount(cell, mass, len(edges) + 1)
    taus = np.bincount(cell, mass * sds[:, 0], len(edges) + 1)
    held = joined > 0
    return Grid(np.column_stack([taus[held] / joined[held], np.zeros(held.sum())]), joined[held] / joined.sum())


def biases(
    y: Floats, covariance: Floats, levels: Floats, methods: Floats, grid: Grid, contrasts: Floats
) -> tuple[Floats, Floats]:
    """Return means and standard deviations (points x contrasts) of contrasts of the biases b, given each point of the grid.

    b | y ~ N(tau^2 Z' P y, tau^2 I - tau^4 Z' P Z); `contrasts` (contrasts x methods) is I for the biases themselves.
    """
    inverse = np.linalg.inv(covariance + between(grid.sds, methods))
    across = levels.T @ inverse
    p = inverse - across.transpose(0, 2, 1) @ np.linalg.solve(across @ levels, across)
    squares = grid.sds[:, :1] ** 2
    mean = squares * (p @ y @ methods)
    spread = squares[..., None] * np.eye(methods.shape[1]) - squares[..., None] ** 2 * (methods.T @ p @ methods)
    variance = np.einsum("cm,gmn,cn->gc", contrasts, spread, contrasts)
    return mean @ contrasts.T, np.sqrt(np.maximum(variance, 0.0))


def mixture_quantiles(probability: Floats, mean: Floats, sd: Floats, shares: Floats) -> Floats:
    """Return quantiles of a mixture of normals, by bisection to the precision of doubles."""
    from scipy.special import ndtr  # noqa: PLC0415 (scipy only when something is computed with it)

    low = np.full(len(shares), (mean - 40 * sd).min())
    high = np.full(len(shares), (mean + 40 * sd).max())
    for _ in range(100):
        middle = (low + high) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            place = (middle[:, None] - mean) / sd
        below = ndtr(np.where(np.isnan(place), 0.0, place)) @ probability < shares
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray((low + high) / 2)
