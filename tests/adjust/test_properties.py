"""Adjusting by certainty changes nothing, order does not matter where it should not, directions are as documented."""

from __future__ import annotations

import itertools

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import adjust
from hypothesis import given, settings
from hypothesis import strategies as st

COUNTS = st.integers(1, 5_000)
PART = st.floats(0.01, 0.6)
CHANCE = st.floats(0.7, 1.0)
RATIO = st.floats(0.2, 5.0)


@st.composite
def shares(draw: st.DrawFn) -> hp.Estimate:
    """A survey's share, or an uncertain input, with at most 60 draws."""
    yes, no = draw(COUNTS), draw(COUNTS)
    if draw(st.booleans()):
        return hp.beta(yes, no, replicates=60)
    return hp.Survey({"x": [1, 0], "n": [yes, no]}, counts="n", replicates=60).proportion("x")


def same(a: hp.Estimate, b: hp.Estimate) -> None:
    np.testing.assert_array_equal(a.node.point, b.node.point)
    np.testing.assert_array_equal(a.draws, b.draws)


def close(a: hp.Estimate, b: hp.Estimate) -> None:
    np.testing.assert_allclose(a.node.point, b.node.point, rtol=1e-12)
    np.testing.assert_allclose(a.draws, b.draws, rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(share=shares(), benchmark=st.floats(5_001, 1e9), stay=st.floats(0.01, 40), window=st.floats(0, 5))
def test_certainty_changes_nothing(share: hp.Estimate, benchmark: float, stay: float, window: float) -> None:
    size = hp.multiplier(benchmark, share)
    for adjusted in (
        adjust.self_report(share),
        adjust.self_report(share, sensitivity=1, specificity=1),
        adjust.linkage(share, recall=1, false_matches=0),
        adjust.linkage(share, recall=1, precision=1),
        adjust.recruitment(share, odds=1),
    ):
        same(adjusted, share)
        same(hp.multiplier(benchmark, adjusted), size)
    days, years = f"{window * 365:.4f}d", f"{stay:.4f}y"
    for adjusted in (
        adjust.register(size),
        adjust.register(size, completeness=1, false_positives=0),
        adjust.register(size, completeness=0.5, measured_by="linkage"),
        adjust.duplicates(size, share=0),
        adjust.cross_border(size, share=0),
        adjust.definition(size, share=0),
        adjust.migration(size, left=0),
        adjust.migration(size, entered=0),
        adjust.turnover(size, window="0d", stay=years),
        adjust.turnover(size, window=days, stay=years, asked=days),
        adjust.self_report(size, sensitivity=1),
        adjust.linkage(size),
        adjust.recruitment(size, odds=1),
    ):
        same(adjusted, size)


@pytest.mark.filterwarnings("ignore:.* was adjusted for .* before")
@settings(max_examples=40, deadline=None)
@given(share=shares(), gone=PART, twice=PART, held=st.floats(0.2, 1), odds=RATIO, more=RATIO)
def test_commuting_adjustments_commute(
    share: hp.Estimate, gone: float, twice: float, held: float, odds: float, more: float
) -> None:
    size = hp.multiplier(1e6, share)
    steps = [
        lambda est: adjust.register(est, completeness=held, false_positives=gone),
        lambda est: adjust.duplicates(est, share=twice),
        lambda est: adjust.turnover(est, window="1y", stay="2y"),
        lambda est: adjust.recruitment(est, odds=odds),
    ]
    for first, second in itertools.combinations(steps, 2):
        close(first(second(size)), second(first(size)))
    close(
        adjust.recruitment(adjust.recruitment(share, odds=odds), odds=more), adjust.recruitment(share, odds=odds * more)
    )
    # Before or after the multiplier, and before or after a sum.
    close(
        hp.multiplier(adjust.duplicates(1e6, share=twice), adjust.recruitment(share, odds=odds)),
        adjust.duplicates(adjust.recruitment(size, odds=odds), share=twice),
    )
    close(adjust.duplicates(size.sum("a"), share=twice), adjust.duplicates(size, share=twice).sum("a"))


@settings(max_examples=60, deadline=None)
@given(share=shares(), low=CHANCE, high=CHANCE, less=PART, more=PART, odds=RATIO, larger=RATIO)
def test_directions(
    share: hp.Estimate, low: float, high: float, less: float, more: float, odds: float, larger: float
) -> None:
    low, high = sorted((low, high))
    less, more = sorted((less, more))
    odds, larger = sorted((odds, larger))

    def falls(function, first, second) -> None:  # type: ignore[no-untyped-def]
        """From the first input to the second, points and draws don't rise."""
        above, below = function(first), function(second)
        assert (below.node.point <= above.node.point * (1 + 1e-12)).all()
        assert (below.draws <= above.draws * (1 + 1e-12)).all()

    falls(lambda x: adjust.register(1000, completeness=x), low, high)
    falls(lambda x: adjust.register(1000, false_positives=x), less, more)
    falls(lambda x: adjust.duplicates(1000, share=x), less, more)
    falls(lambda x: adjust.turnover(1000, window=f"{x:.6f}y", stay="2y"), less, more)
    falls(lambda x: adjust.turnover(1000, window="1y", stay=f"{x:.6f}y"), more, less)
    falls(lambda x: adjust.recruitment(share, odds=x), odds, larger)
    kept = share * 0.6 + 0.2  # within what errors up to 20% can give
    falls(lambda x: adjust.self_report(kept, sensitivity=0.8 + (x - 0.7) * 2 / 3), low, high)
    falls(lambda x: adjust.self_report(kept, specificity=1.5 - x), high, low) if high <= 0.5 else None
    falls(lambda x: adjust.linkage(kept, false_matches=x / 3), less, more)
    falls(lambda x: adjust.linkage(kept, recall=0.8 + (x - 0.7) * 2 / 3, precision=0.9), low, high)
