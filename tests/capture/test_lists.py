"""Lists as data: what comes in, how they read, what is refused, how they are redrawn."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning, InputError

from .. import on_lists
from ..on_lists import ROME


@pytest.fixture
def rome() -> hp.Lists:
    return on_lists.rome(replicates=2000)


def rows(cells: pd.DataFrame) -> pd.DataFrame:
    """Expand overlaps to a row a person, in another order."""
    people = cells.loc[cells.index.repeat(cells["people"])].drop(columns="people")
    return people.sample(frac=1, random_state=1)


def test_rows_and_overlaps_are_the_same_lists(rome: hp.Lists) -> None:
    table = rows(hp.datasets.load("rome_hiv")["overlaps"])
    people = hp.Lists(table.astype(bool), ROME, replicates=2000)
    assert people.record.fingerprint == rome.record.fingerprint
    np.testing.assert_array_equal(hp.chapman(people["c1", "c2"]).draws, hp.chapman(rome["c1", "c2"]).draws)
    assert people.n == rome.n == 1896  # Abeni et al. (1994)


def test_overlaps_pairs_and_lists_that_never_meet(rome: hp.Lists) -> None:
    assert rome.overlaps()["people"].sum() == 1896
    pairs = rome.pairs()
    # From the published table: 33 + 3 + 0 + 1 people on c1 and c2. Odds ratio among those on c3 or c4, by hand.
    assert pairs.loc[("c1", "c2"), "both"] == 37
    four = np.array([4, 26, 48, 837]) + 0.5
    assert pairs.loc[("c1", "c2"), "odds_ratio"] == pytest.approx(four[0] * four[3] / (four[1] * four[2]))
    uk = hp.datasets.load("uk_modern_slavery")["overlaps"]
    lists = hp.Lists(uk, ["LA", "NG", "PF", "GO", "GP", "NCA"], counts="people")
    assert lists.never_overlapping == [("LA", "GP"), ("LA", "NCA")]
    assert "Never overlapping: LA and GP, LA and NCA." in repr(lists)
    described = lists.describe()
    assert described.lists.loc["LA", "people"] == 54 + 15 + 19 + 3 + 1 + 1 + 1
    assert "Never overlapping" in repr(described)
    assert "<table" in lists._repr_html_()
    assert "<table" in described._repr_html_()


def test_upset_plot_has_a_bar_a_history(rome: hp.Lists) -> None:
    axes = rome.plot(most=5)
    assert [round(bar.get_height()) for bar in axes.patches] == [621, 545, 403, 205, 35]


def test_some_of_the_lists_are_the_same_people(rome: hp.Lists) -> None:
    two = rome["c1", "c3"]
    assert two.n == 403 + 33 + 20 + 6 + 3 + 1 + 621 + 35 + 11 + 3  # people on c1 or c3
    assert two.names == ("c1", "c3")
    both = hp.chapman(two) - hp.chapman(rome["c3", "c1"])
    assert np.abs(both.draws).max() == 0


def test_replicates_redraw_people_seen_and_unseen(rome: hp.Lists) -> None:
    # Closed form: with N people each cell is Binomial(N, y / N); four standard errors.
    size = 12_000.0
    drawn = rome.redraw(0, 2000, np.array([size]))[0]
    observed = rome.tables()[0]
    spread = np.sqrt(observed * (1 - observed / size))
    assert (np.abs(drawn.mean(axis=0) - observed) <= 4 * spread / np.sqrt(2000)).all()
    n = drawn.sum(axis=1)
    assert n.var() == pytest.approx(1896 * (1 - 1896 / size), rel=4 * np.sqrt(2 / 2000))
    np.testing.assert_array_equal(rome.redraw(500, 600, np.array([size]))[0], drawn[500:600])
    with hp.settings(threads=1):
        np.testing.assert_array_equal(rome.redraw(0, 2000, np.array([size]))[0], drawn)


def test_strata_are_redrawn_apart() -> None:
    cells = pd.DataFrame(
        {"sex": list("fffmmm"), "a": [1, 0, 1] * 2, "b": [0, 1, 1] * 2, "people": [40, 60, 12, 10, 20, 30]}
    )
    lists = hp.Lists(cells, ["a", "b"], by="sex", counts="people", replicates=4000)
    sizes = hp.lincoln_petersen(lists, by="sex")
    assert sizes.point.to_dict() == {"f": 52 * 72 / 12, "m": 40 * 50 / 30}
    # Independent strata: no correlation, up to four standard errors.
    assert abs(np.corrcoef(np.log(sizes.draws))[0, 1]) < 4 / np.sqrt(4000)
    assert hp.sekar_deming(lists).point == pytest.approx(53 * 73 / 13 - 1 + 41 * 51 / 31 - 1)


def test_a_list_that_covers_some_strata_only() -> None:
    cells = pd.DataFrame(
        {
            "region": ["n"] * 3 + ["s"] * 7,
            "a": [1, 0, 1, 1, 0, 0, 1, 1, 0, 1],
            "b": [0, 1, 1, 0, 1, 0, 1, 0, 1, 1],
            "c": [0, 0, 0, 0, 0, 1, 0, 1, 1, 1],
            "people": [40, 60, 12, 30, 40, 20, 8, 5, 6, 2],
        }
    )
    names = ["a", "b", "c"]
    with pytest.raises(InputError, match=r"Nobody in 'n' is on list 'c'.*covers=\{'c': \['s'\]\}"):
        hp.Lists(cells, names, by="region", counts="people")
    lists = hp.Lists(cells, names, by="region", counts="people", covers={"c": ["s"]}, replicates=500)
    with pytest.raises(InputError, match="covers some strata only"):
        hp.loglinear(lists, "a + b + c")
    sizes = hp.loglinear(lists, "a + b + c", by="region")
    # The north has two lists: Lincoln-Petersen there; the south is the model of its own lists.
    assert sizes.point["n"] == pytest.approx(52 * 72 / 12)
    south = hp.Lists(cells[cells["region"] == "s"], names, counts="people")
    assert sizes.point["s"] == pytest.approx(hp.loglinear(south, "a + b + c").point)
    with pytest.raises(InputError, match="does not cover 's', yet people on it are there"):
        hp.Lists(cells, names, by="region", counts="people", covers={"c": ["n"]})


CELLS = pd.DataFrame({"a": [1, 0, 1], "b": [0, 1, 1], "people": [40, 60, 12], "g": ["x", "y", "x"]})
BAD = {
    "one list": (lambda: hp.Lists(CELLS, ["a"], counts="people"), "needs two lists at least"),
    "a text": (lambda: hp.Lists(CELLS, "a", counts="people"), "One list"),
    "no such column": (lambda: hp.Lists(CELLS, ["a", "c"], counts="people"), "no column 'c'"),
    "twice": (lambda: hp.Lists(CELLS, ["a", "a"], counts="people"), "named twice"),
    "counts as list": (lambda: hp.Lists(CELLS, ["a", "people"], counts="people"), "can't be a list and something else"),
    "not binary": (lambda: hp.Lists(CELLS.assign(a=[2, 0, 1]), ["a", "b"]), "other values than 0 and 1 in 1 row"),
    "missing": (lambda: hp.Lists(CELLS.assign(a=[None, 0, 1]), ["a", "b"]), "'a' is missing in 1 row"),
    "text marks": (lambda: hp.Lists(CELLS.assign(a=["there", "gone", "there"]), ["a", "b"]), "has text in 3 rows"),
    "nobody": (lambda: hp.Lists(CELLS.assign(a=0, b=[0, 1, 1]), ["a", "b"]), "All lists are 0 in 1 row"),
    "empty list": (lambda: hp.Lists(CELLS.assign(b=0)[CELLS["a"] == 1], ["a", "b"]), "Nobody is on list 'b'"),
    "negative": (lambda: hp.Lists(CELLS.assign(people=[4, -1, 2]), ["a", "b"], counts="people"), "negative in 1 row"),
    "fraction": (lambda: hp.Lists(CELLS.assign(people=[4, 1.5, 2]), ["a", "b"], counts="people"), "fractional"),
    "empty in a stratum": (
        lambda: hp.Lists(CELLS, ["a", "b"], by="g", counts="people"),
        "Nobody in 'y' is on list 'a'",
    ),
    "covers without by": (
        lambda: hp.Lists(CELLS, ["a", "b"], counts="people", covers={"a": ["x"]}),
        "name the strata's columns with by=",
    ),
    "13 lists": (lambda: hp.Lists({f"l{j}": [1, 0] for j in range(13)}, [f"l{j}" for j in range(13)]), "more than 12"),
    "unknown pick": (lambda: hp.Lists(CELLS, ["a", "b"], counts="people")["a", "x"], "There is no list 'x'"),
    "by of the estimate": (lambda: hp.chapman(hp.Lists(CELLS, ["a", "b"], counts="people"), by="g"), "is no stratum"),
    "not lists": (lambda: hp.chapman(CELLS), "needs Lists, not a DataFrame"),
    "strata lacking": (lambda: hp.sekar_deming(hp.Lists(CELLS, ["a", "b"], counts="people")), "There are no strata"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(case: str) -> None:
    make, message = BAD[case]
    with pytest.raises(InputError, match=message):
        make()


def test_twelve_lists_go() -> None:
    marks = np.random.default_rng(1).random((400, 12)) < 0.15
    names = [f"l{j}" for j in range(12)]
    table = pd.DataFrame(marks[marks.any(axis=1)], columns=names)
    lists = hp.Lists(table, names)
    assert lists.n == marks.any(axis=1).sum()
    assert hp.loglinear(lists, " + ".join(names)).point == pytest.approx(400, rel=0.2)  # the true size, about 4 s.e.


def test_separate_lists_of_the_same_people(rome: hp.Lists) -> None:
    again = on_lists.rome(replicates=2000)
    with pytest.warns(HiddenpopWarning, match="identical counts"):
        hp.chapman(rome["c1", "c2"]) + hp.chapman(again["c1", "c2"])
    other = on_lists.rome(seed=3)
    with pytest.raises(InputError, match="different seeds"):
        hp.chapman(rome["c1", "c2"]) + hp.chapman(other["c1", "c2"])


def test_duplicate_ids_are_named() -> None:
    table = pd.DataFrame({"id": ["k", "k", "m", "p", None], "a": [1, 0, 1, 0, 1], "b": [0, 1, 1, 1, 0]})
    with pytest.warns(HiddenpopWarning) as caught:
        report = hp.dedupe_check(table, "id", ["a", "b"])
    said = " ".join(str(w.message) for w in caught)
    assert "row number 4" in said
    assert "row number 1" in said
    assert report.loc["all"].tolist() == [5, 4, 1, 1, 2]  # k is on both once its rows are joined
