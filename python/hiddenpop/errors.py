"""What can go wrong, in the user's terms."""

from __future__ import annotations

import datetime
import functools
import math
import numbers
import sys
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

Able = TypeVar("Able")

#: Where no user's line stands: in the package, and in what calls its properties.
_NOT_A_USER = (str(Path(__file__).parent), str(functools.__file__))


class InputError(ValueError):
    """The data or an argument can't be used: what was wrong, where, and what to do."""


class EstimationError(ArithmeticError):
    """The question has no defined answer for these data, so no number is given."""


class HiddenpopWarning(UserWarning):
    """A result stands, but something about it must be known to read it."""


@dataclass(frozen=True)
class Refusal:
    """What stands where a design or a leaf can't do something: the reason, in words."""

    reason: str
    #: What is raised: the question has no answer, or the call asked for what it could have known.
    error: type[InputError] | type[EstimationError] = EstimationError


def granted(capability: Able | Refusal) -> Able:
    """Return what a design or a leaf can do, or say why it can't."""
    if isinstance(capability, Refusal):
        raise capability.error(capability.reason)
    return capability


def warn(message: str, category: type[Warning] = HiddenpopWarning) -> None:
    """Warn at the line that led here: the nearest one outside the package, wherever in it something was noticed."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_NOT_A_USER):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def name_rows(rows: npt.NDArray[np.bool_], *, shown: int = 5) -> str:
    """Say which rows a mask marks: how many and the first few numbers, never their answers."""
    numbers = np.flatnonzero(rows)
    first = ", ".join(str(n) for n in numbers[:shown])
    more = ", ..." if len(numbers) > shown else ""
    noun = "row" if len(numbers) == 1 else "rows"
    return f"{len(numbers)} {noun} (row number {first}{more}, counted from 0)"


def suggest(wanted: object, known: Iterable[object]) -> str:
    """Return a sentence naming the nearest known name, or the known names."""
    names = [str(k) for k in known]
    if str(wanted) in names:
        return f"There is one that reads the same but is no {type(wanted).__name__}."
    from difflib import get_close_matches  # noqa: PLC0415 (only when something is wrong)

    near = get_close_matches(str(wanted), names, n=1)
    if near:
        return f"Did you mean '{near[0]}'?"
    listed = ", ".join(f"'{n}'" for n in names[:12])
    return f"There are: {listed}{', ...' if len(names) > 12 else ''}."


#: Longer texts than this are cut in messages.
LONGEST = 80
#: Such values stand in messages as their owner would write them.
_PLAIN = (
    numbers.Number,
    datetime.date,
    datetime.time,
    datetime.timedelta,
    np.datetime64,
    np.timedelta64,
    pd.Interval,
    pd.Period,
)


def said(value: object, *, shown: int = 6) -> str:
    """Write a value for a message as its owner would: `1` and never `np.int64(1)`, a column by its kind and never its numbers."""
    if isinstance(value, np.generic) and not isinstance(value, (np.datetime64, np.timedelta64)):
        value = value.item()
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return repr(str(value) if len(value) <= LONGEST else f"{value[:LONGEST]}...")
    if value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return "a missing value"
    if isinstance(value, _PLAIN):
        text = str(value)
        return text.removesuffix(" 00:00:00") if isinstance(value, datetime.date) else text
    if isinstance(value, (tuple, list)):
        ends = "()" if isinstance(value, tuple) else "[]"
        comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
        return f"{ends[0]}{listing(value, shown=shown)}{comma}{ends[1]}"
    if isinstance(value, dict):
        parts = [f"{said(key)}: {said(one)}" for key, one in list(value.items())[:shown]]
        return f"{{{', '.join(parts)}{', ...' if len(value) > shown else ''}}}"
    if isinstance(value, type):
        return f"the type {value.__name__}"
    kind = type(value).__name__
    return f"{'an' if kind[:1].lower() in 'aeiou' else 'a'} {kind}"


def listing(values: Sequence[object], *, shown: int = 6) -> str:
    """Join the first few values for a message."""
    more = ", ..." if len(values) > shown else ""
    return ", ".join(said(v) for v in values[:shown]) + more
