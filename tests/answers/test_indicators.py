"""What is asked by many groups costs what its rows cost, and says the same as if every column were written out."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop.answers import indicators
from hiddenpop.sample import strata as designs
from hiddenpop.uncertainty.linearized import linearize

ROWS = 3_000


def table(groups: int) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    cluster = rng.integers(0, 200, ROWS)
    return pd.DataFrame(
        {
            "x": rng.integers(0, 2, ROWS).astype(bool),
            "age": rng.normal(40, 9, ROWS),
            "events": rng.poisson(0.3, ROWS),  # zeros among answers
            "k": np.concatenate([np.arange(groups), rng.integers(0, groups, ROWS - groups)]).astype(str),
            "o": rng.choice(list("abcdefghijkl"), ROWS),
            "s": (cluster % 5).astype(str),
            "c": cluster,
            "w": rng.lognormal(0, 0.4, ROWS),
        }
    )


SURVEYS: dict[str, Callable[[pd.DataFrame], hp.Survey]] = {
    "rows": lambda t: hp.Survey(t, replicates=40),
    "kinds": lambda t: hp.Survey(t[["x", "o", "s"]].assign(k=t["s"]), strata="s", replicates=40),
    "clusters": lambda t: hp.Survey(t, strata="s", clusters="c", weights="w", replicates=40),
    "bayesian": lambda t: hp.Survey(t, weights="w", redraws="bayesian", replicates=40),
    "calibrated": lambda t: hp.Survey(t, replicates=40).poststratify("o", dict.fromkeys("abcdefghijkl", 1 / 12)),
}


@pytest.mark.parametrize("made", SURVEYS)
def test_draws_are_those_of_columns_that_are_written_out(made: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def draws() -> list[np.ndarray]:
        survey = SURVEYS[made](table(60))
        asked = [survey.proportion("x", by="k"), survey.proportion("o", by="k"), survey.count("o")]
        if made != "kinds":
            asked += [
                survey.mean("age", by="k"),
                survey.mean("events", by=["k"]),
                survey.ratio("events", "age", by="k"),
            ]
        return [one.draws for one in asked]

    thin = draws()
    # A column is thin that has fewer than one unit in so many: no column has.
    monkeypatch.setattr(indicators, "THIN", 10**9)
    for one, other in zip(thin, draws(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_quantiles_by_group_are_those_of_the_group() -> None:
    survey = hp.Survey(table(20), replicates=20)
    by = survey.quantile("age", 0.3, by="k")
    inside = survey.assign(here=lambda t: t["k"] == "7").quantile("age", 0.3, where="here")
    assert by["7"].point == inside.point
    np.testing.assert_array_equal(by["7"].draws, inside.draws)


def peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def test_groups_take_no_column_of_the_table_each() -> None:
    # 1,000 columns of 3,000 rows are 24 MB; the draws are 2 x 1,000 x 40 numbers, 0.6 MB.
    survey = hp.Survey(table(1_000), replicates=40)
    assert peak(lambda: survey.mean("age", by="k").draws) < 8e6
    assert peak(lambda: survey.quantile("age", 0.5, by="k").draws) < 8e6


@pytest.mark.parametrize("made", [made for made in SURVEYS if made not in ("calibrated", "kinds")])
@pytest.mark.parametrize("of", ["mean", "proportion", "total"])
def test_covariances_of_many_labels_are_those_of_few(made: str, of: str, monkeypatch: pytest.MonkeyPatch) -> None:
    survey = SURVEYS[made](table(400))
    column = "o" if of == "proportion" else "age"
    thin = linearize(getattr(survey, of)(column, by="k").node)
    monkeypatch.setattr(designs, "MUCH", 10**12)
    full = linearize(getattr(survey, of)(column, by="k").node)
    size = np.sqrt(np.outer(np.diag(full.covariance), np.diag(full.covariance)))
    # The same sums in another order: rounding of each label's own size, and of what cancels.
    np.testing.assert_allclose(thin.covariance, full.covariance, rtol=0, atol=1e-9 * size.max())
    np.testing.assert_allclose(thin.df, full.df)


def test_groups_without_people_in_common_have_no_covariance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums that cancel left a covariance of rounding between all of many groups, which files held digit by digit."""
    survey = hp.Survey(table(400), replicates=20)
    few = survey.mean("age", by="k")
    covariance = linearize(few.node).covariance
    assert np.count_nonzero(covariance) == 400
    monkeypatch.setattr(designs, "MUCH", 10**9)
    written_out = linearize(survey.mean("age", by="k").node).covariance
    np.testing.assert_allclose(np.diag(covariance), np.diag(written_out), rtol=1e-12)
    np.testing.assert_allclose(covariance, written_out, atol=1e-14 * written_out.max())
