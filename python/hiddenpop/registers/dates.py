"""Days that a value of a register means: a date, a month, a quarter or a year, in any form but one that can be read in two ways."""

from __future__ import annotations

import calendar
import datetime
import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import InputError, in_words
from ..ground.columns import Bools, Codes

Days = npt.NDArray[np.int64]

#: Year, and what follows it: "2023", "2023-07", "2023-07-14", "2023Q3", "2023-M07", "20230714", with a time of day behind.
_TEXT = re.compile(
    r"(?P<year>\d{4})(?:-?Q(?P<quarter>[1-4])|-?M?(?P<month>\d{2})(?:-?(?P<day>\d{2})(?:[T ]\d{2}:\d{2}.*)?)?)?",
    re.IGNORECASE,
)
#: Years that registers have; other numbers are no years.
_YEARS = range(1800, 2200)
#: How times back are written, and how many of each are a hundred years: no question goes back further.
WRITTEN_UNITS = {
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("w", "wk", "week", "weeks"), "w"),
    **dict.fromkeys(("m", "mo", "month", "months"), "m"),
    **dict.fromkeys(("y", "yr", "year", "years"), "y"),
}
MOST_BACK = {"d": 36_525, "w": 5_218, "m": 1_200, "y": 100}
#: The day from which NumPy counts.
EPOCH = datetime.date(1970, 1, 1).toordinal()
#: No day: a value that is missing, or that nothing is read out of.
NEVER = np.iinfo(np.int64).min


def span(value: Any) -> tuple[datetime.date, datetime.date] | None:
    """Return the first and the last day that a value means; None where it means none."""
    if value is pd.NaT:
        return None
    if isinstance(value, pd.Period):
        return value.start_time.date(), value.end_time.date()
    if isinstance(value, datetime.datetime):  # pandas' Timestamp too
        return value.date(), value.date()
    if isinstance(value, datetime.date):
        return value, value
    if isinstance(value, np.datetime64):
        return span(pd.Timestamp(value))
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (float, np.floating)):
        value = int(value) if float(value).is_integer() else ""
    found = _TEXT.fullmatch(str(value).strip())
    return _days(found) if found else None


def _days(found: re.Match[str]) -> tuple[datetime.date, datetime.date] | None:
    year = int(found["year"])
    if year not in _YEARS:
        return None
    first, last = 1, 12
    if found["quarter"]:
        last = 3 * int(found["quarter"])
        first = last - 2
    elif found["month"]:
        first = last = int(found["month"])
        if not 1 <= first <= 12:
            return None
    longest = calendar.monthrange(year, last)[1]
    if found["day"]:
        day = int(found["day"])
        return (datetime.date(year, first, day),) * 2 if 1 <= day <= longest else None
    return datetime.date(year, first, 1), datetime.date(year, last, longest)


def ordinals(values: pd.Series[Any], what: str) -> tuple[Days, Days, Bools]:
    """Return the first and the last day of each row as numbers of days, and which rows have none (NEVER)."""
    codes, first, last = read(values, what)
    return first[codes], last[codes], codes < 0


def read(values: pd.Series[Any], what: str) -> tuple[Codes, Days, Days]:
    """Return for each row which of the different days it has, -1 for none, and the first and the last day of each of these.

    After the days stands one more, NEVER, which is that of -1.

    Raises
    ------
    InputError
        Values that are no dates, or texts whose day and month may be exchanged.
    """
    if isinstance(values.dtype, np.dtype) and values.dtype.kind == "M":
        return _of_times(values.to_numpy())
    try:
        codes, found = values.array.factorize()  # few different days, many rows
    except TypeError:
        raise InputError(f"Column {in_words(values.name)} holds lists or mappings instead of {what}.") from None
    blank = np.array([isinstance(value, str) and not value.strip() for value in found] + [True])
    if blank[:-1].any():
        codes = np.append(np.where(blank[:-1], -1, np.cumsum(~blank[:-1]) - 1), -1)[codes]
    spans = [span(value) for value, empty in zip(found, blank, strict=False) if not empty]
    wrong = sum(one is None for one in spans)
    if wrong:
        raise InputError(
            f"Column {in_words(values.name)} holds {what}, and {wrong:,} of its {len(spans):,} different values can't be read so. "
            "Days are written 2023-07-14, months 2023-07, quarters 2023Q3, years 2023, and lie from 1800 to 2199 (a day such as "
            "9999-12-31 must be made missing). What is written 14/07/2023 may mean two "
            f"days: make dates of it, table[{in_words(values.name)}] = pd.to_datetime(..., dayfirst=True), or format= for other forms."
        )
    ends = np.array([*((a.toordinal(), b.toordinal()) for a, b in filter(None, spans)), (NEVER, NEVER)], dtype=np.int64)
    return codes, np.ascontiguousarray(ends[:, 0]), np.ascontiguousarray(ends[:, 1])


def _of_times(times: npt.NDArray[np.datetime64]) -> tuple[Codes, Days, Days]:
    """Return the same of NumPy's dates, all days from the first to the last."""
    days = times.astype("datetime64[D]").astype(np.int64) + EPOCH
    lacking = np.isnat(times)
    some = bool(lacking.any())
    known = days[~lacking] if some else days
    if len(known) == 0:
        return np.full(len(days), -1), np.array([NEVER]), np.array([NEVER])
    low = int(known.min())
    codes = days - low
    if some:
        codes[lacking] = -1
    ends = np.append(np.arange(low, int(known.max()) + 1), NEVER)
    return codes, ends, ends.copy()


def period(given: object) -> tuple[datetime.date, datetime.date]:
    """Return the first and the last day of a period: two dates, months or years, or one that says both."""
    both = given if isinstance(given, (tuple, list)) else (given, given)
    if len(both) != 2:
        raise InputError("A period has a first and a last day, month or year: period=('2023-01', '2023-12').")
    ends = [span(one) for one in both]
    for one, end in zip(both, ends, strict=True):
        if end is None:
            raise InputError(
                f"{in_words(one)} is no day, month, quarter or year of a period. Write '2023-01-31', '2023-01', '2023Q1' or '2023'."
            )
    first, last = ends
    assert first is not None
    assert last is not None
    if last[1] < first[0]:
        raise InputError(f"The period ends ({in_words(both[1])}) before it begins ({in_words(both[0])}).")
    return first[0], last[1]


def back(days: Days, asked: str) -> Days:
    """Return the days from which participants were asked, that many days, weeks, months or years before each day."""
    found = re.fullmatch(r"\s*0*([1-9]\d{0,4})\s*([a-z]+)\s*", asked.lower())
    unit = WRITTEN_UNITS.get(found[2]) if found else None
    number = int(found[1]) if found else 0
    if unit is None or number > MOST_BACK[unit]:
        raise InputError(f"asked={in_words(asked)} is no time back. Write '12m' (months), '1y', '2w' or '90d'.")
    if unit in "dw":
        return days - number * (7 if unit == "w" else 1)
    months = number * (12 if unit == "y" else 1)
    return np.array([_months_before(datetime.date.fromordinal(int(day)), months).toordinal() for day in days])


def _months_before(day: datetime.date, months: int) -> datetime.date:
    """Return the same day some months before, or the last of its month."""
    place = 12 * day.year + day.month - 1 - months
    year, month = divmod(place, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
