"""Which labels of estimates rest on so few participants that a report must not show them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..answers import plan
from ..answers.function import Replicated
from ..answers.statistic import Statistic
from ..errors import HiddenpopWarning, InputError
from ..expression import graph
from ..expression.nodes import Node
from ..expression.operations import Constant, Operation, Stack, Take, Weigh
from ..ground import columns
from ..ground.columns import Bools, Codes
from ..multipliers.multiplier import Multiplied
from ..regression.leaf import Regressed
from ..sample.groups import Mask, domain, groups_of, inside_of
from ..sources.uncertain_input import Input
from ..tables import disclosure
from ..tables.disclosure import Cut
from ..tables.table import Table


class Privacy:
    """What is hidden of all that a report shows, found for everything together.

    A label is hidden when its number, its complement or those who answered are 1 to `below - 1` participants, when another
    hidden one could be worked out with it, and when anything that it was computed from is hidden.
    """

    def __init__(self, below: int | None, nodes: Sequence[Node], tables: Sequence[Table]) -> None:
        self.below = below
        self._leaves: dict[Node, Bools] = {}
        if below is None:
            return
        cuts: list[Cut] = [cut for table in tables if table.made is not None for cut in table.made.cuts]
        read: list[tuple[Statistic, Cut, list[tuple[int, int]]]] = []
        for leaf in dict.fromkeys(leaf for node in nodes for leaf in graph.walk(node) if not leaf.args):
            if isinstance(leaf, (Replicated, Statistic, Regressed)) and leaf.sample is None:
                raise InputError(
                    f"An estimate from {leaf.record.title} was read from a file, so it can't be checked for small numbers. Make it "
                    "from the survey, or leave suppress_below out."
                )
            if isinstance(leaf, Replicated):
                raise InputError(
                    f"'{leaf.title}' is a function of weights, and nothing says on how many participants it rests. Leave it "
                    "out of a report with suppress_below."
                )
            if isinstance(leaf, Regressed):
                self._leaves[leaf] = np.full(len(leaf.point), _few_in_model(leaf, below))
            if isinstance(leaf, Statistic):
                cut, places, small = _cut(leaf, below)
                self._leaves[leaf] = small
                if cut is not None:
                    cuts.append(cut)
                    read.append((leaf, cut, places))
        disclosure.close(cuts, below)
        for leaf, cut, places in read:
            self._leaves[leaf] |= np.array([cut.hidden[place] for place in places], dtype=bool)

    def hidden(self, node: Node) -> Bools:
        """Say which labels of a node are hidden."""
        size = len(node.point)
        if self.below is None:
            return np.zeros(size, dtype=bool)
        if node in self._leaves:
            return self._leaves[node]
        parts = [self.hidden(arg) for arg in node.args]
        if isinstance(node, Take):
            return parts[0][list(node.positions)]
        if isinstance(node, Weigh):
            return np.asarray(((node.weights != 0) & parts[0][None, :]).any(axis=1))
        if isinstance(node, Stack):
            return np.concatenate(parts)
        if isinstance(node, Multiplied):
            benchmark = node.args[0]
            if isinstance(benchmark, (Constant, Input)):
                parts.append((benchmark.point > 0) & (benchmark.point < self.below))
        if not parts:
            return np.zeros(size, dtype=bool)
        if isinstance(node, (Operation, Multiplied)):
            return np.asarray(np.any(np.broadcast_arrays(np.zeros(size, dtype=bool), *parts), axis=0))
        return np.full(size, any(part.any() for part in parts))

    def untouched(self, node: Node) -> bool:
        """Say whether nothing at all is hidden behind a node, so that all of its history may be written."""
        return not any(self.hidden(part).any() for part in graph.walk(node))


def _few_in_model(leaf: Regressed, below: int) -> bool:
    """Say whether a group that a model's predictors make has few participants, or few with or without the outcome."""
    assert leaf.plan is not None
    fit = leaf.plan.fit
    people = leaf.live.multiplicity[fit.rows].astype(float)
    binary = bool(np.isin(fit.y, (0.0, 1.0)).all())
    sides = [fit.y == 1, fit.y == 0] if binary else [np.ones(len(fit.y), dtype=bool)]
    for column in fit.x.T:
        if np.isin(column, (0.0, 1.0)).all():
            for group in (column == 1, column == 0):
                counts = [people[group & side].sum() for side in sides]
                if any(0 < count < below for count in counts):
                    return True
    return bool(people.sum() < below)


def _cut(leaf: Statistic, below: int) -> tuple[Cut | None, list[tuple[int, int]], Bools]:
    """Return a statistic as a cut, where each of its labels stands in it, and which rest on few participants."""
    sample, question = leaf.live, leaf.question
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)
        answers = [columns.column(sample.units, name) for name in question.columns]
        found = domain(sample, question.by, question.where, dict(zip(question.columns, answers, strict=True)))
        full = plan.make(sample, question).labels
    groups = len(found.labels)
    answer = answers[0] if answers else None
    several = question.kind in ("proportion", "count") and answer is not None
    codes, labels = (np.zeros(len(sample.units), dtype=np.int64), None)
    if answer is not None:
        codes, labels = columns.categories(answer)
    two = question.kind in ("proportion", "mean", "total") and labels is not None and _zero_one(labels.tolist())
    name = question.columns[0] if question.columns else "participants"
    if question.kind == "count" and answer is None and question.by:
        # How many are in each group: the last of the columns that make them is what is counted by the others.
        *others, name = question.by
        by = tuple(others)
        codes, labels = columns.categories(columns.column(sample.units, name))
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
            yes = [i for i, label in enumerate(labels.tolist()) if label == 1]
            places = [(yes[0] if yes else 0, group) for group in range(groups)]
        else:
            codes, lines = np.where(found.groups >= 0, 0, -1), 1
            places = [(0, group) for group in range(groups)]
    sums = not (several or two or question.kind == "count")
    where = question.where
    cut = Cut(
        sample,
        name,
        by,
        np.where(found.groups >= 0, codes, -1),
        domain_groups,
        lines,
        groups,
        np.zeros((lines, groups), dtype=bool),
        shown=tuple(sorted({line for line, _ in places})),
        sums=sums,
        where=None if where is None else (f"a mask {id(where)}" if isinstance(where, Mask) else where),
        domain=None if where is None else inside_of(sample, where)[0],
        fixed=False,
    )
    positions = full.get_indexer(leaf.labels) if len(full) > 1 or len(leaf.labels) > 1 else np.zeros(1, dtype=int)
    places = [places[int(p)] for p in positions]
    small = np.array([_few(cut, line, group, below) for line, group in places], dtype=bool)
    for place, few in zip(places, small, strict=True):
        cut.hidden[place] |= few
    if question.kind == "ratio":
        small |= _few_above_zero(leaf, found.groups, groups, below)[[group for _, group in places]]
    return (None if question.kind == "quantile" else cut), places, small


def _place(label: Any, labels: pd.Index[Any], heads: pd.Index[Any]) -> tuple[int, int]:
    """Find the level and the group of a label that names both."""
    *others, last = label if isinstance(label, tuple) else (label,)
    key: Any = tuple(others) if len(others) > 1 else others[0] if others else None
    return int(labels.tolist().index(last)), heads.tolist().index(key) if others else 0


def _zero_one(labels: list[object]) -> bool:
    return 0 < len(labels) <= 2 and all(isinstance(label, (bool, int, float)) and label in (0, 1) for label in labels)


def _few(cut: Cut, level: int, group: int, below: int) -> bool:
    answered = cut.count(None, group)
    own = cut.count(level, group)
    return any(0 < count < below for count in (own, answered, answered - own))


def _few_above_zero(leaf: Statistic, groups: Codes, size: int, below: int) -> Bools:
    """Say in which groups a ratio's parts rest on few participants who are not zero."""
    sample = leaf.live
    few = np.zeros(size, dtype=bool)
    for name in leaf.question.columns:
        positive = np.nan_to_num(sample.answers(name)) != 0
        for group in range(size):
            count = sample.multiplicity[positive & (groups == group)].sum()
            few[group] |= bool(0 < count < below)
    return few
