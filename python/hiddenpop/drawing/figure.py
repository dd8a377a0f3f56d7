"""Figures that notebooks show with words for those who don't see them."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from html import escape
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure


class Described(Figure):
    """A figure whose HTML, which notebooks show, carries what it shows in words."""

    def __init__(self, *args: Any, words: Callable[[Axes], str], **look: Any) -> None:
        super().__init__(*args, **look)
        self._words = words

    def _repr_html_(self) -> str:
        """Return the figure as a picture with its words."""
        told = " ".join(text for text in map(self._words, self.axes) if text)
        pixels = io.BytesIO()
        self.savefig(pixels, format="png", bbox_inches="tight")
        source = base64.b64encode(pixels.getvalue()).decode()
        return f'<img alt="{escape(told)}" src="data:image/png;base64,{source}" style="max-width:100%">'
