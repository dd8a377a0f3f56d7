"""The lines of a table, which every way out of it writes."""

from __future__ import annotations

from dataclasses import dataclass

from ..ground.language import tr
from ..ground.text import show_texts

#: What stands in a cell that is hidden because few people are in it; readers see it in their language.
HIDDEN = "hidden"


@dataclass(frozen=True)
class Row:
    """One line: its label, its cells as texts, and whether it opens a variable."""

    label: str
    cells: tuple[str, ...]
    heading: bool = False

    def __post_init__(self) -> None:
        show_texts(self, "label", "cells")
        if HIDDEN in self.cells:
            object.__setattr__(self, "cells", tuple(tr("hidden") if cell == HIDDEN else cell for cell in self.cells))
