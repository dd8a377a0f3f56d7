"""Ranks of answers in the population that a sample stands for, and scores made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..expression.typed import require
from ..ground import columns
from ..ground.columns import Floats
from ..sample.groups import Mask, inside_of
from ..sample.sample import Indicator, Sample
from .significance import special

#: What is done to the estimated share of the population below a value.
SCORES = ("wilcoxon", "normal", "median")


@dataclass(frozen=True)
class Ranks(Indicator):
    """Scores of the ranks of a column's answers, among those who belong to a group: made anew of each sample's weights."""

    public: ClassVar[tuple[str, ...]] = ("column", "by", "scores", "where")

    column: str
    by: str
    scores: str
    where: str | Mask | None = None

    def confirm(self) -> None:
        """Refuse scores that there are not."""
        require(self, self.scores in SCORES)

    @property
    def title(self) -> str:
        """What is ranked."""
        return f"ranks of {self.column}"

    def make(self, sample: Sample) -> pd.Series[Any]:
        """Rank the sample's answers."""
        score = population_ranks(sample, self.column, self.by, self.where)
        if self.scores == "normal":
            score = special().ndtri(score)
        elif self.scores == "median":
            score = np.where(np.isnan(score), np.nan, (score > 0.5).astype(float))
        return pd.Series(score, name=self.title, copy=False)


def population_ranks(sample: Sample, column: str, by: str, where: str | Mask | None = None) -> Floats:
    """Return the estimated share of the population below each value, half of those with the same value included.

    Who weighs nothing is none of that population and has no rank: the share below could be 0, whose normal score is infinite.
    """
    values = sample.answers(column)
    groups, _ = columns.categories(sample.column(by))
    weights = sample.sampling.weights
    inside = ~np.isnan(values) & (groups >= 0) & (weights != 0) & inside_of(sample, where)[0]
    found, place = np.unique(values[inside], return_inverse=True)
    held = np.bincount(place, weights=weights[inside], minlength=len(found))
    result = np.full(len(values), np.nan)
    result[inside] = ((np.cumsum(held) - held / 2) / held.sum())[place]
    return result
