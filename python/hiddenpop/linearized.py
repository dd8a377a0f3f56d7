"""Linearised (Taylor) variances of anything computed from surveys.

A statistic's variance comes from its influence values and the design (`sampling.variance`); what is
computed from statistics takes the chain rule (the delta method) through its expression. Sources are
independent, so their variances add; uncertain inputs enter with the variance of their draws.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from . import _core, expression, nodes
from .columns import Floats
from .errors import EstimationError, InputError
from .nodes import Apply, Constant, Node, Operation, Source, Stack, Take, Weigh
from .statistic import Statistic, totals

#: Beyond this many degrees of freedom t is normal for all that matters.
MANY = 100_000


@dataclass(frozen=True, eq=False, repr=False)
class Linearized:
    """A covariance matrix (labels x labels) and each label's degrees of freedom."""

    covariance: Floats
    df: Floats

    @property
    def se(self) -> Floats:
        """Standard errors."""
        return np.sqrt(np.diag(self.covariance))


def linearize(node: Node) -> Linearized:
    """Return the linearised covariance of a node, with Satterthwaite's degrees of freedom.

    Raises
    ------
    EstimationError
        For quantiles and comparisons, and for estimates read without their survey.
    """
    parts: list[tuple[Floats, float]] = []
    by_origin: dict[Any, list[tuple[Source, Floats]]] = {}
    for leaf, slope in _slopes(node).items():
        if expression.is_source(leaf):
            source = cast("Source", leaf)
            by_origin.setdefault(source.origin, []).append((source, slope))
    for leaves in by_origin.values():
        first = leaves[0][0]
        if isinstance(first, Statistic):
            values = sum(influence(cast("Statistic", leaf)) @ slope.T for leaf, slope in leaves)
            survey = first.survey
            assert survey is not None
            parts.append((survey._sampling.variance(np.asarray(values)), float(survey._sampling.df)))
        elif hasattr(first, "covariance") and len(leaves) == 1:
            slope = leaves[0][1]
            parts.append((slope @ first.covariance() @ slope.T, np.inf))
        elif hasattr(first, "covariance"):
            raise EstimationError(
                "Several estimates from the same lists depend on one another, which only the draws know. Use se(), "
                "interval(method='percentile')."
            )
        elif first.origin.sampled:
            raise EstimationError(
                "A function of weights has no linearised standard error. Use the draws: se(), interval(method='percentile')."
            )
        else:
            slope = np.asarray(sum(slope for _, slope in leaves))
            parts.append((slope @ np.atleast_2d(np.cov(expression.draws(first))) @ slope.T, np.inf))
    size = len(node.point)
    total = sum((v for v, _ in parts), np.zeros((size, size)))
    spread = np.diag(total)
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = sum((np.diag(v) ** 2 / df for v, df in parts), np.zeros(size))
        df = np.where(lost > 0, spread**2 / lost, np.inf)
    return Linearized(total, df)


def t_quantile(share: float, df: Floats) -> Floats:
    """Return quantiles of Student's t above one half, from those of the beta distribution.

    With X from Beta(df / 2, 1 / 2), t^2 = df (1 - X) / X (Johnson, Kotz and Balakrishnan 1995, ch. 28).
    """
    result = []
    for degrees in df:
        if degrees > MANY:
            result.append(_core.input_quantiles("normal", [0.0, 1.0], [share])[0])
        elif degrees < 1:
            result.append(np.nan)
        else:
            x = _core.input_quantiles("beta", [degrees / 2, 0.5], [2 * (1 - share)])[0]
            result.append(np.sqrt(degrees * (1 - x) / x))
    return np.array(result)


def design_effect(statistic: Node) -> Floats:
    """Return variances relative to simple random samples of the same size without replacement.

    Kish (1965), Survey Sampling, section 8.2; R's `svymean(deff=TRUE)`.
    """
    if not isinstance(statistic, Statistic) or statistic.question.kind not in ("mean", "proportion"):
        raise InputError("A design effect is that of a mean or a proportion, as a survey gives it.")
    survey = statistic.survey
    variance = np.diag(linearize(statistic).covariance)
    assert survey is not None
    sampling = survey._sampling
    size = np.asarray(statistic.n, dtype=float)
    spread, population = _spreads(statistic)
    fraction = size / population if sampling.weight is not None else np.zeros(len(size))
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = variance / (spread / size * (1 - np.minimum(fraction, 1)))
    return result


def influence(statistic: Statistic) -> Floats:
    """Return linearised values (units x labels): how much each unit moves each label.

    For a ratio R = Y / X they are (y - R x) / X, collected by unit with the weights (Binder 1983,
    International Statistical Review 51:279-292).
    """
    if statistic.question.kind == "quantile":
        raise EstimationError(
            "A quantile has no linearised standard error. Use the draws: se(), interval(method='percentile')."
        )
    pairs = totals(statistic)
    assert statistic.survey is not None
    sampling = statistic.survey._sampling
    collected = []
    for above, below in pairs:
        values = above
        if below is not None:
            whole = sampling.total(below)
            ratio = sampling.total(above) / whole if whole else np.nan
            values = (above - ratio * below) / (whole or np.nan)
        collected.append(sampling.collect(values))
    return np.stack(collected, axis=1)


def _spreads(statistic: Statistic) -> tuple[Floats, Floats]:
    """Return each label's weighted variance among participants, and the population they stand for."""
    pairs = totals(statistic)
    assert statistic.survey is not None
    sampling = statistic.survey._sampling
    spread, population = [], []
    for (values, inside), n in zip(pairs, np.asarray(statistic.n), strict=True):
        assert inside is not None
        whole = sampling.total(inside)
        mean = sampling.total(values) / whole
        spread.append(sampling.total((values - mean * inside) ** 2) / whole * n / (n - 1))
        population.append(whole)
    return np.array(spread), np.array(population)


def _slopes(node: Node) -> dict[Node, Floats]:
    """Return derivatives by each leaf (labels x leaf's labels), backward through the expression."""
    slopes: dict[Node, Floats] = {node: np.eye(len(node.point))}
    leaves: dict[Node, Floats] = {}
    for current in reversed(expression.walk(node)):
        above = slopes.pop(current)
        if not current.args:
            leaves[current] = above
            continue
        for arg, slope in zip(current.args, _derivatives(current), strict=True):
            slopes[arg] = slopes[arg] + above @ slope if arg in slopes else above @ slope
    return leaves


def _derivatives(node: Node) -> list[Floats]:
    """Return derivatives by each argument (labels x argument's labels)."""
    points = [arg.point for arg in node.args]
    if isinstance(node, Take):
        return [np.eye(len(points[0]))[list(node.positions)]]
    if isinstance(node, Weigh):
        return [node.weights]
    if isinstance(node, Stack):
        sizes = np.cumsum([0, *(len(p) for p in points)])
        return [np.eye(int(sizes[-1]))[:, a:b] for a, b in itertools.pairwise(sizes)]
    if isinstance(node, Apply):
        return _numerically(lambda values: node.block([v[:, None] for v in values], 0, 1)[:, 0], points)
    symbol = node.symbol if isinstance(node, Operation) else "/"  # a multiplier divides
    if symbol in nodes.COMPARISONS:
        raise EstimationError("A comparison has a probability, not a standard error: hp.prob(a > b).")
    if symbol == "negative":
        return [-np.eye(len(points[0]))]
    a, b = points
    with np.errstate(divide="ignore", invalid="ignore"):
        by_each: dict[str, Callable[[], tuple[Any, Any]]] = {
            "+": lambda: (1.0, 1.0),
            "-": lambda: (1.0, -1.0),
            "*": lambda: (b, a),
            "/": lambda: (1 / b, -a / b**2),
            "**": lambda: (b * a ** (b - 1), a**b * np.log(a)),
        }
        by_a, by_b = by_each[symbol]()
    size = len(node.point)
    # Exponents and other constants have no slope that matters, whatever the formula says.
    slopes = [
        np.zeros(size) if isinstance(arg, Constant) else by for arg, by in zip(node.args, (by_a, by_b), strict=True)
    ]
    return [_spread(np.broadcast_to(slope, size), len(p)) for slope, p in zip(slopes, points, strict=True)]


def _spread(slope: Any, labels: int) -> Floats:
    """Return a diagonal matrix, or a column where one label meets many."""
    return np.diag(slope) if labels == len(slope) else np.asarray(slope)[:, None]


def _numerically(function: Callable[[list[Floats]], Floats], points: list[Floats]) -> list[Floats]:
    slopes = []
    for i, point in enumerate(points):
        columns = []
        for j, value in enumerate(point):
            step = max(abs(value), 1e-3) * 6e-6  # the cube root of rounding balances both errors
            ends = []
            for sign in (1, -1):
                moved = [p.copy() for p in points]
                moved[i][j] += sign * step
                ends.append(function(moved))
            columns.append((ends[0] - ends[1]) / (2 * step))
        slopes.append(np.stack(columns, axis=1))
    return slopes
