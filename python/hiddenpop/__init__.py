"""Estimate how many people there are that no list holds.

Start with `Survey`, ask it for a `proportion`, and pass that to `multiplier`.
"""

from typing import TYPE_CHECKING, Any

from ._core import VERSION as __version__
from .errors import EstimationError, HiddenpopWarning, InputError

if TYPE_CHECKING:
    from . import adjust, datasets, export, plan, plot, simulate
    from .capture.covariates import CovariateFit, capture_covariates
    from .capture.coverage import sample_coverage
    from .capture.dedupe import dedupe_check
    from .capture.doubly_robust import doubly_robust
    from .capture.fits import loglinear
    from .capture.graphs import decomposable_bma
    from .capture.heterogeneity import mh, mth
    from .capture.latent import latent_class
    from .capture.lists import Lists
    from .capture.sparse import sparse_mse, sparse_path, sparse_selection
    from .capture.two_lists import chao_lower_bound, chapman, dependence, lincoln_petersen, sekar_deming
    from .counts.compare import compare_families
    from .counts.fitting import chao, oichao, ratio_regression, zelterman, zero_truncated
    from .counts.register import CaptureCounts
    from .doubt.plausible import Plausibility, plausible
    from .doubt.scenario import Scenarios, scenarios
    from .doubt.study import Sensitivity, sensitivity
    from .doubt.variance_shares import VarianceShares, variance_shares
    from .draws.settings import settings
    from .estimate.combine import apply, concat, pool, prob
    from .estimate.estimate import Estimate
    from .estimate.inputs import beta, lognormal, normal, published, triangular, uniform
    from .estimate.read import read_estimate
    from .extrapolation.extrapolating import extrapolate
    from .extrapolation.result import Extrapolation
    from .ground.versions import show_versions
    from .multipliers.multiplier import multiplier
    from .rds.successive import successive_sampling_size
    from .registers.benchmark import Benchmark, benchmark
    from .regression.regress import regress
    from .report.builder import Report
    from .survey.csv_files import read_csv
    from .survey.imputed import Imputed
    from .survey.rds_files import read_rdsat, read_rdsobj
    from .survey.readers import read_dta, read_sav, read_xpt
    from .survey.recoding import Recoded, recode
    from .survey.survey import Survey
    from .tables.compare import compare
    from .tables.crosstab import crosstab
    from .tables.describe import describe
    from .tables.multiselect import multiselect
    from .tables.presentable import presentation
    from .tables.significance import correct
    from .trends.grouped import Trends
    from .trends.trend import SmoothTrend, Trend
    from .trends.trending import contrast, trend
    from .triangulation.combining import triangulate
    from .triangulation.synthesis import Synthesis
    from .words.table import Table

__all__ = [
    "Benchmark",
    "CaptureCounts",
    "CovariateFit",
    "Estimate",
    "EstimationError",
    "Extrapolation",
    "HiddenpopWarning",
    "Imputed",
    "InputError",
    "Lists",
    "Plausibility",
    "Recoded",
    "Report",
    "Scenarios",
    "Sensitivity",
    "SmoothTrend",
    "Survey",
    "Synthesis",
    "Table",
    "Trend",
    "Trends",
    "VarianceShares",
    "__version__",
    "adjust",
    "apply",
    "benchmark",
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
    "oichao",
    "plan",
    "plausible",
    "plot",
    "pool",
    "presentation",
    "prob",
    "published",
    "ratio_regression",
    "read_csv",
    "read_dta",
    "read_estimate",
    "read_rdsat",
    "read_rdsobj",
    "read_sav",
    "read_xpt",
    "recode",
    "regress",
    "sample_coverage",
    "scenarios",
    "sekar_deming",
    "sensitivity",
    "settings",
    "show_versions",
    "simulate",
    "sparse_mse",
    "sparse_path",
    "sparse_selection",
    "successive_sampling_size",
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
    "capture.covariates": (
        "CovariateFit",
        "capture_covariates",
    ),
    "capture.coverage": ("sample_coverage",),
    "capture.dedupe": ("dedupe_check",),
    "capture.doubly_robust": ("doubly_robust",),
    "capture.fits": ("loglinear",),
    "capture.graphs": ("decomposable_bma",),
    "capture.heterogeneity": (
        "mh",
        "mth",
    ),
    "capture.latent": ("latent_class",),
    "capture.lists": ("Lists",),
    "capture.sparse": (
        "sparse_mse",
        "sparse_path",
        "sparse_selection",
    ),
    "capture.two_lists": (
        "chao_lower_bound",
        "chapman",
        "dependence",
        "lincoln_petersen",
        "sekar_deming",
    ),
    "counts.compare": ("compare_families",),
    "counts.fitting": (
        "chao",
        "oichao",
        "ratio_regression",
        "zelterman",
        "zero_truncated",
    ),
    "counts.register": ("CaptureCounts",),
    "doubt.plausible": (
        "Plausibility",
        "plausible",
    ),
    "doubt.scenario": (
        "Scenarios",
        "scenarios",
    ),
    "doubt.study": (
        "Sensitivity",
        "sensitivity",
    ),
    "doubt.variance_shares": (
        "VarianceShares",
        "variance_shares",
    ),
    "draws.settings": ("settings",),
    "estimate.combine": (
        "apply",
        "concat",
        "pool",
        "prob",
    ),
    "estimate.estimate": ("Estimate",),
    "estimate.inputs": (
        "beta",
        "lognormal",
        "normal",
        "published",
        "triangular",
        "uniform",
    ),
    "estimate.read": ("read_estimate",),
    "extrapolation.extrapolating": ("extrapolate",),
    "extrapolation.result": ("Extrapolation",),
    "ground.versions": ("show_versions",),
    "multipliers.multiplier": ("multiplier",),
    "rds.successive": ("successive_sampling_size",),
    "registers.benchmark": (
        "Benchmark",
        "benchmark",
    ),
    "regression.regress": ("regress",),
    "report.builder": ("Report",),
    "survey.csv_files": ("read_csv",),
    "survey.rds_files": ("read_rdsat", "read_rdsobj"),
    "survey.imputed": ("Imputed",),
    "survey.readers": (
        "read_dta",
        "read_sav",
        "read_xpt",
    ),
    "survey.recoding": (
        "Recoded",
        "recode",
    ),
    "survey.survey": ("Survey",),
    "tables.compare": ("compare",),
    "tables.crosstab": ("crosstab",),
    "tables.describe": ("describe",),
    "tables.multiselect": ("multiselect",),
    "tables.presentable": ("presentation",),
    "tables.significance": ("correct",),
    "trends.grouped": ("Trends",),
    "trends.trend": (
        "SmoothTrend",
        "Trend",
    ),
    "trends.trending": (
        "contrast",
        "trend",
    ),
    "triangulation.combining": ("triangulate",),
    "triangulation.synthesis": ("Synthesis",),
    "words.table": ("Table",),
}


#: Public modules, imported likewise.
_MODULES = ("adjust", "datasets", "export", "plan", "plot", "simulate")


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
