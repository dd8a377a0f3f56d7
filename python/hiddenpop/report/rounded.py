"""Numbers of a report that hides small cells, as coarse everywhere as they are read: in tables, files and figures alike.

Digits that nobody reads can tell of others. Redraws depend on the whole table, so that the last digits of an interval made of
draws differ with what is hidden; a quantile is somebody's answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..answers.contributions import NO_DECIMALS, rounded
from ..drawing.marks import Marks
from ..estimate.estimate import Estimate
from ..expression import graph
from ..expression.nodes import Node
from ..ground import distributions
from ..ground.columns import Bools, Codes, Floats
from ..ground.language import tr
from ..uncertainty import interval
from ..uncertainty.interval_methods import named
from ..words import printed
from ..words.rows import HIDDEN

#: Digits of numbers that are no estimates: of models, tests, and of what other families sum up.
DIGITS = 3
#: What is smaller is rounding.
TINY = 1e-12
#: How point, lower and upper end are rounded where that is coarse: the interval becomes no shorter.
SIDES = (0, -1, 1)
#: Decimals of probabilities.
OF_P = 3


@dataclass(frozen=True, eq=False)
class Rounded:
    """An estimate's numbers as they are shown: NaN where they are not."""

    #: Point, lower and upper end (labels x 3), and the decimals of each.
    values: Floats
    places: Codes
    #: Which of the numbers may not be written, because one participant's answer would be told.
    untold: Bools
    quantities: tuple[str, ...]
    #: Whether numbers are participants' answers, and whether intervals are made of redraws of people.
    answers: bool
    drawn: bool

    def texts(self, label: int) -> tuple[str, str]:
        """Write a label's estimate and its interval."""
        unit = self.quantities[label]
        shown = [
            tr("hidden") if no else printed.show(float(v), int(p), unit, bare=bool(i))
            for i, (v, p, no) in enumerate(zip(self.values[label], self.places[label], self.untold[label], strict=True))
        ]
        if self.answers and not np.isfinite(self.values[label, 1:]).all():
            return shown[0], HIDDEN  # where one end can't be written, nor whether there is any
        if np.isnan(self.values[label, 1]) and not self.untold[label, 1]:
            return shown[0], tr("no interval")
        return shown[0], tr("{low} to {high}", low=shown[1], high=shown[2])

    def notes(self, below: int | None, hidden: Bools) -> list[str]:
        """Say how numbers are written, where it is out of the ordinary."""
        found = []
        if self.answers and not hidden.all():
            found.append(
                tr(
                    "Quantiles are written so coarsely that {below} participants or more gave each answer; without one the place "
                    "is hidden.",
                    below=below,
                )
            )
        if self.drawn and not hidden.all():
            found.append(tr("Ends of intervals are rounded to what the number of redraws supports."))
        return found

    def marks(self, keep: Codes) -> Marks:
        """Return what a figure draws of some labels."""
        point, lower, upper = self.values[keep].T
        return Marks(point, lower, upper, tuple(self.quantities[int(i)] for i in keep))

    def frame(self, given: pd.DataFrame, hidden: Bools) -> pd.DataFrame:
        """Put the rounded numbers in the place of those of a summary; what is hidden is missing."""
        made = given.copy()
        for column, name in enumerate(("estimate", "lower", "upper")):
            made[name] = self.values[:, column]
        if "se" in made:
            made["se"] = [
                np.nan if self.answers else rounded(s, int(p))
                for s, p in zip(made["se"], self.places[:, 1], strict=True)
            ]
        return coarse(masked(made, hidden), besides=("estimate", "lower", "upper", "se"))


def of(est: Estimate, level: float, below: int, given: pd.DataFrame) -> Rounded:
    """Round an estimate's numbers, of which `given` is the summary.

    Points keep two digits of their standard error, as everywhere; ends of intervals that are made of draws as many as their
    Monte Carlo error supports; what is a participant's answer is as coarse as it takes for several to have given it.
    """
    node = est.node
    values = given[["estimate", "lower", "upper"]].to_numpy(dtype=float)
    own = printed.decimals(values[:, 0], values[:, 1], values[:, 2], node.floor)
    places = np.array([[place] * 3 for place in own], dtype=np.int64)
    places[:, 1:] = np.minimum(places[:, 1:], _supported(node, values, level)[:, None])
    if node.floor is not None:  # no limit is rounded to below what is certain
        for label, least in enumerate(node.floor):
            while np.isfinite(values[label, 1]) and _under(values[label, 1], int(places[label, 1]), float(least)):
                places[label, 1:] += 1
    untold = np.zeros(values.shape, dtype=bool)
    most = node.decimals(below, values, SIDES)
    if most is not None:
        untold = (most == NO_DECIMALS) & np.isfinite(values)
        places = np.minimum(places, np.where(untold, places, most))
    found = np.array(
        [
            [rounded(v, int(p), side if most is not None else 0) for v, p, side in zip(*row, SIDES, strict=True)]
            for row in zip(values, places, strict=True)
        ]
    ).reshape(values.shape)
    found[untold] = np.nan
    if most is not None:
        found[np.isnan(found[:, 1:]).any(axis=1), 1:] = np.nan
    return Rounded(found, places, untold, tuple(node.units), most is not None, redrawn(node))


def _under(value: float, places: int, least: float) -> bool:
    return places < 0 and value >= least > round(value, places)


def _supported(node: Node, values: Floats, level: float) -> Codes:
    """Return how many decimals the Monte Carlo error of intervals supports, where redraws of people make them."""
    found = np.full(len(values), printed.MOST_PLACES, dtype=np.int64)
    if not redrawn(node):
        return found
    tail = (1 - level) / 2
    z = -float(distributions.quantile(tail))
    density = float(np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi))
    draws = max(source.replicates for source in graph.sources(node))
    # The error of a quantile of draws of a normal (Serfling 1980, section 2.3.3), with the interval's width for its spread.
    error = np.sqrt(tail * (1 - tail) / draws) / density * (values[:, 2] - values[:, 1]) / (2 * z)
    some = np.isfinite(error) & (error > 0)
    found[some] = np.floor(-np.log10(error[some])).astype(np.int64)
    return found


def redrawn(node: Node) -> bool:
    """Tell whether an interval is made of redraws of people, which differ with every one of them."""

    def drawn(one: Node) -> bool:
        return named(interval.default_method(one)).rests_on == "draws"

    people = [source for source in graph.sources(node) if source.origin.people]
    return any(drawn(source) for source in people) or bool(people and drawn(node))


def masked(frame: pd.DataFrame, hidden: Bools) -> pd.DataFrame:
    """Take the numbers of hidden rows out of a table."""
    made = frame.copy()
    if hidden.any():
        for name in [c for c in made.columns if pd.api.types.is_numeric_dtype(made[c])]:
            made[name] = made[name].mask(hidden)
    return made


def coarse(frame: pd.DataFrame, besides: tuple[str, ...] = ()) -> pd.DataFrame:
    """Round the fractions of a table to three digits, and probabilities to three decimals."""
    made = frame.copy()
    for name in made.columns:
        if name not in besides and pd.api.types.is_float_dtype(made[name]):
            made[name] = [
                _coarse(str(name), float(value)) for value in made[name].to_numpy(dtype=float, na_value=np.nan)
            ]
    return made


def _coarse(name: str, value: float) -> float:
    if not np.isfinite(value) or not value:
        return value
    if name == "p" or name.startswith("p_"):
        return rounded(value, OF_P)
    if abs(value) < TINY:
        return 0.0
    places = DIGITS - 1 - int(np.floor(np.log10(abs(value))))
    return rounded(value, max(places, 0) if abs(value) < 1e15 else places)
