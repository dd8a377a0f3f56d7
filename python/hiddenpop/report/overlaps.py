"""Lists as a report shows them: who is on each, how they overlap, and which pairs go together or apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..capture.lists import Lists
from ..ground.text import enumerated, label_of
from ..tables.rows import Row
from ..tables.table import NOTHING, Table
from ..words import printed


@dataclass(frozen=True, eq=False)
class Overview:
    """One table of lists, with the figure that shows it, if one does."""

    table: Table
    caveats: tuple[str, ...]
    drawn: Callable[[Any], Any] | None = None
    alt: str = ""


def overviews(lists: Lists) -> list[Overview]:
    """Return the tables of lists: people on each, their overlaps, their pairs."""
    caveats = (lists.record.note,) if lists.record.note else ()
    called = f"'{lists.record.name}'" if lists.record.name else enumerated(list(lists.names))
    found = lists.describe()
    overlaps = _overlaps(lists, found.overlaps, caveats)
    seen = "; ".join(f"{row.label}: {row.cells[0]}" for row in overlaps.rows)
    return [
        Overview(_people(lists, found.lists, called, caveats), caveats),
        Overview(overlaps, caveats, lambda ax: lists.plot(ax=ax), f"People by the lists that they are on. {seen}."),
        Overview(_pairs(lists, found.pairs, caveats), caveats),
    ]


def _people(lists: Lists, frame: pd.DataFrame, called: str, caveats: tuple[str, ...]) -> Table:
    rows = [
        Row(label_of(name), (f"{people:,}", f"{alone:,}", f"{share:.1%}"))
        for name, people, alone, share in frame.itertuples(name=None)
    ]
    rows.append(Row("any of them", (f"{lists.n:,}", "", "100.0%")))
    columns = ("people", "on no other list", "share of all who were seen")
    return Table(f"People on the lists {called}", columns, tuple(rows), caveats, frame.reset_index())


def _overlaps(lists: Lists, frame: pd.DataFrame, caveats: tuple[str, ...]) -> Table:
    names = list(lists.names)
    marks = frame[names].to_numpy(dtype=bool)
    people = frame.iloc[:, -1]
    rows = [
        Row(
            f"{label_of(on[0])} only" if len(on) == 1 else enumerated([label_of(name) for name in on]),
            (f"{count:,}", f"{count / lists.n:.1%}"),
        )
        for on, count in (
            ([n for n, m in zip(names, row, strict=True) if m], c) for row, c in zip(marks, people, strict=True)
        )
    ]
    return Table(
        "People by the lists that they are on", ("people", "share of all who were seen"), tuple(rows), caveats, frame
    )


def _pairs(lists: Lists, frame: pd.DataFrame, caveats: tuple[str, ...]) -> Table:
    notes = [
        "Size if independent: what the two lists by themselves would give (Lincoln-Petersen).",
        "Odds ratio: among people on at least one other list; above 1 the two lists share more people than independent ones would.",
    ]
    rows = []
    for label, both, size, ratio, lower, upper in frame.itertuples(name=None):
        span = NOTHING if np.isnan(ratio) else f"{ratio:.2f} ({lower:.2f} to {upper:.2f})"
        rows.append(
            Row(enumerated([label_of(name) for name in label]), (f"{both:,}", printed.show(size, 0, "size"), span))
        )
    columns = ("on both", "size if independent", "odds ratio (95% interval)")
    told = tuple(notes if len(lists) > 2 else notes[:1])
    return Table(
        "Pairs of lists", columns, tuple(rows), (*told, *caveats), frame.reset_index(names=["list", "other list"])
    )
