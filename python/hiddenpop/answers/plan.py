"""The columns whose totals (or values) answer a question to a sample."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import numpy as np
import pandas as pd

from ..errors import InputError
from ..ground import columns
from ..ground.columns import Codes, Floats
from ..sample import groups
from ..sample.sample import Sample
from .indicators import Split
from .question import Question


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

    def rows_of(self, labels: pd.Index[Any]) -> Codes:
        """Return the places of some labels among its own."""
        if labels is self.labels:  # as long as nobody picked any
            return np.arange(len(labels), dtype=np.int64)
        return cast("Codes", self.labels.get_indexer(labels))


def make(sample: Sample, question: Question) -> Plan:
    """Find the columns that answer a question."""
    answers = [sample.column(name) for name in question.columns]
    named = dict(zip(map(str, question.columns), answers, strict=True))
    domain = groups.domain(sample, question.by, question.where, named)
    kind, whole = question.kind, Split(domain.groups, len(domain.labels))
    shared = kind == "proportion" and not columns.is_binary(answers[0])
    if shared or (kind == "count" and answers):
        of_kind = columns.kind(answers[0])
        if of_kind in ("number", "date"):
            found = answers[0].nunique()
            raise InputError(
                f"Column {str(question.columns[0])!r} holds {found:,} different {of_kind}s, not categories. For a {kind} of "
                "each value make it categorical (astype('category') or pandas.cut)"
                + ("; for its mean use mean." if of_kind == "number" else ".")
                + _codes(str(question.columns[0]), answers[0])
            )
        codes, labels = groups.categories_of(question.columns[0], answers[0])
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
    values = [sample.numbers(answer) for answer in answers]
    top = Split(whole.place, whole.size, values[0] if values else None, np.nan if kind == "quantile" else 0.0)
    bottom = Split(whole.place, whole.size, values[1]) if kind == "ratio" else whole
    labels = domain.labels if question.by else pd.Index([question.title])
    divided = kind in ("proportion", "mean", "ratio")
    return Plan(
        labels, not question.by, top, bottom if divided else None, np.arange(len(labels)), domain.n, domain.missing
    )


#: What is said of a column of ones and twos.
ONE_AND_TWO = (
    " If 1 means yes and 2 no, write table = hp.recode(table, columns={name!r}, yes=[1], no=[2]).table before making "
    "the survey."
)


def _codes(name: str, values: pd.Series[Any]) -> str:
    return ONE_AND_TWO.format(name=name) if set(values.dropna().unique().tolist()) == {1, 2} else ""


def _cross(within: pd.Index[Any] | None, labels: pd.Index[Any], question: Question) -> pd.Index[Any]:
    name = str(question.columns[0])
    if within is None:
        return cast("pd.Index[Any]", pd.Index(labels.tolist(), name=name))
    rows = [(*(g if isinstance(g, tuple) else (g,)), label) for g in within for label in labels.tolist()]
    return cast("pd.Index[Any]", pd.MultiIndex.from_tuples(rows, names=[*map(str, question.by), name]))
