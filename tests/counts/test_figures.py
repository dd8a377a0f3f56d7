"""Figures of one register."""

from __future__ import annotations

import hiddenpop as hp
import numpy as np
import pytest


def test_figures_are_drawn(counts: hp.CaptureCounts) -> None:
    fit = hp.zero_truncated(counts, "~ sex")
    bars = fit.plot().patches
    table = fit.frequencies()
    assert [bar.get_height() for bar in bars] == pytest.approx(np.sqrt(table["observed"]).tolist())
    ends = np.sqrt(table["fitted"]) - np.sqrt(table["observed"])
    assert [bar.get_y() for bar in bars] == pytest.approx(ends.tolist())
    assert len(fit.plot("frequencies").patches) == len(counts.plot().patches) == len(table)
    with pytest.raises(hp.InputError, match="rootogram"):
        fit.plot("rooted")
