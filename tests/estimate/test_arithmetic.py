"""Arithmetic: draw by draw, labels aligned, and what does not combine."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning, InputError

from .. import facts


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


def test_the_product_has_the_right_variance(shares: tuple[hp.Estimate, hp.Estimate], interviews: pd.DataFrame) -> None:
    # Delta method: var(x y) = y^2 var x + x^2 var y + 2 x y cov(x, y), for n = 393 good to a per cent.
    a, b = (s["opioids"] for s in shares)
    rows = interviews[interviews["group"] == "opioids"]
    c = np.cov(rows["in_treatment"], rows["uses_crack"], ddof=0) / len(rows)
    x, y = a.point, b.point
    expected = y**2 * c[0, 0] + x**2 * c[1, 1] + 2 * x * y * c[0, 1]
    assert (a * b).se() ** 2 == pytest.approx(expected, rel=0.05)


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


def test_estimates_with_different_replicates_meet_at_the_larger() -> None:
    a = hp.beta(3, 4, name="a", replicates=1_000)
    b = hp.beta(3, 4, name="b", replicates=2_000)
    assert (a + b).draws.shape == (1, 2_000)
    np.testing.assert_array_equal((a + b).draws[:, :1_000], a.draws + b.draws[:, :1_000])


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


def test_people_met_again_in_another_order_or_selection_warn(interviews: pd.DataFrame) -> None:
    whole = hp.Survey(interviews)
    for other in (
        interviews.sample(frac=1, random_state=1),
        interviews.dropna(),
        interviews.rename(columns={"age": "a"}),
    ):
        with pytest.warns(HiddenpopWarning, match="coincide with those of another survey"):
            whole.proportion("in_treatment") - hp.Survey(other).proportion("in_treatment")


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


def test_what_a_series_holds_later_is_another_matter(shares: tuple[hp.Estimate, hp.Estimate]) -> None:
    """Draws are made when they are first asked for; they are of the numbers that were given."""
    numbers = pd.Series({"opioids": 2.0, "crack only": 3.0})
    product = shares[0] * numbers
    numbers[:] = 100.0
    np.testing.assert_allclose(product.draws, shares[0].draws * [[2], [3]], rtol=1e-14)


def test_names_of_sums_of_sums_are_cut() -> None:
    """Each step would double the name: 2^60 letters. What a user calls something stays whole."""
    est = hp.published(10, 9, 11, name="people", replicates=20)
    long = est.rename("x" * 5000)
    for made in (est, hp.concat({"a": est, "b": est})):
        grown = made
        for _ in range(60):
            grown = 0.5 * (grown + grown)
            grown = -grown
        assert len(grown.name) <= 300
        assert " ... " in grown.name
        np.testing.assert_allclose(grown.point, made.point)
    assert len(long.name) == 5000
    assert len(long.per(1000).name) <= 300
    assert len((~(long > 1)).name) <= 300
    pairs = hp.concat({("a" * 400, "b"): est, ("a" * 400, "c"): est})
    assert len(pairs["a" * 400].name) <= 300
    assert len(pairs[:, "b"].name) <= 300
