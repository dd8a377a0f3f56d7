"""A register that saw each person once or more often: the counts, and what an estimate keeps of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
import pandas as pd

from ..draws import settings
from ..errors import InputError, name_rows, warn
from ..expression.nodes import reseeded
from ..expression.origins import a_call
from ..expression.typed import require
from ..expression.typed import settings as within
from ..ground import columns
from ..ground.columns import Bools, Codes, Floats
from ..ground.signatures import checked
from ..sample.doubts import doubts
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled
from . import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..ground.matrices import ModelMatrix
#: A person seen more often than this is an error in the data, or none of our business.
MOST_TIMES = 1_000_000
#: More people than this are no register that is redrawn one by one.
MOST_PEOPLE = 200_000_000


@dataclass(frozen=True)
class RegisterRecord:
    """What an estimate keeps of a register: a description, never rows."""

    public: ClassVar[tuple[str, ...]] = (
        "fingerprint",
        "seed",
        "replicates",
        "seen",
        "most",
        "column",
        "name",
        "note",
        "build",
    )

    sealed: ClassVar[tuple[str, ...]] = ("fingerprint",)

    fingerprint: int
    seed: int
    replicates: int
    #: People seen.
    seen: int
    most: int
    column: str
    name: str | None
    note: str | None
    #: Names the call of `CaptureCounts` that made it.
    build: str | None = field(default=None, compare=False)

    def confirm(self) -> None:
        """Refuse numbers that no register has."""
        require(self, self.seen > 0, self.most > 0, within(self.seed, self.replicates), 0 <= self.fingerprint < 2**128)

    @property
    def title(self) -> str:
        """How messages call the register."""
        return f"register '{self.name}'" if self.name else f"the register of {self.seen:,} people"

    def reseed(self, *, seed: int | None, replicates: int | None) -> RegisterRecord:
        """Return the same register's record under other settings."""
        return reseeded(self, seed, replicates)


@checked
@dataclass(frozen=True, eq=False, repr=False, init=False)
class CaptureCounts(Tabled):
    """One register and how often it saw each person.

    Parameters
    ----------
    table : table
        A row for each person seen (pandas, polars, pyarrow, a mapping of columns), or with `counts` a row for each kind
        of person.
    column : str
        The column that says how often the person was seen: whole numbers from 1 on.
    counts : str, optional
        A column that says how many people a row stands for.
    name : str, optional
        What to call the register.
    replicates, seed : int, optional
        Of the bootstrap; default: `hp.settings`.

    Raises
    ------
    InputError
        Counts that are missing, zero, negative or no whole numbers, with the rows that have them.

    See Also
    --------
    chao, zelterman, zero_truncated : sizes from such counts.
    Lists : where people can be on several lists.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> counts = hp.CaptureCounts({"arrests": [1, 2, 3], "people": [1645, 183, 37]}, "arrests", counts="people")
    >>> counts
    1,865 people, seen 2,122 times
    arrests    people    share
          1     1,645    88.2%
          2       183     9.8%
          3        37     2.0%
    """

    record: RegisterRecord
    _table: pd.DataFrame = field(repr=False)
    _times: Codes = field(repr=False)
    _people: Codes = field(repr=False)
    #: Columns that are no covariates: how often people were seen, and how many they are.
    _counted: tuple[str | None, ...] = field(repr=False)
    #: The user's row labels of the rows that stand for anybody.
    _index: pd.Index[Any] = field(repr=False)
    #: Covariates by formula, read once for a register, which never changes.
    _read: dict[str, ModelMatrix] = field(repr=False)

    def __init__(
        self,
        table: object,
        column: str,
        *,
        counts: str | None = None,
        name: str | None = None,
        replicates: int | None = None,
        seed: int | None = None,
    ) -> None:
        defaults = settings.defaults()
        frame = columns.read_table(table)
        index = frame.index
        frame = frame.reset_index(drop=True)
        note = cast("str | None", frame.attrs.get("note"))
        times = _times(frame, column)
        people = _people(frame, counts)
        if counts == column:
            raise InputError(f"{column!r} can't say both how often people were seen and how many they are.")
        if name is not None and not isinstance(name, str):
            raise InputError(f"name={name!r} must be a text.")
        for text in doubts(frame, people, frame.columns):
            warn(text)
        kept = people > 0
        frame, times, people = frame[kept].reset_index(drop=True), times[kept], people[kept]
        if len(times) == 0:
            raise InputError(f"Column {counts!r} says that every row stands for nobody, so the register saw nobody.")
        record = RegisterRecord(
            fingerprint=_fingerprint(frame, column, counts, name),
            seed=settings.check_seed(defaults.seed if seed is None else seed),
            replicates=settings.check_replicates(defaults.replicates if replicates is None else replicates),
            seen=int(people.sum()),
            most=int(times.max()),
            column=column,
            name=name,
            note=note,
            build=a_call(),
        )
        for key, value in (
            ("record", record),
            ("_table", frame),
            ("_times", times),
            ("_people", people),
            ("_counted", (column, counts)),
            ("_index", index[kept]),
            ("_read", {}),
        ):
            object.__setattr__(self, key, value)

    @property
    def n(self) -> int:
        """People seen."""
        return self.record.seen

    @property
    def frequencies(self) -> pd.Series[Any]:
        """How many people were seen once, twice, ...: one number for every count up to the largest.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> hp.CaptureCounts({"visits": [1, 1, 3]}, "visits").frequencies.to_dict()
        {1: 2, 2: 0, 3: 1}
        """
        totals = np.bincount(self._times, weights=self._people)[1:]
        index = pd.RangeIndex(1, self.record.most + 1, name=self.record.column)
        return pd.Series(totals.astype(np.int64), index=index, name="people")

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw how many people were seen once, twice, ...; needs matplotlib.

        See Also
        --------
        compare_families : how families fit these counts.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> axes = hp.CaptureCounts({"arrests": [1, 2, 3], "people": [1645, 183, 37]}, "arrests", counts="people").plot()
        """
        return figures.frequencies(self.frequencies, self.record.note or "", ax=ax)

    def _as_table(self) -> Table:
        seen = self.frequencies[self.frequencies > 0]
        frame = pd.DataFrame({"people": seen, "share": seen / self.n})
        title = f"How often {self.n:,} people were seen"
        return of_frame(title, frame, [self.record.note] if self.record.note else [], units={"share": "share"})

    def __repr__(self) -> str:
        shown = self.frequencies[self.frequencies > 0]
        seen = int((self._times * self._people).sum())
        rows = [(str(y), f"{f:,}", f"{f / self.n:.1%}") for y, f in shown.items()]
        head = (self.record.column, "people", "share")
        lines = [f"{self.n:,} people, seen {seen:,} times", *_aligned([head, *rows[:20]])]
        if len(rows) > 20:
            lines.append(f"... {len(rows) - 20} more counts, up to {self.record.most:,}")
        if self.record.note:
            lines.append(f"Note: {self.record.note}")
        return "\n".join(lines)


def _aligned(rows: list[tuple[str, str, str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return ["    ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]


def _times(frame: pd.DataFrame, column: str) -> Codes:
    values = columns.numbers(columns.column(frame, column), what="how often each person was seen")
    _refuse(
        np.isnan(values), column, "is missing", "A person in a register was seen at least once; find out how often."
    )
    _refuse(
        values == 0,
        column,
        "is 0",
        "A register can't see people zero times: how many those are is what is to be estimated. Leave these rows out.",
    )
    _refuse(values < 0, column, "is negative", "It counts how often each person was seen: 1, 2, 3, ...")
    _refuse(
        values != np.round(values),
        column,
        "is no whole number",
        "It counts how often each person was seen: 1, 2, 3, ...",
    )
    _refuse(values > MOST_TIMES, column, f"is above {MOST_TIMES:,}", "Is it the right column?")
    return values.astype(np.int64)


def _people(frame: pd.DataFrame, counts: str | None) -> Codes:
    if counts is None:
        return np.ones(len(frame), dtype=np.int64)
    values = columns.numbers(columns.column(frame, counts), what="how many people a row stands for")
    wrong: Bools = np.isnan(values) | (values < 0) | (values != np.round(values))
    _refuse(wrong, counts, "is no number of people", "It should hold whole numbers from 0 on.")
    most = f"A register may hold {MOST_PEOPLE:,} people. Is it the right column?"
    _refuse(values > MOST_PEOPLE, counts, f"is above {MOST_PEOPLE:,}", most)
    if values.sum() > MOST_PEOPLE:
        raise InputError(f"{values.sum():,.0f} people are more than one register can redraw ({MOST_PEOPLE:,}).")
    return values.astype(np.int64)


def _refuse(rows: Bools, column: str, what: str, advice: str) -> None:
    if rows.any():
        raise InputError(f"Column {column!r} {what} in {name_rows(rows)}. {advice}")


def _fingerprint(frame: pd.DataFrame, column: str, counts: str | None, name: str | None) -> int:
    """Hash the rows and what they are, so that equal registers are redrawn alike."""
    hashed = hashlib.blake2b(repr(("register", column, counts, name)).encode(), digest_size=16)
    for digest in sorted(columns.digest(frame[key]) for key in frame.columns):
        hashed.update(digest)
    return int.from_bytes(hashed.digest(), "little")


def as_floats(values: Codes) -> Floats:
    """Return whole numbers as the core wants them."""
    return np.ascontiguousarray(values, dtype=np.float64)
