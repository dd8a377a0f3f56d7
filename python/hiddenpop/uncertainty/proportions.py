"""Intervals made for proportions: they hold where hardly anybody, or nearly everybody, has the property."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

import numpy as np

from .. import _core
from ..answers.statistic import Statistic, picked_statistic
from ..errors import EstimationError, InputError
from ..expression.nodes import Node
from ..ground import distributions
from ..ground.columns import Bools, Floats
from . import variance
from .method import Aim, Ends, Method
from .notes import Note

#: They bring an end to all digits that it has.
HALVINGS = 60


class _Seen(NamedTuple):
    """What the sample says of each share."""

    share: Statistic
    p: Floats
    #: Participants.
    n: Floats
    se: Floats
    #: As many participants of a simple random sample would say as much.
    effective: Floats


def _seen(node: Node, method: str) -> _Seen:
    share = _statistic(node)
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
    return _Seen(share, point, n, lin.se, effective)


def _of_shares(name: str, make: Callable[[_Seen, float], Floats]) -> Ends:
    """Make ends from what the sample says of each share."""

    def ends(node: Node, aim: Aim) -> tuple[Floats, list[Note]]:
        result = make(_seen(node, name), aim.tail)
        result[np.isnan(node.point)] = np.nan
        return result, []

    return ends


def _statistic(node: Node) -> Statistic:
    found = picked_statistic(node)
    if found is None or found[0].question.kind != "proportion":
        raise InputError(
            "Wilson, beta and likelihood intervals are those of a survey's proportions, not of what is computed from them."
        )
    return found[0]


def _wilson(seen: _Seen, tail: float) -> Floats:
    """Return Wilson's score intervals (1927, JASA 22:209-212) with the effective number of participants."""
    p, n, z = seen.p, seen.effective, distributions.quantile(1 - tail)
    centre = p + z**2 / (2 * n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    ends = np.stack([centre - half, centre + half], axis=1) / (1 + z**2 / n)[:, None]
    # Rounding must not shut out what was seen.
    ends[p == 0, 0], ends[p == 1, 1] = 0.0, 1.0
    return cast("Floats", np.clip(ends, 0.0, 1.0))


def _korn_graubard(seen: _Seen, tail: float) -> Floats:
    """Return Clopper-Pearson intervals with the effective number, adjusted to the design's degrees of freedom.

    Korn and Graubard (1998), Survey Methodology 24:193-201, as `svyciprop(method="beta")` in R.
    """
    record, effective = seen.share.record, seen.effective
    if record.df is not None:
        ends = [
            distributions.t_quantile(1 - tail, np.full(len(seen.p), float(df)))
            for df in (record.participants - 1, record.df)
        ]
        effective = effective * (ends[0] / ends[1]) ** 2
    return np.array([_beta(float(p), float(m), tail) for p, m in zip(seen.p, effective, strict=True)])


def _beta(p: float, n: float, tail: float) -> list[float]:
    yes, no = n * p, n * (1 - p)
    lower = 0.0 if yes <= 0 else _core.input_quantiles("beta", [yes, no + 1], [tail])[0]
    upper = 1.0 if no <= 0 else _core.input_quantiles("beta", [yes + 1, no], [1 - tail])[0]
    return [float(lower), float(upper)]


def _likelihood(seen: _Seen, tail: float) -> Floats:
    """Return all shares that the likelihood ratio, scaled to the design, does not reject.

    They are those q with 2 m [p log(p / q) + (1 - p) log((1 - p) / (1 - q))] at most z^2. In a simple or stratified
    sample m is the number of participants n. With weights, clusters or fpc the binomial deviance is divided by the
    design effect of the logit (Rao and Scott 1984, Annals of Statistics 12:46-60), and by the dispersion n / (n - 1)
    of an intercept-only quasi-binomial model: m = (n - 1) / n p (1 - p) / se^2; and t with the design's degrees of
    freedom takes the place of z. So does `svyciprop(method="likelihood")` in R.
    """
    share, p, n, se, _ = seen
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


WILSON = Method(
    name="wilson",
    words="Wilson score (effective number of participants)",
    reference="Wilson 1927",
    ends=_of_shares("wilson", _wilson),
    rests_on="kind",
    by_design=True,
)
BETA = Method(
    name="beta",
    words="Korn-Graubard (Clopper-Pearson with the effective number of participants)",
    reference="Korn and Graubard 1998",
    ends=_of_shares("beta", _korn_graubard),
    rests_on="kind",
    by_design=True,
)
LIKELIHOOD = Method(
    name="likelihood",
    words="likelihood-ratio (scaled to the design as Rao and Scott do)",
    reference="Rao and Scott 1984",
    ends=_of_shares("likelihood", _likelihood),
    rests_on="kind",
    by_design=True,
)
