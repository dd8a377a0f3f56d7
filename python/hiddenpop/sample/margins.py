"""Margins: what is known of the population, column by column, for calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError, Said, in_words, listing, name_rows, suggest
from ..expression import graph
from ..expression.labelled import Labelled
from ..expression.nodes import Node
from ..expression.operations import Constant, Operation, Stack, Take
from ..ground import checks, collinear, columns, grouping
from ..ground.columns import Floats

#: Published shares are rounded: they add up to 1, and percentages to 100, within this share.
ROUNDED = 0.03
#: Percentages are told from totals of about 100 people where the sample is larger, or weights add up to so many times that.
FAR = 1.5
#: Weights that add up to so many times a margin make one suspect that it is given in percent or in thousands.
MUCH = 10
#: Margins that describe one population agree within this share of it.
AGREE = 1e-6


@dataclass(frozen=True, eq=False, repr=False)
class Margin:
    """A column of the sample and what it should add up to in the population."""

    name: str
    values: Floats
    total: float
    #: Where the total comes from, and which of its labels it is.
    node: Node
    label: int
    #: Whether it is one of the categories of a question, which add up to the population.
    category: bool


def title(key: Any) -> str:
    """Return how messages call a margin."""
    return " x ".join(map(str, key)) if isinstance(key, tuple) else str(key)


def read(
    frame: pd.DataFrame, given: Mapping[Any, Any], weight: Floats, people: float, replicates: int, tell: Said
) -> list[Margin]:
    """Read all margins; `weight` is what each row counts for before calibration, `people` how many were asked."""
    found: list[Margin] = []
    sums: dict[str, Floats] = {}
    for key, value in given.items():
        name = title(key)
        if isinstance(value, Labelled) and value.replicates < replicates:
            value = replace(value, node=graph.reseeded(value.node, None, replicates))  # noqa: PLW2901 (the same margin)
        if isinstance(value, Labelled) and value.scalar:
            found.append(_numeric(frame, name, value.node, weight))
        elif isinstance(value, Real):
            found.append(_numeric(frame, name, Constant(np.array([_number(value, name)])), weight))
        else:
            made = _categories(frame, key, value, weight, people, tell)
            found += made
            sums[name] = made[0].node.point.sum()
    first = next(iter(sums), "")
    for name, total in sums.items():
        if abs(total - sums[first]) > AGREE * abs(sums[first]):
            raise InputError(
                f"The margins disagree: those of {in_words(first)} add up to {sums[first]:,.6g}, those of {name!r} to {total:,.6g}. "
                "They describe one population: scale them to the same total."
            )
    return found


def _number(value: Any, name: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number):
        raise InputError(
            f"The margin of {name!r} is {in_words(value)}; give a finite total, or a mapping of categories to totals."
        )
    return number


def _numeric(frame: pd.DataFrame, name: str, node: Node, weight: Floats) -> Margin:
    values = columns.numbers(columns.column(frame, name), what="a number whose population total is known")
    if np.isnan(values).any():
        raise InputError(f"Column {name!r} is missing in {name_rows(np.isnan(values))}; calibration needs all of it.")
    if not values[weight > 0].any():
        raise InputError(f"Column {name!r} is zero for everyone, so no weights give it another total.")
    total = float(node.point[0])
    if 0 < total <= 1 and len(values) > 1 and np.isin(values, (0, 1)).all():
        raise InputError(
            f"Column {name!r} is yes or no, and its total is {total:g} people. For a share give both: "
            f"{{{name!r}: {{1: {total:g}, 0: {1 - total:g}}}}}; otherwise the number of people."
        )
    return Margin(name, values, total, node, 0, category=False)


def _categories(frame: pd.DataFrame, key: Any, value: Any, weight: Floats, people: float, tell: Said) -> list[Margin]:
    names = list(key) if isinstance(key, tuple) else [key]
    codes, labels = _cells(frame, names, weight)
    wanted, node = _totals(value, title(key))
    label_of = {_label(label): i for i, label in enumerate(wanted)}
    lacking = [label for label in labels if label not in label_of]
    if lacking:
        raise InputError(
            f"The margin of {title(key)!r} has no total for {listing(lacking)}. {suggest(lacking[0], list(label_of))}"
        )
    empty = [label for label, i in label_of.items() if label not in labels and node.point[i] > 0]
    if empty:
        raise InputError(
            f"Nobody in the sample is in {listing(empty)} of {title(key)!r}, so no weights can make them up. Join it to another "
            "category, in the table and in the margin."
        )
    order = [label_of[label] for label in labels]
    if (node.point[order] <= 0).any():
        raise InputError(
            f"The margin of {title(key)!r} is zero or less for categories that the sample has; leave those people out."
        )
    node = _scaled(node, title(key), weight, people, tell)
    return [
        Margin(f"{title(key)}: {label}", (codes == c).astype(float), float(node.point[i]), node, i, category=True)
        for c, (label, i) in enumerate(zip(labels, order, strict=True))
    ]


def _scaled(node: Node, name: str, weight: Floats, people: float, tell: Said) -> Node:
    """Return totals; shares (and percentages) become those of the population that the weights add up to.

    A population has as many people as were asked, at least, so lower totals can't be meant.
    """
    found, whole = float(node.point.sum()), float(weight.sum())
    if abs(found - 1) < AGREE:
        return Operation("*", (node, Constant(np.array([whole]))), "total")
    for unit, called in ((1.0, "shares"), (100.0, "percentages")):
        if abs(found / unit - 1) > ROUNDED:
            continue
        if unit > 1 and people <= found and whole <= FAR * found:
            tell(
                f"The margin of {name!r} adds up to {found:,.6g}, which is taken for the number of people in the population. If "
                "these are percentages, give shares that add up to 1."
            )
            continue
        tell(
            f"The margin of {name!r} adds up to {found:,.6g}. It is read as {called}"
            f"{'' if abs(found / unit - 1) < AGREE else ' that were rounded'} and scaled to the {whole:,.6g} that the weights add "
            "up to. Give shares that add up to 1, or totals of people."
        )
        return Operation("*", (node, Constant(np.array([whole / found]))), "total")
    if found < people * (1 - AGREE):
        raise InputError(
            f"The margin of {name!r} adds up to {found:,.6g} people, and the sample has {people:,.0f}. Give totals of the "
            "population, or shares of it, which add up to 1."
        )
    if whole > MUCH * found:
        tell(
            f"The margin of {name!r} adds up to {found:,.6g} people, and the weights to {whole:,.6g}. Totals and counts are of "
            "the margin's population from here on: look whether it is given in percent, or in thousands."
        )
    return node


def _cells(frame: pd.DataFrame, names: Sequence[str], weight: Floats) -> tuple[Any, list[Any]]:
    """Return each row's category (or combination of categories) and those that anybody of some weight is in."""
    lacking = (
        "is missing in {rows}; calibration needs all of it. Fill it in, or make 'unknown' a category with a total."
    )
    parts = grouping.read(frame, names, lacking)
    groups, labels = grouping.cross(parts, names)
    # Combinations that occur, in order of appearance.
    codes, seen = pd.factorize(np.where(weight > 0, groups, np.nan))
    return codes, [_label(labels[int(place)]) for place in seen]


def _label(label: Any) -> Any:
    """Return plain Python values, so that labels of different makers are equal."""
    if isinstance(label, tuple):
        return tuple(_label(part) for part in label)
    return label.item() if isinstance(label, np.generic) else label


def _totals(value: Any, name: str) -> tuple[list[Any], Node]:
    """Return a margin's labels and the node of their totals."""
    if isinstance(value, Labelled):
        checks.once(value.labels, f"The margin of {name!r} has")
        return list(value.labels), value.node
    if not isinstance(value, (Mapping, pd.Series)):
        raise InputError(
            f"The margin of {name!r} should be a mapping or Series of categories to totals, a number, or an Estimate, not "
            f"{type(value).__name__}."
        )
    items = checks.by_label(value, f"The margin of {name!r} has")
    return list(items), Constant(np.array([_number(total, name) for total in items.values()]))


def independent(found: Sequence[Margin], weight: Floats) -> list[Margin]:
    """Leave out margins that follow from the others: the last category of the second question, and so on."""
    scale = np.sqrt(weight)
    columns = np.empty((len(scale), len(found)), order="F")
    for place, margin in enumerate(found):  # one after the other: stacking them all is one long step
        columns[:, place] = margin.values * scale
    lost = set(collinear.dependent(columns))
    for place in sorted(lost):
        if not found[place].category:
            raise InputError(
                f"'{found[place].name}' follows from the other margins in this sample, so its total can't be set as well; "
                "leave it out."
            )
    return [margin for place, margin in enumerate(found) if place not in lost]


def node(found: Sequence[Margin], kept: Sequence[Margin]) -> Node | None:
    """Return the totals of the kept margins as one node; None when all are known numbers."""
    if all(_known(margin.node) for margin in found):
        return None
    return Stack(tuple(Take((margin.node,), (margin.label,)) for margin in kept))


def _known(node: Node) -> bool:
    return not graph.sources(node)
