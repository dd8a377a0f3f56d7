"""Statistics of a survey: what is asked, of whom, and the totals that answer it.

A statistic is a leaf of an expression. It keeps the question by column names, so that the same
question can be put to another redraw, or to another survey.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from .. import _core
from ..draws import settings
from ..draws.streams import digest
from ..errors import EstimationError, HiddenpopWarning, InputError, Refusal, listing, warn
from ..expression import graph
from ..expression.nodes import Node, Quantity, Reader
from ..expression.rests import Rests
from ..expression.typed import require
from ..ground import columns
from ..ground.columns import Bools, Codes, Floats
from ..ground.language import read, tr
from ..ground.text import enumerated
from ..sample.groups import Mask
from ..sample.record import Record
from ..sample.sample import Sample
from . import participants
from . import plan as plans
from .asked import Asked, Scheme, placed
from .contributions import shared
from .indicators import Column, Sparse, Split
from .plan import Plan
from .quantiles import quantile_kernel, sample_quantiles
from .question import Kind, Question, Rule
from .totals import Answers


@dataclass(frozen=True, eq=False, repr=False)
class Statistic(Asked):
    """The answer of a survey to a question."""

    surrounded: ClassVar[bool] = True
    public: ClassVar[tuple[str, ...]] = ("question", "record", "labels", "scalar", "point", "n", "missing", "args")

    question: Question
    #: None once an estimate was saved: rows stay where they were.
    sample: Sample | None
    record: Record
    labels: pd.Index[Any]
    scalar: bool
    point: Floats
    n: Floats | None
    missing: Floats | None
    args: tuple[Node, ...] = ()
    #: Kept for small tables, so that evaluation need not make it again.
    plan: Plan | None = None

    def confirm(self) -> None:
        """Refuse labels that are not those of the numbers."""
        super().confirm()
        require(self, len(self.labels) == len(self.point), not self.scalar or len(self.point) == 1)

    @property
    def quantity(self) -> Quantity:
        """What the statistic measures."""
        kinds: dict[Kind, Quantity] = {
            "proportion": "share",
            "mean": "mean",
            "total": "total",
            "count": "total",
        }
        return kinds.get(self.question.kind, "other")

    @property
    def no_size(self) -> str | None:
        """What people answer is about them, and how many they are it does not say."""
        asked = {"quantile": "a quantile of answers", "ratio": "a ratio of answers"}
        return asked.get(self.question.kind, super().no_size)

    @property
    def floor(self) -> Floats | None:
        """No count is below zero; other answers may be anything."""
        return np.zeros(len(self.point)) if self.question.kind == "count" else None

    @property
    def title(self) -> str:
        """A short name for tables and messages."""
        return self.question.title

    @property
    def about(self) -> Question:
        """The question by names, with who is in it where that was an array."""
        key, where = self.question.key, self.question.where
        return replace(key, where=digest(where.inside)) if isinstance(where, Mask) else key

    @property
    def asked(self) -> str:
        """The question as a noun phrase."""
        title = read(self.question.title)
        what = tr("the number of {what}", what=title) if self.question.kind == "count" else tr("the {what}", what=title)
        by = enumerated([read(self.question.called(one)) for one in self.question.by]) if self.question.by else ""
        return tr("{what} by {columns}", what=what, columns=by) if by else what

    @property
    def estimator(self) -> str:
        """The kind of question."""
        return self.question.noun

    def require_live(self) -> None:
        """Say why it can't be drawn or asked again."""
        if self.sample is None:
            raise EstimationError(
                f"'{self.question.title}' was saved without its survey's rows, so it can't be drawn again. Give the "
                "survey: estimate.replay(survey=survey)."
            )

    def ask(self, sample: Sample) -> Statistic:
        """Put the same question to another survey; labels come out in the same order."""
        if isinstance(self.question.where, Mask) and not sample.same_people(self.sample):
            raise InputError(
                f"'{self.question.title}' was asked where an array says so, which fits only the survey it was "
                "made for. Make the condition a column of both surveys and name it: where='column'."
            )
        answer = ask(sample, self.question)
        positions = placed(answer, self.labels)
        return answer.take(positions) if list(positions) != list(range(len(answer.labels))) else answer

    def take(self, positions: Sequence[int] | Codes) -> Statistic:
        """Keep some labels."""
        order = [int(p) for p in positions]
        n = None if self.n is None else self.n[order]
        missing = None if self.missing is None else self.missing[order]
        return replace(self, labels=self.labels[order], point=self.point[order], n=n, missing=missing)

    @classmethod
    def reader(cls, together: Sequence[Statistic]) -> Reader:
        """Draw all statistics of one sample in one pass."""
        return TotalsReader(together[0].live, together)

    def rests_on(self, below: int) -> Rests:
        """Count the participants in each label's cell of the cross-table that it is."""
        return participants.rests_on(self.at_hand(), self.question, self.labels, below)

    def decimals(self, below: int, numbers: Floats, sides: Sequence[int] = (0,)) -> Codes | None:
        """Say how finely quantiles may be written: they are participants' own answers."""
        if self.question.kind != "quantile":
            return None
        people = self.at_hand().multiplicity
        return shared([column for column, _ in totals(self)], people, below, numbers, sides)

    # What measures its variance

    @property
    def by_influence(self) -> bool:
        """Quantiles jump."""
        return self.question.kind != "quantile"

    @property
    def linearizable(self) -> bool:
        """Totals and what is divided by totals, where the design has linearised variances; quantiles jump."""
        return (
            self.question.kind != "quantile"
            and self.sample is not None
            and not isinstance(self.sample.sampling.linear, Refusal)
        )

    @property
    def deletable(self) -> bool:
        """Whether the design says what is left without each of its units."""
        return self.sample is not None and not isinstance(self.sample.sampling.deletable, Refusal)

    def domains(self) -> tuple[Codes, Codes]:
        """Return the group of each row that gave an answer, and each label's group."""
        plan = plan_of(self)
        # Place -1, of those who are in no group, takes the last one, which is added: few bytes a row.
        group = columns.compact(np.append(plan.group, -1), int(plan.group.max(initial=0)) + 1)
        return group[plan.numerators.place], plan.group[plan.rows_of(self.labels)]

    def influence(self) -> list[Floats]:
        """Return for each label the linearised values of the sample's rows.

        For a ratio R = Y / X they are (y - R x) / X (Binder 1983, International Statistical Review 51:279-292).
        """
        sampling = self.live.sampling
        if self.question.kind == "quantile":
            raise EstimationError(
                "A quantile has no linearised standard error. Use interval(method='woodruff') or, where there are draws, "
                "those: se(), interval(method='percentile')."
            )
        rows = []
        pairs = totals(self)
        wholes = {id(below): sampling.total(below) for below in {id(b): b for _, b in pairs if b is not None}.values()}
        for above, below in pairs:
            values = above
            if below is not None:
                whole = wholes[id(below)]
                ratio = sampling.total(above) / whole if whole else np.nan
                values = (above - ratio * below) / (whole or np.nan)
            rows.append(values)
        return rows

    def split(self) -> tuple[Codes, Floats | None, Floats] | None:
        """Return each row's place and value, and slopes: no table of rows x labels is made."""
        if self.question.kind == "quantile":
            return None
        plan, sampling = plan_of(self), self.live.sampling
        rows = plan.rows_of(self.labels)
        top, bottom, value = plan.numerators, plan.denominators, plan.numerators.values
        by_label = np.eye(top.size)[:, rows]
        if bottom is not None:
            whole = bottom.totals(sampling)
            some = np.where(whole == 0, 1.0, whole)
            ratio = top.totals(sampling) / some[plan.group]
            if value is None:
                # Who is of a kind moves its share up, and those of the other kinds in the group down. They stand together.
                starts, ends = (np.searchsorted(plan.group, plan.group, side) for side in ("left", "right"))
                for label, row in enumerate(rows.tolist()):
                    by_label[starts[row] : ends[row], label] -= ratio[row]
            else:
                off = ratio[top.place]
                if bottom.values is not None:
                    off *= bottom.values
                value = np.subtract(value, off, out=off)
                value[top.place < 0] = 0.0
            by_label /= np.where(whole == 0, np.nan, whole)[plan.group[rows]]
        elif value is not None:
            value = np.where(top.place < 0, 0.0, value)
        return top.place, value, by_label

    def in_replicates(self, scheme: Scheme, rows: Callable[[], Iterator[Floats]], *, smooth_only: bool) -> Floats:
        """Return the statistic in each replicate of a scheme (labels x replicates)."""
        if self.question.kind == "quantile":
            if smooth_only:
                raise EstimationError(
                    "A quantile jumps when a participant is left out, so its jackknife says nothing. Where there are draws "
                    "use them: se(), interval(method='percentile'); otherwise interval(method='woodruff')."
                )
            kernel = kernel_of(self, whole=scheme.whole)
            counts = [np.ascontiguousarray(scheme.units(r)) for r in range(scheme.size)]
            if any((row < 0).any() for row in counts):
                raise EstimationError("Some replicate weights are negative, so quantiles have no replicates.")
            return np.stack([kernel.sample(row) for row in counts], axis=1)
        # All categories of a group divide by one total, which is a column of its own only once.
        pairs = totals(self)
        columns = {id(column): column for pair in pairs for column in pair if column is not None}
        found = dict(zip(columns, scheme.totals(list(columns.values())), strict=True))
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.stack(
                [found[id(above)] if below is None else found[id(above)] / found[id(below)] for above, below in pairs]
            )

    def left_out(self, scheme: Scheme, varies: Bools) -> Floats:
        """Return the statistic without each unit."""
        return self.in_replicates(scheme, lambda: iter(()), smooth_only=True)


def ask(sample: Sample, question: Question) -> Statistic:
    """Answer a question from the sample as it is."""
    question = question.labelled(sample.labels) if sample.labels else question
    plan = plans.make(sample, question)
    sampling = sample.sampling
    if question.kind == "quantile":
        point = _quantiles(sample, question, plan).sample(sampling.factors)
    else:
        point = plan.numerators.totals(sampling)
        if plan.denominators is not None:
            with np.errstate(divide="ignore", invalid="ignore"):
                point = point / plan.denominators.totals(sampling)[plan.group]
    point[~np.isfinite(point)] = np.nan
    _tell(question, plan, point)
    relative = None if isinstance(sampling.linear, Refusal) else sampling.linear.relative
    if relative is not None and question.kind in ("total", "count"):
        sample.said(relative)
    small = len(sample.units) * len(plan.labels) <= 100_000
    return Statistic(
        question,
        sample,
        sample.record,
        plan.labels,
        plan.scalar,
        point,
        plan.n,
        plan.missing,
        plan=plan if small else None,
    )


def _tell(question: Question, plan: Plan, point: Floats) -> None:
    undefined = list(plan.labels[np.isnan(point)])
    if undefined and len(undefined) == len(point):
        raise EstimationError(f"'{question.title}' has no answer: nobody in its domain, or a total of zero.")
    if undefined:
        warn(f"'{question.title}' has no answer for {listing(undefined)}: nobody there, or a total of zero.")
    if question.kind == "total" and plan.missing.sum() > 0:
        warn(
            f"'{question.title}' leaves out {plan.missing.sum():,.0f} missing answers, so it is too low by what "
            "they would have added.",
        )


def quantiles_at(statistic: Statistic, column: Floats, shares: Sequence[float]) -> list[float]:
    """Return the sample's quantiles of a column of the statistic's survey, by the statistic's rule; NaN doesn't count."""
    sampling, known = statistic.live.sampling, ~np.isnan(column)
    return sample_quantiles(column[known], sampling.weights[known], shares, statistic.question.rule)


def _quantiles(sample: Sample, question: Question, plan: Plan) -> _core.Quantiles:
    values = [plan.numerators.rows(i) for i in range(plan.numerators.size)]
    return quantile_kernel(sample, values, [float(question.probability or 0.0)] * len(values), question.rule)


def kernel_of(statistic: Statistic, *, whole: bool = False) -> _core.Quantiles:
    """Return the kernel of a statistic's quantiles; `whole` when it will be given whole weights of rows."""
    plan = plan_of(statistic)
    columns = [plan.numerators.rows(row) for row in plan.rows_of(statistic.labels).tolist()]
    shares = [float(statistic.question.probability or 0.0)] * len(columns)
    return quantile_kernel(statistic.live, columns, shares, statistic.question.rule, whole=whole)


def plan_of(statistic: Statistic) -> Plan:
    """Return the columns that answer a statistic's question."""
    sample = statistic.live
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)  # said when the question was asked
        return statistic.plan or plans.make(sample, statistic.question)


def totals(statistic: Statistic) -> list[tuple[Floats, Floats | None]]:
    """Return for each label the columns whose totals it divides; None where it is a total itself."""
    plan = plan_of(statistic)
    rows = plan.rows_of(statistic.labels).tolist()
    groups = plan.group[rows].tolist()
    # One array for all labels of a group.
    below = {} if plan.denominators is None else {g: plan.denominators.column(g) for g in set(groups)}
    return [(plan.numerators.column(row), below.get(group)) for row, group in zip(rows, groups, strict=True)]


class TotalsReader:
    """Evaluates all statistics of one survey together: one pass, each distinct column once."""

    def __init__(self, sample: Sample, statistics: Sequence[Statistic]) -> None:
        places: dict[Statistic, tuple[Codes, Codes | None]] = {}
        ordered: dict[Rule, list[tuple[Statistic, list[Sparse]]]] = {}
        pool: dict[bytes, int] = {}
        kept: list[Column] = []

        sampling = sample.sampling
        same: list[float] = []
        laid_out = 0

        def place(columns: Split, i: int) -> int:
            nonlocal laid_out
            always = columns.always(i) if sampling.even else None
            if always is not None:
                # Everyone counts alike and as many are redrawn: the total never changes. (The core would find
                # out too, from a column of its own.)
                same.append(float(always * sampling.factors.sum()))
                return -len(same)
            # Clusters' totals are all that a linear statistic needs: the cost falls with the rows.
            column = columns.collected(i, sampling)
            parts = column if isinstance(column, tuple) else (column,)
            # Columns that say the same (the size of a group, for example) are drawn once.
            key = hashlib.blake2b(digest_size=16)
            for part in parts:
                key.update(part.data)
            known = pool.setdefault(key.digest(), len(kept))
            if known == len(kept):
                kept.append(column)
                laid_out += len(parts[0])
            return known

        width = 0
        for statistic in statistics:
            plan = plan_of(statistic)
            rows = plan.rows_of(statistic.labels).tolist()
            if statistic.question.kind == "quantile":
                values = [plan.numerators.rows(r) for r in rows]
                ordered.setdefault(statistic.question.rule, []).append((statistic, values))
                width += len(rows)
                continue
            top = np.array([place(plan.numerators, r) for r in rows], dtype=np.int64)
            bottom, groups = None, plan.group[rows].tolist()
            if plan.denominators is not None:
                found = {g: place(plan.denominators, g) for g in dict.fromkeys(groups)}
                bottom = np.array([found[g] for g in groups], dtype=np.int64)
            places[statistic] = top, bottom
            del plan  # large columns go before the next statistic's come
        totals = _core.Totals(sampling.core, kept)
        quantiles = []
        for rule, asked in ordered.items():
            # One kernel for all, so that a replicate is drawn once.
            values = [column for _, own in asked for column in own]
            shares = [float(statistic.question.probability or 0.0) for statistic, own in asked for _ in own]
            ends = np.cumsum([len(own) for _, own in asked])
            quantiles.append((quantile_kernel(sample, values, shares, rule), ends))
        fixed = np.concatenate([totals.fixed, same[::-1]])
        record = sample.record
        self.nodes = [*places, *(statistic for asked in ordered.values() for statistic, _ in asked)]
        self.kernel = Answers(record.seed, record.fingerprint, totals, fixed, list(places.values()), quantiles)
        #: A first guess at a tenth of a second: a nanosecond for each thing drawn and column.
        cost = sampling.drawn * (1 + width) + laid_out / 4
        self.first_range = int(np.clip(2e7 * settings.threads() / cost, 1, 65_536))


def statistics(node: Node) -> list[Statistic]:
    """List the answers to questions in an expression."""
    return [leaf for leaf in graph.walk(node) if isinstance(leaf, Statistic)]


def called(node: Node, name: str) -> str:
    """Return the label of a column that an expression's questions are about, or its name."""
    return next((one.question.called(name) for one in statistics(node) if one.question.called(name) != name), name)


def picked_statistic(node: Node) -> tuple[Statistic, list[int]] | None:
    """Return the statistic that labels are picked of, and which; None where a node is computed from statistics."""
    below, positions = node.picked
    return (below, positions) if isinstance(below, Statistic) else None
