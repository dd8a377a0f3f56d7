"""Coverage and width of the package's 95% intervals, by simulation with known truth.

Writes docs/validation.md. `make validate` runs it: three to five minutes on two cores. The summary's numbers are
computed and its judgements written by hand: each judgement rests on checks, and when one fails the report withholds
the summary and the script exits with 1.
"""

from __future__ import annotations

import itertools
import math
import multiprocessing
import platform
import sys
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import hiddenpop as hp
import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
#: One name, several, or (for settings) all.
Names = str | Sequence[str] | None

REPORT = Path(__file__).parents[1] / "docs" / "validation.md"
PROCESSES = 2
LEVEL = 0.95
REPLICATES = 2_000
SEED = 2023
#: A limit this close to the truth (relatively) equals it: 9/30 covers 0.3.
TIE = 1e-9

#: Where fewer samples than this get an interval, there is nothing to say about those few.
FEWEST = 0.01

#: Exact scenarios: independent bootstraps of every distinct count k.
REPEATS = 20
SIZES = (30, 127, 393)
SHARES = (0.05, 0.3, 0.6)
#: Settings of the study, besides the grid.
STUDY = ((127, 0.31), (393, 0.61))
#: Coverage is also found for this many other shares, up to this far (relatively) from p.
NEIGHBOURS = 41
NEAR = 0.1
#: Counts k less likely than this under every share are left out.
NEGLIGIBLE = 1e-9
BENCHMARK = 8_126

#: Derived total: people known to the register, share of them in treatment, participants.
OPIOIDS, CRACK = "opioids", "crack only"
REGISTERED = {OPIOIDS: 8_126, CRACK: 4_912}
PARTICIPANTS = {OPIOIDS: 393, CRACK: 127}
TREATED = {OPIOIDS: 0.61, CRACK: 0.31}
USES = 0.893
USES_IF_TREATED = 0.85
USES_IF_NOT = (USES - TREATED[OPIOIDS] * USES_IF_TREATED) / (1 - TREATED[OPIOIDS])
STUDY_SAMPLES = 8_000

#: Skewed variable: lognormal with this sigma of the log, and mu = 0.
SIGMA = 1.0
SKEWED_SAMPLES = 6_000
MEAN_SIZES = (30, 127)
MEDIAN_SIZES = (31, 127)


@dataclass(frozen=True)
class Way:
    """A way to make an interval from an estimate."""

    label: str
    method: str
    scale: str | None = None


PERCENTILE, BC = Way("percentile", "percentile"), Way("bc", "bc")
SHARE_WAYS = (
    PERCENTILE,
    BC,
    Way("basic", "basic"),
    Way("normal", "normal"),
    Way("wilson", "wilson"),
    Way("beta", "beta"),
)
#: The default scale is not named in the call, so that the default is what is validated.
SIZE_WAYS = (
    PERCENTILE,
    BC,
    Way("basic, log (default)", "basic"),
    Way("normal, log (default)", "normal"),
    Way("basic, identity", "basic", "identity"),
    Way("normal, identity", "normal", "identity"),
)
VALUE_WAYS = (
    PERCENTILE,
    BC,
    Way("basic, identity (default)", "basic"),
    Way("normal, identity (default)", "normal"),
    Way("basic, log", "basic", "log"),
    Way("normal, log", "normal", "log"),
)
#: Studentized intervals against their rivals, where samples are small.
SMALL_WAYS = (
    PERCENTILE,
    Way("bca", "bca"),
    Way("t (default scale)", "t"),
    Way("studentized (default scale)", "studentized"),
    Way("studentized, log", "studentized", "log"),
)
SMALL_SAMPLES = 2_000
#: Clusters and people in each; their shares are drawn from a beta distribution.
CLUSTERS, CLUSTER_SIZE, CLUSTER_SHARE, CLUSTER_CORRELATION = 15, 12, 0.2, 0.1


# Intervals of one sample: what worker processes run


def prepare_worker() -> None:
    """Set up a worker: one thread, and no warnings about single samples."""
    hp.settings(threads=1, replicates=REPLICATES)
    warnings.simplefilter("ignore", hp.HiddenpopWarning)


def ends_of(estimate: hp.Estimate, ways: Sequence[Way]) -> Floats:
    """Return the limits of an estimate with one label (ways x 2)."""
    intervals = [estimate.interval(LEVEL, method=way.method, scale=way.scale) for way in ways]
    return np.array([interval.to_numpy()[0] for interval in intervals])


def size_ends(share: hp.Estimate) -> Floats:
    """Return the limits of a multiplier size; all NaN where the size has no estimate."""
    try:
        return ends_of(hp.multiplier(BENCHMARK, share), SIZE_WAYS)
    except hp.EstimationError:
        return np.full((len(SIZE_WAYS), 2), np.nan)


def binomial_ends(count: tuple[int, int]) -> Floats:
    """Return limits of the share and of the size when k of n are in the register (repeats x ways x 2)."""
    n, k = count
    repeats = []
    for repeat in range(REPEATS):
        table = {"registered": [1, 0], "count": [k, n - k]}
        share = hp.Survey(table, counts="count", seed=1_000 * repeat + k).proportion("registered")
        repeats.append(np.concatenate([ends_of(share, SHARE_WAYS), size_ends(share)]))
    return np.array(repeats)


def study_ends(sample: int) -> Floats:
    """Draw one two-group survey, and return the limits of the total of people who use crack (ways x 2)."""
    rng = np.random.default_rng([SEED, sample])
    p = TREATED[OPIOIDS]
    joint = [p * USES_IF_TREATED, p * (1 - USES_IF_TREATED), (1 - p) * USES_IF_NOT, (1 - p) * (1 - USES_IF_NOT)]
    treated = rng.binomial(PARTICIPANTS[CRACK], TREATED[CRACK])
    table = {
        "group": [OPIOIDS] * 4 + [CRACK] * 2,
        "treated": [1, 1, 0, 0, 1, 0],
        "uses": [1, 0, 1, 0, 1, 1],
        "count": [*rng.multinomial(PARTICIPANTS[OPIOIDS], joint), treated, PARTICIPANTS[CRACK] - treated],
    }
    survey = hp.Survey(table, counts="count", strata="group", seed=sample)
    people = hp.multiplier(REGISTERED, survey.proportion("treated", by="group"))
    return ends_of((people * survey.proportion("uses", by="group")).sum("people who use crack"), SIZE_WAYS)


def skewed_ends(statistic: str, n: int, sample: int) -> Floats:
    """Draw one sample of a lognormal variable, and return the limits of its mean or median (ways x 2)."""
    rng = np.random.default_rng([SEED, n, sample])
    survey = hp.Survey({"value": rng.lognormal(0.0, SIGMA, n)}, seed=sample)
    estimate = survey.mean("value") if statistic == "mean" else survey.median("value")
    return ends_of(estimate, VALUE_WAYS)


def small_ends(statistic: str, sample: int) -> Floats:
    """Draw a small skewed sample, or a few clusters, and return the limits of its mean or share (ways x 2)."""
    rng = np.random.default_rng([SEED, len(statistic), sample])
    if statistic == "mean":
        return ends_of(hp.Survey({"value": rng.lognormal(0.0, SIGMA, 30)}, seed=sample).mean("value"), SMALL_WAYS)
    spread = 1 / CLUSTER_CORRELATION - 1
    level = rng.beta(CLUSTER_SHARE * spread, (1 - CLUSTER_SHARE) * spread, CLUSTERS)
    table = {
        "cluster": np.repeat(np.arange(CLUSTERS), CLUSTER_SIZE),
        "has": rng.random(CLUSTERS * CLUSTER_SIZE) < np.repeat(level, CLUSTER_SIZE),
    }
    return ends_of(hp.Survey(table, clusters="cluster", seed=sample).proportion("has"), SMALL_WAYS)


# Scenarios: settings with a known truth, and the limits simulated for them


@dataclass(frozen=True)
class Setting:
    """Limits under one truth: draws (strata x repeats x ways x 2) with the probability of each stratum."""

    name: str
    truth: float
    ways: Sequence[Way]
    weights: Floats
    ends: Floats
    nearby: Sequence[Setting] = ()


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


def simulated(name: str, truth: float, ways: Sequence[Way], ends: Sequence[Floats]) -> Setting:
    """Make a setting of samples that all count alike."""
    return Setting(name, truth, ways, np.ones(1), np.array(ends)[None])


def binomial_settings(pool: ProcessPoolExecutor) -> tuple[list[Setting], list[Setting]]:
    """Return settings of shares and of sizes: every k is bootstrapped once and weighted by its probability."""
    shares, sizes = [], []
    split = len(SHARE_WAYS)
    for n in SIZES:
        truths = sorted({*SHARES, *(p for size, p in STUDY if size == n)})
        bands = {p: p * np.linspace(1 - NEAR, 1 + NEAR, NEIGHBOURS) for p in truths}
        likely = np.max([chances(n, p) for band in bands.values() for p in band], axis=0) > NEGLIGIBLE
        counts = [(n, int(k)) for k in np.flatnonzero(likely)]
        ends = np.array(list(pool.map(binomial_ends, counts, chunksize=4)))
        for p in truths:
            share, size = [], []
            for value in (p, *bands[p]):
                name, weights = f"n = {n}, p = {p:g}", chances(n, value)[likely]
                share.append(Setting(name, value, SHARE_WAYS, weights, ends[:, :, :split]))
                size.append(Setting(name, BENCHMARK / value, SIZE_WAYS, weights, ends[:, :, split:]))
            shares.append(replace(share[0], nearby=share[1:]))
            sizes.append(replace(size[0], nearby=size[1:]))
    return shares, sizes


def chances(n: int, p: float) -> Floats:
    """Return the probabilities of 0 to n successes."""
    return np.array([math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)])


def study_setting(pool: ProcessPoolExecutor) -> Setting:
    """Return the setting of the study's derived total."""
    truth = REGISTERED[OPIOIDS] / TREATED[OPIOIDS] * USES + REGISTERED[CRACK] / TREATED[CRACK]
    ends = list(pool.map(study_ends, range(STUDY_SAMPLES), chunksize=50))
    return simulated(f"n = {PARTICIPANTS[OPIOIDS]} and {PARTICIPANTS[CRACK]}", truth, SIZE_WAYS, ends)


def skewed_setting(pool: ProcessPoolExecutor, statistic: str, n: int) -> Setting:
    """Return the setting of a skewed variable's mean or median."""
    truth = math.exp(SIGMA**2 / 2) if statistic == "mean" else 1.0
    ends = list(pool.map(partial(skewed_ends, statistic, n), range(SKEWED_SAMPLES), chunksize=100))
    return simulated(f"n = {n}", truth, VALUE_WAYS, ends)


def small_settings(pool: ProcessPoolExecutor) -> list[Setting]:
    """Return the settings that compare studentized intervals with others in small samples."""
    truths = {"mean": math.exp(SIGMA**2 / 2), "share": CLUSTER_SHARE}
    names = {"mean": "mean, n = 30", "share": f"share, {CLUSTERS} clusters"}
    settings = []
    for statistic, truth in truths.items():
        ends = list(pool.map(partial(small_ends, statistic), range(SMALL_SAMPLES), chunksize=50))
        settings.append(simulated(names[statistic], truth, SMALL_WAYS, ends))
    return settings


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


# Report


@dataclass(frozen=True)
class Scenario:
    """A table of the report, with what must be known to read it."""

    title: str
    about: str
    rows: list[Row]


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
                )


NEARBY = ("least", "most")
LOG_BASIC, LOG_NORMAL = "basic, log (default)", "normal, log (default)"
PERCENTILES = ("percentile", "bc")
FOUR = tuple(way.label for way in SHARE_WAYS[:4])
VALUE_LABELS = tuple(way.label for way in VALUE_WAYS)
VALUE_BASIC = ("basic, identity (default)", "basic, log")
VALUE_NORMAL = ("normal, identity (default)", "normal, log")
OPIOID_SIZE, CRACK_SIZE = "n = 393, p = 0.61", "n = 127, p = 0.31"
LARGE = tuple(f"n = {n}, p = {p:g}" for n, p in (*itertools.product((127, 393), (0.3, 0.6)), *STUDY))
#: Expected in the register: 1.5, 6, 9 and 20 people.
TWO, SIX, NINE, TWENTY = "n = 30, p = 0.05", "n = 127, p = 0.05", "n = 30, p = 0.3", "n = 393, p = 0.05"
#: The scenario of small samples.
SMALL, SMALL_MEAN, SMALL_SHARE = 6, "mean, n = 30", f"share, {CLUSTERS} clusters"
STUDENTIZED = ("studentized (default scale)", "studentized, log")
#: Where an interval usually has both ends.
BOUNDED = (*LARGE, NINE, TWENTY)

CHECKS = (
    # Sanity, whatever the summary says
    Check(1, "n = 393, p = 0.6", FOUR, 93.5, 96.5),
    Check(2, ("n = 393, p = 0.3", "n = 393, p = 0.6"), "percentile", 93.5, 96.5),
    # "percentiles cover": sizes, the total, elsewhere on the grid
    Check(2, LARGE, PERCENTILES, 94, 96),
    Check(2, LARGE, PERCENTILES, 93.5, 96, NEARBY),
    Check(3, None, PERCENTILES, 94, 96),
    Check(2, CRACK_SIZE, "percentile", 0.5, 0.65, "width"),
    Check(2, OPIOID_SIZE, "percentile", 0.14, 0.18, "width"),
    Check(2, TWENTY, "percentile", 93, 95),
    Check(2, TWENTY, "percentile", 3.3, 6, "below"),
    Check(2, TWENTY, "percentile", 0, 2.7, "above"),
    Check(2, NINE, "percentile", 85, 93.5, "least"),
    Check(2, NINE, "percentile", 1.2, 2, "width"),
    # "few registered participants"
    Check(2, SIX, "percentile", 85, 93.5, "least"),
    Check(2, SIX, "percentile", 5, 20, "no_upper"),
    Check(2, SIX, "percentile", 2, 4, "width"),
    Check(2, TWO, "percentile", 21, 22, "no_estimate"),
    Check(2, TWO, "percentile", 85, 100, "no_upper"),
    Check(2, TWO, "percentile", 97, 100),
    # "bc differs little", milder where few are registered
    *(Check(scenario, None, "bc", -1.2, 1.2, minus="percentile") for scenario in range(1, 6)),
    Check(2, (CRACK_SIZE, OPIOID_SIZE), "bc", -0.5, 0.5, minus="percentile"),
    Check(3, None, "bc", -0.5, 0.5, minus="percentile"),
    Check(2, (SIX, NINE), "bc", 0.4, 3, "least", minus="percentile"),
    # "normal gives no interval" where a replicate has a share of zero
    Check(2, LARGE, LOG_NORMAL, 94, 96),
    Check(2, LARGE, LOG_NORMAL, 93.5, 96.5, NEARBY),
    Check(3, None, LOG_NORMAL, 94, 97),
    Check(2, NINE, LOG_NORMAL, 15, 100, "no_interval"),
    Check(2, SIX, LOG_NORMAL, 50, 100, "no_interval"),
    # "basic is lopsided"
    Check(2, BOUNDED, LOG_BASIC, 0, 2, "below"),
    Check(2, BOUNDED, LOG_BASIC, 3, 10, "above"),
    Check(3, None, LOG_BASIC, 0, 0.6, "below"),
    Check(3, None, LOG_BASIC, 4, 7, "above"),
    Check(3, None, LOG_BASIC, 93.5, 96),
    Check(2, BOUNDED, "basic, identity", 70, 95),
    Check(2, SIX, LOG_BASIC, 5, 20, "no_interval"),
    # Shares
    Check(1, (*LARGE, SIX, TWENTY), PERCENTILES, 93, 96),
    Check(1, LARGE, PERCENTILES, 93.5, 96, NEARBY),
    Check(1, SIX, "percentile", 85, 93.5, "least"),
    Check(1, SIX, "basic", 75, 88, "least"),
    Check(1, SIX, "normal", 80, 91, "least"),
    Check(1, NINE, "percentile", 85, 93.5, "least"),
    Check(1, TWO, FOUR, 76, 80),
    Check(1, TWO, FOUR, 21, 22, "above"),
    Check(1, TWO, "wilson", 90, 100),
    Check(1, TWO, "wilson", 85, 100, "least"),
    Check(1, None, "beta", 95, 100),
    # Means and medians
    Check(4, "n = 30", VALUE_LABELS, 80, 92),
    Check(4, "n = 127", VALUE_LABELS, 88, 94),
    Check(4, None, VALUE_LABELS, 4.5, 20, "above"),
    Check(4, None, VALUE_LABELS, 0, 4, "below"),
    Check(4, None, VALUE_BASIC[1], 0, 7, minus=VALUE_BASIC[0]),
    Check(4, None, VALUE_NORMAL[1], 0, 7, minus=VALUE_NORMAL[0]),
    Check(SMALL, SMALL_MEAN, STUDENTIZED, 91, 95),
    Check(SMALL, SMALL_MEAN, STUDENTIZED, 1.5, 9, minus="percentile"),
    Check(SMALL, SMALL_MEAN, STUDENTIZED, 0.8, 1.05, "width"),
    Check(SMALL, SMALL_SHARE, (*STUDENTIZED, "t (default scale)"), 92.5, 97),
    Check(SMALL, SMALL_SHARE, "percentile", 89, 94),
    Check(5, "n = 31", PERCENTILES, 92, 95),
    Check(5, "n = 127", PERCENTILES, 94, 96),
    Check(5, None, VALUE_BASIC, 75, 90),
    Check(5, None, VALUE_NORMAL, 92, 96),
)


def summary(figures: Figures) -> str:
    """Return the advice: its numbers are computed, its judgements rest on `CHECKS`."""
    q, x = figures.quote, figures.number
    elsewhere = "At n = 127 and 393"
    lead = """**Keep the default, percentiles, for multiplier sizes and totals made from them**, unless few participants
        are in the register: then the sample can't bound the size, whatever the method. "Nearby" below means values of
        p up to a tenth smaller or larger."""
    bullets = [
        f"""- **The study's own settings.** With n = 393 and p = 0.61 percentile intervals of the size cover
        {q(2, OPIOID_SIZE, "percentile")}, with n = 127 and p = 0.31 {q(2, CRACK_SIZE, "percentile")} (nearby
        {q(2, (OPIOID_SIZE, CRACK_SIZE), "percentile", NEARBY)}), and for the total of both groups
        {q(3, None, "percentile")} (Monte Carlo s.e. {x(3, None, "percentile", "error")}). So yes, percentiles cover at
        n = 127 and p = 0.31, but the interval is wide there: more than half of the true size from end to end, against
        about a sixth at n = 393 and p = 0.61.""",
        f"""- **Elsewhere on the grid.** {elsewhere} with p of 0.3 or more, percentiles and bc cover sizes
        {q(2, LARGE, PERCENTILES)} (nearby {q(2, LARGE, PERCENTILES, NEARBY)}). At n = 393 and p = 0.05 percentiles
        cover {q(2, TWENTY, "percentile")}, with more intervals wholly above the true size
        ({q(2, TWENTY, "percentile", "below")}) than wholly below it ({q(2, TWENTY, "percentile", "above")}). At n = 30
        coverage depends on luck: {q(2, NINE, "percentile")} at p = 0.3 but down to
        {q(2, NINE, "percentile", "least")} nearby, with intervals {x(2, NINE, "percentile", "width")} times as wide as
        the true size.""",
        f"""- **Few registered participants.** At n = 127 and p = 0.05 (about six people expected in the register)
        coverage is {q(2, SIX, "percentile")} (nearby down to {q(2, SIX, "percentile", "least")}),
        {q(2, SIX, "percentile", "no_upper")} of the intervals have no upper limit, and the median width is
        {x(2, SIX, "percentile", "width")} times the true size. At n = 30 and p = 0.05 (one or two people expected)
        {q(2, TWO, "percentile", "no_estimate")} of samples have no estimate and
        {q(2, TWO, "percentile", "no_upper")} of the others have no upper limit: a coverage of
        {q(2, TWO, "percentile")} there means that the interval says little, not that it is good.""",
        f"""- **bc** differs from percentiles by about a point at most. Where few people are in the register its worst
        cases nearby are milder ({q(2, SIX, "bc", "least")} against {q(2, SIX, "percentile", "least")} at n = 127 and
        p = 0.05, {q(2, NINE, "bc", "least")} against {q(2, NINE, "percentile", "least")} at n = 30 and p = 0.3). That
        is a modest gain; in the study's settings there is none to speak of.""",
        f"""- **normal** (on its default scale, log) covers sizes {q(2, LARGE, LOG_NORMAL)} at n = 127 and 393 with p
        of 0.3 or more (nearby {q(2, LARGE, LOG_NORMAL, NEARBY)}), and the total {q(3, None, LOG_NORMAL)}. But one
        replicate without a registered participant takes away its standard error: it gave no interval for
        {q(2, NINE, LOG_NORMAL, "no_interval")} of samples at n = 30 and p = 0.3, and for
        {q(2, SIX, LOG_NORMAL, "no_interval")} at n = 127 and p = 0.05. The more replicates, the more often that
        happens.""",
        f"""- **basic** is not recommended. For sizes its misses are lopsided: on the log scale
        {q(2, BOUNDED, LOG_BASIC, "above")} of intervals lie below the true size, and {q(2, BOUNDED, LOG_BASIC, "below")}
        above. For the total it is {q(3, None, LOG_BASIC, "above")} and {q(3, None, LOG_BASIC, "below")}, which a
        coverage of {q(3, None, LOG_BASIC)} hides. On the identity scale it covers sizes
        {q(2, BOUNDED, "basic, identity")}. Where many replicates are infinite there is no basic interval
        ({q(2, SIX, LOG_BASIC, "no_interval")} of samples at n = 127 and p = 0.05).""",
        f"""- **Shares.** {elsewhere} percentiles and bc cover {q(1, (*LARGE, SIX, TWENTY), PERCENTILES)} (nearby
        {q(1, LARGE, PERCENTILES, NEARBY)} where p is 0.3 or more, but percentiles go down to
        {q(1, SIX, "percentile", "least")} at n = 127 and p = 0.05, where basic goes down to
        {q(1, SIX, "basic", "least")} and normal to {q(1, SIX, "normal", "least")}). At n = 30 percentiles go down to
        {q(1, NINE, "percentile", "least")} near p = 0.3, and at p = 0.05 the four methods cover {q(1, TWO, FOUR)}: in
        {q(2, TWO, "percentile", "no_estimate")} of samples nobody has the property, and the interval is the single
        point zero. Resampling can't repair that. When hardly anybody, or nearly everybody, has the property use
        `method="wilson"`, which covers {q(1, TWO, "wilson")} there (nearby at least {q(1, TWO, "wilson", "least")}), or
        `method="beta"`, which never covers less than it should and is wider ({q(1, TWO, "beta")}).""",
        f"""- **Means of very skewed variables** are covered too rarely by all of them: {q(4, "n = 30", VALUE_LABELS)}
        at n = 30 and {q(4, "n = 127", VALUE_LABELS)} at n = 127 (percentiles: {q(4, "n = 30", "percentile")} and
        {q(4, "n = 127", "percentile")}), and most misses are intervals that lie too low. The log scale helps basic
        and normal by a few points at most and does not mend it. Treat such intervals as too short.""",
        f"""- **studentized** intervals do better there: at n = 30 they cover {q(SMALL, SMALL_MEAN, STUDENTIZED)} of such
        means (percentiles in the same samples {q(SMALL, SMALL_MEAN, "percentile")}), because they are wider. For a
        share among {CLUSTERS} clusters they cover {q(SMALL, SMALL_SHARE, STUDENTIZED)} and t
        {q(SMALL, SMALL_SHARE, "t (default scale)")}, percentiles {q(SMALL, SMALL_SHARE, "percentile")}.""",
        f"""- **Medians.** Percentiles and bc cover {q(5, "n = 31", PERCENTILES)} at n = 31 and
        {q(5, "n = 127", PERCENTILES)} at n = 127, normal {q(5, None, VALUE_NORMAL)}; basic covers only
        {q(5, None, VALUE_BASIC)} and should not be used for quantiles.""",
    ]
    limits = """This is about sampling error alone, in samples that are simple or stratified as the survey is told. The
        simulated register is complete, its count is right, and being in it does not change the chance of being
        interviewed. When these assumptions fail, or people were found through one another, these tables promise
        nothing."""
    return "\n\n".join([wrap(lead), "\n".join(wrap(bullet) for bullet in bullets), wrap(limits)])


def wrap(paragraph: str) -> str:
    """Break a paragraph or a bullet into lines."""
    text = " ".join(paragraph.split())
    return textwrap.fill(text, 118, subsequent_indent="  " if text.startswith("- ") else "", break_on_hyphens=False)


#: Figure, title and digits.
COLUMNS = (
    ("coverage", "coverage %", 1),
    ("error", "s.e.", 2),
    ("least", "least nearby %", 1),
    ("most", "most nearby %", 1),
    ("below", "truth below %", 1),
    ("above", "truth above %", 1),
    ("no_estimate", "no estimate %", 1),
    ("no_interval", "no interval %", 1),
    ("no_upper", "upper = ∞ %", 1),
    ("no_lower", "lower ≤ 0 %", 1),
    ("width", "width / truth", 3),
)
#: Shown only in tables where they are not zero or unknown throughout.
RARE = ("least", "most", "no_estimate", "no_interval", "no_upper", "no_lower")

READING = f"""\
Each row simulates surveys of a population whose true value is known, makes a 95% interval from each survey's
{REPLICATES:,} replicates, and counts how often the interval holds the true value.

- **coverage %**: intervals that hold the truth; 95 is promised. Limits belong to the interval.
- **s.e.**: Monte Carlo standard error of the coverage, in percentage points.
- **least nearby %**, **most nearby %**: the least and the most coverage for {NEIGHBOURS} values of p from {1 - NEAR:g} to
  {1 + NEAR:g} times the stated one, with the same n. Coverage jumps up and down with p, as counts are whole numbers: a
  single p can be lucky.
- **truth below %**, **truth above %**: intervals that lie wholly above or wholly below the truth, so that the truth
  is below their lower or above their upper limit; 2.5 each is ideal.
- **no estimate %**: of all samples, those where nobody was in the register, so that the size has no estimate
  (`EstimationError`). They count nowhere else: all other columns are about samples with an estimate.
- **no interval %**: of samples with an estimate, those where the method gives NaN and a warning. Coverage and width
  are about the intervals that were given, so a method that declines hard samples looks better than it is.
- **upper = ∞ %**: intervals without an upper limit. They count as covering, unless the truth is below them.
- **lower ≤ 0 %**: intervals whose lower limit says nothing about a positive quantity (zero, negative or minus
  infinity).
- **width / truth**: median width of the intervals, relative to the true value.

Columns that would be zero throughout a table are left out. A dash stands where fewer than {FEWEST:.0%} of samples with
an estimate got an interval. The package's default is 10,000 replicates, whose limits wobble less than these do."""

EXACT = f"""\
Samples with the same count k have the same interval, so every k is bootstrapped ({REPEATS} times, with different
seeds) and weighted by its binomial probability. Coverage is thus exact up to the bootstrap's own Monte Carlo error,
which the s.e. measures; there is no error from sampling k."""


def scenarios(pool: ProcessPoolExecutor) -> list[Scenario]:
    """Simulate everything."""
    shares, sizes = binomial_settings(pool)
    study = study_setting(pool)
    means = [skewed_setting(pool, "mean", n) for n in MEAN_SIZES]
    medians = [skewed_setting(pool, "median", n) for n in MEDIAN_SIZES]
    return [
        Scenario("1. Proportion, simple sample", EXACT, _rows(shares)),
        Scenario(
            "2. Multiplier size N = B / p",
            f"The register counts B = {BENCHMARK:,} people, without error; the true size is N = B / p. {EXACT}",
            _rows(sizes),
        ),
        Scenario("3. Derived total of two groups", _about_study(study.truth), _rows([study])),
        Scenario("4. Mean of a skewed variable", _about_skewed("mean", means[0].truth), _rows(means)),
        Scenario("5. Median of a skewed variable", _about_skewed("median", medians[0].truth), _rows(medians)),
        Scenario("6. Small samples: studentized intervals", _about_small(), _rows(small_settings(pool))),
    ]


def _rows(settings: Sequence[Setting]) -> list[Row]:
    return [row for setting in settings for row in assess(setting)]


def _about_study(truth: float) -> str:
    return f"""\
Two strata are interviewed: {PARTICIPANTS[OPIOIDS]} people who use opioids, of whom {TREATED[OPIOIDS]:.0%} are in
treatment, and {PARTICIPANTS[CRACK]} who use crack only ({TREATED[CRACK]:.0%}). Of the first group {USES:.1%} use crack:
{USES_IF_TREATED:.1%} of those in treatment and {USES_IF_NOT:.1%} of the others, so the two answers are correlated; of
the second group all do. The total is people × share who use crack, summed over the groups, with registers of
{REGISTERED[OPIOIDS]:,} and {REGISTERED[CRACK]:,} people; its true value is {truth:,.0f}. {STUDY_SAMPLES:,} simulated
surveys."""


def _about_skewed(statistic: str, truth: float) -> str:
    return (
        f"Lognormal values with mu = 0 and sigma = {SIGMA:g} (skewness {_skewness():.1f}); the true {statistic} is "
        f"{truth:.4g}. {SKEWED_SAMPLES:,} simulated samples for each n."
    )


def _about_small() -> str:
    return (
        f"The lognormal mean of scenario 4 at n = 30, and a share of {CLUSTER_SHARE:g} among {CLUSTERS} clusters of "
        f"{CLUSTER_SIZE} people, with a correlation of {CLUSTER_CORRELATION:g} within clusters. t and studentized "
        f"intervals of the share are on the logit scale unless said otherwise. {SMALL_SAMPLES:,} simulated samples each."
    )


def _skewness() -> float:
    square = math.exp(SIGMA**2)
    return (square + 2) * math.sqrt(square - 1)


def markdown(rows: Sequence[Row]) -> str:
    """Return a table, without columns that say nothing."""
    shown = [c for c in COLUMNS if c[0] not in RARE or any(getattr(r, c[0]) >= 0.05 for r in rows)]
    lines = [["setting", "method", *(title for _, title, _ in shown)]]
    last = ""
    for row in rows:
        setting, last = ("" if row.setting == last else row.setting), row.setting
        lines.append([setting, row.way, *(_number(getattr(row, name), digits) for name, _, digits in shown)])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = [_line(cells, widths) for cells in lines]
    rule = [f"{'-' * w}" if i < 2 else f"{'-' * (w - 1)}:" for i, w in enumerate(widths)]
    return "\n".join([text[0], _line(rule, widths), *text[1:]])


def _number(value: float, digits: int) -> str:
    if math.isnan(value):
        return "–"
    return "∞" if math.isinf(value) else f"{value:.{digits}f}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [c.ljust(w) if i < 2 else c.rjust(w) for i, (c, w) in enumerate(zip(cells, widths, strict=True))]
    return f"| {' | '.join(padded)} |"


def report(found: Sequence[Scenario], figures: Figures, failures: Sequence[str]) -> str:
    """Return the whole report."""
    versions = (
        f"hiddenpop {hp.__version__}, Python {platform.python_version()}, NumPy {np.__version__}, "
        f"pandas {pd.__version__}"
    )
    held = f"All {len(CHECKS)} checks on these numbers hold." if not failures else "Checks that fail:"
    made = (
        f"Written on {date.today():%Y-%m-%d} by `make validate` (`tools/validate.py`) with {versions}. Seeds are "
        f"fixed: the same versions give the same numbers. {held}"
    )
    parts = [
        "# Validation: coverage of 95% intervals",
        wrap(made),
        *(["\n".join(f"- {failure}" for failure in failures)] if failures else []),
        "## What this says: which interval should I use?",
        summary(figures) if not failures else "Withheld: the numbers no longer match the text.",
        "## How to read the tables",
        READING,
    ]
    for scenario in found:
        parts += [f"## {scenario.title}", wrap(scenario.about), markdown(scenario.rows)]
    return "\n\n".join(parts) + "\n"


def main() -> int:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context, initializer=prepare_worker) as pool:
        found = scenarios(pool)
    figures = Figures(found)
    failures = [failure for check in CHECKS for failure in check.failures(figures)]
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(report(found, figures, failures), encoding="utf-8")
    print(f"Wrote {REPORT.parent.name}/{REPORT.name}.")
    for failure in failures:
        print(f"Check fails. {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
