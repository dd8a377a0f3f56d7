"""Figures and texts of a sensitivity analysis."""

from __future__ import annotations

import hiddenpop as hp
from matplotlib import pyplot


def test_figures(study: hp.Sensitivity) -> None:
    axes = study.tornado()
    assert [tick.get_text().split("\n")[0] for tick in axes.get_yticklabels()] == ["odds", "completeness"]
    assert {text.get_text() for text in axes.texts} >= {"0.5", "2", "0.6", "1"}
    assert any(bar.get_hatch() for bar in axes.patches)
    left, right = axes.get_xlim()
    assert left < study.summary()["lowest"].min()
    assert right > study.summary()["highest"].max()
    axes = study.contour("odds", "completeness", published=16_000)
    assert axes.get_xlabel() == "odds"
    assert "published, 16,000" in axes.get_title(loc="left")
    (cross,) = axes.lines
    assert (list(cross.get_xdata()), list(cross.get_ydata())) == ([1.0], [0.8])
    axes = study.contour(published=1_000_000)
    assert "reached nowhere" in axes.get_title(loc="left")
    flat = hp.sensitivity(lambda a, b: study.estimate, a=(1, 2), b=(1, 2))
    assert "20,000 everywhere" in flat.contour().get_title(loc="left")
    assert {text.get_text().strip() for text in flat.tornado().texts} == {"a moves nothing", "b moves nothing"}
    endless = hp.sensitivity(lambda c: study.estimate / c, c=(0, 1))
    assert "0, unbounded" in {text.get_text() for text in endless.tornado().texts}
    axes = study.variance_shares(replicates=2_000).plot()
    assert len(axes.patches) == 6
    axes = study.scenarios({"a": {}, "b": {"odds": 2}}).plot()
    assert "dashed: a" in axes.get_xlabel()
    mine, own = pyplot.subplots()
    assert study.tornado(ax=own) is own
    assert mine is own.figure
    pyplot.close("all")


def test_texts(study: hp.Sensitivity) -> None:
    assert repr(study).splitlines()[0].startswith("people: 20,000 (95% interval")
    assert "completeness" in study._repr_html_()
    assert "completeness (0.8; 0.6 to 1)" in study.methods()
