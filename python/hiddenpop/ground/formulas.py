"""Formulas: which columns a model needs, and the numbers it makes of them. formulaic reads the text."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from ..errors import InputError, listing, name_rows, suggest
from . import columns
from .columns import Bools, Floats

INTERCEPT = "Intercept"


@dataclass(frozen=True, eq=False, repr=False)
class Formula:
    """A formula that was read: outcome on the left, terms on the right."""

    text: str
    #: What stands on the left, as it was written.
    outcome: str
    #: Columns of the table that either side names.
    outcome_columns: tuple[str, ...]
    predictor_columns: tuple[str, ...]
    left: Any
    right: Any


@dataclass(frozen=True, eq=False, repr=False)
class Predictors:
    """The right side in numbers: a column a coefficient."""

    x: Floats
    names: tuple[str, ...]
    #: Which coefficients each term has, the intercept's left out.
    terms: Mapping[str, tuple[int, ...]]
    #: The rows in the table's types, from which other values of a column are made.
    frame: pd.DataFrame
    #: Columns that stand for categories, with those that occur, the reference first.
    categories: Mapping[str, tuple[Any, ...]]
    spec: Any

    def at(self, frame: pd.DataFrame) -> Floats:
        """Return the same columns for other rows, whose types must be those of `frame`."""
        matrix = _evaluate(self.spec, str(self.spec.formula), frame, np.ones(len(frame), dtype=bool))
        return np.ascontiguousarray(matrix, dtype=float).reshape(len(frame), len(self.names))

    def using(self, variable: str) -> list[int]:
        """Return the places of the coefficients whose terms use a column."""
        terms = [str(term) for term in self.spec.terms if variable in _named([term], self.frame)]
        return [place for term in terms for place in self.terms.get(term, ())]


def read(text: object, table: pd.DataFrame) -> Formula:
    """Read a formula with both sides, all of whose names are columns of the table."""
    if not isinstance(text, str):
        raise InputError(f"A formula is a text such as 'in_treatment ~ age + C(born)', not {type(text).__name__}.")
    import formulaic  # noqa: PLC0415 (a third of a second, only for models)
    from formulaic.errors import FormulaicError  # noqa: PLC0415

    try:
        parsed: Any = formulaic.Formula(text)
        left, right = parsed.lhs, parsed.rhs
        needed = [sorted({str(v) for v in side.required_variables} | _named(side, table)) for side in (left, right)]
    except AttributeError:
        raise InputError(f"The formula {text!r} needs an outcome and predictors: 'outcome ~ age + group'.") from None
    except (FormulaicError, SyntaxError, ValueError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(
            f"The formula {text!r} can't be read: {reason}. Write 'outcome ~ age + C(born) + group'; a name with spaces "
            "stands in backquotes."
        ) from None
    if isinstance(right, tuple) or not hasattr(right, "get_model_matrix") or len(left) != 1:
        raise InputError(
            f"The formula {text!r} should have one outcome on the left and one list of terms on the right."
        )
    for name in dict.fromkeys([*needed[0], *needed[1]]):
        if name not in table.columns:
            raise InputError(
                f"The formula {text!r} names {name!r}, but the table has no such column. {suggest(name, table.columns)}"
            )
    return Formula(text, str(left[0]), tuple(needed[0]), tuple(needed[1]), left, right)


def _named(terms: Iterable[Any], table: pd.DataFrame) -> set[str]:
    """Return the columns that terms name, within functions of several arguments too, which formulaic leaves out."""
    found = set()
    for term in terms:
        for factor in term.factors:
            text = str(factor.expr)
            plain = re.sub(r"'[^']*'|\"[^\"]*\"", "", text)  # texts, as of a reference category, are no names
            words = re.findall(r"`([^`]+)`|(?<![\w.])([^\W\d]\w*)(?!\w*\s*[(.])", plain)
            found |= {text, *(quoted or bare for quoted, bare in words)} & set(table.columns)
    return found


def missing(table: pd.DataFrame, names: tuple[str, ...]) -> Bools:
    """Mark rows with a missing answer to any of the columns."""
    lacking = np.zeros(len(table), dtype=bool)
    for name in names:
        lacking |= columns.missing(table[name])
    return lacking


def outcome(formula: Formula, table: pd.DataFrame, rows: Bools) -> pd.Series[Any]:
    """Return the left side for the rows that a mask marks."""
    some = table.loc[rows].reset_index(drop=True)
    if formula.outcome in table.columns:
        return some[formula.outcome]
    matrix = _evaluate(formula.left, "~ 0 + " + formula.outcome, _typed(some, formula.outcome_columns), rows)
    frame = pd.DataFrame(matrix)
    numeric = frame.iloc[:, -1]  # of a condition the last column says where it holds
    if frame.shape[1] > 2 or (frame.shape[1] == 2 and not (frame.sum(axis=1) == 1).all()):
        raise InputError(
            f"The outcome {formula.outcome!r} makes {frame.shape[1]} columns; it should be one of numbers, or of yes and no."
        )
    return pd.Series(np.asarray(numeric, dtype=float), name=formula.outcome)


def predictors(formula: Formula, table: pd.DataFrame, rows: Bools) -> Predictors:
    """Return the right side for the rows that a mask marks."""
    frame = _typed(table.loc[rows].reset_index(drop=True), formula.predictor_columns)
    matrix = _evaluate(formula.right, formula.text, frame, rows, list(table.columns))
    spec = matrix.model_spec
    terms = {str(term): tuple(places) for term, places in spec.term_indices.items() if str(term) != "1"}
    empty = [name for name, places in terms.items() if not places]
    if empty:
        raise InputError(
            f"The term {empty[0]!r} has a single category among the rows used, so it explains nothing; leave it out."
        )
    categories: dict[str, tuple[Any, ...]] = {}
    for factor, (kind, state) in spec.encoder_state.items():
        names = [str(v) for v in spec.factor_variables.get(factor, ()) if str(v) in frame.columns]
        itself = len(names) == 1 and (str(factor).strip("`") == names[0] or str(factor).startswith("C("))
        if "categorical" in str(kind).lower() and itself:
            categories[names[0]] = _levels(frame[names[0]], state)
    x = np.ascontiguousarray(matrix, dtype=float).reshape(len(frame), len(spec.column_names))
    return Predictors(x, tuple(str(c) for c in spec.column_names), terms, frame, categories, spec)


def like(model: Predictors, given: object) -> pd.DataFrame:
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
            unknown = [v for v in dict.fromkeys(values.tolist()) if v not in model.categories[name]]
            if unknown:
                raise InputError(
                    f"Column {name!r} of the new data holds {listing(unknown)}, which the model has not seen; it knows "
                    f"{listing(model.categories[name])}."
                )
        elif columns.kind(old) in ("number", "boolean"):
            values = pd.Series(columns.numbers(values))
        keep = isinstance(old.dtype, pd.CategoricalDtype) or name in model.categories
        result[name] = (
            pd.Series(values.tolist(), dtype=cast("Any", old.dtype)) if keep else values.reset_index(drop=True)
        )
    return pd.DataFrame(result, index=range(len(table)))


def everybody(model: Predictors, name: str, value: Any, *, shift: bool = False) -> Floats:
    """Return the model's columns if everybody had one value in a column, or one that is higher by `value`."""
    old = model.frame[name]
    if shift:
        new = pd.Series(old.astype(float) + value)
    else:
        dtype = old.dtype if name in model.categories or not isinstance(value, float) else np.dtype(float)
        new = pd.Series([value] * len(old), dtype=cast("Any", dtype))
    return model.at(model.frame.assign(**{name: new}))


def _levels(values: pd.Series[Any], state: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the categories that occur in the model's order, the one that others are compared with first."""
    seen = columns.categories(values)[1].tolist()
    order = [level for level in state.get("categories", ()) if level in seen]
    order += [level for level in seen if level not in order]
    base = getattr(getattr(state.get("contrasts"), "contrasts", None), "base", None)
    return tuple(sorted(order, key=lambda level: not (isinstance(level, type(base)) and level == base)))


def _evaluate(side: Any, text: str, frame: pd.DataFrame, rows: Bools, known: Iterable[str] = ()) -> Any:
    """Let formulaic make the numbers; what it can't is an input error."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            options = {} if hasattr(side, "encoder_state") else {"na_action": "ignore"}
            matrix = side.get_model_matrix(frame, context={}, **options)
    except Exception as error:
        reason = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
        unknown = re.search(r"NameError: name '(\w+)'", reason)
        hint = f" {suggest(unknown[1], known)}" if unknown and known else ""
        raise InputError(
            f"The formula {text!r} can't be evaluated on the table: {reason.rstrip('.')}.{hint}"
        ) from error
    values = np.asarray(matrix, dtype=float).reshape(len(frame), -1)
    undefined = ~np.isfinite(values)
    if undefined.any():
        column = int(np.flatnonzero(undefined.any(axis=0))[0])
        marked = np.zeros(len(rows), dtype=bool)
        marked[np.flatnonzero(rows)[undefined[:, column]]] = True
        raise InputError(
            f"'{matrix.model_spec.column_names[column]}' is undefined or infinite in {name_rows(marked)}, though the answers "
            "are there. Correct them, or leave the rows out with where=."
        )
    return matrix


def _typed(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """Return columns in plain types: numbers, True and False, or categories that occur."""
    result: dict[str, Any] = {}
    for name in names:
        values = frame[name]
        kind = columns.kind(values)
        if kind == "date":
            raise InputError(
                f"Column {name!r} holds dates. Make it a number (years since a day) or categories first: survey.assign."
            )
        if isinstance(values.dtype, pd.CategoricalDtype):
            result[name] = values.cat.remove_unused_categories()
        elif kind == "category":
            result[name] = values.astype(object)
        elif pd.api.types.is_bool_dtype(values.dtype) or any(isinstance(v, (bool, np.bool_)) for v in values.head(20)):
            result[name] = values.astype(bool)
        else:
            # Whole numbers keep their names as categories: 2012 and not 2012.0.
            numbers = columns.numbers(values)
            whole = bool((numbers == np.round(numbers)).all()) and bool((np.abs(numbers) < 2**53).all())
            result[name] = pd.Series(numbers.astype(np.int64) if whole else numbers)
    return pd.DataFrame(result, index=frame.index)


def one_sided(formula: object, subject: str, elsewhere: str) -> str:
    """Return a formula that has a right side only; `elsewhere` says where its left side was given."""
    if not isinstance(formula, str) or not formula.strip():
        raise InputError(f"The formula{subject} is {formula!r}; it should read like '~ age + sex', or '~ 1'.")
    left, mark, right = formula.rpartition("~")
    if left.strip():
        raise InputError(f"The formula {formula!r} has something left of '~'. {elsewhere}; write only '~{right}'.")
    return f"~ {(right if mark else formula).strip()}"


def parse(text: str) -> Any:
    """Read a one-sided formula."""
    import formulaic  # noqa: PLC0415 (only for formulas; it takes as long to import as pandas)
    from formulaic.errors import FormulaicError  # noqa: PLC0415

    try:
        return formulaic.Formula(text)
    except (FormulaicError, SyntaxError) as error:
        raise InputError(f"The formula {text!r} can't be read: {str(error).splitlines()[0]}") from None


def variables(parsed: Any, table: pd.DataFrame) -> list[str]:
    """Return the columns that a parsed formula needs, also inside of functions such as poly(age, 2)."""
    names = {str(name) for name in parsed.required_variables}
    for factor in (factor for term in parsed for factor in term.factors):
        try:
            tree = ast.parse(str(factor.expr), mode="eval")
        except SyntaxError:  # a quoted name, which is a required variable already
            continue
        names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in table.columns}
    return sorted(names)


def occurring(values: pd.Series[Any]) -> pd.Series[Any]:
    """Leave out the categories that nobody has: their coefficients would be zero for everybody."""
    is_categorical = isinstance(values.dtype, pd.CategoricalDtype)
    return values.cat.remove_unused_categories() if is_categorical else values


def matrix(parsed: Any, text: str, used: pd.DataFrame, table: pd.DataFrame) -> tuple[tuple[str, ...], Floats]:
    """Return names and values of the columns that a one-sided formula makes of a table without missing values."""
    import formulaic  # noqa: PLC0415

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what matters is checked here
            made = formulaic.model_matrix(parsed, used, context={"np": np}, na_action="raise")
    except Exception as error:
        unknown = re.search(r"name '(\w+)' is not defined", str(error))
        if unknown:
            columns.column(table, unknown[1])  # raises, with the nearest name
        raise InputError(f"The formula {text!r} can't be evaluated: {str(error).splitlines()[0]}") from None
    if not hasattr(made, "model_spec") or made.shape[1] == 0:
        raise InputError(f"The formula {text!r} has no terms; without covariates write '~ 1'.")
    return tuple(map(str, made.model_spec.column_names)), np.ascontiguousarray(made, dtype=np.float64)
