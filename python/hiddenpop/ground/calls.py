"""Calls that fit no signature, in words: what is missing, what is not taken, and how such a call is written."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import listing, suggest

UNKNOWN = "{name} takes no {given}=. {hint}"
TOO_MANY = "{name} takes {places} by place and was given {number} values. {rest}{example}"
TWICE = "{name} was given {given} twice, by its place and by its name."
LACKING = "{name} needs {lacking}. {example}"
#: An example of a docstring, with the lines that go on.
_EXAMPLE = re.compile(r"^\s*>>> (.*(?:\n\s*\.\.\. .*)*)", re.MULTILINE)


def misfit(function: Callable[..., Any], args: Sequence[Any], options: Mapping[str, Any]) -> str | None:
    """Say why a call doesn't fit a function's signature; None where it does."""
    signature = inspect.signature(function)
    try:
        signature.bind(*args, **options)
    except TypeError:
        pass
    else:
        return None
    name = _name(function)
    parameters = list(signature.parameters.values())
    given = len(args)
    if parameters and parameters[0].name in ("self", "cls"):
        parameters, given = parameters[1:], given - 1
    placed = [one for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    named = [one.name for one in parameters if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)]
    example = _example(function, name)
    unknown = [key for key in options if key not in named]
    if unknown and not any(one.kind is one.VAR_KEYWORD for one in parameters):
        return UNKNOWN.format(name=name, given=unknown[0], hint=suggest(unknown[0], named))
    if given > len(placed) and not any(one.kind is one.VAR_POSITIONAL for one in parameters):
        others = [f"{one.name}=" for one in parameters if one.kind is one.KEYWORD_ONLY]
        rest = f"Others are given by name: {', '.join(others[:6])}{', ...' if len(others) > 6 else ''}. "
        return TOO_MANY.format(
            name=name,
            places=_joined([one.name for one in placed]) or "no value",
            number=given,
            rest=rest if others else "",
            example=example,
        ).rstrip()
    twice = [one.name for one in placed[:given] if one.name in options]
    if twice:
        return TWICE.format(name=name, given=listing(twice))
    lacking = [
        one.name if one in placed else f"{one.name}="
        for one in parameters
        if one.default is one.empty
        and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
        and one.name not in options
        and one not in placed[:given]
    ]
    return LACKING.format(name=name, lacking=_joined(lacking), example=example).rstrip()


def _joined(names: Sequence[str]) -> str:
    *others, last = names or [""]
    return f"{', '.join(others)} and {last}" if others else last


def _name(function: Callable[..., Any]) -> str:
    """Return what a user calls: a class by its name, not by how it is made."""
    *others, last = function.__qualname__.split("<locals>.")[-1].split(".")
    return others[-1] if last == "__init__" and others else last


def _example(function: Callable[..., Any], name: str) -> str:
    """Return the first example in which the call stands, as its documentation has it."""
    home = function.__globals__.get(name) if function.__name__ == "__init__" else function
    for code in _EXAMPLE.findall((home and home.__doc__) or ""):
        plain = "\n".join(re.sub(r"^\s*\.\.\. ", "", line) for line in code.split("\n"))
        if re.search(rf"\b{re.escape(name)}\(", plain):
            try:
                return f"For example: {' '.join(ast.unparse(ast.parse(plain)).split())}"
            except SyntaxError:
                continue
    return ""
