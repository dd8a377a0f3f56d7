"""Degrees of freedom of labels: counted by hand, R's `degf(subset(...))`, Welch's formula; none, no interval."""

import warnings

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, HiddenpopWarning, InputError
from hiddenpop.uncertainty import freedom
from hiddenpop.uncertainty.interval_methods import METHODS
from hiddenpop.uncertainty.variance import measured
from scipy import stats

from .. import replicated


def test_domains_have_their_clusters_less_their_strata() -> None:
    # Counted by hand in random designs, of weight zero too.
    rng = np.random.default_rng(0)
    for _ in range(60):
        n, clusters = int(rng.integers(20, 60)), int(rng.integers(4, 12))
        frame = pd.DataFrame(
            {"c": rng.integers(0, clusters, n), "g": rng.choice(list("abc"), n), "y": rng.normal(size=n)}
        )
        frame["s"], frame["w"] = frame["c"] % max(1, clusters // 3), rng.random(n) * (rng.random(n) > 0.2)
        survey = hp.Survey(frame, strata="s", clusters="c", weights="w", lonely="certainty", replicates=20)
        mean = survey.mean("y", by="g")
        kept = frame[frame["w"] > 0]
        expected = [
            len(part.drop_duplicates(["s", "c"])) - part["s"].nunique()
            for part in (kept[kept["g"] == label] for label in mean.labels)
        ]
        assert freedom.of_answer(mean.node).tolist() == expected


def test_a_domain_in_three_clusters_as_in_r() -> None:
    # R: svymean(~y, subset(svydesign(ids=~p, weights=~1, data=d), dom==1)) is 5.222222 (1.565825), confint(df=degf(...)) with
    # 2 degrees of freedom -1.51498 to 11.95942.
    frame = pd.DataFrame(
        {"p": np.repeat(np.arange(20), 3), "y": [5, 7, 6, 1, 2, 2, 9, 8, 7, *[3, 4, 5] * 17], "dom": np.arange(60) < 9}
    )
    survey = hp.Survey(frame, clusters="p", replicates=50)
    mean = survey.mean("y", where="dom")
    assert mean.se("linearized") == pytest.approx(1.565825, abs=1e-6)
    with pytest.warns(HiddenpopWarning, match="rests on 2 degrees of freedom"):
        assert np.ravel(mean.interval(method="t")) == pytest.approx([-1.51498, 11.95942], abs=1e-5)
    # Below five degrees a note stands beside it, above none.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        survey.mean("y").interval()
    # By default the jackknife's error: without a cluster of three its domain's mean is that of the other six.
    means = [(47 - cluster) / 6 for cluster in (18, 5, 24)]
    error = np.sqrt(19 / 20 * ((np.array(means) - 47 / 9) ** 2).sum())
    with pytest.warns(HiddenpopWarning, match="rests on 2 degrees"):
        ends = np.ravel(mean.interval())
    assert ends == pytest.approx(47 / 9 + np.array([-1, 1]) * stats.t.ppf(0.975, 2) * error, rel=1e-9)


def test_a_model_of_a_domain_has_its_degrees_less_predictors() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {"y": rng.normal(size=60), "x": rng.normal(size=60), "w": rng.uniform(1, 2, 60), "young": np.arange(60) < 12}
    )
    row = hp.regress(hp.Survey(frame, weights="w", replicates=50), "y ~ x", where="young").summary().loc["x"]
    # svyglm on subset(): 12 people less one, less a predictor.
    assert (row["upper"] - row["estimate"]) / row["se"] == pytest.approx(stats.t.ppf(0.975, 10), rel=1e-9)


@pytest.mark.parametrize("method", [None, *METHODS])
def test_a_group_in_one_cluster_has_no_interval_by_any_method(method: str | None) -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"site": np.repeat(range(10), 5), "g": ["a"] * 5 + ["b"] * 45, "y": [1, 0, 1, 0, 0, *rng.integers(0, 2, 45)]}
    )
    survey = hp.Survey(frame, clusters="site", replicates=100)
    share = survey.proportion("y", by="g")
    for est in (share, survey.median("y", by="g"), hp.multiplier(100, share["a"])):
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            try:
                ends = est.interval(method=method)
            except (InputError, EstimationError):
                continue  # a method of other estimates
        assert ends.iloc[0].isna().all()
        assert any("No interval" in str(one.message) for one in said)
        if method is None and len(ends) > 1:
            assert ends.loc["b"].notna().all()


@pytest.mark.filterwarnings("ignore:No interval. up to")
def test_a_group_without_degrees_leaves_the_others_theirs_when_imputed() -> None:
    frame = pd.DataFrame({"c": np.repeat(np.arange(8), 4), "x": np.arange(32) % 7 * 1.0})
    frame["g"] = np.where(frame["c"] == 0, "a", "b")
    survey = hp.Imputed([frame, frame.assign(x=frame["x"] + 0.1)], clusters="c", replicates=60)
    for est in (survey.mean("x", by="g"), survey.median("x", by="g"), survey.mean("x", by="g") * 2):
        with pytest.warns(HiddenpopWarning, match="no degree of freedom"):
            assert est.interval().isna().all(axis=1).to_dict() == {"a": True, "b": False}
    far = hp.Imputed([frame, frame.assign(x=frame["x"] + 1)], clusters="c", replicates=60).mean("x")
    with pytest.warns(HiddenpopWarning, match="Impute more often"):
        assert far.interval().isna().all(axis=None)


def test_a_difference_of_groups_has_welchs_degrees() -> None:
    # Two samples in one survey, in clusters of their own: Welch (1947) by hand, at most all clusters less one.
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"c": np.repeat(np.arange(16), 4), "y": rng.normal(size=64)})
    frame["g"] = np.where(frame["c"] < 4, "a", "b")
    mean = hp.Survey(frame, clusters="c", replicates=50).mean("y", by="g")
    a, b = np.diag(mean.vcov("linearized"))
    found = measured((mean["a"] - mean["b"]).node).df[0]
    assert found == pytest.approx(min((a + b) ** 2 / (a**2 / 3 + b**2 / 11), 15), rel=1e-9)
    # Both from the same people: no more than these have.
    assert measured((mean["a"] - 2 * mean["a"]).node).df[0] == pytest.approx(3)


def test_replicate_weights_tell_no_more_of_a_domain_than_they_differ_there() -> None:
    frame = replicated.make_agency(replicated.make_pairs())
    columns = replicated.columns_of(frame)
    frame["few"] = np.arange(60) < 12  # two strata of two clusters
    survey = hp.Survey(frame, weights="w", replicate_weights=columns, method="BRR")
    rank = np.linalg.matrix_rank(frame.loc[frame["few"], columns].to_numpy())
    found = freedom.of_answer(survey.mean("y", where="few").node)
    assert found.tolist() == [rank - 1] == [2]  # R's degf: the rank of the weights less one
    assert freedom.of_answer(survey.mean("y").node).tolist() == [10]
