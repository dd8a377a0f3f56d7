"""What intervals do: coverage, misses and width, and checks on these figures."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .simulate import Bools, Floats, Setting

if TYPE_CHECKING:
    from .report import Scenario

#: One name, several, or (for settings) all.
Names = str | Sequence[str] | None
#: A limit this close to the truth (relatively) equals it: 9/30 covers 0.3.
TIE = 1e-9
#: Where fewer samples than this get an interval, there is nothing to say about those few.
FEWEST = 0.01


@dataclass(frozen=True)
class Row:
    """What one way to make intervals does in one setting; all but the width in percent."""

    setting: str
    way: str
    coverage: float
    error: float
    least: float
    most: float
    below: float
    above: float
    no_estimate: float
    no_interval: float
    no_upper: float
    no_lower: float
    width: float


def assess(setting: Setting) -> Iterator[Row]:
    """Compare limits with the truth, for every way to make them."""
    # A sample without any limits has no estimate: percentiles exist wherever an estimate does.
    estimated: Bools = np.logical_not(np.isnan(setting.ends).all(axis=(2, 3)))
    weights = np.broadcast_to(setting.weights[:, None] / setting.ends.shape[1], estimated.shape)
    around = [list(assess(other)) for other in setting.nearby]
    for position, way in enumerate(setting.ways):
        near = [rows[position].coverage for rows in around] or [math.nan]
        lower, upper = setting.ends[:, :, position, 0], setting.ends[:, :, position, 1]
        given = ~np.isnan(lower) & ~np.isnan(upper)
        enough = (weights * given).sum() >= FEWEST * (weights * estimated).sum()
        counted: Bools = np.logical_and(given, enough)
        below = counted & (setting.truth < lower - TIE * setting.truth)
        above = counted & (setting.truth > upper + TIE * setting.truth)
        covered = counted & ~below & ~above
        yield Row(
            setting=setting.name,
            way=way.label,
            coverage=_percent(weights, covered, counted),
            error=_error(weights, covered, counted),
            least=min(near),
            most=max(near),
            below=_percent(weights, below, counted),
            above=_percent(weights, above, counted),
            no_estimate=_percent(weights, ~estimated, np.ones_like(estimated)),
            no_interval=_percent(weights, estimated & ~given, estimated),
            no_upper=_percent(weights, counted & np.isinf(upper), counted),
            no_lower=_percent(weights, counted & (lower <= 0), counted),
            width=_median((upper - lower)[counted], weights[counted]) / setting.truth,
        )


def _percent(weights: Floats, part: Bools, whole: Bools) -> float:
    """Return the weight of a part of the whole, NaN for a part of nothing."""
    return 100 * float((weights * part).sum() / (weights * whole).sum()) if whole.any() else math.nan


def _error(weights: Floats, covered: Bools, given: Bools) -> float:
    """Return the Monte Carlo standard error of a coverage in percent: strata are fixed, repeats vary."""
    if not given.any():
        return math.nan
    repeats = weights.shape[1]
    residual = given * (covered - _percent(weights, covered, given) / 100)
    variance = (weights[:, 0] ** 2 * repeats * residual.var(axis=1, ddof=1)).sum()
    return 100 * math.sqrt(variance) / float((weights * given).sum())


def _median(values: Floats, weights: Floats) -> float:
    if not len(values):
        return math.nan
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) >= weights.sum() / 2
    return float(values[order][np.argmax(reached)])


class Figures:
    """The figures of all tables, for checks and for sentences."""

    def __init__(self, scenarios: Sequence[Scenario]) -> None:
        numbered = enumerate(scenarios, 1)
        self._rows = {(number, row.setting, row.way): row for number, scenario in numbered for row in scenario.rows}

    def settings(self, scenario: int) -> list[str]:
        """Return the settings of a scenario."""
        return list(dict.fromkeys(setting for number, setting, _ in self._rows if number == scenario))

    def values(self, scenario: int, setting: Names, way: Names, figure: Names = "coverage") -> list[float]:
        """Return the figures of some settings and ways; without a setting of all settings."""
        chosen = itertools.product(_names(setting) or self.settings(scenario), _names(way), _names(figure))
        return [float(getattr(self._rows[scenario, s, w], f)) for s, w, f in chosen]

    def quote(self, scenario: int, setting: Names, way: Names, figure: Names = "coverage") -> str:
        """Write a percentage, or the least and the most of several."""
        values = [value for value in self.values(scenario, setting, way, figure) if not math.isnan(value)]
        least, most = f"{min(values):.1f}%", f"{max(values):.1f}%"
        return least if least == most else f"{least} to {most}"

    def number(self, scenario: int, setting: str | None, way: str, figure: str) -> str:
        """Write a figure that is no percentage."""
        return f"{self.values(scenario, setting, way, figure)[0]:.1f}"

    def defaults(self) -> list[tuple[int, Row]]:
        """Return the rows of default intervals, with the number of their scenario."""
        return [(number, row) for (number, _, way), row in self._rows.items() if way == "default"]

    def outside(self) -> list[tuple[int, Row]]:
        """Return those whose default interval covers too rarely or too often, by more than two standard errors."""
        return [(number, row) for number, row in self.defaults() if not in_band(row)]

    def held(self, scenarios: Sequence[int] | None = None) -> str:
        """Say how many defaults hold what they promise."""
        rows = [row for number, row in self.defaults() if scenarios is None or number in scenarios]
        return f"{sum(map(in_band, rows))} of {len(rows)}"


#: What a default interval may cover, or it declines.
BAND = (93.5, 98.0)


def in_band(row: Row) -> bool:
    """Tell whether a row's coverage lies in the band, but for two Monte Carlo standard errors."""
    slack = 2 * (0.0 if math.isnan(row.error) else row.error) + 0.05
    return BAND[0] - slack <= row.coverage <= BAND[1] + slack


def _names(given: Names) -> tuple[str, ...]:
    return () if given is None else (given,) if isinstance(given, str) else tuple(given)


@dataclass(frozen=True)
class Check:
    """Bounds on figures: sanity of the package, or what a judgement of the summary rests on.

    Without a setting the bounds hold in all settings of the scenario. With `minus` they hold for the difference from
    another way in the same setting.
    """

    scenario: int
    setting: Names
    way: Names
    low: float
    high: float
    figure: Names = "coverage"
    minus: str | None = None

    def failures(self, figures: Figures) -> Iterator[str]:
        """Say what is wrong, if anything is."""
        settings = _names(self.setting) or figures.settings(self.scenario)
        for setting, way, figure in itertools.product(settings, _names(self.way), _names(self.figure)):
            (value,) = figures.values(self.scenario, setting, way, figure)
            name = figure
            if self.minus:
                value -= figures.values(self.scenario, setting, self.minus, figure)[0]
                name = f"{figure} minus that of {self.minus}"
            if not self.low <= value <= self.high:
                yield (
                    f"Scenario {self.scenario}, {setting}, {way}: {name} is {value:.2f}, not within {self.low:g} to "
                    f"{self.high:g}."
                    f"{self.high:g}."
                )


@dataclass(frozen=True)
class Defaults:
    """All default intervals cover what they promise, but for rows that are named with a reason."""

    exceptions: Sequence[tuple[int, str]] = ()

    def failures(self, figures: Figures) -> Iterator[str]:
        """Say which row is outside without being named, and which is named without being outside."""
        found = {(number, row.setting): row for number, row in figures.outside()}
        for (number, setting), row in found.items():
            if (number, setting) not in self.exceptions:
                yield f"Scenario {number}, {setting}: the default covers {row.coverage:.1f}%, outside {BAND[0]} to {BAND[1]}."
        for one in self.exceptions:
            if one not in found:
                yield f"Scenario {one[0]}, {one[1]} is named as an exception, and its default covers what it should."
