"""What is asked of a survey: of which columns, or of what is made of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from ..expression.typed import require
from ..sample.groups import Mask
from ..sample.sample import Indicator

Kind = Literal["proportion", "mean", "total", "ratio", "count", "quantile"]
Rule = Literal["midpoint", "lower"]


@dataclass(frozen=True)
class Question:
    """What is asked of a survey, by names of columns or by indicators, which any survey with their columns can answer."""

    public: ClassVar[tuple[str, ...]] = ("kind", "columns", "by", "where", "probability", "rule", "weighted")

    kind: Kind
    columns: tuple[str | Indicator, ...]
    by: tuple[str | Indicator, ...] = ()
    where: str | Mask | None = None
    probability: float | None = None
    rule: Rule = "midpoint"
    weighted: bool = False

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
        return what.format(*self.columns) + (f", where {self.where}" if self.where is not None else "")

    @property
    def key(self) -> Question:
        """The question by names alone, as a key of what else is drawn for it."""
        return replace(self, columns=_keys(self.columns), by=_keys(self.by))


def _keys(asked: tuple[str | Indicator, ...]) -> tuple[str, ...]:
    return tuple(one.key if isinstance(one, Indicator) else one for one in asked)
