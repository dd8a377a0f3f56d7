"""What is pickled is named field by field: nothing that was computed takes people's rows along, whatever class it is of.

The classes are found, not listed: all that a public function or method returns, and what that returns. A new one fails here until
it is made below, and then until it refuses to be pickled or holds nothing of the rows.
"""

import copy
import importlib
import inspect
import pickle
import re
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.ground.stays import Stays

from . import tree
from .draws import test_travel

#: Stands in a column of text and in one of numbers.
PLANTED, NUMBER = "Quastenflosser", 271828.1828459
#: What is a table itself: who pickles one means its rows.
TABLES = {"Survey", "Imputed", "Lists", "CaptureCounts"}
#: What no user is handed: what a property is about for the package itself.
INNER = {"answers", "expression", "draws", "errors", "sample", "ground", "drawing", "capture.redraws", "extrapolation.models", "extrapolation.fay_herriot"}


@cache
def people() -> pd.DataFrame:
    table = test_travel.people().reset_index(drop=True)
    table["number"] = np.where(table.index == 7, NUMBER, table["age"])
    return table


@cache
def survey() -> hp.Survey:
    return hp.Survey(people(), strata="group", replicates=40)


def lists(names: str = "ab") -> hp.Lists:
    return hp.Lists(people(), list(names), replicates=40)


def register() -> hp.CaptureCounts:
    return hp.CaptureCounts(people(), "times", replicates=40)


def trend() -> Any:
    return hp.trend({year: 900 / survey().proportion("c", where="d") for year in (2010, 2014)} if False else {2010: hp.multiplier(900, survey().proportion("c")), 2014: hp.published(900, 800, 1000, name="x"), 2018: hp.published(950, 800, 1100, name="y")})


def extrapolation() -> Any:
    population = pd.Series(np.linspace(1e5, 9e5, 8), [f"area {i}" for i in range(8)])
    known = {area: hp.published(m := 0.002 * population[area], 0.9 * m, 1.1 * m, name=area) for area in population.index[:6]}
    return hp.extrapolate(known, pd.DataFrame({"population": population, "treated": population * 0.001}), method="mim_regression")


MAKERS: dict[str, Callable[[], Any]] = {
    "Survey": survey,
    "Imputed": lambda: hp.Imputed([people(), people()]),
    "Lists": lists,
    "CaptureCounts": register,
    "Estimate": lambda: hp.multiplier(900, survey().proportion("c")),
    "GraphAverage": lambda: hp.decomposable_bma(lists("abc"), max_missed=500),
    "LatentClassSize": lambda: hp.latent_class(lists("abc"), draws=60, burn_in=10, thin=1),
    "Table": lambda: hp.describe(survey(), ["age", "c"], by="d"),
    "Comparison": lambda: hp.compare(survey(), "number", "group"),
    "Crosstab": lambda: hp.crosstab(survey(), "c", "group"),
    "Significance": lambda: hp.crosstab(survey(), "c", "group").test(),
    "Regression": lambda: hp.regress(survey(), "c ~ age"),
    "ImputedRegression": lambda: hp.regress(hp.Imputed([people(), people().assign(c=1 - people()["c"])]), "c ~ age"),
    "CovariateFit": lambda: hp.capture_covariates(lists(), "~ age"),
    "CountFit": lambda: hp.zero_truncated(register(), "~ age"),
    "Fits": lambda: hp.loglinear(lists("abc")),
    "Selection": lambda: hp.loglinear(lists("abc")).selection(),
    "Description": lambda: lists("abc").describe(),
    "Report": lambda: hp.Report("r", suppress_below=5).add(survey().proportion("c", by="group")),
    "Trend": trend,
    "SmoothTrend": lambda: trend().smooth(at=[2012], prior=0.1),
    "Extrapolation": extrapolation,
    "Scenarios": lambda: hp.scenarios(lambda a, b: a * b, {"a": [1.0, 2.0], "b": survey().proportion("c")}) if False else None,
    "Sensitivity": lambda: None,
    "VarianceShares": lambda: hp.variance_shares(hp.multiplier(900, survey().proportion("c")) * hp.beta(80, 20, name="z")),
    "Synthesis": lambda: hp.triangulate(test_travel.sources(), method="fixed"),
    "WorstCase": lambda: survey().worst_case("c"),
    "Dataset": lambda: hp.datasets.load("opaak"),
    "Dependence": lambda: hp.dependence(lists(), (0.5, 2.0)),
    "settings": lambda: None,
}
