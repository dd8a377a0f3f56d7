"""Warnings point at the user's line, however deep something was noticed, and messages write values as users do."""

import datetime
import inspect
import pickle
import warnings

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, HiddenpopWarning, InputError
from hiddenpop.errors import in_words, listing, warn


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


def test_a_span_that_was_interpolated_is_written_alike_by_numpy_1_and_2() -> None:
    """NumPy 1 writes `numpy.timedelta64(3,'D')`, NumPy 2 `np.timedelta64(3,'D')`."""
    for module in ("np", "numpy"):
        assert str(InputError(f"It took {module}.timedelta64(3,'D').")) == "It took 3 D."
    assert str(InputError(f"It took {np.timedelta64(3, 'D')!r}.")) == "It took 3 D."


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (np.int64(1), "1"),
        (np.float64(-0.5), "-0.5"),
        (np.str_("a"), "'a'"),
        (np.bool_(True), "True"),
        ([np.int64(1), np.float64(2)], "[1, 2.0]"),
        (("a", np.int64(2)), "('a', 2)"),
        ({"a": np.int64(1)}, "{'a': 1}"),
        (np.datetime64("2020-01-01"), "2020-01-01"),
        (pd.Timestamp("2020-01-01"), "2020-01-01"),
        (datetime.date(2020, 1, 2), "2020-01-02"),
        (pd.Period("2020-01", "M"), "2020-01"),
        (pd.Interval(18, 25), "(18, 25]"),
        (np.array([[1, 2], [3, 4]]), "an array"),
        (pd.Series([1.5, 2]), "a Series"),
        (pd.Series(range(100), name="x"), "a Series"),
        (pd.Series([0.5], index=pd.Index(["a"], name="g")), "a Series"),
        (pd.DataFrame({"a": [1], "b": [2]}), "a DataFrame"),
        (pd.DataFrame({"a": range(100)}), "a DataFrame"),
    ],
)
def test_messages_write_values_as_their_owner_would(value: object, written: str) -> None:
    """Said by `said`, or interpolated by whoever forgot it: no library's way of writing values reaches a reader."""
    assert in_words(value) == written
    for kind in (InputError, EstimationError):
        assert str(kind(f"level={value!r} must be a number.")) in (
            f"level={written} must be a number.",
            f"level={written.replace('2.0', '2')} must be a number.",
        )
    with pytest.warns(HiddenpopWarning) as told:
        warn(f"level={value!r} must be a number.")
    assert "np." not in str(told[0].message)
    assert "dtype" not in str(told[0].message)
    assert listing([value]) == written


def test_errors_travel() -> None:
    error = pickle.loads(pickle.dumps(InputError("n=1 is too few.")))
    assert (type(error), str(error)) == (InputError, "n=1 is too few.")


def test_long_values_are_cut() -> None:
    assert in_words("x" * 1000) == f"'{'x' * 80}...'"
    assert in_words(list(range(1000))) == "[0, 1, 2, 3, 4, 5, ...]"
    assert in_words(len) == "the function len"
    assert in_words(object()) == "an object"
    assert in_words(float("nan")) == "nan"
    assert in_words(pd.NA) == "a missing value"
