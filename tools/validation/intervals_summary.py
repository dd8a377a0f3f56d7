"""What the page on intervals says, and the checks that its judgements rest on."""

from __future__ import annotations

import itertools

from .assess import Check, Defaults, Figures
from .intervals import CLUSTERS, MEAN_SIZES, REPLICATES, STUDY, VALUE_WAYS, scenarios
from .report import Family, wrap

LOG_BASIC, LOG_NORMAL = "basic, log (default)", "normal, log (default)"
PERCENTILES = ("percentile", "bc")
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
#: Where counts of thirty people jump, and means of very skewed variables, which hardly any method covers.
EXCEPTIONS = (
    *((number, NINE) for number in (1, 2)),
    (2, TWO),
    *((4, f"n = {n}") for n in MEAN_SIZES),
    (SMALL, SMALL_MEAN),
)

CHECKS = (
    Defaults(EXCEPTIONS),
    # Percentiles of sizes: as good where many are registered, without an end where few are
    Check(2, LARGE, PERCENTILES, 94, 96),
    Check(3, None, PERCENTILES, 94, 96),
    Check(2, None, "default", 0, 0, "no_upper"),
    Check(2, CRACK_SIZE, "default", 0.45, 0.65, "width"),
    Check(2, OPIOID_SIZE, "default", 0.14, 0.18, "width"),
    Check(2, SIX, "percentile", 5, 20, "no_upper"),
    Check(2, SIX, "percentile", 85, 93.5, "least"),
    Check(2, TWO, "percentile", 21, 22, "no_estimate"),
    Check(2, TWO, "percentile", 85, 100, "no_upper"),
    # "bc differs little"
    *(Check(scenario, None, "bc", -1.2, 1.2, minus="percentile") for scenario in (2, 3, 4, 5)),
    # "normal gives no interval" where a replicate has a share of zero
    Check(2, LARGE, LOG_NORMAL, 94, 96),
    Check(2, NINE, LOG_NORMAL, 15, 100, "no_interval"),
    Check(2, SIX, LOG_NORMAL, 50, 100, "no_interval"),
    # "basic is lopsided"
    Check(2, BOUNDED, LOG_BASIC, 0, 2, "below"),
    Check(2, BOUNDED, LOG_BASIC, 3, 10, "above"),
    Check(2, BOUNDED, "basic, identity", 70, 95),
    # Shares
    Check(1, None, "default", 92, 98.5, ("least", "most")),
    Check(1, TWO, "percentile", 20, 23, "no_interval"),
    Check(1, None, "beta", 95, 100),
    # Means and medians
    Check(4, "n = 30", VALUE_LABELS, 80, 92),
    Check(4, "n = 127", VALUE_LABELS, 88, 94),
    Check(4, None, "default", 4.5, 20, "above"),
    Check(SMALL, SMALL_MEAN, STUDENTIZED, 91, 95),
    Check(SMALL, SMALL_MEAN, STUDENTIZED, 1.5, 9, minus="default"),
    Check(SMALL, SMALL_MEAN, STUDENTIZED, 0.8, 1.05, "width"),
    Check(SMALL, SMALL_SHARE, "percentile", 89, 94),
    Check(5, None, VALUE_BASIC, 75, 90),
    Check(5, None, VALUE_NORMAL, 92, 96),
)


def summary(figures: Figures) -> str:
    """Return the advice: its numbers are computed, its judgements rest on `CHECKS`."""
    q, x = figures.quote, figures.number
    lead = f"""**Keep the default**: Wilson's interval for shares, its image for sizes made from them, MOVER for what is computed
        further, t for means, percentiles for medians. In {figures.held()} rows of these tables it covers between 93.5 and 98% (but
        for two Monte Carlo standard errors); the others are named below. Clusters, weights, rare traits, domains, differences
        and ratios are in [validation_designs.md](validation_designs.md). "Nearby" below means values of p up to a
        tenth smaller or larger."""
    bullets = [
        f"""- **The study's own settings.** With n = 393 and p = 0.61 the default interval of the size covers
        {q(2, OPIOID_SIZE, "default")}, with n = 127 and p = 0.31 {q(2, CRACK_SIZE, "default")} (percentiles
        {q(2, (OPIOID_SIZE, CRACK_SIZE), "percentile")}), and for the total of both groups {q(3, None, "default")} (percentiles
        {q(3, None, "percentile")}; Monte Carlo s.e. {x(3, None, "default", "error")}). At n = 127 the interval is wide: about half of the
        true size from end to end, against about a sixth at n = 393 and p = 0.61.""",
        f"""- **Few registered participants.** At n = 127 and p = 0.05 (about six people expected in the register) the
        default covers {q(2, SIX, "default")}, and always has an upper end, {x(2, SIX, "default", "width")} times the true size from end to end.
        Percentiles cover {q(2, SIX, "percentile")} (nearby down to {q(2, SIX, "percentile", "least")}), and
        {q(2, SIX, "percentile", "no_upper")} of them have no upper limit. At n = 30 and p = 0.05 (one or two people expected)
        {q(2, TWO, "percentile", "no_estimate")} of samples have no estimate; of the others the default covers {q(2, TWO, "default")},
        as the samples that are left have too many registered, and {q(2, TWO, "percentile", "no_upper")} of percentile intervals have no
        upper limit.""",
        f"""- **Shares.** The default covers {q(1, None, "default")}, nearby
        {q(1, None, "default", ("least", "most"))}: coverage jumps with p, as counts are whole numbers, most of all at n = 30 (p = 0.3:
        {q(1, NINE, "default")}). `method="beta"` never covers less than it should and is wider ({q(1, None, "beta")}). At n = 30 and
        p = 0.05 nobody has the property in {q(1, TWO, "percentile", "no_interval")} of samples, and resampling says nothing there.""",
        """- **bc** differs from percentiles by about a point at most.""",
        f"""- **normal** (on its default scale, log) covers sizes {q(2, LARGE, LOG_NORMAL)} at n = 127 and 393 with p
        of 0.3 or more. But one replicate without a registered participant takes away its standard error: it gave no interval for
        {q(2, NINE, LOG_NORMAL, "no_interval")} of samples at n = 30 and p = 0.3, and for
        {q(2, SIX, LOG_NORMAL, "no_interval")} at n = 127 and p = 0.05. The more replicates, the more often that
        happens.""",
        f"""- **basic** is not recommended. For sizes its misses are lopsided: on the log scale
        {q(2, BOUNDED, LOG_BASIC, "above")} of intervals lie below the true size, and {q(2, BOUNDED, LOG_BASIC, "below")}
        above. On the identity scale it covers sizes {q(2, BOUNDED, "basic, identity")}.""",
        f"""- **Means of very skewed variables** are covered too rarely by all methods of scenario 4: {q(4, "n = 30", VALUE_LABELS)}
        at n = 30 and {q(4, "n = 127", VALUE_LABELS)} at n = 127 (t, the default: {q(4, "n = 30", "default")} and
        {q(4, "n = 127", "default")}), and most misses are intervals that lie too low. Treat such intervals as too short, or use
        **studentized** ones: at n = 30 they cover {q(SMALL, SMALL_MEAN, STUDENTIZED)} (the default in the same samples
        {q(SMALL, SMALL_MEAN, "default")}), because they are wider. No method that we know covers 93.5% there.""",
        f"""- **A share among {CLUSTERS} clusters** is covered {q(SMALL, SMALL_SHARE, "default")} by the default, percentiles
        {q(SMALL, SMALL_SHARE, "percentile")}.""",
        f"""- **Medians.** Percentiles, the default, cover {q(5, "n = 31", "default")} at n = 31 and
        {q(5, "n = 127", "default")} at n = 127, normal {q(5, None, VALUE_NORMAL)}; basic covers only
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
