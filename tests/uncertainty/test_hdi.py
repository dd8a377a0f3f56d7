"""Highest-density intervals: the shortest of known distributions, and by brute force."""

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import HiddenpopWarning
from hiddenpop.uncertainty.hdi import interval


def test_known_distributions() -> None:
    # Closed form: a density that only falls, 2 (1 - x), is densest on 0 to 1 - sqrt(1 - level).
    falling = hp.triangular(0, 0, 1, name="falling", replicates=200_000)
    for level in (0.5, 0.95):
        ends = falling.interval(level, method="hdi").iloc[0]
        assert ends["lower"] == pytest.approx(0, abs=2e-3)
        assert ends["upper"] == pytest.approx(1 - np.sqrt(1 - level), abs=4e-3)
    # Numerically: the log-normal's shortest interval, by its quantiles. Its width is flat at the minimum, so ends have
    # more Monte Carlo error than widths.
    stats = pytest.importorskip("scipy.stats")
    skewed = hp.lognormal(1, 0.4, 2.5, name="skewed", replicates=200_000)
    tails = np.linspace(1e-6, 0.05 - 1e-6, 20_001)
    law = stats.lognorm(np.log(2.5) / stats.norm.ppf(0.975))
    widths = law.ppf(tails + 0.95) - law.ppf(tails)
    ends = skewed.interval(method="hdi").iloc[0]
    assert ends["upper"] - ends["lower"] == pytest.approx(widths.min(), rel=0.02)
    assert ends["lower"] == pytest.approx(law.ppf(tails[widths.argmin()]), abs=0.05)
    # Shorter than percentiles, which leave the same out on both sides.
    assert ends["upper"] - ends["lower"] < 2.5 - 0.4


def test_no_shorter_interval_holds_as_many_draws() -> None:
    # By brute force over all pairs of draws.
    draws = np.random.default_rng(1).gamma(2, size=(3, 60))
    for level in (0.5, 0.8, 0.95):
        ends, notes = interval(draws, level)
        assert not notes
        for row, (low, high) in zip(draws, ends, strict=True):
            held = ((row >= low) & (row <= high)).mean()
            assert held >= level
            best = min(b - a for a in row for b in row if ((row >= a) & (row <= b)).mean() >= level)
            assert high - low == best


def test_of_equally_short_intervals_the_middle_one() -> None:
    assert interval(np.arange(9.0)[None, :], 5 / 9)[0].tolist() == [[2.0, 6.0]]


def test_undefined_and_infinite_draws() -> None:
    # 1 of 20 registered: a replicate has none with chance 0.95^20 = 36%, so 95% of draws reach to infinity.
    people = hp.multiplier(100, hp.Survey({"x": [1, 0], "n": [1, 19]}, counts="n").proportion("x"))
    with pytest.warns(HiddenpopWarning, match="An end of the interval is infinite"):
        ends = people.interval(method="hdi").iloc[0]
    assert np.isinf(ends["upper"])
    assert ends["lower"] == np.quantile(people.draws, 0.05, method="higher")
    # Few infinite draws are among those left out.
    few = np.concatenate([np.arange(99.0), [np.inf]])[None, :]
    assert interval(few, 0.9)[0].tolist() == [[5.0, 94.0]]
    ends, notes = interval(np.array([[1.0, np.nan, 2.0]]), 0.5)
    assert np.isnan(ends).all()
    assert "No interval" in notes[0].text
    below = np.array([[-np.inf] * 5 + [1.0, 2.0, 3.0, 4.0, 5.0]])
    assert interval(below, 0.6)[0].tolist() == [[-np.inf, 1.0]]


def test_the_sentence() -> None:
    text = hp.published(10, 8, 13, name="x").methods(method="hdi")
    assert "highest-density" in text
    assert "Hyndman" in text
