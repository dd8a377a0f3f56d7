"""What is asked of a survey, by names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from ..sample.groups import Mask

Kind = Literal["proportion", "mean", "total", "ratio", "count", "quantile"]
Rule = Literal["midpoint", "lower"]


@dataclass(frozen=True)
class Question:
    """What is asked of a survey, by names."""

    public: ClassVar[tuple[str, ...]] = ("kind", "columns", "by", "where", "probability", "rule", "weighted")

    kind: Kind
    columns: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: str | Mask | None = None
    probability: float | None = None
    rule: Rule = "midpoint"
    weighted: bool = False

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
