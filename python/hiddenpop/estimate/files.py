"""Estimates as files: everything but respondents' rows.

An estimate is a list of nodes, arguments before what uses them, with the labels and the draws of
the last one. Draws are stored as little-endian doubles, compressed, so that nothing is lost.
"""

from __future__ import annotations

import base64
import datetime
import json
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from os import PathLike
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from .. import _core
from ..errors import EstimationError, InputError, in_words
from ..expression import evaluate, graph, one_source, saved
from ..expression.labelled import Labelled
from ..expression.nodes import Node, Portable, Source
from ..expression.operations import Stack
from ..ground.aside import aside
from ..ground.columns import Floats
from ..uncertainty import kept, variance
from ..uncertainty.stored import of_answer, of_answers
from ..words import methods

FORMAT = 1


def to_json(est: Labelled, path: str | PathLike[str] | None, *, draws: bool) -> str | None:
    """Write an estimate, or return the text; see `Estimate.to_json`."""
    text = json.dumps(to_record(est, draws=draws), indent=1, allow_nan=False, ensure_ascii=False)
    if path is None:
        return text
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"The estimate can't be written to {str(path)!r}: {error.strerror}.") from error
    return None


def to_record(est: Labelled, *, draws: bool) -> dict[str, Any]:
    """Return plain dicts, lists, texts and numbers that hold an estimate."""
    order = graph.walk(est.node)
    number = {node: i for i, node in enumerate(order)}
    record: dict[str, Any] = {
        "format": FORMAT,
        "hiddenpop": _core.VERSION,
        "name": est.name,
        "about": methods.evaluation(est.node),
        "notes": methods.caveats(est.node),
        "labels": _encode(est.labels, number),
        "scalar": est.scalar,
        "estimate": _encode(est.node.point, number),
        "nodes": [_fields(node, number) for node in order],
    }
    if draws or not graph.drawable(est.node):
        _keep_parts(est, record, number, draws=draws)
    if not graph.drawable(est.node):
        _keep_variance(est, record, number, required=draws)
    elif draws:
        try:
            values = np.ascontiguousarray(est.draws, dtype="<f8")
        except EstimationError as error:
            raise EstimationError(f"{error} To save the points alone use to_json(draws=False).") from error
        record["draws"] = _pack(values)
    return record


def _pack(values: Floats) -> dict[str, Any]:
    """Return draws (labels x replicates) as text."""
    packed = base64.b64encode(aside(lambda: zlib.compress(values.tobytes(), 6), numbers=values.size)).decode()
    return {"replicates": values.shape[1], "zlib+base64 of little-endian doubles": packed}


def _unpack(stored: Mapping[str, Any], labels: int) -> Floats:
    """Return draws (labels x replicates) from text."""
    raw = zlib.decompress(base64.b64decode(stored["zlib+base64 of little-endian doubles"]))
    return np.frombuffer(raw, dtype="<f8").astype(float).reshape(labels, stored["replicates"])


def _keep_parts(est: Labelled, record: dict[str, Any], number: Mapping[Node, int], *, draws: bool) -> None:
    """Keep what intervals carry through the arithmetic: the variance of answers, the draws of other sources with people."""
    parts: list[dict[str, Any]] = []
    for leaves in one_source.by_origin(est.node):
        if isinstance(leaves[0], Portable):
            continue
        places = [number[leaf] for leaf in leaves]
        found = of_answers(leaves)
        if found is not None:
            people = found.by_people
            numbers = {"covariance": found.covariance, "df": found.df, "least": people.least, "whole": people.whole}
            numbers["jackknife"] = found.jackknife
            kept_as = {name: _encode(values, number) for name, values in numbers.items()}
            simple = [bool(one) for one in people.simple]
            parts.append({"nodes": places, "simple": simple, "clustered": found.clustered, **kept_as})
            continue
        for leaf, place in zip(leaves, places, strict=True):
            alone = of_answer(leaf)
            if alone is not None:
                own = {"df": _encode(alone.df, number), "woodruff": _encode(alone.woodruff.ravel(), number)}
                parts.append({"nodes": [place], **own})
        if draws and graph.drawable(est.node) and not (len(leaves) == 1 and leaves[0] is est.node):
            values = evaluate.draws(Stack(tuple(leaves)))
            parts.append({"nodes": places, "draws": _pack(np.ascontiguousarray(values, dtype="<f8"))})
    if parts:
        record["parts"] = parts
    limits = [_limits(leaf, number) for leaf in graph.sources(est.node) if leaf.default_interval is not None]
    if limits:
        record["limits"] = limits


def _limits(leaf: Source, number: Mapping[Node, int]) -> dict[str, Any]:
    """Return the limits that a leaf's model makes, at some levels."""
    stored = kept.limits_of(leaf)
    ends = (
        {level: leaf.own_interval(str(leaf.default_interval), (1 - level) / 2)[0] for level in kept.LEVELS}
        if stored is None
        else stored.ends
    )
    return {
        "node": number[leaf],
        "levels": list(ends),
        "ends": [_encode(one, number) for one in ends.values()],
    }


def _read_parts(record: Mapping[str, Any], nodes: Sequence[Node]) -> None:
    """Attach what was kept of an estimate's parts."""
    for one in record.get("limits", ()):
        leaf = nodes[one["node"]]
        ends = [np.asarray(_decode(values, []), dtype=float).reshape(len(leaf.point), 2) for values in one["ends"]]
        kept.keep_limits(leaf, kept.Limits(dict(zip(map(float, one["levels"]), ends, strict=True))))
    for part in record.get("parts", ()):
        leaves = [nodes[place] for place in part["nodes"]]
        size = sum(len(leaf.point) for leaf in leaves)
        if "draws" in part:
            values, first = _unpack(part["draws"], size), 0
            for leaf in leaves:
                evaluate.keep_draws(leaf, values[first : first + len(leaf.point)].copy())
                first += len(leaf.point)
            continue
        if "woodruff" in part:
            alone = kept.KeptAlone(
                np.asarray(_decode(part["df"], []), dtype=float).reshape(size),
                np.asarray(_decode(part["woodruff"], []), dtype=float).reshape(size, 2),
            )
            kept.keep_alone(leaves[0], alone)
            continue
        covariance = np.asarray(_decode(part["covariance"], []), dtype=float).reshape(size, size)
        df, least, whole, errors = (
            np.asarray(_decode(part[name], []), dtype=float).reshape(size)
            for name in ("df", "least", "whole", "jackknife")
        )
        people = kept.ByPeople(least, whole, np.array(part["simple"], dtype=bool).reshape(size))
        kept.keep(leaves, kept.Kept(covariance, df, people, errors, bool(part["clustered"])))


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
    record["variance"] = {"covariance": _encode(found.covariance, number), "df": _encode(found.df, number)}


def from_record(record: Mapping[str, Any]) -> Labelled:
    """Return the estimate that a record holds."""
    if record.get("format") != FORMAT:
        raise InputError(
            f"This estimate was saved in format {record.get('format')!r}; this version of hiddenpop "
            f"({_core.VERSION}) reads format {FORMAT}."
        )
    nodes: list[Node] = []
    for stored in record["nodes"]:
        nodes.append(cast("Node", _build(stored, nodes)))
    labels = _decode(record["labels"], nodes)
    drawn = record.get("draws")
    if drawn is not None:
        evaluate.keep_draws(nodes[-1], _unpack(drawn, len(labels)))
    _read_parts(record, nodes)
    kept = record.get("variance")
    if kept is not None:
        size = len(labels)
        covariance = np.asarray(_decode(kept["covariance"], nodes), dtype=float).reshape(size, size)
        variance.give(nodes[-1], covariance, np.asarray(_decode(kept["df"], nodes), dtype=float).reshape(size))
    return Labelled(nodes[-1], labels, bool(record["scalar"]), record["name"])


def _fields(value: Any, number: Mapping[Node, int]) -> dict[str, Any]:
    return {"type": type(value).__name__, **{k: _encode(v, number) for k, v in saved.public(value).items()}}


def _build(stored: Mapping[str, Any], nodes: list[Node]) -> Any:
    return saved.made(stored["type"], {k: _decode(v, nodes) for k, v in stored.items() if k != "type"})


def _encode(value: Any, number: Mapping[Node, int]) -> Any:
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        # Fingerprints pass 64 bits, where other readers of JSON lose digits.
        return int(value) if abs(int(value)) < 2**53 else {"integer": str(value)}
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else {"float": str(float(value))}
    if isinstance(value, np.ndarray):
        return {"array": [_encode(v, number) for v in value.tolist()]}
    if isinstance(value, pd.Index):
        return {"index": [_encode(v, number) for v in value.tolist()], "names": list(value.names)}
    if isinstance(value, (tuple, list)):
        return {"tuple": [_encode(v, number) for v in value]}
    if isinstance(value, pd.Timestamp):
        return {"time": value.isoformat()}
    if isinstance(value, pd.Interval):
        return {"interval": [_encode(value.left, number), _encode(value.right, number)], "closed": value.closed}
    if isinstance(value, pd.Period):
        return {"period": str(value), "freq": value.freqstr}
    if isinstance(value, datetime.date):
        return {"date": value.isoformat()}
    if is_dataclass(value) and not isinstance(value, type):
        place = number.get(cast("Any", value))
        return _fields(value, number) if place is None else {"node": place}
    raise InputError(
        f"A label of type {type(value).__name__} ({in_words(value)}) can't be saved; rename it to a text or a number first."
    )


def _decode(value: Any, nodes: list[Node]) -> Any:
    if not isinstance(value, Mapping):
        return [_decode(v, nodes) for v in value] if isinstance(value, list) else value
    if "type" in value:
        return _build(value, nodes)
    if "node" in value:
        return nodes[value["node"]]
    if "integer" in value:
        return int(value["integer"])
    if "float" in value:
        return float(value["float"])
    if "time" in value:
        return pd.Timestamp(value["time"])
    if "interval" in value:
        left, right = (_decode(v, nodes) for v in value["interval"])
        return pd.Interval(left, right, closed=value["closed"])
    if "period" in value:
        return pd.Period(value["period"], freq=value["freq"])
    if "date" in value:
        return datetime.date.fromisoformat(value["date"])
    if "array" in value:
        return np.array([_decode(v, nodes) for v in value["array"]], dtype=float)
    if "tuple" in value:
        return tuple(_decode(v, nodes) for v in value["tuple"])
    labels = [_decode(v, nodes) for v in value["index"]]
    if labels and isinstance(labels[0], tuple):
        return pd.MultiIndex.from_tuples(labels, names=value["names"])
    return pd.Index(labels, name=value["names"][0])
