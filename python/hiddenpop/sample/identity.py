"""Who is who: ids that name each participant once, and rows that look as if somebody was entered twice."""

from __future__ import annotations

import itertools
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
#: What stands for a missing answer: -1, as codes have it.
MISSING = np.uint64(2**64 - 1)
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
    # Numbers are quick to hash and tell most people apart; nothing else is looked at where they tell all.
    kinds = [_slowness(dtype) for dtype in answers.dtypes]
    order = sorted(range(len(kinds)), key=kinds.__getitem__)
    hashed = []
    total = np.zeros(len(answers), dtype=np.uint64)
    for place, following in itertools.zip_longest(order, order[1:]):
        hashed.append(_hashed(answers[answers.columns[place]], place))
        total += hashed[-1]
        if kinds[place] == 0 or following is None or kinds[place] != kinds[following]:
            alike = _doubled(total)
            if not alike.any():
                return None
    lost = sum(
        (column[alike] == _mixed(MISSING, place)).astype(int) for place, column in zip(order, hashed, strict=True)
    )
    alike[alike] = lost <= len(answers.columns) / 2
    found = _pairs(total[alike])
    if not found or _by_chance(hashed, total, found):
        return None
    return IDENTICAL.format(rows=name_rows(alike), columns=len(answers.columns))


def _by_chance(hashed: Sequence[Hashes], total: Hashes, found: int) -> bool:
    """Tell whether so many pairs of people may well be alike, by how many differ in a single answer.

    Of people who are alike but for a column j, p / (1 - p) times as many are alike in it too, p being the chance that two
    people agree in j. The chance of so many pairs is Poisson's.
    """
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
    dtype = values.dtype
    if isinstance(dtype, np.dtype) and dtype.kind == "f":
        plain = values.to_numpy(dtype=np.float64) + 0.0  # -0 becomes 0
        return _mixed(np.where(np.isnan(plain), MISSING, plain.view(np.uint64)), place)
    if isinstance(dtype, np.dtype) and dtype.kind in "iub":
        return _mixed(values.to_numpy().astype(np.uint64) ^ np.uint64(1 << 63), place)
    if isinstance(dtype, pd.CategoricalDtype):
        return _mixed(values.cat.codes.to_numpy().astype(np.uint64), place)
    try:
        return _mixed(pd.factorize(values)[0].astype(np.uint64), place)
    except TypeError:  # lists and the like, which questions refuse
        return np.zeros(len(values), dtype=np.uint64)


def _mixed(bits: Any, place: int) -> Hashes:
    """Mix the bits of numbers, in another way in each place: the finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    with np.errstate(over="ignore"):
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
