"""Regressions of imputed answers: Rubin's rules in closed form."""

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import InputError
from scipy import stats

from ..tables.test_imputations import DESIGNS, imputed, pooled


@pytest.mark.parametrize("design", DESIGNS)
def test_coefficients_are_pooled_by_rubin_s_rules(design: str) -> None:
    survey = imputed(design)
    each = [hp.regress(one, "y ~ x + g", "binomial") for one in survey.surveys]
    found = hp.regress(survey, "y ~ x + g", "binomial")
    summary, summaries = found.summary(), [one.summary() for one in each]
    for term in summary.index:
        rows = [one.loc[term] for one in summaries]
        b, se, df = pooled([r["estimate"] for r in rows], [r["se"] ** 2 for r in rows], each[0].df)
        t = stats.t.ppf(0.975, df)
        assert summary.loc[term, ["estimate", "se", "lower", "upper"]].tolist() == pytest.approx(
            [b, se, b - t * se, b + t * se]
        )
        assert summary.loc[term, "p"] == pytest.approx(2 * stats.t.sf(abs(b / se), df))
    # The Wald test of one coefficient is its t test.
    test = found.test("x", adjust=False).iloc[0]
    assert test["F"] == pytest.approx(summary.loc["x", "t"] ** 2)
    assert test["p"] == pytest.approx(summary.loc["x", "p"])
    g = found.test("g").iloc[0]
    assert g["df1"] == 2
    assert min(m.test("g")["p"].iloc[0] for m in each) < g["p"] < 1
    margins = found.margins("g")
    np.testing.assert_allclose(margins.point, np.mean([one.margins("g").point for one in each], axis=0))
    assert found.effects("x").point == pytest.approx(np.mean([one.effects("x").point for one in each]))
    new = {"x": [10.0], "g": ["a"]}
    assert found.predict(new).point.iloc[0] == pytest.approx(np.mean([one.predict(new).point.iloc[0] for one in each]))
    assert "5 imputations pooled by Rubin's rules" in repr(found)
    assert "5 imputations were pooled by Rubin's rules" in found.methods()


def test_models_that_differ_between_imputations() -> None:
    with pytest.raises(InputError, match="Imputation 3 has other coefficients than the first"):
        hp.regress(imputed("simple"), "x ~ k")
