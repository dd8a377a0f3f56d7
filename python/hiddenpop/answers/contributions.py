"""What sums and order statistics tell of single participants: who contributes, how much, and who else gave that answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..ground.columns import Bools, Codes, Floats

#: A total tells of its largest part when the others, the second largest left out, are less than this share of it: who knows
#: the second would know the first that well (the p% rule; Hundepool et al. 2012, Statistical Disclosure Control, section 4.2).
MARGIN = 0.10
#: A number that no rounding makes the answer of several participants has no decimals: it isn't shown.
NO_DECIMALS = -99
#: Decimals beyond this are rounding of the machine.
MOST_DECIMALS = 12


def concentrated(values: Floats, people: Floats, below: int) -> bool:
    """Say whether a sum of answers is made up by few: by fewer than `below` participants, or by one for the most part.

    Parameters
    ----------
    values : array (rows)
        Answers, none of them missing.
    people : array (rows)
        How many participants each row stands for.
    below : int
        The least number of participants that may be told of.

    Notes
    -----
    Whoever answered zero adds nothing; nor does, to one who knows it, whoever gave the answer of more than half.
    """
    values, people = values[people > 0], people[people > 0]
    if not len(values):
        return False
    return any(_by_few(np.abs(values - base), people, below) for base in {0.0, _common(values, people)})


def _common(values: Floats, people: Floats) -> float:
    """Return the answer of more than half of the participants; zero where there is none."""
    found, place = np.unique(values, return_inverse=True)
    counts = np.bincount(place.ravel(), weights=people)
    most = int(counts.argmax())
    return float(found[most]) if 2 * counts[most] > counts.sum() else 0.0


def _by_few(parts: Floats, people: Floats, below: int) -> bool:
    above = parts > 0
    contributors = float(people[above].sum())
    if not contributors:
        return False
    if contributors < below:
        return True
    parts, people = parts[above], people[above]
    first = int(parts.argmax())
    largest = float(parts[first])
    left = people.copy()
    left[first] -= 1
    second = float(parts[left > 0].max(initial=0.0))
    rest = float(parts @ people) - largest - second
    return rest < MARGIN * largest


def concentrated_by(values: Floats, groups: Codes, size: int, people: npt.NDArray[Any], below: int) -> Bools:
    """Say of each group whether its sum is made up by few; groups of -1 are in none, and missing answers add nothing."""
    found = np.zeros(size, dtype=bool)
    inside = (groups >= 0) & ~np.isnan(values)
    values, groups, counts = values[inside], groups[inside], people[inside].astype(float)
    order = np.argsort(groups, kind="stable")
    ends = np.searchsorted(groups[order], np.arange(size + 1))
    for group in range(size):
        rows = order[ends[group] : ends[group + 1]]
        found[group] = concentrated(values[rows], counts[rows], below)
    return found


def rounded(number: float, places: int, side: int = 0) -> float:
    """Round a number to the nearest with so many decimals, or down (-1) or up (1); what is infinite or none stays."""
    if not np.isfinite(number):
        return float(number)
    near = round(float(number), places)
    if side and abs(near - number) > 1e-9 * max(abs(number), 10.0**-places) and (near > number) == (side < 0):
        near = round(near + side * 10.0**-places, places)
    return near + 0.0


class Shared:
    """The answers of a group, to see how coarsely a number must be written so that several participants gave it."""

    def __init__(self, values: Floats, people: npt.NDArray[Any], below: int) -> None:
        known = ~np.isnan(values) & (people > 0)
        order = np.argsort(values[known], kind="stable")
        self._values = values[known][order]
        self._people = np.concatenate([[0.0], np.cumsum(people[known][order])])
        self._below = below

    def decimals(self, number: float, side: int = 0) -> int:
        """Return the most decimals with which at least `below` participants' answers are written like a number.

        Negative decimals round to tens, hundreds, ...; `NO_DECIMALS` where nothing short of the whole range would do. Numbers are
        rounded to the nearest, or down (`side` -1) or up (1).
        """
        if not np.isfinite(number) or not len(self._values):
            return NO_DECIMALS
        span = float(self._values[-1] - self._values[0])
        if not span:
            return MOST_DECIMALS if self._people[-1] >= self._below else NO_DECIMALS
        last = -int(np.floor(np.log10(span)))
        for places in range(MOST_DECIMALS, last - 1, -1):
            unit = 10.0**-places
            written = rounded(number, places, side)
            low = written if side < 0 else written - unit if side > 0 else written - unit / 2
            if self.several(low, low + unit, above=side > 0):
                return places
        return NO_DECIMALS

    def several(self, low: float, high: float, *, above: bool = False) -> bool:
        """Say whether at least `below` participants answered from `low` to less than `high`; or from `above` low to high."""
        first, after = np.searchsorted(self._values, [low, high], side="right" if above else "left")
        return bool(self._people[after] - self._people[first] >= self._below)

    def written(self, number: float, most: int) -> float:
        """Return a number as it may be written, with `most` decimals or fewer; NaN where it may not be."""
        places = self.decimals(number)
        return np.nan if places == NO_DECIMALS else round(number, min(places, most)) + 0.0


def shared(columns: Sequence[Floats], people: Any, below: int, numbers: Floats, sides: Sequence[int]) -> Codes:
    """Return the most decimals of numbers (labels x numbers), each of a group whose answers are a column (NaN for the others)."""
    found = np.full(numbers.shape, NO_DECIMALS, dtype=np.int64)
    for label, column in enumerate(columns):
        group = Shared(column, np.asarray(people, dtype=float), below)
        found[label] = [group.decimals(float(n), side) for n, side in zip(numbers[label], sides, strict=True)]
    return found
