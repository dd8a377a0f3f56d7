"""Covariates of a register: what a parameter depends on, checked before anything is fitted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..ground import collinear, formulas, matrices
from ..ground.matrices import ModelMatrix
from .families import Family

if TYPE_CHECKING:
    from .register import CaptureCounts


def read(formula: object, counts: CaptureCounts, parameter: str) -> ModelMatrix:
    """Return the covariates that a formula asks for.

    Raises
    ------
    InputError
        No formula, unknown columns, missing values, or covariates that say the same.
    """
    text = formulas.one_sided(formula, f" of {parameter}", "What is counted is said in hp.CaptureCounts")
    if text not in counts._read:
        counts._read[text] = constant(counts) if text == "~ 1" else _made(text, counts, parameter)
    return counts._read[text]


def constant(counts: CaptureCounts) -> ModelMatrix:
    """Return an intercept alone."""
    return matrices.constant(len(counts._table))


def continued_to_zero(counts: CaptureCounts, family: Family) -> ModelMatrix:
    """Return what of a line in the times seen takes frequencies back to nobody seen: its value at 0, or those at 0 and 1."""
    alone, log = constant(counts), "_log" in family.name
    inflated = family.modelled[0] == 2
    row = [2.0, np.log(2.0) if log else 1.0] if inflated else [1.0, 0.0]
    names = ("at 0", "log(times seen + 1)" if log else "times seen")
    return replace(alone, values=np.tile(row, (len(counts._table), 1)), names=names)


def _made(text: str, counts: CaptureCounts, parameter: str) -> ModelMatrix:
    table = counts._table
    others = [name for name in table.columns if name not in counts._counted]
    terms, rows = formulas.read_right(text, table.columns, others), np.arange(len(table))
    matrices.require(table, terms.columns, rows)
    made = matrices.make(terms, table, rows)
    collinear.check(made.values, made.names, of=f" of {parameter}", tolerance=collinear.DEPENDENT_AS_GIVEN)
    return made
