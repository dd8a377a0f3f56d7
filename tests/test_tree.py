"""The house: every import points down, nothing goes in circles, no file is too long to hold in mind, tests follow the tree."""

import ast
from collections.abc import Iterator
from importlib import import_module

import pytest
from hiddenpop.expression.nodes import Node

from tools import tree

from . import facts

#: Lines of a file, of which docstrings may be half.
LONGEST = 650
#: What may be asked for its attributes, by module and how it is called there: objects that are not ours, or fields by name.
PROBED = {
    ("", "import_module(f'.{module}', __name__)"): "public names, imported when used",
    ("answers.function", "function"): "a user's function",
    ("ground.apart", "import_module(self._module)"): "functions of a library that is called in a process of its own",
    ("capture.doubly_robust", "learner"): "learners of scikit-learn",
    ("capture.learners", "fitted"): "learners of scikit-learn",
    ("capture.learners", "learner"): "learners of scikit-learn",
    ("capture.learners", "made"): "learners of scikit-learn",
    ("capture.redraws", "self"): "fields of a dataclass",
    ("drawing.axes", "ax"): "axes of matplotlib",
    ("drawing.axes", "figure"): "figures of matplotlib",
    ("drawing.over_time", "one.marks"): "fields of a dataclass",
    ("draws.executors", "future"): "whatever an executor hands out for a Future",
    ("draws.executors", "executor"): "anybody's executor",
    ("draws.settings", "now"): "fields of a dataclass",
    ("draws.settings", "executor"): "anybody's executor",
    ("errors", "value"): "any value that a message names",
    ("estimate.arithmetic", "result"): "whatever was given in place of an estimate",
    ("estimate.combine", "function"): "a user's function",
    ("estimate.sampled", "arviz"): "versions of ArviZ",
    ("expression.saved", "import_module(f'hiddenpop.{homes[name]}')"): "a class by the name that a file gives it",
    ("expression.saved", "kind"): "any value that a file may hold, labels among them",
    ("expression.saved", "value"): "fields of a dataclass",
    ("explorer.runner", "level"): "numbers of NumPy",
    ("explorer.runner", "value"): "whatever a cell shows",
    ("ground.columns", "table"): "anybody's table",
    ("ground.formula_values", "np"): "functions of NumPy, by the names on a list",
    ("ground.formula_values", "pd.Series"): "methods of pandas, by the names on a list",
    ("ground.formula_values", "_TEXTS"): "methods of pandas, by the names on a list",
    ("ground.formulas", "TRANSFORMS['contr']"): "codings of formulaic, by the names on a list",
    ("ground.formulas", "_contrasts(state)"): "formulaic",
    ("ground.formulas", "made"): "formulaic",
    ("ground.formulas", "parsed"): "formulaic",
    ("ground.formulas", "side"): "formulaic",
    ("ground.formulas", "state.get('contrasts')"): "formulaic",
    ("ground.formulas", "term"): "formulaic",
    ("ground.formulas", "values"): "what a formula's function was given",
    ("ground.signatures", "value"): "whatever was given in place of a design",
    ("plot.series", "m"): "fields of a dataclass",
    ("plot.series", "part"): "fields of a dataclass",
    ("report.builder", "thing"): "anything with summary()",
    ("report.pictures", "drawn"): "figures and axes of matplotlib",
    ("report.pictures", "thing"): "figures and axes of matplotlib",
    ("report.shown", "thing"): "anything with summary()",
    ("tables.variables", "values.dt"): "times of pandas, with and without a zone",
}
#: Where things are told apart by where they are in memory, which the next one takes when they are gone: all are at hand there.
BY_PLACE = {
    "answers.statistic": "columns of one answer, within a call",
}
#: What is kept by arguments that nothing changes: texts, numbers, tuples of them.
REMEMBERED = {
    "capture.notation.name",
    "capture.loglinear.all_models",
    "capture.graphs._names",
    "export.forms.schema",
    "doubt.plausible.published_ranges",
    "export.forms.target_groups",
    "report.checklists.checklists",
    "expression.typed._resolved",
    "ground.language._marks",
    "ground.language._understood",
    "ground.language.catalogue",
    "ground.sealed._key_at",
    "words.attack._part",
}
#: What tests of a whole folder are about, where they don't bear its name.
WHOLE = ("page", "properties", "simulation", "bad_executors", "core", "small_cells", "travel")


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


def test_the_explorer_calls_public_names_only() -> None:
    """What it shows can be had in a notebook by the same lines; nothing else of the package knows that it is there."""
    for name in tree.FILES:
        inside = name.split(".")[0] == "explorer"
        for target, _ in tree.imports(name, types=True):
            assert (target.split(".")[0] == "explorer") == inside, f"{name} imports {target}"
        for node in ast.walk(tree.parsed(name)) if inside else ():
            named = [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
            named += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not any(str(one).startswith("hiddenpop.") for one in named), f"{name} imports {named}"


def test_files_are_short() -> None:
    for name, file in tree.FILES.items():
        lines = file.read_text(encoding="utf-8").count("\n")
        assert lines < LONGEST, f"{name} has {lines} lines"


def test_imports_inside_functions_are_of_optional_or_heavy_libraries() -> None:
    """Each says so, with its reason; imports of our own files stand at the top."""
    for name, file in tree.FILES.items():
        text = file.read_text(encoding="utf-8")
        lines = text.split("\n")
        module = tree.parsed(name)
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


def _concrete(kind: type) -> Iterator[type]:
    """List the node classes that things are made of; what they have in common is a class that is not made."""
    for below in kind.__subclasses__():
        if below.__module__.startswith("hiddenpop."):
            if not below.__subclasses__():
                yield below
            yield from _concrete(below)


def _calls(name: str, *functions: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree.parsed(name)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
            yield node


def _named(classes: ast.expr, ours: dict[str, str]) -> set[str]:
    """List our own classes that an expression names, by themselves or inside a module."""
    inner = list(ast.walk(classes))
    plain = {ours[n.id] for n in inner if isinstance(n, ast.Name) and n.id in ours}
    attributes = [n for n in inner if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)]
    return plain | {n.attr for n in attributes if n.value.id in ours}


def test_nobody_asks_for_the_class_of_a_node() -> None:
    """A consumer asks what a node can do; a class that nobody thought of then answers, or refuses in words."""
    for name in tree.FILES:
        import_module(f"hiddenpop.{name}" if name else "hiddenpop")
    homes = {kind.__name__: kind.__module__.removeprefix("hiddenpop.") for kind in _concrete(Node)}
    assert len(homes) > 20
    for name in tree.FILES:
        ours = {
            alias.asname or alias.name: alias.name
            for _, imported in tree.imports(name, types=True)
            for alias in imported.names
        }
        for call in _calls(name, "isinstance", "issubclass"):
            away = {kind for kind in _named(call.args[1], ours) & homes.keys() if homes[kind] != name}
            assert not away, (
                f"{name}, line {call.lineno} asks whether something is of {away}: declare what you need on Node, or put a "
                "function beside the class"
            )


def test_nobody_probes_for_attributes() -> None:
    """What our own objects can do is declared: a misspelt name of a capability would be a silent default."""
    met = set()
    for name in tree.FILES:
        for call in _calls(name, "hasattr", "getattr"):
            key = (name, ast.unparse(call.args[0]))
            assert key in PROBED, (
                f"{name}, line {call.lineno} probes {key[1]!r}: declare what you need, or say why here"
            )
            met.add(key)
    assert met == PROBED.keys(), f"nobody probes {PROBED.keys() - met} any more"


def test_nothing_is_kept_by_its_place_in_memory() -> None:
    """What is gone leaves its id to what is made next, which would then be shown with another's values."""
    met = {name for name in tree.FILES for _ in _calls(name, "id")}
    assert met == BY_PLACE.keys(), f"keys by id() in {met ^ BY_PLACE.keys()}: keep the thing itself, or say why here"
    for kind in _concrete(Node):
        assert kind.__hash__ is object.__hash__, f"{kind.__name__} is told apart by its values, which are arrays"
        assert kind.__eq__ is object.__eq__


def test_what_is_remembered_is_known_by_plain_arguments() -> None:
    met = set()
    for name in tree.FILES:
        for node in ast.walk(tree.parsed(name)):
            if isinstance(node, ast.FunctionDef) and any("cache" in ast.unparse(d) for d in node.decorator_list):
                if all(ast.unparse(d) == "cached_property" for d in node.decorator_list):
                    continue  # kept with the thing itself
                met.add(f"{name}.{node.name}")
                for argument in node.args.args:
                    said = ast.unparse(argument.annotation) if argument.annotation else ""
                    assert said in {"str", "int", "bool", "tuple[str, ...]", "tuple[int, ...]"}, (
                        f"{name}.{node.name}: {said}"
                    )
    assert met == REMEMBERED


def test_tests_follow_the_tree() -> None:
    for file in sorted((facts.ROOT / "tests").glob("*/test_*.py")):
        folder, name = file.parent.name, file.stem.removeprefix("test_")
        if folder == "fuzz":
            continue  # attacks what many files do together
        assert f"{folder}.{name}" in tree.FILES or name in {folder, *WHOLE}, (
            f"tests/{folder}/{file.name} tests no file of its name: give it the name of what it tests"
        )
