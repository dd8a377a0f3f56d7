"""What a Table 1 says of one variable."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..answers.statistic import Statistic
from ..expression.nodes import Node
from ..ground.columns import Floats
from .variables import Variable


@dataclass(eq=False)
class Described:
    """A variable's numbers; arrays are lines (levels, or one) x columns of the table."""

    variable: Variable
    n: Floats
    missing: Floats
    point: Floats
    #: Where each number stands among all that have intervals; -1 where there is none.
    place: Any
    sd: Floats
    #: Quartiles and range (columns x 5), of numbers and dates.
    spread: Floats
    p: float = np.nan
    test: str = ""
    trouble: str = ""
    #: p of a trend over ordered groups, and why there is none.
    trend: float = np.nan
    no_trend: str = ""
    #: The standardised difference of the groups: of two, or the largest of all pairs.
    smd: float = np.nan
    #: Design effects, where they are asked for.
    deff: Floats | None = None
    #: What presentation standards say of each share.
    verdicts: Any = None
    #: The answers that have intervals.
    nodes: list[Node] = field(default_factory=list)
    #: Those by group, in every imputation.
    by_group: list[Statistic] = field(default_factory=list)
