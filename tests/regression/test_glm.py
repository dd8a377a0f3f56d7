"""The fit: another implementation, refits by hand, and where there is no maximum."""

from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, HiddenpopWarning
from scipy import optimize


@pytest.mark.filterwarnings("ignore:The Log link")
@pytest.mark.parametrize(
    ("family", "formula"),
    [
        ("gaussian", "score ~ x * g"),
        ("binomial", "yes ~ x + g"),
        ("poisson", "visits ~ x + C(g)"),
        ("log-binomial", "yes ~ x + g"),
    ],
)
def test_points_agree_with_statsmodels(mixed: pd.DataFrame, family: str, formula: str) -> None:
    sm = pytest.importorskip("statsmodels.api")
    smf = pytest.importorskip("statsmodels.formula.api")
    families = {
        "gaussian": sm.families.Gaussian(),
        "binomial": sm.families.Binomial(),
        "poisson": sm.families.Poisson(),
        "log-binomial": sm.families.Binomial(sm.families.links.Log()),
    }
    offset = "time" if family == "poisson" else None
    ours = hp.regress(hp.Survey(mixed, weights="w"), formula, family=family, offset=offset)
    shift = {"offset": mixed["time"]} if offset else {}
    start = [-1.5, 0, 0, 0] if family == "log-binomial" else None
    theirs = smf.glm(formula, mixed, family=families[family], freq_weights=mixed["w"], **shift).fit(
        tol=1e-12, start_params=start, maxiter=200
    )
    expected = theirs.params[list(ours.coefficients.labels)]  # it may order terms otherwise
    np.testing.assert_allclose(ours.coefficients.point, expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("family", "outcome"), [("binomial", "yes"), ("poisson", "visits"), ("log-binomial", "yes")])
def test_influence_is_the_derivative_by_weights(mixed: pd.DataFrame, family: str, outcome: str) -> None:
    # Numerically: the estimate when one row's weight moves a little.
    model = hp.regress(hp.Survey(mixed, weights="w"), f"{outcome} ~ x + g", family=family)
    for estimate in (model.coefficients, model.margins("g")):
        influence = np.array(estimate.node.influence())  # type: ignore[attr-defined]
        for row in (3, 77, 204):
            h = 1e-4
            ends = []
            for sign in (1, -1):
                moved = mixed.assign(w=mixed["w"] + np.where(np.arange(300) == row, sign * h, 0.0))
                again = hp.regress(hp.Survey(moved, weights="w"), f"{outcome} ~ x + g", family=family)
                ends.append((again.coefficients if estimate is model.coefficients else again.margins("g")).point)
            np.testing.assert_allclose(influence[:, row], (ends[0] - ends[1]) / (2 * h), rtol=1e-5, atol=1e-10)


def test_separation_is_said() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"x": rng.normal(size=60), "g": ["a", "b", "c"] * 20, "yes": rng.integers(0, 2, 60), "i": np.arange(60)}
    )
    quasi = frame.assign(yes=np.where(frame["g"] == "b", 0, frame["yes"]))
    for family in ("binomial", "log-binomial", "poisson"):
        with pytest.raises(
            EstimationError, match=r"Separation: 'g\[T.b\]'.*'yes' is 0 in all 20 rows where 'g\[T.b\]' is 1"
        ):
            hp.regress(hp.Survey(quasi), "yes ~ x + g", family=family)
    complete = frame.assign(yes=(frame["x"] > 0).astype(int))
    with pytest.raises(EstimationError, match="Separation: 'x'"):
        hp.regress(hp.Survey(complete), "yes ~ x + g", family="binomial")
    # Quasi-complete by a threshold, with ties at the edge.
    edge = pd.DataFrame(
        {"x": [0.0] * 10 + [1.0] * 10 + [2.0] * 10, "yes": [0] * 10 + [0, 1] * 5 + [1] * 10, "i": range(30)}
    )
    with pytest.raises(EstimationError, match="Separation: 'x'"):
        hp.regress(hp.Survey(edge), "yes ~ x", family="binomial")
    # A rare event is none.
    rare = frame.assign(yes=np.where(frame["g"] == "b", (frame["i"] < 12).astype(int), frame["yes"]))
    with pytest.warns(HiddenpopWarning, match=r"'g\[T.b\]'"):
        hp.regress(hp.Survey(rare), "yes ~ x + g", family="binomial")


def test_sparse_cells_lose_redraws() -> None:
    frame = pd.DataFrame({"g": ["a"] * 60 + ["b"] * 20, "yes": [0, 1] * 30 + [1, 1] + [0] * 18, "i": range(80)})
    with pytest.warns(HiddenpopWarning, match=r"of the first 500 redrawn samples have no fit"):
        model = hp.regress(hp.Survey(frame, replicates=2000), "yes ~ g", family="binomial")
    lost = np.isnan(model.coefficients.draws[0])
    # Nobody of the two is redrawn in (1 - 2/80)^80 of the samples: 13%.
    assert lost.mean() == pytest.approx((1 - 2 / 80) ** 80, abs=4 * np.sqrt(0.13 * 0.87 / 2000))
    with pytest.warns(HiddenpopWarning, match="No interval"):
        assert model.coefficients.interval(method="percentile").isna().all().all()
    assert model.summary().notna().all().all()


def test_log_binomial_at_its_edge() -> None:
    # The fitted risk would pass 1: everybody at x = 3 has the outcome, and the risk rises by a constant factor before.
    frame = pd.DataFrame(
        {"x": np.repeat([0.0, 1, 2, 3], 10), "yes": [1] + [0] * 9 + [1] * 3 + [0] * 7 + [1] * 9 + [0] + [1] * 10}
    )
    survey = hp.Survey(frame.assign(i=range(40)))
    with pytest.raises(EstimationError, match=r"risk of 1 or more.*family='poisson'"):
        hp.regress(survey, "yes ~ x", family="log-binomial")
    assert hp.regress(survey, "yes ~ x", family="poisson").n == 40


@pytest.mark.filterwarnings("ignore::hiddenpop.HiddenpopWarning")
def test_log_binomial_finds_the_maximum_or_its_edge() -> None:
    # Maximum likelihood under the constraint that risks are at most 1, by scipy's SLSQP.
    rng = np.random.default_rng(3)
    inside = 0
    for _ in range(30):
        x, z = rng.normal(size=60), rng.integers(0, 2, 60).astype(float)
        risk = np.exp(-1 + rng.uniform(0, 0.6) * x + rng.uniform(-0.5, 0.5) * z).clip(0, 1)
        y = (rng.random(60) < risk).astype(float)
        design = np.column_stack([np.ones(60), x, z])
        best = constrained(design, y)
        survey = hp.Survey(pd.DataFrame({"x": x, "z": z, "y": y}), replicates=2)
        if (design @ best).max() > -1e-6:
            with pytest.raises(EstimationError, match="risk of 1 or more"):
                hp.regress(survey, "y ~ x + z", family="log-binomial")
        else:
            inside += 1
            model = hp.regress(survey, "y ~ x + z", family="log-binomial")
            np.testing.assert_allclose(model.coefficients.point, best, atol=1e-4)
    assert 10 <= inside <= 20


def constrained(x: Any, y: Any) -> Any:
    """Return the log-binomial maximum with no risk above 1."""

    def loss(b: Any) -> float:
        eta = x @ b
        return -float((y * eta + (1 - y) * np.log1p(-np.exp(np.minimum(eta, -1e-12)))).sum())

    def slope(b: Any) -> Any:
        mean = np.exp(np.minimum(x @ b, -1e-12))
        return -x.T @ np.where(y == 1, 1, -mean / (1 - mean))

    edge = {"type": "ineq", "fun": lambda b: -(x @ b), "jac": lambda b: -x}
    options = {"ftol": 1e-13, "maxiter": 500}
    return optimize.minimize(loss, [-1.5, 0, 0], jac=slope, method="SLSQP", constraints=edge, options=options).x
