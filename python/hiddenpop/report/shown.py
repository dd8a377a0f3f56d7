"""How each kind of result is shown in a report: as a table, as a figure, and by what must be known to read them."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pandas as pd

from ..drawing import over_time
from ..drawing.estimates import draw
from ..drawing.series import Series
from ..errors import HiddenpopWarning, InputError
from ..estimate.estimate import Estimate
from ..expression import graph
from ..expression.nodes import Node
from ..expression.operations import Take
from ..ground.columns import Bools
from ..ground.handed import handed
from ..ground.language import number, read, tr
from ..ground.text import capital, label_of
from ..regression.model import Regression
from ..tables.compare import Comparison
from ..tables.rows import HIDDEN, Row
from ..tables.significance import p_text
from ..tables.table import NOTHING, Table
from ..trends.trend import Trend
from ..uncertainty import interval
from ..words import methods, printed
from ..words.methods import Told
from . import rounded as rounding
from .privacy import Privacy


@dataclass(frozen=True, eq=False)
class Shown:
    """A result as a reader gets it."""

    table: Table | None
    #: Draws the figure; None where there is none.
    drawn: Any = None
    alt: str = ""
    caption: str = ""
    caveats: tuple[str, ...] = ()
    record: dict[str, Any] = field(default_factory=dict)
    #: Whether values of the figure stand upright.
    upright: bool = False
    #: Caveats that the figure itself doesn't show.
    undrawn: tuple[str, ...] = ()


#: Results whose methods are told from their estimates.
KNOWN = (Estimate, Trend, Regression, Comparison)


def told(thing: object, level: float) -> list[Told]:
    """List the estimates that a result rests on, with the method of their intervals."""
    if isinstance(thing, Regression):
        return [Told(thing.coefficients, level, "t")]
    if isinstance(thing, Comparison):
        return [Told(thing.values, level, interval.default_method(thing.values.node))]
    return [Told(est, level, interval.default_method(est.node)) for est in estimates(thing)]


def estimates(thing: object, depth: int = 2) -> Iterator[Estimate]:
    """Find the estimates inside a result."""
    if isinstance(thing, Estimate):
        yield thing
    elif isinstance(thing, Mapping) and depth:
        for one in thing.values():
            yield from estimates(one, depth - 1)
    elif isinstance(thing, (tuple, list)) and depth:
        for one in thing:
            yield from estimates(one, depth - 1)
    elif dataclasses.is_dataclass(thing) and not isinstance(thing, type) and depth:
        for one in dataclasses.fields(thing):
            yield from estimates(getattr(thing, one.name), depth - 1)


def show(thing: Any, privacy: Privacy, level: float, *, safe: bool) -> Shown:
    """Show a result."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)  # said in the notes
        if isinstance(thing, Estimate):
            return _estimate(thing, privacy, level)
        if isinstance(thing, Trend):
            return _trend(thing, privacy, level)
        if isinstance(thing, Table):
            note = (thing.made and thing.made.record.note) or None
            return Shown(_noted(thing, [note] if note else []), caveats=(note,) if note else ())
        return _other(thing, privacy, level, safe=safe)


def _noted(table: Table, notes: list[str]) -> Table:
    """Add notes that a table doesn't have yet."""
    return dataclasses.replace(table, notes=tuple(dict.fromkeys((*table.notes, *notes))))


def hidden_note(below: int | None) -> str:
    """Say why something is hidden."""
    return tr("Hidden: what rests on fewer than {below} participants, and what would reveal it.", below=below)


def _estimate(est: Estimate, privacy: Privacy, level: float) -> Shown:
    hidden = privacy.hidden(est.node)
    rows, reasons = printed.rows(est, level)
    event = est.quantity == "event"
    columns = [tr("estimate")] if event else [tr("estimate"), tr("{level:g}% interval", level=100 * level)]
    extra = [] if event else _counted(est, hidden)
    numbers = None if event else est.summary(level)
    rounded = None
    if privacy.below is not None and numbers is not None:
        rounded = rounding.of(est, level, privacy.below, numbers)
        rows = [(label, *rounded.texts(i)) for i, (label, _, _) in enumerate(rows)]
        numbers = rounded.frame(numbers, hidden)
    lines, seen = [], []
    for i, (label, value, span) in enumerate(rows):
        cells = [value] if event else [value, span]
        if hidden[i]:
            cells = [HIDDEN] * len(cells)
        else:
            seen.append(f"{label}: {value}" + (f" ({span})" if span else ""))
        lines.append(Row(label, (*cells, *(column[1][i] for column in extra))))
    reasons = _reasons(est, privacy, level) if privacy.below is not None else reasons
    caveats = tuple(methods.caveats(est.node))
    notes = [*(f"{text.rstrip('.')}." for text in reasons), *caveats]
    if hidden.any():
        notes.append(hidden_note(privacy.below))
    if rounded is not None:
        notes += rounded.notes(privacy.below, hidden)
    title = capital(read(est.name))
    table = Table(title, (*columns, *(c[0] for c in extra)), tuple(lines), tuple(notes), _flat(numbers))
    record = {"type": "estimate", "name": est.name, "quantity": est.quantity, "about": methods.evaluation(est.node)}
    keep = np.flatnonzero(~hidden & np.isfinite(est.node.point))
    if event or len(keep) < 2:
        return Shown(table, caveats=caveats, record=record)
    part = est if len(keep) == len(est) else _some(est, keep)
    found = None if rounded is None else rounded.marks(keep)
    alt = tr("Points with {level:g}% intervals. {points}.", level=100 * level, points="; ".join(seen))
    return Shown(table, lambda ax: draw(part, "interval", level=level, ax=ax, found=found), alt, title, caveats, record)


def _reasons(est: Estimate, privacy: Privacy, level: float) -> list[str]:
    """Say what must be known about the labels that are shown.

    How many redraws hold nobody with a property tells how many have it, and how many were truncated where the others lie:
    such notes would give hidden numbers away.
    """
    keep = np.flatnonzero(~privacy.hidden(est.node))
    if not len(keep):
        return []
    touched = {
        text for one in graph.walk(est.node) if one.remarks and not privacy.untouched(one) for text in one.remarks
    }
    found = printed.rows(est if len(keep) == len(est) else _some(est, keep), level)[1]
    return [text for text in found if text not in touched]


def _some(est: Estimate, keep: Any) -> Estimate:
    node = Take((est.node,), tuple(int(i) for i in keep))
    return Estimate(node, est.labels[keep], False, est.name)


def _counted(est: Estimate, hidden: Bools) -> list[tuple[str, list[str]]]:
    """Return columns of participants and missing answers, where they are known."""
    found = []
    for name, counts in (("n", est.node.n), ("missing", est.node.missing)):
        if counts is None or np.isnan(counts).all() or (name == "missing" and not np.nansum(counts)):
            continue
        cells = [HIDDEN if h else NOTHING if np.isnan(c) else number(c) for c, h in zip(counts, hidden, strict=True)]
        found.append((tr("n") if name == "n" else tr("missing"), cells))
    return found


def _flat(frame: pd.DataFrame | None) -> pd.DataFrame:
    if frame is None:
        return pd.DataFrame()
    made = handed(frame.copy())
    if made.index.nlevels == 1:
        made.index = made.index.rename(made.index.name or "label")
    else:
        names = [name or f"label {i + 1}" for i, name in enumerate(made.index.names)]
        # A column by itself has its name twice.
        made.index = made.index.set_names([n if n not in names[:i] else f"{n} ({i + 1})" for i, n in enumerate(names)])
    return cast("pd.DataFrame", made.reset_index())


def _trend(trend: Trend, privacy: Privacy, level: float) -> Shown:
    est = trend.estimates
    hidden = privacy.hidden(est.node)
    rows, reasons = printed.rows(est, level)
    frame = trend.summary(level)
    rounded = None
    if privacy.below is not None:
        if est.node.decimals(privacy.below, est.node.point[:, None]) is not None:
            hidden = np.ones(len(est), dtype=bool)  # differences of answers tell more than the answers as written
        rounded = rounding.of(est, level, privacy.below, frame)
        rows = [(label, *rounded.texts(i)) for i, (label, _, _) in enumerate(rows)]
    columns = [tr("estimate"), tr("{level:g}% interval", level=100 * level)]
    more: list[list[str]] = [[] for _ in rows]
    if trend.caveat is None:
        columns += [tr("change since the time before"), tr("in per cent"), tr("draws with an increase")]
        more = [_changes(frame.iloc[i], est.quantity, last=bool(i)) for i in range(len(rows))]
        more = [[HIDDEN] * 3 if i and hidden[i - 1 : i + 1].any() else cells for i, cells in enumerate(more)]
    lines = []
    for i, (label, value, span) in enumerate(rows):
        lines.append(Row(label, (*([HIDDEN] * 2 if hidden[i] else [value, span]), *more[i])))
    caveats = (*([trend.caveat] if trend.caveat else []), *methods.caveats(est.node))
    reasons = _reasons(est, privacy, level) if privacy.below is not None else reasons
    notes = [*caveats, *(f"{text.rstrip('.')}." for text in reasons)]
    if hidden.any():
        notes.append(hidden_note(privacy.below))
    if rounded is not None:
        notes += rounded.notes(privacy.below, hidden)
        changed = [c for c in frame.columns if c not in ("estimate", "lower", "upper")]
        frame = rounded.frame(frame, hidden)
        frame[changed] = rounding.masked(frame[changed], np.append(False, hidden[:-1]))
    first, last = label_of(trend.times[0]), label_of(trend.times[-1])
    title = capital(tr("{what}, {first} to {last}", what=read(est.name), first=first, last=last))
    table = Table(title, tuple(columns), tuple(lines), tuple(notes), _flat(frame))
    record = {"type": "trend", "name": est.name, "times": [str(t) for t in trend.times], "why": trend.why}
    if hidden.any():
        return Shown(table, caveats=caveats, record=record)
    seen = "; ".join(f"{label}: {value} ({span})" for label, value, span in rows)
    alt = tr("Points over time with {level:g}% intervals. {points}.", level=100 * level, points=seen)
    alt += f" {trend.caveat}" if trend.caveat else ""

    def drawn(ax: Any) -> None:
        if rounded is None:
            trend.plot(level=level, ax=ax)
        else:
            marks, known = rounded.marks(np.arange(len(est))), tuple(methods.caveats(est.node))
            line = Series("", list(est.labels), marks, trend.caveat is None, est.quantity, known, trend.caveat)
            over_time.draw([line], est.name, level=level, ax=ax)

    return Shown(table, drawn, alt, title, caveats, record, upright=True, undrawn=tuple(methods.caveats(est.node)))


def _changes(row: Any, quantity: str, *, last: bool) -> list[str]:
    if not last:
        return ["", "", ""]
    three = [np.array([row[name]]) for name in ("change", "change_lower", "change_upper")]
    places = printed.decimals(*three)[0]
    change, low, high = (printed.show(float(v[0]), places, quantity) for v in three)
    percent = [number(100 * row[name], "+.0f") for name in ("relative", "relative_lower", "relative_upper")]
    return [
        tr("{value} ({low} to {high})", value=change, low=low, high=high),
        tr("{value}% ({low} to {high})", value=percent[0], low=percent[1], high=percent[2]),
        number(row["increase"], ".1%"),
    ]


def _other(thing: Any, privacy: Privacy, level: float, *, safe: bool) -> Shown:
    """Show what has a summary: models, comparisons, and what other families return."""
    frame, title, notes, drawn = _summary(thing, level)
    if privacy.below is not None and not safe:
        behind = [one.estimate for one in told(thing, level)]
        # Only what the package itself sums up is known to show nothing but what its estimates say.
        if not behind or type(thing).__module__.partition(".")[0] != __package__.partition(".")[0]:
            raise InputError(
                f"A {type(thing).__name__} can't be checked for small numbers. If it shows nothing of fewer than "
                f"{privacy.below} participants, say so: report.add(..., safe=True)."
            )
        if any(privacy.hidden(est.node).any() for est in behind):
            columns = [str(c) for c in frame.columns]
            lines = tuple(Row(label_of(label), (HIDDEN,) * len(columns)) for label in frame.index)
            # How many are left out, and the statistic of a test, would tell of those who are hidden.
            table = Table(title, tuple(columns), lines, (hidden_note(privacy.below),), pd.DataFrame())
            return Shown(table, record={"type": type(thing).__name__.lower()})
        if any(est.node.decimals(privacy.below, est.node.point[:, None]) is not None for est in behind):
            raise InputError(
                f"A {type(thing).__name__} of quantiles shows single answers. Report the quantiles themselves, which are written so "
                f"coarsely that {privacy.below} participants gave each."
            )
        if any(source.origin.people for est in behind for source in graph.sources(est.node)):
            drawn = None  # a figure of its own shows all digits, and draws
    caveats = [note for one in told(thing, level) for note in methods.caveats(one.estimate.node)]
    caveats += [text for text in [getattr(thing, "caveat", None)] if isinstance(text, str)]
    unique = tuple(dict.fromkeys(caveats))
    lines = tuple(
        Row(label_of(label), tuple(_cell(str(name), value) for name, value in zip(frame.columns, values, strict=True)))
        for label, values in zip(frame.index, frame.itertuples(index=False), strict=True)
    )
    full = _flat(frame if not isinstance(thing, Regression) else thing.summary(level=level))
    full = full if privacy.below is None or safe else rounding.coarse(full)
    table = Table(
        title,
        tuple(str(c).replace("_", " ") for c in frame.columns),
        lines,
        tuple(dict.fromkeys((*notes, *unique))),
        full,
    )
    alt = "; ".join(f"{row.label}: {row.cells[0]}" for row in lines if row.cells) if drawn else ""
    return Shown(table, drawn, alt, title, unique, {"type": type(thing).__name__.lower()}, undrawn=unique)


def _summary(thing: Any, level: float) -> tuple[pd.DataFrame, str, list[str], Any]:
    if isinstance(thing, pd.Series):
        thing = thing.to_frame(str(thing.name or "value"))
    if isinstance(thing, pd.DataFrame):
        return thing, str(thing.attrs.get("title", tr("Numbers"))), [], None
    if isinstance(thing, Regression):
        head, foot = thing._about
        return thing._shown, head, [f"{foot}."], None
    if isinstance(thing, Comparison):
        return (
            thing.summary(level),
            capital(tr("{what}, compared by {group}", what=read(thing.values.name), group=thing.by)),
            [f"{thing.test().words}."],
            None,
        )
    found = thing.summary() if hasattr(thing, "summary") else getattr(thing, "table", None)
    if found is None:
        one_by_one = (
            " Give what a list holds one by one: report.add(*results)." if isinstance(thing, (list, tuple)) else ""
        )
        raise InputError(
            f"A report can't show what is of type {type(thing).__name__}. It takes estimates, tables, trends, models, "
            f"comparisons, tests, anything with summary(), DataFrames, figures of matplotlib, and text.{one_by_one}"
        )
    frame = found.to_frame() if isinstance(found, pd.Series) else found
    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"What {type(thing).__name__} sums up is no DataFrame, so a report can't show it.")
    name = getattr(thing, "title", None) or getattr(thing, "name", None) or type(thing).__name__
    drawn = (lambda ax: thing.plot(ax=ax)) if hasattr(thing, "plot") else None
    return frame, capital(str(name)), [], drawn


def _cell(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return NOTHING
    if isinstance(value, (bool, np.bool_)):
        return tr("yes") if value else tr("no")
    if isinstance(value, (int, np.integer)):
        return number(int(value), ",")
    if isinstance(value, (float, np.floating)):
        if name == "p" or name.startswith("p_"):
            return p_text(float(value))
        return number(float(value), ",.0f" if abs(float(value)) >= 1000 else ".3g")
    return str(value)


def nodes(thing: object, level: float) -> list[Node]:
    """List the expressions behind a result."""
    return [one.estimate.node for one in told(thing, level)]
