"""How each kind of result is shown in a report: as a table, as a figure, and by what must be known to read them."""

from __future__ import annotations

import dataclasses
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

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
from ..ground.language import number, read, tr
from ..ground.text import capital, enumerated, label_of
from ..regression.model import Regression
from ..tables.compare import Comparison
from ..tables.significance import CORRECTIONS
from ..trends.grouped import Trends
from ..trends.trend import Trend
from ..uncertainty import interval
from ..words import methods, printed
from ..words.framed import cells, flat, head_of
from ..words.methods import Told
from ..words.rows import HIDDEN, Row
from ..words.table import NOTHING, Table
from ..words.tabled import Tabled
from . import rounded as rounding
from .overlaps import Overview
from .plain import plainly
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
    #: Whether it is hidden as a whole, with all that is said of it.
    hidden: bool = False


#: Rows of a summary that a report shows; a user's own table is shown whole.
MOST_ROWS = 20
#: Rows that a figure has room for; more of them stand closer.
MOST_DRAWN = 40
#: Results whose methods are told from their estimates.
KNOWN = (Estimate, Trend, Regression, Comparison, Overview)


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
        if isinstance(thing, Trends) and privacy.below is None:
            return _trends(thing, privacy, level)
        if isinstance(thing, Overview):
            return Shown(
                thing.table, thing.drawn, thing.alt, thing.table.title, thing.caveats, {"type": "lists"}, upright=True
            )
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
    rows, said = printed.rows(est, level)
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
    said = reasons(est, privacy, level) if privacy.below is not None else plainly(est, said)
    caveats = tuple(methods.caveats(est.node))
    notes = [*(f"{text.rstrip('.')}." for text in said), *caveats]
    if hidden.any():
        notes.append(hidden_note(privacy.below))
    if rounded is not None:
        notes += rounded.notes(privacy.below, hidden)
    title = capital(read(est.name))
    table = Table(title, (*columns, *(c[0] for c in extra)), tuple(lines), tuple(notes), flat(numbers))
    record = {"type": "estimate", "name": est.name, "quantity": est.quantity, "about": methods.evaluation(est.node)}
    keep = np.flatnonzero(~hidden & np.isfinite(est.node.point))
    if event or len(keep) < 2:
        return Shown(table, caveats=caveats, record=record)
    part = est if len(keep) == len(est) else _some(est, keep)
    found = None if rounded is None else rounded.marks(keep)
    alt = tr("Points with {level:g}% intervals. {points}.", level=100 * level, points="; ".join(seen))
    return Shown(table, lambda ax: draw(part, "interval", level=level, ax=ax, found=found), alt, title, caveats, record)


def reasons(est: Estimate, privacy: Privacy, level: float) -> list[str]:
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
    part = est if len(keep) == len(est) else _some(est, keep)
    found = printed.rows(part, level)[1]
    return plainly(part, [text for text in found if text not in touched])


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


def _trend(trend: Trend, privacy: Privacy, level: float) -> Shown:
    est = trend.estimates
    hidden = privacy.hidden(est.node)
    rows, said = printed.rows(est, level)
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
    said = reasons(est, privacy, level) if privacy.below is not None else plainly(est, said)
    notes = [*caveats, *(f"{text.rstrip('.')}." for text in said)]
    if hidden.any():
        notes.append(hidden_note(privacy.below))
    if rounded is not None:
        notes += rounded.notes(privacy.below, hidden)
        changed = [c for c in frame.columns if c not in ("estimate", "lower", "upper")]
        frame = rounded.frame(frame, hidden)
        frame[changed] = rounding.masked(frame[changed], np.append(False, hidden[:-1]))
    first, last = label_of(trend.times[0]), label_of(trend.times[-1])
    title = capital(tr("{what}, {first} to {last}", what=read(est.name), first=first, last=last))
    table = Table(title, tuple(columns), tuple(lines), tuple(notes), flat(frame))
    record = {"type": "trend", "name": est.name, "times": [str(t) for t in trend.times], "why": trend.why}
    if hidden.any():
        return Shown(table, caveats=caveats, record=record)
    seen = "; ".join(f"{label}: {value} ({span})" for label, value, span in rows)
    alt = _over_time(seen, trend.caveat, level)

    def drawn(ax: Any) -> None:
        if rounded is None:
            trend.plot(level=level, ax=ax)
        else:
            marks, known = rounded.marks(np.arange(len(est))), tuple(methods.caveats(est.node))
            line = Series("", list(est.labels), marks, trend.caveat is None, est.quantity, known, trend.caveat)
            over_time.draw([line], est.name, level=level, ax=ax)

    return Shown(table, drawn, alt, title, caveats, record, upright=True)


def _over_time(seen: str, caveat: str | None, level: float) -> str:
    """Describe a figure of points over time."""
    text = tr("Points over time with {level:g}% intervals. {points}.", level=100 * level, points=seen)
    return f"{text} {caveat}" if caveat else text


def _trends(trends: Trends, privacy: Privacy, level: float) -> Shown:
    """Show trends of several groups as one table, each group's rows as they are by themselves."""
    tables = {group: _trend(trends[group], privacy, level).table for group in trends.groups}
    columns: tuple[str, ...] = ()
    lines: list[Row] = []
    notes: list[str] = []
    seen: list[str] = []
    for group, table in tables.items():
        assert table is not None  # a trend has one
        columns = table.columns
        lines += [Row(label_of(group), ("",) * len(columns), heading=True), *table.rows]
        notes += table.notes
        seen += [f"{label_of(group)}, {row.label}: {row.cells[0]} ({row.cells[1]})" for row in table.rows]
    caveats = (*([trends.caveat] if trends.caveat else []), *methods.caveats(trends.estimates.node))
    table = Table(trends.title, columns, tuple(lines), tuple(dict.fromkeys(notes)), flat(trends.summary(level)))
    record = {
        "type": "trends",
        "name": trends.estimates.name,
        "times": [str(t) for t in trends.times],
        "why": trends.why,
    }

    def drawn(ax: Any) -> None:
        trends.plot(level=level, ax=ax)

    alt = _over_time("; ".join(seen), trends.caveat, level)
    return Shown(table, drawn, alt, trends.title, caveats, record, upright=True)


def _changes(row: Any, quantity: str, *, last: bool) -> list[str]:
    if not last:
        return ["", "", ""]
    three = [np.array([row[name]]) for name in ("change", "change_lower", "change_upper")]
    places = printed.decimals(*three)[0]
    change, low, high = (float(v[0]) for v in three)
    unit = "points" if quantity == "share" else quantity
    changed = printed.beside(printed.show(change, places, unit), printed.span(low, high, places, unit))
    percent = [number(100 * row[name], "+.0f") for name in ("relative", "relative_lower", "relative_upper")]
    return [
        changed,
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
                f"{title!r} (of the type {type(thing).__name__}) can't be checked for small numbers. Leave it to a report for those "
                f"who may see the data, or, if it shows nothing of fewer than {privacy.below} participants, say so: "
                "report.add(..., safe=True)."
            )
        if any(privacy.hidden(est.node).any() for est in behind):
            columns = [str(c) for c in frame.columns]
            lines = tuple(Row(label_of(label), (HIDDEN,) * len(columns)) for label in frame.index)
            # How many are left out, and the statistic of a test, would tell of those who are hidden.
            table = Table(title, tuple(columns), lines, (hidden_note(privacy.below),), pd.DataFrame())
            return Shown(table, record={"type": type(thing).__name__.lower()}, hidden=True)
        if any(est.node.decimals(privacy.below, est.node.point[:, None]) is not None for est in behind):
            raise InputError(
                f"A {type(thing).__name__} of quantiles shows single answers. Report the quantiles themselves, which are written so "
                f"coarsely that {privacy.below} participants gave each."
            )
        if any(source.origin.people for est in behind for source in graph.sources(est.node)):
            drawn = None  # a figure of its own shows all digits, and draws
    if isinstance(thing, Tabled) and thing._as_it_reads:
        own_table = thing._as_table()
        alt = "; ".join(f"{row.label}: {row.cells[0]}" for row in own_table.rows if row.cells) if drawn else ""
        return Shown(own_table, drawn, alt, own_table.title, (), {"type": type(thing).__name__.lower()})
    caveats = [note for one in told(thing, level) for note in methods.caveats(one.estimate.node)]
    caveats += [text for text in [getattr(thing, "caveat", None)] if isinstance(text, str)]
    unique = tuple(dict.fromkeys(caveats))
    written = _written(thing, frame, level)
    own = isinstance(thing, (pd.DataFrame, pd.Series))  # a user's columns are called as they are
    cut = not own and len(written) > MOST_ROWS
    seen = written.iloc[:MOST_ROWS] if cut else written
    if cut:
        notes = [*notes, tr("The first {shown} rows of {count:,}.", shown=MOST_ROWS, count=len(written))]
    lines = tuple(Row(label_of(label), texts) for label, texts in zip(seen.index, cells(seen), strict=True))
    full = flat(frame if not isinstance(thing, Regression) else thing.summary(level=level))
    full = full if privacy.below is None or safe else rounding.coarse(full)
    table = Table(
        title,
        tuple(str(c).replace("_", " ") if own else head_of(str(c)) for c in written.columns),
        lines,
        tuple(dict.fromkeys((*notes, *unique))),
        full,
    )
    alt = "; ".join(f"{row.label}: {row.cells[0]}" for row in lines if row.cells) if drawn else ""
    return Shown(table, drawn, alt, title, unique, {"type": type(thing).__name__.lower()})


def _written(thing: Any, frame: pd.DataFrame, level: float) -> pd.DataFrame:
    """Write an estimate and the ends of its interval as other tables do, where a summary has all three."""
    if isinstance(thing, (pd.DataFrame, pd.Series, Regression)) or not {"estimate", "lower", "upper"} <= {
        *frame.columns
    }:
        return frame
    quantities = set() if isinstance(thing, KNOWN) else {est.quantity for est in estimates(thing)}
    kinds = [quantities.pop() if len(quantities) == 1 else "other"] * len(frame)
    point, low, high = (frame[one].to_numpy(dtype=float, na_value=np.nan) for one in ("estimate", "lower", "upper"))
    places = list(zip(printed.in_column(point, low, high, None, kinds), kinds, strict=True))
    texts = [printed.show(value, *place) for value, place in zip(point, places, strict=True)]
    spans = [printed.span(least, most, *place) for least, most, place in zip(low, high, places, strict=True)]
    made = frame.drop(columns=["lower", "upper"]).assign(estimate=texts)
    made.insert(list(made.columns).index("estimate") + 1, f"{100 * level:g}% interval", spans)
    return made


def _summary(thing: Any, level: float) -> tuple[pd.DataFrame, str, list[str], Any]:
    if isinstance(thing, pd.Series):
        thing = thing.to_frame(str(thing.name or "value"))
    if isinstance(thing, pd.DataFrame):
        return thing, str(thing.attrs.get("title") or _columns(thing)), [], None
    if isinstance(thing, Regression):
        head, foot = thing._about
        return thing._shown, head, [f"{foot}."], None
    if isinstance(thing, Comparison):
        return (
            thing.summary(level),
            capital(tr("{what}, compared by {group}", what=read(thing.values.name), group=thing.by)),
            [f"{capital(thing.test().words)}.", *_corrected(thing)],
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
    name = getattr(thing, "title", None) or getattr(thing, "name", None) or _spaced(type(thing).__name__)
    drawn = (lambda ax: thing.plot(ax=ax)) if hasattr(thing, "plot") else None
    return frame, capital(str(name)), [], drawn


def _corrected(thing: Comparison) -> list[str]:
    """Name the correction for several tests, where there is one."""
    if thing.correction == "none":
        return []
    return [tr("p corrected: for several tests, by {method}.", method=CORRECTIONS[thing.correction])]


def _columns(frame: pd.DataFrame) -> str:
    """Call a table by its columns and what its rows are."""
    names = [label_of(column) for column in frame.columns]
    more = [tr("{count} more", count=len(names) - 3)] if len(names) > 3 else []
    rows = [label_of(name) for name in frame.index.names if name is not None]
    listed = enumerated([*names[:3], *more]) if names else tr("rows")
    return capital(tr("{what} by {columns}", what=listed, columns=enumerated(rows)) if rows else listed)


def _spaced(name: str) -> str:
    """Write a class as words: TwoListPlan is a two list plan."""
    return capital(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())


def nodes(thing: object, level: float) -> list[Node]:
    """List the expressions behind a result."""
    return [one.estimate.node for one in told(thing, level)]
