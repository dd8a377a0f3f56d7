"""Estimate how many people there are that no list holds.

Start with `Survey`, ask it for a `proportion`, and pass that to `multiplier`.
"""

from typing import TYPE_CHECKING, Any

from ._core import VERSION as __version__
from .errors import EstimationError, HiddenpopWarning, InputError
from .estimate import Estimate
from .multiplier import multiplier
from .replicate import settings
from .survey import Survey

if TYPE_CHECKING:
    from . import datasets
    from .combine import apply, concat, prob
    from .inputs import beta, lognormal, normal, published, triangular, uniform
    from .store import read_estimate

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

#: Where the names live that are imported when first asked for (PEP 562), so that importing stays cheap.
_LATER = {
    "combine": ("apply", "concat", "prob"),
    "inputs": ("beta", "lognormal", "normal", "published", "triangular", "uniform"),
    "store": ("read_estimate",),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    from importlib import import_module  # noqa: PLC0415

    if name == "datasets":
        return import_module(".datasets", __name__)
    for module, names in _LATER.items():
        if name in names:
            value = getattr(import_module(f".{module}", __name__), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
