"""What is asked of a survey: of which columns, or of what is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from ..expression.typed import require
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
        named = what.format(*map(self.called, self.columns))
        return named + (f", where {self.called(self.where)}" if self.where is not None else "")

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
