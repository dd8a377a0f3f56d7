"""Undo what is wrong with the register, the answers or the sample behind N = B / p.

Each function undoes one flaw of the benchmark B or of the share p, with numbers or uncertain inputs, and gives an
`Estimate` that says so in its methods section. `docs/adjust.md` tells which worry is which.

See Also
--------
hiddenpop.sensitivity : how far a size moves over a range of such flaws.

Examples
--------
>>> import hiddenpop as hp
>>> hp.adjust.register(4912, completeness=0.8).point
6140.0
"""

from __future__ import annotations

from .periods import migration, turnover
from .records import cross_border, definition, duplicates, register
from .shares import linkage, recruitment, self_report

__all__ = [
    "cross_border",
    "definition",
    "duplicates",
    "linkage",
    "migration",
    "recruitment",
    "register",
    "self_report",
    "turnover",
]


def __dir__() -> list[str]:
    return __all__
