"""A report as data: everything but respondents' rows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from .. import _core
from ..ground.files import as_json
from ..words.table import Table
from .document import Block, Document, Figure, Grid, Heading

FORMAT = 1


def text(document: Document) -> str:
    """Return the report as JSON."""
    made = {
        "format": FORMAT,
        "kind": "hiddenpop report",
        "hiddenpop": _core.VERSION,
        "title": document.title,
        "author": document.author,
        "date": document.date,
        "language": document.language,
        "suppress_below": document.below,
        "caveats": [one.text for one in document.caveats],
        "content": [_block(block) for block in document.blocks],
        "methods": {
            "paragraphs": list(document.methods),
            "references": list(document.references),
            "settings": list(document.settings),
        },
    }
    return as_json(made)


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Grid):
        return {"type": "table", **block.record, "number": block.number, "table": _table(block.table)}
    if isinstance(block, Figure):
        return {"type": "figure", "number": block.number, "caption": block.caption, "description": block.alt}
    return {"type": "heading" if isinstance(block, Heading) else "text", "text": block.text}


def _table(table: Table) -> dict[str, Any]:
    rows = [{"label": row.label, "heading": row.heading, "cells": list(row.cells)} for row in table.rows]
    numbers = [
        {str(name): _plain(value) for name, value in zip(table.numbers.columns, line, strict=True)}
        for line in table.numbers.itertuples(index=False)
    ]
    return {
        "title": table.title,
        "columns": list(table.columns),
        "rows": rows,
        "notes": list(table.notes),
        "numbers": numbers,
    }


def _plain(value: Any) -> Any:
    """Write what JSON knows: a missing or infinite number is null."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return str(value)
