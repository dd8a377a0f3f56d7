"""Tables, comparisons and tests of imputed answers: Rubin's rules in closed form."""

from __future__ import annotations

from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.expression.pooled import freedom
from scipy import stats

N, M = 240, 5


def tables() -> list[pd.DataFrame]:
    """Return five imputations of people in 24 clusters and two strata."""
    rng = np.random.default_rng(4)
    base = pd.DataFrame({"site": np.repeat(range(24), 10), "st": np.repeat(["p", "q"], 120), "w": rng.uniform(1, 3, N)})
    x, g, y = rng.normal(10, 2, N), rng.choice(["a", "b", "c"], N), rng.integers(0, 2, N)
    gap = rng.random(N) < 0.3
    places = np.flatnonzero(gap)
    made = []
    for m in range(M):
        draw = np.random.default_rng(m)
        made.append(
            base.assign(
                x=np.where(gap, draw.normal(10.5, 2, N), x),
                g=np.where(gap, draw.choice(["a", "b", "c"], N), g),
                y=np.where(gap, draw.integers(0, 2, N), y),
                h=np.where(g == "a", "u", "v"),
                k=np.where(np.arange(N) == places[m], "rare" if m < 2 else "odd", "often"),
            )
        )
    return made


DESIGNS: dict[str, dict[str, Any]] = {
    "simple": {},
    "strata": {"strata": "st"},
    "complex": {"strata": "st", "clusters": "site", "weights": "w"},
    "Bayesian": {"redraws": "bayesian"},
    "a design": {
        "design": hp.Survey(tables()[0], strata="st", clusters="site", weights="w", replicates=2).sample.design
    },
    "no draws": {"clusters": "site", "lonely": "adjust"},
    "replicate weights": {"weights": "w", "replicate_weights": [f"rw{i}" for i in range(12)], "method": "JK1"},
}


def imputed(design: str) -> hp.Imputed:
    """Return the imputations as a survey."""
    options, made = DESIGNS[design], tables()
    if "replicate_weights" in options:
        weights = {f"rw{i}": np.where(made[0]["site"] % 12 == i, 0, made[0]["w"] * 12 / 11) for i in range(12)}
        return hp.Imputed([table.assign(**weights) for table in made], **options)
    return hp.Imputed(made, replicates=100, **options)


def pooled(points: Any, variances: Any, complete: float) -> tuple[float, float, float]:
    """Return Rubin's mean and standard error, and Barnard and Rubin's degrees of freedom, from their formulas."""
    within, between = np.mean(variances), 1.2 * np.var(points, ddof=1)
    share = between / (within + between)
    observed = (complete + 1) / (complete + 3) * complete * (1 - share)
    df = 1 / (share**2 / (M - 1) + 1 / observed)
    return float(np.mean(points)), float(np.sqrt(within + between)), df


@pytest.mark.parametrize("design", DESIGNS)
def test_a_difference_is_pooled_by_rubin_s_rules(design: str) -> None:
    survey = imputed(design)
    each = [hp.compare(one, "x", "h") for one in survey.surveys]
    differences = [one.difference for one in each]
    complete = each[0].test().df[0]
    points = [one.point for one in differences]
    point, se, df = pooled(
        points, [(p / one.test().statistic) ** 2 for p, one in zip(points, each, strict=True)], complete
    )
    found = hp.compare(survey, "x", "h")
    assert found.difference.point == pytest.approx(point)
    test = found.test()
    assert (test.statistic, test.df[0]) == pytest.approx((point / se, df))
    assert test.p == pytest.approx(2 * stats.t.sf(abs(point / se), df))
    assert found.summary().loc["difference", "p"].iloc[0] == pytest.approx(test.p)
    assert "5 imputations pooled by Rubin's rules" in repr(test)
    assert "Rubin DB (1987)" in test.source
    # A table of two by two tests the same, by other means.
    cross = hp.crosstab(survey, "y", "h")
    p = {method: cross.test(method).p for method in ("F", "Chisq", "Wald", "adjWald", "lincom", "saddlepoint")}
    assert p["F"] == pytest.approx(p["lincom"], abs=0.05)
    assert p["F"] == pytest.approx(p["Wald"], abs=0.05)
    assert hp.compare(survey, "x", "g").test("wilcoxon").distribution == "F"


@pytest.mark.parametrize("design", DESIGNS)
def test_tables_of_imputations(design: str) -> None:
    survey = imputed(design)
    table = hp.describe(survey, ["x", "g", "y", "k"], by="h", test=True, total=True)
    numbers = table.numbers.set_index(["variable", "level", "statistic", "group"])
    mean = survey.mean("x")
    row = numbers.loc[("x", "", "mean", "all")]
    assert row["estimate"] == pytest.approx(mean.point)
    assert row[["lower", "upper"]].tolist() == pytest.approx(mean.interval().iloc[0].tolist())
    each = [one.proportion("k", by="h").point for one in survey.surveys]
    for group in "uv":
        for level in ("often", "rare", "odd"):  # nobody has rare in three of the imputations, and odd in two
            share = np.mean([one.get((group, level), 0.0) for one in each])
            assert numbers.loc[("k", level, "share", group), "estimate"] == pytest.approx(share, abs=1e-12)
    sds = [hp.describe(one, ["x"]).numbers.set_index("statistic").loc["sd", "estimate"] for one in survey.surveys]
    assert numbers.loc[("x", "", "sd", "all"), "estimate"] == pytest.approx(np.mean(sds))
    assert numbers.loc[("x", "", "mean", "u"), "p"] == pytest.approx(hp.compare(survey, "x", "h").test().p)
    assert numbers.loc[("g", "a", "share", "u"), "p"] == pytest.approx(hp.crosstab(survey, "g", "h").test().p)
    assert "Numbers of participants are means of 5 imputations; all else is pooled by Rubin's rules." in table.notes
    shares = hp.crosstab(survey, "g", "y").shares()
    point = np.mean(
        [hp.crosstab(one, "g", "y").shares().point.reindex(shares.labels) for one in survey.surveys], axis=0
    )
    np.testing.assert_allclose(shares.point, point)
    assert hp.multiselect(survey, columns=["y"]).point["y"] == pytest.approx(survey.proportion("y").point)


def test_answers_that_were_not_imputed_are_those_of_one_table() -> None:
    frames = [tables()[0]] * M
    one, several = (
        hp.Survey(frames[0], clusters="site", replicates=50),
        hp.Imputed(frames, clusters="site", replicates=50),
    )
    alone, found = hp.crosstab(one, "g", "y"), hp.crosstab(several, "g", "y")
    assert found.test("Chisq").p == pytest.approx(alone.test("Chisq").p)
    assert found.test().statistic == pytest.approx(alone.test().statistic)
    np.testing.assert_allclose(found.shares().se("linearized"), alone.shares().se("linearized"))
    assert hp.compare(several, "x", "g").test().statistic == pytest.approx(hp.compare(one, "x", "g").test().statistic)
    # Barnard and Rubin's (d + 1) / (d + 3) d is all that is left of imputing.
    assert hp.compare(several, "x", "h").test().df[0] == pytest.approx(23 / 25 * 22)


def test_degrees_of_freedom_of_several_numbers() -> None:
    # Li, Raghunathan and Rubin (1991): 4 + (t - 4) (1 + (1 - 2 / t) / r)^2 with t = k (M - 1), by hand; of one number Rubin's.
    share, r = np.array([1 / 3]), 0.5
    infinite = np.array([np.inf])
    assert freedom(share, 5, infinite, 3)[0] == pytest.approx(4 + 8 * (1 + (1 - 2 / 12) / r) ** 2)
    assert freedom(share, 3, infinite, 2)[0] == pytest.approx(4 * (1 + 1 / 2) / 2 * (1 + 1 / r) ** 2)
    assert freedom(share, 5, infinite)[0] == pytest.approx(4 * (1 + 1 / r) ** 2)


def test_what_imputations_cant_show() -> None:
    survey = imputed("simple")
    for ask in (
        lambda: hp.describe(survey, ["x"], suppress_below=5),
        lambda: hp.crosstab(survey, "g", "y").table(suppress_below=5),
        lambda: hp.Report("t", suppress_below=5).add(hp.describe(survey, ["x"])),
        lambda: hp.Report("t", suppress_below=5).add(hp.crosstab(survey, "g", "y")),
    ):
        with pytest.raises(InputError, match="which imputed tables don't tell"):
            ask()
    with pytest.raises(InputError, match="Imputation 3 of 'mean of x' has other labels than the first"):
        hp.compare(survey, "x", "k")
    with pytest.raises(InputError, match="Imputation 3 has other groups of 'k'"):
        hp.describe(survey, ["x"], by="k")
    report = hp.Report("t").add(hp.describe(survey, ["x"]), hp.crosstab(survey, "g", "y"), hp.compare(survey, "x", "h"))
    assert "Rubin DB (1987)" in report.to_html()
