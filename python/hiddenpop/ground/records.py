"""JSON of our own, read as what somebody may have damaged or made up: its depth, its numbers and its names are checked."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any

from ..errors import InputError

#: Nothing that is saved has more brackets within one another.
MOST_DEPTH = 100
#: Nor a number of more digits.
MOST_DIGITS = 400
_MARKS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[{]+|[\]}]+', re.DOTALL)


def parsed(text: str) -> Any:
    """Return what a JSON text says, or raise InputError that says what is wrong with it."""
    _check_depth(text)
    try:
        return json.loads(
            text,
            object_pairs_hook=_once,
            parse_int=_whole,
            parse_float=_finite,
            parse_constant=_constant,
        )
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise InputError(f"The text is no JSON{where}: it is cut off, damaged, or something else.") from None


def checksum(record: Mapping[str, Any]) -> str:
    """Return a digest of all that a record says but its checksum; how it is spaced and ordered doesn't count."""
    content = {key: value for key, value in record.items() if key != "checksum"}
    spelled = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return f"sha256 {hashlib.sha256(spelled.encode()).hexdigest()}"


def _check_depth(text: str) -> None:
    depth = 0
    for found in _MARKS.finditer(text):
        mark = found[0]
        if mark[0] in "[{":
            depth += len(mark)
            if depth > MOST_DEPTH:
                raise InputError(
                    f"The text has more than {MOST_DEPTH} brackets within one another, which no saved file has."
                )
        elif mark[0] in "]}":
            depth -= len(mark)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InputError("The text says one thing twice: a name stands more than once between two braces.")
    return found


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise InputError(f"The text has a number of {len(digits):,} digits.")
    return int(digits)


def _finite(digits: str) -> float:
    found = float(digits) if len(digits) <= MOST_DIGITS else math.inf
    if not math.isfinite(found):
        raise InputError("The text has a number that is too large.")
    return found


def _constant(name: str) -> float:
    raise InputError(f"The text has {name} for a number, which is no JSON.")
