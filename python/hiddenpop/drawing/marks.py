"""Points with intervals, upright or lying: what every figure of estimates is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from ..expression.labelled import Labelled
from ..ground import checks
from ..ground.columns import Bools, Floats
from ..ground.language import tr
from ..uncertainty import interval
from ..uncertainty.notes import tell
from ..words import methods, printed

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class Marks:
    """Points and the ends of their intervals; NaN where there is none."""

    point: Floats
    lower: Floats
    upper: Floats
    quantities: tuple[str, ...]
    #: What the limits can't be less than; None where nothing is known.
    floor: Floats | None = None

    @property
    def missing(self) -> Bools:
        """Labels without an estimate: undefined, or unbounded themselves."""
        return ~np.isfinite(self.point)

    @property
    def bare(self) -> Bools:
        """Labels with an estimate but no interval."""
        return ~self.missing & np.isnan(self.lower) & np.isnan(self.upper)

    @property
    def unbounded(self) -> Bools:
        """Labels whose interval has no upper end."""
        return np.asarray(~self.missing & np.isposinf(self.upper))

    def finite(self) -> Floats:
        """Return every number that can be drawn."""
        numbers = np.concatenate([self.point, self.lower, self.upper])
        return np.asarray(numbers[np.isfinite(numbers)])

    def texts(self) -> list[str]:
        """Write each as tables do: 13,300 (12,600 to 14,200)."""
        places = printed.decimals(self.point, self.lower, self.upper, self.floor)
        written = []
        for row, spread in enumerate(places):
            whole = self.quantities[row] == "size" and self.point[row] == np.round(self.point[row])
            digits = 0 if whole and self.bare[row] else spread  # people, as published
            show = [printed.show(v[row], digits, self.quantities[row]) for v in (self.point, self.lower, self.upper)]
            ranged = np.isfinite(self.point[row]) and not self.bare[row]
            low, high = show[1:]
            written.append(tr("{value} ({low} to {high})", value=show[0], low=low, high=high) if ranged else show[0])
        return written


def measured(est: Labelled, level: float, *, warned: bool = True) -> Marks:
    """Return points and intervals of an estimate, warning of what must be known where the figure can't show it."""
    level = checks.check_level(level)
    if est.node.quantity == "event":
        raise InputError("A comparison has a probability, not a figure: hp.prob(a > b).")
    ends, notes = interval.interval(est.node, level, interval.default_method(est.node), None)
    if warned:
        tell(notes, est.labels)
    return Marks(est.node.point, ends[:, 0], ends[:, 1], tuple(est.node.quantities), est.node.floor)


def caveats(est: Labelled) -> list[str]:
    """Return the notes that came with the data."""
    return methods.caveats(est.node)


def far_end(numbers: Floats) -> float:
    """Return where an interval without an upper end stops in the figure: beyond all that is drawn."""
    if not len(numbers):
        return 1.0
    return float(numbers.max() + 0.15 * max(np.ptp(numbers), abs(numbers.max())))


def draw(axes: Axes, place: Floats, marks: Marks, *, lying: bool, far: float, **style: Any) -> Any:
    """Draw points with intervals; an arrow head where there is no upper end."""
    with np.errstate(invalid="ignore"):
        ends = np.array([marks.point - marks.lower, np.where(marks.unbounded, far, marks.upper) - marks.point])
    reach = np.where(np.isfinite(ends), np.maximum(ends, 0), 0)
    reach[:, marks.bare] = np.nan  # no caps where nothing is known of the interval
    point = np.where(marks.missing, np.nan, marks.point)
    options: dict[str, Any] = {"fmt": "o", "markersize": 7, "capsize": 4, "elinewidth": 1.8} | style
    where: dict[str, Any] = (
        {"x": point, "y": place, "xerr": reach} if lying else {"x": place, "y": point, "yerr": reach}
    )
    drawn = axes.errorbar(**where, **options)
    open_ended = np.flatnonzero(marks.unbounded)
    if len(open_ended):
        ends_at = np.full(len(open_ended), far)
        x, y, head = (ends_at, place[open_ended], ">") if lying else (place[open_ended], ends_at, "^")
        axes.plot(x, y, head, color=options.get("color"), markersize=8, clip_on=False)
    return drawn
