"""A program as a notebook: its cells, without what they show, so that the file holds nothing of anybody."""

from __future__ import annotations

import json
from typing import Any

from .program import Program

HEAD = """# Written by the hiddenpop explorer

Put this notebook into the folder of the table that its first cell reads, and run all cells: they give what the explorer showed,
digit by digit, and write the report beside it. The notebook holds no answers and no results until you run it."""


def notebook(program: Program) -> bytes:
    """Return the file of a notebook (version 4.5 of its format).

    Examples
    --------
    >>> from hiddenpop.explorer.program import Cell, Program
    >>> b"import hiddenpop" in notebook(Program((Cell("import hiddenpop as hp", "", ""),)))
    True
    """
    cells: list[dict[str, Any]] = [{"cell_type": "markdown", "source": HEAD}]
    cells += [
        {"cell_type": "code", "source": cell.text, "outputs": [], "execution_count": None} for cell in program.cells
    ]
    for number, cell in enumerate(cells):
        cell |= {"id": f"cell-{number}", "metadata": {}}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1).encode()
