"""Trends of several groups, set beside one another in one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..drawing import over_time
from ..drawing.series import caution
from ..errors import InputError, in_words, listing, suggest
from ..estimate.combine import concat
from ..estimate.estimate import Estimate
from ..estimate.inputs import published
from ..ground import checks, notebook
from ..ground.signatures import checked
from ..ground.text import capital, enumerated, label_of, labels_of
from ..words import methods
from ..words.framed import flat
from ..words.rows import Row
from ..words.table import Table
from ..words.tabled import Tabled
from . import figures
from .trend import Trend

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Trends(Tabled):
    """A trend for each of several groups.

    Attributes
    ----------
    estimates : Estimate
        All of them, by group and time.
    why : str or None
        Why the studies are not comparable; None where they are.

    See Also
    --------
    trend : makes them, with `by`.
    Trend : one group.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> import pandas as pd
    >>> columns = ["group", "estimate", "low", "high"]
    >>> then = pd.DataFrame([["opioids", 14_300, 13_400, 16_300], ["crack only", 3_400, 2_900, 4_400]], columns=columns)
    >>> now = pd.DataFrame([["opioids", 13_300, 12_600, 14_200], ["crack only", 3_900, 3_300, 4_900]], columns=columns)
    >>> trends = hp.trend({2012: then, 2023: now}, by="group")
    >>> trends["opioids"].change().point
    -1000.0
    >>> trends.change().point.to_dict()
    {'opioids': -1000.0, 'crack only': 500.0}
    """

    estimates: Estimate
    why: str | None

    @property
    def groups(self) -> list[Any]:
        """The groups, in order."""
        return list(dict.fromkeys(self.estimates.labels.get_level_values(0)))

    @property
    def times(self) -> list[Any]:
        """The times that any group has, in order."""
        return list(dict.fromkeys(self.estimates.labels.get_level_values(1)))

    @property
    def caveat(self) -> str | None:
        """What must stand beside every table and figure; None where the studies are comparable."""
        return None if self.why is None else caution(self.why)

    @property
    def title(self) -> str:
        """What a table of them is called."""
        times = labels_of(self.times)
        return capital(f"{self.estimates.name}, {times[0]} to {times[-1]}")

    def __getitem__(self, group: Any) -> Trend:
        """Return the trend of a group."""
        if not checks.among(group, self.groups):
            raise InputError(f"There is no group {in_words(group)}. {suggest(group, self.groups)}")
        return Trend(self.estimates[group].rename(f"{self.estimates.name}, {label_of(group)}"), self.why)

    def __len__(self) -> int:
        return len(self.groups)

    __iter__ = None

    def change(self, since: Any = None, until: Any = None) -> Estimate:
        """Return the difference between two times of each group (its first and last by default); see `Trend.change`.

        See Also
        --------
        Trends.relative

        Examples
        --------
        >>> import hiddenpop as hp
        >>> import pandas as pd
        >>> columns = ["group", "estimate", "low", "high"]
        >>> then = pd.DataFrame([["opioids", 14_300, 13_400, 16_300], ["crack", 3_400, 2_900, 4_400]], columns=columns)
        >>> now = pd.DataFrame([["opioids", 13_300, 12_600, 14_200], ["crack", 3_900, 3_300, 4_900]], columns=columns)
        >>> hp.trend({2012: then, 2023: now}, by="group").change().point.to_dict()
        {'opioids': -1000.0, 'crack': 500.0}
        """
        return self._each(lambda trend: trend.change(since, until))

    def relative(self, since: Any = None, until: Any = None) -> Estimate:
        """Return the ratio of two times of each group (its last to its first by default); see `Trend.relative`.

        See Also
        --------
        Trends.change

        Examples
        --------
        >>> import hiddenpop as hp
        >>> import pandas as pd
        >>> columns = ["group", "estimate", "low", "high"]
        >>> then = pd.DataFrame([["opioids", 14_300, 13_400, 16_300], ["crack", 3_400, 2_900, 4_400]], columns=columns)
        >>> now = pd.DataFrame([["opioids", 13_300, 12_600, 14_200], ["crack", 3_900, 3_300, 4_900]], columns=columns)
        >>> hp.trend({2012: then, 2023: now}, by="group").relative().point.round(2).to_dict()
        {'opioids': 0.93, 'crack': 1.15}
        """
        return self._each(lambda trend: trend.relative(since, until))

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Return a tidy table: one row a group and time, with the columns of `Trend.summary`.

        See Also
        --------
        Trends.unstack

        Examples
        --------
        >>> import hiddenpop as hp
        >>> import pandas as pd
        >>> columns = ["group", "estimate", "low", "high"]
        >>> then = pd.DataFrame([["opioids", 14_300, 13_400, 16_300], ["crack", 3_400, 2_900, 4_400]], columns=columns)
        >>> now = pd.DataFrame([["opioids", 13_300, 12_600, 14_200], ["crack", 3_900, 3_300, 4_900]], columns=columns)
        >>> hp.trend({2012: then, 2023: now}, by="group").summary()["estimate"].to_list()
        [14300.0, 13300.0, 3400.0, 3900.0]
        """
        parts = {group: self[group].summary(level) for group in self.groups}
        found: pd.DataFrame = pd.concat(parts, names=[self.estimates.labels.names[0], "time"])
        return found

    def unstack(self, by: str | int = -1, *, level: float = 0.95) -> Table:
        """Return a wide table, a column for each time (or with `by`, each group); see `Estimate.unstack`.

        See Also
        --------
        Trends.summary

        Examples
        --------
        >>> import hiddenpop as hp
        >>> import pandas as pd
        >>> columns = ["group", "estimate", "low", "high"]
        >>> then = pd.DataFrame([["opioids", 14_300, 13_400, 16_300], ["crack", 3_400, 2_900, 4_400]], columns=columns)
        >>> now = pd.DataFrame([["opioids", 13_300, 12_600, 14_200], ["crack", 3_900, 3_300, 4_900]], columns=columns)
        >>> hp.trend({2012: then, 2023: now}, by="group").unstack()
                 2012                       2023
        opioids  14,300 (13,400 to 16,300)  13,300 (12,600 to 14,200)
        crack    3,400 (2,900 to 4,400)     3,900 (3,300 to 4,900)
        Estimate (95% interval).
        """
        made = self.estimates.unstack(by, level=level)
        return made if self.caveat is None else replace(made, notes=(*made.notes, self.caveat))

    def plot(self, *, level: float = 0.95, ax: Axes | None = None) -> Axes:
        """Draw a line for each group over time, with intervals; see `Trend.plot`.

        See Also
        --------
        Trend.plot

        Examples
        --------
        >>> import hiddenpop as hp
        >>> import pandas as pd
        >>> columns = ["group", "estimate", "low", "high"]
        >>> then = pd.DataFrame([["opioids", 14_300, 13_400, 16_300], ["crack", 3_400, 2_900, 4_400]], columns=columns)
        >>> now = pd.DataFrame([["opioids", 13_300, 12_600, 14_200], ["crack", 3_900, 3_300, 4_900]], columns=columns)
        >>> axes = hp.trend({2012: then, 2023: now}, by="group").plot()
        """
        lines = [
            figures.line(self[group].estimates, self.caveat, level, called)
            for group, called in zip(self.groups, labels_of(self.groups), strict=True)
        ]
        return over_time.draw(lines, self.estimates.name, level=level, ax=ax)

    def methods(self) -> str:
        """Return sentences for a paper's methods section.

        See Also
        --------
        Trend.methods

        Examples
        --------
        >>> import hiddenpop as hp
        >>> import pandas as pd
        >>> columns = ["group", "estimate", "low", "high"]
        >>> then = pd.DataFrame([["opioids", 14_300, 13_400, 16_300], ["crack", 3_400, 2_900, 4_400]], columns=columns)
        >>> now = pd.DataFrame([["opioids", 13_300, 12_600, 14_200], ["crack", 3_900, 3_300, 4_900]], columns=columns)
        >>> text = hp.trend({2012: then, 2023: now}, by="group").methods()
        """
        said = "Estimates of {times} were set beside one another for each of {count} groups. "
        caveat = f"{self.caveat} " if self.caveat else ""
        return said.format(times=enumerated(labels_of(self.times)), count=len(self)) + caveat + self.estimates.methods()

    def _each(self, verb: Callable[[Trend], Estimate]) -> Estimate:
        found = {group: verb(self[group]) for group in self.groups}
        names = {one.name for one in found.values()}
        return concat(found, name=f"{self.estimates.name}, {names.pop()}" if len(names) == 1 else self.estimates.name)

    def _as_table(self) -> Table:
        rows: list[Row] = []
        columns: tuple[str, ...] = ()
        for group in self.groups:
            part = self[group]._as_table()
            columns = part.columns
            rows += [Row(label_of(group), ("",) * len(columns), heading=True), *part.rows]
        notes = [*([self.caveat] if self.caveat else []), *methods.caveats(self.estimates.node)]
        return Table(self.title, columns, tuple(rows), tuple(notes), flat(self.summary()))

    def __repr__(self) -> str:
        return repr(self.estimates) + (f"\n{self.caveat}" if self.caveat else "")

    def _repr_html_(self) -> str:
        return notebook.show(self.estimates, self.caveat or "")


def by_group(given: Mapping[Any, Any], by: str) -> dict[Any, dict[Any, Estimate]]:
    """Return for each group its estimates by time."""
    found: dict[Any, dict[Any, Estimate]] = {}
    for time, value in given.items():
        for group, one in _groups(time, value, by):
            found.setdefault(group, {})[time] = one
    single = [group for group, times in found.items() if len(times) < 2]
    if single:
        raise InputError(
            f"There is an estimate of {listing(single)} at one time only. Groups go by equal labels at all times: rename those "
            "that mean the same (estimate.rename), and leave out the others."
        )
    return found


def _groups(time: Any, value: Any, by: str) -> list[tuple[Any, Estimate]]:
    """Return the groups of one time."""
    est = published(value, name=label_of(time)) if isinstance(value, pd.DataFrame) else value
    if not isinstance(est, Estimate):
        raise InputError(
            f"At {in_words(time)} stands {type(est).__name__}, where an estimate by {by!r} is wanted, or a table with the columns "
            f"{by!r}, 'estimate', 'low' and 'high'."
        )
    levels = list(est.labels.names)
    if est.scalar or len(levels) > 1 or levels[0] not in (None, by):
        has = "one label" if est.scalar else f"the levels {levels}"
        more = f" Add up the others: estimate.sum(by={by!r})." if by in levels else ""
        raise InputError(f"The estimate of {in_words(time)} has {has}, where labels by {by!r} are wanted.{more}")
    return [(label, est[label].rename(label_of(time))) for label in est.labels]
