"""What is hidden leaves no trace: two surveys that differ in hidden cells only give the same report, letter by letter.

Of group a 1 to 4 have the property. A report may hide c with a, so that b and all together are shown: then c has as many
fewer. Or it hides all together with a, so that b and c are shown: then c stays what it is. What a reader can see must be the
same in every text of the report, of one of these families.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

#: Of group a, who has it: few in each case.
CASES = (1, 4)


def people(few: int, *, whole: bool) -> pd.DataFrame:
    """Return 230 people of three groups, `few` of a with the property: 52 on the `whole`, or 20 of c."""
    sizes = {"a": (few, 50), "b": (30, 100), "c": (22 - few if whole else 20, 80)}
    parts = [
        pd.DataFrame({"g": group, "x": [1] * with_it + [0] * (size - with_it), "nr": np.arange(size)})
        for group, (with_it, size) in sizes.items()
    ]
    frame = pd.concat(parts, ignore_index=True)
    frame["days"] = 10.0 * frame["x"]
    frame["x3"] = np.where(frame["x"] == 1, "yes", "no")
    frame["sex"] = np.where(frame["nr"] % 2 == 0, "m", "w")  # the property comes first in each group
    frame["age"] = 20.0 + frame["nr"] % 40
    return frame


def survey(few: int, *, whole: bool = True) -> hp.Survey:
    """Return them as a survey."""
    return hp.Survey(people(few, whole=whole), replicates=100, name="town")


def shares(s: hp.Survey) -> list[Any]:
    """Shares by group and of all."""
    return [s.proportion("x", by="g"), s.proportion("x")]


def sizes(s: hp.Survey) -> hp.Estimate:
    """Sizes by a multiplier."""
    return hp.multiplier({"a": 400, "b": 500, "c": 600}, s.proportion("x", by="g"))


#: What is reported, by kind of result.
KINDS: dict[str, Callable[[hp.Survey], list[Any]]] = {
    "shares": shares,
    "categories": lambda s: [s.proportion("x3", by="g"), s.proportion("x3")],
    "counts": lambda s: [s.count(by=["g", "x3"]), s.count(by="x3")],
    "means": lambda s: [*shares(s), s.mean("days", by="g"), s.mean("days")],
    "totals": lambda s: [s.total("days", by="g"), s.total("days")],
    "ratios": lambda s: [*shares(s), s.ratio("days", "age", by="g")],
    "medians": lambda s: [*shares(s), s.quantile("days", 0.9, by="g")],
    "sizes": lambda s: [*shares(s), sizes(s), sizes(s).sum("all"), sizes(s)["b"]],
    "adjusted sizes": lambda s: [*shares(s), hp.adjust.duplicates(sizes(s), share=0.1)],
    "adjustment by a hidden share": lambda s: [
        hp.adjust.duplicates(hp.multiplier(900, hp.beta(40, 60, name="p")), share=s.proportion("x", by="g")["a"])
    ],
    "rates": lambda s: [
        sizes(s).per({"a": 1e6, "b": 1e6, "c": 1e6}),
        sizes(s).per({"a": 1e6, "b": 1e6, "c": 1e6})["b"],
    ],
    "differences": lambda s: [*shares(s), s.proportion("x", by="g")["b"] - s.proportion("x", by="g")["a"]],
    "comparisons by probability": lambda s: [
        *shares(s),
        s.proportion("x", by="g")["b"] > s.proportion("x", by="g")["a"],
    ],
    "trends": lambda s: [
        *shares(s),
        hp.trend({2016: hp.beta(20, 80, name="then"), 2024: s.proportion("x", by="g")["a"]}),
    ],
    "means over time": lambda s: [hp.trend({2016: s.mean("age"), 2024: s.mean("days", by="g")["a"]}, comparable=True)],
    "scenarios": lambda s: [hp.scenarios({"base": sizes(s)["a"], "less": sizes(s)["a"] * 0.8})],
    "variance shares": lambda s: [hp.variance_shares(sizes(s)["a"] * hp.beta(20, 80, name="q"))],
    "models": lambda s: [*shares(s), hp.regress(s, "x ~ g", family="binomial")],
    "linear models": lambda s: [hp.regress(s, "days ~ g")],
    "models without an intercept": lambda s: [hp.regress(s, "x ~ 0 + g")],
    "interactions": lambda s: [hp.regress(s, "days ~ g * sex")],
    "models of computed groups": lambda s: [hp.regress(s, "x ~ C(g) + age")],
    "margins": lambda s: [hp.regress(s, "x ~ g + age", family="binomial").margins("g")],
    "effects": lambda s: [hp.regress(s, "x ~ g", family="binomial").effects("g")],
    "predictions": lambda s: [hp.regress(s, "x ~ g", family="binomial").predict(pd.DataFrame({"g": ["a", "b"]}))],
    "comparisons": lambda s: [*shares(s), hp.compare(s, "x", by="g"), hp.compare(s, "days", by="g")],
    "tables": lambda s: [hp.describe(s, ["x", "x3", "days", "age"], by="g", test=True, total=True)],
    "corrected tests": lambda s: [hp.describe(s, ["x", "age"], by="g", test=True, correction="holm")],
    "cross-tables": lambda s: [*shares(s), hp.crosstab(s, "g", "x3")],
    "imputed": lambda s: [hp.pool([s.proportion("x", by="g"), s.proportion("x", by="g")])],
}


@pytest.fixture(autouse=True)
def _lines_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw figures once, as the lines that the page holds: the document has the same figure in dots, which take as long."""
    drawn = Figure.savefig
    dots = io.BytesIO()
    Figure(figsize=(1, 1)).savefig(dots, format="png", dpi=10)

    def savefig(self: Figure, target: Any, **options: Any) -> None:
        if options["format"] == "png":
            target.write(dots.getvalue())
        else:
            drawn(self, target, **options)

    monkeypatch.setattr(Figure, "savefig", savefig)


def texts(report: hp.Report, folder: Path) -> str:
    """Return all that a reader gets: the page with its figures, the data, the document."""
    path = folder / "report.docx"
    report.to_docx(path)
    with zipfile.ZipFile(path) as packed:
        document = packed.read("word/document.xml").decode()
    return "\n".join([report.to_html() or "", report.to_json() or "", document])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", KINDS)
def test_no_trace_of_what_is_hidden(kind: str, tmp_path: Path) -> None:
    families = []
    for whole in (True, False):
        made = [
            texts(hp.Report("r", suppress_below=5).add(*KINDS[kind](survey(few, whole=whole))), tmp_path)
            for few in CASES
        ]
        assert all("hidden" in text for text in made)
        families.append(sorted(set(made)))
    if min(map(len, families)) > 1:
        told = []
        for one, other, *_ in families:
            at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
            told.append(f"{one[max(at - 200, 0) : at + 80]}\n\nor\n\n{other[max(at - 200, 0) : at + 80]}")
        pytest.fail("\n\n\n".join(told))


@pytest.mark.filterwarnings("ignore")
def test_without_suppression_they_do_differ() -> None:
    """The comparison can fail: already the data of every kind of result show which of the surveys it is of."""
    for kind in KINDS.values():
        plain = {hp.Report("r").add(*kind(survey(few))).to_json() for few in (2, 3)}
        assert len(plain) == 2


def test_numbers_in_the_file_have_no_more_digits_than_the_table(tmp_path: Path) -> None:
    s = survey(10)  # nothing of it is few
    made = hp.Report("r", suppress_below=5).add(
        s.proportion("x", by="sex"), s.mean("age", by="sex"), hp.regress(s, "x ~ sex")
    )
    made.add(hp.describe(s, ["x", "age"], by="sex", test=True), hp.crosstab(s, "x", "sex"))
    data = json.loads(made.to_json() or "")
    numbers = re.findall(
        r"-?\d+\.\d+(?:e-?\d+)?", json.dumps([b["table"]["numbers"] for b in data["content"] if "table" in b])
    )
    assert len(numbers) > 40
    assert max(len(one.lstrip("-0.").replace(".", "")) for one in numbers) <= 4
    assert all("record" not in block for block in data["content"])
