"""The figures of validation say what the tables under them say."""

from __future__ import annotations

import pytest

from tools import validation_figures as drawn


@pytest.mark.parametrize("drawing", drawn.DRAWINGS, ids=lambda one: one.page)
def test_a_figure_is_of_its_page(drawing: drawn.Drawing) -> None:
    # `python -m tools.validation_figures` draws them anew, after `make validate`.
    text = (drawn.DOCS / f"{drawing.page}.md").read_text(encoding="utf-8")
    found = drawn.coverage(drawing)
    assert f"![{drawn.words(drawing, found)}]({drawing.picture})" in text
    assert text.index(drawing.picture) < text.index("\n| ")  # figures first
    assert "<svg" in (drawn.DOCS / drawing.picture).read_text(encoding="utf-8")
    assert all(0 <= share <= 100 for shares in found.values() for share in shares)


def test_numbers_are_those_of_the_tables() -> None:
    # Counted by hand on docs/validation_plan.md and docs/validation_rds.md: 15 rows of each design effect, and 22 samples of ten
    # seeds, those in both tables counted once.
    plan, peers = (drawn.coverage(one) for one in drawn.DRAWINGS if one.page in ("validation_plan", "validation_rds"))
    assert {line: len(shares) for line, shares in plan.items()} == {"design effect 1": 15, "design effect 2": 15}
    assert (min(plan["design effect 1"]), max(plan["design effect 2"])) == (92.3, 98.6)
    assert len(peers["tree"]) == len(peers["seeds"]) == 22
    assert (min(peers["as if simple"]), min(peers["successive"])) == (42, 82)
