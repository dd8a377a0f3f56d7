"""Studentized bootstrap intervals (bootstrap-t): every redrawn sample gets its own standard error.

Davison and Hinkley (1997), section 5.2.1, eq. 5.7: with v the variance of the estimate t and v* that of a redrawn t*,
the ends are t - v^(1/2) z, z being quantiles of (t* - t) / v*^(1/2). Both variances are linearised ones: g' C g, where
C is the covariance of the surveys' totals (in the sample, or in the redrawn sample: `src/answers/covariance.rs`) and g the
derivative of the estimate by these totals.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from .. import _core
from ..answers.indicators import Column, Split
from ..answers.statistic import picked_statistic, plan_of
from ..draws import ranges, settings
from ..errors import EstimationError, InputError, granted
from ..expression import graph
from ..expression.evaluate import preview
from ..expression.nodes import Node
from ..ground.columns import Bools, Codes, Floats
from ..ground.language import english
from ..ground.scales import link
from ..sample.sampling import Sampling
from .method import Aim, Method
from .notes import Note, flat_note, too_many, undefined_notes

#: A variance below these parts of the sample's own, and of the terms it is the difference of, is rounding.
ROUNDING = (1e-10, 1e-13)
#: Terms of a variance that are added up at a time.
MOST_TERMS = 1024
#: Numbers held at a time: 192 MB.
MOST_NUMBERS = 24_000_000
#: Columns of which covariances are made at a time.
TOGETHER = 16
#: Replicates whose draws are compared with those of the expression itself.
COMPARED = 16


def interval(node: Node, aim: Aim) -> tuple[Floats, list[Note]]:
    """Return studentized intervals (labels x 2), and what must be known about them."""
    to, back, slope = link(node.quantity, aim.scale, shares=True)
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

    count = graph.replicates(node)
    pivots = ranges.evaluate(fill, len(value), count, model.first_range)
    flat = (variance == 0) & ~np.isnan(value)
    values, found = _core.draw_quantiles(pivots, [1 - aim.tail, aim.tail], settings.threads())
    undefined = np.where(flat | np.isnan(value), 0, found)
    values[too_many(undefined, count)] = np.nan
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ends = back(centre[:, None] - values * error[:, None])
    ends[flat] = np.nan
    notes = undefined_notes(undefined, count)
    open_ended = np.isinf(values).any(axis=1) & ~flat
    if open_ended.any():
        most = int(np.isinf(pivots[open_ended]).sum(axis=1).max())
        text = english(
            "An end of the interval is open: up to {undefined:,} of {draws:,} redrawn samples have no standard error (everyone or "
            "nobody there has the property, or all values are the same). The sample is too small for a studentized limit on "
            "that side",
            undefined=most,
            draws=count,
        )
        notes.append(Note.at(text, open_ended))
    if flat.any():
        notes.append(flat_note(flat))
    return ends, notes


def _check_draws(node: Node, model: _Model) -> None:
    """Refuse what is redrawn in another way than its totals alone, such as weights made anew in every replicate."""
    count = min(COMPARED, graph.replicates(node))
    ours, _ = model.evaluate(*model.redrawn(0, count))
    if not np.allclose(ours, preview(node, count), rtol=1e-8, equal_nan=True):
        raise EstimationError(
            "A studentized interval needs draws that are totals of the redrawn sample, and replicates of this survey do "
            "more than that. Use method='percentile', 'bca' or 't'."
        )


@dataclass(frozen=True, eq=False)
class _Sample:
    """One survey's distinct columns, of which replicates redraw the totals."""

    sampling: Sampling
    seed: int
    fingerprint: int
    columns: list[Column] = field(default_factory=list)
    #: The columns' numbers among all totals of the expression.
    numbers: list[int] = field(default_factory=list)
    pool: dict[bytes, int] = field(default_factory=dict)

    def number(self, columns: Split, i: int, new: Iterator[int]) -> int:
        """Return the number of a column, or of its equal."""
        column = columns.collected(i, self.sampling)
        key = hashlib.blake2b(digest_size=16)
        for part in column if isinstance(column, tuple) else (column,):
            key.update(part.data)
        known = key.digest()
        if known not in self.pool:
            self.pool[known] = next(new)
            self.columns.append(column)
            self.numbers.append(self.pool[known])
        return self.pool[known]

    def sizes(self) -> Floats:
        """Return the columns' natural sizes."""
        factors, columns = self.sampling.factors, self.columns
        squares = [c[1] ** 2 @ factors[c[0]] if isinstance(c, tuple) else c**2 @ factors for c in columns]
        return np.sqrt(np.array(squares))

    def totals(self) -> Floats:
        """Return the columns' totals."""
        factors, columns = self.sampling.factors, self.columns
        return np.array([factors[c[0]] @ c[1] if isinstance(c, tuple) else factors @ c for c in columns])

    def covariances(self, pairs: Sequence[tuple[int, int]]) -> Floats:
        """Return the covariances of some pairs of totals, by positions of the columns."""
        linear, result = granted(self.sampling.linear), np.empty(len(pairs))
        for chosen, numbers in _together(pairs, len(self.columns)):
            values = np.zeros((len(self.sampling.factors), len(chosen)))
            for place, position in enumerate(chosen):
                column = self.columns[position]
                values[column[0] if isinstance(column, tuple) else slice(None), place] = (
                    column[1] if isinstance(column, tuple) else column
                )
            at = {position: place for place, position in enumerate(chosen)}
            matrix = linear.variance(values - values.mean(axis=0))
            result[numbers] = [matrix[at[a], at[b]] for a, b in (pairs[number] for number in numbers)]
        return result

    @property
    def values(self) -> int:
        """How many values the columns hold."""
        return sum(len(c[1]) if isinstance(c, tuple) else len(c) for c in self.columns)


class _Model:
    """An expression as a function of surveys' totals, with its derivatives and the totals' covariances."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.order = graph.walk(node)
        #: For each statistic the numbers of its numerators and denominators among all totals.
        self._places: dict[Node, tuple[Codes, Codes | None]] = {}
        self._samples = self._find_totals()
        size = sum(len(sample.columns) for sample in self._samples)
        #: A total's natural size, by which steps are measured where the total itself is (nearly) zero.
        self._size, varies, self._sample_of = np.zeros(size), np.zeros(size, dtype=bool), np.zeros(size, dtype=np.int64)
        for position, sample in enumerate(self._samples):
            self._size[sample.numbers] = sample.sizes()
            varies[sample.numbers] = np.isnan(_core.Totals(sample.sampling.core, sample.columns).fixed)
            self._sample_of[sample.numbers] = position
        #: For each label the totals that it depends on.
        self._needs = [sorted(n) for n in _dependencies(self.order, self._places, varies)[node]]
        #: What moves at once: label, place among what the label needs, total.
        self._moves = _moves(self._needs)
        #: Rows of the covariances by two totals; those of different surveys are zero and have none.
        self._pairs: dict[tuple[int, int], int] = {}
        #: For each label the terms of its variance: two places, the row of their covariance, how often it counts.
        self._terms = [self._terms_of(needed) for needed in self._needs]
        self._of_samples = [self._of_sample(sample) for sample in self._samples]
        self._kernels = [
            _core.Covariance(sample.sampling.core, sample.columns, pairs)
            for sample, (pairs, _) in zip(self._samples, self._of_samples, strict=True)
        ]
        drawn = sum(
            sample.sampling.drawn * (2 + sample.values / len(sample.sampling.factors)) for sample in self._samples
        )
        #: Numbers that a replicate holds: derivatives, terms, totals and covariances.
        self.width = sum(map(len, self._needs)) + 3 * MOST_TERMS + size + len(self._pairs) + len(node.point)
        #: A first guess at a tenth of a second.
        self.first_range = int(
            np.clip(2e7 * settings.threads() / (drawn + 10 * (self.width - 3 * MOST_TERMS)), 1, 65_536)
        )

    def _find_totals(self) -> list[_Sample]:
        samples: dict[tuple[int, int], _Sample] = {}
        new = itertools.count()
        for leaf in graph.sources(self.node):
            found = picked_statistic(leaf)
            if found is None or found[0].question.kind == "quantile":
                raise InputError(
                    "A studentized interval needs a standard error in every redrawn sample, which quantiles and functions "
                    "of weights don't have. Use method='percentile'."
                )
            statistic, _ = found
            plan = plan_of(statistic)
            own = statistic.live
            sampling = own.sampling
            if own.record.variance != "draws" or not sampling.core.resamples:
                raise InputError(
                    "A studentized interval needs samples redrawn at one stage with weights as they are; this survey's "
                    "replicates measure variance only, or are calibrated, Bayesian, of several stages or along recruitment. Use "
                    "method='t'."
                )
            granted(sampling.linear)
            # Equal surveys, made twice or with columns assigned, are one sample.
            seed, fingerprint = statistic.record.seed, statistic.record.fingerprint
            sample = samples.setdefault((fingerprint, seed), _Sample(sampling, seed, fingerprint))
            rows = plan.rows_of(statistic.labels)
            top = [sample.number(plan.numerators, row, new) for row in rows.tolist()]
            bottom: Codes | None = None
            if plan.denominators is not None:
                groups = plan.group[rows].tolist()
                below = {group: sample.number(plan.denominators, group, new) for group in dict.fromkeys(groups)}
                bottom = np.array([below[group] for group in groups])
            self._places[leaf] = np.array(top), bottom
        return list(samples.values())

    def _terms_of(self, needed: list[int]) -> tuple[Codes, Codes, Codes, Floats]:
        terms = [
            (a, b, self._pairs.setdefault((needed[a], needed[b]), len(self._pairs)), 1 if a == b else 2)
            for a, b in itertools.combinations_with_replacement(range(len(needed)), 2)
            if self._sample_of[needed[a]] == self._sample_of[needed[b]]
        ]
        left, right, row, factor = np.array(terms, dtype=np.int64).reshape(-1, 4).T
        return left, right, row, factor.astype(float)

    def _of_sample(self, sample: _Sample) -> tuple[list[tuple[int, int]], list[int]]:
        """Return the pairs of one sample, as positions of its columns, and their rows."""
        column = {number: i for i, number in enumerate(sample.numbers)}
        found = [((column[a], column[b]), row) for (a, b), row in self._pairs.items() if a in column]
        return [pair for pair, _ in found], [row for _, row in found]

    def sample(self) -> tuple[Floats, Floats]:
        """Return totals and covariances of the sample itself (each x 1)."""
        sums, covariances = np.zeros((len(self._size), 1)), np.zeros((len(self._pairs), 1))
        for sample, (pairs, rows) in zip(self._samples, self._of_samples, strict=True):
            sums[sample.numbers, 0] = sample.totals()
            covariances[rows, 0] = sample.covariances(pairs)
        return sums, covariances

    def redrawn(self, start: int, stop: int) -> tuple[Floats, Floats]:
        """Return totals and covariances of redrawn samples (each x replicates)."""
        sums = np.empty((len(self._size), stop - start))
        covariances = np.empty((len(self._pairs), stop - start))
        for sample, kernel, (_, rows) in zip(self._samples, self._kernels, self._of_samples, strict=True):
            drawn = kernel.replicates(sample.seed, sample.fingerprint, start, stop, settings.threads())
            sums[sample.numbers] = drawn[: len(sample.numbers)]
            covariances[rows] = drawn[len(sample.numbers) :]
        return sums, covariances

    def evaluate(self, sums: Floats, covariances: Floats) -> tuple[Floats, Floats]:
        """Return the expression's values and their linearised variances (labels x replicates)."""
        width = sums.shape[1]
        values = self._values(sums)
        result = np.array(np.broadcast_to(values[self.node], (len(self.node.point), width)))
        scale = np.maximum(np.abs(sums), 1e-3 * self._size[:, None])
        slopes = [np.zeros((len(needed), width)) for needed in self._needs]
        variance, gross = np.zeros_like(result), np.zeros_like(result)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            for moves in self._moves:
                moved = np.zeros(len(self._size), dtype=bool)
                moved[[total for _, _, total in moves]] = True
                tangent = self._tangent(values, sums, scale, moved)
                tangent = np.broadcast_to(tangent, result.shape)
                for label, place, total in moves:
                    np.divide(tangent[label], scale[total], out=slopes[label][place])
            for label, (left, right, row, factor) in enumerate(self._terms):
                for first in range(0, len(row), MOST_TERMS):
                    part = slice(first, first + MOST_TERMS)
                    terms = factor[part, None] * slopes[label][left[part]] * slopes[label][right[part]]
                    terms *= covariances[row[part]]
                    variance[label] += terms.sum(axis=0)
                    gross[label] += np.abs(terms).sum(axis=0)
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

    def _tangent(self, values: dict[Node, Floats], sums: Floats, scale: Floats, moved: Bools) -> Floats:
        """Return the derivative by the totals that are moved, each in units of its scale."""
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
            tangents[current] = current.carry(before, given, sums.shape[1])
        return cast("Floats", tangents[self.node])  # a label needs what is moved, so there is one

    def _of_statistic(self, leaf: Node, sums: Floats, scale: Floats, moved: Bools) -> Floats | None:
        top, bottom = self._places[leaf]

        def moves(places: Codes) -> Floats:
            return np.where(moved[places, None], scale[places], 0.0)

        if not moved[top].any() and (bottom is None or not moved[bottom].any()):
            return None
        if bottom is None:
            return moves(top)
        return (moves(top) - sums[top] / sums[bottom] * moves(bottom)) / sums[bottom]


def _moves(needs: list[list[int]]) -> list[list[tuple[int, int, int]]]:
    """Group the totals so that no label depends on two of a group (Curtis, Powell and Reid 1974)."""
    together: dict[int, set[int]] = {}
    for needed in needs:
        for total in needed:
            together.setdefault(total, set()).update(needed)
    group: dict[int, int] = {}
    for total, others in together.items():
        taken = {group[other] for other in others if other in group}
        group[total] = next(g for g in itertools.count() if g not in taken)
    result: list[list[tuple[int, int, int]]] = [[] for _ in set(group.values())]
    for label, needed in enumerate(needs):
        for place, total in enumerate(needed):
            result[group[total]].append((label, place, total))
    return result


def _together(pairs: Sequence[tuple[int, int]], size: int) -> Iterator[tuple[list[int], list[int]]]:
    """Part pairs so that a part needs few columns: yield the columns that it needs, and the numbers of its pairs."""
    first = list(range(size))

    def root(column: int) -> int:
        while first[column] != column:
            first[column] = first[first[column]]
            column = first[column]
        return column

    for a, b in pairs:
        first[root(a)] = root(b)
    joined: dict[int, list[int]] = {}
    for number, (a, _) in enumerate(pairs):
        joined.setdefault(root(a), []).append(number)
    needed: dict[int, None] = {}
    numbers: list[int] = []
    for some in joined.values():
        numbers += some
        needed.update(dict.fromkeys(column for number in some for column in pairs[number]))
        if len(needed) >= TOGETHER:
            yield list(needed), numbers
            needed, numbers = {}, []
    if numbers:
        yield list(needed), numbers


def _dependencies(
    order: Sequence[Node], places: dict[Node, tuple[Codes, Codes | None]], varies: Bools
) -> dict[Node, list[set[int]]]:
    """Return for each node and label the totals that it depends on."""
    needs: dict[Node, list[set[int]]] = {}
    for node in order:
        if node in places:
            top, bottom = places[node]
            rows = zip(top.tolist(), top.tolist() if bottom is None else bottom.tolist(), strict=True)
            needs[node] = [{place for place in row if varies[place]} for row in rows]
            continue
        parts = [(needs[arg], reached) for arg, reached in zip(node.args, node.reaches(), strict=True)]
        needs[node] = [
            set().union(*(given[i] for given, reached in parts for i in np.flatnonzero(reached[label])))
            for label in range(len(node.point))
        ]
    return needs


STUDENTIZED = Method(
    name="studentized",
    words=english("studentized bootstrap (bootstrap-t with linearised standard errors in every redrawn sample)"),
    reference="Davison and Hinkley 1997, equation 5.7",
    ends=interval,
    rests_on="variance",
    by_design=True,
    sampling=True,
)
