"""docs/adjust.md names every adjustment, and each is documented."""

from __future__ import annotations

from hiddenpop import adjust

from .. import facts

PAGE = facts.ROOT / "docs" / "adjust.md"


def test_the_table_names_every_adjustment() -> None:
    table = "\n".join(line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| "))
    for name in adjust.__all__:
        assert f"`{name}(" in table, name


def test_every_adjustment_has_an_example_and_a_source() -> None:
    for name in adjust.__all__:
        text = getattr(adjust, name).__doc__
        assert ">>>" in text, name
        assert "Returns" in text, name
