"""Reading capture histories: who is on which list, from rows of people or rows of overlaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import InputError, listing, name_rows
from ..ground import columns, grouping
from ..ground.columns import Codes, Floats
from ..sample import design, fieldwork

#: A table has 2^k cells.
MOST_LISTS = 12
#: Texts that people use for being on a list or not.
_MARKS = "Give 1 (or True) for those on the list and 0 (or False) for those not on it"


def names(given: object) -> tuple[str, ...]:
    """Return the lists' names, or say what is wrong with them."""
    if isinstance(given, str):
        raise InputError(f"One list ({given!r}) says nothing about those on none. Name two at least: ['a', 'b'].")
    lists = design.names(list(given) if isinstance(given, (pd.Index, np.ndarray)) else given)
    if len(lists) < 2:
        raise InputError(
            "Capture-recapture needs two lists at least: its information is in who is on both. For one list with repeated "
            "entries use how often each person was seen (zero-truncated counts)."
        )
    if len(lists) > MOST_LISTS:
        raise InputError(
            f"{len(lists)} lists are more than {MOST_LISTS}: their overlaps would have {2 ** len(lists):,} cells. Join lists "
            "of the same kind first, for example all hospitals: table['hospital'] = table[['a', 'b']].max(axis=1)."
        )
    return lists


def histories(frame: pd.DataFrame, lists: Sequence[str]) -> npt.NDArray[np.uint32]:
    """Return each row's history: bit j for list j."""
    result = np.zeros(len(frame), dtype=np.uint32)
    for place, name in enumerate(lists):
        values = columns.column(frame, name)
        lacking = columns.missing(values)
        if lacking.any():
            raise InputError(
                f"List {name!r} is missing in {name_rows(lacking)}: it is not known whether these people are on it. "
                f"{_MARKS}."
            )
        marks = columns.numbers(values, what="marks of 0 and 1")
        wrong = (marks != 0) & (marks != 1)
        if wrong.any():
            raise InputError(
                f"List {name!r} holds other values than 0 and 1 in {name_rows(wrong)}. {_MARKS}; for counts of "
                f"contacts: table[{name!r}] > 0."
            )
        result |= marks.astype(np.uint32) << np.uint32(place)
    return result


def people(frame: pd.DataFrame, counts: str | None, history: npt.NDArray[np.uint32]) -> Floats:
    """Return how many people each row stands for; nobody may be on no list."""
    number = np.ones(len(frame)) if counts is None else fieldwork.frequencies(frame, counts).astype(float)
    unseen = (history == 0) & (number > 0)
    if unseen.any():
        what = "people" if counts is None else "cells with people"
        raise InputError(
            f"All lists are 0 in {name_rows(unseen)}: {what} on none of the lists. Who is on no list is what is to be "
            "estimated; leave these rows out, for example table[table[lists].any(axis=1)]."
        )
    return number


def strata(frame: pd.DataFrame, by: tuple[str, ...]) -> tuple[Codes, pd.Index[Any]]:
    """Return each row's stratum and the strata's labels, the user's own."""
    if not by:
        return np.zeros(len(frame), dtype=np.int64), pd.Index(["all"])
    lacking = "defines the strata but is missing in {rows}. Fill these in, or make 'unknown' a stratum of its own."
    stratum, labels = grouping.cross(grouping.read(frame, by, lacking), by)
    return np.asarray(stratum, dtype=np.int64), labels


def coverage(
    covers: Mapping[str, Any] | None, lists: tuple[str, ...], labels: pd.Index[Any], table: Floats
) -> npt.NDArray[np.bool_]:
    """Return which list covers which stratum (strata x lists), checked against the people found there."""
    covered = np.ones((len(labels), len(lists)), dtype=bool)
    for name, given in (covers or {}).items():
        if name not in lists:
            raise InputError(f"covers= names {name!r}, which is no list. The lists are {listing(lists)}.")
        wanted = [given] if isinstance(given, (str, tuple)) else list(given)
        unknown = [label for label in wanted if label not in labels]
        if unknown:
            raise InputError(
                f"covers= gives {name!r} the stratum {unknown[0]!r}; the strata are {listing(list(labels))}."
            )
        covered[:, lists.index(name)] = labels.isin(wanted)
    for place, name in enumerate(lists):
        on = np.array([(np.arange(table.shape[1]) >> place) & 1], dtype=bool)[0]
        number = table[:, on].sum(axis=1)
        outside = ~covered[:, place] & (number > 0)
        if outside.any():
            raise InputError(
                f"covers= says that list {name!r} does not cover {listing(list(labels[outside]))}, yet people on it are there."
            )
        empty = covered[:, place] & (number == 0)
        if empty.all():
            raise InputError(f"Nobody is on list {name!r}. Leave it out.")
        if empty.any():
            raise InputError(
                f"Nobody in {listing(list(labels[empty]))} is on list {name!r}. If it does not operate there, say so: "
                f"covers={{{name!r}: {list(labels[~empty & covered[:, place]])!r}}}; otherwise join these strata to similar "
                "ones, or leave the list out."
            )
    return covered
