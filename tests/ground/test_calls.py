"""Calls that fit no signature are refused in words. What is right is what the call would have to be."""

import hiddenpop as hp
import pytest
from hiddenpop import InputError
from hiddenpop.errors import suggest
from hiddenpop.ground.signatures import checked


def survey() -> hp.Survey:
    return hp.Survey({"treated": [1, 0, 1, 0] * 5, "g": ["a", "b"] * 10}, replicates=20)


LISTS = {"a": [1, 1, 0], "b": [1, 0, 1], "n": [30, 40, 50]}


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (hp.triangulate, r"^triangulate needs estimates and method=\. For example: hp\.triangulate\("),
        (lambda: hp.triangulate(hp.uniform(1, 2)), r"^triangulate needs method=\."),
        (hp.published, r"^published needs point\. For example: hp\.published\("),
        (lambda: hp.published(100, 80), r"^published takes three numbers, the point and both limits"),
        (hp.Lists, r"^Lists needs table and lists\. For example: .*hp\.Lists\("),
        (lambda: hp.Lists([1, 2], [2, 3], [3, 4]), r"^Lists takes table and lists by place and was given 3 values"),
        (lambda: hp.Lists({1, 2}, {2, 3}), "made of one table, with a row a person"),
        (lambda: hp.chapman(700, 400, 100), r"chapman takes lists by place .* has 100 on both"),
        (lambda: hp.chapman(700), r"This needs Lists, not 700\. Lists are made of a table"),
        (lambda: hp.export.euda(survey().proportion("treated")), r"^euda needs country=, year=, .* and sources="),
        (lambda: hp.multiplier(survey().proportion("treated"), 100), "stand the other way round"),
        (lambda: hp.multiplier(survey().proportion("treated", by="g"), {"a": 100, "b": 200}), "other way round"),
        (lambda: hp.multiplier(survey().proportion("treated"), hp.published(100, 80, 130)), "other way round"),
        (lambda: hp.multiplier("8126", survey().proportion("treated")), "benchmark='8126' is text"),
        (lambda: hp.multiplier({"a": "81", "b": 7}, survey().proportion("treated", by="g")), "'a' are not numbers but text"),
        (lambda: hp.multiplier(100, survey().proportion("treated"), nam="x"), r"takes no nam=\. Did you mean 'name'"),
        (lambda: hp.multiplier((4000, 5000), survey().proportion("treated")), r"write hp\.uniform\(4000, 5000\)"),
        (lambda: hp.adjust.register(4912, completeness=(0.9, 0.7)), r"completeness=\(0\.9, 0\.7\) .*hp\.uniform\(0\.7, 0\.9\)"),
        (lambda: hp.adjust.duplicates(4912, share=(0.05, 0.01, 0.1)), r"hp\.triangular\(0\.01, 0\.05, 0\.1\)"),
        (lambda: hp.adjust.duplicates({"a": 49}, share={"a": (0.01, 0.1)}), r"at 'a' is no number.*hp\.uniform\(0\.01, 0\.1\)"),
        (lambda: hp.chao(hp.Lists(LISTS, ["a", "b"], counts="n")), "hp.chao_lower_bound"),
        (lambda: hp.Survey({"a": [1, 0]}, stratum="a"), r"^Survey takes no stratum=\. Did you mean 'strata'"),
        (lambda: hp.regress(survey(), "treated ~ g", "binomial", 3), r"by place and was given 4 values"),
        (lambda: survey().mean("g", column="g"), r"^mean was given 'column' twice"),
    ],
)  # fmt: skip
def test_calls_that_fit_no_signature(call: object, match: str) -> None:
    with pytest.raises(InputError, match=match):
        call()  # type: ignore[operator]


def test_every_example_can_be_shown() -> None:
    """What a message offers is written in the documentation, and is an expression or an assignment."""
    for name in hp.__all__:
        if callable(getattr(hp, name)) and name[0].islower():
            try:
                getattr(hp, name)()
            except InputError as error:
                told = str(error)
                if " needs " in told:
                    assert "For example: " in told, told
                    compile(told.split("For example: ")[1].split(" Lists are made", maxsplit=1)[0], name, "exec")
            except Exception:
                continue


def test_a_fault_of_ours_stays_one() -> None:
    @checked
    def adds(number: float) -> float:
        return number + None  # type: ignore[operator]

    with pytest.raises(TypeError, match="unsupported operand"):
        adds(1.0)


@pytest.mark.parametrize(
    ("wanted", "known", "near"),
    [
        ("aeg", ["age", "sex"], "age"), ("ages", ["age"], "age"), ("Treated", ["treated"], "treated"),
        ("treat", ["treatment"], "treatment"),
        ("income", ["outcome"], None), ("six", ["sex"], "sex"), ("age", ["sex", "edge"], None), ("stratum", ["strata"], "strata"),
        ("in treatment", ["in_treatment"], "in_treatment"), ("x", ["y"], None), ("city", ["country"], None),
    ],
)  # fmt: skip
def test_only_near_spellings_are_suggested(wanted: str, known: list[str], near: str | None) -> None:
    told = suggest(wanted, known)
    assert told == f"Did you mean '{near}'?" if near else told.startswith("There are:")


def test_public_names_are_no_modules() -> None:
    assert dir(hp.adjust) == sorted(hp.adjust.__all__)
    for package in (hp.plan, hp.export, hp.plot, hp.datasets, hp.simulate):
        assert set(dir(package)) == set(package.__all__)
