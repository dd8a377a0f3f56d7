"""Doubts about a table's answers, said once when something is made of it: blanks, words for missing answers, spellings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api import types

from ..errors import listing
from ..ground import columns
from ..ground.columns import Levels

#: What files and forms write where there is no answer, beside nothing at all.
NO_ANSWER = frozenset(
    {
        "na",
        "n/a",
        "#n/a",
        "<na>",
        "nan",
        "null",
        ".",
        "missing",
        "refused",
        "refusal",
        "no answer",
        "no response",
        "not stated",
    }
)
#: With more levels than this a column is no question with answers to choose from.
MOST_LEVELS = 50


def doubts(
    units: pd.DataFrame,
    people: npt.NDArray[Any],
    names: Iterable[str],
    known: Mapping[str, Levels | None] = MappingProxyType({}),
) -> list[str]:
    """Return what is doubtful about the answers in some columns of `people` a row, a sentence or two for each.

    Levels of columns of text may be known already.
    """
    found = []
    for name in names:
        codes, levels = _texts(units[name], known.get(name))
        if not levels:
            continue
        plain = [" ".join(level.split()).casefold() if isinstance(level, str) else None for level in levels]
        count = np.bincount(codes + 1, weights=people, minlength=len(levels) + 1)[1:]
        found += _blank(name, plain, count)
        found += _no_answer(name, levels, plain, count)
        if len(levels) <= MOST_LEVELS:
            found += _spelling(name, levels, plain, count)
    return found


def _texts(values: pd.Series[Any], known: Levels | None) -> Levels:
    """Return codes and levels of a column of texts; no levels of other columns, and of those that tell people apart."""
    nothing: Levels = (np.zeros(0, dtype=np.int64), [])
    if isinstance(values.dtype, pd.StringDtype):
        known = known or columns.levels(values) or nothing
        return nothing if len(known[1]) == len(values) > 10 else known
    if isinstance(values.dtype, pd.CategoricalDtype):
        levels = values.cat.categories
        return np.asarray(values.cat.codes, dtype=np.int64), levels.tolist() if _has_text(levels) else []
    if not types.is_object_dtype(values.dtype) or not _has_text(values):
        return nothing
    try:
        codes, found = pd.factorize(values)
    except TypeError:  # lists and the like, which questions refuse
        return nothing
    return nothing if len(found) == len(values) > 10 else (np.asarray(codes, dtype=np.int64), list(found))


def _has_text(values: pd.Series[Any] | pd.Index[Any]) -> bool:
    if isinstance(values.dtype, pd.StringDtype):
        return bool(values.notna().any())  # holds nothing else
    return any(isinstance(value, str) for value in values[values.notna()][:1000].tolist())


def _blank(name: str, plain: list[str | None], count: Any) -> list[str]:
    blank = sum(n for text, n in zip(plain, count, strict=True) if text == "")
    if not blank:
        return []
    many, verb = ("answers", "are") if blank > 1 else ("answer", "is")
    return [
        f"{blank:,.0f} {many} in column {name!r} {verb} blank text, which counts as an answer like any other. If nothing was "
        f"answered there, make them missing beforehand: df[{name!r}] = df[{name!r}].mask(df[{name!r}].str.strip() == '')."
    ]


def _no_answer(name: str, levels: list[Any], plain: list[str | None], count: Any) -> list[str]:
    places = [i for i, text in enumerate(plain) if text in NO_ANSWER and count[i]]
    if not places:
        return []
    said = [levels[i] for i in places]
    many = int(sum(count[i] for i in places))
    what = (
        "answers {} look like missing ones ({}) and count as answers"
        if many > 1
        else ("answer {} looks like a missing one ({}) and counts as an answer")
    )
    return [
        f"{many:,} {what.format(f'in column {name!r}', listing(said))}. If so, make them missing beforehand: "
        f"df[{name!r}] = df[{name!r}].mask(df[{name!r}].isin({said!r}))."
    ]


def _spelling(name: str, levels: list[Any], plain: list[str | None], count: Any) -> list[str]:
    alike: dict[str, list[str]] = {}
    for level, text, n in zip(levels, plain, count, strict=True):
        if text and n:
            alike.setdefault(text, []).append(level)
    doubled = [same for same in alike.values() if len(same) > 1]
    if not doubled:
        return []
    return [
        f"Levels of {name!r} differ only in capitals or spaces and are counted apart: "
        f"{'; '.join(listing(same) for same in doubled[:3])}. If they mean the same, join them beforehand: "
        f"df[{name!r}] = df[{name!r}].str.strip().str.lower()."
    ]
