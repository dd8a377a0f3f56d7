"""Woodruff's intervals of quantiles against R's survey."""

from typing import Any

import hiddenpop as hp
import pytest
from hiddenpop import HiddenpopWarning, InputError


def test_woodruff_intervals_of_quantiles(case: tuple[hp.Survey, dict[str, Any]]) -> None:
    survey, r = case
    for q, (_, lower, upper, _) in zip((0.25, 0.5, 0.75), r["quantile"], strict=True):
        ends = survey.quantile("api00", q, rule="lower").interval(method="woodruff").iloc[0]
        assert ends.tolist() == [lower, upper]
    by = survey.quantile("api00", 0.5, by="awards")
    assert by["Yes"].interval(method="woodruff").iloc[0].tolist() == by.interval(method="woodruff").loc["Yes"].tolist()
    with pytest.raises(InputError, match="those of a survey's quantiles"):
        survey.mean("api00").interval(method="woodruff")


def test_a_median_that_most_people_share_is_no_interval() -> None:
    median = hp.Survey({"x": [1, 3, 9], "n": [5, 90, 5]}, counts="n", replicates=100).median("x")
    for est in (median, median * 2):
        with pytest.warns(HiddenpopWarning, match="both ends would be the estimate"):
            assert est.summary()[["lower", "upper"]].isna().all(axis=None)
