"""What the columns of a survey hold, for describing them: kinds, levels, labels, groups."""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import pandas as pd
from pandas.api import types

from ..errors import InputError, in_words, listing, suggest, warn
from ..ground import columns
from ..ground.columns import Bools, Codes, Floats
from ..ground.text import label_of
from ..sample.design import NO_ANSWERS
from ..sample.groups import Mask, inside_of, levels_of, where_of
from ..sample.sample import Indicator
from .imputations import moved, united
from .levels import Numbered, YesNo, numbered

if TYPE_CHECKING:
    from ..survey.survey import Survey
Kind = Literal["continuous", "categorical", "binary", "date", "multiple"]
KINDS = ("continuous", "categorical", "binary", "date")
#: Whole numbers with fewer different values than this are taken for codes.
FEW_VALUES = 10
#: Unless there are so many of them, none is smaller than that, and they lie so far apart: ages of a few people, not codes.
LEAST_MEASURED, LEAST_MEASUREMENT, LEAST_SPAN = 5, 10, 20
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
    #: Whether it was taken for measurements though its values are few and whole.
    few: bool = False

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
    #: Who is described: as it was asked for, and which rows; None for everyone.
    where: str | Mask | None = None
    domain: Bools | None = None

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
        return self.domain if column == len(self.labels) else np.asarray(self.codes == column, dtype=bool)

    def count(self, survey: Survey, codes: Any, levels: int) -> Floats:
        """Count participants by level and column; those of the code -1 come first."""
        across = len(self.labels) + 1
        cell = (codes.astype(np.int64) + 1) * across + self.codes + 1
        people = survey.sample.multiplicity
        people = people if self.domain is None else np.where(self.domain, people, 0)
        found = np.bincount(cell, weights=people, minlength=(levels + 1) * across).astype(float)
        table = found.reshape(levels + 1, across)
        return np.append(table[:, 1:], table.sum(axis=1, keepdims=True), axis=1) if self.total else table[:, 1:]


def groups(survey: Survey, by: str | None, *, total: bool, where: object = None) -> Groups:
    """Find the groups that make the columns."""
    asked = where_of(survey.sample, where)
    domain, inside = None, survey.sample.counted
    if asked is not None:
        domain, unknown = inside_of(survey.sample, asked)
        if (unknown & inside).any():
            warn(f"{survey.sample.name_rows(unknown & inside)} have no value of {asked} and are left out.")
        inside = inside & domain
        if not inside.any():
            raise InputError(f"Nobody is in the domain where={asked!s}, so there is nothing to describe.")
    if by is None:
        nobody = columns.compact(np.full(len(survey.sample.units), -1), 0)
        return Groups(None, (), nobody, True, where=asked, domain=domain)
    if not isinstance(by, str):
        raise InputError("by= names one column; for several make a column of their combinations with survey.assign.")
    codes, labels = levels_of(survey.sample, by)
    codes, seen = columns.used(np.where(inside, codes, -1), labels)
    if len(seen) < 2:
        only = (seen if len(seen) else labels).tolist()[0]
        among = "" if asked is None else " in its domain"
        raise InputError(
            f"Column {by!r} makes one group only ({in_words(only)}){among}, so there is nothing to set side by side. Leave out "
            "by=, or name a column with two groups or more."
        )
    levels = (*seen.tolist(), *labels.difference(seen, sort=False).tolist())
    return Groups(by, tuple(map(label_of, seen)), columns.compact(codes, len(seen)), total, levels, asked, domain)


def groups_in_common(surveys: Sequence[Survey], by: str | None, *, total: bool, where: object = None) -> list[Groups]:
    """Find the groups that make the columns, the same in every imputation."""
    found = [groups(survey, by, total=total, where=where) for survey in surveys]
    first = found[0]
    for m, one in enumerate(found):
        differ = sorted(set(one.labels) ^ set(first.labels))
        if differ:
            raise InputError(
                f"Imputation {m + 1} has other groups of {by!r} than the first ({listing(differ)}), so there is no estimate of them "
                "to pool. Join small groups."
            )
        if one.labels != first.labels:
            size = len(first.labels)
            order, own = _index(first.levels[:size]), _index(one.levels[:size])
            codes = columns.compact(moved(one.codes, own, order), size)
            found[m] = replace(one, labels=first.labels, codes=codes, levels=(*order, *one.levels[size:]))
    return found


def _index(levels: Sequence[Any]) -> pd.Index[Any]:
    return cast("pd.Index[Any]", pd.Index(pd.Series(list(levels), dtype=object)))


def default_columns(survey: Survey, by: str | None, where: str | Mask | None = None) -> list[str]:
    """Return all columns that are answers, not parts of the design, and not what says who is described.

    Strata that have names (opioids, crack) say something of people; their numbers do not.
    """
    design = survey.sample.design
    numbered = {name for name in design.fixed if not _has_names(columns.column(survey.sample.units, name))}
    apart = {by, where if isinstance(where, str) else None, *design.columns, *numbered}
    apart.update(survey.sample.units.attrs.get(NO_ANSWERS, ()))
    return [name for name in survey.columns if name not in apart]


def _has_names(values: pd.Series[Any]) -> bool:
    categories = values.dtype.categories if isinstance(values.dtype, pd.CategoricalDtype) else values.dropna()
    return columns.kind(values) == "category" and not types.is_numeric_dtype(
        pd.Index(categories.unique()).infer_objects()
    )


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
    given, kind = kind, kind or _kind(values)
    if kind == "continuous":
        numbers = survey.sample.answers(name)  # says where an answer is none
        plain = types.is_numeric_dtype(values.dtype)
        few = given is None and _few(numbers[:1000]) and _few(numbers)
        return Variable(name, title, "continuous", name, answers=values if plain else pd.Series(numbers), few=few)
    if kind == "date":
        return Variable(name, title, "date", name, answers=_dates(values))
    found, labels = levels_of(survey.sample, name)
    if kind == "categorical":
        codes, texts = columns.compact(found, len(labels)), tuple(label_of(label) for label in labels)
        shown = tuple(range(len(texts)))
        return Variable(name, title, "categorical", Numbered(name, tuple(labels.tolist())), texts, shown, codes)
    asked = YesNo(name)
    return yes_or_no(name, title, "binary", asked, asked.read(found, labels))


def united_levels(found: Sequence[Variable]) -> list[Variable]:
    """Bring a variable's levels in all imputations together."""
    first = found[0]
    if all(isinstance(one.asked, Numbered) for one in found):
        own = [_index(one.asked.levels) for one in found]  # type: ignore[union-attr]
        levels = united(own)
        if any(not one.equals(levels) for one in own):
            asked, texts = Numbered(first.name, tuple(levels.tolist())), tuple(map(str, levels))
            return [
                replace(
                    one,
                    asked=asked,
                    levels=texts,
                    shown=tuple(range(len(texts))),
                    codes=columns.compact(moved(one.codes, mine, levels), len(texts)),
                )
                for one, mine in zip(found, own, strict=True)
            ]
    return list(found)


def kind_of(surveys: Sequence[Survey], name: str) -> Kind | None:
    """Tell what a column is from the answers of all imputations; None leaves it to the one survey there is."""
    if len(surveys) == 1:
        return None
    return _kind(pd.concat([columns.column(one.sample.units, name) for one in surveys], ignore_index=True))


def yes_or_no(name: str, title: str, kind: Kind, asked: Indicator, codes: Any) -> Variable:
    """Return a variable of which the share of yes is shown."""
    return Variable(name, title, kind, asked, ("no", "yes"), (1,), codes)


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
        if len(plain) >= FEW_VALUES or (plain != np.round(plain)).any():
            return "continuous"
        measured = len(plain) >= LEAST_MEASURED and plain[0] >= LEAST_MEASUREMENT and np.ptp(plain) >= LEAST_SPAN
        return "continuous" if measured else "categorical"
    return "binary" if columns.is_binary(known) else "categorical"


def _few(numbers: Floats) -> bool:
    """Tell whether numbers are whole and have few different values."""
    found = np.unique(numbers[~np.isnan(numbers)])
    return len(found) < FEW_VALUES and bool((found == np.round(found)).all())


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
