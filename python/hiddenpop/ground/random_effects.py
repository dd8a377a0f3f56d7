"""Linear models whose errors have a known covariance, beside effects with one variance that is not known.

    y = X b + u + e,    u ~ N(0, s C),    e ~ N(0, E)

`y` are measured logs (areas' rates, studies' sizes), `E` the covariance of their measurement errors, `C` the shape of
the effects (the identity for areas, a random walk for times) and `s` their variance. A rotation T makes C the identity and E
diagonal at once, so a replicate with its own s costs no more than a weighted least squares of few unknowns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from .columns import Floats
from .products import product

#: The posterior of the logarithm of the variance is found at this many places, over this reach to both sides of
#: the data's own scale.
PLACES, REACH = 2001, 30.0
#: Measurement errors smaller than this, relative to the effects' shape, are none.
NO_ERROR = 1e-14


@dataclass(frozen=True, eq=False, repr=False)
class Component:
    """What the data say of the variance s, once the unknowns b are out of the way.

    Contrasts K'y with K'X = 0 are rotated to independent ones: w_j ~ N(0, s + d_j). Their likelihood is the
    restricted one (REML; Patterson and Thompson 1971, Biometrika 58:545-554).

    Parameters
    ----------
    y : array
        Measured values.
    design : array (values x unknowns)
        X.
    shape, errors : arrays (values x values)
        C, which is positive definite, and E.
    fixed : float, optional
        The variance s, where it is given and not estimated.
    prior : float, optional
        Scale of a half-normal prior of the standard deviation. Without it Jeffreys' prior of the restricted likelihood,
        p(s) proportional to the root of sum 1 / (s + d_j)^2.
    """

    y: Floats
    design: Floats
    shape: Floats
    errors: Floats
    fixed: float | None = None
    prior: float | None = None
    rotation: Floats = field(init=False)
    known: Floats = field(init=False)
    contrasts: Floats = field(init=False)
    variances: Floats = field(init=False)

    def __post_init__(self) -> None:
        lower = np.linalg.cholesky(self.shape)
        whitened = np.linalg.solve(lower, np.linalg.solve(lower, self.errors).T)
        known, vectors = _spectrum(whitened)
        rotation = np.linalg.solve(lower.T, vectors).T
        design = rotation @ self.design
        # The last left singular vectors span what no unknown reaches.
        apart = np.linalg.svd(design)[0][:, self.design.shape[1] :]
        variances, turn = _spectrum(apart.T @ (known[:, None] * apart))
        values = {
            "rotation": rotation,
            "known": known,
            "contrasts": turn.T @ (apart.T @ (rotation @ self.y)),
            "variances": variances,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def df(self) -> int:
        """Contrasts that tell of the variance."""
        return len(self.contrasts)

    def loglik(self, variance: Floats) -> Floats:
        """Return the restricted log-likelihood, up to a constant, at some variances."""
        total = variance[:, None] + self.variances
        with np.errstate(divide="ignore", invalid="ignore"):
            result: Floats = -0.5 * (np.log(total) + self.contrasts**2 / total).sum(axis=1)
        return result

    def reml(self) -> float:
        """Return the restricted maximum likelihood estimate, zero where nothing is left beyond measurement error."""
        if self.fixed is not None:
            return self.fixed
        return maximum(self.loglik, self._scale)

    def draws(self, normals: Floats) -> Floats:
        """Turn standard normals into draws of the variance from its posterior."""
        if self.fixed is not None:
            return np.full(normals.shape, self.fixed)
        from scipy.special import ndtr  # noqa: PLC0415 (scipy only when something is drawn)

        return self.quantile(ndtr(normals))

    def quantile(self, shares: Floats) -> Floats:
        """Return posterior quantiles of the variance."""
        if self.fixed is not None:
            return np.full(np.shape(shares), self.fixed)
        places, weights = self.posterior()
        cumulative = np.cumsum(weights) - weights / 2
        return cast("Floats", np.exp(np.interp(shares, cumulative, np.log(places))))

    def posterior(self) -> tuple[Floats, Floats]:
        """Return variances and their probabilities: the whole posterior, on a grid even in the logarithm."""
        if self.fixed is not None:
            return np.array([self.fixed]), np.ones(1)
        places = self._scale * np.exp(np.linspace(-REACH, REACH, PLACES))
        with np.errstate(under="ignore"):
            # The grid is even in log s, so densities of s take the factor s.
            if self.prior is None:
                density = 0.5 * np.log(((places[:, None] / (places[:, None] + self.variances)) ** 2).sum(axis=1))
            else:
                density = 0.5 * np.log(places) - 0.5 * places / self.prior**2
            density = density + self.loglik(places)
            weights = np.exp(density - density.max())
        return places, weights / weights.sum()

    @property
    def _scale(self) -> float:
        scale = float((self.contrasts**2).mean() + self.variances.mean()) if self.df else 0.0
        return scale or (self.prior or 1.0) ** 2


@dataclass(frozen=True, eq=False, repr=False)
class Predictor:
    """Best linear unbiased predictions of X0 b + u0 from y, for any variance s.

    Parameters
    ----------
    component : Component
        The model of what was measured.
    design : array (targets x unknowns)
        X0.
    shared : array (targets x values)
        Covariance of the targets' effects with the measured ones' for s = 1.
    """

    component: Component
    design: Floats
    shared: Floats

    def __call__(self, y: Floats, variance: Floats) -> Floats:
        """Return predictions (targets x replicates) from values (values x replicates), each with its own variance."""
        unknowns = self.unknowns(y, variance)
        rotation, design = self.component.rotation, self.component.rotation @ self.component.design
        residual = (product(rotation, y) - product(design, unknowns)) * self._weights(variance) * variance
        return product(self.design, unknowns) + product(self.shared @ rotation.T, residual)

    def unknowns(self, y: Floats, variance: Floats) -> Floats:
        """Return generalised least squares estimates of b (unknowns x replicates)."""
        rotation = self.component.rotation
        design, weights = rotation @ self.component.design, self._weights(variance)
        count = design.shape[1]
        squares = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)
        normal = product(squares.T, weights).T.reshape(-1, count, count)
        right = product(design.T, weights * product(rotation, y)).T
        return np.asarray(np.linalg.solve(normal, right[:, :, None])[:, :, 0].T, dtype=float)

    def _weights(self, variance: Floats) -> Floats:
        # A value known exactly, without effects, has all the weight there is: a small number stands for zero.
        return 1 / np.maximum(variance + self.component.known[:, None], NO_ERROR)


def maximum(loglik: Callable[[Floats], Floats], scale: float) -> float:
    """Return the variance that maximises a log-likelihood: zero where that is highest at its edge."""
    from scipy.optimize import minimize_scalar  # noqa: PLC0415 (scipy only when something is fitted)

    places = np.concatenate([[0.0], scale * np.exp(np.linspace(-REACH, 12.0, 400))])
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.nan_to_num(loglik(places), nan=-np.inf, posinf=-np.inf)
    best = int(values.argmax())
    if best == 0:
        return 0.0
    low, high = np.log(places[max(best - 1, 1)]), np.log(places[min(best + 1, len(places) - 1)])
    found = minimize_scalar(
        lambda t: -float(loglik(np.exp([t]))[0]),
        bounds=(low, high),
        method="bounded",
        options={"xatol": 1e-10},
    )
    top = float(np.exp(found.x))
    # A maximum that is higher at zero than anywhere near it is at zero.
    return 0.0 if values[0] >= -found.fun or top < scale * 1e-9 else top


def _spectrum(symmetric: Floats) -> tuple[Floats, Floats]:
    """Return eigenvalues, none below zero, and vectors."""
    values, vectors = np.linalg.eigh((symmetric + symmetric.T) / 2)
    return np.maximum(values, 0.0), vectors
