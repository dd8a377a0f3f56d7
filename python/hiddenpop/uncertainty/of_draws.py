"""Quantiles, standard errors and covariances of draws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .. import _core
from ..draws import settings
from ..expression import evaluate
from ..expression.nodes import Node
from ..ground.columns import Bools, Floats
from ..ground.language import english
from .notes import Note, infinite_note, too_many, undefined_notes

#: A standard error this small beside its estimate is zero but for rounding.
ROUNDING = 1e-12


def percentiles(node: Node, shares: Sequence[float]) -> tuple[Floats, list[Note]]:
    """Return quantiles of each label (labels x shares): of the draws, unless they are known exactly."""
    exact = node.exact(shares)
    unknown: Bools = np.asarray(np.isnan(exact).any(axis=1))
    if not unknown.any():
        return exact, []
    drawn, notes = draw_quantiles(evaluate.draws(node), shares)
    return np.where(unknown[:, None], drawn, exact), notes


def draw_quantiles(draws: Floats, shares: Sequence[float]) -> tuple[Floats, list[Note]]:
    """Return quantiles of each label's draws (labels x shares); infinite draws stay at the end."""
    values, undefined = _core.draw_quantiles(draws, list(shares), settings.threads())
    count = np.array(undefined)
    values[too_many(count, draws.shape[1])] = np.nan
    notes = undefined_notes(count, draws.shape[1])
    beyond = np.isinf(values).any(axis=1)
    if beyond.any():
        notes.append(infinite_note(draws, beyond))
    return values, notes


def standard_error(draws: Floats) -> tuple[Floats, list[Note]]:
    """Return the standard deviation of each label's draws, NaN where it does not exist."""
    undefined = np.isnan(draws).sum(axis=1)
    infinite = np.isinf(draws).any(axis=1)
    lost = infinite | too_many(undefined, draws.shape[1])
    values = np.full(len(draws), np.nan)
    for row in np.flatnonzero(~lost):
        defined = draws[row] if not undefined[row] else draws[row][~np.isnan(draws[row])]
        values[row] = defined.std(ddof=1)
    notes = undefined_notes(undefined, draws.shape[1])
    if infinite.any():
        count = int(np.isinf(draws).sum(axis=1).max())
        text = english(
            "No standard error: up to {infinite:,} of {draws:,} draws are infinite (a share of zero, or lists without overlap, in "
            "the redrawn sample), so the draws have no variance. Percentile intervals still stand",
            infinite=count,
            draws=draws.shape[1],
        )
        notes.append(Note.at(text, infinite))
    return values, notes


def covariance(draws: Floats) -> tuple[Floats, list[Note]]:
    """Return the covariance of labels (labels x labels), NaN where it does not exist."""
    lost = ~np.isfinite(draws).all(axis=1)
    values = np.full((len(draws), len(draws)), np.nan)
    kept = np.flatnonzero(~lost)
    if len(kept):
        values[np.ix_(kept, kept)] = np.cov(draws[kept], ddof=1)
    if not lost.any():
        return values, []
    return values, [Note.at("No covariance: some draws are infinite or undefined", lost)]
