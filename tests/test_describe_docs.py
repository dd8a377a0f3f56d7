"""What the page on describing shows is what happens."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "describe.md"


def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    exec(compile(code, "describe.md", "exec"), {})
    assert {file.name for file in tmp_path.iterdir()} == {"t1.xlsx", "t1.docx"}
