"""How an estimate reads: tidy tables, and text and HTML rounded to what its precision supports."""

from __future__ import annotations

import html as markup
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..errors import EstimationError, visible
from ..expression import graph
from ..expression.labelled import Labelled
from ..expression.nodes import Node
from ..expression.operations import stacked
from ..ground.columns import Floats
from ..ground.language import number, numerals, plural, read, tr
from ..ground.text import label_of, labels_of
from ..uncertainty import design_effect, floors, interval, jackknife, of_draws, variance, woodruff
from ..uncertainty.interval_methods import named
from ..uncertainty.notes import Note, too_many, undefined_notes
from . import methods

#: An estimate shows this many digits of its standard error (the convention of JCGM 100:2008, 7.2.6).
SIGNIFICANT = 2
#: What has more decimals, or reaches this number, is written with a power of ten.
MOST_PLACES, MOST = 15, 1e15
#: Decimals of odds ratios and their kind.
RATIO = 2
#: More labels than this are cut in text and HTML.
MOST_ROWS = 60


def summary(est: Labelled, level: float, method: str, simultaneous: bool) -> tuple[pd.DataFrame, list[Note]]:
    """Make the tidy table and the notes to warn with."""
    ends, notes = interval.interval(est.node, level, method, None, simultaneous=simultaneous)
    more: list[Note] = []
    errors = _measured_errors(est.node, method)
    if errors is None:
        errors, more = floors.standard_error(est.node, est.draws)
    said = {note.text for note in notes}
    notes.extend(note for note in more if note.text not in said)
    frame = pd.DataFrame(
        {
            "estimate": est.node.point,
            "lower": ends[:, 0],
            "upper": ends[:, 1],
            "se": errors,
            "n": _counts(est.node.n, len(est)),
            "missing": _counts(est.node.missing, len(est)),
            **_effects(est.node),
            "method": methods.short(est.node, level, method, simultaneous=simultaneous),
        },
        index=est.labels,
    )
    return frame, notes


def _measured_errors(node: Node, method: str) -> Floats | None:
    """Return standard errors where they go with the interval, or there are no draws; None where the draws have them."""
    drawable, how = graph.drawable(node), named(method)
    if method == "woodruff":
        return None if drawable else woodruff.standard_error(node)
    if method == "jackknife":
        return _jackknife_errors(node)
    if drawable and not (how.by_design or how.rests_on == "parts"):
        return None
    try:
        return variance.measured(node).se
    except EstimationError:
        if how.by_design:
            raise
        return None if drawable else np.full(len(node.point), np.nan)  # limits carried through need no standard error


def _jackknife_errors(node: Node) -> Floats:
    """Return the jackknife's standard errors, of each part by itself as its interval is."""
    below, positions = node.picked
    parts = stacked(below)
    if parts is not None:
        return np.concatenate([_jackknife_errors(part) for part in parts])[positions]
    sampled = all(source.origin.sampled for source in graph.sources(node))
    return jackknife.standard_error(node) if sampled else variance.measured(node).se


def _effects(node: Node) -> dict[str, Any]:
    """Return a column of design effects, for means and proportions of a design with weights, clusters or fpc."""
    complex_design = any(source.origin.df is not None for source in graph.sources(node))
    if not complex_design or not design_effect.has_design_effect(node):
        return {}
    return {"deff": design_effect.design_effect(node)}


def _counts(counts: Floats | None, length: int) -> Any:
    values = np.full(length, np.nan) if counts is None else counts
    return pd.array([pd.NA if np.isnan(v) else round(v) for v in values], dtype="Int64")


def decimals(point: Floats, lower: Floats, upper: Floats, floor: Floats | None = None) -> list[int]:
    """Return decimals to show for each label (negative ones round to tens, hundreds, ...).

    The spread is a quarter of the 95% interval, about a standard error; where one end is open, half of what is left of it;
    where there is none the estimate itself keeps three digits. No limit is rounded to below the label's `floor`.
    """
    with np.errstate(invalid="ignore"):
        spread = (upper - lower) / 3.92
        spread = np.where(np.isposinf(upper), (point - lower) / 1.96, spread)
        spread = np.where(np.isneginf(lower), (upper - point) / 1.96, spread)
    spread = np.where(np.isfinite(spread) & (spread > of_draws.ROUNDING * np.abs(point)), spread, np.nan)
    result = []
    for value, width, endless in zip(point, spread, np.isinf(upper) | np.isinf(lower), strict=True):
        if np.isfinite(width):
            result.append(SIGNIFICANT - 1 - int(np.floor(np.log10(width))))
        elif np.isfinite(value) and value != 0 and (value != round(value) or endless):
            result.append(2 - int(np.floor(np.log10(abs(value)))))
        else:
            result.append(1 if value == round(value, 1) and abs(value) < 100 else 0)
    if floor is None:
        return result
    for label, (low, least) in enumerate(zip(lower, floor, strict=True)):
        while result[label] < 0 and np.isfinite(low) and round(low, result[label]) < least:
            result[label] += 1
    return result


def in_column(point: Floats, lower: Floats, upper: Floats, floor: Floats | None, units: Sequence[str]) -> list[int]:
    """Return the decimals of labels that stand under one another: as many in all that are written in one unit.

    They are those that half of the labels need. Where some are rounded to tens or hundreds the others are whole. What would
    be written as nothing keeps its own.
    """
    own = decimals(point, lower, upper, floor)
    with np.errstate(invalid="ignore"):
        known = np.isfinite(point)
        vary = known & (upper - lower > of_draws.ROUNDING * np.abs(point))
    result = list(own)
    for unit in dict.fromkeys(units):
        among = [i for i, other in enumerate(units) if other == unit and own[i] <= MOST_PLACES]
        if unit == "ratio":
            result = [RATIO if i in among else places for i, places in enumerate(result)]
            continue
        voting = sorted(own[i] for i in among if vary[i]) or sorted(own[i] for i in among if known[i])
        if not voting:
            continue
        common = 0 if voting[0] < 0 else voting[len(voting) // 2]
        for i in among:
            if own[i] >= 0 and known[i]:
                nothing = point[i] != 0 and round(float(point[i]), common) == 0
                result[i] = max(own[i], common) if nothing else common
    return result


def show(value: float, places: int, unit: str, *, bare: bool = False) -> str:
    """Write one number: shares in per cent, their differences in points, large numbers with separators.

    `bare` leaves points out, for numbers beside one that has them.
    """
    if np.isnan(value):
        return tr("no estimate")
    if np.isinf(value):
        return tr("unbounded") if value > 0 else tr("-unbounded")
    if unit in ("share", "points") and places <= MOST_PLACES:
        places = max(places - 2, 0)
        hundredths = f"{round(100 * float(value), places) + 0.0:,.{places}f}"
        if unit == "share":
            return numerals(f"{hundredths}%")
        return numerals(hundredths) if bare else tr("{number} points", number=numerals(hundredths))
    if unit == "ratio" and 0 < abs(value) < 0.5 * 10**-places:
        return number(value, ".1g")  # what is small is not nothing
    if value and (places > MOST_PLACES or abs(value) >= MOST):
        digits = places + math.floor(math.log10(abs(value)))
        return numerals(f"{value:.{min(max(digits, 0), MOST_PLACES)}e}")
    places = places if places <= MOST_PLACES else 1  # zero, among numbers with powers of ten
    return numerals(f"{round(float(value), places) + 0.0:,.{max(places, 0)}f}")


def label_in(est: Labelled, label: object) -> str:
    """Write a label; that of a number by itself is its name, which may be ours."""
    return read(label_of(label)) if est.scalar else label_of(label)


def span(low: float, high: float, places: int, unit: str) -> str:
    """Write an interval; points are named by the number that it belongs to."""
    if np.isnan(low):
        return tr("no interval")
    return tr("{low} to {high}", low=show(low, places, unit, bare=True), high=show(high, places, unit, bare=True))


def beside(shown: str, interval: str) -> str:
    """Write a number with its interval in one cell, as 13,310 (12,360 to 14,470)."""
    return shown if interval in ("", tr("no interval")) else f"{shown} ({interval})"


def with_share(count: float | None, share: float, ends: tuple[float, float] | None) -> str:
    """Write how many, if that may be told, which share that is and, where it is known, its interval."""
    if count is None:
        least, most = (number(100 * end, ".1f") for end in ends or (np.nan, np.nan))
        return beside(number(share, ".1%"), "" if ends is None else tr("{low} to {high}", low=least, high=most))
    if ends is None:
        return tr("{count:,.0f} ({share:.1f}%)", count=count, share=100 * share)
    low, high = ends
    return tr(
        "{count:,.0f} ({share:.1f}%; {low:.1f} to {high:.1f})",
        count=count,
        share=100 * share,
        low=100 * low,
        high=100 * high,
    )


def p_text(p: float, *, equals: bool = False) -> str:
    """Write a p-value as papers do: three decimals, below 0.001 only that."""
    if np.isnan(p):
        return tr("p undefined") if equals else "–"
    text = f"<{number(0.001, '.3f')}" if p < 0.001 else number(p, ".3f" if p < 0.1 else ".2f")
    return text if not equals else f"p {text[0]} {text[1:]}" if text[0] == "<" else f"p = {text}"


def rows(est: Labelled, level: float = 0.95) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Return label, estimate and interval as texts, and what must be known to read them."""
    reasons: list[str] = []
    if est.node.quantity == "event" and not graph.drawable(est.node):
        reason = next(r for s in graph.sources(est.node) if (r := s.origin.no_draws))
        return [(label_in(est, k), tr("no probability"), "") for k in est.labels], [read(reason)]
    if est.node.quantity == "event":
        undefined = np.isnan(est.draws).sum(axis=1)
        notes = undefined_notes(undefined, est.draws.shape[1])
        with np.errstate(invalid="ignore"):
            share = np.nansum(est.draws, axis=1) / (est.draws.shape[1] - undefined)
        share[too_many(undefined, est.draws.shape[1])] = np.nan
        texts = [
            tr("holds in {share:.1f}% of draws", share=100 * s) if np.isfinite(s) else tr("no answer") for s in share
        ]
        said = [read(note.text) for note in notes]
        return [(label_in(est, k), t, "") for k, t in zip(est.labels, texts, strict=True)], said
    ends, reasons = limits(est, level) if graph.sources(est.node) else (np.full((len(est), 2), np.nan), [])
    shown = written(est, ends, range(len(est)))
    called = [read(label) if est.scalar else label for label in labels_of(list(est.labels))]
    return [(label, *texts) for label, texts in zip(called, shown, strict=True)], reasons


def limits(est: Labelled, level: float) -> tuple[Floats, list[str]]:
    """Return intervals (labels x 2) and what must be known to read them, which says why where there are none."""
    try:
        ends, notes = interval.interval(est.node, level, interval.default_method(est.node), None)
    except EstimationError as error:  # read without draws, for one
        return np.full((len(est), 2), np.nan), [str(error)]
    return ends, list(dict.fromkeys(read(note.text) for note in notes))


def written(est: Labelled, ends: Floats, column: Sequence[int]) -> list[tuple[str, str]]:
    """Write the labels that stand in one column: estimate and interval, with as many decimals in all."""
    places = list(column)
    point, low, high = est.node.point[places], ends[places, 0], ends[places, 1]
    floor, units = est.node.floor, est.node.units
    kinds = [units[i] for i in places]
    if not graph.sources(est.node):  # known numbers have no interval
        digits = in_column(point, point, point, None, kinds)
        known = zip(point, digits, kinds, strict=True)
        return [(show(v, 0 if float(v).is_integer() and kind != "share" else d, kind), "") for v, d, kind in known]
    digits = in_column(point, low, high, None if floor is None else floor[places], kinds)
    return [
        (show(value, d, kind), span(a, b, d, kind))
        for value, a, b, d, kind in zip(point, low, high, digits, kinds, strict=True)
    ]


def text(est: Labelled) -> str:
    """Return what `print` shows."""
    shown, reasons = rows(est)
    below = [tr("Note: {note}.", note=reason.rstrip(".")) for reason in (*reasons, *methods.caveats(est.node))]
    if est.scalar:
        label, value, span = shown[0]
        label = visible(label, lines=False)
        bracket = f" ({span})" if span == tr("no interval") else f" ({tr('95% interval {span}', span=span)})"
        return visible("\n".join([f"{label}: {value}" + (bracket if span else ""), *below]))
    cut = shown[:MOST_ROWS]
    head = ("", tr("estimate"), tr("95% interval") if any(span for _, _, span in shown) else "")
    cut = [(visible(label, lines=False), value, span) for label, value, span in cut]
    widths = [max(len(row[i]) for row in [*cut, head]) for i in range(3)]
    lines = [visible(read(est.name), lines=False)]
    for label, value, span in [head, *cut]:
        lines.append(f"{label:<{widths[0]}}    {value:>{widths[1]}}    {span:>{widths[2]}}".rstrip())
    if len(shown) > len(cut):
        lines.append(f"... {plural('{n} more label', '{n} more labels', n=len(shown) - len(cut))}")
    return visible("\n".join([*lines, *below]))


_STYLE = (
    "border-collapse:collapse;font-variant-numeric:tabular-nums;margin:0.3em 0;text-align:right",
    "padding:0.25em 0.9em;border-bottom:1px solid #8884;text-align:right",
    "padding:0.25em 0.9em 0.25em 0;border-bottom:1px solid #8884;text-align:left;font-weight:normal",
)


def html(est: Labelled) -> str:
    """Return what a notebook shows: a small table, and under it what the numbers rest on."""
    table, cell, label_cell = _STYLE
    shown, reasons = rows(est)
    n = est.node.n
    has_n = n is not None and not np.isnan(n).all()
    known = not any(span for _, _, span in shown)
    head = ["", tr("estimate"), *([] if known else [tr("95% interval")]), *([tr("n")] if has_n else [])]
    lines = [f'<table style="{table}"><caption style="text-align:left">{_safe(read(est.name))}</caption><thead><tr>']
    lines += [f'<th scope="col" style="{cell}">{_safe(h)}</th>' for h in head]
    lines.append("</tr></thead><tbody>")
    for i, (label, value, span) in enumerate(shown[:MOST_ROWS]):
        lines.append(f'<tr><th scope="row" style="{label_cell}">{_safe(label)}</th>')
        cells = [f"<b>{_safe(value)}</b>", *([] if known else [_safe(span)])]
        if n is not None and has_n:
            cells.append("" if np.isnan(n[i]) else number(n[i]))
        lines += [f'<td style="{cell}">{c}</td>' for c in cells]
        lines.append("</tr>")
    lines.append("</tbody></table>")
    notes = [*reasons, *footnotes(est.node)]
    if len(shown) > MOST_ROWS:
        notes.insert(0, plural("{n} more label", "{n} more labels", n=len(shown) - MOST_ROWS))
    lines.append(f'<small style="opacity:0.75">{"<br>".join(_safe(note) for note in notes)}</small>')
    return "".join(lines)


def footnotes(node: Node) -> list[str]:
    """Say what the numbers rest on: redraws, and the notes that came with the data."""
    notes = [methods.evaluation(node)]
    notes += methods.caveats(node)
    return notes


def _safe(value: str) -> str:
    return markup.escape(visible(value))
