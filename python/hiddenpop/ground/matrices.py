"""Model matrices: what a formula makes of some rows of a table, and of other rows in the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
from pandas.api import types

from ..errors import InputError, listing, name_rows
from . import columns, formulas, written
from .columns import Bools, Codes, Floats
from .formula_text import INTERCEPT
from .formulas import Evaluated, Formula, Terms


@dataclass(frozen=True, eq=False, repr=False)
class ModelMatrix:
    """A formula's terms in numbers: a column a coefficient."""

    formula: str
    values: Floats
    names: tuple[str, ...]
    #: Which coefficients each term has, the intercept's left out.
    places: Mapping[str, tuple[int, ...]]
    #: The rows in the types that were used, from which other values of a column are made.
    frame: pd.DataFrame
    #: Columns that stand for categories, with those that occur, the reference first.
    categories: Mapping[str, tuple[Any, ...]]
    #: What coefficients of categories compare, and a digest of what was found in the rows, as `Evaluated` has them.
    compared: tuple[tuple[str, tuple[str, ...]], ...] = ()
    kept: bytes = b""
    #: What makes the same columns of other rows; None where there is nothing but an intercept.
    terms: Terms | None = None

    def at(self, frame: pd.DataFrame) -> Floats:
        """Return the same columns for other rows, whose types must be those of `frame`."""
        if self.terms is None:
            return np.ones((len(frame), 1))
        return _finite(formulas.evaluate(self.terms, frame), self.formula, np.arange(len(frame))).values

    def using(self, variable: str) -> list[int]:
        """Return the places of the coefficients whose terms use a column."""
        uses = {} if self.terms is None else self.terms.uses
        return [place for term, names in uses.items() if variable in names for place in self.places.get(term, ())]


def constant(rows: int) -> ModelMatrix:
    """Return an intercept alone, without waking formulaic."""
    nothing = pd.DataFrame(index=range(rows))
    return ModelMatrix("~ 1", np.ones((rows, 1)), (INTERCEPT,), {}, nothing, {})


def make(terms: Terms, table: pd.DataFrame, rows: Codes, *, left_out: bool = False) -> ModelMatrix:
    """Return what terms make of rows in which none of their columns is missing.

    Parameters
    ----------
    terms : Terms
        Of a formula whose names are columns of `table`.
    table : DataFrame
        The rows.
    rows : array of int
        Where they stand in the table that messages speak of.
    left_out : bool
        Whether rows with missing answers were left out.
    """
    frame = _typed(table, terms.columns, left_out=left_out)
    made = _finite(formulas.evaluate(terms, frame), terms.text, rows)
    for term, own in made.places.items():
        if not own:
            raise InputError(
                f"The term {term!r} has a single category among the rows used, so it explains nothing; leave it out."
            )
    return ModelMatrix(
        terms.text, made.values, made.names, made.places, frame, made.levels, made.compared, made.kept, made.again
    )


def outcome(formula: Formula, table: pd.DataFrame, rows: Codes) -> pd.Series[Any]:
    """Return the left side for rows in which none of its columns is missing."""
    if formula.column is not None:
        return table[formula.column]
    frame = _typed(table, formula.left.columns, left_out=True)
    values = _finite(formulas.evaluate(formula.left, frame), formula.text, rows).values
    width = values.shape[1]
    if width > 2 or (width == 2 and not (values.sum(axis=1) == 1).all()):
        raise InputError(
            f"The outcome {formula.outcome!r} makes {width} columns; it should be one of numbers, or of yes and no."
        )
    # Of a condition the last column says where it holds.
    return pd.Series(values[:, -1].copy(), name=formula.outcome)


def missing(table: pd.DataFrame, names: Sequence[str]) -> Bools:
    """Mark rows with a missing answer to any of the columns."""
    lacking = np.zeros(len(table), dtype=bool)
    for name in names:
        lacking |= columns.missing(table[name])
    return lacking


def require(table: pd.DataFrame, names: Sequence[str], rows: Codes) -> None:
    """Refuse people without an answer, where the size of a population has no room for them."""
    for name in names:
        lacking = columns.missing(columns.column(table, name))
        if lacking.any():
            raise InputError(
                f"Covariate {name!r} is missing in {_called(rows, lacking)}. People without it can't be modelled: give missing "
                "answers a category of their own, or leave these people out and say that the size is that of the others."
            )


def like(model: ModelMatrix, given: object) -> pd.DataFrame:
    """Bring new data to the types that a model's columns had; what the model can't know is an error."""
    table = columns.read_table(given)
    result: dict[str, Any] = {}
    for name in model.frame.columns:
        values = columns.column(table, name)
        lacking = columns.missing(values)
        if lacking.any():
            raise InputError(f"Column {name!r} of the new data is missing in {name_rows(lacking)}.")
        old = model.frame[name]
        if name in model.categories:
            spelled = written.levels(values) and written.levels(old)
            if spelled:
                values = written.no_before_yes(values, spelled)
            unknown = [v for v in dict.fromkeys(values.tolist()) if v not in model.categories[name]]
            if unknown:
                raise InputError(
                    f"Column {name!r} of the new data holds {listing(unknown)}, which the model has not seen; it knows "
                    f"{listing(model.categories[name])}."
                )
        elif columns.kind(old) in ("number", "boolean"):
            plain = columns.numbers(values)
            if types.is_bool_dtype(old.dtype) and not np.isin(plain, (0, 1)).all():
                raise InputError(f"Column {name!r} of the new data should hold True and False (or 0 and 1) only.")
            values = pd.Series(plain.astype(bool) if types.is_bool_dtype(old.dtype) else plain)
        keep = isinstance(old.dtype, pd.CategoricalDtype) or name in model.categories
        result[name] = (
            pd.Series(values.tolist(), dtype=cast("Any", old.dtype)) if keep else values.reset_index(drop=True)
        )
    return pd.DataFrame(result, index=range(len(table)))


def everybody(model: ModelMatrix, name: str, value: Any, *, shift: bool = False) -> Floats:
    """Return the model's columns if everybody had one value in a column, or one that is higher by `value`."""
    old = model.frame[name]
    if shift:
        new = pd.Series(old.astype(float) + value)
    else:
        dtype = old.dtype if name in model.categories or not isinstance(value, float) else np.dtype(float)
        new = pd.Series([value] * len(old), dtype=cast("Any", dtype))
    frame = model.frame.copy()
    frame[name] = new.to_numpy() if shift else new.set_axis(frame.index)
    return model.at(frame)


def _typed(table: pd.DataFrame, names: Sequence[str], *, left_out: bool) -> pd.DataFrame:
    """Return columns in plain types: numbers, True and False, or categories that occur."""
    result: dict[str, Any] = {}
    for name in names:
        values = table[name]
        kind = columns.kind(values)
        if kind == "date" or types.is_timedelta64_dtype(values.dtype):
            held = "dates" if kind == "date" else "durations"
            raise InputError(
                f"Column {name!r} holds {held}. Make it a number (years since a day) or categories first, in the table or by "
                "survey.assign."
            )
        if isinstance(values.dtype, pd.CategoricalDtype):
            result[name] = values.cat.remove_unused_categories()
        elif kind == "category":
            known = written.levels(values)
            result[name] = values.astype(object) if known is None else written.no_before_yes(values, known)
        elif types.is_bool_dtype(values.dtype) or any(isinstance(v, (bool, np.bool_)) for v in values.head(20)):
            result[name] = values.astype(bool)
        elif types.is_integer_dtype(values.dtype):
            result[name] = values.astype(np.uint64 if types.is_unsigned_integer_dtype(values.dtype) else np.int64)
        else:
            numbers = columns.numbers(values)
            # Missing answers, once left out, leave whole numbers as floats; as categories they are 2012 and not 2012.0.
            counted = left_out or not types.is_float_dtype(values.dtype)
            whole = counted and bool((numbers == np.round(numbers)).all()) and bool((np.abs(numbers) < 2**53).all())
            result[name] = pd.Series(numbers.astype(np.int64) if whole else numbers, index=table.index)
    return pd.DataFrame(result, index=table.index)


def _finite(made: Evaluated, text: str, rows: Codes) -> Evaluated:
    """Refuse numbers that are undefined, such as the log of zero."""
    undefined = ~np.isfinite(made.values)
    if undefined.any():
        column = int(np.flatnonzero(undefined.any(axis=0))[0])
        raise InputError(
            f"The formula {text!r} gives no finite number in {_called(rows, undefined[:, column])}: '{made.names[column]}' is "
            "undefined or infinite there, though the answers are there. Correct them, or leave the rows out."
        )
    return made


def _called(rows: Codes, marked: Bools) -> str:
    """Name marked rows by where they stand in the user's table."""
    whole = np.zeros(int(rows.max()) + 1, dtype=bool)
    whole[rows[marked]] = True
    return name_rows(whole)
