"""Who was asked, what they said and how they were found: what every question to a survey reads.

`Survey` is a sample with verbs; statistics, tests and tables hold the sample and never the survey.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, ClassVar, cast

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from .. import _core
from ..errors import InputError, Refusal, Said, granted, name_rows
from ..expression.origins import a_call
from ..ground import columns, grouping
from ..ground.columns import Bools, Codes, Floats, Levels
from ..ground.stays import Stays
from .design import Description, Design, Drawn, Multiplicity, Replicates, fingerprint
from .doubts import Table, doubts
from .identity import HELD, IDS, identical, read_ids
from .labels import Labels, labelled
from .record import Record
from .sampling import Sampling


class Indicator(ABC):
    """A column made of others, in the same way for every sample: what a question names where no column will do.

    Its kinds are frozen dataclasses of names, labels and limits, never of anybody's answers, so that they can be compared,
    kept in files and asked of another sample.
    """

    #: Whether all of its labels are in an answer, those that nobody has too.
    whole: ClassVar[bool] = False
    #: Whether a participant's value follows from that participant's answers. Then counting who has it tells how few they
    #: are; of others nothing tells, so they are refused where small numbers must be hidden.
    own: ClassVar[bool] = False

    @property
    @abstractmethod
    def title(self) -> str:
        """How sentences call it, by the user's columns."""

    @property
    def key(self) -> str:
        """What tells noise that is drawn for it from that of other questions."""
        return self.title

    @property
    def variable(self) -> str | Indicator:
        """What all that is published of the same codes of the same people calls it."""
        return self

    @abstractmethod
    def make(self, sample: Sample) -> pd.Series[Any]:
        """Make its values for the units of a sample, under its title."""

    def __str__(self) -> str:
        return self.title


@dataclass(frozen=True, eq=False, repr=False)
class Sample(Stays):
    """People, their answers and how they were found: a value that nothing changes."""

    #: Answers, a row a unit: a row of the user's table, or a kind of identical ones.
    units: pd.DataFrame
    #: The user's row labels, to recognise masks that are Series.
    index: pd.Index[Any]
    #: How many participants each unit stands for.
    multiplicity: Multiplicity
    #: For each row of the table its unit; None when every row is a unit.
    row_unit: Codes | None
    design: Design
    sampling: Sampling
    description: Description
    record: Record
    #: What measures variance where it is not redraws.
    variance: Replicates | None = None
    #: Whether weights are calibrated, which can be done once.
    calibrated: bool = False
    #: The column of ids, which is not kept.
    id: str | None = None
    #: Groups that were found, by the columns that make them.
    found: dict[tuple[str | Indicator, ...], tuple[Codes, pd.Index[Any]]] = field(default_factory=dict)
    #: Indicators that were made beforehand, because many questions are about them.
    made: Mapping[Indicator, pd.Series[Any]] = field(default_factory=dict)
    #: What was said of these people and their answers, by whatever survey was derived from this one.
    said: Said = field(default_factory=Said)

    @classmethod
    def read(
        cls,
        table: object,
        design: Design,
        *,
        replicates: int,
        seed: int,
        name: str | None,
        id: str | None = None,
        labels: Labels | None = None,
    ) -> Sample:
        """Read a table as its design says; ids are looked at and not kept."""
        frame, held = columns.read_columns(table)
        levels: dict[str, Levels | None] = {}
        digests: dict[str, bytes] = {}
        for column, values in held.items():
            levels[column] = columns.levels(values)
            digests[column] = columns.digest(values, levels[column])
        multiplicity = design.frequencies(frame)
        index, note = frame.index, frame.attrs.get("note")
        of_design = (*design.columns, *design.hidden, *design.fixed)
        known = {} if id is None else {IDS: read_ids(frame, id, of_design, multiplicity)}
        rows = labelled(_numbered(frame), labels)
        levels |= {str(name): columns.levels(rows[name]) for name in labels or () if levels[str(name)] is not None}
        hidden = [column for column in (*design.hidden, *((id,) if id else ())) if column in rows.columns]
        answers = rows.drop(columns=hidden) if hidden else rows
        kinds = _kinds(answers, levels) if design.collapses else None
        units = answers
        if kinds is None:
            drawn = design.read(rows, multiplicity)
        else:
            units = _numbered(answers.take(grouping.first_of(kinds)))
            drawn = _read_kinds(design, rows, units, kinds)
            multiplicity = np.bincount(kinds).astype(np.uint64)
        description, variance = drawn.description, drawn.replicates
        one_by_one = kinds is None and not (multiplicity > 1).any()
        measure = "replicates" if variance else "linearized" if description.variance else "draws"
        record = Record(
            fingerprint=fingerprint(digests, (*design.fingerprint, *((f"id={id}",) if id else ())), name),
            seed=seed,
            replicates=variance.size if variance else replicates,
            participants=description.participants,
            design=description.sentence,
            redraws=description.redraws,
            name=name,
            note=note,
            weighted=drawn.weighted,
            df=drawn.df,
            variance=measure,  # type: ignore[arg-type]
            independent=drawn.independent,
            by_draws=not isinstance(drawn.sampling.linear, Refusal) and drawn.sampling.linear.by_draws,
            references=description.references,
            build=a_call(),
            digests={column: value for column, value in digests.items() if column != id},
            hashes=columns.Identities(units, known) if one_by_one else known,
        )
        sampling = drawn.sampling if drawn.sampling.again is None else drawn.sampling.again(record)
        made = cls(units, index, multiplicity, kinds, design, sampling, description, record, variance, id=id)
        doubtful = [name for name in units.columns.tolist() if name not in design.columns]
        if kinds is None:
            made._tell_doubts(doubtful, levels, units if labels else held)
        else:
            made._tell_doubts(doubtful)
        if one_by_one and not known and not design.hidden:  # else known apart, or frequencies
            doubt = identical(units, design.columns)
            if doubt is not None:
                made.said(doubt)
        return made

    @property
    def n(self) -> int:
        """Number of participants."""
        return self.record.participants

    @property
    def title(self) -> str:
        """How messages call it."""
        return self.record.title

    @property
    def labels(self) -> Mapping[str, str]:
        """What columns are called, where a file or the user says so."""
        found = self.units.attrs.get("labels", {})
        return found if isinstance(found, Mapping) else {}

    def called(self, name: object) -> str:
        """Return a column's label, or its name."""
        return self.labels.get(str(name), str(name))

    @property
    def no_answers(self) -> Mapping[str, str]:
        """Columns of the table that are not kept, and what they hold."""
        return self.design.hidden if self.id is None else {**self.design.hidden, self.id: HELD}

    @property
    def counted(self) -> Bools:
        """The units that stand for anybody."""
        return np.asarray(self.multiplicity > 0)

    @property
    def df(self) -> int:
        """Degrees of freedom of what measures variance: the variance replicates', or the whole design's."""
        known = self.known_df
        return granted(self.sampling.linear).df if known is None else known

    @property
    def known_df(self) -> int | None:
        """The same; None where the design does not state them."""
        if self.variance is not None:
            return self.variance.df
        return self.record.df if isinstance(self.sampling.linear, Refusal) else self.sampling.linear.df

    def df_by(self, domain: Codes, size: int) -> Floats:
        """Return the degrees of freedom of domains: rows with their number, -1 outside all; infinite where nobody knows."""
        if self.variance is not None:
            return self.variance.df_by(self, domain, size)
        if isinstance(self.sampling.linear, Refusal):
            return np.full(size, np.inf if self.record.df is None else float(self.record.df))
        return self.sampling.linear.df_by(domain, size)

    def df_of(self, inside: Bools) -> float:
        """Return the degrees of freedom of the people marked, or say why nothing is known of any."""
        self.df  # noqa: B018 (which says why)
        return float(self.df_by(np.where(inside, 0, -1), 1)[0])

    def column(self, name: str | Indicator) -> pd.Series[Any]:
        """Return a column of the units, or make an indicator."""
        if not isinstance(name, Indicator):
            return columns.column(self.units, name)
        return self.made[name] if name in self.made else name.make(self)

    def answers(self, name: str | Indicator) -> Floats:
        """Return a numeric column of the units; errors name rows of the table."""
        return self.numbers(self.column(name))

    def numbers(self, values: pd.Series[Any]) -> Floats:
        """Read values of the units as numbers; errors name rows of the table."""
        try:
            return columns.numbers(values)
        except InputError:
            columns.numbers(self.rows(values))
            raise

    def rows(self, units: Any) -> Any:
        """Return columns of units as the table had them: a row a participant, or a row of counts."""
        return units if self.row_unit is None else units.take(self.row_unit).reset_index(drop=True)

    def table(self, units: pd.DataFrame) -> pd.DataFrame:
        """Return the same with the index that the user's table came with."""
        return cast("pd.DataFrame", self.rows(units)).set_axis(self.index)

    def name_rows(self, units: Bools) -> str:
        """Name the table's rows that belong to some units."""
        return name_rows(units if self.row_unit is None else units[self.row_unit])

    def by_unit(self, name: str, values: object) -> Any:
        """Bring values given row by row to the units that are redrawn."""
        rows = len(self.index)
        if isinstance(values, Mapping):
            values = pd.Series(dict(values))
        if isinstance(values, pd.Series) and len(values) == rows:
            values = columns.matched(values, self.index, repr(name))
        if np.isscalar(values) or values is None or columns.is_number(values):
            return float(values) if isinstance(values, (Decimal, Fraction)) else values
        try:
            series = values if isinstance(values, pd.Series) else pd.Series(values)
        except (TypeError, ValueError):
            raise InputError(f"{name!r} must hold one value for each row, not {type(values).__name__}.") from None
        if len(series) != rows:
            raise InputError(f"{name!r} has {len(series):,} values where the table has {rows:,} rows.")
        series = columns.settled(series.reset_index(drop=True))
        if self.row_unit is None:
            return series
        codes, _ = pd.factorize(series)
        first = np.zeros(len(self.units), dtype=np.int64)
        first[self.row_unit[::-1]] = np.arange(rows)[::-1]
        differs = codes != codes[first][self.row_unit]
        if differs.any():
            raise InputError(
                f"{name!r} differs between people whose other answers are identical, in {name_rows(differs)}. Such "
                "people are redrawn together here, so the survey can't hold it: add the column to the table "
                "before making the survey."
            )
        return series.take(first).reset_index(drop=True)

    def with_units(self, units: pd.DataFrame, new: Iterable[str]) -> Sample:
        """Return the same people with other answers in some columns."""
        made = replace(self, units=units, found={}, made={})
        made._tell_doubts(new)
        return made

    def _tell_doubts(
        self,
        names: Iterable[str],
        levels: Mapping[str, Levels | None] = MappingProxyType({}),
        held: Table | None = None,
    ) -> None:
        """Say what is doubtful in some columns; their levels, and the columns themselves, may be at hand."""
        for text in doubts(self.units if held is None else held, self.multiplicity, names, levels):
            self.said(text)

    def with_made(self, made: Mapping[Indicator, pd.Series[Any]]) -> Sample:
        """Return the same people with indicators made beforehand."""
        return replace(self, made={**self.made, **made})

    def measured(self, made: Replicates) -> Sample:
        """Return the same people with their variance measured by replicates and not by redraws."""
        description = self.description.measured(made.words, made.references)
        record = replace(
            self.record,
            variance="replicates",
            replicates=made.size,
            redraws=made.words,
            references=description.references,
            df=made.df,
        )
        return replace(self, variance=made, description=description, record=record)

    def reseed(self, *, seed: int | None, replicates: int | None) -> Sample:
        """Return the same people under another seed or number of replicates."""
        record = self.record.reseed(seed=seed, replicates=replicates)
        sampling = self.sampling if self.sampling.again is None else self.sampling.again(record)
        return replace(self, record=record, sampling=sampling)

    def same_people(self, other: Sample | None) -> bool:
        """Tell whether another sample is of the same rows."""
        return other is not None and other.record.fingerprint == self.record.fingerprint


class Held:
    """What holds a sample, and has verbs for it: a survey."""

    sample: Sample

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle all rows: a survey is its table, and who pickles one means it. What is computed from it never takes it along."""
        return _held, (type(self), vars(self.sample))


def _held(kind: type[Held], sample: dict[str, Any]) -> Held:
    """Make a survey again."""
    made = kind.__new__(kind)
    made.sample = Sample(**sample)
    return made


def _kinds(answers: pd.DataFrame, levels: Mapping[str, Levels | None]) -> Codes | None:
    """Give identical rows one number, in order of appearance; None where that makes too many kinds to be worth it."""
    rows = len(answers)
    most = min(rows // _core.ROWS_PER_KIND, _core.MOST_KINDS)
    keys: list[Any] = [_key(values, levels[str(name)]) for name, values in answers.items()]
    # A short look at the head of each column spares the whole of a table of measurements.
    if any(_different(key, 4 * most + 100) > most for key in keys):
        return None
    plain: list[Any] = [key.astype(object) if isinstance(key, ExtensionArray) else key for key in keys]
    return grouping.alike(plain, rows, most=most)


def _key(values: pd.Series[Any], levels: Levels | None) -> Any:
    """Return what tells a column's answers apart, in as short a look as its type allows."""
    if levels is not None:
        return levels[0], len(levels[1])
    return values.to_numpy() if isinstance(values.dtype, np.dtype) else values.array


def _different(key: Any, head: int) -> int:
    """Return how many different answers there are, at least among the first ones."""
    if isinstance(key, tuple):
        return int(key[1])
    return 1 if key.dtype == bool else len(pd.unique(key[:head]))


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the rows of a table of our own numbers from 0."""
    index = frame.index
    if not (isinstance(index, pd.RangeIndex) and index.start == 0 and index.step == 1 and index.name is None):
        frame.index = pd.RangeIndex(len(frame))
    return frame


def _read_kinds(design: Design, rows: pd.DataFrame, units: pd.DataFrame, kinds: Codes) -> Drawn:
    """Read the kinds; what is wrong with them is said of the user's rows."""
    try:
        return design.read(units, np.bincount(kinds).astype(np.uint64))
    except InputError:
        design.read(rows, np.ones(len(rows), dtype=np.uint64))
        raise
