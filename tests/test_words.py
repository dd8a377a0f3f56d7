"""Every figure of the package tells its numbers to who can't see it, and no text of it covers another."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import warnings
from collections.abc import Callable
from typing import Any

import hiddenpop as hp
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hiddenpop.plot import describe
from matplotlib import pyplot

from . import figures, recruitment
from .on_lists import rome

#: Three figures of one size: the last is the geometric middle of its interval.
SOURCES = {"clinic": (16_000, 11_300, 25_200), "lists": (13_000, 10_000, 18_000), "network": (19_000, 13_000, 29_000)}


def estimates() -> dict[str, hp.Estimate]:
    return {name: hp.published(*numbers, name=name) for name, numbers in SOURCES.items()}


def study() -> hp.Sensitivity:
    """Return 12,000 / completeness x odds: from 6,000 / 1 to 24,000 / 0.6 over both ranges."""
    base = hp.published(12_000, 10_000, 14_400, name="register")
    return hp.sensitivity(
        lambda completeness, odds: odds * base / completeness, completeness=(0.6, 1), odds=(0.5, 2), name="people"
    )


def extrapolation() -> hp.Extrapolation:
    areas = pd.DataFrame(
        {"population": [300_000, 200_000, 150_000, 400_000, 250_000], "treated": [600, 420, 280, 900, 550]},
        index=list("ABCDE"),
    )
    sizes = {
        "A": hp.published(1_200, 1_000, 1_450, name="A"),
        "B": hp.published(800, 650, 1_000, name="B"),
        "C": hp.published(500, 400, 640, name="C"),
        "D": hp.published(2_000, 1_700, 2_400, name="D"),
    }
    return hp.extrapolate(sizes, areas, method="ratio")


def two() -> hp.Lists:
    cells = {"a": [1, 0, 1], "b": [0, 1, 1], "people": [40, 60, 12]}
    return hp.Lists(cells, ["a", "b"], counts="people", replicates=500)


def register() -> hp.CaptureCounts:
    return hp.CaptureCounts({"y": [1, 2, 3, 4], "n": [70, 20, 9, 4]}, "y", counts="n", replicates=200)


def by_order() -> Any:
    table = {"id": range(60), "by": [-1] * 3 + list(range(57)), "knows": [9, 8, 7, 6, 5, 4] * 10}
    survey = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", replicates=50)
    return hp.successive_sampling_size(survey, prior_median=500, largest=2_000)


def fitted() -> Any:
    table = {"y": [1] * 30 + [0] * 10 + [1] * 20 + [0] * 40, "x": ["b"] * 40 + ["a"] * 60}
    return hp.regress(hp.Survey(table, replicates=200), "y ~ x", family="binomial")


def peers() -> hp.Survey:
    return recruitment.survey(replicates=50)


def simulated(kind: str) -> Any:
    def normal(n: int, rng: np.random.Generator) -> tuple[float, float, float]:
        half = 1.96 * 5 / n**0.5
        found = 100 + rng.normal(0, 5 / n**0.5)
        return found, found - half, found + half

    return hp.plan.simulate(normal, [25, 100], precision=1, replicates=20).plot(kind=kind)


#: Each figure, with what it must say: published inputs, counts, or closed forms of them.
FIGURES: dict[str, tuple[Callable[[], Any], list[str]]] = {
    "Estimate.plot": (
        lambda: hp.published(16_000, 11_300, 25_200, name="clinic").plot(),
        ["16,000 (11,300 to 25,200)"],
    ),
    "Estimate.plot density": (lambda: estimates()["lists"].plot("density"), ["13,000 (10,000 to 18,000)"]),
    "Trend.plot": (
        lambda: hp.trend(figures.published(figures.OPIOIDS)).plot(),
        ["2012: 14,300 (13,400 to 16,300)"],
    ),
    "Trends.plot": (
        lambda: hp.trend(
            {
                2012: pd.DataFrame({"group": ["a", "b"], "estimate": [100, 200], "low": [80, 150], "high": [130, 260]}),
                2023: pd.DataFrame({"group": ["a", "b"], "estimate": [110, 220], "low": [88, 165], "high": [143, 286]}),
            },
            by="group",
        ).plot(),
        ["a: 2012: 100 (80 to 130)", "b: 2012: 200 (150 to 260)"],
    ),
    "SmoothTrend.plot": (
        lambda: hp.trend(figures.published(figures.OPIOIDS)).smooth(at=[2012, 2018], step=0.03).plot(),
        ["2012: 14,", "2018: "],
    ),
    # 12,000 / 0.8 = 15,000 in the base case; 12,000 / 0.6 = 20,000; twice 15,000.
    "Sensitivity.tornado": (
        lambda: study().tornado(),
        ["base case 15,000", "completeness: 12,000 at 1 to 20,000 at 0.6", "odds: 7,500 at 0.5 to 30,000 at 2"],
    ),
    "Sensitivity.contour": (
        lambda: study().contour("odds", "completeness", published=16_000),
        ["from 6,000 to 40,000", "15,000 at odds 1 and completeness 0.8", "published, 16,000", "Lines at "],
    ),
    "Scenarios.plot": (
        lambda: study().scenarios({"start": {}, "doubled": {"odds": 2}}).plot(),
        ["start: 15,000 (12,500 to 18,000)", "doubled: 30,000 (25,000 to 36,000)", "Dashed: start"],
    ),
    # Of logarithms' variances 3 parts in 4, and 1.
    "VarianceShares.plot": (
        lambda: hp.variance_shares(
            hp.lognormal(1, 2**-(3**0.5), 2 ** (3**0.5), name="wide") * hp.lognormal(1, 0.5, 2, name="narrow"),
            scale="log",
            replicates=20_000,
        ).plot(),
        ["wide: 7", "75% with all", "narrow: 2", "25% with all"],
    ),
    # The user's guide to planning: 428 interviews; 2 (1 - p) / (n p) of them by hand.
    "Plan.plot": (
        lambda: hp.plan.multiplier(benchmark=4_900, share=0.31, relative_precision=0.2, design_effect=2).plot(),
        ["Interview 428 people", "design effect 2: 20.0%", "design effect 1: 14.1%"],
    ),
    "Comparison.plot": (
        lambda: hp.plan.compare((0.31, 0.61), power=0.8, design_effect=2).plot(),
        ["Interview 85 and 85 people", "design effect 2: 80%"],
    ),
    "TwoListPlan.plot": (
        lambda: hp.plan.capture(16_000, relative_precision=0.25).plot(),
        ["62 people are expected on both", "±"],
    ),
    # 1.96 x 5 / sqrt(25) and / sqrt(100).
    "SimulatedPlan.plot": (
        lambda: simulated("width"),
        ["n = 25: median 1.96", "n = 100: median 0.98", "Asked for: 1"],
    ),
    "SimulatedPlan.plot chance": (lambda: simulated("chance"), ["n = 25: 0% as", "n = 100: 100% as precise as asked"]),
    "Synthesis.plot": (
        lambda: hp.triangulate(estimates(), method="fixed").plot(),
        ["clinic: 16,000 (11,300 to 25,200), weight ", "consensus: 1", "Cochran's Q"],
    ),
    # 1,200 of 300,000.
    "Extrapolation.plot": (lambda: extrapolation().plot(), ["A: 4.0", "B: 4.0", "Predicted, E: "]),
    "Extrapolation.plot check": (lambda: extrapolation().plot("check"), ["A: 1.", "B: ", "relative to the own"]),
    "Lists.plot": (lambda: rome().plot(most=5), ["1,896 people on 4 lists"]),
    "Fits.plot": (lambda: hp.loglinear(rome()).plot(most=4), ["weight ", "average 1"]),
    "Dependence.plot": (
        lambda: hp.dependence(two(), (0.5, 2), steps=3).plot(),
        ["0.5: 212", "1: 312", "2: 510 ("],
    ),
    # R's RDS 0.9-10: 129 of 500 with the disease, and a share of 19.4% in a population of 1,000 (21.3% in one of 715).
    "Convergence.plot": (lambda: peers().convergence("disease").plot(), ["each of 500 participants", "19.4%"]),
    "Bottleneck.plot": (lambda: peers().bottleneck("disease").plot(), ["19.4% in all", "of 62", "of 29"]),
    "ByPopulation.plot": (
        lambda: peers().sensitivity("disease", population=[715, 1_000]).plot(),
        ["715: 21.3%", "1,000: 19.4%"],
    ),
    "Diagnosed.plot_tree": (lambda: peers().plot_tree("disease"), ["from 10 seeds (large) in 5 waves", "1 129"]),
    "CaptureCounts.plot": (lambda: register().plot(), ["1: 70; 2: 20; 3: 9; 4: 4"]),
    "CountFit.plot": (lambda: hp.zero_truncated(register()).plot(), ["1: 70 observed", "fitted"]),
    "CountFit.plot frequencies": (lambda: hp.zero_truncated(register()).plot("frequencies"), ["1: 70 observed"]),
    "SuccessiveSize.plot": (lambda: by_order().plot("prior"), ["medians 500 and "]),  # the median that was given
    "Regression.plot": (lambda: fitted().plot(), ["x, a: 1 (reference); x, b: 6.00 (2.4"]),  # 30 x 40 / (10 x 20)
}  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh() -> Any:
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        warnings.simplefilter("ignore", hp.HiddenpopWarning)
        yield
        pyplot.close("all")


@pytest.mark.parametrize("name", FIGURES)
def test_words_hold_numbers_of_the_figure(name: str) -> None:
    draw, numbers = FIGURES[name]
    axes = draw()
    words = describe(axes)
    for number in numbers:
        assert number in words
    assert "nan" not in words
    assert figures.overlapping(axes.figure) == []


def test_no_figure_is_forgotten() -> None:
    found = set()
    for module in pkgutil.walk_packages(hp.__path__, "hiddenpop."):
        if module.name.rpartition(".")[2].startswith("_"):
            continue
        for _, kind in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            for method in vars(kind).values():
                if inspect.isfunction(method) and method.__annotations__.get("return") == "Axes":
                    found.add(f"{kind.__name__}.{method.__name__}")
    assert found == {name.split()[0] for name in FIGURES}
