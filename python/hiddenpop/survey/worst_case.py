"""What missing answers could change at worst."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from ..errors import InputError
from ..estimate.estimate import Estimate
from ..ground import checks, columns, distributions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .survey import Survey


class WorstCase(NamedTuple):
    """The estimate if all missing answers were the lowest possible, and if all were the highest.

    Both are estimates like any other and go through the same arithmetic, such as `hp.multiplier`.
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


def worst_case(
    survey: Survey,
    column: str,
    limits: tuple[float, float] | None,
    by: str | Sequence[str] | None,
    where: object,
) -> WorstCase:
    """Ask twice, with missing answers filled in; see `Survey.worst_case`."""
    answers = columns.column(survey._units, column)
    yes_no = columns.kind(answers) == "boolean"
    if limits is None and not yes_no:
        raise InputError(
            f"Column {column!r} is not yes or no, so say between which limits its missing answers lie: limits=(18, 80)."
        )
    low, high = (0.0, 1.0) if limits is None else (float(limits[0]), float(limits[1]))
    values = survey._answers(column)
    if not low <= high or (values < low).any() or (values > high).any():
        raise InputError(f"limits=({low:g}, {high:g}) must enclose all answers of {column!r}, the lower one first.")
    results = []
    for name, fill in ((f"{column}, missing as lowest", low), (f"{column}, missing as highest", high)):
        filled = np.where(np.isnan(values), fill, values)
        made = survey._with(_units=survey._units.assign(**{name: filled}), _found={})
        ask = made.proportion if yes_no else made.mean
        results.append(ask(name, by=by, where=where))
    return WorstCase(*results)
