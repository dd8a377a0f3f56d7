"""Small cells hidden so that they can't be subtracted back from totals (primary and complementary suppression)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..ground.columns import Bools, Floats

#: Singular values and entries of null vectors below this are rounding.
TINY = 1e-9


def hide(levels: Floats, missing: Floats, below: int, *, total: bool) -> tuple[Bools, Bools]:
    """Say which cells of one variable to hide.

    Numbers of participants by column (the levels and the missing add up to the column's size) and, with a total column,
    by row are known to the reader, and so is who has no group. Shares reveal how many answered, so the
    missing of a column are hidden only together with all of its levels.

    Parameters
    ----------
    levels : array (levels x columns)
        Participants at each level; for numbers and dates one row, those who answered.
    missing : array (columns)
        Participants who did not answer.
    below : int
        Cells from 1 to below - 1 are hidden, and so is a column in which fewer answered.
    total : bool
        Whether the last column is the sum of the others (and of those without a group).

    Returns
    -------
    (levels x columns) and (columns) arrays of bool
        What to hide.

    Notes
    -----
    A hidden count is safe when the relations leave it free: when some change of the hidden cells keeps all sums and
    moves it, that is, some vector of the null space has an entry there (Willenborg and de Waal 2001, Elements of
    Statistical Disclosure Control, ch. 6). Cells are added, the smallest first, until all are safe.
    """
    cells = np.vstack([levels, missing[None, :]])
    hidden = (cells > 0) & (cells < below)
    hidden[-1] = False  # how many did not answer is no property of theirs
    answered = levels.sum(axis=0)
    hidden |= ((answered > 0) & (answered < below))[None, :]
    relations = _relations(cells.shape, total=total)
    while hidden.any():
        open_to_all = _determined(hidden, relations)
        if not open_to_all.any():
            break
        found = _partner(cells, hidden, open_to_all, total=total)
        if found is None:
            hidden[:] = True
            break
        row, column = found
        hidden[row, column] = True
        if row == len(cells) - 1:
            hidden[:, column] = True
    return hidden[:-1], hidden[-1]


def _relations(shape: tuple[int, int], *, total: bool) -> Floats:
    """Return the sums that the reader knows (sums x cells, row by row)."""
    rows, columns = shape
    found: list[npt.NDArray[np.float64]] = []
    for column in range(columns):
        one = np.zeros(shape)
        one[:, column] = 1
        found.append(one.ravel())
    for row in range(rows if total else 0):
        one = np.zeros(shape)
        one[row] = 1
        one[row, -1] = -1
        found.append(one.ravel())
    return np.array(found)


def _determined(hidden: Bools, relations: Floats) -> Bools:
    """Mark hidden cells whose count follows from the shown ones."""
    flat = hidden.ravel()
    _, values, vectors = np.linalg.svd(relations[:, flat])
    null = vectors[int((values > TINY).sum()) :]
    result = np.zeros(len(flat), dtype=bool)
    result[flat] = np.abs(null).max(axis=0, initial=0.0) < TINY
    return result.reshape(hidden.shape)


def _partner(cells: Floats, hidden: Bools, determined: Bools, *, total: bool) -> tuple[int, int] | None:
    """Choose a shown cell that shares a sum with a cell that can be worked out.

    First in a line that has a single hidden cell, which gives it away; there the smallest that is not zero,
    if possible in a line across that has hidden cells already.
    """
    shape, last = cells.shape, len(cells) - 1
    lines = [_line(shape, column=column) for column in range(shape[1])]
    lines += [_line(shape, row=row) for row in range(shape[0])] if total else []
    touched = [line for line in lines if (line & determined).any()]
    alone = [line for line in touched if (line & hidden).sum() == 1]
    choices = []
    for line in alone or touched:
        for row, column in np.argwhere(line & ~hidden):
            whole = row == last  # brings its column along
            is_total = total and column == shape[1] - 1
            cost = cells[:, column].sum() if whole else cells[row, column]
            others = hidden[row].any() and hidden[:, column].any()
            choices.append((whole, cost == 0, is_total, not others, float(cost), int(row), int(column)))
    if not choices:
        return None
    *_, chosen_row, chosen_column = min(choices)
    return chosen_row, chosen_column


def _line(shape: tuple[int, int], *, row: int | None = None, column: int | None = None) -> Bools:
    """Mark a row or a column."""
    marked = np.zeros(shape, dtype=bool)
    if row is not None:
        marked[row] = True
    if column is not None:
        marked[:, column] = True
    return marked
