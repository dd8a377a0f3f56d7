"""Intervals, standard errors and covariances from draws.

Formulas follow Davison and Hinkley (1997), Bootstrap Methods and their Application: percentile
(section 5.3), basic (eq. 5.6), bias-corrected (eq. 5.20 with acceleration zero).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..errors import InputError
from ..expression import evaluate, graph, pooled
from ..expression.nodes import Node
from ..expression.operations import Stack, Take
from ..ground import distributions
from ..ground.checks import check_level
from ..ground.columns import Floats
from ..ground.scales import SCALES, link
from .notes import Note, _no_variation, _note, flat_note, lost_notes
from .of_draws import ROUNDING, draw_quantiles, percentiles, standard_error

METHODS = (
    "percentile",
    "basic",
    "normal",
    "bc",
    "bca",
    "studentized",
    "hdi",
    "t",
    "wilson",
    "beta",
    "likelihood",
    "woodruff",
    "profile",
    "logit",
)
#: Only some estimates have these: they come from their own model, not from draws.
OWN = ("profile", "logit")
#: With fewer design degrees of freedom than this, too few patterns of clusters exist for percentiles.
FEW_DF = 30
#: These leave the draws aside.
WITHOUT_DRAWS = ("t", "wilson", "beta", "likelihood", "woodruff", *OWN)


def default_method(node: Node) -> str:
    """Percentile; t where there are no draws or few degrees of freedom, and for imputations."""
    if not graph.drawable(node):
        from . import variance  # noqa: PLC0415 (rooms open when used)

        return variance.default_method(node)
    if pooled.find(node) and _linearizable(node):
        return "t"  # draws lie around as many centres as there are imputations
    for source in graph.sources(node):
        df = source.origin.df
        if df is not None and df < FEW_DF and _linearizable(node):
            return "t"
    return "percentile"


def _linearizable(node: Node) -> bool:
    if not all(other.smooth for other in graph.walk(node)):
        return False  # such as a consensus that draws what its sources leave open
    return all(leaf.linearizable for leaf in graph.sources(node) if leaf.origin.sampled)


def interval(
    node: Node, level: float, method: str, scale: str | None, *, simultaneous: bool = False
) -> tuple[Floats, list[Note]]:
    """Return lower and upper ends (labels x 2) and what must be known about them."""
    ends, notes = _ends(node, level, method, scale, simultaneous=simultaneous)
    if method not in WITHOUT_DRAWS or method == "t":
        remarks = [text for other in graph.walk(node) for text in other.remarks]
        said = {note.text for note in notes}
        notes = [*notes, *(Note(text, ()) for text in dict.fromkeys(remarks) if text not in said)]
    return ends, notes


def _ends(node: Node, level: float, method: str, scale: str | None, *, simultaneous: bool) -> tuple[Floats, list[Note]]:
    level = check_level(level)
    if method not in METHODS:
        raise InputError(f"method={method!r} is not one of {', '.join(METHODS)}.")
    if scale is not None and scale not in SCALES:
        raise InputError(f"scale={scale!r} must be one of {', '.join(map(repr, SCALES))}.")
    if node.quantity == "event":
        raise InputError("A comparison has a probability, not an interval: hp.prob(a > b).")
    if method in ("basic", "bc", "bca", "studentized"):
        graph.require_sampling(node, method)
    if simultaneous and len(node.point) > 1:
        from . import simultaneous as joint  # noqa: PLC0415 (rooms open when used)

        return joint.interval(node, level, method, scale)
    if isinstance(node, Stack) and method not in ("percentile", "hdi"):
        return _stacked(node, level, method, scale)
    if isinstance(node, Take) and isinstance(node.args[0], Stack) and method == "t":
        return _picked(node, *_stacked(node.args[0], level, method, scale))
    return _by_label(node, level, method, scale)


def _picked(node: Take, ends: Floats, notes: list[Note]) -> tuple[Floats, list[Note]]:
    """Keep what is about the labels that were picked."""
    place = {row: i for i, row in enumerate(node.positions)}
    about = [(note, tuple(place[row] for row in note.labels if row in place)) for note in notes]
    return ends[list(node.positions)], [Note(note.text, rows) for note, rows in about if rows or not note.labels]


def _by_label(node: Node, level: float, method: str, scale: str | None) -> tuple[Floats, list[Note]]:
    """Take each label by itself."""
    tail = (1 - level) / 2
    if method == "percentile":
        ends, notes = percentiles(node, [tail, 1 - tail])
    elif method == "bc":
        ends, notes = _bias_corrected(node.point, evaluate.draws(node), tail, np.zeros(len(node.point)))
    elif method == "bca":
        from .jackknife import acceleration  # noqa: PLC0415 (rooms open when used)

        ends, notes = _bias_corrected(node.point, evaluate.draws(node), tail, acceleration(node))
    elif method == "studentized":
        from . import studentized  # noqa: PLC0415 (rooms open when used)

        ends, notes = studentized.interval(node, tail, link(node, scale, shares=True))
    elif method == "hdi":
        from . import hdi  # noqa: PLC0415 (rooms open when used)

        ends, notes = hdi.interval(evaluate.draws(node), level)
    elif method == "t":
        ends, notes = _student(node, tail, scale)
    elif method in ("woodruff", "wilson", "beta", "likelihood", *OWN):
        return _special(node, method, tail)
    else:
        to, back, _ = link(node, scale)
        ends, notes = _on_scale(node.point, evaluate.draws(node), tail, method, to, back)
    ends[np.isnan(node.point)] = np.nan
    return ends, notes + _no_variation(node)


def _special(node: Node, method: str, tail: float) -> tuple[Floats, list[Note]]:
    """Intervals that only some estimates have."""
    if method in OWN:
        return _own(node, method, tail)
    if method == "woodruff":
        from . import woodruff  # noqa: PLC0415 (rooms open when used)

        return woodruff.interval(node, tail), []
    from . import proportions  # noqa: PLC0415 (rooms open when used)

    ends = proportions.interval(node, tail, method)
    ends[np.isnan(node.point)] = np.nan
    return ends, []


def _own(node: Node, method: str, tail: float) -> tuple[Floats, list[Note]]:
    """Ask the leaf for the interval of its model; picking labels keeps it."""
    if method not in node.own_intervals:
        raise InputError(
            f"method={method!r} is the interval of a model, which this estimate as a whole has not: 'profile' belongs to one "
            "log-linear model, 'logit' to two lists. Use method='percentile'."
        )
    return node.own_interval(method, tail)


def _stacked(node: Stack, level: float, method: str, scale: str | None) -> tuple[Floats, list[Note]]:
    """Take each part for what it measures, so that a size keeps its scale beside a difference."""
    parts, notes, first = [], [], 0
    draws = evaluate.draws(node) if method not in ("t", "studentized") and graph.drawable(node) else None
    for arg in node.args:
        last = first + len(arg.point)
        if draws is not None and evaluate.kept_draws(arg) is None:
            evaluate.keep_draws(arg, draws[first:last].copy())
        # What no sample stands behind has no standard error of a design: published limits stay as they were published.
        given = method == "t" and graph.drawable(arg) and not _sampled(arg)
        ends, found = interval(arg, level, "percentile" if given else method, scale)
        parts.append(ends)
        notes += [Note(note.text, tuple(label + first for label in note.labels)) for note in found]
        first = last
    return np.concatenate(parts), notes


def _sampled(node: Node) -> bool:
    return any(leaf.origin.sampled for leaf in graph.sources(node))


def _bias_corrected(point: Floats, draws: Floats, tail: float, acceleration: Floats) -> tuple[Floats, list[Note]]:
    """Return BCa intervals (Efron 1987, JASA 82:171-185), plain BC where the acceleration is 0."""
    ends = np.full((len(draws), 2), np.nan)
    notes: list[Note] = []
    z = distributions.quantile(1 - tail)
    stuck = np.zeros(len(draws), dtype=bool)
    for row, (value, drawn) in enumerate(zip(point, draws, strict=True)):
        defined = np.isfinite(drawn) | np.isinf(drawn)
        # Draws equal to the point count half: they are neither above nor below.
        below = np.mean(drawn[defined] < value) + np.mean(drawn[defined] == value) / 2 if defined.any() else 0
        if not 0 < below < 1:
            stuck[row] = True
            continue
        bias, a = distributions.quantile(float(below)), acceleration[row]
        if not abs(a) * (abs(bias) + z) < 1:
            stuck[row] = True
            continue
        shares = [distributions.cdf(bias + (bias + end) / (1 - a * (bias + end))) for end in (-z, z)]
        values, more = draw_quantiles(drawn[None, :], shares)
        ends[row] = values[0]
        notes.extend(Note(note.text, (row,)) for note in more)
    if stuck.any():
        notes.append(_note("No bias-corrected interval: the draws lie too far to one side of the estimate", stuck))
    return ends, notes


def _on_scale(
    point: Floats,
    draws: Floats,
    tail: float,
    method: str,
    to: Callable[[Floats], Floats],
    back: Callable[[Floats], Floats],
) -> tuple[Floats, list[Note]]:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        centre, moved = to(point), to(draws)
        if method == "basic":
            values, notes = draw_quantiles(moved, [1 - tail, tail])
            ends = 2 * centre[:, None] - values
            beyond = np.isinf(values).any(axis=1)
            if beyond.any():
                # Reflected, an open end would become a limit on the other side that no data support.
                ends[beyond] = np.nan
                notes = [
                    _note("No basic interval: an end of the draws' interval is infinite (a share of zero)", beyond)
                ]
        else:
            errors, notes = standard_error(moved)
            z = distributions.quantile(1 - tail)
            ends = centre[:, None] + np.array([-z, z]) * errors[:, None]
        return back(ends), notes


def _student(node: Node, tail: float, scale: str | None) -> tuple[Floats, list[Note]]:
    """Return intervals from standard errors, linearised or from replicates, and t, on the link scale."""
    from ..ground.distributions import t_quantile  # noqa: PLC0415 (it needs this package's lower floors only)
    from .variance import measured  # noqa: PLC0415

    to, back, slope = link(node, scale, shares=True)
    lin = measured(node)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        half = t_quantile(1 - tail, lin.df) * lin.se * np.abs(slope(node.point))
        ends = back(to(node.point)[:, None] + np.array([-1.0, 1.0]) * half[:, None])
    still = lin.se <= ROUNDING * np.abs(node.point)  # the sum of a cluster's own deviations is zero but for rounding
    ends[still] = node.point[still, None]
    few = lin.df < 1
    notes = [_note("No t interval: the design leaves no degree of freedom", few)] if few.any() else []
    notes += lost_notes(node, lin.se)
    flat = still & ~np.isnan(node.point)
    if flat.any():
        notes.append(flat_note(flat))
    return ends, notes
