"""Tables of numbers as readers get them: what a method sums up, written column by column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np
import pandas as pd

from ..ground.columns import Floats
from ..ground.handed import handed
from ..ground.language import filled, number, template, tr
from ..ground.text import labels_of
from .printed import RATIO, in_column, p_text, show, span
from .rows import Row
from .table import NOTHING, Table

#: What is smaller is rounding.
ROUNDING = 1e-12
#: Digits of numbers that have no interval, and decimals of such shares: a tenth of a per cent.
DIGITS, SHARES = 3, 3
#: In what columns are written, by name.
Units = Mapping[str, str | Sequence[str]]
#: Columns of what methods sum up, as readers call them; others are called as they are.
HEADS = frozenset(
    {
        template("estimate"),
        template("n"),
        template("missing"),
        template("method"),
        template("change"),
        template("ratio"),
        template("difference"),
        template("odds ratio"),
        template("p"),
        template("p corrected"),
        template("registered"),
        template("relative precision"),
        template("half width"),
        template("chance"),
        template("weight"),
        template("power"),
        template("overlap"),
        template("bias"),
        template("size"),
        template("people"),
        template("share"),
        template("first"),
        template("second"),
        template("total"),
        template("swing"),
        template("base"),
        template("lowest"),
        template("highest"),
        template("at lowest"),
        template("at highest"),
        template("holds"),
        template("tipping point"),
        template("says"),
        template("design effect"),
        template("estimator"),
        template("relative"),
        template("increase"),
        template("participants"),
        template("seeds"),
        template("recruits"),
        template("seed share"),
        template("recruit share"),
        template("equilibrium"),
        template("activity"),
        template("topic"),
        template("finding"),
        template("worry"),
        template("at half"),
        template("at three quarters"),
        template("settled"),
    }
)
#: What is a ratio by its name.
RATIOS = ("odds ratio", "risk ratio", "rate ratio", "hazard ratio", "ratio")  # stays English (columns)


def of_frame(
    title: str,
    frame: pd.DataFrame,
    notes: Iterable[str] = (),
    *,
    level: float = 0.95,
    units: Units | None = None,
) -> Table:
    """Make a table of what a method sums up; limits stand in one column beside their estimate.

    `units` says in what columns are written: one for all rows, or one for each (`Node.units`).
    """
    heads, columns = [], []
    for head, texts in _written(frame, level, units or {}):
        if any(text not in ("", NOTHING) for text in texts):  # a column that says nothing takes room
            heads.append(head)
            columns.append(texts)
    rows = [Row(label, tuple(cells)) for label, *cells in zip(labels_of(list(frame.index)), *columns, strict=True)]
    return Table(title, tuple(heads), tuple(rows), tuple(dict.fromkeys(notes)), flat(frame))


def cells(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    """Write a table line by line, each column with decimals of its own."""
    columns = [written(str(name), frame.iloc[:, i]) for i, name in enumerate(frame.columns)]
    return list(zip(*columns, strict=True)) if columns else [()] * len(frame)


def _written(frame: pd.DataFrame, level: float, units: Units) -> Iterable[tuple[str, list[str]]]:
    names = [str(name) for name in frame.columns]
    ends = _ends(names)
    apart = {end for pair in ends.values() for end in pair}
    for place, name in enumerate(names):
        if name in apart:
            continue
        values = frame.iloc[:, place]
        head = head_of(name)
        unit = units.get(name, _unit(name))
        kinds = [unit] * len(frame) if isinstance(unit, str) else list(unit)
        if name not in ends:
            yield head, written(name, values, kinds)
            continue
        low, high = ends[name]
        point, least, most = (frame[one].to_numpy(dtype=float, na_value=np.nan) for one in (name, low, high))
        places = in_column(point, least, most, None, kinds)
        with_ends = list(zip(point, least, most, places, kinds, strict=True))
        yield head, [NOTHING if np.isnan(value) else show(value, p, kind) for value, _, _, p, kind in with_ends]
        spans = [NOTHING if np.isnan(a) else span(a, b, p, kind) for _, a, b, p, kind in with_ends]
        if low == "lower":
            yield tr("{level:g}% interval", level=100 * level), spans
        else:
            yield tr("{name} ({level:g}% interval)", name=head, level=100 * level), spans


def head_of(name: str) -> str:
    """Return what a column of a summary is called."""
    words = name.replace("_", " ")
    return filled(words) if words in HEADS else words


def _ends(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Find the columns of limits: change_lower and change_upper of change, lower and upper of the estimate (or size)."""
    found = {n: (f"{n}_lower", f"{n}_upper") for n in names if {f"{n}_lower", f"{n}_upper"} <= set(names)}
    if {"lower", "upper"} <= set(names):
        ahead = names[: names.index("lower")]
        of = next((n for n in ("estimate", "size") if n in ahead), ahead[-1] if ahead else None)
        if of is not None and of not in found:
            found[of] = ("lower", "upper")
    return found


def written(name: str, values: pd.Series[Any], units: Sequence[str] | None = None) -> list[str]:
    """Write a column: texts as they are, whole numbers whole, others with as many decimals as the column needs."""
    if not _number(values):
        return [_text(value) for value in values]
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    if name == "p" or name.startswith("p_"):
        return [NOTHING if np.isnan(one) else p_text(float(one)) for one in numbers]
    kinds = [_unit(name)] * len(numbers) if units is None else units
    if set(kinds) <= {"share", "points"}:
        return [NOTHING if np.isnan(one) else show(one, SHARES, kind) for one, kind in zip(numbers, kinds, strict=True)]
    places = decimals(numbers)
    return [
        NOTHING if np.isnan(one) else _number_text(float(one), RATIO if kind == "ratio" else places)
        for one, kind in zip(numbers, kinds, strict=True)
    ]


def decimals(numbers: Floats) -> int:
    """Return how many decimals show three digits of the number in the middle of a column."""
    some = np.abs(numbers[np.isfinite(numbers) & (np.abs(numbers) > ROUNDING)])
    if not len(some) or (some == np.rint(some)).all():
        return 0
    middle = np.sort(some)[len(some) // 2]
    return int(np.clip(DIGITS - 1 - np.floor(np.log10(middle)), 0, 9))


def flat(frame: pd.DataFrame | None) -> pd.DataFrame:
    """Return the numbers with labels as columns, each with a name of its own."""
    if frame is None:
        return pd.DataFrame()
    made = handed(frame.copy())
    if made.index.nlevels == 1:
        made.index = made.index.rename(made.index.name or "label")
    else:
        names = [name or f"label {i + 1}" for i, name in enumerate(made.index.names)]  # stays English (columns)
        # A column by itself has its name twice.
        made.index = made.index.set_names([n if n not in names[:i] else f"{n} ({i + 1})" for i, n in enumerate(names)])
    return cast("pd.DataFrame", made.reset_index())


def _number(values: pd.Series[Any]) -> bool:
    return pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)


def _unit(name: str) -> str:
    words = name.replace("_", " ").casefold()
    return "ratio" if words in RATIOS else "share" if words.split()[:1] == ["share"] else "other"


def _number_text(value: float, places: int) -> str:
    if np.isinf(value):
        return show(value, places, "other")
    if ROUNDING < abs(value) < 0.5 * 10**-places:  # what is small is not nothing
        return number(value, f".{DIGITS}g")
    return show(value, places, "other")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, np.bool_)):
        return tr("yes") if value else tr("no")
    if isinstance(value, (int, float, np.number)):
        return written("", pd.Series([value]))[0]
    return NOTHING if pd.api.types.is_scalar(value) and pd.isna(value) else str(value)
