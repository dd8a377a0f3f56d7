"""Who is who: ids that name each participant once, and rows that look as if somebody was entered twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api import types

from ..errors import InputError, name_rows
from ..ground import columns
from ..ground.columns import Bools

Hashes = npt.NDArray[np.uint64]
#: Under this name a record keeps the hashes of declared ids, whatever their column is called; no column is called so.
IDS = "\0ids"
#: What an id column holds, where somebody asks about it.
HELD = "the ids of participants"
#: With fewer answers than this two people may well be alike.
WIDE = 8
#: How many times as many pairs as chance explains are told.
MORE = 2
NO_ID = "Column {name!r} has no id in {rows}. id= names a column that tells every participant apart: complete it, or leave id= out."
DOUBLE = (
    "Column {name!r} names some participants more than once, in {rows}. Each should have one row: take out those that were "
    "entered twice, or correct their ids."
)
COUNTED = "id= names participants one by one and doesn't go with counts=, where a row stands for several."
OF_DESIGN = "Column {name!r} is part of the design, so it can't be the ids of participants as well."
IDENTICAL = (
    "{rows} are identical to another one in all of their {columns} columns, and too few differ in one column only for that to be "
    "chance. If somebody was entered twice, take one out beforehand: df = df.drop_duplicates(). If they are "
    "different people, name the column of their ids: hp.Survey(..., id='number')."
)


def read_ids(frame: pd.DataFrame, name: str, design: Sequence[str], people: npt.NDArray[Any]) -> Hashes:
    """Return the hashes of ids, sorted; refuse missing ones, and participants with several rows. Errors name rows by number."""
    values = columns.column(frame, name)
    if name in design:
        raise InputError(OF_DESIGN.format(name=name))
    if (people > 1).any():
        raise InputError(COUNTED)
    texts = _texts(values)
    lost = columns.missing(values) | (texts == "")
    if lost.any():
        raise InputError(NO_ID.format(name=name, rows=name_rows(lost)))
    hashes = pd.util.hash_array(texts)
    double = pd.Series(texts).duplicated(keep=False).to_numpy()
    if double.any():
        raise InputError(DOUBLE.format(name=name, rows=name_rows(double)))
    return np.sort(hashes)


def _texts(values: pd.Series[Any]) -> npt.NDArray[Any]:
    """Write ids so that 7, 7.0 and "7 " are one."""
    if types.is_float_dtype(values.dtype):
        known = values.dropna()
        values = values.astype("Int64") if bool((known % 1 == 0).all()) else values
    return values.astype(object).map(lambda one: str(one).strip()).to_numpy(dtype=object)


def shared(a: Hashes, b: Hashes) -> int:
    """Count the participants of both."""
    return len(np.intersect1d(a, b, assume_unique=True))


def identical(answers: pd.DataFrame, design: Sequence[str]) -> str | None:
    """Say which rows of a wide table are identical, unless many people are nearly so.

    People who are alike by chance come with many more who differ in a single answer. Rows in which most answers are
    missing say too little to be told apart.
    """
    if len(answers.columns) - len(set(design) & set(answers.columns)) < WIDE:
        return None
    # Numbers are quick to hash and tell most people apart; texts are looked at where people are alike so far.
    order = sorted(range(len(answers.columns)), key=lambda i: _slowness(answers.dtypes.iloc[i]))
    alike = np.arange(len(answers))
    hashed = np.zeros(len(answers), dtype=np.uint64)
    for i in order:
        column = answers.iloc[:, i]
        hashed += _hashed(column if len(alike) == len(answers) else column.iloc[alike], i)
        doubled = _doubled(hashed)
        if not doubled.any():
            return None
        alike, hashed = alike[doubled], hashed[doubled]
    told = answers.iloc[alike].notna().mean(axis=1).to_numpy() >= 0.5
    alike, hashed = alike[told], hashed[told]
    found = _pairs(hashed)
    if not found or _by_chance(answers, found):
        return None
    marked = np.zeros(len(answers), dtype=bool)
    marked[alike] = True
    return IDENTICAL.format(rows=name_rows(marked), columns=len(answers.columns))


def _by_chance(answers: pd.DataFrame, found: int) -> bool:
    """Tell whether so many pairs of people may well be alike, by how many differ in a single answer.

    Of people who are alike but for a column j, p / (1 - p) times as many are alike in it too, p being the chance that two
    people agree in j. The chance of so many pairs is Poisson's.
    """
    hashed = [_hashed(answers.iloc[:, i], i) for i in range(len(answers.columns))]
    total = np.add.reduce(np.array(hashed, dtype=np.uint64))
    everything = len(total) * (len(total) - 1) / 2
    whole = _pairs(total)
    near = sum(_pairs(total - one) - whole for one in hashed)
    agree = np.clip([_pairs(one) / everything for one in hashed], 1 / len(total), 1)
    odds = float(((1 - agree) / agree).sum())
    expected = (near + 0.5) / odds if odds else np.inf
    return bool(found <= MORE * expected)


def _slowness(dtype: Any) -> int:
    if types.is_float_dtype(dtype):
        return 0
    return 1 if types.is_numeric_dtype(dtype) else 2 if isinstance(dtype, pd.CategoricalDtype) else 3


def _hashed(values: pd.Series[Any], place: int) -> Hashes:
    """Hash a column's answers, another way in each place, so that sums of them tell rows apart."""
    if types.is_float_dtype(values.dtype) and isinstance(values.dtype, np.dtype):
        plain = values.to_numpy(dtype=np.float64) + 0.0
        bits = np.where(np.isnan(plain), 0x7FF8 << 48, plain.view(np.uint64)).astype(np.uint64)
    elif isinstance(values.dtype, np.dtype) and values.dtype.kind in "iub":
        bits = values.to_numpy().astype(np.uint64)
    elif isinstance(values.dtype, pd.CategoricalDtype):
        bits = values.cat.codes.to_numpy().astype(np.uint64)
    else:
        try:
            bits = np.fromiter(map(hash, values.tolist()), np.int64, len(values)).astype(np.uint64)
        except TypeError:  # lists and the like, which questions refuse
            return np.zeros(len(values), dtype=np.uint64)
        bits[values.isna().to_numpy()] = 0
    # The finaliser of SplitMix64 (Steele, Lea and Flood 2014), seeded by the place.
    bits = bits + np.uint64((0x9E3779B97F4A7C15 * (place + 1)) % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        bits = (bits ^ (bits >> np.uint64(shift))) * np.uint64(factor)
    return np.asarray(bits ^ (bits >> np.uint64(31)), dtype=np.uint64)


def _doubled(hashes: Hashes) -> Bools:
    """Mark what is there more than once."""
    order = np.argsort(hashes, kind="stable")
    same = hashes[order][1:] == hashes[order][:-1]
    found = np.zeros(len(hashes), dtype=bool)
    found[order[1:]] |= same
    found[order[:-1]] |= same
    return found


def _pairs(hashes: Hashes) -> int:
    """Count the pairs of equal ones."""
    ordered = np.sort(hashes)
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    counts = np.diff(np.append(-1, ends))
    return int((counts * (counts - 1) // 2).sum())
