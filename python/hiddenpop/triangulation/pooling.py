"""Weights, disagreement and between-source variance of estimates with a known covariance matrix.

Everything is on the scale that estimates are combined on. With V the covariance of the estimates y and W its inverse,
P = W - W 1 1' W / (1' W 1) removes their common level. For independent sources all is what textbooks write with sums.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..ground.columns import Floats

#: Steps of the first search for the between-source standard deviation.
STEPS = 200


class Disagreement(NamedTuple):
    """Cochran's Q with its degrees of freedom and p, and I squared."""

    q: float
    df: int
    p: float
    i2: float


def weights(covariance: Floats, *, bounded: bool) -> Floats:
    """Return the weights w that minimise w' V w with sum 1; with `bounded` none is below 0 (or above 1).

    Unbounded they are V^-1 1 / (1' V^-1 1). Bounded, with V = R' R, they are proportional to the u >= 0 that minimises
    |R u - R'^-1 1| (the stationarity conditions of both problems agree).
    """
    ones = np.ones(len(covariance))
    if not bounded:
        found = np.linalg.solve(covariance, ones)
        return np.asarray(found / found.sum())
    from scipy.optimize import nnls  # noqa: PLC0415 (only when something is combined)

    # Scaled to correlations, so that the solver's tolerance suits any unit.
    errors = np.sqrt(np.diag(covariance))
    upper = np.linalg.cholesky(covariance / np.outer(errors, errors)).T
    best = nnls(upper, np.linalg.solve(upper.T, 1 / errors))[0] / errors
    return np.asarray(best / best.sum())


def projection(covariance: Floats) -> Floats:
    """Return P."""
    inverse = np.linalg.inv(covariance)
    level = inverse.sum(axis=1)
    result: Floats = inverse - np.outer(level, level) / level.sum()
    return result


def disagreement(y: Floats, covariance: Floats, levels: Floats | None = None) -> Disagreement:
    """Return Q = y' P y and what follows from it.

    Cochran (1954), Biometrics 10:101-129; I squared of Higgins and Thompson (2002), Statistics in Medicine
    21:1539-1558. `levels` (estimates x levels) says which estimates share a level where there are several.
    """
    from scipy.special import chdtrc  # noqa: PLC0415 (scipy only when something is computed with it)

    design = np.ones((len(y), 1)) if levels is None else levels
    inverse = np.linalg.inv(covariance)
    across = inverse @ design
    fitted = design @ np.linalg.solve(design.T @ across, across.T @ y)
    q = float((y - fitted) @ inverse @ (y - fitted))
    df = len(y) - design.shape[1]
    if df == 0:
        return Disagreement(0.0, 0, math.nan, math.nan)
    return Disagreement(q, df, float(chdtrc(df, q)), max(0.0, (q - df) / q) if q > 0 else 0.0)


def dersimonian_laird(y: Floats, covariance: Floats) -> float:
    """Return tau squared from Q's expectation, k - 1 + tau^2 tr P (DerSimonian and Laird 1986)."""
    p = projection(covariance)
    return max(0.0, float((y @ p @ y - (len(y) - 1)) / np.trace(p)))


def paule_mandel(y: Floats, covariance: Floats) -> float:
    """Return the tau squared at which Q is as large as it should be, k - 1 (Paule and Mandel 1982)."""
    from scipy.optimize import brentq  # noqa: PLC0415 (scipy only when something is computed with it)

    def excess(tau: float) -> float:
        p = projection(covariance + tau**2 * np.eye(len(y)))
        return float(y @ p @ y - (len(y) - 1))

    if excess(0.0) <= 0:
        return 0.0
    return float(brentq(excess, 0.0, _widest(y, covariance), xtol=1e-12)) ** 2


def reml(y: Floats, covariance: Floats) -> float:
    """Return the tau squared that maximises the restricted likelihood (Viechtbauer 2005)."""
    from scipy.optimize import minimize_scalar  # noqa: PLC0415 (scipy only when something is computed with it)

    def lack(taus: Floats) -> Floats:
        """Minus the restricted log-likelihood at each tau, without its constant."""
        total = covariance + taus[:, None, None] ** 2 * np.eye(len(y))
        inverse = np.linalg.inv(total)
        level, centre = inverse.sum(axis=(1, 2)), inverse @ y
        misfit = centre @ y - centre.sum(axis=1) ** 2 / level
        return np.asarray(np.linalg.slogdet(total)[1] + np.log(level) + misfit) / 2

    grid = np.linspace(0.0, _widest(y, covariance), STEPS + 1)
    at = lack(grid)
    best = int(np.argmin(at))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, STEPS)]
    found = minimize_scalar(
        lambda tau: float(lack(np.array([tau]))[0]), bounds=(low, high), method="bounded", options={"xatol": 1e-10}
    )
    return 0.0 if at[0] <= found.fun else float(found.x) ** 2


#: Estimators of the between-source variance, by the method's name.
BETWEEN: dict[str, Callable[[Floats, Floats], float]] = {
    "dersimonian_laird": dersimonian_laird,
    "reml": reml,
    "paule_mandel": paule_mandel,
}


def hartung_knapp(y: Floats, total: Floats, *, modified: bool) -> float:
    """Return by what factor standard errors are stretched: the root of q = y' P y / (k - 1), P at V + tau^2 I.

    Hartung and Knapp (2001), Statistics in Medicine 20:3875-3889; the modified factor is never below 1 (Roever, Knapp
    and Friede 2015, BMC Medical Research Methodology 15:99).
    """
    q = float(y @ projection(total) @ y) / (len(y) - 1)
    return math.sqrt(max(q, 1.0) if modified else q)


def _widest(y: Floats, covariance: Floats) -> float:
    """Return a standard deviation above any that the estimates could have between them."""
    return 10 * (float(np.ptp(y)) + math.sqrt(float(np.diag(covariance).max())))
