"""The reference: every public name stands in a section of the site, shows itself at work, and says what else to look at."""

from __future__ import annotations

import inspect
import re
import sys
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

import hiddenpop as hp
import pytest

from . import facts

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SECTIONS: dict[str, dict[str, Any]] = tomllib.loads(
    (facts.ROOT / "docs" / "reference" / "sections.toml").read_text(encoding="utf-8")
)
PLACED = [name for section in SECTIONS.values() for name in section["names"]]
HANDED = [name for section in SECTIONS.values() for name in section.get("handed", [])]
#: What other floors of the house ask of these classes: no reader needs a page for it.
INTERNAL = {
    *("Estimate.of", "Estimate.wrap", "Weighted.of", "Imputed.check_rows"),
    *("Lists.groups", "Lists.tables", "Lists.project", "Lists.open", "Lists.redraw", "Lists.redrawn"),
    *("Comparison.solved", "Plan.finished", "Plan.effects", "TwoListPlan.solved"),
}


def public() -> Iterator[tuple[str, Any]]:
    """Return what users can name: as they write it, and what it is."""
    for name in hp.__all__:
        thing = getattr(hp, name)
        if isinstance(thing, ModuleType):
            yield from ((f"hp.{name}.{inner}", getattr(thing, inner)) for inner in thing.__all__)
        else:
            yield f"hp.{name}", thing


PUBLIC = dict(public())
MODULES = {f"hp.{name}": getattr(hp, name) for name in hp.__all__ if isinstance(getattr(hp, name), ModuleType)}
#: What has words of its own: everything but the version, modules, and classes that are handed out only.
WORDED = {
    **{name: thing for name, thing in PUBLIC.items() if callable(thing)},
    **MODULES,
    **{name: getattr(import_module(name.rpartition(".")[0]), name.rpartition(".")[2]) for name in HANDED},
}


def _ours(method: Any) -> bool:
    return str(getattr(method, "__module__", "")).startswith("hiddenpop")


def methods() -> Iterator[tuple[str, Any, type]]:
    """Return the public methods of those classes, with the class whose docstring may speak for them."""
    for thing in WORDED.values():
        if not isinstance(thing, type) or issubclass(thing, Exception):
            continue
        for name in dir(thing):
            method = inspect.unwrap(getattr(thing, name))
            if not name.startswith("_") and inspect.isroutine(method) and _ours(method):
                yield getattr(method, "__qualname__", name), method, thing


#: Those that need a page: each once, with the classes that have it. The class that says where it stands is in its name.
METHODS: dict[str, tuple[Any, list[type]]] = {}
for _name, _method, _class in methods():
    if _name not in INTERNAL:
        METHODS.setdefault(f"{_method.__module__.removeprefix('hiddenpop.')}.{_name}", (_method, []))[1].append(_class)


def test_what_needs_no_page_is_there() -> None:
    assert {name for name, _, _ in methods()} >= INTERNAL


def words(thing: Any) -> str:
    return inspect.getdoc(thing) or ""


def test_every_public_name_stands_in_one_section() -> None:
    assert {name: times for name, times in Counter(PLACED).items() if times > 1} == {}
    assert set(PLACED) == set(PUBLIC)


@pytest.mark.parametrize("name", WORDED)
def test_a_public_name_has_an_example_and_see_also(name: str) -> None:
    found = words(WORDED[name])
    assert re.search(r"^Examples\n-+\n(?:.*\n)*?>>> ", found, flags=re.MULTILINE), f"{name} has no example"
    assert re.search(r"^See Also\n--------\n\S", found, flags=re.MULTILINE), f"{name} doesn't say what else to look at"


@pytest.mark.parametrize("name", METHODS)
def test_a_method_has_an_example_of_its_own_or_in_that_of_its_class(name: str) -> None:
    method, classes = METHODS[name]
    shown = [line for cls in classes for line in words(cls).splitlines() if line.startswith((">>>", "..."))]
    assert ">>>" in words(method) or any(f".{method.__name__}(" in line for line in shown), f"{name} has no example"


def see_also(text: str) -> list[str]:
    """Return the names under See Also."""
    section = re.search(r"^See Also\n-+\n((?:\S.*\n?)+)", text, flags=re.MULTILINE)
    if section is None:
        return []
    lines = [line.partition(" : ")[0] for line in section[1].splitlines()]
    return [name.strip() for line in lines for name in line.split(",")]


def leads_somewhere(name: str, home: Any) -> bool:
    whole = name.startswith("hiddenpop.")
    thing: Any = hp if whole else home
    for part in (name.removeprefix("hiddenpop.") if whole else name).split("."):
        try:
            thing = inspect.getattr_static(thing, part) if isinstance(thing, type) else getattr(thing, part)
        except AttributeError:
            return False
    return True


def test_see_also_leads_somewhere() -> None:
    # Names are read from the public module that the page is of, as Sphinx reads them, or from the top.
    lost = []
    for name, thing in WORDED.items():
        home = thing if isinstance(thing, ModuleType) else MODULES.get(name.rpartition(".")[0], hp)
        lost += [(name, other) for other in see_also(words(thing)) if not leads_somewhere(other, home)]
    homes = [hp, *MODULES.values()]
    for name, (method, classes) in METHODS.items():
        around = [*homes, import_module(classes[0].__module__)]
        lost += [
            (name, other)
            for other in see_also(words(method))
            if not any(leads_somewhere(other, home) for home in around)
        ]
    assert lost == []
