"""Estimates in the order of time: what may stand in one line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from ..errors import InputError, listing
from ..ground.language import tr
from ..ground.text import show_texts
from .marks import Marks

YEAR = re.compile(r"[12]\d{3}")


@dataclass(frozen=True, eq=False)
class Series:
    """One line of a figure: places, values, whether they may be joined, and what must be said."""

    name: str
    places: list[Any]
    marks: Marks
    joined: bool
    quantity: str
    notes: tuple[str, ...]
    caveat: str | None = None

    def __post_init__(self) -> None:
        show_texts(self, "name", "notes", "caveat")


def numeric(places: Iterable[Any]) -> bool:
    """Return whether places are numbers, such as years."""
    return all(isinstance(p, (Real, np.number)) and not isinstance(p, (bool, np.bool_)) for p in places)


def timed(places: Iterable[Any]) -> bool:
    """Return whether places are times: numbers, or years written as text."""
    return all(numeric([p]) or (isinstance(p, str) and YEAR.fullmatch(p.strip()) is not None) for p in places)


def one_quantity(series: list[Series]) -> str:
    """Return what all series measure."""
    found = sorted({one.quantity for one in series})
    if len(found) > 1:
        raise InputError(f"A figure is of one quantity, and these are {listing(found)}.")
    return found[0]


def caution(why: str) -> str:
    """Return what must stand beside studies that are not comparable."""
    why = why.strip().rstrip(".")
    return f"{tr('Not comparable:')} {tr('{reason}. No change is tested or stated.', reason=why)}"
