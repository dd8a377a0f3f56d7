"""Adjustments: published examples, what they leave alone, which way they go, what they refuse, how they travel."""

from __future__ import annotations

import datetime

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, HiddenpopWarning, InputError, adjust

from .. import facts


@pytest.fixture
def treated(survey: hp.Survey) -> hp.Estimate:
    return survey.proportion("in_treatment", by="group")


def share_of(yes: int, no: int, name: str | None = None) -> hp.Estimate:
    return hp.Survey({"x": [1, 0], "n": [yes, no]}, counts="n", name=name).proportion("x")


def odds(share: hp.Estimate) -> hp.Estimate:
    return share / (1 - share)


# Published examples


def test_rogan_gladen_as_rsurveillance_prints_it() -> None:
    # R package RSurveillance 0.2.1, example of tp(): 20 of 120 positive, sensitivity 0.9, specificity 0.99; "normal".
    found = adjust.self_report(share_of(20, 100), sensitivity=0.9, specificity=0.99)
    assert found.point == pytest.approx(0.17603, abs=5e-6)
    assert found.interval(method="t", scale="identity").iloc[0].tolist() == pytest.approx(
        [0.1011094, 0.2509506], abs=2e-3
    )
    # Their normal quantile and n in the place of ours: t with 119 degrees of freedom and n - 1.
    half = (0.2509506 - 0.1011094) / 2
    assert found.se("linearized") * np.sqrt(119 / 120) * 1.959964 == pytest.approx(half, rel=1e-6)


def test_rogan_gladen_variance_with_estimated_errors() -> None:
    # Rogan and Gladen (1978): the variance when sensitivity and specificity are estimated too, a closed form.
    se, sp = hp.beta(460, 40), hp.beta(970, 30)
    share = hp.Survey({"x": [1, 0], "n": [300, 700]}, counts="n").proportion("x")
    found = adjust.self_report(share, sensitivity=se, specificity=sp)
    p, youden = found.point, 0.92 + 0.97 - 1
    spread = 0.3 * 0.7 / 999 + p**2 * 0.92 * 0.08 / 501 + (1 - p) ** 2 * 0.97 * 0.03 / 1001
    assert found.se("linearized") == pytest.approx(np.sqrt(spread) / youden, rel=0.01)
    assert found.se() == pytest.approx(np.sqrt(spread) / youden, rel=0.03)


def test_misclassified_exposure_as_episensr_prints_it() -> None:
    # Chien et al. (2006) in Lash, Fox and Fink (2009); episensr's page "Multiple Bias Modeling" prints an odds ratio of
    # 1.628058 (1.113458 to 2.380487), with the interval of Chu et al. (2006): the delta method on the log scale.
    cases = adjust.self_report(share_of(118, 832, "cases"), sensitivity=24 / 43, specificity=144 / 146)
    others = adjust.self_report(share_of(103, 884, "controls"), sensitivity=18 / 31, specificity=130 / 134)
    ratio = odds(cases) / odds(others)
    assert ratio.point == pytest.approx(1.628058, abs=5e-7)
    ends = ratio.interval(method="t", scale="log").iloc[0].tolist()
    assert ends == pytest.approx([1.113458, 2.380487], rel=2e-3)


def test_selection_bias_as_episensr_prints_it() -> None:
    # Stang et al. (2009) in Lash, Fox and Fink (2009); episensr prints corrected cells 144.6809, 125.8824, 464.0625, 660
    # and an odds ratio of 1.634608.
    cases = adjust.recruitment(share_of(136, 107, "cases"), odds=0.94 / 0.85)
    others = adjust.recruitment(share_of(297, 165, "controls"), odds=0.64 / 0.25)
    assert cases.point == pytest.approx(144.6809 / (144.6809 + 125.8824), abs=1e-6)
    assert others.point == pytest.approx(464.0625 / (464.0625 + 660.0), abs=1e-6)
    assert (odds(cases) / odds(others)).point == pytest.approx(1.634608, abs=5e-7)


def test_worked_by_hand(treated: hp.Estimate) -> None:
    # Closed forms with round numbers.
    assert adjust.register(800, completeness=0.8, false_positives=0.1).point == pytest.approx(900)
    assert adjust.register(800, completeness=0.8, false_positives=0.1, measured_by="linkage").point == pytest.approx(
        720
    )
    assert adjust.turnover(800, window="1y", stay="1y").point == pytest.approx(400)
    assert adjust.turnover(800, window="24m", stay="1y", asked="6m").point == pytest.approx(400)
    assert adjust.linkage(share_of(46, 54), recall=0.9, false_matches=0.1).point == pytest.approx(0.45)
    assert adjust.linkage(share_of(45, 55), recall=0.9, precision=0.8).point == pytest.approx(0.4)
    chain = adjust.cross_border(adjust.definition(adjust.duplicates(1000, share=0.1), share=0.2), share=0.5)
    assert chain.point == pytest.approx(360)
    assert adjust.migration(1000, left=0.2).point == adjust.migration(1000, entered=0.2).point == pytest.approx(800)


# The lines of the page, chains, travelling


def test_on_sizes_as_on_what_they_are_made_of(treated: hp.Estimate, people: hp.Estimate) -> None:
    completeness = hp.beta(80, 20)
    first = hp.multiplier(adjust.register(facts.OPAAK_BENCHMARKS, completeness=completeness), treated)
    np.testing.assert_allclose(adjust.register(people, completeness=completeness).draws, first.draws, rtol=1e-12)
    np.testing.assert_allclose(
        adjust.register(people, completeness=completeness).draws, (people / completeness).draws, rtol=1e-12
    )
    errors = {"sensitivity": 0.92, "specificity": hp.uniform(0.95, 1)}
    ratio = hp.lognormal(1.5, 1.2, 1.9)
    share = adjust.recruitment(adjust.self_report(treated, **errors), odds=ratio)
    size = adjust.recruitment(adjust.self_report(people, **errors), odds=ratio)
    np.testing.assert_array_equal(size.draws, hp.multiplier(facts.OPAAK_BENCHMARKS, share).draws)
    # In a total, and for one label, the share behind it is what is adjusted.
    total = adjust.recruitment(adjust.self_report(people.sum("all"), **errors), odds=ratio)
    np.testing.assert_allclose(total.draws[0], size.draws.sum(axis=0), rtol=1e-12)
    one = adjust.recruitment(adjust.self_report(people["crack only"], **errors), odds=ratio)
    np.testing.assert_array_equal(one.draws[0], size.draws[1])
    assert one.name == "crack only, adjusted"


def test_inputs_by_label_align(people: hp.Estimate, treated: hp.Estimate) -> None:
    by_label = {"crack only": 0.8, "opioids": hp.beta(90, 10, name="c")}
    found = adjust.register(people, completeness=by_label)
    np.testing.assert_allclose(found["crack only"].draws, people["crack only"].draws / 0.8)
    np.testing.assert_allclose(found["opioids"].draws, (people["opioids"] / hp.beta(90, 10, name="c")).draws)
    turned = adjust.turnover(people, window="1y", stay={"crack only": "6m", "opioids": datetime.timedelta(days=1461)})
    assert (turned.point / people.point).to_dict() == {
        "opioids": pytest.approx(0.8),
        "crack only": pytest.approx(1 / 3),
    }
    series = adjust.recruitment(treated, odds=pd.Series({"crack only": 2.0, "opioids": 1.0}))
    assert series.point["opioids"] == treated.point["opioids"]
    # The order of numbers follows the estimate, also when the benchmark is numbers itself.
    counts = adjust.duplicates({"crack only": 1000, "opioids": 2000}, share={"opioids": 0.5, "crack only": 0.0})
    assert counts.point.to_dict() == {"crack only": 1000, "opioids": 1000}
    assert hp.multiplier(counts, treated).point["opioids"] == pytest.approx(1000 / treated.point["opioids"])


def test_replay_by_the_inputs_names(people: hp.Estimate, treated: hp.Estimate) -> None:
    found = adjust.recruitment(adjust.register(people, completeness=hp.beta(80, 20)), odds=1.5)
    np.testing.assert_array_equal(found.replay(completeness=1, odds=1).draws, people.draws)
    np.testing.assert_allclose(
        found.replay(completeness=hp.beta(90, 10, name="other")).point, found.point * 0.8 / 0.9, rtol=1e-12
    )
    doubled = {"crack only": 2.0, "opioids": 1.0}
    by_label = adjust.recruitment(treated, odds={"opioids": 1.0, "crack only": 1.5})
    np.testing.assert_allclose(by_label.replay(odds=doubled).point, adjust.recruitment(treated, odds=doubled).point)
    # A replayed benchmark is the register's count again: its adjustments stay.
    inside = hp.multiplier(adjust.duplicates(facts.OPAAK_BENCHMARKS, share=0.1), treated)
    twice = {label: 2 * count for label, count in facts.OPAAK_BENCHMARKS.items()}
    np.testing.assert_allclose(inside.replay(benchmark=twice).point, 2 * inside.point)
    with pytest.raises(InputError, match="completeness is 0; it must be above 0 to 1"):
        found.replay(completeness=0)
    with pytest.raises(InputError, match=r"2 inputs called 'share'.*its own name"):
        adjust.cross_border(inside, share=0.1).replay(share=0)


def test_saving_and_other_surveys(people: hp.Estimate, survey: hp.Survey) -> None:
    found = adjust.self_report(adjust.register(people, completeness=hp.beta(80, 20)), sensitivity=0.9).sum("all")
    back = hp.read_estimate(found.to_json() or "")
    np.testing.assert_array_equal(back.draws, found.draws)
    np.testing.assert_array_equal(back.replay(survey=survey, seed=3).draws, found.replay(seed=3).draws)
    assert back.methods() == found.methods()
    assert back.replay(survey=survey, completeness=1, sensitivity=1).point == people.sum().point


def test_intervals_of_every_kind(people: hp.Estimate, survey: hp.Survey, treated: hp.Estimate) -> None:
    found = adjust.recruitment(adjust.self_report(people, sensitivity=0.92, specificity=0.98), odds=1.5)
    p = treated.point
    q = (p - 0.02) / 0.9
    share = q / (q + 1.5 * (1 - q))
    slope = share * (1 - share) / (q * (1 - q)) / 0.9  # dlogit p / dlogit q = 1; dq / dp = 1 / 0.9
    cv = found.se("linearized") / found.point
    np.testing.assert_allclose(cv, slope / share * treated.se("linearized"), rtol=1e-10)  # the delta method, by hand
    np.testing.assert_allclose(found.se("jackknife"), found.se("linearized"), rtol=0.05)
    exact = survey.proportion("in_treatment", by="group").interval(method="percentile")
    for method in ("percentile", "basic", "normal", "bc", "bca", "studentized", "hdi", "t"):
        ends = found.interval(method=method)
        assert (ends["lower"] < found.point).all(), method
        assert (ends["upper"] > found.point).all(), method
        assert np.isfinite(ends).all(axis=None), method
    # Percentiles go through a monotone adjustment: a size falls with its share.
    ends = found.interval(method="percentile")
    for column, other in (("lower", "upper"), ("upper", "lower")):
        q = (exact[other] - 0.02) / 0.9
        expected = pd.Series(facts.OPAAK_BENCHMARKS) * (q + 1.5 * (1 - q)) / q
        np.testing.assert_allclose(ends[column], expected, rtol=2e-3)


def test_variance_replicates_and_imputations_go_through() -> None:
    table = pd.DataFrame({"city": np.repeat(np.arange(30), 6), "x": np.tile([1, 0, 0, 1, 0], 36)})
    plain = hp.Survey(table, clusters="city").proportion("x")
    jackknifed = hp.Survey(table, clusters="city").with_replicates("JK1").proportion("x")
    for share in (plain, jackknifed):
        found = adjust.recruitment(share, odds=2)
        assert found.se("linearized" if share is plain else None) == pytest.approx(
            found.point * (1 - found.point) / (0.4 * 0.6) * plain.se("linearized"), rel=0.02
        )
    tables = [table.assign(x=np.roll(table["x"], m) * (np.arange(180) != m)) for m in range(5)]
    pooled = hp.pool([hp.Survey(one).proportion("x") for one in tables])
    doubled = adjust.linkage(pooled, recall=0.5)  # twice the share, so twice its Rubin's standard error
    assert doubled.se("linearized") == pytest.approx(2 * pooled.se("linearized"), rel=1e-9)


def test_methods_say_what_by_how_much_and_which_way(people: hp.Estimate, treated: hp.Estimate) -> None:
    text = adjust.register(people, completeness=hp.beta(80, 20), false_positives=0.02).methods()
    assert "the size N was multiplied by (1 - f) / c, where c = beta(80, 20)" in text
    assert "f = 0.02" in text
    assert "This raises N = B / p by 22.5%." in text
    assert "Brenner H, Gefeller O (1993)" in text
    alone = adjust.duplicates(4912, share=0.05).methods()
    assert "This lowers N = B / p by 5%. Numbers given, without uncertainty." in alone
    text = hp.multiplier(adjust.duplicates(facts.OPAAK_BENCHMARKS, share=0.05), treated).methods()
    assert "the benchmark B was multiplied by 1 - s, where s = 0.05" in text
    assert "This lowers N = B / p by 5%." in text
    text = adjust.recruitment(treated, odds={"opioids": 1.5, "crack only": 1}).methods()
    assert "divided by 1.5 for 'opioids' and 1 for 'crack only'" in text
    text = adjust.self_report(people, sensitivity=0.9).methods()
    assert "This raises p by 11.1% and so lowers N = B / p by 10%." in text
    linked = adjust.register(people, completeness=0.8, measured_by="linkage")
    np.testing.assert_array_equal(linked.draws, people.draws)
    assert "changes nothing, because the share was measured by linkage" in linked.methods()
    assert "This does not change N = B / p." in linked.methods()
    assert set(linked.summary()["method"]) == {"multiplier, adjusted for false records in the register; 95% mover"}
    assert set(adjust.self_report(treated, sensitivity=0.9).summary()["method"]) == {
        "proportion, adjusted for misreported registration; 95% mover"
    }


def test_each_direction_is_in_the_sentence(people: hp.Estimate) -> None:
    # What each worry does to N, as docs/adjust.md tabulates it.
    lowers = [
        adjust.register(people, false_positives=0.1),
        adjust.duplicates(people, share=0.1),
        adjust.cross_border(people, share=0.1),
        adjust.definition(people, share=0.1),
        adjust.turnover(people, window="1y", stay="3y"),
        adjust.migration(people, left=0.1),
        adjust.migration(people, entered=0.1),
        adjust.self_report(people, sensitivity=0.9),
        adjust.linkage(people, recall=0.9),
        adjust.recruitment(people, odds=0.8),
    ]
    raises = [
        adjust.register(people, completeness=0.9),
        adjust.turnover(people, window="1m", stay="3y", asked="1y"),
        adjust.self_report(people, specificity=0.9),
        adjust.linkage(people, false_matches=0.1),
        adjust.linkage(people, precision=0.9),
        adjust.recruitment(people, odds=1.2),
    ]
    for est in lowers:
        assert (est.point < people.point).all()
        assert "lowers N = B / p" in est.methods()
    for est in raises:
        assert (est.point > people.point).all()
        assert "raises N = B / p" in est.methods()


# Truncation, undefined draws


def test_truncated_draws_are_counted_and_said() -> None:
    share = share_of(8, 92)
    found = adjust.self_report(share, specificity=0.96)
    with pytest.warns(HiddenpopWarning, match=r"outside 0 to 1 .* where they are truncated"):
        ends = found.interval(method="percentile")
    assert ends.iloc[0, 0] == 0.0
    expected = float((share.draws < 0.04).mean())
    assert expected > 0.01
    assert (found.draws == 0).mean() >= expected  # those, and draws of exactly 4 of 100
    assert f"{100 * expected:.2g}% fell outside 0 to 1 by this adjustment and were truncated" in found.methods()
    assert "are truncated" in repr(found)
    few = adjust.self_report(share_of(11, 89), specificity=0.96)
    few.interval()  # hardly ever: said in methods() only
    assert "were truncated" in few.methods()
    size = hp.multiplier(100, found)
    with pytest.warns(HiddenpopWarning) as said:
        size.interval(method="percentile")
    assert {str(warning.message)[:6] for warning in said} == {"An end", "Adjust"}


def test_a_share_that_the_inputs_can_not_give_is_refused() -> None:
    with pytest.raises(EstimationError, match=r"The share at .* is \[?0.1\]?, which .* specificity 0.8 can't give"):
        adjust.self_report(share_of(10, 90), specificity=0.8)
    with pytest.raises(EstimationError, match=r"would be 1\.125"):
        adjust.self_report(share_of(90, 10), sensitivity=0.8)
    survey = hp.Survey({"g": list("aabb"), "x": [1, 0, 1, 0], "n": [10, 90, 50, 50]}, counts="n", strata="g")
    shares = survey.proportion("x", by="g")
    with pytest.warns(HiddenpopWarning, match="at 'a' is 0.1, .* No estimate there"):
        found = adjust.self_report(shares, specificity=0.8)
    assert np.isnan(found.point["a"])
    assert np.isnan(found.draws[0]).all()
    assert found.point["b"] == pytest.approx(0.375)
    with pytest.warns(HiddenpopWarning, match="'a' has no estimate, so neither has the size"):
        sizes = hp.multiplier({"a": 100, "b": 100}, found)
    assert np.isnan(sizes.point["a"])
    with pytest.warns(HiddenpopWarning):
        assert np.isnan(sizes.interval().loc["a"]).all()


def test_inputs_that_contradict_themselves() -> None:
    share = share_of(40, 60)
    for make in (
        lambda: adjust.self_report(share, sensitivity=0.5, specificity=0.5),
        lambda: adjust.self_report(share, sensitivity=hp.uniform(0.1, 0.3), specificity=0.7),
        lambda: adjust.linkage(share, recall=0.3, false_matches=0.3),
    ):
        with pytest.raises(InputError, match=r"no likelier .* say nothing"):
            make()
    # Uncertain inputs that reach there: such draws are undefined, and counted as everywhere.
    found = adjust.self_report(share, sensitivity=hp.uniform(0.15, 1), specificity=0.8)
    assert np.isnan(found.draws).mean() == pytest.approx(0.05 / 0.85, abs=0.01)
    with pytest.warns(HiddenpopWarning) as said:
        assert found.interval(method="percentile").isna().all(axis=None)
    assert any("draws are undefined" in str(warning.message) for warning in said)
    with pytest.raises(InputError, match=r"sensitivity is normal\(0.95, 0.05\), which reaches from 0.785 to 1.11"):
        adjust.self_report(share, sensitivity=hp.normal(0.95, 0.05))
    with pytest.raises(InputError, match=r"odds is normal.* it must be above 0. .*hp.lognormal"):
        adjust.recruitment(share, odds=hp.normal(1, 1))
    with pytest.raises(EstimationError, match="Some draws of sensitivity are not 0 to 1"):
        _ = adjust.self_report(share, sensitivity=hp.normal(0.95, 0.05) * 1.0).draws


def test_distributions_that_reach_too_far_are_refused_without_draws() -> None:
    # Few clusters have t intervals, for which nothing is drawn.
    table = {"treated": [1, 0] * 10, "place": [i // 2 for i in range(20)], "weight": [1.0 + i % 3 for i in range(20)]}
    survey = hp.Survey(table, clusters="place", weights="weight")
    people = hp.multiplier(1_000, survey.proportion("treated"))
    for completeness in (hp.uniform(0.8, 1.1), hp.normal(0.9, 0.1)):
        with pytest.raises(InputError, match=r"completeness is .* which reaches from .* above 0 to 1"):
            adjust.register(people, completeness=completeness)
    adjust.register(people, completeness=hp.uniform(0.8, 1))


def test_truncation_is_said_of_t_intervals_too() -> None:
    table = {"yes": [1, 0, 0, 0] * 10, "place": [i // 4 for i in range(40)]}
    share = hp.Survey(table, clusters="place").proportion("yes")
    adjusted = adjust.self_report(share, specificity=hp.uniform(0.7, 0.9))
    with pytest.warns(HiddenpopWarning, match="of the draws outside 0 to 1"):
        adjusted.interval(method="t")


def test_a_register_adjusts_no_size_that_it_did_not_make() -> None:
    people = hp.multiplier(1_000, share_of(40, 60))
    lists = hp.chapman(hp.Lists({"a": [1, 1, 0], "b": [1, 0, 1], "n": [60, 340, 340]}, ["a", "b"], counts="n"))
    known = hp.published(2_000, 1_500, 2_700, name="known")
    for other in (lists, known):
        mixed = hp.triangulate({"multiplier": people, "other": other}, method="fixed").estimate
        for est in (mixed, people + other):
            with pytest.raises(InputError, match="multipliers and of other sizes"):
                adjust.register(est, completeness=0.8)
    # Sizes of multipliers only, and shares times them, are as before.
    adjust.register(people * share_of(30, 70) * hp.beta(8, 2), completeness=0.8)


def test_adjusting_twice_is_said() -> None:
    people = hp.multiplier(1_000, share_of(40, 60))
    once = adjust.recruitment(adjust.register(people, completeness=0.8), odds=1.2)
    with pytest.warns(HiddenpopWarning, match="adjusted for what the register misses before"):
        adjust.register(once, completeness=0.8)
    with pytest.warns(HiddenpopWarning, match="adjusted for differential recruitment before"):
        adjust.recruitment(once, odds=1.2)


# What is refused

BAD = {
    "per cent": (lambda s, p: adjust.register(p, completeness=80), "completeness is 80; .* For 80% give 0.8"),
    "none held": (lambda s, p: adjust.register(p, completeness=0), "above 0 to 1"),
    "all false": (lambda s, p: adjust.register(p, completeness=1, false_positives=1), "0 to below 1"),
    "how measured": (
        lambda s, p: adjust.register(p, completeness=1, measured_by="phone"),
        "'self-report' or 'linkage'",
    ),
    "register of a share": (lambda s, p: adjust.register(s, completeness=0.8), "is a share, but this adjusts a count"),
    "negative count": (lambda s, p: adjust.duplicates(-5, share=0.1), "negative"),
    "a text": (lambda s, p: adjust.duplicates(p, share="many"), "share='many' can't be used"),
    "nothing": (lambda s, p: adjust.duplicates(p, share=None), "share=None can't be used"),
    "NaN": (lambda s, p: adjust.duplicates(p, share=float("nan")), "missing or infinite"),
    "an event": (lambda s, p: adjust.duplicates(p, share=p > 5), "a event; it must be"),
    "other labels": (lambda s, p: adjust.duplicates(p, share={"opioids": 0.1}), "Labels don't match"),
    "labels for one": (lambda s, p: adjust.duplicates(100, share={"a": 0.1}), "has none. Give one number"),
    "a number as share": (lambda s, p: adjust.self_report(0.3, sensitivity=0.9), "hp.beta"),
    "above 1": (lambda s, p: adjust.self_report(s, sensitivity=1.1), "sensitivity is 1.1; it must be 0 to 1"),
    "a percentage": (lambda s, p: adjust.self_report(s * 100, sensitivity=0.9), "outside 0 to 1, so it is no share"),
    "a published size": (
        lambda s, p: adjust.self_report(hp.published(16e3, 11e3, 25e3), sensitivity=0.9),
        "no share in it to adjust",
    ),
    "two multipliers": (
        lambda s, p: adjust.recruitment(p["opioids"] + hp.multiplier(9, hp.beta(5, 5)), odds=2),
        "made of 2 multipliers",
    ),
    "no odds": (lambda s, p: adjust.recruitment(s, odds=0), "odds is 0; it must be above 0"),
    "wrong links twice": (
        lambda s, p: adjust.linkage(s, precision=0.9, false_matches=0.1),
        "false_matches or precision",
    ),
    "no unit": (lambda s, p: adjust.turnover(p, window=1, stay="3y"), "window=1 has no unit"),
    "bare number": (lambda s, p: adjust.turnover(p, window="12", stay="3y"), "window='12' is not understood"),
    "odd unit": (lambda s, p: adjust.turnover(p, window="1h", stay="3y"), "not understood"),
    "two units": (lambda s, p: adjust.turnover(p, window="1y6m", stay="3y"), "one number and one unit"),
    "minus": (lambda s, p: adjust.turnover(p, window="-1y", stay="3y"), "not understood"),
    "minus days": (
        lambda s, p: adjust.turnover(p, window=datetime.timedelta(days=-1), stay="3y"),
        "no length of time",
    ),
    "no stay": (lambda s, p: adjust.turnover(p, window="1y", stay="0d"), "stay is 0; it must be above 0"),
    "two times": (lambda s, p: adjust.migration(p, left=0.1, entered=0.1), "different sizes"),
    "no time": (lambda s, p: adjust.migration(p), "Give left .* or entered"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(treated: hp.Estimate, people: hp.Estimate, case: str) -> None:
    make, message = BAD[case]
    with pytest.raises(InputError, match=message):
        make(treated, people)


def test_sizes_from_lists_estimate_themselves_whom_lists_miss() -> None:
    lists = hp.Lists(pd.DataFrame({"a": [1, 1, 0], "b": [1, 0, 1], "n": [20, 80, 60]}), lists=["a", "b"], counts="n")
    with pytest.raises(InputError, match="comes from lists"):
        adjust.register(hp.chapman(lists), completeness=0.8)
    with pytest.raises(InputError, match="no share in it"):
        adjust.linkage(hp.chapman(lists), recall=0.9)


def test_one_named_quantity_under_two_seeds_is_refused() -> None:
    share = hp.beta(5, 5, name="x", seed=1)
    with pytest.raises(InputError, match="two seeds"):
        adjust.self_report(share, sensitivity=hp.beta(5, 5, name="x", seed=2))


def test_a_doubled_share_is_no_number_of_participants(treated: hp.Estimate) -> None:
    # 240 of 393 answered yes; adjusted, that is more than the register's 300: no contradiction of counts.
    found = adjust.self_report(treated["opioids"], sensitivity=0.7)
    assert hp.multiplier(300, found).point == pytest.approx(300 / (240 / 393 / 0.7))
