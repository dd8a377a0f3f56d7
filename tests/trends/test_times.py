"""Times in order. The right orders are those of the calendar."""

import datetime
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.trends.times import in_order

ORDERED: dict[str, list[Any]] = {
    "months of a year": ["2020-9", "2020-10", "2020-11", "2021-1"],
    "months": [str(month) for month in range(1, 13)],
    "years and months": ["2011-12", "2012", "2012-06"],
    "month and year": ["9/2020", "10/2020", "1/2021"],
    "with a point": ["9.2020", "10.2020"],
    "quarters": ["2019Q4", "2020Q1", "2020Q10"],
    "days first": ["02.11.2020", "13.02.2021"],
    "months first": ["11/02/2020", "02/13/2021"],
    "days": ["2020-9-2", "2020-9-10", "2020-10-1"],
    "decimals": ["1.5", "2", "10.2"],
    "seasons": ["9/10", "10/11", "11/12"],
    "years with words": ["2015 spring", "2016 autumn", "2017"],
    "numbers": [2, 9, 10],
    "numbers and texts": [2011, "2012", 2013.5],
    "dates": [datetime.date(2019, 12, 31), datetime.date(2020, 1, 1)],
    "periods": [pd.Period("2020-09"), pd.Period("2020-10")],
    "years and dates": [2012, pd.Timestamp("2012-06-01"), 2013],
}


@pytest.mark.parametrize("case", ORDERED)
def test_times_are_in_order(case: str) -> None:
    times = ORDERED[case]
    for seed in range(5):
        mixed = [times[i] for i in np.random.default_rng(seed).permutation(len(times))]
        assert [mixed[i] for i in in_order(mixed)] == times


def test_words_stay_in_the_order_given() -> None:
    for words in (["spring 2016", "autumn 2016"], ["before", "after"], ["wave 2", "wave 10", "wave 3"]):
        assert in_order(words) == list(range(len(words)))
    assert in_order(["2016 spring", "2016 autumn", "2015 late"]) == [2, 0, 1]


@pytest.mark.parametrize(
    ("times", "message"),
    [
        (["2020-9", "2020-09"], "'2020-9' and '2020-09' are the same time"),
        ([2012, "2012"], "are the same time"),
        (["01.02.2021", "02.01.2021"], "may be read in two orders"),
        (["12/19", "01/20"], "may be read in two orders"),  # December 2019 and January 2020, or days of a year
        (["31-12-19", "01-01-20"], "may be read in two orders"),
        (["1.9", "1.10"], "Give times as numbers, such as 2020, or as dates"),
        (["2020.9", "2020.10"], "may be read in two orders"),
        ([2012, "2012-05"], "Some times are texts and some are not"),
        ([2012, float("nan")], "One of the times is missing"),
        ([2012, pd.NaT], "One of the times is missing"),
    ],
)
def test_what_has_no_order_is_refused(times: list[Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        in_order(times)


def test_changes_are_between_the_right_times() -> None:
    def size(k: int) -> hp.Estimate:
        return hp.published(100 + k, 80 + k, 130 + k, name=f"p{k}")

    trend = hp.trend({"2020-10": size(40), "2020-11": size(60), "2020-9": size(10)})
    assert trend.summary()["change"].tolist()[1:] == [30, 20]
    assert trend.change().point == 50
