"""Trees of recruitment on paper: who recruited whom, without anybody's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..answers.by_recruitment import between
from ..drawing.axes import COLOURS, MARKERS, axes_for, legend, legend_name, note, tell
from ..ground.columns import Codes, Floats
from ..ground.language import number, plural, tr
from ..ground.text import label_of
from ..sample.forest import Forest
from ..sample.recruited_again import recruits_of
from ..sample.sample import Sample

if TYPE_CHECKING:
    from matplotlib.axes import Axes
#: Inches: the width of a figure, and the height of a wave.
WIDTH, WAVE = 10.0, 0.36
#: A sheet of trees is about so many times as wide as high, in steps between participants and waves.
FLAT = 4.0
#: Empty steps between chains, and empty waves between rows of them.
GAP, ROW = 2.0, 1.0
#: Points: a participant's mark at most and at least, and how much of a step it fills.
LARGEST, LEAST, FILLED = 8.0, 2.5, 0.8


def plot(sample: Sample, colour: str | None, *, ax: Axes | None) -> Axes:
    """Draw the trees; see `Survey.plot_tree`."""
    forest = recruits_of(sample, "plot_tree()").forest
    codes, labels = np.zeros(len(forest.wave), dtype=np.int64), [tr("participants")]
    if colour is not None:
        codes, found, _ = between(sample, colour)
        labels = [label_of(label) for label in found]
    x, y = places(forest)
    axes = axes_for(ax, (np.ptp(y) + 2) * WAVE / 0.5, WIDTH)
    recruits = np.flatnonzero(~forest.seeds)
    giver = forest.recruiter[recruits]
    axes.plot(
        np.stack([x[giver], x[recruits]]), np.stack([y[giver], y[recruits]]), color="0.7", linewidth=0.7, zorder=1
    )
    step = axes.get_window_extent().width * 72 / axes.figure.dpi / (np.ptp(x) + 2)
    size = float(np.clip(FILLED * step, LEAST, LARGEST))
    for code, label in [*enumerate(labels), *([(-1, tr("not known"))] if (codes < 0).any() else [])]:
        look: dict[str, Any] = {"color": COLOURS[code % len(COLOURS)], "marker": MARKERS[code % len(MARKERS)]}
        if code < 0:
            look = {"facecolors": "white", "edgecolors": "0.4", "marker": "o"}
        here = codes == code
        grown = np.where(forest.seeds[here], 2.0 * size, size) ** 2
        axes.scatter(x[here], y[here], s=grown, label=legend_name(label), linewidths=0.5, zorder=2, **look)
    axes.set_axis_off()
    axes.set_xlim(x.min() - 1, x.max() + 1)
    axes.set_ylim(y.min() - 1, y.max() + 1)
    chains, waves = int(forest.seeds.sum()), int(forest.wave.max())
    said = tr(
        "{count:,} participants from {seeds} in {waves}",
        count=len(x),
        seeds=plural("{n:,} seed (large)", "{n:,} seeds (large)", n=chains),
        waves=plural("{n:,} wave", "{n:,} waves", n=waves),
    )
    if colour is not None:
        handles = legend(
            axes, loc="lower center", bbox_to_anchor=(0.5, -0.06), ncols=min(len(labels) + 1, 5)
        ).legend_handles
        for handle in handles:
            handle.set_sizes([LARGEST**2])
    shown = tr("{what}, by {column}", what=said, column=colour) if colour is not None else said
    note(axes, [f"{shown}."], style="normal")
    counted = [f"{label} {number(int((codes == code).sum()), ',')}" for code, label in enumerate(labels)]
    told = tr("Trees of recruitment: {what}.", what=shown)
    tell(axes, f"{told} {'; '.join(counted)}." if colour is not None else told)
    return axes


def places(forest: Forest) -> tuple[Floats, Floats]:
    """Return where participants stand: recruits below their recruiters, chains beside one another in rows, seeds on top.

    Participants of a wave are a step apart at least, and subtrees as close as that allows (Reingold and Tilford 1981, IEEE
    Transactions on Software Engineering 7:223-228).
    """
    x, left, right = _within(forest)
    seeds = forest.order[forest.seeds[forest.order]]
    widths = {seed: max(right[seed]) - min(left[seed]) + GAP for seed in seeds.tolist()}
    heights = {seed: len(left[seed]) + ROW for seed in seeds.tolist()}
    area = sum(widths[seed] * heights[seed] for seed in widths)
    most = max(*widths.values(), float(np.sqrt(area * FLAT)))
    x, y = x.copy(), -forest.wave.astype(float)
    used, top, deepest = 0.0, 0.0, 0.0
    for seed in sorted(widths, key=lambda one: -heights[one]):  # chains of one depth share a row
        if used and used + widths[seed] > most:
            used, top, deepest = 0.0, top - deepest, 0.0
        here = forest.seed == seed
        x[here] += used - min(left[seed])
        y[here] += top
        used, deepest = used + widths[seed], max(deepest, heights[seed])
    return x, y


def _within(forest: Forest) -> tuple[Floats, dict[int, list[float]], dict[int, list[float]]]:
    """Return where everybody stands from the seed, and for each seed the ends of its waves."""
    people = len(forest.wave)
    recruits: list[list[int]] = [[] for _ in range(people)]
    for one in forest.order.tolist():
        if forest.recruiter[one] >= 0:
            recruits[forest.recruiter[one]].append(one)
    away = np.zeros(people)
    left: dict[int, list[float]] = {}
    right: dict[int, list[float]] = {}
    waves: list[Codes] = forest.waves
    for wave in reversed(waves):
        for one in wave.tolist():
            left[one], right[one] = _joined(recruits[one], left, right, away)
    x = np.zeros(people)
    for wave in waves[1:]:
        x[wave] = x[forest.recruiter[wave]] + away[wave]
    return x, left, right


def _joined(
    below: list[int], left: dict[int, list[float]], right: dict[int, list[float]], away: Floats
) -> tuple[list[float], list[float]]:
    """Put subtrees beside one another under their recruiter; return the ends of all waves from there."""
    low: list[float] = []
    high: list[float] = []
    for one in below:
        ends, begins = right.pop(one), left.pop(one)
        shift = max((a - b + 1 for a, b in zip(high, begins, strict=False)), default=0.0)
        away[one] = shift
        low += [b + shift for b in begins[len(low) :]]
        high = [e + shift for e in ends] + high[len(ends) :]
    if not below:
        return [0.0], [0.0]
    middle = (away[below[0]] + away[below[-1]]) / 2
    away[below] -= middle
    return [0.0, *(v - middle for v in low)], [0.0, *(v - middle for v in high)]
