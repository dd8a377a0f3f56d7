"""The reference by task: a page for each section of `docs/reference/sections.toml` and a page for each public name."""

from __future__ import annotations

import inspect
from importlib import import_module
from types import FunctionType
from typing import Any

import hiddenpop as hp

from tools.site import places

#: What results that read as tables have in common; `Estimate` and `Table` say what each does.
WAYS_OUT = ("round", "to_docx", "to_excel", "to_frame", "to_html", "to_latex")
#: The section in which the functions of a public module stand.
MODULES = {
    "hp.adjust": "doubt",
    "hp.datasets": "survey",
    "hp.export": "report",
    "hp.plan": "planning",
    "hp.plot": "figures",
    "hp.simulate": "recruitment",
}
#: Classes that users make by calling them; others are handed to them by functions and methods.
CALLED = {"Survey", "Lists", "CaptureCounts", "Report", "settings", "InputError", "EstimationError", "HiddenpopWarning"}


def sections() -> dict[str, dict[str, Any]]:
    """Return the sections, in their order."""
    return places.read(places.DOCS / "reference" / "sections.toml")


def public() -> set[str]:
    """Return the public names, as users write them: `hp.multiplier`, `hp.plan.rds`."""
    found = set()
    for name in hp.__all__:
        value = getattr(hp, name)
        found |= {f"hp.{name}.{inner}" for inner in value.__all__} if inspect.ismodule(value) else {f"hp.{name}"}
    return found


def pages(title: str, intro: str) -> dict[str, str]:
    """Return the reStructuredText of all pages of the reference, by where they stand."""
    found: dict[str, str] = {}
    names = []
    text = f"{_heading(title, '=')}{_markup(intro)}\n\n"
    for key, section in sections().items():
        entries = [*section["names"], *section.get("handed", ())]
        found[f"reference/{key}.rst"] = _section(section)
        names.append(key)
        for entry in entries:
            found[f"reference/{page(entry)}.rst"] = _object(entry)
        text += f":doc:`{section['title']} <{key}>`\n    {_markup(section['intro'])}\n\n"
        text += "    " + " · ".join(f":doc:`{_short(entry)} <{page(entry)}>`" for entry in entries) + "\n\n"
    text += ".. toctree::\n   :hidden:\n\n" + "".join(f"   {name}\n" for name in names)
    found["reference/index.rst"] = text
    return found


def page(entry: str) -> str:
    """Return the name of the page of an entry: `hp.plan.rds` stands on `api/plan.rds`, and `hp.Trend` beside `hp.trend`.

    Names of pages differ by more than their case: some disks can't hold both.
    """
    name = entry.removeprefix("hp.").removeprefix("hiddenpop.").strip("_")
    return f"api/{name.lower()}-class" if name != name.lower() else f"api/{name}"


def value(entry: str) -> Any:
    """Return what an entry names."""
    module, _, name = entry.replace("hp.", "hiddenpop.", 1).rpartition(".")
    return getattr(import_module(module), name)


def members(kind: type) -> list[str]:
    """Return the public members of a class that this package wrote, in the order of the alphabet."""
    return [
        name
        for name in dir(kind)
        if not name.startswith("_")
        and name != "unsaved"
        and any(name in base.__dict__ for base in kind.__mro__ if base.__module__.startswith("hiddenpop"))
    ]


def _section(section: dict[str, Any]) -> str:
    text = f"{_heading(section['title'], '=')}{_markup(section['intro'])}\n\n"
    entries = [*section["names"], *section.get("handed", ())]
    text += _table(section["names"])
    if section.get("handed"):
        text += "What these and the survey's verbs hand back:\n\n" + _table(section["handed"])
    return text + ".. toctree::\n   :hidden:\n\n" + "".join(f"   {_short(one)} <{page(one)}>\n" for one in entries)


def _table(entries: list[str]) -> str:
    text = ".. list-table::\n   :class: names\n   :widths: auto\n\n"
    for entry in entries:
        text += f"   * - :doc:`{_short(entry)} <{page(entry)}>`\n     - {_markup(_first(value(entry)))}\n"
    return text + "\n"


def _object(entry: str) -> str:
    one = value(entry)
    module, _, name = entry.replace("hp.", "hiddenpop.", 1).rpartition(".")
    text = f"{_heading(_short(entry), '=')}.. py:currentmodule:: {module}\n\n"
    if isinstance(one, str):
        return text + f".. py:data:: {name}\n\n   The version of the package, a text such as ``'0.1.0'``.\n"
    if not inspect.isclass(one):
        return text + f".. autofunction:: {name}\n"
    text += f".. autoclass:: {name}\n\n"
    own, others = _split(one)
    for title, directive, wanted in (("Properties", "autoattribute", False), ("Methods", "automethod", True)):
        chosen = [member for member in own if _is_method(one, member) == wanted]
        if chosen:
            text += f".. rubric:: {title}\n\n"
            text += "".join(f".. {directive}:: {name}.{member}\n\n" for member in chosen)
    for parent, inherited in others.items():
        text += f".. rubric:: As every {parent}\n\n"
        text += " · ".join(f":py:obj:`~hiddenpop.{parent}.{member}`" for member in inherited) + "\n\n"
    return text


def _split(kind: type) -> tuple[list[str], dict[str, list[str]]]:
    """Return the members that a class's page describes, and those that it shares with a page that describes them."""
    if kind in (hp.Estimate, hp.Table):
        return members(kind), {}
    parent: type = hp.Estimate if issubclass(kind, hp.Estimate) else object
    own, shared = [], []
    for name in members(kind):
        same = hasattr(parent, name) and inspect.getattr_static(kind, name) is inspect.getattr_static(parent, name)
        alike = name in WAYS_OUT and inspect.getattr_static(kind, name) is inspect.getattr_static(hp.Estimate, name)
        (shared if same or alike else own).append(name)
    return own, {"Estimate": shared} if shared else {}


def _is_method(kind: type, name: str) -> bool:
    member = inspect.getattr_static(kind, name)
    return isinstance(member, (FunctionType, classmethod, staticmethod))


def _short(entry: str) -> str:
    return entry if entry.startswith("hp.") else entry.rpartition(".")[2]


def _first(one: Any) -> str:
    """Return the first sentence of a docstring."""
    if isinstance(one, str):
        return "The version of the package."
    return " ".join((inspect.getdoc(one) or "").split("\n\n")[0].split())


def _markup(text: str) -> str:
    """Return text in which single backticks mean code, as in docstrings."""
    return text.replace("``", "`").replace("`", "``")


def _heading(title: str, mark: str) -> str:
    return f"{title}\n{mark * len(title)}\n\n"
