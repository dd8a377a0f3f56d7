"""What was hidden and why, cell by cell: for the colleague who checks output before it leaves the office."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..sample.cut import Cut, Known


@dataclass(frozen=True)
class HiddenCell:
    """A hidden cell. It holds what the cell hides: it stays where the data are.

    Attributes
    ----------
    title, label : str
        The table or estimate, and the cell in it.
    reason : str
        Why it is hidden: few people, few others, few who answered, or another cell that could be worked out with it.
    participants : int
        How many are in it.
    low, high : int or None
        The least and the most that a reader who sees everything else must reckon with; None for cells that are hidden to
        protect another one.
    """

    title: str
    label: str
    reason: str
    participants: int
    low: int | None = None
    high: int | None = None


def of_cuts(cuts: Sequence[Cut], below: int) -> list[HiddenCell]:
    """List the hidden cells of tables and estimates that `disclosure.close` looked at together."""
    return [
        _cell(cut, level, group, below)
        for cut in cuts
        for group in cut.places
        for level in cut.lines
        if cut.hidden[level, group]
    ]


def _cell(cut: Cut, level: int, group: int, below: int) -> HiddenCell:
    own, answered = cut.count(level, group), cut.count(None, group)
    # Of yes and no one stands for both: what is known of the small one is known of the other.
    small = [one for one in range(cut.levels) if 0 < cut.count(one, group) < below]
    about = level if level in small or cut.shown is None or len(small) != 1 else small[0]
    known = cut.known.get((about, group), Known())
    protected = cut.known.get((level, group), Known()).protects
    if 0 < own < below:
        reason = f"fewer than {below} participants"
    elif 0 < answered < below:
        reason = f"fewer than {below} answered"
    elif 0 < answered - own < below:
        reason = f"all but fewer than {below} participants"
    elif cut.secret is not None and cut.secret[level, group]:
        reason = f"made up by fewer than {below} participants, or by one for the most part"
    elif protected is not None:
        other, (line, place) = protected
        reason = f"would tell the number of {other.title}: {other.label(line, place)}"
    else:
        reason = "others could be worked out with it"
    return HiddenCell(cut.title, cut.label(level, group), reason, own, known.low, known.high)
