"""Tables in Excel: one sheet to read, one with the numbers behind it."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any

import numpy as np
import pandas as pd

from ..ground.files import needed, suffix, unwritten
from ..ground.handed import as_text, excel_text
from .rows import Row


def write(
    path: str | PathLike[str],
    title: str,
    columns: Sequence[str],
    rows: Sequence[Row],
    notes: Sequence[str],
    numbers: pd.DataFrame,
) -> None:
    """Write both sheets."""
    suffix(path, [".xlsx"])
    styles = needed("openpyxl.styles", "openpyxl")
    book = needed("openpyxl", "openpyxl").Workbook()
    sheet = book.active
    sheet.title = "table"
    _put(sheet, 1, 1, title).font = styles.Font(bold=True, size=12)
    for column, text in enumerate(("", *columns), start=1):
        head = _put(sheet, 3, column, text)
        head.font = styles.Font(bold=True)
        head.border = styles.Border(top=styles.Side(style="thin"), bottom=styles.Side(style="thin"))
        head.alignment = styles.Alignment(horizontal="left" if column == 1 else "center", wrap_text=True)
    for line, row in enumerate(rows, start=4):
        label = _put(sheet, line, 1, row.label)
        label.font = styles.Font(bold=row.heading)
        label.alignment = styles.Alignment(indent=0 if row.heading else 1)
        for column, text in enumerate(row.cells, start=2):
            _put(sheet, line, column, text).alignment = styles.Alignment(horizontal="center")
    for line, note in enumerate(notes, start=5 + len(rows)):
        _put(sheet, line, 1, note).font = styles.Font(size=9, italic=True)
    letters = needed("openpyxl.utils", "openpyxl").get_column_letter
    sheet.column_dimensions["A"].width = 2 + max((len(row.label) for row in rows), default=10)
    for column in range(len(columns)):
        texts = [columns[column], *(row.cells[column] for row in rows)]
        sheet.column_dimensions[letters(column + 2)].width = 2 + max(map(len, texts))
    sheet.freeze_panes = "B4"
    _numbers(book.create_sheet("numbers"), numbers, styles)
    with unwritten("table", path):
        book.save(str(path))


def _numbers(sheet: Any, frame: pd.DataFrame, styles: Any) -> None:
    for column, name in enumerate(frame.columns, start=1):
        _put(sheet, 1, column, str(name)).font = styles.Font(bold=True)
    for line, values in enumerate(frame.itertuples(index=False), start=2):
        for column, value in enumerate(values, start=1):
            if not pd.isna(value):
                _put(sheet, line, column, value)
    sheet.freeze_panes = "A2"


def _put(sheet: Any, row: int, column: int, value: Any) -> Any:
    """Write a value; a text stays a text and no formula, whatever it begins with."""
    cell = sheet.cell(row=row, column=column)
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
        number = float(value)
        if np.isfinite(number):
            cell.value = int(number) if number.is_integer() else number
        return cell
    cell.value = excel_text(str(value))
    as_text(cell)
    return cell
