"""The study: every published figure that the recovered counts and implied benchmarks determine."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest

from . import facts


def hundreds(value: float) -> int:
    return round(value / 100) * 100


def test_shares_in_treatment(survey: hp.Survey) -> None:
    share = survey.proportion("in_treatment", by="group").point
    assert (share * 100).round(1).to_dict() == facts.OPAAK_TREATED


def test_shares_by_birthplace(survey: hp.Survey) -> None:
    by_both = survey.proportion("in_treatment", by=["group", "born"]).point
    assert (by_both * 100).round(1).to_dict() == facts.OPAAK_TREATED_BY_BIRTHPLACE
    by_birthplace = survey.proportion("in_treatment", by="born").point
    assert (by_birthplace * 100).round().to_dict() == facts.OPAAK_TREATED_BIRTHPLACE_ALL


def test_sizes(people: hp.Estimate) -> None:
    assert {k: hundreds(v) for k, v in people.point.items()} == facts.OPAAK_SIZES


def test_simple_random_sampling_gives_the_percentile_interval_of_the_reference(people: hp.Estimate) -> None:
    # Exact: N = B n / X with X binomial, so an end is B n / (a binomial quantile); scipy gives those.
    scipy = pytest.importorskip("scipy.stats")
    interval = people.replay(replicates=400_000).interval(0.95, method="percentile")
    for label, k, n in (("opioids", 240, 393), ("crack only", 39, 127)):
        law = scipy.binom(n, k / n)
        benchmark = facts.OPAAK_BENCHMARKS[label]
        # 400,000 replicates find the quantile of a discrete law but for a step of one participant.
        for end, share in (("lower", 0.975), ("upper", 0.025)):
            quantile = law.ppf(share)
            near = [benchmark * n / (quantile + step) for step in (-1, 0, 1)]
            assert min(abs(interval.loc[label, end] - value) for value in near) < 1e-6


def test_derived_totals() -> None:
    crack = hp.datasets.load("opaak")["crack"]
    treatment = hp.datasets.load("opaak")["treatment"]
    shares = hp.Survey(treatment, counts="count", strata="group", name="treatment").proportion(
        "in_treatment", by="group"
    )
    people = hp.multiplier(facts.OPAAK_BENCHMARKS, shares)
    uses = hp.Survey(crack, counts="count", strata="group", name="crack").proportion("uses_crack", by="group")
    assert round(uses["opioids"].point * 100, 1) == facts.OPAAK_USES_CRACK_PERCENT
    both = people["opioids"] * uses["opioids"]
    opioids_only = people["opioids"] * (1 - uses["opioids"])
    everyone = (people * uses).sum("people who use crack")
    assert hundreds(both.point) == facts.OPAAK_BOTH
    assert hundreds(opioids_only.point) == facts.OPAAK_OPIOIDS_ONLY
    assert hundreds(everyone.point) == facts.OPAAK_ALL_CRACK
    ends = everyone.interval().iloc[0]
    assert ends["lower"] < everyone.point < ends["upper"]


def test_the_worked_example() -> None:
    survey = hp.Survey({"registered": [1, 0], "count": [50, 50]}, counts="count")
    assert hp.multiplier(100, survey.proportion("registered")).point == 200


def test_synthetic_interviews_keep_the_published_margins(interviews: pd.DataFrame) -> None:
    assert "SYNTHETIC" in interviews.attrs["note"]
    survey = hp.Survey(interviews, strata="group")
    treated = survey.proportion("in_treatment", by="group").point * 100
    assert treated.round(1).to_dict() == facts.OPAAK_TREATED
    born = survey.assign(abroad=lambda t: t["born"] != "Netherlands")
    by_birthplace = born.proportion("in_treatment", by=["group", "abroad"]).point * 100
    expected = {
        (group, birthplace == "elsewhere"): v for (group, birthplace), v in facts.OPAAK_TREATED_BY_BIRTHPLACE.items()
    }
    assert by_birthplace.round(1).to_dict() == expected
    assert round(survey.proportion("uses_crack", by="group")["opioids"].point * 100, 1) == 89.3
    # Characteristics of all participants and of table 1, as the summary prints them.
    assert round(survey.proportion("sex")["man"].point * 100, 1) == 85.1
    assert round(survey.mean("age").point, 1) == 50.0
    assert survey.mean("age", by="group").point.round(1).to_dict() == {"opioids": 50.7, "crack only": 47.8}
    assert round(survey.proportion("work")["unemployed"].point * 100, 1) == 37.6
    assert round(survey.proportion("work")["unable to work"].point * 100, 1) == 37.4
    assert round(survey.proportion("depression").point * 100, 1) == 78.8
    assert np.isclose(survey.proportion("housing")["sleeps rough"].point, 0.225)
    assert interviews.isna().any().any()


def test_the_whole_questionnaire_keeps_the_published_margins(interviews: pd.DataFrame) -> None:
    questionnaire = hp.datasets.load("synthetic_opaak")["questionnaire"]
    assert questionnaire[interviews.columns].equals(interviews)
    assert questionnaire.attrs["note"] == interviews.attrs["note"]
    survey = hp.Survey(questionnaire, strata="group")
    printed = hp.datasets.load("opaak")["shares"].query("year == 2023").set_index(["measure", "group"])["percent"]
    columns = {
        "insured": "Dutch health insurance",
        "in_dutch": "questionnaire in Dutch",
        "complaint_teeth": "dental problems",
        "complaint_memory": "forgetfulness",
        "complaint_sleep": "sleep problems",
        "complaint_breathing": "respiratory problems",
        "anxiety": "signs of anxiety",
        "mental_care": "receives mental health care",
    }
    for column, measure in columns.items():
        digits = 0 if measure == "receives mental health care" else 1
        assert round(100 * survey.proportion(column).point, digits) == printed[measure, "all"], measure
    shared = survey.proportion("shared_equipment", by="group").point * 100
    assert shared.round(1).to_dict() == {"opioids": 63.0, "crack only": 66.4}
    maintenance = survey.proportion("maintenance", by="group")["opioids"]
    assert round(maintenance.point * 100, 1) == printed["opioid maintenance treatment", "opioids"]
