"""Tables and columns as people bring them: read, typed and fingerprinted in one way.

Everything that the interchange protocols cover comes in; pandas is what the rest of the package
sees. Column kinds are decided here once:

``boolean``
    True and False, or a number that is only ever 0 or 1: has a proportion.
``number``
    Has a mean, a total, quantiles.
``category``
    Text or a pandas categorical: has a proportion for each category.
``date``
    Has quantiles of nothing here; can be a category once the user makes it one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping, Sized
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api import types

from ..errors import InputError, name_rows, suggest

Kind = Literal["boolean", "number", "category", "date"]
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def read_table(table: object) -> pd.DataFrame:
    """Return any table (pandas, polars, pyarrow, a mapping of columns, ...) as pandas."""
    frame = _to_pandas(table)
    if not all(isinstance(name, str) for name in frame.columns) and frame.columns.nlevels == 1:
        frame = frame.rename(columns=str)
    if frame.columns.nlevels > 1:
        raise InputError("The table's columns have several levels; flatten them to one name a column.")
    doubled = frame.columns[frame.columns.duplicated()].unique().tolist()
    if doubled:
        names = ", ".join(f"'{c}'" for c in doubled)
        raise InputError(f"The table has more than one column named {names}; rename or drop the copies.")
    if len(frame) == 0:
        raise InputError("The table has no rows, so there is nothing to estimate from.")
    return frame


def _to_pandas(table: object) -> pd.DataFrame:
    if isinstance(table, pd.DataFrame):
        # The survey is a value: what the user does to the table afterwards must not reach it.
        # From pandas 3 on a copy shares its memory until then.
        return table.copy()
    if isinstance(table, Mapping):
        _check_alike(table)
        try:
            return pd.DataFrame(dict(table))
        except ValueError:
            sizes = {name: len(values) for name, values in table.items() if isinstance(values, Sized)}
            told = (
                ", ".join(f"{name!r} has {size:,}" for name, size in list(sizes.items())[:6])
                or "these are single values"
            )
            raise InputError(f"The mapping makes no table of columns with one value a row: {told}.") from None
    if isinstance(table, pd.Series) or type(table).__name__ == "Series":
        raise InputError("A survey is made from a table, not from one column; pass a table, such as series.to_frame().")
    import narwhals  # noqa: PLC0415 (only for tables that are not pandas)

    try:
        native = narwhals.from_native(cast("Any", table))
    except TypeError:
        return _from_protocol(table)
    if isinstance(native, narwhals.LazyFrame):
        native = native.collect()
    try:
        return cast("pd.DataFrame", native.to_pandas())
    except ImportError:  # polars without pyarrow
        return pd.DataFrame({name: pd.Series(native[name].to_list()) for name in native.columns})


def _check_alike(table: Mapping[Any, Any]) -> None:
    """Refuse columns whose indexes name other rows: pandas would make rows of what is in one of them only."""
    labelled = {name: values for name, values in table.items() if isinstance(values, pd.Series)}
    first = next(iter(labelled.values()), None)
    apart = [name for name, values in labelled.items() if first is not None and not values.index.equals(first.index)]
    if not apart or first is None:
        return
    plain = [name for name, values in table.items() if name not in labelled and not np.isscalar(values)]
    if plain:
        raise InputError(
            f"The columns {apart[0]!r} and {next(iter(labelled))!r} have their rows in different orders, so {plain[0]!r}, which "
            "has no index, can't be matched to either. Make a table of them first, with pandas."
        )
    for name in apart:
        matched(labelled[name], first.index, f"column {name!r}")


def _from_protocol(table: object) -> pd.DataFrame:
    if hasattr(table, "__arrow_c_stream__"):
        import pyarrow  # noqa: PLC0415 (an optional dependency)

        return cast("pd.DataFrame", pyarrow.table(table).to_pandas())
    if hasattr(table, "__dataframe__"):
        return pd.api.interchange.from_dataframe(cast("Any", table))
    raise InputError(
        f"A survey is made from a table, not from {type(table).__name__}: pass a pandas, polars or pyarrow "
        "table, or a mapping of column names to values."
    )


def column(table: pd.DataFrame, name: str) -> pd.Series[Any]:
    """Return a column, or an error with the nearest name."""
    if not isinstance(name, str):
        raise InputError(f"Columns are given by their names, as text, not by {type(name).__name__}.")
    if name not in table.columns:
        condition = any(sign in name for sign in "<>=")
        hint = "For a condition use a mask, table['age'] > 45, or survey.assign." if condition else ""
        raise InputError(f"The table has no column {name!r}. {hint or suggest(name, table.columns)}")
    return table[name]


def matched(values: pd.Series[Any], index: pd.Index[Any], what: str) -> pd.Series[Any]:
    """Return a Series in the order of a table's index, by label as pandas does, wherever its rows stand."""
    if values.index.equals(index):
        return values
    same = values.index.is_unique and index.is_unique and len(values) == len(index)
    if not same or len(values.index.difference(index)):
        raise InputError(
            f"The index of {what} differs from the table's{'' if index.is_unique else ', which has labels twice'}, so its "
            "values can't be matched to rows. Pass a Series made from the same table, or plain values in its order."
        )
    return values.reindex(index)


def missing(values: pd.Series[Any]) -> Bools:
    """Mark the missing answers."""
    return np.asarray(values.isna(), dtype=bool)


def kind(values: pd.Series[Any]) -> Kind:
    """Decide what a column holds."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return "category"
    if types.is_bool_dtype(values.dtype):
        return "boolean"
    if types.is_numeric_dtype(values.dtype):
        return "boolean" if _only_0_and_1(values) else "number"
    if types.is_datetime64_any_dtype(values.dtype):
        return "date"
    if isinstance(values.dtype, pd.StringDtype):
        return "category"
    known = values.dropna().drop_duplicates() if _hashable(values) else values.dropna()
    if len(known) and known.map(lambda v: isinstance(v, (bool, np.bool_))).all():
        return "boolean"
    if len(known) and known.map(lambda v: isinstance(v, (int, float, np.number))).all():
        return "boolean" if _only_0_and_1(known.astype(float)) else "number"
    return "category"


def _hashable(values: pd.Series[Any]) -> bool:
    """Tell whether equal answers can be found; the first ones stand for all."""
    return all(isinstance(v, Hashable) for v in values.head(10))


def _plain(values: pd.Series[Any]) -> Floats:
    """Return numbers as float64, NaN where missing; no copy of what is float64 already."""
    if isinstance(values.dtype, np.dtype):
        return np.asarray(values.to_numpy(), dtype=np.float64)
    return np.asarray(values.to_numpy(dtype=float, na_value=np.nan), dtype=np.float64)


def _only_0_and_1(values: pd.Series[Any]) -> bool:
    for part in (values.iloc[:100], values):  # nearly every other number shows at once
        plain = _plain(part)
        known = plain[~np.isnan(plain)]
        if not ((known == 0) | (known == 1)).all():
            return False
    return bool(len(known))


def numbers(values: pd.Series[Any], *, what: str = "a number") -> Floats:
    """Return a column as float64 with NaN for missing answers; text and infinity are errors."""
    dates = isinstance(values.dtype, (pd.PeriodDtype, pd.IntervalDtype)) or types.is_timedelta64_dtype(values.dtype)
    if kind(values) == "date" or dates or types.is_complex_dtype(values.dtype):
        raise InputError(f"Column {values.name!r} holds {values.dtype} values where {what} is needed.")
    if types.is_numeric_dtype(values.dtype) or types.is_bool_dtype(values.dtype):
        result: Floats = _plain(values)
    else:
        plain = values.astype(object)
        converted = pd.to_numeric(plain, errors="coerce").astype(float)
        unread = np.asarray(converted.isna() & ~plain.isna(), dtype=bool)
        text = unread | np.asarray(plain.map(lambda v: isinstance(v, str)), dtype=bool)
        if text.any():
            raise InputError(
                f"Column {values.name!r} should hold {what} but has text in {name_rows(text)}. "
                "Convert it first, for example with pandas.to_numeric, and make codes such as "
                "'refused' missing; for shares of each answer use proportion."
            )
        result = np.asarray(converted, dtype=np.float64)
    infinite = np.isinf(result)
    if infinite.any():
        raise InputError(
            f"Column {values.name!r} is infinite in {name_rows(infinite)}. Correct these answers or make them missing."
        )
    return result


def categories(values: pd.Series[Any]) -> tuple[Codes, pd.Index[Any]]:
    """Return codes (-1 for missing) and labels, the user's own, in the user's order.

    Categoricals keep the order of their categories (those that occur), numbers and booleans are
    sorted, text stands in order of appearance.
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes = np.asarray(values.cat.codes, dtype=np.int64)
        return used(codes, values.cat.categories)
    by_value = kind(values) != "category"
    found, labels = pd.factorize(values, sort=by_value)
    codes = np.asarray(found, dtype=np.int64)
    if types.is_bool_dtype(labels.dtype) or kind(values) == "boolean":
        labels = pd.Index(np.asarray(labels, dtype=object))
    return codes, pd.Index(labels)


def compact(codes: npt.NDArray[Any], size: int) -> Codes:
    """Keep codes below `size` (-1 for none) in as few bytes as they need: there may be many rows."""
    return codes.astype(np.min_scalar_type(-size - 2), copy=False)


def used(codes: Codes, labels: pd.Index[Any]) -> tuple[Codes, pd.Index[Any]]:
    """Leave out labels that nobody has."""
    seen = np.flatnonzero(np.bincount(codes + 1, minlength=len(labels) + 1)[1:])
    if len(seen) == len(labels):
        return codes, labels
    position = np.full(len(labels) + 1, -1, dtype=np.int64)
    position[seen] = np.arange(len(seen))
    return position[codes], labels[seen]


def identities(table: pd.DataFrame) -> dict[str, npt.NDArray[np.uint64]]:
    """Hash the columns in which every row has a value of its own: ids, names, codes.

    Numbers with decimals are left out, because measurements differ from person to person without
    naming anyone.
    """
    result = {}
    for name in table.columns:
        values = table[name]
        if types.is_float_dtype(values.dtype) or len(values) < 10 or not values.head(1000).is_unique:
            continue
        if kind(values) in ("number", "category") and not values.isna().any() and values.is_unique:
            result[str(name)] = np.sort(pd.util.hash_array(values.astype(str).to_numpy(dtype=object)))
    return result


def digest(values: pd.Series[Any]) -> bytes:
    """Hash a column by what it says: 1, 1.0 and True agree, in pandas as in polars."""
    hashed = hashlib.blake2b(str(values.name).encode(), digest_size=16)
    is_kind = kind(values)
    if is_kind in ("boolean", "number"):
        plain = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan) + 0.0  # -0 becomes 0
        plain[np.isnan(plain)] = np.nan  # one NaN of the many
        hashed.update(b"number")
        hashed.update(np.ascontiguousarray(plain, dtype="<f8").data)
    elif is_kind == "date":
        plain_dates = values.to_numpy(dtype="datetime64[ns]")
        hashed.update(b"date")
        hashed.update(np.ascontiguousarray(plain_dates.view("<i8")).data)
    else:
        try:
            codes, labels = pd.factorize(values.astype(object))
        except TypeError:
            raise InputError(
                f"Column {values.name!r} holds lists or other values that can't be compared; keep one answer a cell."
            ) from None
        hashed.update(b"category")
        hashed.update(np.ascontiguousarray(codes, dtype="<i8").data)
        for label in labels:
            text = str(label).encode()
            hashed.update(len(text).to_bytes(8, "little") + text)
    return hashed.digest()
