"""Stacking, chances of comparisons, any function of arrays."""

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import InputError


def test_prob_is_a_share_of_draws(people: hp.Estimate) -> None:
    chance = hp.prob(people["crack only"] > people["opioids"])
    assert chance == (people.draws[1] > people.draws[0]).mean()
    assert hp.prob(people > 15_000).to_dict().keys() == {"opioids", "crack only"}
    assert "bootstrap probability" in (people["crack only"] > people["opioids"]).methods()
    with pytest.raises(InputError, match="neither true nor false"):
        bool(people > 1)
    with pytest.raises(InputError, match="takes a comparison"):
        hp.prob(people)
    with pytest.raises(InputError, match="has a probability, not an interval"):
        (people > 1).interval()


def test_concat(people: hp.Estimate) -> None:
    both = hp.concat({2012: hp.published(14_300, 13_400, 16_300), 2023: people["opioids"]}, name="opioids")
    assert list(both.labels) == [2012, 2023]
    np.testing.assert_array_equal(both[2023].draws, people["opioids"].draws)
    nested = hp.concat({"a": people, "b": people})
    assert nested["a", "opioids"].point == people.point["opioids"]
    with pytest.raises(InputError, match="Two of the stacked labels"):
        hp.concat([people, people])
    with pytest.raises(InputError, match="different numbers of label levels"):
        hp.concat({"a": people, "b": people["opioids"]})
    with pytest.raises(InputError, match="nothing to stack"):
        hp.concat({})


def test_apply(people: hp.Estimate) -> None:
    np.testing.assert_allclose(hp.apply(np.log, people).draws, np.log(people.draws))
    ratio = hp.apply(lambda a, b: a / (a + b), people["opioids"], people["crack only"], name="part")
    assert ratio.point == pytest.approx(people.point["opioids"] / people.point.sum())
    both = hp.apply(lambda x: np.stack([x.min(axis=0), x.max(axis=0)]), people, labels=["least", "most"])
    assert list(both.labels) == ["least", "most"]
    assert hp.apply(lambda x: x.sum(axis=0), people, name="sum").point == pytest.approx(people.point.sum())
    np.testing.assert_allclose(hp.apply(np.log, people).replay(seed=3).draws, np.log(people.replay(seed=3).draws))
    for mixing in (lambda x: x - x.mean(), lambda x: np.sort(x, axis=-1), lambda x: x / x.std(axis=1, keepdims=True)):
        with pytest.raises(InputError, match="mixes replicates"), np.errstate(all="ignore"):
            hp.apply(mixing, people)
    with pytest.raises(InputError, match="shape"):
        hp.apply(lambda x: x[:, :0], people)
    with pytest.raises(InputError, match="but 3 were named"):
        hp.apply(np.log, people, labels=["a", "b", "c"])


def test_events_combine(people: hp.Estimate) -> None:
    size = people["opioids"]
    between = hp.prob((size > 12_500) & (size < 14_000))
    assert between == ((size.draws > 12_500) & (size.draws < 14_000)).mean()
    assert hp.prob(~(size > 12_500)) == pytest.approx(1 - hp.prob(size > 12_500), abs=1e-12)
    assert hp.prob((size > 14_000) | (size < 12_500)) == pytest.approx(1 - between, abs=1e-12)
    with pytest.raises(InputError, match="join comparisons"):
        size & (size > 1)


def test_apply_aligns_labels(people: hp.Estimate) -> None:
    turned = people[["crack only", "opioids"]]
    assert (hp.apply(np.subtract, people, turned).draws == 0).all()
    with pytest.raises(InputError, match="has other labels"):
        hp.apply(np.maximum, people, people.rename({"opioids": "x"}))
    with pytest.raises(InputError, match="named, or one twice"):
        hp.apply(np.log, people, labels=["q", "q"])
    for function in ("log", lambda x: "a", lambda x: x * 1j):
        with pytest.raises(InputError):
            hp.apply(function, people)  # type: ignore[arg-type]


def test_a_probability_of_what_redraws_cannot_vary_says_so() -> None:
    """Nobody among 40 is compatible with up to 7.5% (the rule of three), whatever all redraws agree on."""
    survey = hp.Survey({"x": [0] * 40, "y": [1, 0, 0, 0] * 10}, replicates=100)
    with pytest.warns(hp.HiddenpopWarning, match=r"Everyone or nobody in a sample of 40.*proportion of x.*0\.075 away"):
        assert hp.prob(survey.proportion("x") > 0.05) == 0
    assert 0 < hp.prob(survey.proportion("y") > 0.25) < 1
