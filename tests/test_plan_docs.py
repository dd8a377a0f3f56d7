"""docs/plan.md: its code runs and prints what it shows."""

import re
from pathlib import Path
from typing import Any

import pytest
from matplotlib import pyplot

PAGE = Path(__file__).parents[1] / "docs" / "plan.md"


def test_the_page_prints_what_it_shows(capsys: pytest.CaptureFixture[str]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", text, flags=re.DOTALL)
    assert len(blocks) == text.count("```python")
    names: dict[str, Any] = {}
    for code, shown in blocks:
        exec(compile(code, PAGE.name, "exec"), names)
        printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
        assert printed == [line.rstrip() for line in shown.splitlines()]
    pyplot.close("all")
