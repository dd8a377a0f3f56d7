"""Groups against each other: R's svyttest and svyby, other implementations of rank tests, and arithmetic by hand."""

import itertools

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.tables.ranks import population_ranks
from scipy import stats

from ..schools import DESIGNS, TESTS, schools


@pytest.mark.parametrize("design", DESIGNS)
def test_t_test_as_in_r(design: str) -> None:
    found = hp.compare(schools(design), "api00", by="awards", reference="No")
    expected = TESTS[design]["ttest"]
    assert found.difference.point == pytest.approx(expected["est"], rel=1e-9)
    test = found.test()
    assert test.statistic == pytest.approx(expected["t"], rel=1e-9)
    assert test.df == (expected["df"],)
    assert test.p == pytest.approx(expected["p"], rel=1e-6)
    assert found.summary()["p"].tolist() == pytest.approx([expected["p"]] * 2, rel=1e-6)
    # Wald's F of two groups is the square.
    assert found.test("F").statistic == pytest.approx(expected["t"] ** 2, rel=1e-9)
    by = TESTS[design]["by"]
    assert found.values.point.to_dict() == pytest.approx(by["est"], rel=1e-9)
    assert found.values[["No", "Yes"]].se("linearized").tolist() == pytest.approx(by["se"], rel=1e-9)


@pytest.fixture
def people() -> tuple[pd.DataFrame, hp.Survey]:
    """Return a simple sample of three groups."""
    rng = np.random.default_rng(5)
    g = rng.choice(["a", "b", "c"], 300)
    age = np.round(rng.normal(40, 8, 300) + 3 * (g == "b"))
    frame = pd.DataFrame({"g": g, "age": age, "yes": (rng.random(300) < 0.3 + 0.2 * (g == "c")).astype(float)})
    return frame, hp.Survey(frame, replicates=1_000)


def test_differences_ratios_and_odds_ratios(people: tuple[pd.DataFrame, hp.Survey]) -> None:
    frame, survey = people
    p = frame.groupby("g")["yes"].mean()
    found = hp.compare(survey, "yes", by="g")
    first_seen = list(dict.fromkeys(frame["g"]))
    assert list(found.difference.labels) == list(itertools.combinations(first_seen, 2))
    for one, other in found.difference.labels:
        a, b = p[one], p[other]
        assert found.difference.point[one, other] == pytest.approx(a - b)
        assert found.ratio.point[one, other] == pytest.approx(a / b)
        assert found.odds_ratio.point[one, other] == pytest.approx(a / (1 - a) / (b / (1 - b)))
    # The estimates are those of the survey's shares, so their draws are joint.
    share = survey.proportion("yes", by="g")
    one, other = found.ratio.labels[0]
    assert np.allclose(found.ratio.draws[0], (share[one] / share[other]).draws[0])
    # An odds ratio's t interval is made on the log scale: the delta method by hand.
    a, b, n = p[one], p[other], frame["g"].value_counts()
    error = np.sqrt(1 / (n[one] * a * (1 - a)) + 1 / (n[other] * b * (1 - b))) * np.sqrt(300 / 299)
    # Satterthwaite's degrees of freedom of two groups of people, each n - 1; no more than all of them together.
    parts = np.array([1 / (n[g] * p[g] * (1 - p[g])) for g in (one, other)])
    df = parts.sum() ** 2 / (parts**2 / np.array([n[one] - 1, n[other] - 1])).sum()
    t = stats.t.ppf(0.975, min(df, n[one] + n[other] - 1))
    ends = found.odds_ratio.interval(method="t").iloc[0]
    expected = np.exp(np.log(a / (1 - a) / (b / (1 - b))) + np.array([-1, 1]) * t * error)
    assert ends.to_numpy() == pytest.approx(expected, rel=1e-9)
    summary = found.summary()
    assert summary.loc["odds ratio", "p_corrected"].tolist() == pytest.approx(
        hp.correct(summary.loc["odds ratio", "p"]).tolist()
    )
    assert "odds ratio" in repr(found)


def test_categories_compare_level_by_level(interviews: pd.DataFrame) -> None:
    survey = hp.Survey(interviews, strata="group", replicates=500)
    found = hp.compare(survey, "born", by="group", reference="crack only")
    # Printed in the study's table 1: 35.6 and 52.8 per cent born outside the EU.
    assert found.difference.point["outside EU", "opioids", "crack only"] == pytest.approx(0.356 - 0.528, abs=0.001)
    assert found.test().p == hp.crosstab(survey, "born", "group").test().p
    assert len(found.summary()) == 9


def test_wald_f_of_three_groups_by_hand(people: tuple[pd.DataFrame, hp.Survey]) -> None:
    frame, survey = people
    by = frame.groupby("g")["age"]
    spread = (by.var(ddof=0) / by.size() * 300 / 299).to_numpy()
    mean = by.mean().to_numpy()
    contrast = np.array([[1, -1, 0], [1, 0, -1]])
    off = contrast @ mean
    f = off @ np.linalg.solve(contrast @ np.diag(spread) @ contrast.T, off) / 2
    found = hp.compare(survey, "age", by="g").test()
    assert found.statistic == pytest.approx(f, rel=1e-9)
    assert found.df == (2, 297)
    assert found.p == pytest.approx(stats.f.sf(f, 2, 297), rel=1e-9)


@pytest.mark.parametrize("scores", ["wilcoxon", "normal", "median"])
def test_ranks_of_people_who_answer_alike(scores: str) -> None:
    # Identical rows are drawn together, which an id prevents: the same people, so the same test.
    table = {"y": [1, 2, 3, 1] * 40, "g": ["u", "u", "v", "v"] * 40}
    alike, apart = hp.Survey(table, replicates=50), hp.Survey({**table, "id": range(160)}, replicates=50)
    assert alike.sample.row_unit is not None
    assert apart.sample.row_unit is None
    found, expected = (hp.compare(s, "y", by="g").test(scores) for s in (alike, apart))
    assert (found.statistic, found.df) == (pytest.approx(expected.statistic), expected.df)


def test_rank_tests_of_simple_samples(people: tuple[pd.DataFrame, hp.Survey]) -> None:
    frame, _ = people
    two = frame[frame["g"] != "c"].reset_index(drop=True)
    survey = hp.Survey(two)
    assert np.allclose(population_ranks(survey.sample, "age", "g"), (stats.rankdata(two["age"]) - 0.5) / len(two))
    a, b = (two.loc[two["g"] == g, "age"] for g in "ab")
    found = hp.compare(survey, "age", by="g").test("wilcoxon")
    # As large as scipy's Mann-Whitney test, but for the variance: by group here, under the hypothesis there.
    assert found.p == pytest.approx(
        stats.mannwhitneyu(a, b, use_continuity=False, method="asymptotic").pvalue, rel=0.15
    )
    ranks = stats.rankdata(two["age"]) / len(two)
    one, other = (pd.Series(ranks)[two["g"] == g] for g in "ab")
    n = len(two)
    error = np.sqrt((one.var(ddof=0) / len(one) + other.var(ddof=0) / len(other)) * n / (n - 1))
    assert abs(found.statistic) == pytest.approx(abs(one.mean() - other.mean()) / error, rel=1e-9)
    whole = hp.compare(hp.Survey(frame), "age", by="g")
    assert whole.test("wilcoxon").method == "design-based Kruskal-Wallis rank test"
    # A rank test is the test of means of the scores (Lumley and Scott 2013); ranks are scipy's.
    place = (stats.rankdata(frame["age"]) - 0.5) / len(frame)
    scores = {
        "wilcoxon": place,
        "normal": stats.norm.ppf(place),
        "median": np.where(place > 0.5, 2.5, 0.5),  # 0 and 1 would be a share, which has another test
    }
    for kind, score in scores.items():
        means = hp.compare(hp.Survey(frame.assign(score=score)), "score", by="g").test()
        assert whole.test(kind).statistic == pytest.approx(means.statistic, rel=1e-9), kind
        assert whole.test(kind).p == pytest.approx(means.p, rel=1e-9), kind


def test_weights_count_in_ranks() -> None:
    # A weight of two is the same as two people of that value.
    frame = pd.DataFrame({"x": [1.0, 2, 2, 4, 5, 7], "g": list("ababab"), "w": [2, 1, 3, 1, 1, 2]})
    survey = hp.Survey(frame, weights="w")
    whole = np.repeat(frame["x"], frame["w"])
    expected = [((whole < x).mean() + (whole <= x).mean()) / 2 for x in frame["x"]]
    assert population_ranks(survey.sample, "x", "g").tolist() == pytest.approx(expected)


def test_rank_test_holds_its_level() -> None:
    # No difference, clusters that are alike inside: 5% of tests find one. Binomial error at 150 runs is 1.8 points.
    found = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        site = np.repeat(np.arange(40), 10)
        x = np.exp(rng.normal(size=40)[site] + rng.normal(size=400))
        frame = pd.DataFrame({"x": x, "site": site, "g": np.where(site % 2, "a", "b")})
        survey = hp.Survey(frame, clusters="site", replicates=10)
        found += hp.compare(survey, "x", by="g").test("wilcoxon").p < 0.05
    assert 0.005 < found / 150 < 0.11


def test_replicate_weights_compare_by_replicates(agency: pd.DataFrame) -> None:
    names = [name for name in agency if str(name).startswith("rw")]
    survey = hp.Survey(agency, weights="w", replicate_weights=names, method="BRR")
    groups = sorted(agency["g"].unique())[:2]
    frame = agency[agency["g"].isin(groups)]
    found = hp.compare(survey, "y", by="g", reference=groups[0])

    def gap(w: pd.Series) -> float:
        means = [np.average(frame.loc[frame["g"] == g, "y"], weights=w[frame["g"] == g]) for g in groups]
        return float(means[1] - means[0])

    point = gap(frame["w"])
    error = np.sqrt(np.mean([(gap(frame[name]) - point) ** 2 for name in names]))
    difference = found.difference
    where = 0 if difference.scalar else list(difference.labels).index((groups[1], groups[0]))
    assert np.atleast_1d(difference.se("replicates"))[where] == pytest.approx(error, rel=1e-9)
    t = point / error
    df = survey.record.df - (len(found.groups) - 1)
    assert found.summary().loc["difference", "p"].iloc[where] == pytest.approx(2 * stats.t.sf(abs(t), df), rel=1e-9)


def test_what_cant_be_compared(people: tuple[pd.DataFrame, hp.Survey]) -> None:
    frame, survey = people
    with pytest.raises(InputError, match="one group only"):
        hp.compare(survey.assign(one="x"), "age", by="one")
    with pytest.raises(InputError, match="no group 'z'"):
        hp.compare(survey, "age", by="g", reference="z")
    with pytest.raises(InputError, match="with itself"):
        hp.compare(survey, "g", by="g")
    with pytest.raises(InputError, match="no answers in group 'c'"):
        hp.compare(survey.assign(age=frame["age"].where(frame["g"] != "c")), "age", by="g")
    with pytest.raises(InputError, match="no odds"):
        _ = hp.compare(survey, "age", by="g").odds_ratio
    with pytest.raises(InputError, match="t test compares two groups"):
        hp.compare(survey, "age", by="g").test("t")
    with pytest.raises(InputError, match="no test of 'age'"):
        hp.compare(survey, "age", by="g").test("Chisq")
    with pytest.raises(InputError, match="no numbers to rank"):
        hp.compare(survey, "yes", by="g").test("wilcoxon")
    with pytest.raises(InputError, match="correction='all'"):
        hp.compare(survey, "age", by="g", correction="all")
    two = pd.DataFrame({"x": [1.0, 2, 3, 4], "g": list("abab"), "city": [1, 1, 2, 2]})
    with pytest.raises(InputError, match="no degrees of freedom"):
        hp.compare(hp.Survey(two, clusters="city"), "x", by="g").test()
