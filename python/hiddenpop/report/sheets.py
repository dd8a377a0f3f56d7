"""Which parts of a report stand on upright pages and which on lying ones, so that hardly a page is left half empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

#: A page that is filled to this share may be left for another kind of page.
ENOUGH = 0.5
#: A section that takes no more than this of a page goes where its next piece goes.
OPENING = 0.25


@dataclass(frozen=True, eq=False)
class Piece:
    """A part of a document that is written at once: how high it is on lines of some cm, and how it is written."""

    height: Callable[[float], float]
    write: Callable[[Any], None]
    #: Whether an upright page is too narrow for it.
    wide: bool = False
    #: Whether it stays with what follows, as a heading does.
    opens: bool = False


@dataclass(frozen=True)
class Paper:
    """Width and height of the text on a page, in cm."""

    width: float
    height: float


@dataclass(eq=False)
class Sheet:
    """Pieces on pages of one kind."""

    paper: Paper
    lying: bool
    pieces: list[Piece] = field(default_factory=list)
    #: How far the current page is filled, in cm, and which pieces stand on it.
    filled: float = 0.0
    here: list[Piece] = field(default_factory=list)

    def add(self, piece: Piece) -> None:
        """Put a piece below the others."""
        high = piece.height(self.paper.width)
        if self.filled + high > self.paper.height:
            self.here = self._headings()
            self.filled = sum(one.height(self.paper.width) for one in self.here)
        self.filled = (self.filled + high) % self.paper.height
        self.pieces.append(piece)
        self.here.append(piece)

    @property
    def enough(self) -> bool:
        """Whether the current page may be left."""
        return self.filled >= ENOUGH * self.paper.height

    def _headings(self) -> list[Piece]:
        """Return the headings that nothing stands below yet."""
        count = 0
        while count < len(self.pieces) and self.pieces[-1 - count].opens:
            count += 1
        return self.pieces[len(self.pieces) - count :]

    def _opening(self) -> int:
        """Count the last heading and what stands below it, where that is little and the page may be left without it."""
        high = 0.0
        for count, piece in enumerate(reversed(self.here), 1):
            high += piece.height(self.paper.width)
            if high > OPENING * self.paper.height or self.filled - high < ENOUGH * self.paper.height:
                return 0
            if piece.opens and (count == len(self.here) or not self.here[-count - 1].opens):
                return count
        return 0

    def take(self) -> list[Piece]:
        """Take away what goes with the next piece: headings and words just above it; the whole page where that is hardly begun."""
        count = max(len(self._headings()), self._opening()) if self.enough else len(self.here)
        taken = self.pieces[len(self.pieces) - count :]
        del self.pieces[len(self.pieces) - count :]
        return taken


def sheets(pieces: Sequence[Piece], upright: Paper, lying: Paper) -> list[Sheet]:
    """Lay pieces out in their order.

    A wide piece opens lying pages. What stands on a page that is hardly begun moves there with it, and what follows stays there
    until the page is filled.
    """
    made = [Sheet(upright, lying=False)]
    for piece in pieces:
        now = made[-1]
        if piece.wide and not now.lying:
            made.append(Sheet(lying, lying=True))
            for one in now.take():
                made[-1].add(one)
        elif now.lying and not piece.wide and now.enough:
            made.append(Sheet(upright, lying=False))
            for one in now.take():
                made[-1].add(one)
        made[-1].add(piece)
    return [sheet for sheet in made if sheet.pieces]
