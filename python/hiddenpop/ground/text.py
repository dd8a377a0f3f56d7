"""How labels and sentences are written, in tables, figures and files."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import visible
from .language import tr

#: A name made of others' is cut beyond this; what a user calls something stays as it is.
LONGEST_NAME = 300


def label_of(label: object) -> str:
    """Write a label of one or several levels; blank text has a name that can be seen."""
    if isinstance(label, tuple):
        return ", ".join(map(label_of, label))
    text = str(label)
    if isinstance(label, str) and not text.strip():
        return "(blank)" if not text else f"(blank, {len(text)} {'space' if len(text) == 1 else 'spaces'})"
    return visible(text)


def cut(name: str) -> str:
    """Leave out the middle of a long name that was made of others: sums of sums would double it at every step."""
    half = (LONGEST_NAME - 5) // 2
    return name if len(name) <= LONGEST_NAME else f"{name[:half]} ... {name[-half:]}"


def show_texts(thing: object, *names: str) -> None:
    """Show the control characters in fields of a frozen dataclass: texts, or several of them."""
    for name in names:
        value = vars(thing)[name]
        if value is not None:
            shown = visible(value) if isinstance(value, str) else tuple(visible(str(one)) for one in value)
            object.__setattr__(thing, name, shown)


def another(name: str, taken: Iterable[object], kind: str) -> str:
    """Return a column's name that no name of the user's has: people, or people (number) where a list is called people."""
    others = set(taken)
    while name in others:
        name = f"{name} ({kind})"
    return name


def capital(text: str) -> str:
    """Begin a text with a capital letter; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def enumerated(parts: list[str]) -> str:
    """Join distinct parts as a sentence of the reader's language does: a, b and c."""
    distinct = list(dict.fromkeys(parts))
    if len(distinct) == 1:
        return distinct[0]
    return tr("{first} and {last}", first=", ".join(distinct[:-1]), last=distinct[-1])
