"""Sample coverage of three lists, as published."""

import hiddenpop as hp

from ..on_lists import hepatitis


def test_sample_coverage_of_the_paper() -> None:
    # Coverage 51%, 971 by the estimator for high coverage, 508 by the one-step estimator.
    data = hepatitis()
    one = hp.sample_coverage(data)
    assert round(one.point) == 508
    assert hp.sample_coverage(data, bootstrap="conditional").se() < one.se()
    high = hp.sample_coverage(data, one_step=False)
    assert round(high.point) == 971
    assert "too low" in repr(high)
