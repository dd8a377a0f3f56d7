"""What the page on designs says, and the checks that its judgements rest on."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from .assess import Check, Figures
from .designs import CLUSTERED, IMPUTATIONS, RARE, RARE_CLUSTERS, REPLICATES, STRATA, WEIGHTED, cluster_name, scenarios
from .report import Family, wrap


def _both(names: Sequence[str]) -> tuple[str, ...]:
    """Name the settings of a share and of the size made from it."""
    return tuple(f"{kind}, {name}" for kind, name in itertools.product(("share", "size"), names))


#: Below and above 30 degrees of freedom.
FEW = _both([cluster_name(*one) for one in CLUSTERED if one[0] <= 30])
MANY = _both([cluster_name(*one) for one in CLUSTERED if one[0] > 30])
FORTY = _both([cluster_name(*one) for one in CLUSTERED if one[0] == 40])
HUNDRED = _both([cluster_name(*one) for one in CLUSTERED if one[0] == 100])
EIGHT = _both([cluster_name(*one) for one in CLUSTERED if one[0] == 8])
FIFTEEN = _both([cluster_name(*one) for one in CLUSTERED if one[0] == 15])
PAIRS = _both([f"{number} strata" for number in STRATA])
#: Expected in the register: 3, 6, 9 and 13 people, or 18 and more.
THREE, SIX, NINE, THIRTEEN = "n = 30, p = 0.1", "n = 60, p = 0.1", "n = 30, p = 0.3", "n = 127, p = 0.1"
TENS = (SIX, NINE, THIRTEEN)
MORE = ("n = 30, p = 0.6", *(f"n = {n}, p = {p:g}" for n, p in itertools.product((60, 127), (0.3, 0.6))))
RARE_CLUSTERED = tuple(f"share, {RARE_CLUSTERS} clusters, p = {p:g}" for p in RARE)
RARE_SIMPLE = tuple(f"n = {n}, p = {p:g}" for n, p in itertools.product((60, 127), RARE))
HEAVY = _both([f"n = {n}" for n in WEIGHTED])
RAKED = _both(["n = 130"])
POOLED = tuple(f"share, {number} imputations" for number in IMPUTATIONS)
ONCE = ("percentile, calibrated once", "t, calibrated once")
REPLICATED = ("t, BRR", "t, Fay", "t, JKn")
NAIVE = ("t, one imputation as if answered", "t, complete cases")
#: Shares and sizes of less than perfect samples, with enough degrees of freedom for percentiles by default.
DEFAULT_PERCENTILE = (*MANY, *HEAVY)

CHECKS = (
    # What the default is
    Check(1, FEW, "default", 0, 0, minus="t"),
    Check(1, MANY, "default", 0, 0, minus="percentile"),
    Check(2, None, "default", 0, 0, minus="t"),
    Check(3, None, "default", 0, 0, minus="percentile"),
    Check(5, None, "default", 0, 0, minus="percentile"),
    Check(6, None, "default", 0, 0, minus="percentile"),
    Check(7, None, "default", 0, 0, minus="t"),
    # Few clusters: t is right, percentiles are too short
    Check(1, FEW, "t", 91.5, 96),
    Check(1, FEW, "t", 0.5, 5, minus="percentile"),
    Check(1, EIGHT, "percentile", 86, 91),
    Check(1, FEW, "percentile", 86, 93.5),
    Check(1, FEW, ("bc", "bca", "percentile, Bayesian"), -2.5, 0.5, minus="percentile"),
    Check(1, FEW, "t, JKn", 0.2, 2.5, minus="t"),
    Check(1, FEW, "t, JKn", 93, 96),
    Check(1, "size, 8 clusters, ρ = 0.2", "studentized", 0.3, 1, "width", minus="t"),
    # Two clusters a stratum
    Check(2, None, ("t", "t, JKn", "t, Fay"), 94, 97),
    Check(2, PAIRS, "t, BRR", 94, 98.5),
    Check(2, "size, 10 strata", "t, BRR", 0.03, 0.3, "width", minus="t"),
    Check(2, ("share, 10 strata", "size, 10 strata"), "percentile", 89, 93),
    # Many clusters and weights: t covers more than percentiles and is hardly wider
    Check(1, MANY, "percentile", 91, 94),
    Check(1, MANY, "t", 92, 96),
    Check(1, MANY, "t", 0, 2.5, minus="percentile"),
    Check(1, MANY, "t", -0.01, 0.03, "width", minus="percentile"),
    Check(1, MANY, "studentized", 92.5, 96),
    Check(1, MANY, "studentized", 0, 0.04, "width", minus="t"),
    Check(5, HEAVY, "percentile", 91, 94),
    Check(5, HEAVY, "t", 92.5, 96),
    Check(5, HEAVY, "t", 0.4, 3, minus="percentile"),
    Check(5, ("size, n = 60", "size, n = 130"), "t", -0.5, -0.04, "width", minus="percentile"),
    # Sizes from quotas
    Check(3, MORE, ("percentile", "bca", "t"), 94, 97.5),
    Check(3, MORE, ("percentile", "t"), 92, 96, "least"),
    Check(3, MORE, "t", -0.12, 0.05, "width", minus="percentile"),
    Check(3, TENS, "percentile", 89, 92.5, "least"),
    Check(3, TENS, ("t", "bca"), 93.5, 96, "least"),
    Check(3, TENS, "t", -1, -0.25, "width", minus="percentile"),
    Check(3, TENS, "t", 0, 0, "no_upper"),
    Check(3, SIX, "percentile", 8, 20, "no_upper"),
    Check(3, SIX, "percentile", 3.5, 7, "below"),
    Check(3, SIX, "t", 0, 1, "below"),
    Check(3, SIX, "t", 2.5, 4.5, "above"),
    Check(3, TENS, "bca", 94, 98.5),
    Check(3, SIX, "bca", 0.2, 1.2, "width", minus="t"),
    Check(3, THREE, "percentile", 50, 75, "no_upper"),
    Check(3, THREE, "t", 93.5, 98.5),
    Check(3, THREE, "t", 2, 4, "width"),
    # Rare traits
    Check(4, RARE_SIMPLE, "wilson", 94, 98),
    Check(4, RARE_SIMPLE, "wilson", 93, 97, "least"),
    Check(4, RARE_SIMPLE, "beta", 95, 100, "least"),
    Check(4, RARE_SIMPLE[0], ("percentile", "bca", "t"), 60, 75),
    Check(4, RARE_SIMPLE, "likelihood", 85, 97, "least"),
    Check(4, RARE_CLUSTERED, "beta", 92, 99),
    Check(4, RARE_CLUSTERED, "wilson", 86, 93),
    Check(4, RARE_CLUSTERED, "percentile", 70, 88),
    Check(4, RARE_CLUSTERED[0], "t", 82, 89),
    # Calibration and imputation
    Check(6, RAKED, ("percentile", "t"), 93, 96.5),
    Check(6, RAKED, ONCE, 96, 99),
    Check(6, RAKED, ONCE[0], 0.03, 0.1, "width", minus="percentile"),
    Check(6, RAKED, "percentile, not calibrated", 0.01, 0.1, "width", minus="percentile"),
    Check(7, POOLED, ("t", "percentile"), 93, 97.5),
    Check(7, POOLED, NAIVE[0], 80, 88),
    Check(7, POOLED, NAIVE[1], 86, 93),
)


def summary(figures: Figures) -> str:
    """Return the advice: its numbers are computed, its judgements rest on `CHECKS`."""
    q, x = figures.quote, figures.number

    def widths(scenario: int, setting: str, *ways: str) -> str:
        return " against ".join(f"{figures.values(scenario, setting, way, 'width')[0]:.2f}" for way in ways)

    lead = """**Where the default is t (fewer than 30 design degrees of freedom, imputations), keep it: percentiles are
        too short there. Where the default is percentiles, `method="t"` does as well or better for shares and sizes**
        in these tables, above all for sizes from few people in the register, for many clusters and for unequal
        weights. t is on its default scale, log for sizes and logit for shares, with linearised standard errors. The
        exception is a trait that hardly anybody has: use `method="beta"`."""
    table = [
        ("your data", "use", "95% intervals cover", "instead of"),
        (
            "fewer than 30 clusters",
            "the default, t",
            q(1, FEW, "t"),
            f"percentile {q(1, FEW, 'percentile')}",
        ),
        (
            "two clusters in each stratum",
            "the default, t",
            q(2, None, "t"),
            f"percentile {q(2, None, 'percentile')}",
        ),
        ("40 clusters or more", '`"t"`', q(1, MANY, "t"), f"percentile (default) {q(1, MANY, 'percentile')}"),
        (
            "unequal weights",
            '`"t"`',
            q(5, HEAVY, "t"),
            f"percentile (default) {q(5, HEAVY, 'percentile')}",
        ),
        (
            "a quota, size, 18 or more expected in the register",
            'the default, percentile, or `"t"`',
            f"{q(3, MORE, 'percentile')} (t {q(3, MORE, 't')})",
            "",
        ),
        (
            "a quota, size, about 6 to 13 expected in the register",
            '`"t"`, or `"bca"`',
            f"{q(3, TENS, 't')}, nearby at least {min(figures.values(3, TENS, 't', 'least')):.1f}%",
            f"percentile (default) {q(3, TENS, 'percentile')}, nearby down to "
            f"{min(figures.values(3, TENS, 'percentile', 'least')):.1f}%",
        ),
        (
            "a share of a few percent, simple sample",
            '`"beta"`; `"wilson"` is shorter',
            f"{q(4, RARE_SIMPLE, 'beta')} (wilson {q(4, RARE_SIMPLE, 'wilson')})",
            f"percentile (default) {q(4, RARE_SIMPLE, 'percentile')}",
        ),
        (
            "a share of a few percent, few clusters",
            '`"beta"`',
            q(4, RARE_CLUSTERED, "beta"),
            f"t (default) {q(4, RARE_CLUSTERED, 't')}, wilson {q(4, RARE_CLUSTERED, 'wilson')}",
        ),
        (
            "known margins",
            "`survey.calibrate`, then the default",
            q(6, RAKED, "percentile"),
            f"weights that were calibrated elsewhere {q(6, RAKED, ONCE)}: too wide",
        ),
        (
            "missing answers, imputed",
            "`hp.Imputed`, the default, t",
            q(7, POOLED, "t"),
            f"one imputed table {q(7, POOLED, NAIVE[0])}",
        ),
    ]
    bullets = [
        f"""- **Few clusters.** With 8 clusters and ρ = 0.2 percentiles cover {q(1, EIGHT, "percentile")}, with 15
        {q(1, FIFTEEN, "percentile")}; t covers {q(1, FEW, "t")}. That is still below 95: linearised standard errors are
        too small when clusters are few and unequal. t with the jackknife (`with_replicates("JKn")`) mends most of it
        ({q(1, FEW, "t, JKn")}) and is a little wider. bc, bca and the Bayesian bootstrap don't help
        ({q(1, FEW, ("bc", "bca", "percentile, Bayesian"))}). studentized covers like t ({q(1, FEW, "studentized")}) but
        its sizes are far wider ({widths(1, EIGHT[1], "studentized", "t")} of the true size with 8 clusters).""",
        f"""- **Two clusters a stratum.** t from linearised standard errors, JKn and Fay's replicates agree
        ({q(2, None, ("t", "t, JKn", "t, Fay"))}). BRR covers {q(2, None, "t, BRR")}, as its replicates of sizes lie
        further apart (width {widths(2, "size, 10 strata", "t, BRR", "t")} with 10 strata). Percentiles cover
        {q(2, ("share, 10 strata", "size, 10 strata"), "percentile")} with 10 strata.""",
        f"""- **40 clusters or more, unequal weights.** The default is percentiles. t covers more: with 40 clusters
        {q(1, FORTY, "t")} against {q(1, FORTY, "percentile")}, with 100 {q(1, HUNDRED, "t")} against
        {q(1, HUNDRED, "percentile")}, with weights {q(5, HEAVY, "t")} against {q(5, HEAVY, "percentile")}. It is hardly
        wider for shares, and shorter for sizes under weights ({widths(5, "size, n = 60", "t", "percentile")} at
        n = 60). So 30 degrees of freedom are no point from which percentiles are as good. studentized covers
        {q(1, MANY, "studentized")} with 40 clusters or more, and is a little wider still.""",
        f"""- **Sizes from small quotas.** Where about 6 to 13 people are expected in the register (n = 60 or 127 and
        p = 0.1, n = 30 and p = 0.3) percentiles cover {q(3, TENS, "percentile")}, but down to
        {min(figures.values(3, TENS, "percentile", "least")):.1f}% for values of p nearby; t covers {q(3, TENS, "t")}, and
        at least {min(figures.values(3, TENS, "t", "least")):.1f}% nearby, with shorter intervals: at n = 60 and p = 0.1
        {widths(3, SIX, "t", "percentile")} of the true size, and none without an upper limit (percentiles:
        {q(3, SIX, "percentile", "no_upper")}). Its misses are lopsided: {q(3, SIX, "t", "above")} of intervals lie below
        the true size and {q(3, SIX, "t", "below")} above it; with percentiles it is the other way round
        ({q(3, SIX, "percentile", "above")} and {q(3, SIX, "percentile", "below")}). bca covers {q(3, TENS, "bca")}, but is
        wide where few are registered ({widths(3, SIX, "bca")} at n = 60 and p = 0.1). With 18 or more people expected all three cover {q(3, MORE, ("percentile", "bca", "t"))}. With
        three (n = 30, p = 0.1) t still covers {q(3, THREE, "t")}, {x(3, THREE, "t", "width")} times as wide as the true
        size; {q(3, THREE, "percentile", "no_upper")} of percentile intervals have no upper limit.""",
        f"""- **Rare traits.** In a sample where nobody has the trait percentiles, bca and t are a single point, zero:
        they cover {q(4, RARE_SIMPLE[0], ("percentile", "bca", "t"))} at n = 60 and p = 0.02. beta covers at least
        {min(figures.values(4, RARE_SIMPLE, "beta", "least")):.1f}% in simple samples and {q(4, RARE_CLUSTERED, "beta")}
        among {RARE_CLUSTERS} clusters; wilson {q(4, RARE_SIMPLE, "wilson")}, but only {q(4, RARE_CLUSTERED, "wilson")}
        among clusters, as it takes no account of how few they are; likelihood {q(4, RARE_SIMPLE, "likelihood")} and
        {q(4, RARE_CLUSTERED, "likelihood")}. In clusters without anybody no method can know the design effect.""",
        f"""- **Calibration.** Redone in every replicate (as `calibrate` does) raking covers
        {q(6, RAKED, "percentile")}, t {q(6, RAKED, "t")}. With weights that were raked once and then taken for sampling
        weights intervals are too wide ({widths(6, RAKED[0], ONCE[0], "percentile")} of the true share) and cover
        {q(6, RAKED, ONCE)}: what the margins tell is lost. Without margins it is
        {widths(6, RAKED[0], "percentile, not calibrated", "percentile")}; that they cover
        {q(6, RAKED, "percentile, not calibrated")} is luck, as the biases by sex and by age cancel here.""",
        f"""- **Imputation.** Rubin's rules cover {q(7, POOLED, "t")} with t and {q(7, POOLED, "percentile")} with
        percentiles. One imputed table taken for data covers {q(7, POOLED, NAIVE[0])}, and leaving out who did not answer
        {q(7, POOLED, NAIVE[1])}, as they differ.""",
    ]
    limits = """All this is about sampling error in designs that the survey is told truly. Percentile, bc and bca
        intervals of quantiles, and of anything that has no linearised standard error, are not tested here. All
        methods see the same samples, so differences between them are surer than the s.e. of either."""
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
