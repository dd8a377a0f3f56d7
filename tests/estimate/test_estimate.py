"""Estimates: arithmetic, labels, joint distributions, replay."""

import copy

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning, InputError
from hiddenpop.answers import statistic

from .. import facts


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
    survey = hp.Survey(interviews, strata="group", name="whole")
    two = survey.mean("age") - hp.Survey(interviews.head(300), name="first wave").mean("age")
    with pytest.raises(InputError, match="several surveys"):
        two.replay(survey=survey)
    changed = two.replay(**{"first wave": hp.Survey(interviews.head(200))})
    assert changed.point == pytest.approx(interviews["age"].mean() - interviews.head(200)["age"].mean())


def test_one_pass_serves_a_whole_expression(interviews: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    reader = statistic.TotalsReader
    monkeypatch.setattr(statistic, "TotalsReader", lambda sample, s: calls.append(len(s)) or reader(sample, s))
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


def test_people_met_again_in_another_order_or_selection_warn(interviews: pd.DataFrame) -> None:
    whole = hp.Survey(interviews)
    for other in (
        interviews.sample(frac=1, random_state=1),
        interviews.dropna(),
        interviews.rename(columns={"age": "a"}),
    ):
        with pytest.warns(HiddenpopWarning, match="coincide with those of another survey"):
            whole.proportion("in_treatment") - hp.Survey(other).proportion("in_treatment")


def test_masks_and_columns_align_by_label(interviews: pd.DataFrame) -> None:
    shuffled = interviews.sample(frac=1, random_state=2)
    survey = hp.Survey(shuffled)
    older = interviews["age"] > 45
    expected = interviews.loc[older, "age"].mean()
    assert survey.mean("age", where=older).point == pytest.approx(expected)
    assert survey.assign(older=older).mean("age", where="older").point == pytest.approx(expected)
    assert survey.mean("age", where=older.loc[shuffled.index].to_numpy()).point == pytest.approx(expected)


def test_inner_levels_masks_and_sums_by_level(interviews: pd.DataFrame) -> None:
    survey = hp.Survey(interviews, strata="group")
    housing = survey.proportion("housing", by="group")
    shelter = housing[:, "shelter"]
    assert list(shelter.labels) == ["opioids", "crack only"]
    assert shelter["opioids"].point == housing["opioids", "shelter"].point
    assert len(housing[["opioids"]]) == 4
    assert (housing[housing.point > 0.2].point > 0.2).all()
    assert housing.sum(by="group").point.round(12).to_dict() == {"opioids": 1, "crack only": 1}
    np.testing.assert_allclose(housing.sum(by="housing").draws[1], shelter.draws.sum(axis=0))
    for wrong, message in (
        (lambda: housing[:, "shelterr"], "Did you mean 'shelter'"),
        (lambda: housing["opioids":], "whole levels"),
        (lambda: housing.sum("group"), "is a level of the labels"),
        (lambda: housing.sum(by="city"), "no level 'city'"),
        (lambda: housing.contrast({"opioids": 1}), "no label 'opioids'"),
        (lambda: survey.mean("age", by="group").rename(3), "takes a new name"),
    ):
        with pytest.raises(InputError, match=message):
            wrong()


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


def test_one_name_is_one_quantity() -> None:
    first = hp.published(16_000, 11_300, 25_200, name="crack")
    with pytest.raises(InputError, match="Two different uncertain inputs"):
        first - hp.published(14_000, 10_000, 22_000, name="crack")


def test_quantities_survive(people: hp.Estimate, survey: hp.Survey) -> None:
    share = survey.proportion("in_treatment", by="group")
    assert (1 - share).quantity == "share"
    assert (people * (1 - share)).quantity == "size"
    mixed = hp.concat([people, (people["opioids"] - people["crack only"]).rename("difference")])
    pd.testing.assert_frame_equal(
        mixed.interval(method="normal").iloc[:2], people.interval(method="normal"), check_names=False
    )


def test_impossible_rates(people: hp.Estimate) -> None:
    with pytest.raises(InputError, match="population is smaller"):
        people.per(100)
    with pytest.raises(InputError, match="zero or less"):
        people.per(hp.normal(1_000_000, 600_000))
