"""One of everything that is public, small enough to be asked a thousand times, and a good value for each argument."""

import functools
import inspect
import itertools
import operator
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd

#: Made by the package and not by users, or handed from one part of it to another.
OURS = {
    "hp.Benchmark",
    "hp.Estimate",
    "hp.Extrapolation",
    "hp.Recoded",
    "hp.Plausibility",
    "hp.Scenarios",
    "hp.Sensitivity",
    "hp.SmoothTrend",
    "hp.Synthesis",
    "hp.Table",
    "hp.Trend",
    "hp.Trends",
    "hp.VarianceShares",
    "hp.CovariateFit",
    "plan.Comparison",
    "plan.Plan",
    "plan.Plans",
    "plan.SimulatedPlan",
    "plan.TwoListPlan",
    "simulate.Network",
    "of",
    "wrap",
    "check_rows",
    *("open", "project", "redraw", "redrawn", "tables", "groups"),  # of Lists
    *("effects", "finished", "solved", "vary", "at"),  # of plans
    "rng",
    "to_arviz",
    "plot_trace",
}
OPERATORS: tuple[Callable[[Any, Any], Any], ...] = (
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.pow,
    operator.lt,
    operator.ge,
    operator.and_,
    operator.or_,
    operator.getitem,
)


@dataclass(frozen=True)
class Call:
    """Something that can be called, and what it takes as a rule."""

    name: str
    function: Callable[..., Any]
    #: Good values of what it must be given, and of what it may be given.
    given: tuple[Any, ...] = ()
    named: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)


def table() -> pd.DataFrame:
    """Return forty people."""
    rng = np.random.default_rng(1)
    n = 40
    found = pd.DataFrame(
        {
            "g": np.tile(["a", "b"], n // 2),
            "h": rng.choice(["k", "l", "m"], n),
            "x": rng.integers(0, 2, n),
            "y": rng.integers(0, 2, n),
            "age": rng.normal(40, 8, n).round(1),
            "w": rng.uniform(1, 3, n),
            "c": np.repeat(np.arange(10), 4),
            "size": 50,
            "times": rng.choice([1, 1, 1, 2, 3], n),
            "A": rng.integers(0, 2, n),
            "B": rng.integers(0, 2, n),
            "C": rng.integers(0, 2, n),
        }
    )
    found.loc[found[["A", "B", "C"]].sum(axis=1) == 0, "A"] = 1
    found["stratum"] = found["g"]
    return found


def recruited() -> pd.DataFrame:
    """Return the same people, who recruited one another."""
    n = 40
    by = [None if i < 4 else i // 3 for i in range(n)]
    return table().assign(id=range(n), by=pd.Series(by, dtype="Int64"), knows=np.arange(n) % 7 + 4)


#: Good values by the name of the argument, for those that must be given.
GOOD: dict[str, Any] = {
    "column": "x",
    "row": "g",
    "by": "g",
    "numerator": "x",
    "denominator": "w",
    "q": 0.5,
    "margins": {"g": {"a": 30.0, "b": 50.0}},
    "totals": {"a": 30.0, "b": 50.0},
    "function": lambda *a, **k: 1.0,
    "method": "JK1",
    "weights": {"a": 1, "b": -1},
    "name": "renamed",
    "population": 100_000,
    "lists": ["A", "B", "C"],
    "ids": ["g", "h"],
    "benchmark": 4_900.0,
    "share": 0.3,
    "target": 4_900.0,
    "n": 100,
    "shares": (0.2, 0.4),
    "a": 80,
    "b": 20,
    "mean": 10.0,
    "sd": 1.0,
    "low": 1.0,
    "mode": 2.0,
    "high": 3.0,
    "point": 100.0,
    "lower": 80.0,
    "upper": 130.0,
    "formula": "y ~ age",
    "p": [0.01, 0.2],
    "title": "A report",
    "venue": "h",
    "day": "c",
    "window": "365d",
    "stay": "100d",
    "odds": 1.5,
    "question": lambda survey: survey.proportion("x"),
    "label": "a",
    "icc": 0.05,
    "cluster_size": 12,
    "variable": "age",
    "newdata": {"age": [30.0, 40.0]},
    "scenario": "high",
    "cases": {"as it is": {"completeness": 1.0}, "less": {"completeness": 0.8}},
    "x": "completeness",
    "y": "odds",
    "times": [2012, 2015],
    "country": "NL",
    "year": 2023,
    "area": "national",
    "substance": "opioids",
    "target_group": "POU",
    "case_definition": "weekly",
    "ages": (15, 64),
    "sources": "a register",
    "definition": "in the last year",
    "adequacy": "locally adequate",
    "path": "written",
    "register": {"id": [1, 1, 2, None], "seen": ["2020-01-01", "2020-02-01", "2020-03-01", "2021-01-01"]},
    "id": "id",
    "period": "2020",
    "second": 100,
    "attribute": "x",
    "mean_degree": 6,
}


@functools.cache
def things() -> dict[str, Any]:
    """Return one of everything."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _made()


def _made() -> dict[str, Any]:  # noqa: PLR0915 (one of everything)
    people = table()
    some = hp.datasets.load("opaak")["treatment"]
    made: dict[str, Any] = {}
    made["survey"] = survey = hp.Survey(people, replicates=50)
    made["survey of strata"] = hp.Survey(people, strata="g", replicates=50)
    made["survey of clusters"] = clusters = hp.Survey(people, clusters="c", weights="w", replicates=50)
    made["survey with fpc"] = hp.Survey(people, strata="stratum", fpc="size", replicates=50)
    made["survey of counts"] = counts = hp.Survey(some, counts="count", strata="group", replicates=50)
    made["survey calibrated"] = survey.calibrate({"g": {"a": 30.0, "b": 50.0}})
    made["survey of replicates"] = clusters.with_replicates("JK1")
    made["survey of venues"] = hp.Survey.venue_day(people, venue="h", day="c", attendance="times", replicates=50)
    made["survey of peers"] = peers = hp.Survey.rds(
        recruited(), id="id", recruiter="by", degree="knows", population=200, homophily_on="g", replicates=50
    )
    made["who recruits whom"] = peers.recruitment("x")
    made["convergence"] = peers.convergence("x")
    made["bottleneck"] = peers.bottleneck("x")
    made["sensitivity to the population"] = peers.sensitivity("x", population=[100, 200])
    made["checkup"] = peers.check("x")
    weights = survey.to_replicate_weights(12)
    made["survey of an agency"] = agency = hp.Survey(
        people.join(weights), weights="w", replicate_weights=list(weights.columns), method="bootstrap"
    )
    made["survey imputed"] = hp.Imputed([people, people.assign(x=people["y"])], replicates=50)

    made["share by group"] = share = survey.proportion("x", by="g")
    made["share"] = survey.proportion("x")
    made["shares of kinds"] = survey.proportion("h")
    made["share in a domain"] = clusters.proportion("x", by=["g", "h"], where=people["age"] > 35)
    made["mean"] = clusters.mean("age", by="g")
    made["median"] = survey.median("age")
    made["share among peers"] = peers.proportion("x", by="h")
    made["total"] = clusters.total("x")
    made["ratio"] = survey.ratio("x", "w")
    made["count"] = made["survey calibrated"].count(by="g")
    made["mean of an agency"] = agency.mean("age")
    made["mean imputed"] = made["survey imputed"].mean("x", by="g")
    made["size"] = size = hp.multiplier(
        {"opioids": 8126, "crack only": 4912}, counts.proportion("in_treatment", by="group")
    )
    made["published"] = published = hp.published(13_000, 10_000, 18_000, name="published", replicates=50)
    made["beta"] = hp.beta(80, 20, name="completeness", replicates=50)
    made["event"] = published > 12_000
    made["normal"] = survey.mean("age", by="g").to_normal(replicates=50)
    other = hp.published(16_000, 11_300, 25_200, name="other", replicates=50)
    made["worst case"] = hp.Survey({"x": [1, 0, None, 1]}, replicates=50).worst_case("x")
    made["of weights"] = survey.replicate(lambda w: [w.sum(), (w * people["age"]).sum()], labels=["a", "b"])
    made["pooled"] = hp.pool([survey.mean("age"), made["survey of strata"].mean("age")])

    made["lists"] = lists = hp.Lists(people, ["A", "B", "C"], replicates=50)
    made["two lists"] = two = hp.Lists(people.loc[people["A"] + people["B"] > 0], ["A", "B"], by="g", replicates=50)
    made["chapman"] = hp.chapman(two)
    made["fits"] = hp.loglinear(lists, replicates=20)
    made["covariate fit"] = hp.capture_covariates(two, "~ age")
    made["coverage"] = hp.sample_coverage(lists)
    made["sparse"] = hp.sparse_mse(lists)
    made["dependence"] = hp.dependence(two, steps=2)
    made["size of peers"] = hp.successive_sampling_size(peers, prior_median=500, largest=2_000, replicates=50)
    quick: dict[str, Any] = {"chains": 2, "draws": 100, "burn_in": 100, "thin": 1, "replicates": 50}
    made["visible size of peers"] = hp.successive_sampling_size(
        peers, prior_median=500, largest=2_000, visibility=True, **quick
    )
    made["graphs"] = hp.decomposable_bma(lists, max_missed=200, replicates=50)
    made["register"] = register = hp.CaptureCounts(people, "times", replicates=50)
    made["zero truncated"] = hp.zero_truncated(register, "~ age")
    made["chao"] = hp.chao(register)
    made["families"] = hp.ratio_regression(register)

    made["regression"] = hp.regress(survey, "y ~ age + g", "binomial")
    made["linear regression"] = hp.regress(clusters, "age ~ h")
    made["regression imputed"] = hp.regress(made["survey imputed"], "age ~ x")
    made["crosstab"] = hp.crosstab(clusters, "g", "h")
    made["comparison"] = hp.compare(survey, "age", "h")
    made["described"] = hp.describe(survey, ["x", "age", "h"], by="g", test=True)
    made["multiselect"] = hp.multiselect(survey, columns=["A", "B", "C"])

    estimates = {2012: published, 2015: other, 2018: published * 1.1}
    made["trend"] = trend = hp.trend(estimates)
    made["trends"] = hp.trend({2012: size, 2023: size * 1.1}, by="group")
    made["smooth trend"] = trend.smooth(prior=0.1)
    made["plausibility"] = hp.plausible(published, 1_000_000, "people who inject drugs")
    made["scenarios"] = hp.scenarios({"low": published, "high": other}, base="low")
    made["sensitivity"] = hp.sensitivity(
        lambda completeness, odds: published / completeness * odds, completeness=(0.6, 1), odds=(0.5, 2), name="people"
    )
    made["variance shares"] = hp.variance_shares(published / made["beta"])
    made["synthesis"] = hp.triangulate({"one": published, "two": other}, method="fixed")
    made["Bayesian synthesis"] = hp.triangulate({"one": published, "two": other}, method="bayesian", prior=0.3)
    areas = pd.DataFrame(
        {"population": [300, 200, 400, 250, 150, 100], "treated": [60, 30, 90, 44, 28, 18]}, index=list("ABCDEF")
    ) * [1_000, 10]
    local = {
        k: hp.published(p, p * 0.85, p * 1.2, name=k, replicates=50)
        for k, p in zip("ABCD", (1300, 600, 1700, 900), strict=True)
    }
    made["extrapolation"] = hp.extrapolate(local, areas, method="ratio")
    made["extrapolation by regression"] = hp.extrapolate(local, areas)
    made["plan"] = hp.plan.multiplier(4_900, 0.3, n=400)
    made["plan of a proportion"] = hp.plan.proportion(0.3, precision=0.05)
    made["plan of groups"] = hp.plan.by_group(hp.plan.proportion, share={"a": 0.3, "b": 0.5}, precision=0.05)
    made["plan of lists"] = hp.plan.capture(10_000, relative_precision=0.2)
    made["plan of a comparison"] = hp.plan.compare((0.2, 0.4), power=0.8)
    made["plan simulated"] = hp.plan.simulate(
        lambda n, rng: (10.0, 9.0, 11.0 + rng.random()), n=[25, 100], precision=1, replicates=5
    )
    made["report"] = hp.Report("Sizes", suppress_below=5).add(size, share)
    register = table().assign(year=2023)
    made["benchmark"] = hp.benchmark(register, id="c", date="year", period="2023", by="g")
    made["recoded"] = hp.recode(register, yes=["a"], no=["b"])
    made["dataset"] = hp.datasets.load("opaak")
    made["network"] = hp.simulate.network(60, {"x": 0.4}, mean_degree=6, homophily=2)
    made["local"], made["areas"] = local, areas
    return made


def good(name: str, of: str = "") -> Any:
    """Return what an argument is given as a rule; a value of its own for functions which mean something else by its name."""
    zoo = things()
    made: dict[tuple[str, str] | str, Any] = {
        "table": table(),
        "tables": [table(), table()],
        "survey": zoo["survey"],
        "data": zoo["share by group"],
        "counts": zoo["register"],
        "register": {"id": ["a", "a", "b"], "month": ["2023-01", "2023-02", "2023-02"], "city": ["x", "y", "y"]},
        ("hp.benchmark", "id"): "id",
        ("hp.benchmark", "period"): "2023",
        ("hp.benchmark", "date"): "month",
        ("hp.benchmark", "start"): None,
        ("hp.benchmark", "end"): None,
        ("hp.benchmark", "by"): "city",
        ("hp.benchmark", "source"): "the register",
        ("hp.recode", "columns"): "g",
        ("hp.read_csv", "path"): "none.csv",
        ("hp.read_rdsat", "path"): "none.rdsat",
        ("hp.read_rdsobj", "path"): "none.rdsobj",
        ("Survey.rds", "table"): recruited(),
        ("Survey.rds", "id"): "id",
        ("Survey.rds", "degree"): "knows",
        ("hp.successive_sampling_size", "survey"): zoo["survey of peers"],
        ("Survey.sensitivity", "population"): [100, 200],
        ("Survey.to_netdraw", "path"): "net.vna",
        ("Survey.to_graphviz", "path"): "net.dot",
        ("Survey.to_rdsat", "path"): "net.rdsat",
        ("Checkup.finding", "topic"): "chains",
        ("hp.read_xpt", "path"): "none.xpt",
        "estimate": zoo["published"],
        "estimates": {2012: zoo["published"], 2015: zoo["beta"]},
        "event": zoo["event"],
        "axes": None,
        "model": zoo["size"],
        "local_estimates": zoo["local"],
        "indicators": zoo["areas"],
        ("hp.CaptureCounts", "column"): "times",
        ("hp.CaptureCounts", "counts"): None,
        ("hp.Survey", "weights"): "w",
        ("hp.plausible", "size"): zoo["published"],
        ("hp.plausible", "group"): "people who inject drugs",
        ("Report.checklist", "name"): "STROBE",
        ("hp.triangulate", "method"): "random",
        ("hp.triangulate", "estimates"): {"one": zoo["published"], "two": zoo["size"]["opioids"]},
        ("hp.multiplier", "share"): zoo["beta"],
        ("hp.pool", "estimates"): [zoo["survey"].mean("age"), zoo["survey of strata"].mean("age")],
        ("hp.contrast", "weights"): {2012: 1, 2015: -1},
        ("hp.compare", "column"): "age",
        ("hp.crosstab", "column"): "h",
        ("hp.sparse_selection", "size"): zoo["sparse"],
        ("hp.variance_shares", "estimate"): zoo["published"] / zoo["beta"],
        ("hp.presentation", "estimate"): zoo["share by group"],
        ("hp.dependence", "lists"): zoo["two lists"],
        ("hp.dedupe_check", "lists"): ["A", "B"],
        ("hp.chapman", "lists"): zoo["two lists"],
        ("hp.lincoln_petersen", "lists"): zoo["two lists"],
        ("hp.sekar_deming", "lists"): zoo["two lists"],
        ("hp.doubly_robust", "lists"): zoo["two lists"],
        ("hp.capture_covariates", "lists"): zoo["two lists"],
        ("hp.read_estimate", "source"): zoo["published"].to_json(),
        ("hp.read_sav", "path"): "none.sav",
        ("hp.benchmark", "register"): table().assign(year=2023),
        ("Benchmark.agreement", "interviewed"): ["2023-07-01"],
        ("Benchmark.agreement", "asked"): "3m",
        ("hp.read_dta", "path"): "none.dta",
        ("adjust.self_report", "target"): zoo["share by group"],
        ("adjust.recruitment", "target"): zoo["share by group"],
        ("adjust.linkage", "target"): zoo["share"],
        ("export.gam", "population"): "people who inject",
        ("plan.capture", "n"): None,
        ("simulate.network", "people"): 60,
        ("simulate.network", "attributes"): {"x": 0.4, "kind": {"a": 0.5, "b": 0.5}},
        ("simulate.network_from", "people"): {"id": [1, 2, 3], "x": [0, 1, 1]},
        ("simulate.network_from", "ties"): {"a": [1, 2], "b": [2, 3]},
        ("simulate.rds", "network"): zoo["network"],
        ("simulate.rds", "n"): 20,
        ("plan.by_group", "plan"): hp.plan.proportion,
        ("Estimate.contrast", "weights"): {"a": 1},
        **{(f"{kind}.standardize", "population"): {"a": 1, "b": 3} for kind in ("Survey", "Imputed")},
        ("Regression.test", "term"): "age",
        ("Imputed.map", "function"): lambda survey: survey,
        ("Survey.replicate", "function"): lambda w: w.sum(),
        ("Survey.from_parquet", "source"): "SELECT i % 2 AS g FROM range(60) AS r(i)",
        ("hp.apply", "function"): np.log,
        ("plan.simulate", "function"): lambda n, rng: (10.0, 9.0, 11.0),
        ("datasets.load", "name"): "opaak",
        ("CountFit.robust", "cluster"): "c",
        ("Fits.model", "formula"): "~ A + B + C",
        ("Table.add_to_docx", "document"): None,
        ("Estimate.quantile", "q"): 0.5,
        ("SmoothTrend.at", "times"): [2013],
    }
    if (of, name) in made:
        return made[of, name]
    if name == "lists" and of not in ("hp.Lists", "hp.dedupe_check"):
        return zoo["lists"]
    if name == "formula" and of != "hp.regress":
        return "~ age"
    return made[name] if name in made else GOOD[name]


#: Short work for what takes long as a rule.
SHORT: dict[str, dict[str, Any]] = {
    "hp.latent_class": {"draws": 100, "burn_in": 50, "chains": 2, "replicates": 50, "max_missed": 200},
    "hp.doubly_robust": {"replicates": 20, "folds": 2},
    "hp.successive_sampling_size": {
        "prior_median": 500,
        "largest": 2_000,
        "replicates": 50,
        "chains": 2,
        "draws": 100,
        "burn_in": 100,
        "thin": 1,
    },
    "hp.decomposable_bma": {"max_missed": 200, "replicates": 50},
    "hp.sparse_selection": {"replicates": 20},
    "hp.loglinear": {"replicates": 20},
    "hp.benchmark": {"date": "year"},
    "plan.simulate": {"replicates": 5, "precision": 1},
    "plan.multiplier_study": {"replicates": 50},
    "plan.multiplier": {"relative_precision": 0.2},
    "plan.proportion": {"precision": 0.1},
    "plan.rds": {"precision": 0.1},
    "plan.compare": {"power": 0.8},
    "plan.by_group": {"share": {"a": 0.3, "b": 0.5}, "precision": 0.1},
    "plan.capture": {"relative_precision": 0.2},
    "Fits.selection": {"replicates": 20},
    "Survey.rds": {"recruiter": "by", "replicates": 50},
    **{f"Survey.{name}": {"confidential": True} for name in ("to_netdraw", "to_graphviz", "to_rdsat")},
}


def calls() -> Iterator[Call]:
    """Walk all that is public: functions and classes of the package and its modules, methods and operators of the zoo."""
    for name, value in public():
        if name not in OURS and callable(value) and not _raised(value):
            for call in _of(name, value):
                short = SHORT.get(name, {})
                yield Call(name, call.function, call.given, {**call.named, **short}, call.more)
    for animal, thing in things().items():
        yield from of_animal(animal, thing)


def of_animal(animal: str, thing: Any) -> Iterator[Call]:
    """Walk what one of the zoo can do."""
    if not type(thing).__module__.startswith("hiddenpop"):
        return
    for name in dir(type(thing)):
        member = inspect.getattr_static(type(thing), name)
        if name.startswith("_") or name in OURS:
            continue
        title = f"{animal}: {type(thing).__name__}.{name}"
        if isinstance(member, (property, functools.cached_property)):
            yield Call(title, functools.partial(getattr, thing, name))
        elif inspect.isfunction(member) or isinstance(member, (classmethod, staticmethod)):
            if isinstance(member, classmethod) and animal != "survey":
                continue
            for call in _of(f"{type(thing).__name__}.{name}", getattr(thing, name)):
                short = SHORT.get(f"{type(thing).__name__}.{name}", {})
                yield Call(title, call.function, call.given, {**call.named, **short}, call.more)
    if isinstance(thing, hp.Estimate):
        for do in OPERATORS:
            yield Call(f"{animal}: {do.__name__}", functools.partial(do, thing), (1.0,))
        for do in OPERATORS[:9]:
            yield Call(f"{animal}: {do.__name__}, reflected", functools.partial(_swapped, do, thing), (1.0,))
    elif hasattr(thing, "__getitem__") and not isinstance(thing, tuple):
        yield Call(f"{animal}: getitem", functools.partial(operator.getitem, thing), ("a",))


def _swapped(do: Callable[[Any, Any], Any], right: Any, left: Any) -> Any:
    return do(left, right)


def public() -> Iterator[tuple[str, Any]]:
    for name in hp.__all__:
        value = getattr(hp, name)
        if isinstance(value, types.ModuleType):
            for inner in value.__all__ if hasattr(value, "__all__") else ("load", "names"):
                yield f"{name}.{inner}", getattr(value, inner)
        else:
            yield f"hp.{name}", value


def _raised(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, (Exception, Warning))


def _of(name: str, function: Callable[..., Any]) -> Iterator[Call]:
    """Give a function what it must have; what it may have is there to be replaced."""
    given: list[Any] = []
    named: dict[str, Any] = {}
    more: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            given += [things()["published"]]
        elif parameter.kind is parameter.VAR_KEYWORD:
            continue
        elif parameter.default is parameter.empty:
            value = good(parameter.name, name)
            if parameter.kind is parameter.KEYWORD_ONLY:
                named[parameter.name] = value
            else:
                given.append(value)
        else:
            more[parameter.name] = parameter.default
    yield Call(name, function, tuple(given), named, more)


def everything() -> list[Call]:
    """Return all calls, in an order that does not change."""
    return list(itertools.chain(calls()))
