"""How many participants each label of an answer rests on: the answer as a cross-table of those who gave it."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ..draws.streams import digest
from ..errors import HiddenpopWarning, InputError
from ..expression.rests import Rests
from ..ground import columns
from ..ground.columns import Bools, Codes
from ..sample.cut import COUNTED, Cut
from ..sample.groups import Domain, categories_of, domain, groups_of, inside_of
from ..sample.sample import Indicator, Sample
from . import plan
from .contributions import concentrated_by
from .question import Question


def rests_on(sample: Sample, question: Question, wanted: pd.Index[Any], below: int) -> Rests:
    """Return the answer to a question as a cross-table, where each label stands in it, and which rest on few."""
    _require_own(question)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)
        answers = [sample.column(name) for name in question.columns]
        named = dict(zip(map(str, question.columns), answers, strict=True))
        found = domain(sample, question.by, question.where, named)
        full = plan.make(sample, question).labels
    groups = len(found.labels)
    answer = None if not answers else answers[0] if question.kind == "count" else columns.as_asked(answers[0])
    several = question.kind in ("proportion", "count") and answer is not None
    codes, labels = np.zeros(len(sample.units), dtype=np.int64), None
    if answer is not None:
        codes, labels = categories_of(question.columns[0], answer)
    two = (
        question.kind in ("proportion", "mean", "total", "ratio")
        and labels is not None
        and _two_numbers(labels.tolist())
    )
    name: str | Indicator = question.columns[0] if question.columns else "participants"
    if question.kind == "count" and answer is None and question.by:
        # How many are in each group: the last of the columns that make them is what is counted by the others.
        *others, name = question.by
        by = tuple(others)
        codes, labels = categories_of(name, sample.column(name))
        lines = len(labels)
        domain_groups, heads = groups_of(sample, by)
        domain_groups = np.where(found.groups >= 0, domain_groups, -1)
        groups = len(heads)
        places = [_place(label, labels, heads) for label in found.labels]
    else:
        domain_groups, by = found.groups, question.by
        if several and not (question.kind == "proportion" and columns.kind(answer) == "boolean"):  # type: ignore[arg-type]
            assert labels is not None
            lines = len(labels)
            places = [(line, group) for group in range(groups) for line in range(lines)]
        elif two:
            assert labels is not None
            lines = len(labels)
            # A mean of two numbers is a share of the larger.
            places = [(int(np.argmax(np.asarray(labels.tolist(), dtype=float))), group) for group in range(groups)]
        else:
            codes, lines = np.where(found.groups >= 0, 0, -1), 1
            places = [(0, group) for group in range(groups)]
    sums = not (several or two or question.kind == "count")
    where = question.where
    cut = Cut(
        sample,
        _variable(name),
        tuple(map(_variable, by)),
        np.where(found.groups >= 0, codes, -1),
        domain_groups,
        lines,
        groups,
        np.zeros((lines, groups), dtype=bool),
        shown=tuple(sorted({line for line, _ in places})),
        sums=sums,
        where=where,
        domain=None if where is None else inside_of(sample, where)[0],
        fixed=False,
        weighting=weighting(sample),
    )
    positions = full.get_indexer(wanted) if len(full) > 1 or len(wanted) > 1 else np.zeros(1, dtype=int)
    places = [places[int(p)] for p in positions]
    small = np.array([_few(cut, line, group, below) for line, group in places], dtype=bool)
    for place, few in zip(places, small, strict=True):
        cut.hidden[place] |= few
    if question.kind == "quantile":  # where an answer of few begins tells how many they are
        told = _concentrated(sample, question, found.groups, groups, below)
        return Rests(small | told[[group for _, group in places]])  # those of groups don't add up to that of all
    if sums or question.kind == "ratio":
        _mark_concentrated(cut, question, found, below)
    whole = _below_the_line(sample, question, wanted, below) if question.kind == "ratio" else ()
    return Rests(small, cut, tuple(places), whole)


def weighting(sample: Sample) -> str:
    """Return a text that is the same for weights that differ by a factor only."""
    people = np.asarray(sample.multiplicity, dtype=float)
    there = people > 0
    weights = sample.sampling.weights[there] / people[there]
    relative = np.round(weights / weights.mean(), 9)
    return COUNTED if (relative == 1).all() else digest(relative)


def _require_own(question: Question) -> None:
    """Refuse indicators of which nobody knows on whom their values rest."""
    for one in (*question.columns, *question.by):
        if isinstance(one, Indicator) and not one.own:
            raise InputError(
                f"'{question.title}' is of {one}, and nothing says on how many participants each of those rests. Leave it out "
                "of a report with suppress_below."
            )


def _mark_concentrated(cut: Cut, question: Question, found: Domain, below: int) -> None:
    """Hide sums that are made up by few, and keep those of whom a domain leaves out from being worked out."""
    told = _concentrated(cut.sample, question, found.groups, cut.groups, below)
    cut.secret = np.broadcast_to(told[None, :], cut.hidden.shape)
    cut.hidden |= cut.secret
    if question.where is not None:
        beside = _beside(cut.sample, question, found.labels)
        rest = _concentrated(cut.sample, question, beside, cut.groups, below)
        cut.secret_rest = np.broadcast_to(rest[None, :], cut.hidden.shape)


def _below_the_line(sample: Sample, question: Question, wanted: pd.Index[Any], below: int) -> tuple[Cut, ...]:
    """Return a ratio's second column as a cross-table where it holds two numbers: how many have each follows."""
    name = question.columns[1]
    if not _two_numbers(categories_of(name, columns.as_asked(sample.column(name)))[1].tolist()):
        return ()
    cuts: tuple[Cut, ...] = rests_on(sample, replace(question, kind="mean", columns=(name,)), wanted, below).cuts
    return cuts


def _variable(name: str | Indicator) -> str | Indicator:
    return name.variable if isinstance(name, Indicator) else name


def _place(label: Any, labels: pd.Index[Any], heads: pd.Index[Any]) -> tuple[int, int]:
    """Find the level and the group of a label that names both."""
    *others, last = label if isinstance(label, tuple) else (label,)
    key: Any = tuple(others) if len(others) > 1 else others[0] if others else None
    return int(labels.tolist().index(last)), heads.tolist().index(key) if others else 0


def _two_numbers(labels: list[object]) -> bool:
    """Tell whether answers are two numbers, or zeros or ones only."""
    plain = all(isinstance(label, (bool, int, float)) for label in labels)
    return plain and (len(labels) == 2 or (len(labels) == 1 and labels[0] in (0, 1)))


def _few(cut: Cut, level: int, group: int, below: int) -> bool:
    answered = cut.count(None, group)
    own = cut.count(level, group)
    return any(0 < count < below for count in (own, answered, answered - own))


def _beside(sample: Sample, question: Question, labels: pd.Index[Any]) -> Codes:
    """Return the group, as an answer has them, of those whom its domain leaves out; -1 for others."""
    own, heads = groups_of(sample, question.by)
    place = {label: i for i, label in enumerate(labels.tolist())}
    moved = np.array([place.get(head, -1) for head in heads.tolist()] if question.by else [0], dtype=np.int64)
    outside = ~inside_of(sample, question.where)[0] & (own >= 0)
    return np.where(outside, moved[own], -1)


def _concentrated(sample: Sample, question: Question, groups: Codes, size: int, below: int) -> Bools:
    """Say in which groups a sum that a mean, a total or a ratio tells is made up by few."""
    values = [sample.answers(name) for name in question.columns]
    if question.kind == "ratio":  # how many are in the one part and not in the other follows too
        groups = np.where(np.isnan(values[0]) | np.isnan(values[1]), -1, groups)
        values.append(values[1] - values[0])
    found = np.zeros(size, dtype=bool)
    for one in values:
        found |= concentrated_by(one, groups, size, sample.multiplicity, below)
    return found
