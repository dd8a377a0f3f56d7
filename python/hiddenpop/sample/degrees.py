"""How many people participants know: reported degrees, checked and completed."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from ..errors import InputError, Said, in_words, listing, name_rows
from ..ground import columns
from ..ground.columns import Bools, Floats
from ..ground.language import english
from .forest import Forest

#: What to put where somebody reported no degree.
Impute = Literal["median", "mean", "leave_out"]
#: Numbers from here on may be rounded, and this share of multiples of five among them says that they are.
ROUND, HEAPED = 10, 0.6
#: With fewer of those nobody can tell.
ENOUGH = 20
#: A degree is an outlier beyond so many times the 95% quantile of degrees.
FAR = 10


def reported(given: pd.Series[Any], name: str) -> Bools:
    """Mark the participants who reported a degree above zero."""
    values = columns.numbers(given, what=f"a number of people ({name})")
    return np.asarray(values > 0)


def read(
    given: pd.Series[Any], forest: Forest, counted: Bools, impute: Impute | float | None, floor: bool, tell: Said
) -> Floats:
    """Return everybody's degree, those imputed that were not reported.

    Raises
    ------
    InputError
        Degrees that are missing or not above zero, where nothing says what to do; rows are named.
    """
    name = str(given.name)
    values = columns.numbers(given, what=f"a number of people ({name})")
    lacking = counted & ~(values > 0)
    known = values[counted & ~lacking]
    if lacking.any() and impute is None:
        raise InputError(
            f"Column {name!r} (how many people a participant knows) is missing or not above zero in {name_rows(lacking)}. Say "
            "impute_degree='median', 'mean' or a number, or impute_degree='leave_out' to leave these participants out."
        )
    if not len(known):
        raise InputError(f"Column {name!r} (how many people a participant knows) is missing for everybody.")
    degree = np.where(values > 0, values, _instead(known, impute))
    if lacking.any():
        how = f"the {impute} of the others" if isinstance(impute, str) else "the number given"
        tell(f"Column {name!r} is missing or not above zero in {name_rows(lacking)}; these participants get {how}.")
    least = forest.recruits + ~forest.seeds
    low = counted & (degree < least)
    if low.any() and floor:
        degree = np.where(low, least, degree)
        tell(f"Degrees in {name_rows(low)} are raised to the people who are known: those recruited, and the recruiter.")
    elif low.any():
        tell(
            f"Degrees in {name_rows(low)} are smaller than the number of people whom these participants recruited, and the one who "
            "recruited them. degree_floor=True raises them."
        )
    _doubt(name, values, counted & ~lacking, tell)
    return np.asarray(degree, dtype=float)


def _instead(known: Floats, impute: Impute | float | None) -> float:
    if impute == "mean":
        return float(known.mean())
    if impute is None or impute in ("median", "leave_out"):  # who is left out weighs nothing
        return float(np.median(known))
    if isinstance(impute, str):
        raise InputError(f"impute_degree={impute!r} must be a number or one of {listing(get_args(Impute))}.")
    if isinstance(impute, bool) or not (np.isfinite(impute) and impute > 0):
        raise InputError(f"impute_degree={in_words(impute)} must be above zero.")
    return float(impute)


def _doubt(name: str, values: Floats, here: Bools, tell: Said) -> None:
    """Say what looks rounded, or beyond belief; never what anybody reported."""
    large = values[here & (values >= ROUND)]
    heaped = float((large % 5 == 0).mean()) if len(large) >= ENOUGH else 0.0
    if heaped > HEAPED:
        tell(
            english(
                "{share:.0%} of the degrees of {least} or more in column {column} are multiples of 5: people rounded, which the "
                "weights take for what it says.",
                share=heaped,
                least=ROUND,
                column=repr(name),
            )
        )
    if len(values[here]) >= ENOUGH:
        far = here & (values > FAR * np.quantile(values[here], 0.95))
        if far.any():
            tell(
                f"Degrees in {name_rows(far)} are more than {FAR} times what 95% of participants report: look whether they are meant."
            )
