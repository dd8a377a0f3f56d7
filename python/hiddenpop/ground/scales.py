"""Scales on which intervals are formed: log, logit, natural."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .columns import Floats

#: Scales of t intervals and normal draws, by what is measured; others keep their own.
LINKS = {"size": "log", "rate": "log", "share": "logit"}


def _identity(values: Floats) -> Floats:
    return values


def _logit(values: Floats) -> Floats:
    return np.asarray(np.log(values / (1 - values)))


def _expit(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-values)))


_Function = Callable[[Floats], Floats]
#: Link, inverse link, and derivative of the link.
SCALES: dict[str, tuple[_Function, _Function, _Function]] = {
    "log": (np.log, np.exp, lambda x: 1 / x),
    "logit": (_logit, _expit, lambda x: 1 / (x * (1 - x))),
    "identity": (_identity, _identity, np.ones_like),
}


def link(quantity: str, scale: str | None, *, shares: bool = False) -> tuple[_Function, _Function, _Function]:
    """Return the scale asked for or, by default, log for what is positive and (with `shares`) logit for shares."""
    by_default = LINKS.get(quantity, "identity")
    return SCALES[scale or (by_default if shares or quantity != "share" else "identity")]
