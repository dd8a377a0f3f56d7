"""What a Table 1 has on request: standardised differences, design effects, tests for trend, presentation standards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import EstimationError, InputError, in_words
from ..expression.nodes import Node
from ..ground.columns import Floats
from ..ground.language import english
from ..sample.groups import levels_of
from ..uncertainty import presentation
from ..uncertainty.design_effect import design_effect, has_design_effect
from .compare import linear_trend
from .described import Described
from .imputations import aligned
from .variables import Groups, Variable

if TYPE_CHECKING:
    from ..survey.survey import Survey
#: The rules for which shares are shown.
RULES = ("nchs",)


@dataclass(frozen=True)
class More:
    """What is asked for."""

    smd: bool = False
    deff: bool = False
    trend: bool = False
    rules: str | None = None

    def check(self, surveys: Sequence[Survey], by: str | None, parts: Sequence[Groups]) -> None:
        """Refuse what has no meaning for these groups."""
        for asked, called, what in ((self.smd, "smd", "compares groups"), (self.trend, "trend", "goes over groups")):
            if asked and by is None:
                raise InputError(f"{called}=True {what}: name their column with by=.")
        if self.rules is not None and self.rules not in RULES:
            raise InputError(f"presentation={in_words(self.rules)} must be one of {', '.join(map(repr, RULES))}.")
        if len(surveys) > 1 and (self.rules or self.deff):
            given = "presentation=" if self.rules else "deff=True"
            raise InputError(f"{given} is about one sample, and imputations are several; leave it out.")
        if self.trend and by is not None and len(parts[0].labels) > 2 and not ordered(surveys[0], by):
            raise InputError(
                f"trend=True goes over groups in their order, and {by!r} has none. Make it an ordered categorical, "
                "pandas.Categorical(values, categories=[...], ordered=True), or numbers."
            )


def ordered(survey: Survey, name: str) -> bool:
    """Say whether a column's levels have an order: ordered categories, or numbers."""
    values = survey.sample.column(name)
    if isinstance(values.dtype, pd.CategoricalDtype):
        return bool(values.dtype.ordered)
    return _numbers(list(pd.unique(values.dropna())))


def add(
    surveys: Sequence[Survey], variable: Sequence[Variable], made: Described, parts: Sequence[Groups], more: More
) -> None:
    """Add to a variable's numbers what is asked for."""
    if more.smd:
        made.smd = _largest(made, len(parts[0].labels))
    if more.deff:
        made.deff = _by_cell(made, lambda node: design_effect(node) if has_design_effect(node) else None)
    if more.rules is not None and made.variable.codes is not None:
        made.verdicts = _verdicts(made)
    if more.trend:
        _trend(surveys[0], made, parts[0])


def _largest(made: Described, groups: int) -> float:
    """Return the largest standardised difference of two groups."""
    found = [difference(made, a, b) for a, b in combinations(range(groups), 2)]
    return float(np.max(found)) if found and not np.isnan(found).any() else np.nan


def difference(made: Described, a: int, b: int) -> float:
    """Return the standardised difference of two columns: the distance of means in standard deviations.

    Of numbers and of shares of yes (Austin 2009, Statistics in Medicine 28:3083-3107); of several categories the distance of
    Mahalanobis (Yang and Dalton 2012, SAS Global Forum, paper 335), of which the former is the case of two. Shares, means and
    standard deviations are weighted where the survey is.
    """
    if made.variable.kind == "date" or not (made.n[:, [a, b]].sum(axis=0) > 0).all():
        return np.nan
    if made.variable.codes is None:
        off = np.array([made.point[0, a] - made.point[0, b]])
        spread = np.array([[(made.sd[a] ** 2 + made.sd[b] ** 2) / 2]])
    else:
        some = np.flatnonzero((made.point[:, [a, b]] > 0).any(axis=1))[1:]
        p, q = made.point[some, a], made.point[some, b]
        off, spread = p - q, (_spread(p) + _spread(q)) / 2
    if not off.size or (off == 0).all():
        return 0.0
    if not np.isfinite(spread).all() or np.linalg.matrix_rank(spread, hermitian=True) < len(off):
        return np.nan  # nothing varies in a direction in which they differ
    return float(np.sqrt(off @ np.linalg.solve(spread, off)))


def _spread(p: Floats) -> Floats:
    return np.asarray(np.diag(p) - np.outer(p, p))


def _by_cell(made: Described, function: Callable[[Node], Floats | None]) -> Floats:
    """Put numbers of the variable's answers where the answers stand."""
    result = np.full(made.point.shape, np.nan)
    found = [function(node) for node in made.nodes]
    if not made.nodes:
        return result
    values = np.concatenate(
        [np.full(len(n.point), np.nan) if f is None else f for n, f in zip(made.nodes, found, strict=True)]
    )
    there = made.place >= 0
    result[there] = values[made.place[there] - made.place[there].min()]
    return result


def _verdicts(made: Described) -> Any:
    """Return what presentation standards say of each share, and "complement" beside those of which all others are unreliable."""
    result = np.full(made.point.shape, "", dtype=object)
    judged = [presentation.nchs(node) for node in made.nodes]
    codes = [np.array(one.verdicts, dtype=object) for one in judged]
    for one, code in zip(judged, codes, strict=True):
        code[one.complement & (code == "show")] = "complement"
    there = made.place >= 0
    if codes:
        result[there] = np.concatenate(codes)[made.place[there] - made.place[there].min()]
    # Levels that nobody of a group has are no labels of the answers; they say as much as there are people.
    n = made.n.sum(axis=0)
    nobody = ~there & (n > 0)[None, :] & (made.point == 0)
    for line, column in zip(*np.nonzero(nobody), strict=True):
        size = np.array([n[column]])
        result[line, column] = presentation.of_numbers(np.zeros(1), size, size, np.array([np.inf])).verdicts[0]
    return result


def _trend(survey: Survey, made: Described, parts: Groups) -> None:
    """Test for a trend over the groups; where that can't be, keep the reason for the notes."""
    one = made.variable
    if one.kind == "date":
        return
    score = _scores(survey, one)
    if score is None:
        made.no_trend = english(
            "No test for trend of {column}: its levels have no order. Make it an ordered categorical.", column=one.title
        )
        return
    try:
        leaves = aligned(made.by_group)
        cells = [label if isinstance(label, tuple) else (label, 0) for label in leaves[0].labels]
        groups = list(dict.fromkeys(int(group) for group, _ in cells))
        rank = dict(zip(groups, _ranks([parts.levels[group] for group in groups]), strict=True))
        middle = float(np.mean(list(rank.values())))
        weights = np.array([(rank[int(group)] - middle) * score[int(code)] for group, code in cells])
        made.trend = linear_trend(leaves, weights, groups, one.title).p
    except (InputError, EstimationError) as error:
        made.no_trend = english("No test for trend of {column}. {text}", column=one.title, text=error)


def _scores(survey: Survey, one: Variable) -> Floats | None:
    """Return the number of each level: 1 for yes, ranks of ordered levels; None where they have no order."""
    if one.codes is None:
        return np.ones(1)
    if one.kind in ("binary", "multiple"):
        return np.array([0.0, 1.0])
    if not ordered(survey, one.name) and len(one.levels) > 2:
        return None
    levels = levels_of(survey.sample, one.name)[1].tolist()
    return np.array(_ranks(levels if len(levels) == len(one.levels) else one.levels))


def _ranks(levels: Sequence[Any]) -> list[float]:
    """Return 1, 2, ... in the order of numbers, or of the levels as they come."""
    if not _numbers(levels):
        return [float(i + 1) for i in range(len(levels))]
    return [float(sorted(map(float, levels)).index(float(level)) + 1) for level in levels]


def _numbers(levels: Sequence[Any]) -> bool:
    return all(isinstance(level, (int, float, np.number)) and not isinstance(level, bool) for level in levels)
