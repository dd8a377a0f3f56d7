"""Who is in which group, and who is in the domain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from ..errors import InputError, listing, warn
from ..ground import columns
from ..ground.columns import Bools, Codes, Floats

if TYPE_CHECKING:
    from ..answers.question import Question
    from ..survey.survey import Survey


def levels_of(survey: Survey, name: str, *, most: int = 50) -> tuple[Codes, pd.Index[Any]]:
    """Return a column's codes and levels; measurements and columns that tell people apart are errors."""
    values = columns.column(survey._units, name)
    kind = columns.kind(values)
    if kind == "date":
        raise InputError(f"Column {name!r} holds dates; cut them into periods first (dt.to_period, then astype(str)).")
    codes, labels = columns.categories(values)
    if len(labels) == 0:
        raise InputError(f"Column {name!r} is missing in every row, so there is nothing to describe or compare.")
    if len(labels) > most:
        raise InputError(
            f"Column {name!r} has {len(labels):,} different values. Cut numbers into bands (pandas.cut), and leave out "
            "columns that tell people apart."
        )
    if all(isinstance(label, float) and label.is_integer() for label in labels):
        labels = pd.Index(
            [int(label) for label in labels], name=labels.name
        )  # whole numbers become floats in pandas where an answer is missing
    return codes, labels


#: Groups times rows beyond which a by= is a mistake: their indicator columns would take gigabytes.
MOST_CELLS = 250_000_000


@dataclass(frozen=True, eq=False, repr=False)
class Mask:
    """A domain given as an array and not by name, so it fits one survey only."""

    inside: Bools

    def __str__(self) -> str:
        return "a mask"


class Domain(NamedTuple):
    """Who counts under each label: a group number for each unit, -1 outside."""

    groups: Codes
    labels: pd.Index[Any]
    n: Floats
    missing: Floats


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
        warn(f"{survey._name_rows(unplaced)} have no value of {' or '.join(question.by)} and belong to no group.")
    inside, unknown = _inside(survey, question.where)
    if (unknown & counted).any():
        warn(f"{survey._name_rows(unknown & counted)} have no value of {question.where} and are left out.")
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
