"""Small cells hidden so that they can't be subtracted back from totals (primary and complementary suppression)."""

from __future__ import annotations

import numpy as np

from ..ground.columns import Bools, Floats
from ..words.attack import Problem, protect


def hide(levels: Floats, missing: Floats, below: int, *, total: bool) -> Bools:
    """Say which cells of one variable to hide.

    How large columns are, and how many of each did not answer, is known to the reader; with a total column, that of those
    without a group too.

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
    (levels x columns) array of bool
        What to hide.

    Notes
    -----
    A hidden count is safe when a reader must reckon with `below` and more, and with as many numbers as that (`attack`). The
    cells that are hidden for it are as few as can be, and chosen by where they stand, not by how large they are.
    """
    cells = levels.astype(np.int64)
    rows, columns = cells.shape
    groups = columns - total
    # Who has no group makes a column that nobody sees.
    rest = cells[:, -1:] - cells[:, :-1].sum(axis=1, keepdims=True) if total else np.zeros((rows, 0), dtype=np.int64)
    truth = np.hstack([cells[:, :groups], rest])
    answered = cells.sum(axis=0)
    silent = (answered > 0) & (answered < below)
    small = (cells > 0) & (cells < below)
    hidden = small | silent[None, :]
    apart = (rest > 0) & (rest < below)
    if not hidden.any() and not apart.any():
        return np.asarray(hidden)
    place = np.arange(truth.size).reshape(truth.shape)

    def among(row: slice | int, column: int) -> Bools:
        """Mark the unknown numbers that a cell is the sum of."""
        marked = np.zeros(truth.size, dtype=bool)
        marked[place[row, column if column < groups else slice(None)].ravel()] = True
        return marked

    known = [np.isin(np.arange(truth.size), place[:, column]) for column in range(truth.shape[1])]
    every = [(row, column) for row in range(rows) for column in range(columns)]
    facts = [among(row, column) for row, column in every]
    secrets = [fact for fact, (row, column) in zip(facts, every, strict=True) if small[row, column]]
    secrets += [np.arange(truth.size) == one for one in place[:, groups:][apart]]
    # What is hidden by how large it is would tell that: it costs by where it stands, and the commonest answer most.
    prices = 1 + 0.01 * np.arange(rows)[:, None] / (rows + 1) + 0.005 * np.arange(columns) / columns
    prices[levels.sum(axis=1).argmax()] += 0.5 * (rows > 1)
    prices[:, (levels + missing)[:, :groups].sum(axis=0).argmax()] += 0.25 * (groups > 1)
    prices[:, groups:] += 1
    verdict = protect(
        Problem(
            truth.ravel(),
            np.array(known),
            np.array(facts),
            np.array(secrets).reshape(-1, truth.size),
            np.eye(len(facts), dtype=bool),
            hidden.ravel(),
            np.ones(len(facts), dtype=bool),
            prices.ravel(),
            np.tile(~silent, rows),  # where few answered all levels are hidden, zeros too
            np.zeros(len(facts), dtype=np.int64),
            np.zeros(len(secrets), dtype=np.int64),
            int(truth.sum()),
        ),
        below,
    )
    return np.asarray(verdict.hidden.reshape(hidden.shape))
