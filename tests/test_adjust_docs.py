"""docs/adjust.md: its code runs and prints what it shows, and its table names every adjustment."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hiddenpop import adjust

PAGE = Path(__file__).parents[1] / "docs" / "adjust.md"


def test_the_page_prints_what_it_shows(capsys: pytest.CaptureFixture[str]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)\n```", text, flags=re.DOTALL)
    assert len(blocks) == text.count("```python") == 4
    names: dict[str, Any] = {}
    for code, shown in blocks:
        exec(compile(code, PAGE.name, "exec"), names)
        assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
            line.split() for line in shown.splitlines()
        ]


def test_the_table_names_every_adjustment() -> None:
    table = "\n".join(line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| "))
    for name in adjust.__all__:
        assert f"`{name}(" in table, name


def test_every_adjustment_has_an_example_and_a_source() -> None:
    for name in adjust.__all__:
        text = getattr(adjust, name).__doc__
        assert ">>>" in text, name
        assert "Returns" in text, name
