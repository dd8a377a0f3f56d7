"""Families side by side."""

from __future__ import annotations

import hiddenpop as hp
import pytest


def test_families_that_fit_alike_and_differ_in_size_are_told() -> None:
    counts = hp.CaptureCounts(hp.datasets.load("netherlands_immigrants")["apprehensions"], "capture", replicates=50)
    with pytest.warns(hp.HiddenpopWarning, match="from 5,317 to 29,380"):
        table = hp.compare_families(counts)
    assert table["AIC"].round(6).is_monotonic_increasing
    assert table["size"].isna().sum() == (table["status"] == "unbounded").sum() == 1
    with pytest.raises(hp.InputError, match="list of names"):
        hp.compare_families(counts, family="poisson")
