"""What a file may hold: classes by name, and where each is defined.

A class that a file may hold names its public fields (`public`) and has a line here. Nothing else is ever made from a
file, and no other field is ever written. `sealed` names those fields that tell whose data they are: files hold them sealed.
"""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from importlib import import_module
from typing import Any

from ..errors import InputError
from . import typed

#: The module of each class. It is imported when a file names it, so that reading one costs what it needs.
HOMES = {
    "Constant": "expression.operations",
    "Operation": "expression.operations",
    "Take": "expression.operations",
    "Standard": "survey.standardized",
    "Weigh": "expression.operations",
    "Stack": "expression.operations",
    "AtLeast": "expression.operations",
    "Apply": "expression.operations",
    "Pooled": "expression.pooled",
    "Input": "sources.uncertain_input",
    "Noise": "sources.noise",
    "NormalDraws": "sources.normal_draws",
    "Posterior": "sources.posterior",
    "Grid": "sources.posterior",
    "Chains": "sources.posterior",
    "Record": "sample.record",
    "Mask": "sample.groups",
    "Question": "answers.question",
    "Filled": "survey.worst_case",
    "Levels": "tables.levels",
    "Numbered": "tables.levels",
    "YesNo": "tables.levels",
    "Crossed": "tables.cells",
    "Ranks": "tables.ranks",
    "Ticked": "tables.multiselect",
    "Statistic": "answers.statistic",
    "Replicated": "answers.function",
    "ByTransitions": "answers.transitions",
    "ByHomophilyGraph": "answers.homophily_graph",
    "Multiplied": "multipliers.multiplier",
    "Counted": "registers.benchmark",
    "Adjusted": "multipliers.adjusted",
    "Regressed": "regression.leaf",
    "Specification": "regression.leaf",
    "Captured": "capture.estimator",
    "ListsRecord": "capture.record",
    "TwoLists": "capture.two_lists",
    "Lower": "capture.two_lists",
    "Dependent": "capture.two_lists",
    "Part": "capture.two_lists",
    "LogLinear": "capture.loglinear",
    "SampleCoverage": "capture.coverage",
    "Sparse": "capture.sparse",
    "PeopleSize": "capture.people",
    "RegisterSize": "counts.leaf",
    "RegisterRecord": "counts.register",
    "Walk": "trends.smooth",
    "IndicatorModel": "extrapolation.models",
    "ProportionModel": "extrapolation.models",
    "Conjugate": "triangulation.conjugate",
    "Consensus": "triangulation.consensus",
    "LinearPool": "triangulation.pools",
}
#: Estimates that show more than a number, by what their leaf says (`view`).
VIEWS = {
    "Benchmark": "registers.benchmark",
    "GraphAverage": "capture.graphs",
    "LatentClassSize": "capture.latent",
    "SuccessiveSize": "rds.size",
    "VisibilitySize": "rds.visibility",
}


def named(name: str, homes: dict[str, str]) -> type:
    """Return a class by the name that a file gives it."""
    if name not in homes:
        raise InputError(f"This is no estimate saved by hiddenpop: nothing it saves is called {name!r}.")
    found: type = getattr(import_module(f"hiddenpop.{homes[name]}"), name)
    return found


def public(value: Any) -> dict[str, Any]:
    """Return the fields of a value that a file may hold, or refuse to save it."""
    kind = type(value)
    if not is_dataclass(kind) or HOMES.get(kind.__name__) != kind.__module__.removeprefix("hiddenpop."):
        raise InputError(
            f"A label of type {kind.__name__} ({value!r}) can't be saved; rename it to a text or a number first."
        )
    names = getattr(kind, "public", None)
    if names is None:
        raise InputError(f"{kind.__name__} does not say which of its fields a file may hold, so it can't be saved.")
    return {name: getattr(value, name) for name in names}


def sealed(value: Any) -> tuple[str, ...]:
    """Return the fields of a value that tell whose data it is of, so that a file may hold them sealed only."""
    kind = type(value)
    return tuple(getattr(kind, "sealed", ()))


def made(name: str, given: dict[str, Any]) -> Any:
    """Make a value from what a file holds, if it can be one; what stayed behind is None.

    Each field must be of the type that the class states, and all together what the class says of them (`confirm`).
    """
    kind = named(name, HOMES)
    public = tuple(getattr(kind, "public", None) or ())
    later = getattr(kind, "came_later", ())
    strange = sorted(given.keys() - set(public))
    if strange:
        raise InputError(
            f"This is no estimate saved by hiddenpop: {name} has no field {strange[0]!r} that a file may hold."
        )
    known = {field.name: field for field in fields(kind) if field.init}
    for field in known.values():
        if field.name not in given and field.default is MISSING and field.default_factory is MISSING:
            if field.name in public and field.name not in later:
                raise InputError(f"This is no estimate saved by hiddenpop: {name} lacks its {field.name!r}.")
            given[field.name] = None
    for field_name in public:
        if field_name in given and (given[field_name] is not None or field_name not in later):
            typed.check(kind, field_name, given[field_name])
    result = kind(**given)
    confirm = getattr(kind, "confirm", None)
    if confirm is not None:
        confirm(result)
    return result
