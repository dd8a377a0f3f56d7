"""A second attacker: surveys with missing answers, without groups, with weights; reports of more kinds of results.

It shares nothing with the package. The unknown table is that of all people by group (or none), sex and answer (or none). The attacker
knows how many people are of each group and sex and how many of them did not answer, how recodes and weights were made, and that
zeros are shown. Weighted shares limit the unknown numbers by their rounding.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.report import builder
from scipy.optimize import Bounds, LinearConstraint, milp

from .effort import rounds

BELOW = 4
ANSWERS = ("p", "q", "r", "t")
GROUPS: tuple[str | None, ...] = ("a", "b", "c", None)
CELLS = list(itertools.product(GROUPS, "mw", (*ANSWERS, None)))
#: Recodes of the answer: who has the value 1.
RECODES = {"yes": ("p",), "often": ("p", "q")}
WEIGHTS = {"a": 1.0, "b": 2.5, "c": 1.6, None: 1.2}


@dataclass(frozen=True)
class Asked:
    """A question: of the answer or a recode, by what, of whom, and how it is shown."""

    column: str
    by: tuple[str, ...]
    where: bool
    kind: str
    make: Callable[[hp.Survey], Any]

    def levels(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return the levels that are shown, and the answers that each is made of."""
        return [(one, (one,)) for one in ANSWERS] if self.column == "x" else [("1", RECODES[self.column])]


def people(rng: np.random.Generator) -> pd.DataFrame:
    """Return people, some kinds of whom are few; a few did not answer, or have no group."""
    rows: list[tuple[Any, ...]] = []
    for g, s, x in CELLS:
        few = g is None or x is None
        sizes, odds = (
            ([0, 1, 2, 5], [0.55, 0.2, 0.15, 0.1])
            if few
            else ([0, 1, 2, 6, 12, 25], [0.1, 0.12, 0.13, 0.25, 0.25, 0.15])
        )
        rows += [(g, s, x)] * int(rng.choice(sizes, p=odds))
    rows += [(g, s, x) for g in "abc" for s in "mw" for x in "pq" for _ in range(4)]
    frame = pd.DataFrame(rows, columns=["g", "s", "x"]).astype(object)
    for name, answers in RECODES.items():
        frame[name] = frame["x"].isin(answers).astype(float).mask(frame["x"].isna())
    frame["men"] = frame["s"] == "m"
    frame["weight"] = [WEIGHTS[None if pd.isna(g) else g] for g in frame["g"]]
    return frame


def questions(rng: np.random.Generator, *, weighted: bool) -> list[Asked]:
    """Make up what a report asks."""
    found = []
    for _ in range(int(rng.integers(1, 5))):
        column = str(rng.choice(["x", "x", "yes", "often"]))
        by = [(), ("g",), ("s",), ("g", "s")][rng.integers(4)]
        where = bool(rng.random() < 0.2) and "s" not in by
        kind = str(rng.choice(["share", "share", "count", "describe", "crosstab", "mean", "model"]))
        if kind == "mean" and column == "x":
            column = "yes"
        if kind in ("describe", "crosstab", "model") or (kind == "count" and column == "x"):
            by, where = by[:1] or ("g",), False
        if kind == "crosstab":
            column = "x"
        if kind == "model":
            column = "yes" if column == "x" else column
        if weighted and kind in ("count", "describe", "crosstab", "model"):
            kind = "share"
        found.append(Asked(column, by, where, kind, _maker(column, by, where, kind)))
    return found


def _maker(column: str, by: tuple[str, ...], where: bool, kind: str) -> Callable[[hp.Survey], Any]:
    names, domain = list(by) or None, "men" if where else None
    return {
        "share": lambda s: s.proportion(column, by=names, where=domain),
        "mean": lambda s: s.mean(column, by=names, where=domain),
        "count": lambda s: s.count(column, by=names, where=domain),
        "describe": lambda s: hp.describe(s, [column], by=by[0], total=True, interval=False),
        "crosstab": lambda s: hp.crosstab(s, column, by[0]),
        "model": lambda s: hp.regress(s, f"{column} ~ {by[0]}", family="binomial"),
    }[kind]


def cell(answers: tuple[str | None, ...], group: dict[str, Any], *, grouped: tuple[str, ...] = ()) -> np.ndarray:
    """Mark the unknown numbers of a cell; `grouped` must have a value."""
    return np.array(
        [
            x in answers
            and ("g" not in group or g == group["g"])
            and ("s" not in group or s == group["s"])
            and not ("g" in grouped and g is None)
            for g, s, x in CELLS
        ],
        dtype=float,
    )


class Reader:
    """Reads a report into equations and inequalities, and knows what is hidden."""

    def __init__(self, frame: pd.DataFrame, *, weighted: bool) -> None:
        self.rules: list[tuple[np.ndarray, float, float]] = []
        self.few: list[np.ndarray] = []
        self.shown = 0
        self.weights = np.array([WEIGHTS[g] if weighted else 1.0 for g, _, _ in CELLS])
        key = [
            (None if pd.isna(g) else g, s, None if pd.isna(x) else x) for g, s, x in frame[["g", "s", "x"]].to_numpy()
        ]
        counted = pd.Series(key).value_counts()
        self.truth = np.array([int(counted.get(one, 0)) for one in CELLS])
        for g in GROUPS:
            for s in "mw":
                self.says(cell((*ANSWERS, None), {"g": g, "s": s}), None)
                self.says(cell((None,), {"g": g, "s": s}), None)
        self.known = len(self.rules)

    def says(self, row: np.ndarray, number: float | None) -> None:
        """Take a number for told; what everybody knows is looked up."""
        truth = float(row @ self.truth)
        assert number is None or abs(number - truth) < 1e-6, "the attacker misread the report"
        self.rules.append((row, truth, truth))
        self.shown += number is not None

    def share(self, row: np.ndarray, whole: np.ndarray, value: float, text: str) -> None:
        """Take in a share: exactly where all count alike, and as it is rounded where they don't."""
        if (self.weights == 1).all():
            self.says(row, round(value * float(whole @ self.truth)))
            return
        places = len(text.partition(".")[2].rstrip("%")) + (2 if "%" in text else 0)
        unit = 0.5001 * 10.0**-places
        self.shown += 1
        w = self.weights
        assert abs(value - (row * w) @ self.truth / ((whole * w) @ self.truth)) <= unit * 2
        slack = unit + 1e-9
        self.rules.append((row * w - (value - slack) * whole * w, 0.0, np.inf))
        self.rules.append((row * w - (value + slack) * whole * w, -np.inf, 0.0))

    def hides(self, row: np.ndarray) -> None:
        """Take in that something is hidden: it is not zero."""
        if row @ self.truth > 0:
            self.rules.append((row, 1.0, np.inf))

    def ends(self, row: np.ndarray, count: int | None = None) -> tuple[int, int]:
        """Return the least and the most of a sum over all tables of whole numbers that agree."""
        rules = self.rules[:count]
        rule = LinearConstraint(np.array([r for r, _, _ in rules]), [a for _, a, _ in rules], [b for _, _, b in rules])
        found = []
        for sign in (1, -1):
            most = Bounds(0, float(self.truth.sum()))
            made = milp(sign * row, integrality=np.ones(len(row)), bounds=most, constraints=rule)
            assert made.status == 0, "no table agrees with the report: the attacker misread it"
            found.append(round(sign * made.fun))
        return found[0], found[1]

    def read(self, asked: Asked, block: dict[str, Any]) -> None:
        """Take in a table, and note the small counts that it is about."""
        if asked.kind == "model":
            self._model(asked, block["table"])
            return
        table = block["table"]
        if asked.kind in ("share", "mean", "count"):
            self._estimate(asked, table)
        else:
            self._table(asked, table)
        self._secrets(asked)

    def _estimate(self, asked: Asked, table: dict[str, Any]) -> None:
        domain = {"s": "m"} if asked.where else {}
        texts = [row["cells"][0] for row in table["rows"] if not row["heading"]]
        for line, text in zip(table["numbers"], texts, strict=True):
            group = {name: line[name] for name in asked.by} | domain
            level = str(line[asked.column]) if asked.column in line else "1"
            answers = dict(asked.levels())[level] if asked.column == "x" else RECODES[asked.column]
            if asked.column != "x" and asked.kind == "count" and float(level) != 1:
                answers = tuple(set(ANSWERS) - {*answers})
            own, whole = cell(answers, group, grouped=asked.by), cell(ANSWERS, group, grouped=asked.by)
            if line["estimate"] is None:
                self.hides(own)
            elif asked.kind == "count":
                self.says(own, round(line["estimate"]))
            else:
                self.share(own, whole, float(line["estimate"]), text)

    def _table(self, asked: Asked, table: dict[str, Any]) -> None:
        crossed = asked.kind == "crosstab"
        for line in table["numbers"]:
            if line["statistic"] == "missing":
                continue
            group = {} if line["group"] == "all" else {asked.by[0]: line["group"]}
            answers = (line["level"],) if asked.column == "x" else RECODES[asked.column]
            own = cell(answers, group, grouped=asked.by if crossed else ())
            if line["n"] is None:
                self.hides(own)
            else:
                self.says(own, line["n"])
        for row in table["rows"] if crossed else ():
            if row["label"] in ANSWERS and row["cells"][-1] != "hidden":
                self.says(cell((row["label"],), {}, grouped=asked.by), float(row["cells"][-1].replace(",", "")))

    def _model(self, asked: Asked, table: dict[str, Any]) -> None:
        if table["numbers"]:  # the fitted shares of groups are the observed ones
            name = asked.by[0]
            for value in GROUPS if name == "g" else ("m", "w"):
                if value is not None:
                    self.says(
                        cell(RECODES[asked.column], {name: value}),
                        float(cell(RECODES[asked.column], {name: value}) @ self.truth),
                    )
        self._secrets(asked)

    def _secrets(self, asked: Asked) -> None:
        values: dict[str, list[Any]] = {"g": [*GROUPS], "s": ["m", "w"]}
        domains: list[dict[str, Any]] = [{"s": "m"}, {"s": "w"}] if asked.where else [{}]
        for combo in itertools.product(*(values[name] for name in asked.by)):
            for domain in domains:
                for _, answers in asked.levels():
                    row = cell(answers, dict(zip(asked.by, combo, strict=True)) | domain)
                    if 0 < row @ self.truth < BELOW:
                        self.few.append(row)


@pytest.mark.filterwarnings("ignore")
def test_an_attacker_on_all_kinds_of_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder, "_picture", lambda _: builder.NOT_DRAWN)
    shown = refused = looked = reports = 0
    for rng in rounds(8):
        frame, weighted = people(rng), bool(rng.random() < 0.25)
        survey = hp.Survey(frame.drop(columns="weight"), replicates=20)
        if weighted:
            survey = hp.Survey(frame, weights="weight", replicates=20)
        made, asked = hp.Report("r", suppress_below=BELOW), []
        for one in questions(rng, weighted=weighted):
            try:
                made.add(one.make(survey))
                asked.append(one)
            except InputError as error:
                assert "could be worked out" in str(error) or "fewer than" in str(error), error
                refused += 1
        blocks = [one for one in json.loads(made.to_json() or "")["content"] if "table" in one]
        reader = Reader(frame, weighted=weighted)
        for one, block in zip(asked, blocks, strict=True):
            reader.read(one, block)
        for row in {tuple(row): row for row in reader.few}.values():
            widest = reader.ends(row, reader.known)
            low, high = reader.ends(row)
            seed = rng.bit_generator.seed_seq.entropy  # type: ignore[attr-defined]
            what = [seed, weighted, *((one.column, one.by, one.where, one.kind) for one in asked)]
            where = [CELLS[i] for i in np.flatnonzero(row)]
            assert high >= min(BELOW, widest[1]), (what, where, row @ reader.truth, low, high, widest)
            assert high - low >= min(BELOW - 1, widest[1] - widest[0]), (
                what,
                where,
                row @ reader.truth,
                low,
                high,
                widest,
            )
            looked += 1
        shown += reader.shown
        reports += 1
    print(f"{reports:,} reports, {shown:,} shown, {refused} refused, {looked:,} small counts attacked")
    assert looked > 8
    assert shown > 30
