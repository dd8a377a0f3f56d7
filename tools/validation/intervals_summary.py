"""What the page on intervals says, and the checks that its judgements rest on."""

from __future__ import annotations

import itertools

from .assess import Check, Figures
from .intervals import CLUSTERS, REPLICATES, SHARE_WAYS, STUDY, VALUE_WAYS, scenarios
from .report import Family, wrap

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
        are in the register: then they often can't bound the size. Clusters, weights, rare traits and t intervals of sizes
        from small quotas are in [validation_designs.md](validation_designs.md). "Nearby" below means values of
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


FAMILY = Family(
    name="intervals",
    title="Validation: coverage of 95% intervals",
    page="validation.md",
    replicates=REPLICATES,
    scenarios=scenarios,
    checks=CHECKS,
    summary=summary,
)
