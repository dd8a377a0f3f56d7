"""Arguments of the wrong kind are refused in words, as signatures say what is wanted: a Series is no text, a list no yes or no."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import is_dataclass
from os import PathLike
from typing import Any, TypeVar, cast

import numpy as np

from ..errors import InputError, in_words

Thing = TypeVar("Thing", bound=Callable[..., Any])
#: What an annotation wants, by its first word, and how a message calls it. Parameters with any other word are left to who
#: reads them: numbers, tables and estimates say more than their kind when they are wrong.
KINDS: dict[str, tuple[Callable[[object], bool], str]] = {
    "None": (lambda value: value is None, "None"),
    "bool": (lambda value: isinstance(value, (bool, np.bool_)), "True or False"),
    "str": (lambda value: isinstance(value, str), "a text"),
    "Literal": (lambda value: isinstance(value, str), "a text"),
    "PathLike": (lambda value: isinstance(value, PathLike), "a path"),
    "Sequence": (lambda value: isinstance(value, Iterable) and not isinstance(value, (str, bytes)), "a list"),
    "Mapping": (lambda value: isinstance(value, Mapping), "a mapping"),
    "Callable": (callable, "a function"),
    "Design": (lambda value: callable(getattr(value, "read", None)), "a design that reads tables"),
}


def checked(thing: Thing) -> Thing:
    """Check the plain arguments of a public function, or of all public methods of a class."""
    if not inspect.isclass(thing):
        return cast("Thing", _checked(thing))
    called = () if is_dataclass(thing) else ("__init__",)  # a dataclass is made by the package
    for name, value in list(vars(thing).items()):
        if name.startswith("_") and name not in called:
            continue
        if inspect.isfunction(value):
            setattr(thing, name, _checked(value))
        elif isinstance(value, classmethod):
            setattr(thing, name, classmethod(_checked(value.__func__)))
    return thing


def _checked(function: Callable[..., Any]) -> Callable[..., Any]:
    wanted: dict[str, tuple[str, ...]] = {}
    places: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            places.append(parameter.name)
        kinds = _kinds(str(parameter.annotation), function.__globals__)
        if kinds and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            wanted[parameter.name] = kinds
    if not wanted:
        return function

    def wrong(args: Any, options: Any, *, of: Callable[[str], bool]) -> InputError | None:
        for name, value in (*zip(places, args, strict=False), *options.items()):
            if of(name) and not any(KINDS[kind][0](value) for kind in wanted[name]):
                words = [KINDS[kind][1] for kind in wanted[name] if kind != "None"]
                return InputError(f"{name}={in_words(value)} must be {' or '.join(dict.fromkeys(words))}.")
        return None

    switches = frozenset(name for name, kinds in wanted.items() if "bool" in kinds)

    @functools.wraps(function)
    def first_checked(*args: Any, **options: Any) -> Any:
        found = wrong(args, options, of=switches.__contains__) if switches else None
        if found is not None:
            raise found
        try:
            return function(*args, **options)
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            # Whoever reads an argument knows best what to say of it; what nobody noticed is said here.
            if not isinstance(error, InputError):
                found = wrong(args, options, of=wanted.__contains__)
                if found is not None:
                    raise found from None
            raise

    return first_checked


def _kinds(annotation: str, names: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the kinds that an annotation allows; none where one of them is not plain."""
    # What stands in brackets, innermost first, is about parts.
    while "[" in annotation:
        before = annotation
        annotation = re.sub(r"\[[^\[\]]*\]", "", annotation)
        if annotation == before:
            return ()
    found = []
    for word in (part.strip() for part in annotation.split("|")):
        if word not in KINDS:
            if not str(names.get(word, "")).startswith("typing.Literal"):
                return ()
            found.append("Literal")
        else:
            found.append(word)
    return tuple(found)
