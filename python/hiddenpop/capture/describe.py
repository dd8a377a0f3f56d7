"""How lists read: who is on them, how they overlap, which pairs go together or apart."""

from __future__ import annotations

import html as markup
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..ground import distributions
from ..ground.columns import Bools, Floats

if TYPE_CHECKING:
    from .lists import Lists
#: More histories than this are cut in text and HTML.
MOST_ROWS = 30


@dataclass(frozen=True, eq=False, repr=False)
class Description:
    """What `Lists.describe` returns.

    Attributes
    ----------
    lists : DataFrame
        A row a list: people on it, and how many of them are on no other.
    overlaps : DataFrame
        A row a history with people.
    pairs : DataFrame
        A row a pair of lists: overlap, what independence would give, odds ratio with interval.
    never : list of pairs
        Pairs of lists that share nobody.
    """

    lists: pd.DataFrame
    overlaps: pd.DataFrame
    pairs: pd.DataFrame
    never: list[tuple[str, str]]

    def __repr__(self) -> str:
        parts = ["Lists", self.lists.to_string(), "\nPairs of lists", self.pairs.round(2).to_string()]
        if self.never:
            parts.append("\n" + _never_text(self.never))
        return "\n".join(parts)

    def _repr_html_(self) -> str:
        never = f"<p>{markup.escape(_never_text(self.never))}</p>" if self.never else ""
        tables = [t.to_html(float_format=lambda v: f"{v:,.2f}") for t in (self.lists, self.overlaps, self.pairs)]
        return "".join(tables) + never


def describe(lists: Lists) -> Description:
    """Make the description; see `Lists.describe`."""
    table = lists.tables()[0]
    on = _marks(lists)
    alone = on & (on.sum(axis=0) == 1)
    frame = pd.DataFrame(
        {
            "people": [int(table[row].sum()) for row in on],
            "on_no_other": [int(table[row].sum()) for row in alone],
        },
        index=pd.Index(lists.names, name="list"),
    )
    frame["share_of_seen"] = frame["people"] / lists.n
    return Description(frame, overlaps(lists), pairs(lists), never(lists))


def overlaps(lists: Lists) -> pd.DataFrame:
    """Return histories with people, largest first."""
    table = lists.tables()[0]
    cells = np.flatnonzero(table)
    cells = cells[np.argsort(-table[cells], kind="stable")]
    marks = _marks(lists)
    frame = pd.DataFrame({name: marks[i, cells].astype(int) for i, name in enumerate(lists.names)})
    frame["people"] = table[cells].astype(int)
    return frame


def pairs(lists: Lists) -> pd.DataFrame:
    """Return each pair's overlap and odds ratio; see `Lists.pairs`."""
    table, on = lists.tables()[0], _marks(lists)
    rows, labels = [], []
    for a, b in itertools.combinations(range(len(lists)), 2):
        both = float(table[on[a] & on[b]].sum())
        others = np.delete(on, [a, b], axis=0).any(axis=0)
        four = [float(table[others & x & y].sum()) for x in (on[a], ~on[a]) for y in (on[b], ~on[b])]
        ratio, lower, upper = _odds_ratio(np.array(four)) if others.any() else (np.nan,) * 3
        rows.append(
            {
                "both": int(both),
                "lincoln_petersen": table[on[a]].sum() * table[on[b]].sum() / both if both else np.inf,
                "odds_ratio": ratio,
                "lower": lower,
                "upper": upper,
            }
        )
        labels.append((lists.names[a], lists.names[b]))
    return pd.DataFrame(rows, index=pd.MultiIndex.from_tuples(labels))


def _odds_ratio(four: Floats) -> tuple[float, float, float]:
    a, b, c, d = four + 0.5
    log, half = np.log(a * d / (b * c)), distributions.quantile(0.975) * np.sqrt((1 / np.array([a, b, c, d])).sum())
    return float(np.exp(log)), float(np.exp(log - half)), float(np.exp(log + half))


def never(lists: Lists) -> list[tuple[str, str]]:
    """Return pairs of lists that share nobody."""
    table, on = lists.tables()[0], _marks(lists)
    every = itertools.combinations(range(len(lists)), 2)
    return [(lists.names[a], lists.names[b]) for a, b in every if table[on[a] & on[b]].sum() == 0]


def _marks(lists: Lists) -> Bools:
    """Return which histories are on which list (lists x histories)."""
    cells = np.arange(1 << len(lists))
    return np.array([(cells >> j) & 1 == 1 for j in range(len(lists))])


def _never_text(never: list[tuple[str, str]]) -> str:
    return "Never overlapping: " + ", ".join(f"{a} and {b}" for a, b in never) + "."


def _head(lists: Lists) -> str:
    name = f" '{lists.record.name}'" if lists.record.name else ""
    strata = f"; {len(lists.strata)} strata by {' and '.join(lists.by)}" if lists.by else ""
    return (
        f"Lists{name}: {lists.n:,} people on {len(lists)} lists{strata}; {lists.replicates:,} replicates, "
        f"seed {lists.seed}"
    )


def _foot(lists: Lists) -> list[str]:
    found = never(lists)
    return ([_never_text(found)] if found else []) + ([f"Note: {lists.record.note}"] if lists.record.note else [])


def text(lists: Lists) -> str:
    """Return what `print` shows."""
    frame = overlaps(lists)
    shown = frame.head(MOST_ROWS).replace({name: {0: "·", 1: "●"} for name in lists.names})
    lines = [_head(lists), shown.to_string(index=False)]
    if len(frame) > MOST_ROWS:
        lines.append(f"... {len(frame) - MOST_ROWS} more overlaps")
    return "\n".join(lines + _foot(lists))


def html(lists: Lists) -> str:
    """Return what a notebook shows."""
    frame = overlaps(lists)
    cell = 'style="padding:0.15em 0.7em;text-align:center"'
    lines = [
        f'<table style="border-collapse:collapse"><caption style="text-align:left">{markup.escape(_head(lists))}</caption>'
    ]
    lines.append("<thead><tr>" + "".join(f'<th scope="col" {cell}>{markup.escape(str(c))}</th>' for c in frame.columns))
    lines.append("</tr></thead><tbody>")
    for row in frame.head(MOST_ROWS).itertuples(index=False):
        marks = "".join(f"<td {cell}>{'●' if mark else '·'}</td>" for mark in row[:-1])
        lines.append(f'<tr>{marks}<td style="text-align:right">{row[-1]:,}</td></tr>')
    lines.append("</tbody></table>")
    notes = _foot(lists)
    if len(frame) > MOST_ROWS:
        notes.insert(0, f"{len(frame) - MOST_ROWS} more overlaps")
    lines.append(f'<small style="opacity:0.75">{"<br>".join(markup.escape(note) for note in notes)}</small>')
    return "".join(lines)
