"""The pages in docs: their code runs, in order, and prints what they show."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import hiddenpop as hp
import pytest
from matplotlib import pyplot

from . import facts

DOCS = facts.ROOT / "docs"
BLOCK = re.compile(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", flags=re.DOTALL)
#: Pages of single lines about tables of the reader's own.
FRAGMENTS = {"bayes_lists", "covariate_lists", "lists", "regress", "replicate_weights"}
PAGES = sorted(
    path for path in DOCS.glob("*.md") if "```python" in path.read_text(encoding="utf-8") and path.stem not in FRAGMENTS
)
#: The files that the code of a page writes.
WRITTEN = {
    "confidentiality": {"audit.csv"},
    "describe": {"t1.xlsx", "t1.docx"},
    "recipes": {"report.html", "table1.docx", "people.json"},
    "raw_files": {"interviews.csv", "register.csv"},
    "report": {"report.html", "report.docx", "report.json", "shares.docx", "strobe.docx", "euda.xlsx"},
}


def given(page: str) -> dict[str, Any]:
    """What the reader of a page is taken to have."""
    if page != "report":
        return {}
    interviews = hp.datasets.load("synthetic_opaak")["interviews"]
    below_65 = interviews["age"].lt(65).astype("boolean").mask(interviews["age"].isna())
    return {
        "interviews": interviews.assign(below_65=below_65),
        "benchmarks": {"opioids": 8126, "crack only": 4912},
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_the_code_of_a_page_runs_and_prints_what_it_shows(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names = given(page.stem)
    for code, shown in BLOCK.findall(page.read_text(encoding="utf-8")):
        exec(compile(code, page.name, "exec"), names)
        printed = [line.split() for line in capsys.readouterr().out.splitlines()]
        if shown:
            assert printed == [line.split() for line in shown.splitlines()]
    pyplot.close("all")
    assert {file.name for file in tmp_path.iterdir()} == WRITTEN.get(page.stem, set())


def test_links_between_pages_lead_somewhere() -> None:
    for page in (
        *DOCS.glob("*.md"),
        *(DOCS.parent / name for name in ("README.md", "CHANGELOG.md", "benches/README.md")),
    ):
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"
