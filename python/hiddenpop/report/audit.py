"""What a report hides and why, for the colleague who checks output before it leaves the office."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from ..answers.contributions import NO_DECIMALS
from ..estimate.estimate import Estimate
from ..expression.nodes import Node
from ..ground.files import suffix, unwritten
from ..ground.handed import handed
from ..ground.language import tr
from ..ground.text import label_of
from ..words.rows import HIDDEN
from ..words.table import Table
from . import shown
from .privacy import Privacy

#: Stands first in every audit.
CONFIDENTIAL = "Confidential: this holds what the report hides. For the output checker; not for release."
COLUMNS = ["result", "label", "status", "why", "participants", "low", "high"]


class Hidden(Protocol):
    """A cell that is hidden, as those who look for them list it."""

    @property
    def title(self) -> str:
        """The table or estimate."""

    @property
    def label(self) -> str:
        """The cell in it."""

    @property
    def reason(self) -> str:
        """Why it is hidden."""

    @property
    def participants(self) -> int:
        """How many are in it."""

    @property
    def low(self) -> int | None:
        """The least that a reader must reckon with."""

    @property
    def high(self) -> int | None:
        """The most that a reader must reckon with."""


@dataclass(frozen=True)
class Result:
    """Something that a report shows, under the title that readers see."""

    title: str
    thing: Any
    safe: bool


def table(results: Sequence[Result], cells: Iterable[Hidden], privacy: Privacy, level: float) -> pd.DataFrame:
    """Return a line for every result, then one for every hidden cell of the participants."""
    rows = [_result(one, privacy, level) for one in results]
    rows += [(c.title, c.label, "hidden", c.reason, c.participants, c.low, c.high) for c in cells]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    for name in ("participants", "low", "high"):
        frame[name] = frame[name].astype("Int64")
    frame.attrs["title"], frame.attrs["note"] = "What is hidden", CONFIDENTIAL
    return frame


def write(frame: pd.DataFrame, path: str | PathLike[str]) -> None:
    """Write an audit as a .csv or .json file that says what it is."""
    suffix(path, [".csv", ".json"])
    if Path(path).suffix.lower() == ".json":
        rows = json.loads(frame.to_json(orient="records"))
        text = json.dumps({"note": CONFIDENTIAL, "rows": rows}, indent=1, ensure_ascii=False)
    else:
        text = f"# {CONFIDENTIAL}\n{handed(frame).to_csv(index=False)}"
    with unwritten("audit", path):
        Path(path).write_text(text, encoding="utf-8")


def _result(one: Result, privacy: Privacy, level: float) -> tuple[Any, ...]:
    hidden = list(_labels(one.thing, privacy, level))
    if hidden:
        count = f"{len(hidden):,} hidden: {'; '.join(hidden)}"
        status, why = (
            "hidden in part" if _shows(one.thing, hidden) else "hidden",
            f"{_why(one.thing, privacy, level)}; {count}",
        )
    else:
        status, why = ("vouched for", "added with safe=True") if one.safe else ("shown", "")
    return (one.title, "", status, why, None, None, None)


def _labels(thing: Any, privacy: Privacy, level: float) -> Iterable[str]:
    """List what is hidden of a result, as readers see it."""
    if isinstance(thing, Table):
        for row in thing.rows:
            for head, cell in zip(thing.columns, row.cells, strict=True):
                if HIDDEN in cell or tr("hidden") in cell:  # the table may have been made in English
                    yield f"{row.label}, {head}"
        return
    if thing is None:
        return
    for told in shown.told(thing, level):
        for label, gone in zip(told.estimate.labels, hidden_of(told.estimate.node, privacy), strict=True):
            if gone:
                yield label_of(label)


def hidden_of(node: Node, privacy: Privacy) -> Any:
    """Say which labels of a node are not shown: hidden, or an answer that few gave."""
    hidden = privacy.hidden(node)
    most = None if privacy.below is None else node.decimals(privacy.below, node.point[:, None])
    return hidden if most is None else np.asarray(hidden | (most[:, 0] == NO_DECIMALS))


def _shows(thing: Any, hidden: Sequence[str]) -> bool:
    """Say whether something is left of a result: a model or a comparison goes as a whole."""
    if isinstance(thing, Table):
        return True
    return isinstance(thing, Estimate) and len(hidden) < len(thing)


def _why(thing: Any, privacy: Privacy, level: float) -> str:
    """Give the rule that a result falls under."""
    below = privacy.below
    if isinstance(thing, Table):
        return f"cells of fewer than {below} participants, or others that would tell them; tests beside them"
    nodes = shown.nodes(thing, level)
    if any(below is not None and node.decimals(below, node.point[:, None]) is not None for node in nodes):
        return f"answers that fewer than {below} participants gave"
    if not isinstance(thing, Estimate):
        return "the whole rests on cells of few participants, or would tell hidden ones"
    return f"fewer than {below} participants, or what would tell of them"
