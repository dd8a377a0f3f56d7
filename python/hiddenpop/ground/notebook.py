"""How results of several parts show in notebooks."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any

import pandas as pd

from ..errors import visible
from .handed import handed


def show(*parts: Any, notes: Iterable[str] = ()) -> str:
    """Return HTML: texts as paragraphs, tables and estimates as they show themselves, and notes in small print."""
    below = [f"<p><small>{_lines(note)}</small></p>" for note in notes]
    return "".join([_part(part) for part in parts] + below)


def _part(part: Any) -> str:
    if isinstance(part, str):
        return f"<p>{_lines(part)}</p>" if part else ""
    return str(handed(part).to_html(border=0) if isinstance(part, pd.DataFrame) else part._repr_html_())


def _lines(text: str) -> str:
    return html.escape(visible(text)).replace("\n", "<br>")
