"""Files that are written: what they need, where they go, why they can't be, and texts as JSON."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from os import PathLike
from typing import Any

from ..errors import InputError


def needed(module: str, package: str) -> Any:
    """Import an optional package, or say how to install it."""
    from importlib import import_module  # noqa: PLC0415 (only when something is written)

    try:
        return import_module(module)
    except ImportError as error:
        raise InputError(f"This needs {package}: pip install 'hiddenpop[report]'.") from error


def as_json(made: object) -> str:
    """Return JSON that can be written to any file: halves of characters, which UTF-8 lacks, as JSON's own escapes."""
    text = _lines(made, "\n")
    return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half.group()):04x}", text)


def _lines(made: object, margin: str) -> str:
    """Return JSON with a line for each thing that has parts, and lists of single things on one line: there may be a million.

    Python's own `indent=` has a line for each number, and takes ten times as long as without.
    """
    inside = f"{margin} "
    if isinstance(made, dict) and made:
        keys = (json.dumps(key, ensure_ascii=False) for key in made)
        parts = [f"{key}: {_lines(value, inside)}" for key, value in zip(keys, made.values(), strict=True)]
        return f"{{{inside}{f',{inside}'.join(parts)}{margin}}}"
    if isinstance(made, list) and any(issubclass(kind, (dict, list)) for kind in set(map(type, made))):
        return f"[{inside}{f',{inside}'.join(_lines(part, inside) for part in made)}{margin}]"
    return json.dumps(made, allow_nan=False, ensure_ascii=False)


def exists(path: str | PathLike[str]) -> bool:
    """Tell whether there is such a file; a name that is too long for one names none."""
    from pathlib import Path  # noqa: PLC0415 (as above)

    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False


def suffix(path: str | PathLike[str], wanted: Sequence[str]) -> None:
    """Refuse a file name that says it holds something else."""
    from pathlib import Path  # noqa: PLC0415 (only when something is written)

    if not isinstance(path, (str, PathLike)):
        raise InputError(f"A file is named by a text or a path, and this is {path!r}.")
    if Path(path).suffix.lower() not in wanted:
        raise InputError(f"The file {str(path)!r} should end in {' or '.join(wanted)}.")


@contextlib.contextmanager
def unwritten(what: str, path: str | PathLike[str]) -> Iterator[None]:
    """Say what a file that can't be written was for, and why."""
    try:
        named = b"\x00" not in os.fsencode(path)
    except ValueError:  # half of a character
        named = False
    if not named:
        raise InputError(f"The {what} can't be written to {str(path)!r}: no file can have this name.")
    try:
        yield
    except OSError as error:
        raise InputError(f"The {what} can't be written to {str(path)!r}: {error.strerror}.") from error
