"""Studies of one population at several times, set beside one another with due care."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..drawing.series import caution
from ..errors import InputError, listing, suggest
from ..estimate.arithmetic import within
from ..estimate.combine import concat, prob
from ..estimate.estimate import Estimate
from ..ground import checks, notebook
from ..sources.uncertain_input import Input

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .smooth import SmoothTrend


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
        return None if self.why is None else caution(self.why)

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
        from . import smooth as smoothing  # noqa: PLC0415 (rooms open when used)

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
        """
        from ..drawing import over_time  # noqa: PLC0415 (matplotlib only when something is plotted)
        from ..plot import series  # noqa: PLC0415 (matplotlib only when something is plotted)

        return over_time.draw(series.read((self,), level), self.estimates.name, level=level, ax=ax)

    def methods(self) -> str:
        """Return sentences for a paper's methods section."""
        said = f"Estimates of {listing(self.times)} were set beside one another. "
        return said + (f"{self.caveat} " if self.caveat else "") + self.estimates.methods()

    def __repr__(self) -> str:
        return repr(self.estimates) + (f"\n{self.caveat}" if self.caveat else "")

    def _repr_html_(self) -> str:
        return notebook.show(self.estimates, self.caveat or "")


def trend(
    estimates: Mapping[Any, Estimate], *, comparable: bool = True, why: str | None = None, name: str | None = None
) -> Trend:
    """Set estimates of several times beside one another.

    Parameters
    ----------
    estimates : mapping of time to Estimate
        A one-label estimate for each time: your own, or published figures through `hp.published`. They are put in order;
        words such as "spring 2016" stay in the order given.
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
                f"The estimate of {time!r} is {type(est).__name__}. {within(est)}Published figures enter by "
                "hp.published(point, lower, upper)."
            )
        if not est.scalar:
            raise InputError(f"The estimate of {time!r} has {len(est)} labels; pick one: estimate['label'].")
    shares = any(est.quantity == "share" for est in estimates.values())
    estimates = {time: _as_share(est, among_shares=shares) for time, est in estimates.items()}
    quantities = {est.quantity for est in estimates.values()}
    if len(quantities) > 1:
        raise InputError(f"A trend is of one quantity, and these are {listing(sorted(quantities))}.")
    if comparable and why is not None:
        raise InputError("why= says why studies are not comparable: add comparable=False.")
    if not comparable and not (why and why.strip()):
        raise InputError("Say why the studies are not comparable: why='recruitment and estimation method changed'.")
    ordered = dict(estimates)
    # Words, as "spring 2016", stay in the order given, and so do times that don't compare.
    if not any(isinstance(time, str) and not time[:4].isdecimal() for time in estimates):
        with contextlib.suppress(TypeError):
            ordered = dict(sorted(estimates.items()))
    called = [
        est.name for est in ordered.values() if not isinstance(est.node, Input)
    ]  # published figures are called by source
    title = name or ("population size" if quantities == {"size"} else [*called, next(iter(ordered.values())).name][0])
    together = concat(ordered, name=title)
    return Trend(together, why.strip().rstrip(".") if why else None)


def _as_share(est: Estimate, *, among_shares: bool) -> Estimate:
    """Read a published figure within 0 and 1 as the share that it is: no size of a population is below one."""
    if not isinstance(est.node, Input) or est.quantity not in ("size", "other" if among_shares else "size"):
        return est
    low, high = est.node.exact([0.025, 0.975])[0]
    if not 0 <= low <= high <= 1:
        return est
    return Estimate(replace(est.node, quantity="share"), est.labels, est.scalar, est.name)


def contrast(
    estimates: Estimate | Trend | Mapping[Any, Estimate], weights: Mapping[Any, float], name: str | None = None
) -> Estimate:
    """Combine the labels of an estimate, or the times of a trend, linearly.

    Parameters
    ----------
    estimates : Estimate, Trend or mapping of label to Estimate
        What has the labels.
    weights : mapping of label to number
        Labels left out weigh nothing: ``{2023: 1, 2012: -1}`` is the change.
    name : str, optional
        Name of the result.

    Returns
    -------
    Estimate
        With one label; computed draw by draw, so that what comes from one survey keeps its covariance.

    Raises
    ------
    InputError
        No such label, weights that are no numbers, or studies that are not comparable.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> sizes = {2008: hp.normal(110, 5, name="a"), 2012: hp.normal(100, 4, name="b"), 2023: hp.normal(90, 3, name="c")}
    >>> hp.contrast(hp.trend(sizes), {2023: 1, 2008: -0.5, 2012: -0.5}, name="since the mean of both").point
    -15.0
    """
    if isinstance(estimates, Trend):
        if estimates.caveat is not None:
            raise InputError(f"{estimates.caveat} If you know better, say comparable=True in hp.trend.")
        estimates = estimates.estimates
    together = estimates if isinstance(estimates, Estimate) else concat(estimates)
    return together.contrast(weights, name)
