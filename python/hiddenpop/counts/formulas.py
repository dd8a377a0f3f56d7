"""Covariates from formulas: what a parameter depends on, checked before anything is fitted."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .. import columns
from ..columns import Floats
from ..errors import InputError, listing, name_rows

if TYPE_CHECKING:
    from .register import CaptureCounts

#: Singular values below this part of the largest say that columns depend on one another.
DEPENDENT = 1e-9


@dataclass(frozen=True, eq=False)
class Covariates:
    """What one parameter depends on: a column a coefficient."""

    formula: str
    terms: tuple[str, ...]
    values: Floats


def read(formula: object, counts: CaptureCounts, parameter: str) -> Covariates:
    """Return the covariates that a formula asks for.

    Raises
    ------
    InputError
        No formula, unknown columns, missing values, or covariates that say the same.
    """
    if not isinstance(formula, str) or not formula.strip():
        raise InputError(f"The formula of {parameter} is {formula!r}; it should read like '~ age + sex', or '~ 1'.")
    left, mark, right = formula.rpartition("~")
    if left.strip():
        raise InputError(
            f"The formula {formula!r} has something left of '~'. What is counted is said in hp.CaptureCounts; write only "
            f"'~{right}'."
        )
    text = f"~ {(right if mark else formula).strip()}"
    if text not in counts._read:
        if text == "~ 1":
            made = constant(counts)
        else:
            made = Covariates(text, *_matrix(text, counts._table))
            _check_rank(made, parameter)
        counts._read[text] = made
    return counts._read[text]


def constant(counts: CaptureCounts) -> Covariates:
    """Return an intercept alone."""
    return Covariates("~ 1", ("Intercept",), np.ones((len(counts._table), 1)))


def _matrix(text: str, table: pd.DataFrame) -> tuple[tuple[str, ...], Floats]:
    import formulaic  # noqa: PLC0415 (only for formulas; it takes as long to import as pandas)
    from formulaic.errors import FormulaicError  # noqa: PLC0415

    try:
        parsed = formulaic.Formula(text)
    except (FormulaicError, SyntaxError) as error:
        raise InputError(f"The formula {text!r} can't be read: {str(error).splitlines()[0]}") from None
    names = _variables(parsed, table)
    for name in names:
        lacking = columns.missing(columns.column(table, name))
        if lacking.any():
            raise InputError(
                f"Covariate {name!r} is missing in {name_rows(lacking)}. People without it can't be modelled: give missing "
                "answers a category of their own, or leave these people out and say that the size is that of the others."
            )
    used = table[names].copy()
    for name in names:
        if isinstance(used[name].dtype, pd.CategoricalDtype):
            used[name] = used[name].cat.remove_unused_categories()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what matters is checked here
            matrix = formulaic.model_matrix(parsed, used, context={"np": np}, na_action="raise")
    except Exception as error:
        unknown = re.search(r"name '(\w+)' is not defined", str(error))
        if unknown:
            columns.column(table, unknown[1])  # raises, with the nearest name
        raise InputError(f"The formula {text!r} can't be evaluated: {str(error).splitlines()[0]}") from None
    values = np.ascontiguousarray(matrix, dtype=np.float64)
    if values.shape[1] == 0:
        raise InputError(f"The formula {text!r} has no terms; without covariates write '~ 1'.")
    bad = np.asarray(~np.isfinite(values).all(axis=1))
    if bad.any():
        raise InputError(f"The formula {text!r} gives no finite number in {name_rows(bad)}, such as the log of zero.")
    return tuple(map(str, matrix.model_spec.column_names)), values


def _variables(parsed: Any, table: pd.DataFrame) -> list[str]:
    """Return the columns that a formula needs, also inside of functions such as poly(age, 2)."""
    names = {str(name) for name in parsed.required_variables}
    for factor in (factor for term in parsed for factor in term.factors):
        try:
            tree = ast.parse(str(factor.expr), mode="eval")
        except SyntaxError:  # a quoted name, which is a required variable already
            continue
        names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in table.columns}
    return sorted(names)


def _check_rank(made: Covariates, parameter: str) -> None:
    scale = np.sqrt((made.values**2).sum(axis=0))
    empty = [term for term, length in zip(made.terms, scale, strict=True) if length == 0]
    if empty:
        raise InputError(f"The covariates {listing(empty)} of {parameter} are zero for everybody; leave them out.")
    gram = (made.values / scale).T @ (made.values / scale)
    sizes, vectors = np.linalg.eigh(gram)
    if sizes[0] > DEPENDENT * sizes[-1]:
        return
    tied = [term for term, part in zip(made.terms, vectors[:, 0], strict=True) if abs(part) > 1e-4]
    raise InputError(
        f"The covariates {listing(tied)} of {parameter} say the same (one follows from the others), so they can't be told "
        "apart. Leave one of them out."
    )
