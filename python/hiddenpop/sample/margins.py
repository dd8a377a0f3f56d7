"""Margins: what is known of the population, column by column, for calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from ..errors import InputError, Said, in_words, listing, name_rows, suggest
from ..expression import graph
from ..expression.labelled import Labelled
from ..expression.nodes import Node
from ..expression.operations import Constant, Operation, Stack, Take
from ..ground import checks, collinear, columns, grouping
from ..ground.columns import Codes, Floats

if TYPE_CHECKING:
    from scipy import sparse

#: Published shares are rounded: they add up to 1, and percentages to 100, within this share.
ROUNDED = 0.03
#: Percentages are told from totals of about 100 people where the sample is larger, or weights add up to so many times that.
FAR = 1.5
#: Weights that add up to so many times a margin make one suspect that it is given in percent or in thousands.
MUCH = 10
#: Up to so many margins are looked at as they are.
FEW = 40
#: Margins that describe one population agree within this share of it.
AGREE = 1e-6


@dataclass(frozen=True, eq=False, repr=False)
class Margin:
    """A column of the sample and what it should add up to in the population."""

    name: str
    #: The rows that count for it, in order, and their values: all others have zero.
    rows: Codes
    values: Floats
    total: float
    #: Where the total comes from, and which of its labels it is.
    node: Node
    label: int
    #: The question that it is a category of, by number: categories share the rows, and their totals add up to the
    #: population. -1 for a number.
    question: int

    @property
    def category(self) -> bool:
        """Whether it is one of the categories of a question."""
        return self.question >= 0


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
            made = _categories(frame, key, value, weight, people, tell, len(sums))
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
    rows = np.flatnonzero(values)
    return Margin(name, rows, values[rows], total, node, 0, -1)


def _categories(
    frame: pd.DataFrame, key: Any, value: Any, weight: Floats, people: float, tell: Said, question: int
) -> list[Margin]:
    names = list(key) if isinstance(key, tuple) else [key]
    codes, labels = _cells(frame, names, weight)
    wanted, node = _totals(value, title(key))
    label_of = {_label(label): i for i, label in enumerate(wanted)}
    lacking = [label for label in labels if label not in label_of]
    if lacking:
        raise InputError(
            f"The margin of {title(key)!r} has no total for {listing(lacking)}. {suggest(lacking[0], list(label_of))}"
        )
    known = set(labels)
    empty = [label for label, i in label_of.items() if label not in known and node.point[i] > 0]
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
    by_category = np.argsort(codes, kind="stable")
    starts = np.cumsum(np.bincount(codes + 1, minlength=len(labels) + 1))
    name = title(key)
    made = []
    for c, (label, i) in enumerate(zip(labels, order, strict=True)):
        rows = by_category[starts[c] : starts[c + 1]]
        made.append(Margin(f"{name}: {label}", rows, np.ones(len(rows)), float(node.point[i]), node, i, question))
    return made


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


def matrix(found: Sequence[Margin], rows: int) -> sparse.csc_matrix:
    """Return margins as columns (rows x margins), of which only what is not zero is kept."""
    from scipy import sparse  # noqa: PLC0415 (scipy only when it is needed)

    starts = np.cumsum([0, *(len(margin.rows) for margin in found)])
    data = np.concatenate([margin.values for margin in found])
    return sparse.csc_matrix((data, np.concatenate([margin.rows for margin in found]), starts), (rows, len(found)))


def independent(found: Sequence[Margin], weight: Floats) -> list[Margin]:
    """Leave out margins that follow from the others: the last category of the second question, and so on."""
    lost = set(_dependent(found, weight))
    for place in sorted(lost):
        if not found[place].category:
            raise InputError(
                f"'{found[place].name}' follows from the other margins in this sample, so its total can't be set as well; "
                "leave it out."
            )
    return [margin for place, margin in enumerate(found) if place not in lost]


def _dependent(found: Sequence[Margin], weight: Floats) -> list[int]:
    """Return the margins that follow from those before them.

    Categories of one question share the rows, so none follows from the others. Those of two are joined where somebody
    is in both: what is zero for everybody is a sum of all the categories of the first that hang together less all
    those of the second, so that the last of these follows from the others.
    """
    from scipy import sparse  # noqa: PLC0415 (scipy only when it is needed)
    from scipy.sparse import csgraph  # noqa: PLC0415 (scipy only when it is needed)

    questions = [margin.question for margin in found]
    leading = next((place for place, one in enumerate(questions) if one > 0 or one < 0), len(found))
    if leading == len(found):
        return []
    if leading and min(questions) == 0 and max(questions) == 1:
        whose = matrix(found, len(weight))[weight > 0]
        joined = whose[:, :leading].T @ whose[:, leading:]
        _, part = csgraph.connected_components(sparse.bmat([[None, joined], [joined.T, None]]), directed=False)
        last = {one: place for place, one in enumerate(part.tolist())}
        return sorted(last.values())
    if len(found) <= FEW:
        scale = np.sqrt(weight)
        return collinear.dependent(matrix(found, len(weight)).toarray() * scale[:, None])
    # What the others have beside the first question, in cells of equal margins.
    x = matrix(found, len(weight))
    codes = cells(x)
    people = np.bincount(codes, weights=weight)
    some = people > 0
    scale = np.sqrt(people[some])
    each = x.tocsr()[grouping.first_of(codes)][some]
    scaled = sparse.diags(scale) @ each
    rest = scaled[:, leading:].toarray()
    length = np.linalg.norm(rest, axis=0)
    if leading:
        first = scaled[:, :leading]
        size = np.asarray(first.multiply(first).sum(axis=0)).ravel()
        rest -= first @ ((first.T @ rest) / size[:, None])
    # What is less than rounding of the whole column is none of its own.
    return [leading + place for place in collinear.dependent(rest / np.where(length > 0, length, 1), scale=1.0)]


def cells(x: sparse.csc_matrix) -> Codes:
    """Give rows with equal margins one number, in order of appearance."""
    by_row = x.tocsr()
    by_row.sort_indices()
    many = np.diff(by_row.indptr)
    row = np.repeat(np.arange(len(many)), many)
    slot = np.arange(len(row)) - np.repeat(by_row.indptr[:-1], many)
    keys: list[Any] = []
    for k in range(int(many.max(initial=0))):
        here = slot == k
        which, value = np.full(len(many), -1), np.zeros(len(many))
        which[row[here]], value[row[here]] = by_row.indices[here], by_row.data[here]
        keys += [which, value]
    return cast("Codes", grouping.alike(keys, len(many)))


def node(found: Sequence[Margin], kept: Sequence[Margin]) -> Node | None:
    """Return the totals of the kept margins as one node; None when all are known numbers."""
    if all(_known(margin.node) for margin in found):
        return None
    return Stack(tuple(Take((margin.node,), (margin.label,)) for margin in kept))


def _known(node: Node) -> bool:
    return not graph.sources(node)
