"""Intervals that hold for all labels of an estimate at once.

Percentile intervals take the same ranks of each label's draws; normal and t ones the level that the distribution of the
largest deviation asks of each label. Every other method has Bonferroni's (`method.BONFERRONI`).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from .. import _core
from ..draws import settings
from ..expression import evaluate
from ..expression.nodes import Node
from ..expression.operations import stacked
from ..ground import distributions, scales
from ..ground.columns import Floats
from ..ground.language import english
from . import variance
from .method import Aim, Simultaneous
from .notes import Note, infinite_note, too_many, undefined_notes

#: Draws of the multivariate t: they fix its critical value to about 0.3%. Their radii are equally likely
#: values of the radius, each used as often, as directions don't depend on their position.
DRAWS, RADII = 100_000, 2_000
#: Of more labels than so many fewer are drawn, in proportion, but not fewer than so many: those fix it to about 1%.
MANY, LEAST = 100, 10_000
#: The beta distribution that t comes from is known for parameters up to this.
MOST_DF = 200_000.0


def common_ranks(draws: Floats, level: float) -> tuple[Floats, list[Note]]:
    """Return the smallest symmetric band of order statistics that holds `level` of the joint draws.

    Mandel and Betensky (2008), Computational Statistics & Data Analysis 52:2158-2165; in this form, with equal
    ranks from both ends, Besag, Green, Higdon and Mengersen (1995), Statistical Science 10:3-41, section 6.3.
    """
    undefined = np.isnan(draws).sum(axis=1)
    lost = too_many(undefined, draws.shape[1])
    notes = undefined_notes(undefined, draws.shape[1])
    ends = np.full((len(draws), 2), np.nan)
    kept = np.flatnonzero(~lost)
    if not len(kept):
        return ends, notes
    joint = draws[kept]
    joint = joint[:, ~np.isnan(joint).any(axis=0)]
    count = joint.shape[1]
    ordered = np.sort(joint, axis=1)
    depth = np.zeros(count, dtype=np.int64)
    for values, order in zip(joint, ordered, strict=True):
        # Rank r is enough for a draw to lie between the r-th draws from below and from above, ties included.
        np.maximum(depth, np.searchsorted(order, values, side="left") + 1, out=depth)
        np.maximum(depth, count - np.searchsorted(order, values, side="right") + 1, out=depth)
    held = int(np.ceil(level * count - 1e-9))
    rank = int(np.partition(depth, held - 1)[held - 1])
    ends[kept] = np.stack([ordered[:, count - rank], ordered[:, rank - 1]], axis=1)
    beyond = np.isinf(ends).any(axis=1)
    if beyond.any():
        notes.append(infinite_note(draws, beyond))
    return ends, notes


def _normal_level(node: Node, aim: Aim) -> float:
    """Return the level that each normal interval needs: that of the draws' largest deviation in standard errors.

    The sup-t band of Montiel Olea and Plagborg-Moller (2019), Journal of Applied Econometrics 34:1-17.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = _on_scales(node, evaluate.draws(node), aim.scale)
        usable = ~np.isinf(moved).any(axis=1) & ~too_many(np.isnan(moved).sum(axis=1), moved.shape[1])
        moved = moved[usable]
        moved = moved[:, ~np.isnan(moved).any(axis=0)]
        spread = moved.std(axis=1, ddof=1)
        moved, spread = moved[spread > 0], spread[spread > 0]
    if len(moved) < 2:
        return aim.level
    largest = np.abs((moved - moved.mean(axis=1, keepdims=True)) / spread[:, None]).max(axis=0)
    critical = float(np.quantile(largest, aim.level))
    # Where the draws are so short-tailed that all lie nearer than one label's normal limit, that limit stands.
    return max(aim.level, 2 * distributions.cdf(critical) - 1)


def _on_scales(node: Node, draws: Floats, scale: str | None) -> Floats:
    """Bring each part's draws to its own scale."""
    below = stacked(node)
    if below is None:
        return np.asarray(scales.link(node.quantity, scale)[0](draws))
    parts, first = [], 0
    for arg in below:
        last = first + len(arg.point)
        parts.append(_on_scales(arg, draws[first:last], scale))
        first = last
    return np.concatenate(parts)


def _t_level(node: Node, aim: Aim) -> float:
    """Return the level that each t interval needs under a multivariate t (Genz and Bretz 2009, ch. 1).

    Its degrees of freedom are the least of the labels'. It is drawn as a direction from correlated normals and a radius
    from Fisher's F; the streams are fixed, so the digits are.
    """
    lin = variance.measured(node)
    se = lin.se
    usable = np.flatnonzero((se > 0) & np.isfinite(se) & ~np.isnan(node.point) & (lin.df >= 1))
    if len(usable) < 2:
        return aim.level
    correlation = lin.covariance[np.ix_(usable, usable)] / np.outer(se[usable], se[usable])
    df = float(min(lin.df[usable].min(), MOST_DF))
    values, vectors = np.linalg.eigh(correlation)
    real = values > 1e-12 * values.max()
    root = vectors[:, real] * np.sqrt(values[real])
    dimension = int(real.sum())

    draw = partial(_core.input_draws, "normal", [0.0, 1.0], 0)
    shares = (np.arange(RADII) + 0.5) / RADII
    x = _core.input_quantiles("beta", [df / 2, dimension / 2], shares.tolist())
    radius = np.sqrt(df * (1 - x) / x)
    largest = []
    # Of many labels fewer draws tell as much, because the largest of many varies less; all radii at a time.
    for start in range(0, min(DRAWS, max(DRAWS * MANY // dimension, LEAST)), RADII):
        normals = np.concatenate([draw(key, start, start + RADII, settings.threads()) for key in range(dimension)])
        largest.append(np.abs(root @ normals).max(axis=0) * (radius / np.sqrt((normals**2).sum(axis=0))))
    return max(aim.level, _held(float(np.quantile(np.concatenate(largest), aim.level)), df))


def _held(critical: float, df: float) -> float:
    """Return the share of Student's t between -critical and critical."""
    low, high = 1e-15, 0.5  # of one tail
    for _ in range(60):
        middle = float(np.sqrt(low * high))
        if distributions.t_quantile(1 - middle, np.array([df]))[0] > critical:
            low = middle
        else:
            high = middle
    return float(1 - 2 * np.sqrt(low * high))


COMMON_RANKS = Simultaneous(
    words=english("from common ranks of the joint draws"),
    reference="Mandel and Betensky 2008",
    ends=lambda node, aim: common_ranks(evaluate.draws(node), aim.level),
)
LARGEST_DEVIATION = Simultaneous(
    words=english("from the largest deviation among the joint draws"),
    reference="Montiel Olea and Plagborg-Møller 2019",
    level=_normal_level,
)
MULTIVARIATE_T = Simultaneous(
    words=english("from the multivariate t distribution with the measured correlations"),
    reference="Genz and Bretz 2009",
    level=_t_level,
)
