"""Intervals under complex designs: clusters, small quotas, rare traits, weights, calibration, imputation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

import hiddenpop as hp
import numpy as np

from .report import Scenario, rows
from .simulate import SEED, Floats, Setting, Way, by_count, ends_of, simulated, size_ends

REPLICATES = 1_000
SAMPLES = 1_000
BENCHMARK = 8_126

#: Numbers of clusters, and how alike the people of a cluster are.
CLUSTERED = ((8, 0.2), (15, 0.1), (15, 0.2), (40, 0.1), (40, 0.2), (100, 0.2))
#: Cluster sizes are lognormal, rounded up.
CLUSTER_MEDIAN, CLUSTER_SIGMA = 10, 0.6
SHARE = 0.3
#: Strata of two clusters; their shares are spread around the one above.
STRATA, STRATA_SPREAD, STRATA_CORRELATION = (10, 20), 0.15, 0.15
#: Quotas, and the shares of them in the register; rare traits, and where they are looked for.
REPEATS = 5
QUOTAS, REGISTERED = (11, 30, 60, 127), (0.1, 0.3, 0.6)
RARE, RARE_QUOTAS, RARE_CLUSTERS, RARE_CORRELATION = (0.02, 0.05), (60, 127), 15, 0.1
#: Weights are lognormal with a coefficient of variation of 1; who has a larger one has the trait more often.
WEIGHTED, WEIGHT_SIGMA, TRAIT_LEVEL, TRAIT_SLOPE = (60, 130), math.sqrt(math.log(2)), -1.2, 0.5
#: Sex by age: shares in the population, with the trait, and who is met (relative chances by sex and by age).
POPULATION = np.array([[0.24, 0.31, 0.15], [0.06, 0.14, 0.10]])
TRAIT = np.array([[0.1, 0.3, 0.5], [0.4, 0.6, 0.8]])
MET_BY_SEX, MET_BY_AGE = np.array([1.0, 0.6]), np.array([0.5, 1.0, 1.0])
CALIBRATED = 130
#: Imputation: groups that are known of all, the trait and missing answers in them.
GROUPS, GROUP_TRAIT, GROUP_MISSING = (0.4, 0.35, 0.25), np.array([0.15, 0.35, 0.6]), np.array([0.15, 0.3, 0.55])
IMPUTED, IMPUTATIONS, IMPUTED_SAMPLES = 130, (5, 20), 600

#: Clusters of all, people in each, and in how many clusters a domain lies; its share and how alike people are there.
AMONG, EACH, DOMAINS, DOMAIN_SHARE, DOMAIN_CORRELATION = 20, 12, (2, 3, 5, 8), 0.4, 0.1
#: Two groups: participants and share of each.
PAIRED = ((101, 0.005, 105, 0.005), (60, 0.02, 60, 0.1), (30, 0.1, 30, 0.4), (127, 0.31, 393, 0.61))

DEFAULT = Way("default", None)
PERCENTILE, BC, BCA = Way("percentile", "percentile"), Way("bc", "bc"), Way("bca", "bca")
NORMAL, STUDENT, STUDENTIZED = Way("normal", "normal"), Way("t", "t"), Way("studentized", "studentized")
WILSON, BETA, LIKELIHOOD = Way("wilson", "wilson"), Way("beta", "beta"), Way("likelihood", "likelihood")
CLUSTER_WAYS = (
    DEFAULT,
    PERCENTILE,
    BC,
    BCA,
    NORMAL,
    STUDENT,
    STUDENTIZED,
    Way("t, JKn", "t", survey="JKn"),
    Way("percentile, Bayesian", "percentile", survey="Bayesian"),
)
PAIR_WAYS = (
    DEFAULT,
    PERCENTILE,
    BCA,
    NORMAL,
    STUDENT,
    *(Way(f"t, {method}", "t", survey=method) for method in ("BRR", "Fay", "JKn")),
)
QUOTA_WAYS = (DEFAULT, PERCENTILE, BC, BCA, NORMAL, STUDENT, STUDENTIZED)
RARE_WAYS = (DEFAULT, PERCENTILE, BCA, STUDENT, WILSON, BETA, LIKELIHOOD)
WEIGHT_SIZE_WAYS = (DEFAULT, PERCENTILE, BCA, NORMAL, STUDENT, STUDENTIZED)
WEIGHT_WAYS = (*WEIGHT_SIZE_WAYS, WILSON, BETA)
CALIBRATION_WAYS = (
    DEFAULT,
    PERCENTILE,
    STUDENT,
    Way("percentile, calibrated once", "percentile", survey="once"),
    Way("t, calibrated once", "t", survey="once"),
    Way("percentile, not calibrated", "percentile", survey="raw"),
)
IMPUTATION_WAYS = (
    DEFAULT,
    PERCENTILE,
    STUDENT,
    Way("t, one imputation as if answered", "t", survey="one"),
    Way("t, complete cases", "t", survey="complete"),
)

DOMAIN_WAYS = (DEFAULT, PERCENTILE, STUDENT)
COMPARED_WAYS = (DEFAULT, PERCENTILE, BCA, STUDENT)

#: Estimates of a share from one simulated sample, by the survey that is asked.
Shares = Mapping[str, hp.Estimate]


# One sample: what worker processes run


def clustered(clusters: int, correlation: float, sample: int) -> Shares:
    """Draw clusters of unequal sizes and ask several kinds of surveys."""
    rng = np.random.default_rng([SEED, 1, clusters, round(100 * correlation), sample])
    table = _clusters(rng, np.full(clusters, SHARE), correlation)
    survey = hp.Survey(table, clusters="cluster", seed=sample)
    bayesian = hp.Survey(table, clusters="cluster", redraws="bayesian", seed=sample)
    return _ask({"": survey, "JKn": survey.with_replicates("JKn"), "Bayesian": bayesian})


def paired(strata: int, sample: int) -> Shares:
    """Draw two clusters in each stratum."""
    rng = np.random.default_rng([SEED, 2, strata, sample])
    levels = np.linspace(SHARE - STRATA_SPREAD, SHARE + STRATA_SPREAD, strata).repeat(2)
    table = _clusters(rng, levels, STRATA_CORRELATION)
    table["stratum"] = table["cluster"] // 2
    survey = hp.Survey(table, strata="stratum", clusters="cluster", seed=sample)
    half = survey.with_replicates("Fay", rho=0.5)
    return _ask({"": survey, "BRR": survey.with_replicates("BRR"), "Fay": half, "JKn": survey.with_replicates("JKn")})


def rare(p: float, sample: int) -> Shares:
    """Draw clusters in which hardly anybody has the trait."""
    rng = np.random.default_rng([SEED, 4, round(1_000 * p), sample])
    table = _clusters(rng, np.full(RARE_CLUSTERS, p), RARE_CORRELATION)
    return _ask({"": hp.Survey(table, clusters="cluster", seed=sample)})


def weighted(n: int, sample: int) -> Shares:
    """Draw people with very unequal weights."""
    rng = np.random.default_rng([SEED, 5, n, sample])
    z = rng.standard_normal(n)
    table = {"weight": np.exp(WEIGHT_SIGMA * z), "has": rng.random(n) < _has(z)}
    return _ask({"": hp.Survey(table, weights="weight", seed=sample)})


def calibrated(sample: int) -> Shares:
    """Draw people of whom some are met less often, and rake them to the known margins."""
    rng = np.random.default_rng([SEED, 6, sample])
    met = POPULATION * MET_BY_SEX[:, None] * MET_BY_AGE
    cell = rng.choice(met.size, CALIBRATED, p=(met / met.sum()).ravel())
    sex, age = np.divmod(cell, met.shape[1])
    table = {"sex": sex, "age": age, "has": rng.random(CALIBRATED) < TRAIT[sex, age]}
    margins = {"sex": dict(enumerate(POPULATION.sum(axis=1))), "age": dict(enumerate(POPULATION.sum(axis=0)))}
    raw = hp.Survey(table, seed=sample)
    raked = raw.calibrate(margins)
    once = hp.Survey({**table, "weight": raked.weights.to_numpy()}, weights="weight", seed=sample)
    return _ask({"": raked, "once": once, "raw": raw})


def imputed(imputations: int, sample: int) -> Shares:
    """Draw answers that are missing at random, and impute them from their posterior predictive distribution."""
    rng = np.random.default_rng([SEED, 7, imputations, sample])
    group = rng.choice(len(GROUPS), IMPUTED, p=GROUPS)
    has = (rng.random(IMPUTED) < GROUP_TRAIT[group]).astype(float)
    missing = rng.random(IMPUTED) < GROUP_MISSING[group]
    known = np.bincount(group[~missing], minlength=len(GROUPS))
    yes = np.bincount(group[~missing], has[~missing], minlength=len(GROUPS))
    tables = []
    for _ in range(imputations):
        level = rng.beta(yes + 0.5, known - yes + 0.5)
        tables.append({"has": np.where(missing, rng.random(IMPUTED) < level[group], has)})
    complete = hp.Survey({"has": np.where(missing, np.nan, has)}, seed=sample).proportion("has")
    one = hp.Survey(tables[0], seed=sample).proportion("has")
    return {"": hp.Imputed(tables, seed=sample).proportion("has"), "one": one, "complete": complete}


def few(clusters: int, sample: int) -> Floats:
    """Draw clusters of which some hold a domain, and return the limits of its share, size and mean (ways x 2, one by one)."""
    rng = np.random.default_rng([SEED, 8, clusters, sample])
    cluster = np.repeat(np.arange(AMONG), EACH)
    spread = 1 / DOMAIN_CORRELATION - 1
    own = rng.beta(DOMAIN_SHARE * spread, (1 - DOMAIN_SHARE) * spread, AMONG)[cluster]
    table = {
        "cluster": cluster,
        "here": cluster < clusters,
        "has": rng.random(len(cluster)) < own,
        "value": rng.normal(50, 5, AMONG)[cluster] + rng.normal(0, 5, len(cluster)),
    }
    survey = hp.Survey(table, clusters="cluster", seed=sample)
    share, mean = survey.proportion("has", where="here"), survey.mean("value", where="here")
    size = size_ends(share, DOMAIN_WAYS, BENCHMARK)
    return np.concatenate([ends_of(share, DOMAIN_WAYS), size, ends_of(mean, DOMAIN_WAYS)])


def compared(groups: tuple[int, float, int, float], sample: int) -> Floats:
    """Draw two groups, and return the limits of the difference and the ratio of their shares (ways x 2, one by one)."""
    n, p, m, q = groups
    rng = np.random.default_rng([SEED, 9, n, m, round(1_000 * p), sample])
    yes, other = int(rng.binomial(n, p)), int(rng.binomial(m, q))
    table = {"group": list("aabb"), "has": [1, 0, 1, 0], "count": [yes, n - yes, other, m - other]}
    shares = hp.Survey(table, counts="count", strata="group", seed=sample).proportion("has", by="group")
    difference = ends_of(shares["a"] - shares["b"], COMPARED_WAYS)
    none = np.full((len(COMPARED_WAYS), 2), np.nan)
    ratio = ends_of(shares["a"] / shares["b"], COMPARED_WAYS) if other else none
    return np.concatenate([difference, ratio])


def counted(count: tuple[int, int]) -> Floats:
    """Return limits of the share and of the size when k of a quota of n have the trait (repeats x ways x 2)."""
    n, k = count
    repeats = []
    for repeat in range(REPEATS):
        table = {"has": [1, 0], "count": [k, n - k]}
        share = hp.Survey(table, counts="count", seed=1_000 * repeat + k).proportion("has")
        repeats.append(np.concatenate([ends_of(share, RARE_WAYS), size_ends(share, QUOTA_WAYS, BENCHMARK)]))
    return np.array(repeats)


def limits(draw: Callable[[int], Shares], share_ways: Sequence[Way], size_ways: Sequence[Way], sample: int) -> Floats:
    """Return the limits of a sample's share and of the multiplier size made from it."""
    shares = draw(sample)
    return np.concatenate([ends_of(shares, share_ways), size_ends(shares, size_ways, BENCHMARK)])


def _clusters(rng: np.random.Generator, levels: Floats, correlation: float) -> dict[str, Any]:
    """Draw one cluster for each level, its share from the beta distribution with this correlation."""
    spread = 1 / correlation - 1
    size = np.ceil(rng.lognormal(math.log(CLUSTER_MEDIAN), CLUSTER_SIGMA, len(levels))).astype(int)
    own = rng.beta(levels * spread, (1 - levels) * spread)
    cluster = np.repeat(np.arange(len(levels)), size)
    return {"cluster": cluster, "has": rng.random(len(cluster)) < own[cluster]}


def _ask(surveys: Mapping[str, hp.Survey]) -> Shares:
    return {name: survey.proportion("has") for name, survey in surveys.items()}


def _has(z: Floats) -> Floats:
    """Return the chance to have the trait of people whose log weight is z standard deviations from its mean."""
    return np.asarray(1 / (1 + np.exp(-(TRAIT_LEVEL + TRAIT_SLOPE * z))))


def weighted_share() -> float:
    """Return the true share under weights: they move z by sigma."""
    points, masses = np.polynomial.hermite_e.hermegauss(60)
    return float((masses * _has(points + WEIGHT_SIGMA)).sum() / masses.sum())


# Scenarios


def settings(
    pool: ProcessPoolExecutor,
    draw: Callable[[int], Shares],
    name: str,
    truth: float,
    share_ways: Sequence[Way],
    size_ways: Sequence[Way] = (),
    samples: int = SAMPLES,
) -> list[Setting]:
    """Simulate one population: the settings of its share and, if asked for, of the size."""
    ends = np.array(list(pool.map(partial(limits, draw, share_ways, size_ways), range(samples), chunksize=20)))
    split = len(share_ways)
    share = simulated(f"share, {name}", truth, share_ways, ends[:, :split])
    return [share, simulated(f"size, {name}", BENCHMARK / truth, size_ways, ends[:, split:])] if size_ways else [share]


def cluster_name(clusters: int, correlation: float) -> str:
    """Name a setting."""
    return f"{clusters} clusters, ρ = {correlation:g}"


def quota_settings(pool: ProcessPoolExecutor) -> tuple[list[Setting], list[Setting]]:
    """Return settings of sizes in small quotas, and of rare shares there."""
    sizes, shares = [], []
    split = len(RARE_WAYS)
    for n in QUOTAS:
        rare_here = RARE if n in RARE_QUOTAS else ()
        counts = by_count(pool, counted, n, (*REGISTERED, *rare_here))
        for p in REGISTERED:
            name = f"n = {n}, p = {p:g}"
            sizes.append(counts.setting(name, p, lambda value: BENCHMARK / value, slice(split, None), QUOTA_WAYS))
        for p in rare_here:
            shares.append(counts.setting(f"n = {n}, p = {p:g}", p, lambda value: value, slice(split), RARE_WAYS))
    return sizes, shares


def domain_settings(pool: ProcessPoolExecutor) -> list[Setting]:
    """Return settings of domains that few clusters hold."""
    found = []
    truths = (("share", DOMAIN_SHARE), ("size", BENCHMARK / DOMAIN_SHARE), ("mean", 50.0))
    for number in DOMAINS:
        ends = np.array(list(pool.map(partial(few, number), range(SAMPLES), chunksize=20)))
        for place, (kind, truth) in enumerate(truths):
            own = ends[:, place * len(DOMAIN_WAYS) : (place + 1) * len(DOMAIN_WAYS)]
            found.append(simulated(f"{kind}, {number} of {AMONG} clusters", truth, DOMAIN_WAYS, own))
    return found


def group_name(groups: tuple[int, float, int, float]) -> str:
    """Name a setting of two groups."""
    n, p, m, q = groups
    return f"{p:g} of {n}, {q:g} of {m}"


def compared_settings(pool: ProcessPoolExecutor) -> list[Setting]:
    """Return settings of differences and ratios of two groups' shares."""
    found = []
    for groups in PAIRED:
        ends = np.array(list(pool.map(partial(compared, groups), range(SAMPLES), chunksize=50)))
        split, (_, p, _, q) = len(COMPARED_WAYS), groups
        # Differences are compared with 1 + themselves, as a width relative to zero says nothing.
        found.append(simulated(f"difference, {group_name(groups)}", 1 + p - q, COMPARED_WAYS, 1 + ends[:, :split]))
        found.append(simulated(f"ratio, {group_name(groups)}", p / q, COMPARED_WAYS, ends[:, split:]))
    return found


def scenarios(pool: ProcessPoolExecutor) -> list[Scenario]:
    """Simulate everything."""
    clusters, pairs, weights, rarely, imputations = [], [], [], [], []
    for number, rho in CLUSTERED:
        draw = partial(clustered, number, rho)
        clusters += settings(pool, draw, cluster_name(number, rho), SHARE, CLUSTER_WAYS, CLUSTER_WAYS)
    for number in STRATA:
        pairs += settings(pool, partial(paired, number), f"{number} strata", SHARE, PAIR_WAYS, PAIR_WAYS)
    sizes, shares = quota_settings(pool)
    for p in RARE:
        rarely += settings(pool, partial(rare, p), f"{RARE_CLUSTERS} clusters, p = {p:g}", p, RARE_WAYS)
    for n in WEIGHTED:
        weights += settings(pool, partial(weighted, n), f"n = {n}", weighted_share(), WEIGHT_WAYS, WEIGHT_SIZE_WAYS)
    truth = float((POPULATION * TRAIT).sum())
    calibration = settings(pool, calibrated, f"n = {CALIBRATED}", truth, CALIBRATION_WAYS, CALIBRATION_WAYS)
    truth = float(GROUPS @ GROUP_TRAIT)
    for number in IMPUTATIONS:
        draw, name = partial(imputed, number), f"{number} imputations"
        imputations += settings(pool, draw, name, truth, IMPUTATION_WAYS, samples=IMPUTED_SAMPLES)
    return [
        Scenario("1. Clusters", ABOUT_CLUSTERS, rows(clusters)),
        Scenario("2. Two clusters in each stratum", ABOUT_PAIRS, rows(pairs)),
        Scenario("3. Sizes from small quotas", ABOUT_QUOTAS, rows(sizes)),
        Scenario("4. Rare traits", ABOUT_RARE, rows([*shares, *rarely])),
        Scenario("5. Unequal weights", _about_weights(), rows(weights)),
        Scenario("6. Raking to two margins", ABOUT_CALIBRATION, rows(calibration)),
        Scenario("7. Imputed answers", ABOUT_IMPUTATION, rows(imputations)),
        Scenario("8. Domains in few clusters", ABOUT_DOMAINS, rows(domain_settings(pool))),
        Scenario("9. Differences and ratios of two groups", ABOUT_COMPARED, rows(compared_settings(pool))),
    ]


ABOUT_CLUSTERS = f"""\
A share of {SHARE:g} among clusters whose sizes are lognormal (median {CLUSTER_MEDIAN}, sigma {CLUSTER_SIGMA:g} of the
log: the largest of 15 has about thirty people), whatever their share; clusters' shares are beta with the stated
intra-cluster correlation ρ. Sizes are B / share with B = {BENCHMARK:,}. JKn is the jackknife, Bayesian the Bayesian
bootstrap of clusters. {SAMPLES:,} simulated samples for each setting."""
ABOUT_PAIRS = f"""\
Two clusters, as in scenario 1, in each of 10 or 20 strata, whose shares lie evenly from {SHARE - STRATA_SPREAD:g} to
{SHARE + STRATA_SPREAD:g}; ρ = {STRATA_CORRELATION:g} within a stratum. As many degrees of freedom as strata. BRR is
balanced repeated replication, Fay Fay's with half of it;
studentized intervals don't exist here. {SAMPLES:,} simulated samples for each setting."""
ABOUT_QUOTAS = f"""\
One quota group of n people, a simple sample, of whom the share p is in a register of B = {BENCHMARK:,}. Exact as in
[validation.md](validation.md): each count is redrawn ({REPEATS} times, with different seeds) and weighted by its
binomial probability."""
ABOUT_RARE = f"""\
Shares in simple samples of n people (exact, as in scenario 3), and among {RARE_CLUSTERS} clusters, of the sizes of
scenario 1 and with ρ = {RARE_CORRELATION:g} ({SAMPLES:,} simulated samples): p = {RARE[0]:g} there means a few clusters
with several people and many with none. t intervals are on the logit scale."""
ABOUT_CALIBRATION = f"""\
{CALIBRATED} people of two sexes and three ages, who differ a lot in the trait and in their chance to be met, are raked
to the population's margins. "Calibrated once": the raked weights are given to a survey as if they were sampling
weights, so that redraws and variances don't know the margins. "Not calibrated": the margins are ignored. {SAMPLES:,}
simulated samples."""
ABOUT_IMPUTATION = f"""\
{IMPUTED} people, of whom about 30% don't answer: more often in groups (known of all) where the trait is common. Answers
are imputed from the posterior predictive distribution by group, with a Jeffreys prior. Default, percentile and t pool
the imputations. "One imputation as if answered" takes the first imputed table for data, "complete cases" leaves out who
did not answer. {IMPUTED_SAMPLES:,} simulated samples for each setting."""

ABOUT_DOMAINS = f"""\
{AMONG} clusters of {EACH} people, of which some hold a domain (a city with so many sites): its share of {DOMAIN_SHARE:g}
(intra-cluster correlation {DOMAIN_CORRELATION:g}), the size B / share, and the mean of a normal variable (correlation 0.5).
{SAMPLES:,} simulated samples for each."""
ABOUT_COMPARED = f"""\
Two quotas, with shares so small that a group is often empty, and others. A ratio over an empty group has no estimate.
Widths of differences are not relative. {SAMPLES:,} simulated samples for each."""


def _about_weights() -> str:
    return (
        "Lognormal weights with a coefficient of variation of 1 (of n interviews half as many are effective); who has a "
        f"larger weight has the trait more often. The true weighted share is {weighted_share():.3f}. {SAMPLES:,} "
        "simulated samples for each setting."
    )
