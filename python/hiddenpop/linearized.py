"""Linearised (Taylor) variances of anything computed from surveys.

A statistic's variance comes from its influence values and the design (`sampling.variance`); what is
computed from statistics takes the chain rule (the delta method) through its expression. Sources are
independent, so their variances add; uncertain inputs enter with the variance of their draws.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from . import _core, expression, imputation, nodes, sourcewise, split
from .adjusting import Adjusted
from .calibration import Calibrated
from .columns import Floats
from .errors import EstimationError, InputError
from .nodes import Analytic, Apply, Constant, Node, Operation, Rough, Smooth, Source, Stack, Take, Weigh
from .statistic import Statistic, plan_of, totals

if TYPE_CHECKING:
    from .survey import Survey

#: The covariance that one source adds (labels x labels), and its degrees of freedom: one number, or one a label.
Part = tuple[Floats, "float | Floats"]
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
    if imputation.find(node):
        return Linearized(*imputation.rubin(node, _whole))
    return Linearized(*_whole(node))


def _whole(node: Node) -> tuple[Floats, Floats]:
    """Return covariance and degrees of freedom of an expression without imputations."""
    slopes = slopes_of(node)
    found = combine([taylor(leaves, slopes) for leaves in sourcewise.by_origin(node)], len(node.point))
    return found.covariance, found.df


def taylor(leaves: Sequence[Source], slopes: Mapping[Node, Floats]) -> Part:
    """Return the covariance that one source adds, and its degrees of freedom."""
    first = leaves[0]
    if isinstance(first, Analytic):
        if len(leaves) > 1:
            raise EstimationError(
                "Several sizes of one register, or of the same lists, depend on one another, which only the draws know. Use "
                "se(), interval(method='percentile')."
            )
        return slopes[first] @ first.covariance() @ slopes[first].T, np.inf
    if first.origin.sampled:
        if not all(linearizable(leaf) for leaf in leaves):
            raise EstimationError(
                "A function of weights has no linearised standard error. Use the draws: se(), interval(method='percentile')."
            )
        survey = cast("Statistic", first).survey
        if (
            len(leaves) == 1
            and isinstance(first, Statistic)
            and survey
            and not isinstance(survey._sampling, Calibrated)
        ):
            result = _alone(first, slopes[first])
        else:
            values = sum(_chain(slopes[leaf], influence(cast("Statistic", leaf)).T).T for leaf in leaves)
            assert survey is not None
            result = survey._sampling.variance(np.asarray(values))
        result = result + _margins([cast("Statistic", leaf) for leaf in leaves], slopes)
        return result, float(survey._sampling.df - taken_df(leaves))
    slope = np.asarray(sum(slopes[leaf] for leaf in leaves))
    return slope @ np.atleast_2d(np.cov(expression.draws(first))) @ slope.T, np.inf


def linearizable(leaf: Node) -> bool:
    """Tell whether a survey's leaf has linearised values: statistics, and what offers its own by `influence()`."""
    return isinstance(leaf, Statistic) or hasattr(leaf, "influence")


def taken_df(leaves: Sequence[Source]) -> int:
    """Return how many degrees of freedom the predictors of models take from the design (R's `svyglm`)."""
    return max(getattr(leaf, "taken_df", 0) for leaf in leaves)


def combine(parts: Sequence[Part], size: int) -> Linearized:
    """Add the variances of independent sources; degrees of freedom are Satterthwaite's (1946)."""
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


def has_design_effect(node: Node) -> bool:
    """Tell whether a node is a mean or proportion of a survey at hand, or some labels of one."""
    below = _of_take(node)[0]
    return isinstance(below, Statistic) and below.question.kind in ("mean", "proportion") and below.survey is not None


def _of_take(node: Node) -> tuple[Node, list[int]]:
    """Return what labels were taken of, and which."""
    positions = list(range(len(node.point)))
    while isinstance(node, Take):
        positions = [node.positions[i] for i in positions]
        node = node.args[0]
    return node, positions


def design_effect(node: Node, *, replacement: bool = False) -> Floats:
    """Return variances relative to simple random samples of the same size, as a rule without replacement.

    Kish (1965), Survey Sampling, section 8.2; R's `svymean(deff=TRUE)`, or `deff="replace"`. Weights that add
    up to no more than the sample are relative ones and say nothing of the population's size.
    """
    if not has_design_effect(node):
        raise InputError("A design effect is that of a mean or a proportion, as a survey gives it.")
    below, positions = _of_take(node)
    statistic = cast("Statistic", below)
    from .variance import measured  # noqa: PLC0415 (it needs this module)

    variance = np.diag(measured(statistic).covariance)
    survey = statistic.survey
    assert survey is not None
    sampling = survey._sampling
    size = np.asarray(statistic.n, dtype=float)
    spread, population = _spreads(statistic)
    whole = sampling.total(np.ones(len(survey._units)))
    known = statistic.record.weighted and not replacement and whole > survey.n * (1 + 1e-9)
    fraction = size / population if known else np.zeros(len(size))
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = variance / (spread / size * (1 - np.minimum(fraction, 1)))
    return result[positions]


def influence(statistic: Statistic) -> Floats:
    """Return linearised values (units x labels): how much each unit moves each label.

    For a ratio R = Y / X they are (y - R x) / X, collected by unit with the weights (Binder 1983,
    International Statistical Review 51:279-292).
    """
    rows = _linearized_rows(statistic)
    assert statistic.survey is not None
    sampling = statistic.survey._sampling
    return np.stack([sampling.linear(values) for values in rows], axis=1)


def _alone(statistic: Statistic, slope: Floats) -> Floats:
    """Return the covariance of what depends on one statistic; no table of rows x labels is made."""
    survey = _require_design(statistic)
    plan, sampling = plan_of(statistic), survey._sampling
    rows = plan.labels.get_indexer(statistic.labels)
    top, bottom, value = plan.numerators, plan.denominators, plan.numerators.values
    by_label = np.eye(top.size)
    if bottom is not None:
        whole = bottom.totals(sampling)
        some = np.where(whole == 0, 1.0, whole)
        ratio = top.totals(sampling) / some[plan.group]
        if value is None:
            # Who is of a kind moves its share up, and those of the other kinds in the group down.
            by_label -= (plan.group[:, None] == plan.group[None, :]) * ratio[None, :]
        else:
            off = ratio[top.place]
            if bottom.values is not None:
                off *= bottom.values
            value = np.subtract(value, off, out=off)
            value[top.place < 0] = 0.0
        by_label /= np.where(whole == 0, np.nan, whole)[plan.group]
    elif value is not None:
        value = np.where(top.place < 0, 0.0, value)
    return split.covariance(sampling, top.place, value, _chain(slope, by_label[:, rows].T).T)


def _require_design(statistic: Statistic) -> Survey:
    """Return the survey, whose design measures the variance."""
    if statistic.survey is None:
        statistic.block([], 0, 0)  # raises, with the reason
    if isinstance(statistic, Statistic) and statistic.question.kind == "quantile":
        raise EstimationError(
            "A quantile has no linearised standard error. Use interval(method='woodruff') or, where there are draws, those: "
            "se(), interval(method='percentile')."
        )
    assert statistic.survey is not None
    replicates = statistic.survey._variance
    if replicates is not None and replicates.agency:
        raise EstimationError(
            "Linearised variances need the design, but this survey's variance comes with its replicate weights: se(), "
            "interval(method='t')."
        )
    return statistic.survey


def _linearized_rows(statistic: Statistic) -> list[Floats]:
    """Return for each label the linearised values of the rows."""
    sampling = _require_design(statistic)._sampling
    if not isinstance(statistic, Statistic):
        return list(cast("Any", statistic).influence())
    rows = []
    pairs = totals(statistic)
    wholes = {id(below): sampling.total(below) for below in {id(b): b for _, b in pairs if b is not None}.values()}
    for above, below in pairs:
        values = above
        if below is not None:
            whole = wholes[id(below)]
            ratio = sampling.total(above) / whole if whole else np.nan
            values = (above - ratio * below) / (whole or np.nan)
        rows.append(values)
    return rows


def _margins(leaves: Sequence[Statistic], slopes: Mapping[Node, Floats]) -> Any:
    """Return what estimated margins add to the covariance of calibrated statistics, all together."""
    moves: dict[Node, Floats] = {}
    for leaf in leaves:
        assert leaf.survey is not None
        sampling = leaf.survey._sampling
        if isinstance(sampling, Calibrated) and sampling.totals is not None:
            by_total = np.stack([sampling.by_totals(values) for values in _linearized_rows(leaf)], axis=1)
            move = slopes[leaf] @ by_total.T
            moves[sampling.totals] = moves.get(sampling.totals, np.zeros_like(move)) + move
    return sum((m @ np.atleast_2d(np.cov(expression.draws(t))) @ m.T for t, m in moves.items()), 0.0)


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


def slopes_of(node: Node, known: Callable[[Node], bool] = lambda _: False) -> dict[Node, Floats]:
    """Return derivatives by each leaf (labels x leaf's labels), backward through the expression.

    A `known` node counts as a leaf.
    """
    slopes: dict[Node, Floats] = {node: np.eye(len(node.point))}
    leaves: dict[Node, Floats] = {}
    for current in reversed(expression.walk(node, known=known)):
        above = slopes.pop(current)
        if not current.args or known(current):
            leaves[current] = above
            continue
        for arg, slope in zip(current.args, _derivatives(current), strict=True):
            through = _chain(above, slope)
            slopes[arg] = slopes[arg] + through if arg in slopes else through
    return leaves


def _chain(above: Floats, slope: Floats) -> Floats:
    """Multiply two matrices of derivatives; what has no derivative harms only the labels that depend on it."""
    lost = ~np.isfinite(slope)
    if not lost.any():
        return above @ slope
    result: Floats = above @ np.where(lost, 0.0, slope)
    result[(above != 0) @ lost] = np.nan
    return result


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
    if isinstance(node, Smooth) and not node.smooth:
        reason = node.rough if isinstance(node, Rough) else "Derivatives would leave out some of the variance."
        raise EstimationError(
            f"There is no linearised standard error. {reason} Use the draws: se(), interval(method='percentile')."
        )
    if isinstance(node, (Apply, Smooth)):
        return _numerically(lambda values: node.block([v[:, None] for v in values], 0, 1)[:, 0], points)
    symbol = node.symbol if isinstance(node, Operation) else "/"  # a multiplier divides
    if symbol in nodes.COMPARISONS:
        raise EstimationError("A comparison has a probability, not a standard error: hp.prob(a > b).")
    if symbol == "negative":
        return [-np.eye(len(points[0]))]
    by_each = node.partials(points) if isinstance(node, Adjusted) else partials(symbol, *points)
    size = len(node.point)
    # Exponents and other constants have no slope that matters, whatever the formula says.
    slopes = [np.zeros(size) if isinstance(arg, Constant) else by for arg, by in zip(node.args, by_each, strict=True)]
    return [_spread(np.broadcast_to(slope, size), len(p)) for slope, p in zip(slopes, points, strict=True)]


def partials(symbol: str, a: Floats, b: Floats) -> tuple[Any, Any]:
    """Return the derivatives of `a symbol b` by each side."""
    by_each: dict[str, Callable[[], tuple[Any, Any]]] = {
        "+": lambda: (1.0, 1.0),
        "-": lambda: (1.0, -1.0),
        "*": lambda: (b, a),
        "/": lambda: (1 / b, -a / b**2),
        "**": lambda: (b * a ** (b - 1), a**b * np.log(a)),
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        return by_each[symbol]()


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
