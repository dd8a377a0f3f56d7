"""Times in order: numbers and dates by size, and texts that hold them as what they mean, never letter by letter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError, in_words, listing
from .smooth import number

#: What says when: groups of digits, compared from the left.
Key = tuple[float, ...]
_ADVICE = "Give times as numbers, such as 2020, or as dates (a datetime.date, a pandas Period)."


def in_order(times: Sequence[Any]) -> list[int]:
    """Return the places of some times, the earliest first; words, as "spring 2016", stay in the order given.

    Raises
    ------
    InputError
        A time that is missing or stands twice, and texts that may be read in two orders.
    """
    lost = [time for time in times if not isinstance(time, (str, tuple)) and pd.isna(time)]
    if lost:
        raise InputError(f"One of the times is missing ({in_words(lost[0])}). {_ADVICE}")
    texts = [time for time in times if isinstance(time, str)]
    if any(not text.strip()[:1].isdecimal() for text in texts):
        return list(range(len(times)))
    if len(texts) == len(times):
        return _placed(times, _read(texts))
    if texts:
        values = [_float(time) if isinstance(time, str) else _number(time) for time in times]
        if any(value is None for value in values):
            raise InputError(
                f"Some times are texts and some are not ({listing(times)}), so they have no order. {_ADVICE}"
            )
        return _placed(times, [(value,) for value in values if value is not None])
    try:
        return sorted(range(len(times)), key=lambda i: times[i])
    except TypeError:
        values = [_number(time) for time in times]
    known = [(value,) for value in values if value is not None]
    return _placed(times, known) if len(known) == len(times) else list(range(len(times)))


def _placed(times: Sequence[Any], keys: Sequence[Key]) -> list[int]:
    """Sort by keys, of which no two may be equal."""
    order = sorted(range(len(times)), key=lambda i: keys[i])
    for before, after in pairwise(order):
        if keys[before] == keys[after]:
            raise InputError(
                f"{in_words(times[before])} and {in_words(times[after])} are the same time, which a trend has once."
            )
    return order


def _number(time: Any) -> float | None:
    try:
        return number(time)
    except InputError:
        return None


def _float(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\s*\d+(\.\d+)?\s*", text) else None


def _read(texts: Sequence[str]) -> list[Key]:
    """Return what texts that begin with a digit mean; where they may mean two things, both must have one order."""
    found = [re.split(r"(\d+)", text.strip().casefold())[1:] for text in texts]
    groups = [tuple(float(part) for part in parts[::2]) for parts in found]
    between = {tuple(parts[1::2]) for parts in found}
    if len(between) > 1 and not all(re.fullmatch(r"\W*", "".join(words)) for words in between):
        # Words that differ, as in "2016 spring", stay in the order given within their year.
        return [(key[0], float(place)) for place, key in enumerate(groups)]
    dated = _calendar(groups)
    readings = dated or [groups]
    whole: list[Key] = [(value,) for value in map(_float, texts) if value is not None]
    if len(whole) == len(texts) and not (dated and groups[0][-1] >= 1000):  # nobody writes 9.2021 for a number
        readings = [*readings, whole]
    orders = {tuple(sorted(range(len(texts)), key=lambda i, keys=keys: keys[i])) for keys in readings}  # type: ignore[misc]
    if len(orders) > 1:
        raise InputError(f"The times {listing(texts)} may be read in two orders. {_ADVICE}")
    return readings[0]


def _calendar(groups: Sequence[Key]) -> list[list[Key]]:
    """Return the readings of texts that end with a year: a month (or quarter) before it, or a day and a month.

    A year of two digits may stand at either end, "12/19" or "19-12", so both are readings.
    """
    lengths = {len(key) for key in groups}
    if lengths <= {2, 3} and len(lengths) == 1 and max(map(max, groups)) < 100:
        turned: list[Key] = [(key[-1], *key[:-1]) for key in groups]
        return [list(groups), turned] if lengths == {2} else [list(groups), turned, [key[::-1] for key in groups]]
    ends = np.array([len(key) > 1 and 1000 <= key[-1] < 3000 and max(key[:-1]) < 100 for key in groups])
    sizes = {len(key) for key in groups}
    if not ends.all() or len(sizes) > 1 or not sizes <= {2, 3}:
        return []
    if sizes == {2}:
        return [[(year, part) for part, year in groups]]
    readings: list[list[Key]] = [[(year, b, a) for a, b, year in groups], [(year, a, b) for a, b, year in groups]]
    return [keys for keys in readings if all(month <= 12 for _, month, *_ in keys)] or readings
