"""The area-level model of Fay and Herriot: the variance between areas, shrunken estimates and their mean squared errors.

y_i = x_i'b + v_i + e_i with v_i ~ N(0, A) and sampling errors e_i ~ N(0, psi_i) of known variance (Fay and Herriot 1979,
JASA 74:269-277). Formulas follow Rao and Molina (2015), Small Area Estimation, chapter 6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..ground.columns import Floats
from ..ground.random_effects import maximum

#: How the variance between areas is estimated.
VARIANCES = {
    "REML": "restricted maximum likelihood",
    "ML": "maximum likelihood",
    "FH": "the moment equation of Fay and Herriot",
    "adjusted": "adjusted maximum likelihood (Li and Lahiri), which is never zero",
}


@dataclass(frozen=True, eq=False, repr=False)
class AreaModel:
    """Data of the model, all on its own scale: values, indicators with a constant, sampling variances."""

    y: Floats
    design: Floats
    sampling: Floats

    def variance(self, method: str) -> float:
        """Estimate A by one of `VARIANCES`; zero where the values differ no more than their sampling errors do."""
        scale = float(np.var(self.y) + self.sampling.mean())
        if method == "FH":
            return self._moments(scale)

        def loglik(variances: Floats) -> Floats:
            return np.array([self._loglik(float(a), method) for a in variances])

        return maximum(loglik, scale)

    def coefficients(self, variance: float) -> tuple[Floats, Floats]:
        """Return b by generalised least squares, and its covariance."""
        weights = 1 / (variance + self.sampling)
        covariance: Floats = np.linalg.inv((self.design.T * weights) @ self.design).astype(float)
        return covariance @ (self.design.T @ (weights * self.y)), covariance

    def shrinkage(self, variance: float) -> Floats:
        """Return A / (A + psi_i): the weight that each area's own value has."""
        return variance / (variance + self.sampling)

    def eblup(self, variance: float) -> Floats:
        """Return empirical best linear unbiased predictions (Rao and Molina 2015, chapter 6)."""
        fitted = self.design @ self.coefficients(variance)[0]
        return fitted + self.shrinkage(variance) * (self.y - fitted)

    def mse(self, variance: float, method: str) -> Floats:
        """Return mean squared errors of the predictions, estimated to second order.

        g1 + g2 + 2 g3 for REML (Prasad and Rao 1990); less the bias of A times (1 - shrinkage)^2 for the others
        (Datta and Lahiri 2000; Datta, Rao and Smith 2005, Biometrika 92:183-196; Li and Lahiri 2010).
        """
        total = variance + self.sampling
        covariance = self.coefficients(variance)[1]
        rest = 1 - self.shrinkage(variance)
        g1 = self.shrinkage(variance) * self.sampling
        g2 = rest**2 * np.einsum("ip,pq,iq->i", self.design, covariance, self.design)
        squares, inverses = (total**-2.0).sum(), (1 / total).sum()
        # What the coefficients take from the information, trace of (X'V^-1 X)^-1 X'V^-2 X.
        taken = float(np.trace(covariance @ ((self.design.T / total**2) @ self.design)))
        spread, bias = 2 / squares, 0.0
        if method == "ML":
            bias = -taken / squares
        elif method == "adjusted":
            bias = (2 / variance - taken) / squares
        elif method == "FH":
            spread = 2 * len(self.y) / inverses**2
            bias = 2 * (len(self.y) * squares - inverses**2) / inverses**3
        g3 = self.sampling**2 / total**3 * spread
        result: Floats = g1 + g2 + 2 * g3 - bias * rest**2
        return result

    def _residual(self, variance: float) -> float:
        off = self.y - self.design @ self.coefficients(variance)[0]
        return float((off**2 / (variance + self.sampling)).sum())

    def _loglik(self, variance: float, method: str) -> float:
        total = variance + self.sampling
        value = -0.5 * (float(np.log(total).sum()) + self._residual(variance))
        if method == "REML":
            value -= 0.5 * float(np.linalg.slogdet((self.design.T / total) @ self.design)[1])
        if method == "adjusted":
            value += float(np.log(variance)) if variance > 0 else -np.inf
        return value

    def _moments(self, scale: float) -> float:
        """Solve sum (y_i - x_i'b)^2 / (A + psi_i) = m - p for A, or return zero."""
        from scipy.optimize import brentq  # noqa: PLC0415 (scipy only when something is fitted)

        wanted = len(self.y) - self.design.shape[1]
        if self._residual(0.0) <= wanted:
            return 0.0
        high = scale
        while self._residual(high) > wanted:
            high *= 2
        return float(brentq(lambda a: self._residual(a) - wanted, 0.0, high, xtol=1e-14))
