"""The page that says whether our numbers are those of other software: it speaks of what its script compares."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tools import does_it_match
from tools.matching.numbers import SVY

PAGE = does_it_match.PAGE.read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (?!what \|)(.+?) \| (.+?) \| ([\d,]+) \| (.+?) \|$", PAGE, flags=re.MULTILINE)


def test_the_page_has_a_row_for_every_comparison() -> None:
    # A comparison that was added, dropped or renamed: `python -m tools.does_it_match` writes the page anew.
    asked = [(topic.what, topic.data) for software in does_it_match.COMPARED for topic in software.topics]
    assert [row[:2] for row in ROWS] == asked
    for software in does_it_match.COMPARED:
        assert f"## {software.name}\n" in PAGE
        for reason in software.differs:
            assert f"* {reason}\n" in PAGE
    assert re.search(r"`python -m tools.does_it_match`, \d{4}-\d\d-\d\d\.", PAGE)


def test_versions_are_those_of_the_references() -> None:
    said = json.loads(SVY.read_text(encoding="utf-8"))["source"]
    capture = json.loads((SVY.parent / "capture_expected.json").read_text(encoding="utf-8"))
    counts = json.loads((SVY.parent / "one_list_expected.json").read_text(encoding="utf-8"))
    sources = " ".join([said, counts["source"], *(one["source"] for one in capture.values() if "source" in one)])
    for name in (
        "svy 0.35.0",
        "Rcapture 1.4-4",
        "SparseMSE 2.0.1",
        "dga 2.0.2",
        "LCMCR 0.4.14",
        "singleRcapture 0.2.3",
    ):
        assert name in sources
        assert f"## {name}\n" in PAGE


@pytest.mark.parametrize("what", ["means", "svy_means", "svy_shares", "homophily", "sparse"])
def test_what_the_page_says_of_quick_ones_is_so(what: str) -> None:
    (topic,) = [one for software in does_it_match.COMPARED for one in software.topics if one.pairs.__name__ == what]
    many, most = does_it_match.largest(topic.pairs())
    (row,) = [one for one in ROWS if one[0] == topic.what]
    assert int(row[2].replace(",", "")) == many
    # Rounding differs from machine to machine below 1e-12; otherwise the digit that is printed.
    limit: Any = re.match(r"[\d.e-]+", row[3])
    assert most < max(2 * float(limit[0]) if limit else 0, 1e-12)
