"""Columns that say nothing of their own: zero for everybody, or following from the columns before them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import InputError, listing
from .aside import aside
from .columns import Floats
from .formula_text import INTERCEPT

#: What a column has of its own, as a share of its length, up to which it follows from the others. Fits work with squares
#: of it, and numbers have 16 digits: below 1e-8 the squares are rounding.
DEPENDENT = 1e-8
#: The same for fits that take columns as they are, without making them orthogonal first: squares must stay well above
#: rounding, since nothing brings back the digits that columns share.
DEPENDENT_AS_GIVEN = 5e-5
#: A column takes part in another from this many times the tolerance on; what is less is what the tolerance lets pass.
PART = 100.0


def dependent(values: Floats, *, tolerance: float = DEPENDENT, scale: float | None = None) -> list[int]:
    """Return the columns that are zero or follow from those before them, in order.

    Parameters
    ----------
    values : array (rows x columns)
        Or the triangle of their QR decomposition, which has the same lengths and angles.
    tolerance : float
        Share of a column's length that it must have of its own.
    scale : float, optional
        The length itself, for columns that have a common unit, in which a short one is a zero.
    """
    length = aside(lambda: np.linalg.norm(values, axis=0), numbers=values.size)
    unit = length if scale is None else np.full(len(length), scale)
    # The same lengths and angles in few rows.
    scaled = aside(lambda: values / np.where(unit > 0, unit, 1), numbers=values.size)
    triangle: Floats = aside(lambda: np.asarray(np.linalg.qr(scaled, mode="r")), numbers=values.size)
    basis = np.zeros((len(triangle), 0))
    found = []
    for place, column in enumerate(triangle.T):
        rest = column
        for _ in range(2):  # once more removes what rounding left
            rest = rest - basis @ (basis.T @ rest)
        own = np.linalg.norm(rest)
        if own <= tolerance:
            found.append(place)
        else:
            basis = np.column_stack([basis, rest / own])
    return found


def check(
    values: Floats,
    names: Sequence[str],
    *,
    called: str = "covariate",
    of: str = "",
    rows: int | None = None,
    tolerance: float = DEPENDENT,
) -> None:
    """Refuse columns that say nothing of their own, by name.

    Parameters
    ----------
    values : array (rows x columns)
        As for `dependent`.
    names : sequence of str
        What the columns are called.
    called, of : str
        What messages call a column, and what it belongs to.
    rows : int, optional
        How many rows the columns have, where `values` has others.
    tolerance : float
        As for `dependent`.
    """
    rows = len(values) if rows is None else rows
    if rows < len(names):
        raise InputError(
            f"{rows:,} rows can't determine {len(names)} coefficients{of}. Use fewer {called}s, or join categories."
        )
    lost = dependent(values, tolerance=tolerance)
    if not lost:
        return
    last = lost[0]
    if not values[:, last].any():
        raise InputError(
            f"The {called} {names[last]!r}{of} is 0 for everyone used, so it explains nothing; leave it out."
        )
    length = np.linalg.norm(values[:, : last + 1], axis=0)
    unit = values[:, : last + 1] / length
    shares = aside(lambda: np.linalg.lstsq(unit[:, :last], unit[:, last], rcond=None)[0], numbers=unit.size)
    others = [names[place] for place in np.flatnonzero(np.abs(shares) > PART * tolerance).tolist()]
    said = f"The {called}s {listing([*others, names[last]])}{of} say the same: {names[last]!r}"
    if others == [INTERCEPT]:
        raise InputError(f"{said} is the same for everyone used, so it explains nothing; leave it out.")
    raise InputError(
        f"{said} follows from {' and '.join(map(repr, others))}. Coefficients of columns that follow from the others can't be "
        "told apart. Leave one of them out."
    )
