"""Captions: those that users give, and how tables and figures of one title are told apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..ground.language import tr
from ..ground.text import capital, enumerated
from .document import Block, Figure, Grid, Heading
from .shown import Shown

#: What tells titles apart is no longer than this.
LONGEST = 60


def captioned(seen: Shown, caption: str | None) -> Shown:
    """Give a result the caption that its user gave, if any."""
    if caption is None:
        return seen
    table = None if seen.table is None else replace(seen.table, title=caption)
    return replace(seen, table=table, caption=caption)


def apart(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Say in titles that several have in what they differ: their groupings, their rows, their sections, or the order.

    A figure stands under its table, and is called as that is.
    """
    blocks = list(blocks)
    for kind in (Grid, Figure):
        named: dict[str, list[int]] = {}
        for i, block in enumerate(blocks):
            if isinstance(block, kind):
                named.setdefault(_title(block).casefold(), []).append(i)
        for same in named.values():
            if len(same) > 1:
                for i, text in zip(same, _differences(blocks, same), strict=True):
                    blocks[i] = _called(blocks[i], f"{_title(blocks[i])} ({text})")
    return tuple(blocks)


def _differences(blocks: Sequence[Block], same: Sequence[int]) -> list[str]:
    """Return what tells blocks apart, the first way that does."""
    ways: tuple[Callable[[int], str], ...] = (
        lambda i: _grouping(_table_of(blocks, i)),
        lambda i: _rows(_table_of(blocks, i)),
        lambda i: next((one.text for one in reversed(blocks[:i]) if isinstance(one, Heading)), ""),
    )
    for way in ways:
        texts = [way(i) for i in same]
        if len({text.casefold() for text in texts}) == len(texts) and all(0 < len(text) <= LONGEST for text in texts):
            return texts
    return [str(i) for i in range(1, len(same) + 1)]


def _table_of(blocks: Sequence[Block], i: int) -> Grid | None:
    """Return a table, or the one whose figure it is."""
    place = i if isinstance(blocks[i], Grid) else i - 1
    found = blocks[place] if place >= 0 else None
    return found if isinstance(found, Grid) else None


def _grouping(grid: Grid | None) -> str:
    """Say by what an estimate is."""
    if grid is None or grid.record.get("type") != "estimate":
        return ""
    names = [str(name) for name in grid.table.numbers.columns]
    own = names[: names.index("estimate")] if "estimate" in names else []
    return "" if not own or "label" in own else tr("by {columns}", columns=enumerated(own))


def _rows(grid: Grid | None) -> str:
    """Name the lines of a table; of one with variables these, without their levels."""
    if grid is None:
        return ""
    rows = [row for row in grid.table.rows if row.heading] or grid.table.rows
    return ", ".join(row.label for row in rows)


def _title(block: Block) -> str:
    return capital(block.table.title) if isinstance(block, Grid) else block.caption if isinstance(block, Figure) else ""


def _called(block: Block, title: str) -> Block:
    if isinstance(block, Grid):
        return replace(block, table=replace(block.table, title=title))
    return replace(block, caption=title) if isinstance(block, Figure) else block
