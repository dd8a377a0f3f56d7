"""Registers and formulas: what is read, and what is said about data that can't be right."""

from __future__ import annotations

import hiddenpop as hp
import numpy as np
import pandas as pd
import polars as pl
import pytest

PEOPLE = pd.DataFrame(
    {
        "episodes": [1, 1, 1, 2, 1, 3, 1, 2, 1, 4],
        "age": [20.0, 31, 44, 27, 52, 38, 33, 29, 61, 24],
        "sex": ["f", "m", "m", "f", "m", "f", "m", "m", "f", "m"],
    }
)


def test_rows_and_counts_are_the_same_register() -> None:
    rows = hp.CaptureCounts(PEOPLE, "episodes")
    cells = PEOPLE.groupby("episodes").size().reset_index(name="people")
    table = hp.CaptureCounts(cells, "episodes", counts="people")
    polars = hp.CaptureCounts(pl.from_pandas(PEOPLE), "episodes")
    assert rows.n == table.n == polars.n == 10
    assert rows.frequencies.to_dict() == table.frequencies.to_dict() == {1: 6, 2: 2, 3: 1, 4: 1}
    for counts in (rows, table):
        assert hp.chao(counts).size.point == pytest.approx(10 + 6**2 / (2 * 2))  # n + f1^2 / (2 f2), Chao (1987)
    assert rows.record.fingerprint == polars.record.fingerprint != table.record.fingerprint


def test_the_table_shows_frequencies() -> None:
    shown = repr(hp.CaptureCounts(PEOPLE, "episodes")).splitlines()
    assert shown[0] == "10 people, seen 17 times"
    assert shown[2].split() == ["1", "6", "60.0%"]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (0, "zero times"),
        (-1, "negative"),
        (1.5, "no whole number"),
        (np.nan, "missing"),
        (2e6, "above 1,000,000"),
    ],
)
def test_impossible_counts_are_named(value: float, says: str) -> None:
    table = PEOPLE.astype({"episodes": float})
    table.loc[[3, 5], "episodes"] = value
    with pytest.raises(hp.InputError, match=says) as raised:
        hp.CaptureCounts(table, "episodes")
    assert "2 rows (row number 3, 5" in str(raised.value)


@pytest.mark.parametrize("value", [-1.0, 0.5, np.nan])
def test_impossible_numbers_of_people_are_named(value: float) -> None:
    table = {"episodes": [1, 2, 3], "people": [50.0, value, 3]}
    with pytest.raises(hp.InputError, match=r"'people' is no number of people in 1 row \(row number 1"):
        hp.CaptureCounts(table, "episodes", counts="people")


def test_rows_that_stand_for_nobody_are_left_out() -> None:
    counts = hp.CaptureCounts({"episodes": [1, 2, 9], "people": [50, 20, 0]}, "episodes", counts="people")
    assert counts.n == 70
    assert counts.frequencies.to_dict() == {1: 50, 2: 20}
    with pytest.raises(hp.InputError, match="saw nobody"):
        hp.CaptureCounts({"episodes": [1], "people": [0]}, "episodes", counts="people")


def test_columns_are_suggested() -> None:
    counts = hp.CaptureCounts(PEOPLE, "episodes")
    with pytest.raises(hp.InputError, match="Did you mean 'episodes'"):
        hp.CaptureCounts(PEOPLE, "episode")
    with pytest.raises(hp.InputError, match="no column 'agee'"):
        hp.zero_truncated(counts, "~ agee + sex")
    with pytest.raises(hp.InputError, match="no column 'agee'"):
        hp.zero_truncated(counts, "~ poly(agee, 2)")
    with pytest.raises(hp.InputError, match="no column 'sexx'"):
        hp.chao(counts, "~ C(sexx)")


@pytest.mark.parametrize("formula", ["", 3, "~ age +", "episodes ~ age", "~ np.log(age - 20)", "~ 0"])
def test_formulas_that_cannot_be_used(formula: object) -> None:
    with pytest.raises(hp.InputError, match="formula"):
        hp.zero_truncated(hp.CaptureCounts(PEOPLE, "episodes"), formula)  # type: ignore[arg-type]


def test_missing_covariates_are_named() -> None:
    table = PEOPLE.copy()
    table.loc[4, "age"] = np.nan
    for formula in ("~ age", "~ poly(age, 2)", "~ np.log(age) + sex"):
        with pytest.raises(hp.InputError, match=r"'age' is missing in 1 row \(row number 4"):
            hp.zero_truncated(hp.CaptureCounts(table, "episodes"), formula)


def test_functions_in_formulas_span_the_same_models() -> None:
    rng = np.random.default_rng(1)
    age = rng.integers(18, 60, 2_000)
    seen = rng.poisson(np.exp(-1 + 0.01 * age))
    counts = hp.CaptureCounts(pd.DataFrame({"seen": seen, "age": age, "my age": age})[seen > 0], "seen")
    sizes = [
        hp.zero_truncated(counts, formula).size.point
        for formula in (
            "~ age + I(age ** 2)",
            "~ poly(age, 2)",
            "~ `my age` + I(age ** 2)",
            "~ center(age) + I(age ** 2)",
        )
    ]
    assert sizes == pytest.approx([sizes[0]] * 4, rel=1e-7)


def test_collinear_covariates_are_named() -> None:
    table = PEOPLE.assign(months=12 * PEOPLE["age"] + 6, one=1)
    counts = hp.CaptureCounts(table, "episodes")
    with pytest.raises(hp.InputError, match="'age', 'months' of lambda say the same"):
        hp.zero_truncated(counts, "~ age + months + sex")
    with pytest.raises(hp.InputError, match="'Intercept', 'one' of lambda"):
        hp.zero_truncated(counts, "~ one")


def test_categories_that_nobody_has_are_no_covariates() -> None:
    sex = pd.Categorical(PEOPLE["sex"], categories=["x", "f", "m"])
    fit = hp.zero_truncated(hp.CaptureCounts(PEOPLE.assign(sex=sex), "episodes"), "~ sex")
    plain = hp.zero_truncated(hp.CaptureCounts(PEOPLE, "episodes"), "~ sex")
    assert list(fit.coefficients.index.get_level_values("term")) == ["Intercept", "sex[T.m]"]
    assert fit.size.point == pytest.approx(plain.size.point)


def test_everybody_seen_once_says_nothing() -> None:
    counts = hp.CaptureCounts({"episodes": [1, 1, 1, 1]}, "episodes")
    for method in (hp.zero_truncated, hp.chao, hp.zelterman):
        with pytest.raises(hp.EstimationError, match="seen exactly once"):
            method(counts)


def test_chao_needs_twos_beside_ones() -> None:
    with pytest.raises(hp.EstimationError, match=r"exactly twice.*bias_corrected=True"):
        hp.chao(hp.CaptureCounts({"y": [1, 1, 3, 3]}, "y"))
    with pytest.raises(hp.EstimationError, match=r"exactly three times.*bias_corrected=True"):
        hp.oichao(hp.CaptureCounts({"y": [1, 2, 2, 4]}, "y"))
    with pytest.raises(hp.EstimationError, match=r"1 pair of neighbouring counts"):
        hp.ratio_regression(hp.CaptureCounts({"y": [1, 2, 2, 4]}, "y"))
    with pytest.raises(hp.EstimationError, match="exactly once"):
        hp.zelterman(hp.CaptureCounts({"y": [2, 2, 3, 3]}, "y"))


def test_options_that_do_not_belong_are_named() -> None:
    counts = hp.CaptureCounts(PEOPLE, "episodes")
    with pytest.raises(hp.InputError, match="Did you mean 'poisson'"):
        hp.zero_truncated(counts, family="poison")
    with pytest.raises(hp.InputError, match="has no parameter omega"):
        hp.zero_truncated(counts, family="poisson", omega="~ sex")
    with pytest.raises(hp.InputError, match=r"hp\.chao"):
        hp.zero_truncated(counts, family="chao")
    with pytest.raises(hp.InputError, match="semiparametric"):
        hp.chao(counts, bootstrap="parametric")
    with pytest.raises(hp.InputError, match="bootstrap='jackknife'"):
        hp.zero_truncated(counts, bootstrap="jackknife")
    with pytest.raises(hp.InputError, match=r"hp\.CaptureCounts"):
        hp.zero_truncated(PEOPLE)  # type: ignore[arg-type]


def test_a_group_never_seen_twice_has_no_bound() -> None:
    # Its Poisson mean has the maximum likelihood estimate 0.
    table = {"y": [1, 1, 1, 1, 2, 2, 3, 1, 1], "town": list("aaaaaaabb")}
    with pytest.warns(hp.HiddenpopWarning, match=r"'town\[T.b\]' runs away"):
        fit = hp.zero_truncated(hp.CaptureCounts(table, "y"), "~ town")
    assert fit.status == "unbounded"
    assert np.isnan(fit.coefficients.loc[("lambda", "town[T.b]"), "estimate"])
    assert np.isnan(fit.se())


def test_parameters_at_a_harmless_boundary_leave_the_simpler_model() -> None:
    # Counts less spread than Poisson's: alpha = 0, and the size is exactly that of the Poisson model.
    counts = hp.CaptureCounts({"y": [1, 2, 3], "n": [50, 30, 5]}, "y", counts="n", replicates=50)
    plain = hp.zero_truncated(counts)
    for family in ("negbin", "ones_in_population_poisson"):
        with pytest.warns(hp.HiddenpopWarning, match="size is that of the model at this boundary"):
            fit = hp.zero_truncated(counts, family=family)
        assert fit.status == "settled"
        assert fit.size.point == pytest.approx(plain.size.point, rel=1e-7)
        assert fit.se() == pytest.approx(plain.se(), rel=1e-5)
