"""Replicates as weights: functions of weights, and weights for other software."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, InputError
from hiddenpop.draws import ranges


def surveys(interviews: pd.DataFrame) -> dict[str, tuple[hp.Survey, pd.DataFrame]]:
    few = interviews[["group", "in_treatment"]]
    table = few.groupby(["group", "in_treatment"], as_index=False).size()
    weighted = interviews.assign(w=np.linspace(1, 3, len(interviews)))
    return {
        "rows": (hp.Survey(interviews, strata="group"), interviews),
        "kinds": (hp.Survey(few, strata="group"), few),
        "counts": (hp.Survey(table, counts="size", strata="group"), table),
        "clusters": (hp.Survey(weighted, clusters="city", weights="w"), weighted),
    }


@pytest.mark.parametrize("design", ["rows", "kinds", "counts", "clusters"])
def test_a_function_of_weights_equals_the_statistic(interviews: pd.DataFrame, design: str) -> None:
    survey, table = surveys(interviews)[design]
    values = table["in_treatment"].to_numpy()
    by_hand = survey.replicate(lambda w: (w * values).sum() / w.sum(), name="share")
    ours = survey.proportion("in_treatment")
    assert by_hand.point == pytest.approx(ours.point)
    np.testing.assert_allclose(by_hand.draws, ours.draws, rtol=1e-12)
    # Joint with everything else that the survey says.
    np.testing.assert_allclose((by_hand - ours).draws, 0, atol=1e-12)


def test_exported_weights_are_the_redraws(interviews: pd.DataFrame) -> None:
    for survey, table in surveys(interviews).values():
        weights = survey.to_replicate_weights(50)
        assert weights.shape == (len(table), 50)
        shares = (weights.mul(table["in_treatment"].reset_index(drop=True), axis=0)).sum() / weights.sum()
        np.testing.assert_allclose(shares, survey.proportion("in_treatment").draws[0, :50])


def test_labels(interviews: pd.DataFrame) -> None:
    survey = hp.Survey(interviews, replicates=50)
    age = interviews["age"].fillna(50).to_numpy()
    series = survey.replicate(lambda w: pd.Series({"mean": np.average(age, weights=w), "sum": w.sum()}))
    assert list(series.labels) == ["mean", "sum"]
    named = survey.replicate(lambda w: [w.min(), w.max()], labels=["least", "most"], name="weights")
    assert named["most"].draws.max() > 1
    assert hp.read_estimate(named.to_json()).draws.shape == (2, 50)


def test_what_goes_wrong_is_said(interviews: pd.DataFrame) -> None:
    survey = hp.Survey(interviews, replicates=50)

    def fails(w: np.ndarray) -> float:
        if w[0] == 2:
            raise ZeroDivisionError("no controls")
        return 1.0

    twos = np.flatnonzero(survey.to_replicate_weights(50).iloc[0] == 2)
    with pytest.raises(EstimationError, match=f"ZeroDivisionError in replicate {twos[0]} .no controls"):
        _ = survey.replicate(fails).draws
    with pytest.raises(InputError, match="shape"):
        _ = survey.replicate(lambda w: [1.0] * int(1 + (w[0] > 1))).draws
    with pytest.raises(InputError, match="should return numbers"):
        survey.replicate(lambda w: "text")
    with pytest.raises(InputError, match="needs a function"):
        survey.replicate(3)  # type: ignore[arg-type]
    total = survey.replicate(lambda w: w.sum(), name="sum")
    with pytest.raises(EstimationError, match="no linearised"):
        total.se("linearized")
    with pytest.raises(EstimationError, match="no jackknife"):
        total.se("jackknife")
    with pytest.raises(InputError, match="can't be put to another survey"):
        total.replay(survey=hp.Survey(interviews.head(100)))


def test_weights_are_made_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    # All weights together would take 5,000 x 1,000 x 8 bytes = 40 MB.
    monkeypatch.setattr(ranges, "MOST_MEMORY", 10_000_000)
    survey = hp.Survey({"x": np.arange(5_000.0)}, replicates=1_000)
    first = survey.replicate(lambda w: w[0], name="first")
    assert first.draws.mean() == pytest.approx(1, abs=4 / np.sqrt(1_000))  # a binomial with variance about 1
    with pytest.raises(InputError, match="would take"):
        survey.to_replicate_weights(1_000)
