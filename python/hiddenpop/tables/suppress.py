"""Small cells hidden so that they can't be subtracted back from totals (primary and complementary suppression)."""

from __future__ import annotations

import numpy as np

from ..ground.columns import Bools, Floats
from ..words.attack import Problem, protect


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
    A hidden count is safe when a reader must reckon with `below` and more, and with as many numbers as that (`attack`). The
    cells that are hidden for it are as few as can be, and chosen by where they stand, not by how large they are.
    """
    cells = np.vstack([levels, missing[None, :]]).astype(np.int64)
    rows, columns = cells.shape
    small = (levels > 0) & (levels < below)
    answered = levels.sum(axis=0)
    silent = (answered > 0) & (answered < below)
    hidden = small | silent[None, :]
    if not hidden.any():
        return hidden, silent
    groups = columns - total
    # Who has no group is a column that is known; the last column is the sum of all the others.
    rest = cells[:, -1:] - cells[:, :-1].sum(axis=1, keepdims=True) if total else np.zeros((rows, 0), dtype=np.int64)
    truth = np.hstack([cells[:, :groups], rest])
    place = np.arange(truth.size).reshape(truth.shape)

    def among(row: slice | int, column: int) -> Bools:
        """Mark the unknown numbers that a cell is the sum of."""
        marked = np.zeros(truth.size, dtype=bool)
        marked[place[row, column if column < groups else slice(None)].ravel()] = True
        return marked

    known = [among(slice(None), column) for column in range(groups)]
    known += [np.arange(truth.size) == one for one in place[:, groups:].ravel()]
    every = [(row, column) for row in range(rows - 1) for column in range(columns)]
    facts = [among(row, column) for row, column in every]
    facts += [among(slice(rows - 1), column) for column in range(columns)]
    secrets = [fact for fact, (row, column) in zip(facts, every, strict=False) if small[row, column]]
    secrets += [facts[len(every) + column] for column in np.flatnonzero(silent)]
    # How many answered is shown with any of their levels, and with the number missing.
    labels = np.eye(len(facts), dtype=bool)
    for column in range(columns):
        labels[len(every) + column, [i for i, one in enumerate(every) if one[1] == column]] = True
    # What is hidden by how large it is would tell that: it costs by where it stands, and the commonest answer most.
    prices = 1 + 0.01 * np.arange(rows - 1)[:, None] / rows + 0.005 * np.arange(columns) / columns
    prices[levels.sum(axis=1).argmax()] += 0.5 * (rows > 2)
    prices[:, cells[:, :groups].sum(axis=0).argmax()] += 0.25 * (groups > 1)
    prices[:, groups:] += 1
    cost = np.concatenate([prices.ravel(), np.full(columns, 1.0)])
    verdict = protect(
        Problem(
            truth.ravel(),
            np.array(known),
            np.array(facts),
            np.array(secrets),
            labels,
            np.concatenate([hidden.ravel(), silent]),
            np.ones(len(facts), dtype=bool),
            cost,
            # Where few answered all levels are hidden, zeros too.
            np.concatenate([np.tile(~silent, rows - 1), np.ones(columns, dtype=bool)]),
            np.zeros(len(facts), dtype=np.int64),
            np.zeros(len(secrets), dtype=np.int64),
            int(truth.sum()),
        ),
        below,
    )
    hidden = verdict.hidden[: len(every)].reshape(hidden.shape)
    return hidden, verdict.hidden[len(every) :] & hidden.all(axis=0)
