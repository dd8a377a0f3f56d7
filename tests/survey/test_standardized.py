"""Direct standardisation: R's svystandardize, weights by hand, and what it refuses."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError

from ..schools import DESIGNS, close, table

STANDARD = {"E": 50, "H": 20, "M": 30}
#: R's survey 4.1.1: svystandardize(d, by=~stype, over=~comp.imp, population=c(E=50, H=20, M=30)), then svyby(~api00, ~comp.imp,
#: ., svymean) and the share of awards "Yes" where comp.imp is "Yes", with standard errors.
EXPECTED = {
    "clus1": {
        "No": (633.195089286, 26.9472895522),
        "Yes": (636.055357143, 29.6636973590),
        "awards": (0.945535714286, 0.0427096696349),
    },
    "strat": {
        "No": (634.016433566, 15.3479304430),
        "Yes": (675.286421569, 11.1412127171),
        "awards": (0.974901960784, 0.014475421873),
    },
}


@pytest.mark.parametrize("design", ["clus1", "strat"])
def test_it_is_svystandardize(design: str) -> None:
    schools = table(design)
    schools["won"] = schools["awards"] == "Yes"
    standard = hp.Survey(schools, **DESIGNS[design]).standardize("stype", pd.Series(STANDARD))
    means, won = standard.mean("api00", by="comp.imp"), standard.proportion("won", by="comp.imp")
    for label in ("No", "Yes"):
        close([means.point[label], means.se("linearized")[label]], EXPECTED[design][label])
    close([won.point["Yes"], won.se("linearized")["Yes"]], EXPECTED[design]["awards"])
    # Yes and no are one share; of other categories each has one, those that nobody has in a cell among them.
    close(standard.proportion("awards", by="comp.imp").point["Yes"], EXPECTED[design]["awards"][0])
    schools["prize"] = schools["awards"].map({"Yes": "won", "No": "none"})
    both = (
        hp.Survey(schools, **DESIGNS[design])
        .standardize("stype", pd.Series(STANDARD))
        .proportion("prize", by="comp.imp")
    )
    close(both.point["Yes", "won"], EXPECTED[design]["awards"][0])
    assert both.point.groupby("comp.imp").sum().to_numpy() == pytest.approx(1)
    assert means.node.n is not None
    assert means.node.n.sum() == len(schools)
    assert "directly standardised by stype, to a population of E 50%, H 20%, M 30%" in means.methods()
    again = hp.read_estimate(means.to_json())
    np.testing.assert_array_equal(again.point, means.point)
    assert "standardised by stype" in again.methods()


def test_draws_are_of_the_same_redraws() -> None:
    # In every replicate the standard's mean of the cells' shares, so that standardised and crude are joint.
    frame = pd.DataFrame({"x": [1, 0, 0, 1, 1, 0] * 20, "age": ["a", "b"] * 60, "city": ["p", "q", "q"] * 40})
    survey = hp.Survey(frame, replicates=200)
    made = survey.standardize("age", {"a": 1, "b": 3}).proportion("x", by="city")
    cells = survey.proportion("x", by=["city", "age"])
    np.testing.assert_allclose(made["p"].draws[0], 0.25 * cells["p", "a"].draws[0] + 0.75 * cells["p", "b"].draws[0])
    assert survey.standardize("age", {"a": 1, "b": 1}).proportion("x").scalar


def test_several_columns_and_categories_of_no_weight() -> None:
    frame = pd.DataFrame({"x": [1, 0, 0, 1] * 10, "age": ["a", "a", "b", "b"] * 10, "sex": ["m", "w"] * 20})
    survey = hp.Survey(frame, replicates=40)
    standard = survey.standardize(["age", "sex"], {("a", "m"): 2, ("b", "m"): 1, ("b", "w"): 1, ("a", "w"): 0})
    assert standard.proportion("x").point == pytest.approx(0.5 * 1 + 0.25 * 0 + 0.25 * 1)
    imputed = hp.Imputed([frame, frame.assign(x=1 - frame["x"])], replicates=40)
    assert imputed.standardize("age", {"a": 1, "b": 1}).proportion("x").point == pytest.approx(0.5)


def test_what_it_refuses() -> None:
    frame = pd.DataFrame({"x": [1, 0, 0, 1], "age": ["a", "b", "a", "a"], "city": ["p", "p", "q", "q"]})
    survey = hp.Survey(frame, replicates=40)
    standard = survey.standardize("age", {"a": 600, "b": 400})
    with pytest.raises(InputError, match=r"Nobody of 'b' is in 'q', which is 40\.0% of the standard population"):
        standard.proportion("x", by="city")
    assert standard.proportion("x", where=frame["city"] == "p").point == pytest.approx(0.6)
    with pytest.raises(InputError, match="The standard population has no 'b', which participants are in"):
        survey.standardize("age", {"a": 1}).proportion("x")
    with pytest.raises(InputError, match="can't make the groups too"):
        standard.proportion("x", by="age")
    for population, words in (
        ({"a": -1, "b": 2}, "can't be negative"),
        ({"a": 0}, "is of nobody"),
        ({}, "is a mapping of categories"),
        ("us2000", "population"),
        ({"a": float("nan")}, "finite|number"),
        (pd.Series([1, 2], ["a", "a"]), "more than once"),
    ):
        with pytest.raises(InputError, match=words):
            survey.standardize("age", population)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="where a tuple of age and city is wanted"):
        survey.standardize(["age", "city"], {"a": 1})


def test_small_cells_hide_what_is_made_of_them() -> None:
    frame = pd.DataFrame({"x": [1] * 40 + [0] * 38 + [1] * 2, "age": ["a"] * 40 + ["b"] * 40, "city": ["p", "q"] * 40})
    made = hp.Survey(frame, replicates=40).standardize("age", {"a": 1, "b": 1}).proportion("x", by="city")
    report = hp.Report("r", suppress_below=5).add(made)
    assert "hidden" in str(report.to_json())
