"""The lines of a model's table and figure: its terms, their levels with the reference, and who belongs to each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import numpy as np

from ..errors import suggest, warn
from ..ground.columns import Bools
from ..ground.formula_text import INTERCEPT
from ..ground.language import tr
from ..ground.matrices import ModelMatrix
from ..ground.text import label_of
from ..sample.labels import check_apart
from .leaf import Regressed

#: Between what an interaction multiplies.
TIMES = " × "
#: Interactions of more cells keep the names that the formula gives them.
MOST_NAMES = 10_000


@dataclass(frozen=True, eq=False)
class Fitted:
    """A model as it was fitted to one sample, and what its formula made of it."""

    leaf: Regressed
    predictors: ModelMatrix


@dataclass(frozen=True, eq=False)
class Line:
    """One line: a term's heading, a level, or a number's coefficient."""

    #: The term of the formula; None for the intercept.
    term: str | None
    label: str
    #: What the term is called; empty where the line says it itself.
    heads: str = ""
    #: The name of its coefficient; None for headings and references.
    coefficient: str | None = None
    reference: bool = False
    #: The column and the level whose participants it counts: no level for everybody; no column where nobody is counted.
    column: str | None = None
    level: Any = None

    @property
    def says(self) -> str:
        """Its label as readers get it: where it is no word of the table's, but yes or no of a column of 0 and 1."""
        if self.level is None or isinstance(self.level, str):
            return self.label
        return {"no": tr("no"), "yes": tr("yes")}.get(self.label, self.label)

    @property
    def heading(self) -> bool:
        """Whether it opens a term with several lines."""
        return self.coefficient is None and not self.reference

    def who(self, model: Fitted) -> Bools:
        """Mark the rows of the model that it counts."""
        frame = model.predictors.frame
        if self.level is None:
            return np.ones(len(frame), dtype=bool)
        return np.asarray(frame[self.column] == self.level, dtype=bool)


def of_model(model: Fitted, labels: Mapping[str, str] | None, *, intercept: bool) -> list[Line]:
    """Return the lines of all terms, as the formula has them."""
    _check_labels(model, labels)
    predictors = model.predictors
    check_apart({term: _title(model, term, labels) for term in predictors.places}, labels or {})
    found = [Line(None, INTERCEPT, coefficient=INTERCEPT)] if intercept and INTERCEPT in predictors.names else []
    for term in predictors.places:
        found += _of_term(model, term, labels)
    return found


def levels_of(model: Fitted, term: str) -> tuple[str, tuple[Any, ...], tuple[str | None, ...]] | None:
    """Return a term's column, its levels and the coefficient of each (None: the reference); None where it has no levels."""
    predictors = model.predictors
    if predictors.terms is None or len(predictors.terms.factors[term]) != 1 or len(predictors.terms.uses[term]) != 1:
        return None
    (column,) = predictors.terms.uses[term]
    own = [predictors.names[place] for place in predictors.places[term]]
    if column in predictors.categories and own != [column]:
        levels = predictors.categories[column]
        names = tuple(_first(own, f"{term}[T.{level}]", f"{term}[{level}]") for level in levels)
        known = [name for name in names if name is not None]
        whole = sorted(known) == sorted(own) and names.count(None) <= 1
        return (column, levels, names) if whole else None
    values = predictors.frame[column]
    if own == [term] == list(predictors.terms.factors[term]) and term == column and bool(values.isin([0, 1]).all()):
        yes_no = (False, True) if values.dtype == bool else (0, 1)
        return column, yes_no, (None, term)
    return None


def _of_term(model: Fitted, term: str, labels: Mapping[str, str] | None) -> list[Line]:
    predictors = model.predictors
    own = [predictors.names[place] for place in predictors.places[term]]
    found = levels_of(model, term)
    title = _title(model, term, labels)
    if found is not None:
        column, levels, names = found
        yes_no = predictors.frame[column].isin([0, 1]).all() and len(levels) == 2 and own == [term]
        texts = ("no", "yes") if yes_no else tuple(label_of(level) for level in levels)
        lines = [
            Line(term, text, title, name, name is None, column, level)
            for text, name, level in zip(texts, names, levels, strict=True)
        ]
        return [Line(term, title), *lines]
    assert predictors.terms is not None
    uses = list(predictors.terms.uses[term])
    if own == [term] and len(uses) == 1:
        return [Line(term, title, "", term, False, uses[0])]
    called = _products(model, term, labels) if len(predictors.terms.factors[term]) > 1 else {}
    if len(own) == 1:
        return [Line(term, called.get(own[0], title), "", own[0])]
    return [Line(term, title), *(Line(term, called.get(name, name), title, name) for name in own)]


def _products(model: Fitted, term: str, labels: Mapping[str, str] | None) -> dict[str, str]:
    """Say what coefficients of an interaction are called: each factor by its column's label, or the level's."""
    predictors = model.predictors
    assert predictors.terms is not None
    pieces = []
    for factor in predictors.terms.factors[term]:
        title = _title(model, factor, labels)
        known = {factor: title}
        column = _column(model, factor)
        for level in predictors.categories.get(column or "", ()):
            known.update({f"{factor}[T.{level}]": label_of(level), f"{factor}[{level}]": label_of(level)})
        pieces.append(known)
    if prod(map(len, pieces)) > MOST_NAMES:
        return {}
    return {
        ":".join(names): TIMES.join(known[name] for known, name in zip(pieces, names, strict=True))
        for names in product(*pieces)
    }


def _title(model: Fitted, term: str, labels: Mapping[str, str] | None) -> str:
    """Return what a term is called: by the label that it was given, or that of its column."""
    if labels and term in labels:
        return labels[term]
    factors = () if model.predictors.terms is None else model.predictors.terms.factors.get(term, ())
    if len(factors) > 1:
        return TIMES.join(_title(model, factor, labels) for factor in factors)
    column = _column(model, term)
    return term if column is None else (labels or {}).get(column) or model.leaf.live.called(column)


def _column(model: Fitted, factor: str) -> str | None:
    """Return the column that a factor is: by itself, or as C() of it."""
    if factor in model.predictors.frame.columns:
        return factor
    if not factor.startswith("C("):
        return None
    inner = factor[2:].split(",", maxsplit=1)[0].rstrip(")").strip("`")
    return inner if inner in model.predictors.frame.columns else None


def _first(own: Sequence[str], *names: str) -> str | None:
    return next((name for name in names if name in own), None)


def _check_labels(model: Fitted, labels: Mapping[str, str] | None) -> None:
    known = [*model.leaf.live.units.columns, *model.predictors.places]
    unknown = [name for name in labels or {} if name not in known]
    if unknown:
        warn(f"labels= names {unknown[0]!r}, which is no column or term. {suggest(unknown[0], known)}")
