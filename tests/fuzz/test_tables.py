"""Tables as they come: odd types of columns, few rows, odd names; through the verbs that people use, and against NumPy."""

import json
from collections.abc import Callable
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from . import hostile
from .effort import rounds
from .harness import kind, show, verdict

#: Names that stand for a column, now and then; most of them can't be asked for, and all can be in a table.
NAMES: tuple[Any, ...] = (
    *("Intercept", "n", "se", "estimate", "1", "", " ", "a b", "a`b", "class", "x:y", "é", "a\x00b"),
    *(0, None, 1.5, ("a", "b"), True, "x" * 3000),
)
#: Ways to have sampled the rows.
DESIGNS: tuple[dict[str, Any], ...] = (
    {},
    {"weights": "w"},
    {"strata": "g"},
    {"clusters": "c"},
    {"clusters": "c", "weights": "w"},
    {"strata": "h", "weights": "w"},
    {"counts": "c"},
)
#: What the table is handed over as; plain ones most often.
SHAPES = (*["plain"] * 11, *["named"] * 3, "twice", "levels", "index", "polars", "arrow", "mapping")


def _odd_table(rng: np.random.Generator) -> tuple[Any, dict[str, str]]:
    """Return a table of columns g, h (kinds), x (0 and 1), v, w (numbers), of which one or two are odd."""
    n = int(rng.choice([0, 1, 2, 3, 12, 20], p=[0.05, 0.1, 0.1, 0.1, 0.3, 0.35]))
    kinds = {name: rng.integers(0, 4, n) for name in "gh"}
    made: dict[Any, Any] = {
        "g": pd.Series([f"k{i}" for i in kinds["g"]], dtype=object),
        "h": pd.Series([f"k{i}" for i in kinds["h"]], dtype=object),
        "x": pd.Series(rng.integers(0, 2, n)),
        "v": pd.Series(rng.normal(10, 3, n).round(2)),
        "w": pd.Series(rng.uniform(0.5, 3, n).round(2)),
        "c": pd.Series(np.arange(n) // 3),
    }
    how: dict[str, str] = {"rows": str(n)}
    for name in rng.choice(list("ghxvw"), int(rng.integers(1, 3)), replace=False):
        forms = hostile.NUMBERS if name in "vw" else hostile.KINDS
        which = str(rng.choice(list(forms)))
        try:
            made[name] = forms[which](
                made[name] if name in "vw" else np.minimum(kinds.get(name, rng.integers(0, 2, n)), 3)
            )
        except (ValueError, TypeError, IndexError, OverflowError, pa.ArrowInvalid):
            continue  # no rows, no such column
        how[str(name)] = which
    table: Any = pd.DataFrame({name: pd.Series(column).reset_index(drop=True) for name, column in made.items()})
    shape = str(rng.choice(SHAPES))
    how["as"] = shape
    if shape == "named":
        new = NAMES[int(rng.integers(len(NAMES)))]
        old = str(rng.choice(list("ghxv")))
        renamed = np.empty(table.shape[1], dtype=object)
        for place, name in enumerate(list(table)):
            renamed[place] = new if name == old else name
        table.columns = pd.Index(renamed, tupleize_cols=False)
        how["renamed"] = f"{old} to {str(new)[:10]!r}"
    elif shape == "twice":
        table = pd.concat([table, table[["x"]]], axis=1)
    elif shape == "levels":
        table.columns = pd.MultiIndex.from_product([["top"], table.columns])
    elif shape == "index":
        table.index = pd.Index([0] * n)
    elif shape == "mapping":
        table = {name: list(table[name]) for name in table}
    elif shape in ("polars", "arrow"):
        try:
            table = pl.from_pandas(table) if shape == "polars" else pa.Table.from_pandas(table)
        except Exception:  # what they can't hold is theirs
            how["as"] = "plain"
    return table, how


def _names(table: Any) -> list[Any]:
    return list(table.column_names) if isinstance(table, pa.Table) else list(table)


def _verbs(table: Any, rng: np.random.Generator) -> dict[str, Callable[[], Any]]:
    """Return what somebody may do with a table of this kind."""
    named = [name for name in _names(table) if isinstance(name, str)] or ["x"]
    one, other, third = (str(rng.choice(named)) for _ in range(3))
    design: dict[str, Any] = DESIGNS[int(rng.integers(len(DESIGNS)))]

    def survey() -> hp.Survey:
        return hp.Survey(table, replicates=20, **design)

    def file() -> Any:
        share = survey().proportion(one, by=other)
        return hp.read_estimate(json.dumps(json.loads(share.to_json())))

    return {
        f"{design} count({one})": lambda: survey().count(one),
        f"{design} proportion({one})": lambda: survey().proportion(one),
        f"{design} proportion({one}, by={other})": lambda: survey().proportion(one, by=other),
        f"{design} proportion({one}, by=[{other}, {third}])": lambda: survey().proportion(one, by=[other, third]),
        f"{design} mean({one}, by={other})": lambda: survey().mean(one, by=other),
        f"{design} total({one})": lambda: survey().total(one, by=other),
        f"{design} median({one})": lambda: survey().median(one),
        f"{design} ratio({one}, {other})": lambda: survey().ratio(one, other),
        f"{design} worst_case({one})": lambda: survey().worst_case(one),
        f"{design} where {one}": lambda: survey().proportion("x", where=one),
        f"{design} calibrate({one})": lambda: survey().calibrate({one: {"k0": 0.5, "k1": 0.5}}).count(),
        f"{design} describe(by={one})": lambda: hp.describe(survey(), by=one, test=True).to_html(),
        f"{design} describe": lambda: hp.describe(survey(), total=False).to_latex(),
        f"{design} crosstab({one}, {other})": lambda: hp.crosstab(survey(), one, other).table(),
        f"{design} crosstab({one}, {other}).test": lambda: hp.crosstab(survey(), one, other).test(),
        f"{design} compare({one}, {other})": lambda: hp.compare(survey(), one, other).test(),
        f"{design} regress(v ~ {one})": lambda: hp.regress(survey(), f"v ~ `{one}`"),
        f"{design} regress(x ~ {one})": lambda: hp.regress(survey(), f"x ~ `{one}` + v", "binomial"),
        f"{design} multiselect": lambda: hp.multiselect(survey(), columns=[one, other]),
        f"{design} file of {one} by {other}": file,
        f"{design} plot of {one}": lambda: survey().proportion(one).plot(),
        f"{design} report of {one}": lambda: hp.Report("A").add(survey().proportion(one, by=other)).to_html(),
        f"Lists([{one}, x])": lambda: hp.chapman(hp.Lists(table, [one, "x"], replicates=20)),
        f"covariates({one})": lambda: hp.capture_covariates(hp.Lists(table, ["x", one], replicates=20), f"~ `{other}`"),
        f"CaptureCounts({one})": lambda: hp.zero_truncated(hp.CaptureCounts(table, one, replicates=20), "~ v"),
        f"dedupe_check({one})": lambda: hp.dedupe_check(table, one, [other, "x"]),
        f"extrapolate({one})": lambda: hp.extrapolate(hp.published(10, 8, 13), table, population=one, method="ratio"),
        f"assign({one})": lambda: survey().assign(new=lambda t: t[one]).proportion("new"),
        f"Imputed({one})": lambda: hp.Imputed([table, table], replicates=20).mean(one),
    }


def test_odd_tables_are_answered_or_refused_in_words(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    wrong: dict[str, str] = {}
    kinds: set[str] = set()
    made = tables = 0
    for rng in rounds(25):
        table, how = _odd_table(rng)
        verbs = _verbs(table, rng)
        tables += 1
        for verb in rng.choice(list(verbs), 4, replace=False):
            made += 1
            found = verdict(verbs[verb])
            if found is not None and kind(found) not in kinds:
                kinds.add(kind(found))
                wrong[f"{verb} of {how}"] = found
    print(f"{made:,} calls of {tables:,} tables")
    assert not wrong, show(wrong)


def test_shares_means_and_totals_are_those_of_numpy() -> None:
    checked = 0
    for rng in rounds(40):
        n = int(rng.integers(2, 60))
        group, x = rng.choice(["a", "b", "c"], n), rng.integers(0, 2, n)
        v, w = rng.normal(0, 10.0 ** rng.integers(-8, 9), n), rng.uniform(0.1, 10.0 ** rng.integers(1, 6), n)
        lacking = rng.random(n) < 0.2
        lacking[np.unique(group, return_index=True)[1]] = False  # a group without an answer is refused
        table = pd.DataFrame({"g": group, "x": pd.array(x, dtype="Int64"), "v": np.where(lacking, np.nan, v), "w": w})
        table.loc[lacking, "x"] = pd.NA
        survey = hp.Survey(table, weights="w", replicates=20)
        for label in np.unique(group):
            inside = (group == label) & ~lacking
            # Weighted means by NumPy, which knows nothing of surveys.
            wanted = {
                "proportion": np.average(x[inside], weights=w[inside]),
                "mean": np.average(v[inside], weights=w[inside]),
                "total": np.dot(v[inside], w[inside]),
            }
            size = {"proportion": 1.0, "mean": np.abs(v[inside]).max(), "total": np.dot(np.abs(v[inside]), w[inside])}
            asked = {"proportion": "x", "mean": "v", "total": "v"}
            for verb, number in wanted.items():
                found = verdict_of(survey, verb, asked[verb], str(label))
                assert found == pytest.approx(number, rel=1e-9, abs=1e-12 * size[verb]), (verb, label, table.to_dict())
                checked += 1
    print(f"{checked:,} numbers agree with NumPy's")


def verdict_of(survey: hp.Survey, verb: str, column: str, label: str) -> float:
    """Ask for one group's number, without the doubts that small groups raise."""
    import warnings  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", hp.HiddenpopWarning)
        found: hp.Estimate = getattr(survey, verb)(column, by="g")
    return float(np.asarray(found.node.point)[list(found.labels).index(label)])
