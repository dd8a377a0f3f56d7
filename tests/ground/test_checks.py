"""What arguments may be: flags are True or False, levels lie between 0 and 1, labels stand once; messages in Python's words."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.errors import in_words, listing
from hiddenpop.ground import checks

TABLE = pd.DataFrame({"g": ["a", "b", "c"] * 8, "x": [1, 0, 0, 1, 1, 0] * 4, "age": np.arange(24.0), "w": 10.0})
SURVEY = hp.Survey(TABLE, replicates=50)
SHARE = SURVEY.proportion("x", by="g")
TREND = hp.trend(
    {2012: hp.published(10, 8, 13, name="p"), 2023: hp.published(12, 10, 15, name="q")}, comparable=False, why="w"
)
CELLS = {"P": [1, 1, 1, 0, 1, 0, 0], "Q": [1, 1, 0, 1, 0, 1, 0], "E": [1, 0, 1, 1, 0, 0, 1]}
LISTS = hp.Lists({**CELLS, "n": [28, 21, 17, 18, 69, 55, 63]}, ["P", "Q", "E"], counts="n", replicates=20)
SOURCES = {name: hp.published(100 + i, 80, 130 + i, name=name) for i, name in enumerate("xyz")}
FIT = hp.chao(hp.CaptureCounts({"seen": [1, 2, 3], "n": [164, 18, 5]}, "seen", counts="n", replicates=20))

FLAGS: dict[str, Callable[[Any], object]] = {
    "nest": lambda v: hp.Survey(TABLE, nest=v),
    "combined_weights": lambda v: hp.Survey(TABLE, combined_weights=v),
    "simultaneous": lambda v: SHARE.interval(simultaneous=v),
    "simultaneous of a summary": lambda v: SHARE.summary(simultaneous=v),
    "simultaneous of sentences": lambda v: SHARE.methods(simultaneous=v),
    "replacement": lambda v: SHARE.design_effect(replacement=v),
    "draws": lambda v: SHARE.to_json(draws=v),
    "draws of a report": lambda v: hp.Report("t").add(SHARE).to_json(draws=v),
    "safe": lambda v: hp.Report("t").add(SHARE, safe=v),
    "test": lambda v: hp.describe(SURVEY, ["x"], by="g", test=v),
    "test of a crosstab": lambda v: hp.crosstab(SURVEY, "x", "g").table(test=v),
    "total": lambda v: hp.describe(SURVEY, ["x"], by="g", total=v),
    "interval": lambda v: hp.describe(SURVEY, ["x"], interval=v),
    "numbers": lambda v: hp.describe(SURVEY, ["x"]).to_pandas(numbers=v),
    "comparable": lambda v: hp.trend({1: SOURCES["x"], 2: SOURCES["y"]}, comparable=v),
    "comparable of a smooth trend": lambda v: TREND.smooth(step=0.1, comparable=v),
    "progress": lambda v: hp.settings(progress=v),
    "size": lambda v: hp.published(10, 8, 13, size=v),
    "bounded": lambda v: hp.triangulate(SOURCES, method="fixed", bounded=v),
    "one_step": lambda v: hp.sample_coverage(LISTS, one_step=v),
    "refit": lambda v: hp.doubly_robust(LISTS["P", "Q"], "~ 1", refit=v),
    "exponentiate": lambda v: hp.regress(SURVEY, "age ~ g").summary(exponentiate=v),
    "adjust": lambda v: hp.regress(SURVEY, "age ~ g").test(adjust=v),
    "finite_population": lambda v: hp.plan.multiplier(
        benchmark=500, share=0.5, relative_precision=0.2, finite_population=v
    ),
}
LEVELS: dict[str, Callable[[Any], object]] = {
    "interval": SHARE.interval,
    "summary": SHARE.summary,
    "methods": SHARE.methods,
    "worst case": lambda v: SURVEY.worst_case("x").interval(v),
    "describe": lambda v: hp.describe(SURVEY, ["x"], level=v),
    "crosstab": lambda v: hp.crosstab(SURVEY, "x", "g").table(level=v),
    "compare": lambda v: hp.compare(SURVEY, "x", "g").summary(v),
    "model": lambda v: hp.regress(SURVEY, "age ~ g").summary(level=v),
    "trend": TREND.summary,
    "published": lambda v: hp.published(10, 8, 13, level=v),
    "path": lambda v: hp.sparse_path(LISTS, level=v),
    "register": FIT.summary,
    "register's interval": FIT.interval,
    "consensus": lambda v: hp.triangulate(SOURCES, method="fixed").summary(v),
    "report": lambda v: hp.Report("t", level=v),
    "plan": lambda v: hp.plan.multiplier(benchmark=500, share=0.5, relative_precision=0.2, level=v),
    "figure": lambda v: SHARE.plot(level=v),
}


@pytest.mark.parametrize("value", ["no", 1, 0, None, pd.Series([True]), np.array([True, False])])
@pytest.mark.parametrize("name", FLAGS)
def test_flags_are_true_or_false(name: str, value: object) -> None:
    if value is None and name in ("comparable of a smooth trend", "progress", "one_step"):
        return  # None leaves it open there
    with pytest.raises(InputError, match=f"{name.split(maxsplit=1)[0]}=.* must be True or False"):
        FLAGS[name](value)


@pytest.mark.parametrize("value", [95, 0, 1, True, np.float64(95), float("nan"), -0.5, "0.95", None])
@pytest.mark.parametrize("name", LEVELS)
def test_levels_lie_between_0_and_1(name: str, value: object) -> None:
    with pytest.raises(InputError, match="must lie between 0 and 1") as said:
        LEVELS[name](value)
    assert "np." not in str(said.value)


def test_numpy_says_yes_and_no_as_well() -> None:
    assert checks.flag(np.bool_(True), "nest") is True
    assert checks.check_level(np.float64(0.9)) == 0.9


def test_labels_stand_once() -> None:
    # By construction: each Series would lose one of its two values under "a".
    twice = pd.Series([300.0, 300, 300, 100], index=["a", "a", "b", "c"])
    two = pd.Series([hp.normal(1, 0.1, name="p"), hp.normal(5, 0.1, name="q")], index=["a", "a"])
    for call in (
        lambda: SURVEY.calibrate({"g": twice}),
        lambda: SURVEY.poststratify("g", twice),
        lambda: hp.concat(two),
        lambda: SHARE[["a", "a"]],
        lambda: SHARE[pd.Series([True, True, False, True], index=["a", "a", "b", "c"])],
        lambda: hp.adjust.turnover(SHARE, window="1y", stay=pd.Series(["1y", "2y"], index=["a", "a"])),
        lambda: hp.export.gam(
            SOURCES["x"],
            country="NL",
            population="PWID",
            definition="d",
            area="a",
            adequacy="a",
            sources="s",
            year=pd.Series([1, 2], index=["x", "x"]),
        ),
    ):
        with pytest.raises(InputError, match=r"the label '\w' more than once"):
            call()
    for call in (lambda: SHARE + twice, lambda: hp.multiplier(twice, SHARE), lambda: SHARE.per(twice)):
        with pytest.raises(InputError, match="not unique"):
            call()


def test_messages_hold_no_numbers_of_numpy_and_no_series_of_answers() -> None:
    assert in_words([np.int64(1), ("a", np.float64(0.5))]) == "[1, ('a', 0.5)]"
    assert in_words({np.int64(1): pd.Timestamp("2020-09-01")}) == "{1: 2020-09-01}"
    assert in_words(pd.Series([123.456] * 3)) == "a Series"
    assert in_words(np.zeros((2, 3))) == "an array"
    assert in_words(SHARE) == "an Estimate"
    assert listing([np.int64(1), np.str_("a")]) == "1, 'a'"
    for call in (
        lambda: SHARE[np.int64(3)],
        lambda: SHARE.quantile(np.float64(7.5)),
        lambda: SHARE[pd.Series({"a": 1.0})],
    ):
        with pytest.raises(InputError) as said:
            call()
        assert "np." not in str(said.value)
        assert "1.0" not in str(said.value)


@pytest.mark.parametrize("kind", [Decimal, Fraction, np.float32, np.int16, np.array])
def test_single_numbers_are_numbers_of_whatever_kind(kind: Any) -> None:
    # The same calls with Python's own numbers; a database gives decimals, NumPy arrays without dimensions and narrow numbers.
    def asked(number: Any) -> list[float]:
        ten, two, share = number(10), number(2), SHARE["a"]
        half = number(1) / number(2)
        made = [
            hp.multiplier(ten, share),
            share * ten,
            ten / share,
            share.per(ten, base=two),
            hp.contrast(SURVEY.proportion("x", by="g"), {"a": two, "b": number(-2)}),
            hp.normal(ten, two, name="u"),
            hp.published(ten, number(8), number(13), name="v"),
            hp.beta(ten, two, name="w"),
            SURVEY.quantile("age", half),
        ]
        ends = [share.interval(level=half).iloc[0, 0], hp.uniform(0, 1, name="q").quantile(half)]
        return [one.point for one in made] + ends

    assert asked(kind) == asked(float)


def test_what_is_no_number_is_refused_in_words() -> None:
    for wrong in (1j, np.complex128(2), "0.5", True, Decimal("NaN"), None, [2]):
        for call in (lambda v: hp.normal(v, 1, name="u"), lambda v: SHARE.contrast({"a": v}), SHARE.quantile):
            if wrong == [2] and call is SHARE.quantile:
                continue
            with pytest.raises(InputError):
                call(wrong)
    for wrong in (1j, np.complex128(2), True, Decimal("Infinity"), 10**400):
        with pytest.raises(InputError):
            SHARE * wrong
