"""Hidden cells: no reader who knows all sums can work one out, by trying every table that agrees with what is shown."""

import itertools

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.tables import suppress


def fillings(column: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """List all ways to fill a column's hidden cells so that it keeps its sum."""
    rows = np.flatnonzero(hidden)
    left = int(column[hidden].sum())
    ways = [w for w in itertools.product(range(left + 1), repeat=len(rows)) if sum(w) == left] if len(rows) else [()]
    filled = np.repeat(column[None, :], len(ways), axis=0)
    filled[:, rows] = np.array(ways).reshape(len(ways), len(rows))
    return filled


def tables_that_agree(cells: np.ndarray, hidden: np.ndarray, *, total: bool) -> np.ndarray:
    """List all tables of counts with the same shown cells and the same sums (tables x rows x columns).

    The sums known to everyone: of a column (how many answered), and of a row's groups (the last column).
    """
    groups = cells.shape[1] - 1 if total else cells.shape[1]
    columns = [fillings(cells[:, g], hidden[:, g]) for g in range(groups)]
    chosen = np.indices([len(c) for c in columns]).reshape(groups, -1)
    found = np.stack([c[i] for c, i in zip(columns, chosen, strict=True)], axis=2)
    if total:
        found = np.concatenate([found, found.sum(axis=2, keepdims=True)], axis=2)
        found = found[(found[:, :, -1] == cells[:, -1])[:, ~hidden[:, -1]].all(axis=1)]
    return found


@pytest.mark.parametrize("seed", range(150))
def test_no_hidden_cell_can_be_worked_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, groups, total = int(rng.integers(2, 4)), int(rng.integers(2, 4)), bool(rng.integers(2))
    levels = rng.integers(1, 6 if groups == 2 else 4, (rows, groups)).astype(float)
    missing = np.where(rng.random(groups) < 0.5, 0, 2).astype(float)
    if total:
        levels = np.column_stack([levels, levels.sum(axis=1)])
        missing = np.append(missing, missing.sum())
    below = 3
    hidden = suppress.hide(levels, missing, below, total=total)
    small = (levels > 0) & (levels < below)
    assert hidden[small].all()
    if not small.any():
        assert not hidden.any()
    if not hidden.any():
        return
    found = tables_that_agree(levels, hidden, total=total)
    # Any of several values would do for every hidden count of a level, however few are missing; all zeros and ones if one answered.
    loose = hidden & (levels.sum(axis=0) > 0)
    assert (found != found[0]).any(axis=0)[loose].all(), (levels, missing, hidden)


def test_a_single_small_cell_takes_as_few_others_as_can_be() -> None:
    levels = np.array([[2, 30, 32], [50, 40, 90], [60, 70, 130]], dtype=float)
    hidden = suppress.hide(levels, np.zeros(3), 5, total=True)
    assert hidden.sum() == 4  # a rectangle of four is the least there is
    assert hidden[0, 0]
    assert not hidden[:, -1].any()


@pytest.mark.parametrize("few", [0, 1, 2, 4])
def test_how_many_did_not_answer_is_no_secret(few: int) -> None:
    """Nothing is hidden because few are missing, and the number missing is shown whatever is hidden beside it."""
    levels, missing = np.array([[20.0, 30.0, 50.0], [40.0, 10.0, 50.0]]), np.array([few, 0.0, few])
    assert not suppress.hide(levels, missing, 5, total=True).any()
    # What few are missing gives no cover: 2 of 60 who answered are small, though 2 and those missing might be more.
    small = suppress.hide(np.array([[2.0, 30.0, 32.0], [58.0, 10.0, 68.0]]), missing, 5, total=True)
    none = suppress.hide(np.array([[2.0, 30.0, 32.0], [58.0, 10.0, 68.0]]), np.zeros(3), 5, total=True)
    assert small.any()
    assert (small == none).all()
    rows = [("a", "p")] * 20 + [("a", "q")] * 40 + [("a", None)] * few + [("b", "p")] * 30 + [("b", "q")] * 2
    survey = hp.Survey(pd.DataFrame(rows, columns=["g", "x"]), replicates=10)
    table = hp.describe(survey, ["x"], by="g", interval=False, suppress_below=5).to_pandas()
    assert table.iloc[1].tolist() == ["20 (33.3%)", "hidden"]
    if few:
        assert table.iloc[-1].tolist() == [str(few), "0"]


def test_numbers_of_who_hardly_anybody_answered() -> None:
    # 3 of 43 answered: their mean is hidden, and one more, from which it would follow; how many did not is shown.
    frame = pd.DataFrame(
        {"g": ["a"] * 43 + ["b"] * 100, "x": [np.nan] * 40 + [1.0, 2, 3] + [*range(90)] + [np.nan] * 10}
    )
    made = hp.describe(hp.Survey(frame, replicates=10), ["x"], by="g", total=True, interval=False, suppress_below=5)
    cells = made.to_pandas().set_axis(["a", "b", "all"], axis=1).loc["x"]
    assert cells.loc["mean"].tolist()[0] == "hidden"
    assert cells.loc["mean"].tolist().count("hidden") == 2
    assert cells.loc["missing"].tolist() == ["40", "10", "50"]


def test_zeros_are_shown() -> None:
    hidden = suppress.hide(np.array([[0.0, 9.0], [20.0, 30.0]]), np.zeros(2), 5, total=False)
    assert not hidden.any()


def test_a_table_hides_texts_and_numbers_alike() -> None:
    frame = pd.DataFrame({"g": ["a"] * 40 + ["b"] * 40, "x": ["p"] * 2 + ["q"] * 38 + ["p"] * 10 + ["q"] * 30})
    survey = hp.Survey(frame, replicates=200)
    table = hp.describe(survey, ["x"], by="g", total=True, suppress_below=5)
    shown = table.to_pandas()
    assert shown.iloc[1].tolist()[:2] == ["hidden", "hidden"]
    assert shown.iloc[2].tolist()[:2] == ["hidden", "hidden"]
    assert shown.iloc[1, 2].startswith("12 (15.0%")
    numbers = table.to_pandas(numbers=True)
    part = numbers[(numbers["statistic"] == "share") & (numbers["group"] != "all")]
    assert part[["n", "estimate", "lower", "upper"]].isna().all(axis=None)
    assert "Hidden: cells of fewer than 5" in " ".join(table.notes)
    crossed = hp.crosstab(survey, "x", "g").table(suppress_below=5)
    assert crossed.to_pandas().iloc[1, 0] == crossed.to_pandas().iloc[2, 1] == "hidden"
    # The other level of yes and no follows from it, so a small one hides it.
    yes = hp.describe(survey.assign(y=lambda t: (t["x"] == "q").astype(float)), ["y"], by="g", suppress_below=5)
    assert yes.to_pandas().iloc[0].tolist()[0] == "hidden"


def test_groups_too_small_to_show() -> None:
    survey = hp.Survey({"g": ["a"] * 3 + ["b"] * 9, "x": [1, 0] * 6})
    with pytest.raises(InputError, match="Group 'a' has fewer than 5"):
        hp.describe(survey, ["x"], by="g", suppress_below=5)
    with pytest.raises(InputError, match="suppress_below=1 must be"):
        hp.describe(survey, ["x"], suppress_below=1)


def test_a_variable_of_a_table_tells_nothing_of_another() -> None:
    """Who does it daily is who does it often but not weekly: 20 - 18 = 2 of group a."""
    counts = {"a": (2, 18, 30), "b": (30, 40, 30), "c": (20, 30, 30)}
    rows = [
        (g, often, week, n) for g, (d, w, no) in counts.items() for often, week, n in ((1, 0, d), (1, 1, w), (0, 0, no))
    ]
    frame = pd.DataFrame(rows, columns=["g", "often", "week", "n"])
    table = hp.describe(hp.Survey(frame, counts="n"), ["week", "often"], by="g", suppress_below=5, interval=False)
    assert "hidden" in str(table)
    hp.Report("r", suppress_below=5).add(table)  # nor does it refuse the table by itself
