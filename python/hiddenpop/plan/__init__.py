"""How many to interview: closed forms where they exist, simulation for everything else.

See Also
--------
hiddenpop.simulate : populations to try a study on.

Examples
--------
>>> import hiddenpop as hp
>>> hp.plan.proportion(0.3, precision=0.05).n
323
"""

from __future__ import annotations

from .clusters import design_effect
from .comparison import Comparison, compare
from .groups import Plans, by_group
from .interviews import multiplier, proportion, rds
from .overlap import TwoListPlan, capture
from .precision import Plan
from .simulation import SimulatedPlan, simulate
from .study import multiplier_study, rng

__all__ = [
    "Comparison",
    "Plan",
    "Plans",
    "SimulatedPlan",
    "TwoListPlan",
    "by_group",
    "capture",
    "compare",
    "design_effect",
    "multiplier",
    "multiplier_study",
    "proportion",
    "rds",
    "rng",
    "simulate",
]


def __dir__() -> list[str]:
    return __all__
