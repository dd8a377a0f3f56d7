"""Who is in which group: columns of a table that cross into groups, and rows that are alike.

Everything that divides people asks here: domains, strata of surveys and of lists, parts of a register, margins,
cells of equal auxiliaries, kinds of identical rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import InputError, name_rows
from . import columns
from .columns import Codes


def read(table: pd.DataFrame, names: Sequence[str], lacking: str | None = None) -> list[tuple[Codes, pd.Index[Any]]]:
    """Return codes and labels of columns; -1 where a row has no answer, or an error that `lacking` ends.

    The error names the column and its rows: "Column 'group' {lacking}", with `{rows}` in it.
    """
    parts = []
    for name in names:
        codes, labels = columns.categories(columns.column(table, name))
        if lacking is not None and (codes < 0).any():
            raise InputError(f"Column {name!r} {lacking.format(rows=name_rows(codes < 0))}")
        parts.append((codes, labels))
    return parts


def cross(parts: Sequence[tuple[Codes, pd.Index[Any]]], names: Sequence[str]) -> tuple[Codes, pd.Index[Any]]:
    """Return each row's group and the labels of groups that occur, in the order of the columns' levels.

    One column keeps all of its labels. A row without an answer to one of several is in no group: -1.
    """
    if not parts:
        raise InputError("No column is named that makes groups.")
    if len(parts) == 1:
        codes, labels = parts[0]
        if isinstance(labels.dtype, np.dtype) and labels.dtype.kind in "if" and labels.dtype.itemsize == 8:
            return codes, labels.rename(names[0])
        return codes, pd.Index(labels.tolist(), name=names[0], tupleize_cols=False)
    outside = np.any([codes < 0 for codes, _ in parts], axis=0)
    shape = [max(len(labels), 1) for _, labels in parts]
    joint = np.ravel_multi_index([np.maximum(codes, 0) for codes, _ in parts], shape)
    found, position = np.unique(joint[~outside], return_inverse=True)
    groups = np.full(len(joint), -1, dtype=np.int64)
    groups[~outside] = position.ravel()
    levels = np.unravel_index(found, shape)
    rows = zip(*(labels[code].tolist() for (_, labels), code in zip(parts, levels, strict=True)), strict=True)
    return groups, pd.MultiIndex.from_tuples(list(rows), names=list(names))


def texts(labels: pd.Index[Any]) -> list[str]:
    """Return labels of groups as messages and sentences say them."""
    return [", ".join(map(str, label)) if isinstance(label, tuple) else str(label) for label in labels]


#: Numbers of combinations that are told apart at once.
MOST_AT_ONCE = 2**31


def alike(keys: Iterable[npt.ArrayLike | tuple[Codes, int]], rows: int, *, most: int | None = None) -> Codes | None:
    """Give rows that are equal in all keys one number, in order of appearance; None where there are more than `most`.

    A key may be coded already: codes, -1 for missing, and how many there are.
    """
    codes, size = np.zeros(rows, dtype=np.int64), 1
    for key in keys:
        found, width = _coded(key)
        if size * width > MOST_AT_ONCE:
            codes, seen = pd.factorize(codes)
            size = len(seen)
            if most is not None and size > most:
                return None
        codes, size = codes * width + found, size * width
    codes, seen = pd.factorize(codes)
    return None if most is not None and len(seen) > most else np.asarray(codes, dtype=np.int64)


def _coded(key: npt.ArrayLike | tuple[Codes, int]) -> tuple[Codes, int]:
    """Return codes from 0, and how many there are."""
    if isinstance(key, tuple):
        return key[0] + 1, key[1] + 1
    if isinstance(key, np.ndarray) and key.dtype == bool:
        return key.astype(np.int64), 2
    found, labels = pd.factorize(cast("Any", key), use_na_sentinel=False)
    return np.asarray(found, dtype=np.int64), max(len(labels), 1)


def first_of(codes: Codes) -> Codes:
    """Return the first row of each number."""
    return np.unique(codes, return_index=True)[1].astype(np.int64)
