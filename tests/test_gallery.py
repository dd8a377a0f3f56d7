"""The gallery: every figure and table of it is made by the lines that are shown."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from matplotlib import pyplot

from . import facts

GALLERY = facts.ROOT / "docs" / "gallery"
FIGURES = sorted((GALLERY / "figures").glob("*.py"))
TABLES = sorted((GALLERY / "tables").glob("*.py"))


def test_there_is_a_gallery() -> None:
    # What was asked for: 20 figures and 10 tables.
    assert len(FIGURES) >= 20
    assert len(TABLES) >= 10
    for folder in (GALLERY, GALLERY / "figures", GALLERY / "tables"):
        assert (folder / "README.rst").read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("path", [*FIGURES, *TABLES], ids=lambda path: path.stem)
def test_an_example_says_what_it_shows(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    title, line, *text = said.splitlines()
    assert line == "=" * len(title)
    assert "".join(text).strip().endswith(".")


@pytest.mark.parametrize("path", FIGURES, ids=lambda path: path.stem)
def test_a_figure_is_drawn_by_its_lines(path: Path) -> None:
    pyplot.close("all")
    exec(compile(path.read_text(encoding="utf-8"), path.name, "exec"), {})
    figures = [pyplot.figure(number) for number in pyplot.get_fignums()]
    assert len(figures) == 1  # one thumbnail
    assert figures[0].axes[0].has_data()
    pyplot.close("all")


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_a_table_is_what_its_last_line_is(path: Path) -> None:
    *before, last = ast.parse(path.read_text(encoding="utf-8")).body
    assert isinstance(last, ast.Expr)
    names: dict[str, Any] = {}
    exec(compile(ast.Module(before, []), path.name, "exec"), names)
    page = eval(compile(ast.Expression(last.value), path.name, "eval"), names)._repr_html_()
    assert page.count("<tr") > 2
