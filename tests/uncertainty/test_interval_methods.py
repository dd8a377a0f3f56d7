"""The table of interval methods: one object each, from which checks, sentences and references are read."""

import re

import hiddenpop as hp
import pytest
from hiddenpop import InputError
from hiddenpop.ground.bibliography import BIBLIOGRAPHY
from hiddenpop.uncertainty.interval_methods import METHODS, named


def test_a_method_brings_its_sentence_and_its_reference() -> None:
    survey = hp.Survey({"g": ["a", "a", "b", "b"], "x": [1, 0, 1, 0], "n": [40, 60, 30, 70]}, counts="n")
    shares = survey.proportion("x", by="g")
    for name, method in METHODS.items():
        assert method.name == name
        text = shares.methods(0.9, name)
        assert f"Intervals are 90% {method.words} intervals." in text
        assert BIBLIOGRAPHY[method.reference] in text
        together = shares.methods(0.9, name, simultaneous=True)
        assert f"all 2 hold at once with this level ({method.simultaneous.words})." in together
        if method.simultaneous.reference is not None:
            assert BIBLIOGRAPHY[method.simultaneous.reference] in together


def test_an_unknown_method_is_answered_with_all_that_there_are() -> None:
    listed = ", ".join(METHODS)
    with pytest.raises(InputError) as caught:
        named("jacknife")
    assert str(caught.value) == f"method='jacknife' is not one of {listed}."


def test_a_reference_stands_in_the_bibliography_once() -> None:
    assert len(set(BIBLIOGRAPHY.values())) == len(BIBLIOGRAPHY)
    for key, text in BIBLIOGRAPHY.items():
        said = re.match(r"(\w+).* (\d{4})(, |$)", key)
        assert said is not None, key
        assert text.startswith(said[1]), key
        assert f"({said[2]})" in text, key
