"""Values in files: what JSON knows and, in braces, what it doesn't; each is checked when it is read."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from ..errors import InputError, in_words
from ..expression import saved
from ..expression.nodes import Node
from ..ground import sealed
from ..ground.columns import Floats

#: What JSON has no word for.
_NO_NUMBERS = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}
#: Dates beyond these are none.
_LONGEST = 60


def fields(value: Any, number: Mapping[Node, int]) -> dict[str, Any]:
    """Return what a file holds of a value of ours."""
    hidden = saved.sealed(value)
    return {
        "type": type(value).__name__,
        **{k: encode(_sealed(v) if k in hidden else v, number) for k, v in saved.public(value).items()},
    }


class _Name(str):
    """A name of data that is sealed by now."""

    __slots__ = ()


def _sealed(value: Any) -> Any:
    """Seal a name of data: a text, or whole numbers wherever they stand in a value."""
    if isinstance(value, str):
        return _Name(sealed.seal(value))
    if isinstance(value, tuple):
        return tuple(_Name(sealed.seal(int(one))) if isinstance(one, (int, np.integer)) else one for one in value)
    return _Name(sealed.seal(int(value)))


def encode(value: Any, number: Mapping[Node, int]) -> Any:
    """Return a value as JSON can hold it; nodes by their number."""
    if isinstance(value, _Name):
        return {"sealed": str(value)}
    if value is None or isinstance(value, (str, bool, np.bool_)):
        return bool(value) if isinstance(value, np.bool_) else value
    if isinstance(value, (int, np.integer)):
        # Keys of streams pass 64 bits, where other readers of JSON lose digits.
        return int(value) if abs(int(value)) < 2**53 else {"integer": str(value)}
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else {"float": str(float(value))}
    if isinstance(value, np.ndarray):
        plain = value.dtype.kind == "f" and bool(np.isfinite(value).all())
        return {"array": value.tolist() if plain else _spelled(value.tolist())}
    if isinstance(value, pd.Index):
        return {"index": [encode(v, number) for v in value.tolist()], "names": list(value.names)}
    if isinstance(value, (tuple, list)):
        return {"tuple": [encode(v, number) for v in value]}
    if isinstance(value, pd.Timestamp):
        return {"time": value.isoformat()}
    if isinstance(value, pd.Interval):
        return {"interval": [encode(value.left, number), encode(value.right, number)], "closed": value.closed}
    if isinstance(value, pd.Period):
        return {"period": str(value), "freq": value.freqstr}
    if isinstance(value, datetime.date):
        return {"date": value.isoformat()}
    if is_dataclass(value) and not isinstance(value, type):
        place = number.get(cast("Any", value))
        return fields(value, number) if place is None else {"node": place}
    raise InputError(
        f"A label of type {type(value).__name__} ({in_words(value)}) can't be saved; rename it to a text or a number first."
    )


def _spelled(numbers: Any) -> Any:
    if isinstance(numbers, list):
        return [_spelled(one) for one in numbers]
    return encode(numbers, {})


def build(stored: object, nodes: Sequence[Node]) -> Any:
    """Return the value of ours that a file holds."""
    if not isinstance(stored, Mapping) or not isinstance(stored.get("type"), str):
        raise InputError("Something in this file does not say what it is.")
    return saved.made(stored["type"], {k: decode(v, nodes) for k, v in stored.items() if k != "type"})


def decode(value: Any, nodes: Sequence[Node]) -> Any:
    """Return the value that JSON holds."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if not isinstance(value, Mapping):
        raise InputError("A list stands in this file where nothing says what it is.")
    if "type" in value:
        return build(value, nodes)
    kind = next(iter(value), "")
    wanted = {"index": {"index", "names"}, "interval": {"interval", "closed"}, "period": {"period", "freq"}}.get(
        kind, {kind}
    )
    if kind not in _READERS or set(value) != wanted:
        raise InputError(f"Something in this file is of no known kind: {in_words(sorted(map(str, value)))}.")
    return _READERS[kind](value, nodes)


def place(value: object, count: int) -> int:
    """Return a number of a node that came before."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < count:
        raise InputError("Something in this file refers to what does not stand before it.")
    return value


def array(value: object) -> Floats:
    """Return numbers in lists within one another, all of one length at each depth."""
    found = np.array(_numbers(value), dtype=float)
    if found.ndim == 0:
        raise InputError("A number stands in this file where a list should.")
    return found


def _numbers(value: object) -> Any:
    if isinstance(value, list):
        if all(type(one) is float for one in value):
            return value
        return [_numbers(one) for one in value]
    if isinstance(value, Mapping):  # in earlier files a row stands in braces
        return (
            _numbers(value["tuple"])
            if isinstance(value.get("tuple"), list) and len(value) == 1
            else _no_number(value, ())
        )
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InputError(f"{in_words(value)} stands in this file where a number should.")
    return float(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise InputError(f"{in_words(value)} stands in this file where a short text should.")
    return value


def _listed(value: object, nodes: Sequence[Node]) -> list[Any]:
    if not isinstance(value, list):
        raise InputError(f"{in_words(value)} stands in this file where a list should.")
    return [decode(one, nodes) for one in value]


def _no_number(value: Mapping[str, Any], nodes: Sequence[Node]) -> float:
    found = _NO_NUMBERS.get(str(value.get("float")))
    if found is None or len(value) != 1:
        raise InputError("A number in this file is none.")
    return found


def _integer(value: Mapping[str, Any], nodes: Sequence[Node]) -> int:
    if re.fullmatch(r"-?[0-9]{1,40}", _text(value["integer"])) is None:
        raise InputError("A whole number in this file is none.")
    return int(value["integer"])


def _index(value: Mapping[str, Any], nodes: Sequence[Node]) -> pd.Index[Any]:
    labels, names = _listed(value["index"], nodes), value["names"]
    if not isinstance(names, list) or not all(n is None or isinstance(n, (str, bool, int, float)) for n in names):
        raise InputError("The names of labels in this file are none.")
    for label in labels:
        for part in label if isinstance(label, tuple) else (label,):
            if isinstance(part, (tuple, np.ndarray, pd.Index)) or is_dataclass(part):
                raise InputError("A label in this file is none.")
    levels = {len(label) if isinstance(label, tuple) else 0 for label in labels}
    if len(levels) > 1 or len(names) != (max(levels, default=0) or 1):
        raise InputError("Labels in this file have different numbers of levels.")
    several = bool(levels - {0})
    found = pd.MultiIndex.from_tuples(labels, names=names) if several else pd.Index(labels, name=names[0])
    if len(found) == 0 or not found.is_unique:
        raise InputError("Labels in this file stand twice, or there are none.")
    return found


def _interval(value: Mapping[str, Any], nodes: Sequence[Node]) -> pd.Interval[Any]:
    left, right = _listed(value["interval"], nodes)
    return pd.Interval(left, right, closed=value["closed"])


_READERS = {
    "node": lambda value, nodes: nodes[place(value["node"], len(nodes))],
    "sealed": lambda value, nodes: sealed.opened(value["sealed"]),
    "integer": _integer,
    "float": _no_number,
    "time": lambda value, nodes: pd.Timestamp(_text(value["time"])),
    "interval": _interval,
    "period": lambda value, nodes: pd.Period(_text(value["period"]), freq=_text(value["freq"])),
    "date": lambda value, nodes: datetime.date.fromisoformat(_text(value["date"])),
    "array": lambda value, nodes: array(value["array"]),
    "tuple": lambda value, nodes: tuple(_listed(value["tuple"], nodes)),
    "index": _index,
}
