"""Studies of one population at several times, set beside one another with due care, and a smooth line through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..drawing import over_time
from ..drawing.axes import items
from ..drawing.marks import Marks, caveats, measured
from ..drawing.series import caution
from ..errors import InputError, in_words, listing, suggest
from ..estimate.combine import prob
from ..estimate.estimate import Estimate
from ..ground import checks, notebook
from ..ground.language import tr
from ..ground.signatures import checked
from ..ground.text import capital, labels_of
from ..words import methods
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled
from . import figures
from .smooth import Walk, number, smoothed, walk_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Trend(Tabled):
    """Estimates of one quantity at several times, and whether they may be compared.

    Attributes
    ----------
    estimates : Estimate
        The sizes (or shares, or rates), a label for each time, in order.
    why : str or None
        Why the studies are not comparable; None where they are.

    See Also
    --------
    trend : makes it.
    Trends : several groups.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> trend = hp.trend({2012: hp.published(14_300, 13_400, 16_300, name="2012"),
    ...                   2023: hp.published(13_300, 12_600, 14_200, name="2023")})
    >>> trend.times, round(trend.relative().point, 2)
    ([2012, 2023], 0.93)
    """

    estimates: Estimate
    why: str | None

    @property
    def times(self) -> list[Any]:
        """The times, in order."""
        return list(self.estimates.labels)

    @property
    def caveat(self) -> str | None:
        """What must stand beside every table and figure; None where the studies are comparable."""
        return None if self.why is None else caution(self.why)

    def change(self, since: Any = None, until: Any = None) -> Estimate:
        """Return the difference between two times (the first and the last by default) as an Estimate.

        Raises
        ------
        InputError
            The studies are not comparable, or have no such time.

        See Also
        --------
        Trend.relative, Trend.increase

        Examples
        --------
        >>> import hiddenpop as hp
        >>> trend = hp.trend({2012: hp.published(14_300, 13_400, 16_300), 2023: hp.published(13_300, 12_600, 14_200)})
        >>> trend.change().point
        -1000.0
        """
        earlier, later = self._pair(since, until)
        return (self.estimates[later] - self.estimates[earlier]).rename(
            "change {} to {}".format(*self._called(earlier, later))
        )

    def relative(self, since: Any = None, until: Any = None) -> Estimate:
        """Return the ratio of two times (the last to the first by default), as `change`.

        See Also
        --------
        Trend.change

        Examples
        --------
        >>> import hiddenpop as hp
        >>> trend = hp.trend({2012: hp.published(14_300, 13_400, 16_300), 2023: hp.published(13_300, 12_600, 14_200)})
        >>> round(trend.relative().point, 2)
        0.93
        """
        earlier, later = self._pair(since, until)
        return (self.estimates[later] / self.estimates[earlier]).rename(
            "{1} relative to {0}".format(*self._called(earlier, later))
        )

    def increase(self, since: Any = None, until: Any = None) -> float:
        """Return the share of draws in which the later estimate is above the earlier one, as `change`.

        For samples that are redrawn it is a bootstrap probability, and not that of a hypothesis.

        See Also
        --------
        Trend.change, prob

        Examples
        --------
        >>> import hiddenpop as hp
        >>> trend = hp.trend({2012: hp.published(14_300, 13_400, 16_300), 2023: hp.published(13_300, 12_600, 14_200)})
        >>> round(trend.increase(), 1)
        0.1
        """
        earlier, later = self._pair(since, until)
        return float(np.asarray(prob(self.estimates[later] > self.estimates[earlier])))

    def smooth(
        self,
        *,
        at: Sequence[Any] | None = None,
        step: float | None = None,
        prior: float | None = None,
        comparable: bool | None = None,
    ) -> SmoothTrend:
        """Return a smooth trend: a random walk on the log scale (logit for shares), seen through each study's error.

        Parameters
        ----------
        at : sequence of times, optional
            Where to say the level: between studies, before or after them. By default at the studies.
        step : float, optional
            The standard deviation of the change in one unit of time, on the log scale: 0.05 for 5% a year.
        prior : float, optional
            Scale of a half-normal prior of the step. One of the two is needed with fewer than five studies; else
            the step has Jeffreys' prior.
        comparable : bool, optional
            True smooths studies that were said not to be comparable; the caveat stays beside the result.

        Returns
        -------
        SmoothTrend

        Raises
        ------
        InputError
            Studies that are not comparable, too few without a step or a prior, times that are no numbers or dates.

        See Also
        --------
        extrapolate : from some places to all.

        Notes
        -----
        x(t) - x(s) ~ N(0, h^2 abs(t - s)), y = x(t) + e with the study's error e: the local level model (Harvey 1989,
        chapter 3; Durbin and Koopman 2012, chapter 2) at irregular times. Forecasts stay at the last level, and
        their intervals widen.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> trend = hp.trend({2012: hp.published(14_300, 13_400, 16_300, name="2012"),
        ...                   2023: hp.published(13_300, 12_600, 14_200, name="2023")})
        >>> trend.smooth(at=[2018, 2026], step=0.03).estimate.point.round(-2).to_dict()
        {2018: 13700.0, 2026: 13400.0}
        """
        if self.caveat is not None and not (comparable is not None and checks.flag(comparable, "comparable")):
            raise InputError(
                f"{self.caveat} A smooth line would state one. If you know better: trend.smooth(comparable=True)."
            )
        return SmoothTrend(smoothed(self.estimates, at=at, step=step, prior=prior), self)

    def _called(self, *times: Any) -> list[str]:
        """Write some of the times as the table does."""
        texts = dict(zip(self.times, labels_of(self.times), strict=True))
        return [texts[time] for time in times]

    def _pair(self, since: Any, until: Any) -> tuple[Any, Any]:
        if self.caveat is not None:
            raise InputError(
                f"{self.caveat} If you know better, say comparable=True; the estimates of each time are in trend.estimates."
            )
        earlier, later = self.times[0] if since is None else since, self.times[-1] if until is None else until
        for time in (earlier, later):
            if not checks.among(time, self.times):
                raise InputError(f"The trend has no time {in_words(time)}. {suggest(time, self.times)}")
        if earlier == later:
            raise InputError(f"A change is between two times, and both are {in_words(earlier)}.")
        return earlier, later

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Return a tidy table: one row a time, with the change since the time before where studies are comparable.

        Columns: estimate, lower, upper; change and relative change (a ratio less 1) since the time before with their
        limits, and the share of draws with an increase. Studies that are not comparable have the reason in
        a column `caveat` instead.

        See Also
        --------
        Trend.plot

        Examples
        --------
        >>> import hiddenpop as hp
        >>> trend = hp.trend({2012: hp.published(14_300, 13_400, 16_300), 2023: hp.published(13_300, 12_600, 14_200)})
        >>> trend.summary()["estimate"].to_dict()
        {2012: 14300.0, 2023: 13300.0}
        """
        level = checks.check_level(level)
        table = pd.DataFrame({"estimate": self.estimates.node.point}, index=self.estimates.labels)
        table[["lower", "upper"]] = self.estimates.interval(level)
        if self.caveat is not None:
            return table.assign(caveat=self.caveat)
        steps = list(zip(self.times[:-1], self.times[1:], strict=True))
        for name, made, shift in (("change", self.change, 0.0), ("relative", self.relative, 1.0)):
            found = [made(*step) for step in steps]
            table[name] = [np.nan, *(float(est.node.point[0]) - shift for est in found)]
            ends = np.array([est.interval(level).to_numpy()[0] for est in found]) - shift
            table[f"{name}_lower"] = [np.nan, *ends[:, 0]]
            table[f"{name}_upper"] = [np.nan, *ends[:, 1]]
        table["increase"] = [np.nan, *(self.increase(*step) for step in steps)]
        return table

    def plot(self, *, level: float = 0.95, ax: Axes | None = None) -> Axes:
        """Draw the estimates over time with their intervals; the caveat stands on the chart. Needs matplotlib.

        Comparable studies are joined by a line, others are not.

        See Also
        --------
        plot.sizes : several trends in one figure.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> trend = hp.trend({2012: hp.published(14_300, 13_400, 16_300), 2023: hp.published(13_300, 12_600, 14_200)})
        >>> axes = trend.plot()
        """
        line = figures.line(self.estimates, self.caveat, level)
        return over_time.draw([line], self.estimates.name, level=level, ax=ax)

    def methods(self) -> str:
        """Return sentences for a paper's methods section.

        See Also
        --------
        Estimate.methods

        Examples
        --------
        >>> import hiddenpop as hp
        >>> trend = hp.trend({2012: hp.published(14_300, 13_400, 16_300), 2023: hp.published(13_300, 12_600, 14_200)})
        >>> text = trend.methods()
        """
        said = tr("Estimates of {times} were set beside one another.", times=listing(self.times)) + " "
        return said + (f"{self.caveat} " if self.caveat else "") + self.estimates.methods()

    def _as_table(self) -> Table:
        est = self.estimates
        times = labels_of(self.times)
        title = capital(f"{est.name}, {times[0]} to {times[-1]}")
        changed = "points" if est.quantity == "share" else est.quantity
        units = {"estimate": est.node.units, "change": changed, "relative": "share", "increase": "share"}
        notes = [*([self.caveat] if self.caveat else []), *methods.caveats(est.node)]
        return of_frame(title, self.summary().drop(columns="caveat", errors="ignore"), notes, units=units)

    def __repr__(self) -> str:
        return repr(self.estimates) + (f"\n{self.caveat}" if self.caveat else "")

    def _repr_html_(self) -> str:
        return notebook.show(self.estimates, self.caveat or "")


@checked
@dataclass(frozen=True, eq=False, repr=False)
class SmoothTrend(Tabled):
    """A smooth trend: levels at the times asked for, between, before and after the studies.

    Attributes
    ----------
    estimate : Estimate
        The levels, a label for each time.
    trend : Trend
        The studies.

    See Also
    --------
    Trend.smooth : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> trend = hp.trend({2012: hp.published(14_300, 13_400, 16_300, name="2012"),
    ...                   2023: hp.published(13_300, 12_600, 14_200, name="2023")})
    >>> trend.smooth(at=[2018, 2023, 2026], prior=0.05).summary()["kind"].to_list()
    ['between', 'study', 'beyond']
    """

    estimate: Estimate
    trend: Trend

    @property
    def caveat(self) -> str | None:
        """What must stand beside every table and figure where the studies were said not to be comparable."""
        return (
            None
            if self.trend.why is None
            else tr("Smoothed although the studies are not comparable: {reason}.", reason=self.trend.why)
        )

    def step(self, level: float = 0.95) -> pd.Series[Any]:
        """Return the standard deviation of a unit of time's change on the log (or logit) scale: median, interval.

        See Also
        --------
        SmoothTrend.summary

        Examples
        --------
        >>> import hiddenpop as hp
        >>> trend = hp.trend({2012: hp.published(14_300, 13_400, 16_300), 2023: hp.published(13_300, 12_600, 14_200)})
        >>> trend.smooth(prior=0.05).step().index.to_list()
        ['estimate', 'lower', 'upper']
        """
        level = checks.check_level(level)
        shares = np.array([0.5, (1 - level) / 2, (1 + level) / 2])
        found = np.sqrt(self._walk.predictor.component.quantile(shares))
        return pd.Series(found, index=["estimate", "lower", "upper"], name="step")

    def at(self, times: Sequence[Any]) -> Estimate:
        """Return levels at other times. Their draws are joint with the studies', not with those at earlier asked times.

        See Also
        --------
        Trend.smooth

        Examples
        --------
        >>> import hiddenpop as hp
        >>> trend = hp.trend({2012: hp.published(14_300, 13_400, 16_300), 2023: hp.published(13_300, 12_600, 14_200)})
        >>> trend.smooth(prior=0.05).at([2018, 2026]).labels.to_list()
        [2018, 2026]
        """
        walk = self._walk
        return smoothed(self.trend.estimates, at=times, step=walk.step, prior=walk.prior)

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Return a tidy table: one row a time, with its level, interval and the study's own estimate where there is one.

        See Also
        --------
        SmoothTrend.plot

        Examples
        --------
        >>> import hiddenpop as hp
        >>> trend = hp.trend({2012: hp.published(14_300, 13_400, 16_300), 2023: hp.published(13_300, 12_600, 14_200)})
        >>> trend.smooth(at=[2012, 2018], prior=0.05).summary()["kind"].to_list()
        ['study', 'between']
        """
        level = checks.check_level(level)
        table = pd.DataFrame({"estimate": self.estimate.node.point}, index=self.estimate.labels)
        table[["lower", "upper"]] = self.estimate.interval(level)
        studies = self.trend.estimates
        found = {number(t): value for t, value in zip(studies.labels, studies.node.point, strict=True)}
        table["study"] = [found.get(number(t), np.nan) for t in table.index]
        first, last = min(found), max(found)
        kinds = [
            "study" if number(t) in found else "between" if first < number(t) < last else "beyond" for t in table.index
        ]
        table["kind"] = kinds
        return table if self.caveat is None else table.assign(caveat=self.caveat)

    def plot(self, *, level: float = 0.95, ax: Axes | None = None) -> Axes:
        """Draw the band over the studies' own intervals; needs matplotlib.

        See Also
        --------
        SmoothTrend.summary

        Examples
        --------
        >>> import hiddenpop as hp
        >>> trend = hp.trend({2012: hp.published(14_300, 13_400, 16_300), 2023: hp.published(13_300, 12_600, 14_200)})
        >>> axes = trend.smooth(prior=0.05).plot()
        """
        level = checks.check_level(level)
        studies, walk = self.trend.estimates, self._walk
        at = np.array([number(t) for t in studies.labels])
        grid = figures.places([*at, *(number(t) for t in self.estimate.labels)])
        # Dates have no places between them, numbers do.
        numbered = replace(studies, labels=pd.Index(at.tolist()))
        line = smoothed(numbered, at=grid.tolist(), step=walk.step, prior=walk.prior)
        ends = line.interval(level).to_numpy()
        band = Marks(line.node.point, ends[:, 0], ends[:, 1], (line.quantity,) * len(line))
        levels = items(self.estimate.labels, measured(self.estimate, level, warned=False).texts())
        notes = [self.caveat or "", *caveats(studies)]
        own = measured(studies, level, warned=False)  # open ends are marked
        return figures.draw(grid, band, at, own, name=self.estimate.name, told=levels, notes=notes, level=level, ax=ax)

    def methods(self, level: float = 0.95) -> str:
        """Return sentences for a paper's methods section.

        See Also
        --------
        Estimate.methods

        Examples
        --------
        >>> import hiddenpop as hp
        >>> trend = hp.trend({2012: hp.published(14_300, 13_400, 16_300), 2023: hp.published(13_300, 12_600, 14_200)})
        >>> text = trend.smooth(prior=0.05).methods()
        """
        return (f"{self.caveat} " if self.caveat else "") + self.estimate.methods(level)

    @property
    def _walk(self) -> Walk:
        return walk_of(self.estimate.node)

    def _said(self) -> str:
        found = self.step()
        if self._walk.step is not None:
            how = tr("given")
        else:
            how = tr("95% interval {low:.3f} to {high:.3f}", low=found["lower"], high=found["upper"])
        return tr(
            "random walk on the {link} scale through {count} studies; step {step:.3f} in a unit of time, {how}",
            link=self._walk.link,
            count=len(self.trend.times),
            step=found["estimate"],
            how=how,
        )

    def _as_table(self) -> Table:
        est = self.estimate
        notes = [self._said(), *([self.caveat] if self.caveat else []), *methods.caveats(est.node)]
        units = {"estimate": est.node.units, "study": est.node.units}
        return of_frame(capital(est.name), self.summary().drop(columns="caveat", errors="ignore"), notes, units=units)

    def __repr__(self) -> str:
        return "\n".join([repr(self.estimate), self._said(), *([self.caveat] if self.caveat else [])])

    def _repr_html_(self) -> str:
        return notebook.show(self.estimate, self._said(), self.caveat or "")
