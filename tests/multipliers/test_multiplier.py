"""The multiplier method: what it gives and what it refuses. The study itself is in test_opaak."""

import warnings

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, HiddenpopWarning, InputError

from .. import facts


@pytest.fixture
def share(survey: hp.Survey) -> hp.Estimate:
    return survey.proportion("in_treatment", by="group")


def test_delta_method_in_the_limit() -> None:
    # Closed form (delta method): var(N) / N^2 = var(B) / B^2 + var(p) / p^2 for large n.
    survey = hp.Survey({"x": [1, 0], "n": [30_000, 70_000]}, counts="n", replicates=50_000)
    benchmark = hp.normal(500_000, 5_000, name="register", replicates=50_000)
    size = hp.multiplier(benchmark, survey.proportion("x"))
    expected = np.sqrt(0.01**2 + (0.7 / 0.3) / 100_000)
    assert size.cv() == pytest.approx(expected, rel=0.015)


def test_benchmarks_of_every_kind_agree(share: hp.Estimate) -> None:
    mapping = hp.multiplier(facts.OPAAK_BENCHMARKS, share)
    turned = dict(reversed(facts.OPAAK_BENCHMARKS.items()))
    for benchmark in (turned, pd.Series(turned)):
        np.testing.assert_array_equal(hp.multiplier(benchmark, share).draws, mapping.draws)
    one = hp.multiplier(8126, share["opioids"])
    np.testing.assert_array_equal(one.draws[0], mapping.draws[0])
    assert one.name == "population size"


def test_sizes_know_their_participants(share: hp.Estimate) -> None:
    summary = hp.multiplier(facts.OPAAK_BENCHMARKS, share).summary()
    assert summary["n"].tolist() == [393, 127]
    assert summary["method"].tolist() == ["multiplier; 95% mover"] * 2


def test_several_benchmarks_for_one_population_are_labels() -> None:
    survey = hp.Survey({"clinic": [1, 1, 0, 0], "police": [1, 0, 1, 0], "n": [10, 30, 20, 40]}, counts="n")
    shares = hp.concat({"clinic": survey.proportion("clinic"), "police": survey.proportion("police")})
    sizes = hp.multiplier({"clinic": 400, "police": 300}, shares)
    assert sizes.point.to_dict() == {"clinic": 1000, "police": pytest.approx(1000)}
    with pytest.raises(InputError, match="Several benchmarks for one share"):
        hp.multiplier({"clinic": 400, "police": 300}, survey.proportion("clinic"))


BAD = {
    "labels differ": (lambda s: hp.multiplier({"opioids": 1e4, "crack": 1e4}, s), "Labels don't match"),
    "labels lack": (lambda s: hp.multiplier({"opioids": 1e4}, s), "Labels don't match"),
    "one for several": (lambda s: hp.multiplier(8126, s), "One benchmark for 2 shares"),
    "negative": (lambda s: hp.multiplier(-5, s["opioids"]), "negative at"),
    "missing": (lambda s: hp.multiplier(np.nan, s["opioids"]), "missing or infinite"),
    "per cent": (lambda s: hp.multiplier(1e4, s["opioids"] * 100), "outside 0 to 1.* not by a percentage"),
    "plain share": (lambda s: hp.multiplier(100, 0.5), "use hp.beta"),
    "a size": (lambda s: hp.multiplier(100, hp.multiplier(8126, s["opioids"])), "is a size, not a share"),
    "too few": (
        lambda s: hp.multiplier({"opioids": 239, "crack only": 4912}, s),
        "counts 239 people at 'opioids', fewer than the 240 participants",
    ),
    "text": (lambda s: hp.multiplier("many", s), "benchmark='many' is text"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(share: hp.Estimate, case: str) -> None:
    make, message = BAD[case]
    with pytest.raises(InputError, match=message):
        make(share)


def test_a_share_of_zero_has_no_size() -> None:
    survey = hp.Survey({"g": ["a", "a", "b"], "x": [1, 0, 0], "n": [20, 20, 30]}, counts="n", strata="g")
    with pytest.warns(HiddenpopWarning, match="at 'b': no estimate"):
        sizes = hp.multiplier({"a": 100, "b": 100}, survey.proportion("x", by="g"))
    assert np.isnan(sizes.point["b"])
    assert sizes.interval().loc["b"].isna().all()
    assert "no estimate" in repr(sizes)
    with pytest.raises(EstimationError, match="Nobody in the sample is in the register"):
        hp.multiplier(100, survey.proportion("x", where=np.array([False, False, True])))


def test_draws_outside_0_to_1_are_no_shares() -> None:
    size = hp.multiplier(100, hp.normal(0.9, 0.1, name="share"))
    with pytest.raises(EstimationError, match="outside 0 to 1"):
        size.interval()
    with pytest.raises(EstimationError, match="negative"):
        hp.multiplier(hp.normal(1, 1, name="count"), hp.beta(5, 5)).interval()


def test_the_answer_no_gets_no_size() -> None:
    table = pd.DataFrame({"group": list("aabb"), "reg": ["there", "elsewhere"] * 2, "count": [240, 153, 39, 88]})
    survey = hp.Survey(table, counts="count", strata="group")
    share = survey.proportion("reg", by="group")
    benchmark = pd.Series({"a": 8126, "b": 4912}).rename_axis("group")
    for counts in (benchmark, benchmark.to_dict()):
        with pytest.raises(
            InputError, match=r"pick the one that means being in the register, such as share\[:, 'yes'\]"
        ):
            hp.multiplier(counts, share)
        assert hp.multiplier(counts, share[:, "there"]).point.round(-2).to_dict() == {"a": 13_300, "b": 16_000}
    with pytest.raises(InputError, match=r"such as share\['yes'\]"):
        hp.multiplier(8126, survey.proportion("reg"))


def test_answers_that_are_none_are_no_share_of_those_outside() -> None:
    with pytest.warns(hp.HiddenpopWarning, match="'onbekend' in 10 answers"):
        survey = hp.Survey({"reg": ["ja", "nee", "onbekend", "ja"] * 10}, replicates=20)
    with pytest.raises(InputError, match=r"such as share\['ja'\].* Who answered 'onbekend' .*missing=\['onbekend'\]"):
        hp.multiplier(100, survey.proportion("reg"))


def test_a_size_below_the_participants_is_told() -> None:
    """Closed form: 9 of 10 by weight are in the register of 50, so 55.6 people, where 100 were interviewed."""
    table = pd.DataFrame({"register": [1] * 50 + [0] * 50, "w": [9.0] * 50 + [1.0] * 50})
    survey = hp.Survey(table, weights="w")
    with pytest.warns(hp.HiddenpopWarning, match=r"55\.6, below the 100 participants"):
        hp.multiplier(50, survey.proportion("register"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hp.multiplier(90, survey.proportion("register"))  # 100 people: all of them were interviewed
        hp.multiplier(50, hp.Survey(table).proportion("register"))
        hp.multiplier(50, survey.proportion("register", where=table["w"] > 5))  # the domain has 50 people
