"""How many to interview in each of two groups, so that a difference between their shares is found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..errors import InputError
from ..ground import checks, distributions, notebook
from ..ground.checks import check_level
from ..ground.language import filled, template, tr
from ..ground.signatures import checked
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled
from . import arguments, figures
from .figures import Curve, Mark
from .precision import DESIGN_EFFECTS
from .sources import cite

if TYPE_CHECKING:
    from matplotlib.axes import Axes


#: How an invitation reads.
INVITED = template(
    " {first:,} and {second:,} people are to be invited, of whom {eligible:.1%} are expected to be eligible, and {response:.1%} of "
    "these to take part."
)
INVITE = template(" (invite {first:,} and {second:,})")


@checked
@dataclass(frozen=True, repr=False)
class Comparison(Tabled):
    """How many people to interview in two groups, and the power that a test of their shares then has.

    Attributes
    ----------
    n : tuple of int
        Interviews in the first and in the second group.
    shares : tuple of float
        The shares expected.
    level : float
        One minus the significance level of the two-sided test.
    design_effect : float
        As in `Plan`, for both groups.
    target : float or None
        The power asked for; None where n was given.
    response, eligible : float
        As in `Plan`, for both groups.

    See Also
    --------
    compare : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.plan.compare((0.31, 0.61), power=0.8, design_effect=2).n
    (85, 85)
    """

    n: tuple[int, int]
    shares: tuple[float, float]
    level: float
    design_effect: float
    target: float | None
    response: float = 1.0
    eligible: float = 1.0

    @property
    def invite(self) -> tuple[int, int]:
        """How many people to invite in each group."""
        first, second = (arguments.invited(n, self.response, self.eligible) for n in self.n)
        return first, second

    @property
    def power(self) -> float:
        """The chance that the test finds the difference."""
        first, second = self.n
        return _power(first, second / first, self.shares, self.level, self.design_effect)

    def vary(self, design_effect: float) -> Comparison:
        """Return the plan under another design effect.

        See Also
        --------
        compare

        Examples
        --------
        >>> import hiddenpop as hp
        >>> hp.plan.compare((0.31, 0.61), power=0.8).vary(2).design_effect
        2.0
        """
        made = replace(self, design_effect=arguments.design_effect(design_effect))
        return made if made.target is None else made.solved(self.n[1] / self.n[0])

    def solved(self, ratio: float) -> Comparison:
        """Return the plan with the n that its power needs."""
        assert self.target is not None
        one, two = self.shares
        z, power = distributions.quantile((1 + self.level) / 2), distributions.quantile(self.target)
        equal, apart = _spreads(self.shares, ratio)
        wanted = self.design_effect * ((z * equal + power * apart) / (one - two)) ** 2
        return replace(self, n=(arguments.needed(wanted), arguments.needed(wanted * ratio)))

    def summary(self, design_effects: Sequence[float] | None = None) -> pd.DataFrame:
        """Return a table over design effects: interviews in both groups, and the power.

        See Also
        --------
        compare

        Examples
        --------
        >>> import hiddenpop as hp
        >>> hp.plan.compare((0.31, 0.61), power=0.8).summary().columns.to_list()
        ['first', 'second', 'n', 'power']
        """
        effects = (
            sorted({*DESIGN_EFFECTS, self.design_effect})
            if design_effects is None
            else arguments.several(design_effects, "design_effects")
        )
        plans = [self.vary(effect) for effect in effects]
        index = pd.Index([plan.design_effect for plan in plans], name="design_effect")
        values = [(*plan.n, sum(plan.n), plan.power) for plan in plans]
        return pd.DataFrame(values, index=index, columns=["first", "second", "n", "power"])

    def plot(self, *, design_effects: Sequence[float] | None = None, ax: Axes | None = None) -> Axes:
        """Draw power against interviews in the first group, a line for each design effect; needs matplotlib.

        See Also
        --------
        compare

        Examples
        --------
        >>> import hiddenpop as hp
        >>> axes = hp.plan.compare((0.31, 0.61), power=0.8).plot()
        """
        first, second = self.n
        grid = np.unique(np.linspace(2, 3 * first, 80).astype(int))
        curves = []
        for effect in self.summary(design_effects).index:
            *reached, here = (self._with(int(n), effect) for n in (*grid, first))
            curves.append(Curve(effect, reached, here, effect == self.design_effect))
        title = tr(
            "n = {first:,} and {second:,}: shares {one:.1%} and {other:.1%}",
            first=first,
            second=second,
            one=self.shares[0],
            other=self.shares[1],
        )
        mark = Mark(first, self.power, self.target, repr(self), title)
        return figures.power(grid, curves, mark, second=second, ax=ax)

    def _with(self, n: int, design_effect: float) -> float:
        """Return the power with n in the first group and the second in proportion to it."""
        first, second = self.n
        other = max(1, round(n * second / first))
        return _power(n, other / n, self.shares, self.level, design_effect)

    def methods(self) -> str:
        """Return sentences for a paper's methods section.

        See Also
        --------
        hiddenpop.Estimate.methods

        Examples
        --------
        >>> import hiddenpop as hp
        >>> text = hp.plan.compare((0.31, 0.61), power=0.8).methods()
        """
        first, second = self.n
        return cite(
            tr(
                "Samples of {first:,} and {second:,} people give a two-sided test at the {level:g}% level a power of {power:.0%} "
                "to tell shares of {one:.1%} and {other:.1%} apart, with a design effect of {deff:g}.",
                first=first,
                second=second,
                level=100 * (1 - self.level),
                power=self.power,
                one=self.shares[0],
                other=self.shares[1],
                deff=self.design_effect,
            )
            + self._invited(),
            ["fleiss", "kish"],
        )

    def _invited(self) -> str:
        if self.response * self.eligible == 1:
            return ""
        first, second = self.invite
        return filled(INVITED, first=first, second=second, response=self.response, eligible=self.eligible)

    def _as_table(self) -> Table:
        title, *notes = repr(self).split("\n")
        return of_frame(title, self.summary(), notes)

    def __repr__(self) -> str:
        first, second = self.n
        begin = (
            tr("Interview {first:,} and {second:,} people", first=first, second=second)
            if self.target is not None
            else tr("{first:,} and {second:,} people", first=first, second=second)
        )
        if self.response * self.eligible < 1:
            begin += filled(INVITE, first=self.invite[0], second=self.invite[1])
        return tr(
            "{begin}: {power:.0%} power to tell shares of {one:.1%} and {other:.1%} apart ({level:g}% level, design effect {deff:g})",
            begin=begin,
            power=self.power,
            one=self.shares[0],
            other=self.shares[1],
            level=100 * (1 - self.level),
            deff=self.design_effect,
        )

    def _repr_html_(self) -> str:
        return notebook.show(repr(self), self.summary())


@checked
def compare(
    shares: Sequence[float],
    *,
    power: float | None = None,
    n: int | Sequence[int] | None = None,
    design_effect: float = 1,
    level: float = 0.95,
    ratio: float = 1,
    response: float = 1,
    eligible: float = 1,
) -> Comparison:
    """Plan a comparison of two groups' shares.

    Parameters
    ----------
    shares : two floats
        The shares expected, such as those of two cities or of two years.
    power : float, optional
        Chance to find the difference, 0.8 as a rule.
    n : int or two ints, optional
        Or the interviews in each group, to ask which power they have.
    design_effect : float
        As in `multiplier`, for both groups.
    level : float
        One minus the significance level; the test is two-sided.
    ratio : float
        Interviews in the second group for each in the first, where power is given.
    response, eligible : float
        As in `multiplier`, for both groups.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        Equal shares, or impossible input.

    See Also
    --------
    proportion : one share.
    hiddenpop.compare : the comparison itself.

    Notes
    -----
    The normal approximation without continuity correction (Fleiss, Levin and Paik 2003, chapter 4; R's
    ``power.prop.test``), times the design effect. A rejection in the wrong direction counts as none.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.plan.compare((0.31, 0.61), power=0.8)
    Interview 43 and 43 people: 81% power to tell shares of 31.0% and 61.0% apart (5% level, design effect 1)
    >>> round(hp.plan.compare((0.31, 0.37), n=127).power, 2)
    0.17
    """
    arguments.one_of(power=power, n=n)
    one, two = (arguments.share(value, "shares") for value in arguments.pair(shares, "shares"))
    if one == two:
        raise InputError(f"Both shares are {one:g}: there is no difference to find.")
    if power is not None:
        checks.between(power, "power", example="0.8")
    ratio = checks.positive(ratio, "ratio")
    if n is not None and ratio != 1:
        raise InputError("ratio goes with power; give the interviews of both groups as n=(first, second).")
    groups = (1, 1)
    if n is not None:
        both = arguments.several(n, "n")
        first, second = arguments.pair(both * 2 if len(both) == 1 else both, "n")
        groups = (checks.whole(first, "n", 1), checks.whole(second, "n", 1))
    made = Comparison(groups, (one, two), check_level(level), arguments.design_effect(design_effect), power)
    taking, able = arguments.taking_part(response, eligible)
    made = replace(made, response=taking, eligible=able)
    return made if power is None else made.solved(ratio)


def _spreads(shares: tuple[float, float], ratio: float) -> tuple[float, float]:
    """Return standard deviations of the difference for one person in the first group: shares equal, and as expected."""
    one, two = shares
    together = (one + ratio * two) / (1 + ratio)
    equal = math.sqrt((1 + 1 / ratio) * together * (1 - together))
    return equal, math.sqrt(one * (1 - one) + two * (1 - two) / ratio)


def _power(n: float, ratio: float, shares: tuple[float, float], level: float, design_effect: float) -> float:
    z = distributions.quantile((1 + level) / 2)
    equal, apart = _spreads(shares, ratio)
    return distributions.cdf((abs(shares[0] - shares[1]) * math.sqrt(n / design_effect) - z * equal) / apart)
