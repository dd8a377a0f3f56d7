"""How lists read: who is on them, how they overlap, which pairs go together or apart."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd

from ..ground import distributions
from ..ground.columns import Bools, Floats
from ..ground.signatures import checked
from ..ground.text import another
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled

#: More histories than this are cut in text and HTML.
MOST_ROWS = 30


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Description(Tabled):
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

    See Also
    --------
    Lists.describe : makes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> lists = hp.Lists({"a": [1, 0, 1], "b": [0, 1, 1], "people": [40, 60, 12]}, ["a", "b"], counts="people")
    >>> lists.describe().lists["people"].to_dict()
    {'a': 52, 'b': 72}
    """

    lists: pd.DataFrame
    overlaps: pd.DataFrame
    pairs: pd.DataFrame
    never: list[tuple[str, str]]

    def _as_table(self) -> Table:
        return of_frame("Pairs of lists", self.pairs, [_never_text(self.never)] if self.never else [])

    def __repr__(self) -> str:
        parts = ["Lists", self.lists.to_string(), "\nPairs of lists", self.pairs.round(2).to_string()]
        if self.never:
            parts.append("\n" + _never_text(self.never))
        return "\n".join(parts)

    def _repr_html_(self) -> str:
        never = f"<p>{escape(_never_text(self.never))}</p>" if self.never else ""
        tables = [t.to_html(float_format=lambda v: f"{v:,.2f}") for t in (self.lists, self.overlaps, self.pairs)]
        return "".join(tables) + never


def describe(names: Sequence[str], table: Floats) -> Description:
    """Make the description of people by history; see `Lists.describe`."""
    on = marks(len(names))
    alone = on & (on.sum(axis=0) == 1)
    frame = pd.DataFrame(
        {
            "people": [int(table[row].sum()) for row in on],
            "on_no_other": [int(table[row].sum()) for row in alone],
        },
        index=pd.Index(names, name="list"),
    )
    frame["share_of_seen"] = frame["people"] / int(table.sum())
    return Description(frame, overlaps(names, table), pairs(names, table), never(names, table))


def overlaps(names: Sequence[str], table: Floats) -> pd.DataFrame:
    """Return histories with people, largest first; the last column counts them."""
    cells = np.flatnonzero(table)
    cells = cells[np.argsort(-table[cells], kind="stable")]
    on = marks(len(names))[:, cells]
    frame = pd.DataFrame({name: row.astype(int) for name, row in zip(names, on, strict=True)})
    frame[another("people", names, "number")] = table[cells].astype(int)
    return frame


def pairs(names: Sequence[str], table: Floats) -> pd.DataFrame:
    """Return each pair's overlap and odds ratio; see `Lists.pairs`."""
    on = marks(len(names))
    rows, labels = [], []
    for a, b in itertools.combinations(range(len(names)), 2):
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
        labels.append((names[a], names[b]))
    return pd.DataFrame(rows, index=pd.MultiIndex.from_tuples(labels))


def _odds_ratio(four: Floats) -> tuple[float, float, float]:
    a, b, c, d = four + 0.5
    log, half = np.log(a * d / (b * c)), distributions.quantile(0.975) * np.sqrt((1 / np.array([a, b, c, d])).sum())
    return float(np.exp(log)), float(np.exp(log - half)), float(np.exp(log + half))


def never(names: Sequence[str], table: Floats) -> list[tuple[str, str]]:
    """Return pairs of lists that share nobody."""
    on = marks(len(names))
    every = itertools.combinations(range(len(names)), 2)
    return [(names[a], names[b]) for a, b in every if table[on[a] & on[b]].sum() == 0]


def marks(lists: int) -> Bools:
    """Return which histories are on which list (lists x histories)."""
    cells = np.arange(1 << lists)
    return np.array([(cells >> j) & 1 == 1 for j in range(lists)])


def _never_text(never: list[tuple[str, str]]) -> str:
    return "Never overlapping: " + ", ".join(f"{a} and {b}" for a, b in never) + "."


def _foot(names: Sequence[str], table: Floats, note: str | None) -> list[str]:
    found = never(names, table)
    return ([_never_text(found)] if found else []) + ([f"Note: {note}"] if note else [])


def text(head: str, names: Sequence[str], table: Floats, note: str | None) -> str:
    """Return what `print` shows: a head, overlaps, and what must be known."""
    frame = overlaps(names, table)
    shown = frame.head(MOST_ROWS).replace({name: {0: "·", 1: "●"} for name in names})
    lines = [head, shown.to_string(index=False)]
    if len(frame) > MOST_ROWS:
        lines.append(f"... {len(frame) - MOST_ROWS} more overlaps")
    return "\n".join(lines + _foot(names, table, note))


def html(head: str, names: Sequence[str], table: Floats, note: str | None) -> str:
    """Return what a notebook shows."""
    frame = overlaps(names, table)
    cell = 'style="padding:0.15em 0.7em;text-align:center"'
    lines = [f'<table style="border-collapse:collapse"><caption style="text-align:left">{escape(head)}</caption>']
    lines.append("<thead><tr>" + "".join(f'<th scope="col" {cell}>{escape(str(c))}</th>' for c in frame.columns))
    lines.append("</tr></thead><tbody>")
    for row in frame.head(MOST_ROWS).itertuples(index=False):
        dots = "".join(f"<td {cell}>{'●' if mark else '·'}</td>" for mark in row[:-1])
        lines.append(f'<tr>{dots}<td style="text-align:right">{row[-1]:,}</td></tr>')
    lines.append("</tbody></table>")
    notes = _foot(names, table, note)
    if len(frame) > MOST_ROWS:
        notes.insert(0, f"{len(frame) - MOST_ROWS} more overlaps")
    lines.append(f'<small style="opacity:0.75">{"<br>".join(escape(line) for line in notes)}</small>')
    return "".join(lines)
