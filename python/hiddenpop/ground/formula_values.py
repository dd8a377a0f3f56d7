"""What formulas compute: a closed list of functions, and the walk that applies them to columns.

No text is evaluated here as Python would: an expression is walked node by node, and a node, a function or an option that has no
line below is refused. `formula_text` reads expressions by the same lists; this walk doesn't rely on it.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..errors import InputError

#: Numbers that say how many: columns, digits, letters. Enough for any model, and too few to fill a memory.
MOST = 100
COUNTING = {"df", "degree", "decimals", "width"}
#: Types of `.astype`.
TYPES = {"float", "float64", "int", "int64", "bool", "str", "object", "category"}
#: Signs of patterns that take longer the longer they fail, and need not be in formulas.
SLOW = re.compile(r"[*+?{(\\]")


class Takes(NamedTuple):
    """What a function is called with: so many things computed of columns, then options, which are written out."""

    least: int
    most: int
    options: tuple[str, ...] = ()
    #: Options that can't be given by their place.
    by_name: tuple[str, ...] = ()


_SPLINE = ("df", "knots", "lower_bound", "upper_bound", "constraints")
#: Functions of a row's own answers.
ELEMENTWISE = {name: Takes(1, 1) for name in ("I", "log", "log10", "log2", "exp", "exp2", "exp10")}
CATEGORIES = {"C": Takes(1, 1, ("contrasts",), ("levels", "spans_intercept"))}
#: Functions that keep what they found in the sample: of one column, the rest are options.
KEEPING = {
    "bs": Takes(1, 1, ("df", "knots", "degree", "include_intercept", "lower_bound", "upper_bound", "extrapolation")),
    **{name: Takes(1, 1, _SPLINE, ("cyclic", "extrapolation")) for name in ("cr", "cs", "cc")},
    "center": Takes(1, 1),
    "poly": Takes(1, 1, ("degree", "raw")),
    "scale": Takes(1, 1, ("center", "scale", "ddof")),
    "standardize": Takes(1, 1, ("center", "rescale", "ddof")),
}
#: Functions of NumPy, of as many numbers.
NUMPY = {
    **{
        name: Takes(1, 1)
        for name in (
            *("abs", "absolute", "fabs", "sign", "sqrt", "cbrt", "square", "reciprocal", "logical_not"),
            *("log", "log2", "log10", "log1p", "exp", "exp2", "expm1", "floor", "ceil", "trunc", "rint"),
            *("sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh"),
        )
    },
    **{
        name: Takes(2, 2)
        for name in (
            *("power", "hypot", "mod", "arctan2", "minimum", "maximum"),
            *("logical_and", "logical_or", "logical_xor"),
        )
    },
    "where": Takes(3, 3),
    "clip": Takes(1, 3, (), ("a_min", "a_max")),
    "round": Takes(1, 1, ("decimals",)),
    "isin": Takes(1, 1, ("test_elements",), ("invert",)),
}
METHODS = {
    "abs": Takes(1, 1),
    "clip": Takes(1, 1, ("lower", "upper")),
    "round": Takes(1, 1, ("decimals",)),
    "between": Takes(1, 1, ("left", "right", "inclusive")),
    "isin": Takes(1, 1, ("values",)),
    "map": Takes(1, 1, ("arg",)),
    "astype": Takes(1, 1, ("dtype",)),
}
TEXT_METHODS = {
    **{name: Takes(1, 1) for name in ("lower", "upper", "len")},
    "strip": Takes(1, 1, ("to_strip",)),
    "contains": Takes(1, 1, ("pat", "case"), ("na", "regex")),
    **{name: Takes(1, 1, ("pat",), ("na",)) for name in ("startswith", "endswith")},
    "slice": Takes(1, 1, ("start", "stop", "step")),
    "zfill": Takes(1, 1, ("width",)),
}
#: Codings of categories, for `C(x, Sum)`, and as `contr.sum` with their options.
CONTRASTS = {
    "Treatment": Takes(0, 0, ("reference",)),
    "Sum": Takes(0, 0),
    "Helmert": Takes(0, 0, ("reverse", "scale")),
    "Poly": Takes(0, 0, ("scores",)),
    "Diff": Takes(0, 0, ("backward",)),
}
OF_CONTR = {
    "treatment": Takes(0, 0, ("base",)),
    "SAS": Takes(0, 0, ("base",)),
    "sum": Takes(0, 0),
    "helmert": Takes(0, 0, ("reverse", "scale")),
    "diff": Takes(0, 0, ("backward",)),
    "poly": Takes(0, 0, ("scores",)),
    "custom": Takes(0, 0, ("contrasts", "names")),
}
#: All of them, by what stands before their names.
LISTS: Mapping[str, Mapping[str, Takes]] = {
    "": {**ELEMENTWISE, **CATEGORIES, **KEEPING, **CONTRASTS},
    "np.": NUMPY,
    "contr.": OF_CONTR,
    ".": METHODS,
    ".str.": TEXT_METHODS,
}

_SIGNS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_ELEMENTWISE: Mapping[str, Callable[..., Any]] = {
    "I": lambda values: values,
    "log": np.log,
    "log10": np.log10,
    "log2": np.log2,
    "exp": np.exp,
    "exp2": np.exp2,
    "exp10": lambda values: np.power(10.0, values),
}
# The names in getattr are those of the lists above and no other: a text only chooses among these dictionaries' keys.
_NUMPY: Mapping[str, Callable[..., Any]] = {name: getattr(np, name) for name in NUMPY}
_METHODS: Mapping[str, Callable[..., Any]] = {name: getattr(pd.Series, name) for name in METHODS}
_SERIES: Any = pd.Series
_TEXTS = _SERIES.str
_TEXT_METHODS: Mapping[str, Callable[..., Any]] = {name: getattr(_TEXTS, name) for name in TEXT_METHODS}
_NUMBERS = {"pi": np.pi, "e": np.e}


class Unknown(InputError):
    """An expression holds what formulas don't compute."""


def called(function: ast.expr) -> tuple[str, str, Takes, ast.expr | None] | None:
    """Return the function that a call means, if it is on the lists: which list, its name, what it takes, and whose method it is."""
    match function:
        case ast.Name(id=name):
            homes: list[tuple[str, ast.expr | None]] = [("", None)]
        case ast.Attribute(value=ast.Attribute(value=owner, attr="str"), attr=name):
            homes = [(".str.", owner)]
        case ast.Attribute(value=owner, attr=name):
            module = owner.id if isinstance(owner, ast.Name) else ""
            homes = [*([(f"{module}.", None)] if module in ("np", "contr") else []), (".", owner)]
        case _:
            return None
    return next(((home, name, LISTS[home][name], of) for home, of in homes if name in LISTS[home]), None)


def check_options(node: ast.Call, name: str, takes: Takes, own: int) -> Iterator[str]:
    """Yield what is wrong with a call: too few or too many arguments, or options that it hasn't or that are too large.

    `own` is how many of its arguments are not among those written: one for a method.
    """
    if any(isinstance(one, ast.Starred) for one in node.args) or any(one.arg is None for one in node.keywords):
        yield "holds stars"
        return
    columns = min(len(node.args) + own, takes.most)
    if columns < takes.least:
        yield f"calls {name} with too little"
    placed = node.args[columns - own :]
    if len(placed) > len(takes.options):
        yield f"calls {name} with too much"
    options = dict(zip(takes.options, placed, strict=False))
    for one in node.keywords:
        if one.arg not in (*takes.options, *takes.by_name) or one.arg in options:
            yield f"calls {name} with {one.arg}=, which it does not take" + (" twice" if one.arg in options else "")
        options[str(one.arg)] = one.value
    for option, value in options.items():
        number = value.operand if isinstance(value, ast.UnaryOp) else value
        if option in COUNTING and (not isinstance(number, ast.Constant) or _beyond(number.value)):
            yield f"calls {name} with {option}= that is no number up to {MOST}"
        if isinstance(value, (ast.List, ast.Tuple)) and option == "knots" and len(value.elts) > MOST:
            yield f"has more than {MOST} knots"
        if option == "dtype" and not (isinstance(value, ast.Constant) and value.value in TYPES):
            yield f"asks for a type other than {', '.join(sorted(TYPES))}"
        if option == "pat" and not (isinstance(value, ast.Constant) and isinstance(value.value, str)):
            yield "looks for what is no text"
        elif name == ".str.contains" and option == "pat" and SLOW.search(value.value):  # type: ignore[attr-defined]
            yield r"has a pattern with one of * + ? { ( \; patterns are letters, with | . ^ $ and [...]"


def _beyond(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, (int, float)) and not abs(value) <= MOST)


@dataclass(frozen=True)
class Walk:
    """The values of expressions: of columns by name, with what functions kept of the rows that a model was made of."""

    columns: Mapping[str, Any]
    #: Functions that keep something, codings of categories (`Sum`, `contr.sum`) and `C`, which formulas.py brings.
    library: Mapping[str, Callable[..., Any]]
    #: What each call kept, by its text; filled on the way.
    kept: dict[str, dict[str, Any]]

    def value(self, code: str) -> Any:
        """Return what an expression makes of the columns."""
        return self._value(ast.parse(code, mode="eval").body)

    def _index(self) -> Any:
        return next(iter(self.columns.values())).index

    def _value(self, node: ast.expr) -> Any:
        match node:
            case ast.Name(id=name) if name in self.columns:
                return self.columns[name]
            case ast.Constant(value=bool() | int() | float() | str() | None):
                return node.value
            case ast.Attribute(value=ast.Name(id="np"), attr=name) if name in _NUMBERS:
                return _NUMBERS[name]
            case ast.BinOp(left=left, op=op, right=right):
                return _SIGNS[type(op)](self._value(left), self._value(right))
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _SIGNS:
                return _SIGNS[type(op)](self._value(operand))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _SIGNS:
                return _SIGNS[type(op)](self._value(left), self._value(right))
            case ast.List(elts=parts):
                return [self._value(part) for part in parts]
            case ast.Tuple(elts=parts):
                return tuple(self._value(part) for part in parts)
            case ast.Set(elts=parts):
                return {self._value(part) for part in parts}
            case ast.Dict(keys=keys, values=values) if None not in keys:
                return {self._value(k): self._value(v) for k, v in zip(keys, values, strict=True) if k is not None}
            case ast.Name(id=name) if name in CONTRASTS:
                return self.library[name]
            case ast.Call():
                return self._call(node)
        raise Unknown("A formula holds what formulas don't compute.")

    def _call(self, node: ast.Call) -> Any:
        found = called(node.func)
        if found is None:
            raise Unknown("A formula calls what formulas don't know.")
        home, name, takes, owner = found
        for wrong in check_options(node, home + name, takes, own=owner is not None):
            raise Unknown(f"A formula {wrong}.")
        args = [self._value(one) for one in node.args]
        options = {str(one.arg): self._value(one.value) for one in node.keywords}
        if owner is not None:
            of = self._value(owner)
            if home == ".str.":
                return _TEXT_METHODS[name](of.str, *args, **options)
            if name == "map" and not isinstance((args or list(options.values()))[0], dict):
                raise Unknown("A formula maps by something other than {value: value}.")
            if isinstance(of, np.ndarray):  # as np.where makes
                of = pd.Series(of, index=self._index())
            return _METHODS[name](of, *args, **options)
        if home == "np.":
            made = _NUMPY[name](*args, **options)
            # Texts that it makes are categories as pandas holds them.
            texts = isinstance(made, np.ndarray) and made.dtype.kind in "US"
            return pd.Series(made.astype(object), index=self._index()) if texts else made
        if name in _ELEMENTWISE and not home:
            return _ELEMENTWISE[name](*args)
        if name in KEEPING and not home:
            kept = self.kept.setdefault(ast.unparse(node), {})
            return self.library[name](*args, _state=kept, **options)
        return self.library[home + name](*args, **options)
