"""Intervals made for proportions: they hold where hardly anybody, or nearly everybody, has the property."""

from __future__ import annotations

from typing import cast

import numpy as np

from . import _core, gaussian, linearized, variance
from .columns import Floats
from .errors import InputError
from .nodes import Node, Take
from .statistic import Statistic


def interval(node: Node, tail: float, method: str) -> Floats:
    """Return Wilson or Korn-Graubard intervals of a survey's proportions (labels x 2).

    Wilson (1927, JASA 22:209-212) with the effective number of participants; Korn and Graubard (1998, Survey
    Methodology 24:193-201): Clopper-Pearson with the effective number, adjusted to the design's
    degrees of freedom, as `svyciprop(method="beta")` in R.
    """
    share, participants = _statistic(node)
    point = node.point
    n = np.asarray(node.n, dtype=float)
    lin = variance.measured(node)
    with np.errstate(divide="ignore", invalid="ignore"):
        # No variation, no design effect to know: everyone counts.
        effective = np.where(lin.se > 0, point * (1 - point) / lin.se**2, n)
    if share.record.df is None:
        effective = n
    if method == "wilson":
        return _wilson(point, effective, gaussian.quantile(1 - tail))
    if share.record.df is not None:
        ends = [
            linearized.t_quantile(1 - tail, np.full(len(point), float(df)))
            for df in (participants - 1, share.record.df)
        ]
        effective = effective * (ends[0] / ends[1]) ** 2
    return np.array([_beta(float(p), float(m), tail) for p, m in zip(point, effective, strict=True)])


def _statistic(node: Node) -> tuple[Statistic, int]:
    below = node
    while isinstance(below, Take):
        below = below.args[0]
    if not isinstance(below, Statistic) or below.question.kind != "proportion":
        raise InputError(
            "Wilson and beta intervals are those of a survey's proportions, not of what is computed from them."
        )
    return below, below.record.participants


def _wilson(p: Floats, n: Floats, z: float) -> Floats:
    centre = p + z**2 / (2 * n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    ends = np.stack([centre - half, centre + half], axis=1) / (1 + z**2 / n)[:, None]
    return cast("Floats", np.clip(ends, 0.0, 1.0))


def _beta(p: float, n: float, tail: float) -> list[float]:
    yes, no = n * p, n * (1 - p)
    lower = 0.0 if yes <= 0 else _core.input_quantiles("beta", [yes, no + 1], [tail])[0]
    upper = 1.0 if no <= 0 else _core.input_quantiles("beta", [yes + 1, no], [1 - tail])[0]
    return [float(lower), float(upper)]
