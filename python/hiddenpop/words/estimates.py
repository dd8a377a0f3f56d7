"""Estimates as tables: a line a label, or a column for each value of one level of the labels."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd

from ..errors import EstimationError, InputError, in_words, suggest
from ..expression.labelled import Labelled
from ..ground.language import number, read, tr
from ..ground.text import capital, labels_of
from ..uncertainty import interval
from . import methods, printed
from .framed import flat
from .rows import Row
from .table import NOTHING, Table


def numbers(est: Labelled, level: float) -> pd.DataFrame:
    """Return estimates and intervals, a row a label."""
    ends, _ = interval.interval(est.node, level, interval.default_method(est.node), None)
    frame = pd.DataFrame(ends, index=est.labels, columns=["lower", "upper"])
    frame.insert(0, "estimate", est.node.point)
    return frame


def table(est: Labelled, level: float = 0.95) -> Table:
    """Make the table of an estimate: a line a label."""
    shown, reasons = printed.rows(est, level)
    event = est.node.quantity == "event"
    columns = [tr("estimate")] if event else [tr("estimate"), tr("{level:g}% interval", level=100 * level)]
    n = None if event else est.node.n
    if n is not None and not np.isnan(n).all():
        columns.append(tr("n"))
    counts = [] if n is None else [NOTHING if np.isnan(one) else number(one) for one in n]
    lines = [
        Row(label, (value, span, counts[i] if counts else "")[: len(columns)])
        for i, (label, value, span) in enumerate(shown)
    ]
    behind = pd.DataFrame() if event else flat(_numbers_or_points(est, level))
    return Table(capital(read(est.name)), tuple(columns), tuple(lines), _notes(est, reasons), behind)


def wide(est: Labelled, by: str | int, level: float = 0.95) -> Table:
    """Make a table with a column for each value of a level of the labels, its cells "estimate (lower to upper)"."""
    place = _level(est, by)
    across = est.labels.get_level_values(place)
    rest: pd.Index[Any] = cast("pd.MultiIndex", est.labels).droplevel(place)
    heads, lines = list(dict.fromkeys(across)), list(dict.fromkeys(rest))
    cells = [[NOTHING] * len(heads) for _ in lines]
    event = est.node.quantity == "event"
    ends, reasons = (np.empty((0, 2)), printed.rows(est, level)[1]) if event else printed.limits(est, level)
    for column, head in enumerate(heads):
        under = [i for i, one in enumerate(across) if one == head]
        shown = _events(est, under, level) if event else printed.written(est, ends, under)
        for i, texts in zip(under, shown, strict=True):
            cells[lines.index(rest[i])][column] = printed.beside(*texts)
    rows = tuple(Row(line, tuple(found)) for line, found in zip(labels_of(lines), cells, strict=True))
    notes = [] if event else [tr("Estimate ({level:g}% interval).", level=100 * level)]
    behind = pd.DataFrame() if event else flat(_numbers_or_points(est, level))
    title = capital(read(est.name))
    return Table(title, tuple(labels_of(heads)), rows, (*notes, *_notes(est, reasons)), behind)


def _events(est: Labelled, under: list[int], level: float) -> list[tuple[str, str]]:
    shown = printed.rows(est, level)[0]
    return [(shown[i][1], "") for i in under]


def _level(est: Labelled, by: str | int) -> int:
    """Return the place of a level of the labels, by name or number."""
    names: list[Any] = list(est.labels.names)
    if est.labels.nlevels < 2:
        raise InputError(
            f"The labels of {est.name!r} have one level, and a wide table needs two: one for its lines and one for its "
            "columns, as by=['group', 'city'] gives."
        )
    if by in names:
        if names.count(by) > 1:
            raise InputError(
                f"Two levels of the labels are called {in_words(by)}; give the number of one, as unstack(1)."
            )
        return names.index(by)
    if isinstance(by, (int, np.integer)) and not isinstance(by, bool) and -len(names) <= by < len(names):
        return int(by) % len(names)
    raise InputError(
        f"The labels have no level {in_words(by)}. {suggest(by, [name for name in names if name is not None])}"
    )


def _numbers_or_points(est: Labelled, level: float) -> pd.DataFrame:
    try:
        return numbers(est, level)
    except EstimationError:  # read without draws; the notes say so
        return pd.DataFrame({"estimate": est.node.point}, index=est.labels)


def _notes(est: Labelled, reasons: list[str]) -> tuple[str, ...]:
    """Return what must be known to read the table."""
    said = [f"{text.rstrip('.')}." for text in reasons]
    return tuple(dict.fromkeys([*said, *methods.caveats(est.node)]))
