"""Intervals made for proportions: they hold where hardly anybody, or nearly everybody, has the property."""

from __future__ import annotations

from typing import cast

import numpy as np

from .. import _core
from ..answers.statistic import Statistic, picked_statistic
from ..errors import EstimationError, InputError
from ..expression.nodes import Node
from ..ground import distributions
from ..ground.columns import Bools, Floats
from . import variance

#: They bring an end to all digits that it has.
HALVINGS = 60


def interval(node: Node, tail: float, method: str) -> Floats:
    """Return Wilson, Korn-Graubard or likelihood intervals of a survey's proportions (labels x 2).

    Wilson (1927, JASA 22:209-212) with the effective number of participants; Korn and Graubard (1998, Survey
    Methodology 24:193-201): Clopper-Pearson with the effective number, adjusted to the design's
    degrees of freedom, as `svyciprop(method="beta")` in R. Likelihood: see `_likelihood`.
    """
    share, participants = _statistic(node)
    point = node.point
    n = np.asarray(node.n, dtype=float)
    lin = variance.measured(node)
    with np.errstate(divide="ignore", invalid="ignore"):
        # No variation, no design effect to know: everyone counts.
        effective = np.where(lin.se > 0, point * (1 - point) / lin.se**2, n)
    if share.record.independent:
        effective = n
    elif share.record.df is None:
        raise EstimationError(
            f"Nothing is known of the degrees of freedom of {share.record.title}, which method={method!r} rests on. Use "
            "method='percentile'."
        )
    if method == "wilson":
        return _wilson(point, effective, distributions.quantile(1 - tail))
    if method == "likelihood":
        return _likelihood(share, point, n, lin.se, tail)
    if share.record.df is not None:
        ends = [
            distributions.t_quantile(1 - tail, np.full(len(point), float(df)))
            for df in (participants - 1, share.record.df)
        ]
        effective = effective * (ends[0] / ends[1]) ** 2
    return np.array([_beta(float(p), float(m), tail) for p, m in zip(point, effective, strict=True)])


def _statistic(node: Node) -> tuple[Statistic, int]:
    found = picked_statistic(node)
    if found is None or found[0].question.kind != "proportion":
        raise InputError(
            "Wilson, beta and likelihood intervals are those of a survey's proportions, not of what is computed from them."
        )
    return found[0], found[0].record.participants


def _wilson(p: Floats, n: Floats, z: float) -> Floats:
    centre = p + z**2 / (2 * n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    ends = np.stack([centre - half, centre + half], axis=1) / (1 + z**2 / n)[:, None]
    # Rounding must not shut out what was seen.
    ends[p == 0, 0], ends[p == 1, 1] = 0.0, 1.0
    return cast("Floats", np.clip(ends, 0.0, 1.0))


def _beta(p: float, n: float, tail: float) -> list[float]:
    yes, no = n * p, n * (1 - p)
    lower = 0.0 if yes <= 0 else _core.input_quantiles("beta", [yes, no + 1], [tail])[0]
    upper = 1.0 if no <= 0 else _core.input_quantiles("beta", [yes + 1, no], [1 - tail])[0]
    return [float(lower), float(upper)]


def _likelihood(share: Statistic, p: Floats, n: Floats, se: Floats, tail: float) -> Floats:
    """Return all shares that the likelihood ratio, scaled to the design, does not reject.

    They are those q with 2 m [p log(p / q) + (1 - p) log((1 - p) / (1 - q))] at most z^2. In a simple or stratified
    sample m is the number of participants n. With weights, clusters or fpc the binomial deviance is divided by the
    design effect of the logit (Rao and Scott 1984, Annals of Statistics 12:46-60), and by the dispersion n / (n - 1)
    of an intercept-only quasi-binomial model: m = (n - 1) / n p (1 - p) / se^2; and t with the design's degrees of
    freedom takes the place of z. So does `svyciprop(method="likelihood")` in R.
    """
    effective = n
    limit = np.full(len(p), distributions.quantile(1 - tail))
    if share.record.df is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            effective = np.where(se > 0, p * (1 - p) / se**2 * (n - 1) / n, n)
        limit = distributions.t_quantile(1 - tail, np.full(len(p), float(share.record.df)))

    def rejected(q: Floats) -> Bools:
        with np.errstate(divide="ignore", invalid="ignore"):
            yes = np.where(p > 0, p * np.log(p / q), 0.0)
            no = np.where(p < 1, (1 - p) * np.log((1 - p) / (1 - q)), 0.0)
        return np.asarray(2 * effective * (yes + no) > limit**2)

    ends = []
    for outside in (np.zeros(len(p)), np.ones(len(p))):
        out, inside = outside.copy(), p.copy()
        for _ in range(HALVINGS):
            middle = (out + inside) / 2
            beyond = rejected(middle)
            out, inside = np.where(beyond, middle, out), np.where(beyond, inside, middle)
        ends.append(inside)
    result = np.stack(ends, axis=1)
    result[np.isnan(limit)] = np.nan
    return result
