"""Tables and columns as people bring them: read, typed and fingerprinted in one way.

Everything that the interchange protocols cover comes in; pandas is what the rest of the package
sees. Column kinds are decided here once:

``boolean``
    True and False, or a number that is only ever 0 or 1: has a proportion. So has text of words for yes and no, which stays text
    where labels are wanted: `is_binary`.
``number``
    Has a mean, a total, quantiles; whatever holds it (Python's objects, decimals, nullable and Arrow's types): `settled`.
``category``
    Text or a pandas categorical: has a proportion for each category.
``date``
    Has quantiles of nothing here; can be a category once the user makes it one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterator, Mapping, Sized
from decimal import Decimal
from functools import cached_property
from numbers import Real
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api import types

from ..errors import InputError, name_rows, suggest
from . import written

Kind = Literal["boolean", "number", "category", "date"]
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
#: What is said of cells that hold more than an answer.
SEVERAL = (
    "Column {name!r} holds lists, tuples or other values of several parts where a cell has one answer. Make a column of each part, "
    "or texts of them: table[{name!r}].map(str)."
)
#: Whole numbers that a type holds.
WHOLE = {"Int64": (-(2**63), 2**63 - 1), "UInt64": (0, 2**64 - 1)}


def read_table(table: object) -> pd.DataFrame:
    """Return any table (pandas, polars, pyarrow, a mapping of columns, ...) as pandas."""
    return read_columns(table)[0]


def read_columns(table: object) -> tuple[pd.DataFrame, dict[str, pd.Series[Any]]]:
    """Return any table as pandas, and its columns, which take pandas a while to find one by one."""
    frame = _to_pandas(table)
    if not all(isinstance(name, str) for name in frame.columns) and frame.columns.nlevels == 1:
        frame = frame.rename(columns=str)
    if frame.columns.nlevels > 1:
        raise InputError("The table's columns have several levels; flatten them to one name a column.")
    if len(set(frame.columns.tolist())) < frame.shape[1]:
        names = ", ".join(f"'{c}'" for c in frame.columns[frame.columns.duplicated()].unique())
        raise InputError(f"The table has more than one column named {names}; rename or drop the copies.")
    if len(frame) == 0:
        raise InputError("The table has no rows, so there is nothing to estimate from.")
    held = {}
    for name, given in list(frame.items()):
        held[str(name)] = values = settled(given)
        if values is not given:
            frame[name] = values
    return frame, held


def settled(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return numbers, however they are held (Python's, a database's decimals, Arrow's), as numbers of NumPy or pandas.

    Whole numbers keep all of their digits, and stay whole where others are missing.
    """
    dtype = values.dtype
    if isinstance(dtype, pd.StringDtype):
        return values
    if isinstance(dtype, np.dtype) and dtype.kind != "O":
        if dtype.kind == "f" and dtype not in (np.float32, np.float64):
            return values.astype(np.float64)  # halves and long doubles, which pandas can't group, sort or look up
        return values
    if isinstance(dtype, pd.ArrowDtype) and str(dtype).startswith("decimal"):
        return _numbers_of(values, values.astype(object))
    if types.is_extension_array_dtype(dtype) and types.is_numeric_dtype(dtype) and not types.is_bool_dtype(dtype):
        if types.is_float_dtype(dtype):
            return pd.Series(values.to_numpy(dtype=np.float64, na_value=np.nan), index=values.index, name=values.name)
        whole: Any = "UInt64" if types.is_unsigned_integer_dtype(dtype) else "Int64"
        result: pd.Series[Any] = values.astype(whole if values.isna().any() else whole.lower())
        return result
    if not types.is_object_dtype(dtype):
        return values
    lacking = missing(values)
    if lacking.all() or not is_number(values.iloc[int(np.argmin(lacking))]):  # the first answer tells text at once
        return values
    return _numbers_of(values, values)


def is_number(value: object) -> bool:
    """Tell numbers, of whatever kind, from True and False, text and all else."""
    return isinstance(value, (Real, Decimal)) and not isinstance(value, bool)


def _numbers_of(values: pd.Series[Any], plain: pd.Series[Any]) -> pd.Series[Any]:
    """Return objects that are all numbers (or missing) as such, other objects as they are."""
    lacking = missing(plain) | np.array([isinstance(v, Decimal) and v.is_nan() for v in plain.tolist()], dtype=bool)
    known = plain[~lacking].tolist()
    if not all(map(is_number, known)):
        return values
    whole = [v for v in known if not isinstance(v, (float, np.floating)) and _is_whole(v)]
    if len(whole) == len(known):
        kind = next((name for name, (low, high) in WHOLE.items() if all(low <= v <= high for v in whole)), None)
        parts = np.full(len(plain), pd.NA, dtype=object)
        parts[~lacking] = [int(v) for v in whole]
        # More digits than a machine's numbers have stay Python's.
        dtype: Any = object if kind is None else kind if lacking.any() else kind.lower()
        result: pd.Series[Any] = pd.Series(parts, index=values.index, name=values.name, dtype=dtype)
        return result
    if any(abs(v) >= 2**53 for v in whole):
        return values
    made = np.full(len(plain), np.nan)
    made[~lacking] = [_float(v) for v in known]
    return pd.Series(made, index=values.index, name=values.name)


def _is_whole(value: Any) -> bool:
    try:
        return bool(int(value) == value)
    except (ValueError, OverflowError):  # not a number, or infinite
        return False


def _to_pandas(table: object) -> pd.DataFrame:
    if isinstance(table, pd.DataFrame):
        # The survey is a value: what the user does to the table afterwards must not reach it.
        # From pandas 3 on a copy shares its memory until then.
        return table.copy()
    if isinstance(table, Mapping):
        _check_alike(table)
        try:
            return pd.DataFrame({name: _kept(values) for name, values in table.items()})
        except UnicodeEncodeError:
            raise  # said by who is asked (`signatures.checked`)
        except (ValueError, TypeError):
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
        if native.implementation.is_polars() or native.implementation.is_pyarrow():
            try:
                return cast("pd.DataFrame", native.to_native().to_pandas(types_mapper=_whole_of_arrow))
            except (TypeError, NotImplementedError):  # what pandas once called a type, and can't read again
                return cast(
                    "pd.DataFrame", native.to_native().to_pandas(types_mapper=_whole_of_arrow, ignore_metadata=True)
                )
        return cast("pd.DataFrame", native.to_pandas())
    except ImportError:  # polars without pyarrow
        return pd.DataFrame({name: pd.Series(_kept(native[name].to_list())) for name in native.columns})


def _kept(values: Any) -> Any:
    """Return a list as pandas takes it without making long whole numbers floats because others are missing."""
    listed = isinstance(values, (list, tuple)) and any(v is None for v in values)
    long = listed and any(isinstance(v, int) and abs(v) >= 2**53 for v in values)
    return pd.Series(list(values), dtype=object) if long else values


def _whole_of_arrow(arrow: Any) -> Any:
    """Return the type that keeps Arrow's whole numbers whole where some are missing; None for other types."""
    return {"int": pd.Int64Dtype(), "uin": pd.UInt64Dtype()}.get(str(arrow)[:3])


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

        return cast("pd.DataFrame", pyarrow.table(table).to_pandas(types_mapper=_whole_of_arrow))
    if hasattr(table, "__dataframe__"):
        return pd.api.interchange.from_dataframe(cast("Any", table))
    if isinstance(getattr(table, "table", None), pd.DataFrame):
        raise InputError(f"A {type(table).__name__} holds a table and is none: pass its .table.")
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


#: What NumPy's types hold; None where it takes a look at the numbers.
_PLAIN_KINDS: dict[str, Kind | None] = {"b": "boolean", "i": None, "u": None, "f": None, "c": "category", "M": "date"}


def kind(values: pd.Series[Any]) -> Kind:
    """Decide what a column holds."""
    dtype = values.dtype
    if (
        isinstance(dtype, np.dtype) and dtype.kind in _PLAIN_KINDS
    ):  # most columns, at a fraction of what pandas takes to tell
        return _PLAIN_KINDS[dtype.kind] or ("boolean" if _only_0_and_1(values) else "number")
    if isinstance(dtype, (pd.CategoricalDtype, pd.StringDtype)):
        return "category"
    if types.is_bool_dtype(values.dtype):
        return "boolean"
    if types.is_complex_dtype(values.dtype):
        return "category"
    if types.is_numeric_dtype(values.dtype):
        return "boolean" if _only_0_and_1(values) else "number"
    if types.is_datetime64_any_dtype(values.dtype):
        return "date"
    known = values.dropna().drop_duplicates() if _hashable(values) else values.dropna()
    if len(known) and known.map(lambda v: isinstance(v, (bool, np.bool_))).all():
        return "boolean"
    if len(known) and known.map(lambda v: is_number(v) or isinstance(v, (bool, np.bool_))).all():
        return "boolean" if known.isin([0, 1]).all() else "number"
    return "category"


def is_binary(values: pd.Series[Any]) -> bool:
    """Tell whether a column has one share: True and False, 0 and 1, or words for yes and no."""
    return written.levels(values) is not None or kind(values) == "boolean"


def as_asked(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return words for yes and no as 1 and 0, and any other column as it is."""
    found = written.yes_no(values)
    return values if found is None else pd.Series(found, index=values.index, name=values.name)


def _hashable(values: pd.Series[Any]) -> bool:
    """Tell whether equal answers can be found; the first ones stand for all."""
    return all(isinstance(v, Hashable) for v in values.head(10))


def _plain(values: Any) -> Floats:
    """Return numbers (a column, or what it holds) as float64, NaN where missing; no copy of what is float64 already."""
    if isinstance(values.dtype, np.dtype):
        return np.asarray(values, dtype=np.float64)
    return np.asarray(values.to_numpy(dtype=float, na_value=np.nan), dtype=np.float64)


def _only_0_and_1(values: pd.Series[Any]) -> bool:
    held: Any = values.to_numpy() if isinstance(values.dtype, np.dtype) else values.array
    for part in (held[:100], held):  # nearly every other number shows at once
        plain = _plain(part)
        known = plain[~np.isnan(plain)]
        if not ((known == 0) | (known == 1)).all():
            return False
    return bool(len(known))


def _numeric(values: pd.Series[Any]) -> Floats:
    """Return a column of numbers as float64, however they are held."""
    if not types.is_object_dtype(values.dtype):
        return _plain(values).copy()
    plain = zip(values.tolist(), missing(values), strict=True)
    return np.array([np.nan if lost else _float(v) for v, lost in plain], dtype=np.float64)


def _no_numbers(values: pd.Series[Any]) -> str | None:
    """Return what a column holds, in words, if its type has no numbers."""
    if kind(values) == "date":
        return "dates"
    if isinstance(values.dtype, (pd.PeriodDtype, pd.IntervalDtype)):
        return "periods" if isinstance(values.dtype, pd.PeriodDtype) else "intervals"
    if types.is_timedelta64_dtype(values.dtype):
        return "durations"
    return "complex numbers" if types.is_complex_dtype(values.dtype) else None


def numbers(values: pd.Series[Any], *, what: str = "a number") -> Floats:
    """Return a column as float64 with NaN for missing answers; text and infinity are errors."""
    plain_numbers = isinstance(values.dtype, np.dtype) and values.dtype.kind in "biuf"
    held = None if plain_numbers else _no_numbers(values)
    if held:
        raise InputError(f"Column {values.name!r} holds {held} where {what} is needed.")
    if plain_numbers or types.is_numeric_dtype(values.dtype) or types.is_bool_dtype(values.dtype):
        result: Floats = _plain(values)
    elif (words := written.yes_no(values)) is not None:
        return words
    else:
        plain, lacking = values.astype(object).tolist(), missing(values)
        text = ~lacking & ~np.array([is_number(v) or isinstance(v, (bool, np.bool_)) for v in plain], dtype=bool)
        if text.any():
            raise InputError(
                f"Column {values.name!r} should hold {what} but has text in {name_rows(text)}. {_remedy(values.name, plain, text)}"
            )
        result = _numeric(values.astype(object))
    infinite = np.isinf(result)
    if infinite.any():
        raise InputError(
            f"Column {values.name!r} is infinite in {name_rows(infinite)}. Correct these answers or make them missing."
        )
    return result


#: How text becomes numbers.
WRITTEN = (
    "They are numbers with a decimal {sign} or thousands: write table = hp.recode(table, columns={name!r}, "
    "decimal={decimal!r}).table."
)
WRITTEN_TWO_WAYS = (
    "They are numbers that can be read in two ways (1.234 may be 1234): write table = hp.recode(table, "
    "columns={name!r}, decimal=',').table, or decimal='.', whichever it is."
)
WORDS = (
    "Make words for no answer missing, table = hp.recode(table, columns={name!r}, missing=['refused']).table, with decimal=',' or "
    "decimal='.' if numbers are written as text; for shares of each answer use proportion."
)


def _remedy(name: object, values: list[Any], text: Bools) -> str:
    """Say how a column of text becomes one of numbers."""
    return _written(name, [value for value, is_text in zip(values, text, strict=True) if is_text]) or WORDS.format(
        name=name
    )


def _written(name: object, texts: list[Any]) -> str:
    """Say how numbers that stand as text, with points or commas, become numbers; nothing of other texts."""
    decimal = written.decimal_of(texts)
    if decimal is None:
        return ""
    sign = "comma" if decimal == "," else "point"
    return (WRITTEN_TWO_WAYS if decimal == "?" else WRITTEN).format(name=name, sign=sign, decimal=decimal)


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def require_digits(values: pd.Series[Any]) -> None:
    """Refuse floats as names of people or groups that are so large that different ones may have become one."""
    if types.is_float_dtype(values.dtype):
        plain = _plain(values)
        if (np.abs(plain[np.isfinite(plain)]) >= 2**53).any():
            raise InputError(
                f"Column {values.name!r} holds numbers of more than 15 digits as floating point numbers, which lose the last "
                "ones, so different people or groups may have become one. Read it as whole numbers (in pandas dtype 'Int64', "
                "which has room for missing ones) or as text."
            )


def categories(values: pd.Series[Any]) -> tuple[Codes, pd.Index[Any]]:
    """Return codes (-1 for missing) and labels, the user's own, in the user's order.

    Categoricals keep the order of their categories (those that occur), numbers and booleans are
    sorted, text stands in order of appearance.
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes = np.asarray(values.cat.codes, dtype=np.int64)
        _require_single(values, values.cat.categories)
        return used(codes, values.cat.categories)
    require_digits(values)
    is_kind = kind(values)
    try:
        found, labels = pd.factorize(values, sort=is_kind != "category")
    except TypeError:
        raise InputError(SEVERAL.format(name=values.name)) from None
    _require_single(values, labels)
    if is_kind == "category":
        remedy = _written(values.name, list(labels))
        if remedy and written.decimal_of(list(labels)) != ".":  # 1.1 and 1.2 may be codes of areas
            raise InputError(
                f"Column {values.name!r} holds numbers as text, not categories. {remedy} Where they are categories all the same, "
                f"say so: table[{values.name!r}].astype('category')."
            )
    codes = np.asarray(found, dtype=np.int64)
    if types.is_bool_dtype(labels.dtype) or is_kind == "boolean":
        labels = pd.Index(np.asarray(labels, dtype=object))
    return codes, pd.Index(labels)


def _require_single(values: pd.Series[Any], labels: Any) -> None:
    """Refuse labels of several parts, which would be taken for labels of several columns."""
    if isinstance(labels, pd.MultiIndex) or (
        types.is_object_dtype(labels.dtype) and any(isinstance(label, (tuple, frozenset)) for label in labels)
    ):
        raise InputError(SEVERAL.format(name=values.name))


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


class Identities(Mapping[str, npt.NDArray[np.uint64]]):
    """The columns in which every row has a value of its own (ids, names, codes), hashed and sorted: see `identities`.

    Made when somebody asks, which is when people of two surveys are compared; those that are `known` stand beside them. Pickled as
    what they are, without the table.
    """

    def __init__(self, table: pd.DataFrame, known: Mapping[str, npt.NDArray[np.uint64]]) -> None:
        self._table, self._known = table, known

    @cached_property
    def _made(self) -> dict[str, npt.NDArray[np.uint64]]:
        return {**identities(self._table), **self._known}

    def __getitem__(self, name: str) -> npt.NDArray[np.uint64]:
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (self._made,)


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
            # In parts, between which Ctrl-C is heard; no row is like another, so looking for those that are is wasted.
            parts = (values.iloc[begin : begin + 100_000] for begin in range(0, len(values), 100_000))
            hashes = [pd.util.hash_array(part.astype(str).to_numpy(dtype=object), categorize=False) for part in parts]
            result[str(name)] = np.sort(np.concatenate(hashes))
    return result


Levels = tuple[Codes, list[Any]]


def levels(values: pd.Series[Any]) -> Levels | None:
    """Return codes (-1 for missing) and levels of a column of text in order of appearance; None for columns of other types."""
    if not isinstance(values.dtype, pd.StringDtype):
        return None
    codes, found = cast("Any", values.array).factorize()
    return codes.astype(np.int64, copy=False), found.tolist()


def digest(values: pd.Series[Any], found: Levels | None = None) -> bytes:
    """Hash a column by what it says: 1, 1.0 and True agree, in pandas as in polars. Levels of text may be found already."""
    hashed = hashlib.blake2b(str(values.name).encode(), digest_size=16)
    is_kind = kind(values)
    if is_kind in ("boolean", "number"):
        plain = _numeric(values) + 0.0  # -0 becomes 0
        plain[np.isnan(plain)] = np.nan  # one NaN of the many
        hashed.update(b"number")
        hashed.update(np.ascontiguousarray(plain, dtype="<f8").data)
        if not types.is_float_dtype(values.dtype) and (np.abs(plain) >= 2**53).any():
            # Digits that floats of this size don't hold.
            known = zip(values.tolist(), missing(values), strict=True)
            low = [int(v) % 2**32 if not lost and _is_whole(v) else 0 for v, lost in known]
            hashed.update(np.array(low, dtype="<u4").data)
    elif is_kind == "date":
        plain_dates = values.to_numpy(dtype="datetime64[ns]")
        hashed.update(b"date")
        hashed.update(np.ascontiguousarray(plain_dates.view("<i8")).data)
    else:
        try:
            codes, labels = found or levels(values) or pd.factorize(values.astype(object))
        except TypeError:
            raise InputError(SEVERAL.format(name=values.name)) from None
        hashed.update(b"category")
        hashed.update(np.ascontiguousarray(codes, dtype="<i8").data)
        texts = [str(label).encode() for label in labels]
        hashed.update(b"".join([len(text).to_bytes(8, "little") + text for text in texts]))
    return hashed.digest()
