"""How labels and sentences are written, in tables, figures and files."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence

from ..errors import visible
from .language import tr

#: Spaces and hyphens at which no line breaks.
SPACE, HYPHEN, MINUS = "\u00a0", "\u2011", "\u2212"
#: What is one piece in a cell: what stands in brackets and holds a number, and a range, in any language.
_PIECE = re.compile(r"\([^()]{0,40}\d[^()]{0,40}\)|(?<=[\d%]) [^\W\d]{1,5} (?=[-\u2212]?\d)|(?<=\d) to (?=unbounded)")
#: A name made of others' is cut beyond this; what a user calls something stays as it is.
LONGEST_NAME = 300

#: What may say when.
_TIMES = (datetime.date, float)
#: How estimates are called together that have no word in common.
STACKED = "estimates"
#: Words that want another one behind them.
_LINKS = frozenset({"of", "by", "to", "in", "the", "at", "for", "and", "where", "per", "a"})


def label_of(label: object) -> str:
    """Write a label of one or several levels; blank text has a name that can be seen."""
    if isinstance(label, tuple):
        return ", ".join(map(label_of, label))
    text = str(label)
    if isinstance(label, str) and not text.strip():
        return "(blank)" if not text else f"(blank, {len(text)} {'space' if len(text) == 1 else 'spaces'})"
    return visible(text)


def labels_of(labels: Sequence[object]) -> list[str]:
    """Write labels that stand under one another; times alike: years where all begin one, months where all begin a month."""
    parts = [label if isinstance(label, tuple) else (label,) for label in labels]
    if len({len(part) for part in parts}) != 1 or not any(isinstance(one, _TIMES) for one in parts[0]):
        return [label_of(label) for label in labels]
    return [", ".join(part) for part in zip(*(_alike(level) for level in zip(*parts, strict=True)), strict=True)]


def _alike(level: Sequence[object]) -> list[str]:
    """Write the labels of one level."""
    if all(isinstance(one, float) and one.is_integer() and abs(one) < 1e15 for one in level):
        return [f"{one:.0f}" for one in level]
    days = [one for one in level if isinstance(one, datetime.date)]
    midnight = all(not isinstance(one, datetime.datetime) or one.time() == datetime.time() for one in days)
    if len(days) < len(level) or not midnight:
        return [label_of(one) for one in level]
    first = all(day.day == 1 for day in days)
    form = "%Y" if first and all(day.month == 1 for day in days) else "%Y-%m" if first else "%Y-%m-%d"
    return [day.strftime(form) for day in days]


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


def common(names: Sequence[str]) -> str:
    """Return what names have in common, by which a table of all of them is called: the words that all begin with, and end with."""
    distinct = list(dict.fromkeys(names))
    if len(distinct) == 1:
        return distinct[0]
    words = [name.split() for name in distinct]
    most = min(map(len, words))
    ahead = next((i for i in range(most) if len({one[i] for one in words}) > 1), most)
    behind = next((i for i in range(most - ahead) if len({one[-1 - i] for one in words}) > 1), most - ahead)
    first = words[0]
    begins, ends = first[:ahead], first[len(first) - behind :]
    while begins and (begins[-1].casefold() in _LINKS or not any(map(str.isalpha, begins[-1]))):
        begins.pop()
    parts = [" ".join(part).strip(" ,;:") for part in (begins, ends)]
    return ", ".join(part for part in parts if part) or STACKED


def unbroken(cell: str) -> str:
    """Write a cell of a table so that lines break beside numbers and ranges, never inside them."""
    kept = _PIECE.sub(lambda piece: piece.group().replace(" ", SPACE), cell)
    return re.sub(r"(?<=\d)-(?=\d)", HYPHEN, signed(kept))


def pieces(cell: str) -> list[str]:
    """Return the parts of a cell between which a line may break."""
    return unbroken(cell).replace("-", "- ").split(" ")


def signed(text: str) -> str:
    """Write a minus sign before numbers, where there is a hyphen."""
    return re.sub(r"(?<![\w.])-(?=\d)", MINUS, text)
