"""Forest plots: every estimate at its place, in words too."""

from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest

plt = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture
def model(mixed: pd.DataFrame) -> Any:
    return hp.regress(hp.Survey(mixed, replicates=40), "yes ~ g + x", "binomial")


def test_a_forest_plot_shows_the_table(model: Any) -> None:
    axes = model.plot(crude=True, labels={"g": "Group"})
    assert [text.get_text() for text in axes.get_yticklabels()] == ["Group", "a", "b", "c", "x"]
    assert axes.get_xscale() == "log"
    crude, adjusted = axes.containers
    np.testing.assert_allclose(adjusted.lines[0].get_xdata()[2:], np.exp(model.coefficients.point[1:]), rtol=1e-9)
    frame = model.table(crude=True).numbers.query("statistic == 'crude odds ratio'")
    np.testing.assert_allclose(crude.lines[0].get_xdata()[2:], frame["estimate"].iloc[1:], rtol=1e-9)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["reference", "crude", "adjusted"]
    told = hp.plot.describe(axes)
    assert "Group, b: " in told
    for row in model.table(crude=True).rows[1:]:
        assert row.cells[3] in told
    plt.close("all")


def test_ticks_are_round_ratios(model: Any) -> None:
    axes = model.plot()
    axes.figure.canvas.draw()
    ticks = [float(text.get_text()) for text in axes.get_xticklabels()]
    assert 1 in ticks
    assert all(tick == float(f"{tick:.1e}") for tick in ticks)
    assert 4 <= len(ticks) <= 9
    plt.close("all")


def test_differences_have_a_plain_axis(mixed: pd.DataFrame) -> None:
    axes = hp.regress(hp.Survey(mixed, replicates=40), "score ~ g").plot()
    assert axes.get_xscale() == "linear"
    assert "difference" in axes.get_xlabel()
    plt.close("all")
