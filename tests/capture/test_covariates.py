"""Chances by covariates: closed forms, another implementation, simulation with known truth, bad input."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, HiddenpopWarning, InputError
from scipy import optimize

from ..on_lists import SEXES, expit, population


@pytest.fixture
def sexes() -> hp.Lists:
    return hp.Lists(SEXES, ["a", "b"], counts="people", by="sex", replicates=400)


def test_without_covariates_two_lists_are_lincoln_petersen() -> None:
    # Closed form: n1 n2 / m and Seber's variance; a redraw fitted anew is n1 n2 / m of the same redrawn people.
    lists = hp.Lists({"a": [1, 0, 1], "b": [0, 1, 1], "n": [40, 60, 12]}, ["a", "b"], counts="n", replicates=400)
    fit, simple = hp.capture_covariates(lists), hp.lincoln_petersen(lists)
    assert fit.size.point == pytest.approx(312, rel=1e-12)
    assert fit.size.se("linearized") == pytest.approx(simple.se("linearized"), rel=1e-9)
    np.testing.assert_allclose(fit.size.draws, simple.draws, rtol=1e-9)
    # log(12 / 60), log(12 / 40): odds of being on one list among those on the other.
    np.testing.assert_allclose(fit.coefficients["estimate"], np.log([12 / 60, 12 / 40]), rtol=1e-9)


def test_a_factor_gives_the_sum_of_its_strata(sexes: hp.Lists) -> None:
    # Closed form: 52 x 72 / 12 + 40 x 50 / 30, variances add up.
    fit, simple = hp.capture_covariates(sexes, "~ sex"), hp.lincoln_petersen(sexes, by="sex")
    assert fit.size.point == pytest.approx(52 * 72 / 12 + 40 * 50 / 30, rel=1e-12)
    np.testing.assert_allclose(fit.size_by("sex").point, simple.point, rtol=1e-10)
    np.testing.assert_allclose(fit.size_by("sex").draws, simple.draws, rtol=1e-8)
    total = simple.sum("population size")
    assert fit.size.se("linearized") == pytest.approx(total.se("linearized"), rel=1e-8)
    # Except where a stratum is held at the people seen in it, which the whole need not be.
    free = (simple.draws > np.array([[112], [60]])).all(axis=0)
    assert free.mean() > 0.9
    np.testing.assert_allclose(fit.size.draws[:, free], total.draws[:, free], rtol=1e-8)


def test_formulas_that_name_the_list_are_taken_as_written() -> None:
    lists = hp.Lists(population(3), ["a", "b", "c"], replicates=50)
    own, written = hp.capture_covariates(lists, "~ age + sex"), hp.capture_covariates(lists, "~ list * (age + sex)")
    assert written.size.point == pytest.approx(own.size.point, rel=1e-9)
    assert written.aic == pytest.approx(own.aic, rel=1e-10)
    np.testing.assert_allclose(written.size.draws, own.size.draws, rtol=1e-7)
    common = hp.capture_covariates(lists, "~ list + age + sex")
    assert common.parameters == 5
    assert common.loglik < own.loglik
    alike = hp.capture_covariates(lists, "~ 1 + age:list")
    assert ("all", "Intercept") in alike.coefficients.index
    # The chances are those of the coefficients.
    chances = own.chances()
    row = int(chances.index[7])
    person, beta = lists._rows[0].loc[row], own.coefficients["estimate"].loc["b"]
    odds = beta["Intercept"] + beta["age"] * person["age"] + beta["sex[T.m]"] * (person["sex"] == "m")
    assert chances.loc[row, "b"] == pytest.approx(expit(odds), rel=1e-9)
    assert (1 / chances["any"]).sum() == pytest.approx(own.size.point, rel=1e-9)


def test_another_implementation_finds_the_same_maximum() -> None:
    # The conditional likelihood written out, maximised by scipy's BFGS; three lists, a slope for all.
    table = population(4)
    lists = hp.Lists(table, ["a", "b", "c"])
    fit = hp.capture_covariates(lists, "~ 0 + list + age")
    on, age = table[["a", "b", "c"]].to_numpy(dtype=float), table["age"].to_numpy()

    def minus(beta: np.ndarray) -> float:
        p = expit(beta[:3] + beta[3] * age[:, None])
        seen = 1 - (1 - p).prod(axis=1)
        return -float((on * np.log(p) + (1 - on) * np.log(1 - p)).sum() - np.log(seen).sum())

    found = optimize.minimize(minus, np.zeros(4), method="BFGS", options={"gtol": 1e-5})
    np.testing.assert_allclose(fit.coefficients["estimate"], found.x, atol=1e-5)
    assert fit.loglik == pytest.approx(-found.fun, rel=1e-9)
    # Curvature by central differences.
    steps = np.eye(4) * 1e-3
    curve = [[(minus(found.x + a + b) - minus(found.x + a - b) - minus(found.x - a + b) + minus(found.x - a - b)) / 4e-6
              for a in steps] for b in steps]  # fmt: skip
    np.testing.assert_allclose(fit.coefficients["se"], np.sqrt(np.diag(np.linalg.inv(curve))), rtol=1e-3)


def test_sizes_and_errors_hold_in_simulation() -> None:
    # Known truth: 1,500 people, 48 populations; means within 4 s.e., coverage above 95% less 3 s.e. (9 points),
    # and a spread known to a tenth. More of it is in docs/covariate_lists.md.
    sizes, errors, covered, bare = [], [], [], []
    for seed in range(48):
        lists = hp.Lists(population(seed, lists=2), ["a", "b"], replicates=10)
        fit = hp.capture_covariates(lists, "~ age + sex")
        sizes.append(fit.size.point)
        errors.append(fit.size.se("linearized"))
        low, high = fit.interval()
        covered.append(low <= 1500 <= high)
        bare.append(hp.lincoln_petersen(lists).point)
    spread = np.std(sizes)
    assert abs(np.median(sizes) - 1500) < 1.25 * 4 * spread / np.sqrt(48)
    assert np.median(errors) == pytest.approx(spread, rel=0.3)
    assert np.mean(covered) > 0.855
    assert np.median(bare) < 1400  # ignoring what people differ in makes the size too small


def test_redraws_spread_as_the_formula_says() -> None:
    lists = hp.Lists(population(5), ["a", "b", "c"], replicates=300)
    size = hp.capture_covariates(lists, "~ age + sex").size
    # The formula is a first-order one; 300 draws alone give 4%.
    assert size.se() == pytest.approx(size.se("linearized"), rel=0.15)
    assert hp.capture_covariates(lists, "~ age", bootstrap="conditional").size.se() < size.se()
    # The same people are redrawn for every estimate of the lists.
    simple = hp.loglinear(lists, "a + b + c")
    assert np.corrcoef(size.draws[0], simple.draws[0])[0, 1] > 0.7
    with hp.settings(threads=1):
        np.testing.assert_array_equal(hp.capture_covariates(lists, "~ age + sex").size.draws, size.draws)
    assert size.replay(seed=1).se() != size.se()


def test_some_of_the_lists_leave_out_who_is_on_none_of_them() -> None:
    table = population(6)
    some = table[table["a"] | table["b"]]
    whole = hp.capture_covariates(hp.Lists(table, ["a", "b", "c"], replicates=50)["a", "b"], "~ age")
    apart = hp.capture_covariates(hp.Lists(some, ["a", "b"]), "~ age")
    assert whole.size.point == pytest.approx(apart.size.point, rel=1e-10)
    assert whole.size.node.n[0] == len(some)
    assert np.isfinite(whole.size.draws).all()


def test_fits_are_shown_and_saved(sexes: hp.Lists) -> None:
    fit = hp.capture_covariates(sexes, "~ sex")
    assert "AIC" in repr(fit)
    assert "sex[T.m]" in fit._repr_html_()
    again = hp.read_estimate(fit.size.to_json())
    assert again.point == fit.size.point
    np.testing.assert_array_equal(again.draws, fit.size.draws)
    assert "sex" not in again.to_json().replace("by sex", "").replace("~ sex", "")  # formulas, never rows
    with pytest.raises(EstimationError, match="saved without its lists"):
        again.replay(seed=1).se()
    assert "Huggins" in fit.size.methods()
    assert fit.bic > fit.aic


def test_separation_is_explained() -> None:
    nobody = {**SEXES, "people": [40, 60, 12, 10, 20, 0]}
    fit = hp.capture_covariates(hp.Lists(nobody, ["a", "b"], counts="people"), "~ sex")
    with pytest.raises(EstimationError, match=r"grows without bound.*sex\[T\.m\] of a"):
        _ = fit.size
    assert fit.coefficients["estimate"].loc[("a", "sex[T.m]")] != fit.coefficients["estimate"].loc[("a", "sex[T.m]")]
    everyone = {**SEXES, "people": [40, 60, 12, 10, 0, 30]}
    lists = hp.Lists(everyone, ["a", "b"], counts="people", replicates=100)
    with pytest.warns(HiddenpopWarning, match="The size is that of the limit"):
        size = hp.capture_covariates(lists, "~ sex").size
    assert size.point == pytest.approx(312 + 40, rel=1e-6)  # all men are on list a: the 40 seen
    with pytest.raises(EstimationError, match="no finite estimate"):
        size.se("linearized")


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("~ agee", "no column 'agee'. Did you mean 'age'"),
        ("y ~ age", "left of '~'"),
        ("", "should read like"),
        ("~ age +* sex", "can't be read"),
        ("~ age + I(2 * age)", "follow from the others"),
        ("~ log(age)", "no finite number|can't be evaluated"),
        ("~ weight", r"'weight' is missing in 2 rows \(row number 1, 4"),
    ],
)
def test_formulas_that_cannot_be_used(formula: str, message: str) -> None:
    table = population(1, size=300)
    table["weight"] = np.where(np.isin(np.arange(len(table)), [1, 4]), np.nan, table["age"])
    with pytest.raises(InputError, match=message):
        hp.capture_covariates(hp.Lists(table, ["a", "b", "c"]), formula)


def test_lists_that_cannot_be_used(sexes: hp.Lists) -> None:
    with pytest.raises(InputError, match="needs Lists"):
        hp.capture_covariates(pd.DataFrame(SEXES), "~ sex")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="'full', 'conditional'"):
        hp.capture_covariates(sexes, "~ sex", bootstrap="parametric")
    with pytest.raises(InputError, match="is no stratum"):
        hp.capture_covariates(sexes, "~ sex").size_by("region")
    with pytest.raises(InputError, match="has a column 'list'"):
        hp.capture_covariates(hp.Lists(population(1).assign(list=1), ["a", "b", "c"]), "~ list + age")
    cells = {
        "r": ["n", "n", "n", "s", "s", "s"],
        "a": [1, 0, 1, 1, 0, 1],
        "b": [0, 1, 1, 0, 1, 1],
        "c": [1, 1, 0, 0, 0, 0],
    }
    partly = hp.Lists(cells, ["a", "b", "c"], by="r", covers={"c": "n"})
    with pytest.raises(InputError, match="'c' covers some strata only"):
        hp.capture_covariates(partly, "~ r")


def test_a_group_without_overlap_is_infinite_beside_others() -> None:
    # By strata: 52 x 72 / 12, and 30 x 20 / 0.
    cells = {"g": ["x"] * 3 + ["y"] * 3, "a": [1, 0, 1] * 2, "b": [0, 1, 1] * 2, "n": [40, 60, 12, 30, 20, 0]}
    fit = hp.capture_covariates(hp.Lists(cells, ["a", "b"], by="g", counts="n", replicates=100), "~ g")
    with pytest.warns(HiddenpopWarning, match="no finite size for 'y'"):
        size = fit.size_by("g")
    assert size.point.tolist() == pytest.approx([312, np.inf])
    assert np.isinf(size.draws[1]).all()
    with pytest.raises(EstimationError, match="grows without bound"):
        _ = fit.size
