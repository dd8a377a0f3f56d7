"""What the page on designs says, and the checks that its judgements rest on."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from .assess import Check, Defaults, Figures
from .designs import (
    AMONG,
    CLUSTERED,
    DOMAINS,
    IMPUTATIONS,
    PAIRED,
    RARE,
    RARE_CLUSTERS,
    REPLICATES,
    WEIGHTED,
    cluster_name,
    group_name,
    scenarios,
)
from .report import Family, wrap


def _both(names: Sequence[str]) -> tuple[str, ...]:
    """Name the settings of a share and of the size made from it."""
    return tuple(f"{kind}, {name}" for kind, name in itertools.product(("share", "size"), names))


#: Below and above 30 degrees of freedom.
FEW = _both([cluster_name(*one) for one in CLUSTERED if one[0] <= 30])
MANY = _both([cluster_name(*one) for one in CLUSTERED if one[0] > 30])
EIGHT = _both([cluster_name(*one) for one in CLUSTERED if one[0] == 8])
#: Expected in the register: 6, 9 and 13 people.
SIX, NINE, THIRTEEN = "n = 60, p = 0.1", "n = 30, p = 0.3", "n = 127, p = 0.1"
TENS = (SIX, NINE, THIRTEEN)
ELEVEN = "n = 11, p = 0.1"
RARE_CLUSTERED = tuple(f"share, {RARE_CLUSTERS} clusters, p = {p:g}" for p in RARE)
RARE_SIMPLE = tuple(f"n = {n}, p = {p:g}" for n, p in itertools.product((60, 127), RARE))
HEAVY = _both([f"n = {n}" for n in WEIGHTED])
RAKED = _both(["n = 130"])
POOLED = tuple(f"share, {number} imputations" for number in IMPUTATIONS)
ONCE = ("percentile, calibrated once", "t, calibrated once")
NAIVE = ("t, one imputation as if answered", "t, complete cases")
TWO = tuple(f"{kind}, 2 of {AMONG} clusters" for kind in ("share", "size"))
DOMAIN_MEANS = tuple(f"mean, {number} of {AMONG} clusters" for number in DOMAINS)
DOMAIN_SHARES = tuple(f"{kind}, {number} of {AMONG} clusters" for number in DOMAINS[1:] for kind in ("share", "size"))
EMPTY = PAIRED[0]
NEARLY_EMPTY = (f"difference, {group_name(EMPTY)}", f"ratio, {group_name(EMPTY)}")
#: Where the default covers something else: two clusters, quotas so small that counts jump, groups that are nearly empty.
EXCEPTIONS = (
    *((8, setting) for setting in TWO),
    *((3, setting) for setting in (NINE, "n = 60, p = 0.3")),
    *((9, setting) for setting in NEARLY_EMPTY),
)

CHECKS = (
    Defaults(EXCEPTIONS),
    # Few clusters: the jackknife's errors are right, linearised ones a little small, percentiles far too short
    Check(1, FEW, "default", 0, 2.5, minus="t"),
    Check(1, FEW, "t", 0.5, 5, minus="percentile"),
    Check(1, EIGHT, "percentile", 86, 91),
    Check(1, FEW, "percentile", 86, 93.5),
    Check(1, FEW, ("bc", "bca", "percentile, Bayesian"), -2.5, 0.5, minus="percentile"),
    Check(1, MANY, "percentile", 91, 94),
    Check(1, MANY, "default", 0, 2.5, minus="percentile"),
    Check(2, ("share, 10 strata", "size, 10 strata"), "percentile", 89, 93),
    # Sizes from quotas: the image of Wilson's interval has an end, and is shorter
    Check(3, None, "default", 0, 0, "no_upper"),
    Check(3, TENS, "percentile", 89, 92.5, "least"),
    Check(3, TENS, "default", 92.5, 96, "least"),
    Check(3, TENS, "default", -1.2, -0.25, "width", minus="percentile"),
    Check(3, SIX, "percentile", 8, 20, "no_upper"),
    Check(3, ELEVEN, "percentile", 90, 100, "no_upper"),
    # Rare traits
    Check(4, RARE_SIMPLE, "default", 93, 97, "least"),
    Check(4, RARE_SIMPLE[0], "percentile", 25, 35, "no_interval"),
    Check(4, RARE_CLUSTERED, "percentile", 80, 90),
    Check(4, RARE_CLUSTERED, "beta", 92, 99),
    # Weights, calibration, imputation
    Check(5, HEAVY, "percentile", 91, 94),
    Check(5, HEAVY, "default", 0.5, 4, minus="percentile"),
    Check(6, RAKED, ONCE, 96, 99),
    Check(6, RAKED, ONCE[0], 0.03, 0.1, "width", minus="percentile"),
    Check(7, POOLED, NAIVE[0], 80, 88),
    Check(7, POOLED, NAIVE[1], 86, 93),
    # Domains, and groups that are nearly empty
    Check(8, TWO, "default", 98, 100),
    Check(8, DOMAIN_MEANS, "t", 91, 95),
    Check(8, f"mean, 5 of {AMONG} clusters", "percentile", 80, 90),
    Check(9, NEARLY_EMPTY, "default", 98, 100),
)


def summary(figures: Figures) -> str:
    """Return the advice: its numbers are computed, its judgements rest on `CHECKS`."""
    q = figures.quote

    def widths(scenario: int, setting: str, *ways: str) -> str:
        return " against ".join(f"{figures.values(scenario, setting, way, 'width')[0]:.2f}" for way in ways)

    lead = f"""**Keep the default.** In {figures.held()} rows of these tables its 95% intervals cover between 93.5 and 98% (but for
        two Monte Carlo standard errors); the others are named below, with the reason.
        Shares have Wilson's interval, or t on the logit scale where clusters were sampled (with the jackknife's standard
        errors below 30 degrees of freedom), means t, and what is computed from them MOVER, so that a size has the image
        of its share's interval. The choice is made in `uncertainty/default.py`."""
    table = [
        ("your data", "the default is", "it covers", "percentiles, the default before, cover"),
        ("fewer than 30 clusters", "t by the jackknife", q(1, FEW, "default"), q(1, FEW, "percentile")),
        ("two clusters in each stratum", "t by the jackknife", q(2, None, "default"), q(2, None, "percentile")),
        ("40 clusters or more", "t", q(1, MANY, "default"), q(1, MANY, "percentile")),
        ("unequal weights", "Wilson's with t", q(5, HEAVY, "default"), q(5, HEAVY, "percentile")),
        ("sizes from small quotas", "the image of Wilson's", q(3, None, "default"), q(3, None, "percentile")),
        (
            "a share of a few percent, simple sample",
            "Wilson's",
            q(4, RARE_SIMPLE, "default"),
            q(4, RARE_SIMPLE, "percentile"),
        ),
        (
            "a share of a few percent, few clusters",
            "t by the jackknife",
            q(4, RARE_CLUSTERED, "default"),
            q(4, RARE_CLUSTERED, "percentile"),
        ),
        ("known margins", "t", q(6, RAKED, "default"), q(6, RAKED, "percentile")),
        ("missing answers, imputed", "t by Rubin's rules", q(7, POOLED, "default"), q(7, POOLED, "percentile")),
        (
            f"domains in 3, 5 and 8 of {AMONG} clusters",
            "t by the jackknife",
            q(8, (*DOMAIN_SHARES, *DOMAIN_MEANS[1:]), "default"),
            q(8, (*DOMAIN_SHARES, *DOMAIN_MEANS[1:]), "percentile"),
        ),
        ("differences and ratios", "MOVER", q(9, None, "default"), q(9, None, "percentile")),
    ]
    bullets = [
        f"""- **Few clusters.** With 8 clusters and ρ = 0.2 percentiles cover {q(1, EIGHT, "percentile")}. t with linearised
        standard errors (`method="t"`, R's) covers {q(1, FEW, "t")}: they are a little small where clusters are few and
        unequal, and the jackknife's are not ({q(1, FEW, "default")}). bc, bca and the Bayesian bootstrap don't help
        ({q(1, FEW, ("bc", "bca", "percentile, Bayesian"))}); studentized covers {q(1, FEW, "studentized")}, and its sizes are far wider
        ({widths(1, EIGHT[1], "studentized", "default")} of the true size with 8 clusters).""",
        f"""- **Domains in few clusters.** A domain has the degrees of freedom of its own clusters. Means that lie in {DOMAINS[0]} to
        {DOMAINS[-1]} of {AMONG} clusters are covered {q(8, DOMAIN_MEANS, "t")} by linearised standard errors and
        {q(8, DOMAIN_MEANS, "default")} by the jackknife's. **In two clusters** shares and sizes cover {q(8, TWO, "default")}: with one degree
        of freedom an interval on the logit scale holds nearly everything that is a share, and says so by its width.""",
        f"""- **Sizes from small quotas.** The image of the share's interval always has an upper end; {q(3, SIX, "percentile", "no_upper")}
        of percentile intervals have none at n = 60 and p = 0.1, {q(3, ELEVEN, "percentile", "no_upper")} with one registered of
        eleven. Coverage jumps with p, as counts are whole numbers: the default covers {q(3, NINE, "default")} at n = 30 and p = 0.3,
        and for values of p nearby {q(3, NINE, "default", "least")} to {q(3, NINE, "default", "most")}; at n = 60 and p = 0.3
        {q(3, "n = 60, p = 0.3", "default")}, nearby up to {q(3, "n = 60, p = 0.3", "default", "most")}. t covers more there ({q(3, NINE, "t")} and
        {q(3, "n = 60, p = 0.3", "t")}) and is wider; over all values of p Wilson's is nearer to what it promises.""",
        f"""- **Rare traits.** A sample in which nobody has the trait has Wilson's upper end; percentiles have no interval there
        ({q(4, RARE_SIMPLE[0], "percentile", "no_interval")} of samples at n = 60 and p = 0.02), and cover {q(4, RARE_CLUSTERED, "percentile")} among
        {RARE_CLUSTERS} clusters. In clusters without anybody no method can know the design effect.""",
        f"""- **Groups that are nearly empty.** Differences and ratios of half a person expected on either side cover
        {q(9, NEARLY_EMPTY, "default")}: Wilson's limits are wide there, and putting them together adds to it. A ratio over an empty group has no estimate.""",
        f"""- **Calibration.** Redone in every replicate (as `calibrate` does) the default covers {q(6, RAKED, "default")}. With
        weights that were raked once and then taken for sampling weights intervals are too wide
        ({widths(6, RAKED[0], ONCE[0], "percentile")} of the true share) and cover {q(6, RAKED, ONCE)}: what the margins tell is lost.
        Without margins it is {widths(6, RAKED[0], "percentile, not calibrated", "percentile")}; that they cover
        {q(6, RAKED, "percentile, not calibrated")} is luck, as the biases by sex and by age cancel here.""",
        f"""- **Imputation.** Rubin's rules cover {q(7, POOLED, "default")}. One imputed table taken for data covers
        {q(7, POOLED, NAIVE[0])}, and leaving out who did not answer {q(7, POOLED, NAIVE[1])}, as they differ.""",
    ]
    limits = """All this is about sampling error in designs that the survey is told truly. Intervals of quantiles in clusters, and of
        functions of weights, which have percentiles only, are not tested here. All methods see the same samples, so differences
        between them are surer than the s.e. of either."""
    return "\n\n".join([wrap(lead), _decisions(table), "\n".join(wrap(bullet) for bullet in bullets), wrap(limits)])


def _decisions(table: Sequence[tuple[str, ...]]) -> str:
    head, *body = (f"| {' | '.join(cells)} |" for cells in table)
    return "\n".join([head, "| --- | --- | --- | --- |", *body])


FAMILY = Family(
    name="designs",
    title="Validation: 95% intervals under complex designs",
    page="validation_designs.md",
    replicates=REPLICATES,
    scenarios=scenarios,
    checks=CHECKS,
    summary=summary,
)
