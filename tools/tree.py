"""The Python tree as imports draw it: read with `ast`, so that nothing needs to run. Tests and the map of the house use it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1] / "python" / "hiddenpop"
#: From the ground up; each imports only from those before it.
SPINE = (
    "ground",
    "draws",
    "expression",
    "sources",
    "sample",
    "answers",
    "uncertainty",
    "words",
    "drawing",
    "estimate",
    "survey",
)
#: Side by side: none imports another.
METHODS = (
    "registers",
    "multipliers",
    "regression",
    "capture",
    "counts",
    "trends",
    "extrapolation",
    "triangulation",
    "rds",
    "doubt",
    "tables",
)
#: What stands on top of the methods.
FACES = ("adjust", "plan", "plot", "export", "datasets", "simulate", "report", "explorer")
#: Below all of them: what can go wrong, and the core.
BASE = ("errors", "_core")


def module(file: Path) -> str:
    """Return a file's name inside the package: `sample.groups`."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module(file): file for file in sorted(ROOT.rglob("*.py"))}


def _type_only(tree: ast.AST) -> set[int]:
    return {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }


def type_only_lines(module: ast.Module) -> set[int]:
    """Return the lines that only type checkers see."""
    return {
        line
        for node in ast.walk(module)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


@cache
def parsed(name: str) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(FILES[name].read_text(encoding="utf-8"))


@cache
def imports(name: str, *, types: bool = False) -> tuple[tuple[str, ast.ImportFrom], ...]:
    """Return what a file imports from the package, those imports inside functions too."""
    file, tree = FILES[name], parsed(name)
    found = []
    hidden = set() if types else _type_only(tree)
    package = name.split(".") if file.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not node.level or id(node) in hidden:
            continue
        base = [*package[: len(package) - node.level + 1], *(node.module or "").split(".")]
        for alias in node.names:
            whole = ".".join(part for part in [*base, alias.name] if part)
            target = whole if whole in FILES or whole == "_core" else ".".join(part for part in base if part)
            if target != name:
                found.append((target, node))
    return tuple(found)


def floor(name: str) -> int:
    """Return how high a module stands: 0 for the base, then the spine, the methods, the faces, the package itself."""
    folder = name.split(".", maxsplit=1)[0]
    if folder in BASE:
        return 0
    if folder in SPINE:
        return 1 + SPINE.index(folder)
    if folder in METHODS:
        return 1 + len(SPINE)
    if folder in FACES:
        return 2 + len(SPINE)
    if not folder:
        return 3 + len(SPINE)
    raise AssertionError(f"{name} stands on no floor: name its folder in tools/tree.py and docs/architecture.md")


def circles(*, types: bool) -> list[list[str]]:
    """Return groups of files that import one another in a circle (Tarjan's strongly connected components)."""
    graph = {name: {target for target, _ in imports(name, types=types) if target in FILES} for name in FILES if name}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for target in graph[name]:
            if target not in graph:
                continue
            if target not in index:
                visit(target)
                low[name] = min(low[name], low[target])
            elif target in stack:
                low[name] = min(low[name], index[target])
        if low[name] == index[name]:
            place = stack.index(name)
            group = stack[place:]
            del stack[place:]
            if len(group) > 1:
                found.append(sorted(group))

    for name in graph:
        if name not in index:
            visit(name)
    return found
