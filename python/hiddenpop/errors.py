"""What can go wrong, in the user's terms."""

from __future__ import annotations

import functools
import re
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
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


@contextmanager
def once() -> Iterator[None]:
    """Say each warning once, however often it comes, and with whatever numbers."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    first: dict[tuple[type[Warning], str], str] = {}
    for one in caught:
        text = str(one.message)
        first.setdefault((one.category, re.sub(r"[<=>]? ?-?[0-9][0-9.,e-]*", "#", text)), text)
    for (category, _), text in first.items():
        warn(text, category)


class Said:
    """What was said of one thing, which is said once, whatever is asked of it or derived from it."""

    def __init__(self) -> None:
        self.texts: set[str] = set()

    def __call__(self, text: str) -> None:
        """Warn, if it was not said before."""
        if text not in self.texts:
            self.texts.add(text)
            warn(text)


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


def listing(values: Sequence[object], *, shown: int = 6) -> str:
    """Join the first few values for a message."""
    more = ", ..." if len(values) > shown else ""
    return ", ".join(in_words(v) for v in values[:shown]) + more


def in_words(value: object) -> str:
    """Write what was given as a message does: numbers as Python has them, and only the kind of what is long."""
    if isinstance(value, np.generic):
        return repr(value.item())
    if isinstance(value, (pd.Timestamp, pd.Period, pd.Timedelta)):
        return repr(str(value))
    kind = type(value).__name__
    article = "an" if kind[:1] in "AEIOUaeiou" else "a"
    if isinstance(value, (list, tuple, dict)):
        if len(value) > 8:
            return f"{article} {kind} of {len(value):,}"
        if isinstance(value, dict):
            return f"{{{', '.join(f'{in_words(k)}: {in_words(v)}' for k, v in value.items())}}}"
        parts = ", ".join(map(in_words, value))
        return f"[{parts}]" if isinstance(value, list) else f"({parts}{',' if len(value) == 1 else ''})"
    if isinstance(value, (np.ndarray, pd.Series, pd.DataFrame, pd.Index)):
        return f"{'an array' if kind == 'ndarray' else f'{article} {kind}'} of {len(value) if np.ndim(value) else 1:,}"
    text = repr(value)
    return text if isinstance(value, str) or (len(text) < 80 and "\n" not in text) else f"{article} {kind}"
