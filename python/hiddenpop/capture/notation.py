"""Notation of log-linear models: "A*B + C" for people, terms as numbers for the core.

A language of its own, not that of `ground.formulas`: names are lists and not columns, products bring all that is below
them, and no data are needed to read it.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from ..errors import InputError, suggest

#: A name in backquotes or quotes; a backslash keeps what comes after it.
QUOTED = re.compile(r"""(`(?:\\.|[^`\\])*`|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")""", re.DOTALL)


def parse(formula: str, lists: Sequence[str]) -> tuple[int, ...]:
    """Return a model's terms, without the intercept: bit j of a term is list j.

    Lists are called by name (in backquotes or quotes where it has signs or spaces in it), or by letters in their order (A, B,
    ...) where these call no other list. "A*B" (or "A:B") joins lists, with all that is below: the model is hierarchical.
    """
    if not isinstance(formula, str) or not formula.strip():
        raise InputError(f"A model is written as text, such as 'A*B + C', not as {formula!r}.")
    places = {name: place for place, name in enumerate(lists)}
    letters = {letter: place for place, letter in enumerate(string.ascii_uppercase[: len(lists)])}
    if any(letters.get(name, place) != place for name, place in places.items()):
        letters = {}
    terms: set[int] = set()
    for part in _split(formula, "+"):
        joined = 0
        for piece in _split(part, "*:"):
            name = _unquoted(piece.strip(), places)
            place = places.get(name, letters.get(name))
            if place is None:
                raise InputError(f"The model {formula!r} names {name!r}, which is no list. {suggest(name, lists)}")
            joined |= 1 << place
        terms |= {term for term in range(1, joined + 1) if term & joined == term}
    lacking = [name for place, name in enumerate(lists) if 1 << place not in terms]
    if lacking:
        raise InputError(
            f"The model {formula!r} leaves out list {lacking[0]!r}; every list needs a term of its own. "
            f"Add '+ {written(lacking[0])}', or pick the lists first: lists['a', 'b']."
        )
    if (1 << len(lists)) - 1 in terms:
        raise InputError(
            f"The model {formula!r} joins all lists. Nothing observed tells that interaction from the number of people "
            "on no list, so the size has no estimate; leave out at least one list from each product."
        )
    return order(terms)


def _split(text: str, signs: str) -> list[str]:
    """Split a text at signs that stand outside of quotes."""
    parts = [""]
    for piece in QUOTED.split(text):
        plains = [piece] if QUOTED.fullmatch(piece) else re.split(f"[{signs}]", piece)
        for place, plain in enumerate(plains):
            if place:
                parts.append("")
            parts[-1] += plain
    return parts


def _unquoted(name: str, places: Collection[str]) -> str:
    """Return the list that a text means."""
    if name in places or not QUOTED.fullmatch(name):
        return name
    return re.sub(r"\\(.)", r"\1", name[1:-1], flags=re.DOTALL)


def written(name: str) -> str:
    """Return a list's name as models have it: in backquotes where its signs would mean something else."""
    if re.search(r"[+*:`'\"\\]", name) or name != name.strip() or not name:
        return "`" + re.sub(r"([`\\])", r"\\\1", name) + "`"
    return name


def order(terms: Iterable[int]) -> tuple[int, ...]:
    """Return terms by the number of lists they join."""
    return tuple(sorted(terms, key=lambda term: (int(term).bit_count(), term)))


@lru_cache(maxsize=20_000)
def name(terms: tuple[int, ...], lists: tuple[str, ...]) -> str:
    """Write a model by its largest terms: those that no other term holds."""
    every = set(terms)
    largest = [t for t in every if not any(t != other and t & other == t for other in every)]
    largest.sort(key=lambda term: (-int(term).bit_count(), [j for j in range(len(lists)) if term >> j & 1]))
    return " + ".join(join(term, lists) for term in largest)


def join(term: int, lists: Sequence[str], sign: str = "*") -> str:
    """Write one term."""
    return sign.join(written(lists[j]) for j in range(len(lists)) if term >> j & 1)
