"""Which uncertainty an estimate rests on: the same source under another seed, or another source."""

import hiddenpop as hp
import pytest
from hiddenpop import InputError
from hiddenpop.triangulation.evidence import replaced


def test_a_named_input_with_other_parameters_is_another_uncertainty() -> None:
    # Named inputs share an identity, and what a sentence prints of them is rounded: their parameters tell them apart.
    one = hp.beta(80, 20, name="completeness").node
    near = hp.beta(80.000001, 20, name="completeness").node
    assert replaced([one], [near])
    assert not replaced([one], [hp.beta(80, 20, name="completeness", seed=5).node])
    assert not replaced([one], [one.reseed(seed=1, replicates=50)])


def sources() -> dict[str, hp.Estimate]:
    survey = hp.Survey({"guess": [900, 1100, 1000, 1500, 800] * 8, "x": [1, 0, 0, 1, 0] * 8}, replicates=50)
    size = hp.multiplier(500, survey.proportion("x"))
    guesses = survey.median("guess")
    one = hp.published(1_200, 900, 1_600, name="one")
    return {
        "a quantile of answers": guesses,
        "a quantile of answers, doubled": 2 * guesses,
        "a ratio of answers": survey.ratio("guess", "x"),
        "a mean": survey.mean("guess"),
        "a difference": one * 3 - size,
        "a difference of labels": hp.concat({"a": one, "b": one * 3}).contrast({"b": 1, "a": -1}),
        "a comparison": one > 1_000,
    }


@pytest.mark.parametrize("what", list(sources()))
def test_what_is_no_size_is_no_source(what: str) -> None:
    found = sources()[what]
    with pytest.raises(InputError, match=what.split(",", maxsplit=1)[0].removesuffix(" of labels")):
        hp.triangulate({"it": found, "published": hp.published(1_000, 800, 1_300, name="p")}, method="fixed")


def test_what_may_be_a_size_is_a_source() -> None:
    survey = hp.Survey({"x": [1, 0, 0, 1, 0] * 8}, replicates=200)
    size = hp.multiplier(500, survey.proportion("x"))
    for source in (
        size * hp.lognormal(1.1, 1.0, 1.2, name="correction"),
        hp.triangular(800, 1_000, 1_500, name="experts"),
        hp.apply(lambda x: 2 * x, size / 2),
        hp.normal(1_200, 100, name="census") / hp.uniform(0.9, 1.1, name="reached"),
        survey.count() * hp.normal(30, 2, name="per participant"),
    ):
        made = hp.triangulate({"it": source, "other": hp.published(1_200, 900, 1_600, name="o")}, method="fixed")
        assert made.estimate.point > 0


def test_a_number_above_one_is_no_share_beside_shares() -> None:
    with pytest.raises(InputError, match="'b' is no share"):
        hp.triangulate({"a": hp.beta(3, 4, name="a"), "b": hp.normal(400, 20, name="b")}, method="fixed")
