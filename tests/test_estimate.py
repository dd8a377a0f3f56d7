"""Estimates: arithmetic, labels, joint distributions, replay."""

import copy

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning, InputError

from . import facts


@pytest.fixture
def shares(interviews: pd.DataFrame) -> tuple[hp.Estimate, hp.Estimate]:
    survey = hp.Survey(interviews, strata="group", replicates=20_000)
    return survey.proportion("in_treatment", by="group"), survey.proportion("uses_crack", by="group")


def test_arithmetic_is_draw_by_draw(shares: tuple[hp.Estimate, hp.Estimate]) -> None:
    a, b = shares
    for result, expected in (
        (a + b, a.draws + b.draws),
        (a - 1, a.draws - 1),
        (2 * a / b, 2 * a.draws / b.draws),
        (1 - a, 1 - a.draws),
        (a**2, a.draws**2),
        (-a, -a.draws),
        (a * pd.Series({"crack only": 10, "opioids": 1}), a.draws * [[1], [10]]),
        (pd.Series({"crack only": 10, "opioids": 1}) * a, a.draws * [[1], [10]]),
        (np.float64(3) * a, 3 * a.draws),
        (a["opioids"] * b, a.draws[:1] * b.draws),
        (a.sum("all"), a.draws.sum(axis=0, keepdims=True)),
        (a.contrast({"opioids": 1, "crack only": -2}), a.draws[:1] - 2 * a.draws[1:]),
    ):
        np.testing.assert_allclose(result.draws, expected, rtol=1e-14)


def test_an_estimate_is_frozen(people: hp.Estimate) -> None:
    with pytest.raises(AttributeError):
        people.name = "other"  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        people.draws[0, 0] = 1
    assert copy.deepcopy(people) is people


def test_estimates_of_one_survey_are_joint(shares: tuple[hp.Estimate, hp.Estimate], interviews: pd.DataFrame) -> None:
    # Closed form: the plug-in covariance of two means of one sample of n is cov(x, y) / n.
    a, b = (s["opioids"] for s in shares)
    rows = interviews[interviews["group"] == "opioids"]
    covariance = np.cov(rows["in_treatment"], rows["uses_crack"], ddof=0) / len(rows)
    expected = np.array([[1, -1], [1, 1]]) @ covariance @ np.array([[1, 1], [-1, 1]])
    # A variance from R draws has a relative s.e. of sqrt(2 / R) = 1%; four of those.
    assert (a - b).se() ** 2 == pytest.approx(expected[0, 0], rel=0.04)
    assert (a + b).se() ** 2 == pytest.approx(expected[1, 1], rel=0.04)
    assert np.isclose((a - a).draws, 0).all()


def test_the_product_has_the_right_variance(shares: tuple[hp.Estimate, hp.Estimate], interviews: pd.DataFrame) -> None:
    # Delta method: var(x y) = y^2 var x + x^2 var y + 2 x y cov(x, y), for n = 393 good to a per cent.
    a, b = (s["opioids"] for s in shares)
    rows = interviews[interviews["group"] == "opioids"]
    c = np.cov(rows["in_treatment"], rows["uses_crack"], ddof=0) / len(rows)
    x, y = a.point, b.point
    expected = y**2 * c[0, 0] + x**2 * c[1, 1] + 2 * x * y * c[0, 1]
    assert (a * b).se() ** 2 == pytest.approx(expected, rel=0.05)


def test_estimates_of_different_surveys_are_independent() -> None:
    a, b = (
        hp.Survey({"x": [1, 0], "n": [30, 70]}, counts="n", replicates=20_000, name=name).proportion("x")
        for name in ("first", "second")
    )
    # The correlation of independent draws has s.e. 1 / sqrt(R) = 0.7%.
    assert abs(np.corrcoef(a.draws[0], b.draws[0])[0, 1]) < 0.03
    assert (a - b).se() ** 2 == pytest.approx(a.se() ** 2 + b.se() ** 2, rel=0.04)


def test_vcov_is_the_covariance_of_draws(shares: tuple[hp.Estimate, hp.Estimate]) -> None:
    matrix = shares[0].vcov()
    np.testing.assert_allclose(matrix, np.cov(shares[0].draws))
    assert list(matrix.columns) == ["opioids", "crack only"]


def test_labels_align(people: hp.Estimate) -> None:
    turned = people[["crack only", "opioids"]]
    assert list((people + turned).labels) == ["opioids", "crack only"]
    np.testing.assert_array_equal((people + turned).draws, 2 * people.draws)
    with pytest.raises(InputError, match=r"Labels don't match: .*'heroin'.* occur on one side only"):
        people + pd.Series({"heroin": 1})
    with pytest.raises(InputError, match=r"no label 'opiods'\. Did you mean 'opioids'"):
        people["opiods"]


def test_shares_by_group_and_category_broadcast_over_sizes_by_group(interviews: pd.DataFrame) -> None:
    survey = hp.Survey(interviews, strata="group")
    people = hp.multiplier(facts.OPAAK_BENCHMARKS, survey.proportion("in_treatment", by="group"))
    housed = people * survey.proportion("housing", by="group")
    assert housed.labels.names == ["group", "housing"]
    assert housed["opioids"].sum().point == pytest.approx(people["opioids"].point)
    np.testing.assert_allclose(
        housed["crack only", "shelter"].draws,
        people["crack only"].draws * survey.proportion("housing", by="group")["crack only", "shelter"].draws,
    )
    assert list(housed["opioids"].labels) == ["own home", "shelter", "with others", "sleeps rough"]


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


def test_rates_per_population(people: hp.Estimate) -> None:
    rate = people.per(11_700_000, base=1000)
    np.testing.assert_allclose(rate.draws, people.draws / 11_700)
    assert people.per({"opioids": 1e6, "crack only": 2e6}).point["crack only"] == pytest.approx(
        people.point["crack only"] / 2000
    )
    with pytest.raises(InputError, match="population above zero"):
        people.per(0)


def test_rename(people: hp.Estimate) -> None:
    renamed = people.rename({"opioids": "opioids (with or without crack)"})
    assert list(renamed.labels) == ["opioids (with or without crack)", "crack only"]
    assert renamed["crack only"].rename("crack").name == "crack"
    with pytest.raises(InputError, match="no label 'heroin'"):
        people.rename({"heroin": "x"})
    with pytest.raises(InputError, match="two labels the same name"):
        people.rename({"opioids": "crack only"})


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
    two = survey.mean("age") - hp.Survey(interviews.head(300), name="first wave").mean("age")
    with pytest.raises(InputError, match="several surveys"):
        two.replay(survey=survey)
    changed = two.replay(**{"first wave": hp.Survey(interviews.head(200))})
    assert changed.point == pytest.approx(interviews["age"].mean() - interviews.head(200)["age"].mean())


def test_one_pass_serves_a_whole_expression(interviews: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    reader = hp.Survey._reader
    monkeypatch.setattr(hp.Survey, "_reader", lambda self, s: calls.append(len(s)) or reader(self, s))
    survey = hp.Survey(interviews, strata="group")
    people = hp.multiplier(facts.OPAAK_BENCHMARKS, survey.proportion("in_treatment", by="group"))
    total = (people * survey.proportion("uses_crack", by="group") * survey.mean("age", by="group")).sum()
    assert total.draws.shape == (1, 10_000)
    assert calls == [3]


def test_estimates_with_different_replicates_meet_at_the_larger() -> None:
    a = hp.beta(3, 4, name="a", replicates=1_000)
    b = hp.beta(3, 4, name="b", replicates=2_000)
    assert (a + b).draws.shape == (1, 2_000)
    np.testing.assert_array_equal((a + b).draws[:, :1_000], a.draws + b.draws[:, :1_000])


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


def test_two_seeds_of_one_survey_do_not_combine(people: hp.Estimate) -> None:
    with pytest.raises(InputError, match="under different seeds"):
        people - people.replay(seed=1)
    with pytest.raises(InputError, match="under two seeds"):
        hp.beta(2, 3, name="b") + hp.beta(2, 3, name="b", seed=9)


def test_surveys_that_share_rows_warn(interviews: pd.DataFrame) -> None:
    first = hp.Survey(interviews, strata="group")
    again = hp.Survey(interviews, strata="group")
    unstratified = hp.Survey(interviews[["group", "age", "city"]])
    with pytest.warns(HiddenpopWarning, match="identical tables and designs"):
        assert np.isclose((first.mean("age") - again.mean("age")).draws, 0).all()
    with pytest.warns(HiddenpopWarning, match="coincide with those of another survey"):
        first.mean("age") - unstratified.mean("age")
    named = hp.Survey(interviews, strata="group", name="a"), hp.Survey(interviews, name="b")
    named[0].mean("age") - named[1].mean("age")  # said to be different people: no warning
    first.mean("age") - first.assign(x=1).mean("age")


def test_small_tables_that_happen_to_be_equal_warn() -> None:
    table = {"x": [1, 0], "n": [5, 5]}
    with pytest.warns(HiddenpopWarning, match="identical tables"):
        hp.Survey(table, counts="n").mean("x") - hp.Survey(table, counts="n").mean("x")


def test_what_does_not_combine(people: hp.Estimate) -> None:
    for other in ("text", None, np.ones(2), [1, 2], True):
        with pytest.raises(InputError):
            people * other
    with pytest.raises(InputError, match="missing or infinite"):
        people * np.nan
    with pytest.raises(InputError, match="not unique"):
        people * pd.Series([1, 2], index=["opioids", "opioids"])
    with pytest.raises(TypeError):
        list(people)


def test_to_xarray(people: hp.Estimate) -> None:
    pytest.importorskip("xarray")
    array = people.to_xarray()
    assert array.dims == ("label", "replicate")
    np.testing.assert_array_equal(array.sel(label="opioids"), people.draws[0])
