"""Answers as people write them: words for yes, no and no answer in six languages, spellings of one word, and numbers."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api import types

#: What an answer is compared by: its number, or its text without capitals and superfluous spaces.
Key: TypeAlias = "str | float"
#: What parts thousands whatever the decimal sign: a space (fr, sv), one that does not break or is thin, an apostrophe (Swiss).
THOUSANDS = " \u00a0\u202f\u2009'\u2019"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")

#: Yes and no in English, Dutch, French, German, Spanish and Portuguese, as `bare` writes them. No word of one language is the
#: opposite of another's, so several languages may stand in one column.
YES = frozenset({"yes", "ja", "oui", "si", "sim"})
NO = frozenset({"no", "nee", "non", "nein", "nao"})
#: Words that say there is no answer, by language, beside what files and forms write.
_OF_FORMS = ("na", "n/a", "#n/a", "<na>", "nan", "null", ".", "missing")
_BY_LANGUAGE = {
    "en": (
        "don't know", "dont know", "do not know", "don't remember", "not known", "unknown", "refused", "refusal", "refused to answer",
        "refuses to answer", "declined", "declined to answer", "prefer not to say", "prefer not to answer", "rather not say",
        "no answer", "no response", "not answered", "not stated", "not applicable",
    ),
    "nl": (
        "weet niet", "weet ik niet", "weet het niet", "weet ik niet meer", "onbekend", "niet bekend", "geen antwoord", "geweigerd",
        "weigert", "weigering", "wil niet zeggen", "wil ik niet zeggen", "wil niet antwoorden", "zeg ik liever niet",
        "liever niet zeggen", "niet beantwoord", "niet ingevuld", "niet van toepassing", "nvt", "n.v.t.", "ontbreekt",
    ),
    "fr": (
        "ne sait pas", "ne sais pas", "je ne sais pas", "nsp", "inconnu", "inconnue", "refus", "refuse", "refuse de repondre",
        "refus de repondre", "ne souhaite pas repondre", "prefere ne pas repondre", "sans reponse", "pas de reponse",
        "non reponse", "non-reponse", "non precise", "non renseigne", "non repondu", "non concerne", "sans objet", "manquant",
    ),
    "de": (
        "weiss nicht", "weiss ich nicht", "ich weiss nicht", "unbekannt", "nicht bekannt", "keine angabe", "keine angaben", "k.a.",
        "k. a.", "keine antwort", "verweigert", "verweigerung", "antwort verweigert", "mochte ich nicht sagen",
        "moechte ich nicht sagen", "nicht beantwortet", "trifft nicht zu", "entfallt", "fehlt", "fehlend",
    ),
    "es": (
        "no sabe", "no se", "no lo se", "ns/nc", "ns-nc", "ns/nr", "desconocido", "desconocida", "no contesta", "no contesto",
        "no responde", "no respondio", "no sabe/no contesta", "no sabe / no contesta", "se niega", "se nego", "rechazo",
        "rehusa", "rehuso", "prefiero no contestar", "prefiere no contestar", "prefiere no decirlo", "prefiero no decirlo",
        "sin respuesta", "sin dato", "sin datos", "no consta", "no aplica", "no procede",
    ),
    "pt": (
        "nao sabe", "nao sei", "nao sabe/nao responde", "nao sabe / nao responde", "desconhecido", "desconhecida", "ignorado",
        "recusou", "recusa", "recusado", "recusou responder", "recusou-se a responder", "nao responde", "nao respondeu",
        "nao quis responder", "prefere nao responder", "prefiro nao responder", "prefere nao dizer", "prefiro nao dizer",
        "sem resposta", "sem informacao", "nao informado", "nao se aplica",
    ),
}  # fmt: skip
NO_ANSWER = frozenset({*_OF_FORMS, *(word for words in _BY_LANGUAGE.values() for word in words)})
#: Codes by which questionnaires write that somebody does not know or refuses, beside answers 0 and 1, 1 and 2, or yes and no.
CODES = frozenset(
    float(f"{sign}{digits}") for sign in "+-" for digit in "789" for digits in (digit, digit * 2, digit * 3)
) | {
    97.0,
    98.0,
    -97.0,
    -98.0,
}
#: More words than this for yes, no and what nobody said are no spellings.
MOST_SPELLINGS = 50
PAIRS = (frozenset({0.0, 1.0}), frozenset({1.0, 2.0}))


def key(value: Any) -> Key:
    """Return what a value is compared by: "Ja ", "JA" and "ja" are one, and so are 1, 1.0 and "1"."""
    if isinstance(value, str):
        # A letter with an accent is one sign or two, and looks the same.
        text = " ".join(unicodedata.normalize("NFC", value).split()).casefold()
        # A leading zero makes a name of a number: "01" is a code of its own.
        plain = _NUMBER.fullmatch(text) and not re.match(r"[+-]?0\d", text)
        return float(text) if plain else text
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value)).casefold()
    return float(value) if isinstance(value, (Real, Decimal)) else str(value).casefold()


def bare(text: str) -> str:
    """Return a word without capitals, accents and superfluous spaces, as lists of words have it: forms leave accents out."""
    plain = " ".join(text.replace("\u2019", "'").split()).casefold()
    if plain.isascii():
        return plain
    return "".join(sign for sign in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(sign))


def says(value: object) -> bool | None:
    """Return what a word means, True for yes and False for no; None for anything else."""
    if not isinstance(value, str) or len(value) > 20:
        return None
    word = bare(value)
    return True if word in YES else False if word in NO else None


def binary(levels: Iterable[object]) -> bool:
    """Tell whether answers are words for yes and no, and nothing else."""
    told = False
    for level in levels:
        if says(level) is None:
            return False
        told = True
    return told


def levels(values: pd.Series[Any]) -> list[Any] | None:
    """Return the answers that a column of words of yes and no holds, in their order; None for any other column."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        named = values.dtype.categories
        if len(named) > MOST_SPELLINGS or not any(says(level) is not None for level in named):
            return None
        codes = np.asarray(values.cat.codes)
        found = named[np.unique(codes[codes >= 0])].tolist()
    elif _texts(values):
        try:
            found = [one for one in values.array.unique().tolist() if not _lacks(one)]
        except TypeError:  # lists and the like
            return None
    else:
        return None
    return found if binary(found) else None


def _texts(values: pd.Series[Any]) -> bool:
    """Tell by the first answers whether a column may hold words of yes and no, which those of nearly no other column do."""
    if not (isinstance(values.dtype, pd.StringDtype) or types.is_object_dtype(values.dtype)):
        return False
    return all(_lacks(one) or says(one) is not None for one in values.array[:20].tolist())


def _lacks(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def yes_no(values: pd.Series[Any]) -> npt.NDArray[np.float64] | None:
    """Return 1 for yes, 0 for no and NaN for missing answers of a column of words of yes and no; None for any other."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        if levels(values) is None:
            return None
        codes, found = np.asarray(values.cat.codes), values.dtype.categories.tolist()
    elif _texts(values):
        try:
            codes, listed = values.array.factorize()
        except TypeError:  # lists and the like
            return None
        found = listed.tolist()
        if not binary(found):
            return None
    else:
        return None
    meant = np.array([*(float(bool(says(level))) for level in found), np.nan])
    return np.asarray(meant[codes], dtype=np.float64)


def no_before_yes(values: pd.Series[Any], known: Sequence[Any]) -> pd.Series[Any]:
    """Return words of yes and no as categories in one spelling each, the first of those known, no before yes."""
    spelling = {says(level): level for level in reversed(known)}
    codes = [-1 if meant is None else int(meant and False in spelling) for meant in map(says, values.tolist())]
    order = [spelling[answer] for answer in (False, True) if answer in spelling]
    return pd.Series(
        pd.Categorical.from_codes(np.array(codes, dtype=np.int8), pd.Index(order)), index=values.index, name=values.name
    )


def as_number(text: str, decimal: str) -> float | None:
    """Return the number that a text is with this decimal sign; None where it is none, or a name that looks like one ("007").

    Thousands are apart by the other sign, or by a space or an apostrophe.
    """
    group = "." if decimal == "," else ","
    plain = rf"[+-]?([1-9]\d{{0,2}}(?:([{group}{THOUSANDS}])\d{{3}}(?:\2\d{{3}})*)|0|[1-9]\d*)?(\{decimal}\d+)?"
    text = text.strip().replace("\u2212", "-")
    if not re.search(r"\d", text) or not re.fullmatch(plain, text):
        return None
    number = float(re.sub(f"[{group}{THOUSANDS}]", "", text).replace(decimal, "."))
    return number if math.isfinite(number) else None


def decimal_of(texts: Sequence[Any]) -> Literal[",", ".", "?"] | None:
    """Return the decimal sign of numbers that stand as text with points or commas in them.

    "?" stands for numbers that can be read in two ways (1.234), None for texts that are no such numbers. Blank ones don't count.
    """
    known = [text for text in texts if not isinstance(text, str) or text.strip()]
    if not known or not all(isinstance(text, str) and text.strip()[-1:].isdigit() for text in known):
        return None
    if not any("," in text or "." in text for text in known):
        return None
    fits = [sign for sign in (",", ".") if all(as_number(text, sign) is not None for text in known)]
    return None if not fits else "?" if len(fits) == 2 else fits[0]  # type: ignore[return-value]
