"""Estimate how many people there are that no list holds.

Start with `Survey`, ask it for a `proportion`, and pass that to `multiplier`.
"""

from typing import TYPE_CHECKING, Any

from ._core import VERSION as __version__
from .errors import EstimationError, HiddenpopWarning, InputError

if TYPE_CHECKING:
    from . import adjust, datasets, export, plan, plot
    from .capture.covariates import CovariateFit, capture_covariates
    from .capture.coverage import sample_coverage
    from .capture.dedupe import dedupe_check
    from .capture.doubly_robust import doubly_robust
    from .capture.graphs import decomposable_bma
    from .capture.heterogeneity import mh, mth
    from .capture.latent import latent_class
    from .capture.lists import Lists
    from .capture.loglinear import loglinear
    from .capture.sparse import sparse_mse, sparse_path, sparse_selection
    from .capture.two_lists import chao_lower_bound, chapman, dependence, lincoln_petersen, sekar_deming
    from .combine import apply, concat, prob
    from .comparing import compare
    from .counts.diagnostics import compare_families
    from .counts.fitting import chao, zelterman, zero_truncated
    from .counts.register import CaptureCounts
    from .crosstabs import crosstab
    from .describing import describe
    from .doubting.scenario import Scenarios, scenarios
    from .doubting.shares import VarianceShares, variance_shares
    from .doubting.study import Sensitivity, sensitivity
    from .estimate import Estimate
    from .extrapolation.extrapolating import extrapolate
    from .extrapolation.result import Extrapolation
    from .imputation import Imputed, pool
    from .inputs import beta, lognormal, normal, published, triangular, uniform
    from .multiplying import multiplier
    from .multiselecting import multiselect
    from .readers import read_dta, read_sav
    from .regression import regress
    from .replicate import settings
    from .reporting.builder import Report
    from .significance import correct
    from .smoothing import SmoothTrend
    from .store import read_estimate
    from .survey import Survey
    from .tables import Table
    from .trending import Trend, contrast, trend
    from .triangulation.combining import triangulate
    from .triangulation.synthesis import Synthesis

__all__ = [
    "CaptureCounts",
    "CovariateFit",
    "Estimate",
    "EstimationError",
    "Extrapolation",
    "HiddenpopWarning",
    "Imputed",
    "InputError",
    "Lists",
    "Report",
    "Scenarios",
    "Sensitivity",
    "SmoothTrend",
    "Survey",
    "Synthesis",
    "Table",
    "Trend",
    "VarianceShares",
    "__version__",
    "adjust",
    "apply",
    "beta",
    "capture_covariates",
    "chao",
    "chao_lower_bound",
    "chapman",
    "compare",
    "compare_families",
    "concat",
    "contrast",
    "correct",
    "crosstab",
    "datasets",
    "decomposable_bma",
    "dedupe_check",
    "dependence",
    "describe",
    "doubly_robust",
    "export",
    "extrapolate",
    "latent_class",
    "lincoln_petersen",
    "loglinear",
    "lognormal",
    "mh",
    "mth",
    "multiplier",
    "multiselect",
    "normal",
    "plan",
    "plot",
    "pool",
    "prob",
    "published",
    "read_dta",
    "read_estimate",
    "read_sav",
    "regress",
    "sample_coverage",
    "scenarios",
    "sekar_deming",
    "sensitivity",
    "settings",
    "sparse_mse",
    "sparse_path",
    "sparse_selection",
    "trend",
    "triangular",
    "triangulate",
    "uniform",
    "variance_shares",
    "zelterman",
    "zero_truncated",
]

#: Where the public names live. They are imported when first asked for (PEP 562; SPEC 1 of Scientific Python), so
#: that importing the package costs next to nothing.
_HOMES = {
    "capture.coverage": ("sample_coverage",),
    "capture.covariates": ("CovariateFit", "capture_covariates"),
    "capture.dedupe": ("dedupe_check",),
    "capture.doubly_robust": ("doubly_robust",),
    "capture.graphs": ("decomposable_bma",),
    "capture.heterogeneity": ("mh", "mth"),
    "capture.latent": ("latent_class",),
    "capture.lists": ("Lists",),
    "capture.loglinear": ("loglinear",),
    "capture.sparse": ("sparse_mse", "sparse_path", "sparse_selection"),
    "capture.two_lists": ("chao_lower_bound", "chapman", "dependence", "lincoln_petersen", "sekar_deming"),
    "combine": ("apply", "concat", "prob"),
    "counts.diagnostics": ("compare_families",),
    "counts.fitting": ("chao", "zelterman", "zero_truncated"),
    "counts.register": ("CaptureCounts",),
    "comparing": ("compare",),
    "crosstabs": ("crosstab",),
    "describing": ("describe",),
    "doubting.scenario": ("Scenarios", "scenarios"),
    "doubting.shares": ("VarianceShares", "variance_shares"),
    "doubting.study": ("Sensitivity", "sensitivity"),
    "estimate": ("Estimate",),
    "extrapolation.extrapolating": ("extrapolate",),
    "extrapolation.result": ("Extrapolation",),
    "imputation": ("Imputed", "pool"),
    "inputs": ("beta", "lognormal", "normal", "published", "triangular", "uniform"),
    "multiplying": ("multiplier",),
    "regression": ("regress",),
    "multiselecting": ("multiselect",),
    "readers": ("read_dta", "read_sav"),
    "replicate": ("settings",),
    "reporting.builder": ("Report",),
    "significance": ("correct",),
    "smoothing": ("SmoothTrend",),
    "store": ("read_estimate",),
    "survey": ("Survey",),
    "tables": ("Table",),
    "trending": ("Trend", "contrast", "trend"),
    "triangulation.combining": ("triangulate",),
    "triangulation.synthesis": ("Synthesis",),
}


#: Public modules, imported likewise.
_MODULES = ("adjust", "datasets", "export", "plan", "plot")


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    from importlib import import_module  # noqa: PLC0415

    if name in _MODULES:
        return import_module(f".{name}", __name__)
    for module, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(f".{module}", __name__), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
