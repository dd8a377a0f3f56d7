"""How many people two lists must hold, so that their overlap tells the population's size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..errors import InputError, in_words, warn
from ..ground import checks, distributions, notebook
from ..ground.checks import check_level
from ..ground.columns import Floats
from ..ground.language import number, tr
from ..ground.signatures import checked
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled
from . import arguments, figures
from .figures import Mark
from .sources import cite

if TYPE_CHECKING:
    from matplotlib.axes import Axes
#: With fewer people on both lists Chapman's estimate may be too low (Robson and Regier 1964; Seber 1982, section 3.1).
FEW = 7
#: Precisions that tables show: those that Robson and Regier propose for preliminary studies, management and research.
PRECISIONS = (0.5, 0.25, 0.1)


#: The largest population, and the shorter list, whose overlaps are gone through one by one.
MOST, MOST_LISTED = 10**10, 10**7


@checked
@dataclass(frozen=True, repr=False)
class TwoListPlan(Tabled):
    """How many people two independent lists must hold, and what Chapman's estimate is then worth.

    Attributes
    ----------
    first, second : int
        People on each list.
    population : int
        The size guessed at.
    level : float
        The chance with which the estimate shall be as near to the size as `relative_precision` says.
    target : float or None
        The relative precision asked for; None where both lists were given.
    known : bool
        Whether the first list was given.

    See Also
    --------
    capture : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> plan = hp.plan.capture(16_000, relative_precision=0.25)
    >>> round(plan.overlap), round(plan.chance, 3), plan.few < 0.001
    (62, 0.96, True)
    """

    first: int
    second: int
    population: int
    level: float
    target: float | None
    known: bool

    @property
    def overlap(self) -> float:
        """People expected on both lists."""
        return self.first * self.second / self.population

    @property
    def relative_precision(self) -> float:
        """The precision that is reached with the chance `level`, by Robson and Regier's formula.

        NaN where not even ± 100% is.
        """
        return _precision(_information(self.first, self.second, self.population), self.level)

    @property
    def chance(self) -> float:
        """The exact chance that Chapman's estimate is within the precision, from the hypergeometric distribution."""
        reach = self.relative_precision if self.target is None else self.target
        estimates, weights = self._law
        if math.isnan(reach):
            return math.nan
        near = np.abs(estimates / self.population - 1) <= reach * (1 + 1e-12)
        return float(weights[near].sum())

    @property
    def few(self) -> float:
        """The exact chance of fewer than 7 people on both lists, where the estimate may be too low."""
        return self._below(FEW)

    @property
    def none(self) -> float:
        """The exact chance of nobody on both lists."""
        return self._below(1)

    @property
    def bias(self) -> float:
        """The exact bias of Chapman's estimate relative to the size; zero where the lists together exceed it."""
        estimates, weights = self._law
        return float(weights @ estimates) / self.population - 1

    @property
    def cv(self) -> float:
        """The exact root mean squared error of Chapman's estimate relative to the size."""
        estimates, weights = self._law
        return math.sqrt(float(weights @ (estimates - self.population) ** 2)) / self.population

    @cached_property
    def _law(self) -> tuple[Floats, Floats]:
        """Every possible estimate and its probability."""
        from scipy.stats import hypergeom  # noqa: PLC0415 (heavy)

        if min(self.first, self.second) > MOST_LISTED:
            raise InputError(
                f"Lists of {self.first:,} and {self.second:,} people have too many possible overlaps to go through; lists of up "
                f"to {MOST_LISTED:,} can be planned."
            )
        both = np.arange(max(0, self.first + self.second - self.population), min(self.first, self.second) + 1)
        weights = hypergeom.pmf(both, self.population, self.first, self.second)
        return (self.first + 1) * (self.second + 1) / (both + 1) - 1, weights

    def _below(self, number: int) -> float:
        estimates, weights = self._law
        both = (self.first + 1) * (self.second + 1) / (estimates + 1) - 1
        return float(weights[both < number - 0.5].sum())

    def vary(self, relative_precision: float) -> TwoListPlan:
        """Return the plan for another precision.

        See Also
        --------
        TwoListPlan.summary

        Examples
        --------
        >>> import hiddenpop as hp
        >>> round(hp.plan.capture(16_000, relative_precision=0.25).vary(0.1).overlap)
        293
        """
        return replace(self, target=_goal(relative_precision)).solved()

    def solved(self) -> TwoListPlan:
        """Return the plan with the lists that its target needs."""
        assert self.target is not None
        needed, size = _needed(self.target, self.level), self.population
        if not self.known:
            root = math.sqrt(needed)
            both = arguments.needed(root * size / (math.sqrt(size - 1) + root))
            return replace(self, first=both, second=both)
        free = needed * (size - self.first)
        return replace(self, second=arguments.needed(size * free / (self.first * (size - 1) + free)))

    def summary(self, precisions: Sequence[float] | None = None) -> pd.DataFrame:
        """Return a table over precisions; one row where both lists were given.

        Parameters
        ----------
        precisions : list of float, optional
            By default ± 50%, 25% and 10%, which Robson and Regier (1964) propose for preliminary surveys,
            management and research, and the plan's own.

        Returns
        -------
        DataFrame
            Columns: `first`, `second`, `overlap` (people expected on both), `chance` (exact, that the estimate is
            within the precision), `few` (exact chance of fewer than 7 on both), `bias` and `cv` (exact, relative).

        See Also
        --------
        capture

        Examples
        --------
        >>> import hiddenpop as hp
        >>> hp.plan.capture(16_000, relative_precision=0.25).summary().columns.to_list()[:3]
        ['first', 'second', 'overlap']
        """
        if self.target is None:
            plans, reached = [self], [self.relative_precision]
            if precisions is not None:
                raise InputError(
                    "Both lists were given, so there is one precision. Give relative_precision instead of n."
                )
        else:
            wanted = sorted({*PRECISIONS, self.target}, reverse=True) if precisions is None else precisions
            plans = [self.vary(value) for value in arguments.several(wanted, "precisions")]
            reached = [float(plan.target or 0) for plan in plans]
        values = [(p.first, p.second, p.overlap, p.chance, p.few, p.bias, p.cv) for p in plans]
        index = pd.Index(reached, name="relative_precision")
        return pd.DataFrame(values, index=index, columns=["first", "second", "overlap", "chance", "few", "bias", "cv"])

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw precision against the second list (both, if equal), and mark the plan; needs matplotlib.

        See Also
        --------
        TwoListPlan.summary

        Examples
        --------
        >>> import hiddenpop as hp
        >>> axes = hp.plan.capture(16_000, relative_precision=0.25).plot()
        """
        most = min(3 * self.second, self.population - 1)
        grid = np.unique(np.geomspace(max(2, self.second / 6), most, 80).astype(int))
        reached = [self.at(int(n)).relative_precision for n in grid]
        title = tr(
            "lists of {first:,} and {second:,}: population {people:,}",
            first=self.first,
            second=self.second,
            people=self.population,
        )
        said = repr(self).replace("\n", "; ")
        mark = Mark(self.second, self.relative_precision, self.target, said, title)
        x = tr("people on the second list") if self.known else tr("people on each list")
        return figures.overlap(grid, reached, mark, x=x, level=self.level, ax=ax)

    def at(self, second: int) -> TwoListPlan:
        """Return the plan with another second list; the first is as long unless it was given.

        See Also
        --------
        TwoListPlan.vary

        Examples
        --------
        >>> import hiddenpop as hp
        >>> round(hp.plan.capture(16_000, first=2_000, relative_precision=0.25).at(500).overlap)
        62
        """
        return replace(self, first=self.first if self.known else second, second=second, target=None)

    def methods(self) -> str:
        """Return sentences for a paper's methods section.

        See Also
        --------
        hiddenpop.Estimate.methods

        Examples
        --------
        >>> import hiddenpop as hp
        >>> text = hp.plan.capture(16_000, relative_precision=0.25).methods()
        """
        goal = self.relative_precision if self.target is None else self.target
        return cite(
            tr(
                "Two independent lists of {first:,} and {second:,} people, with {overlap:,.0f} expected on both, let Chapman's "
                "estimate of a population of {people:,} be within {goal:.0%} with a chance of {level:g}% (normal approximation; "
                "{chance:.1%} exactly).",
                first=self.first,
                second=self.second,
                overlap=self.overlap,
                people=self.population,
                goal=goal,
                level=100 * self.level,
                chance=self.chance,
            ),
            ["robson", "chapman"],
        )

    def _as_table(self) -> Table:
        title, *notes = repr(self).split("\n")
        return of_frame(title, self.summary(), notes)

    def __repr__(self) -> str:
        goal = self.relative_precision if self.target is None else self.target
        if math.isnan(goal):
            return tr(
                "Lists of {first:,} and {second:,} people with {overlap:.1f} expected on both: too few for any precision",
                first=self.first,
                second=self.second,
                overlap=self.overlap,
            )
        begin = (
            tr("Make lists of {first:,} and {second:,} people", first=self.first, second=self.second)
            if self.target is not None
            else tr("Lists of {first:,} and {second:,} people", first=self.first, second=self.second)
        )
        few = number(self.few, ".1%") if self.few >= 0.001 else tr("below {share:.1%}", share=0.001)
        reach = tr(
            "Chapman's estimate of {people:,} is within ± {goal:.0%} with a chance of {chance:.1%}",
            people=self.population,
            goal=goal,
            chance=self.chance,
        )
        both = tr(
            "{overlap:,.0f} people are expected on both; the chance of fewer than {count} is {few}",
            overlap=self.overlap,
            count=FEW,
            few=few,
        )
        return f"{begin}: {reach}\n{both}"

    def _repr_html_(self) -> str:
        return notebook.show(repr(self), self.summary())


@checked
def capture(
    population: int,
    *,
    relative_precision: float | None = None,
    n: Sequence[int] | None = None,
    first: int | None = None,
    level: float = 0.95,
) -> TwoListPlan:
    """Plan capture-recapture with two lists: how many people they must hold.

    Parameters
    ----------
    population : int
        The size guessed at; guess high to be safe.
    relative_precision : float, optional
        How near the estimate shall be: 0.25 is ± 25% of the size.
    n : two ints, optional
        Or both lists, to ask which precision they give.
    first : int, optional
        The list that there is already, such as a register; without it both are equal, which needs the fewest people.
    level : float
        The chance with which the estimate shall be as near.

    Returns
    -------
    TwoListPlan
        With the exact chance, the bias, and the chance of too small an overlap, all from the hypergeometric
        distribution of the overlap.

    Raises
    ------
    InputError
        Lists as long as the population, or impossible input.

    See Also
    --------
    multiplier : a register and a survey.
    hiddenpop.chapman : the size that is planned.

    Notes
    -----
    With D = n1 n2 (N - 1) / ((N - n1)(N - n2)) the estimate is within a share A of N with the chance
    Φ(A √D / (1 - A)) - Φ(-A √D / (1 + A)) (Robson and Regier 1964, Transactions of the American Fisheries Society
    93:215-226, who ask for n1 n2 > 4 N). Independent lists and a closed population are assumed; where being on one
    makes the other more likely, no number of people helps (`hp.dependence`).

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.plan.capture(16_000, relative_precision=0.25)
    Make lists of 992 and 992 people: Chapman's estimate of 16,000 is within ± 25% with a chance of 96.0%
    62 people are expected on both; the chance of fewer than 7 is below 0.1%
    >>> hp.plan.capture(16_000, first=4_912, relative_precision=0.25).second
    157
    """
    arguments.one_of(relative_precision=relative_precision, n=n)
    size = checks.whole(population, "population", 3, MOST)
    level = check_level(level)
    one = two = 1
    if n is not None:
        if first is not None:
            raise InputError("n holds both lists; leave first out.")
        one, two = (checks.whole(value, "n", 1) for value in arguments.pair(n, "n"))
    elif first is not None:
        one = checks.whole(first, "first", 1)
    for people in (one, two):
        if people >= size:
            raise InputError(
                f"A list of {people:,} people holds the whole population of {size:,}; nothing is left to estimate."
            )
    goal = None if relative_precision is None else _goal(relative_precision)
    plan = TwoListPlan(one, two, size, level, goal, n is not None or first is not None)
    plan = plan if goal is None else plan.solved()
    if plan.first * plan.second <= 4 * size:
        warn(
            f"Only {plan.overlap:.1f} people are expected on both lists. Robson and Regier's formula needs more than 4, and "
            f"Chapman's estimate is {plan.bias:+.0%} off on average.",
        )
    return plan


def _goal(value: object) -> float:
    found = checks.positive(value, "relative_precision")
    if found >= 1:
        raise InputError(f"relative_precision={in_words(value)} must be below 1: 0.25 is ± 25%.")
    return found


def _information(first: int, second: int, size: int) -> float:
    """Return Robson and Regier's D."""
    return first * second * (size - 1) / ((size - first) * (size - second))


def _reached(precision: float, information: float) -> float:
    """Return the chance of an estimate within the precision."""
    root = math.sqrt(information)
    return distributions.cdf(precision * root / (1 - precision)) - distributions.cdf(
        -precision * root / (1 + precision)
    )


def _bisect(low: float, high: float, enough: object) -> float:
    for _ in range(200):
        middle = (low + high) / 2
        if enough(middle):  # type: ignore[operator]
            high = middle
        else:
            low = middle
    return high


def _needed(precision: float, level: float) -> float:
    """Return the D that a precision needs."""
    high = 1.0
    while _reached(precision, high) < level:
        high *= 2
    return _bisect(0.0, high, lambda information: _reached(precision, information) >= level)


def _precision(information: float, level: float) -> float:
    """Return the precision that D gives; NaN where there is none below 1."""
    most = 1 - 1e-9
    if _reached(most, information) < level:
        return math.nan
    return _bisect(0.0, most, lambda precision: _reached(precision, information) >= level)
