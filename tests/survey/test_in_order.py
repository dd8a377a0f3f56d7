"""Estimates as participants came, against surveys of those who had come by then."""

import hiddenpop as hp
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError

from .. import recruitment

mpl.use("Agg")
pytestmark = pytest.mark.filterwarnings("ignore::hiddenpop.HiddenpopWarning")


def by_hand(n: int, population: float | None, column: str = "disease") -> float:
    """Ask a survey of the first n participants, in the order of their waves."""
    table = recruitment.madrona()
    first = table.loc[table["wave"].sort_values(kind="stable").index[:n]]
    made = hp.Survey.rds(first, **recruitment.MADRONA, population=population, replicates=10)
    answer = made.mean(column) if column == "age" else made.proportion(column)
    return float(answer.point)


@pytest.mark.parametrize("population", [None, 1_000])
def test_each_step_is_a_survey_of_those_who_had_come(population: float | None) -> None:
    peers = recruitment.survey(population=population, replicates=10)
    found = peers.convergence("disease")
    line = found.table["proportion of disease"]
    for n in (30, 150, 400):
        assert line[n] == pytest.approx(by_hand(n, population), rel=1e-9)
    assert line[500] == pytest.approx(peers.proportion("disease").point, rel=1e-9)
    mean = peers.convergence("age")
    assert mean.table["mean of age"][150] == pytest.approx(by_hand(150, population, "age"), rel=1e-9)
    assert mean.table["mean of age"][500] == pytest.approx(peers.mean("age").point, rel=1e-9)
    summary = found.summary().iloc[0]
    assert summary["at_half"] == line[250]
    assert summary["at_three_quarters"] == line[375]
    last = int(summary["settled"])
    assert (np.abs(line[last:] - line[500]) <= 0.02).all()
    assert abs(line[last - 1] - line[500]) > 0.02


def test_sites_settle_together() -> None:
    """At the end sites add up as the survey does."""
    table = recruitment.madrona()
    parts = pd.concat(
        [
            table.assign(site="a"),
            table.assign(
                site="b", id="b" + table["id"].astype(str), **{"recruiter.id": "b" + table["recruiter.id"].astype(str)}
            ).replace({"recruiter.id": {"bseed": "seed"}}),
        ]
    )
    options = {"site": "site", "population": {"a": 600, "b": 3_000}, "replicates": 10}
    peers = hp.Survey.rds(parts.astype({"id": str}), **recruitment.MADRONA, **options)
    found = peers.convergence("disease").table.iloc[-1, 0]
    assert found == pytest.approx(peers.proportion("disease").point, rel=1e-9)


def test_missing_answers_are_left_out() -> None:
    table = recruitment.madrona()
    lacking = table.assign(disease=table["disease"].mask(table["age"] > 40))
    peers = hp.Survey.rds(lacking, **recruitment.MADRONA, population=1_000, replicates=10)
    assert peers.convergence("disease").table.iloc[-1, 0] == pytest.approx(peers.proportion("disease").point, rel=1e-9)
    with pytest.raises(InputError, match="categor"):
        hp.Survey.rds(table.assign(none=None), **recruitment.MADRONA, replicates=10).convergence("none")


def test_chains_are_parts_of_the_survey() -> None:
    """Each ends at the estimate of its people; together they are the whole."""
    peers = recruitment.survey(replicates=10)
    found = peers.bottleneck("disease")
    ends = found.summary()
    assert ends["participants"].sum() == 500
    recruits = peers.sample.sampling.linear.recruits  # type: ignore[union-attr]
    first = recruits.forest.order[0]
    here = recruits.forest.seed == first
    chain = peers.proportion("disease", where=here).point
    assert ends.iloc[0, 1] == pytest.approx(chain)
    assert found.overall.iloc[0] == pytest.approx(peers.proportion("disease").point)
    assert found.apart == pytest.approx(ends.iloc[:, 1].max() - ends.iloc[:, 1].min())


def test_figures_say_what_they_show() -> None:
    peers = recruitment.survey(replicates=10)
    axes = peers.convergence("disease").plot()
    assert "disease after each of 500 participants. proportion of disease: 19.4%" in hp.plot.describe(axes)
    assert "19.4% in all" in hp.plot.describe(peers.bottleneck("disease").plot())
    several = hp.Survey.rds(recruitment.faux(), **recruitment.FAUX, replicates=10)
    assert len(several.convergence("Y").plot().get_legend().get_texts()) == 3
    chains = several.bottleneck("Y")
    with pytest.raises(InputError, match=r"plot\(label="):
        chains.plot()
    with pytest.raises(InputError, match="no label 'white'"):
        chains.plot("white")
    assert hp.plot.describe(chains.plot("blue")).startswith("Y: blue by chain")
