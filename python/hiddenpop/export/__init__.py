"""Estimates as rows of the tables that agencies collect, checked against a schema.

See Also
--------
hiddenpop.Report : the whole study.
hiddenpop.Table : the ways out of a table.

Examples
--------
>>> import hiddenpop as hp
>>> sorted(hp.export.__all__)
['euda', 'gam']
"""

from __future__ import annotations

from .agencies import euda, gam

__all__ = ["euda", "gam"]


def __dir__() -> list[str]:
    return __all__
