"""Draws in files, and what intervals carry through the arithmetic: variances of answers, limits of models, others' draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..answers.asked import Asked
from ..errors import InputError
from ..expression import evaluate, graph, one_source
from ..expression.labelled import Labelled
from ..expression.nodes import Node, Portable, Source
from ..expression.operations import Stack
from ..ground import packed as doubles
from ..ground.columns import Bools, Floats
from ..uncertainty import kept
from ..uncertainty.stored import of_answer, of_answers
from . import believed
from .values import array, encode, place

PACKED = "zlib+base64 of little-endian doubles"
#: A covariance of so many labels is packed: as digits it would be a text of megabytes.
MANY = 50
#: A covariance may be this far from symmetric, as a share of its largest number.
ROUNDING = 1e-9
#: A correlation may pass one by this.
CORRELATED = 1e-6


def packed(node: Node, draws: Floats) -> dict[str, Any]:
    """Return draws (labels x replicates) as text, with those that look odd and are not."""
    odd = np.flatnonzero(believed.odd_draws(node.point, node.quantities, draws))
    return {"replicates": draws.shape[1], "odd": odd.tolist(), PACKED: doubles.pack(draws)}


def unpacked(stored: object, leaves: Sequence[Node], *, earlier: bool) -> Floats:
    """Return draws of some nodes (labels x replicates) from text."""
    part = _of(stored, {"replicates", PACKED} | (set() if earlier else {"odd"}), "draws")
    sources = [source for leaf in leaves for source in graph.sources(leaf)]
    count = max((source.replicates for source in sources), default=part["replicates"])
    if isinstance(part["replicates"], bool) or part["replicates"] != count or not isinstance(part[PACKED], str):
        raise InputError("There are more or fewer draws in this file than it has replicates.")
    points = np.concatenate([leaf.point for leaf in leaves])
    draws = doubles.unpack(part[PACKED], len(points) * count).reshape(len(points), count)
    quantities = [quantity for leaf in leaves for quantity in leaf.quantities]
    odd = [] if earlier else places(part["odd"], len(points))
    if earlier and not all(isinstance(leaf, Asked) and leaf.surrounded for leaf in leaves):
        odd = list(range(len(points)))  # formerly nobody said what is odd: points of models may lie beside their draws
    believed.require_draws(points, quantities, draws, odd)
    return draws


def places(stored: object, count: int) -> list[int]:
    """Return places in a list, in order and each once."""
    if not isinstance(stored, list):
        raise InputError("Places in this file are none.")
    found = [place(one, count) for one in stored]
    if found != sorted(set(found)):
        raise InputError("Places in this file stand twice.")
    return found


def covariance(found: Floats, number: Mapping[Node, int]) -> Any:
    """Return a covariance (labels x labels) as a file holds it."""
    return {PACKED: doubles.pack(found)} if len(found) >= MANY else encode(found, number)


def keep(est: Labelled, record: dict[str, Any], number: Mapping[Node, int], *, draws: bool) -> None:
    """Keep what intervals carry through the arithmetic: the variance of answers, the draws of other sources with people."""
    parts: list[dict[str, Any]] = []
    for leaves in one_source.by_origin(est.node):
        if isinstance(leaves[0], Portable):
            continue
        at = [number[leaf] for leaf in leaves]
        found = of_answers(leaves)
        if found is not None:
            people = found.by_people
            numbers = {"df": found.df, "least": people.least, "whole": people.whole, "jackknife": found.jackknife}
            kept_as = {name: encode(values, number) for name, values in numbers.items()}
            kept_as["covariance"] = covariance(found.covariance, number)
            simple = [bool(one) for one in people.simple]
            parts.append({"nodes": at, "simple": simple, "clustered": bool(found.clustered), **kept_as})
            continue
        for leaf, one in zip(leaves, at, strict=True):
            alone = of_answer(leaf)
            if alone is not None:
                own = {"df": encode(alone.df, number), "woodruff": encode(alone.woodruff.ravel(), number)}
                parts.append({"nodes": [one], **own})
        if draws and graph.drawable(est.node) and not (len(leaves) == 1 and leaves[0] is est.node):
            together = Stack(tuple(leaves))
            parts.append({"nodes": at, "draws": packed(together, evaluate.draws(together))})
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
        "odd": np.flatnonzero(_odd_limits(leaf.point, list(ends.values()))).tolist(),
        "ends": [encode(one, number) for one in ends.values()],
    }


def _odd_limits(points: Floats, ends: Sequence[Floats]) -> Bools:
    """Say which labels have limits that don't surround the point, or those of lower levels."""
    odd = np.zeros(len(points), dtype=bool)
    inner = np.column_stack([points, points])
    for one in ends:
        slack = ROUNDING * np.maximum(1.0, np.abs(np.nan_to_num(inner, posinf=0, neginf=0)))
        odd |= (one[:, 0] > inner[:, 0] + slack[:, 0]) | (one[:, 1] < inner[:, 1] - slack[:, 1])
        inner = one
    return odd


def read(record: Mapping[str, Any], nodes: Sequence[Node], *, earlier: bool) -> None:
    """Attach what was kept of an estimate's parts."""
    used: set[int] = set()
    for stored in _list(record.get("limits", [])):
        _read_limits(stored, nodes, used, earlier=earlier)
    measured: set[int] = set()
    drawn: set[int] = set()
    for stored in _list(record.get("parts", [])):
        if not isinstance(stored, Mapping):
            raise InputError("A part of this file is none.")
        leaves = [nodes[place(one, len(nodes))] for one in _list(stored.get("nodes"))]
        seen = drawn if "draws" in stored else measured
        if not leaves or any(not isinstance(leaf, Source) or isinstance(leaf, Portable) for leaf in leaves):
            raise InputError("A part of this file belongs to nothing that has one.")
        if seen & set(stored["nodes"]) or len(set(stored["nodes"])) < len(leaves):
            raise InputError("A part of this file stands twice.")
        seen |= set(stored["nodes"])
        if "draws" in stored:
            _read_draws(_of(stored, {"nodes", "draws"}, "draws")["draws"], leaves, earlier=earlier)
            continue
        if not all(isinstance(leaf, Asked) for leaf in leaves):
            raise InputError("A part of this file holds the variance of what was asked of nobody.")
        size = sum(len(leaf.point) for leaf in leaves)
        if "woodruff" in stored:
            part = _of(stored, {"nodes", "df", "woodruff"}, "part")
            ends = _shaped(part["woodruff"], (2 * size,)).reshape(size, 2)
            if len(leaves) > 1 or bool((ends[:, 0] > ends[:, 1]).any()):
                raise InputError("Limits in this file are in no order.")
            kept.keep_alone(leaves[0], kept.KeptAlone(_df(part["df"], size), ends))
            continue
        _read_answers(stored, leaves, size)


def _read_answers(stored: Mapping[str, Any], leaves: Sequence[Node], size: int) -> None:
    names = {"nodes", "simple", "clustered", "covariance", "df", "least", "whole", "jackknife"}
    part = _of(stored, names, "part")
    together, df = moments({"covariance": part["covariance"], "df": part["df"]}, size)
    least, whole, errors = (_shaped(part[name], (size,)) for name in ("least", "whole", "jackknife"))
    simple = _list(part["simple"])
    if len(simple) != size or not all(isinstance(one, bool) for one in [*simple, part["clustered"]]):
        raise InputError("A part of this file does not say how people were drawn.")
    if bool((least < 0).any() or (whole < 0).any() or (errors < 0).any()):
        raise InputError("A part of this file holds a variance below zero.")
    people = kept.ByPeople(least, whole, np.array(simple, dtype=bool))
    kept.keep(leaves, kept.Kept(together, df, people, errors, part["clustered"]))


def _read_draws(stored: object, leaves: Sequence[Node], *, earlier: bool) -> None:
    draws, first = unpacked(stored, leaves, earlier=earlier), 0
    for leaf in leaves:
        last = first + len(leaf.point)
        if evaluate.kept_draws(leaf) is None:
            evaluate.keep_draws(leaf, draws[first:last].copy())
        first = last


def _read_limits(stored: object, nodes: Sequence[Node], used: set[int], *, earlier: bool) -> None:
    part = _of(stored, {"node", "levels", "ends"} | (set() if earlier else {"odd"}), "limits")
    at = place(part["node"], len(nodes))
    leaf, levels = nodes[at], _list(part["levels"])
    if at in used or not isinstance(leaf, Source):
        raise InputError("Limits in this file belong to nothing that has some.")
    used.add(at)
    if not all(isinstance(level, float) and 0 < level < 1 for level in levels) or levels != sorted(set(levels)):
        raise InputError("Levels of limits in this file are none.")
    stored_ends = _list(part["ends"])
    ends = [_shaped(one, (len(leaf.point), 2)) for one in stored_ends]
    if not ends or len(ends) != len(levels) or any(bool((one[:, 0] > one[:, 1]).any()) for one in ends):
        raise InputError("Limits in this file are in no order.")
    odd = _odd_limits(leaf.point, ends)
    if not earlier:
        odd[places(part["odd"], len(odd))] = False
        if odd.any():
            raise InputError("Limits in this file don't surround their point.")
    kept.keep_limits(leaf, kept.Limits(dict(zip(levels, ends, strict=True))))


def moments(stored: object, size: int) -> tuple[Floats, Floats]:
    """Return a covariance (labels x labels) and degrees of freedom that can be."""
    part = _of(stored, {"covariance", "df"}, "variance")
    found = _shaped(part["covariance"], (size, size))
    largest = np.nanmax(np.abs(np.diag(found)), initial=0.0)
    known = np.nan_to_num(found, posinf=0, neginf=0)
    apart = np.abs(known - known.T).max(initial=0.0)
    if bool((np.diag(found) < -ROUNDING * largest).any()) or apart > ROUNDING * np.abs(known).max(initial=0.0):
        raise InputError("A covariance in this file is none.")
    most = np.sqrt(np.clip(np.outer(np.diag(known), np.diag(known)), 0, None))
    defined = np.isfinite(np.add.outer(np.diag(found), np.diag(found)))
    if bool((np.abs(known) > most * (1 + CORRELATED) + ROUNDING * largest)[defined].any()):
        raise InputError("A covariance in this file is larger than the variances beside it allow.")
    return found, _df(part["df"], size)


def _df(stored: object, size: int) -> Floats:
    df = _shaped(stored, (size,))
    if bool((df < 0).any()):
        raise InputError("Degrees of freedom in this file are fewer than none.")
    return df


def _shaped(stored: object, shape: tuple[int, ...]) -> Floats:
    """Return numbers of a shape that is known."""
    if len(shape) > 1 and isinstance(stored, Mapping) and set(stored) == {PACKED}:
        if not isinstance(stored[PACKED], str):
            raise InputError("Packed numbers in this file are none.")
        return doubles.unpack(stored[PACKED], int(np.prod(shape))).reshape(shape)
    found = array(_of(stored, {"array"}, "array")["array"])
    if found.shape != shape:
        raise InputError("There are more or fewer numbers in this file than it has labels.")
    return found


def _of(stored: object, names: set[str], what: str) -> Mapping[str, Any]:
    if not isinstance(stored, Mapping) or set(stored) != names:
        raise InputError(f"Something in this file that should be {what} is not.")
    return stored


def _list(stored: object) -> list[Any]:
    if not isinstance(stored, list):
        raise InputError("Something in this file that should be a list is not.")
    return stored
