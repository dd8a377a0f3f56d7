"""Studies of one population at several times, set beside one another with due care."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from . import interval
from .combine import concat, prob
from .errors import InputError, listing, suggest
from .estimate import Estimate, tell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .smoothing import SmoothTrend


@dataclass(frozen=True, eq=False, repr=False)
class Trend:
    """Estimates of one quantity at several times, and whether they may be compared.

    Attributes
    ----------
    estimates : Estimate
        The sizes (or shares, or rates), a label for each time, in order.
    why : str or None
        Why the studies are not comparable; None where they are.

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
        return None if self.why is None else f"Not comparable: {self.why}. No change is tested or stated."

    def change(self, since: Any = None, until: Any = None) -> Estimate:
        """Return the difference between two times (the first and the last by default) as an Estimate.

        Raises
        ------
        InputError
            The studies are not comparable, or have no such time.
        """
        earlier, later = self._pair(since, until)
        return (self.estimates[later] - self.estimates[earlier]).rename(f"change {earlier} to {later}")

    def relative(self, since: Any = None, until: Any = None) -> Estimate:
        """Return the ratio of two times (the last to the first by default), as `change`."""
        earlier, later = self._pair(since, until)
        return (self.estimates[later] / self.estimates[earlier]).rename(f"{later} relative to {earlier}")

    def increase(self, since: Any = None, until: Any = None) -> float:
        """Return the share of draws in which the later estimate is above the earlier one, as `change`.

        For samples that are redrawn it is a bootstrap probability, and not that of a hypothesis.
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

        Notes
        -----
        x(t) - x(s) ~ N(0, h^2 |t - s|), y = x(t) + e with the study's error e: the local level model (Harvey 1989,
        section 3.1; Durbin and Koopman 2012, chapter 2) at irregular times. Forecasts stay at the last level, and
        their intervals widen.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> trend = hp.trend({2012: hp.published(14_300, 13_400, 16_300, name="2012"),
        ...                   2023: hp.published(13_300, 12_600, 14_200, name="2023")})
        >>> trend.smooth(at=[2018, 2026], step=0.03).estimate.point.round(-2).to_dict()
        {2018: 13700.0, 2026: 13400.0}
        """
        from . import smoothing  # noqa: PLC0415 (rooms open when used)

        return smoothing.smooth(self, at=at, step=step, prior=prior, comparable=comparable)

    def _pair(self, since: Any, until: Any) -> tuple[Any, Any]:
        if self.caveat is not None:
            raise InputError(
                f"{self.caveat} If you know better, say comparable=True; the estimates of each time are in trend.estimates."
            )
        earlier, later = self.times[0] if since is None else since, self.times[-1] if until is None else until
        for time in (earlier, later):
            if time not in self.times:
                raise InputError(f"The trend has no time {time!r}. {suggest(time, self.times)}")
        if earlier == later:
            raise InputError(f"A change is between two times, and both are {earlier!r}.")
        return earlier, later

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Return a tidy table: one row a time, with the change since the time before where studies are comparable.

        Columns: estimate, lower, upper; change and relative change (a ratio less 1) since the time before with their
        limits, and the share of draws with an increase. Studies that are not comparable have the reason in
        a column `caveat` instead.
        """
        level = interval.check_level(level)
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
        """
        from .plot import axes as plot  # noqa: PLC0415 (matplotlib only when something is plotted)

        axes = plot.across(ax)
        ends, notes = interval.interval(self.estimates.node, level, interval.default_method(self.estimates.node), None)
        tell(notes, self.estimates.labels)
        point = self.estimates.node.point
        numeric = all(isinstance(time, (int, float, np.integer, np.floating)) for time in self.times)
        place = np.asarray(self.times, dtype=float) if numeric else np.arange(len(point), dtype=float)
        with np.errstate(invalid="ignore"):
            reach = np.maximum(np.nan_to_num([point - ends[:, 0], ends[:, 1] - point], posinf=0.0), 0.0)
        axes.errorbar(
            place,
            point,
            yerr=reach,
            fmt="o" if self.why else "o-",
            color=plot.COLOUR,
            capsize=4,
            markersize=7,
            linewidth=1.5,
        )
        axes.set_xticks(place, [str(time) for time in self.times])
        axes.set_ylim(bottom=0)
        axes.set_ylabel(f"{self.estimates.name} ({100 * level:g}% interval)")
        plot.upright(self.estimates, axes)
        if self.caveat is not None:
            axes.set_title("\n".join(textwrap.wrap(self.caveat, 70)), loc="left", fontsize="small", style="italic")
        return axes

    def methods(self) -> str:
        """Return sentences for a paper's methods section."""
        said = f"Estimates of {listing(self.times)} were set beside one another. "
        return said + (f"{self.caveat} " if self.caveat else "") + self.estimates.methods()

    def __repr__(self) -> str:
        return repr(self.estimates) + (f"\n{self.caveat}" if self.caveat else "")

    def _repr_html_(self) -> str:
        import html  # noqa: PLC0415 (only in notebooks)

        note = f"<p><em>{html.escape(self.caveat)}</em></p>" if self.caveat else ""
        return self.estimates._repr_html_() + note


def trend(
    estimates: Mapping[Any, Estimate], *, comparable: bool = True, why: str | None = None, name: str | None = None
) -> Trend:
    """Set estimates of several times beside one another.

    Parameters
    ----------
    estimates : mapping of time to Estimate
        A one-label estimate for each time: your own, or published figures through `hp.published`.
    comparable : bool
        Whether the studies measured the same in the same way. Without it nothing is said of change, and the reason
        stands in table and figure.
    why : str, optional
        Why they are not comparable; needed with ``comparable=False``.
    name : str, optional
        What is estimated.

    Returns
    -------
    Trend

    Raises
    ------
    InputError
        Fewer than two times, estimates with several labels or of different quantities, no reason given.

    Notes
    -----
    Studies of different samples are independent; changes are computed draw by draw.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> sizes = {2012: hp.published(14_300, 13_400, 16_300, name="2012"),
    ...          2023: hp.published(13_300, 12_600, 14_200, name="2023")}
    >>> hp.trend(sizes).change().point
    -1000.0
    >>> hp.trend(sizes, comparable=False, why="recruitment changed")
    population size
          estimate        95% interval
    2012    14,300    13,400 to 16,300
    2023    13,300    12,600 to 14,200
    Not comparable: recruitment changed. No change is tested or stated.
    """
    if not isinstance(estimates, Mapping) or len(estimates) < 2:
        raise InputError("trend takes a mapping of two times or more to estimates, such as {2012: ..., 2023: ...}.")
    for time, est in estimates.items():
        if not isinstance(est, Estimate):
            raise InputError(
                f"The estimate of {time!r} is {type(est).__name__}; published figures enter by hp.published."
            )
        if not est.scalar:
            raise InputError(f"The estimate of {time!r} has {len(est)} labels; pick one: estimate['label'].")
    quantities = {est.quantity for est in estimates.values()}
    if len(quantities) > 1:
        raise InputError(f"A trend is of one quantity, and these are {listing(sorted(quantities))}.")
    if comparable and why is not None:
        raise InputError("why= says why studies are not comparable: add comparable=False.")
    if not comparable and not (why and why.strip()):
        raise InputError("Say why the studies are not comparable: why='recruitment and estimation method changed'.")
    try:
        ordered = dict(sorted(estimates.items()))
    except TypeError:  # times that don't compare stay in the order given
        ordered = dict(estimates)
    title = name or ("population size" if quantities == {"size"} else next(iter(ordered.values())).name)
    together = concat(ordered, name=title)
    return Trend(together, why.strip().rstrip(".") if why else None)
