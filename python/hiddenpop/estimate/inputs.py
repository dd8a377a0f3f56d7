"""Uncertain inputs: numbers that experts or publications give with their uncertainty.

Each call makes a new independent quantity. Two that carry the same `name` are the same quantity, as
are two uses of one object.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from ..draws import settings
from ..errors import InputError, in_words, listing
from ..expression.nodes import Quantity
from ..expression.operations import Stack
from ..expression.origins import a_call
from ..ground import checks, columns, distributions
from ..ground.checks import check_level, flag, real
from ..ground.language import english
from ..ground.signatures import checked
from ..ground.text import label_of
from ..sources.uncertain_input import Input
from .estimate import Estimate

#: A size whose interval implies more than this chance of a negative number is refused.
NEGATIVE = 1e-6
#: Beta parameters for which the distribution function is computed to full precision.
BETA_RANGE = (0.5, 1e5)
_calls: Counter[str] = Counter()


def _make(
    law: str,
    parameters: tuple[float, ...],
    point: float,
    given: str,
    name: str | None,
    replicates: int | None,
    seed: int | None,
    quantity: Quantity = "other",
) -> Estimate:
    defaults = settings.defaults()
    if name is not None and not isinstance(name, str):
        raise InputError(f"name={name!r} must be a text.")
    _calls[given] += name is None
    # Unnamed quantities are told apart by the order of their making, so a notebook run from the top
    # gives the same digits again.
    key = f"name {name}" if name is not None else f"{given}, number {_calls[given]}"
    node = Input(
        law=law,
        parameters=parameters,
        key=key,
        name=name,
        seed=settings.check_seed(defaults.seed if seed is None else seed),
        replicates=settings.check_replicates(defaults.replicates if replicates is None else replicates),
        point=np.array([point]),
        quantity=quantity,
        given=given,
        call=a_call() if name is None else None,
    )
    label = name or given
    return Estimate(node, pd.Index([label]), True, label)


def _numbers(**values: float) -> list[float]:
    found = [real(value) for value in values.values()]
    for (key, value), one in zip(values.items(), found, strict=True):
        if not abs(one) < 1e100:
            raise InputError(f"{key}={in_words(value)} must be a finite number.")
    return found


@checked
def beta(
    a: float, b: float, *, name: str | None = None, replicates: int | None = None, seed: int | None = None
) -> Estimate:
    """Make an uncertain share: beta(80, 20) is what 80 yes and 20 no say of one.

    Parameters
    ----------
    a, b : float
        Positive parameters; the mean is a / (a + b), which is the point value.
    name : str, optional
        Equal names are one quantity; unnamed ones are new at every call.
    replicates, seed : int, optional
        Default: `hp.settings`.

    See Also
    --------
    uniform, triangular, lognormal, normal, published : other uncertain inputs.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.beta(80, 20, name="completeness")
    completeness: 80.0% (95% interval 71.7% to 87.2%)
    """
    a, b = _numbers(a=a, b=b)
    if not (BETA_RANGE[0] <= a <= BETA_RANGE[1] and BETA_RANGE[0] <= b <= BETA_RANGE[1]):
        raise InputError(f"beta({a:g}, {b:g}) needs two numbers between {BETA_RANGE[0]:g} and {BETA_RANGE[1]:,.0f}.")
    return _make("beta", (a, b), a / (a + b), english("beta({a:g}, {b:g})", a=a, b=b), name, replicates, seed, "share")


@checked
def uniform(
    low: float,
    high: float,
    *,
    name: str | None = None,
    replicates: int | None = None,
    seed: int | None = None,
) -> Estimate:
    """Make a number of which only the range is known; the point is the middle. Options as `beta`.

    See Also
    --------
    beta, triangular, lognormal, normal, published : other uncertain inputs.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.uniform(0.95, 1, name="specificity").point
    0.975
    """
    low, high = _numbers(low=low, high=high)
    if not low < high:
        raise InputError(f"uniform({low:g}, {high:g}) needs its lower end first.")
    quantity = _within_unit(low, high)
    return _make(
        "uniform",
        (low, high),
        (low + high) / 2,
        english("uniform({low:g}, {high:g})", low=low, high=high),
        name,
        replicates,
        seed,
        quantity,
    )


@checked
def triangular(
    low: float,
    mode: float,
    high: float,
    *,
    name: str | None = None,
    replicates: int | None = None,
    seed: int | None = None,
) -> Estimate:
    """Make a number from its lowest, most likely and highest value. Options as `beta`.

    The point is the mean of the three.

    See Also
    --------
    beta, uniform, lognormal, normal, published : other uncertain inputs.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.triangular(0, 3, 6, name="years").point
    3.0
    """
    low, mode, high = _numbers(low=low, mode=mode, high=high)
    if not (low <= mode <= high and low < high):
        raise InputError(f"triangular({low:g}, {mode:g}, {high:g}) needs lowest, most likely and highest in order.")
    given = english("triangular({low:g}, {mode:g}, {high:g})", low=low, mode=mode, high=high)
    return _make(
        "triangular",
        (low, mode, high),
        math.fsum((low, mode, high)) / 3,
        given,
        name,
        replicates,
        seed,
        _within_unit(low, high),
    )


@checked
def normal(
    mean: float, sd: float, *, name: str | None = None, replicates: int | None = None, seed: int | None = None
) -> Estimate:
    """Make a normally distributed number. Options as `beta`.

    See Also
    --------
    beta, uniform, triangular, lognormal, published : other uncertain inputs.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.normal(50, 0.5, name="mean age").point
    50.0
    """
    mean, sd = _numbers(mean=mean, sd=sd)
    if sd <= 0:
        raise InputError(f"normal({mean:g}, {sd:g}) needs a standard deviation above zero.")
    return _make(
        "normal", (mean, sd), mean, english("normal({mean:g}, {sd:g})", mean=mean, sd=sd), name, replicates, seed
    )


@checked
def lognormal(
    point: float,
    lower: float,
    upper: float,
    *,
    level: float = 0.95,
    name: str | None = None,
    replicates: int | None = None,
    seed: int | None = None,
) -> Estimate:
    """Make a positive number, such as an odds ratio, from its median and an interval.

    The three numbers are met exactly, as in `published`, of which this is the form for quantities
    that are not sizes. Options as `published`.

    See Also
    --------
    beta, uniform, triangular, normal : other uncertain inputs.
    published : an interval that was printed.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.lognormal(1.5, 1.2, 1.9, name="odds ratio").interval().round(3)
                lower  upper
    odds ratio    1.2    1.9
    """
    return _three_numbers("lognormal", point, lower, upper, level, name, replicates, seed, "other")


@checked
def published(
    point: float | pd.DataFrame,
    lower: float | None = None,
    upper: float | None = None,
    *,
    level: float = 0.95,
    size: bool = True,
    name: str | None = None,
    replicates: int | None = None,
    seed: int | None = None,
) -> Estimate:
    """Turn a published figure with its interval into an estimate, or a table of them.

    Its median and both limits are exactly the three numbers: a shifted log-normal, reflected when
    the interval reaches further down than up, normal when it is symmetric.

    Parameters
    ----------
    point, lower, upper : float
        The published numbers, lower < point < upper. Or a table alone, a row a figure: columns "estimate" (or "point",
        "size"), "lower" and "upper" (or "low" and "high"); its other columns are the labels, and without any its index.
    level : float
        Level of the interval.
    size : bool
        Whether it is a size (or another positive quantity): then an interval that implies negative
        sizes is refused.
    name : str, optional
        Equal names are one quantity; unnamed ones are new at every call. Of a table each figure has the name with its label.
    replicates, seed : int, optional
        Default: `hp.settings`.

    Raises
    ------
    InputError
        Numbers out of order, or a size with a lower limit, or a chance, below zero; a table without these columns, or with
        a label twice.

    See Also
    --------
    lognormal, beta : inputs that are elicited.
    triangulate, trend : what published figures are good for.

    Notes
    -----
    With u = upper - point, l = point - lower and z the normal quantile, X = point + m (exp(s Z) - 1)
    where s = log(u / l) / z and m = u l / (u - l). For u < l the signs turn; for u = l, X is normal.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.published(16_000, 11_300, 25_200, name="crack, 2023")
    crack, 2023: 16,000 (95% interval 11,300 to 25,200)
    >>> import pandas as pd
    >>> table = pd.DataFrame({"group": ["opioids", "crack only"], "estimate": [14_300, 3_400], "low": [13_400, 2_900],
    ...                       "high": [16_300, 4_400]})
    >>> hp.published(table, name="2012")
    2012
                  estimate        95% interval
    opioids         14,300    13,400 to 16,300
    crack only       3,400      2,900 to 4,400
    """
    if isinstance(point, pd.DataFrame):
        if lower is not None or upper is not None:
            raise InputError("published takes a table alone, or the three numbers point, lower, upper.")
        more: dict[str, Any] = {"level": level, "size": size, "replicates": replicates, "seed": seed}
        return _published_table(point, name, partial(published, **more))
    if lower is None or upper is None:
        raise InputError(
            "published takes three numbers, the point and both limits of its interval: hp.published(14_300, 13_400, 16_300). Without "
            "an interval nothing is known of how uncertain it is."
        )
    quantity: Quantity = "size" if flag(size, "size") else "other"
    return _three_numbers("published", point, lower, upper, level, name, replicates, seed, quantity)


#: How published figures are called together.
PUBLISHED = "published figures"
#: What columns of published tables are called.
COLUMNS = {"estimate": ("estimate", "point", "size"), "lower": ("lower", "low"), "upper": ("upper", "high")}


def _published_table(table: pd.DataFrame, name: str | None, each: Callable[..., Estimate]) -> Estimate:
    """Turn the rows of a table into figures, and stack them under its labels."""
    frame = columns.read_table(table)
    found = {}
    for what, called in COLUMNS.items():
        here = [column for column in frame.columns if str(column).strip().casefold() in called]
        if len(here) != 1:
            raise InputError(
                f"A table of published figures has one column called {listing(list(called))}; this one has "
                f"{listing(here) if here else f'none, but {listing(list(frame.columns))}'}."
            )
        found[what] = columns.numbers(frame[here[0]])
        frame = frame.drop(columns=here[0])
    labels = frame.index if frame.columns.empty else pd.MultiIndex.from_frame(frame)
    if labels.nlevels == 1 and not frame.columns.empty:
        labels = pd.Index(frame.iloc[:, 0].tolist(), name=frame.columns[0])
    if labels.hasnans if labels.nlevels == 1 else frame.isna().any(axis=None):
        raise InputError("A published figure has no label; fill in the table's first columns.")
    checks.once(labels, "The table of published figures has")
    parts = [
        each(*map(float, three), name=None if name is None else f"{name}, {label_of(label)}")
        for label, *three in zip(labels, *found.values(), strict=True)
    ]
    return Estimate(Stack(tuple(part.node for part in parts)), labels, False, name or PUBLISHED)


def _three_numbers(
    law: str,
    point: float,
    lower: float,
    upper: float,
    level: float,
    name: str | None,
    replicates: int | None,
    seed: int | None,
    quantity: Quantity,
) -> Estimate:
    point, lower, upper = _numbers(point=point, lower=lower, upper=upper)
    level = check_level(level)
    numbers = {"point": point, "lower": lower, "upper": upper, "level": level}
    if law == "lognormal" and level == 0.95:
        given = english("lognormal({point:,.15g}, {lower:,.15g} to {upper:,.15g})", **numbers)
    elif law == "lognormal":
        given = english("lognormal({point:,.15g}, {lower:,.15g} to {upper:,.15g}, level {level:g})", **numbers)
    elif level == 0.95:
        given = english("published({point:,.15g}, {lower:,.15g} to {upper:,.15g})", **numbers)
    else:
        given = english("published({point:,.15g}, {lower:,.15g} to {upper:,.15g}, level {level:g})", **numbers)
    if not lower < point < upper:
        raise InputError(f"{given}: the point must lie between the limits, lower first.")
    positive = law == "lognormal" or quantity == "size"
    if positive and lower <= 0:
        raise InputError(f"{given}: a positive quantity can't have a lower limit of zero or less.")
    z = distributions.quantile((1 + level) / 2)
    if not z > 0:
        raise InputError(f"level={level:g} is too small: such an interval holds nothing but the point.")
    up, down = upper - point, point - lower
    if math.isclose(up, down, rel_tol=1e-9):
        parameters: tuple[float, ...] = (point, (up + down) / (2 * z))
        negative = distributions.cdf(-point / parameters[1])
        shape = "normal"
    else:
        sign = 1.0 if up > down else -1.0
        sigma = abs(math.log(up / down)) / z
        scale = up * down / abs(up - down)
        parameters = (point, sign, scale, sigma)
        negative = _below_zero(parameters)
        shape = "shifted lognormal"
    if positive and negative > NEGATIVE:
        raise InputError(
            f"{given}: an interval of this shape gives negative values a chance of {negative:.2g}. If it is right, "
            "describe the quantity by a distribution that can't be negative, such as hp.triangular or hp.beta"
            + ("." if law == "lognormal" else "; for published numbers that may be negative pass size=False.")
        )
    return _make(shape, parameters, point, given, name, replicates, seed, quantity)


def _below_zero(parameters: tuple[float, ...]) -> float:
    """Return the chance that median + sign scale (exp(sigma Z) - 1) is negative."""
    median, sign, scale, sigma = parameters
    if sign > 0:
        return 0.0 if scale <= median else distributions.cdf(math.log1p(-median / scale) / sigma)
    return 1 - distributions.cdf(math.log1p(median / scale) / sigma)


def _within_unit(low: float, high: float) -> Quantity:
    return "share" if low >= 0 and high <= 1 else "other"
