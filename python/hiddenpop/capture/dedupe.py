"""A look at linked records before any estimate: duplicate ids inflate the size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..errors import InputError, name_rows, warn
from ..ground import columns
from ..ground.signatures import checked
from ..ground.text import another
from ..sample import design
from . import histories


@checked
def dedupe_check(table: object, ids: str | Sequence[str], lists: Sequence[str]) -> pd.DataFrame:
    """Look for people who have several rows, and show how lists overlap before and after joining them.

    Capture-recapture takes a row for a person. Somebody with two rows counts as two, and an overlap
    that the rows hide makes the estimate too large. Linking records is not done here; this tells
    whether it is finished.

    Parameters
    ----------
    table : DataFrame
        One row a record, with a column of 0 and 1 for each list.
    ids : str or list of str
        Columns that identify a person.
    lists : list of str
        Columns of the lists.

    Returns
    -------
    DataFrame
        A row a list and one for all: `rows` on it, `people` by ids, `extra_rows`, and people
        `on_another` list counting rows, and counting people with their rows joined.

    Warns
    -----
    HiddenpopWarning
        Some ids have several rows, or no id at all.

    See Also
    --------
    benchmark : a register's people.
    adjust.linkage, adjust.duplicates : what such errors do to a size.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> table = {"id": ["k7", "m2", "p9"], "treatment": [1, 1, 0], "police": [0, 1, 1]}
    >>> hp.dedupe_check(table, "id", ["treatment", "police"])
               rows  people  extra_rows  on_another_rows  on_another_people
    treatment     2       2           0                1                  1
    police        2       2           0                1                  1
    all           3       3           0                1                  1
    """
    frame = columns.read_table(table).reset_index(drop=True)
    names = histories.names(lists)
    history = histories.histories(frame, names)
    if not design.names(ids):
        raise InputError("ids names no column that tells people apart.")
    keys = [columns.column(frame, name) for name in design.names(ids)]
    for one in keys:
        columns.require_digits(one)
    lacking = np.any([columns.missing(key) for key in keys], axis=0)
    key = pd.MultiIndex.from_arrays(keys)
    person = pd.factorize(key)[0].astype(np.int64)
    person[lacking] = person.max(initial=0) + 1 + np.arange(int(lacking.sum()))
    again = pd.Series(person).duplicated().to_numpy(dtype=bool)
    joined = pd.Series(history.astype(np.int64)).groupby(person).agg(lambda h: np.bitwise_or.reduce(h.to_numpy()))
    if lacking.any():
        warn(f"{name_rows(lacking)} have no id: whether these people have other rows can't be told.")
    if again.any():
        warn(
            f"{name_rows(again)} repeat the id of an earlier row, of {len(joined):,} people in all. Join them before "
            "making Lists: table.groupby(ids)[lists].max().reset_index().",
        )
    rows = []
    bits = {**{name: 1 << j for j, name in enumerate(names)}, another("all", names, "lists"): (1 << len(names)) - 1}
    for bit in bits.values():
        on, people = history[history & bit > 0], joined[joined & bit > 0]
        several = [int(sum(int(h).bit_count() > 1 for h in part)) for part in (on, people)]
        rows.append([len(on), len(people), len(on) - len(people), *several])
    headings = ["rows", "people", "extra_rows", "on_another_rows", "on_another_people"]
    return pd.DataFrame(rows, index=pd.Index(list(bits)), columns=headings)
