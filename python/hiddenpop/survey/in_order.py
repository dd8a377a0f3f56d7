"""Estimates as participants came: whether they settle, and whether chains agree."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from .. import _core
from ..answers.by_recruitment import between
from ..drawing.axes import (
    COLOURS,
    DASHES,
    across,
    bare,
    curves_done,
    formatted,
    items,
    legend,
    legend_name,
    named,
    tell,
)
from ..errors import InputError, in_words, listing
from ..ground import columns, notebook
from ..ground.columns import Codes, Floats
from ..ground.language import english, number, read, tr
from ..ground.signatures import checked
from ..ground.text import label_of
from ..sample.recruited_again import recruits_of
from ..sample.recruits import Recruits
from ..sample.sample import Sample
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
#: An estimate has settled from where it stays this near its end: points of a share, or this part of a mean.
NEAR = 0.02
#: Chains of fewer participants are drawn, but say little by themselves.
SHORT = 10


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Convergence(Tabled):
    """An estimate after each participant, in the order in which they came; made by `Survey.convergence`.

    Attributes
    ----------
    column : str
        The column.
    quantity : str
        "share" or "mean".
    table : DataFrame
        The estimates: a row for each number of participants so far, a column for each label. NaN before the first known answer.

    See Also
    --------
    Survey.convergence : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> table = {"id": [1, 2, 3, 4, 5, 6, 7, 8], "by": [None, None, None, 1, 1, 2, 3, 6],
    ...          "knows": [4, 2, 6, 3, 8, 4, 4, 2], "hiv": [1, 0, 0, 1, 1, 0, 0, 0]}
    >>> survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", population=200)
    >>> survey.convergence("hiv").summary().round(2)
                       estimate  at_half  at_three_quarters  settled
    proportion of hiv       0.3     0.47               0.44        8
    """

    _as_it_reads: ClassVar[bool] = True
    column: str
    quantity: str
    table: pd.DataFrame

    @property
    def title(self) -> str:
        """What a report calls it."""
        return tr("{column} as participants came", column=self.column)

    def summary(self) -> pd.DataFrame:
        """Return for each label the estimate, what it was after half and three quarters of the participants, and `settled`.

        `settled` is the number of participants from which on it stays within 2 points (2 per cent, for a mean) of the end.
        """
        n = len(self.table)
        end = self.table.iloc[-1]
        made = pd.DataFrame(
            {
                "estimate": end,
                "at_half": self.table.iloc[max(n // 2 - 1, 0)],
                "at_three_quarters": self.table.iloc[max(3 * n // 4 - 1, 0)],
                "settled": [self._settled(self.table.iloc[:, k].to_numpy(float)) for k in range(self.table.shape[1])],
            }
        )
        made.index.name = self.table.columns.name
        return made

    def _settled(self, line: Floats) -> int:
        reach = NEAR if self.quantity == "share" else NEAR * abs(line[-1])
        away = np.flatnonzero(~(np.abs(line - line[-1]) <= reach))
        return int(away[-1]) + 2 if len(away) else 1

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw a line for each label, and where it ends. Needs matplotlib.

        See Also
        --------
        Survey.convergence

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"id": [1, 2, 3, 4, 5, 6, 7, 8], "by": [None, None, None, 1, 1, 2, 3, 6],
        ...          "knows": [4, 2, 6, 3, 8, 4, 4, 2], "hiv": [1, 0, 0, 1, 1, 0, 0, 0]}
        >>> survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", population=200)
        >>> axes = survey.convergence("hiv").plot()
        """
        axes = across(ax)
        for row, label in enumerate(self.table.columns):
            style: dict[str, Any] = {"color": COLOURS[row % len(COLOURS)], "linestyle": DASHES[row // len(COLOURS) % 4]}
            axes.plot(
                self.table.index, self.table[label], label=legend_name(read(label_of(label))), linewidth=1.6, **style
            )
            axes.axhline(self.table[label].iloc[-1], color=style["color"], linewidth=0.8, linestyle=":")
        _finish(axes, tr("participants so far"), self.column, self.quantity)
        if self.table.shape[1] > 1:
            legend(axes)
        ends = self.summary()
        spec = ".1%" if self.quantity == "share" else ".4g"
        texts = [
            tr(
                "{value}, {half} after half, settled from participant {settled:.0f} on",
                value=number(row["estimate"], spec),
                half=number(row["at_half"], spec),
                settled=row["settled"],
            )
            for _, row in ends.iterrows()
        ]
        tell(
            axes,
            tr(
                "{column} after each of {count:,} participants. {items}",
                column=self.column,
                count=len(self.table),
                items=items(map(_said, ends.index), texts),
            ),
        )
        return axes

    def _as_table(self) -> Table:
        kinds = dict.fromkeys(("estimate", "at_half", "at_three_quarters"), self.quantity)
        return of_frame(self.title, self.summary().rename(index=_said), units=kinds)

    def __repr__(self) -> str:
        return f"{self.title}\n{self.summary().round(3).to_string()}"

    def _repr_html_(self) -> str:
        return notebook.show(self.title, self.summary().round(3))


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Bottleneck(Tabled):
    """An estimate in each chain of recruitment, as its participants came; made by `Survey.bottleneck`.

    Attributes
    ----------
    column : str
        The column.
    quantity : str
        "share" or "mean".
    overall : Series
        The estimate of the whole survey, for each label.
    table : DataFrame
        Estimates: a row for each chain and number of its participants so far, a column for each label.

    See Also
    --------
    Survey.bottleneck : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> table = {"id": [1, 2, 3, 4, 5, 6, 7, 8], "by": [None, None, None, 1, 1, 2, 3, 6],
    ...          "knows": [4, 2, 6, 3, 8, 4, 4, 2], "hiv": [1, 0, 0, 1, 1, 0, 0, 0]}
    >>> survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", population=200)
    >>> survey.bottleneck("hiv").summary()
           participants  proportion of hiv
    chain
    1                 3                1.0
    2                 3                0.0
    3                 2                0.0
    """

    _as_it_reads: ClassVar[bool] = True
    column: str
    quantity: str
    overall: pd.Series[Any]
    table: pd.DataFrame

    @property
    def title(self) -> str:
        """What a report calls it."""
        return tr("{column} by chain of recruitment", column=self.column)

    def summary(self) -> pd.DataFrame:
        """Return for each chain its participants and its estimates; chains are numbered as their seeds came."""
        chains = self.table.groupby(level="chain")
        made = chains.last()
        made.insert(0, "participants", chains.size())
        return made.rename_axis(columns=None)

    def plot(self, label: object = None, *, ax: Axes | None = None) -> Axes:
        """Draw a line for each chain, and the estimate of the whole survey. Needs matplotlib.

        Parameters
        ----------
        label : optional
            Which category to draw, where there are several.
        ax : Axes, optional
            Where to draw.

        Raises
        ------
        InputError
            No label, and there are several; or one that nobody has.

        See Also
        --------
        Survey.bottleneck

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"id": [1, 2, 3, 4, 5, 6, 7, 8], "by": [None, None, None, 1, 1, 2, 3, 6],
        ...          "knows": [4, 2, 6, 3, 8, 4, 4, 2], "hiv": [1, 0, 0, 1, 1, 0, 0, 0]}
        >>> survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", population=200)
        >>> axes = survey.bottleneck("hiv").plot()
        """
        labels = list(self.table.columns)
        if label is None and len(labels) > 1:
            raise InputError(
                f"Column {self.column!r} has several categories: {listing(labels)}. Draw one: plot(label={labels[0]!r})."
            )
        if label is not None and not (isinstance(label, Hashable) and label in labels):
            raise InputError(f"There is no label {in_words(label)} of {self.column!r}; labels are {listing(labels)}.")
        label = labels[0] if label is None else label
        axes = across(ax)
        for row, (_, chain) in enumerate(self.table[label].groupby(level="chain")):
            style: dict[str, Any] = {"color": COLOURS[row % len(COLOURS)], "linestyle": DASHES[row // len(COLOURS) % 4]}
            place = chain.index.get_level_values("participants")
            axes.plot(place, chain, linewidth=1.4, **style)
            axes.plot(place[-1:], chain.iloc[-1:], "o", color=style["color"], markersize=5)
        whole = float(self.overall[label])
        axes.axhline(whole, color="black", linewidth=1.2, linestyle="--")
        named_as = self.column if len(labels) == 1 else f"{self.column}: {label_of(label)}"
        _finish(axes, tr("participants of the chain so far; dashed: all"), named_as, self.quantity)
        spec = ".1%" if self.quantity == "share" else ".4g"
        ends = self.summary()
        texts = [
            tr("{value} of {n:,}", value=number(value, spec), n=n)
            for value, n in zip(ends[label], ends["participants"], strict=True)
        ]
        tell(
            axes,
            tr(
                "{column} by chain; {value} in all. {items}",
                column=named_as,
                value=number(whole, spec),
                items=items(ends.index, texts),
            ),
        )
        return axes

    @property
    def apart(self) -> float:
        """How far chains of 10 participants or more lie apart, at most: the largest less the smallest estimate of a label."""
        ends = self.summary()
        long = ends.loc[ends["participants"] >= SHORT, list(self.table.columns)]
        return float((long.max() - long.min()).max()) if len(long) > 1 else np.nan

    def _as_table(self) -> Table:
        frame = self.summary().rename(columns=_said)
        kinds = {str(_said(label)): self.quantity for label in self.table.columns}
        return of_frame(self.title, frame, units=kinds)

    def __repr__(self) -> str:
        return f"{self.title}\n{self.summary().round(3).to_string()}"

    def _repr_html_(self) -> str:
        return notebook.show(self.title, self.summary().round(3))


def _said(label: Any) -> Any:
    """Return a label as readers get it: what was estimated, in their language."""
    return read(label) if isinstance(label, str) else label


def converging(sample: Sample, column: str) -> Convergence:
    """Estimate after each participant; see `Survey.convergence`."""
    recruits = recruits_of(sample, "convergence()")
    asked = _asked(sample, column)
    order = recruits.forest.order[recruits.counted[recruits.forest.order]]
    lines = _running(recruits, asked, order)
    return Convergence(
        column, asked.quantity, _frame(asked, lines, pd.RangeIndex(1, len(lines) + 1, name="participants"))
    )


def by_chain(sample: Sample, column: str) -> Bottleneck:
    """Estimate in each chain; see `Survey.bottleneck`."""
    recruits = recruits_of(sample, "bottleneck()")
    asked = _asked(sample, column)
    order = recruits.forest.order[recruits.counted[recruits.forest.order]]
    top = recruits.weight[order, None] * asked.values[order]
    bottom = recruits.weight[order] * asked.known[order]
    chains = recruits.forest.chain[order]
    rows, lines = [], []
    for chain in np.unique(chains).tolist():
        here = chains == chain
        with np.errstate(invalid="ignore"):
            lines.append(np.cumsum(top[here], axis=0) / np.cumsum(bottom[here])[:, None])
        rows += [(chain, k) for k in range(1, int(here.sum()) + 1)]
    index = pd.MultiIndex.from_tuples(rows, names=["chain", "participants"])
    table = _frame(asked, np.concatenate(lines), index)
    overall = pd.Series(top.sum(axis=0) / bottom.sum(), index=table.columns, name="estimate")
    return Bottleneck(column, asked.quantity, overall, table)


@dataclass(frozen=True, eq=False)
class _Asked:
    """A column's values by label (participants x labels), 0 where the answer is missing."""

    values: Floats
    known: Floats
    labels: pd.Index[Any]
    quantity: str


def _asked(sample: Sample, column: str) -> _Asked:
    values = sample.column(column)
    kind = columns.kind(values)
    if kind == "number":
        numbers = sample.answers(column)
        known = ~np.isnan(numbers)
        name = english("mean of {column}", column=column)
        made, labels, quantity = np.where(known, numbers, 0.0)[:, None], pd.Index([name]), "mean"
    else:
        codes, found, yes = between(sample, column)
        known = codes >= 0
        each: Codes = np.arange(len(found))
        made, labels, quantity = (codes[:, None] == each).astype(float), pd.Index(found.tolist(), name=column), "share"
        if yes:
            made, labels = made[:, -1:], pd.Index([english("proportion of {column}", column=column)])
    if not known.any():
        raise InputError(f"Nobody's answer to {column!r} is known.")
    return _Asked(made, known.astype(float), labels, quantity)


def _frame(asked: _Asked, lines: Floats, index: pd.Index[Any]) -> pd.DataFrame:
    return pd.DataFrame(lines, index=index, columns=asked.labels)


def _running(recruits: Recruits, asked: _Asked, order: Codes) -> Floats:
    """Return the estimate after each participant, weights being those that the participants so far would have."""
    kinds, kind = np.unique(recruits.degree, return_inverse=True)
    sites, labels = len(recruits.sizes), asked.values.shape[1]
    people, bottom = np.zeros((sites, len(kinds))), np.zeros((sites, len(kinds)))
    top = np.zeros((sites, len(kinds), labels))
    totals, answered = np.zeros((sites, labels)), np.zeros(sites)
    lines = np.full((len(order), labels), np.nan)
    for row, one in enumerate(order.tolist()):
        s, k = recruits.site[one], kind[one]
        people[s, k] += 1
        top[s, k] += asked.values[one]
        bottom[s, k] += asked.known[one]
        weight = _weights(kinds, people[s], float(recruits.sizes[s]), recruits.weighing == "gile")
        totals[s], answered[s] = weight @ top[s], weight @ bottom[s]
        if answered.sum() > 0:
            lines[row] = totals.sum(axis=0) / answered.sum()
    return lines


def _weights(kinds: Floats, people: Floats, size: float, gile: bool) -> Floats:
    """Return what participants of each degree weigh; where there are several sites, they add up to their populations."""
    if not gile:
        whole = size if size > 0 else float(people.sum())
        return np.asarray(whole / kinds / (people / kinds).sum())
    seen = people > 0
    time = _core.inclusion_time(kinds[seen], people[seen], size)
    assert time is not None  # no population is smaller than its sample
    return np.asarray(-1 / np.expm1(-kinds * time))


def _finish(axes: Axes, x: str, y: str, quantity: str) -> None:
    curves_done(axes)
    bare(axes, "top", "right")
    axes.margins(x=0.02)
    named(axes, "x", x)
    named(axes, "y", y)
    formatted(axes, "x", "size", whole=True)
    formatted(axes, "y", quantity)
