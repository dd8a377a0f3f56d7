"""Covariates of a register: what a parameter depends on, checked before anything is fitted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..ground import collinear, formulas, matrices
from ..ground.matrices import ModelMatrix

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


def continued_to_zero(counts: CaptureCounts) -> ModelMatrix:
    """Return what a line in the times seen is at none: its value at 0, and no slope."""
    alone = constant(counts)
    values = np.column_stack([alone.values[:, 0], np.zeros(len(counts._table))])
    return replace(alone, values=values, names=("at 0", "times seen"))


def _made(text: str, counts: CaptureCounts, parameter: str) -> ModelMatrix:
    table = counts._table
    terms, rows = formulas.read_right(text, table.columns), np.arange(len(table))
    matrices.require(table, terms.columns, rows)
    made = matrices.make(terms, table, rows)
    collinear.check(made.values, made.names, of=f" of {parameter}", tolerance=collinear.DEPENDENT_AS_GIVEN)
    return made
