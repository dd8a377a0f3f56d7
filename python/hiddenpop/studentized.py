"""Studentized bootstrap intervals (bootstrap-t): every redrawn sample gets its own standard error.

Davison and Hinkley (1997), section 5.2.1, eq. 5.7: with v the variance of the estimate t and v* that of a redrawn t*,
the ends are t - v^(1/2) z, z being quantiles of (t* - t) / v*^(1/2). Both variances are linearised ones: g' C g, where
C is the covariance of the surveys' totals (in the sample, or in the redrawn sample: `src/covariance.rs`) and g the
derivative of the estimate by these totals.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from . import _core, expression, linearized, nodes, replicate
from .columns import Codes, Floats
from .errors import EstimationError, InputError
from .interval import Note, flat_note, too_many, undefined_notes
from .multiplying import Multiplied
from .nodes import Node, Operation, Stack, Take, Weigh
from .sampling import Sampling
from .statistic import Statistic, totals

_Function = Callable[[Floats], Floats]

#: Relative step of numerical derivatives: the cube root of rounding balances both errors.
STEP = 6e-6
#: A variance below these parts of the sample's own, and of the terms it is the difference of, is rounding.
ROUNDING = (1e-10, 1e-13)
#: Derivatives held at a time: 64 MB.
MOST_NUMBERS = 8_000_000
#: Replicates whose draws are compared with those of the expression itself.
COMPARED = 16


def interval(node: Node, tail: float, link: tuple[_Function, _Function, _Function]) -> tuple[Floats, list[Note]]:
    """Return studentized intervals (labels x 2) on the scale of `link`, and what must be known about them."""
    to, back, slope = link
    model = _Model(node)
    value, variance = (part[:, 0] for part in model.evaluate(*model.sample()))
    _check_draws(node, model)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        centre, error = to(value), np.sqrt(variance) * np.abs(slope(value))

    def fill(start: int, stop: int, out: Floats) -> None:
        block = max(1, MOST_NUMBERS // model.width)
        for first in range(start, stop, block):
            last = min(stop, first + block)
            drawn, spread = model.evaluate(*model.redrawn(first, last))
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                lost = spread <= ROUNDING[0] * variance[:, None]
                own = np.where(lost, 0.0, np.sqrt(spread) * np.abs(slope(drawn)))
                moved = to(drawn)
                off = moved - centre[:, None]
                # No variation puts a redrawn sample beyond all others, unless it says what the sample says.
                pivot = np.where((own == 0) & (off == 0), 0.0, off / own)
                out[:, first - start : last - start] = np.where(np.isinf(moved), moved, pivot)

    count = expression.replicates(node)
    pivots = replicate.evaluate(fill, len(value), count, model.first_range)
    flat = (variance == 0) & ~np.isnan(value)
    values, found = _core.draw_quantiles(pivots, [1 - tail, tail], replicate.threads())
    undefined = np.where(flat | np.isnan(value), 0, found)
    values[too_many(undefined, count)] = np.nan
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ends = back(centre[:, None] - values * error[:, None])
    ends[flat] = value[flat, None]
    notes = undefined_notes(undefined, count)
    open_ended = np.isinf(values).any(axis=1) & ~flat
    if open_ended.any():
        most = int(np.isinf(pivots[open_ended]).sum(axis=1).max())
        text = (
            f"An end of the interval is open: up to {most:,} of {count:,} redrawn samples have no standard error (everyone "
            "or nobody there has the property, or all values are the same). The sample is too small for a studentized "
            "limit on that side"
        )
        notes.append(Note.at(text, open_ended))
    if flat.any():
        notes.append(flat_note(flat))
    return ends, notes


def _check_draws(node: Node, model: _Model) -> None:
    """Refuse what is redrawn in another way than its totals alone, such as weights made anew in every replicate."""
    count = min(COMPARED, expression.replicates(node))
    ours, _ = model.evaluate(*model.redrawn(0, count))
    if not np.allclose(ours, expression.preview(node, count), rtol=1e-8, equal_nan=True):
        raise EstimationError(
            "A studentized interval needs draws that are totals of the redrawn sample, and replicates of this survey do "
            "more than that. Use method='percentile', 'bca' or 't'."
        )


@dataclass(frozen=True, eq=False)
class _Sample:
    """One survey's distinct columns, whose totals vary between replicates."""

    sampling: Sampling
    seed: int
    fingerprint: int
    columns: list[Floats] = field(default_factory=list)
    pool: dict[bytes, int] = field(default_factory=dict)

    def place(self, values: Floats) -> int:
        """Return the number of a column, or of its equal."""
        column = np.ascontiguousarray(self.sampling.collect(values))
        key = hashlib.blake2b(column.data, digest_size=16).digest()
        if key not in self.pool:
            self.pool[key] = len(self.columns)
            self.columns.append(column)
        return self.pool[key]


class _Model:
    """An expression as a function of surveys' totals, with its derivatives and the totals' covariances."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.order = expression.walk(node)
        self._samples: dict[tuple[int, int], _Sample] = {}
        #: For each statistic the numbers of its numerators and denominators among all totals.
        self._places: dict[Node, tuple[Codes, Codes | None]] = {}
        self._find_totals()
        self._find_pairs()
        self._kernels = self._make_kernels()
        drawn = sum(sample.sampling.drawn * (2 + len(sample.columns)) for sample in self._samples.values())
        #: Numbers that a replicate holds: derivatives, totals and covariances.
        self.width = sum(map(len, self._needs)) + len(self._total) + len(self._pairs) + len(node.point)
        #: A first guess at a tenth of a second.
        self.first_range = int(np.clip(2e7 * replicate.threads() / (drawn + 10 * self.width), 1, 65_536))

    def _find_totals(self) -> None:
        found: dict[Node, list[tuple[tuple[tuple[int, int], int], tuple[tuple[int, int], int] | None]]] = {}
        for leaf in self.order:
            if not expression.is_source(leaf):
                continue
            if not isinstance(leaf, Statistic):
                raise InputError(
                    "A studentized interval needs the standard error of every redrawn sample, which a function of weights "
                    "does not have. Use method='percentile'."
                )
            if leaf.question.kind == "quantile":
                raise InputError(
                    "A studentized interval needs the standard error of every redrawn sample, which a quantile does not "
                    "have. Use method='percentile' or 'woodruff'."
                )
            pairs = totals(leaf)
            survey = leaf.survey
            assert survey is not None
            sampling = survey._sampling
            if not isinstance(getattr(sampling, "core", None), _core.Resample):
                raise InputError(
                    "A studentized interval needs redrawn samples, and this survey's replicates only measure "
                    "variances. Use method='t'."
                )
            # Equal surveys, made twice or with columns assigned, are one sample.
            key = (leaf.record.fingerprint, leaf.record.seed)
            sample = self._samples.setdefault(key, _Sample(sampling, leaf.record.seed, leaf.record.fingerprint))
            found[leaf] = [
                ((key, sample.place(above)), None if below is None else (key, sample.place(below)))
                for above, below in pairs
            ]
        first = dict(
            zip(
                self._samples,
                itertools.accumulate([0, *(len(s.columns) for s in self._samples.values())]),
                strict=False,
            )
        )

        def number(place: tuple[tuple[int, int], int]) -> int:
            return first[place[0]] + place[1]

        for leaf, pairs_of in found.items():
            top = np.array([number(above) for above, _ in pairs_of], dtype=np.int64)
            bottom = [number(below) for _, below in pairs_of if below is not None]
            self._places[leaf] = top, np.array(bottom, dtype=np.int64) if bottom else None

    def _find_pairs(self) -> None:
        """Find the totals that each label depends on, which of them to move together, and the pairs it needs."""
        columns = [(s, c) for s in self._samples.values() for c in s.columns]
        self._total = np.array([float(c @ s.sampling.people) for s, c in columns])
        #: A total's natural size, by which steps are measured where the total itself is (nearly) zero.
        self._size = np.array([float(np.sqrt(c**2 @ s.sampling.people)) for s, c in columns])
        varies = [
            bool(np.isnan(v)) for s in self._samples.values() for v in _core.Totals(s.sampling.core, s.columns).fixed
        ]
        every = _dependencies(self.order, self._places, varies)[self.node]
        self._needs = [sorted(needed) for needed in every]
        together: dict[int, set[int]] = {}
        for needed in self._needs:
            for one in needed:
                together.setdefault(one, set()).update(needed)
        # Totals that no label shares are moved at once (Curtis, Powell and Reid 1974).
        self._colour: dict[int, int] = {}
        for one, others in together.items():
            taken = {self._colour[other] for other in others if other in self._colour}
            self._colour[one] = next(c for c in itertools.count() if c not in taken)
        sample_of = [i for i, s in enumerate(self._samples.values()) for _ in s.columns]
        wanted = {
            (a, b)
            for needed in self._needs
            for a, b in itertools.combinations_with_replacement(needed, 2)
            if sample_of[a] == sample_of[b]
        }
        #: Rows of the covariances by the two totals.
        self._pairs = {pair: row for row, pair in enumerate(sorted(wanted))}

    def _make_kernels(self) -> list[_core.Covariance]:
        kernels, first = [], 0
        for sample in self._samples.values():
            last = first + len(sample.columns)
            pairs = [(a - first, b - first) for a, b in self._pairs if first <= a < last]
            kernels.append(_core.Covariance(sample.sampling.core, sample.columns, pairs))
            first = last
        return kernels

    def sample(self) -> tuple[Floats, Floats]:
        """Return totals and covariances of the sample itself (each x 1)."""
        covariances = np.zeros((len(self._pairs), 1))
        first = 0
        for sample in self._samples.values():
            last = first + len(sample.columns)
            values = np.stack(sample.columns, axis=1)
            matrix = sample.sampling.variance(values - values.mean(axis=0))
            for (a, b), row in self._pairs.items():
                if first <= a < last:
                    covariances[row] = matrix[a - first, b - first]
            first = last
        return self._total[:, None], covariances

    def redrawn(self, start: int, stop: int) -> tuple[Floats, Floats]:
        """Return totals and covariances of redrawn samples (each x replicates)."""
        sums, covariances = [np.empty((0, stop - start))], [np.empty((0, stop - start))]
        for sample, kernel in zip(self._samples.values(), self._kernels, strict=True):
            where = (sample.seed, sample.fingerprint, start, stop, replicate.threads())
            rows = kernel.replicates(*where)
            sums.append(rows[: len(sample.columns)])
            covariances.append(rows[len(sample.columns) :])
        return np.concatenate(sums), np.concatenate(covariances)

    def evaluate(self, sums: Floats, covariances: Floats) -> tuple[Floats, Floats]:
        """Return the expression's values and their linearised variances (labels x replicates)."""
        width = sums.shape[1]
        values = self._values(sums)
        result = np.array(np.broadcast_to(values[self.node], (len(self.node.point), width)))
        scale = np.maximum(np.abs(sums), 1e-3 * self._size[:, None])
        slopes: list[dict[int, Floats]] = [{} for _ in self._needs]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            for colour in set(self._colour.values()):
                moved = {total for total, c in self._colour.items() if c == colour}
                tangent = self._tangent(values, sums, scale, moved)
                if tangent is None:
                    continue
                for label, needed in enumerate(self._needs):
                    for total in moved.intersection(needed):
                        slopes[label][total] = np.broadcast_to(tangent, result.shape)[label] / scale[total]
            variance, gross = np.zeros_like(result), np.zeros_like(result)
            for label, by_total in enumerate(slopes):
                for a, b in itertools.combinations_with_replacement(sorted(by_total), 2):
                    if (a, b) in self._pairs:
                        term = (1 if a == b else 2) * by_total[a] * by_total[b] * covariances[self._pairs[a, b]]
                        variance[label] += term
                        gross[label] += np.abs(term)
            variance[variance <= ROUNDING[1] * gross] = 0.0
        return result, variance

    def _values(self, sums: Floats) -> dict[Node, Floats]:
        values: dict[Node, Floats] = {}
        for current in self.order:
            if current in self._places:
                top, bottom = self._places[current]
                with np.errstate(divide="ignore", invalid="ignore"):
                    values[current] = sums[top] if bottom is None else sums[top] / sums[bottom]
            else:
                values[current] = current.block([values[arg] for arg in current.args], 0, sums.shape[1])
        return values

    def _tangent(self, values: dict[Node, Floats], sums: Floats, scale: Floats, moved: set[int]) -> Floats | None:
        """Return the derivative by the totals that are moved, each in units of its scale; None where there is none."""
        tangents: dict[Node, Floats | None] = {}
        for current in self.order:
            if current in self._places:
                tangents[current] = self._of_statistic(current, sums, scale, moved)
                continue
            given = [tangents[arg] for arg in current.args]
            if all(tangent is None for tangent in given):
                tangents[current] = None
                continue
            before = [values[arg] for arg in current.args]
            tangents[current] = _through(current, before, given, sums.shape[1])
        return tangents[self.node]

    def _of_statistic(self, leaf: Node, sums: Floats, scale: Floats, moved: set[int]) -> Floats | None:
        top, bottom = self._places[leaf]

        def moves(places: Codes) -> Floats:
            here = np.array([place in moved for place in places.tolist()])
            return np.where(here[:, None], scale[places], 0.0)

        above = moves(top)
        if bottom is not None:
            below = moves(bottom)
            above = (above - sums[top] / sums[bottom] * below) / sums[bottom]
            return above if moved.intersection(top.tolist(), bottom.tolist()) or above.any() else None
        return above if moved.intersection(top.tolist()) else None


def _dependencies(
    order: Sequence[Node], places: dict[Node, tuple[Codes, Codes | None]], varies: Sequence[bool]
) -> dict[Node, list[set[int]]]:
    """Return for each node and label the totals that it depends on."""
    needs: dict[Node, list[set[int]]] = {}
    for node in order:
        given = [needs[arg] for arg in node.args]
        if node in places:
            top, bottom = places[node]
            rows = zip(top.tolist(), top.tolist() if bottom is None else bottom.tolist(), strict=True)
            needs[node] = [{place for place in row if varies[place]} for row in rows]
        elif isinstance(node, Take):
            needs[node] = [given[0][position] for position in node.positions]
        elif isinstance(node, Weigh):
            needs[node] = [set().union(*(given[0][i] for i in np.flatnonzero(row))) for row in node.weights]
        elif isinstance(node, Stack):
            needs[node] = [needed for part in given for needed in part]
        elif isinstance(node, (Operation, Multiplied)):
            size = len(node.point)
            spread = [part * size if len(part) == 1 else part for part in given]
            needs[node] = [set().union(*row) for row in zip(*spread, strict=True)]
        else:
            everything: set[int] = set().union(*(needed for part in given for needed in part))
            needs[node] = [everything] * len(node.point)
    return needs


def _through(node: Node, before: list[Floats], given: list[Floats | None], width: int) -> Floats:
    """Carry derivatives through a node, given its arguments' values and derivatives."""
    if isinstance(node, (Take, Weigh)):
        return node.block([cast("Floats", given[0])], 0, width)
    if isinstance(node, Stack):
        filled = [np.zeros_like(v) if t is None else t for v, t in zip(before, given, strict=True)]
        return node.block(filled, 0, width)
    if isinstance(node, (Operation, Multiplied)):
        symbol = node.symbol if isinstance(node, Operation) else "/"
        if symbol == "negative":
            return -cast("Floats", given[0])
        if symbol in nodes.COMPARISONS or symbol in nodes.EVENTS:
            raise EstimationError("A comparison has a probability, not a standard error: hp.prob(a > b).")
        slopes = linearized.partials(symbol, *before)
        parts = [slope * t for slope, t in zip(slopes, given, strict=True) if t is not None]
        return np.asarray(sum(parts[1:], parts[0]))
    # Any function: one step to either side, along the derivative.
    ends = [
        node.block([v if t is None else v + sign * STEP * t for v, t in zip(before, given, strict=True)], 0, width)
        for sign in (1, -1)
    ]
    return np.asarray((ends[0] - ends[1]) / (2 * STEP))
