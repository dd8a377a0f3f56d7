"""What columns and levels are called, in every table, figure and sentence."""

import re

import hiddenpop as hp
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.sample.labels import of_term

LABELS = {"treat": "In treatment", "sex": ("Sex at birth", {"m": "Men", "f": "Women"}), "old": "Aged over 40"}


def table() -> dict[str, list[object]]:
    return {
        "treat": [1, 0, 1, 0] * 10,
        "sex": ["m", "m", "f", "f"] * 10,
        "old": [True, False, True, True] * 10,
        "age": list(range(20, 60)),
    }


@pytest.fixture
def survey() -> hp.Survey:
    return hp.Survey(table(), strata="sex", labels=LABELS, replicates=50)


def test_columns_are_asked_by_name_and_called_by_label(survey: hp.Survey) -> None:
    share = survey.proportion("treat", by="sex", where="old")
    assert share.name == "proportion of In treatment, where Aged over 40"
    assert list(share.labels) == ["Men", "Women"]
    assert share.labels.name == "sex"  # sums and unstacking go by names
    assert share.sum(by="sex").labels.tolist() == ["Men", "Women"]
    scalar = survey.proportion("treat")
    assert list(scalar.labels) == [scalar.name] == ["proportion of In treatment"]
    assert survey.count("sex").point.to_dict() == {"Women": 20.0, "Men": 20.0}  # type: ignore[union-attr]
    assert share["Men"].point == 1.0  # of men over 40 all


def test_sentences_tables_models_and_figures_have_them(survey: hp.Survey) -> None:
    text = survey.proportion("treat", by="sex").methods()
    assert "in 2 strata by Sex at birth (" in text
    assert "the proportion of In treatment by Sex at birth." in text
    described = hp.describe(survey, ["treat"], by="sex", interval=False)
    assert described.title == "Participants by Sex at birth"
    assert [row.label for row in described.rows] == ["In treatment"]
    crossed = hp.crosstab(survey, "treat", "sex").table()
    assert crossed.title == "In treatment by Sex at birth"
    assert "compared by Sex at birth" in hp.compare(survey, "treat", by="sex")._as_table().title
    model = hp.regress(survey, "treat ~ age + sex", family="binomial")
    assert [row.label for row in model._as_table().rows] == ["Intercept", "age", "Sex at birth", "Men", "Women"]
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    axes = survey.proportion("treat", by="sex").plot()
    assert axes.get_xlabel().startswith("proportion of In treatment")
    report = hp.Report("r").add(survey.proportion("treat", by="sex"))
    assert "Proportion of In treatment" in (report.to_html() or "")


def test_a_files_own_labels_serve_unless_the_user_has_others() -> None:
    frame = pd.DataFrame(table())
    frame.attrs["labels"] = {"treat": "Are you in treatment?", "old": "Over 40?"}
    assert hp.Survey(frame).proportion("treat").name == "proportion of Are you in treatment?"
    both = hp.Survey(frame, labels={"treat": "In treatment"})
    assert both.proportion("treat", where="old").name == "proportion of In treatment, where Over 40?"
    assert frame.attrs["labels"]["treat"] == "Are you in treatment?"


def test_labels_go_with_what_is_derived_saved_and_replayed(survey: hp.Survey) -> None:
    share = survey.assign(new=1).proportion("treat", where="old")
    assert share.name == "proportion of In treatment, where Aged over 40"
    read = hp.read_estimate(share.to_json() or "")
    assert (read.name, read.methods()) == (share.name, share.methods())
    other = hp.Survey(table(), strata="sex", replicates=50, name="other")
    assert share.replay(survey=other).name == share.name
    assert share.replay(survey=other).point == share.point


def test_labels_change_no_number() -> None:
    plain, labelled = hp.Survey(table(), replicates=50), hp.Survey(table(), replicates=50, labels={"treat": "T"})
    assert plain.record == labelled.record
    assert (plain.proportion("treat").draws == labelled.proportion("treat").draws).all()


def test_an_order_of_levels_stays() -> None:
    frame = pd.DataFrame(table())
    frame["sex"] = pd.Categorical(frame["sex"], categories=["m", "f"], ordered=True)
    survey = hp.Survey(frame, labels={"sex": {"m": "Men", "f": "Women"}})
    assert list(survey.count("sex").labels) == ["Men", "Women"]


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({"treated": "T"}, "no column 'treated'"),
        ({"sex": {"x": "X"}}, "names the level 'x', which column 'sex' doesn't have"),
        ({"sex": {"m": "W", "f": "W"}}, "two levels of column 'sex' one label"),
        ({"sex": {"m": 1}}, "is labelled 1; labels are texts"),
        ({"sex": "  "}, "a blank label"),
        ({"sex": 5}, "labels="),
        ({"sex": "One", "treat": "One"}, "calls two columns 'One': 'sex', 'treat'"),
    ],
)
def test_what_is_no_label_is_refused(labels: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        hp.Survey(table(), labels=labels)  # type: ignore[arg-type]


def test_terms_of_a_formula() -> None:
    labels = {"group": "Drug", "age": "Age"}
    assert of_term("group[T.crack only]", labels) == "Drug: crack only"
    assert of_term("age:group[T.x]", labels) == "Age × Drug: x"
    assert of_term("np.log(age)", labels) == "np.log(age)"
    assert of_term("group[T.x]", {}) == "group[T.x]"


def test_imputations_and_bars_have_them() -> None:
    tables = [table(), {**table(), "treat": [0, 1, 1, 0] * 10}]
    imputed = hp.Imputed(tables, labels={"treat": "In treatment"}, replicates=20)
    assert imputed.proportion("treat").name == "proportion of In treatment"
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    homes = {"home": ["own", "street", "own", "friends"] * 10, "sex": ["m", "f"] * 20}
    axes = hp.plot.stacked(hp.Survey(homes, labels={"home": "Where they sleep"}, replicates=20), "home", by="sex")
    assert axes.get_xlabel() == "Where they sleep"
