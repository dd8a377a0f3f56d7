"""A register's rows to a benchmark: how many people it held in a period, and what of its rows makes that uncertain."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, ClassVar, cast, get_args

import numpy as np
import pandas as pd

from ..errors import InputError, in_words, listing
from ..estimate.estimate import Estimate
from ..expression.operations import Constant
from ..expression.rests import Rests
from ..expression.typed import require
from ..ground.columns import Floats
from ..ground.language import english, number, read, tr
from ..ground.signatures import checked
from ..ground.text import capital
from ..sample.design import names
from ..words.framed import of_frame
from ..words.table import Table
from . import dates, sources, tally
from .tally import Several

#: What a register is called that nobody named, and what its numbers are.
REGISTER, NAME = "the register", english("benchmark")  # stays English (a sentence of its own says it)
#: A day of each month.
MONTHS: tuple[Callable[[datetime.date], str], ...] = (
    lambda day: english("{day} January {year}", day=day.day, year=day.year),
    lambda day: english("{day} February {year}", day=day.day, year=day.year),
    lambda day: english("{day} March {year}", day=day.day, year=day.year),
    lambda day: english("{day} April {year}", day=day.day, year=day.year),
    lambda day: english("{day} May {year}", day=day.day, year=day.year),
    lambda day: english("{day} June {year}", day=day.day, year=day.year),
    lambda day: english("{day} July {year}", day=day.day, year=day.year),
    lambda day: english("{day} August {year}", day=day.day, year=day.year),
    lambda day: english("{day} September {year}", day=day.day, year=day.year),
    lambda day: english("{day} October {year}", day=day.day, year=day.year),
    lambda day: english("{day} November {year}", day=day.day, year=day.year),
    lambda day: english("{day} December {year}", day=day.day, year=day.year),
)


@dataclass(frozen=True, eq=False, repr=False)
class Counted(Constant):
    """People in a register, as known numbers that say where they come from."""

    public: ClassVar[tuple[str, ...]] = (
        *(*Constant.public, "said", "notes", "days", "rows", "unknown", "distinct", "stay"),
    )

    said: str = ""
    #: What was counted and what was not, in sentences.
    notes: tuple[str, ...] = ()
    #: The first and the last day of the period.
    days: tuple[int, int] = (1, 1)
    #: Rows of the register by label, with an id and without one.
    rows: Floats = field(default_factory=lambda: np.zeros(0))
    unknown: Floats = field(default_factory=lambda: np.zeros(0))
    #: People in all labels together.
    distinct: float = 0.0
    #: Days per spell that began in the period; negative where that is not known.
    stay: float = -1.0

    def confirm(self) -> None:
        """Refuse numbers that can't be those of one register."""
        super().confirm()
        require(
            self,
            len(self.rows) == len(self.unknown) == len(self.point),
            bool((self.point >= 0).all() and (self.unknown >= 0).all() and (self.rows >= self.point).all()),
            0 <= self.distinct <= self.point.sum(),
            1 <= self.days[0] <= self.days[1] <= datetime.date.max.toordinal(),
        )

    @property
    def view(self) -> str:
        """What shows it best."""
        return "Benchmark"

    @property
    def estimator(self) -> str:
        """Its name, for tables."""
        return english("register")

    def describe(self) -> tuple[list[str], list[str]]:
        """Say how they were counted."""
        return [read(self.said)], []

    def rests_on(self, below: int) -> Rests:
        """Hide counts of few people."""
        return Rests((self.point > 0) & (self.point < below))


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Benchmark(Estimate):
    """How many people a register held in a period: numbers as `multiplier` and `adjust` take them, and how they were counted.

    Attributes
    ----------
    notes : tuple of str
        What was counted and what was not, in sentences. They are saved with it.
    period : (date, date)
        The first and the last day.
    window, stay : timedelta
        The length of the period, and days in the register per spell that began in it (None for dates that are no spells): what
        `hp.adjust.turnover` asks for.
    duplicates : float
        Which share of the people, added up over groups, another group counts too: what `hp.adjust.duplicates` asks for, for
        a sum of groups.

    See Also
    --------
    benchmark : makes it from a register's rows.
    multiplier : divides it by the share who are in the register.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> rows = {"id": ["a", "a", "b"], "month": ["2023-01", "2023-02", "2023-02"], "city": ["Oss", "Ede", "Ede"]}
    >>> found = hp.benchmark(rows, id="id", date="month", period="2023", by="city")
    >>> found.point.to_dict(), found.duplicates
    ({'Oss': 1.0, 'Ede': 2.0}, 0.33333333333333337)
    """

    @property
    def notes(self) -> tuple[str, ...]:
        """What was counted and what was not, in sentences."""
        return self._counted.notes

    @property
    def period(self) -> tuple[datetime.date, datetime.date]:
        """The first and the last day of the period."""
        first, last = self._counted.days
        return datetime.date.fromordinal(first), datetime.date.fromordinal(last)

    @property
    def window(self) -> datetime.timedelta:
        """How long the period is."""
        start, end = self.period
        return end - start + datetime.timedelta(days=1)

    @property
    def stay(self) -> datetime.timedelta | None:
        """Days in the register for each spell that began in the period; None where that is not known."""
        days = self._counted.stay
        return None if days < 0 else datetime.timedelta(days=days)

    @property
    def duplicates(self) -> float:
        """The share of the people, added up over groups, whom another group counts too."""
        return float(1.0 - self._counted.distinct / self._counted.point.sum())

    def bounds(self) -> pd.DataFrame:
        """Return the fewest and the most people by label: rows without an id may be of people counted already, or each of another.

        Returns
        -------
        DataFrame
            Columns "people", "fewest", "most" and "rows", by label.

        See Also
        --------
        benchmark

        Examples
        --------
        >>> import hiddenpop as hp
        >>> rows = {"id": ["a", "a", "b", None], "month": ["2023-01", "2023-02", "2023-02", "2023-05"]}
        >>> hp.benchmark(rows, id="id", date="month", period="2023").bounds()
                   people  fewest  most  rows
        benchmark       2       2     3     4
        """
        found = self._counted
        fewest = np.maximum(found.point, found.unknown > 0)
        made = {"people": found.point, "fewest": fewest, "most": found.point + found.unknown}
        return pd.DataFrame({**made, "rows": found.rows + found.unknown}, index=self.labels).astype(np.int64)

    def agreement(self, interviewed: object, *, asked: str) -> float:
        """Return which share of the time that participants were asked about lies in the register's period.

        Parameters
        ----------
        interviewed : Series or sequence of dates
            The day of each interview.
        asked : str
            How far back the question about the register went: "12m" (months), "1y", "90d" or "2w".

        Returns
        -------
        float
            The mean over interviews, from 0 to 1. Below 1 some participants answered about another time than the register
            counts: `hp.adjust` knows what to do about it.

        Raises
        ------
        InputError
            No dates, or a time without a unit.

        See Also
        --------
        adjust.turnover : brings a period of the register to the question's.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> rows = {"id": ["a", "b"], "month": ["2023-01", "2023-02"]}
        >>> found = hp.benchmark(rows, id="id", date="month", period="2023")
        >>> found.agreement(["2024-01-01", "2023-07-02"], asked="12m")
        0.7493150684931507
        """
        start, end = (day.toordinal() for day in self.period)
        days: pd.Series[Any] = pd.Series(cast("Any", interviewed), name="interviewed")
        first, last, unknown = dates.ordinals(days, "days of interviews")
        if unknown.all() or (first != last).any():
            raise InputError("The days of interviews must be days, not months or years, and some must be known.")
        till = last[~unknown] - 1  # "the past twelve months" end the day before
        since = dates.back(last[~unknown], asked)
        shared = np.minimum(till, end) - np.maximum(since, start) + 1
        return float((np.maximum(shared, 0) / (till - since + 1)).mean())

    @property
    def _counted(self) -> Counted:
        return cast("Counted", self.node)

    def _as_table(self) -> Table:
        people = pd.DataFrame({"people": self.node.point}, index=[read(self.name)] if self.scalar else self.labels)
        return of_frame(capital(read(self.name)), people, self._told())

    def _told(self) -> list[str]:
        """Return the notes as readers get them."""
        return [f"{read(note)}." for note in self.notes]

    def __repr__(self) -> str:
        counts = pd.Series(self.node.point, index=self.labels).map(number)
        return f"{self.name}\n{counts.to_string()}\n" + "\n".join(self._told())

    def _repr_html_(self) -> str:
        counts = pd.DataFrame({tr("people"): pd.Series(self.node.point, index=self.labels).map(number)})
        return f"{escape(self.name)}{counts.to_html(border=0)}<small>{'<br>'.join(map(escape, self._told()))}</small>"


@checked
def benchmark(
    register: object,
    *,
    id: str,
    period: object,
    date: str | None = None,
    start: str | None = None,
    end: str | None = None,
    by: str | Sequence[str] | None = None,
    several: Several = "each",
    name: str = NAME,
    source: str = REGISTER,
) -> Benchmark:
    """Count the people whom a register held in a period, each once, from its rows.

    Parameters
    ----------
    register : table, path or relation of DuckDB
        A row a visit, a month or a spell (pandas, polars, pyarrow, a mapping of columns, ...). A path of a Parquet or CSV file, or a
        relation of DuckDB (`connection.table("visits")`, `duckdb.sql("SELECT ...")`), is counted there: what comes into memory is
        a row a person and group.
    id : str
        The column that tells people apart. Rows without one (missing or blank) count nobody, and bound the number from above.
    period : pair of dates, or one
        The first and the last day, month, quarter or year, both within: ("2023-01", "2023-12"), or "2023".
    date : str, optional
        The column that says when a row was: days, months ("2023-07"), quarters or years. A row counts if one of
        its days lies in the period.
    start, end : str, optional
        Instead of `date`, the columns of a spell's first and last day. Who has no last day is still there.
    by : str or list of str, optional
        Columns whose values make the labels, as in `survey.proportion(by=)`. Blank text is a missing value.
    several : {"each", "first", "last"}
        Where somebody counts who has rows in several groups: in each, in that of the first row of the period or in that of the
        last. Who has that row in several groups on one day (in one month) counts in each of these, and is told.
    name : str
        What the numbers are called.
    source : str
        What the register is called in sentences: "the national treatment register (LADIS)".

    Returns
    -------
    Benchmark
        An `Estimate` without uncertainty of its own, one label a group, with `notes`, `bounds()`, `agreement()`, `window`, `stay` and
        `duplicates`. It goes into `hp.multiplier` and `hp.adjust` as it is.

    Raises
    ------
    InputError
        No such column or file; dates that can be read in two ways; spells that end before they begin; nobody in the period.

    Warns
    -----
    HiddenpopWarning
        Groups that differ only in capitals or spaces, or look like missing values.

    See Also
    --------
    multiplier : divides it by the share of participants who are in the register.
    adjust.duplicates, adjust.turnover, adjust.register : what else may be wrong with it.
    dedupe_check : people under several ids.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> rows = {"dossier": [1, 1, 2, 3, None], "month": ["2023-01", "2023-02", "2023-02", "2022-12", "2023-03"],
    ...         "city": ["Assen", "Assen", "Assen", "Oss", "Oss"]}
    >>> hp.benchmark(rows, id="dossier", date="month", period=("2023-01", "2023-12"))
    benchmark
    benchmark    2
    2 people by 'dossier' in 3 rows of the period.
    1 row without an id: there may be up to 1 person more.
    1 row outside of the period, not counted.
    """
    if (date is None) == (start is None and end is None) or (date is None and (start is None or end is None)):
        raise InputError(
            "Say when rows were: date='column', or the first and the last day of spells, start='column', end='column'."
        )
    if several not in get_args(Several):
        raise InputError(f"several={in_words(several)} must be one of {listing(get_args(Several))}.")
    groups, ends = names(by), None if start is None or end is None else (start, end)
    days = dates.period(period)
    first, last = days[0].toordinal(), days[1].toordinal()
    rows = sources.read(register, id, date, ends, groups, first, last)
    found = tally.count(rows, id, groups, several, spells=ends is not None)
    if not found.people.any():
        whole = found.outside + found.undated + int(rows.times.sum())
        raise InputError(
            f"Nobody with an id is in the register from {days[0]} to {days[1]}: of {whole:,} rows {found.outside:,} lie outside, "
            f"{found.undated:,} have no date. Check period={in_words(period)} and the columns."
        )
    labels = pd.Index([name]) if found.labels is None else found.labels
    said = _sentence(id, source, *(MONTHS[day.month - 1](day) for day in days))
    if found.several:
        said = english(
            "{sentence} Who has rows in several groups counts in {place}.", sentence=said, place=tally.WHERE[several]
        )
    node = Counted(
        found.people.astype(float),
        labels=labels,
        said=said,
        notes=tuple(tally.told(found, groups, id, several, spells=ends is not None)),
        days=(first, last),
        rows=found.rows.astype(float),
        unknown=found.unknown.astype(float),
        distinct=float(found.distinct),
        stay=-1.0 if np.isnan(found.stay) else float(found.stay),
    )
    return Benchmark(node, labels, found.labels is None, name)


def _sentence(id: str, source: str, first: str, last: str) -> str:
    """Say whom a benchmark counts."""
    if source == REGISTER:
        return english(
            "The benchmark counts the people (told apart by '{column}') in the register from {first} to {last}, each once.",
            column=id,
            first=first,
            last=last,
        )
    return english(
        "The benchmark counts the people (told apart by '{column}') in {text} from {first} to {last}, each once.",
        column=id,
        text=source,
        first=first,
        last=last,
    )
