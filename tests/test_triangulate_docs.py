"""docs/triangulate.md: its code runs and prints what it shows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "triangulate.md"


def test_the_page_prints_what_it_shows(capsys: pytest.CaptureFixture[str]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", text, flags=re.DOTALL)
    names: dict[str, Any] = {}
    assert sum(bool(shown) for _, shown in blocks) >= 7
    for code, shown in blocks:
        exec(compile(code, PAGE.name, "exec"), names)
        assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
            line.split() for line in shown.splitlines()
        ]
