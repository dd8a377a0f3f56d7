"""Extrapolation: closed forms, hand arithmetic draw by draw, coverage of a known truth, and what is refused."""

from __future__ import annotations

import warnings

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop.errors import EstimationError, InputError
from hiddenpop.estimate.arithmetic import as_estimate
from hiddenpop.estimate.estimate import Estimate
from scipy import stats

NAMES = [f"area {i}" for i in range(12)]


def world(seed: int = 1, spread: float = 0.15, n: int = 12) -> tuple[pd.DataFrame, pd.Series]:
    """Make areas with two indicators, and the sizes that depend on the first; anchors span the range."""
    rng = np.random.default_rng(seed)
    people = rng.integers(100, 900, n) * 1000.0
    treated = people * 0.003 * np.exp(np.linspace(-0.6, 0.6, n)[np.argsort(np.argsort([i % 2 for i in range(n)]))])
    deaths = people * 1e-4 * rng.lognormal(0, 0.3, n)
    frame = pd.DataFrame(
        {"population": people, "treated": treated, "deaths": deaths}, index=[f"area {i}" for i in range(n)]
    )
    log_rate = np.log(0.008) + 0.8 * (np.log(treated / people) - np.log(0.003)) + rng.normal(0, spread, n)
    return frame, pd.Series(people * np.exp(log_rate), index=frame.index)


def published(
    truth: pd.Series, areas: list[str], error: float = 0.1, seed: int | None = None
) -> dict[str, hp.Estimate]:
    """Make log-normal estimates of some areas, off by their own error where a seed is given."""
    off = np.zeros(len(areas)) if seed is None else np.random.default_rng(seed).normal(0, error, len(areas))
    wide = np.exp(1.959964 * error)
    return {
        area: hp.lognormal(size := float(truth[area] * np.exp(e)), size / wide, size * wide, name=area)
        for area, e in zip(areas, off, strict=True)
    }


def quiet(*args: object, **options: object) -> hp.Extrapolation:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", hp.HiddenpopWarning)
        return hp.extrapolate(*args, **options)  # type: ignore[arg-type]


ANCHORS = [f"area {i}" for i in (0, 2, 4, 5, 7, 9, 11)]


def test_known_anchors_give_students_prediction_interval() -> None:
    frame, truth = world()
    with hp.settings(replicates=100_000):
        found = quiet(Estimate.wrap(as_estimate(truth[ANCHORS])), frame[["population", "treated"]])
        drawn = np.log(found.predicted.draws)
    z = np.log(frame["treated"] / frame["population"])
    y = np.log(truth[ANCHORS] / frame.loc[ANCHORS, "population"])
    fit = stats.linregress(z[ANCHORS], y)
    for row, area in enumerate(found.predicted.labels):
        middle = fit.intercept + fit.slope * z[area] + np.log(frame.loc[area, "population"])
        off = y - fit.intercept - fit.slope * z[ANCHORS]
        s = np.sqrt((off**2).sum() / 5)
        h = 1 / 7 + (z[area] - z[ANCHORS].mean()) ** 2 / ((z[ANCHORS] - z[ANCHORS].mean()) ** 2).sum()
        reach = stats.t.ppf([0.025, 0.25, 0.75, 0.975], 5) * s * np.sqrt(1 + h)
        # The Monte Carlo error of a 2.5% quantile of 100,000 draws is about 1% of the reach.
        assert np.quantile(drawn[row], [0.025, 0.25, 0.75, 0.975]) - middle == pytest.approx(
            reach, abs=0.03 * reach[-1]
        )
        assert found.predicted.point[area] == pytest.approx(np.exp(middle + s**2 / 2))


def test_without_differences_between_areas_only_the_anchors_move() -> None:
    frame, truth = world()
    sizes = published(truth, ANCHORS)
    found = quiet(sizes, frame[["population", "treated"]], between=0)
    z = np.log(frame["treated"] / frame["population"]).to_numpy()
    design = np.column_stack([np.ones(12), z])
    inside = [NAMES.index(a) for a in ANCHORS]
    out = [i for i in range(12) if i not in inside]
    people = frame["population"].to_numpy()
    logs = np.log(hp.concat(sizes).draws) - np.log(people[inside])[:, None]
    expected = np.exp(design[out] @ np.linalg.lstsq(design[inside], logs, rcond=None)[0]) * people[out][:, None]
    assert np.allclose(found.predicted.draws, expected)
    assert np.allclose(found.total.draws[0], expected.sum(axis=0) + hp.concat(sizes).draws.sum(axis=0))


def test_ratio_by_hand() -> None:
    frame, truth = world()
    sizes = hp.concat(published(truth, ANCHORS[:4]), name="sizes")
    table = frame[["population", "treated"]]
    found = quiet(sizes, table, method="ratio")
    ratio = sizes.sum("all") / float(table.loc[ANCHORS[:4], "treated"].sum())
    assert found.total.point == pytest.approx(
        sizes.sum("s").point + ratio.point * table["treated"].drop(ANCHORS[:4]).sum()
    )
    fixed = quiet(sizes, table, method="ratio", between=0)
    assert np.allclose(fixed.predicted["area 1"].draws, ratio.draws * table.loc["area 1", "treated"])
    assert found.coefficients().loc["treated", "estimate"] == pytest.approx(ratio.point)
    # One city alone goes with a given spread: log N0 varies by sqrt(2) of it, and by the city's own error.
    alone = quiet({"area 0": sizes["area 0"]}, table, method="ratio", between=0.2)
    spread = np.log(alone.predicted["area 3"].draws).std()
    assert spread == pytest.approx(np.sqrt(2 * 0.2**2 + 0.1**2), rel=0.02)


def test_synthetic_by_hand() -> None:
    groups = {"young": 0.02, "old": 0.01}
    rows = [(a, g, 1000.0 * (i + 1 + 3 * (g == "old"))) for i, a in enumerate("ABCDE") for g in groups]
    table = pd.DataFrame(rows, columns=["area", "group", "population"]).set_index(["area", "group"])
    sizes = {
        a: hp.concat(
            {
                g: hp.lognormal(n := r * table.loc[(a, g), "population"], 0.8 * n, 1.25 * n, name=a + g)
                for g, r in groups.items()
            }
        )
        for a in "ABC"
    }
    found = hp.extrapolate(sizes, table, method="synthetic", between=0, target=["D", "E"])
    for area in "DE":
        # Rates are sums over cities; all were made from 0.02 and 0.01.
        expected = sum(
            sum(sizes[c][g].draws[0] for c in "ABC")
            / sum(table.loc[(c, g), "population"] for c in "ABC")
            * table.loc[(area, g), "population"]
            for g in groups
        )
        assert np.allclose(found.estimate[area].draws[0], expected)
        assert found.estimate[area].point == pytest.approx(
            sum(groups[g] * table.loc[(area, g), "population"] for g in groups)
        )
    assert found.coefficients()["estimate"].to_dict() == pytest.approx(groups)
    assert found.areas.labels.to_list() == list("ABCDE")
    spread = hp.extrapolate(sizes, table, method="synthetic", between=0.3).areas["D"]
    assert np.log(spread.draws).std() > 0.3


def test_principal_component_of_two_indicators() -> None:
    # Of two standardised variables with correlation r > 0: loadings 1/sqrt(2), share (1 + r) / 2.
    frame, truth = world()
    frame["treated_too"] = frame["treated"] * np.random.default_rng(0).lognormal(0, 0.3, 12)
    table = frame[["population", "treated", "treated_too"]]
    found = quiet(published(truth, ANCHORS), table, method="mim_pca")
    logs = np.log(table[["treated", "treated_too"]].div(table["population"], axis=0))
    r = logs.corr().iloc[0, 1]
    assert found.loadings.to_numpy() == pytest.approx([0.5**0.5] * 2)
    assert found.plan.terms[1] == f"the first principal component ({(1 + r) / 2:.0%} of variance)"


def test_fay_herriot_draws_have_the_predictions_mean_squared_error() -> None:
    # Given the variance A, the error of a BLUP has variance g1 + g2 (Rao and Molina 2015, eq. 6.1.14).
    frame, truth = world(spread=0.2)
    with hp.settings(replicates=40_000):
        sizes = published(truth, ANCHORS, error=0.15)
        found = quiet(sizes, frame[["population", "treated"]], method="fay_herriot", between=0.2)
    model = found.model.areas
    total = 0.2**2 + model.sampling
    gamma = 0.2**2 / total
    covariance = np.linalg.inv((model.design.T / total) @ model.design)
    expected = gamma * model.sampling + (1 - gamma) ** 2 * np.einsum(
        "ip,pq,iq->i", model.design, covariance, model.design
    )
    drawn = np.log(found.areas[ANCHORS].draws)
    assert drawn.var(axis=1) == pytest.approx(expected, rel=0.03)
    people = frame.loc[ANCHORS, "population"].to_numpy()
    assert drawn.mean(axis=1) - np.log(people) == pytest.approx(model.eblup(0.2**2), abs=0.004)
    table = found.summary()
    assert table.loc[ANCHORS, "shrinkage"].to_numpy() == pytest.approx(gamma)
    assert (table["method"] == "own estimate and model").sum() == len(ANCHORS)


def test_zero_variance_is_said_and_still_allowed_for() -> None:
    frame, truth = world(spread=0.0)
    sizes = published(truth, ANCHORS, error=0.3)
    with pytest.warns(hp.HiddenpopWarning, match="estimated as zero"):
        found = hp.extrapolate(sizes, frame[["population", "treated"]], method="fay_herriot")
    assert found.between()["estimate"] == 0
    assert found.between()["upper"] > 0.1
    adjusted = quiet(sizes, frame[["population", "treated"]], method="fay_herriot", variance="adjusted")
    assert adjusted.between()["estimate"] > 0.05


def test_areas_add_up_and_targets_are_found() -> None:
    frame, truth = world()
    sizes = published(truth, ANCHORS)
    found = quiet(sizes, frame[["population", "treated"]], target="areas")
    assert found.areas.labels.to_list() == NAMES
    assert np.allclose(found.areas.draws.sum(axis=0), found.total.draws[0])
    assert found.total.point == pytest.approx(found.areas.point.sum())
    assert set(found.estimate.labels) == set(NAMES) - set(ANCHORS)
    assert found.areas["area 0"].point == pytest.approx(truth["area 0"])
    one = quiet(sizes, frame[["population", "treated"]], target="area 3").estimate
    assert np.array_equal(one.draws, found.estimate["area 3"].draws)
    both = quiet(sizes, frame[["population", "treated"]], target=["area 3", "area 0"]).estimate
    assert both.labels.to_list() == ["area 3", "area 0"]
    table = found.summary()
    assert table.loc["area 3", "rate"] == pytest.approx(
        found.areas.point["area 3"] / frame.loc["area 3", "population"] * 1000
    )


@pytest.mark.parametrize("method", ["mim_regression", "mim_pca", "fay_herriot", "ratio"])
def test_replays_and_files(method: str) -> None:
    frame, truth = world()
    sizes = published(truth, ANCHORS)
    table = frame[["population", "treated"]] if method == "ratio" else frame
    found = quiet(sizes, table, method=method)
    again = quiet(sizes, table, method=method)
    assert np.array_equal(found.total.draws, again.total.draws)
    saved = hp.read_estimate(found.total.to_json())
    assert np.array_equal(saved.draws, found.total.draws)
    assert saved.point == found.total.point
    # The first replicates stay the same, and so do points.
    longer = found.total.replay(replicates=12_000)
    assert longer.point == found.total.point
    assert np.array_equal(longer.draws[:, :10_000], found.total.draws)
    assert not np.array_equal(found.total.replay(seed=1).draws, found.total.draws)
    # A replaced anchor is one that was there from the start, but for the model's draws.
    more = hp.lognormal(9_000, 8_000, 10_125, name="another")
    replaced = found.total.replay(**{"area 0": more})
    assert replaced.point == pytest.approx(quiet(sizes | {"area 0": more}, table, method=method).total.point)
    assert "area 0" in found.methods()
    assert "Jeffreys" in found.methods()


def test_few_clusters_keep_the_error_of_the_model() -> None:
    # A t interval from derivatives forgets that areas differ, and by how much is uncertain.
    table = {
        "treated": [1, 0, 1, 0, 0, 1] * 20,
        "town": ["A", "B", "C", "D"] * 30,
        "place": [i // 6 for i in range(120)],
    }
    survey = hp.Survey(table, clusters="place", replicates=2_000)
    sizes = hp.multiplier(dict.fromkeys("ABCD", 400), survey.proportion("treated", by="town"))
    areas = pd.DataFrame(
        {"population": [50_000.0] * 6, "treated": [400, 420, 380, 410, 390, 400]}, index=list("ABCDEF")
    )
    total = quiet(sizes, areas, method="ratio").total
    np.testing.assert_array_equal(total.interval(), total.interval(method="percentile"))
    with pytest.raises(EstimationError, match="no linearised standard error"):
        total.interval(method="t")


def test_leaving_one_out() -> None:
    frame, truth = world()
    truth["area 4"] *= 3  # does not follow its indicators
    sizes = published(truth, ANCHORS)
    table = frame[["population", "treated"]]
    found = quiet(sizes, table)
    checked = found.leave_one_out()
    without = {a: est for a, est in sizes.items() if a != "area 4"}
    by_hand = quiet(without, table).areas["area 4"]
    assert checked.loc["area 4", "predicted"] == pytest.approx(by_hand.point)
    assert checked.loc["area 4", "ratio"] == pytest.approx(by_hand.point / truth["area 4"])
    assert not checked.loc["area 4", "agrees"]
    assert checked["agrees"].sum() == len(ANCHORS) - 1
    few = quiet({a: sizes[a] for a in ANCHORS[:4]}, table)
    with pytest.raises(InputError, match="No area can be left out of 4"):
        few.leave_one_out()


def test_anchors_from_one_survey_stay_joint() -> None:
    # Register counts over shares of one clustered survey, by city: t intervals and draws agree on the error.
    rng = np.random.default_rng(2)
    frame, _ = world()
    cities = NAMES[:6]
    rows = pd.DataFrame({"city": np.repeat(cities, 90), "venue": np.repeat(np.arange(54), 10)})
    rows["treated"] = rng.random(len(rows)) < 0.4
    survey = hp.Survey(rows, clusters="venue", strata="city")
    shares = survey.proportion("treated", by="city")
    sizes = hp.multiplier({c: float(frame.loc[c, "treated"]) for c in cities}, shares)
    found = quiet(sizes, frame[["population", "treated"]], method="ratio", between=0.1)
    assert found.total.se("linearized") == pytest.approx(found.total.se("draws"), rel=0.1)
    assert "multiplier" in found.methods()


@pytest.mark.parametrize("method", ["mim_regression", "fay_herriot", "ratio"])
def test_intervals_hold_the_truth(method: str) -> None:
    # Simulated nations with known sizes: eight studied areas of fourteen. Bounds are three standard errors below 95%, where
    # those of 180 areas count as 86, as areas of one nation share their model. Seeds are fixed. Without differences between
    # areas, intervals hold a third of them: docs/validation_extrapolate.md, which has 400 nations of each kind.
    inside, tried, totals = 0, 0, 0
    slope = 1.0 if method == "ratio" else 0.8
    for seed in range(30):
        rng = np.random.default_rng(1000 + seed)
        people = rng.integers(100, 900, 14) * 1000.0
        rate = 0.003 * rng.lognormal(0, 0.4, 14)
        truth = people * 0.008 * (rate / 0.003) ** slope * rng.lognormal(0, 0.2, 14)
        names = [f"a{i}" for i in range(14)]
        frame = pd.DataFrame({"population": people, "treated": people * rate}, index=names)
        with hp.settings(replicates=1_000, seed=seed):
            sizes = published(pd.Series(truth, index=names), names[:8], error=0.15, seed=seed)
            found = quiet(sizes, frame, method=method)
            drawn, total = found.areas.draws[8:], found.total.draws[0]
        low, high = np.quantile(drawn, [0.025, 0.975], axis=1)
        inside += int(((low <= truth[8:]) & (truth[8:] <= high)).sum())
        tried += 6
        low, high = np.quantile(total, [0.025, 0.975])
        totals += low <= truth.sum() <= high
    assert 0.88 <= inside / tried <= 0.99
    assert totals / 30 >= 0.83


def bad(**changes: object) -> tuple[dict[str, hp.Estimate], pd.DataFrame, dict[str, object]]:
    frame, truth = world()
    sizes = published(truth, ANCHORS)
    options: dict[str, object] = {}
    for name, value in changes.items():
        if name == "frame":
            frame = value(frame)  # type: ignore[operator]
        elif name == "sizes":
            sizes = value(sizes)  # type: ignore[operator]
        else:
            options[name] = value
    return sizes, frame, options


def hole(frame: pd.DataFrame) -> pd.DataFrame:
    frame.loc[["area 3", "area 5"], "deaths"] = np.nan
    return frame


def zero(frame: pd.DataFrame) -> pd.DataFrame:
    frame.loc["area 6", "deaths"] = 0
    return frame


BAD = {
    "unknown area": ({"frame": lambda f: f.drop(index="area 4")}, "no row in indicators: 'area 4'"),
    "missing": ({"frame": hole}, "Indicators are missing: 'deaths' at 'area 3', 'area 5'"),
    "zero": ({"frame": zero}, "zero or negative at 'area 6', so it has no logarithm"),
    "no population": ({"population": "people"}, "no column 'people'"),
    "few": ({"sizes": lambda s: dict(list(s.items())[:4])}, "4 areas with an estimate are too few for 3 unknowns"),
    "one": ({"sizes": lambda s: {"area 0": 3.0}}, "hp.published"),
    "share": ({"sizes": lambda s: {"area 0": hp.beta(3, 4, name="x")}}, "is a share"),
    "method": ({"method": "guess"}, "must be one of 'mim_regression'"),
    "two for a ratio": ({"method": "ratio"}, "takes one indicator"),
    "target": ({"target": "area 33"}, "Did you mean 'area 3'"),
    "flat": ({"frame": lambda f: f.assign(deaths=f["population"])}, "'deaths' is the same in all areas"),
    "collinear": ({"frame": lambda f: f.assign(deaths=f["treated"] * 2)}, "determine one another"),
    "index": ({"frame": lambda f: f.reset_index()}, "the areas as its index"),
    "twice": ({"frame": lambda f: pd.concat([f, f.iloc[:1]])}, "more than once"),
    "transform": ({"transform": {"death": "rate"}}, "Did you mean 'deaths'"),
    "text": ({"frame": lambda f: f.assign(deaths="many")}, "does not hold numbers"),
    "between": ({"between": -1}, "standard deviation on the log scale"),
    "variance": ({"variance": "Bayes"}, "must be one of 'REML'"),
    "synthetic": ({"method": "synthetic"}, "by area and group"),
    "too many": (
        {"sizes": lambda s: s | {"area 2": hp.published(9e6, 8e6, 1e7, name="huge")}},
        "in people, not in thousands",
    ),
    "a result": ({"sizes": lambda s: {"area 0": quiet(*bad()[:2])}}, "Its estimate is .estimate."),
    "nothing left": ({"frame": lambda f: f.loc[ANCHORS]}, "nothing to extrapolate"),
    "name": ({"frame": lambda f: f.rename(index={"area 1": "nation"})}, "not clear; rename"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(name: str) -> None:
    changes, message = BAD[name]
    sizes, frame, options = bad(**changes)
    with pytest.raises(InputError, match=message):
        quiet(sizes, frame, **options)


def test_areas_in_a_column() -> None:
    sizes, frame, _ = bad()
    table = frame.rename_axis("area").reset_index()
    assert quiet(sizes, table).total.point == quiet(sizes, frame).total.point


def test_anchors_read_from_a_file() -> None:
    # Their survey stayed where it was; draws and history came along.
    rows = pd.DataFrame({"city": ["a"] * 90 + ["b"] * 90 + ["c"] * 90, "treated": [1, 0, 0] * 90})
    survey = hp.Survey(rows, strata="city", replicates=1_500)
    sizes = hp.multiplier({"a": 300, "b": 500, "c": 400}, survey.proportion("treated", by="city"))
    table = pd.DataFrame({"population": 1e5, "treated": [300, 500, 400, 700]}, index=list("abcd"))
    fresh = quiet(sizes, table, method="ratio", between=0.1)
    read = quiet(hp.read_estimate(sizes.to_json()), table, method="ratio", between=0.1)
    assert np.array_equal(fresh.total.draws, read.total.draws)


def test_few_degrees_of_freedom_are_noted() -> None:
    sizes, frame, _ = bad()
    few = quiet(dict(list(sizes.items())[:5]), frame)
    assert "2 degrees of freedom only" in few.methods()
    assert "degrees of freedom" not in quiet(sizes, frame).methods()


def test_other_refusals() -> None:
    sizes, frame, _ = bad()
    sizes["area 0"] = hp.normal(100, 80, name="wide")
    with pytest.raises(EstimationError, match=r"draws of the estimates of 'area 0' have no finite value"):
        quiet(sizes, frame)
    rows = pd.DataFrame({"x": [1, 0, 1, 1], "psu": [1, 2, 3, 4]})
    share = hp.Survey(rows, clusters="psu").with_replicates("JK1").proportion("x")
    with pytest.raises(InputError, match="to_normal"):
        quiet(sizes | {"area 0": hp.multiplier(300, share)}, frame)


def test_areas_beyond_the_anchors_are_listed() -> None:
    frame, truth = world()
    frame.loc["area 1", "deaths"] *= 30
    with pytest.warns(hp.HiddenpopWarning, match=r"beyond the range .*'deaths' at .*'area 1'"):
        found = hp.extrapolate(published(truth, ANCHORS), frame)
    assert "deaths" in found.summary().loc["area 1", "beyond"]
    assert (found.summary().loc[ANCHORS, "beyond"] == "").all()


def test_figures_and_words() -> None:
    frame, truth = world()
    found = quiet(published(truth, ANCHORS), frame[["population", "treated"]])
    axes = found.plot()
    assert len(axes.get_yticklabels()) == 12
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["the area's own estimate", "predicted"]
    axes = found.plot("check")
    assert {label.get_text() for label in axes.get_yticklabels()} == set(ANCHORS)
    with pytest.raises(InputError, match="areas, check"):
        found.plot("map")
    assert "7 of 12 areas" in repr(found)
    assert "between areas" in found._repr_html_()
    many, big = world(n=60)
    assert len(quiet(published(big, ANCHORS), many[["population", "treated"]]).plot().get_yticklabels()) == 40


def test_a_share_is_no_count() -> None:
    """Two cities in which one in a thousand is in treatment have hidden people as they have people, not alike."""
    frame, truth = world()
    known = published(truth, ANCHORS)
    shares = frame[["population"]].assign(treated=frame["treated"] / frame["population"])
    for options in (
        {"method": "ratio"},
        {"method": "mim_regression"},
        {"method": "mim_regression", "transform": "rate"},
    ):
        with pytest.raises(
            InputError, match=r"'treated' lies between 0 and 1 everywhere.*Multiply it by the population"
        ):
            hp.extrapolate(known, shares, **options)
    logs = quiet(known, shares, method="mim_regression", transform="log")
    counts = quiet(known, frame[["population", "treated"]], method="mim_regression")
    assert logs.total.point == pytest.approx(counts.total.point, rel=0.05)
    small = {area: est / 1e6 for area, est in known.items()}
    with pytest.raises(InputError, match="below one person each"):
        hp.extrapolate(small, frame, method="ratio")
    survey = hp.Survey({"guess": [900.5, 1100, 1000, 1500] * 8, "city": ["area 0", "area 2"] * 16}, replicates=20)
    with pytest.raises(InputError, match="a quantile of answers"):
        hp.extrapolate(survey.median("guess", by="city"), frame[["population", "treated"]], method="ratio")


def test_every_area_says_how_its_number_came_about() -> None:
    frame, truth = world()
    table = quiet(published(truth, ANCHORS), frame[["population", "treated"]], method="ratio").summary()
    assert (table.loc[ANCHORS, "method"] == "own estimate").all()
    assert (table.drop(index=ANCHORS)["method"] == "extrapolated").all()
    assert table["direct"].notna().equals(table["method"] == "own estimate")
