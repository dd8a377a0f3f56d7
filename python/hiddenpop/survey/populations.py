"""An answer under several sizes of the population, which weights of successive sampling rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from ..answers.question import Kind, Question
from ..answers.statistic import ask
from ..drawing.axes import (
    COLOURS,
    MARKERS,
    PLAIN,
    across,
    curves_done,
    formatted,
    items,
    legend,
    legend_name,
    named,
    tell,
)
from ..errors import InputError, in_words, listing
from ..estimate.estimate import Estimate
from ..ground import checks, columns, notebook
from ..ground.columns import Floats
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

#: What levels of an index are called that hold the sizes of a site's population.
POPULATION_OF = "population of {site}"


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
    sites : tuple
        The sites, where there are several: the table has a level of its index for the population of each.

    See Also
    --------
    Survey.sensitivity : makes it.

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

    _as_it_reads: ClassVar[bool] = True
    name: str
    quantity: str
    level: float
    table: pd.DataFrame
    sites: tuple[Any, ...] = ()

    @property
    def title(self) -> str:
        """What a report calls it."""
        return tr("{name} by the size of the population", name=read(self.name))

    def summary(self) -> pd.DataFrame:
        """Return a row for each population (and label): `estimate`, and its interval `lower` to `upper`."""
        return self.table.copy()

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw estimates with their intervals over the size of the population. Needs matplotlib.

        See Also
        --------
        Survey.sensitivity

        Examples
        --------
        >>> import hiddenpop as hp
        >>> table = {"id": [1, 2, 3, 4, 5, 6, 7, 8], "by": [None, None, None, 1, 1, 2, 3, 6],
        ...          "knows": [4, 2, 6, 3, 8, 4, 4, 2], "hiv": [1, 0, 0, 1, 1, 0, 0, 0]}
        >>> survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", population=200)
        >>> axes = survey.sensitivity("hiv", population=[8, 200]).plot()
        """
        axes = across(ax)
        labels, told = self._labels(), self._populations()
        if not self.sites:
            axes.set_xscale("log")
        for row, (label, part) in enumerate(labels):
            aside = row - (len(labels) - 1) / 2
            size = (
                np.arange(len(part)) + 0.06 * aside
                if self.sites
                else part.index.get_level_values(0).to_numpy(float) * 1.015**aside
            )
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
        axes.set_xticks(range(len(told)) if self.sites else list(told), list(told.values()), **PLAIN)
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
        levels = max(1, len(self.sites))
        keys = [one if isinstance(one, tuple) else (one,) for one in self.table.index]
        whose = [" ".join([told[one[:levels] if self.sites else one[0]], *map(label_of, one[levels:])]) for one in keys]
        tell(
            axes,
            tr(
                "{what}, with {level:g}% intervals. {items}",
                what=self.title,
                level=100 * self.level,
                items=items(whose, texts),
            ),
        )
        return axes

    def _labels(self) -> list[tuple[str, pd.DataFrame]]:
        levels = max(1, len(self.sites))
        if self.table.index.nlevels == levels:
            return [(read(self.name), self.table)]
        return [(label_of(key), part) for key, part in self.table.groupby(level=levels, sort=False)]

    def _populations(self) -> dict[Any, str]:
        """Return each population that was tried, with its name."""
        if not self.sites:
            return {size: number(size) for size in dict.fromkeys(self.table.index.get_level_values(0))}
        tried = dict.fromkeys(one[: len(self.sites)] for one in self.table.index)
        named_as = list(map(label_of, self.sites))
        return {
            sizes: ", ".join(f"{name} {number(size)}" for name, size in zip(named_as, sizes, strict=True))
            for sizes in tried
        }

    def _as_table(self) -> Table:
        return of_frame(self.title, self.summary(), level=self.level, units={"estimate": self.quantity})

    def __repr__(self) -> str:
        return f"{self.title}\n{self.summary().round(3).to_string()}"

    def _repr_html_(self) -> str:
        return notebook.show(self.title, self.summary().round(3))


def by_population(
    sample: Sample, column: str, populations: Sequence[float | Mapping[Any, float]], level: float
) -> ByPopulation:
    """Ask under each size; see `Survey.sensitivity`."""
    recruits = recruited_again.recruits_of(sample, "sensitivity()")
    design = sample.design
    if not isinstance(design, Recruited):
        raise InputError("sensitivity() is of surveys as hp.Survey.rds makes them.")
    if design.weights == "volz_heckathorn":
        raise InputError(
            "weights='volz_heckathorn' are the inverse of degrees whatever the population is: there is nothing to vary. Make the "
            "survey without weights=."
        )
    sites = (
        () if design.site is None else tuple(columns.used(*columns.categories(sample.column(design.site)))[1].tolist())
    )
    level, given = checks.check_level(level), [_sizes(one, sites, recruits.n) for one in populations]
    if not given or len(set(given)) < len(given):
        raise InputError(f"population= is a list of different sizes, such as {_example(sites)}.")
    kind: Kind = "mean" if columns.kind(sample.column(column)) == "number" else "proportion"
    rows: dict[Any, pd.DataFrame] = {}
    for sizes in given if sites else sorted(given):
        under = replace(design, population=dict(zip(sites, sizes, strict=True)) if sites else sizes[0])
        among = recruits.among(np.array(sizes), under.scheme, under.weighing)
        sampling = recruited_again.sampling(among, np.zeros((0, len(sizes))))
        # As a survey with that population would be drawn, to the digit.
        record = replace(
            sample.record, fingerprint=fingerprint(sample.record.digests, under.fingerprint, sample.record.name)
        )
        people = replace(sample, design=under, sampling=sampling, record=record, found={}, made={})
        est = Estimate.of(ask(people, Question(kind, (column,), (), where_of(people, None), weighted=True)))
        made = pd.DataFrame(est.interval(level=level))
        made.insert(0, "estimate", est.node.point)
        named = tuple(int(one) if one.is_integer() else one for one in sizes)
        rows[named if sites else named[0]] = made
    table = pd.concat(rows, names=[POPULATION_OF.format(site=label_of(one)) for one in sites] or ["population"])
    return ByPopulation(est.name, est.quantity, level, table.droplevel(-1) if est.scalar else table, sites)


def _sizes(given: object, sites: tuple[Any, ...], n: Floats) -> tuple[float, ...]:
    """Return the size of each site's population, or of the one that there is."""
    if sites and not isinstance(given, (Mapping, pd.Series)):
        raise InputError(
            f"population= holds {in_words(given)}, and there are {len(sites)} sites: each of its items gives all of their "
            f"populations, such as {_example(sites)}."
        )
    if not sites and isinstance(given, (Mapping, pd.Series)):
        raise InputError("population= by site is for surveys with site=; this one has a single population.")
    if sites:
        by_site = checks.by_label(given, "population= has")
        lacking, more = [one for one in sites if one not in by_site], [one for one in by_site if one not in sites]
        if lacking or more:
            which = f"lacks {listing(lacking)}" if lacking else f"has {listing(more)}, where nobody was recruited"
            raise InputError(f"An item of population= {which}: give one number for each site.")
        sizes = tuple(checks.number(by_site[one], "population") for one in sites)
    else:
        sizes = (checks.number(given, "population"),)
    for row, (one, least) in enumerate(zip(sizes, n.tolist(), strict=True)):
        if one < least:
            told = in_words(int(one) if one.is_integer() else one)
            where = f" at {in_words(sites[row])}" if sites else ""
            raise InputError(
                f"population= holds {told}{where}, and the sample has {least:,.0f} participants{where and ' there'}: a "
                "population is never smaller than a sample from it."
            )
    return sizes


def _example(sites: tuple[Any, ...]) -> str:
    if not sites:
        return "[700, 1_000, 2_000]"
    one, other = (", ".join(f"{in_words(name)}: {size}" for name in sites[:2]) for size in ("700", "2_000"))
    more = ", ..." if len(sites) > 2 else ""
    return f"[{{{one}{more}}}, {{{other}{more}}}]"
