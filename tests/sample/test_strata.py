"""Strata with a single cluster."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, HiddenpopWarning, InputError


def test_certainty_and_corrections() -> None:
    # A stratum sampled whole, and a lonely one taken as certain, add nothing to the variance.
    base = {"h": [1, 1, 2, 2, 3], "x": [1.0, 3.0, 5.0, 9.0, 4.0], "w": [1.0] * 5}
    survey = hp.Survey({**base, "N": [2, 2, 8, 8, 6]}, strata="h", weights="w", fpc="N", lonely="certainty")
    # By hand: only stratum 2 varies, (1 - 2/8) * 2/1 * sum (x - 7)^2 = 0.75 * 2 * 8 = 12.
    assert survey.total("x").se("linearized") == pytest.approx(np.sqrt(12))
    assert survey.total("x").se() == pytest.approx(np.sqrt(12), rel=0.03)
    fractions = hp.Survey({**base, "N": [1, 1, 0.25, 0.25, 1]}, strata="h", weights="w", fpc="N")
    assert fractions.total("x").se("linearized") == pytest.approx(np.sqrt(12))


def test_strata_with_one_cluster_are_given_a_variance() -> None:
    frame = pd.DataFrame({"h": [1, 1, 2, 2, 2, 3], "x": [1.0, 3.0, 5.0, 9.0, 4.0, 6.0], "w": [2.0, 2, 1, 1, 1, 3]})
    z = (frame["x"] * frame["w"]).to_numpy()
    known = 2 * z[:2].var(ddof=1) + 3 * z[2:5].var(ddof=1)
    # As R documents survey.lonely.psu: about the grand mean of all units' totals; or the average of the others.
    expected = {"adjust": known + (z[5] - z.mean()) ** 2, "average": known * 1.5, "certainty": known}
    for lonely, variance in expected.items():
        survey = hp.Survey(frame, strata="h", weights="w", lonely=lonely)
        assert survey.total("x").se("linearized") == pytest.approx(np.sqrt(variance), rel=1e-12)
        assert survey.record.df == 3
        if lonely == "certainty":
            continue
        total = survey.total("x")
        assert total.se() == pytest.approx(np.sqrt(variance), rel=1e-12)
        with pytest.warns(HiddenpopWarning, match="rests on 3 degrees of freedom"):
            assert total.summary()["method"].item() == "total; 95% t"
        assert "linearisation, where a stratum" in str(survey.design)
        assert hp.read_estimate(total.to_json()).se() == total.se()
        assert "linearisation" in total.methods()
        with pytest.warns(HiddenpopWarning, match="rests on 3 degrees of freedom"):
            assert survey.median("x").summary()["method"].item() == "quantile; 95% woodruff"
        with pytest.raises(EstimationError, match="linearisation alone"):
            _ = total.draws
        with pytest.raises(EstimationError, match="linearisation alone"):
            total.interval(method="percentile")
        with pytest.raises(InputError, match="single cluster is not defined"):
            total.se("jackknife")
        with pytest.raises(InputError, match="single cluster is not defined"):
            survey.with_replicates("JKn")
        with pytest.raises(InputError, match="linearisation alone"):
            survey.to_replicate_weights()
    # Where no stratum is lonely the choice changes nothing.
    whole = hp.Survey(frame[:5], strata="h", weights="w", lonely="adjust").total("x")
    assert whole.draws.shape == (1, 10_000)
    # Without weights too.
    plain = hp.Survey(frame, strata="h", lonely="average").total("x")
    assert plain.se() == pytest.approx(np.sqrt(1.5 * (2 * 2 + 3 * np.array([5, 9, 4]).var(ddof=1))), rel=1e-12)


def test_the_design_names_lonely_strata() -> None:
    table = {"h": ["a", "a", "b", "b", "c"], "k": [1, 2, 3, 4, 5], "x": [1.0, 2, 3, 4, 5]}
    design = hp.Survey(table, strata="h", clusters="k", lonely="certainty").design
    assert "1 stratum with a single cluster (c) taken for certain" in design.sentence


def test_averages_count_strata_that_were_taken_whole() -> None:
    # R 4.5: SE(svytotal(~y, svydesign(ids=~1, strata=~s, weights=~w, fpc=~N))) with lonely.psu="average" is 10.158740, with a
    # stratum taken whole of one person or of two.
    one = pd.DataFrame({"s": list("aabbbcd"), "y": [1.0, 3, 2, 5, 7, 4, 8], "N": [10, 10, 20, 20, 20, 15, 1], "w": 2.0})
    two = pd.concat([one, pd.DataFrame({"s": ["d"], "y": [6.0], "N": [2], "w": [2.0]})], ignore_index=True)
    two.loc[two["s"] == "d", "N"] = 2
    for table in (one, two):
        total = hp.Survey(table, strata="s", weights="w", fpc="N", lonely="average").total("y")
        assert total.se("linearized") == pytest.approx(10.158740, abs=1e-6)
    # Beside strata taken whole only, there is nothing to average.
    with pytest.raises(InputError, match="no chance is left"):
        hp.Survey(two[-3:], strata="s", weights="w", fpc="N", lonely="average")


def cities() -> pd.DataFrame:
    """Region a has one city, b three of six, c both of its two; people live in blocks."""
    rng = np.random.default_rng(8)
    rows = [
        (region, f"{region}{city}", f"{region}{city}{block}")
        for region, count in (("a", 1), ("b", 3), ("c", 2))
        for city in range(count)
        for block in range(3)
        for _ in range(4)
    ]
    table = pd.DataFrame(rows, columns=["region", "city", "block"])
    table["y"] = rng.normal(size=len(rows)) + table["city"].str[1].astype(int)
    table["w"], table["x"] = rng.integers(1, 4, len(rows)).astype(float), rng.integers(0, 2, len(rows))
    return table.assign(N=table["region"].map({"a": 1, "b": 6, "c": 2}), M=6, K=9, row=range(len(rows)))


def by_hand(table: pd.DataFrame, inside: pd.Series, unit: str) -> pd.DataFrame:
    """Make clusters strata where they are sampled inside."""
    return table.assign(
        stratum=np.where(inside, table["city"], table["region"]),
        unit=np.where(inside, table[unit].astype(str), table["city"]),
    )


@pytest.mark.filterwarnings("ignore:The interval rests on 4 degrees of freedom")
@pytest.mark.parametrize(("unit", "fpc"), [("row", None), ("row", "N"), ("block", None)])
def test_lonely_clusters_are_sampled_inside(unit: str, fpc: str | None) -> None:
    # The same design said by hand: a city taken for certain is a stratum of people, or of blocks.
    table = cities()
    inside = table["region"] == "a" if fpc is None else table["region"] != "b"
    clusters = ["city"] if unit == "row" else ["city", "block"]
    own = by_hand(table, inside, unit).assign(N=lambda t: np.where(inside, np.inf, t["N"]))
    survey = hp.Survey(
        table, strata="region", clusters=clusters, weights="w", fpc=fpc, lonely="participants", replicates=20_000
    )
    same = hp.Survey(own, strata="stratum", clusters="unit", weights="w", fpc=fpc, replicates=20_000)
    linear, hand = survey.sample.sampling.linear, same.sample.sampling.linear
    assert survey.sample.df == same.sample.df == {("row", None): 14, ("row", "N"): 35, ("block", None): 5}[unit, fpc]
    for mask in (table["x"] == 1, table["region"] == "a", table["city"] == "c1"):
        assert linear.df_of(mask.to_numpy()) == hand.df_of(mask.to_numpy())
    for ask in (lambda s: s.mean("y"), lambda s: s.total("y"), lambda s: s.mean("y", by="x")):
        a, b = ask(survey), ask(same)
        for how in ("linearized", "jackknife"):
            assert np.allclose(a.se(how), b.se(how), rtol=1e-10)
        assert np.allclose(a.se(), b.se("linearized"), rtol=0.05)  # redraws: Monte Carlo of 20,000
    for method, options in (("JKn", {}), ("DAGJK", {"groups": 4}), ("SDR", {})):
        a, b = (s.with_replicates(method, **options) for s in (survey, same))
        assert a.sample.df == b.sample.df
        if method == "JKn":
            assert a.mean("y").se() == pytest.approx(b.mean("y").se(), rel=1e-10)
    bayes = hp.Survey(
        table,
        strata="region",
        clusters=clusters,
        weights="w",
        fpc=fpc,
        lonely="participants",
        redraws="bayesian",
        replicates=20_000,
    )
    assert bayes.total("y").se() == pytest.approx(same.total("y").se("linearized"), rel=0.05)
    margins = {"x": {0: 60.0, 1: 80.0}}
    a, b = (s.calibrate(margins, method="linear").mean("y") for s in (survey, same))
    assert (a.point, a.se("linearized"), a.se("jackknife")) == pytest.approx(
        (b.point, b.se("linearized"), b.se("jackknife"))
    )
    assert hp.regress(survey, "y ~ x").summary().to_numpy(dtype=float) == pytest.approx(
        hp.regress(same, "y ~ x").summary().to_numpy(dtype=float)
    )


def test_certain_clusters_of_several_stages_are_sampled_inside() -> None:
    # With every stage's population: cities taken for certain are strata of blocks, which here are a stage like cities. By hand
    # the same design has three stages of which those cities' last is people taken whole.
    table = cities()
    inside = table["region"] != "b"
    own = by_hand(table, inside, "block").assign(
        third=np.where(inside, table["row"].astype(str), table["block"]),
    )
    own["f1"] = 3 / 6
    own["f2"] = np.where(inside, 4 / 9, 3 / 6)
    own["f3"] = np.where(inside, 1.0, 4 / 9)
    staged = {"weights": "w", "replicates": 20_000}
    survey = hp.Survey(
        table, strata="region", clusters=["city", "block"], fpc=["N", "M", "K"], lonely="participants", **staged
    )
    same = hp.Survey(
        own, strata="stratum", clusters=["unit", "third"], fpc=["f1", "f2", "f3"], lonely="certainty", **staged
    )
    assert survey.sample.df == same.sample.df == 2 + 3 * 2
    for how in ("linearized", "jackknife"):
        assert survey.mean("y").se(how) == pytest.approx(same.mean("y").se(how), rel=1e-10)
    assert survey.total("y").se() == pytest.approx(same.total("y").se("linearized"), rel=0.05)
    # A region taken whole adds what its blocks vary, certain or not; only degrees of freedom tell the two apart.
    usual = hp.Survey(
        table[table["region"] != "a"], strata="region", clusters=["city", "block"], fpc=["N", "M", "K"], weights="w"
    )
    more = hp.Survey(
        table[table["region"] != "a"],
        strata="region",
        clusters=["city", "block"],
        fpc=["N", "M", "K"],
        weights="w",
        lonely="participants",
    )
    assert more.mean("y").se("linearized") == pytest.approx(usual.mean("y").se("linearized"), rel=1e-12)
    assert (usual.sample.df, more.sample.df) == (2, 6)


def test_cities_with_a_single_block() -> None:
    # By hand: at the second stage too a block that is alone in its city is a stratum of people.
    table = pd.DataFrame(
        {"p": [1, 1, 2, 2, 2, 2], "q": [1, 1, 2, 2, 3, 3], "y": [3.0, 5, 2, 4, 9, 6], "N": 4, "w": 2.0}
    )
    with pytest.raises(InputError, match=r"1 of 2 clusters have a single cluster of 'q': '1 in all'.*participants"):
        hp.Survey(table, clusters=["p", "q"], fpc="N", weights="w")
    with pytest.raises(InputError, match="lonely='adjust' is for the first stage only"):
        hp.Survey(table, clusters=["p", "q"], fpc="N", weights="w", lonely="adjust")
    total = hp.Survey(table, clusters=["p", "q"], fpc="N", weights="w", lonely="participants", replicates=20_000).total(
        "y"
    )
    # (1 - f) n / (n - 1) sum (t - mean)^2 of totals 16 and 42; f times the same within each, without a fraction.
    first = 0.5 * 2 * ((16 - 29) ** 2 + (42 - 29) ** 2)
    people, blocks = 2 * ((6 - 8) ** 2 + (10 - 8) ** 2), 2 * ((12 - 21) ** 2 + (30 - 21) ** 2)
    assert total.se("linearized") == pytest.approx(np.sqrt(first + 0.5 * (people + blocks)), rel=1e-12)
    assert total.se("jackknife") == pytest.approx(total.se("linearized"), rel=1e-12)
    assert total.se() == pytest.approx(total.se("linearized"), rel=0.03)


def test_what_is_said_of_clusters_that_are_sampled_inside() -> None:
    table = cities()
    with pytest.raises(
        InputError, match=r"'a'.*lonely='participants'.*lonely='certainty'.*lonely='adjust' and 'average'"
    ):
        hp.Survey(table, strata="region", clusters="city")
    design = hp.Survey(table, strata="region", clusters="city", lonely="participants").design
    assert "in 6 clusters by city in 3 strata by region" in design.sentence
    assert "1 cluster taken for certain and sampled inside (a0 in a)" in design.sentence
    assert (
        "all but one of the clusters within each stratum (of the participants within each cluster taken"
        in design.redraws
    )
    blocks = hp.Survey(table[:12], clusters=["city", "block"], lonely="participants").design
    assert "all but one of the clusters by block within each cluster and" in blocks.redraws
    # One city, all of it said: its people are a simple sample, weighted or not.
    alone = hp.Survey(table[:12], clusters="city", lonely="participants", weights="w")
    assert alone.sample.df == 11
    assert alone.mean("y").se("linearized") == pytest.approx(
        hp.Survey(table[:12], weights="w").mean("y").se("linearized")
    )
    with pytest.raises(InputError, match="no clusters= are named"):
        hp.Survey(table, strata="region", lonely="participants")
    with pytest.raises(
        InputError, match=r"1 of 3 clusters have a single participant: 'a0 in a'. One alone .*: join such a cluster"
    ):
        hp.Survey(table[11:], strata="region", clusters="city", lonely="participants")
    # Other redraws of the same rows are no replicates of one survey.
    certain = hp.Survey(table, strata="region", clusters="city", lonely="certainty")
    inside = hp.Survey(table, strata="region", clusters="city", lonely="participants")
    assert certain.record.fingerprint != inside.record.fingerprint
