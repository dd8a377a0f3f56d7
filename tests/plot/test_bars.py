"""Stacked bars: colours of levels that have an order."""

from __future__ import annotations

from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
from hiddenpop.plot.bars import SHADES
from matplotlib.colors import to_rgb


def test_levels_with_an_order_have_shades_of_one_colour() -> None:
    """Each is darker than the one before, whatever its number (WCAG 2.1, relative luminance): the order can be seen in grey."""
    levels = ["never", "sometimes", "often", "always"]
    plain = pd.DataFrame({"how": levels * 5, "g": ["a", "b"] * 10})
    frame = plain.assign(how=pd.Categorical(plain["how"], levels, ordered=True))

    def luminance(colour: Any) -> float:
        parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
        return float(np.dot(parts, (0.2126, 0.7152, 0.0722)))

    axes = hp.plot.stacked(hp.Survey(frame, replicates=40), "how", by="g")
    colours = list(dict.fromkeys(patch.get_facecolor() for patch in axes.patches))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == levels
    assert len(colours) == 4
    assert np.all(np.diff([luminance(colour) for colour in colours]) < 0)
    assert np.all(np.diff([luminance(colour) for colour in SHADES]) < -0.015)
    other = hp.plot.stacked(hp.Survey(plain, replicates=40), "how", by="g")
    assert {to_rgb(patch.get_facecolor()) for patch in other.patches} != {to_rgb(colour) for colour in colours}
