"""The numbers of a Table 1: asked of the survey, drawn together in one pass."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..answers import quantiles, question
from ..answers.question import Question
from ..answers.statistic import Statistic, ask
from ..errors import EstimationError, HiddenpopWarning, InputError
from ..expression.operations import Stack
from ..ground.columns import Floats
from ..uncertainty import interval
from . import significance
from .cells import Side, independence, joined
from .compare import equal_means
from .variables import Groups, Variable

if TYPE_CHECKING:
    from ..survey.survey import Survey
#: How the notes begin on shares of 0 and 1, of which the table says once that they have no interval.
FLAT = ("No interval by this method: everyone or nobody", "No interval: the standard error is zero")
QUARTILES = [0.25, 0.5, 0.75]


@dataclass(eq=False)
class Described:
    """A variable's numbers; arrays are lines (levels, or one) x columns of the table."""

    variable: Variable
    n: Floats
    missing: Floats
    point: Floats
    #: Where each number stands among all that have intervals; -1 where there is none.
    place: Any
    sd: Floats
    #: Quartiles and range (columns x 5), of numbers and dates.
    spread: Floats
    p: float = np.nan
    test: str = ""
    trouble: str = ""
    leaves: list[Statistic] = field(default_factory=list)


def evaluate(
    survey: Survey, asked: Sequence[Variable], parts: Groups, *, test: bool, correction: str
) -> list[Described]:
    """Ask for everything about all variables."""
    found, first = [], 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)  # said in the table's notes
        for one in asked:
            made = _describe(survey, one, parts, first)
            first += sum(len(leaf.point) for leaf in made.leaves)
            if test:
                _compare(survey, made, parts)
            found.append(made)
    if test and correction != "none":
        for made, p in zip(found, significance.correct([d.p for d in found], correction), strict=True):
            made.p = float(p)
    return found


def intervals(survey: Survey, found: Sequence[Described], level: float, method: str | None) -> tuple[Floats, list[str]]:
    """Return lower and upper ends of all means and shares, and what must be known: one evaluation draws all of them."""
    node = Stack(tuple(leaf for made in found for leaf in made.leaves))
    if not node.args:
        return np.zeros((0, 2)), []
    chosen = method or interval.default_method(node)
    ends, notes = interval.interval(node, level, chosen, None)
    # Where nobody answered, the table says so; that redraws find nobody either is no news.
    heard = [note for note in notes if not np.isnan(node.point[list(note.labels)]).all() or not note.labels]
    texts = dict.fromkeys(f"{note.text.rstrip('.')}." for note in heard)
    return ends, [text for text in texts if not text.startswith(FLAT)]


def _describe(survey: Survey, one: Variable, parts: Groups, first: int) -> Described:
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
    if one.kind != "date":
        _ask(survey, made, parts, first)
    if one.answers is not None:
        _spread(survey, made, parts)
    return made


def _ask(survey: Survey, made: Described, parts: Groups, first: int) -> None:
    """Ask for means or shares, by group and together."""
    one = made.variable
    kind: Any = "mean" if one.codes is None else "proportion"
    weighted = survey.record.weighted
    some = made.n.sum(axis=0) > 0
    if parts.name is not None and some[: len(parts.labels)].any():
        silent = np.flatnonzero(~some[: len(parts.labels)])
        leaf = ask(survey.sample, Question(kind, (one.asked,), parts.asked(silent.tolist()), weighted=weighted))
        made.leaves.append(leaf)
        for i, label in enumerate(leaf.labels):
            group, code = label if isinstance(label, tuple) else (label, 0)
            made.point[code, group], made.place[code, group] = leaf.point[i], first + i
        first += len(leaf.point)
    if parts.total:
        leaf = ask(survey.sample, Question(kind, (one.asked,), weighted=weighted))
        made.leaves.append(leaf)
        for i, label in enumerate(leaf.labels):
            code = 0 if one.codes is None else int(label)
            made.point[code, -1], made.place[code, -1] = leaf.point[i], first + i
    # A level that nobody has is no label of the answer; its share is known all the same.
    if one.codes is not None:
        made.point[(made.n == 0) & some[None, :]] = 0.0


def _spread(survey: Survey, made: Described, parts: Groups) -> None:
    """Find standard deviation, quartiles and range of numbers."""
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
            off = values - made.point[0, column]
            off *= off
            made.sd[column] = np.sqrt(of_each @ off / of_each.sum() * n / (n - 1))


def _compare(survey: Survey, made: Described, parts: Groups) -> None:
    """Test whether the groups differ; where that can't be, keep the reason for the notes."""
    one = made.variable
    try:
        if one.kind == "date":
            return
        if one.codes is not None:
            row = Side(one.asked, one.codes, pd.RangeIndex(len(one.levels)))
            column = Side(parts.asked()[0], parts.codes, pd.RangeIndex(len(parts.labels)))
            result = independence(joined(survey, row, column, f"{one.name} by {parts.name}"))
        else:
            result = equal_means(survey, made.leaves[0], one.name)
        made.p, made.test = result.p, result.method
    except (InputError, EstimationError) as error:
        made.trouble = f"No p for {one.title}. {error}"
