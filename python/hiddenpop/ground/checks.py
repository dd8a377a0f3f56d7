"""Numbers that functions are given, checked once."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..errors import EstimationError, InputError, in_words, listing
from .columns import is_number


def real(value: object) -> float:
    """Return a number, of whatever kind (NumPy's, decimals, fractions), as a float; NaN for True, text and all else."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if not is_number(value):
        return math.nan
    try:
        return float(value)  # type: ignore[arg-type]
    except (OverflowError, ValueError):  # a whole number of more than 308 digits, a decimal that says it is none
        return math.nan


def number(value: object, name: str) -> float:
    """Return a finite number."""
    found = _real(value, name, "a number")
    if not math.isfinite(found):
        raise InputError(f"{name}={in_words(value)} must be a finite number.")
    return found


def positive(value: object, name: str, *, example: str = "") -> float:
    """Return a finite number above zero."""
    wanted = f"a number above zero{example and f', such as {example}'}"
    found = _real(value, name, wanted)
    if not 0 < found < math.inf:
        raise InputError(f"{name}={in_words(value)} must be {wanted}.")
    return found


def between(value: object, name: str, low: float = 0, high: float = 1, *, example: str) -> float:
    """Return a number between two others, which are excluded."""
    found = _real(value, name, f"a number between {low:g} and {high:g}")
    if not low < found < high:
        raise InputError(f"{name}={in_words(value)} must lie between {low:g} and {high:g}, for example {example}.")
    return found


def whole(value: object, name: str, least: int | None = None, most: int | None = None) -> int:
    """Return a whole number within limits, also one that is written as 1e6."""
    if real(value) % 1 != 0:
        raise InputError(f"{name}={in_words(value)} must be a whole number{_limits(least, most)}.")
    found: int = int(value)  # type: ignore[call-overload]
    if (least is not None and found < least) or (most is not None and found > most):
        raise InputError(f"{name}={in_words(value)} must be a whole number{_limits(least, most)}.")
    return found


def _limits(least: int | None, most: int | None) -> str:
    if most is not None:
        return f" from {least or 0:,} to {most:,}"
    return "" if least is None else f" of at least {least:,}"


def _real(value: object, name: str, wanted: str) -> float:
    found = real(value)
    if math.isnan(found) and not is_number(value):  # a number that is none is refused as not finite
        raise InputError(f"{name}={in_words(value)} must be {wanted}.")
    return found


#: Below this no quantile differs from the median.
LEAST_LEVEL = 1e-9


def check_level(level: float) -> float:
    """Return the level, or say what is wrong with it."""
    found = real(level)
    if 0 < found < LEAST_LEVEL:
        raise InputError(
            f"level={in_words(level)} is so small that an interval holds nothing but the point; 0.95 is usual."
        )
    if not 0 < found < 1:
        hint = f" Did you mean {found / 100:g}?" if 1 < found < 100 else ""
        raise InputError(f"level={in_words(level)} must lie between 0 and 1, for example 0.95.{hint}")
    return found


def flag(value: object, name: str) -> bool:
    """Return True or False; a text such as 'no' would count as true."""
    if not isinstance(value, (bool, np.bool_)):
        raise InputError(f"{name}={in_words(value)} must be True or False.")
    return bool(value)


def check_below(below: Any) -> int:
    """Return the number below which cells are hidden."""
    if isinstance(below, bool) or not isinstance(below, (int, np.integer)) or below < 2:
        raise InputError(f"suppress_below={listing([below])} must be a whole number of participants, 2 or more.")
    return int(below)


def once(labels: Iterable[Any], what: str) -> None:
    """Refuse labels of which some stand twice: "{what} the labels 'a' more than once"."""
    index = labels if isinstance(labels, pd.Index) else pd.Index(list(labels), tupleize_cols=False)
    twice = index[index.duplicated()].unique().tolist()
    if twice:
        many = "labels" if len(twice) > 1 else "label"
        raise InputError(f"{what} the {many} {listing(twice)} more than once; give each label one value.")


def among(value: object, known: Container[Any]) -> bool:
    """Tell whether a value is one of those known; arrays, lists and missing values never are."""
    try:
        hash(value)
        return bool(value in known)
    except (TypeError, ValueError, OverflowError):
        return False


def called(function: Callable[..., Any], *given: Any, what: str) -> Any:
    """Call a user's function, or say which one raised; never with an answer in the message."""
    try:
        return function(*given)
    except (InputError, EstimationError):
        raise
    except Exception as error:
        raise InputError(f"The function of {what} raised {type(error).__name__}. Try it on its own first.") from error


def labels(given: Iterable[Any], name: str) -> pd.Index[Any]:
    """Return labels that a user gives, each of which can be looked up."""
    found = list(given)
    for one in found:
        try:
            hash(one)
        except TypeError:
            raise InputError(f"{name} holds {in_words(one)}, which is no label; use texts or numbers.") from None
    made: pd.Index[Any] = pd.Index(found)
    return made


def by_label(values: Any, what: str) -> dict[Any, Any]:
    """Return a mapping or Series as a dict, in which no label may stand twice: "{what} the label 'a' more than once"."""
    if isinstance(values, pd.Series):
        once(values.index, what)
    return dict(values.items() if isinstance(values, (Mapping, pd.Series)) else values)
