"""Whether a value is of the type that a class states for its field: what a file gives is no more than that."""

from __future__ import annotations

import re
import sys
import types
from functools import lru_cache
from typing import Any, Literal, Protocol, Union, get_args, get_origin, get_type_hints

import numpy as np
import pandas as pd

from ..errors import InputError

#: Seeds are numbers of 64 bits; nobody wants more replicates.
MOST_SEED, MOST_REPLICATES = 2**64, 100_000_000

_NONE = type(None)


def check(kind: type, name: str, value: Any) -> None:
    """Refuse a value that a field of a class can't have."""
    if not fits(value, stated(kind, name)):
        raise InputError(f"The field {name!r} of {kind.__name__} in this file holds what it can't hold.")


def stated(kind: type, name: str) -> Any:
    """Return the type that a class states for one of its fields."""
    for base in kind.__mro__:
        text = vars(base).get("__annotations__", {}).get(name)
        if text is not None:
            if not isinstance(text, str):
                return text
            return _resolved(base.__module__, text)
    raise InputError(f"{kind.__name__} states no type for {name!r}, so no file may hold it.")


@lru_cache(maxsize=1024)
def _resolved(module: str, text: str) -> Any:
    """Return the type that a text names in a module."""
    # Of one field alone: others may be of types that are known to type checkers only; pandas' take no parameters at run time.
    plain = re.sub(r"\bpd\.Index\[Any\]", "pd.Index", text)
    alone = type("Alone", (), {"__annotations__": {"field": plain}})
    return get_type_hints(alone, vars(sys.modules[module]))["field"]


def fits(value: Any, wanted: Any) -> bool:
    """Tell whether a value is of a type; a type that nobody thought of is refused."""
    origin, inside = get_origin(wanted), get_args(wanted)
    if wanted in (Any, None, _NONE):
        return wanted is Any or value is None
    if origin is Literal:
        return any(type(value) is type(one) and value == one for one in inside)
    if origin in (Union, types.UnionType):
        return any(fits(value, one) for one in inside)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if len(inside) == 2 and inside[1] is Ellipsis:
            return all(fits(one, inside[0]) for one in value)
        return len(value) == len(inside) and all(fits(one, each) for one, each in zip(value, inside, strict=True))
    if origin is np.ndarray:
        return isinstance(value, np.ndarray) and value.dtype == np.float64
    if wanted is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if wanted in (str, bool, pd.Index):
        return isinstance(value, wanted)
    if isinstance(wanted, type):
        if Protocol in wanted.__bases__:
            offered = {name for name in vars(wanted) if not name.startswith("_")}
            return offered <= {name for base in type(value).__mro__ for name in vars(base)}
        return isinstance(value, wanted)
    return False


def require(value: object, *facts: bool) -> None:
    """Refuse fields that contradict one another: what a class says of its own in `confirm`."""
    if not all(facts):
        raise InputError(f"The fields of {type(value).__name__} in this file contradict one another.")


def settings(seed: int, replicates: int) -> bool:
    """Tell whether a seed and a number of replicates are within their limits."""
    return 0 <= seed < MOST_SEED and 0 <= replicates <= MOST_REPLICATES
