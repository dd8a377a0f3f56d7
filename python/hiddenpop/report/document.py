"""What a report holds, before it is a page, a paper or a record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..ground.language import plural, tr
from ..ground.text import capital, enumerated, show_texts
from ..words.table import Table


@dataclass(frozen=True)
class Heading:
    """Opens a section."""

    text: str

    def __post_init__(self) -> None:
        show_texts(self, "text")


@dataclass(frozen=True)
class Text:
    """One paragraph."""

    text: str

    def __post_init__(self) -> None:
        show_texts(self, "text")


@dataclass(frozen=True, eq=False)
class Grid:
    """A table with its number; `record` is what a JSON file keeps of where it comes from."""

    number: int
    table: Table
    record: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The caption."""
        return tr("Table {number}. {title}", number=self.number, title=capital(self.table.title))


@dataclass(frozen=True)
class Caveat:
    """What must be known before anything is read."""

    text: str
    #: Numbers of the tables that it is about; none where that is everything.
    about: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        show_texts(self, "text")

    @property
    def shown(self) -> str:
        """The text, with what it is about."""
        if not self.about:
            return self.text
        runs = [list(run) for run in np.split(self.about, np.flatnonzero(np.diff(self.about) > 1) + 1)]
        parts = [
            tr("{low} to {high}", low=run[0], high=run[-1]) if len(run) > 2 else enumerated(list(map(str, run)))
            for run in runs
        ]
        tables = ", ".join(parts)
        where = plural("Table {tables}", "Tables {tables}", n=len(self.about), tables=tables)
        return f"{self.text} ({where})"


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure as drawn: `vector` is SVG, `pixels` PNG."""

    vector: str
    pixels: bytes
    #: Width to height.
    ratio: float


@dataclass(frozen=True, eq=False)
class Figure:
    """A figure with its number, its caption, and what it shows in words."""

    number: int
    picture: Picture
    caption: str
    alt: str

    def __post_init__(self) -> None:
        show_texts(self, "caption", "alt")

    @property
    def title(self) -> str:
        """The caption."""
        return tr("Figure {number}. {title}", number=self.number, title=self.caption)


Block = Heading | Text | Grid | Figure


@dataclass(frozen=True, eq=False)
class Document:
    """A report, ready to be written."""

    title: str
    author: str | None
    date: str | None
    language: str
    caveats: tuple[Caveat, ...]
    blocks: tuple[Block, ...]
    #: Paragraphs.
    methods: tuple[str, ...]
    references: tuple[str, ...]
    settings: tuple[str, ...]
    below: int | None

    def __post_init__(self) -> None:
        show_texts(self, "title", "author", "date", "language", "methods", "references", "settings")

    def notes(self, grid: Grid) -> tuple[str, ...]:
        """Return what stands under a table: not what holds of everything, which stands at the top."""
        everywhere = {one.text for one in self.caveats if not one.about}
        return tuple(text for text in grid.table.notes if text not in everywhere)

    @property
    def byline(self) -> str:
        """Author and date."""
        return ", ".join(part for part in (self.author, self.date) if part)

    @property
    def repeat(self) -> str:
        """How to get the same numbers again."""
        if not self.settings:
            return ""
        return tr("To repeat the numbers: {settings}.", settings="; ".join(one.rstrip(".") for one in self.settings))
