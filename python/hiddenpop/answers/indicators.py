"""Columns that share the rows among them: the indicators of categories, or a number by group.

A row fills one of them at most, so all are kept as one: where each row goes, and its value. Totals of all columns take
one pass, and their covariance needs sums by cell only; no table of rows x labels is made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..ground.columns import Codes, Floats
from ..sample import sampling as samplings
from ..sample.sampling import Sampling, Stage


@dataclass(frozen=True, eq=False, repr=False)
class Split:
    """Columns of which each row fills one at most, with its value or with 1; made one by one when they are asked for."""

    #: The column of each row; -1 for none.
    place: Codes
    size: int
    values: Floats | None = None
    #: What the other rows of a column hold.
    outside: float = 0.0

    def column(self, i: int) -> Floats:
        """Make one column."""
        inside = self.place == i
        if self.values is None:
            return np.asarray(inside, dtype=float)
        # No copy for a domain of everyone.
        return self.values if inside.all() else np.where(inside, self.values, self.outside)

    def totals(self, sampling: Sampling) -> Floats:
        """Add up each column, weighted."""
        weight = sampling.spread(sampling.factors)
        each = weight if self.values is None else weight * self.values
        return np.bincount(self.place + 1, weights=each, minlength=self.size + 1)[1:].astype(float)


def covariance(sampling: Sampling, place: Codes, value: Floats | None, slopes: Floats) -> Floats:
    """Return the covariance under a design of labels that each row moves by its value times the slopes of its place.

    That is what `Sampling.variance` makes of linearised values (rows x labels), here in two factors.

    Parameters
    ----------
    sampling : Sampling
        The design.
    place : array
        The place of each row; -1 where it moves nothing.
    value : array or None
        Its value; None where all are 1.
    slopes : array
        Places x labels.
    """
    weight, unit, place = sampling.weight, sampling.unit, place.astype(np.int64) + 1  # the first place moves nothing
    slopes = np.concatenate([np.zeros((1, slopes.shape[1])), slopes])
    if weight is not None:
        value = weight if value is None else weight * value
    units, places = len(sampling.people), len(slopes)
    rows_are_units = unit is None or len(unit) == units
    if rows_are_units and len(sampling.stages) == 1 and len(sampling.fraction) * places <= units:
        return _by_cell(sampling, place, value, slopes)
    place += (np.arange(units) if unit is None else unit) * places
    sums = np.bincount(place, weights=value, minlength=units * places).reshape(units, places)
    return sampling.variance(sums @ slopes)


def _by_cell(sampling: Sampling, place: Codes, value: Floats | None, slopes: Floats) -> Floats:
    """Return the covariance from the cells of strata and places: between their means and, where values differ, within."""
    stage, places = sampling.stages[0], len(slopes)
    strata = len(stage.fraction)
    cell = place if strata == 1 else stage.group * places + place
    size = strata * places
    people = np.bincount(cell, weights=sampling.people, minlength=size).astype(float)
    cells = Stage(np.repeat(np.arange(strata), places), stage.fraction)
    every = np.tile(slopes, (strata, 1))
    if value is None:
        return samplings.within_groups(cells, every, people, 1.0, sampling.lonely)
    mean = np.bincount(cell, weights=sampling.people * value, minlength=size) / np.maximum(people, 1)
    off = value - mean[cell]
    off *= off
    off *= sampling.people
    within = np.bincount(cell, weights=off, minlength=size).astype(float)
    scale = samplings.scales(cells, people, 1.0, sampling.lonely)[cells.group]
    between = samplings.within_groups(cells, mean[:, None] * every, people, 1.0, sampling.lonely)
    return np.asarray(between + (every * (within * scale)[:, None]).T @ every)
