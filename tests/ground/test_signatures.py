"""Arguments of the wrong kind are refused in words by every public function, whoever forgot to look at them."""

from __future__ import annotations

import inspect
import timeit
import warnings
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, InputError
from hiddenpop.errors import in_words, suggest
from hiddenpop.ground.signatures import checked, of_annotation

from ..fuzz import zoo

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
    with pytest.raises(InputError, match=r"^asks takes no nothing=. There are: 'name', 'loud', 'labels'.$"):
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


def test_all_that_is_public_is_checked() -> None:
    unchecked = set()
    for name, value in zoo.public():
        if inspect.isfunction(value) and not hasattr(value, "is_checked"):
            unchecked.add(name)
    for thing in zoo.things().values():
        for kind in type(thing).__mro__:
            if kind.__module__.startswith("hiddenpop"):
                for name, member in vars(kind).items():
                    plain = member.__func__ if isinstance(member, classmethod) else member
                    if not name.startswith("_") and inspect.isfunction(plain) and not hasattr(plain, "is_checked"):
                        unchecked.add(f"{kind.__name__}.{name}")
    assert not unchecked


@pytest.mark.parametrize(
    ("annotation", "good", "bad", "wanted"),
    [
        ("Mapping[str, float]", {"a": 1}, {"a": "1"}, "a mapping of texts to numbers"),
        ("Mapping[str, float]", {}, {1: 1.0}, "a mapping of texts to numbers"),
        ("str | Sequence[str] | None", pd.Index(["a"]), ["a", None], "a text or a list of texts"),
        ("Sequence[str]", ("a",), (name for name in "ab"), "a list of texts"),
        ("tuple[float, float]", [1, 2], (1, 2, 3), "two numbers"),
        ("tuple[float | None, float | None] | None", (None, 2), ("a", 2), "two numbers"),
        ("Literal['a', 'b']", "a", pd.Series(["a"]), "'a' or 'b'"),
        ("Literal['a', 'b', 'c'] | None", None, "A", "'a', 'b' or 'c'"),
        ("Callable[..., Any]", len, "len", "a function"),
        ("bool | None", None, 1, "True or False"),
        ("float", np.float16(1), True, "a number"),
        ("float", np.array(1.0), np.array([1.0]), "a number"),
        ("Executor | None", None, 3, "an executor"),
        ("str", "é", "a\ud800", "a text"),
        ("str | PathLike[str]", "a", "a\0b", "a text or a path"),
        ("pd.Series[Any] | Estimate", pd.Series([1]), [1], "a Series or an Estimate"),
    ],
)
def test_nested_annotations_are_checked(annotation: str, good: object, bad: object, wanted: str) -> None:
    kind = of_annotation(annotation, {})
    assert kind.fits(good)
    assert not kind.fits(bad)
    assert kind.one == wanted


def test_numbers_of_other_kinds_become_pythons() -> None:
    @checked
    def takes(number: float, *, names: Sequence[str] = (), other: Any = None) -> tuple[Any, ...]:
        return number, names, other

    assert takes(Decimal("0.25"))[0] == takes(Fraction(1, 4))[0] == takes(np.float16(0.25))[0] == 0.25
    assert type(takes(Decimal("0.25"))[0]) is float
    assert takes(Decimal("sNaN"))[0] != takes(Fraction(10**400))[0] == float("inf")
    assert takes(1, names=pd.Index(["a", "b"]))[1] == ["a", "b"]
    assert isinstance(takes(1, other=Decimal(1))[2], Decimal)


def test_a_matrix_without_inverse_is_said_in_words() -> None:
    @checked
    def inverts() -> object:
        return np.linalg.inv(np.zeros((2, 2)))

    with pytest.raises(EstimationError, match="inverts has no answer for these data"):
        inverts()


def test_what_is_too_large_is_infinite_without_numpys_warnings() -> None:
    size = hp.published(100, 80, 130, name="p", replicates=50)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "inf" in repr(size * 1e307 * 10)
        assert "nan" not in repr(size / 1e308)


def test_a_call_costs_a_few_microseconds_more() -> None:
    def plain(name: str, level: float = 0.95, by: str | None = None, *, loud: bool = False) -> str:
        return name

    cost = [timeit.timeit(lambda: f("a", 0.9, None, loud=True), number=2_000) / 2_000 for f in (checked(plain), plain)]  # noqa: B023
    assert cost[0] - cost[1] < 100e-6  # 3 on an idle machine; it is shared


@pytest.mark.parametrize(
    "call",
    [
        lambda s: s.assign(new=lambda t: t["no such column"]),
        lambda s: s.replicate(lambda w: 1 / 0),
        lambda s: hp.apply(lambda x: 1 / 0, s.mean("x")),
        lambda s: hp.Imputed([{"x": [1, 2]}, {"x": [1, 3]}]).map(lambda one: 1 / 0),
        lambda s: hp.Imputed([{"x": [1, 2]}, {"x": [1, 3]}]).ask(lambda one: 1 / 0),
    ],
)
def test_functions_of_users_that_raise_are_named(call: Callable[[hp.Survey], object]) -> None:
    with pytest.raises((InputError, EstimationError), match=r"raised (KeyError|ZeroDivisionError)"):
        call(hp.Survey({"x": [1, 2, 3]}, replicates=20))


def test_values_that_can_not_be_written_are_named_by_what_they_are() -> None:
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    assert in_words(10**5000) == "a number of thousands of digits"
    assert len(in_words(deep)) < 20
    assert len(str(InputError("a" * 100_000))) < 6_000
    assert suggest("a" * 100_000, ["b"])


def test_odd_columns_become_what_can_be_grouped() -> None:
    table = pd.DataFrame(
        {
            "v": np.array([1.5, 2.5, 1.5], dtype=np.longdouble),
            "h": np.array([1, 2, 1], dtype=np.float16),
            "x": [1, 0, 1],
        }
    )
    survey = hp.Survey(table, replicates=20)
    assert survey.proportion("x", by=["v", "h"]).point.tolist() == [1.0, 0.0]
    report = hp.Report("A").add(hp.Survey({"g": ["a", "b", "a"]}, replicates=20).proportion("g", by="g"))
    assert "g (2)" in (report.to_html() or "") or report.to_json()


def test_plans_beyond_everybody_are_refused() -> None:
    with pytest.raises(InputError, match="No number of people"):
        hp.plan.compare((0.2, 0.4), power=0.8, design_effect=1e308)
    with pytest.raises(InputError, match="population"):
        hp.plan.capture(2**64 - 1, relative_precision=0.2)


SECRET = "told me about his HIV"


def _chain(error: BaseException | None) -> Iterator[str]:
    """Yield all that an error says and leads to, also what a traceback doesn't print."""
    seen: list[BaseException] = []
    todo = [error]
    while todo:
        one = todo.pop()
        if one is not None and one not in seen:
            seen.append(one)
            yield str(one)
            todo += [one.__cause__, one.__context__]


def test_no_refusal_leads_to_an_answer() -> None:
    """One text among the ages of sixty people: whatever is asked of them, it stays among them."""
    rng = np.random.default_rng(1)
    table = pd.DataFrame(
        {"age": rng.normal(40, 8, 60).round(2).astype(object), "y": rng.integers(0, 2, 60), "g": ["a", "b"] * 30}
    )
    table.at[7, "age"] = SECRET
    table["A"], table["B"] = 1, table["y"]
    survey = hp.Survey(table, replicates=20)
    asked: list[Callable[[], object]] = [
        lambda: hp.regress(survey, "y ~ age"),
        lambda: hp.regress(survey, "y ~ poly(age, 2)"),
        lambda: hp.regress(survey, "age ~ y"),
        lambda: survey.mean("age"),
        lambda: survey.mean("age", by="g"),
        lambda: survey.total("age"),
        lambda: survey.median("age"),
        lambda: survey.quantile("age", 0.9),
        lambda: survey.ratio("age", "y"),
        lambda: survey.proportion("y", where="age"),
        lambda: survey.assign(old=lambda t: t["age"] + 1.0),
        lambda: survey.calibrate({"age": {"a": 1.0}}),
        lambda: survey.poststratify("age", {"a": 1.0}),
        lambda: survey.worst_case("age", limits=(0, 100)),
        lambda: hp.Survey(table, weights="age"),
        lambda: hp.Survey(table, counts="age"),
        lambda: hp.Survey(table, fpc="age", strata="g"),
        lambda: hp.compare(survey, "age", "g"),
        lambda: hp.describe(survey, ["age"], kinds={"age": "continuous"}),
        lambda: hp.CaptureCounts(table, "age"),
        lambda: hp.Lists(table, ["A", "age"]),
        lambda: hp.capture_covariates(hp.Lists(table, ["A", "B"], replicates=20), "~ age"),
        lambda: hp.zero_truncated(hp.CaptureCounts(table.assign(k=1), "k", replicates=20), "~ log(age)"),
        lambda: hp.benchmark(table, id="g", date="age", period="2023"),
    ]
    refused = 0
    for ask in asked:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ask()
        except (InputError, EstimationError) as error:
            refused += 1
            for said in _chain(error):
                if not isinstance(error.__cause__, TypeError):  # of the function that was passed in
                    assert SECRET not in said, said
    assert refused >= 15
