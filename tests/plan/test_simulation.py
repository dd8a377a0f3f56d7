"""Simulated studies: what they find is what closed forms say, the same on any worker, and failures are counted."""

import math
import multiprocessing
import threading
import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import EstimationError, HiddenpopWarning, InputError
from hiddenpop.estimate.estimate import Estimate
from matplotlib import pyplot

BENCHMARK, SHARE = 4_900, 0.31


@pytest.fixture(autouse=True)
def _closed():
    yield
    pyplot.close("all")


def study(n: int) -> Estimate:
    """Simulate a multiplier study; importable, so that other processes find it."""
    return hp.plan.multiplier_study(n, benchmark=BENCHMARK, share=SHARE, replicates=400)


def normal(n: int, rng: np.random.Generator) -> tuple[float, float, float]:
    """Estimate a mean of 10 with known standard deviation 5."""
    found, half = rng.normal(10, 5 / math.sqrt(n)), 1.96 * 5 / math.sqrt(n)
    return found, found - half, found + half


def test_the_users_line() -> None:
    result = hp.plan.simulate(
        lambda n: hp.plan.multiplier_study(n, benchmark=4_900, share=0.31),
        n=[100, 200, 400, 800],
        relative_precision=0.2,
        truth=4_900 / 0.31,
        replicates=60,
        method="percentile",
    )
    table = result.summary()
    # Widths as the closed form expects them.
    for n in result.n:
        plan = hp.plan.multiplier(BENCHMARK, SHARE, n=n, method="percentile")
        assert table.loc[n, "relative"] == pytest.approx(plan.relative_precision, rel=0.06)
    assert (table["coverage"] > 0.95 - 4 * math.sqrt(0.95 * 0.05 / 60)).all()
    assert list(table["met"].iloc[[0, -1]]) == [0, 1]
    assert result.needed() == 400
    axes = result.plot()
    assert len(axes.figure.axes) == 2
    assert "as precise as asked" in axes.figure.axes[1].get_legend_handles_labels()[1]


@pytest.mark.parametrize("design_effect", [1, 2])
def test_the_chance_of_precision_as_the_closed_form_says(design_effect: float) -> None:
    plan = hp.plan.multiplier(
        BENCHMARK, SHARE, relative_precision=0.2, method="percentile", design_effect=design_effect, assurance=0.8
    )

    def simulated(n: int) -> Estimate:
        return hp.plan.multiplier_study(
            n, benchmark=BENCHMARK, share=SHARE, design_effect=design_effect, cluster_size=5, replicates=400
        )

    result = hp.plan.simulate(simulated, plan.n, relative_precision=0.2, replicates=120)
    # Four standard errors are 0.15; 400 redraws know the width of an interval to about 4%, which blurs the chance.
    assert result.met[0] == pytest.approx(0.8, abs=0.15 + 0.05)


def test_clusters_have_their_design_effect() -> None:
    shares = [
        hp.plan.multiplier_study(
            400, benchmark=BENCHMARK, share=SHARE, design_effect=3, replicates=2, rng=np.random.default_rng(seed)
        ).point
        for seed in range(100)
    ]
    variance = np.var(BENCHMARK / np.array(shares))
    # A variance of 100: its relative standard error is sqrt(2 / 100) = 0.14.
    assert variance / (SHARE * (1 - SHARE) / 400) == pytest.approx(3, rel=0.5)


def test_intervals_of_a_normal_mean() -> None:
    # Closed form: half width 1.96 x 5 / sqrt(n), always; coverage 95%.
    result = hp.plan.simulate(normal, [25, 100], precision=1, truth=10, replicates=2_000)
    table = result.summary()
    assert table["half_width"].to_numpy() == pytest.approx([1.96, 0.98])
    assert list(table["met"]) == [0, 1]
    assert table["coverage"].to_numpy() == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 2_000))
    assert result.estimates.std(axis=1) == pytest.approx([1, 0.5], rel=0.07)
    assert result.needed(0.5) == 100
    result.plot()


def test_how_a_function_takes_its_randomness() -> None:
    def keyword(n, *, rng):
        return normal(n, rng)

    def alone(n):
        return normal(n, hp.plan.rng())

    def optional(n, scale=2):
        return normal(n, hp.plan.rng())

    first = hp.plan.simulate(normal, 50, replicates=5)
    for function in (keyword, alone, optional):
        assert (hp.plan.simulate(function, 50, replicates=5).estimates == first.estimates).all()
    # Studies differ, other seeds and other sizes are other studies, and the first of more are the same.
    assert len(np.unique(first.estimates)) == 5
    assert (hp.plan.simulate(normal, 50, replicates=5, seed=1).estimates != first.estimates).all()
    assert (hp.plan.simulate(normal, [20, 50], replicates=9).estimates[1, :5] == first.estimates).all()
    with pytest.raises(InputError, match="No simulated study is under way"):
        hp.plan.rng()
    with pytest.warns(HiddenpopWarning, match="can't be repeated"):
        hp.plan.simulate(lambda n: (1, 0, 2), 50, replicates=2)


def test_the_same_digits_on_any_worker() -> None:
    here = hp.plan.simulate(study, [60, 120], replicates=12)
    with ThreadPoolExecutor(3) as threads, hp.settings(executor=threads):
        there = hp.plan.simulate(study, [60, 120], replicates=12)
    assert (here.upper == there.upper).all()
    with (
        ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool,
        hp.settings(executor=pool),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("error")
        elsewhere = hp.plan.simulate(study, [60, 120], replicates=12)
    assert (here.upper == elsewhere.upper).all()


def test_settings_come_back() -> None:
    def checks(n, rng):
        assert hp.settings().__repr__().count("executor=None") == 1
        return normal(n, rng)

    with ThreadPoolExecutor(2) as threads, hp.settings(executor=threads, threads=1):
        before = repr(hp.settings())
        filters = list(warnings.filters)
        hp.plan.simulate(checks, 50, replicates=20)
        assert repr(hp.settings()) == before
        with pytest.raises(InputError, match="The function failed in study"):
            hp.plan.simulate(lambda n, rng: 1 / 0, 50, replicates=20)
        assert repr(hp.settings()) == before
        assert warnings.filters == filters
    assert threading.active_count() < 20


def test_failures_are_counted_and_said() -> None:
    # Nobody of 20 is in a register that holds 5%: a chance of 0.95^20 = 0.358.
    result = hp.plan.simulate(
        lambda n: hp.plan.multiplier_study(n, benchmark=100, share=0.05, replicates=50),
        [20, 400],
        relative_precision=0.9,
        truth=2_000,
        replicates=120,
        method="percentile",
    )
    table = result.summary()
    assert table.loc[20, "failed"] / 120 == pytest.approx(0.358, abs=4 * math.sqrt(0.358 * 0.642 / 120))
    assert table.loc[400, "failed"] == 0
    assert table.loc[20, "unbounded"] > 0
    assert math.isinf(table.loc[20, "half_width"])
    assert np.isnan(result.estimates[0]).sum() == table.loc[20, "failed"]
    # Failed and unbounded studies are not precise enough.
    assert table.loc[20, "met"] <= 1 - (table.loc[20, "failed"] + table.loc[20, "unbounded"]) / 120
    assert "Nobody in the sample is in the register" in repr(result)
    assert "had no estimate and count as not precise enough" in result.methods()
    assert "∞" in [text.get_text() for text in result.plot(kind="width").texts]

    def never(n, rng):
        rng.random()
        raise EstimationError("no answer.")

    with pytest.warns(HiddenpopWarning, match=r"No study with n=10 has an answer \(no answer\.\)"):
        empty = hp.plan.simulate(never, 10, relative_precision=0.2, truth=1, replicates=3)
    assert empty.summary()["met"].item() == 0
    assert math.isnan(empty.summary()["coverage"].item())
    empty.plot()


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (lambda n, rng: 1 / 0, r"failed in study 0 with n=50 \(ZeroDivisionError"),
        (lambda n, rng: 5, "returns int; it must return an Estimate"),
        (lambda n, rng: (1, 3, 2), "above the upper"),
        (lambda n, rng: hp.concat({"a": hp.beta(2, 3, name="a"), "b": hp.beta(3, 3, name="b")}), "pick one"),
        (lambda n, rng: hp.Survey({"x": []}), "Study 0 with n=50 can't be made"),
        ("study", "must be a function of n"),
    ],
)
def test_functions_that_give_no_answer(function, why: str) -> None:
    with pytest.raises(InputError, match=why):
        hp.plan.simulate(function, 50, replicates=2)


def test_what_is_refused() -> None:
    for arguments, why in [
        ({"n": [50, 50]}, "holds a value twice"),
        ({"n": []}, "n is empty"),
        ({"n": 0}, "whole number of at least 1"),
        ({"n": 50, "relative_precision": 0.2, "precision": 3}, "not both"),
        ({"n": 50, "precision": 0}, "above zero"),
        ({"n": 50, "replicates": 1}, "replicates=1"),
    ]:
        with pytest.raises(InputError, match=why):
            hp.plan.simulate(normal, **arguments)
    found = hp.plan.simulate(normal, [20, 30], relative_precision=0.01, replicates=3)
    with pytest.raises(EstimationError, match="with n=30, the most simulated, only 0%"):
        found.needed()
    with pytest.raises(InputError, match="between 0 and 1"):
        found.needed(80)
    bare = hp.plan.simulate(normal, 20, replicates=3)
    for ask in (bare.needed, lambda: bare.plot(kind="chance")):
        with pytest.raises(InputError, match="Say which precision"):
            ask()
    with pytest.raises(InputError, match="between 1 and the cluster size"):
        hp.plan.multiplier_study(50, benchmark=100, share=0.3, design_effect=0.8, rng=np.random.default_rng(0))


def test_what_is_drawn_where() -> None:
    found = hp.plan.simulate(normal, [20, 30, 90], relative_precision=0.2, truth=10, replicates=30)
    _, axes = pyplot.subplots()
    assert found.plot(ax=axes) is axes
    assert len(axes.figure.axes) == 1
    assert found.plot(kind="chance").get_ylabel() == "share of studies"
    assert "<table" in found._repr_html_()
    assert found.methods().startswith("30 studies were simulated with each of n = 20, 30, 90 (seed 0); ")


def test_settings_of_who_asks_hold_on_workers() -> None:
    """A study's own surveys have the replicates of the block that simulates, wherever studies are made."""
    made = []

    def function(n: int, rng: np.random.Generator) -> hp.Estimate:
        survey = hp.Survey({"x": rng.integers(0, 2, n)})
        made.append((survey.replicates, survey.seed))
        return survey.proportion("x")

    with ThreadPoolExecutor(2) as threads, hp.settings(executor=threads, replicates=60, seed=4):
        hp.plan.simulate(function, n=[30], replicates=4)
    assert set(made) == {(60, 4)}
