"""People of weight zero: units of the design, but no participants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop.errors import EstimationError, InputError


def printed() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "p": np.repeat(np.arange(1, 7), 4),
            "w": np.tile([2.0, 3, 0, 5], 6),
            "y": [3, 5, 9, 1, 4, 4, 8, 2, 7, 1, 0, 2, 5, 6, 6, 1, 2, 9, 3, 4, 8, 8, 1, 7],
        }
    )


def test_as_in_r() -> None:
    # R 4.5: with des <- svydesign(ids=~p, weights=~w), SE(svymean(~y, des)) is 0.7872597, its deff 2.246902 and with
    # deff="replace" 1.572831; svyvar is 7.092941; without weights in cluster 6 degf(des) is 4.
    table = printed()
    survey = hp.Survey(table, clusters="p", weights="w", replicates=100)
    mean = survey.mean("y")
    assert survey.n == 18
    assert mean.se("linearized") == pytest.approx(0.7872597, abs=1e-7)
    assert mean.design_effect() == pytest.approx(2.246902, abs=1e-6)
    assert mean.design_effect(replacement=True) == pytest.approx(1.572831, abs=1e-6)
    numbers = hp.describe(survey, ["y"], kinds={"y": "continuous"}).numbers.set_index("statistic")
    assert numbers.loc["sd", "estimate"] ** 2 == pytest.approx(7.092941, abs=1e-6)
    assert numbers.loc["mean", "n"] == 18
    table.loc[table["p"] == 6, "w"] = 0.0
    empty = hp.Survey(table, clusters="p", weights="w", replicates=100)
    assert empty.sample.df == 4
    assert "15 participants in 5 clusters" in empty.design.sentence
    # It is a unit all the same: SE(svymean(~y, des)) is 0.4474997.
    assert empty.mean("y").se("linearized") == pytest.approx(0.4474997, abs=1e-7)
    assert empty.with_replicates("JKn").sample.df == 4
    assert empty.with_replicates("DAGJK", groups=6).sample.df == 4


def test_strata_and_groups_of_weight_zero() -> None:
    # By hand: stratum c and group 3 exist in rows of weight zero only.
    table = printed().assign(h=list("aaaabbbb" * 2 + "cccccccc"), g=[1, 2, 1, 2] * 4 + [3] * 8)
    table["p"], table.loc[table["h"] == "c", "w"] = table["p"].astype(str) + table["h"], 0.0
    survey = hp.Survey(table, strata="h", clusters="p", weights="w", replicates=100)
    linear = survey.sample.sampling.linear
    assert survey.sample.df == 2
    assert "4 clusters by p in 2 strata by h (a: 6, b: 6)" in survey.design.sentence
    everyone, in_c = np.ones(24, dtype=bool), (table["h"] == "c").to_numpy()
    assert (linear.df_of(everyone), linear.df_of(in_c), linear.df_of(table["h"].to_numpy() == "a")) == (2, 0, 1)
    with pytest.warns(hp.HiddenpopWarning, match="no answer for 3: nobody there"):
        mean = survey.mean("y", by="g")
    assert np.isnan(mean.point[3])
    assert mean.node.n.tolist() == [4, 8, 0]  # type: ignore[attr-defined]
    with pytest.raises(EstimationError, match="nobody in its domain"):
        survey.mean("y", where=in_c)
    # Nor do its answers matter, whatever they are.
    wild = table.assign(
        y=np.where(table["w"] == 0, 1e6, table["y"]), x=np.where(table["w"] == 0, np.nan, 1.0 * (table["y"] > 4))
    )
    survey = hp.Survey(wild, strata="h", clusters="p", weights="w", replicates=100)
    assert survey.quantile("y", 0.999).point == 7  # the highest of the others
    assert [x.point for x in survey.worst_case("y", limits=(0, 9))] == [survey.mean("y").point] * 2
    assert survey.proportion("x").node.missing.tolist() == [0]  # type: ignore[attr-defined]


def both() -> tuple[hp.Survey, hp.Survey]:
    """The same people, with and without rows of weight zero in every cluster."""
    rng = np.random.default_rng(3)
    table = pd.DataFrame(
        {"p": np.repeat(np.arange(12), 10), "y": rng.normal(size=120).round(2), "x": rng.integers(0, 2, 120)}
    )
    table["g"], table["w"] = rng.choice(["u", "v"], 120), rng.integers(0, 3, 120).astype(float)
    table.loc[table["w"] == 0, "y"] = 99.0
    kept = table[table["w"] > 0].reset_index(drop=True)
    return tuple(hp.Survey(t, clusters="p", weights="w", replicates=100) for t in (table, kept))  # type: ignore[return-value]


@pytest.mark.parametrize(
    "ask",
    [
        lambda s: s.mean("y", by="g").summary().to_string(),
        lambda s: s.median("y", by="g").point.tolist(),
        lambda s: s.proportion("x").interval(method="beta").to_string(),
        lambda s: hp.describe(s, ["y", "x"], by="g").numbers.to_string(),
        lambda s: str(hp.compare(s, "y", by="g").test()),
        lambda s: str(hp.compare(s, "y", by="g").test("wilcoxon")),
        lambda s: str(hp.compare(s, "y", by="g").test("normal")),
        lambda s: str(hp.compare(s, "y", by="g").test("median")),
        lambda s: str(hp.crosstab(s, "x", "g").test()),
        lambda s: hp.regress(s, "y ~ x + g").summary().to_string(),
        lambda s: s.calibrate({"g": {"u": 600, "v": 400}}).mean("y").summary().to_string(),
        lambda s: s.poststratify("g", {"u": 0.6, "v": 0.4}).mean("y").summary().to_string(),
        lambda s: s.with_replicates("JKn").mean("y").summary().to_string(),
    ],
)
def test_no_answer_depends_on_people_of_weight_zero(ask: Callable[[hp.Survey], Any]) -> None:
    # Where every cluster has others, nothing but the rows of weight zero tells the two surveys apart.
    with_them, without = both()
    assert ask(with_them) == ask(without)


def test_the_lowest_person_has_no_rank() -> None:
    # R: svyranktest(y~g, subset(svydesign(ids=~1, weights=~w, data=d), w>0), test="vanderWaerden") is t = 0.37779 on 5 df (the
    # person stays a unit of the design). R takes b from a, and here it is the other way round.
    table = pd.DataFrame({"w": [0.0, 1, 2, 1, 3, 1, 2, 2], "y": range(1, 9), "g": list("abababab")})
    test = hp.compare(hp.Survey(table, weights="w", replicates=100), "y", by="g").test("normal")
    assert (abs(test.statistic), test.df) == (pytest.approx(0.37779, abs=1e-5), (5.0,))


def test_margins_of_people_of_weight_zero() -> None:
    # A category that only they are in can't be made up by any weights.
    table = printed().assign(g=np.tile(["a", "b", "c", "a"], 6), z=np.tile([0.0, 0, 1, 0], 6))
    survey = hp.Survey(table, clusters="p", weights="w", replicates=100)
    with pytest.raises(InputError, match="Nobody in the sample is in 'c'"):
        survey.calibrate({"g": {"a": 50, "b": 30, "c": 20}})
    with pytest.raises(InputError, match="zero for everyone"):
        survey.calibrate({"z": 5.0})
    made = survey.calibrate({"g": {"a": 50, "b": 30}})
    assert made.count(by="g").point[["a", "b"]].tolist() == pytest.approx([50, 30])
    # Counts of zero are nobody too.
    counted = hp.Survey({"g": ["a", "b", "c"], "k": [5, 6, 0]}, counts="k", replicates=100)
    assert counted.calibrate({"g": {"a": 50, "b": 30}}).weights.tolist() == pytest.approx([10, 5, 0])
    with pytest.raises(InputError, match="Nobody in the sample is in 'c'"):
        counted.calibrate({"g": {"a": 50, "b": 30, "c": 20}})


def test_an_agencys_weights_of_zero() -> None:
    # By hand: four of eight rows count.
    table = pd.DataFrame(
        {"y": range(8), "w": [0.0] * 4 + [1, 1, 2, 2], "r1": [0.0] * 4 + [2, 0, 2, 2], "r2": [0.0] * 4 + [0, 2, 2, 2]}
    )
    survey = hp.Survey(table, weights="w", replicate_weights=["r1", "r2"], method="BRR")
    assert (survey.n, survey.mean("y").node.n.tolist()) == (4, [4])  # type: ignore[attr-defined]
