"""Numbers that functions are given, checked once."""

from __future__ import annotations

import math

import numpy as np

from ..errors import InputError, said


def number(value: object, name: str) -> float:
    """Return a finite number."""
    found = _real(value, name, "a number")
    if not math.isfinite(found):
        raise InputError(f"{name}={said(value)} must be a finite number.")
    return found


def positive(value: object, name: str, *, example: str = "") -> float:
    """Return a finite number above zero."""
    wanted = f"a number above zero{example and f', such as {example}'}"
    found = _real(value, name, wanted)
    if not 0 < found < math.inf:
        raise InputError(f"{name}={said(value)} must be {wanted}.")
    return found


def between(value: object, name: str, low: float = 0, high: float = 1, *, example: str) -> float:
    """Return a number between two others, which are excluded."""
    found = _real(value, name, f"a number between {low:g} and {high:g}")
    if not low < found < high:
        raise InputError(f"{name}={said(value)} must lie between {low:g} and {high:g}, for example {example}.")
    return found


def whole(value: object, name: str, least: int | None = None, most: int | None = None) -> int:
    """Return a whole number within limits, also one that is written as 1e6."""
    if (
        isinstance(value, (bool, np.bool_))
        or not isinstance(value, (int, float, np.integer, np.floating))
        or value % 1 != 0
    ):
        raise InputError(f"{name}={said(value)} must be a whole number{_limits(least, most)}.")
    found = int(value)
    if (least is not None and found < least) or (most is not None and found > most):
        raise InputError(f"{name}={said(value)} must be a whole number{_limits(least, most)}.")
    return found


def _limits(least: int | None, most: int | None) -> str:
    if most is not None:
        return f" from {least or 0:,} to {most:,}"
    return "" if least is None else f" of at least {least:,}"


def _real(value: object, name: str, wanted: str) -> float:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise InputError(f"{name}={said(value)} must be {wanted}.")
    return float(value)


def check_level(level: float) -> float:
    """Return the level, or say what is wrong with it."""
    if isinstance(level, (bool, np.bool_)) or not isinstance(level, (int, float, np.number)) or not 0 < level < 1:
        hint = f" Did you mean {level / 100:g}?" if isinstance(level, (int, float)) and 1 < level < 100 else ""
        raise InputError(f"level={said(level)} must lie between 0 and 1, for example 0.95.{hint}")
    return float(level)
