"""Highest-density intervals: the shortest that hold a given share of the draws (Hyndman 1996)."""

from __future__ import annotations

import math

import numpy as np

from ..expression import evaluate
from ..ground.columns import Floats
from ..ground.language import english
from .method import Method
from .notes import Note, infinite_note, too_many, undefined_notes


def interval(draws: Floats, level: float) -> tuple[Floats, list[Note]]:
    """Return the shortest interval with at least `level` of each label's draws (labels x 2).

    Hyndman (1996), American Statistician 50:120-126, for a density with one peak. Of several shortest ones, as whole
    numbers make them, the middle one. Undefined draws are left out while they are few. Infinite draws count:
    where they are too many to leave out, the interval is open and otherwise as small as it can be.
    """
    undefined = np.isnan(draws).sum(axis=1)
    lost = too_many(undefined, draws.shape[1])
    notes = undefined_notes(undefined, draws.shape[1])
    ends = np.full((len(draws), 2), np.nan)
    for row in np.flatnonzero(~lost):
        ends[row] = _shortest(np.sort(draws[row])[: draws.shape[1] - undefined[row]], level)  # NaN sorts last
    beyond = np.isinf(ends).any(axis=1)
    if beyond.any():
        notes.append(infinite_note(draws, beyond))
    return ends, notes


def _shortest(ordered: Floats, level: float) -> tuple[float, float]:
    held = min(len(ordered), math.ceil(level * len(ordered) - 1e-9))
    lower, upper = ordered[: len(ordered) - held + 1], ordered[held - 1 :]
    with np.errstate(invalid="ignore"):
        width = upper - lower
    if not np.isfinite(width).any():
        # Open intervals lie within one another: the last has the highest lower end, the first the lowest upper end.
        place = len(width) - 1 if np.isfinite(lower[-1]) else 0
        return float(lower[place]), float(upper[place])
    shortest = np.flatnonzero(width <= np.nanmin(width) * (1 + 1e-12))
    place = int(shortest[len(shortest) // 2])
    return float(lower[place]), float(upper[place])


HDI = Method(
    name="hdi",
    words=english("highest-density (the shortest that hold this share of the draws)"),
    reference="Hyndman 1996",
    ends=lambda node, aim: interval(evaluate.draws(node), aim.level),
    by_part=False,
)
