"""docs/extrapolate.md: its code runs and prints what it shows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "extrapolate.md"


def test_the_page_prints_what_it_shows(capsys: pytest.CaptureFixture[str]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)\n```", text, flags=re.DOTALL)
    assert len(blocks) == text.count("```python") == 5
    names: dict[str, Any] = {}
    for code, shown in blocks:
        exec(compile(code, PAGE.name, "exec"), names)
        assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
            line.split() for line in shown.splitlines()
        ]
