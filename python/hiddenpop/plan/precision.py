"""Interviews and the precision they buy: closed forms for a share, and for a size of which it is the multiplier."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..errors import InputError, warn
from ..ground import checks, distributions, notebook
from ..ground.language import filled, number, read, template, tr
from ..ground.signatures import checked
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled
from . import arguments, figures
from .figures import Curve, Mark
from .sources import cite

if TYPE_CHECKING:
    from matplotlib.axes import Axes
#: Design effects that tables and figures show beside the plan's own.
DESIGN_EFFECTS = (1.0, 2.0, 3.0, 4.0)
#: The same for respondent-driven sampling: a range, of which nobody knows the right one beforehand.
RDS_EFFECTS = (2.0, 3.0, 4.0, 6.0, 10.0)
#: Shares that tables show beside the plan's own.
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5)
#: Said of refusals and of people who are not eligible.
INVITED = template(
    " {invite:,} people are to be invited, of whom {eligible:.1%} are expected to be eligible, and {response:.1%} of these to take "
    "part."
)
#: Fewer (effective) people than this in or out of the register, and a normal interval says little.
FEWEST = 5


@checked
@dataclass(frozen=True, repr=False)
class Plan(Tabled):
    """How many people to interview, and how precise the estimate is then expected to be.

    Attributes
    ----------
    n : int
        Interviews with an answer.
    share : float
        The share expected: in the register, or with whatever is asked.
    benchmark : float or None
        The register's count, for a size; None where the share itself is wanted.
    benchmark_se : float
        Its standard error.
    design_effect : float
        Variance relative to that of a simple random sample of as many.
    level : float
        Confidence level.
    target : float or None
        The half width asked for: relative to the size, or of the share in absolute terms. None where n was given.
    population : float or None
        The finite population that interviews are taken from, without replacement; None for no correction.
    assurance : float or None
        The chance that was asked for that a study's interval is as narrow as the target.
    sampling : str or None
        How people are found, for the methods sentence.
    method : {"delta", "percentile"}
        Which interval of a size is meant: the symmetric one of the delta method, or that of the share carried to the
        size, which reaches further up than down as percentiles of redraws do.
    response, eligible : float
        The shares of eligible people who take part, and of the people invited who are eligible.

    See Also
    --------
    multiplier, proportion, rds : make it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> plan = hp.plan.multiplier(benchmark=4_900, share=0.31, relative_precision=0.2, design_effect=2)
    >>> plan.n, round(plan.relative_precision, 3)
    (428, 0.2)
    """

    n: int
    share: float
    benchmark: float | None
    benchmark_se: float
    design_effect: float
    level: float
    target: float | None
    population: float | None
    assurance: float | None = None
    sampling: str | None = None
    method: str = "delta"
    response: float = 1.0
    eligible: float = 1.0

    @property
    def invite(self) -> int:
        """How many people to invite for so many interviews."""
        return arguments.invited(self.n, self.response, self.eligible)

    @property
    def estimate(self) -> float:
        """The size, or the share, that is expected."""
        return self.share if self.benchmark is None else self.benchmark / self.share

    @property
    def cv(self) -> float:
        """The standard error of the estimate relative to it; NaN where n is more people than there are."""
        if not self.possible:
            return math.nan
        spread = self.design_effect * (1 - self.share) / (self.n * self.share) * self._correction
        return math.sqrt(spread + self._benchmark_variance)

    @property
    def se(self) -> float:
        """The standard error of the estimate."""
        return self.cv * self.estimate

    @property
    def relative_precision(self) -> float:
        """Half the width of the interval relative to the estimate; infinite where the interval is."""
        reach = _z(self.level) * self.cv
        if self.method == "delta" or math.isnan(reach):
            return reach
        return reach / (1 - reach**2) if reach < 1 else math.inf

    @property
    def half_width(self) -> float:
        """Half the width of the interval, in people or as a share."""
        return self.relative_precision * self.estimate

    @property
    def interval(self) -> tuple[float, float]:
        """The interval to expect from percentiles of redraws: of a size N / (1 ± r) with r the share's relative precision.

        That of a share is symmetric.
        """
        reach = _z(self.level) * self.cv
        if self.benchmark is None:
            return max(self.share * (1 - reach), 0.0), min(self.share * (1 + reach), 1.0)
        return self.estimate / (1 + reach), math.inf if reach >= 1 else self.estimate / (1 - reach)

    @property
    def registered(self) -> float:
        """How many participants are expected to be in the register, or to have what is asked."""
        return self.n * self.share

    @property
    def possible(self) -> bool:
        """Whether there are as many people: in the finite population, or in the size that is expected."""
        size = self.estimate if self.population is None and self.benchmark is not None else self.population
        return size is None or self.n <= size

    @property
    def chance(self) -> float:
        """The chance that the interval a study computes from its own answers is as narrow as the target; NaN without.

        The closed form is about the expected share. Studies that happen to find fewer people in the register have
        wider intervals. The binomial distribution of as many people as the design leaves (n / deff).
        """
        return math.nan if self.target is None or not self.possible else self._chance(self.target)

    def _chance(self, target: float) -> float:
        effect = self.design_effect * self._correction
        if effect <= 0:
            return 1.0
        people, z2 = self.n / effect, _z(self.level) ** 2
        if self.benchmark is not None:
            least = 1 / (1 + people * max(0.0, self._goal**2 / z2 - self._benchmark_variance))
            return _at_least(least, people, self.share)
        most = people * target**2 / z2
        if most >= 1 / 4:
            return 1.0
        off = math.sqrt(1 / 4 - most)
        return 1 - _at_least(1 / 2 - off, people, self.share) + _at_least(1 / 2 + off, people, self.share)

    @property
    def _goal(self) -> float:
        """The target as z times the coefficient of variation."""
        target = self.target or 0.0
        if self.benchmark is None:
            return target / self.share
        # r / (1 - r²) = target, solved for r.
        return target if self.method == "delta" else (math.sqrt(1 + 4 * target**2) - 1) / (2 * target)

    @property
    def _correction(self) -> float:
        size = self.population
        return 1.0 if size is None else max(0.0, (size - self.n) / (size - 1)) if size > 1 else 0.0

    @property
    def _benchmark_variance(self) -> float:
        return 0.0 if self.benchmark is None else (self.benchmark_se / self.benchmark) ** 2

    def vary(self, *, share: float | None = None, design_effect: float | None = None, n: int | None = None) -> Plan:
        """Return the plan under another share, design effect or number of interviews.

        Where a precision was asked for, n follows; where n was given, it stays. For a size the benchmark stays,
        so that another share is another size. The precision is NaN where n is more people than there are (`possible`).

        See Also
        --------
        Plan.summary

        Examples
        --------
        >>> import hiddenpop as hp
        >>> plan = hp.plan.proportion(0.5, precision=0.05)
        >>> plan.n, plan.vary(design_effect=2).n
        (385, 769)
        """
        made = replace(
            self,
            share=self.share if share is None else arguments.share(share),
            design_effect=self.design_effect if design_effect is None else arguments.design_effect(design_effect),
        )
        if made.benchmark is not None and made.population is not None:
            made = replace(made, population=made.benchmark / made.share)
        if n is not None:
            made = replace(made, n=checks.whole(n, "n", 1), target=None)
        return made._solved()

    def finished(self) -> Plan:
        """Return the plan with the n that its target needs; warn where the formula says little."""
        plan = self._solved()._checked()
        fewest = plan.n * min(plan.share, 1 - plan.share) / plan.design_effect
        if fewest < FEWEST:
            warn(
                f"Only {fewest:.1f} of {plan.n:,} participants (divided by the design effect) are expected on one side of "
                "the question: too few for the normal approximation that this formula rests on. Check it by "
                "hp.plan.simulate.",
            )
        return plan

    def _solved(self) -> Plan:
        if self.target is None:
            return self
        z2, goal = _z(self.level) ** 2, self._goal
        left = goal**2 / z2 - self._benchmark_variance
        if left <= 0:
            reach = math.sqrt(z2 * self._benchmark_variance)
            raise InputError(
                f"The benchmark's own uncertainty gives ±{reach:.1%} already, so no number of interviews reaches "
                f"±{goal:.1%}. Ask for less, or find a better benchmark."
            )
        wanted = self.design_effect * (1 - self.share) / (self.share * left)
        if self.population is not None:
            wanted /= 1 + (wanted - 1) / self.population
        made = replace(self, n=arguments.needed(wanted))
        if self.assurance is not None:
            made = made._assured(self.assurance)
        # A population of 15.4 people has no 16th.
        return made if self.population is None else replace(made, n=min(made.n, max(1, math.floor(self.population))))

    def _assured(self, assurance: float) -> Plan:
        """Return the plan with more interviews, as many as the chance of precision needs."""
        low, high = 0, self.n
        target = self.target or 0.0
        while replace(self, n=high)._chance(target) < assurance:
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if replace(self, n=middle)._chance(target) >= assurance else (middle, high)
        return replace(self, n=max(self.n, high))

    def _checked(self) -> Plan:
        if self.possible:
            return self
        if self.population is not None:
            raise InputError(
                f"n={self.n:,} interviews are more than the population of {self.population:,.0f} people holds."
            )
        remedy = "" if self.target is None else ", or correct for the finite population: finite_population=True"
        raise InputError(
            f"n={self.n:,} interviews are more than the {self.estimate:,.0f} people that a benchmark of "
            f"{self.benchmark:,.0f} and a share of {self.share:.1%} stand for. Check both{remedy}."
        )

    def summary(
        self, shares: Sequence[float] | None = None, design_effects: Sequence[float] | None = None
    ) -> pd.DataFrame:
        """Return a table over shares and design effects, the plan's own among them.

        Parameters
        ----------
        shares, design_effects : list of float, optional
            What to show; by default 10% to 50%, and 1 to 4.

        Returns
        -------
        DataFrame
            One row for each share and design effect. Columns: `n`, `registered` (participants expected in the
            register), `estimate`, `relative_precision`, `half_width`, `lower` and `upper`; NaN where n is more people
            than there are. Where a precision was
            asked for n differs between rows, and `chance` tells how many studies are as precise as asked; where n was
            given the precision differs.

        See Also
        --------
        Plan.vary, Plan.plot

        Examples
        --------
        >>> import hiddenpop as hp
        >>> plan = hp.plan.multiplier(benchmark=4_900, share=0.31, relative_precision=0.2, design_effect=2)
        >>> plan.summary(design_effects=[1, 2])["n"].unstack()
        design_effect  1.0  2.0
        share
        0.10           865  1729
        0.20           385   769
        0.30           225   449
        0.31           214   428
        0.40           145   289
        0.50            97   193
        """
        found = sorted({*SHARES, self.share}) if shares is None else arguments.shares(shares)
        effects = self.effects() if design_effects is None else arguments.several(design_effects, "design_effects")
        rows = [self.vary(share=share, design_effect=effect) for share in found for effect in effects]
        index = pd.MultiIndex.from_tuples(
            [(plan.share, plan.design_effect) for plan in rows], names=["share", "design_effect"]
        )
        values = [
            (p.n, p.registered, p.estimate, p.relative_precision, p.half_width, p.interval[0], p.interval[1])
            for p in rows
        ]
        columns = ["n", "registered", "estimate", "relative_precision", "half_width", "lower", "upper"]
        table = pd.DataFrame(values, index=index, columns=columns)
        return table if self.target is None else table.assign(chance=[plan.chance for plan in rows])

    def effects(self) -> list[float]:
        """Return the design effects that tables and figures show."""
        return sorted({*(RDS_EFFECTS if self.sampling else DESIGN_EFFECTS), self.design_effect})

    def plot(self, *, design_effects: Sequence[float] | None = None, ax: Axes | None = None) -> Axes:
        """Draw precision against interviews, a line for each design effect; needs matplotlib.

        See Also
        --------
        Plan.summary

        Examples
        --------
        >>> import hiddenpop as hp
        >>> axes = hp.plan.proportion(0.3, precision=0.05).plot()
        """
        effects = self.effects() if design_effects is None else arguments.several(design_effects, "design_effects")
        most = max(3 * self.n, 20)
        if self.population is not None:
            most = min(most, int(self.population))
        grid = np.unique(np.geomspace(max(5, self.n / 6), most, 80).astype(int))
        curves = []
        for effect in map(arguments.design_effect, effects):
            *reached, here = (self.vary(design_effect=effect, n=int(n))._width_drawn for n in (*grid, self.n))
            curves.append(Curve(effect, reached, here, effect == self.design_effect))
        if self.benchmark is None:
            title = tr("n = {n:,}: share {share:.1%}", n=self.n, share=self.share)
            what = tr("half width of the interval")
        else:
            title = tr(
                "n = {n:,}: share {share:.1%}, benchmark {benchmark:,.0f}",
                n=self.n,
                share=self.share,
                benchmark=self.benchmark,
            )
            what = tr("half width of the interval, relative to the size")
        said = repr(self).replace("\n", "; ")
        mark = Mark(self.n, self._width_drawn, self.target, said, title)
        return figures.precision(grid, curves, mark, what=what, level=self.level, ax=ax)

    @property
    def _width_drawn(self) -> float:
        """What the target is about, and figures show: of a share its half width, of a size that relative to it."""
        return self.half_width if self.benchmark is None else self.relative_precision

    def methods(self) -> str:
        """Return sentences for a paper's methods section.

        See Also
        --------
        hiddenpop.Estimate.methods

        Examples
        --------
        >>> import hiddenpop as hp
        >>> text = hp.plan.proportion(0.3, precision=0.05).methods()
        """
        sampled = "" if not self.sampling else tr(" by {sampling}", sampling=read(self.sampling))
        fields = {"n": self.n, "sampled": sampled, "level": 100 * self.level, "width": self._width()}
        if self.target is None and self.benchmark is None:
            said = tr("{n:,} interviews{sampled} give the share a {level:g}% confidence interval of {width}", **fields)
        elif self.target is None:
            said = tr(
                "{n:,} interviews{sampled} give the population's size by the multiplier method a {level:g}% confidence interval of "
                "{width}",
                **fields,
            )
        elif self.benchmark is None:
            said = tr(
                "A sample of {n:,} people{sampled} was planned to give the share a {level:g}% confidence interval of {width}",
                **fields,
            )
        else:
            said = tr(
                "A sample of {n:,} people{sampled} was planned to give the population's size by the multiplier method a {level:g}% "
                "confidence interval of {width}",
                **fields,
            )
        said = tr(
            "{planned}, for an expected {expected} and a design effect of {deff:g}{finite}.",
            planned=said,
            expected=self._expected(),
            deff=self.design_effect,
            finite=""
            if self.population is None
            else tr(", taken from a finite population of {people:,.0f}", people=self.population),
        )
        keys = ["cochran", "kish"]
        if self.benchmark is not None:
            said += " "
            said += (
                tr("The variance of the ratio and its symmetric interval are those of the delta method.")
                if self.method == "delta"
                else tr("The variance of the ratio is that of the delta method, and its interval that of the share.")
            )
            keys = ["fearon", *keys]
        if self.target is not None:
            said += " " + tr(
                "{share:.0%} of such studies are expected to have an interval as narrow.", share=self.chance
            )
        if self.invite > self.n:
            said += filled(INVITED, invite=self.invite, response=self.response, eligible=self.eligible)
        return cite(said, [*keys, *(["salganik", "wejnert", "goel"] if self.sampling else [])])

    def _expected(self) -> str:
        """Say what the plan expects to find."""
        if self.benchmark is None:
            return tr("share of {share:.1%}", share=self.share)
        given = {"share": self.share, "benchmark": self.benchmark}
        if self.benchmark_se:
            return tr(
                "share of {share:.1%}, a benchmark of {benchmark:,.0f} (standard error {se:,.0f})",
                se=self.benchmark_se,
                **given,
            )
        return tr("share of {share:.1%}, a benchmark of {benchmark:,.0f}", **given)

    def _width(self) -> str:
        if self.benchmark is None:
            return tr("± {width:.1f} percentage points", width=100 * self.half_width)
        return f"± {number(self.relative_precision, '.1%')} (± {number(self.half_width)})"

    def _as_table(self) -> Table:
        title, *notes = repr(self).split("\n")
        return of_frame(title, self.summary(), notes)

    def __repr__(self) -> str:
        begin = tr("Interview {n:,} people", n=self.n) if self.target is not None else tr("{n:,} interviews", n=self.n)
        begin += arguments.invitation(self.n, self.response, self.eligible)
        basis = tr("({level:g}% interval, design effect {deff:g})", level=100 * self.level, deff=self.design_effect)
        odds = "" if self.target is None else tr("; {share:.0%} of such studies are as precise", share=self.chance)
        low, high = self.interval
        if self.benchmark is None:
            what = tr("a share of {share:.1%} {width} {basis}", share=self.share, width=self._width(), basis=basis)
            return f"{begin}: {what}\n{tr('about {low:.1%} to {high:.1%}', low=low, high=high)}{odds}"
        what = tr(
            "a size of {size} ({benchmark:,.0f} / {share:.1%}) ± {reach:.1%} {basis}",
            size=rounded(self.estimate),
            benchmark=self.benchmark,
            share=self.share,
            reach=self.relative_precision,
            basis=basis,
        )
        ends = tr("by percentiles about {low} to {high}", low=rounded(low), high=rounded(high))
        return f"{begin}: {what}\n{ends}{odds}"

    def _repr_html_(self) -> str:
        return notebook.show(repr(self), self.summary())


def _z(level: float) -> float:
    return distributions.quantile((1 + level) / 2)


def _at_least(share: float, people: float, expected: float) -> float:
    """Return the chance that a share of so many people is at least this high; people need be no whole number."""
    from scipy.special import betainc  # noqa: PLC0415 (heavy)

    number = share * people
    if number <= 0:
        return 1.0
    return 0.0 if number > people else float(betainc(number, people - number + 1, expected))


def rounded(size: float) -> str:
    """Write a size with three digits or four."""
    if not math.isfinite(size):
        return tr("infinity") if math.isinf(size) else tr("unknown")
    digits = max(0, int(math.log10(size)) - 2) if size >= 1 else 0
    return number(round(size, -digits))
