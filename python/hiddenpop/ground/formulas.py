"""Formulas: their text, the columns that they name, and the numbers that one side makes of a table.

formulaic reads and evaluates them; nothing else in the package knows it. What is made of the numbers (which rows,
in which types, checked for what) is in `matrices`.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError, suggest
from . import columns
from .columns import Floats

INTERCEPT = "Intercept"


@dataclass(frozen=True, eq=False, repr=False)
class Terms:
    """One side of a formula: what it adds up."""

    #: The formula as messages call it.
    text: str
    #: The columns of the table that each term uses.
    uses: Mapping[str, frozenset[str]]
    #: What formulaic made of the text; after an evaluation also the levels, knots and means that it found.
    parsed: Any

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the table that it uses."""
        return tuple(sorted(frozenset().union(*self.uses.values())))


@dataclass(frozen=True, eq=False, repr=False)
class Formula:
    """A formula with both sides."""

    text: str
    #: What stands on the left, as it was written.
    outcome: str
    left: Terms
    right: Terms


@dataclass(frozen=True, eq=False, repr=False)
class Evaluated:
    """A side in numbers: a column a coefficient."""

    values: Floats
    names: tuple[str, ...]
    #: Which coefficients each term has, the intercept's left out.
    places: Mapping[str, tuple[int, ...]]
    #: Columns of the table that stand for categories, with those that occur, the reference first.
    levels: Mapping[str, tuple[Any, ...]]
    #: The same terms, which make the same columns of other rows.
    again: Terms


def one_sided(formula: object, subject: str, elsewhere: str) -> str:
    """Return a formula that has a right side only; `elsewhere` says where its left side was given."""
    if not isinstance(formula, str) or not formula.strip():
        raise InputError(f"The formula{subject} is {formula!r}; it should read like '~ age + sex', or '~ 1'.")
    left, mark, right = formula.rpartition("~")
    if left.strip():
        raise InputError(f"The formula {formula!r} has something left of '~'. {elsewhere}; write only '~{right}'.")
    return f"~ {(right if mark else formula).strip()}"


def read_right(text: str, known: Collection[str]) -> Terms:
    """Read a formula that has a right side only, all of whose names are known columns."""
    parsed = _parse(text)
    if not _is_sum(parsed):
        raise InputError(f"The formula {text!r} should be one list of terms, such as '~ age + sex'.")
    return _side(text, parsed, known)


def read_both(text: object, known: Collection[str]) -> Formula:
    """Read a formula with both sides, all of whose names are known columns."""
    if not isinstance(text, str):
        raise InputError(f"A formula is a text such as 'in_treatment ~ age + C(born)', not {type(text).__name__}.")
    parsed = _parse(text)
    if not hasattr(parsed, "lhs") or not hasattr(parsed, "rhs") or not _is_sum(parsed.rhs):
        raise InputError(f"The formula {text!r} needs an outcome and predictors: 'outcome ~ age + group'.")
    if not _is_sum(parsed.lhs) or len(parsed.lhs) != 1:
        raise InputError(
            f"The formula {text!r} should have one outcome on the left and one list of terms on the right."
        )
    left, right = _side(text, parsed.lhs, known), _side(text, parsed.rhs, known)
    return Formula(text, str(parsed.lhs[0]), left, right)


def evaluate(terms: Terms, frame: pd.DataFrame) -> Evaluated:
    """Return the numbers that terms make of a table without missing values; what they can't is an input error."""
    # Terms that were evaluated before keep what they were told then.
    options = {} if hasattr(terms.parsed, "encoder_state") else {"na_action": "ignore"}
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # what matters is checked in the numbers
            made = terms.parsed.get_model_matrix(frame, context={}, **options)
    except Exception as error:
        reason = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
        raise InputError(
            f"The formula {terms.text!r} can't be evaluated on the table: {reason.rstrip('.')}."
        ) from error
    if not hasattr(made, "model_spec") or made.shape[1] == 0:
        raise InputError(f"The formula {terms.text!r} has no terms; an intercept alone is '~ 1'.")
    spec = made.model_spec
    names = tuple(map(str, spec.column_names))
    places = {str(term): tuple(found) for term, found in spec.term_indices.items() if str(term) != "1"}
    values = np.ascontiguousarray(made, dtype=np.float64).reshape(len(frame), len(names))
    return Evaluated(values, names, places, _levels(spec, frame), replace(terms, parsed=spec))


def _parse(text: str) -> Any:
    import formulaic  # noqa: PLC0415 (a third of a second, only for models)
    from formulaic.errors import FormulaicError  # noqa: PLC0415 (as formulaic)

    try:
        return formulaic.Formula(text)
    except (FormulaicError, SyntaxError, ValueError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(
            f"The formula {text!r} can't be read: {reason.rstrip('.')}. Write terms as in 'age + C(born) + group'; a name "
            "with spaces stands in backquotes."
        ) from None


def _is_sum(side: Any) -> bool:
    """Tell one list of terms from several, as '|' makes them."""
    return hasattr(side, "get_model_matrix") and all(hasattr(term, "factors") for term in side)


def _side(text: str, parsed: Any, known: Collection[str]) -> Terms:
    uses = {}
    for term in parsed:
        found: set[str] = set()
        for factor in term.factors:
            expression, how = str(factor.expr), factor.eval_method.value
            named = {expression} if how == "lookup" else _named(text, expression, known) if how == "python" else set()
            for name in sorted(named - set(known)):
                raise InputError(
                    f"{name!r} is not defined in the formula {text!r}: the table has no column {name!r}. "
                    f"{suggest(name, known)}"
                )
            found |= named
        uses[str(term)] = frozenset(found)
    return Terms(text, uses, parsed)


def _named(text: str, factor: str, known: Collection[str]) -> set[str]:
    """Return what a factor written in Python names, other than functions and their options."""
    from formulaic.transforms import TRANSFORMS  # noqa: PLC0415 (as formulaic)

    quoted = {f"__quoted{place}": name for place, name in enumerate(re.findall(r"`([^`]+)`", factor))}
    stands = iter(quoted)
    try:
        nodes = list(ast.walk(ast.parse(re.sub(r"`[^`]+`", lambda _: next(stands), factor), mode="eval")))
    except SyntaxError:
        raise InputError(f"The formula {text!r} can't be read: {factor!r} is no expression.") from None
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    called = {id(call.func) for call in calls}
    owners = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}  # as in np.log
    own = {node.arg for node in nodes if isinstance(node, ast.arg)}  # of a lambda
    found = set()
    for node in nodes:
        if not isinstance(node, ast.Name):
            continue
        name = quoted.get(node.id, node.id)
        if name in TRANSFORMS and (id(node) in called | owners or name not in known):
            continue
        if id(node) in called:
            raise InputError(f"The formula {text!r} names {name!r}, which is no function that formulas know.")
        if isinstance(node.ctx, ast.Load) and (name in known or name not in own):
            found.add(name)
    for call in calls:
        if isinstance(call.func, ast.Name) and call.func.id == "Q":
            found |= {
                part.value for part in call.args if isinstance(part, ast.Constant) and isinstance(part.value, str)
            }
    return found


def _levels(spec: Any, frame: pd.DataFrame) -> dict[str, tuple[Any, ...]]:
    """Return the categories that occur in the model's order, the one that others are compared with first."""
    result: dict[str, tuple[Any, ...]] = {}
    for factor, (kind, state) in spec.encoder_state.items():
        names = [str(v) for v in spec.factor_variables.get(factor, ()) if str(v) in frame.columns]
        itself = len(names) == 1 and (str(factor).strip("`") == names[0] or str(factor).startswith("C("))
        if "categorical" not in str(kind).lower() or not itself:
            continue
        seen = columns.categories(frame[names[0]])[1].tolist()
        order = [level for level in state.get("categories", ()) if level in seen]
        order += [level for level in seen if level not in order]
        base = getattr(getattr(state.get("contrasts"), "contrasts", None), "base", None)
        first = [level for level in order if isinstance(level, type(base)) and level == base]
        result[names[0]] = (*first, *(level for level in order if level not in first))
    return result
