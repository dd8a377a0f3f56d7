"""An answer under several sizes of the population, which weights of successive sampling rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..answers.question import Kind, Question
from ..answers.statistic import ask
from ..drawing.axes import COLOURS, MARKERS, across, curves_done, formatted, items, legend, legend_name, named, tell
from ..errors import InputError, in_words
from ..estimate.estimate import Estimate
from ..ground import checks, columns, notebook
from ..ground.language import number, read, tr
from ..ground.signatures import checked
from ..ground.text import label_of
from ..sample import recruited_again
from ..sample.design import fingerprint
from ..sample.groups import where_of
from ..sample.recruited import Recruited
from ..sample.sample import Sample
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@checked
@dataclass(frozen=True, eq=False, repr=False)
class ByPopulation(Tabled):
    """An answer under several sizes of the population; made by `Survey.sensitivity`.

    Attributes
    ----------
    name : str
        What was estimated.
    quantity : str
        "share" or "mean".
    level : float
        Of the intervals.
    table : DataFrame
        See `summary`.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> table = {"id": [1, 2, 3, 4, 5, 6, 7, 8], "by": [None, None, None, 1, 1, 2, 3, 6],
    ...          "knows": [4, 2, 6, 3, 8, 4, 4, 2], "hiv": [1, 0, 0, 1, 1, 0, 0, 0]}
    >>> survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows")
    >>> survey.sensitivity("hiv", population=[8, 20, 200]).summary()["estimate"].round(3)
    population
    8      0.375
    20     0.317
    200    0.300
    Name: estimate, dtype: float64
    """

    name: str
    quantity: str
    level: float
    table: pd.DataFrame

    @property
    def title(self) -> str:
        """What a report calls it."""
        return tr("{name} by the size of the population", name=read(self.name))

    def summary(self) -> pd.DataFrame:
        """Return a row for each population (and label): `estimate`, and its interval `lower` to `upper`."""
        return self.table.copy()

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw estimates with their intervals over the size of the population. Needs matplotlib."""
        axes = across(ax)
        axes.set_xscale("log")
        labels = self._labels()
        for row, (label, part) in enumerate(labels):
            size = part.index.get_level_values("population").to_numpy(float) * 1.015 ** (row - (len(labels) - 1) / 2)
            reach = np.abs(part[["lower", "upper"]].to_numpy() - part[["estimate"]].to_numpy()).T
            axes.errorbar(
                size,
                part["estimate"],
                yerr=reach,
                fmt=f"{MARKERS[row % len(MARKERS)]}-",
                color=COLOURS[row % len(COLOURS)],
                capsize=4,
                label=legend_name(label),
            )
        curves_done(axes)
        sizes = list(dict.fromkeys(self.table.index.get_level_values("population")))
        axes.set_xticks(sizes, [number(size) for size in sizes])
        axes.set_xticks([], minor=True)
        named(axes, "x", tr("size of the population"))
        named(axes, "y", tr("{name} ({level:g}% interval)", name=read(self.name), level=100 * self.level))
        formatted(axes, "y", self.quantity)
        if len(labels) > 1:
            legend(axes)
        spec = ".1%" if self.quantity == "share" else ".4g"
        texts = [
            tr("{value} ({low} to {high})", value=number(a, spec), low=number(b, spec), high=number(c, spec))
            for a, b, c in self.table.to_numpy(float)
        ]
        told = [" ".join(map(label_of, one)) if isinstance(one, tuple) else number(one) for one in self.table.index]
        tell(
            axes,
            tr(
                "{what}, with {level:g}% intervals. {items}",
                what=self.title,
                level=100 * self.level,
                items=items(told, texts),
            ),
        )
        return axes

    def _labels(self) -> list[tuple[str, pd.DataFrame]]:
        if self.table.index.nlevels == 1:
            return [(read(self.name), self.table)]
        return [(label_of(key), part) for key, part in self.table.groupby(level=1, sort=False)]

    def _as_table(self) -> Table:
        return of_frame(self.title, self.summary(), level=self.level, units={"estimate": self.quantity})

    def __repr__(self) -> str:
        return f"{self.title}\n{self.summary().round(3).to_string()}"

    def _repr_html_(self) -> str:
        return notebook.show(self.title, self.summary().round(3))


def by_population(sample: Sample, column: str, sizes: Sequence[float], level: float) -> ByPopulation:
    """Ask under each size; see `Survey.sensitivity`."""
    recruits = recruited_again.recruits_of(sample, "sensitivity()")
    design = sample.design
    if not isinstance(design, Recruited):
        raise InputError("sensitivity() is of surveys as hp.Survey.rds makes them.")
    if design.site is not None:
        raise InputError("sensitivity() is of one site. Make a survey of each.")
    if design.weights == "volz_heckathorn":
        raise InputError(
            "weights='volz_heckathorn' are the inverse of degrees whatever the population is: there is nothing to vary. Make the "
            "survey without weights=."
        )
    level, given = checks.check_level(level), [checks.number(one, "population=") for one in sizes]
    n = float(recruits.n.sum())
    for one in given:
        if not (np.isfinite(one) and one >= n):
            raise InputError(
                f"population= holds {in_words(one)}, and the sample has {n:,.0f} participants: a population is never smaller than a "
                "sample from it."
            )
    if not given or len(set(given)) < len(given):
        raise InputError("population= is a list of different sizes, such as [700, 1_000, 2_000].")
    kind: Kind = "mean" if columns.kind(sample.column(column)) == "number" else "proportion"
    rows: dict[Any, pd.DataFrame] = {}
    for one in sorted(given):
        under = replace(design, population=one)
        sampling = recruited_again.sampling(recruits.among(one, under.scheme, under.weighing), np.zeros((0, 1)))
        # As a survey with that population would be drawn, to the digit.
        record = replace(
            sample.record, fingerprint=fingerprint(sample.record.digests, under.fingerprint, sample.record.name)
        )
        people = replace(sample, design=under, sampling=sampling, record=record, found={}, made={})
        est = Estimate.of(ask(people, Question(kind, (column,), (), where_of(people, None), weighted=True)))
        made = pd.DataFrame(est.interval(level=level))
        made.insert(0, "estimate", est.node.point)
        rows[int(one) if one.is_integer() else one] = made
    table = pd.concat(rows, names=["population"])
    return ByPopulation(est.name, est.quantity, level, table.droplevel(1) if est.scalar else table)
