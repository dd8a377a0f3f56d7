"""What signatures say is held to: a Series is no text, a list no yes or no, and tables that are handed out write themselves safely."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from os import PathLike
from typing import Any, TypeVar, cast

import numpy as np

from ..errors import InputError, in_words, visible
from .handed import handed, handing

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
#: What is said of texts that are none.
BROKEN = (
    "A text holds half of a character ({half}), as happens when a file is read in another encoding than it was written in. Read "
    "it again in its own (encoding='cp1252' or 'latin-1' is often right), or replace such texts."
)
#: Methods whose texts are for people to read, and name what users named.
SAID = ("__repr__", "_repr_html_", "methods")


def checked(thing: Thing) -> Thing:
    """Check the plain arguments of a public function, or of all public methods of a class; see `handed` for what they return."""
    if not inspect.isclass(thing):
        return cast("Thing", handing(_checked(thing)))
    called = () if is_dataclass(thing) else ("__init__",)  # a dataclass is made by the package
    for name, value in list(vars(thing).items()):
        if name.startswith("_") and name not in (*called, *SAID):
            continue
        if inspect.isfunction(value):
            held = handing(_checked(value))
            setattr(thing, name, _shown(held) if name in SAID else held)
        elif isinstance(value, classmethod):
            setattr(thing, name, classmethod(handing(_checked(value.__func__))))
        elif isinstance(value, property) and value.fget is not None:
            setattr(thing, name, property(handing(value.fget), value.fset, value.fdel, value.__doc__))
        elif isinstance(value, functools.cached_property):
            kept = functools.cached_property(handing(value.func))
            kept.__set_name__(thing, name)
            setattr(thing, name, kept)
    if is_dataclass(thing):
        _hand_fields(thing)
    return thing


def _shown(function: Callable[..., str]) -> Callable[..., str]:
    """Let a method that says something show the control characters of what it names."""

    @functools.wraps(function)
    def shown(*args: Any, **options: Any) -> str:
        return visible(function(*args, **options))

    return shown


def _hand_fields(kind: Any) -> None:
    """Let the public fields of a dataclass that are DataFrames write themselves safely too."""
    names = [one.name for one in fields(kind) if str(one.type) == "pd.DataFrame" and not one.name.startswith("_")]
    if not names:
        return
    made = kind.__init__

    @functools.wraps(made)
    def with_fields(self: Any, *args: Any, **options: Any) -> None:
        made(self, *args, **options)
        for name in names:
            object.__setattr__(self, name, handed(vars(self)[name]))

    kind.__init__ = with_fields


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
        except UnicodeEncodeError as error:
            half = f"U+{ord(error.object[error.start]):04X}"
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            # Whoever reads an argument knows best what to say of it; what nobody noticed is said here.
            if not isinstance(error, InputError):
                found = wrong(args, options, of=wanted.__contains__)
                if found is not None:
                    raise found from None
            raise
        raise InputError(BROKEN.format(half=half))  # here, so that it leads to no error that holds the whole text

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
