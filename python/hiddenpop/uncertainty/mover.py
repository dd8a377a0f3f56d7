"""MOVER: limits of what is computed from several parts, recovered from each part's own limits.

Zou and Donner (2008), Statistics in Medicine 27:1693-1702; Donner and Zou (2012), Statistical Methods in Medical Research
21:347-359. With parts of a sum and their limits, L = a + b - sqrt((a - l_a)^2 + (b - l_b)^2 + 2 r (a - l_a)(b - l_b)), r being the
correlation of the parts, and U likewise; products and ratios on the log scale. Here for any arithmetic: how far the result moves
when one part alone goes to its limit takes the place of a - l_a, and the scale is that on which the parts add up. From three
parts on the asymmetries are put together as third cumulants are (`_steps`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..errors import EstimationError
from ..expression import evaluate, graph, one_source, pooled
from ..expression.nodes import Node
from ..expression.operations import Stack
from ..ground.columns import Bools, Codes, Floats
from ..ground.language import english
from ..ground.scales import LINKS, SCALES
from . import simultaneous, variance
from .default import default_method
from .ends import made
from .method import Aim, Method
from .notes import Note, flat_note, joined
from .of_models import LOGIT, PROFILE
from .percentile import PERCENTILE
from .proportions import WILSON
from .slopes import slopes_of
from .student_t import JACKKNIFE, STUDENT_T
from .woodruff import WOODRUFF

#: Numbers held at a time: 64 MB.
MOST_NUMBERS = 8_000_000
#: The intervals that parts have by default.
OF_PARTS = {method.name: method for method in (PERCENTILE, STUDENT_T, JACKKNIFE, WILSON, WOODRUFF, PROFILE, LOGIT)}

#: A variance this small beside those of the parts is zero but for rounding.
CANCELLED = 1e-12


def limits_of(part: Node, level: float) -> tuple[Floats, list[Note]]:
    """Return a part's own limits (labels x 2): of its default interval."""
    return made(part, OF_PARTS[default_method(part)], Aim(level))


def _ends(node: Node, aim: Aim) -> tuple[Floats, list[Note]]:
    parts, known = _concerned(node)
    limits, notes = zip(*(limits_of(part, aim.level) for part in parts), strict=True)
    sizes = [len(part.point) for part in parts]
    first = np.concatenate([[0], np.cumsum(sizes)])
    ends = np.concatenate(limits)
    point = np.concatenate([part.point for part in parts])
    moved = _moved(node, parts, point, ends, known)
    own = LINKS.get(node.quantity, "identity")
    names = (aim.scale,) if aim.scale else tuple(dict.fromkeys((own, "identity", "log")))
    fixed = np.zeros(len(known), dtype=bool)
    correlations = None
    if (known.sum(axis=1) > 1).any():
        correlations, spread = _correlations(parts, first)
        fixed = _cancelled(node, parts, correlations, spread) & ~np.isnan(node.point)
    result = _recovered(node.point, moved, correlations, names)
    fixed |= result[:, 0] == result[:, 1]
    result[fixed] = np.nan
    said = [Note(note.text, _reached(known, first[i], note)) for i, one in enumerate(notes) for note in one]
    said = [note for note in said if note.labels]
    if fixed.any():
        said.append(flat_note(fixed))
    infinite = np.isinf(result).any(axis=1) & ~np.isnan(node.point)
    if infinite.any():
        text = english(
            "An end of the interval is infinite: a part that is divided by may be zero. The sample is too small to bound this "
            "estimate on that side"
        )
        said.append(Note.at(text, infinite))
    return result, joined(said)


def _concerned(node: Node) -> tuple[list[Node], Bools]:
    """Return the parts that any label rests on, and which (labels x labels of the parts): one of many studies leaves out others."""
    parts = pooled.parts(node)
    known = _rests_on(node, parts)
    ends = np.cumsum([len(part.point) for part in parts])
    some = [bool(own.any()) for own in np.split(known, ends[:-1], axis=1)]
    if all(some) or not any(some):
        return list(parts), known
    columns = np.repeat(some, [len(part.point) for part in parts])
    return [part for part, concerned in zip(parts, some, strict=True) if concerned], known[:, columns]


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
            through = _through(above, np.asarray(reaches, dtype=bool))
            found[arg] = found[arg] | through if arg in found else through
    return np.concatenate([result[part] for part in parts], axis=1)


def _through(above: Bools, reaches: Bools) -> Bools:
    """Multiply what rests on what; most nodes work label by label, which changes nothing."""
    size, columns = reaches.shape
    if size == columns == np.count_nonzero(reaches) and reaches.diagonal().all():
        return above
    return np.asarray(above.astype(np.float32) @ reaches.astype(np.float32) > 0)


class _Moved(NamedTuple):
    """For each label the labels of parts that it rests on, and the result with each of them alone at its limits."""

    cells: list[Codes]
    lower: list[Floats]
    upper: list[Floats]
    #: With all parts at their lower limits, and at their upper ones (labels x 2).
    together: Floats


def _moved(node: Node, parts: Sequence[Node], point: Floats, ends: Floats, known: Bools) -> _Moved:
    """Move one part's label at a time, so many together as fit into some megabytes."""
    first = np.cumsum([0, *(len(part.point) for part in parts)])
    some = max(1, MOST_NUMBERS // max(len(known), len(point)))
    rows: list[Codes] = []
    low: list[Floats] = []
    high: list[Floats] = []
    places: list[Codes] = []
    for start in range(0, len(point), some):
        stop = min(len(point), start + some)
        width = stop - start
        values = np.tile(point[:, None], (1, 2 * width))
        place = np.arange(width)
        values[start + place, place], values[start + place, place + width] = ends[start:stop, 0], ends[start:stop, 1]
        given = {part: values[first[i] : first[i + 1]] for i, part in enumerate(parts)}
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            found = np.asarray(one_source.replayed(node, given))
        row, column = np.nonzero(known[:, start:stop])
        rows.append(row)
        places.append(start + column)
        low.append(found[row, column])
        high.append(found[row, column + width])
    row = np.concatenate(rows)
    order = np.argsort(row, kind="stable")
    bounds = np.cumsum(np.bincount(row, minlength=len(known)))[:-1]

    def by_row(parts: Sequence[Floats]) -> list[Floats]:
        return np.split(np.concatenate(parts)[order], bounds)

    given = {part: ends[first[i] : first[i + 1]] for i, part in enumerate(parts)}
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        together = np.array(one_source.replayed(node, given))
    return _Moved(np.split(np.concatenate(places)[order], bounds), by_row(low), by_row(high), together)


def _correlations(parts: Sequence[Node], first: Floats) -> tuple[Floats, Floats]:
    """Return the correlations of all parts' labels, and their standard errors: those of one origin as measured.

    Others are independent, and a label alone needs no standard error: NaN.
    """
    result, spreads = np.eye(int(first[-1])), np.full(int(first[-1]), np.nan)
    groups: dict[object, list[int]] = {}
    for i, part in enumerate(parts):
        for origin in {source.origin for source in graph.sources(part)}:
            groups.setdefault(origin, []).append(i)
    for members in groups.values():
        places = np.concatenate([np.arange(first[i], first[i + 1]) for i in members])
        if len(places) < 2:
            continue
        covariance = _covariance(Stack(tuple(parts[i] for i in members)))
        spread = np.sqrt(np.maximum(np.diag(covariance), 0.0))
        with np.errstate(divide="ignore", invalid="ignore"):
            found = covariance / np.outer(spread, spread)
        found[~np.isfinite(found)] = 0.0
        np.fill_diagonal(found, 1.0)
        result[np.ix_(places, places)], spreads[places] = found, spread
    return result, spreads


def _cancelled(node: Node, parts: Sequence[Node], correlation: Floats, spread: Floats) -> Bools:
    """Mark labels whose parts cancel, such as all shares of one question together: nothing is left that varies."""
    slopes = slopes_of(node, parts.__contains__)
    slope = np.concatenate([slopes[part] for part in parts], axis=1)
    result = np.zeros(len(slope), dtype=bool)
    for row, own in enumerate(slope):
        cells = np.flatnonzero(own != 0)
        moves = own[cells] * spread[cells]
        if len(cells) and (np.isfinite(moves) & (moves != 0)).all():
            result[row] = moves @ correlation[np.ix_(cells, cells)] @ moves <= CANCELLED * (moves @ moves)
    return result


def _covariance(together: Stack) -> Floats:
    """Return the covariance of parts of one origin: linearised, by replicates, or of the draws where these are all there is."""
    if all(variance.known(source) for source in graph.sources(together)):
        try:
            return variance.measured(together).covariance
        except EstimationError:
            if not graph.drawable(together):
                raise
    draws = evaluate.draws(together)
    finite = np.isfinite(draws)
    values = np.where(finite, draws, 0.0)
    centred = values - values.sum(axis=1, keepdims=True) / np.maximum(finite.sum(axis=1, keepdims=True), 1)
    centred[~finite] = 0.0
    return np.asarray(centred @ centred.T / max(values.shape[1] - 1, 1))


def _recovered(point: Floats, moved: _Moved, correlation: Floats | None, names: Sequence[str]) -> Floats:
    """Return limits (labels x 2), made on one of some scales."""
    result = np.full((len(point), 2), np.nan)
    for row in np.flatnonzero(~np.isnan(point)):
        cells, lower, upper = moved.cells[row], moved.lower[row], moved.upper[row]
        if np.isnan(lower).any() or np.isnan(upper).any() or (np.isinf(point[row]) and len(cells) > 1):
            continue  # beside what is infinite nothing shows how far the others move
        result[row] = point[row]  # the same quantity above and below, as in x / x
        varies = (lower != point[row]) | (upper != point[row])
        cells, lower, upper = cells[varies], lower[varies], upper[varies]
        if not len(cells):
            continue
        if len(cells) == 1 or correlation is None:
            result[row] = min(lower[0], upper[0]), max(lower[0], upper[0])
            continue
        sign = np.where(upper >= lower, 1.0, -1.0)
        r = correlation[np.ix_(cells, cells)] * np.outer(sign, sign)
        turned = -1.0 if point[row] < 0 else 1.0  # what is negative is on logs as its opposite is
        together = moved.together[row]
        name = _scale_of(turned * point[row], turned * lower, turned * upper, turned * together, names)
        to, back, _ = SCALES[name]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            centre = to(np.array([turned * point[row]]))[0]
            ends = np.sort(to(turned * np.stack([lower, upper])), axis=0)
            down, up = np.maximum(centre - ends[0], 0.0), np.maximum(ends[1] - centre, 0.0)
            limits = back(centre + _steps(down, up, r))
        result[row] = np.sort(turned * limits)
    return result


def _scale_of(point: float, lower: Floats, upper: Floats, together: Floats, names: Sequence[str]) -> str:
    """Return the scale on which the parts add up: that on which all of them at their limits do what each does alone.

    Sums and differences add up as they are, products and quotients on logs. The first of several that do as well.
    """
    best, least = "identity", np.inf
    for name in names:
        to = SCALES[name][0]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            centre = to(np.array([point]))[0]
            steps = [to(ends) - centre for ends in (lower, upper)]
            apart = np.abs(to(together) - centre - np.array([step.sum() for step in steps])).sum()
            apart /= np.abs(steps).sum()
        if np.isfinite(centre) and np.isfinite(np.stack(steps)).all() and apart < least - 1e-6:
            best, least = name, apart
    return best


def _steps(down: Floats, up: Floats, correlation: Floats) -> Floats:
    """Return how far the result may lie below and above its estimate, given how far each part alone takes it.

    Two parts: the square roots of Zou and Donner. They let the asymmetry of k parts grow with sqrt(k), while that of their sum
    falls, so that intervals of many skewed sizes lie too high; from three parts on half widths h = (up + down) / 2 add up
    as standard errors do, H^2 = h' R h, and asymmetries s = (up - down) / 2 as third cumulants do in Cornish and Fisher's
    expansion: the sum of s_j h_j (R h)_j, over H^2. Of one part that is its interval.
    """
    whole = np.array([-_length(down, correlation), _length(up, correlation)])
    if len(down) < 3 or not (np.isfinite(down).all() and np.isfinite(up).all()):
        return whole
    half, aside = (up + down) / 2, (up - down) / 2
    weight = half * (correlation @ half)
    square = float(weight.sum())
    if square <= 0:
        return whole
    limits = (aside * weight).sum() / square + np.array([-1.0, 1.0]) * np.sqrt(square)
    # No further than all parts together, and on its own side.
    return np.array([np.clip(limits[0], -down.sum(), 0.0), np.clip(limits[1], 0.0, up.sum())])


def _length(steps: Floats, correlation: Floats) -> float:
    """Return the length of a step in several directions, which are correlated."""
    if np.isinf(steps).any():
        return float("inf")
    return float(np.sqrt(np.maximum(steps @ correlation @ steps, 0.0)))


MOVER = Method(
    name="mover",
    words=english("MOVER (limits recovered from those of the parts)"),
    reference="Zou and Donner 2008",
    ends=_ends,
    rests_on="parts",
    simultaneous=simultaneous.MULTIVARIATE_T,
)
