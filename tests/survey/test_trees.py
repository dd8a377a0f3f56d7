"""Trees on paper: nobody covers anybody, recruiters stand above the middle of their recruits, and no id is written."""

import itertools

import hiddenpop as hp
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hiddenpop.sample.recruited_again import recruits_of
from hiddenpop.survey import trees

from .. import recruitment

mpl.use("Agg")
pytestmark = pytest.mark.filterwarnings("ignore::hiddenpop.HiddenpopWarning")


def surveys() -> list[hp.Survey]:
    """Ten chains, one chain, and a chain of a hundred waves."""
    line = pd.DataFrame({"id": range(100), "by": [None, *range(99)], "knows": 5, "kind": ["a", "b"] * 50})
    return [
        recruitment.survey(replicates=10),
        hp.Survey.rds(recruitment.faux(), **recruitment.FAUX, replicates=10),
        hp.Survey.rds(line, id="id", recruiter="by", degree="knows", replicates=10),
    ]


def test_participants_stand_apart_below_their_recruiters() -> None:
    for survey in surveys():
        forest = recruits_of(survey.sample, "a test").forest
        x, y = trees.places(forest)
        for height in np.unique(y):
            row = np.sort(x[y == height])
            assert (np.diff(row) > 1 - 1e-9).all()
        recruits = np.flatnonzero(~forest.seeds)
        np.testing.assert_allclose(y[recruits], y[forest.recruiter[recruits]] - 1)
        for giver in np.unique(forest.recruiter[recruits]):
            below = x[forest.recruiter == giver]
            assert x[giver] == pytest.approx((below.min() + below.max()) / 2)
        spans = [(x[forest.seed == s].min(), x[forest.seed == s].max(), y[s]) for s in np.flatnonzero(forest.seeds)]
        for (a, b, top), (c, d, other) in itertools.combinations(spans, 2):
            assert top != other or b < c or d < a


def test_a_tree_of_five_hundred_is_readable() -> None:
    """Marks of one wave don't touch, at the size in which the figure is made."""
    axes = surveys()[0].plot_tree(colour="disease")
    marks = axes.collections
    assert sum(len(one.get_offsets()) for one in marks) == 500
    figure = axes.figure
    figure.draw_without_rendering()
    places = np.concatenate([axes.transData.transform(one.get_offsets()) for one in marks]) * 72 / figure.dpi
    sizes = np.sqrt(np.concatenate([one.get_sizes() for one in marks]))
    assert sizes.min() >= 4
    for height in np.unique(places[:, 1].round(3)):
        row = np.sort(places[np.isclose(places[:, 1], height, atol=0.01), 0])
        if len(row) > 1:
            assert np.diff(row).min() >= sizes.min()
    assert figure.get_figwidth() <= 10
    assert figure.get_figheight() < 14


def test_no_id_is_written() -> None:
    survey = surveys()[0]
    axes = survey.plot_tree("disease")
    texts = {text.get_text() for text in axes.findobj(mpl.text.Text) if text.get_text() and text.get_visible()}
    ticks = {text.get_text() for text in (*axes.get_xticklabels(), *axes.get_yticklabels())}  # of an axis that is off
    assert texts - ticks <= {"500 participants from 10 seeds (large) in 5 waves, by disease.", "0", "1"}
    told = hp.plot.describe(axes)
    assert told == (
        "Trees of recruitment: 500 participants from 10 seeds (large) in 5 waves, by disease. 0 371; 1 129."
    )
    assert hp.plot.describe(survey.plot_tree()).endswith("in 5 waves.")


def test_answers_that_are_missing_are_hollow_and_axes_may_be_given() -> None:
    table = recruitment.madrona()
    lacking = table.assign(group=table["group"].mask(table["age"] > 50))
    survey = hp.Survey.rds(lacking, **recruitment.MADRONA, replicates=10)
    given = mpl.pyplot.subplots()[1]
    axes = survey.plot_tree("group", ax=given)
    assert axes is given
    assert [text.get_text() for text in axes.get_legend().get_texts()][-1] == "not known"
