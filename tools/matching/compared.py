"""What is compared with which version of which software, and where we differ on purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from . import numbers
from .numbers import Pair


@dataclass(frozen=True)
class Topic:
    """What was compared with what."""

    what: str
    data: str
    pairs: Callable[[], Iterable[Pair]]
    #: What stands beside the difference: that theirs are printed to so many digits, or end a search early.
    note: str = ""


@dataclass(frozen=True)
class Software:
    """What it was compared with, where that comes from, and where we differ on purpose."""

    name: str
    source: str
    topics: tuple[Topic, ...]
    differs: tuple[str, ...] = ()


SCHOOLS = "samples of Californian schools, four designs"
ROME = "people with HIV in Rome, four lists"
IMMIGRANTS = "immigrants in four Dutch cities"
MADRONA = "samples that come with RDS"
COMPARED = (
    Software(
        "R survey 4.x",
        "tests/data/r_survey.json, r_tests.json",
        (
            Topic("means, totals, ratios, their standard errors, design effects", SCHOOLS, numbers.means),
            Topic("shares and means of domains, with standard errors", SCHOOLS, numbers.shares),
            Topic("svyciprop: logit, mean, beta", SCHOOLS, numbers.share_intervals),
            Topic(
                "svyciprop: likelihood", SCHOOLS, numbers.likelihood_intervals, "R's search ends at 1e-4 of the logit"
            ),
            Topic("quantiles, the lower rule", SCHOOLS, numbers.quantiles),
            Topic("svychisq: F, Chisq, Wald, adjWald", SCHOOLS, numbers.independence),
            Topic(
                "svychisq of three by three (4.5)", "72 people in eight clusters", numbers.larger_tables, "as printed"
            ),
            Topic(
                "svydesign of two stages (4.5)",
                "schools in districts; a nested sample",
                numbers.stages,
                "to the digits printed",
            ),
            Topic("svystandardize (4.1.1)", "two samples of schools", numbers.standardized),
            Topic("svyttest", SCHOOLS, numbers.t_tests),
            Topic(
                "svyglm, logistic: coefficients and standard errors", SCHOOLS, numbers.models, "R ends its search early"
            ),
            Topic("as.svrepdesign: jackknife", SCHOOLS, numbers.jackknife),
            Topic(
                "postStratify, calibrate, rake", SCHOOLS, numbers.calibrated, "to the digits printed on R's help pages"
            ),
        ),
        (
            "Shares have Wilson's interval at the design's degrees of freedom, where `svyciprop` has the logit; "
            "[validation](validation_designs.md) says why. `method=` gives R's.",
            "Degrees of freedom are those of the domain, and strata taken whole have none; R's `degf` counts those too "
            "([designs](designs.md)).",
            'Medians split the weights in the middle (`rule="midpoint"`); R\'s default of 4.1 and later is the lower one here.',
            "Later stages count wherever `fpc=` is given, as in R from 4.5 on; 4.1 asks for a correction of each ([designs](designs.md)).",
            "Missing answers are left out of each statistic, and counted; R hands back NA unless `na.rm=TRUE`.",
        ),
    ),
    Software(
        "Rcapture 1.4-4",
        "tests/data/capture_expected.json",
        (
            Topic("closedpMS.t: sizes, AIC, BIC of 111 log-linear models", ROME, numbers.loglinear),
            Topic(
                "closedpMS.t: standard errors",
                ROME,
                numbers.loglinear_errors,
                "R takes the weights of the last step but one",
            ),
            Topic("closedp.t: Mh and Mth of Chao, Poisson, Darroch, Gamma", ROME, numbers.heterogeneity),
            Topic("closedpCI.t: profile intervals", ROME, numbers.profiles),
        ),
        (
            "Two of the 113 models have no finite estimate or nobody unseen: Rcapture prints numbers where its search stopped; here "
            "they have none, or n, with the reason ([lists](lists.md)).",
            "Averages and selections are made anew in every redraw; Rcapture's intervals are those of one model.",
        ),
    ),
    Software(
        "SparseMSE 2.0.1",
        "tests/data/capture_expected.json",
        (
            Topic(
                "estimatepopulation, stepwise: size and ends",
                "modern slavery in the United Kingdom, six lists",
                numbers.sparse,
            ),
        ),
        (
            'The number of people seen is redrawn as well; SparseMSE\'s bootstrap holds it fixed (`bootstrap="conditional"`), and its '
            "intervals are too narrow ([lists](lists.md)).",
        ),
    ),
    Software(
        "dga 2.0.2",
        "tests/data/capture_expected.json",
        (
            Topic(
                "bma.cr: posterior means, quantiles, weights of graphs",
                "people killed in Kosovo, four lists",
                numbers.graphs,
            ),
        ),
    ),
    Software(
        "LCMCR 0.4.14",
        "tests/data/capture_expected.json",
        (
            Topic(
                "lcmCR: posterior mean and median",
                "people killed in Kosovo, four lists",
                numbers.classes,
                "both are simulated: within their Monte Carlo error",
            ),
        ),
    ),
    Software(
        "singleRcapture 0.2.3",
        "tests/data/one_list_expected.json",
        (
            Topic("estimatePopsize: sizes and log-likelihoods of all that converged", IMMIGRANTS, numbers.one_list),
            Topic("variances and both intervals", IMMIGRANTS, lambda: numbers.one_list(variances=True)),
        ),
        (
            "Variances of `ztoigeom`, of `Hurdleztgeom` with covariates and of `chao` without: ours are the numerical derivatives' and "
            "Chao's (1987) own ([one list](one_list.md)).",
            "Variance of `oichao` in singleRcapture 1.1: coefficients and sizes are ours, the variance is 157,059 there and 156,653 here, "
            "by the delta method of the frequencies ([one list](one_list.md)).",
            "`ztHurdlegeom` stops at 5,811 people there; the maximum has a closed form, 29,380. Fits at the edge of the parameters "
            "(1.7e13 people) have no size here.",
        ),
    ),
    Software(
        "RDS 0.9-10",
        "tests/data/rds and the numbers in tests/sample/test_recruited.py, tests/survey/test_whom.py",
        (
            Topic("RDS.II.estimates", MADRONA, numbers.recruited),
            Topic("RDS.I.estimates", MADRONA, numbers.salganik_heckathorn),
            Topic(
                "RDS.SS.estimates, 40,000 samples an iteration or more",
                MADRONA,
                numbers.successive,
                "R simulates what is solved here",
            ),
            Topic("activity and homophily", MADRONA, numbers.homophily),
        ),
        (
            "Salganik's bootstrap: R walks with rows and categories exchanged, and its replicates average 0.638 for a share of 0.164 "
            "([recruitment](rds.md)).",
            "Missing degrees are refused, or filled as you say; R takes the largest reported, silently.",
            "Redraws lie around the estimate; as published they do not (`centre=False`).",
        ),
    ),
    Software(
        "sspse 1.1.0-6",
        "tests/rds/test_size.py",
        (
            Topic(
                "posteriorsize: posterior mean under its prior",
                MADRONA,
                numbers.posterior_size,
                "theirs has a Monte Carlo error of 35 of 1,544",
            ),
        ),
        (
            "No chains: the posterior is a sum over grids. The prior of sizes is one of their mean and variance; `jacobian=False` is "
            "sspse's. The prior ends later ([recruitment](rds.md)).",
        ),
    ),
    Software(
        "svy 0.35.0",
        "tests/data/svy.json",
        (
            Topic("means, totals, ratios, domains, with standard errors", SCHOOLS, numbers.svy_means),
            Topic("intervals of shares: logit, Korn and Graubard's", SCHOOLS, numbers.svy_shares),
        ),
        ("Its default interval of a share is the logit; ours is Wilson's at the design's degrees of freedom.",),
    ),
    Software(
        "sae (R), statsmodels 0.15.0, RSurveillance",
        "tests/data/milk.json, local_level.json, tests/facts.py",
        (
            Topic(
                "sae: Fay-Herriot predictions by REML, ML, FH",
                "milk expenditure, 43 areas",
                numbers.fay_herriot,
                "sae stops at 1e-4",
            ),
            Topic("statsmodels: smoothed local levels", "six studies", numbers.level),
            Topic("RSurveillance: interviews for a share", "ten shares", numbers.interviews),
        ),
    ),
)
