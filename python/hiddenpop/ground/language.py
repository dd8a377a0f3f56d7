"""The language of what readers see: sentences from catalogues that anybody can correct, and numbers as each language writes them.

Errors and warnings stay English. What is kept (in files, records, notes that are warned of too) is English as well and is read in
the language of the moment: `english` marks it, `read` finds its sentence again.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from numbers import Real
from pathlib import Path
from typing import Any, NamedTuple

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
#: Fields of such sentences that hold what a user named or wrote; others hold numbers and sentences of ours, or it is no such sentence.
USERS = frozenset({"column", "columns", "label", "names", "option", "other", "sizes", "text", "weights", "where"})
#: A number as English writes it, alone.
_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[-+]?\d+)?%?")

_SIZE = re.compile(r"(?<=: )\d{1,3}(?:,\d{3})+(?=,|$)")


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


def template(text: str) -> str:
    """Mark a text whose fields are filled in later, by `filled`."""
    return text


def filled(text: str, /, **fields: Any) -> str:
    """Say a text that `template` marked, as `tr` says a constant one."""
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
    if language == ENGLISH or not text:
        return text
    found = _understood(text, language, True)
    if found is not None:
        return found.said
    several = [_understood(one, language, True) for one in text.split(". ")]
    if len(several) < 2 or None in several:
        return text
    return ". ".join(one.said for one in several if one is not None)


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
    #: Kept sentences with fields.
    patterns: tuple[Pattern, ...]


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
    patterns = tuple(Pattern.of(text) for text in kept if fields_of(text))
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


class _Understood(NamedTuple):
    """What a kept text says in another language, and how many of its letters are a sentence's and no field's."""

    said: str
    letters: int


@lru_cache(maxsize=4096)
def _understood(text: str, language: str, whole: bool) -> _Understood | None:
    """Say a kept sentence, or only one with fields where a word may be a user's; None for what is none of ours.

    Sentences stand inside one another: of several ways to read a text, the one that leaves least to the user is meant.
    """
    known = catalogue(language)
    if whole and text in known.kept:
        return _Understood(known.kept[text].format(), len(text))
    best: _Understood | None = None
    for pattern in known.patterns:
        for values in pattern.splits(text):
            found = {name: _field(name, value, language) for name, value in values.items()}
            fields = {name: one for name, one in found.items() if one is not None}
            letters = pattern.letters + sum(one.letters for one in fields.values())
            if len(fields) == len(found) and (best is None or letters > best.letters):
                template = _without_formats(known.kept[pattern.text])
                best = _Understood(template.format(**{name: one.said for name, one in fields.items()}), letters)
    return best


def _field(name: str, value: str, language: str) -> _Understood | None:
    """Say what a field holds: a number, another sentence of ours or, where its name says so, a user's words."""
    if not value or _NUMBER.fullmatch(value):
        return _Understood(numerals(value, language), 0)
    found = _understood(value, language, name not in USERS)
    if found is not None or name not in USERS:
        return found
    if name == "sizes":  # a: 1,200, b: 900
        value = _SIZE.sub(lambda size: numerals(size.group(), language), value)
    if name == "columns":  # a and b
        joined = catalogue(language).texts.get("{first} and {last}", "{first} and {last}")
        value = joined.format(first="", last="").join(value.split(" and "))
    return _Understood(value, 0)


_PLAIN = string.Formatter()


def _parts(text: str) -> list[tuple[str, str | None]]:
    return [(literal, name) for literal, name, _, _ in _PLAIN.parse(text)]


def _without_formats(text: str) -> str:
    """Return a sentence whose fields take texts."""
    doubled = [(literal.replace("{", "{{").replace("}", "}}"), name) for literal, name in _parts(text)]
    return "".join(literal + ("" if name is None else f"{{{name}}}") for literal, name in doubled)


@dataclass(frozen=True)
class Pattern:
    """A kept sentence with fields, to be found again by what stands between them."""

    text: str
    #: What stands before each field, and after the last one: never nothing between two.
    literals: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Pattern:
        """Take a sentence apart."""
        parts = _parts(text)
        names = tuple(name for _, name in parts if name is not None)
        literals = [literal for literal, _ in parts]
        return cls(text, tuple(literals if parts[-1][1] is None else [*literals, ""]), names)

    @property
    def letters(self) -> int:
        """How much of it is no field."""
        return sum(map(len, self.literals))

    def splits(self, text: str) -> Iterator[dict[str, str]]:
        """List what its fields may hold where a text is this sentence."""
        first, last = self.literals[0], self.literals[-1]
        if len(text) < self.letters or not (text.startswith(first) and text.endswith(last)):
            return
        if all(literal in text for literal in self.literals):
            yield from self._splits(text[len(first) : len(text) - len(last)], 0)

    def _splits(self, text: str, place: int) -> Iterator[dict[str, str]]:
        """Split what stands from a field on."""
        if place == len(self.names) - 1:
            yield {self.names[place]: text}
            return
        literal = self.literals[place + 1]
        at = text.find(literal)
        while at >= 0:
            for rest in self._splits(text[at + len(literal) :], place + 1):
                if rest.get(self.names[place], text[:at]) == text[:at]:
                    yield {self.names[place]: text[:at], **rest}
            at = text.find(literal, at + 1)
