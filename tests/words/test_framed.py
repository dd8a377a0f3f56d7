"""Columns of numbers, each with decimals of its own."""

import numpy as np
import pandas as pd
from hiddenpop.words import framed


def test_decimals_are_a_columns_and_trailing_zeros_stay() -> None:
    frame = pd.DataFrame({"seen": [12, 1500], "loglik": [-12.5, -13.0], "p": [0.0001, 0.5], "kind": ["a", "b"]})
    assert framed.cells(frame) == [("12", "-12.5", "<0.001", "a"), ("1,500", "-13.0", "0.50", "b")]


def test_what_is_small_is_not_nothing_and_rounding_is() -> None:
    assert framed.written("x", pd.Series([120.5, 0.004, 3e-15])) == ["120", "0.004", "0"]


def test_what_is_lacking_has_a_dash() -> None:
    frame = pd.DataFrame({"estimate": [2.0, np.nan], "lower": [1.0, np.nan], "upper": [np.inf, np.nan]})
    assert [row.cells for row in framed.of_frame("t", frame).rows] == [("2.00", "1.00 to unbounded"), ("–", "–")]
    assert framed.cells(pd.DataFrame({"x": [None, True, 2.5, "a"]})) == [("–",), ("yes",), ("2.50",), ("a",)]


def test_limits_belong_to_the_size_wherever_they_stand() -> None:
    frame = pd.DataFrame({"seen": [5], "size": [100.0], "se": [10.0], "lower": [80.0], "upper": [120.0]}, index=["all"])
    table = framed.of_frame("t", frame)
    assert table.columns == ("seen", "size", "95% interval", "se")
    assert table.rows[0].cells == ("5", "100", "80 to 120", "10")
