"""Replay: more draws, another seed, other inputs."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError

from .. import facts


def test_replay_with_more_replicates_extends_the_draws(people: hp.Estimate) -> None:
    more = people.replay(replicates=25_000)
    np.testing.assert_array_equal(more.draws[:, :10_000], people.draws)


def test_replay_with_another_seed_changes_draws_and_not_points(people: hp.Estimate) -> None:
    other = people.replay(seed=1)
    pd.testing.assert_series_equal(other.point, people.point)
    assert (other.draws != people.draws).any()
    np.testing.assert_allclose(other.se(), people.se(), rtol=0.05)


def test_replay_replaces_inputs_by_name(interviews: pd.DataFrame) -> None:
    def total(survey: hp.Survey, benchmark: dict[str, float]) -> hp.Estimate:
        people = hp.multiplier(benchmark, survey.proportion("in_treatment", by="group"))
        return (people * survey.proportion("uses_crack", by="group")).sum("all") * completeness

    completeness = hp.beta(80, 20, name="completeness")
    survey = hp.Survey(interviews, strata="group")
    new = hp.Survey(interviews.iloc[::-1].head(400), strata="group")
    est = total(survey, facts.OPAAK_BENCHMARKS)
    doubled = {"crack only": 9824, "opioids": 16252}  # another order on purpose
    np.testing.assert_allclose(est.replay(benchmark=doubled).draws, 2 * est.draws)
    np.testing.assert_array_equal(est.replay(survey=new).draws, total(new, facts.OPAAK_BENCHMARKS).draws)
    assert est.replay(completeness=0.5).point == pytest.approx(est.point * 0.5 / 0.8)
    with pytest.raises(InputError, match=r"no input 'bencmark'\. Did you mean 'benchmark'"):
        est.replay(bencmark=1)
    with pytest.raises(InputError, match="holds 2 numbers, its replacement 1"):
        est.replay(benchmark=5)
    with pytest.raises(InputError, match="negative"):
        est.replay(benchmark={"opioids": -1, "crack only": 5})


def test_replay_says_what_it_cannot(interviews: pd.DataFrame) -> None:
    survey = hp.Survey(interviews, strata="group")
    masked = survey.mean("age", where=(interviews["age"] > 30).to_numpy())
    np.testing.assert_array_equal(masked.replay(seed=0).draws, masked.draws)
    with pytest.raises(InputError, match="Make the condition a column of both surveys"):
        masked.replay(survey=hp.Survey(interviews.head(400), strata="group"))
    with pytest.raises(InputError, match="has no 'sleeps rough'"):
        survey.proportion("housing").replay(survey=hp.Survey(interviews[interviews["housing"] != "sleeps rough"]))
    with pytest.raises(InputError, match="depends on no survey"):
        hp.beta(1, 2).replay(survey=survey)
    survey = hp.Survey(interviews, strata="group", name="whole")
    two = survey.mean("age") - hp.Survey(interviews.head(300), name="first wave").mean("age")
    with pytest.raises(InputError, match="several surveys"):
        two.replay(survey=survey)
    changed = two.replay(**{"first wave": hp.Survey(interviews.head(200))})
    assert changed.point == pytest.approx(interviews["age"].mean() - interviews.head(200)["age"].mean())


def test_replay_asks_which_of_several_benchmarks(interviews: pd.DataFrame) -> None:
    survey = hp.Survey(interviews)
    share = survey.proportion("in_treatment")
    both = hp.concat({"a": hp.multiplier(5_000, share), "b": hp.multiplier(6_000, share)})
    with pytest.raises(InputError, match="2 inputs called 'benchmark'"):
        both.replay(benchmark=7_000)
    named = hp.concat({"a": hp.multiplier(5_000, share, name="clinic"), "b": hp.multiplier(6_000, share)})
    changed = named.replay(clinic=10_000)
    np.testing.assert_allclose(changed.point, [2 * both.point["a"], both.point["b"]])
    uncertain = hp.multiplier(hp.published(5_000, 4_500, 5_600), share)
    assert uncertain.replay(benchmark=5_000).point == pytest.approx(both.point["a"])
