"""Values that nobody would give, and columns that few would: what the fuzzers put in place of something good."""

import datetime
import decimal
import fractions
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pyarrow as pa


class Odd:
    """An object that knows nothing but that it is one."""


class Shy:
    """An object that refuses to be looked at."""

    def __bool__(self) -> bool:
        raise RuntimeError("no truth in it")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("not comparable")

    __hash__ = None  # type: ignore[assignment]


def _nested(depth: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


def _estimates() -> list[hp.Estimate]:
    size = hp.published(100, 80, 130, name="a hostile one", replicates=50)
    return [
        size,
        size * 1e-320,
        size * 1e306,
        hp.concat({"a": size, "b": size * 2}),
        hp.Survey({"g": ["a", "b", "b"], "x": [1, 0, 1]}, replicates=50).proportion("x", by="g"),
    ]


#: Made anew for each call, so that none sees what another did to them.
VALUES: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "True": lambda: True,
    "False": lambda: False,
    "np.True_": lambda: np.True_,
    "0": lambda: 0,
    "-1": lambda: -1,
    "1": lambda: 1,
    "2": lambda: 2,
    "0.5": lambda: 0.5,
    "-0.0": lambda: -0.0,
    "1.5": lambda: 1.5,
    "nan": lambda: float("nan"),
    "inf": lambda: float("inf"),
    "-inf": lambda: float("-inf"),
    "1e308": lambda: 1e308,
    "-1e308": lambda: -1e308,
    "1e-300": lambda: 1e-300,
    "5e-324": lambda: 5e-324,
    "1e16": lambda: 1e16,
    "2**31": lambda: 2**31,
    "2**63": lambda: 2**63,
    "2**64": lambda: 2**64,
    "-2**63": lambda: -(2**63),
    "10**400": lambda: 10**400,
    "10**5000": lambda: 10**5000,
    "complex": lambda: 1 + 2j,
    "np.complex64": lambda: np.complex64(1),
    "Decimal": lambda: decimal.Decimal("0.25"),
    "Decimal nan": lambda: decimal.Decimal("NaN"),
    "Decimal snan": lambda: decimal.Decimal("sNaN"),
    "Decimal huge": lambda: decimal.Decimal("1e5000"),
    "Fraction": lambda: fractions.Fraction(1, 3),
    "Fraction huge": lambda: fractions.Fraction(10**400, 3),
    "np.float16": lambda: np.float16(0.5),
    "np.longdouble": lambda: np.longdouble("0.5"),
    "np.longdouble huge": lambda: np.longdouble("1e4000"),
    "np.int8": lambda: np.int8(3),
    "np.uint64": lambda: np.uint64(2**64 - 1),
    "array of no dimension": lambda: np.array(3.0),
    "''": lambda: "",
    "text": lambda: "x",
    "unknown": lambda: "nothing of this name",
    "text '1'": lambda: "1",
    "huge text": lambda: "a" * 100_000,
    "null character": lambda: "a\x00b",
    "surrogate": lambda: "a\ud800",
    "braces": lambda: "{0} %s \\ $x^2$ <b>",
    "formula": lambda: "~ x + log(age) + (",
    "bytes": lambda: b"x",
    "np.str_": lambda: np.str_("x"),
    "Path": lambda: Path("nowhere/at/all"),
    "[]": list,
    "{}": dict,
    "()": tuple,
    "set": lambda: {"x", "g"},
    "['x']": lambda: ["x"],
    "['x', 'x']": lambda: ["x", "x"],
    "['x', None]": lambda: ["x", None],
    "[1, 2]": lambda: [1, 2],
    "[0.5, nan]": lambda: [0.5, float("nan")],
    "[1e308, 5e-324]": lambda: [1e308, 5e-324],
    "[True, 'x', None]": lambda: [True, "x", None],
    "[[1], [2]]": lambda: [[1], [2]],
    "nested": lambda: _nested(5_000),
    "(1, 2)": lambda: (1, 2),
    "(2, 1)": lambda: (2, 1),
    "('a', 'b')": lambda: ("a", "b"),
    "(None, None)": lambda: (None, None),
    "range": lambda: range(3),
    "generator": lambda: (c for c in "xg"),
    "{'a': 1}": lambda: {"a": 1},
    "{'a': None}": lambda: {"a": None, "b": "x"},
    "{'a': 1e308, 'b': 5e-324}": lambda: {"a": 1e308, "b": 5e-324},
    "{1: {}}": lambda: {1: {}},
    "{None: nan}": lambda: {None: float("nan")},
    "{'x': [1]}": lambda: {"x": [1], "g": {"a"}},
    "{('a', 'b'): 1}": lambda: {("a", "b"): 1},
    "array": lambda: np.array([1.0, 2.0]),
    "array of texts": lambda: np.array(["a", "b"]),
    "array of objects": lambda: np.array(["a", None, 1.0], dtype=object),
    "matrix": lambda: np.ones((2, 2)),
    "empty array": lambda: np.array([]),
    "Series": lambda: pd.Series([1, 2]),
    "Series by label": lambda: pd.Series({"a": 1.0, "b": 2.0}),
    "Series of texts": lambda: pd.Series(["a", "b"]),
    "Series with a label twice": lambda: pd.Series([1.0, 2.0], index=["a", "a"]),
    "Series by two levels": lambda: pd.Series([1.0], index=pd.MultiIndex.from_tuples([("a", 1)])),
    "Series of Int64": lambda: pd.Series([1, None], dtype="Int64", index=["a", "b"]),
    "DataFrame": lambda: pd.DataFrame({"a": [1, 2]}),
    "empty DataFrame": pd.DataFrame,
    "Index": lambda: pd.Index(["a", "b"]),
    "NA": lambda: pd.NA,
    "NaT": lambda: pd.NaT,
    "Timestamp": lambda: pd.Timestamp("2020-01-01"),
    "Timestamp tz": lambda: pd.Timestamp("2020-01-01", tz="UTC"),
    "date": lambda: datetime.date(2020, 1, 1),
    "Timedelta": lambda: pd.Timedelta("1D"),
    "Period": lambda: pd.Period("2020"),
    "Interval": lambda: pd.Interval(0, 1),
    "datetime64": lambda: np.datetime64("2020-01-01"),
    "slice": lambda: slice(None),
    "Ellipsis": lambda: ...,
    "NotImplemented": lambda: NotImplemented,
    "len": lambda: len,
    "function of nothing": lambda: lambda: 1,
    "function that breaks": lambda: lambda *a, **k: 1 / 0,
    "function that returns None": lambda: lambda *a, **k: None,
    "int": lambda: int,
    "module": lambda: np,
    "object": Odd,
    "shy object": Shy,
    "an exception": lambda: ValueError("x"),
    "Generator": lambda: np.random.default_rng(1),
    "Survey": lambda: hp.Survey({"g": ["a", "b", "b"], "x": [1, 0, 1]}, replicates=50),
    "Lists": lambda: hp.Lists({"A": [1, 1, 0], "B": [1, 0, 1]}, ["A", "B"], replicates=50),
    **{f"Estimate {i}": (lambda i=i: _estimates()[i]) for i in range(5)},
}

#: Ways to write numbers as a column: what the same numbers may come as.
NUMBERS: dict[str, Callable[[Any], Any]] = {
    "float64": lambda v: pd.Series(v, dtype=float),
    "float32": lambda v: pd.Series(v, dtype="float32"),
    "float16": lambda v: pd.Series(v, dtype="float16"),
    "longdouble": lambda v: pd.Series(np.asarray(v, dtype=np.longdouble)),
    "complex": lambda v: pd.Series(v, dtype=complex),
    "object": lambda v: pd.Series(list(v), dtype=object),
    "decimal": lambda v: pd.Series([decimal.Decimal(str(x)) for x in v], dtype=object),
    "fraction": lambda v: pd.Series([fractions.Fraction(float(x)).limit_denominator(1000) for x in v], dtype=object),
    "Float64": lambda v: pd.Series(v, dtype="Float64"),
    "Float64 with NA": lambda v: pd.Series([pd.NA, *list(v)[1:]], dtype="Float64"),
    "Float32": lambda v: pd.Series(v, dtype="Float32"),
    "arrow double": lambda v: pd.Series(v, dtype=pd.ArrowDtype(pa.float64())),
    "arrow decimal": lambda v: pd.Series(
        [decimal.Decimal(f"{x:.3f}") for x in v], dtype=pd.ArrowDtype(pa.decimal128(12, 3))
    ),
    "sparse": lambda v: pd.Series(pd.arrays.SparseArray(np.asarray(v, dtype=float))),
    "text": lambda v: pd.Series([f"{x:.3f}" for x in v]),
    "category of numbers": lambda v: pd.Series(v).round().astype("category"),
    "int8": lambda v: pd.Series(np.asarray(v)).clip(-100, 100).astype("int8"),
    "uint64": lambda v: pd.Series(np.abs(np.asarray(v))).astype("uint64"),
    "Int64": lambda v: pd.Series(np.asarray(v).round()).astype("Int64"),
    "arrow int": lambda v: pd.Series(np.asarray(v).round().astype(int), dtype=pd.ArrowDtype(pa.int32())),
    "infinite": lambda v: pd.Series([np.inf, *list(v)[1:]], dtype=float),
    "minus infinite": lambda v: pd.Series([-np.inf, *list(v)[1:]], dtype=float),
    "huge": lambda v: pd.Series(np.asarray(v, dtype=float) * 1e306),
    "largest": lambda v: pd.Series([1.7e308, -1.7e308, *list(v)[2:]], dtype=float),
    "tiny": lambda v: pd.Series(np.asarray(v, dtype=float) * 1e-310),
    "all missing": lambda v: pd.Series([np.nan] * len(v)),
    "all None": lambda v: pd.Series([None] * len(v), dtype=object),
    "constant": lambda v: pd.Series([7.0] * len(v)),
    "beyond 2**64": lambda v: pd.Series([2**70 + int(x) for x in v], dtype=object),
    "mixed": lambda v: pd.Series([(x, str(x), None)[i % 3] for i, x in enumerate(v)], dtype=object),
    "zeros": lambda v: pd.Series([0] * len(v)),
}

#: Ways to write a few kinds (whole numbers from 0) as a column.
KINDS: dict[str, Callable[[Any], Any]] = {
    "text": lambda k: pd.Series([f"k{i}" for i in k]),
    "object": lambda k: pd.Series([f"k{i}" for i in k], dtype=object),
    "string": lambda k: pd.Series([f"k{i}" for i in k], dtype="string"),
    "arrow string": lambda k: pd.Series([f"k{i}" for i in k], dtype=pd.ArrowDtype(pa.string())),
    "arrow dictionary": lambda k: pd.Series(
        pd.arrays.ArrowExtensionArray(pa.array([f"k{i}" for i in k]).dictionary_encode())
    ),
    "category": lambda k: pd.Categorical([f"k{i}" for i in k], categories=["k9", *[f"k{i}" for i in range(9)]]),
    "category, ordered": lambda k: pd.Categorical(k, categories=[*range(9)], ordered=True),
    "category with missing": lambda k: pd.Categorical([None if i == 0 else f"k{i}" for i in k]),
    "category of look-alikes": lambda k: pd.Categorical([(1, "1", 1.5)[i % 3] for i in k], categories=[1, "1", 1.5]),
    "bool": lambda k: pd.Series([i == 0 for i in k]),
    "boolean": lambda k: pd.Series([(True, False, pd.NA)[i % 3] for i in k], dtype="boolean"),
    "arrow bool": lambda k: pd.Series([(True, False, None)[i % 3] for i in k], dtype=pd.ArrowDtype(pa.bool_())),
    "int": pd.Series,
    "Int64": lambda k: pd.Series([None if i == 0 else i for i in k], dtype="Int64"),
    "float": lambda k: pd.Series(k) / 4,
    "huge int": lambda k: pd.Series([2**70 + i for i in k], dtype=object),
    "datetime ns": lambda k: pd.Series(pd.to_datetime("2020-01-01") + pd.to_timedelta(k, "D")).dt.as_unit("ns"),
    "datetime s": lambda k: pd.Series(np.array([f"2020-01-0{i + 1}" for i in k], dtype="datetime64[s]")),
    "datetime tz": lambda k: pd.Series(pd.to_datetime("2020-01-01", utc=True) + pd.to_timedelta(k, "D")),
    "datetime with NaT": lambda k: pd.Series([pd.NaT if i == 0 else pd.Timestamp(2020, 1, i) for i in k]),
    "date": lambda k: pd.Series([datetime.date(2020, 1, i + 1) for i in k], dtype=object),
    "arrow date": lambda k: pd.Series([datetime.date(2020, 1, i + 1) for i in k], dtype=pd.ArrowDtype(pa.date32())),
    "time": lambda k: pd.Series([datetime.time(i) for i in k], dtype=object),
    "timedelta": lambda k: pd.Series(pd.to_timedelta(k, "h")),
    "period": lambda k: pd.Series(pd.PeriodIndex([f"202{i}" for i in k], freq="Y")),
    "interval": lambda k: pd.Series(pd.arrays.IntervalArray.from_breaks(np.arange(10.0)).take(k)),
    "tuple": lambda k: pd.Series([("k", i) for i in k], dtype=object),
    "list": lambda k: pd.Series([["k", i] for i in k], dtype=object),
    "dict": lambda k: pd.Series([{"k": i} for i in k], dtype=object),
    "arrow list": lambda k: pd.Series([[i] for i in k], dtype=pd.ArrowDtype(pa.list_(pa.int64()))),
    "bytes": lambda k: pd.Series([bytes([i]) for i in k], dtype=object),
    "object odd": lambda k: pd.Series([Odd() for _ in k], dtype=object),
    "mixed": lambda k: pd.Series([(1, "1", None, 2.5, True, (1,))[i % 6] for i in k], dtype=object),
    "names of ours": lambda k: pd.Series([("n", "se", "estimate", "lower", "All")[i % 5] for i in k]),
    "blank": lambda k: pd.Series([("", " ", "a", "a ")[i % 4] for i in k]),
    "odd texts": lambda k: pd.Series([("a\x00b", "=1+1", "<b>", "a\ud800", "x" * 5000)[i % 5] for i in k]),
    "one": lambda k: pd.Series(["a"] * len(k)),
    "all different": lambda k: pd.Series([f"p{i}" for i in range(len(k))]),
    "all missing": lambda k: pd.Series([None] * len(k), dtype=object),
    "complex": lambda k: pd.Series([complex(i, 1) for i in k]),
    "sparse": lambda k: pd.Series(pd.arrays.SparseArray(np.asarray(k))),
}
