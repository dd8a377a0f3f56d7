"""Statistics of a survey: what is asked, of whom, and the totals that answer it.

A statistic is a leaf of an expression. It keeps the question by column names, so that the same
question can be put to another redraw, or to another survey.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

import numpy as np
import pandas as pd

from . import _core, columns, replicate
from .columns import Bools, Codes, Floats
from .errors import EstimationError, HiddenpopWarning, InputError, listing
from .kernels import Answers
from .nodes import Node, Quantity
from .split import Split

if TYPE_CHECKING:
    from .record import Record
    from .survey import Survey

Kind = Literal["proportion", "mean", "total", "ratio", "count", "quantile"]
Rule = Literal["midpoint", "lower"]


#: Groups times rows beyond which a by= is a mistake: their indicator columns would take gigabytes.
MOST_CELLS = 250_000_000


@dataclass(frozen=True, eq=False, repr=False)
class Mask:
    """A domain given as an array and not by name, so it fits one survey only."""

    inside: Bools

    def __str__(self) -> str:
        return "a mask"


@dataclass(frozen=True)
class Question:
    """What is asked of a survey, by names."""

    kind: Kind
    columns: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: str | Mask | None = None
    probability: float | None = None
    rule: Rule = "midpoint"
    weighted: bool = False

    @property
    def title(self) -> str:
        """A short name for tables and plots."""
        what = {
            "proportion": "proportion of {}",
            "mean": "mean of {}",
            "total": "total of {}" if self.weighted else "sample total of {}",
            "ratio": "ratio of {} to {}",
            "count": ("people" if self.weighted else "participants in the sample") + ", by {}" * len(self.columns),
            "quantile": f"{self.probability} quantile of {{}}" if self.probability != 0.5 else "median of {}",
        }[self.kind]
        return what.format(*self.columns) + (f", where {self.where}" if self.where is not None else "")


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


class Domain(NamedTuple):
    """Who counts under each label: a group number for each unit, -1 outside."""

    groups: Codes
    labels: pd.Index[Any]
    n: Floats
    missing: Floats


class Plan(NamedTuple):
    """The totals (or values) that answer a question."""

    labels: pd.Index[Any]
    scalar: bool
    numerators: Split
    #: By group.
    denominators: Split | None
    #: Each label's group.
    group: Codes
    n: Floats
    missing: Floats


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
        warnings.warn(
            f"'{question.title}' has no answer for {listing(undefined)}: nobody there, or a total of zero.",
            HiddenpopWarning,
            stacklevel=5,
        )
    if question.kind == "total" and plan.missing.sum() > 0:
        warnings.warn(
            f"'{question.title}' leaves out {plan.missing.sum():,.0f} missing answers, so it is too low by what "
            "they would have added.",
            HiddenpopWarning,
            stacklevel=5,
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


def _domain(survey: Survey, question: Question, answers: Sequence[pd.Series[Any]]) -> Domain:
    counted = survey._multiplicity > 0
    groups, labels = _groups(survey, question.by)
    if len(labels) == 0:
        raise InputError(f"Column {' and '.join(question.by)!r} is missing in every row, so it makes no groups.")
    if len(labels) * len(groups) > MOST_CELLS:
        raise InputError(
            f"{' and '.join(question.by)!r} makes {len(labels):,} groups of {survey.n:,} participants. Cut numbers into "
            "bands first (pandas.cut), and leave out columns that tell people apart."
        )
    unplaced = counted & (groups < 0)
    if unplaced.any():
        warnings.warn(
            f"{survey._name_rows(unplaced)} have no value of {' or '.join(question.by)} and belong to no group.",
            HiddenpopWarning,
            stacklevel=7,
        )
    inside, unknown = _inside(survey, question.where)
    if (unknown & counted).any():
        warnings.warn(
            f"{survey._name_rows(unknown & counted)} have no value of {question.where} and are left out.",
            HiddenpopWarning,
            stacklevel=7,
        )
    counts = inside & counted
    if not counts.all():  # else all questions share the survey's groups
        groups = np.where(counts, groups, groups.dtype.type(-1))
    lacking = np.zeros(len(groups), dtype=bool)
    for answer in answers:
        lacking |= columns.missing(answer)
    size = len(labels)

    def people(groups: Codes) -> Floats:
        return np.bincount(groups + 1, weights=survey._multiplicity, minlength=size + 1)[1:].astype(float)

    n = people(groups)
    answered = np.where(lacking, groups.dtype.type(-1), groups) if lacking.any() else groups
    missing = n - people(answered) if lacking.any() else np.zeros(size)
    n -= missing
    silent = np.flatnonzero((n == 0) & (missing > 0))
    if len(silent) and answers:
        where = f" in {listing(list(labels[silent]))}" if question.by else ""
        names = " and ".join(repr(name) for name in question.columns)
        rows = lacking & np.isin(groups, silent)
        raise InputError(
            f"Column {names} has no answers{where}: all are missing, in {survey._name_rows(rows)}. Leave the group out "
            "with where=, or use a question that was answered there."
        )
    return Domain(answered, labels, n, missing)


def _groups(survey: Survey, by: tuple[str, ...]) -> tuple[Codes, pd.Index[Any]]:
    """Return each row's group and the groups' labels; found once for a survey, which never changes."""
    if by not in survey._found:
        groups, labels = _find_groups(survey, by)
        survey._found[by] = columns.compact(groups, len(labels)), labels
    return survey._found[by]


def _find_groups(survey: Survey, by: tuple[str, ...]) -> tuple[Codes, pd.Index[Any]]:
    if not by:
        return np.zeros(len(survey._units), dtype=np.int8), pd.Index(["all"])
    parts = [columns.categories(columns.column(survey._units, name)) for name in by]
    if len(by) == 1:
        codes, labels = parts[0]
        return codes, pd.Index(labels.tolist(), name=by[0])
    lacking = np.any([codes < 0 for codes, _ in parts], axis=0)
    shape = [max(len(labels), 1) for _, labels in parts]
    joint = np.ravel_multi_index([np.maximum(codes, 0) for codes, _ in parts], shape)
    found, position = np.unique(joint[~lacking], return_inverse=True)
    groups = np.full(len(joint), -1, dtype=np.int64)
    groups[~lacking] = position
    levels = np.unravel_index(found, shape)
    rows = zip(*(labels[code].tolist() for (_, labels), code in zip(parts, levels, strict=True)), strict=True)
    return groups, pd.MultiIndex.from_tuples(list(rows), names=list(by))


def _inside(survey: Survey, where: str | Mask | None) -> tuple[Bools, Bools]:
    """Who is in the domain, and who might be but didn't say."""
    nobody = np.zeros(len(survey._units), dtype=bool)
    if where is None:
        return ~nobody, nobody
    if isinstance(where, Mask):
        return where.inside, nobody
    values = columns.column(survey._units, where)
    if columns.kind(values) != "boolean":
        raise InputError(
            f"where={where!r} must name a column of True and False (or 1 and 0), which this is not. Make one "
            f"first: survey.assign(name=lambda table: table[{where!r}] == ...)."
        )
    answers = columns.numbers(values)
    return answers == 1, np.isnan(answers)


def quantiles_at(statistic: Statistic, column: Floats, shares: Sequence[float]) -> list[float]:
    """Return the sample's quantiles of a column of the statistic's survey, by the statistic's rule; NaN doesn't count."""
    assert statistic.survey is not None
    sampling, known = statistic.survey._sampling, ~np.isnan(column)
    return sample_quantiles(column[known], sampling.spread(sampling.factors)[known], shares, statistic.question.rule)


def sample_quantiles(values: Floats, weight: Floats, shares: Sequence[float], rule: Rule) -> list[float]:
    """Return weighted quantiles, as the kernel finds them in redraws: what is as near as rounding has reached a share."""
    total = weight.sum()
    if (weight <= 0).any():
        values, weight = values[weight > 0], weight[weight > 0]
    if not total > 0:
        return [np.nan] * len(shares)
    equal = weight.min() == weight.max()
    order = None if equal else np.argsort(values, kind="stable")
    below = weight[0] * np.arange(1, len(values) + 1) if order is None else weight[order]
    if order is not None:
        np.cumsum(below, out=below)
    needed, slack, last = np.asarray(shares) * total, 1e-9 * total, len(values) - 1
    place = np.minimum(np.searchsorted(below, needed - slack), last)
    tie = (rule == "midpoint") & (np.abs(below[place] - needed) <= slack) & (below[place] < total - slack)
    after = np.where(tie, np.minimum(place + 1, last), place)
    if order is None:
        # Sorted only where quantiles lie.
        ranked = np.partition(values, np.unique([*place, *after]))
        low, high = ranked[place], ranked[after]
    else:
        low, high = values[order[place]], values[order[after]]
    return ((low + high) / 2).tolist()  # type: ignore[no-any-return]


def _quantiles(survey: Survey, question: Question, plan: Plan) -> _core.Quantiles:
    values = [plan.numerators.column(i) for i in range(plan.numerators.size)]
    return _kernel(survey, values, [float(question.probability or 0.0)] * len(values), question.rule)


def kernel_of(statistic: Statistic, *, whole: bool = False) -> _core.Quantiles:
    """Return the kernel of a statistic's quantiles; `whole` when it will be given whole weights of rows."""
    columns = [column for column, _ in totals(statistic)]
    assert statistic.survey is not None
    shares = [float(statistic.question.probability or 0.0)] * len(columns)
    return _kernel(statistic.survey, columns, shares, statistic.question.rule, whole=whole)


def _kernel(
    survey: Survey, columns: list[Floats], shares: list[float], rule: Rule, *, whole: bool = False
) -> _core.Quantiles:
    sampling, midpoint = survey._sampling, rule == "midpoint"
    if sampling.row_unit is None or whole:
        return _core.Quantiles(sampling.core, columns, shares, midpoint)
    unit = sampling.row_unit.astype(np.uint32)
    weight = np.ones(len(unit)) if sampling.row_weight is None else sampling.row_weight
    return _core.Quantiles(sampling.core, columns, shares, midpoint, unit, weight)


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


class TotalsReader:
    """Evaluates all statistics of one survey together: one pass, each distinct column once."""

    def __init__(self, survey: Survey, statistics: Sequence[Statistic]) -> None:
        places: dict[Statistic, tuple[Codes, Codes | None]] = {}
        ordered: dict[Rule, list[tuple[Statistic, list[Floats]]]] = {}
        pool: dict[bytes, int] = {}
        kept: list[Floats] = []

        sampling = survey._sampling
        same: list[float] = []

        def place(values: Floats) -> int:
            if sampling.simple and (values == values[0]).all():
                # Everyone counts alike and as many are redrawn: the total never changes. (The core would find
                # out too, from a column of its own.)
                same.append(float(values[0] * sampling.people.sum()))
                return -len(same)
            # Clusters' totals are all that a linear statistic needs: the cost falls with the rows.
            column = np.ascontiguousarray(sampling.collect(values))
            # Columns that say the same (the size of a group, for example) are drawn once.
            key = hashlib.blake2b(column.data, digest_size=16).digest()
            if key not in pool:
                pool[key] = len(kept)
                kept.append(column)
            return pool[key]

        width = 1
        for statistic in statistics:
            plan = plan_of(statistic)
            rows = plan.labels.get_indexer(statistic.labels).tolist()
            if statistic.question.kind == "quantile":
                values = [plan.numerators.column(r) for r in rows]
                ordered.setdefault(statistic.question.rule, []).append((statistic, values))
                width += len(rows)
                continue
            top = np.array([place(plan.numerators.column(r)) for r in rows], dtype=np.int64)
            bottom, groups = None, plan.group[rows].tolist()
            if plan.denominators is not None:
                found = {g: place(plan.denominators.column(g)) for g in dict.fromkeys(groups)}
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
            quantiles.append((_kernel(survey, values, shares, rule), ends))
        fixed = np.concatenate([totals.fixed, same[::-1]])
        record = survey.record
        self.nodes = [*places, *(statistic for asked in ordered.values() for statistic, _ in asked)]
        self.kernel = Answers(record.seed, record.fingerprint, totals, fixed, list(places.values()), quantiles)
        #: A first guess at a tenth of a second: a nanosecond for each thing drawn and column.
        cost = sampling.drawn * (width + len(kept) / 4)
        self.first_range = int(np.clip(2e7 * replicate.threads() / cost, 1, 65_536))
