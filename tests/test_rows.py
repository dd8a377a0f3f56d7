"""Rows of tables in any order, and some of them only: what is given and what comes back is matched by the index.

The right values are those of the same table in its first order, or pandas' own of the same rows; by label, never by place.
"""

import warnings
from collections.abc import Callable

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning, InputError
from hypothesis import given, settings
from hypothesis import strategies as st

ROWS = 36


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a table of people whose labels are no numbers from 0 on, and some of its rows in another order."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    table = pd.DataFrame(
        {
            "site": np.repeat(np.arange(6), 6),
            "part": np.repeat(["north", "south"], 18),
            "w": rng.uniform(1, 3, ROWS).round(2),
            "age": rng.normal(40, 9, ROWS).round(1),
            "sex": rng.choice(["f", "m"], ROWS),
            "treated": np.tile([0, 1, 1], 12),
            "a": 1,
            "b": rng.integers(0, 2, ROWS),
            "times": 1 + rng.poisson(0.8, ROWS),
        },
        index=draw(st.sampled_from([list(range(ROWS)), list(range(100, 100 + ROWS)), [f"p{i}" for i in range(ROWS)]])),
    )
    table.loc[table.index[:12], ["a", "b"]] = [[0, 1], [1, 1], [1, 0]] * 4
    table.loc[table.index[:4], "sex"] = ["f", "m", "f", "m"]
    table.loc[table.index[-4:], "sex"] = ["f", "m", "f", "m"]
    table.loc[table.index[:3], "times"] = [1, 2, 3]
    return table, table.loc[draw(st.permutations(list(table.index)))]


def same(one: hp.Estimate, other: hp.Estimate) -> None:
    """Compare points and linearised errors by label."""
    if one.scalar:
        assert other.point == pytest.approx(one.point, rel=1e-9)
        return
    pd.testing.assert_series_equal(one.point.sort_index(), other.point.sort_index(), check_names=False)


DESIGNS = {
    "simple": {},
    "strata": {"strata": "part"},
    "clusters": {"clusters": "site", "weights": "w"},
    "all": {"strata": "part", "clusters": "site", "weights": "w"},
}


QUESTIONS: list[Callable[[hp.Survey, pd.Series], hp.Estimate]] = [
    lambda s, mask: s.mean("age", by="sex", where=mask),
    lambda s, mask: s.proportion("treated", where=mask),
    lambda s, mask: s.count("sex", where=mask),
    lambda s, mask: s.total("age", where=mask),
    lambda s, mask: s.ratio("age", "w", where=mask),
    lambda s, mask: s.median("age", where=mask),
    lambda s, mask: s.assign(old=mask).proportion("old", by="sex"),
    lambda s, mask: s.assign(old=mask.to_dict()).proportion("old"),
    lambda s, mask: hp.multiselect(s, columns=["a", "b"], where=mask),
    lambda s, mask: hp.regress(s, "age ~ sex", where=mask).coefficients,
    lambda s, mask: s.worst_case("treated", where=mask).lowest,
]


@settings(max_examples=6, deadline=None)
@given(tables=shuffled(), design=st.sampled_from(list(DESIGNS)))
def test_questions(tables: tuple[pd.DataFrame, pd.DataFrame], design: str) -> None:
    table, other = tables
    old = table["age"] > 40
    surveys = [hp.Survey(part, replicates=20, **DESIGNS[design]) for part in tables]
    masks = [old, old.loc[other.index], old.sample(frac=1, random_state=1)]
    for mask in masks:  # whatever the order of the mask, and whatever that of the table
        for question in QUESTIONS:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", HiddenpopWarning)
                same(*(question(survey, mask) for survey in surveys))
    weights = table["w"] if "weights" in DESIGNS[design] else pd.Series(1.0, table.index)
    for survey in surveys:
        found = survey.assign(old=lambda t: t["age"] > 40).mean("age", where="old").point
        assert found == pytest.approx(np.average(table["age"][old], weights=weights[old]))
        pd.testing.assert_series_equal(survey.weights.sort_index(), weights.sort_index(), check_names=False)
        kept = survey.assign(again=survey.weights, sent=lambda t: pd.Series(t.index == table.index[0], t.index))
        assert kept.mean("age", where="sent").point == pytest.approx(table["age"].iloc[0])
    errors = [float(survey.mean("age").se("linearized")) for survey in surveys]
    assert errors[0] == pytest.approx(errors[1])


@settings(max_examples=5, deadline=None)
@given(tables=shuffled(), keep=st.integers(20, 30))
def test_some_of_the_rows(tables: tuple[pd.DataFrame, pd.DataFrame], keep: int) -> None:
    _, other = tables
    some = other.iloc[:keep]
    survey = hp.Survey(some, replicates=20)
    old = some.sort_values("age")["age"] > some["age"].median()
    assert survey.mean("age", where=old).point == pytest.approx(some["age"][old.loc[some.index]].mean())
    with pytest.raises(InputError, match=r"index of 'where' differs|has \d+ values where the table has"):
        survey.mean("age", where=other["age"] > 40)
    with pytest.raises(InputError, match="index of 'x' differs"):
        survey.assign(x=lambda t: pd.Series(1.0, index=[f"other {i}" for i in range(len(t))]))


@settings(max_examples=4, deadline=None)
@given(tables=shuffled())
def test_weights(tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    table, other = tables
    totals = pd.Series({"m": 700.0, "f": 300.0})
    made = [
        hp.Survey(part, weights="w", redraws="bayesian", replicates=20).calibrate({"sex": totals}) for part in tables
    ]
    pd.testing.assert_series_equal(made[0].weights, made[1].weights.loc[table.index])
    assert made[1].weights.groupby(other["sex"]).sum().to_dict() == pytest.approx(totals.to_dict())
    for part in tables:
        survey = hp.Survey(part, clusters="site", replicates=20)
        assert survey.to_replicate_weights(5).index.equals(part.index)
        weights = survey.with_replicates("JK1").to_replicate_weights()
        joined = table.join(weights)
        left_out = [set(joined.loc[joined[name] == 0, "site"]) for name in weights]
        assert sorted(left_out, key=min) == [{site} for site in range(6)]
        weights.attrs["rscales"] = [0.5 + i for i in range(6)]
        factors = pd.Series(weights.attrs["rscales"], weights.columns)  # matched by the names of the columns
        again = hp.Survey(
            joined, weights="w", replicate_weights=list(weights), method="other", scale=1, combined_weights=False,
            rscales=factors.sample(frac=1, random_state=1),
        )  # fmt: skip
        plain = again.mean("age").se()
        straight = hp.Survey(
            joined, weights="w", replicate_weights=list(weights), method="other", scale=1, combined_weights=False,
            rscales=weights.attrs["rscales"],
        )  # fmt: skip
        assert plain == straight.mean("age").se()


@settings(max_examples=4, deadline=None)
@given(tables=shuffled())
def test_models(tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    table, _ = tables
    models = [hp.regress(hp.Survey(part, replicates=20), "age ~ sex + treated") for part in tables]
    new = table[["sex", "treated"]].iloc[:10]
    offset = pd.Series(np.arange(10.0), new.index)
    for model, mixed in zip(models, (new, new.sample(frac=1, random_state=3)), strict=True):
        found = model.predict(mixed, offset=offset).point
        expected = models[0].predict(new).point + offset
        pd.testing.assert_series_equal(found.loc[new.index], expected, check_names=False)
    with pytest.raises(InputError, match="more than once"):
        models[0].predict(pd.concat([new, new]))
    with pytest.raises(InputError, match="index of offset= differs"):
        models[0].predict(new, offset=offset.set_axis(range(500, 510)))


@settings(max_examples=4, deadline=None)
@given(tables=shuffled())
def test_lists_and_registers(tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    table, other = (part[(part["a"] + part["b"]) > 0] for part in tables)
    lists = [hp.Lists(part, ["a", "b"], replicates=20) for part in (table, other)]
    assert hp.chapman(lists[0]).point == hp.chapman(lists[1]).point
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)
        chances = [hp.capture_covariates(one, "~ sex").chances() for one in lists]
    assert chances[1].index.equals(other.index)
    pd.testing.assert_frame_equal(chances[0], chances[1].loc[table.index], rtol=1e-5)
    kept = [part.assign(people=np.where(part.index == table.index[5], 0, 1)) for part in tables]
    counts = [hp.CaptureCounts(part, "times", counts="people", replicates=20) for part in kept]
    moved = [hp.zero_truncated(one, family="poisson").dfpopsize() for one in counts]
    assert table.index[5] not in moved[1].index
    pd.testing.assert_series_equal(moved[0], moved[1].loc[moved[0].index], rtol=1e-6)


def test_imputations_are_matched_by_index() -> None:
    first = pd.DataFrame({"age": [30.0, 41, 52, 63]}, index=list("abcd"))
    second = first.assign(age=[30.0, 45, 52, 63]).loc[list("dcba")]
    imputed = hp.Imputed([first, second], replicates=20)
    mask = pd.Series([True, True, False, False], index=list("abcd"))
    assert imputed.mean("age", where=mask).point == (35.5 + 37.5) / 2  # of a and b
    with pytest.raises(InputError, match="rows in different orders"):
        imputed.mean("age", where=mask.to_list())
    long = pd.concat([first, second]).assign(imp=[1] * 4 + [2] * 4)
    assert hp.Imputed(long, imputation="imp", replicates=20).mean("age", where=mask).point == 36.5
    stacked = pd.concat([first, second.sort_index()], ignore_index=True).assign(imp=[1] * 4 + [2] * 4)
    plain = hp.Imputed(stacked, imputation="imp", replicates=20)
    assert plain.mean("age", where=[True, True, False, False]).point == 36.5
    mixed = hp.Imputed(stacked.sample(frac=1, random_state=0), imputation="imp", replicates=20)
    with pytest.raises(InputError, match="rows in different orders"):
        mixed.mean("age", where=[True, True, False, False])


def test_columns_of_a_mapping_have_one_index() -> None:
    x, y = pd.Series([1, 0, 1], index=list("abc")), pd.Series([10, 30, 20], index=list("acb"))
    survey = hp.Survey({"x": x, "y": y}, replicates=20)
    assert survey.mean("y", where="x").point == (10 + 30) / 2  # of a and c
    with pytest.raises(InputError, match="different orders"):
        hp.Survey({"x": x, "y": y, "z": [1, 2, 3]})
    with pytest.raises(InputError, match="index of column 'y' differs"):
        hp.Survey({"x": x, "y": y.rename({"b": "d"})})


def test_a_function_of_weights_may_order_its_values_anew() -> None:
    table = pd.DataFrame({"g": list("aabbbc"), "x": [1, 2, 3, 4, 5, 6]})

    def sums(w: np.ndarray) -> pd.Series:
        return pd.Series(w).groupby(table["g"]).sum().sort_values()

    survey = hp.Survey(table, redraws="bayesian", replicates=50)
    np.testing.assert_allclose(
        survey.replicate(sums)[["a", "b", "c"]].draws, survey.count("g")[["a", "b", "c"]].draws, rtol=1e-12
    )
    with pytest.raises(InputError, match=r"have the label 'a' more than once"):
        survey.replicate(lambda w: pd.Series([w[0], w[1]], index=["a", "a"]))
    with pytest.raises(InputError, match="other labels for replicate 0"):
        survey.replicate(lambda w: pd.Series([w[0]], index=["a" if w[0] == 1 else "b"])).draws  # noqa: B018


def test_areas_in_any_order() -> None:
    areas = list("ABCDEFGH")
    table = pd.DataFrame(
        {"population": np.linspace(2e5, 9e5, 8), "treated": [500, 900, 700, 950, 990, 1500, 1400, 2100.0]}, areas
    )
    known = {area: hp.published(m := 3 * table["treated"][area], 0.9 * m, 1.2 * m, name=area) for area in areas[:6]}
    turned = table.iloc[::-1]
    points = [
        hp.extrapolate(given, rows, method="mim_regression").areas.point
        for given, rows in (
            (known, table),
            (dict(reversed(known.items())), turned),
            (known, turned.rename_axis("area").reset_index()),
        )
    ]
    for point in points[1:]:
        np.testing.assert_allclose(point.loc[areas], points[0].loc[areas], rtol=1e-8)
    numbered = turned.rename_axis("area").reset_index().sort_values("treated")  # its index has numbers in no order
    np.testing.assert_allclose(
        hp.extrapolate(known, numbered, method="mim_regression").areas.point.loc[areas], points[0].loc[areas], rtol=1e-8
    )
