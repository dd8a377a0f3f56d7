"""The lines of a table, which every way out of it writes."""

from __future__ import annotations

from dataclasses import dataclass

from ..ground.text import show_texts


@dataclass(frozen=True)
class Row:
    """One line: its label, its cells as texts, and whether it opens a variable."""

    label: str
    cells: tuple[str, ...]
    heading: bool = False

    def __post_init__(self) -> None:
        show_texts(self, "label", "cells")
