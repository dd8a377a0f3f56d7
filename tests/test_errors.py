"""Warnings point at the user's line, however deep in the package something was noticed."""

import inspect
import warnings

import hiddenpop as hp
from hiddenpop import HiddenpopWarning
from hiddenpop.errors import warn


def test_a_warning_names_the_line_that_asked() -> None:
    survey, other = (hp.Survey({"x": [1, 0, 1, 0], "g": ["a", "a", "b", None]}) for _ in range(2))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        line = inspect.currentframe().f_lineno + 1  # type: ignore[union-attr]
        survey.proportion("x", by="g")
        other.mean("x", by="g")  # the first one has said it
    assert [(one.filename, one.lineno, one.category) for one in caught] == [
        (__file__, line, HiddenpopWarning),
        (__file__, line + 1, HiddenpopWarning),
    ]


def test_outside_the_package_it_is_the_caller() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        line = inspect.currentframe().f_lineno + 1  # type: ignore[union-attr]
        warn("something")
    assert (caught[0].filename, caught[0].lineno) == (__file__, line)
