"""Python as text: literals, calls, cells and programs. Nothing that a user or a file says gets in but as a literal."""

from __future__ import annotations

import keyword
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: Lines are no longer than this where they can be broken.
WIDTH = 76


class Name(str):
    """The name of a variable or a public function, which the explorer itself gives: the one text that is no literal."""

    __slots__ = ()

    def __new__(cls, text: str) -> Name:
        """Refuse what is no identifier."""
        parts = text.split(".")
        if not all(part.isidentifier() and part.isascii() and not keyword.iskeyword(part) for part in parts):
            raise TypeError("A name in a program is an identifier.")
        return super().__new__(cls, text)


def literal(value: object) -> str:
    r"""Write a value as Python that gives it again, and refuse what has no such form.

    Raises
    ------
    TypeError
        What is no text, number, yes or no, None, or a list, tuple or mapping of these.

    Examples
    --------
    >>> literal('"); import os')
    '\'"); import os\''
    >>> literal({"opioids": 8126.0, "crack only": 4912.5})
    '{"opioids": 8126, "crack only": 4912.5}'
    """
    if value is None or type(value) in (bool, int):
        return repr(value)
    if type(value) is float:
        if not math.isfinite(value):
            raise TypeError("A number in a program is finite.")
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if type(value) is str:
        text = repr(value)  # a text with neither quotes nor escaped ones may stand between either
        return f'"{text[1:-1]}"' if text[0] == "'" and '"' not in text else text
    if type(value) is list:
        return f"[{', '.join(map(literal, value))}]"
    if type(value) is tuple:
        return f"({', '.join(map(literal, value))}{',' * (len(value) == 1)})"
    if type(value) is dict:
        return f"{{{', '.join(f'{literal(key)}: {literal(one)}' for key, one in value.items())}}}"
    raise TypeError(f"A {type(value).__name__} can't be written into a program.")


def argument(value: object) -> str:
    """Write an argument: a name as it is, anything else as a literal."""
    return str(value) if isinstance(value, Name) else literal(value)


def call(function: str, *given: object, **named: object) -> str:
    """Write a call; what is None or empty is left out. Long calls have a line an argument.

    Examples
    --------
    >>> call("hp.Survey", Name("table"), strata="group", weights=None)
    'hp.Survey(table, strata="group")'
    """
    parts = [argument(value) for value in given]
    parts += [f"{Name(key)}={argument(value)}" for key, value in named.items() if value not in (None, "", [], (), {})]
    line = f"{Name(function)}({', '.join(parts)})"
    if len(line) <= WIDTH:
        return line
    return f"{function}(\n" + "".join(f"    {part},\n" for part in parts) + ")"


@dataclass(frozen=True)
class Cell:
    """A piece of a program, as a cell of a notebook: the value of its last line is shown."""

    text: str
    #: What is said while it runs.
    doing: str
    #: The field of the page beside which stands what fits no other.
    place: str
    #: Other fields, by what a message about them may name: arguments and columns.
    names: Mapping[str, str] = field(default_factory=dict)
    #: What stands above what it shows.
    title: str = ""

    def blamed(self, message: str) -> str:
        """Return the field that a message is about."""
        for name, place in self.names.items():
            if f"{name}=" in message or repr(name) in message or f"'{name}'" in message:
                return place
        return self.place


@dataclass(frozen=True)
class Program:
    """Cells that run one after the other; the last ones make a view."""

    cells: tuple[Cell, ...]
    #: So many of its last cells are the view's own; what those before show is shown elsewhere.
    own: int = 1
    #: Files that it writes, which are handed over and deleted.
    files: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The whole program, which runs as it stands."""
        return "\n\n".join(cell.text for cell in self.cells) + "\n"

    def then(self, *cells: Cell, files: Iterable[str] = ()) -> Program:
        """Return a program that goes on."""
        return Program(self.cells + cells, len(cells), tuple(files))


@dataclass(frozen=True)
class Wanted:
    """What is to be chosen before there is anything to show."""

    text: str


def named(**fields: Any) -> dict[str, str]:
    """Return what messages may name, by the field that it stands in: `named(found_weights=("weights", "w"))`."""
    found = {}
    for place, names in fields.items():
        for name in names:
            for one in name if isinstance(name, tuple) else (name,):
                if one:
                    found[one] = place
    return found
