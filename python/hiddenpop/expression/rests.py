"""On how many participants labels rest, as far as one who publishes them must know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..ground.columns import Bools, Floats


@dataclass(frozen=True, eq=False)
class Rests:
    """Which labels rest on few participants, each by itself, and from what else they could be worked out.

    Estimates of the same people can be subtracted from one another, so that labels are looked at together with all that
    is shown, as the cells of a cross-table.
    """

    few: Bools
    #: The cross-table (`sample.cut.Cut`), and the cell of each label; None where no sum of others gives the labels away.
    cut: Any = None
    places: tuple[tuple[int, int], ...] = ()
    #: More cross-tables that all labels together tell, such as the margins that a model fits: one hidden cell hides them all.
    whole: tuple[Any, ...] = ()

    @property
    def cuts(self) -> tuple[Any, ...]:
        """All cross-tables that the labels tell something of."""
        return (*([] if self.cut is None else [self.cut]), *self.whole)

    @property
    def hidden(self) -> Bools:
        """Which labels are hidden by now: cells of the cross-table may have been since it was made."""
        if any(cut.hidden.any() for cut in self.whole):
            return np.ones(len(self.few), dtype=bool)
        if self.cut is None:
            return self.few
        cells: Bools = np.array([self.cut.hidden[place] for place in self.places], dtype=bool)
        return np.asarray(self.few | cells)


def on_nobody(labels: int) -> Rests:
    """Say that labels rest on no participants who could be told from them."""
    return Rests(np.zeros(labels, dtype=bool))


def on_seen(labels: int, seen: Floats | None, below: int) -> Rests:
    """Say that sizes rest on the people seen: fewer than `below` are too few; where nobody counted them, so it is refused."""
    if seen is None:
        return Rests(np.ones(labels, dtype=bool))
    return Rests(~(seen >= below) & (seen != 0))
