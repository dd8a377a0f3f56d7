"""How many to interview: closed forms where they exist, simulation for everything else."""

from __future__ import annotations

from .comparison import Comparison, compare
from .interviews import multiplier, proportion, rds
from .overlap import TwoListPlan, capture
from .precision import Plan
from .simulation import SimulatedPlan, simulate
from .study import multiplier_study, rng

__all__ = [
    "Comparison",
    "Plan",
    "SimulatedPlan",
    "TwoListPlan",
    "capture",
    "compare",
    "multiplier",
    "multiplier_study",
    "proportion",
    "rds",
    "rng",
    "simulate",
]


def __dir__() -> list[str]:
    return __all__
