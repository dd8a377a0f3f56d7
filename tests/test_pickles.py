"""What is pickled is named field by field: nothing that was computed takes people's rows along, whatever class it is of.

The classes are found, not listed: all that a public function or method returns, and what that returns. A new one fails here until
it is made below, and then until it refuses to be pickled or holds nothing of the rows.
"""

import contextlib
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

from tools import tree

from .draws import test_travel

#: Stands in a column of text and in one of numbers.
PLANTED, NUMBER = "Quastenflosser", 271828.1828459
#: What is a table itself: who pickles one means its rows.
TABLES = {"Survey", "Imputed", "Lists", "CaptureCounts"}
#: What no file of results can hold: it is the user's own function, an error, or a switch.
NO_RESULTS = {"settings", "InputError", "EstimationError", "HiddenpopWarning"}
#: What properties of results are made of, within the package.
INNER = (
    "answers",
    "expression",
    "draws",
    "sample",
    "ground",
    "drawing",
    "capture.redraws",
    "extrapolation.models",
    "extrapolation.fay_herriot",
)


@cache
def people() -> pd.DataFrame:
    table = test_travel.people().reset_index(drop=True)
    table["group"] = table["group"].str[-1]  # groups are labels, which estimates name
    table["number"] = np.where(table.index == 7, NUMBER, table["age"])
    return table


@cache
def survey() -> hp.Survey:
    return hp.Survey(people(), strata="group", replicates=40)


def size() -> hp.Estimate:
    return hp.multiplier(900, survey().proportion("c"))


@cache
def peers() -> hp.Survey:
    """People who recruited one another; ids are planted."""
    return test_travel.recruited(population=1e6, replicates=40)


def lists(names: str = "ab") -> hp.Lists:
    return hp.Lists(people(), list(names), replicates=40)


def register() -> hp.CaptureCounts:
    return hp.CaptureCounts(people(), "times", replicates=40)


def trend() -> Any:
    here = size()
    return hp.trend({2010: here, **{year: hp.published(900, 800, 1000, name=str(year)) for year in (2014, 2018)}})


def extrapolation() -> Any:
    population = pd.Series(np.linspace(1e5, 9e5, 8), [f"area {i}" for i in range(8)])
    known = {
        area: hp.published(m := 0.002 * population[area], 0.9 * m, 1.1 * m, name=area) for area in population.index[:6]
    }
    return hp.extrapolate(
        known,
        pd.DataFrame({"population": population, "treated": population**1.1 * [3, 5, 4, 6, 3, 4, 6, 5]}),
        method="mim_regression",
    )


def recruited_size(**options: Any) -> hp.Estimate:
    """A size from people who recruited one another: those whose numbers are planted know many."""
    table = people().reset_index(drop=True)
    by = [-1 if i < 3 else i // 2 for i in range(len(table))]
    table = table.assign(nr=range(len(table)), by=by, knows=table.index % 7 + 4)
    survey = hp.Survey.rds(table, id="nr", recruiter="by", degree="knows", replicates=40)
    return hp.successive_sampling_size(survey, prior_median=3 * len(table), largest=20 * len(table), **options)


MAKERS: dict[str, Callable[[], Any]] = {
    "Survey": survey,
    "Imputed": lambda: hp.Imputed([people(), people()]),
    "Recoded": lambda: hp.recode(people(), yes=["ja"], no=["nee"]),
    "Benchmark": lambda: hp.benchmark(
        {"id": [PLANTED, "b", "c"], "seen": ["2020-01-01", "2020-02-01", None], "number": [NUMBER, 1.0, 2.0]},
        id="id",
        period="2020",
        date="seen",
    ),
    "Lists": lists,
    "CaptureCounts": register,
    "Estimate": size,
    "SuccessiveSize": recruited_size,
    "VisibilitySize": lambda: recruited_size(visibility=True, chains=2, draws=100, burn_in=100, thin=1),
    "GraphAverage": lambda: hp.decomposable_bma(lists("abc"), max_missed=500),
    "LatentClassSize": lambda: hp.latent_class(lists("abc"), draws=100, burn_in=10, thin=1, replicates=40),
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
    "Checklist": lambda: hp.Report("r").add(survey().proportion("c")).checklist("STROBE"),
    "Trend": trend,
    "Trends": lambda: hp.trend(
        {year: survey().proportion("c", by="group") * share for year, share in ((1, 1), (2, 0.9))}, by="group"
    ),
    "SmoothTrend": lambda: trend().smooth(at=[2012], prior=0.1),
    "Extrapolation": extrapolation,
    "Plausibility": lambda: hp.plausible(size(), 1_000_000, "people who inject drugs"),
    "Scenarios": lambda: hp.scenarios({"as it is": size(), "half": size() / 2}),
    "Sensitivity": lambda: hp.sensitivity(lambda completeness: size() / completeness, completeness=(0.6, 1)),
    "Plan": lambda: hp.plan.proportion(0.5, precision=0.05),
    "Plans": lambda: hp.plan.by_group(hp.plan.proportion, share={"a": 0.5, "b": 0.2}, precision=0.05),
    "TwoListPlan": lambda: hp.plan.capture(16_000, relative_precision=0.25),
    "plan.comparison.Comparison": lambda: hp.plan.compare((0.31, 0.61), power=0.8),
    "SimulatedPlan": lambda: hp.plan.simulate(
        lambda n, rng: survey().proportion("c"), n=[25], precision=1, replicates=3
    ),
    "VarianceShares": lambda: hp.variance_shares(size() * hp.beta(80, 20, name="z")),
    "Synthesis": lambda: hp.triangulate(test_travel.sources(), method="fixed"),
    "Standardized": lambda: survey().standardize("group", {"a": 1, "b": 2}),
    "WhoRecruits": lambda: peers().recruitment("c"),
    "Convergence": lambda: peers().convergence("c"),
    "Bottleneck": lambda: peers().bottleneck("c"),
    "ByPopulation": lambda: peers().sensitivity("c", population=[1e6, 1e7]),
    "Checkup": lambda: peers().check("c"),
    "WorstCase": lambda: survey().worst_case("c"),
    "Dataset": lambda: hp.datasets.load("opaak"),
    "Network": lambda: hp.simulate.network_from(
        people().assign(id=range(len(people()))), {"a": [0], "b": [1]}, id="id"
    ),
    "Dependence": lambda: hp.dependence(lists(), (0.5, 2.0)),
}


def classes() -> dict[str, type]:
    """Return all classes that users are handed, by name: those of public names, and what their methods and functions return."""
    by_name: dict[str, list[type]] = {}
    for module in tree.FILES:
        for name, value in vars(importlib.import_module(f"hiddenpop.{module}".removesuffix("."))).items():
            if inspect.isclass(value) and value.__module__ == f"hiddenpop.{module}":
                by_name.setdefault(name, []).append(value)
    todo: list[Any] = [getattr(hp, name) for name in hp.__all__]
    todo += [
        getattr(module, name) for module in (hp.adjust, hp.datasets, hp.plan, hp.simulate) for name in vars(module)
    ]
    seen: set[int] = set()
    found: dict[str, type] = {}
    while todo:
        one = todo.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if inspect.isclass(one):
            place = one.__module__.removeprefix("hiddenpop.")
            if one.__module__.startswith("hiddenpop") and not place.startswith(INNER) and not inspect.isabstract(one):
                found[f"{place}.{one.__name__}"] = one
                members = [value for name, value in inspect.getmembers(one) if not name.startswith("_")]
                todo += [value.fget if isinstance(value, property) else value for value in members]
        elif callable(one) and str(getattr(one, "__module__", "")).startswith("hiddenpop"):
            for word in re.findall(r"\w+", str(getattr(one, "__annotations__", {}).get("return"))):
                here = vars(inspect.getmodule(one)).get(word)
                todo += [here] if inspect.isclass(here) else by_name.get(word, [])
    return found


def _made(name: str) -> Any:
    make = MAKERS.get(name) or MAKERS.get(name.rpartition(".")[2])
    assert make, f"{name} is handed to users, and nobody made one here: add it to MAKERS"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make()


CLASSES = {name: kind for name, kind in classes().items() if kind.__name__ not in NO_RESULTS}


@pytest.mark.parametrize("name", CLASSES)
def test_what_is_pickled_holds_no_rows(name: str) -> None:
    thing = _made(name)
    assert isinstance(thing, CLASSES[name])
    picklers: list[Any] = [pickle.dumps]
    with contextlib.suppress(ImportError):
        picklers.append(importlib.import_module("cloudpickle").dumps)
    for dump in picklers:
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            try:
                data = dump(thing, protocol=protocol)
            except InputError as error:
                assert "can't be" in str(error)
                assert "." in str(error)
                continue
            if CLASSES[name].__name__ in TABLES:
                assert PLANTED.encode() in data
                assert isinstance(pickle.loads(data), CLASSES[name])
            else:
                assert PLANTED.encode() not in data
                assert np.float64(NUMBER).tobytes() not in data
                assert str(NUMBER).encode() not in data


@pytest.mark.parametrize("name", CLASSES)
def test_all_of_them_are_copied_in_memory(name: str) -> None:
    thing = _made(name)
    assert isinstance(copy.copy(thing), CLASSES[name])
    assert isinstance(copy.deepcopy(thing), CLASSES[name])


def test_rows_refuse_whatever_holds_them() -> None:
    """A class that nobody knows of holds a sample, or what was asked of one."""
    for inside in (survey().sample, survey().proportion("c").node):
        assert isinstance(inside, Stays)
        with pytest.raises(InputError, match="rows can't be saved or pickled"):
            pickle.dumps({"new": [inside]})


def test_a_copied_report_is_another_one() -> None:
    report = hp.Report("r").add(survey().proportion("c"))
    again = copy.copy(report).add(survey().proportion("d"))
    assert len(report.to_html() or "") < len(again.to_html() or "")
