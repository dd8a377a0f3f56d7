"""Stacked bars: how a group's people are housed, or what work they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..answers.statistic import called
from ..drawing.axes import (
    PLAIN,
    axes_for,
    bare,
    extent,
    formatted,
    items,
    legend,
    legend_name,
    note,
    points,
    tell,
    width_of,
)
from ..drawing.marks import caveats, measured
from ..errors import InputError, visible
from ..estimate.estimate import Estimate
from ..ground.language import read, tr
from ..ground.signatures import checked
from ..ground.text import label_of
from ..survey.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
#: Fills in an order in which neighbours differ in luminance, with hatches for a copier (Okabe and Ito 2008).
FILLS = ("#0072B2", "#F0E442", "#D55E00", "#56B4E9", "#009E73", "#E69F00", "#5A5A5A", "#CC79A7")
HATCHES = ("", "///", "", "...", "\\\\\\", "xx", "", "--")
#: Shades of one colour for levels that have an order, from little to much (Harrower and Brewer 2003, Blues).
SHADES = ("#DEEBF7", "#C6DBEF", "#9ECAE1", "#6BAED6", "#4292C6", "#2171B5", "#08519C", "#08306B")
TAKES = (
    "stacked takes a survey, a column and by=, such as stacked(survey, 'housing', by='group'), or what "
    "survey.proportion('housing', by='group') returned"
)


@checked
def stacked(
    data: Survey | Estimate,
    column: str | None = None,
    *,
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    ax: Axes | None = None,
) -> Axes:
    """Draw the shares of a column's categories as a stacked bar for each group; needs matplotlib.

    Parameters
    ----------
    data : Survey or Estimate
        A survey; or the proportions of a column with several categories, such as
        ``survey.proportion("housing", by="group")``. The last level of labels is the category.
    column : str, optional
        The survey's column.
    by : str or list, optional
        The survey's grouping.
    level : float
        Confidence level of the intervals in the figure's words (`hp.plot.describe`); bars show none.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        What are no shares of categories that add up to one.

    See Also
    --------
    hiddenpop.crosstab : the numbers.

    Notes
    -----
    A share is written into its segment where it fits, and nowhere where it doesn't. Levels that have an order (an ordered categorical
    of a survey) have shades of one colour, others colours that differ.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> survey = hp.Survey({"housing": ["own", "own", "shelter", "street"], "group": ["a", "a", "b", "b"]})
    >>> axes = hp.plot.stacked(survey, "housing", by="group")
    >>> [text.get_text() for text in axes.get_yticklabels()]
    ['a', 'b']
    """
    est = _shares(data, column, by)
    marks = measured(est, level, warned=False)  # bars have no intervals
    labels = [label if isinstance(label, tuple) else (label,) for label in est.labels]
    groups = list(dict.fromkeys(label[:-1] for label in labels))
    categories = list(dict.fromkeys(label[-1] for label in labels))
    share = pd.Series(marks.point, index=pd.MultiIndex.from_tuples([(k[:-1], k[-1]) for k in labels]))
    table = np.array([[share.get((group, one), 0.0) for one in categories] for group in groups], dtype=float)
    for group, total in zip(groups, table.sum(axis=1), strict=True):
        if np.isfinite(total) and not np.isclose(total, 1, atol=1e-6):
            raise InputError(
                f"The shares of {label_of(group) or est.name} add up to {total:.1%}. A bar holds all categories of one column. "
                f"{TAKES}."
            )
    if len(categories) > len(FILLS):
        raise InputError(f"{len(categories)} categories can't be told apart in a bar; join some, down to {len(FILLS)}.")

    axes = axes_for(ax, len(groups) + 1)
    names = [label_of(group) for group in groups]
    place = np.arange(len(groups), dtype=float)
    axes.set_yticks(place, names, **PLAIN)
    axes.tick_params(axis="y", length=0)
    axes.set_xlim(0, 1)
    formatted(axes, "x", "share")
    axes.set_xticks(np.linspace(0, 1, 6))
    bare(axes, "top", "right", "left")
    axes.set_xlabel(visible(called(est.node, column or str(est.labels.names[-1] or est.name))), **PLAIN)
    missing = ", ".join(name for name, row in zip(names, table, strict=True) if np.isnan(row).any())
    notes = [*([tr("No answers: {groups}.", groups=missing)] if missing else []), *caveats(est)]
    note(axes, notes)
    dtype = data.sample.column(column).dtype if isinstance(data, Survey) and column is not None else None
    ranked = isinstance(dtype, pd.CategoricalDtype) and bool(dtype.ordered)
    styles = _styles(len(categories), ranked=ranked)
    _legend(axes, [label_of(one) for one in categories], len(groups), styles)
    _segments(axes, table, styles)
    said = tr("{what} in per cent, with {level:g}% intervals.", what=read(est.name), level=100 * level)
    words = [said, items(est.labels, marks.texts()), *notes]
    tell(axes, " ".join(words))
    return axes


def _shares(data: Any, column: str | None, by: Any) -> Estimate:
    if isinstance(data, Survey):
        if column is None:
            raise InputError(f"Say which column to draw. {TAKES}.")
        est = data.proportion(column, by=by)
        if est.scalar or (by is not None and est.labels.nlevels == len([by] if isinstance(by, str) else by)):
            raise InputError(f"{column!r} is yes or no, so a bar has one part: draw it by hp.plot.sizes.")
        return est
    if not isinstance(data, Estimate):
        raise InputError(f"{TAKES}; this is {type(data).__name__}.")
    if column is not None or by is not None:
        raise InputError("column and by= belong to a survey; an estimate has its labels.")
    if data.quantity != "share" or data.scalar:
        raise InputError(f"{data.name!r} holds no shares of several categories. {TAKES}.")
    return data


def _legend(axes: Axes, categories: list[str], groups: int, styles: list[dict[str, Any]]) -> None:
    """Name the categories above the bars, inside the axes."""
    from matplotlib.patches import Patch  # noqa: PLC0415 (matplotlib only when something is plotted)

    size = points("medium")
    room, high = extent(axes)
    widest = max(width_of(one, size) for one in categories) + 4.5 * size
    columns = int(np.clip(room // widest, 1, len(categories)))
    rows = -(-len(categories) // columns)
    taken = min((1.35 * rows * size + 0.8 * size) / high, 0.6)
    axes.set_ylim(groups - 0.5, -0.5 - groups * taken / (1 - taken))
    handles = [Patch(label=legend_name(one), **style) for one, style in zip(categories, styles, strict=True)]
    columns = -(-len(categories) // rows)
    legend(axes, handles=handles, loc="upper left", ncols=columns, borderaxespad=0, labelspacing=0.3, columnspacing=1.2)


def _segments(axes: Axes, table: Any, styles: list[dict[str, Any]]) -> None:
    sizes = (points("medium"), points("small"))
    room, high = extent(axes)
    low, top = axes.get_ylim()
    thick = 0.72 * high / abs(top - low)
    place = np.arange(len(table), dtype=float)
    start = np.zeros(len(table))
    for style, share in zip(styles, np.nan_to_num(table).T, strict=True):
        fill = style["facecolor"]
        axes.barh(place, share, left=start, height=0.72, **style)
        for y, x, width in zip(place, start, share, strict=True):
            text = f"{100 * width:.0f}%"
            fits = [s for s in sizes if width_of(text, s) + 5 <= width * room and 1.4 * s <= thick]
            if fits:
                back = {"facecolor": fill, "edgecolor": "none", "pad": 1.0}
                colour = "white" if _dark(fill) else "black"
                axes.text(x + width / 2, y, text, ha="center", va="center", color=colour, fontsize=fits[0], bbox=back)
        start = start + share


def _styles(count: int, *, ranked: bool) -> list[dict[str, Any]]:
    """Return how segments look: colours that differ, or shades of one where levels have an order."""
    fills = [SHADES[i] for i in np.linspace(0, len(SHADES) - 1, count).round().astype(int)] if ranked else FILLS[:count]
    hatches = [""] * count if ranked else HATCHES[:count]
    return [
        {"facecolor": fill, "hatch": hatch, "edgecolor": "white" if _dark(fill) else "0.25", "linewidth": 0.8}
        for fill, hatch in zip(fills, hatches, strict=True)
    ]


def _dark(colour: str) -> bool:
    """Return whether white letters stand out more than black ones (WCAG 2.1, relative luminance)."""
    from matplotlib.colors import to_rgb  # noqa: PLC0415 (matplotlib only when something is plotted)

    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return bool((luminance + 0.05) ** 2 < 0.05 * 1.05)
