"""Figures of a study with matplotlib: readable in grey, without colour alone carrying meaning.

See Also
--------
hiddenpop.Estimate.plot, hiddenpop.Trend.plot : what results draw of themselves.

Examples
--------
>>> import hiddenpop as hp
>>> axes = hp.plot.venn({"a": 100, "b": 80, "a & b": 20})
"""

from __future__ import annotations

from ..drawing.axes import describe
from .bars import stacked
from .overlap import venn
from .overtime import coverage, sizes

__all__ = ["coverage", "describe", "sizes", "stacked", "venn"]


def __dir__() -> list[str]:
    return __all__
