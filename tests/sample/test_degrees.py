"""Degrees that are missing are an error that names the choices; what is odd about others is said, never shown."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.errors import HiddenpopWarning, Said
from hiddenpop.sample import degrees
from hiddenpop.sample.forest import Forest, Recruitment

#: A seed with two recruits, one of whom recruited one.
FOREST: Forest = Recruitment("id", "by").read(
    pd.DataFrame({"id": [1, 2, 3, 4], "by": [None, 1, 1, 2]}), np.zeros(4, dtype=np.int64)
)


def read(values: list[Any], impute: Any = None, *, floor: bool = False, forest: Forest = FOREST) -> Any:
    counted = np.ones(len(values), dtype=bool)
    return degrees.read(pd.Series(values, name="knows"), forest, counted, impute, floor, Said()).tolist()


@pytest.mark.parametrize("lacking", [None, 0, -3])
def test_missing_degrees_name_the_choices(lacking: Any) -> None:
    with pytest.raises(InputError, match=r"in 1 row \(row number 2.*'median', 'mean' or a number.*'leave_out'"):
        read([5, 4, lacking, 7])
    for impute, expected in (("median", 5.0), ("mean", 16 / 3), (9, 9.0), (2.5, 2.5)):
        with pytest.warns(HiddenpopWarning, match="missing or not above zero in 1 row"):
            assert read([5, 4, lacking, 7], impute) == [5, 4, pytest.approx(expected), 7]


@pytest.mark.parametrize("impute", ["largest", 0, -1, float("nan")])
def test_other_choices_are_refused(impute: Any) -> None:
    with pytest.raises(InputError, match="impute_degree="):
        read([5, 4, None, 7], impute)


def test_nobody_with_a_degree_is_refused() -> None:
    with pytest.raises(InputError, match="missing for everybody"):
        read([None, 0, None, 0], "median")
    with pytest.raises(InputError, match="number of people"):
        read(["many", 4, 5, 6])


def test_degrees_below_the_people_known_are_said_or_raised() -> None:
    """The seed recruited two; the first recruit knows a recruiter and a recruit."""
    with pytest.warns(HiddenpopWarning, match="in 2 rows \\(row number 0, 1.*degree_floor"):
        assert read([1, 1, 1, 1]) == [1, 1, 1, 1]
    with pytest.warns(HiddenpopWarning, match="raised"):
        assert read([1, 1, 1, 1], floor=True) == [2, 2, 1, 1]


def test_heaping_and_outliers_are_said() -> None:
    chain = Recruitment("id", "by").read(
        pd.DataFrame({"id": np.arange(50), "by": np.arange(50) - 1}), np.zeros(50, dtype=int)
    )
    with pytest.warns(HiddenpopWarning, match="multiples of 5"):
        read([10, 20, 35, 40, 13] * 10, forest=chain)
    with pytest.warns(HiddenpopWarning, match=r"in 1 row \(row number 7") as told:
        read([3, 4, 5, 6, 7, 8, 4, 7_777, 5, 6] + [3, 4, 6, 8] * 10, forest=chain)
    assert "7777" not in str(told[0].message).replace(",", "")
