"""How numbers read in tables and figures of a sensitivity analysis."""

from __future__ import annotations

import math

import numpy as np


def write(value: float, digits: int = 4, *, share: bool = False) -> str:
    """Write a number with so many significant digits, and never fewer than those before the decimal point need."""
    if np.isnan(value):
        return "no estimate"
    if np.isinf(value):
        return "unbounded" if value > 0 else "-unbounded"
    if share:
        return f"{write(100 * value, digits)}%"
    if value == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    text = f"{round(value, places) + 0.0:,.{max(places, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
