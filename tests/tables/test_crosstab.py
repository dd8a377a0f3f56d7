"""Cross-tables and their tests: R's svychisq, and Pearson's own test."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.uncertainty import variance
from scipy import stats

from ..schools import DESIGNS, TESTS, schools


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("method", ["F", "Chisq", "Wald", "adjWald"])
def test_tests_of_independence_as_in_r(design: str, method: str) -> None:
    # One cell is empty (no school has awards without reaching its target).
    found = hp.crosstab(schools(design), "awards", "sch.wide").test(method)
    expected = TESTS[design]["chisq_awards_schwide"][method]
    # R prints Pearson's statistic as it is before its first-order correction; p follows from it after that.
    printed = found.pearson if method == "Chisq" else found.statistic
    assert printed == pytest.approx(expected["stat"], rel=1e-9)
    assert found.df == pytest.approx(np.atleast_1d(expected["parameter"]), rel=1e-9)
    assert found.p == pytest.approx(expected["p"], rel=1e-6)


@pytest.mark.parametrize("design", DESIGNS)
def test_second_order_correction_as_in_r(design: str) -> None:
    found = hp.crosstab(schools(design), "stype", "awards").test()
    expected = TESTS[design]["chisq_stype_awards"]
    assert found.statistic == pytest.approx(expected["stat"], rel=1e-9)
    assert found.df == pytest.approx(expected["parameter"], rel=1e-9)
    assert found.p == pytest.approx(expected["p"], rel=1e-6)


#: Rows and columns of 72 people in eight clusters of nine.
LARGE = (
    "xxyxyzyxxyyyzyyyzxxyxzzzxyxxyxyzxzyxyyyxzxyzyxxzxzxxyxyyzxyzxyyxzzyyxyxz",
    "tuvvuvtvtuvvtuvvvttvvvutuutuuuutttutvuttvtvvutvvuvuvuuvvvuvtvtvvtvuvtttt",
)


def test_larger_tables_as_in_r() -> None:
    # R's survey 4.5, svychisq(~a + b, svydesign(ids = ~p, weights = ~1, data = d)), with CompQuadForm.
    a, b = LARGE
    frame = pd.DataFrame({"p": np.repeat(np.arange(8), 9), "a": list(a), "b": list(b)})
    cross = hp.crosstab(hp.Survey(frame, clusters="p", replicates=100), "a", "b")
    right = {"F": 0.0179924030, "Chisq": 0.0039325385, "lincom": 0.0193900484, "saddlepoint": 0.0190924471}
    for method, p in right.items():
        assert cross.test(method).p == pytest.approx(p, rel=1e-7)
        assert cross.test(method).pearson == pytest.approx(11.130314, rel=1e-6)
    assert cross.test().df == pytest.approx((3.471191, 24.29834), rel=1e-6)
    assert cross.test().statistic == pytest.approx(3.851013, rel=1e-6)


@pytest.mark.parametrize("method", ["F", "Chisq", "Wald", "adjWald"])
def test_what_is_printed_belongs_together(method: str) -> None:
    found = hp.crosstab(schools("clus1"), "stype", "awards").test(method)
    p = stats.chi2.sf(found.statistic, *found.df) if method == "Chisq" else stats.f.sf(found.statistic, *found.df)
    assert found.p == pytest.approx(p, rel=1e-9)
    assert f"= {found.statistic:.4g} on {' and '.join(f'{one:.4g}' for one in found.df)} df" in repr(found)


@pytest.fixture
def simple() -> tuple[pd.DataFrame, hp.Survey]:
    """Return a simple sample."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"a": rng.choice(["p", "q", "r"], 240), "b": rng.choice(["x", "y"], 240, p=[0.3, 0.7])})
    frame.loc[:9, "a"] = None
    return frame, hp.Survey(frame, replicates=400)


def test_a_simple_sample_is_pearson_s(simple: tuple[pd.DataFrame, hp.Survey]) -> None:
    frame, survey = simple
    pearson = stats.chi2_contingency(pd.crosstab(frame["a"], frame["b"]), correction=False)
    found = hp.crosstab(survey, "a", "b").test("Chisq")
    assert found.pearson == pytest.approx(pearson.statistic, rel=1e-10)
    # The weights of its distribution are one but for sampling error in the shares.
    assert found.statistic == pytest.approx(pearson.statistic, rel=0.02)
    assert found.df == (2.0,)
    assert found.p == pytest.approx(pearson.pvalue, abs=0.02)


def test_counts_and_shares(simple: tuple[pd.DataFrame, hp.Survey]) -> None:
    frame, survey = simple
    cross = hp.crosstab(survey, "a", "b")
    for percent, normal in (("row", "index"), ("column", "columns"), ("total", "all")):
        expected = pd.crosstab(frame["a"], frame["b"], normalize=normal).stack()
        point = cross.shares(percent).point
        pd.testing.assert_series_equal(point.sort_index(), expected, check_names=False)
    whole = cross.shares("row")
    with pytest.warns(hp.HiddenpopWarning, match="10 rows"):
        other = survey.proportion("b", by="a")
    # The same estimates, joint with the survey's own: the same draws.
    order = [whole.labels.get_loc(label) for label in other.labels]
    assert np.allclose(whole.draws[order], other.draws)
    assert cross.counts().sum().point == 230
    with pytest.raises(InputError, match="percent='all'"):
        cross.shares("all")


def test_the_table_of_a_cross(simple: tuple[pd.DataFrame, hp.Survey]) -> None:
    frame, survey = simple
    table = hp.crosstab(survey, "a", "b").table(labels={"a": "Letter"})
    counts = pd.crosstab(frame["a"], frame["b"])
    assert sorted(table.columns[:2]) == [f"{head} (n = {counts[head].sum()})" for head in counts.columns]
    shown = table.to_pandas()
    for label in counts.index:
        for head in counts.columns:
            column = next(c for c in table.columns if c.startswith(head))
            assert shown.loc[("Letter", label), column].startswith(f"{counts.loc[label, head]} (")
    assert table.notes[-1].startswith("Rao-Scott F test")
    assert "Letter" in repr(table)


def test_replicates_measure_the_variance_where_the_survey_has_them() -> None:
    plain = schools("strat_nofpc")
    survey = plain.with_replicates("JKn")
    found, linear = (hp.crosstab(one, "stype", "awards").test() for one in (survey, plain))
    assert found.statistic != linear.statistic
    assert found.statistic == pytest.approx(linear.statistic, rel=0.05)  # they agree to second order
    covariance = survey.sample.variance
    assert covariance is not None
    assert found.df[1] / found.df[0] == pytest.approx(covariance.df)


def test_what_cant_be_tested() -> None:
    frame = pd.DataFrame({"a": ["p", "q"] * 6, "one": ["x"] * 12, "b": list("xyz") * 4, "city": [1, 1, 1, 2, 2, 2] * 2})
    survey = hp.Survey(frame)
    with pytest.raises(InputError, match="single level"):
        hp.crosstab(survey, "a", "one").test()
    with pytest.raises(InputError, match="crossed with itself"):
        hp.crosstab(survey, "a", "a")
    with pytest.raises(InputError, match="no column 'aa'"):
        hp.crosstab(survey, "aa", "b")
    with pytest.raises(InputError, match="method='G' must be one of"):
        hp.crosstab(survey, "a", "b").test("G")
    with pytest.raises(InputError, match="no degrees of freedom"):
        hp.crosstab(hp.Survey(frame, clusters="city"), "a", "b").test("adjWald")
    with pytest.raises(InputError, match="singular"):
        hp.crosstab(hp.Survey(frame, clusters="city"), "b", "a").test("Wald")
    silent = pd.DataFrame({"a": ["p", None] * 4, "b": [None, "x"] * 4})
    with pytest.raises(InputError, match="Nobody answered both"):
        hp.crosstab(hp.Survey(silent), "a", "b")
    with pytest.raises(InputError, match="different values"):
        hp.crosstab(hp.Survey({"a": [f"p{i}" for i in range(60)], "b": ["x", "y"] * 30}), "a", "b")


@pytest.mark.parametrize("seed", range(6))
def test_rao_and_scott_s_weights_are_the_eigenvalues_of_their_matrix(seed: int) -> None:
    """Their matrix (1984, section 4), by its definition: contrasts of cells, inverted. Empty cells, linked and not, among them."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 4, 300), rng.integers(0, 5, 300)
    empty = [[], [(0, 0)], [(0, 1), (0, 2), (3, 1)], [(1, 1), (2, 3)], [(0, 0), (0, 1), (1, 0), (2, 4)], [(3, 4)]][seed]
    kept = ~np.isin(5 * a + b, [5 * i + j for i, j in empty])
    table = pd.DataFrame({"a": a, "b": b, "c": np.arange(300) % 40, "w": 1 + rng.random(300)})[kept]
    cross = hp.crosstab(hp.Survey(table, clusters="c", weights="w", replicates=20), "a", "b")
    shares = cross.shares("total")
    p, covariance = shares.point.to_numpy(), variance.measured(shares.node).covariance
    contrasts = np.stack(
        [np.kron(np.eye(4)[i] - np.eye(4)[3], np.eye(5)[j] - np.eye(5)[4]) for i in range(3) for j in range(4)], axis=1
    )
    inverse = np.diag(np.divide(1.0, p, out=np.zeros_like(p), where=p > 0))
    simple = contrasts.T @ inverse @ contrasts / len(table)
    weights = np.linalg.eigvals(np.linalg.pinv(simple) @ contrasts.T @ inverse @ covariance @ inverse @ contrasts).real
    first, second = cross.test("Chisq"), cross.test("F")
    assert first.df == (np.linalg.matrix_rank(simple),)
    assert first.statistic == pytest.approx(first.pearson / weights.sum() * first.df[0], rel=1e-8)
    assert second.df[0] == pytest.approx(weights.sum() ** 2 / (weights**2).sum(), rel=1e-8)


def test_a_test_of_many_cells_solves_no_system_of_as_many_equations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eigenvalues of 2,401 contrasts took most of ten seconds; sums of them are all that F needs."""
    largest = []
    for name in ("eigh", "eigvalsh", "inv", "qr"):
        real = getattr(np.linalg, name)
        monkeypatch.setattr(np.linalg, name, lambda x, real=real, **o: (largest.append(min(x.shape)), real(x, **o))[1])
    rng = np.random.default_rng(0)
    table = {"a": rng.integers(0, 30, 5_000).astype(str), "b": rng.integers(0, 30, 5_000).astype(str)}
    assert hp.crosstab(hp.Survey(table, replicates=20), "a", "b").test().p > 0.001
    assert max(largest) < 60
