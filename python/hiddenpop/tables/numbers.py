"""The numbers of a Table 1: asked of the survey, drawn together in one pass."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..answers import quantiles, question
from ..answers.question import Question
from ..answers.statistic import Statistic, ask
from ..errors import EstimationError, HiddenpopWarning, InputError
from ..expression.nodes import Node
from ..expression.operations import Stack, Weigh
from ..ground.columns import Floats
from ..ground.language import english
from ..uncertainty import interval
from . import extras, significance
from .cells import Side, independence, joined
from .compare import equal_means
from .described import Described
from .extras import More
from .imputations import aligned, node_of
from .variables import Groups, Variable

if TYPE_CHECKING:
    from ..survey.survey import Survey
#: How the notes begin on shares of 0 and 1, of which the table says once that they have no interval.
FLAT = ("No interval by this method: everyone or nobody", "No interval: the standard error is zero")
QUARTILES = [0.25, 0.5, 0.75]


def evaluate(
    surveys: Sequence[Survey],
    asked: Sequence[Sequence[Variable]],
    parts: Sequence[Groups],
    *,
    test: bool,
    correction: str,
    more: More,
) -> list[Described]:
    """Ask for everything about all variables, in every imputation."""
    found, first = [], 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)  # said in the table's notes
        for variable in zip(*asked, strict=True):
            each = [_describe(*one) for one in zip(surveys, variable, parts, strict=True)]
            made = _pooled([one for one, _ in each])
            for where in ("groups", "all"):
                answers = [answer[where] for _, answer in each if where in answer]
                if len(answers) == len(each):
                    first += _place(made, [one for one, _ in each], answers, first)
                    made.by_group += [leaf for leaf, _ in answers] if where == "groups" else []
            # A level that nobody has is no label of the answer; its share is known all the same.
            if made.variable.codes is not None:
                made.point[(made.n == 0) & (made.n.sum(axis=0) > 0)[None, :]] = 0.0
            if test:
                _compare(surveys, variable, made, parts)
            extras.add(surveys, variable, made, parts, more)
            found.append(made)
    if test and correction != "none":
        for made, p in zip(found, significance.correct([d.p for d in found], correction), strict=True):
            made.p = float(p)
    return found


def intervals(survey: Survey, found: Sequence[Described], level: float, method: str | None) -> tuple[Floats, list[str]]:
    """Return lower and upper ends of all means and shares, and what must be known: one evaluation draws all of them."""
    node = Stack(tuple(node for made in found for node in made.nodes))
    if not node.args:
        return np.zeros((0, 2)), []
    chosen = method or interval.default_method(node)
    ends, notes = interval.interval(node, level, chosen, None)
    # Where nobody answered, the table says so; that redraws find nobody either is no news.
    heard = [note for note in notes if not np.isnan(node.point[list(note.labels)]).all() or not note.labels]
    texts = dict.fromkeys(f"{note.text.rstrip('.')}." for note in heard)
    return ends, [text for text in texts if not text.startswith(FLAT)]


#: An answer, and the line and column of each of its labels.
Answer = tuple[Statistic, list[tuple[int, int]]]


def _describe(survey: Survey, one: Variable, parts: Groups) -> tuple[Described, dict[str, Answer]]:
    lines = len(one.levels) or 1
    missing, *n = parts.count(survey, one.answered.astype(np.int8) - 1 if one.codes is None else one.codes, lines)
    made = Described(
        one,
        np.array(n),
        missing,
        np.full((lines, parts.size), np.nan),
        np.full((lines, parts.size), -1),
        np.full(parts.size, np.nan),
        np.full((parts.size, 5), np.nan),
    )
    answers = {} if one.kind == "date" else _ask(survey, made, parts)
    if one.answers is not None:
        _spread(survey, made, parts, answers)
    return made, answers


def _pooled(each: Sequence[Described]) -> Described:
    """Take means over imputations; a range is that of all of them."""
    first = each[0]
    if len(each) == 1:
        return first
    spread = np.mean([one.spread for one in each], axis=0)
    spread[:, 0], spread[:, 4] = np.min([e.spread[:, 0] for e in each], 0), np.max([e.spread[:, 4] for e in each], 0)
    n, missing = np.mean([one.n for one in each], axis=0), np.mean([one.missing for one in each], axis=0)
    return replace(first, n=n, missing=missing, sd=np.mean([one.sd for one in each], axis=0), spread=spread)


def _place(made: Described, each: Sequence[Described], answers: Sequence[Answer], first: int) -> int:
    """Put the answers of all imputations, pooled, into the table; return how many numbers they are.

    A level that nobody has in some imputation has a share of zero there, as long as somebody in the group answered.
    """
    told = np.min([one.n.sum(axis=0) for one in each], axis=0) > 0
    cells = [cell for cell in dict.fromkeys(c for _, known in answers for c in known) if told[cell[1]]]
    if not cells:
        return 0
    nodes: list[Node] = []
    for leaf, known in answers:
        if known == cells:
            nodes.append(leaf)
            continue
        picked = np.zeros((len(cells), len(known)))
        for j, cell in enumerate(known):
            if cell in cells:
                picked[cells.index(cell), j] = 1.0
        nodes.append(Weigh((leaf,), picked, leaf.quantity))
    node = node_of(nodes)
    made.nodes.append(node)
    for i, cell in enumerate(cells):
        made.point[cell], made.place[cell] = node.point[i], first + i
    return len(cells)


def _ask(survey: Survey, made: Described, parts: Groups) -> dict[str, Answer]:
    """Ask for means or shares, by group and together."""
    found: dict[str, Answer] = {}
    one = made.variable
    kind: Any = "mean" if one.codes is None else "proportion"
    weighted = survey.record.weighted
    some = made.n.sum(axis=0) > 0
    if parts.name is not None and some[: len(parts.labels)].any():
        silent = np.flatnonzero(~some[: len(parts.labels)])
        by = parts.asked(silent.tolist())
        leaf = ask(survey.sample, Question(kind, (one.asked,), by, parts.where, weighted=weighted))
        pairs = [label if isinstance(label, tuple) else (label, 0) for label in leaf.labels]
        found["groups"] = leaf, [(int(code), int(group)) for group, code in pairs]
    if parts.total and some[-1]:
        leaf = ask(survey.sample, Question(kind, (one.asked,), where=parts.where, weighted=weighted))
        last = len(parts.labels)
        found["all"] = leaf, [(0 if one.codes is None else int(label), last) for label in leaf.labels]
    return found


def _spread(survey: Survey, made: Described, parts: Groups, answers: Mapping[str, Answer]) -> None:
    """Find standard deviation, quartiles and range of numbers."""
    means = {cell[1]: leaf.point[i] for leaf, known in answers.values() for i, cell in enumerate(known)}
    one, weight = made.variable, survey.sample.sampling.weights
    every, answered = one.values, one.answered & (survey.sample.multiplicity > 0)
    rule: question.Rule = "lower" if one.kind == "date" else "midpoint"
    for column in range(parts.size):
        among = parts.inside(column)
        inside = answered if among is None else answered & among
        n = made.n[0, column]
        if n == 0:
            continue
        # No copy where everyone answered.
        values, of_each = (every, weight) if inside.all() else (every[inside], weight[inside])
        made.spread[column, 1:4] = quantiles.sample_quantiles(values, of_each, QUARTILES, rule)
        made.spread[column, [0, 4]] = values.min(), values.max()
        if one.kind == "continuous" and n > 1:
            off = values - means[column]
            off *= off
            made.sd[column] = np.sqrt(of_each @ off / of_each.sum() * n / (n - 1))


def _compare(surveys: Sequence[Survey], variable: Sequence[Variable], made: Described, parts: Sequence[Groups]) -> None:
    """Test whether the groups differ; where that can't be, keep the reason for the notes."""
    one = made.variable
    try:
        if one.kind == "date":
            return
        if one.codes is not None:
            rows = [Side(v.asked, v.codes, pd.RangeIndex(len(v.levels))) for v in variable]
            heads = [Side(part.asked()[0], part.codes, pd.RangeIndex(len(part.labels))) for part in parts]
            wheres = [part.where for part in parts]
            result = independence(joined(surveys, rows, heads, f"{one.name} by {parts[0].name}", wheres))
        else:
            result = equal_means(aligned(made.by_group), one.name)
        made.p, made.test = result.p, result.method
    except (InputError, EstimationError) as error:
        made.trouble = english("No p for {column}. {text}", column=one.title, text=error)
