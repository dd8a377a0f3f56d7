"""Forms as data: JSON schemas beside this file, and what is wrong with a row that doesn't fit."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

from ..errors import InputError, in_words, listing, suggest
from ..ground import checks

TYPES = {"string": "a text", "integer": "a whole number", "number": "a number"}


@cache
def schema(form: str) -> dict[str, Any]:
    """Return the schema of a form's rows (JSON Schema, draft 2020-12; the keywords used here are checked here)."""
    text = (files(__package__) / f"{form}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@cache
def target_groups() -> dict[str, str]:
    """Return how the European agency defines its target groups."""
    text = (files(__package__) / "target_groups.json").read_text(encoding="utf-8")
    found: dict[str, str] = json.loads(text)["groups"]
    return found


def table(form: str, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> pd.DataFrame:
    """Check rows, each with its label, and return them in the order of the form."""
    found: dict[str, list[str]] = {}
    for label, row in rows:
        for text in wrong(form, row):
            found.setdefault(text, []).append(label)
    # What is wrong with every row is said once.
    problems = [text if 1 < len(who) == len(rows) else f"{', '.join(who)}: {text}" for text, who in found.items()]
    if problems:
        more = f" ({len(problems) - 3} more.)" if len(problems) > 3 else ""
        raise InputError(f"{schema(form)['title']}. {' '.join(problems[:3])}{more}")
    return pd.DataFrame([dict(row) for _, row in rows], columns=list(schema(form)["properties"]))


def wrong(form: str, row: Mapping[str, Any]) -> list[str]:
    """Say in a sentence each what is missing in a row, or no value that the form takes."""
    rules = schema(form)
    found = [f"{name} is missing ({_about(rules, name)})." for name in rules["required"] if _lacks(row, name)]
    for name, value in row.items():
        if name not in rules["properties"]:
            found.append(f"{name} is no field of the form. {suggest(name, rules['properties'])}")
        elif not _lacks(row, name):
            text = _unfit(value, rules["properties"][name])
            found += [f"{name} is {in_words(value)}; it must be {text} ({_about(rules, name)})."] if text else []
    return found


def _about(rules: Mapping[str, Any], name: str) -> str:
    text = str(rules["properties"][name]["description"])
    return text[0].lower() + text[1:] if text[1:2].islower() else text


def _lacks(row: Mapping[str, Any], name: str) -> bool:
    value = row.get(name)
    return value is None or (isinstance(value, float) and math.isnan(value))


def _unfit(value: Any, rule: Mapping[str, Any]) -> str | None:
    """Say what a value should be, if it isn't."""
    kinds = [kind for kind in ([rule["type"]] if isinstance(rule["type"], str) else rule["type"]) if kind != "null"]
    if isinstance(value, bool) or not any(_is(value, kind) for kind in kinds):
        return " or ".join(TYPES[kind] for kind in kinds)
    if "enum" in rule and value not in rule["enum"]:
        return f"one of {listing(rule['enum'], shown=len(rule['enum']))}"
    if isinstance(value, str):
        if len(value.strip()) < rule.get("minLength", 0):
            return "a text"
        if "pattern" in rule and not re.search(rule["pattern"], value):
            return f"written as {_example(rule['pattern'])}"
        return None
    if not math.isfinite(checks.real(value)):
        return "a finite number"
    low, high = rule.get("minimum", -math.inf), rule.get("maximum", math.inf)
    return None if low <= value <= high else f"between {low:g} and {high:g}" if high < math.inf else f"at least {low:g}"


def _is(value: Any, kind: str) -> bool:
    return {
        "string": isinstance(value, str),
        "integer": isinstance(value, int),
        "number": isinstance(value, (int, float)),
    }[kind]


def _example(pattern: str) -> str:
    examples = {"{1,3}$": "15-64", ")*$": "TR, or TR; LTS for several"}
    return next((text for end, text in examples.items() if pattern.endswith(end)), "2023 or 2022/23")
