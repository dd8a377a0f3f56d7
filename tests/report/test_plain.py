"""Notes for readers: the reason that applies, and how often."""

from __future__ import annotations

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop.report.plain import plainly
from hiddenpop.uncertainty.notes import undefined_notes


def test_notes_say_the_reason_that_applies_and_how_often() -> None:
    """Notes for readers count what they speak of in the draws themselves."""
    lists = hp.Lists({"p": [1, 0, 1], "q": [0, 1, 1], "n": [29, 299, 1]}, ["p", "q"], counts="n", replicates=500)
    est = hp.lincoln_petersen(lists, bootstrap="conditional")
    page = hp.Report("r").add(est).to_html() or ""
    often = 100 * float(np.isinf(est.draws).mean())
    assert f"in up to {often:.0f}% of the redrawn samples no two lists share a person." in page
    assert "draws are" not in page
    # Three people of 40 are in the group: about e^-3, or 5%, of redrawn samples have none of them.
    survey = hp.Survey({"x": [1, 0] * 20, "g": ["a"] * 37 + ["b"] * 3}, replicates=400)
    less = survey.proportion("x", by="g") - survey.proportion("x", by="g") * 0.5
    undefined = np.isnan(less.draws).sum(axis=1)
    assert undefined[1] == pytest.approx(400 * np.exp(-3), abs=12)
    technical = [note.text for note in undefined_notes(undefined, 400)]
    first, second = plainly(less, [*technical, "Another note."])
    assert first.startswith(
        f"No interval: in up to {undefined[1] / 4:.2g}% of the redrawn samples there is no estimate"
    )
    assert first.endswith("because nobody of a group is in it.")
    assert second == "Another note."
