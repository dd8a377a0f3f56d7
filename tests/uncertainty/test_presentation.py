"""Presentation standards of the National Center for Health Statistics, rule by rule."""

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop.uncertainty.presentation import of_numbers

from ..schools import schools


def judged(share: float, n: float, effective: float | None = None, df: float = np.inf) -> tuple[str, bool]:
    one = of_numbers(*(np.array([value]) for value in (share, n, n if effective is None else effective, df)))
    return one.verdicts[0], bool(one.complement[0])


@pytest.mark.parametrize(
    ("asked", "verdict"),
    [
        # Parker and others (2017), figure 1: sample and effective sample of 30.
        ({"share": 0.5, "n": 29}, "suppress"),
        ({"share": 0.5, "n": 500, "effective": 29.9}, "suppress"),
        # An interval of 0.30 or wider; that of a half of 43 is 0.31 wide, of 50 0.29.
        ({"share": 0.5, "n": 42}, "suppress"),
        ({"share": 0.5, "n": 50}, "show"),
        # Wider than 0.05 and than 130% of the share; narrow ones are shown whatever their relative width.
        ({"share": 0.02, "n": 100}, "suppress"),
        ({"share": 0.2, "n": 100}, "show"),
        ({"share": 0.005, "n": 800}, "show"),
        # Fewer than 8 degrees of freedom, for those that would be shown only.
        ({"share": 0.3, "n": 3000, "df": 7}, "review"),
        ({"share": 0.3, "n": 3000, "df": 8}, "show"),
        ({"share": 0.02, "n": 100, "df": 7}, "suppress"),
        # Nobody, or everybody, with a narrow interval; with a wide one the relative width suppresses a share of nobody.
        ({"share": 0.0, "n": 400}, "review"),
        ({"share": 1.0, "n": 400}, "review"),
        ({"share": 0.0, "n": 50}, "suppress"),
        ({"share": 1.0, "n": 50}, "show"),
        # Nothing is known.
        ({"share": 0.5, "n": 500, "effective": np.nan}, "suppress"),
    ],
)
def test_the_rules(asked: dict[str, float], verdict: str) -> None:
    assert judged(**asked)[0] == verdict


def test_the_complement_may_be_unreliable() -> None:
    assert judged(0.98, 100) == ("show", True)
    assert judged(0.5, 100) == ("show", False)
    # Effective numbers are never more than people: a design effect below one is no licence.
    one = of_numbers(np.array([0.5]), np.array([100.0]), np.array([250.0]), np.array([np.inf]))
    assert one.effective.tolist() == [100.0]


def test_the_interval_is_that_of_r() -> None:
    # R's survey 4.1.1: svyciprop(~I(awards == "Yes"), apiclus1, method = "beta"); its design effect of 0.994 leaves n at 183.
    found = hp.presentation(schools("clus1").proportion("awards"))
    np.testing.assert_allclose(found.iloc[0][["lower", "upper"]].astype(float), [0.633436839061, 0.779338536178])
    assert found.iloc[0][["n", "df", "verdict"]].tolist() == [183, 14, "show"]
