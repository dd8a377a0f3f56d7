"""Making trends of estimates at several times, and contrasts of what has labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, overload

import pandas as pd

from ..errors import InputError, in_words, listing
from ..estimate.arithmetic import within
from ..estimate.combine import concat
from ..estimate.estimate import Estimate
from ..ground import checks
from ..ground.signatures import checked
from ..sources.uncertain_input import as_share
from .grouped import Trends, by_group
from .times import in_order
from .trend import Trend


@overload
def trend(
    estimates: Mapping[Any, Estimate],
    *,
    by: None = None,
    comparable: bool = True,
    why: str | None = None,
    name: str | None = None,
) -> Trend: ...


@overload
def trend(
    estimates: Mapping[Any, Estimate | pd.DataFrame],
    *,
    by: str,
    comparable: bool = True,
    why: str | None = None,
    name: str | None = None,
) -> Trends: ...


@checked
def trend(
    estimates: Mapping[Any, Any],
    *,
    by: str | None = None,
    comparable: bool = True,
    why: str | None = None,
    name: str | None = None,
) -> Trend | Trends:
    """Set estimates of several times beside one another, for each group with `by`.

    Parameters
    ----------
    estimates : mapping of time to Estimate
        A one-label estimate for each time: your own, or published figures through `hp.published`. They are put in order,
        texts by the years, months and numbers in them ("2020-9" before "2020-10"); words such as "spring 2016" stay in the
        order given.
    by : str, optional
        With it each time has an estimate for each group, whose labels are this level; or a table of published figures with
        the columns of `hp.published`: the group's, under this name, "estimate", "low" and "high".
    comparable : bool
        Whether the studies measured the same in the same way. Without it nothing is said of change, and the reason
        stands in table and figure.
    why : str, optional
        Why they are not comparable; needed with ``comparable=False``.
    name : str, optional
        What is estimated.

    Returns
    -------
    Trend or Trends
        `Trends` with `by`: one for each group.

    Raises
    ------
    InputError
        Fewer than two times, times that are one or may be read in two orders, estimates with several labels or of
        different quantities, no reason given.

    See Also
    --------
    contrast : one difference.
    plot.sizes : several trends in one figure.

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
    if by is not None:
        groups = by_group(estimates, by)
        made = {group: trend(times, comparable=comparable, why=why, name=name) for group, times in groups.items()}
        first = next(iter(made.values()))
        stacked = concat({group: one.estimates for group, one in made.items()}, name=first.estimates.name)
        return Trends(replace(stacked, labels=stacked.labels.set_names([by, "time"])), first.why)
    for time, est in estimates.items():
        if not isinstance(est, Estimate):
            raise InputError(
                f"The estimate of {in_words(time)} is {type(est).__name__}. {within(est)}Published figures enter by "
                "hp.published(point, lower, upper)."
            )
        if not est.scalar:
            raise InputError(f"The estimate of {in_words(time)} has {len(est)} labels; pick one: estimate['label'].")
    comparable = checks.flag(comparable, "comparable")
    shares = any(est.quantity == "share" for est in estimates.values())
    estimates = {time: _as_share(est, among_shares=shares) for time, est in estimates.items()}
    quantities = {est.quantity for est in estimates.values()}
    if len(quantities) > 1:
        raise InputError(f"A trend is of one quantity, and these are {listing(sorted(quantities))}.")
    if comparable and why is not None:
        raise InputError("why= says why studies are not comparable: add comparable=False.")
    if not comparable and not (why and why.strip()):
        raise InputError("Say why the studies are not comparable: why='recruitment and estimation method changed'.")
    times = list(estimates)
    ordered = {times[i]: estimates[times[i]] for i in in_order(times)}
    called = [
        est.name for est in ordered.values() if est.node.given_as is None
    ]  # published figures are called by source
    title = name or ("population size" if quantities == {"size"} else [*called, next(iter(ordered.values())).name][0])
    together = concat(ordered, name=title)
    return Trend(together, why.strip().rstrip(".") if why else None)


def _as_share(est: Estimate, *, among_shares: bool) -> Estimate:
    """Read a published figure within 0 and 1 as the share that it is: no size of a population is below one."""
    if est.quantity not in ("size", "other" if among_shares else "size"):
        return est
    node = as_share(est.node)
    return est if node is est.node else Estimate(node, est.labels, est.scalar, est.name)


@checked
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

    See Also
    --------
    trend : changes of studies over time.
    Estimate.contrast : of one estimate's labels.

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
