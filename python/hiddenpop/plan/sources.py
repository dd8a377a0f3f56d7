"""What plans rest on, for their methods sentences."""

from __future__ import annotations

from collections.abc import Iterable

from ..ground.bibliography import BIBLIOGRAPHY
from ..words.methods import together

REFERENCES = {
    "chapman": (BIBLIOGRAPHY["Chapman 1951"]),
    "cochran": BIBLIOGRAPHY["Cochran 1977, section 4.4"],
    "fearon": (BIBLIOGRAPHY["Fearon and others 2017"]),
    "fleiss": (BIBLIOGRAPHY["Fleiss, Levin and Paik 2003"]),
    "goel": (BIBLIOGRAPHY["Goel and Salganik 2010"]),
    "kish": BIBLIOGRAPHY["Kish 1965"],
    "robson": (BIBLIOGRAPHY["Robson and Regier 1964"]),
    "salganik": (BIBLIOGRAPHY["Salganik 2006"]),
    "wejnert": (BIBLIOGRAPHY["Wejnert and others 2012"]),
}


def cite(sentences: str, keys: Iterable[str]) -> str:
    """Put references under sentences, as methods sections of estimates have them."""
    return together(sentences, [REFERENCES[key] for key in keys])
