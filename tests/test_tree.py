"""The house: every import points down, nothing goes in circles, no file is too long to hold in mind."""

import ast

import pytest

from tools import tree

#: Lines of a file, of which docstrings may be half.
LONGEST = 650


def test_imports_point_down() -> None:
    for name in tree.FILES:
        if not name:
            continue
        for types in (False, True):
            for target, node in tree.imports(name, types=types):
                assert target, f"{name} imports the package itself, in line {node.lineno}"
                assert tree.floor(target) <= tree.floor(name), f"{name} imports {target}, which stands above it"


def test_no_method_imports_another() -> None:
    for name in tree.FILES:
        folder = name.split(".")[0]
        if folder in tree.METHODS:
            others = {target.split(".")[0] for target, _ in tree.imports(name, types=True)} & set(tree.METHODS)
            assert others <= {folder}, f"{name} imports another method: {others - {folder}}"


@pytest.mark.parametrize("types", [False, True])
def test_no_circles(types: bool) -> None:
    assert tree.circles(types=types) == []


def test_files_are_short() -> None:
    for name, file in tree.FILES.items():
        lines = file.read_text(encoding="utf-8").count("\n")
        assert lines < LONGEST, f"{name} has {lines} lines"


def test_imports_inside_functions_are_of_optional_or_heavy_libraries() -> None:
    """Each says so, with its reason; imports of our own files stand at the top."""
    for name, file in tree.FILES.items():
        text = file.read_text(encoding="utf-8")
        lines = text.split("\n")
        module = ast.parse(text)
        for node in ast.walk(module):
            if not isinstance(node, (ast.Import, ast.ImportFrom)) or not node.col_offset:
                continue
            line = lines[node.lineno - 1]
            if node.lineno in tree.type_only_lines(module):
                continue
            where = f"{name}, line {node.lineno}"
            assert not (isinstance(node, ast.ImportFrom) and node.level) or "(" in line.split("noqa", 1)[-1], (
                f"{where} imports our own file inside a function without a reason"
            )
            assert "PLC0415 (" in " ".join(lines[node.lineno - 1 : node.end_lineno]) or not name, (
                f"{where} gives no reason"
            )
