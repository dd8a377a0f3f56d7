"""How estimates look: tables, rounding, methods sentences, figures."""

import subprocess
import sys
from html.parser import HTMLParser

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.words import printed

from .. import facts


def test_summary_is_tidy(people: hp.Estimate) -> None:
    summary = people.summary()
    assert list(summary.columns) == ["estimate", "lower", "upper", "se", "n", "missing", "method"]
    assert summary["missing"].tolist() == [0, 0]
    assert people.summary(0.9, "normal")["method"].iloc[0] == "multiplier; 90% normal"
    ends = people.interval(0.9, "normal")
    np.testing.assert_array_equal(people.summary(0.9, "normal")[["lower", "upper"]], ends)


def test_n_is_unknown_where_groups_mix(people: hp.Estimate) -> None:
    assert people.sum().summary()["n"].isna().all()
    assert (
        (
            people
            / people[["crack only", "opioids"]]
            .rename({"opioids": "x", "crack only": "y"})
            .rename({"x": "crack only", "y": "opioids"})
        )
        .summary()["n"]
        .isna()
        .all()
    )


def test_numbers_show_what_their_precision_supports() -> None:
    # JCGM 100:2008, 7.2.6: two digits of the standard uncertainty. Here s.e. is width / 3.92.
    cases = {
        (13_306.3, 12_330.0, 14_450.0): "13,310",  # s.e. 541
        (15_995.5, 12_731.0, 21_511.0): "16,000",  # s.e. 2,240
        (0.61069, 0.5623, 0.6590): "0.611",  # s.e. 0.0247
        (1.137, 1.05, 1.24): "1.137",  # s.e. 0.048
        (0.000123, 0.0001, 0.0002): "0.000123",
    }
    for (point, lower, upper), expected in cases.items():
        places = printed.decimals(*(np.array([v]) for v in (point, lower, upper)))
        assert printed.show(point, places[0], "size") == expected
    assert printed.show(0.61069, 3, "share") == "61.1%"
    assert printed.show(np.inf, 0, "size") == "unbounded"
    assert printed.show(np.nan, 0, "size") == "no estimate"


def test_text(people: hp.Estimate) -> None:
    assert repr(people).splitlines()[:4] == [
        "population size",
        "              estimate        95% interval",
        "opioids         13,310    12,330 to 14,450",
        "crack only      16,000    12,700 to 21,500",
    ]
    assert repr(people["opioids"]).startswith("opioids: 13,310 (95% interval 12,330 to 14,450)\nNote: Counts recovered")
    assert "holds in" in repr(people > 1)


class _Balanced(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html(people: hp.Estimate) -> None:
    html = people.rename({"opioids": "<b>opioids & more</b>"})._repr_html_()
    parser = _Balanced()
    parser.feed(html)
    assert parser.open == []
    assert "&lt;b&gt;opioids &amp; more" in html
    for part in ("13,310", "12,330 to 14,450", ">393<", "10,000 redraws, seed 0", 'scope="row"'):
        assert part in html


def test_synthetic_data_say_so_everywhere(interviews: pd.DataFrame) -> None:
    survey = hp.Survey(interviews, strata="group")
    people = hp.multiplier(facts.OPAAK_BENCHMARKS, survey.proportion("in_treatment", by="group")).sum()
    for text in (repr(survey), people._repr_html_(), people.methods(), people.to_json()):
        assert "SYNTHETIC" in text
    assert "SYNTHETIC" in hp.read_estimate(people.to_json())._repr_html_()
    pytest.importorskip("matplotlib").use("Agg")
    assert "SYNTHETIC" in people.plot().get_title(loc="left")


def test_methods_name_estimator_design_replicates_seed_version_reference(people: hp.Estimate) -> None:
    text = people.methods()
    for part in (
        "multiplier method",
        "520 participants in 2 strata by group (opioids: 393, crack only: 127)",
        "the proportion of in_treatment by group",
        "redrawing with replacement as many participants as there were within each stratum",
        "95% percentile intervals",
        "10,000 redraws, seed 0",
        f"hiddenpop {hp.__version__}",
        "Efron B (1979)",
        "UNAIDS/WHO",
    ):
        assert part in text
    assert "bias-corrected" in people.methods(method="bc")
    mixed = (people * hp.beta(80, 20, name="completeness")).sum()
    assert "completeness, beta(80, 20)" in mixed.methods()
    assert "draw by draw" in mixed.methods()


def test_plots_draw_what_the_table_says(people: hp.Estimate) -> None:
    pytest.importorskip("matplotlib").use("Agg")
    axes = people.plot()
    assert [t.get_text() for t in axes.get_yticklabels()] == ["opioids", "crack only"]
    points, _, bars = axes.containers[0]
    np.testing.assert_allclose(points.get_xdata(), people.point)
    ends = np.array([segment[:, 0] for segment in bars[0].get_segments()])
    np.testing.assert_allclose(ends, people.interval().to_numpy())
    density = people.plot("density", ax=people.plot().figure.add_subplot())
    assert len(density.collections) == 2
    with pytest.raises(InputError, match="kind='bars' is not one of"):
        people.plot("bars")
    with pytest.raises(InputError, match="not a figure"):
        (people > 1).plot()


def test_infinite_ends_are_marked_in_the_plot() -> None:
    pytest.importorskip("matplotlib").use("Agg")
    size = hp.multiplier(100, hp.Survey({"x": [1, 0], "n": [1, 19]}, counts="n").proportion("x"))
    axes = size.plot()
    assert any("unbounded" in text.get_text() for text in axes.texts)


def test_matplotlib_is_imported_only_to_plot() -> None:
    code = (
        "import hiddenpop as hp, sys;"
        "s = hp.Survey({'x': [1, 0], 'n': [5, 5]}, counts='n'); e = hp.multiplier(100, s.proportion('x'));"
        "e.summary(); e.methods(); e._repr_html_(); e.to_json();"
        "bad = {'matplotlib', 'scipy', 'narwhals', 'pyarrow.parquet', 'tqdm', 'xarray'} & set(sys.modules);"
        "sys.exit(f'imported {bad}' if bad else 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_what_prints_says_why_there_is_no_interval() -> None:
    share = hp.Survey({"r": [0] * 30}).proportion("r")
    assert "rule of three" in repr(share)
    assert "rule of three" in share._repr_html_()
    size = hp.multiplier(hp.normal(300, 300, name="n"), hp.Survey({"r": [1, 0]}).proportion("r"))
    assert "draws of the benchmark are negative" in repr(size)
    rare = hp.Survey({"g": ["x"] * 4 + ["y"] * 96, "v": range(100)}).mean("v", by="g") > 1
    assert "no answer" in repr(rare)
    assert "undefined" in repr(rare)


def test_an_open_interval_reaches_beyond_its_point_in_the_plot() -> None:
    pytest.importorskip("matplotlib").use("Agg")
    survey = hp.Survey({"g": list("aabb"), "r": [1, 0, 1, 0], "n": [40, 60, 1, 29]}, counts="n", strata="g")
    axes = hp.multiplier({"a": 1000, "b": 300}, survey.proportion("r", by="g")).plot()
    ends = axes.containers[0][2][0].get_segments()[1][:, 0]
    assert ends[1] > 9_000 * 1.1


def test_methods_refuse_what_intervals_refuse(people: hp.Estimate) -> None:
    with pytest.raises(InputError, match="'BC' is not one of"):
        people.methods(method="BC")
