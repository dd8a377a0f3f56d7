"""Estimate how many people there are that no list holds.

Start with `Survey`, ask it for a `proportion`, and pass that to `multiplier`.
"""

from . import datasets
from ._core import VERSION as __version__
from .combine import apply, concat, prob
from .errors import EstimationError, HiddenpopWarning, InputError
from .estimate import Estimate
from .inputs import beta, lognormal, normal, published, triangular, uniform
from .multiplier import multiplier
from .replicate import settings
from .store import read_estimate
from .survey import Survey

__all__ = [
    "Estimate",
    "EstimationError",
    "HiddenpopWarning",
    "InputError",
    "Survey",
    "__version__",
    "apply",
    "beta",
    "concat",
    "datasets",
    "lognormal",
    "multiplier",
    "normal",
    "prob",
    "published",
    "read_estimate",
    "settings",
    "triangular",
    "uniform",
]
