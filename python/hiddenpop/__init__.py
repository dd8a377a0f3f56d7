"""Estimate how many people there are that no list holds.

Start with `Survey`, ask it for a `proportion`, and pass that to `multiplier`.
"""

from typing import TYPE_CHECKING, Any

from ._core import VERSION as __version__
from .errors import EstimationError, HiddenpopWarning, InputError

if TYPE_CHECKING:
    from . import datasets
    from .combine import apply, concat, prob
    from .comparing import compare
    from .crosstabs import crosstab
    from .describing import describe
    from .estimate import Estimate
    from .imputation import Imputed, pool
    from .inputs import beta, lognormal, normal, published, triangular, uniform
    from .multiplying import multiplier
    from .multiselecting import multiselect
    from .readers import read_dta, read_sav
    from .replicate import settings
    from .significance import correct
    from .store import read_estimate
    from .survey import Survey
    from .tables import Table

__all__ = [
    "Estimate",
    "EstimationError",
    "HiddenpopWarning",
    "Imputed",
    "InputError",
    "Survey",
    "Table",
    "__version__",
    "apply",
    "beta",
    "compare",
    "concat",
    "correct",
    "crosstab",
    "datasets",
    "describe",
    "lognormal",
    "multiplier",
    "multiselect",
    "normal",
    "pool",
    "prob",
    "published",
    "read_dta",
    "read_estimate",
    "read_sav",
    "settings",
    "triangular",
    "uniform",
]

#: Where the public names live. They are imported when first asked for (PEP 562; SPEC 1 of Scientific Python), so
#: that importing the package costs next to nothing.
_HOMES = {
    "combine": ("apply", "concat", "prob"),
    "comparing": ("compare",),
    "crosstabs": ("crosstab",),
    "describing": ("describe",),
    "estimate": ("Estimate",),
    "imputation": ("Imputed", "pool"),
    "inputs": ("beta", "lognormal", "normal", "published", "triangular", "uniform"),
    "multiplying": ("multiplier",),
    "multiselecting": ("multiselect",),
    "readers": ("read_dta", "read_sav"),
    "replicate": ("settings",),
    "significance": ("correct",),
    "store": ("read_estimate",),
    "survey": ("Survey",),
    "tables": ("Table",),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    from importlib import import_module  # noqa: PLC0415

    if name == "datasets":
        return import_module(".datasets", __name__)
    for module, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(f".{module}", __name__), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
