"""Distributions that tests refer to, and corrections for several of them."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.tables.significance import mixture
from scipy import special, stats

from ..schools import DESIGNS, TESTS, schools


@pytest.mark.parametrize("design", DESIGNS)
def test_the_mixture_and_its_saddlepoint(design: str) -> None:
    cross = hp.crosstab(schools(design), "awards", "sch.wide")
    expected = TESTS[design]["chisq_awards_schwide"]
    # With one weight the mixture is that weight times F, so the exact p is R's own F test's ...
    assert cross.test("lincom").p == pytest.approx(expected["F"]["p"], rel=1e-6)
    # ... while R's "lincom" gives the saddlepoint approximation where p is small.
    assert cross.test("saddlepoint").p == pytest.approx(expected["lincom"]["p"], rel=1e-6)
    assert cross.test("lincom").statistic == pytest.approx(expected["lincom"]["stat"], rel=1e-9)


@pytest.mark.parametrize(("x", "p"), [(0.1, 0.9458), (0.7, 0.5064), (2.0, 0.1240)])
def test_mixture_as_published(x: float, p: float) -> None:
    # Imhof (1961), Biometrika 48:419-426, table 1: 0.6, 0.3 and 0.1 with one degree of freedom each.
    assert mixture([0.6, 0.3, 0.1], x, 1e7, saddlepoint=False) == pytest.approx(p, abs=6e-5)
    assert mixture([0.6, 0.3, 0.1], x, 1e7, saddlepoint=True) == pytest.approx(p, abs=0.02)


@pytest.mark.parametrize("x", [0.5, 4.0, 40.0, 400.0])
def test_mixture_of_equal_weights_is_f(x: float) -> None:
    assert mixture([2.0, 2.0, 2.0], x, 14, saddlepoint=False) == pytest.approx(special.fdtrc(3, 14, x / 6), rel=1e-8)


def test_corrections() -> None:
    p = pd.Series([0.01, 0.04, np.nan, 0.03, 0.005], index=list("abcde"))
    # By hand: ordered 0.005, 0.01, 0.03, 0.04, times 4, 3, 2, 1, made monotone (Holm 1979).
    assert hp.correct(p, "holm").fillna(-1).tolist() == pytest.approx([0.03, 0.06, -1, 0.06, 0.02])
    assert hp.correct(p, "bonferroni").fillna(-1).tolist() == pytest.approx([0.04, 0.16, -1, 0.12, 0.02])
    other = stats.false_discovery_control(p.dropna())
    assert hp.correct(p.dropna(), "bh").tolist() == pytest.approx(other.tolist())
    assert hp.correct(p, "none").equals(p)
    for wrong in ([2.0], 0.1):
        with pytest.raises(InputError, match="between 0 and 1"):
            hp.correct(wrong)
    with pytest.raises(InputError, match="'sidak'"):
        hp.correct(p, "sidak")
