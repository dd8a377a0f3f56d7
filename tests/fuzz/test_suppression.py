"""An attacker's program: it reads the public JSON of random reports and tries every table that agrees with it.

It shares nothing with the package: the unknown table is that of all people by group and age, and the attacker knows group sizes, how
recodes were made, that counts are whole, and that zeros are shown. What it finds must be as wide as docs/report.md promises.
"""

from __future__ import annotations

import json
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
AGES = ("young", "middle", "old", "oldest")
#: Recodes of age, as the attacker knows them from the report's words.
RECODES = {"adult": ("middle", "old", "oldest"), "pension": ("old", "oldest"), "odd": ("young", "old")}
GROUPS = ("a", "b", "c")


def people(rng: np.random.Generator) -> pd.DataFrame:
    """Return a small survey, some kinds of which are few."""
    counts = rng.choice(
        [0, 1, 2, 3, 6, 9, 15, 30], (len(GROUPS), len(AGES)), p=[0.05, 0.1, 0.1, 0.1, 0.2, 0.2, 0.15, 0.1]
    )
    counts[:, 0] += 6
    rows = [(g, a) for i, g in enumerate(GROUPS) for j, a in enumerate(AGES) for _ in range(counts[i, j])]
    frame = pd.DataFrame(rows, columns=["g", "age"])
    for name, ages in RECODES.items():
        frame[name] = frame["age"].isin(ages).astype(int)
    return frame


def things(survey: hp.Survey, rng: np.random.Generator) -> list[Any]:
    """Ask a few questions about age."""
    able = [
        lambda: survey.proportion("age", by="g"),
        lambda: survey.proportion("age"),
        *(lambda name=name: survey.proportion(name, by="g") for name in RECODES),
        *(lambda name=name: survey.proportion(name) for name in RECODES),
        lambda: hp.describe(survey, ["age"], by="g", total=True, interval=False),
        lambda: hp.crosstab(survey, "age", "g"),
    ]
    return [able[i]() for i in rng.choice(len(able), int(rng.integers(1, 4)), replace=False)]


def cell(ages: tuple[str, ...], group: str | None) -> np.ndarray:
    """Mark the unknown numbers that are in a cell."""
    groups = GROUPS if group in (None, "all", "") else (group,)
    return np.array([[a in ages for a in AGES] for _ in GROUPS]).ravel() & np.repeat(
        [g in groups for g in GROUPS], len(AGES)
    )


def read(data: dict[str, Any]) -> tuple[list[tuple[np.ndarray, float]], list[np.ndarray]]:
    """List what the report says, as sums of unknown numbers, and its hidden cells."""
    said, hidden = [], []
    for block in data["content"]:
        if block["type"] == "figure" or "table" not in block:
            continue
        table = block["table"]
        for line in table["numbers"]:
            if block["type"] == "estimate":
                own = cell((line["age"],) if "age" in line else recoded(block, line), line.get("g"))
                if line["estimate"] is None:
                    hidden.append(own)
                else:
                    said.append((own, round(line["estimate"] * line["n"])))
                    said.append((cell(AGES, line.get("g")), line["n"]))
            elif line["statistic"] == "missing":
                continue
            elif line["n"] is None:
                hidden.append(cell((line["level"],), line["group"]))
            else:
                said.append((cell((line["level"],), line["group"]), line["n"]))
        if block["type"] != "estimate":  # a cross-table's last column is in its cells only
            for row in table["rows"]:
                last = row["cells"][-1].split(" ")[0].replace(",", "")
                if row["label"] in AGES and last != "hidden":
                    said.append((cell((row["label"],), None), int(last)))
    return said, hidden


def recoded(block: dict[str, Any], line: dict[str, Any]) -> tuple[str, ...]:
    """Find the recode that an estimate is about."""
    text = block["name"] + json.dumps(line)
    return next(ages for name, ages in RECODES.items() if name in text)


def ends(row: np.ndarray, said: list[tuple[np.ndarray, float]], hidden: list[np.ndarray], most: int) -> tuple[int, int]:
    """Return the least and the most of a sum over all tables of whole numbers that agree."""
    rules = [LinearConstraint(np.array([r for r, _ in said], dtype=float), [c for _, c in said], [c for _, c in said])]
    if hidden:
        rules.append(LinearConstraint(np.array(hidden, dtype=float), 1, np.inf))
    found = []
    for sign in (1, -1):
        made = milp(sign * row.astype(float), integrality=np.ones(len(row)), bounds=Bounds(0, most), constraints=rules)
        assert made.status == 0, "no table agrees with the report: the attacker misread it"
        found.append(round(sign * made.fun))
    return found[0], found[1]


def test_an_attacker_with_arithmetic(monkeypatch: pytest.MonkeyPatch) -> None:
    # Pictures take most of a report's time, and this attacker reads numbers.
    monkeypatch.setattr(builder, "_picture", lambda _: builder.NOT_DRAWN)
    hid = shown = refused = looked = 0
    for rng in rounds(25):
        frame = people(rng)
        survey = hp.Survey(frame, replicates=20)
        made = hp.Report("r", suppress_below=BELOW)
        asked = things(survey, rng)
        for thing in asked:
            try:
                made.add(thing)
            except InputError as error:
                assert "could be worked out" in str(error)
                refused += 1
        said, hidden = read(json.loads(made.to_json() or ""))
        sizes = [(cell(AGES, g), float((frame["g"] == g).sum())) for g in GROUPS]
        truth = frame.groupby(["g", "age"]).size().reindex(
            pd.MultiIndex.from_product([GROUPS, AGES]), fill_value=0
        ).to_numpy()  # fmt: skip
        assert all(row @ truth == count for row, count in said), "the attacker misread the report"
        # Where fewer than BELOW are in a group nothing can be promised; all have more here. Zeros are shown, so what is hidden is not.
        positive = [row for row in hidden if row @ truth > 0]
        few = [row for row in hidden if 0 < row @ truth < BELOW]
        few += [cell((a,), g) for g in GROUPS for a in AGES if _spoken_of(a, g, said, hidden)]
        for row in few:
            if not 0 < row @ truth < BELOW:
                continue
            low, high = ends(row, said + sizes, positive, len(frame))
            assert high >= BELOW, (truth.reshape(3, 4), low, high)
            assert high - low >= BELOW - 1, (truth.reshape(3, 4), low, high)
            looked += 1
        hid += len(hidden)
        shown += len(said)
    print(f"{hid:,} hidden, {shown:,} shown, {refused} refused, {looked:,} small counts attacked")
    assert looked > hid / 10
    assert shown > hid  # a report that hides all it has protects nobody's work
    assert refused < 20


def _spoken_of(age: str, group: str, said: list[tuple[np.ndarray, float]], hidden: list[np.ndarray]) -> bool:
    """Say whether a report has anything about ages in a group, so that a part of it could be worked out."""
    own = cell((age,), group)
    inside = cell(AGES, group)
    return any(
        (row & inside).sum() < len(AGES) and not (row & ~inside).any() for row in [*(r for r, _ in said), *hidden]
    ) and bool(own.any())
