"""Small cells: nothing hidden can be worked out, from one table or from all of a report."""

from __future__ import annotations

import itertools
import json
import pickle
import re
import warnings
import zipfile
from pathlib import Path
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.report import builder
from scipy.optimize import linprog

from ..page_check import check
from ..test_new_design import Trees


def small(seed: int) -> pd.DataFrame:
    """Return 90 people, some kinds of whom are few."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "group": rng.choice(["a", "b"], 90, p=[0.3, 0.7]),
            "sex": rng.choice(["m", "w"], 90, p=[0.8, 0.2]),
            "x": rng.choice(["p", "q", "r", None], 90, p=[0.65, 0.2, 0.08, 0.07]),
        }
    )


ANSWERS = ("p", "q", "r")


def known(data: dict[str, Any]) -> list[tuple[dict[str, Any], float]]:
    """List what a reader of the report knows of x: cells as {column: values} and how many participants are in them."""
    found: list[tuple[dict[str, Any], float]] = []
    for block in data["content"]:
        table = block.get("table", {"numbers": [], "title": "", "columns": []})
        by = table["title"].partition(" by ")[2]
        for line in table["numbers"]:
            if block["type"] == "estimate" and line["estimate"] is not None:
                cell = {name: (line[name],) for name in ("group", "sex") if name in line}
                found.append((cell | {"x": (line["x"],)}, round(line["estimate"] * line["n"])))
                found.append((cell | {"x": ANSWERS}, line["n"]))
            elif "statistic" in line and line["n"] is not None:
                where = {} if line["group"] == "all" else {by: (line["group"],)}
                level = "-" if line["statistic"] == "missing" else line["level"]
                found.append(({"x": (level,), **where}, line["n"]))
        if table["title"].startswith("x by"):  # a cross-table's heads count who answered both
            heads = [re.fullmatch(r"(.*) \(n = (\d+)\)", head) for head in table["columns"]]
            found += [({"x": ANSWERS, by: (h[1],)}, float(h[2])) for h in heads if h and h[1] != "all"]
            rows = [(row["label"], row["cells"][-1]) for row in table["rows"] if not row["heading"]]
            found += [({"x": (label,)}, float(text)) for label, text in rows if text != "hidden"]
    return found


@pytest.fixture
def _undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out pictures, which take most of a report's time, where numbers and texts are what matters."""
    monkeypatch.setattr(builder, "_picture", lambda _: builder.NOT_DRAWN)


@pytest.mark.usefixtures("_undrawn")
def test_nothing_hidden_can_be_worked_out_of_a_whole_report() -> None:
    """Linear programming over every table of counts that agrees with all that is published and with all group sizes."""
    looked = hid = refused = 0
    names = ("x", "group", "sex")
    combos = list(itertools.product([*ANSWERS, "-"], "ab", "mw"))

    def row(cell: dict[str, Any]) -> np.ndarray:
        return np.array([all(c[names.index(k)] in v for k, v in cell.items()) for c in combos], dtype=float)

    for seed in range(8):
        frame = small(seed)
        survey = hp.Survey(frame, replicates=30)
        things = [
            survey.proportion("x", by="group"),
            survey.proportion("x"),
            survey.proportion("x", by="sex"),
            hp.describe(survey, ["x"], by="group", interval=False),
            hp.crosstab(survey, "x", "sex"),
        ]
        made = hp.Report("r", suppress_below=4)
        for i in np.random.default_rng(seed).choice(len(things), 3, replace=False):
            try:
                made.add(things[i])
            except InputError as error:
                assert "could be worked out" in str(error)
                refused += 1
        data = json.loads(made.to_json() or "")
        hid += '"hidden"' in json.dumps(data)
        sizes = frame.groupby(["group", "sex"]).size()
        published = known(data) + [({"group": (g,), "sex": (s,)}, float(n)) for (g, s), n in sizes.items()]
        left = np.array([row(cell) for cell, _ in published])
        right = np.array([count for _, count in published])
        answered = frame.dropna()
        for by in ("group", "sex"):
            if not any(by in cell and len(cell["x"]) == 1 for cell, _ in known(data)):
                continue  # x is not shown by it
            for (level, group), count in answered.groupby(["x", by]).size().items():
                if 0 < count < 4:
                    cell = row({"x": (level,), by: (group,)})
                    ends = [s * linprog(s * cell, A_eq=left, b_eq=right, bounds=(0, None)).fun for s in (1, -1)]
                    assert ends[1] - ends[0] > 0.5, (seed, by, level, group, ends)
                    looked += 1
    assert looked > 12
    assert hid > 4
    assert refused < 4


@pytest.mark.usefixtures("_undrawn")
def test_the_total_gives_nothing_away() -> None:
    # Of group a 2 have it, of b 30 do: with the share of all, 2 would follow from 32 - 30.
    frame = pd.DataFrame({"g": ["a"] * 40 + ["b"] * 60, "y": [True] * 2 + [False] * 38 + [True] * 30 + [False] * 30})
    survey = hp.Survey(frame, replicates=50)
    by_group, everyone = survey.proportion("y", by="g"), survey.proportion("y")

    def rows(*things: Any) -> list[list[str]]:
        data = json.loads(hp.Report("r", suppress_below=5).add(*things).to_json() or "")
        return [row["cells"] for block in data["content"] if "table" in block for row in block["table"]["rows"]]

    assert [cells[0] for cells in rows(by_group)] == ["hidden", "50.0%"]
    # One more goes: the share of b, on 30, or that of all, on 32.
    assert [cells[0] for cells in rows(by_group, everyone)].count("hidden") == 2
    # What is computed from a hidden share hides too, and so does a sum over it.
    sizes = hp.multiplier({"a": 100, "b": 100}, by_group)
    assert next(cells[0] for cells in rows(sizes)) == "hidden"
    assert rows(sizes.sum("all"))[0][0] == "hidden"
    assert rows(sizes["b"])[0][0] == "200"


@pytest.mark.usefixtures("_undrawn")
def test_a_domain_gives_nothing_away_of_the_rest() -> None:
    # 32 of 100, and 30 of the 60 in a domain: 2 of those outside of it.
    frame = pd.DataFrame({"b": [False] * 40 + [True] * 60, "y": [True] * 2 + [False] * 38 + [True] * 30 + [False] * 30})
    frame["x"] = np.arange(100.0)
    survey = hp.Survey(frame, replicates=50)
    mask = frame["b"].to_numpy()
    for where in ("b", mask):
        made = hp.Report("r", suppress_below=5).add(survey.proportion("y"), survey.proportion("y", where=where))
        cells = [b["table"]["rows"][0]["cells"][0] for b in json.loads(made.to_json() or "")["content"]]
        assert cells == ["32.0%", "hidden"]
    # The mean of all and that of 97 give that of three.
    most = np.arange(100) < 97
    made = hp.Report("r", suppress_below=5).add(survey.mean("x", where=most), survey.mean("x"))
    cells = [b["table"]["rows"][0]["cells"][0] for b in json.loads(made.to_json() or "")["content"]]
    assert cells.count("hidden") == 1


@pytest.mark.usefixtures("_undrawn")
def test_counts_of_few() -> None:
    frame = pd.DataFrame({"g": ["a"] * 40 + ["b"] * 60, "s": ["m"] * 3 + ["w"] * 37 + ["m"] * 30 + ["w"] * 30})
    survey = hp.Survey(frame, replicates=50)
    made = hp.Report("r", suppress_below=5).add(survey.count(by=["g", "s"]), survey.count(by="s"))
    cells = [
        row["cells"][0]
        for b in json.loads(made.to_json() or "")["content"]
        if "table" in b
        for row in b["table"]["rows"]
    ]
    assert cells[0] == "hidden"
    # How large groups are everybody may know, so nothing more can be asked of them.
    assert cells[4:] == ["33.0", "67.0"]


def test_a_table_is_made_again_with_small_cells_hidden() -> None:
    frame = pd.DataFrame({"g": ["a"] * 40 + ["b"] * 40, "x": ["p"] * 2 + ["q"] * 38 + ["p"] * 10 + ["q"] * 30})
    survey = hp.Survey(frame, replicates=50)
    table = hp.describe(survey, ["x"], by="g", total=True, title="Mine")
    assert "hidden" not in repr(table)
    made = hp.Report("r", suppress_below=5).add(table)
    text = made.to_html() or ""
    assert text.count("<td>hidden</td>") == 4
    assert "Mine" in text
    assert "2 (5.0%" not in text
    stricter = hp.describe(survey, ["x"], by="g", total=True, suppress_below=8)
    assert "fewer than 8" in (hp.Report("r", suppress_below=5).add(stricter).to_html() or "")
    crossed = hp.Report("r", suppress_below=5).add(hp.crosstab(survey, "x", "g")).to_html() or ""
    assert crossed.count("<td>hidden</td>") == 4
    with pytest.raises(InputError, match=r"hp.describe\(\.\.\., suppress_below=5\)"):
        hp.Report("r", suppress_below=5).add(pickle.loads(pickle.dumps(table)))


def test_a_table_of_an_estimate_is_refused_with_the_right_advice() -> None:
    frame = pd.DataFrame({"g": ["a"] * 40 + ["b"] * 60, "h": list("uv") * 50, "y": [1, 0] * 50})
    est = hp.Survey(frame, replicates=10).proportion("y", by=["g", "h"])
    made = hp.Report("r", suppress_below=5)
    with pytest.raises(InputError, match="Add the estimate itself") as caught:
        made.add(est.unstack())
    assert "describe" not in str(caught.value)
    made.add(est)


@pytest.mark.usefixtures("_undrawn")
def test_tables_that_give_each_other_away_hide_more_together() -> None:
    # x by group hides (a, p) = 2 with partners in a; x by finer groups shows what a's two halves add up to.
    frame = pd.DataFrame(
        {
            "g": ["a"] * 40 + ["b"] * 40,
            "fine": ["a1"] * 20 + ["a2"] * 20 + ["b"] * 40,
            "x": ["p"] * 2 + ["q"] * 18 + ["p"] * 12 + ["q"] * 8 + ["p"] * 10 + ["q"] * 30,
        }
    )
    survey = hp.Survey(frame, replicates=50)
    fine = hp.describe(survey, ["x"], by="fine", interval=False)
    coarse = hp.describe(survey, ["x"], by="g", interval=False, total=True)
    by_itself = hp.Report("r", suppress_below=5).add(coarse)
    assert "<td>hidden" not in (by_itself.to_html() or "")
    # a1 + a2 = a is a sum of hidden and shown: 14 - 12 = 2. The coarse tables are made again with more hidden.
    made = hp.Report("r", suppress_below=5).add(fine, coarse, halves(survey), hp.crosstab(survey, "x", "g"))
    tables = [block["table"] for block in json.loads(made.to_json() or "")["content"]]
    more = [table for table in tables[1:] if "hidden" in {cell for row in table["rows"] for cell in row["cells"]}]
    assert more
    assert all("Hidden: cells of fewer than 5" in " ".join(table["notes"]) for table in more)
    combos = [("a1", "p"), ("a1", "q"), ("a2", "p"), ("a2", "q"), ("b", "p"), ("b", "q")]
    groups = {"a": ("a1", "a2"), "b": ("b",), "False": ("a1", "b"), "True": ("a2",), "all": ("a1", "a2", "b")}
    rows, sums = [], []
    for fine_group, size in (("a1", 20), ("a2", 20), ("b", 40)):
        rows.append([float(g == fine_group) for g, _ in combos])
        sums.append(float(size))
    for table in tables:
        for line in table["numbers"]:
            if line["statistic"] != "missing" and line["n"] is not None:
                inside = groups.get(str(line["group"]), (line["group"],))
                rows.append([float(g in inside and x == line["level"]) for g, x in combos])
                sums.append(line["n"])
    own = np.eye(6)[0]
    ends = [s * linprog(s * own, A_eq=np.array(rows), b_eq=sums, bounds=(0, None)).fun for s in (1, -1)]
    assert ends[0] <= 1
    assert ends[1] >= 5


@pytest.mark.usefixtures("_undrawn")
def test_a_description_and_a_crosstab_of_the_same_columns() -> None:
    """Each is safe by itself; together they hide what the other shows, and are not refused."""
    for seed in range(3):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame(
            {"g": rng.choice(list("abc"), 200), "x": rng.choice(list("pqrt"), 200, p=[0.5, 0.3, 0.17, 0.03])}
        )
        survey = hp.Survey(frame, replicates=10)
        both = (hp.describe(survey, ["x", "g"], interval=False), hp.crosstab(survey, "x", "g"))
        for things in (both, both[::-1]):
            text = hp.Report("r", suppress_below=5).add(*things).to_json() or ""
            assert text.count('"hidden"') >= 4


def test_shares_of_a_row_whose_sum_is_hidden_stand_without_it() -> None:
    # Beside 26 a share of the row of 44.8% tells that 58 are in it.
    counts = {"p": (26, 38, 28), "q": (26, 19, 13), "r": (13, 14, 10), "t": (0, 0, 3)}
    rows = [(x, g, n) for x, row in counts.items() for g, n in zip("abc", row, strict=True) if n]
    survey = hp.Survey(pd.DataFrame(rows, columns=["x", "g", "n"]), counts="n", replicates=10)
    cells = hp.crosstab(survey, "x", "g").table(percent="row", suppress_below=5).to_pandas()
    for row in cells.to_numpy()[1:]:
        assert row[-1] != "hidden" or not any("%" in cell for cell in row)
    assert "hidden" in cells.to_numpy()


@pytest.mark.usefixtures("_undrawn")
def test_a_weighted_table_shows_no_numbers_beside_hidden_cells() -> None:
    """Those of a weigh 1, those of b 3: 32 who are 29.2% are 2 and 30, as only 2 + 30 = 32 and 2 + 3 x 30 = 92 of 315."""
    counts = {("a", "p"): 40, ("a", "q"): 2, ("a", "r"): 3, ("a", "t"): 30}
    counts |= {("b", "p"): 20, ("b", "q"): 30, ("b", "r"): 20, ("b", "t"): 10}
    rows = [key for key, n in counts.items() for _ in range(n)]
    frame = pd.DataFrame(rows, columns=["g", "x"]).assign(w=lambda t: t["g"].map({"a": 1.0, "b": 3.0}))
    survey = hp.Survey(frame, weights="w", replicates=10)
    table = hp.describe(survey, ["x"], by="g", total=True, interval=False)
    shown = hp.describe(survey, ["x"], by="g", total=True, interval=False, suppress_below=5)
    assert "32 (29.2%)" in repr(table)
    assert "29.2%" not in repr(shown)  # nor the share of all alone, as who knows the weights can divide it
    assert "40" not in shown.to_pandas().iloc[1, 0]
    assert "53.3%" in shown.to_pandas().iloc[1, 0]
    assert "without numbers of participants" in " ".join(shown.notes)
    assert shown.numbers.loc[shown.numbers["statistic"] == "share", "n"].isna().all()
    crossed = hp.crosstab(survey, "x", "g").table(suppress_below=5)
    assert set(crossed.to_pandas().iloc[1:, -1]) == {"hidden"}
    # Where nothing is hidden both stand, until another result of the report hides some of these answers.
    both = frame.assign(h=["u", "v"] * 77 + ["u"])
    survey = hp.Survey(both, weights="w", replicates=10)
    whole = hp.describe(survey, ["x"], by="h", interval=False)
    for others, numbers in (([], True), ([survey.proportion("x", by="g")], False)):
        text = hp.Report("r", suppress_below=5).add(whole, *others).to_json() or ""
        block = json.loads(text)["content"][0]["table"]
        assert any(line["n"] is not None for line in block["numbers"] if line["statistic"] == "share") == numbers


@pytest.mark.usefixtures("_undrawn")
def test_answers_of_those_without_a_group_are_cells_like_others() -> None:
    """Of 222 in all and 216 in groups, 6 have no group: two of them answered p, which nobody may work out."""
    rows = [(g, x) for g in "abc" for x in "pqrt" for _ in range(18)] + [(None, x) for x in "ppqqrr"]
    frame = pd.DataFrame(rows, columns=["g", "x"]).astype(object)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", hp.HiddenpopWarning)
        survey = hp.Survey(frame, replicates=10)
        share, everyone = survey.proportion("x", by="g"), survey.proportion("x")
        for things in ([share, everyone], [hp.describe(survey, ["x"], by="g", total=True, interval=False)]):
            text = hp.Report("r", suppress_below=5).add(*things).to_json() or ""
            assert '"hidden"' in text
        for things in ([share], [everyone], [hp.describe(survey, ["x"], by="g", interval=False)]):
            assert '"hidden"' not in (hp.Report("r", suppress_below=5).add(*things).to_json() or "")


def halves(survey: hp.Survey) -> hp.Table:
    """Return the second half's own table, which with the whole gives the first."""
    return hp.describe(survey.assign(other=lambda t: t["fine"].eq("a2")), ["x"], by="other", interval=False)


@pytest.mark.usefixtures("_undrawn")
def test_means_of_few_are_hidden_with_what_reveals_them() -> None:
    frame = pd.DataFrame({"g": ["a"] * 3 + ["b"] * 20 + ["c"] * 30, "age": np.arange(53) + 20.0})
    survey = hp.Survey(frame, replicates=50)
    made = hp.Report("r", suppress_below=5).add(survey.mean("age", by="g"), survey.mean("age"))
    blocks = [b for b in json.loads(made.to_json() or "")["content"] if "table" in b]
    values = [row["cells"][0] for b in blocks for row in b["table"]["rows"]]
    assert values[0] == "hidden"
    assert values.count("hidden") == 2
    assert all("record" not in b for b in blocks[:1])


@pytest.mark.usefixtures("_undrawn")
def test_data_with_hidden_cells_keep_no_history() -> None:
    frame = pd.DataFrame({"g": ["a"] * 40 + ["b"] * 60, "y": [True] * 2 + [False] * 38 + [True] * 30 + [False] * 30})
    survey = hp.Survey(frame, replicates=50)
    est = survey.proportion("y", by="g")
    open_to_all = json.loads(hp.Report("r").add(est).to_json() or "")["content"][0]
    assert "record" in open_to_all
    made = hp.Report("r", suppress_below=5).add(est, est["b"])
    for block in json.loads(made.to_json(draws=True) or "")["content"]:
        assert "record" not in block
    alone = hp.Report("r", suppress_below=5).add(
        survey.proportion("y")
    )  # hides nothing: its digits and names are as telling
    assert "record" not in json.loads(alone.to_json() or "")["content"][0]
    text = made.to_json() or ""
    assert "0.05" not in text
    assert made.to_html() is not None
    assert not check(made.to_html() or "").images  # one label is left, which is no figure


@pytest.mark.usefixtures("_undrawn")
def test_models_and_comparisons_of_few_are_hidden() -> None:
    frame = pd.DataFrame(
        {"g": ["a"] * 40 + ["b"] * 60, "y": [1] * 6 + [0] * 34 + [1] * 30 + [0] * 30, "z": [0, 1] * 50}
    )
    survey = hp.Survey(frame, replicates=50)
    made = hp.Report("r", suppress_below=8)
    made.add(hp.regress(survey, "y ~ g", family="binomial"), hp.regress(survey, "z ~ g", family="binomial"))
    tables = [b["table"] for b in json.loads(made.to_json() or "")["content"]]
    assert {cell for row in tables[0]["rows"] for cell in row["cells"]} == {"hidden"}
    assert tables[0]["numbers"] == []
    assert "hidden" not in {cell for row in tables[1]["rows"] for cell in row["cells"]}
    compared = hp.Report("r", suppress_below=8).add(hp.compare(survey.assign(y=lambda t: t["y"] == 1), "y", by="g"))
    assert {
        cell for row in json.loads(compared.to_json() or "")["content"][0]["table"]["rows"] for cell in row["cells"]
    } == {"hidden"}


def test_what_cannot_be_checked_is_refused_unless_vouched_for(study: hp.Survey) -> None:
    est = study.proportion("in_treatment", by="group")
    made = hp.Report("r", suppress_below=5)
    frame = pd.DataFrame({"n": [3]})
    for thing in (est.plot(), frame):
        with pytest.raises(InputError, match="safe=True"):
            made.add(thing)
        made.add(thing, safe=True)
    with pytest.raises(InputError, match="was read from a file"):
        made.add(hp.read_estimate(est.to_json() or ""))
    with pytest.raises(InputError, match="function of weights"):
        made.add(study.replicate(lambda w: w.mean(), name="m"))
    few = hp.multiplier(3, hp.beta(80, 20, name="share"))
    data = json.loads(hp.Report("r", suppress_below=5).add(few).to_json() or "")
    assert data["content"][0]["table"]["rows"][0]["cells"] == ["hidden", "hidden"]


def test_a_trend_with_a_hidden_time_draws_nothing() -> None:
    frame = pd.DataFrame({"y": [True] * 2 + [False] * 58})
    share = hp.Survey(frame, replicates=50).proportion("y")
    trend = hp.trend({2012: hp.beta(20, 80, name="then"), 2023: share})
    made = hp.Report("r", suppress_below=5).add(trend)
    assert not check(made.to_html() or "").images
    rows = json.loads(made.to_json() or "")["content"][0]["table"]["rows"]
    assert rows[1]["cells"] == ["hidden"] * 5
    assert rows[0]["cells"][0] != "hidden"


@pytest.mark.usefixtures("_undrawn")
def test_notes_about_redraws_give_no_hidden_number_away() -> None:
    # Of 160, three are in group a and have the property: (1 - 3 / 160) ** 160 = 0.048 of the redraws hold none of them, and
    # a note that says so says three. The other group's size has such a note of its own, which stays where it is shown.
    frame = pd.DataFrame({"group": ["a"] * 100 + ["b"] * 60, "listed": [1] * 3 + [0] * 97 + [1] * 30 + [0] * 30})
    # A design that has redraws only: its intervals are percentiles.
    survey = hp.Survey(frame.assign(tree=range(160)), design=Trees("tree"), replicates=2_000)
    people = hp.multiplier({"a": 30, "b": 900}, survey.proportion("listed", by="group"))
    shown = hp.Report("r").add(people).to_html() or ""
    assert "of the redrawn samples nobody has the property" in shown
    hidden = hp.Report("r", suppress_below=5).add(people)
    for text in (hidden.to_html() or "", hidden.to_json() or ""):
        assert "hidden" in text
        assert "draws are" not in text
        assert "redrawn samples" not in text
    trend = hp.trend({2016: hp.published(900, 700, 1_200, name="then"), 2024: people["a"]})
    hidden_trend = hp.Report("r", suppress_below=5).add(trend).to_html() or ""
    assert "draws are" not in hidden_trend
    assert "redrawn samples" not in hidden_trend
    compared = hp.compare(hp.Survey(frame, strata="group", replicates=50), "listed", by="group")
    compared = hp.Report("r", suppress_below=5).add(compared).to_html() or ""
    assert "hidden" in compared
    assert "Rao-Scott F test (second order): F =" not in compared


@pytest.mark.filterwarnings("always")
@pytest.mark.parametrize("seed", [0, 1])
def test_no_text_of_a_report_holds_a_hidden_number(seed: int, tmp_path: Path) -> None:
    """Random surveys whose hidden numbers occur nowhere else: they are looked for in pages, figures, files, warnings."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"g": rng.choice(list("abc"), 400, p=[0.5, 0.4, 0.1]), "age": 20.0 + rng.integers(0, 50, 400)})
    few = frame.index[frame["g"] == "c"]
    frame["x"] = rng.random(400) < 0.3
    frame.loc[few, "x"] = np.arange(len(few)) < rng.integers(2, 5)
    frame["days"] = np.where(frame["x"], rng.integers(100, 999, 400) + 0.371, 0.0)
    frame["weight"] = rng.choice([1.0, 2.5], 400)
    with warnings.catch_warnings(record=True) as caught:
        survey = hp.Survey(frame, weights="weight" if seed else None, replicates=50, name="town")
        share = survey.proportion("x", by="g")
        sizes = hp.multiplier({"a": 1_000, "b": 900, "c": 7_919}, share)
        made = hp.Report("r", suppress_below=5)
        made.add(share, survey.mean("days", by="g"), survey.total("days", by="g"), sizes, sizes.per(10_000_000))
        made.add(
            hp.describe(survey, ["x", "days"], by="g"), hp.regress(survey, "days ~ g"), hp.compare(survey, "x", by="g")
        )
        made.add(hp.trend({2016: hp.beta(20, 80, name="then"), 2024: share["c"]}), survey.quantile("age", 0.5, by="g"))
        made.to_docx(tmp_path / "r.docx")
        texts = [made.to_html() or "", made.to_json() or "", made._repr_html_(), repr(made)]
    with zipfile.ZipFile(tmp_path / "r.docx") as packed:
        texts += [packed.read(name).decode() for name in packed.namelist() if name.endswith(".xml")]
    # Of figures, what is read of them: matplotlib writes texts as paths, with the text in a comment.
    drawn = " ".join(part for text in texts for part in re.findall(r"<!--.*?-->|<title>.*?</title>", text, re.DOTALL))
    plain = re.sub(r"<svg.*?</svg>", "", " ".join([*texts, *(str(one.message) for one in caught)]), flags=re.DOTALL)
    weight = frame["weight"] if seed else pd.Series(1.0, frame.index)
    own = frame[frame["g"] == "c"].assign(w=weight)
    part = (own["w"] * own["x"]).sum() / own["w"].sum()
    total = (own["w"] * own["days"]).sum()
    hidden = {f"{100 * part:.1f}%", f"{part:.3f}", f"{part:.4f}", f"{7_919 / part:.0f}", f"{7_919 / part:,.0f}"}
    hidden |= {f"{total:.1f}", f"{total:.0f}", f"{total:,.0f}", f"{total / own['w'].sum():.2f}"}
    hidden |= {f"{value:.2f}" for value in own.loc[own["x"], "days"]}
    assert "hidden" in plain
    for number in hidden:
        found = re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d])", f"{plain} {drawn}")
        assert found is None, (number, f"{plain} {drawn}"[found.start() - 80 : found.end() + 20])
