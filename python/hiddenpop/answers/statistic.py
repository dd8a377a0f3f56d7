"""Statistics of a survey: what is asked, of whom, and the totals that answer it.

A statistic is a leaf of an expression. It keeps the question by column names, so that the same
question can be put to another redraw, or to another survey.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from .. import _core
from ..errors import EstimationError, HiddenpopWarning, InputError, listing, warn
from ..expression.nodes import Node, Quantity
from ..ground import columns
from ..ground.columns import Codes, Floats
from ..sample.groups import Mask, _domain
from .indicators import Split
from .quantiles import _kernel, sample_quantiles
from .question import Plan

if TYPE_CHECKING:
    from ..sample.record import Record
    from ..survey.survey import Survey
    from .question import Kind, Question


@dataclass(frozen=True, eq=False, repr=False)
class Statistic:
    """The answer of a survey to a question."""

    question: Question
    #: None once an estimate was saved: rows stay where they were.
    survey: Survey | None
    record: Record
    labels: pd.Index[Any]
    scalar: bool
    point: Floats
    n: Floats | None
    missing: Floats | None
    args: tuple[Node, ...] = ()
    #: Kept for small tables, so that evaluation need not make it again.
    plan: Plan | None = None

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
    def replicates(self) -> int:
        """The survey's number of replicates."""
        return self.record.replicates

    @property
    def origin(self) -> Record:
        """The survey's record."""
        return self.record

    def reseed(self, *, seed: int | None, replicates: int | None) -> Statistic:
        """Return the same statistic of the same survey under other settings."""
        survey = self.survey and self.survey._reseed(seed=seed, replicates=replicates)
        record = self.record.reseed(seed=seed, replicates=replicates)
        return replace(self, survey=survey, record=record)

    def ask(self, survey: Survey) -> Statistic:
        """Put the same question to another survey; labels come out in the same order."""
        if isinstance(self.question.where, Mask) and not survey._same_rows(self.survey):
            raise InputError(
                f"'{self.question.title}' was asked where an array says so, which fits only the survey it was "
                "made for. Make the condition a column of both surveys and name it: where='column'."
            )
        answer = ask(survey, self.question)
        positions = answer.labels.get_indexer(self.labels)
        lacking = list(self.labels[positions < 0])
        if lacking:
            raise InputError(f"The other survey has no {listing(lacking)} for '{self.question.title}'.")
        return answer.take(positions) if list(positions) != list(range(len(answer.labels))) else answer

    def take(self, positions: Sequence[int] | Codes) -> Statistic:
        """Keep some labels."""
        order = [int(p) for p in positions]
        n = None if self.n is None else self.n[order]
        missing = None if self.missing is None else self.missing[order]
        return replace(self, labels=self.labels[order], point=self.point[order], n=n, missing=missing)

    def block(self, values: Sequence[Floats], start: int, stop: int) -> Floats:
        """Say why there are no draws: with a survey in memory its reader makes them."""
        raise EstimationError(
            f"'{self.question.title}' was saved without its survey's rows, so it can't be drawn again. Give the "
            "survey: estimate.replay(survey=survey)."
        )


def ask(survey: Survey, question: Question) -> Statistic:
    """Answer a question from the sample as it is."""
    plan = _plan(survey, question)
    sampling = survey._sampling
    if question.kind == "quantile":
        point = _quantiles(survey, question, plan).sample(sampling.factors)
    else:
        point = plan.numerators.totals(sampling)
        if plan.denominators is not None:
            with np.errstate(divide="ignore", invalid="ignore"):
                point = point / plan.denominators.totals(sampling)[plan.group]
    point[~np.isfinite(point)] = np.nan
    _tell(question, plan, point)
    small = len(survey._units) * len(plan.labels) <= 100_000
    return Statistic(
        question,
        survey,
        survey.record,
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


def _plan(survey: Survey, question: Question) -> Plan:
    table = survey._units
    answers = [columns.column(table, name) for name in question.columns]
    domain = _domain(survey, question, answers)
    kind, whole = question.kind, Split(domain.groups, len(domain.labels))
    of_kind = columns.kind(answers[0]) if answers and kind in ("proportion", "count") else None
    if (kind == "proportion" and of_kind != "boolean") or (kind == "count" and answers):
        if of_kind in ("number", "date"):
            found = answers[0].nunique()
            raise InputError(
                f"Column {question.columns[0]!r} holds {found:,} different {of_kind}s, not categories. For a {kind} of "
                "each value make it categorical (astype('category') or pandas.cut)"
                + ("; for its mean use mean." if of_kind == "number" else ".")
            )
        codes, labels = columns.categories(answers[0])
        place = np.where(domain.groups >= 0, domain.groups.astype(np.int64) * len(labels) + codes, -1)
        index = _cross(domain.labels if question.by else None, labels, question)
        group = np.repeat(np.arange(whole.size), len(labels))
        below = whole if kind == "proportion" else None
        return Plan(
            index,
            False,
            Split(columns.compact(place, len(index)), len(index)),
            below,
            group,
            domain.n[group],
            domain.missing[group],
        )
    values = [survey._answers(name) for name in question.columns]
    top = Split(whole.place, whole.size, values[0] if values else None, np.nan if kind == "quantile" else 0.0)
    bottom = Split(whole.place, whole.size, values[1]) if kind == "ratio" else whole
    labels = domain.labels if question.by else pd.Index([question.title])
    divided = kind in ("proportion", "mean", "ratio")
    return Plan(
        labels, not question.by, top, bottom if divided else None, np.arange(len(labels)), domain.n, domain.missing
    )


def _cross(groups: pd.Index[Any] | None, labels: pd.Index[Any], question: Question) -> pd.Index[Any]:
    name = question.columns[0]
    if groups is None:
        return cast("pd.Index[Any]", pd.Index(labels.tolist(), name=name))
    rows = [(*(g if isinstance(g, tuple) else (g,)), label) for g in groups for label in labels.tolist()]
    return cast("pd.Index[Any]", pd.MultiIndex.from_tuples(rows, names=[*question.by, name]))


def quantiles_at(statistic: Statistic, column: Floats, shares: Sequence[float]) -> list[float]:
    """Return the sample's quantiles of a column of the statistic's survey, by the statistic's rule; NaN doesn't count."""
    assert statistic.survey is not None
    sampling, known = statistic.survey._sampling, ~np.isnan(column)
    return sample_quantiles(column[known], sampling.spread(sampling.factors)[known], shares, statistic.question.rule)


def _quantiles(survey: Survey, question: Question, plan: Plan) -> _core.Quantiles:
    values = [plan.numerators.column(i) for i in range(plan.numerators.size)]
    return _kernel(survey, values, [float(question.probability or 0.0)] * len(values), question.rule)


def kernel_of(statistic: Statistic, *, whole: bool = False) -> _core.Quantiles:
    """Return the kernel of a statistic's quantiles; `whole` when it will be given whole weights of rows."""
    columns = [column for column, _ in totals(statistic)]
    assert statistic.survey is not None
    shares = [float(statistic.question.probability or 0.0)] * len(columns)
    return _kernel(statistic.survey, columns, shares, statistic.question.rule, whole=whole)


def plan_of(statistic: Statistic) -> Plan:
    """Return the columns that answer a statistic's question."""
    survey = statistic.survey
    if survey is None:
        statistic.block([], 0, 0)  # raises, with the reason
    assert survey is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)  # said when the question was asked
        return statistic.plan or _plan(survey, statistic.question)


def totals(statistic: Statistic) -> list[tuple[Floats, Floats | None]]:
    """Return for each label the columns whose totals it divides; None where it is a total itself."""
    plan = plan_of(statistic)
    rows = plan.labels.get_indexer(statistic.labels).tolist()
    groups = plan.group[rows].tolist()
    # One array for all labels of a group.
    below = {} if plan.denominators is None else {g: plan.denominators.column(g) for g in set(groups)}
    return [(plan.numerators.column(row), below.get(group)) for row, group in zip(rows, groups, strict=True)]
