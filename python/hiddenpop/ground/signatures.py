"""Arguments of the wrong kind are refused in words, as signatures say what is wanted: a Series is no text, a list no yes or no.

An annotation is what a function promises to take, so it is what is checked: nested ones too (`Mapping[str, float]`), and those of
classes that are imported for types only, by their names. What an annotation leaves open (`Any`, `object`) is left to who reads it.
"""

from __future__ import annotations

import ast
import functools
import inspect
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from os import PathLike
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd

from ..errors import EstimationError, InputError, in_words, visible
from .calls import misfit
from .columns import is_number
from .handed import handed, handing

Thing = TypeVar("Thing", bound=Callable[..., Any])


@dataclass(frozen=True)
class Kind:
    """What an annotation wants."""

    #: Whether a value is of this kind.
    fits: Callable[[Any], bool]
    #: How a message calls one, and several.
    one: str
    many: str
    #: Types whose values need no further look.
    types: frozenset[type] = frozenset()
    #: Whether numbers are wanted: those of other kinds (decimals, fractions, NumPy's) become Python's.
    numeric: bool = False
    #: Whether any plain text will do.
    text: bool = False
    #: Whether names are wanted: arrays and columns of them become lists.
    named: bool = False

    def plain(self, value: Any) -> Any:
        """Return numbers as Python's own, and names as a list."""
        if self.named and isinstance(value, (np.ndarray, pd.Index, pd.Series)):
            return value.tolist()
        if not self.numeric or type(value) in self.types or not _number(value):
            return value
        value = value.item() if isinstance(value, (np.generic, np.ndarray)) else value
        if isinstance(value, int):
            return value
        try:
            return float(value)
        except (OverflowError, ValueError):  # too large, or a decimal that says it is none
            if isinstance(value, Decimal) and value.is_nan():
                return math.nan
            return math.inf if value > 0 else -math.inf


def _number(value: object) -> bool:
    return is_number(value) or (isinstance(value, np.ndarray) and value.ndim == 0 and is_number(value.item()))


def _can_be_written(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


#: What a name in an annotation wants. Of other names those of classes are looked for in the classes of a value.
KINDS: dict[str, Kind] = {
    "None": Kind(lambda value: value is None, "None", "None", frozenset({type(None)})),
    "bool": Kind(
        lambda value: isinstance(value, (bool, np.bool_)), "True or False", "True or False", frozenset({bool, np.bool_})
    ),
    "str": Kind(lambda value: isinstance(value, str) and _can_be_written(value), "a text", "texts", text=True),
    "int": Kind(_number, "a whole number", "whole numbers", frozenset({int, float}), numeric=True),
    "float": Kind(_number, "a number", "numbers", frozenset({int, float}), numeric=True),
    "PathLike": Kind(lambda value: isinstance(value, PathLike), "a path", "paths"),
    "Callable": Kind(callable, "a function", "functions"),
    "Executor": Kind(lambda value: callable(getattr(value, "submit", None)), "an executor", "executors"),
    "Design": Kind(
        lambda value: (
            not isinstance(value, type) and (callable(getattr(value, "read", None)) or _is_a(value, "Design"))
        ),
        "a design that reads tables",
        "designs that read tables",
    ),
    "ndarray": Kind(lambda value: isinstance(value, np.ndarray), "an array", "arrays"),
    "EllipsisType": Kind(lambda value: value is ..., "...", "..."),
}
_PATH = Kind(lambda value: KINDS["str"].fits(value) and "\0" not in value, "a text", "texts")
#: Classes as messages call them.
CALLED = {
    "date": "a date",
    "timedelta": "a timedelta",
    "Axes": "axes of matplotlib",
    "Generator": "a generator of random numbers",
}
#: How what is wanted is made, for messages.
MADE_BY = {
    "a Lists": (
        "Lists are made of a table, hp.Lists(table, ['first', 'second']), or of numbers of people: hp.Lists({'first': [1, 1, 0], "
        "'second': [1, 0, 1], 'people': [100, 600, 300]}, ['first', 'second'], counts='people') has 100 on both, 600 on "
        "the first only and 300 on the second only."
    ),
    "a CaptureCounts": "It is made by hp.CaptureCounts(table, column), where the column says how often each person was seen.",
}
#: What anything is.
ANYTHING = Kind(lambda value: True, "anything", "anything", frozenset({object}))


#: Methods that users call by signs, and by looking.
SIGNS = ("getitem", "repr", "neg", "invert", "add", "sub", "mul", "truediv", "pow", "and", "or", "gt", "ge", "lt", "le")
_CALLED = {"__init__", "_repr_html_", *(f"__{name}__" for name in SIGNS), *(f"__r{name}__" for name in SIGNS[4:11])}
#: Methods whose texts are for people to read, and name what users named.
SAID = ("__repr__", "_repr_html_", "methods")
#: What is said of texts that are none.
BROKEN = (
    "A text holds half of a character ({half}), as happens when a file is read in another encoding than it was written in. Read "
    "it again in its own (encoding='cp1252' or 'latin-1' is often right), or replace such texts."
)


def checked(thing: Thing) -> Thing:
    """Check the arguments of a public function, or of all public methods of a class; see `handed` for what they return.

    NumPy's warnings are switched off inside: a number that is too large becomes infinite, and of that we speak ourselves.
    """
    if not inspect.isclass(thing):
        return cast("Thing", handing(_checked(thing)))
    written = "__init__" in vars(thing) and vars(thing)["__init__"].__code__.co_filename != "<string>"
    made = set() if written else {"__init__"}  # what a dataclass writes itself is called by the package only
    for name, value in list(vars(thing).items()):
        if name.startswith("_") and name not in _CALLED - made:
            continue
        if inspect.isfunction(value):
            held = handing(_checked(value))
            setattr(thing, name, _shown(held) if name in SAID else held)
        elif isinstance(value, classmethod):
            setattr(thing, name, classmethod(handing(_checked(value.__func__))))
        elif isinstance(value, property) and value.fget is not None:
            setattr(thing, name, property(handing(_quiet(value.fget)), value.fset, value.fdel, value.__doc__))
        elif isinstance(value, functools.cached_property):
            value.func = handing(_quiet(value.func))
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


def _quiet(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def quiet(*args: Any) -> Any:
        try:
            with np.errstate(all="ignore"):
                return function(*args)
        except np.linalg.LinAlgError as error:
            raise _undetermined(function) from error

    return quiet


def _checked(function: Callable[..., Any]) -> Callable[..., Any]:
    # Signatures are read at the first call: most functions are never called, and an import should cost little.
    places: list[tuple[str, Kind]] = []
    named: dict[str, Kind] = {}
    rest: list[Kind] = []
    read = False

    def first() -> None:
        nonlocal read
        for parameter in inspect.signature(function).parameters.values():
            kind = of_annotation(parameter.annotation, function.__globals__)
            if parameter.kind is parameter.VAR_POSITIONAL:
                rest.append(kind)
            elif parameter.kind is not parameter.VAR_KEYWORD:
                if parameter.kind is not parameter.KEYWORD_ONLY:
                    places.append((parameter.name, kind))
                named[parameter.name] = kind
        read = True

    def looked_at(args: Any, options: Any) -> tuple[Any, Any]:
        """Return what was given, as Python's own where it was not; this is what is paid at each call."""
        odd = False
        for (name, kind), value in zip(places, args, strict=False):
            if not (
                type(value) in kind.types or kind is ANYTHING or (kind.text and type(value) is str and value.isascii())
            ):
                if not kind.fits(value):
                    raise _wrong(function, args, options, name, value, kind)
                odd |= kind.numeric or kind.named
        if rest:
            for value in args[len(places) :]:
                if not rest[0].fits(value):
                    raise _wrong(function, args, options, "", value, rest[0])
        for name, value in options.items():
            kind = named.get(name, ANYTHING)
            if not (
                type(value) in kind.types or kind is ANYTHING or (kind.text and type(value) is str and value.isascii())
            ):
                if not kind.fits(value):
                    raise _wrong(function, args, options, name, value, kind)
                odd |= kind.numeric or kind.named
        if not odd:
            return args, options
        args = (*(kind.plain(value) for (_, kind), value in zip(places, args, strict=False)), *args[len(places) :])
        return args, {name: named.get(name, ANYTHING).plain(value) for name, value in options.items()}

    @functools.wraps(function)
    def first_checked(*args: Any, **options: Any) -> Any:
        if not read:
            first()
        args, options = looked_at(args, options)
        try:
            with np.errstate(all="ignore"):
                return function(*args, **options)
        except (InputError, EstimationError) as error:
            _forget(error)
            raise
        except np.linalg.LinAlgError as error:
            raise _undetermined(function) from error
        except (TypeError, UnicodeEncodeError) as error:
            wrong = _fault(function, args, options, error)
            if wrong is None:
                raise
        raise InputError(wrong)  # here, so that it leads to no error that holds the whole text

    first_checked.__dict__["is_checked"] = True
    return first_checked


def _fault(function: Callable[..., Any], args: Any, options: Any, error: Exception) -> str | None:
    """Say what a user did wrong where Python says it; None where the fault is ours."""
    if isinstance(error, UnicodeEncodeError):
        return BROKEN.format(half=f"U+{ord(error.object[error.start]):04X}")
    return misfit(function, args, options)


def _forget(error: BaseException) -> None:
    """Let a refusal lead to nothing but what it names as its cause: an error that was met on the way may hold an answer.

    Python keeps such an error as `__context__`, and whoever logs tracebacks with it, also where the refusal is raised `from None`.
    """
    if error.__context__ is not error.__cause__:
        suppressed = error.__suppress_context__
        error.__context__ = None
        error.__suppress_context__ = suppressed


def _undetermined(function: Callable[..., Any]) -> EstimationError:
    """Say what it means that a matrix has no inverse, or no decomposition: that is of the data, wherever it is noticed."""
    return EstimationError(
        f"{function.__name__.strip('_')} has no answer for these data: a matrix that it needs has no inverse, or numbers too "
        "large to be computed with. Leave out columns that others determine or that hardly vary, and measure very large "
        "or very small numbers in other units."
    )


def _wrong(
    function: Callable[..., Any], args: Any, options: Any, name: str, value: object, kind: Kind
) -> InputError | EstimationError:
    """Say what is wrong with an argument that is not what the signature wants.

    Who reads it knows best what to say of it; what nobody noticed is said here. Switches are refused at once: whatever stands
    for yes or no would be taken for one.
    """
    if "True or False" not in kind.one:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                with np.errstate(all="ignore"):
                    function(*args, **options)
            except (InputError, EstimationError) as error:
                return error.with_traceback(None)
            except Exception:
                pass
    made = next((f" {how}" for called, how in MADE_BY.items() if called in kind.one), "")
    wrong = misfit(function, args, options)
    if wrong is not None:
        return InputError(f"{wrong}{made}")
    given = f"{name}{name and '='}{in_words(value)}"
    if isinstance(value, str) and "a text" in kind.one:
        return InputError(
            f"{given} has characters that no file can hold (nulls, or halves of a pair); read the text as UTF-8."
        )
    return InputError(f"{given} must be {kind.one}.{made}")


def of_annotation(annotation: object, names: Mapping[str, Any]) -> Kind:
    """Return what an annotation wants."""
    if annotation is inspect.Parameter.empty:
        return ANYTHING
    text = annotation if isinstance(annotation, str) else _text(annotation)
    return _kind(ast.parse(text.strip(), mode="eval").body, names)


def _text(annotation: object) -> str:
    return annotation.__name__ if isinstance(annotation, type) and type(annotation) is type else str(annotation)


def _kind(node: ast.expr, names: Mapping[str, Any]) -> Kind:
    if isinstance(node, ast.BinOp):
        return _either([_kind(node.left, names), _kind(node.right, names)])
    if isinstance(node, ast.Constant):
        return KINDS["None"] if node.value is None else of_annotation(node.value, names)
    name, parts = _named(node)
    if name in KINDS:
        return KINDS[name]
    if name in ("Any", "object", "ArrayLike"):
        return ANYTHING
    if name == "Literal":
        return _one_of([part.value for part in parts if isinstance(part, ast.Constant)])
    if name in ("Sequence", "list", "Iterable", "Collection"):
        return _list_of(_kind(parts[0], names) if parts else ANYTHING)
    if name == "tuple":
        if not parts or (isinstance(parts[-1], ast.Constant) and parts[-1].value is Ellipsis):
            return _list_of(_kind(parts[0], names) if parts else ANYTHING)
        return _tuple_of([_kind(part, names) for part in parts])
    if name in ("Mapping", "dict"):
        return _mapping_of(*[_kind(part, names) for part in parts])
    alias = names.get(name)
    if alias is Any:
        return ANYTHING
    if (
        isinstance(node, ast.Name)
        and alias is not None
        and not (isinstance(alias, type) and type(alias) is not type(list[int]))
    ):
        return of_annotation(alias, {**names, name: None})
    return _instance(name)


def _named(node: ast.expr) -> tuple[str, list[ast.expr]]:
    """Return the name of a class, without its modules, and what stands in brackets."""
    parts: list[ast.expr] = []
    if isinstance(node, ast.Subscript):
        parts = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        node = node.value
    return (node.attr if isinstance(node, ast.Attribute) else cast("ast.Name", node).id), parts


def _either(kinds: list[Kind]) -> Kind:
    if ANYTHING in kinds:
        return ANYTHING
    if KINDS["PathLike"] in kinds:  # a text with a null is no path
        kinds = [_PATH if kind is KINDS["str"] else kind for kind in kinds]
    shown = [kind for kind in kinds if kind is not KINDS["None"]]
    fits = [kind.fits for kind in kinds]
    return Kind(
        lambda value: any(one(value) for one in fits),
        " or ".join(dict.fromkeys(kind.one for kind in shown)),
        " or ".join(dict.fromkeys(kind.many for kind in shown)),
        frozenset().union(*(kind.types for kind in kinds)),
        any(kind.numeric for kind in kinds),
        any(kind.text for kind in kinds),
        any(kind.named for kind in kinds),
    )


def _one_of(words: list[Any]) -> Kind:
    shown = [in_words(word) for word in words]
    what = f"{', '.join(shown[:-1])} or {shown[-1]}" if len(shown) > 1 else shown[0]
    return Kind(lambda value: any(type(value) is type(word) and value == word for word in words), what, what)


def _instance(name: str) -> Kind:
    """Want a class by its name, as many are imported for types only."""
    called = CALLED.get(name, f"{'an' if name[0] in 'AEIOU' else 'a'} {name}")
    return Kind(lambda value: _is_a(value, name), called, f"{name}s")


def _is_a(value: object, name: str) -> bool:
    return any(one.__name__ == name for one in type(value).__mro__)


def _listed(value: object) -> bool:
    """Tell lists, and what can be gone through as often as wanted, from texts and mappings."""
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping, Iterator))


def _list_of(part: Kind) -> Kind:
    def fits(value: object) -> bool:
        if not _listed(value):
            return False
        return part is ANYTHING or all(part.fits(one) for one in cast("Iterable[Any]", value))

    what = "a list" if part is ANYTHING else f"a list of {part.many}"
    return Kind(fits, what, "lists", named=part is KINDS["str"])


def _tuple_of(kinds: list[Kind]) -> Kind:
    def fits(value: object) -> bool:
        if not _listed(value):
            return False
        parts = list(cast("Iterable[Any]", value))
        return len(parts) == len(kinds) and all(kind.fits(one) for kind, one in zip(kinds, parts, strict=True))

    what = {kind.many for kind in kinds}
    number = {2: "two", 3: "three"}.get(len(kinds), str(len(kinds)))
    return Kind(fits, f"{number} {what.pop() if len(what) == 1 else 'values'}", "tuples")


def _mapping_of(key: Kind = ANYTHING, part: Kind = ANYTHING) -> Kind:
    def fits(value: object) -> bool:
        if not isinstance(value, Mapping):
            return False
        return all(map(key.fits, value)) and all(map(part.fits, value.values()))

    parts = "" if part is ANYTHING else f" of {'labels' if key is ANYTHING else key.many} to {part.many}"
    return Kind(fits, f"a mapping{parts}", "mappings")
