"""Time between register and survey: people pass through the register, enter the population and leave it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

import pandas as pd

from ..errors import InputError, in_words
from ..estimate.estimate import Estimate
from ..ground import checks
from ..ground.signatures import checked
from ..registers.dates import WRITTEN_UNITS
from . import targets
from .records import Amount, Count

#: Days of a year, by the Julian calendar.
YEAR = 365.25
_UNITS = {"d": 1 / YEAR, "w": 7 / YEAR, "m": 1 / 12, "y": 1.0}
#: How long something takes: a text such as "1y", "6m", "2w", "90d", a timedelta, or an Estimate in years.
Duration: TypeAlias = "str | datetime.timedelta | Mapping[Any, Any] | pd.Series[Any] | Estimate"


@checked
def turnover(target: Count, *, window: Duration, stay: Duration, asked: Duration = "0d") -> Estimate:
    """Adjust a benchmark, or a size made of it, because the register counts longer than the survey asks back.

    A register that counts everybody who was in it during a year holds more people than are in it on one day.

    Parameters
    ----------
    target : number, mapping, Series or Estimate
        The register's count B, or a size N = B / p.
    window : str, timedelta or Estimate
        How long the register counts: "1y", "6m" (months), "2w", "90d", a timedelta, or an Estimate in years.
    stay : str, timedelta, mapping by label or Estimate
        How long people stay in the register on average (from entry to exit).
    asked : str, timedelta, mapping by label or Estimate
        How far back the survey's question reaches: "0d" for "are you in treatment now?", "1y" for "in the past year?".
        If those who leave the register also leave the population (they stop, move away, die), nobody is there
        to report it, and "0d" is right whatever the question.

    Returns
    -------
    Estimate
        B (1 + asked / stay) / (1 + window / stay). With a window as long as the question reaches back nothing
        changes; a longer window makes B too large and N too high. The result falls as the window grows and, with a window
        longer than the question, rises with the length of stay.

    Raises
    ------
    InputError
        A number without a unit, a unit that is not known, a negative time, or a stay of zero.

    See Also
    --------
    migration : people who come and go.
    hiddenpop.Benchmark.agreement : how far two periods overlap.

    Notes
    -----
    Assumed is a steady state: as many people enter the register as leave it, and nobody comes back within the window
    (who does is a duplicate). If R people are in it on any day and stay for a mean time d, R / d enter per unit of
    time (Little 1961, Operations Research 9:383-387), whatever the distribution of stays. So R (1 + w / d) are in it at some time
    of a window w; and of the population N a share R (1 + a / d) / N was in it during the past a, if leaving the register is
    not leaving the population. The size divides the one by the other, hence the factor.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> round(hp.adjust.turnover(4912, window="1y", stay="3y").point)
    3684
    >>> hp.adjust.turnover(4912, window="1y", stay="3y", asked="1y").point
    4912.0
    """
    times = {"window": window, "stay": stay, "asked": asked}
    return targets.count("turnover", target, *(_years(name, value) for name, value in times.items()))


@checked
def migration(target: Count, *, left: Amount | None = None, entered: Amount | None = None) -> Estimate:
    """Adjust a benchmark, or a size made of it, for people who left or entered the population between register and survey.

    Parameters
    ----------
    target : number, mapping, Series or Estimate
        The register's count B, or a size N = B / p.
    left : number, mapping by label, Series or Estimate
        The share of registered people who left the population (died, moved away, stopped) before the survey. Gives
        the size at the time of the survey. At a yearly rate r over t years it is 1 - exp(-r t).
    entered : number, mapping by label, Series or Estimate
        The share of the surveyed population that entered it after the register's period. Gives the size at the time of
        the register.

    Returns
    -------
    Estimate
        B (1 - left), or B (1 - entered): it falls as they rise.

    Raises
    ------
    InputError
        Both or neither, or shares not from 0 to below 1.

    See Also
    --------
    turnover : a register's period longer than the question's.

    Notes
    -----
    Of B registered people B (1 - l) are left when the survey finds them to be a share p of the N then present, so
    N = B (1 - l) / p then, however many have entered. If those who leave are as often registered as others,
    N at the register's time is (B / p) (1 - e) with e entrants among those surveyed, however many have left. Unadjusted, B / p is
    right for the register's time if nobody enters, for the survey's if nobody leaves, and too high for both if people do
    both (Seber 1982, The Estimation of Animal Abundance, section 3.2). One call answers one of the two questions.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> round(hp.adjust.migration(4912, left=0.1).point, 1)
    4420.8
    """
    if (left is None) == (entered is None):
        raise InputError(
            "Give left for the size at the time of the survey, or entered for that at the time of the register: they are "
            "different sizes."
        )
    if left is not None:
        return targets.count("left", target, left)
    return targets.count("entered", target, entered)


def _years(name: str, value: Any) -> Any:
    """Return a duration in years; each of them where there is one for each label."""
    if isinstance(value, Estimate):
        return value
    if isinstance(value, (Mapping, pd.Series)):
        return {label: _years(name, one) for label, one in checks.by_label(value, f"{name} has").items()}
    if isinstance(value, datetime.timedelta):
        years = value / datetime.timedelta(days=YEAR)
        if not years >= 0:
            raise InputError(f"{name}={in_words(value)} is no length of time.")
        return years
    if not isinstance(value, str):
        raise InputError(
            f"{name}={in_words(value)} has no unit. Write a time as '1y', '6m' (months), '2w' or '90d', or give an uncertain one as "
            "an Estimate in years, such as hp.lognormal(3, 2, 5)."
        )
    found = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([a-zA-Z]*)\s*", value)
    unit = WRITTEN_UNITS.get(found[2].lower()) if found else None
    if found is None or unit is None:
        raise InputError(
            f"{name}={in_words(value)} is not understood. Write one number and one unit: '1y', '6m' (months), '2w', '90d'."
        )
    return float(found[1]) * _UNITS[unit]
