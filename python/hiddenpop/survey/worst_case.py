"""What missing answers could change at worst."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
import pandas as pd

from ..errors import InputError, in_words
from ..estimate.estimate import Estimate
from ..ground import checks, columns, distributions
from ..ground.language import english
from ..ground.signatures import checked
from ..sample.sample import Indicator, Sample


@checked
class WorstCase(NamedTuple):
    """The estimate if all missing answers were the lowest possible, and if all were the highest.

    Both are estimates like any other and go through the same arithmetic, such as `hp.multiplier`.

    See Also
    --------
    Survey.worst_case : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> survey = hp.Survey({"treated": [1, 0, None], "count": [60, 30, 10]}, counts="count")
    >>> survey.worst_case("treated").highest.point
    0.7
    """

    lowest: Estimate
    highest: Estimate

    def interval(self, level: float = 0.95) -> pd.DataFrame:
        """Return intervals that hold the truth with this confidence, whatever the missing answers are.

        Imbens and Manski (2004, Econometrica 72:1845-1857), eq. 6 and 7, with standard errors of the draws.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> survey = hp.Survey({"treated": [1, 0, None], "count": [61, 29, 10]}, counts="count")
        >>> survey.worst_case("treated").interval().round(2)
                               lower  upper
        proportion of treated   0.53   0.78
        """
        level = checks.check_level(level)
        errors = [np.atleast_1d(np.asarray(est.se(), dtype=float)) for est in self]
        low, high = self.lowest.node.point, self.highest.node.point
        critical = [_critical(float(w), level) for w in (high - low) / np.maximum(np.maximum(*errors), 1e-300)]
        ends = np.stack([low - critical * errors[0], high + critical * errors[1]], axis=1)
        name = self.lowest.name.rsplit(",", 1)[0]
        index = pd.Index([name]) if self.lowest.scalar else self.lowest.labels
        return pd.DataFrame(ends, index=index, columns=["lower", "upper"])


def _critical(width: float, level: float) -> float:
    """Solve cdf(c + width) - cdf(-c) = level by bisection: between the one-sided and the two-sided quantile."""
    low, high = distributions.quantile(level), distributions.quantile((1 + level) / 2)
    for _ in range(60):
        middle = (low + high) / 2
        if distributions.cdf(middle + width) - distributions.cdf(-middle) < level:
            low = middle
        else:
            high = middle
    return high


@dataclass(frozen=True)
class Filled(Indicator):
    """A column with its missing answers as low, or as high, as can be."""

    public: ClassVar[tuple[str, ...]] = ("column", "limits", "end")
    own: ClassVar[bool] = True

    column: str
    limits: tuple[float, float]
    end: Literal["lowest", "highest"]

    @property
    def title(self) -> str:
        """The column, and what its missing answers are taken for."""
        if self.end == "lowest":
            return english("{column}, missing as lowest", column=self.column)
        return english("{column}, missing as highest", column=self.column)

    def make(self, sample: Sample) -> pd.Series[Any]:
        """Fill the sample's answers."""
        values, (low, high) = sample.answers(self.column), self.limits
        given = values[sample.counted]
        if not low <= high or (given < low).any() or (given > high).any():
            raise InputError(
                f"limits=({low:g}, {high:g}) must enclose all answers of {self.column!r}, the lower one first."
            )
        fill = low if self.end == "lowest" else high
        return pd.Series(np.where(np.isnan(values), fill, values), name=self.title, copy=False)


def _ends(limits: object) -> tuple[float, float]:
    if not isinstance(limits, Sequence) or isinstance(limits, str) or len(limits) != 2:
        raise InputError(f"limits={in_words(limits)} must be two numbers, such as limits=(18, 80).")
    return checks.number(limits[0], "limits[0]"), checks.number(limits[1], "limits[1]")


def filled(sample: Sample, column: str, limits: tuple[float, float] | None) -> tuple[bool, tuple[Filled, Filled]]:
    """Return whether a column is yes or no, and it with its missing answers as low, and as high, as can be."""
    yes_no = columns.is_binary(columns.column(sample.units, column))
    if limits is None and not yes_no:
        raise InputError(
            f"Column {column!r} is not yes or no, so say between which limits its missing answers lie: limits=(18, 80)."
        )
    low, high = (0.0, 1.0) if limits is None else _ends(limits)
    return yes_no, (Filled(column, (low, high), "lowest"), Filled(column, (low, high), "highest"))
