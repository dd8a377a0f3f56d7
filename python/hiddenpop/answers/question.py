"""What is asked of a survey: of which columns, or of what is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from ..expression.typed import require
from ..ground.language import english
from ..sample.groups import Mask
from ..sample.sample import Indicator

Kind = Literal["proportion", "mean", "total", "ratio", "count", "quantile"]
Rule = Literal["midpoint", "lower"]


@dataclass(frozen=True)
class Question:
    """What is asked of a survey, by names of columns or by indicators, which any survey with their columns can answer."""

    public: ClassVar[tuple[str, ...]] = ("kind", "columns", "by", "where", "probability", "rule", "weighted", "labels")

    kind: Kind
    columns: tuple[str | Indicator, ...]
    by: tuple[str | Indicator, ...] = ()
    where: str | Mask | None = None
    probability: float | None = None
    rule: Rule = "midpoint"
    weighted: bool = False
    #: What its columns are called, by name, where they have labels.
    labels: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)

    def confirm(self) -> None:
        """Refuse a question that can't be asked."""
        if self.kind != "count":
            require(self, len(self.columns) == (2 if self.kind == "ratio" else 1))
        require(self, (self.kind == "quantile") == (self.probability is not None))
        require(self, self.probability is None or 0 < self.probability < 1)

    @property
    def noun(self) -> str:
        """The kind of question in a word."""
        words: dict[Kind, str] = {
            "proportion": english("proportion"),
            "mean": english("mean"),
            "total": english("total"),
            "ratio": english("ratio"),
            "count": english("count"),
            "quantile": english("quantile"),
        }
        return words[self.kind]

    @property
    def title(self) -> str:
        """A short name for tables and plots."""
        what = self._what
        return (
            what if self.where is None else english("{what}, where {where}", what=what, where=self.called(self.where))
        )

    @property
    def _what(self) -> str:
        """What is asked, of everyone."""
        names = list(map(self.called, self.columns))
        if self.kind == "count":
            text = english("people") if self.weighted else english("participants in the sample")
            for column in names:
                text = english("{what}, by {column}", what=text, column=column)
            return text
        column = names[0]
        if self.kind == "ratio":
            return english("ratio of {column} to {other}", column=column, other=names[1])
        if self.kind == "proportion":
            return english("proportion of {column}", column=column)
        if self.kind == "mean":
            return english("mean of {column}", column=column)
        if self.kind == "total" and self.weighted:
            return english("total of {column}", column=column)
        if self.kind == "total":
            return english("sample total of {column}", column=column)
        if self.probability == 0.5:
            return english("median of {column}", column=column)
        return english("{probability} quantile of {column}", probability=self.probability, column=column)

    def called(self, name: object) -> str:
        """Return a column's label, or its name."""
        return next((label for column, label in self.labels if column == str(name)), str(name))

    def labelled(self, labels: Mapping[str, str]) -> Question:
        """Return the question with the labels of its columns; one that has some keeps those."""
        names = dict.fromkeys(map(str, (*self.columns, *self.by, *(() if self.where is None else (self.where,)))))
        found = tuple((name, str(labels[name])) for name in names if name in labels)
        return replace(self, labels=found) if found and not self.labels else self

    @property
    def key(self) -> Question:
        """The question by names alone, as a key of what else is drawn for it."""
        return replace(self, columns=_keys(self.columns), by=_keys(self.by), labels=())


def _keys(asked: tuple[str | Indicator, ...]) -> tuple[str, ...]:
    return tuple(one.key if isinstance(one, Indicator) else one for one in asked)
