"""Generalised linear models of a sample: families, the fit, what moves it, and why there may be none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, cast, get_args

import numpy as np
import pandas as pd

from .. import _core
from ..draws import settings
from ..errors import EstimationError, InputError, listing, name_rows
from ..expression.nodes import Quantity
from ..ground import collinear, columns
from ..ground.aside import aside
from ..ground.columns import Bools, Codes, Floats
from ..ground.language import english, template
from ..sample.sampling import Sampling

Family = Literal["gaussian", "binomial", "poisson", "log-binomial"]
#: How each family is called in a sentence, what it predicts, and what exp(coefficient) is.
WORDS: dict[Family, tuple[str, Quantity, str]] = {
    "gaussian": (english("linear regression"), "mean", "exp(coefficient)"),
    "binomial": (english("logistic regression"), "share", english("odds ratio")),
    "poisson": (english("Poisson regression (log link)"), "rate", english("rate ratio")),
    "log-binomial": (english("log-binomial regression"), "share", english("risk ratio")),
}
#: Said of a linear regression of yes and no.
OF_SHARES = template(
    "The outcome is yes or no and family='gaussian' was taken, so coefficients are differences of shares; family='binomial' has "
    "odds ratios, 'log-binomial' and 'poisson' risk ratios."
)
#: Fewer participants with (or without) the outcome than this in a category make it sparse.
SPARSE = 5


def check_family(family: object) -> Family:
    """Return the family, or say which there are."""
    if family not in get_args(Family):
        raise InputError(f"family={family!r} must be one of {', '.join(map(repr, get_args(Family)))}.")
    return cast("Family", family)


def mean(family: Family, eta: Any) -> Any:
    """Return the mean that belongs to a linear predictor."""
    with np.errstate(over="ignore"):
        if family == "binomial":
            return 1 / (1 + np.exp(-eta))
        return eta if family == "gaussian" else np.exp(eta)


def slope(family: Family, eta: Floats) -> Floats:
    """Return the derivative of the mean by the linear predictor."""
    if family == "gaussian":
        return np.ones_like(eta)
    m = np.asarray(mean(family, eta))
    return m * (1 - m) if family == "binomial" else m


def score(family: Family, y: Floats, eta: Floats) -> tuple[Floats, Floats]:
    """Return the derivative s of the log-likelihood by eta, and -ds/d(eta)."""
    m = np.asarray(mean(family, eta))
    if family == "log-binomial":
        return (y - m) / (1 - m), (1 - y) * m / (1 - m) ** 2
    return y - m, slope(family, eta)


@dataclass(frozen=True, eq=False, repr=False)
class Fit:
    """A model fitted to a sample."""

    family: Family
    #: Rows of the survey's units that are in the model; everything below is of these.
    rows: Codes
    y: Floats
    offset: Floats
    x: Floats
    #: Brings x to columns that are independent of one another in the sample, in which fits are made.
    basis: Floats
    coefficients: Floats

    @property
    def eta(self) -> Floats:
        """Linear predictors."""
        return np.asarray(self.x @ self.coefficients + self.offset)

    def kernel(self, sampling: Sampling, targets: Sequence[Floats] = ()) -> _core.Regression:
        """Return what fits the model to other weights, starting from this fit."""
        unit = self.rows if sampling.row_unit is None else sampling.row_unit[self.rows]
        weight = np.ones(len(self.rows)) if sampling.row_weight is None else sampling.row_weight[self.rows]
        start = np.linalg.solve(self.basis, self.coefficients)
        return _core.Regression(
            sampling.core, self.family, self.x @ self.basis, self.y, self.offset, unit.astype(np.uint32),
            np.ascontiguousarray(weight), np.asarray(start, dtype=np.float64), [np.asarray(t @ self.basis) for t in targets],
        )  # fmt: skip

    def influence(self, weight: Floats) -> Floats:
        """Return how each row's weight moves the coefficients (rows x coefficients).

        J^-1 s_i x_i with J the weighted sum of -ds/d(eta) x x' (Binder 1983, eq. 3.3 and 4.2).
        """
        s, h = score(self.family, self.y, self.eta)
        q = self.x @ self.basis
        information = (q * (weight * h)[:, None]).T @ q
        # By coefficients first, of which there are fewer than rows.
        return np.asarray((q * s[:, None]) @ np.linalg.solve(information, self.basis.T))

    def target_influence(self, weight: Floats, targets: Sequence[Floats]) -> tuple[Floats, Floats]:
        """Return weighted means of the fitted means at other x, and how each row's weight moves them."""
        moves, whole = self.influence(weight), weight.sum()
        points, values = [], []
        for target in targets:
            eta = target @ self.coefficients + self.offset
            fitted = np.asarray(mean(self.family, eta))
            point = weight @ fitted / whole
            by_coefficient = (weight * slope(self.family, eta)) @ target / whole
            points.append(point)
            values.append((fitted - point) / whole + moves @ by_coefficient)
        return np.array(points), np.stack(values, axis=1)


def fit(
    family: Family,
    sampling: Sampling,
    rows: Codes,
    *,
    x: Floats,
    names: Sequence[str],
    y: Floats,
    offset: Floats,
    outcome: str,
) -> Fit:
    """Fit a model to the sample.

    Raises
    ------
    InputError
        Columns that are constant or depend on others.
    EstimationError
        Separation, with the columns named; a log-binomial model at its edge.
    """
    weight = sampling.weights[rows]
    basis = _basis(x, weight, names)
    q = x @ basis
    root = np.sqrt(np.abs(weight))
    share = float(weight @ y / weight.sum())
    if family == "gaussian":
        guess = np.zeros(len(y))
    elif family == "binomial":
        guess = np.log((y + share) / (2 - y - share)) - offset
    elif family == "poisson":
        guess = np.log((y + share) / 2) - offset
    else:
        guess = np.full(len(y), np.log(share)) - offset
    # Least squares: the columns of q are orthonormal in the weighted sample.
    start = (guess * root**2) @ q / (root**2).sum()
    found = Fit(family, rows, y, offset, x, basis, basis @ start)
    if family == "log-binomial" and not (found.eta < 0).all():
        raise EstimationError(
            "A log-binomial model without an intercept (or with such an offset) has no place to start from: a risk is above 1. "
            "Keep the intercept, or use family='poisson', which estimates the same risk ratios."
        )
    solution = basis @ found.kernel(sampling).fits(weight[None, :], settings.threads())[:, 0]
    if not np.isfinite(solution).all():
        raise EstimationError(_why(family, x, y, weight, names, outcome))
    return Fit(family, rows, y, offset, x, basis, solution)


def outcome(family: Family, values: pd.Series[Any], name: str, rows: Bools) -> Floats:
    """Return the outcome in numbers that the family can have."""

    def where(wrong: Bools) -> str:
        marked = np.zeros(len(rows), dtype=bool)
        marked[np.flatnonzero(rows)[wrong]] = True
        return name_rows(marked)

    if family in ("binomial", "log-binomial"):
        if not columns.is_binary(values):
            raise InputError(
                f"The outcome {name!r} of a {WORDS[family][0]} must be 0 or 1, True and False or yes and no. Make words for no answer "
                f"missing, table = hp.recode(table, columns={name!r}, missing=[...]).table, or say what counts as yes: "
                f"survey.assign(yes=lambda table: table[{name!r}] == ...)."
            )
        y = columns.numbers(values)
        if (y == y[0]).all():
            raise EstimationError(
                f"The outcome {name!r} is {y[0]:g} for all {len(y):,} rows used, so nothing can explain who differs."
            )
        return y
    kind = columns.kind(values)
    if kind in ("category", "date") and not columns.is_binary(values):
        raise InputError(f"The outcome {name!r} of a {WORDS[family][0]} must hold numbers, not {kind} values.")
    y = columns.numbers(values)
    if family == "poisson":
        if (y < 0).any():
            raise InputError(f"The outcome {name!r} is negative in {where(y < 0)}; counts are 0 or more.")
        if not y.any():
            raise EstimationError(
                f"The outcome {name!r} is 0 for all {len(y):,} rows used, so there is no rate to model."
            )
    return y


def sparse(family: Family, x: Floats, y: Floats, people: Floats, names: Sequence[str]) -> list[str]:
    """Name columns of yes and no in which hardly anybody has, or lacks, the outcome."""
    if family == "gaussian":
        return []
    found = []
    for column, name in zip(x.T, names, strict=True):
        if not ((column == 0) | (column == 1)).all() or column.all():
            continue
        sides = (y > 0, y == 0) if family != "poisson" else (y > 0,)
        counts = [people[(column == value) & side].sum() for value in (0, 1) for side in sides]
        if min(counts) < SPARSE:
            found.append(name)
    return found


def _basis(x: Floats, weight: Floats, names: Sequence[str]) -> Floats:
    """Return the matrix that makes the columns of x orthonormal in the weighted sample."""
    scaled = x * np.sqrt(np.abs(weight))[:, None]
    norms = aside(lambda: np.linalg.norm(scaled, axis=0), numbers=x.size)
    triangle = aside(lambda: np.asarray(np.linalg.qr(scaled / np.where(norms > 0, norms, 1), mode="r")), numbers=x.size)
    collinear.check(triangle, names, called="predictor", rows=int((weight != 0).sum()))
    return np.asarray(np.linalg.inv(triangle) / norms[:, None] * np.sqrt(np.abs(weight).sum()))


def _why(family: Family, x: Floats, y: Floats, weight: Floats, names: Sequence[str], outcome: str) -> str:
    """Say why a model has no fit."""
    apart = separating(family, x[weight != 0], y[weight != 0])
    if apart.any():
        called = [n for n, marked in zip(names, apart, strict=True) if marked and n != "Intercept"] or ["Intercept"]
        cases = []
        for name in called:
            column = x[:, list(names).index(name)]
            if name != "Intercept" and ((column == 0) | (column == 1)).all():
                for value in (1, 0):
                    own = y[(column == value) & (weight != 0)]
                    if len(own) and (own == own[0]).all():
                        cases.append(f"{outcome!r} is {own[0]:g} in all {len(own):,} rows where {name!r} is {value}")
        shown = f" ({'; '.join(cases[:3])}{'; ...' if len(cases) > 3 else ''})" if cases else ""
        return (
            f"Separation: {listing(called)} predict{'s' if len(called) == 1 else ''} the outcome {outcome!r} of some "
            f"rows perfectly{shown}, so the estimates are infinite. Join categories, leave the term out, or describe these rows by "
            "themselves."
        )
    if family == "log-binomial":
        return (
            "The log-binomial model would need a risk of 1 or more for some rows, so its maximum lies at the edge, where "
            "standard errors don't hold. Use family='poisson', which estimates the same risk ratios with the design's "
            "standard errors (Zou 2004), or family='binomial'."
        )
    return "The model does not converge. Look for extreme values among the predictors, and for predictors that nearly coincide."


def separating(family: Family, x: Floats, y: Floats) -> Bools:
    """Mark the coefficients that separation makes infinite.

    The likelihood has no maximum if a direction d of the coefficients never lowers it: for shares with x'd >= 0 where y = 1
    and x'd <= 0 where y = 0 (Albert and Anderson 1984, Biometrika 71:1-10), for log links with x'd = 0 where y > 0 and
    x'd <= 0 where y = 0. Linear programs find the largest and smallest d_j among such directions (Konis 2007, PhD thesis,
    Oxford, chapter 4).
    """
    if family == "gaussian":
        return np.zeros(x.shape[1], dtype=bool)
    from scipy.optimize import linprog  # noqa: PLC0415 (only when a fit fails)

    x = x / np.abs(x).max(axis=0)
    signed = np.unique(np.concatenate([x[y > 0], -x[y == 0]]) if family == "binomial" else -x[y == 0], axis=0)
    equal = None if family == "binomial" else np.unique(x[y > 0], axis=0)
    marked = np.zeros(x.shape[1], dtype=bool)
    for j in range(x.shape[1]):
        for sign in (1.0, -1.0):
            goal = np.zeros(x.shape[1])
            goal[j] = -sign
            program = partial(
                linprog,
                goal, A_ub=-signed if len(signed) else None, b_ub=np.zeros(len(signed)) if len(signed) else None,
                A_eq=equal, b_eq=None if equal is None else np.zeros(len(equal)), bounds=(-1, 1), method="highs",
            )  # fmt: skip
            found = aside(program, numbers=20 * signed.size)
            marked[j] |= bool(found.success and -found.fun > 1e-6)
    return marked
