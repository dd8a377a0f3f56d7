"""Estimates as files: everything but respondents' rows.

An estimate is a list of nodes, arguments before what uses them, with the labels and the draws of
the last one. Draws are stored as little-endian doubles, compressed, so that nothing is lost. What is read is checked
before it is believed: `ground/records.py` the text, `values.py` each value, `expression/typed.py` and `confirm` each
class's fields, `believed.py` what the numbers say together.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .. import _core
from ..draws.settings import within
from ..errors import EstimationError, InputError, in_words
from ..expression import evaluate, graph
from ..expression.labelled import Labelled
from ..expression.nodes import Node, Source
from ..ground import records
from ..ground.files import as_json, unwritten
from ..ground.language import ENGLISH
from ..uncertainty import variance
from ..words import methods
from . import believed, parts, values

#: The one that is written, and the earlier one that is read: it had no checksum and sealed nothing.
FORMAT, EARLIER = 2, 1
#: What every file holds, and what some do.
ALWAYS = frozenset(("format", "hiddenpop", "name", "about", "notes", "labels", "scalar", "estimate", "nodes"))
SOMETIMES = frozenset(("parts", "limits", "draws", "variance"))


def to_json(est: Labelled, path: str | PathLike[str] | None, *, draws: bool) -> str | None:
    """Write an estimate, or return the text; see `Estimate.to_json`."""
    text = as_json(to_record(est, draws=draws))
    if path is None:
        return text
    with unwritten("estimate", path):
        Path(path).write_text(text, encoding="utf-8")
    return None


def to_record(est: Labelled, *, draws: bool) -> dict[str, Any]:
    """Return plain dicts, lists, texts and numbers that hold an estimate."""
    order = graph.walk(est.node)
    believed.require_moderate(order)
    number = {node: i for i, node in enumerate(order)}
    with within(language=ENGLISH):  # a file is read wherever it goes
        about, notes = methods.evaluation(est.node), methods.caveats(est.node)
    record: dict[str, Any] = {
        "format": FORMAT,
        "hiddenpop": _core.VERSION,
        "name": est.name,
        "about": about,
        "notes": notes,
        "labels": values.encode(est.labels, number),
        "scalar": bool(est.scalar),
        "estimate": values.encode(est.node.point, number),
        "nodes": [values.fields(node, number) for node in order],
        "odd": [i for i, node in enumerate(order) if believed.odd_points(node).any()],
    }
    if draws or not graph.drawable(est.node):
        parts.keep(est, record, number, draws=draws)
    if not graph.drawable(est.node):
        _keep_variance(est, record, number, required=draws)
    elif draws:
        try:
            drawn = np.ascontiguousarray(est.draws, dtype="<f8")
        except EstimationError as error:
            raise EstimationError(f"{error} To save the points alone use to_json(draws=False).") from error
        record["draws"] = parts.packed(est.node, drawn)
    record["checksum"] = records.checksum(record)
    return record


def _keep_variance(est: Labelled, record: dict[str, Any], number: Mapping[Node, int], *, required: bool) -> None:
    """Keep the covariance and degrees of freedom of what has no draws."""
    if est.node.quantity == "event":
        return
    try:
        found = variance.measured(est.node)
    except EstimationError as error:
        if required:
            raise EstimationError(f"{error} To save the points alone use to_json(draws=False).") from error
        return
    record["variance"] = {
        "covariance": parts.covariance(found.covariance, number),
        "df": values.encode(found.df, number),
    }


def from_record(record: Mapping[str, Any]) -> Labelled:
    """Return the estimate that a record holds, if it can be one.

    Raises
    ------
    InputError
        The record is of another version, damaged, changed, or contradicts itself.
    """
    earlier = _check_frame(record)
    try:
        # What the numbers made NumPy or a model say was said when they were saved.
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(record, earlier=earlier)
    except InputError:
        raise
    except EstimationError as error:
        raise InputError(f"The numbers in this file make no estimate: {error}") from None
    except Exception as error:
        # Whatever a class made of numbers that nobody foresaw: a file is believed whole or not at all.
        raise InputError(f"{damaged()} ({type(error).__name__})") from None


def confirmed(look: Callable[[], None]) -> None:
    """Refuse what can't be looked at."""
    try:
        with np.errstate(all="ignore"):
            look()
    except Exception:
        raise InputError(damaged()) from None


def damaged() -> str:
    """Say that a file is no estimate."""
    return "This is no estimate saved by hiddenpop, or the file is damaged or was changed. Save the estimate again with to_json()."


def _check_frame(record: object) -> bool:
    """Check what a file holds at large, and whether it is as it was written; return whether its format is the earlier one."""
    if not isinstance(record, Mapping):
        raise InputError(damaged())
    found = record.get("format")
    if isinstance(found, bool) or found not in (FORMAT, EARLIER):
        raise InputError(
            f"This estimate was saved in format {in_words(found)}; this version of hiddenpop "
            f"({_core.VERSION}) reads the formats {EARLIER} and {FORMAT}."
        )
    earlier = found == EARLIER
    needed = ALWAYS if earlier else ALWAYS | {"odd", "checksum"}
    lacking, strange = sorted(needed - set(record)), sorted(set(record) - needed - SOMETIMES)
    if lacking or strange:
        what = f"it lacks {lacking[0]!r}" if lacking else f"nothing that is saved is called {in_words(strange[0])}"
        raise InputError(f"{damaged()} ({what})")
    if not earlier and record["checksum"] != records.checksum(record):
        raise InputError(
            "This file was changed or damaged after it was saved: its checksum is that of another content. Nothing of it is used; "
            "ask for the file again, or save the estimate again with to_json()."
        )
    kinds = {"hiddenpop": str, "name": str, "about": str, "notes": list, "scalar": bool, "nodes": list}
    for name, kind in kinds.items():
        if not isinstance(record[name], kind):
            raise InputError(f"{damaged()} ({name!r} is no {kind.__name__})")
    return bool(earlier)


def _read(record: Mapping[str, Any], *, earlier: bool) -> Labelled:
    if not 0 < len(record["nodes"]) <= believed.MOST_NODES:
        raise InputError(f"{damaged()} ({len(record['nodes']):,} parts)")
    nodes: list[Node] = []
    for stored in record["nodes"]:
        made = values.build(stored, nodes)
        if not isinstance(made, Node):
            raise InputError(f"{damaged()} (a part of it can't be drawn)")
        if bool(made.args) == (isinstance(made, Source) or made.constant):
            raise InputError(f"{damaged()} (a part of it rests on nothing, or on something)")
        nodes.append(made)
    last = nodes[-1]
    believed.require_whole(nodes)
    believed.require_points(nodes, () if earlier else parts.places(record["odd"], len(nodes)))
    believed.require_working(nodes)
    believed.require_same(last, values.array(_list_of(record["estimate"])))
    labels = values.decode(record["labels"], nodes)
    if not isinstance(labels, pd.Index) or len(labels) != len(last.point) or (record["scalar"] and len(labels) != 1):
        raise InputError(f"{damaged()} (its labels are not those of its numbers)")
    drawable = graph.drawable(last)
    if "draws" in record:
        if not drawable:
            raise InputError(f"{damaged()} (it holds draws of what has none)")
        evaluate.keep_draws(last, parts.unpacked(record["draws"], [last], earlier=earlier))
    parts.read(record, nodes, earlier=earlier)
    if "variance" in record:
        if drawable:
            raise InputError(f"{damaged()} (it holds a variance of what has draws)")
        variance.give(last, *parts.moments(record["variance"], len(labels)))
    return Labelled(last, labels, record["scalar"], record["name"])


def _list_of(stored: object) -> object:
    return stored.get("array") if isinstance(stored, Mapping) and set(stored) == {"array"} else None
