"""Sizes and shares of treatment over time or by group, upright, with intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..answers.statistic import statistics
from ..drawing.over_time import draw
from ..drawing.series import Series, caution, one_quantity
from ..errors import InputError
from ..estimate.estimate import Estimate
from ..ground.language import tr
from ..ground.signatures import checked
from ..trends.trend import Trend
from .series import read

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@checked
def sizes(
    *data: Any, level: float = 0.95, ax: Axes | None = None, ylabel: str | None = None, why: str | None = None
) -> Axes:
    """Draw sizes by year or group with their intervals, a line style and a marker for each series; needs matplotlib.

    Parameters
    ----------
    *data : Estimate, Trend or mapping
        An Estimate: a point for each label (with two levels of labels, a series for each outer label; where one level
        is numbers such as years, these are the times). A `Trend`. Or a mapping of series names to Trends, Estimates or
        mappings of year to estimate, such as ``{"opioids": trend, "crack only": {2008: ..., 2023: ...}}``. A plain
        number is a figure published without an interval.
    level : float
        Confidence level of the intervals.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.
    ylabel : str, optional
        What to write at the axis.
    why : str, optional
        Why the studies are not comparable; series that are no Trends and say nothing of it themselves get this caveat.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        What is none of these, or of several quantities.

    See Also
    --------
    coverage : shares over time.
    hiddenpop.Trend.plot : one study's trend.

    Notes
    -----
    Series over time are joined by a line, those that are not comparable (see `trend`) never: their reason stands above
    the figure. An arrow head means that an interval has no upper end; missing estimates are named above the figure.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> opioids = hp.trend({2012: hp.published(14_300, 13_400, 16_300, name="2012"),
    ...                     2023: hp.published(13_300, 12_600, 14_200, name="2023")},
    ...                    comparable=False, why="recruitment and method changed")
    >>> axes = hp.plot.sizes({"opioids": opioids, "opioids and crack": {2023: 11_900}})
    >>> axes.get_ylabel()
    'population size (95% interval)'
    """
    series = _cautioned(read(data, level), why)
    quantity = one_quantity(series)
    named = {"size": tr("population size"), "share": tr("share"), "rate": tr("rate")}
    name = ylabel or named.get(quantity, tr("estimate"))
    return draw(series, name, level=level, ax=ax)


@checked
def coverage(
    *data: Any, level: float = 0.95, ax: Axes | None = None, ylabel: str | None = None, why: str | None = None
) -> Axes:
    """Draw the share in treatment by year and group with intervals, from 0 to 100%; needs matplotlib.

    Parameters
    ----------
    *data : Estimate, Trend or mapping
        Shares, as in `sizes`; also a mapping of year to an Estimate by group, or an Estimate by two groupings.
    level, ax, why
        As in `sizes`.
    ylabel : str, optional
        What to write at the axis: by default the survey's column, such as "in treatment" of `in_treatment`.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        What are no shares.

    See Also
    --------
    sizes : sizes over time.
    hiddenpop.Survey.proportion : the shares.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> survey = hp.Survey(hp.datasets.load("opaak")["treatment"], counts="count", strata="group")
    >>> now = survey.proportion("in_treatment", by="group")
    >>> axes = hp.plot.coverage({"opioids": {2012: 0.792, 2023: now["opioids"]},
    ...                          "crack only": {2008: 0.41, 2023: now["crack only"]}})
    >>> axes.get_ylabel()
    'in treatment (95% interval)'
    """
    series = _cautioned(read(data, level), why)
    for one in series:
        values = one.marks.finite()
        if one.quantity not in ("share", "size", "other") or (
            len(values) and not 0 <= values.min() <= values.max() <= 1
        ):
            raise InputError(
                f"Coverage is a share between 0 and 1, and {one.name or 'this'} holds {values.max():,.4g}"
                f"{'; per cent are divided by 100' if values.max() <= 100 else '; sizes are drawn by hp.plot.sizes'}."
            )
    shares = [
        replace(one, quantity="share", marks=replace(one.marks, quantities=("share",) * len(one.places)))
        for one in series
    ]
    return draw(shares, ylabel or _share_of(data), level=level, ax=ax, whole=True)


def _share_of(data: Any) -> str:
    """Say what share it is: the column of the survey, if all that are of surveys are of one."""
    questions = [answer.question for est in _estimates(data) for answer in statistics(est.node)]
    found = {question.columns for question in questions if question.kind == "proportion"}
    columns = found.pop() if len(found) == 1 else ("share",)
    return str(columns[0]).replace("_", " ")


def _estimates(data: Any) -> Iterator[Estimate]:
    if isinstance(data, Estimate):
        yield data
    elif isinstance(data, Trend):
        yield data.estimates
    elif isinstance(data, (Mapping, tuple)):
        for one in data.values() if isinstance(data, Mapping) else data:
            yield from _estimates(one)


def _cautioned(series: list[Series], why: str | None) -> list[Series]:
    if why is None:
        return series
    if not isinstance(why, str) or not why.strip():
        raise InputError("why= says why the studies are not comparable: why='recruitment changed'.")
    over_time = [len(one.places) > 1 and one.caveat is None for one in series]
    return [
        replace(one, caveat=caution(why), joined=False) if more else one
        for one, more in zip(series, over_time, strict=True)
    ]
