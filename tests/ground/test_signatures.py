"""Arguments of the wrong kind are refused in words by every public function, whoever forgot to look at them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, InputError
from hiddenpop.ground.signatures import checked

WRONG = (
    pd.Series([1, 2]),
    np.array([1, 2]),
    [],
    {},
    [[1], [2]],
    object(),
    len,
    pd.DataFrame({"a": [1]}),
    np.float64(-0.5),
    float("nan"),
    b"x",
    True,
    pd.Timestamp("2020-01-01"),
)


def calls() -> Iterator[tuple[str, Callable[..., Any], tuple[Any, ...], dict[str, Any]]]:
    rng = np.random.default_rng(1)
    n = 60
    table = pd.DataFrame({"g": ["a", "b"] * 30, "x": rng.integers(0, 2, n), "age": rng.normal(40, 8, n), "A": 1})
    table["B"] = rng.integers(0, 2, n)
    survey = hp.Survey(table, replicates=20)
    share = survey.proportion("x", by="g")
    size, other = (hp.published(100, 80, 130, name=name, replicates=20) for name in "pq")
    lists = hp.Lists(table, ["A", "B"], replicates=20)
    yield "Survey", hp.Survey, (table,), {}
    yield "proportion", survey.proportion, ("x",), {}
    yield "calibrate", survey.calibrate, ({"g": {"a": 50, "b": 70}},), {}
    yield "poststratify", survey.poststratify, ("g", {"a": 50, "b": 70}), {}
    yield "worst_case", survey.worst_case, ("x",), {}
    yield "interval", share.interval, (), {}
    yield "summary", share.summary, (), {}
    yield "sum", share.sum, (), {}
    yield "select", share.__getitem__, ("a",), {}
    yield "published", hp.published, (100, 80, 130), {}
    yield "concat", hp.concat, ({"a": size, "b": other},), {}
    yield "triangulate", hp.triangulate, ({"a": size, "b": other},), {"method": "fixed"}
    yield "trend", hp.trend, ({1: size, 2: other},), {}
    yield "describe", hp.describe, (survey, ["x", "age"]), {}
    yield "compare", hp.compare, (survey, "age"), {"by": "g"}
    yield "correct", hp.correct, ([0.1, 0.2],), {}
    yield "chapman", hp.chapman, (lists,), {}
    yield "plan", hp.plan.multiplier, (4_900, 0.3), {"n": 100}
    yield "scenarios", hp.scenarios, ({"a": size, "b": other},), {}


@pytest.mark.filterwarnings("ignore::hiddenpop.HiddenpopWarning")
@pytest.mark.parametrize("name", [name for name, *_ in calls()])
def test_nothing_raw_is_raised(name: str) -> None:
    _, function, args, options = next(one for one in calls() if one[0] == name)
    known = list(inspect.signature(function).parameters.values())
    keywords = [p.name for p in known[len(args) :] if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    for value in WRONG:
        for place in range(len(args)):
            _call(function, (*args[:place], value, *args[place + 1 :]), options)
        for keyword in keywords:
            if keyword not in ("executor", "ax"):
                _call(function, args, {**options, keyword: value})


def _call(function: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]) -> None:
    try:
        function(*args, **options)
    except (InputError, EstimationError) as error:
        assert not any(raw in str(error) for raw in ("np.", "dtype", "array([", "Timestamp(", " at 0x"))


def test_a_yes_or_no_is_one() -> None:
    @checked
    def asks(name: str, *, loud: bool = False, labels: list[str] | None = None) -> str:
        return name.upper() if loud else name

    assert asks("a", loud=np.bool_(True)) == "A"
    with pytest.raises(InputError, match=r"^loud=2 must be True or False\.$"):
        asks("a", loud=2)
    with pytest.raises(InputError, match=r"^name=a Series must be a text\.$"):
        asks(pd.Series([1, 2]), loud=True)
    with pytest.raises(TypeError, match="nothing"):
        asks("a", nothing=1)


def test_who_reads_an_argument_has_the_first_word() -> None:
    @checked
    def reads(name: str) -> int:
        if not isinstance(name, str):
            raise InputError("Names are texts, such as 'a'.")
        return {}[name]  # a fault of ours stays one

    with pytest.raises(InputError, match="such as 'a'"):
        reads(3)
    with pytest.raises(KeyError):
        reads("a")
