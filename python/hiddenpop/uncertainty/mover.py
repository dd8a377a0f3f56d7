"""MOVER: limits of what is computed from several parts, recovered from each part's own limits.

Zou and Donner (2008), Statistics in Medicine 27:1693-1702; Donner and Zou (2012), Statistical Methods in Medical Research
21:347-359. With parts of a sum and their limits, L = a + b - sqrt((a - l_a)^2 + (b - l_b)^2 + 2 r (a - l_a)(b - l_b)), r being the
correlation of the parts, and U likewise; products and ratios on the log scale. Here for any arithmetic: how far the result moves
when one part alone goes to its limit takes the place of a - l_a.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..errors import EstimationError
from ..expression import evaluate, graph, one_source
from ..expression.nodes import Node
from ..expression.operations import Stack
from ..ground.columns import Bools, Floats
from ..ground.scales import link
from . import simultaneous, variance
from .default import default_method
from .ends import made
from .method import Aim, Method
from .notes import Note, flat_note, joined
from .of_models import LOGIT, PROFILE
from .percentile import PERCENTILE
from .proportions import WILSON
from .student_t import JACKKNIFE, STUDENT_T
from .woodruff import WOODRUFF

#: A squared length below this part of its terms is rounding: parts that are one quantity cancel, as in x - x.
ROUNDING = 1e-12
#: A link and its inverse.
Scale = tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]
#: The intervals that parts have by default.
OF_PARTS = {method.name: method for method in (PERCENTILE, STUDENT_T, JACKKNIFE, WILSON, WOODRUFF, PROFILE, LOGIT)}


def limits_of(part: Node, level: float) -> tuple[Floats, list[Note]]:
    """Return a part's own limits (labels x 2): of its default interval."""
    return made(part, OF_PARTS[default_method(part)], Aim(level))


def _ends(node: Node, aim: Aim) -> tuple[Floats, list[Note]]:
    parts = graph.sources(node)
    limits, notes = zip(*(limits_of(part, aim.level) for part in parts), strict=True)
    sizes = [len(part.point) for part in parts]
    first = np.concatenate([[0], np.cumsum(sizes)])
    ends = np.concatenate(limits)
    point = np.concatenate([part.point for part in parts])
    moved = _moved(node, parts, point, ends, first)
    known = _rests_on(node, parts)
    to, back, _ = link(node.quantity, aim.scale, shares=True)
    result = _recovered(node.point, moved, _correlations(parts, first), known, (to, back))
    said = [Note(note.text, _reached(known, first[i], note)) for i, one in enumerate(notes) for note in one]
    said = [note for note in said if note.labels]
    cancelled = result[:, 0] == result[:, 1]
    if cancelled.any():
        result[cancelled] = np.nan
        said.append(flat_note(cancelled))
    infinite = np.isinf(result).any(axis=1) & ~np.isnan(node.point)
    if infinite.any():
        text = (
            "An end of the interval is infinite: a part that is divided by may be zero. The sample is too small to bound this "
            "estimate on that side"
        )
        said.append(Note.at(text, infinite))
    return result, joined(said)


def _reached(known: Bools, first: int, note: Note) -> tuple[int, ...]:
    """Return the labels that a note about a part's labels concerns."""
    places = [first + label for label in note.labels]
    return tuple(np.flatnonzero(known[:, places].any(axis=1)).tolist()) if places else tuple(range(len(known)))


def _rests_on(node: Node, parts: Sequence[Node]) -> Bools:
    """Return which labels of the parts each label rests on (labels x labels of all parts)."""
    found: dict[Node, Bools] = {node: np.eye(len(node.point), dtype=bool)}
    result: dict[Node, Bools] = {part: np.zeros((len(node.point), len(part.point)), dtype=bool) for part in parts}
    for one in reversed(graph.walk(node, known=result.__contains__)):
        above = found.pop(one, None)
        if above is None:
            continue
        if one in result:
            result[one] = result[one] | above
            continue
        for arg, reaches in zip(one.args, one.reaches() if one.args else [], strict=True):
            through = above @ np.asarray(reaches, dtype=bool)
            found[arg] = found[arg] | through if arg in found else through
    return np.concatenate([result[part] for part in parts], axis=1)


def _moved(node: Node, parts: Sequence[Node], point: Floats, ends: Floats, first: Floats) -> Floats:
    """Return the result with one part alone at a limit: labels x (lower limits of all parts' labels, then upper ones)."""
    width = 2 * len(point)
    values = np.tile(point[:, None], (1, width))
    place = np.arange(len(point))
    values[place, place], values[place, place + len(point)] = ends[:, 0], ends[:, 1]
    known = {part: values[first[i] : first[i + 1]] for i, part in enumerate(parts)}
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.array(one_source.replayed(node, known))


def _correlations(parts: Sequence[Node], first: Floats) -> Floats:
    """Return the correlations of all parts' labels: those of one origin as measured, others are independent."""
    result = np.eye(int(first[-1]))
    groups: dict[object, list[int]] = {}
    for i, part in enumerate(parts):
        for origin in {source.origin for source in graph.sources(part)}:
            groups.setdefault(origin, []).append(i)
    for members in groups.values():
        places = np.concatenate([np.arange(first[i], first[i + 1]) for i in members])
        if len(places) < 2:
            continue
        covariance = _covariance(Stack(tuple(parts[i] for i in members)))
        spread = np.sqrt(np.diag(covariance))
        with np.errstate(divide="ignore", invalid="ignore"):
            found = covariance / np.outer(spread, spread)
        found[~np.isfinite(found)] = 0.0
        np.fill_diagonal(found, 1.0)
        result[np.ix_(places, places)] = found
    return result


def _covariance(together: Stack) -> Floats:
    """Return the covariance of parts of one origin: linearised, by replicates, or of the draws where these are all there is."""
    if all(variance.known(part) for part in together.args):
        try:
            return variance.measured(together).covariance
        except EstimationError:
            if not graph.drawable(together):
                raise
    draws = evaluate.draws(together)
    values = np.where(np.isfinite(draws), draws, np.nan)
    centred = values - np.nanmean(values, axis=1, keepdims=True)
    centred[np.isnan(centred)] = 0.0
    return np.asarray(centred @ centred.T / max(values.shape[1] - 1, 1))


def _recovered(point: Floats, moved: Floats, correlation: Floats, known: Bools, scale: Scale) -> Floats:
    """Return limits (labels x 2)."""
    count = len(correlation)
    to, back = scale
    result = np.full((len(point), 2), np.nan)
    for row in np.flatnonzero(~np.isnan(point)):
        cells = np.flatnonzero(known[row])
        lower, upper = moved[row, cells], moved[row, cells + count]
        if np.isnan(lower).any() or np.isnan(upper).any() or (np.isinf(point[row]) and len(cells) > 1):
            continue  # beside what is infinite nothing shows how far the others move
        result[row] = point[row]
        varies = (lower != point[row]) | (upper != point[row])
        cells, lower, upper = cells[varies], lower[varies], upper[varies]
        if not len(cells):
            continue  # the same quantity above and below, as in x / x
        both = np.stack([np.minimum(lower, upper), np.maximum(lower, upper)])
        if len(cells) == 1:
            result[row] = both[:, 0]
            continue
        sign = np.where(upper >= lower, 1.0, -1.0)
        r = correlation[np.ix_(cells, cells)] * np.outer(sign, sign)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            centre, ends = to(point[row : row + 1])[0], to(both)
            on_scale = np.isfinite(centre) and not np.isnan(ends).any()
            if not on_scale:
                centre, ends = point[row], both
            down, up = np.maximum(centre - ends[0], 0.0), np.maximum(ends[1] - centre, 0.0)
            limits = np.array([centre - _length(down, r), centre + _length(up, r)])
            result[row] = back(limits) if on_scale and limits[0] < limits[1] else limits
    return result


def _length(steps: Floats, correlation: Floats) -> float:
    """Return the length of a step in several directions, which are correlated."""
    if np.isinf(steps).any():
        return float("inf")
    terms = np.outer(steps, steps) * correlation
    length = terms.sum()
    return float(np.sqrt(length)) if length > ROUNDING * np.abs(terms).sum() else 0.0


MOVER = Method(
    name="mover",
    words="MOVER (limits recovered from those of the parts)",
    reference="Zou and Donner 2008",
    ends=_ends,
    rests_on="parts",
    simultaneous=simultaneous.MULTIVARIATE_T,
)
