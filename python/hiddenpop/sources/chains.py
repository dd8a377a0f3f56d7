"""Whether a sampler's chains agree and how much their draws tell.

Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), Bayesian Analysis 16:667-718; the numbers are those of ArviZ.
"""

from __future__ import annotations

import math

import numpy as np

from ..ground import distributions
from ..ground.columns import Floats


def r_hat(draws: Floats) -> float:
    """Return the rank-normalised split R-hat of draws (chains x draws): 1 where chains agree.

    The larger of that of the ranks (section 4) and that of the distances from the median.
    """
    if _constant(draws):
        return math.nan
    halves = _split(draws)
    return max(_r_hat(_normal_scores(halves)), _r_hat(_normal_scores(np.abs(halves - np.median(halves)))))


def ess_bulk(draws: Floats) -> float:
    """Return the effective sample size for the centre of the distribution."""
    return math.nan if _constant(draws) else _ess(_normal_scores(_split(draws)))


def ess_tail(draws: Floats) -> float:
    """Return the smaller effective sample size of the 5% and the 95% quantile."""
    if _constant(draws):
        return math.nan
    low, high = np.quantile(draws, [0.05, 0.95])
    return min(_ess(_split((draws <= end).astype(float))) for end in (low, high))


def mcse(draws: Floats) -> float:
    """Return the Monte Carlo standard error of the mean."""
    return math.nan if _constant(draws) else float(draws.std(ddof=1) / math.sqrt(_ess(_split(draws))))


def _constant(draws: Floats) -> bool:
    return draws.shape[1] < 8 or bool((draws == draws.flat[0]).all())


def _split(draws: Floats) -> Floats:
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])


def _normal_scores(draws: Floats) -> Floats:
    """Return normal quantiles of fractional ranks (equation 14); ties share their mean rank."""
    flat = draws.ravel()
    _, place, count = np.unique(flat, return_inverse=True, return_counts=True)
    rank = np.cumsum(count) - (count - 1) / 2
    scores = np.array([distributions.quantile(float(u)) for u in (rank - 3 / 8) / (len(flat) + 1 / 4)])
    return np.asarray(scores[place].reshape(draws.shape))


def _r_hat(draws: Floats) -> float:
    """Equations 1 to 4."""
    length = draws.shape[1]
    within = draws.var(axis=1, ddof=1).mean()
    between = draws.mean(axis=1).var(ddof=1)
    return float(np.sqrt((between + within * (length - 1) / length) / within)) if within > 0 else math.inf


def _ess(draws: Floats) -> float:
    """Equations 10 to 13: autocorrelations summed while pairs of them are positive and decrease."""
    chains, length = draws.shape
    covariance = _autocovariance(draws)
    within = covariance[:, 0].mean() * length / (length - 1)
    total = covariance[:, 0].mean() + (draws.mean(axis=1).var(ddof=1) if chains > 1 else 0)
    rho = 1 - (within - covariance.mean(axis=0)) / total
    rho[0] = 1
    pairs = rho[: 2 * (length // 2)].reshape(-1, 2).sum(axis=1)
    # The sum ends before the first pair that is not positive, or before the end.
    ends = np.flatnonzero(pairs[: (length - 3) // 2] <= 0)
    last = int(ends[0]) if len(ends) else (length - 3) // 2
    # Geyer's improved estimate adds half of the next even autocorrelation, if positive.
    tau = -1 + 2 * np.minimum.accumulate(pairs[:last]).sum() + max(0.0, rho[2 * last])
    size = chains * length
    tau = max(tau, 1 / math.log10(size))
    return float(size / tau) if math.isfinite(tau) else math.nan


def _autocovariance(draws: Floats) -> Floats:
    length = draws.shape[1]
    centred = draws - draws.mean(axis=1, keepdims=True)
    size = 1 << (2 * length - 1).bit_length()
    power = np.abs(np.fft.rfft(centred, size, axis=1)) ** 2
    return np.asarray(np.fft.irfft(power, size, axis=1)[:, :length] / length)
