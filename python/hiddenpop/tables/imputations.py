"""The same table or comparison of several imputations, pooled by Rubin's rules; one survey is an imputation by itself.

Covariances of vectors are those within imputations times what imputing adds to them on average: with few imputations the
covariance between them has no full rank (Li, Raghunathan and Rubin 1991, JASA 86:1065-1073). Of a single number that is
Rubin's variance, and its degrees of freedom are Barnard and Rubin's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from ..answers.statistic import Statistic
from ..errors import InputError, listing
from ..expression.nodes import Node
from ..expression.pooled import Pooled, freedom
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Codes, Floats
from ..ground.language import english, tr
from ..uncertainty import variance

if TYPE_CHECKING:
    from ..survey.survey import Survey
RUBIN = BIBLIOGRAPHY["Rubin 1987"]
LI = BIBLIOGRAPHY["Li, Raghunathan and Rubin 1991"]


@dataclass(frozen=True, eq=False)
class Moments:
    """A vector, its covariance within imputations, and what imputing adds to it."""

    point: Floats
    within: Floats
    between: Floats
    imputations: int

    @classmethod
    def of(cls, nodes: Sequence[Node]) -> Moments:
        """Measure the same vector in every imputation."""
        points, count = np.stack([node.point for node in nodes]), len(nodes)
        within = np.mean([variance.measured(node).covariance for node in nodes], axis=0)
        between = np.zeros_like(within)
        if count > 1:
            between = (1 + 1 / count) * np.atleast_2d(np.cov(points, rowvar=False, ddof=1))
        return cls(points.mean(axis=0), within, between, count)

    def through(self, slopes: Floats) -> Moments:
        """Return what is linear in the vector."""
        return Moments(
            slopes @ self.point, slopes @ self.within @ slopes.T, slopes @ self.between @ slopes.T, self.imputations
        )

    def inflated(self, metric: Floats, df: float, numbers: int = 1) -> tuple[float, float]:
        """Return by what imputing multiplies the covariance, on average under a metric, and the degrees of freedom left.

        Those are of one number, or of as many as a Wald test puts together.
        """
        if self.imputations == 1:
            return 1.0, df
        whole = float(np.trace(metric @ self.within))
        added = float(np.trace(metric @ self.between)) / whole if whole > 0 else 0.0
        share = np.array([added / (1 + added)])
        return 1 + added, float(freedom(share, self.imputations, np.array([df]), numbers)[0])


def node_of(nodes: Sequence[Node]) -> Node:
    """Pool the same node of several imputations."""
    return nodes[0] if len(nodes) == 1 else Pooled(tuple(nodes))


def aligned(leaves: Sequence[Statistic]) -> list[Statistic]:
    """Bring the answers of all imputations to the labels of the first."""
    first = leaves[0].labels
    for m, leaf in enumerate(leaves):
        differ = sorted(map(str, set(leaf.labels) ^ set(first)))
        if differ:
            raise InputError(
                f"Imputation {m + 1} of {leaf.title!r} has other labels than the first ({listing(differ)}): a category is in one "
                "and not in the other. Join small categories."
            )
    return [leaf if leaf.labels.equals(first) else leaf.take(leaf.labels.get_indexer(first)) for leaf in leaves]


def united(levels: Sequence[pd.Index[Any]]) -> pd.Index[Any]:
    """Return the levels that any imputation has, those of the first before others."""
    first: pd.Index[Any] = levels[0]
    if all(one.equals(first) for one in levels[1:]):
        return first
    found = list(dict.fromkeys(level for one in levels for level in one.tolist()))
    numbers = all(isinstance(level, (int, float)) for level in found)
    return cast("pd.Index[Any]", pd.Index(pd.Series(sorted(found) if numbers else found, dtype=object)))


def moved(codes: Codes, own: pd.Index[Any], levels: pd.Index[Any]) -> Codes:
    """Return codes of an imputation's own levels as codes of all levels."""
    if own is levels:
        return codes
    place = {level: i for i, level in enumerate(levels.tolist())}
    return np.array([*(place[level] for level in own.tolist()), -1], dtype=np.int64)[codes]


def require_answers(surveys: Sequence[Survey]) -> None:
    """Refuse to count who gave an answer where answers are imputed."""
    if len(surveys) > 1:
        raise InputError(
            "suppress_below= counts the participants who gave an answer, which imputed tables don't tell. Describe the answers as "
            "they were given, or leave suppress_below out."
        )


def note(count: int) -> str:
    """Say how a table of imputations reads."""
    return tr(
        "Numbers of participants are means of {count} imputations; all else is pooled by Rubin's rules.", count=count
    )


def pooled(count: int) -> str:
    """Say what was done with imputations."""
    return english("{count} imputations pooled by Rubin's rules", count=count)
