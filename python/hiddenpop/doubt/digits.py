"""How numbers read in tables and figures of a sensitivity analysis."""

from __future__ import annotations

import math

import numpy as np

from ..ground.language import numerals, tr


def write(value: float, digits: int = 4, *, share: bool = False) -> str:
    """Write a number with so many significant digits, and never fewer than those before the decimal point need."""
    if np.isnan(value):
        return tr("no estimate")
    if np.isinf(value):
        return tr("unbounded") if value > 0 else tr("-unbounded")
    if share:
        return numerals(f"{_english(100 * value, digits)}%")
    return numerals(_english(value, digits))


def _english(value: float, digits: int) -> str:
    if value == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    text = f"{round(value, places) + 0.0:,.{max(places, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
