"""Arithmetic of estimates: what combines with them, how labels align, what the result is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pandas as pd

from ..errors import InputError, in_words, listing
from ..expression import graph, operations
from ..expression.labelled import Labelled
from ..expression.operations import Constant, Operation, Take, symbol_of
from ..ground.checks import real
from ..ground.columns import Floats, is_number
from ..ground.text import cut


def within(result: object) -> str:
    """Say where the estimate is, for what was given in place of one that it holds."""
    return "Its estimate is .estimate. " if isinstance(getattr(result, "estimate", None), Labelled) else ""


#: How ranges are written, by how many numbers stand for one.
RANGES = {
    2: "For a quantity that lies anywhere between two numbers write hp.uniform({0}, {1}).",
    3: "For a quantity with a likely value and two ends write hp.triangular({0}, {1}, {2}).",
}


def ranged(value: object) -> str:
    """Say how a range is written, of what stands for one: two or three numbers."""
    if not isinstance(value, (tuple, list)) or len(value) not in RANGES or not all(map(is_number, value)):
        return ""
    return RANGES[len(value)].format(*map(in_words, sorted(value)))


def _bracket(est: Labelled) -> str:
    """Bracket the name of a sum or a difference inside another expression."""
    sign = symbol_of(est.node)
    compound = sign is not None and f" {'−' if sign == '-' else sign} " in est.name
    return f"({est.name})" if compound else est.name


def negate(event: Labelled) -> Labelled:
    """Turn an event into its opposite."""
    if event.quantity != "event":
        raise InputError("~ turns a comparison around, such as ~(a > b).")
    name = cut(f"not ({event.name})")
    return Labelled(Operation("~", (event.node,), "event"), event.labels, event.scalar, name)


def as_estimate(value: object) -> Labelled:
    """Make numbers, mappings and Series estimates without uncertainty."""
    if isinstance(value, Labelled):
        return value
    if isinstance(value, (bool, np.bool_)):
        raise InputError(f"{in_words(value)} is not a number to calculate with.")
    if is_number(value) or (isinstance(value, np.ndarray) and value.ndim == 0):
        number = real(value)
        text = f"{number:,g}"
        return Labelled(Constant(_finite(np.array([number]))), pd.Index([text]), True, text)
    if isinstance(value, Mapping):
        value = pd.Series(dict(value))
    if isinstance(value, pd.Series):
        return _of_series(value)
    if isinstance(value, str):
        raise InputError(f"{in_words(value)} is text, not a number: write 8126, not '8126'.")
    how = ranged(value)
    if how:
        raise InputError(f"{in_words(value)} is no number. {how}")
    raise InputError(
        f"An estimate combines with numbers, pandas Series and other estimates, not with {type(value).__name__}. "
        f"{within(value) or 'Put an array into a Series with the estimate labels as its index.'}".rstrip()
    )


def _of_series(values: pd.Series[Any]) -> Labelled:
    """Make numbers by label an estimate without uncertainty."""
    if not values.index.is_unique:
        raise InputError("The labels of the Series are not unique, so they can't be aligned.")
    if len(values) == 0:
        raise InputError("The Series has no values.")
    given = list(zip(values.index, values.tolist(), strict=True))
    wrong = [(label, one) for label, one in given if isinstance(one, (str, bool)) or one is None]
    if wrong:
        text = " but text: write 8126, not '8126'" if all(isinstance(one, str) for _, one in wrong) else ""
        raise InputError(f"The values at {listing([label for label, _ in wrong])} are not numbers{text}.")
    for label, one in given:
        if ranged(one):
            raise InputError(f"The value at {in_words(label)} is no number. {ranged(one)}")
    try:
        numbers = values.to_numpy(dtype=float, copy=True)  # what its owner changes later are other numbers
    except (TypeError, ValueError):
        raise InputError("Some values are not numbers.") from None
    missing = list(values.index[~np.isfinite(numbers)])
    if missing:
        raise InputError(f"The numbers at {listing(missing)} are missing or infinite.")
    labels = values.index.copy()
    return Labelled(Constant(numbers, labels=labels), values.index.copy(), False, str(values.name or "numbers"))


def _finite(numbers: Floats) -> Floats:
    if not np.isfinite(numbers).all():
        raise InputError("A number to calculate with is missing or infinite.")
    return numbers


def binary(symbol: str, left: object, right: object) -> Labelled:
    """Combine two estimates, or an estimate and numbers, draw by draw."""
    a, b = as_estimate(left), as_estimate(right)
    if symbol in operations.EVENTS and not a.quantity == b.quantity == "event":
        raise InputError("& and | join comparisons, such as hp.prob((a > 1) & (a < b)).")
    graph.check_joint([a.node, b.node])
    a, b, labels = align(a, b)
    node = Operation(symbol, (a.node, b.node), graph.product_of(symbol, a.node, b.node))
    shown = {"*": "×", "-": "−", "&": "and", "|": "or"}.get(symbol, symbol)
    name = cut(f"{_bracket(a)} {shown} {_bracket(b)}")
    if a.scalar and b.scalar:
        same = a.name == b.name
        name = a.name if same and symbol in ("*", "/") else name
        return Labelled(node, pd.Index([name]), True, name)
    return Labelled(node, labels, False, name)


def align(a: Labelled, b: Labelled) -> tuple[Labelled, Labelled, pd.Index[Any]]:
    """Bring two estimates to the same labels, or say which have no partner.

    One-label estimates go with everything. Otherwise labels must be the same, in any order; or one
    side's level names must all be levels of the other, whose labels then remain (sizes by group
    times shares by group and category).
    """
    if a.scalar or b.scalar or a.labels.equals(b.labels):
        return a, b, (b if a.scalar else a).labels
    # Numbers take the order of the estimate that they combine with.
    if a.labels.nlevels < b.labels.nlevels or a.node.constant:
        return _widen(a, b.labels), b, b.labels
    return a, _widen(b, a.labels), a.labels


def _widen(narrow: Labelled, labels: pd.Index[Any]) -> Labelled:
    wanted: Any = labels
    levels: list[Any] = list(narrow.labels.names)
    if (
        narrow.labels.nlevels == labels.nlevels > 1
        and levels != list(labels.names)
        and set(levels) == set(labels.names)
    ):
        wanted = cast("pd.MultiIndex", labels).reorder_levels(levels)
    if narrow.labels.nlevels < labels.nlevels:
        if not all(name is not None and name in labels.names for name in levels):
            raise InputError(
                f"The labels of '{narrow.name}' ({levels}) don't say to which of the levels {list(labels.names)} they "
                "belong."
            )
        wanted = labels.to_frame(index=False)[levels]
        wanted = pd.Index(wanted[levels[0]]) if len(levels) == 1 else pd.MultiIndex.from_frame(wanted)
    positions = narrow.labels.get_indexer(wanted)
    unmatched = [*wanted[positions < 0].unique(), *narrow.labels.difference(wanted, sort=False)]
    if unmatched:
        raise InputError(
            f"Labels don't match: {listing(unmatched)} occur on one side only. Select the labels you mean on both "
            "sides (est[['a', 'b']]), rename them, or pick one (est['a']), which combines with all."
        )
    return Labelled(Take((narrow.node,), tuple(int(p) for p in positions)), labels, False, narrow.name)
