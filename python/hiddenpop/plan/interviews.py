"""How many to interview for a size by the multiplier method, for a share, in respondent-driven sampling."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from ..errors import InputError, in_words, warn
from ..estimate.estimate import Estimate
from ..ground import checks
from ..ground.checks import check_level
from ..ground.language import english
from ..ground.signatures import checked
from . import arguments
from .precision import Plan

#: What is recommended at least (Salganik 2006).
LEAST_RDS = 2.0


@checked
def multiplier(
    benchmark: float | Estimate,
    share: float | Estimate,
    *,
    relative_precision: float | None = None,
    width: float | None = None,
    n: int | None = None,
    design_effect: float = 1,
    level: float = 0.95,
    assurance: float | None = None,
    method: Literal["delta", "percentile"] = "delta",
    finite_population: bool = False,
    response: float = 1,
    eligible: float = 1,
) -> Plan:
    """Plan a multiplier study: how many to interview for a size N = B / p of some precision.

    Parameters
    ----------
    benchmark : float or Estimate
        People expected in the register; an Estimate brings its own standard error, as ``hp.normal(4_900, 250)``.
    share : float or Estimate
        Share of the population expected in the register; of an Estimate (a pilot) the point is taken.
    relative_precision : float, optional
        Half the width of the interval relative to the size: 0.2 is ± 20%.
    width : float, optional
        Or the whole width of the interval, in people.
    n : int, optional
        Or the number of interviews, to ask which precision they give.
    design_effect : float
        Variance relative to a simple random sample; 1 is such a sample. In respondent-driven sampling 2 to 4 and
        more (see `rds`); below 1 only where strata are more alike than people at large.
    level : float
        Confidence level.
    assurance : float, optional
        The chance that a study's own interval is as narrow as asked, such as 0.8. Without it n is for the expected
        share, and about half of the studies have wider intervals.
    method : {"delta", "percentile"}
        Which interval shall be as narrow: the symmetric one of the delta method, as published, or that of the share
        carried to the size, B / (p (1 ± r)), which is what percentiles of redraws give. Its half width is
        r / (1 - r²), so it needs more interviews: 8% more where ± 20% is asked for, 45% more for ± 50%.
    finite_population : bool
        Whether interviews are a noticeable part of the population, which is then taken as B / p.
    response : float
        Share of eligible people who take part and answer: 0.6 where four in ten refuse or aren't reached.
    eligible : float
        Share of the people invited who turn out to be eligible. `Plan.invite` is n over both.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        Impossible input; a precision that the benchmark's own uncertainty rules out; more interviews than people.

    See Also
    --------
    by_group : several groups.
    multiplier_study, simulate : a study that no formula fits.
    hiddenpop.multiplier : the size that is planned.

    Notes
    -----
    By the delta method, for benchmark and survey independent,

        var(N) / N² = var(B) / B² + deff (1 - p) / (n p),

    so the half width r of a level's interval needs n = deff (1 - p) / (p (r² / z² - var(B) / B²)). In a finite
    population n becomes n / (1 + (n - 1) / N) (Cochran 1977, section 4.4), where the design effect multiplies the
    variance of a simple random sample without replacement. Fearon et al. (2017, JMIR Public Health and Surveillance
    3:e59) plan from the uncertainty of both B and p too. Only their abstract was read; the equation here is derived.

    With `assurance` n grows until the share of studies whose own interval is as narrow as asked, by the binomial
    distribution, is as high.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.plan.multiplier(benchmark=4_900, share=0.31, relative_precision=0.2, design_effect=2)
    Interview 428 people: a size of 15,800 (4,900 / 31.0%) ± 20.0% (95% interval, design effect 2)
    by percentiles about 13,200 to 19,800; 53% of such studies are as precise
    >>> hp.plan.multiplier(benchmark=4_912, share=0.307, n=127)
    127 interviews: a size of 16,000 (4,912 / 30.7%) ± 26.1% (95% interval, design effect 1)
    by percentiles about 12,700 to 21,700
    """
    asked = arguments.one_of(relative_precision=relative_precision, width=width, n=n)
    checks.flag(finite_population, "finite_population")
    known, se = arguments.benchmark(benchmark)
    expected = arguments.share(share)
    size = known / expected
    target = None
    if asked == "relative_precision":
        target = checks.positive(relative_precision, "relative_precision")
    elif asked == "width":
        target = checks.positive(width, "width") / 2 / size
    if target is not None and target >= 1 and method == "delta":
        raise InputError(
            f"{asked}={in_words(relative_precision if asked == 'relative_precision' else width)} asks for an interval that starts "
            "below zero people. relative_precision=0.2 is ± 20%, and width the whole width in people."
        )
    return _made(
        n,
        expected,
        known,
        se,
        design_effect,
        level,
        target,
        size if finite_population else None,
        assurance,
        method,
        response,
        eligible,
    )


@checked
def proportion(
    share: float | Estimate = 0.5,
    *,
    precision: float | None = None,
    relative_precision: float | None = None,
    n: int | None = None,
    design_effect: float = 1,
    level: float = 0.95,
    assurance: float | None = None,
    population: float | None = None,
    response: float = 1,
    eligible: float = 1,
) -> Plan:
    """Plan a survey that estimates a share: how many to interview.

    Parameters
    ----------
    share : float or Estimate
        The share expected; 0.5 needs the most people for the same absolute precision.
    precision : float, optional
        Half the width of the interval: 0.05 is ± 5 percentage points.
    relative_precision : float, optional
        Or half the width relative to the share.
    n : int, optional
        Or the number of interviews, to ask which precision they give.
    design_effect, level, assurance, response, eligible
        As in `multiplier`.
    population : float, optional
        Size of the finite population that people are drawn from, without replacement.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        Impossible input, or more interviews than people.

    See Also
    --------
    compare : two shares.
    by_group : several groups.
    design_effect : what clusters cost.

    Notes
    -----
    n0 = deff z² p (1 - p) / d² and, in a finite population of N, n = n0 / (1 + (n0 - 1) / N) (Cochran 1977,
    Sampling Techniques, section 4.4). Here the design effect compares with a simple random sample without
    replacement, so n never exceeds N. The "about 400" of textbooks is p = 0.5, d = 0.05 with z rounded up to 2;
    z = 1.96 gives 385.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.plan.proportion(0.5, precision=0.05)
    Interview 385 people: a share of 50.0% ± 5.0 percentage points (95% interval, design effect 1)
    about 45.0% to 55.0%; 100% of such studies are as precise
    >>> hp.plan.proportion(0.5, precision=0.05, population=2_000).n
    323
    """
    asked = arguments.one_of(precision=precision, relative_precision=relative_precision, n=n)
    expected = arguments.share(share)
    target = None
    if asked == "precision":
        target = checks.positive(precision, "precision")
    elif asked == "relative_precision":
        target = checks.positive(relative_precision, "relative_precision") * expected
    if target is not None and target >= min(expected, 1 - expected):
        raise InputError(
            f"± {target:g} around a share of {expected:g} reaches beyond 0 or 1, where this formula says nothing. "
            "precision is absolute (0.05 is ± 5 percentage points); ask for less than the share and its complement."
        )
    size = None if population is None else checks.positive(population, "population")
    return _made(
        n, expected, None, 0.0, design_effect, level, target, size, assurance, response=response, eligible=eligible
    )


@checked
def rds(
    share: float | Estimate = 0.5,
    *,
    precision: float | None = None,
    relative_precision: float | None = None,
    n: int | None = None,
    design_effect: float | None = None,
    level: float = 0.95,
    assurance: float | None = None,
    population: float | None = None,
    response: float = 1,
    eligible: float = 1,
) -> Plan:
    """Plan a respondent-driven sample that estimates a share.

    The arithmetic is that of `proportion`; the design effect is the whole question, so it has no default.

    Parameters
    ----------
    share, precision, relative_precision, n, level, assurance, population, response, eligible
        As in `proportion`.
    design_effect : float
        Salganik (2006) recommends twice a simple random sample; Wejnert et al. (2012) found in 43 samples of people
        who inject drugs that 2 is too little and recommend 4; simulations on known networks found RDS less accurate
        than acknowledged (Goel and Salganik 2010). Below 2 warns. The table shows 2 to 10.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        No design effect, or as in `proportion`.

    See Also
    --------
    proportion : a random sample.
    hiddenpop.Survey.rds : the survey that is planned.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> plan = hp.plan.rds(0.3, precision=0.05, design_effect=4)
    >>> plan.n
    1291
    >>> plan.summary(shares=[0.3])["n"].to_dict()
    {(0.3, 2.0): 646, (0.3, 3.0): 969, (0.3, 4.0): 1291, (0.3, 6.0): 1937, (0.3, 10.0): 3227}
    """
    if design_effect is None:
        raise InputError(
            "design_effect is missing, and it decides. For respondent-driven sampling Salganik (2006) recommends 2, "
            "Wejnert et al. (2012) 4, and simulations on known networks found it less accurate still (Goel and Salganik "
            "2010). If you can't choose, plan with 4 and look at .summary()."
        )
    found = arguments.design_effect(design_effect)
    plan = proportion(
        share,
        precision=precision,
        relative_precision=relative_precision,
        n=n,
        design_effect=found,
        level=level,
        assurance=assurance,
        population=population,
        response=response,
        eligible=eligible,
    )
    if found < LEAST_RDS:
        warn(
            f"design_effect={found:g} is below the 2 that is recommended at least for respondent-driven sampling "
            "(Salganik 2006).",
        )
    return replace(plan, sampling=english("respondent-driven sampling"))


def _made(
    n: int | None,
    share: float,
    benchmark: float | None,
    benchmark_se: float,
    design_effect: float,
    level: float,
    target: float | None,
    population: float | None,
    assurance: float | None,
    method: str = "delta",
    response: float = 1,
    eligible: float = 1,
) -> Plan:
    if method not in ("delta", "percentile"):
        raise InputError(f"method={method!r} is not one of delta, percentile.")
    if assurance is not None:
        checks.between(assurance, "assurance", example="0.8")
        if target is None:
            raise InputError("assurance is the chance of a precision that is asked for; with n= there is none.")
    taking, able = arguments.taking_part(response, eligible)
    plan = Plan(
        n=1 if n is None else checks.whole(n, "n", 1),
        share=share,
        benchmark=benchmark,
        benchmark_se=benchmark_se,
        design_effect=arguments.design_effect(design_effect),
        level=check_level(level),
        target=target,
        population=population,
        assurance=assurance,
        method=method,
        response=taking,
        eligible=able,
    )
    return plan.finished()
