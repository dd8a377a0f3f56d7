"""Intervals, standard errors and covariances from draws.

Formulas follow Davison and Hinkley (1997), Bootstrap Methods and their Application: percentile
(section 5.3), basic (eq. 5.6), bias-corrected (eq. 5.20 with acceleration zero).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

import numpy as np

from . import _core, expression, gaussian, replicate
from .columns import Bools, Floats
from .errors import InputError
from .nodes import Deletable, Node, Stack, Take

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
#: Scales of t intervals and normal draws, by what is measured; others keep their own.
LINKS = {"size": "log", "rate": "log", "share": "logit"}
#: Above this share of undefined draws an interval would describe too few redraws to stand.
MOST_UNDEFINED = 0.01
#: A standard error this small beside its estimate is zero but for rounding.
ROUNDING = 1e-12


class Note(NamedTuple):
    """Something about some labels that the reader of a number must know."""

    text: str
    labels: tuple[int, ...]

    @classmethod
    def at(cls, text: str, marked: Any) -> Note:
        """Make a note about the labels that are marked."""
        return cls(text, tuple(int(i) for i in np.flatnonzero(marked)))


def check_level(level: float) -> float:
    """Return the level, or say what is wrong with it."""
    if isinstance(level, (bool, np.bool_)) or not isinstance(level, (int, float, np.number)) or not 0 < level < 1:
        hint = f" Did you mean {level / 100:g}?" if isinstance(level, (int, float)) and 1 < level < 100 else ""
        raise InputError(f"level={level!r} must lie between 0 and 1, for example 0.95.{hint}")
    return float(level)


def default_method(node: Node) -> str:
    """Percentile; t where there are no draws or few degrees of freedom, and for imputations."""
    if not expression.drawable(node):
        from . import variance  # noqa: PLC0415 (rooms open when used)

        return variance.default_method(node)
    if any(hasattr(other, "imputations") for other in expression.walk(node)) and _linearizable(node):
        return "t"  # draws lie around as many centres as there are imputations
    for source in expression.sources(node):
        df = getattr(source.origin, "df", None)
        if df is not None and df < FEW_DF and _linearizable(node):
            return "t"
    return "percentile"


def _linearizable(node: Node) -> bool:
    if any(getattr(other, "smooth", None) is False for other in expression.walk(node)):
        return False  # such as a consensus that draws what its sources leave open
    return not any(
        leaf.origin.sampled
        and (
            getattr(leaf, "survey", None) is None
            or (
                not hasattr(leaf, "influence")
                and getattr(getattr(leaf, "question", None), "kind", "quantile") == "quantile"
            )
        )
        for leaf in expression.sources(node)
    )


def interval(
    node: Node, level: float, method: str, scale: str | None, *, simultaneous: bool = False
) -> tuple[Floats, list[Note]]:
    """Return lower and upper ends (labels x 2) and what must be known about them."""
    ends, notes = _ends(node, level, method, scale, simultaneous=simultaneous)
    if method not in WITHOUT_DRAWS or method == "t":
        remarks = [text for other in expression.walk(node) for text in getattr(other, "remarks", ())]
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
        expression.require_sampling(node, method)
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
        ends, notes = _bias_corrected(node.point, expression.draws(node), tail, np.zeros(len(node.point)))
    elif method == "bca":
        from .jackknife import acceleration  # noqa: PLC0415 (rooms open when used)

        ends, notes = _bias_corrected(node.point, expression.draws(node), tail, acceleration(node))
    elif method == "studentized":
        from . import studentized  # noqa: PLC0415 (rooms open when used)

        ends, notes = studentized.interval(node, tail, link(node, scale, shares=True))
    elif method == "hdi":
        from . import hdi  # noqa: PLC0415 (rooms open when used)

        ends, notes = hdi.interval(expression.draws(node), level)
    elif method == "t":
        ends, notes = _student(node, tail, scale)
    elif method in ("woodruff", "wilson", "beta", "likelihood", *OWN):
        return _special(node, method, tail)
    else:
        to, back, _ = link(node, scale)
        ends, notes = _on_scale(node.point, expression.draws(node), tail, method, to, back)
    ends[np.isnan(node.point)] = np.nan
    return ends, notes + _no_variation(node)


def _special(node: Node, method: str, tail: float) -> tuple[Floats, list[Note]]:
    """Intervals that only some estimates have."""
    if method in OWN:
        return _own(node, method, tail)
    if method == "woodruff":
        from . import woodruff  # noqa: PLC0415 (rooms open when used)

        return woodruff.interval(node, tail), []
    from . import shares  # noqa: PLC0415 (rooms open when used)

    ends = shares.interval(node, tail, method)
    ends[np.isnan(node.point)] = np.nan
    return ends, []


def _own(node: Node, method: str, tail: float) -> tuple[Floats, list[Note]]:
    """Ask the leaf for the interval of its model; picking labels keeps it."""
    if isinstance(node, Take):
        ends, _ = _own(node.args[0], method, tail)
        return ends[list(node.positions)], []
    if method not in getattr(node, "own_intervals", ()):
        raise InputError(
            f"method={method!r} is the interval of a model, which this estimate as a whole has not: 'profile' belongs to one "
            "log-linear model, 'logit' to two lists. Use method='percentile'."
        )
    found: tuple[Floats, list[Note]] = cast("Any", node).own_interval(method, tail)
    return found


def _stacked(node: Stack, level: float, method: str, scale: str | None) -> tuple[Floats, list[Note]]:
    """Take each part for what it measures, so that a size keeps its scale beside a difference."""
    parts, notes, first = [], [], 0
    draws = expression.draws(node) if method not in ("t", "studentized") and expression.drawable(node) else None
    for arg in node.args:
        last = first + len(arg.point)
        if draws is not None and expression.kept_draws(arg) is None:
            expression.keep_draws(arg, draws[first:last].copy())
        # What no sample stands behind has no standard error of a design: published limits stay as they were published.
        given = method == "t" and expression.drawable(arg) and not _sampled(arg)
        ends, found = interval(arg, level, "percentile" if given else method, scale)
        parts.append(ends)
        notes += [Note(note.text, tuple(label + first for label in note.labels)) for note in found]
        first = last
    return np.concatenate(parts), notes


def _sampled(node: Node) -> bool:
    return any(leaf.origin.sampled for leaf in expression.sources(node))


def _no_variation(node: Node) -> list[Note]:
    """Say when a share of 0 or 1 leaves the redraws nothing to vary."""
    if node.quantity not in ("share", "size") or node.n is None:
        return []
    if any(isinstance(source, Deletable) for source in expression.sources(node)):
        return []  # a size from lists or a register: no property of participants
    draws = expression.kept_draws(node)
    if draws is None or not (draws[:, :100] == draws[:, :1]).all(axis=1).any():  # a short look spares a long one
        return []
    flat = (draws == draws[:, :1]).all(axis=1)
    extreme = flat & ~np.isnan(node.n) & ~np.isnan(node.point) & bool(expression.sources(node))
    if not extreme.any():
        return []
    n = int(node.n[extreme].min())
    text = (
        f"Everyone or nobody in a sample of {n:,} has this property, so redraws don't vary and the interval has no "
        f"width. Unless it is so by definition, the true share may be {min(1.0, 3 / n):.2g} away (the rule of three); for a share use "
        "interval(method='wilson')"
    )
    return [_note(text, extreme)]


def percentiles(node: Node, shares: Sequence[float]) -> tuple[Floats, list[Note]]:
    """Return quantiles of each label (labels x shares): of the draws, unless they are known exactly."""
    exact = expression.exact_quantiles(node, shares)
    unknown: Bools = np.asarray(np.isnan(exact).any(axis=1))
    if not unknown.any():
        return exact, []
    drawn, notes = draw_quantiles(expression.draws(node), shares)
    return np.where(unknown[:, None], drawn, exact), notes


def draw_quantiles(draws: Floats, shares: Sequence[float]) -> tuple[Floats, list[Note]]:
    """Return quantiles of each label's draws (labels x shares); infinite draws stay at the end."""
    values, undefined = _core.draw_quantiles(draws, list(shares), replicate.threads())
    count = np.array(undefined)
    values[too_many(count, draws.shape[1])] = np.nan
    notes = undefined_notes(count, draws.shape[1])
    beyond = np.isinf(values).any(axis=1)
    if beyond.any():
        notes.append(infinite_note(draws, beyond))
    return values, notes


def infinite_note(draws: Floats, beyond: Any) -> Note:
    """Say why an interval has an infinite end."""
    infinite = int(np.isinf(draws[beyond]).sum(axis=1).max())
    text = (
        f"An end of the interval is infinite: up to {infinite:,} of {draws.shape[1]:,} draws are (a share of zero "
        "in the redrawn sample). The sample is too small to bound this estimate on that side"
    )
    return _note(text, beyond)


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
        text = (
            f"No standard error: up to {count:,} of {draws.shape[1]:,} draws are infinite (a share of zero, or "
            "lists without overlap, in the redrawn sample), so the draws have no variance. Percentile intervals still stand"
        )
        notes.append(_note(text, infinite))
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
    return values, [_note("No covariance: some draws are infinite or undefined", lost)]


def undefined_notes(undefined: Any, replicates: int) -> list[Note]:
    """Say how many draws are undefined, and what follows."""
    few = (undefined > 0) & ~too_many(undefined, replicates)
    many = too_many(undefined, replicates)
    notes = []
    if few.any():
        text = (
            f"Up to {int(undefined[few].max()):,} of {replicates:,} draws are undefined (nobody in the domain of the "
            "redrawn sample, weights that can't be calibrated, or a model that it does not identify) and are left out"
        )
        notes.append(_note(text, few))
    if many.any():
        text = (
            f"No interval: up to {int(undefined[many].max()):,} of {replicates:,} draws are undefined (nobody in the "
            "domain of the redrawn sample, weights that can't be calibrated, or a model that it does not identify); "
            "there is too little to redraw"
        )
        notes.append(_note(text, many))
    return notes


def too_many(undefined: Any, replicates: int) -> Bools:
    """Mark labels with too many undefined draws."""
    return np.asarray(undefined > MOST_UNDEFINED * replicates)


def _bias_corrected(point: Floats, draws: Floats, tail: float, acceleration: Floats) -> tuple[Floats, list[Note]]:
    """Return BCa intervals (Efron 1987, JASA 82:171-185), plain BC where the acceleration is 0."""
    ends = np.full((len(draws), 2), np.nan)
    notes: list[Note] = []
    z = gaussian.quantile(1 - tail)
    stuck = np.zeros(len(draws), dtype=bool)
    for row, (value, drawn) in enumerate(zip(point, draws, strict=True)):
        defined = np.isfinite(drawn) | np.isinf(drawn)
        # Draws equal to the point count half: they are neither above nor below.
        below = np.mean(drawn[defined] < value) + np.mean(drawn[defined] == value) / 2 if defined.any() else 0
        if not 0 < below < 1:
            stuck[row] = True
            continue
        bias, a = gaussian.quantile(float(below)), acceleration[row]
        if not abs(a) * (abs(bias) + z) < 1:
            stuck[row] = True
            continue
        shares = [gaussian.cdf(bias + (bias + end) / (1 - a * (bias + end))) for end in (-z, z)]
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
            z = gaussian.quantile(1 - tail)
            ends = centre[:, None] + np.array([-z, z]) * errors[:, None]
        return back(ends), notes


def _student(node: Node, tail: float, scale: str | None) -> tuple[Floats, list[Note]]:
    """Return intervals from standard errors, linearised or from replicates, and t, on the link scale."""
    from .linearized import t_quantile  # noqa: PLC0415 (it needs this package's lower floors only)
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


def lost_notes(node: Node, errors: Floats) -> list[Note]:
    """Say why an estimate has no standard error from its replicates."""
    lost = ~np.isfinite(errors) & ~np.isnan(node.point)
    if not lost.any():
        return []
    text = (
        "No standard error: the estimate is undefined or infinite in some variance replicate or draw (nobody in the "
        "domain, or a share of zero)"
    )
    return [_note(text, lost)]


def flat_note(flat: Any) -> Note:
    """Say why an interval from standard errors has no width."""
    text = (
        "The standard error is zero, so the interval has no width. That is right for what the design "
        "fixes (a stratum's own share), but not where a group lies within one cluster: nothing in the sample says how it "
        "varies; where everyone or nobody in the sample has a property use, for a share, "
        "interval(method='wilson')"
    )
    return _note(text, flat)


def _identity(values: Floats) -> Floats:
    return values


def _logit(values: Floats) -> Floats:
    return np.asarray(np.log(values / (1 - values)))


def _expit(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-values)))


_Function = Callable[[Floats], Floats]
#: Link, inverse link, and derivative of the link.
SCALES: dict[str, tuple[_Function, _Function, _Function]] = {
    "log": (np.log, np.exp, lambda x: 1 / x),
    "logit": (_logit, _expit, lambda x: 1 / (x * (1 - x))),
    "identity": (_identity, _identity, np.ones_like),
}


def link(node: Node, scale: str | None, *, shares: bool = False) -> tuple[_Function, _Function, _Function]:
    """Return the scale asked for or, by default, log for what is positive and (with `shares`) logit for shares."""
    by_default = LINKS.get(node.quantity, "identity")
    return SCALES[scale or (by_default if shares or node.quantity != "share" else "identity")]


def _note(text: str, marked: Any) -> Note:
    return Note(text, tuple(int(i) for i in np.flatnonzero(marked)))
