"""Smooth trends: against statsmodels' local level model, closed forms, and coverage of a known truth."""

from __future__ import annotations

import datetime

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop.errors import EstimationError, InputError
from hiddenpop.sources.noise import normals
from hiddenpop.trends.smooth import Walk
from scipy import stats

from .. import facts

LEVEL = facts.printed("local_level")
Z = stats.norm.ppf(0.975)


def studies(sizes: dict[int, float], error: float) -> dict[int, hp.Estimate]:
    wide = np.exp(Z * error)
    return {year: hp.lognormal(n, n / wide, n * wide, name=f"study {year}") for year, n in sizes.items()}


def walk(years: list[int], **options: float) -> Walk:
    """Make the walk through the studies that statsmodels smoothed, with their errors' variance exactly known."""
    sizes = {int(year): n for year, n in LEVEL["studies"].items()}
    args = hp.concat(studies(sizes, np.sqrt(LEVEL["irregular"]))).node
    times = tuple(float(year) for year in sizes)
    asked = tuple(float(year) for year in years)
    names = ("step", *map(str, sorted({*times, *asked})))
    errors = normals(names, "test", 20_000, "model error")
    return Walk((args, errors), "log", times, asked, LEVEL["irregular"] * np.eye(len(sizes)), "size", **options)


def test_levels_are_those_of_statsmodels() -> None:
    found = walk(LEVEL["years"], step=np.sqrt(LEVEL["level"]))
    assert np.log(found.point) == pytest.approx(LEVEL["smoothed"], abs=1e-9)


def test_spread_is_that_of_statsmodels() -> None:
    found = walk(LEVEL["years"], step=np.sqrt(LEVEL["level"]))
    studied, errors = found.args
    with hp.settings(replicates=20_000):
        logs = hp.concat(studies({int(y): n for y, n in LEVEL["studies"].items()}, np.sqrt(LEVEL["irregular"])))
    drawn = np.log(found.block([logs.draws, errors.drawn(0, 20_000, 1)], 0, 20_000))
    assert len(studied.point) == 6
    # A variance of 20,000 draws is known to 1%.
    assert drawn.var(axis=1) == pytest.approx(LEVEL["smoothed_variance"], rel=0.04)
    assert drawn.mean(axis=1) == pytest.approx(LEVEL["smoothed"], abs=0.005)


def test_likelihood_is_the_exact_diffuse_one() -> None:
    component = walk([2010], prior=1.0).predictor.component
    variances = [float(v) for v in LEVEL["loglike"]]
    found = component.loglik(np.array(variances))
    expected = np.array(list(LEVEL["loglike"].values()))
    assert found - found[0] == pytest.approx(expected - expected[0], abs=1e-8)
    assert component.reml() == pytest.approx(LEVEL["level_ml"], rel=1e-4)


def test_two_studies_in_closed_form() -> None:
    # x(t1) and x(t2) have y1 ~ N(mu, a), y2 - y1 ~ N(0, h^2 T + a + b) with a level mu of any size. Then
    # x(t) = y1 + cov / var (y2 - y1), where for t = t1 + T / 2 cov = a + h^2 T / 2; the forecast adds h^2 of every year.
    a, b, h, years = 0.1**2, 0.15**2, 0.05, 10
    pair = {2010: hp.lognormal(1000, 1000 / np.exp(Z * 0.1), 1000 * np.exp(Z * 0.1), name="first")}
    pair |= {2020: hp.lognormal(2000, 2000 / np.exp(Z * 0.15), 2000 * np.exp(Z * 0.15), name="second")}
    found = hp.trend(pair).smooth(at=[2010, 2015, 2020, 2024], step=h).estimate
    total = h**2 * years + a + b
    shares = np.array([a, a + h**2 * 5, a + h**2 * 10, a + h**2 * 10]) / total
    # Errors' variances come from 4,000 draws, to 2%.
    assert np.log(found.point.to_numpy()) == pytest.approx(np.log(1000) + shares * np.log(2), abs=0.01)
    last = 1 / (1 / b + 1 / (a + h**2 * years))
    drawn = np.log(found.draws)
    assert drawn[2].var() == pytest.approx(last, rel=0.06)
    assert drawn[3].var() == pytest.approx(last + 4 * h**2, rel=0.06)


def test_limits_of_the_step() -> None:
    sizes = {2000: 1000.0, 2003: 1500.0, 2011: 900.0}
    trend = hp.trend(studies(sizes, 0.1))
    still = trend.smooth(step=1e-6).estimate
    # Without steps all studies have one level: with equal errors their geometric mean.
    assert still.point.to_numpy() == pytest.approx(np.exp(np.mean(np.log(list(sizes.values())))), rel=0.01)
    wild = trend.smooth(step=5).estimate
    assert wild.point.to_numpy() == pytest.approx(list(sizes.values()), rel=0.002)


def test_steps_estimated_and_given() -> None:
    sizes = {int(y): n for y, n in LEVEL["studies"].items()}
    trend = hp.trend(studies(sizes, 0.05))
    free, held, fixed = trend.smooth(), trend.smooth(prior=0.02), trend.smooth(step=0.04)
    assert free.step()["lower"] < free.step()["estimate"] < free.step()["upper"]
    assert held.step()["upper"] < free.step()["upper"]
    assert (fixed.step() == 0.04).all()
    assert "Jeffreys" in free.methods()
    assert "half-normal" in held.methods()
    assert "given (0.04)" in fixed.methods()
    assert "through 6 studies" in repr(free)
    assert "random walk" in free._repr_html_()


def test_summary_says_what_is_beyond() -> None:
    trend = hp.trend(studies({2010: 1000, 2014: 1200, 2020: 1300}, 0.1))
    table = trend.smooth(at=[2008, 2012, 2014, 2025], prior=0.1).summary()
    assert table["kind"].to_list() == ["beyond", "between", "study", "beyond"]
    assert table["study"].dropna().round().to_dict() == {2014: 1200}
    width = np.log(table["upper"] / table["lower"])
    assert width[2025] > width[2008] > width[2014]


def test_files_replays_and_other_times() -> None:
    trend = hp.trend(studies({2010: 1000, 2014: 1200, 2020: 1300}, 0.1))
    smooth = trend.smooth(at=[2012, 2025], prior=0.1)
    back = hp.read_estimate(smooth.estimate.to_json())
    assert np.array_equal(back.draws, smooth.estimate.draws)
    assert back.point.equals(smooth.estimate.point)
    assert smooth.estimate.replay(replicates=12_000).point.equals(smooth.estimate.point)
    assert smooth.at([2012]).point[2012] == pytest.approx(smooth.estimate.point[2012])
    other = hp.lognormal(2000, 1800, 2222, name="other")
    moved = smooth.estimate.replay(**{"study 2020": other})
    expected = hp.trend(studies({2010: 1000, 2014: 1200}, 0.1) | {2020: other}).smooth(at=[2012, 2025], prior=0.1)
    assert moved.point.to_numpy() == pytest.approx(expected.estimate.point.to_numpy())
    # Levels are estimates: their ratio has draws.
    assert 0 < hp.prob(smooth.estimate[2025] > smooth.estimate[2012]) < 1


def test_dates_and_shares() -> None:
    days = {datetime.date(2010, 1, 1): hp.beta(30, 70, name="a"), datetime.date(2015, 7, 2): hp.beta(40, 60, name="b")}
    smooth = hp.trend(days).smooth(at=[datetime.date(2012, 1, 1), pd.Timestamp(2030, 1, 1)], step=0.3)
    assert smooth.estimate.quantity == "share"
    assert ((smooth.estimate.draws > 0) & (smooth.estimate.draws < 1)).all()
    assert "logit" in repr(smooth)


def test_what_is_not_comparable_is_not_smoothed() -> None:
    trend = hp.trend(studies({2010: 1000, 2020: 1300}, 0.1), comparable=False, why="recruitment changed")
    with pytest.raises(InputError, match=r"A smooth line would state one.*comparable=True"):
        trend.smooth(step=0.05)
    smooth = trend.smooth(step=0.05, comparable=True)
    assert "recruitment changed" in repr(smooth)
    assert "recruitment changed" in smooth.methods()
    assert (smooth.summary()["caveat"] == smooth.caveat).all()
    assert "recruitment changed" in smooth.plot().get_title(loc="left").replace("\n", " ")


BAD = {
    "few": ({}, "2 studies tell too little"),
    "both": ({"step": 0.1, "prior": 0.1}, "not both"),
    "negative": ({"step": -0.1}, "between 0 and 10"),
    "text": ({"step": 0.1, "at": ["soon"]}, "'soon' is neither"),
    "twice": ({"step": 0.1, "at": [2015, 2015]}, "are the same"),
    "none": ({"step": 0.1, "at": []}, "no time"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_requests(name: str) -> None:
    options, message = BAD[name]
    with pytest.raises(InputError, match=message):
        hp.trend(studies({2010: 1000, 2020: 1300}, 0.1)).smooth(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("count", "options"), [(6, {}), (3, {"prior": 0.1})])
def test_intervals_hold_the_truth(count: int, options: dict[str, float]) -> None:
    # Simulated walks with steps of 6% a year (drawn from the prior where there is one), studied every four years; asked two
    # years after the last study and between the first two. Of 240 intervals with a coverage of 95% fewer than 91% hold
    # less than once in 50 times, more where both of a walk miss together.
    held = 0
    for seed in range(120):
        rng = np.random.default_rng(seed)
        step = abs(rng.normal(0, 0.1)) if options else 0.06
        level = np.log(5000) + np.cumsum(rng.normal(0, step, 4 * count))
        sizes = {2000 + 4 * i: float(np.exp(level[4 * i] + rng.normal(0, 0.08))) for i in range(count)}
        asked = [2002, 2000 + 4 * (count - 1) + 2]
        with hp.settings(replicates=1_000, seed=seed):
            drawn = hp.trend(studies(sizes, 0.08)).smooth(at=asked, **options).estimate.draws  # type: ignore[arg-type]
        low, high = np.quantile(drawn, [0.025, 0.975], axis=1)
        truth = np.exp(level[[year - 2000 for year in asked]])
        held += int(((low <= truth) & (truth <= high)).sum())
    assert 0.91 <= held / 240 <= 0.995


def test_figure() -> None:
    trend = hp.trend(studies({2010: 1000, 2014: 1200, 2020: 1300}, 0.1), name="people")
    axes = trend.smooth(at=[2025], prior=0.1).plot()
    assert axes.get_ylabel() == "people"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["smooth, 95% band", "studies, 95% intervals"]
    assert axes.get_xlim()[1] >= 2025


def test_variance_replicates_are_no_draws() -> None:
    rows = pd.DataFrame({"x": [1, 0, 1, 1], "psu": [1, 2, 3, 4]})
    share = hp.Survey(rows, clusters="psu").with_replicates("JK1").proportion("x")
    pair = {2010: hp.multiplier(300, share), 2020: hp.published(500, 400, 640, name="later")}
    with pytest.raises(EstimationError, match="to_normal"):
        hp.trend(pair).smooth(step=0.1)
    pair[2010] = pair[2010].to_normal()
    assert hp.trend(pair).smooth(step=0.1).estimate.point[2020] > 0
