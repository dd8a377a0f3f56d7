"""A design that the package has never heard of: everything uses its redraws or says no, nothing is a simple sample's number.

The design knows how to redraw (whole recruitment trees, with replacement) and refuses the rest. What is right is
therefore a function of its draws, which are those of a sample with trees for clusters but for the rescaling.
"""

import json
import pickle
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, InputError, _core
from hiddenpop.errors import Refusal
from hiddenpop.sample.design import Design, Drawn, Multiplicity, Words
from hiddenpop.sample.sampling import Sampling
from hiddenpop.uncertainty.interval_methods import METHODS

WHY = "Recruitment trees have no linearised variance."
UNLEFT = "Nobody can be left out of a recruitment tree."
CITED = "Somebody A (2020). Trees. Journal 1:1-2."


@dataclass(frozen=True)
class Trees:
    """Recruitment trees, redrawn whole."""

    tree: str
    #: Degrees of freedom, where somebody dares to state them.
    df: int | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.tree,)

    @property
    def hidden(self) -> dict[str, str]:
        return {}

    @property
    def fixed(self) -> tuple[str, ...]:
        return (self.tree,)

    @property
    def collapses(self) -> bool:
        return False

    @property
    def fingerprint(self) -> tuple[str, ...]:
        return ("trees", self.tree)

    def frequencies(self, frame: pd.DataFrame) -> Multiplicity:
        return np.ones(len(frame), dtype=np.uint64)

    def read(self, frame: pd.DataFrame, multiplicity: Multiplicity) -> Drawn:
        codes, names = pd.factorize(frame[self.tree])
        size = len(names)
        core = _core.Design.resample(np.zeros(size, dtype=np.uint32), np.ones(size, dtype=np.uint64))
        sampling = Sampling(
            core,
            np.ones(size),
            codes.astype(np.int64),
            None,
            even=False,
            drawn=size,
            linear=Refusal(WHY),
            deletable=Refusal(UNLEFT),
            again=None,
        )
        words = Words(len(frame), f"a sample of {len(frame)} participants in {size} trees", "redrawing trees", (CITED,))
        return Drawn(sampling, words, df=self.df, independent=False, weighted=False, replicates=None)


def table() -> pd.DataFrame:
    """Return 300 people in 20 trees whose members are alike."""
    rng = np.random.default_rng(1)
    tree = np.repeat(np.arange(20), 15)
    p = rng.beta(2, 3, 20)[tree]
    return pd.DataFrame(
        {
            "tree": tree,
            "x": (rng.random(300) < p).astype(int),
            "other": (rng.random(300) < 1 - p).astype(int),
            "y": rng.normal(size=300) + 3 * p,
            "g": np.where(rng.random(300) < p, "a", "b"),
            "age": rng.integers(18, 60, 300),
        }
    )


@pytest.fixture(scope="module")
def trees() -> hp.Survey:
    design: Design = Trees("tree")
    return hp.Survey(table(), design=design, replicates=500)


@pytest.fixture(scope="module")
def simple() -> hp.Survey:
    return hp.Survey(table(), replicates=500)


def test_its_draws_are_those_of_whole_trees(trees: hp.Survey, simple: hp.Survey) -> None:
    share = trees.proportion("x")
    weights = trees.to_replicate_weights().to_numpy()
    np.testing.assert_allclose(share.draws[0], weights.T @ table()["x"] / weights.sum(axis=0), rtol=1e-12)
    assert all(len(np.unique(weights[table()["tree"] == t], axis=0)) == 1 for t in range(20))
    assert share.se() == pytest.approx(share.draws.std(ddof=1), rel=1e-12)
    assert share.se() > 1.3 * simple.proportion("x").se()
    assert "20 trees" in repr(trees)
    assert "redrawing trees" in str(trees.design)


@pytest.mark.parametrize("method", METHODS)
def test_every_interval_is_of_draws_or_refused(trees: hp.Survey, simple: hp.Survey, method: str) -> None:
    for ask in (
        lambda s: s.proportion("x"),
        lambda s: s.mean("y", by="g"),
        lambda s: s.median("age"),
        lambda s: hp.multiplier(500, s.proportion("x")),
        lambda s: s.proportion("x", by="g").sum("s") * 2,
        lambda s: s.calibrate({"g": {"a": 0.5, "b": 0.5}}).proportion("x"),
    ):
        if method in ("percentile", "basic", "normal", "bc", "hdi", "mover"):
            ends = ask(trees).interval(method=method)
            assert np.all(ends["upper"] > ends["lower"])
            assert not np.allclose(ends, ask(simple).interval(method=method), rtol=1e-3)
        else:
            with pytest.raises((EstimationError, InputError)):
                ask(trees).interval(method=method)
    default = trees.proportion("x").interval()
    assert default.equals(trees.proportion("x").interval(method="percentile"))


REFUSED: dict[str, Callable[[hp.Survey], Any]] = {
    "linearised": lambda s: s.proportion("x").se("linearized"),
    "jackknife": lambda s: s.proportion("x").se("jackknife"),
    "design effect": lambda s: s.proportion("x").design_effect(),
    "normal draws": lambda s: s.proportion("x").to_normal(),
    "jackknife replicates": lambda s: s.with_replicates("JK1"),
    "balanced replicates": lambda s: s.with_replicates("BRR"),
    "successive differences": lambda s: s.with_replicates("SDR"),
    "random groups": lambda s: s.with_replicates("DAGJK"),
    "simultaneous t": lambda s: s.proportion("x", by="g").interval(method="t", simultaneous=True),
    "chi-squared": lambda s: hp.crosstab(s, "g", "x").test(),
    "lincom": lambda s: hp.crosstab(s, "g", "x").test("lincom"),
    "Wald": lambda s: hp.crosstab(s, "g", "x").test("Wald"),
    "compare shares": lambda s: hp.compare(s, "x", by="g").summary(),
    "compare means": lambda s: hp.compare(s, "y", by="g").summary(),
    "ranks": lambda s: hp.compare(s, "age", by="g").test("wilcoxon"),
    "degrees of freedom": lambda s: hp.regress(s, "y ~ g + age").df,
    "Wald of a term": lambda s: hp.regress(s, "y ~ g + age").test(),
    "methods of t": lambda s: s.proportion("x").methods(method="t"),
    "summary of t": lambda s: s.proportion("x", by="g").summary(method="t"),
    "calibrated t": lambda s: s.calibrate({"g": {"a": 0.5, "b": 0.5}}).proportion("x").se("linearized"),
    "margins t": lambda s: hp.regress(s, "x ~ g", "binomial").margins("g").interval(method="t"),
    "trend t": lambda s: (s.proportion("x", by="g")["a"] - s.proportion("x", by="g")["b"]).interval(method="t"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_it_does_not_state_is_refused(trees: hp.Survey, simple: hp.Survey, what: str) -> None:
    if what != "balanced replicates":  # a simple sample has no pairs either
        REFUSED[what](simple)  # other designs answer
    with pytest.raises((EstimationError, InputError), match=f"{WHY}|{UNLEFT}"):
        REFUSED[what](trees)


DRAWN: dict[str, Callable[[hp.Survey], hp.Estimate]] = {
    "mean": lambda s: s.mean("y"),
    "groups": lambda s: s.proportion("x", by="g"),
    "categories": lambda s: s.proportion("g"),
    "total": lambda s: s.total("y"),
    "count": lambda s: s.count("g"),
    "ratio": lambda s: s.ratio("y", "age"),
    "quantile": lambda s: s.quantile("age", 0.8),
    "function": lambda s: s.replicate(lambda w: float(np.average(table()["y"], weights=w)), name="f"),
    "regression": lambda s: hp.regress(s, "y ~ g + age").coefficients,
    "margins": lambda s: hp.regress(s, "x ~ g + age", "binomial").margins("g"),
    "effects": lambda s: hp.regress(s, "x ~ g + age", "binomial").effects("g"),
    "cells": lambda s: hp.crosstab(s, "g", "x").counts(),
    "shares": lambda s: hp.crosstab(s, "g", "x").shares("row"),
    "difference": lambda s: hp.compare(s, "x", by="g").difference,
    "imputed": lambda s: hp.Imputed([table(), table()], **_same(s)).proportion("x"),
    "worst case": lambda s: s.worst_case("x").lowest,
    "multiplier": lambda s: hp.multiplier(500, s.proportion("x")),
    "adjusted": lambda s: hp.adjust.self_report(hp.multiplier(500, s.proportion("x")), sensitivity=0.95),
    "assigned": lambda s: s.assign(old=lambda t: t["age"] > 40).proportion("old"),
    "calibrated": lambda s: s.calibrate({"g": {"a": 0.5, "b": 0.5}}).proportion("x"),
    "consensus": lambda s: (
        hp.triangulate(
            {"m": hp.multiplier(500, s.proportion("x")), "p": hp.published(1_100, 900, 1_300)},
            method="random_effects",
            prior=0.3,
        ).estimate
    ),
}


def _same(survey: hp.Survey) -> dict[str, Any]:
    return {"design": Trees("tree"), "replicates": 500} if "trees" in repr(survey) else {"replicates": 500}


@pytest.mark.parametrize("what", DRAWN)
def test_what_is_estimated_varies_as_its_draws(trees: hp.Survey, simple: hp.Survey, what: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours, theirs = DRAWN[what](trees), DRAWN[what](simple)
        if what != "consensus":  # which weighs its sources by their variances
            np.testing.assert_allclose(ours.node.point, theirs.node.point, rtol=1e-9)
        errors, other = np.atleast_1d(ours.se()), np.atleast_1d(theirs.se())
    np.testing.assert_allclose(errors, ours.draws.std(axis=1, ddof=1), rtol=1e-9)
    varies = other > 0
    assert varies.any()
    assert not np.allclose(errors[varies], other[varies], rtol=1e-3)
    summary = ours.summary()
    drawn = np.quantile(ours.draws, [0.025, 0.975], axis=1).T
    np.testing.assert_allclose(summary[["lower", "upper"]], drawn, rtol=1e-9)


def test_tables_show_intervals_of_draws_and_no_test(trees: hp.Survey) -> None:
    shares = trees.proportion("x", by="g")
    described = hp.describe(trees, ["x"], by="g")
    numbers = described.to_pandas(numbers=True)
    for group in ("a", "b"):
        ends = shares[group].interval()
        row = numbers[(numbers["group"] == group) & (numbers["variable"] == "x") & numbers["lower"].notna()]
        assert any(lower == pytest.approx(float(ends["lower"].iloc[0]), rel=1e-9) for lower in row["lower"])
    assert "tree" not in str(hp.describe(trees))  # a part of the design, not an answer
    text = str(hp.crosstab(trees, "g", "x").table())
    assert f"No test: {WHY}" in text
    assert f"No p for x. {WHY}" in str(hp.describe(trees, ["x"], by="g", test=True))
    model = hp.regress(trees, "y ~ g + age")
    summary = model.summary()
    np.testing.assert_allclose(summary["se"], model.coefficients.se(), rtol=1e-9)
    assert summary["p"].isna().all()
    assert "intervals of the draws" in repr(model)


def test_files_reports_and_sentences_carry_it(trees: hp.Survey) -> None:
    size = hp.multiplier(500, trees.proportion("x"))
    read = hp.read_estimate(size.to_json())
    assert read.draws.tobytes() == size.draws.tobytes()
    assert read.interval().equals(size.interval())
    for again in (read, pickle.loads(pickle.dumps(size))):
        for method in ("t", "bca", "wilson"):
            with pytest.raises((EstimationError, InputError)):
                again.interval(method=method)
    assert read.replay(survey=trees).draws.tobytes() == size.draws.tobytes()
    for method in ("wilson", "beta", "likelihood"):
        with pytest.raises((EstimationError, InputError)):
            hp.read_estimate(trees.proportion("x").to_json()).interval(method=method)
    text = size.methods()
    assert CITED in text
    assert "redrawing trees" in text
    assert "Efron B (1979)" not in text
    report = hp.Report("r").add(size, hp.describe(trees, ["x"], by="g"))
    assert "redrawing trees" in report.to_html()
    out = json.loads(report.to_json())
    assert out["content"]
    rows = hp.export.gam(
        size,
        country="Netherlands",
        population="people who inject drugs",
        definition="weekly",
        area="national",
        year=2023,
        adequacy="nationally adequate",
        sources="register",
    )
    assert float(rows["lower"].iloc[0]) == pytest.approx(float(size.interval()["lower"].iloc[0]), rel=0.02)


def test_beside_another_source_its_variance_is_that_of_its_draws(trees: hp.Survey) -> None:
    other = hp.Survey(table().assign(age=1), name="other").with_replicates("JK1")
    both = trees.proportion("x") + other.mean("y")
    expected = trees.proportion("x").se() ** 2 + other.mean("y").se() ** 2
    assert both.se() ** 2 == pytest.approx(expected, rel=1e-9)


def test_stated_degrees_of_freedom_give_t_from_its_draws() -> None:
    """A design that states degrees of freedom gets t intervals and tests whose variance is that of its draws."""
    survey = hp.Survey(table(), design=Trees("tree", df=19), replicates=500)
    share = survey.proportion("x")
    ends = share.interval(method="t", scale="identity").iloc[0]
    half = 2.0930240544 * share.draws.std(ddof=1)  # t with 19 degrees of freedom (any table)
    assert (ends["upper"] - ends["lower"]) / 2 == pytest.approx(half, rel=1e-6)
    model = hp.regress(survey, "y ~ g + age")
    assert model.df == 17
    np.testing.assert_allclose(model.summary()["se"], model.coefficients.draws.std(axis=1, ddof=1), rtol=1e-9)
    assert 0 < hp.crosstab(survey, "g", "x").test().p < 1
    with pytest.raises(EstimationError, match=WHY):
        share.se("linearized")


def test_keywords_beside_a_design_are_refused() -> None:
    for more in ({"strata": "g"}, {"clusters": "tree"}, {"weights": "age"}, {"counts": "age"}, {"lonely": "certainty"}):
        with pytest.raises(InputError, match=r"design= don't go together"):
            hp.Survey(table(), design=Trees("tree"), **more)
    with pytest.raises(InputError, match="strata"):
        hp.Survey(table(), design=Trees("tree")).assign(tree=1)
