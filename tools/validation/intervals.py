"""The six interval methods in simple and stratified samples: shares, sizes, a derived total, means and medians."""

from __future__ import annotations

import math
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import hiddenpop as hp
import numpy as np

from .report import Scenario, rows
from .simulate import SEED, Floats, Setting, Way, by_count, ends_of, simulated, size_ends

REPLICATES = 2_000

#: Exact scenarios: independent bootstraps of every distinct count k.
REPEATS = 20
SIZES = (30, 127, 393)
SHARES = (0.05, 0.3, 0.6)
#: Settings of the study, besides the grid.
STUDY = ((127, 0.31), (393, 0.61))
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

DEFAULT = Way("default", None)
PERCENTILE, BC = Way("percentile", "percentile"), Way("bc", "bc")
SHARE_WAYS = (
    DEFAULT,
    PERCENTILE,
    BC,
    Way("basic", "basic"),
    Way("normal", "normal"),
    Way("wilson", "wilson"),
    Way("beta", "beta"),
)
#: The default scale is not named in the call, so that the default is what is validated.
SIZE_WAYS = (
    DEFAULT,
    PERCENTILE,
    BC,
    Way("basic, log (default)", "basic"),
    Way("normal, log (default)", "normal"),
    Way("basic, identity", "basic", "identity"),
    Way("normal, identity", "normal", "identity"),
)
VALUE_WAYS = (
    DEFAULT,
    PERCENTILE,
    BC,
    Way("basic, identity (default)", "basic"),
    Way("normal, identity (default)", "normal"),
    Way("basic, log", "basic", "log"),
    Way("normal, log", "normal", "log"),
)
#: Studentized intervals against their rivals, where samples are small.
SMALL_WAYS = (
    DEFAULT,
    PERCENTILE,
    Way("bca", "bca"),
    Way("t (default scale)", "t"),
    Way("studentized (default scale)", "studentized"),
    Way("studentized, log", "studentized", "log"),
)
SMALL_SAMPLES = 2_000
#: Clusters and people in each; their shares are drawn from a beta distribution.
CLUSTERS, CLUSTER_SIZE, CLUSTER_SHARE, CLUSTER_CORRELATION = 15, 12, 0.2, 0.1


def binomial_ends(count: tuple[int, int]) -> Floats:
    """Return limits of the share and of the size when k of n are in the register (repeats x ways x 2)."""
    n, k = count
    repeats = []
    for repeat in range(REPEATS):
        table = {"registered": [1, 0], "count": [k, n - k]}
        share = hp.Survey(table, counts="count", seed=1_000 * repeat + k).proportion("registered")
        repeats.append(np.concatenate([ends_of(share, SHARE_WAYS), size_ends(share, SIZE_WAYS, BENCHMARK)]))
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


def binomial_settings(pool: ProcessPoolExecutor) -> tuple[list[Setting], list[Setting]]:
    """Return settings of shares and of sizes: every k is bootstrapped once and weighted by its probability."""
    shares, sizes = [], []
    split = len(SHARE_WAYS)
    for n in SIZES:
        truths = sorted({*SHARES, *(p for size, p in STUDY if size == n)})
        counts = by_count(pool, binomial_ends, n, truths)
        for p in truths:
            name = f"n = {n}, p = {p:g}"
            shares.append(counts.setting(name, p, lambda value: value, slice(split), SHARE_WAYS))
            sizes.append(counts.setting(name, p, lambda value: BENCHMARK / value, slice(split, None), SIZE_WAYS))
    return shares, sizes


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
        Scenario("1. Proportion, simple sample", EXACT, rows(shares)),
        Scenario(
            "2. Multiplier size N = B / p",
            f"The register counts B = {BENCHMARK:,} people, without error; the true size is N = B / p. {EXACT}",
            rows(sizes),
        ),
        Scenario("3. Derived total of two groups", _about_study(study.truth), rows([study])),
        Scenario("4. Mean of a skewed variable", _about_skewed("mean", means[0].truth), rows(means)),
        Scenario("5. Median of a skewed variable", _about_skewed("median", medians[0].truth), rows(medians)),
        Scenario("6. Small samples: studentized intervals", _about_small(), rows(small_settings(pool))),
    ]


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
