"""The language of what readers see: sentences from catalogues that anybody can correct, and numbers as each language writes them.

Errors and warnings stay English. What is kept (in files, records, notes that are warned of too) is English as well and is read in
the language of the moment: `english` marks it, `read` finds its sentence again.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from numbers import Real
from pathlib import Path
from typing import Any

from ..errors import InputError, in_words, suggest, warn

#: What readers may choose; English is what the sources are written in.
LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "nl": "Nederlands",
    "fr": "français",
    "de": "Deutsch",
    "es": "español",
    "pt": "português",
}
ENGLISH = "en"
#: A catalogue for each but English: `nl.po`.
FOLDER = Path(__file__).parents[1] / "languages"
#: The context of sentences that are kept in English and found again by how they read.
KEPT = "kept"
#: A number as English writes it, alone.
_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[-+]?\d+)?%?")


class _Asked:
    """Who knows the language of the moment: settings stand above this floor, and say so here."""

    language: Callable[[], str] = staticmethod(lambda: ENGLISH)


def follow(language: Callable[[], str]) -> None:
    """Ask this from now on which language is wanted."""
    _Asked.language = staticmethod(language)


def spoken() -> str:
    """Return the language in force; keep it where a text is made later than it is asked for."""
    return _Asked.language()


def check_language(language: str) -> str:
    """Return the language's code, or say which there are."""
    if language not in LANGUAGES:
        known = ", ".join(f"'{code}' ({name})" for code, name in LANGUAGES.items())
        raise InputError(
            f"language={in_words(language)} is none that reports can be written in: {known}. "
            f"{suggest(str(language), LANGUAGES)}"
        )
    return language


def tr(text: str, /, **fields: Any) -> str:
    """Say a constant text in the language of the moment, its named fields as that language writes numbers.

    Examples
    --------
    >>> tr("{count:,} of {total:,} people", count=1200, total=3400)
    '1,200 of 3,400 people'
    """
    language = _Asked.language()
    if language == ENGLISH:
        return text.format(**fields)
    return _filled(catalogue(language).texts.get(text, text), fields, language)


def plural(one: str, many: str, /, *, n: float, **fields: Any) -> str:
    """Say it of one or of several, by the rules of the language; `n` is a field too.

    Examples
    --------
    >>> plural("{n} more label", "{n} more labels", n=1), plural("{n} more label", "{n} more labels", n=3)
    ('1 more label', '3 more labels')
    """
    language = _Asked.language()
    if language == ENGLISH:
        return (one if n == 1 else many).format(n=n, **fields)
    known = catalogue(language)
    forms = known.plurals.get(one)
    text = (one if n == 1 else many) if forms is None else forms[known.form(int(n))]
    return _filled(text, {"n": n, **fields}, language)


def english(text: str, /, **fields: Any) -> str:
    """Say it in English, to be kept or warned of; `read` says it in the language of the moment."""
    return text.format(**fields)


def read(text: str) -> str:
    """Return a kept text in the language of the moment; what no sentence of ours looks like (a user's words) stays as it is."""
    language = _Asked.language()
    return text if language == ENGLISH or not text else _read(text, language)


def number(value: float, spec: str = ",.0f", language: str | None = None) -> str:
    """Write a number as Python's format says, with the marks of a language (that of the moment, unless it was kept).

    Examples
    --------
    >>> number(13300), number(0.125, ".1%")
    ('13,300', '12.5%')
    """
    return numerals(format(value, spec), language)


def numerals(text: str, language: str | None = None) -> str:
    """Write a number that stands in English notation as a language does; other texts stay.

    Examples
    --------
    >>> numerals("13,300.5"), numerals("13,300.5", "nl"), numerals("12.5%", "pt")
    ('13,300.5', '13.300,5', '12,5%')
    """
    language = _Asked.language() if language is None else language
    if language == ENGLISH or not _NUMBER.fullmatch(text):
        return text
    return text.translate(_marks(language))


def inside(sentence: str) -> str:
    """Return a sentence to stand inside another: its first letter is small, but in German, where it may be a noun's."""
    return sentence if _Asked.language() == "de" else sentence[:1].lower() + sentence[1:]


@dataclass(frozen=True)
class Catalogue:
    """What a language has for the sentences of the sources."""

    texts: Mapping[str, str]
    plurals: Mapping[str, tuple[str, ...]]
    #: Which plural form a count takes.
    form: Callable[[int], int]
    kept: Mapping[str, str]
    #: Kept sentences with fields, those that say most first.
    patterns: tuple[tuple[re.Pattern[str], str], ...] = field(repr=False)


@cache
def catalogue(language: str) -> Catalogue:
    """Read a language's catalogue; a sentence whose fields are not those of the English one stays English, which is said."""
    import gettext  # noqa: PLC0415 (what follows is heavy, and English never needs it)

    from babel.messages.pofile import read_po  # noqa: PLC0415 (heavy, and English never needs it)

    with (FOLDER / f"{language}.po").open("rb") as file:
        found = read_po(file, locale=language)
    texts: dict[str, str] = {}
    plurals: dict[str, tuple[str, ...]] = {}
    kept: dict[str, str] = {}
    wrong: list[str] = []
    for message in found:
        ids, forms = several(message.id), several(message.string)
        if not ids[0] or message.fuzzy or not all(forms):
            continue
        if not agree(ids, forms):
            wrong.append(ids[0])
        elif len(ids) > 1:
            plurals[ids[0]] = forms
        else:
            (kept if message.context == KEPT else texts)[ids[0]] = forms[0]
    if wrong:
        warn(
            f"The fields in braces are not those of the English sentence in {len(wrong)} of {language}.po, which stay English: "
            f"{'; '.join(wrong[:3])}. Correct them there; `make messages` names all."
        )
    with_fields = sorted((text for text in kept if fields_of(text)), key=_literal, reverse=True)
    patterns = tuple((_pattern(text), text) for text in with_fields)
    return Catalogue(texts, plurals, gettext.c2py(found.plural_expr), kept, patterns)


def several(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return a message's texts: one, or one for each plural form."""
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


def fields_of(text: str) -> set[str] | None:
    """Return the names in braces; None where the braces don't pair."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return None


def agree(english: tuple[str, ...], forms: tuple[str, ...]) -> bool:
    """Tell whether translations have the fields of the English text; one of several forms may leave out its number."""
    wanted = fields_of(english[-1]) or set()
    found = [fields_of(form) for form in forms]
    if len(english) == 1:
        return found == [wanted]
    return all(names is not None and wanted - {"n"} <= names <= wanted for names in found)


class _Written(string.Formatter):
    """Fills in fields as a language writes numbers; whole numbers without a format, such as years and seeds, stay."""

    def __init__(self, language: str) -> None:
        self.language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        made = format(value, format_spec)
        plain = isinstance(value, int) and not format_spec
        return numerals(made, self.language) if isinstance(value, Real) and not plain else str(made)


def _filled(text: str, fields: Mapping[str, Any], language: str) -> str:
    return _Written(language).vformat(text, (), fields)


@cache
def _marks(language: str) -> dict[int, str]:
    """Return what stands for the marks of English numbers."""
    from babel import Locale  # noqa: PLC0415 (heavy, and English never needs it)

    locale = Locale.parse(language)
    marks = locale.number_symbols["latn"]
    per_cent = locale.percent_formats[None].pattern.removeprefix("#,##0")
    return {ord(","): marks["group"], ord("."): marks["decimal"], ord("%"): per_cent}


@lru_cache(maxsize=4096)
def _read(text: str, language: str) -> str:
    known = catalogue(language)
    if text in known.kept:
        return known.kept[text].format()
    for pattern, english in known.patterns:
        match = pattern.fullmatch(text)
        if match:
            fields = {name: numerals(_read(value, language), language) for name, value in match.groupdict().items()}
            return _PLAIN.vformat(_without_formats(known.kept[english]), (), fields)
    return text


_PLAIN = string.Formatter()


def _parts(text: str) -> list[tuple[str, str | None]]:
    return [(literal, name) for literal, name, _, _ in _PLAIN.parse(text)]


def _literal(text: str) -> int:
    """Return how much of a sentence is not fields."""
    return sum(len(literal) for literal, _ in _parts(text))


def _without_formats(text: str) -> str:
    """Return a sentence whose fields take texts."""
    doubled = [(literal.replace("{", "{{").replace("}", "}}"), name) for literal, name in _parts(text)]
    return "".join(literal + ("" if name is None else f"{{{name}}}") for literal, name in doubled)


def _pattern(text: str) -> re.Pattern[str]:
    """Return what finds the fields of a sentence again."""
    found: set[str] = set()
    pattern = ""
    for literal, name in _parts(text):
        pattern += re.escape(literal)
        if name is not None:
            pattern += f"(?P={name})" if name in found else f"(?P<{name}>.+?)"
            found.add(name)
    return re.compile(pattern, re.DOTALL)
