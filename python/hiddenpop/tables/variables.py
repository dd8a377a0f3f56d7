"""What the columns of a survey hold, for describing them: kinds, levels, labels, groups."""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from pandas.api import types

from ..errors import InputError, listing, suggest, warn
from ..ground import columns
from ..ground.columns import Bools, Codes, Floats
from ..sample.groups import levels_of
from ..sample.sample import Indicator
from .levels import Numbered, YesNo, numbered

if TYPE_CHECKING:
    from ..survey.survey import Survey
Kind = Literal["continuous", "categorical", "binary", "date", "multiple"]
KINDS = ("continuous", "categorical", "binary", "date")
#: Whole numbers with fewer different values than this are taken for codes.
FEW_VALUES = 10
DAY = 86_400


@dataclass(frozen=True, eq=False)
class Variable:
    """A column to describe, as codes of levels or as numbers."""

    name: str
    title: str
    kind: Kind
    #: What is asked of the survey: its column of numbers, or levels.
    asked: str | Indicator
    levels: tuple[str, ...] = ()
    #: The levels that get a line; the others follow from them.
    shown: tuple[int, ...] = ()
    codes: Any = None
    #: The numbers or dates as they come: as floats they may take eight times the memory.
    answers: pd.Series[Any] | None = None

    @property
    def answered(self) -> Bools:
        """Which rows have an answer."""
        return self.codes >= 0 if self.answers is None else ~columns.missing(self.answers)

    @property
    def values(self) -> Floats:
        """The numbers, or days since 1970; NaN where there is no answer."""
        assert self.answers is not None
        return _days(self.answers) if self.kind == "date" else columns.numbers(self.answers)


@dataclass(frozen=True, eq=False)
class Groups:
    """The columns of a table: groups, and all together."""

    name: str | None
    labels: tuple[str, ...]
    codes: Codes
    total: bool
    #: The column's levels: those of the groups, then those that nobody has who counts.
    levels: tuple[Any, ...] = ()

    def asked(self, left_out: Sequence[int] = ()) -> tuple[Indicator, ...]:
        """Return by what the survey is asked, some groups left out."""
        if self.name is None:
            return ()
        apart = (*(self.levels[i] for i in left_out), *self.levels[len(self.labels) :])
        return (Numbered(self.name, self.levels, apart),)

    @property
    def size(self) -> int:
        """Number of columns."""
        return len(self.labels) + self.total

    def inside(self, column: int) -> Bools | None:
        """Say who is in a column; None for everyone."""
        return None if column == len(self.labels) else np.asarray(self.codes == column, dtype=bool)

    def count(self, survey: Survey, codes: Any, levels: int) -> Floats:
        """Count participants by level and column; those of the code -1 come first."""
        across = len(self.labels) + 1
        cell = (codes.astype(np.int64) + 1) * across + self.codes + 1
        found = np.bincount(cell, weights=survey.sample.multiplicity, minlength=(levels + 1) * across).astype(float)
        table = found.reshape(levels + 1, across)
        return np.append(table[:, 1:], table.sum(axis=1, keepdims=True), axis=1) if self.total else table[:, 1:]


def groups(survey: Survey, by: str | None, *, total: bool) -> Groups:
    """Find the groups that make the columns."""
    if by is None:
        return Groups(None, (), np.full(len(survey.sample.units), -1, dtype=np.int8), True)
    if not isinstance(by, str):
        raise InputError("by= names one column; for several make a column of their combinations with survey.assign.")
    codes, labels = levels_of(survey.sample, by)
    codes, seen = columns.used(np.where(survey.sample.multiplicity > 0, codes, -1), labels)
    if len(seen) < 2:
        only = (seen if len(seen) else labels)[0]
        raise InputError(
            f"Column {by!r} makes one group only ({only!r}), so there is nothing to set side by side. Leave out by=, or "
            "name a column with two groups or more."
        )
    levels = (*seen.tolist(), *labels.difference(seen, sort=False).tolist())
    return Groups(by, tuple(map(str, seen)), columns.compact(codes, len(seen)), total, levels)


def check_below(below: Any) -> int:
    """Return the number below which cells are hidden."""
    if isinstance(below, bool) or not isinstance(below, (int, np.integer)) or below < 2:
        raise InputError(f"suppress_below={below!r} must be a whole number of participants, 2 or more.")
    return int(below)


def default_columns(survey: Survey, by: str | None) -> list[str]:
    """Return all columns that are answers, not parts of the design."""
    apart = {by, *survey.sample.design.columns}
    return [name for name in survey.columns if name not in apart]


def title_of(survey: Survey, name: str, labels: Mapping[str, str] | None) -> str:
    """Return a column's label: the user's, that of the SPSS or Stata file, or its name."""
    from_file = survey.sample.units.attrs.get("labels", {})
    given = (labels or {}).get(name) or (from_file.get(name) if isinstance(from_file, Mapping) else None)
    return str(given or name)


def check_kinds(kinds: Mapping[str, str] | None, names: Sequence[str]) -> Mapping[str, str]:
    """Check kinds that override the automatic ones."""
    for name, kind in (kinds or {}).items():
        if name not in names:
            raise InputError(f"kinds= names {name!r}, which is not described. {suggest(name, names)}")
        if kind not in KINDS:
            raise InputError(f"kinds={{{name!r}: {kind!r}}} must be one of {', '.join(map(repr, KINDS))}.")
    return kinds or {}


def variable(survey: Survey, name: str, title: str, kind: str | None) -> Variable:
    """Read a column as what it is, or as what it is said to be."""
    values = columns.column(survey.sample.units, name)
    if values.isna().all():
        raise InputError(f"Column {name!r} is missing in every row, so there is nothing to describe. Leave it out.")
    kind = kind or _kind(values)
    if kind == "continuous":
        numbers = survey.sample.answers(name)  # says where an answer is none
        plain = types.is_numeric_dtype(values.dtype)
        return Variable(name, title, "continuous", name, answers=values if plain else pd.Series(numbers))
    if kind == "date":
        return Variable(name, title, "date", name, answers=_dates(values))
    found, labels = levels_of(survey.sample, name)
    _check_spelling(name, labels)
    if kind == "categorical":
        codes, texts = columns.compact(found, len(labels)), tuple(str(label) for label in labels)
        shown = tuple(range(len(texts)))
        return Variable(name, title, "categorical", Numbered(name, tuple(labels.tolist())), texts, shown, codes)
    asked = YesNo(name)
    return yes_or_no(name, title, "binary", asked, asked.read(found, labels))


def yes_or_no(name: str, title: str, kind: Kind, asked: Indicator, codes: Any) -> Variable:
    """Return a variable of which the share of yes is shown."""
    return Variable(name, title, kind, asked, ("no", "yes"), (1,), codes)


def _check_spelling(name: str, labels: Any) -> None:
    """Warn of levels that look like one typed in several ways."""
    alike: dict[str, list[str]] = {}
    for label in labels:
        if isinstance(label, str):
            alike.setdefault(" ".join(label.split()).casefold(), []).append(label)
    doubled = [same for same in alike.values() if len(same) > 1]
    if doubled:
        warn(
            f"Levels of {name!r} differ only in capitals or spaces and are counted apart: "
            f"{'; '.join(listing(same) for same in doubled[:3])}. If they mean the same, join them before making the survey: "
            f"df[{name!r}] = df[{name!r}].str.strip().str.lower().",
        )


def _kind(values: pd.Series[Any]) -> Kind:
    kind = columns.kind(values)
    if kind == "boolean":
        return "binary"
    if kind == "date":
        return "date"
    known = values.dropna()
    if kind == "category" and _holds_dates(known):
        return "date"
    if kind == "number":
        plain = pd.to_numeric(known.head(1000)).to_numpy(dtype=float)
        if len(np.unique(plain)) >= FEW_VALUES or (plain != np.round(plain)).any():
            return "continuous"
        plain = np.unique(pd.to_numeric(known).to_numpy(dtype=float))
        return "categorical" if len(plain) < FEW_VALUES and (plain == np.round(plain)).all() else "continuous"
    texts = {str(value).strip().lower() for value in known.unique()} if known.nunique() <= 2 else set()
    return "binary" if texts and texts <= {"yes", "no"} else "categorical"


def _holds_dates(known: pd.Series[Any]) -> bool:
    """Tell whether a column holds dates that are no datetime64: as files of SPSS and Stata, Arrow and polars give them."""
    if isinstance(known.dtype, pd.PeriodDtype):
        return known.nunique() >= FEW_VALUES
    kept = not isinstance(known.dtype, (pd.CategoricalDtype, pd.StringDtype))
    # The first few tell of most columns.
    return kept and all(isinstance(value, datetime.date) for part in (known.head(5), known) for value in part)


def _dates(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return dates without time zones."""
    if isinstance(values.dtype, pd.PeriodDtype):
        values = values.dt.to_timestamp()
    if isinstance(values.dtype, pd.ArrowDtype):
        values = values.astype(object)
    if not types.is_datetime64_any_dtype(values.dtype):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # pandas tells how it guesses, or fails and says so
                values = pd.to_datetime(values)
        except (TypeError, ValueError):
            raise InputError(f"Column {values.name!r} can't be read as dates.") from None
    if getattr(values.dt, "tz", None) is not None:
        values = values.dt.tz_localize(None)
    return values


def _days(values: pd.Series[Any]) -> Floats:
    """Return dates as days since 1970."""
    plain = values.to_numpy(dtype="datetime64[s]")  # nanoseconds end in the year 2262
    return np.where(np.isnat(plain), np.nan, plain.astype("int64") / DAY)


def day(value: float) -> str:
    """Write days since 1970 as a date."""
    return NOTHING_DATE if np.isnan(value) else str(np.datetime64(round(value), "D"))


NOTHING_DATE = "–"


def with_levels(survey: Survey, variables: Sequence[Variable]) -> Survey:
    """Return the survey with the levels of all that is described, so that questions find them made."""
    made = {
        one.asked: numbered(one.codes, len(one.levels), one.name)
        for one in variables
        if isinstance(one.asked, Indicator)
    }
    return survey.of(survey.sample.with_made(made))
