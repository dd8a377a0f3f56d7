"""Covariates from formulas: what a parameter depends on, checked before anything is fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..errors import InputError, listing, name_rows
from ..ground import columns, formulas
from ..ground.columns import Floats

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
    text = formulas.one_sided(formula, f" of {parameter}", "What is counted is said in hp.CaptureCounts")
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
    parsed = formulas.parse(text)
    names = formulas.variables(parsed, table)
    for name in names:
        lacking = columns.missing(columns.column(table, name))
        if lacking.any():
            raise InputError(
                f"Covariate {name!r} is missing in {name_rows(lacking)}. People without it can't be modelled: give missing "
                "answers a category of their own, or leave these people out and say that the size is that of the others."
            )
    used = table[names].apply(formulas.occurring) if names else table[names].copy()
    terms, values = formulas.matrix(parsed, text, used, table)
    bad = np.asarray(~np.isfinite(values).all(axis=1))
    if bad.any():
        raise InputError(f"The formula {text!r} gives no finite number in {name_rows(bad)}, such as the log of zero.")
    return terms, values


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
