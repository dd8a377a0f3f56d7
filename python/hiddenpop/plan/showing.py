"""How plans show in notebooks."""

from __future__ import annotations

import html

import pandas as pd


def in_notebook(said: str, table: pd.DataFrame) -> str:
    """Return what a plan says above its table."""
    return f"<p>{html.escape(said).replace(chr(10), '<br>')}</p>{table.to_html()}"
