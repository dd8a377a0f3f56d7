"""Lists as a report shows them: who is on each, how they overlap, and which pairs go together or apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..capture.describe import Description
from ..capture.lists import Lists
from ..ground.language import number, tr
from ..ground.text import enumerated, label_of
from ..words import printed
from ..words.rows import Row
from ..words.table import NOTHING, Table


@dataclass(frozen=True, eq=False)
class Overview:
    """One table of lists, with the figure that shows it, if one does."""

    table: Table
    caveats: tuple[str, ...]
    drawn: Callable[[Any], Any] | None = None
    alt: str = ""


def overviews(thing: Lists | Description) -> list[Overview]:
    """Return the tables of lists, or of their description: people on each, their overlaps, their pairs."""
    lists = thing if isinstance(thing, Lists) else None
    found = thing.describe() if isinstance(thing, Lists) else thing
    caveats = (lists.record.note,) if lists is not None and lists.record.note else ()
    names = [str(name) for name in found.lists.index]
    called = f"'{lists.record.name}'" if lists is not None and lists.record.name else enumerated(names)
    overlaps = _overlaps(names, found.overlaps, caveats)
    seen = "; ".join(f"{row.label}: {row.cells[0]}" for row in overlaps.rows)
    drawn = None if lists is None else lambda ax: lists.plot(ax=ax)
    return [
        Overview(_people(found, called, caveats), caveats),
        Overview(overlaps, caveats, drawn, tr("People by the lists that they are on. {lists}.", lists=seen)),
        Overview(_pairs(found.pairs, len(names), caveats), caveats),
    ]


def _people(found: Description, called: str, caveats: tuple[str, ...]) -> Table:
    rows = [
        Row(label_of(name), (number(people), number(alone), number(share, ".1%")))
        for name, people, alone, share in found.lists.itertuples(name=None)
    ]
    rows.append(Row(tr("any of them"), (number(found.overlaps.iloc[:, -1].sum()), "", number(1.0, ".1%"))))
    columns = (tr("people"), tr("on no other list"), tr("share of all who were seen"))
    return Table(
        tr("People on the lists {names}", names=called), columns, tuple(rows), caveats, found.lists.reset_index()
    )


def _overlaps(names: list[str], frame: pd.DataFrame, caveats: tuple[str, ...]) -> Table:
    marks = frame[names].to_numpy(dtype=bool)
    people = frame.iloc[:, -1]
    rows = []
    for row, count in zip(marks, people, strict=True):
        on = [label_of(name) for name, marked in zip(names, row, strict=True) if marked]
        cells = (number(count), number(count / people.sum(), ".1%"))
        rows.append(Row(tr("{list} only", list=on[0]) if len(on) == 1 else enumerated(on), cells))
    columns = (tr("people"), tr("share of all who were seen"))
    return Table(tr("People by the lists that they are on"), columns, tuple(rows), caveats, frame)


def _pairs(frame: pd.DataFrame, count: int, caveats: tuple[str, ...]) -> Table:
    notes = [
        tr("Size if independent: what the two lists by themselves would give (Lincoln-Petersen)."),
        tr(
            "Odds ratio: among people on at least one other list; above 1 the two lists share more people than independent ones "
            "would."
        ),
    ]
    rows = []
    for label, both, size, ratio, lower, upper in frame.itertuples(name=None):
        low, high = number(lower, ".2f"), number(upper, ".2f")
        span = (
            NOTHING
            if np.isnan(ratio)
            else tr("{value} ({low} to {high})", value=number(ratio, ".2f"), low=low, high=high)
        )
        rows.append(
            Row(enumerated([label_of(name) for name in label]), (number(both), printed.show(size, 0, "size"), span))
        )
    columns = (tr("on both"), tr("size if independent"), tr("odds ratio (95% interval)"))
    told = tuple(notes if count > 2 else notes[:1])
    return Table(
        tr("Pairs of lists"),
        columns,
        tuple(rows),
        (*told, *caveats),
        frame.reset_index(names=["list", "other list"]),
    )
