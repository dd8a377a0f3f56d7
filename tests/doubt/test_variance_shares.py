"""Shares of variance: closed forms and scipy's Sobol indices."""

from __future__ import annotations

import math
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop.doubt.variance_shares import estimators
from hiddenpop.errors import EstimationError, HiddenpopWarning, InputError
from scipy import stats

from .. import facts


def test_products_of_lognormals_are_additive_on_the_log_scale() -> None:
    # Symmetric on the log scale (lower * upper = point^2), so log X_i is normal with s.d. log(upper) / 1.96.
    widths = {"a": 1.5, "b": 2.0, "c": 1.1}
    product: Any = 1
    for name, width in widths.items():
        product = hp.lognormal(1, 1 / width, width, name=name, replicates=40_000) * product
    variances = {name: math.log(width) ** 2 for name, width in widths.items()}
    found = hp.variance_shares(product, scale="log").summary()
    assert list(found.index) == ["b", "a", "c"]
    for name, variance in variances.items():
        share = variance / sum(variances.values())
        assert found.loc[name, "first"] == pytest.approx(share, abs=0.02)
        assert found.loc[name, "total"] == pytest.approx(share, abs=0.02)


def ishigami(x: Any, y: Any, z: Any) -> Any:
    return np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


def test_ishigami_in_closed_form() -> None:
    # Ishigami and Homma (1990) with a = 7, b = 0.1: the variance is V_x + V_y + V_xz.
    v_x, v_y, v_xz = (1 + 0.1 * math.pi**4 / 5) ** 2 / 2, 49 / 8, 0.01 * math.pi**8 * 8 / 225
    v = v_x + v_y + v_xz
    inputs = [hp.uniform(-math.pi, math.pi, name=name, replicates=65_536) for name in "xyz"]
    found = hp.variance_shares(hp.apply(ishigami, *inputs, name="ishigami")).summary().loc[list("xyz")]
    assert found["first"].to_numpy() == pytest.approx([v_x / v, v_y / v, 0], abs=0.02)
    assert found["total"].to_numpy() == pytest.approx([(v_x + v_xz) / v, v_y / v, v_xz / v], abs=0.02)


def test_estimators_are_those_of_scipy() -> None:
    rng = np.random.default_rng(1)
    a, b = (rng.uniform(-math.pi, math.pi, (3, 4_096)) for _ in range(2))
    mixed = np.stack([np.where(np.arange(3)[:, None] == i, b, a) for i in range(3)])
    f_a, f_b, f_ab = ishigami(*a), ishigami(*b), np.stack([ishigami(*one) for one in mixed])
    ours = [estimators(f_a, f_b, one) for one in f_ab]
    theirs = stats.sobol_indices(
        func={"f_A": f_a[None, :], "f_B": f_b[None, :], "f_AB": f_ab[:, None, :]}, n=4_096, method="saltelli_2010"
    )
    assert [one.first for one in ours] == pytest.approx(theirs.first_order.ravel(), rel=1e-10)
    assert [one.total for one in ours] == pytest.approx(theirs.total_order.ravel(), rel=1e-10)


def test_monte_carlo_intervals_cover() -> None:
    # 200 seeds of two normals with variances 9 and 1: 95% intervals hold the true share, 0.9, within chance (3 s.e.).
    both = hp.normal(0, 3, name="x", replicates=1_000) + hp.normal(0, 1, name="y", replicates=1_000)
    held = []
    for seed in range(200):
        row = hp.variance_shares(both.replay(seed=seed)).summary().loc["x"]
        held.append([row[f"{s}_lower"] <= 0.9 <= row[f"{s}_upper"] for s in ("first", "total")])
    assert np.mean(held, axis=0) == pytest.approx([0.95, 0.95], abs=0.046)


def test_a_survey_is_one_source(survey: hp.Survey) -> None:
    # Two statistics of one survey; delta method: log p has variance (1 - p) / (n p), log c that of beta(80, 20).
    treated = survey.proportion("in_treatment", by="group")
    people = hp.multiplier(facts.OPAAK_BENCHMARKS, treated) / hp.beta(80, 20, name="completeness")
    found = hp.variance_shares(people, replicates=20_000).summary()
    assert found.index.get_level_values("source").nunique() == 2
    beta = (0.2 / 0.8) / 101
    for label, p, n in (("opioids", 240 / 393, 393), ("crack only", 39 / 127, 127)):
        sampling = (1 - p) / (n * p)
        row = found.loc[(label, "the survey of 520 participants")]
        assert row["first"] == pytest.approx(sampling / (sampling + beta), abs=0.03)
    assert len(hp.variance_shares(people.sum("people")).summary()) == 2
    born = hp.variance_shares(people * survey.proportion("born", by="group")).summary()
    assert list(born.index.names) == ["group", "born", "source"]
    assert len(born) == 8


def test_shares_of_a_study_go_by_the_inputs_names(study: hp.Sensitivity) -> None:
    found = study.variance_shares(replicates=2_000)
    assert set(found.summary().index) == {"completeness", "odds", "the survey of 520 participants"}
    assert found.scale == "log"
    assert "odds" in repr(found)
    assert "Jansen" in found.methods()
    # Log-uniform on (0.5, 2): its logarithm has the variance (log 4)^2 / 12.
    odds = study.inputs[1].distribution()
    assert np.log(odds.draws).var() == pytest.approx(math.log(4) ** 2 / 12, rel=0.03)
    assert len(study.probabilistic(replicates=500).draws[0]) == 500
    assert study.probabilistic().name == "people"
    assert hp.read_estimate(study.probabilistic().to_json() or "").point == study.probabilistic().point


def test_an_input_from_the_same_survey_is_part_of_it(survey: hp.Survey, crack: hp.Estimate) -> None:
    # Size times share is the benchmark, whatever the redraw: all variance is the other input's, and the survey keeps its name.
    treated = survey.proportion("in_treatment", by="group")["crack only"]
    study = hp.sensitivity(lambda share, c: crack * share / c, share=treated, c=(0.5, 1))
    found = study.variance_shares().summary()
    assert list(found.index) == ["c", "the survey of 520 participants"]
    assert found["total"].to_numpy() == pytest.approx([1, 0], abs=0.03)


def test_lists_and_posteriors_are_sources() -> None:
    # On the log scale sources add up: each share is that of the variance of the source's own log draws.
    overlaps = hp.datasets.load("rome_hiv")["overlaps"]
    lists = hp.Lists(overlaps, ["c1", "c2", "c3", "c4"], counts="people")
    doubt = hp.lognormal(1, 1 / 1.2, 1.2, name="c")
    for size in (hp.sample_coverage(lists["c1", "c2", "c3"]), hp.decomposable_bma(lists)):
        found = hp.variance_shares(size * doubt, scale="log", replicates=40_000).summary()
        own = np.log(size.draws[0]).var()
        assert len(found) == 2
        assert found.drop("c")["first"].iloc[0] == pytest.approx(own / (own + (math.log(1.2) / 1.96) ** 2), abs=0.03)


def test_infinite_draws_are_left_out_and_said() -> None:
    def shares(yes: int, no: int) -> tuple[pd.DataFrame, int]:
        survey = hp.Survey({"yes": [1, 0], "count": [yes, no]}, counts="count")
        found = hp.variance_shares(hp.multiplier(100, survey.proportion("yes")) / hp.beta(80, 20, name="c"))
        return found.summary(), found.left_out

    # All of 30 redrawn from the 24 without: 0.8^30 = 0.12% of samples, twice as many pairs.
    with pytest.warns(HiddenpopWarning, match="left out"):
        table, left = shares(6, 24)
    assert left / 10_000 == pytest.approx(3 * 0.8**30, abs=0.003)
    assert table["first"].notna().all()
    with pytest.warns(HiddenpopWarning, match="too little to divide"):
        table, _ = shares(3, 27)  # 0.9^30 = 4%
    assert table["first"].isna().all()
    negative = hp.normal(0, 1, name="x") + hp.normal(0, 1, name="y")
    with pytest.warns(HiddenpopWarning, match="not positive on the log scale"):
        hp.variance_shares(negative, scale="log")


def test_noise_is_said(crack: hp.Estimate) -> None:
    with pytest.warns(HiddenpopWarning, match=r"uncertain by ±.*replicates=300"):
        hp.variance_shares(crack * hp.uniform(0.5, 1.5, name="x"), replicates=30, scale="log")


def test_nothing_to_divide(crack: hp.Estimate, survey: hp.Survey) -> None:
    for est, message in (
        (crack, "one source only"),
        (hp.beta(2, 3, name="c") > 0.5, "a comparison is 0 or 1"),
    ):
        with pytest.raises(InputError, match=f"(?i){message}"):
            hp.variance_shares(est)
    with pytest.raises(InputError, match="scale='sqrt'"):
        hp.variance_shares(crack * hp.beta(2, 3, name="c"), scale="sqrt")
    with pytest.raises(InputError, match="takes an Estimate"):
        hp.variance_shares(3)  # type: ignore[arg-type]


def test_surveys_without_draws(pairs: pd.DataFrame) -> None:
    table = pairs
    survey = hp.Survey(table, strata=table.columns[0], clusters=table.columns[1]).with_replicates("JKn")
    column = next(c for c in table.columns if table[c].dropna().isin([0, 1]).all())
    share = survey.proportion(column)
    study = hp.sensitivity(lambda c: hp.multiplier(100_000, share) / c, c=(0.5, 1))
    found = study.one_way(points=2)
    plain = hp.multiplier(100_000, share)
    assert found.loc[1, ["lower", "upper"]].to_numpy(float) == pytest.approx(plain.interval().to_numpy()[0])
    assert study.tipping_point(above=plain.point * 1.5)["tips_at"].to_numpy() == pytest.approx([2 / 3])
    for ask in (study.variance_shares, lambda: study.tipping_point(above=1, probability=0.5)):
        with pytest.raises(EstimationError, match="to_normal"):
            ask()
