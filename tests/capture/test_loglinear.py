"""Log-linear models: numbers of other software, closed forms, and models without an estimate."""

import itertools
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, InputError

from ..on_lists import EXPECTED, ROME, ROME_MODELS, rome

#: Nothing in the counts tells the number of people unseen, or they say that there is nobody: see
#: `test_models_without_an_estimate`.
NONE, SEEN = "[123,124,134,234]", "[123,124,234]"


def ours(name: str) -> str:
    """Write Rcapture's name of a model as ours."""
    return " + ".join("*".join(f"c{j}" for j in part) for part in name.strip("[]").split(","))


def test_all_113_models_are_those_of_rcapture(fits: Any) -> None:
    table = fits.table
    assert len(table) == len(ROME_MODELS) == 113
    columns = ["abundance", "deviance", "df", "AIC", "BIC"]
    for name, theirs in ROME_MODELS.items():
        mine = table.loc[ours(name)]
        if name == NONE:
            assert mine[["abundance", "se"]].isna().all()
            assert mine["weight"] == 0
            columns = columns[1:]
        # A limit that R does not reach: it prints 1,896.00006.
        near = 1e-7 if name == SEEN else 1e-8
        # Beyond six digits: deviances of fits with a term at minus infinity end early in R.
        for column in columns:
            assert mine[column] == pytest.approx(theirs[column], rel=near, abs=1e-6), (name, column)
        columns = ["abundance", "deviance", "df", "AIC", "BIC"]
        # R's standard errors use the weights of the step before the last; see the next test.
        if name not in (NONE, SEEN):
            assert mine["se"] == pytest.approx(theirs["stderr"], rel=1e-5), name


def test_standard_errors_differ_by_where_r_stops() -> None:
    # glm stops when the deviance moves by less than 1e-8 and takes the weights of the step before: doing so gives
    # Rcapture's digits, iterating to the end gives ours.
    counts = rome().tables()[0]
    cells = np.arange(1, 16)
    x = np.array([[1.0, *((c >> j) & 1 for j in range(4))] for c in cells])
    y = counts[1:]
    mu, last = y + 0.1, np.inf
    for _ in range(25):
        weights = mu
        beta = np.linalg.solve(x.T @ (mu[:, None] * x), x.T @ (mu * np.log(mu) + y - mu))
        mu = np.exp(x @ beta)
        deviance = 2 * (y * np.log(np.where(y > 0, y, 1) / mu) - (y - mu)).sum()
        if abs(deviance - last) / (abs(deviance) + 0.1) < 1e-8:
            break
        last = deviance
    variance = np.linalg.inv(x.T @ (weights[:, None] * x))[0, 0]
    unseen = np.exp(beta[0])
    theirs = ROME_MODELS["[1,2,3,4]"]["stderr"]
    assert np.sqrt(unseen + unseen**2 * variance) == pytest.approx(theirs, rel=1e-10)
    assert hp.loglinear(rome(), "A + B + C + D").se("linearized") == pytest.approx(theirs, rel=2e-6)


def test_models_without_an_estimate(fits: Any) -> None:
    # Nobody is in cells 1011 and 1111, so a term 134 is minus infinity. Model 123,124,234 loses cell 1011 only by its
    # sufficient statistics, and its 14 parameters on 14 cells have rank 13 without the intercept (exact arithmetic).
    # There the unseen cell goes to zero with cell 1011; with 134 in it the empty cells 1011 and 1111 pull it to either side.
    table = fits.table
    assert list(table.index[table["abundance"].isna()]) == [ours(NONE)]
    assert list(table.index[table["abundance"] == 1896]) == [ours(SEEN)]
    counts = rome().tables()[0]
    for name in (NONE, SEEN):
        terms = {0} | {
            sum(1 << (j - 1) for j in part)
            for group in name.strip("[]").split(",")
            for r in range(1, 4)
            for part in itertools.combinations(map(int, group), r)
        }
        kept = [c for c in range(1, 16) if counts[c] > 0 or (c == 15 and name == SEEN)]
        x = np.array([[(t & c) == t for t in sorted(terms)] for c in kept], dtype=float)
        with_intercept = np.linalg.matrix_rank(np.vstack([x, np.eye(len(terms))[0]]))
        assert with_intercept > np.linalg.matrix_rank(x)
    with pytest.raises(EstimationError, match="don't identify the size"):
        hp.loglinear(rome(), "A*B*C + A*B*D + A*C*D + B*C*D")
    assert hp.loglinear(rome(), "A*B*C + A*B*D + B*C*D").point == 1896
    # Rcapture warns of eight more models. Their estimates exist: 123,234 is decomposable, N in closed form.
    assert hp.loglinear(rome(), ours("[123,234]")).point == pytest.approx(1896 + 403 * 205 / 6)


def test_profile_interval_and_multinomial_maximum() -> None:
    size = hp.loglinear(rome(), "A + B + C + D")
    theirs = EXPECTED["rome_hiv.csv"]["closedpCI_Mt"]["CI"][0]
    assert size.interval(method="profile").iloc[0].tolist() == pytest.approx(
        [theirs["infCL"], theirs["supCL"]], rel=1e-6
    )
    assert size.point == pytest.approx(11_124.578469, rel=1e-9)  # the Poisson form; the profile's maximum is 11,117.0
    multinomial = hp.loglinear(rome(replicates=200), "A + B + C + D", likelihood="multinomial")
    assert multinomial.point == pytest.approx(theirs["abundance"], rel=1e-6)
    # Half a person smaller for each person's worth of variance, in every redraw too.
    assert (multinomial.draws < hp.loglinear(rome(replicates=200), "A + B + C + D").draws).mean() > 0.95
    narrow = size.interval(0.5, method="profile").iloc[0]
    assert theirs["infCL"] < narrow["lower"] < size.point < narrow["upper"] < theirs["supCL"]
    with pytest.raises(InputError, match="belongs to one log-linear model"):
        hp.loglinear(rome()).average().interval(method="profile")


def test_goodness_of_fit(fits: Any) -> None:
    from scipy import stats  # noqa: PLC0415

    row = fits.table.loc["c1 + c2 + c3 + c4"]
    assert row["p_deviance"] == pytest.approx(stats.chi2.sf(13.026136948294, 10))
    counts = rome().tables()[0]
    total, margins = 11_124.5784691849, [466, 630, 693, 236]
    # Independence: fitted counts are N times products of margins over N.
    share = [m / total for m in margins]
    fitted = [total * np.prod([s if c >> j & 1 else 1 - s for j, s in enumerate(share)]) for c in range(1, 16)]
    assert row["pearson"] == pytest.approx(sum((counts[1:] - fitted) ** 2 / fitted), rel=1e-8)


def test_every_redraw_selects_anew() -> None:
    # Fits of redrawn tables one by one, in Python, give the draws of the core.
    data = rome(replicates=40)
    fits = hp.loglinear(data)
    draws = fits.average().draws[0]
    tables = data.redraw(0, 40, np.array([fits.average().point]))[0]
    for i in (0, 7, 39):
        cells = pd.DataFrame([[c >> j & 1 for j in range(4)] for c in range(1, 16)], columns=ROME)
        again = hp.loglinear(hp.Lists(cells.assign(n=tables[i, 1:]), ROME, counts="n"))
        assert again.average().point == pytest.approx(draws[i], rel=1e-9)
    selection = fits.selection(200)
    assert selection.table["chosen"].sum() == pytest.approx(1)
    assert 0 < selection.without_estimate < 0.2


def test_parametric_and_conditional_bootstraps() -> None:
    data = rome(replicates=4000)
    model = "A + B + C + D"
    full = hp.loglinear(data, model)
    # One model with large counts: all agree with the delta method, up to skewness and Monte Carlo error.
    analytic = full.se("linearized") / full.point
    assert np.log(full.draws).std() == pytest.approx(analytic, rel=0.08)
    parametric = hp.loglinear(data, model, bootstrap="parametric")
    assert np.log(parametric.draws).std() == pytest.approx(analytic, rel=0.08)
    conditional = hp.loglinear(data, model, bootstrap="conditional")
    assert conditional.se() < full.se()
    assert "parametric bootstrap" in parametric.methods()
    with pytest.raises(InputError, match="bootstrap='jack'"):
        hp.loglinear(data, model, bootstrap="jack")


def test_intervals_cover_a_known_size() -> None:
    # 150 simulated populations of 1,000, three independent lists: a 95% interval covers in 0.88 to 1 of them.
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(150):
        on = rng.random((1000, 3)) < [0.3, 0.2, 0.25]
        table = pd.DataFrame(on[on.any(axis=1)], columns=list("abc"))
        size = hp.loglinear(hp.Lists(table, list("abc"), replicates=400), "a + b + c")
        low, high = size.interval().iloc[0]
        hits += low <= 1000 <= high
    assert 0.88 <= hits / 150 <= 1


def test_strata_and_selection_by_group() -> None:
    cells = hp.datasets.load("rome_hiv")["overlaps"]
    both = pd.concat([cells.assign(city="Rome"), cells.assign(city="Twice", people=2 * cells["people"])])
    data = hp.Lists(both, ROME, by="city", counts="people", replicates=200)
    fits = hp.loglinear(data, by="city")
    assert fits.table.loc[("Rome", "c1*c2 + c3 + c4"), "abundance"] == pytest.approx(
        ROME_MODELS["[12,3,4]"]["abundance"]
    )
    assert fits.model("A + B + C + D").point.round(6).tolist() == pytest.approx([11_124.578469, 2 * 11_124.578469])
    with pytest.raises(InputError, match="spread in each stratum"):
        _ = fits.spread


def test_more_than_five_lists_select_forward() -> None:
    names = ["LA", "NG", "PF", "GO", "GP", "NCA"]
    uk = hp.Lists(hp.datasets.load("uk_modern_slavery")["overlaps"], names, counts="people", replicates=20)
    fits = hp.loglinear(uk, criterion="BIC")
    path = fits.table.sort_values("df", ascending=False)["BIC"]
    assert path.is_monotonic_decreasing  # each step lowers the criterion
    assert fits.best.point == pytest.approx(fits.table["abundance"].iloc[0], rel=1e-8)
    assert fits.best.draws.shape == (1, 20)
    with pytest.raises(InputError, match="not a family to average"):
        fits.average()


BAD = {
    "no such list": ("A*X + B + C + D", "names 'X', which is no list"),
    "one left out": ("A*B + C", "leaves out list 'c4'"),
    "saturated": ("A*B*C*D", "joins all lists"),
    "empty": ("", "written as text"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_formulas(case: str) -> None:
    formula, message = BAD[case]
    with pytest.raises(InputError, match=message):
        hp.loglinear(rome(), formula)


def test_bad_options() -> None:
    with pytest.raises(InputError, match="criterion='aic'"):
        hp.loglinear(rome(), criterion="aic")
    with pytest.raises(InputError, match="order=0"):
        hp.loglinear(rome(), order=0)
    assert len(hp.loglinear(rome(), order=2).table) == 64  # graphs on four lists


def test_existence_and_identifiability_by_another_linear_program() -> None:
    # 60 sparse random tables, 8 models each: which have an estimate, and which one, by scipy's HiGHS (cells that some
    # direction of recession sends to zero), exact ranks, and weighted least squares on what is left. Where it is not
    # identified the intercept's way along all directions of recession tells the limit (two more programs).
    from hiddenpop import _core  # noqa: PLC0415
    from scipy.optimize import linprog  # noqa: PLC0415

    rng = np.random.default_rng(11)
    seen = set()
    for _ in range(60):
        k = int(rng.integers(3, 6))
        cells = np.arange(1, 1 << k)
        y = rng.poisson(np.exp(rng.normal(rng.uniform(-1, 2.5), 1.5, len(cells)))) * (rng.random(len(cells)) < 0.75)
        open = np.r_[0.0, np.ones(len(cells))]
        models = _core.hierarchical_models(k, k)
        picked = [models[i] for i in rng.choice(len(models), min(8, len(models)), replace=False)]
        fits = _core.LogLinear(picked, open).fits(np.r_[0.0, y], 1)
        for terms, (status, unseen, *_) in zip(picked, fits, strict=True):
            x = np.array([[(t & c) == t for t in (0, *terms)] for c in cells], dtype=float)
            zero, p = y == 0, x.shape[1]
            kept = np.ones(len(cells), dtype=bool)
            if zero.any():
                lowered = linprog(
                    np.r_[np.zeros(p), -np.ones(zero.sum())],
                    A_ub=np.hstack([x[zero], np.eye(zero.sum())]),
                    b_ub=np.zeros(zero.sum()),
                    A_eq=np.hstack([x[~zero], np.zeros(((~zero).sum(), zero.sum()))]),
                    b_eq=np.zeros((~zero).sum()),
                    bounds=[(None, None)] * p + [(0, 1)] * zero.sum(),
                )
                kept[zero] = lowered.x[p:] < 0.5
            rank = np.linalg.matrix_rank(x[kept])
            identified = np.linalg.matrix_rank(np.vstack([x[kept], np.eye(p)[0]])) == rank
            expected = 2 if not identified else 0 if kept.all() else 1
            if not identified:
                cone = {
                    "A_ub": np.vstack([x[~kept], -x[~kept]]),
                    "b_ub": np.r_[np.zeros((~kept).sum()), np.ones((~kept).sum())],
                    "A_eq": x[kept],
                    "b_eq": np.zeros(kept.sum()),
                    "bounds": [(None, None)] * p,
                }
                falls, rises = (linprog(sign * np.eye(p)[0], **cone) for sign in (1, -1))
                if falls.status == rises.status == 0 and (falls.fun < -1e-7) != (rises.fun < -1e-7):
                    expected = 4 if falls.fun < -1e-7 else 5
                    assert unseen == (0 if expected == 4 else np.inf)
                else:
                    assert np.isnan(unseen)
            assert status == expected
            seen.add(expected)
            if identified:
                design, counts = x[kept], y[kept]
                mu = counts + 0.1
                for _ in range(60):
                    weighted, before = design.T * mu, mu
                    beta = np.linalg.pinv(weighted @ design, rcond=1e-10) @ (
                        weighted @ np.log(mu) + design.T @ (counts - mu)
                    )
                    mu = np.exp(design @ beta)
                    if np.abs(mu - before).max() < 1e-11 * mu.max():
                        break
                # The smallest solution that fits: the intercept is the same in all of them.
                assert unseen == pytest.approx(np.exp(beta[0]), rel=1e-4)
    assert seen == {0, 1, 2, 4, 5}
