"""Fitting the counts of one register: zero-truncated regressions, Chao's and Zelterman's estimators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import EstimationError, InputError, warn
from ..ground.signatures import checked
from . import families
from .compiled import compile_model
from .covariates import read
from .families import Family
from .fit import CountFit
from .leaf import BOOTSTRAPS
from .register import CaptureCounts


@checked
def zero_truncated(
    counts: CaptureCounts,
    formula: str = "~ 1",
    *,
    family: str = "poisson",
    alpha: str | None = None,
    omega: str | None = None,
    pi: str | None = None,
    bootstrap: str = "semiparametric",
) -> CountFit:
    """Estimate how many people a register never saw, from how often it saw the others.

    The distribution of counts among those seen is fitted by maximum likelihood; it says how likely a person is to be
    seen at all, and each person seen stands for one over that chance.

    Parameters
    ----------
    counts : CaptureCounts
        The register.
    formula : str
        Covariates of the mean lambda, on the log scale: "~ age + sex".
    family : str
        "poisson" (everybody alike, but for covariates), "geometric" or "negbin" (people differ beyond them). Too many ones:
        "oiztpoisson" (a share omega of the *population* is seen exactly once, then zeros are cut off) or "ztoipoisson" (the
        same share of those *seen*), and with hurdles "Hurdleztpoisson" (a share pi of the population is seen exactly
        once) or "ztHurdlepoisson" (the same share of those seen). For "geom" and "negbin" likewise. Data hardly tell the
        orders apart, while the sizes differ much.
    alpha, omega, pi : str, optional
        Covariates of the dispersion (log), of the inflation and of the hurdle (logit); without, one value for all.
    bootstrap : {"semiparametric", "nonparametric", "parametric"}
        How draws are made. The default draws the number of people seen from Bin(N, n/N) and then people with their
        counts; the second keeps the number seen and so forgets part of the variance; the third draws counts from the fitted
        model.

    Returns
    -------
    CountFit
        Its `size` is an Estimate like any other.

    Raises
    ------
    InputError
        Unknown families or columns, missing or collinear covariates.
    EstimationError
        Nobody was seen twice, so that nothing says how many were never seen.

    Warns
    -----
    HiddenpopWarning
        The likelihood has no maximum: then the fit says so and gives no size.

    References
    ----------
    van der Heijden PGM et al. (2003), Statistical Modelling 3:305-322, eq. 3 to 9. Cruyff MJLF, van der Heijden PGM (2008),
    Biometrical Journal 50:1035-1050. Godwin RT, Böhning D (2017), JRSS C 66:425-448. Families and their names:
    Chlebicki P, Beręsewicz M (2025), singleRcapture, vignette, section 2.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> immigrants = hp.datasets.load("netherlands_immigrants")["apprehensions"]
    >>> counts = hp.CaptureCounts(immigrants, "capture", replicates=1000)
    >>> fit = hp.zero_truncated(counts, "~ gender + age")
    >>> round(fit.size.point)
    7807
    >>> fit.interval().round()
             lower   upper
    people  6748.0  9098.0
    """
    found = families.find(family)
    given = {"alpha": alpha, "omega": omega, "pi": pi}
    for parameter, text in given.items():
        if text is not None and parameter not in found.parameters:
            raise InputError(
                f"family={family!r} has no parameter {parameter}; its parameters are {', '.join(found.parameters)}."
            )
    return fit_family(counts, formula, found, given, bootstrap)


@checked
def chao(counts: CaptureCounts, formula: str = "~ 1", *, bootstrap: str = "semiparametric") -> CountFit:
    """Estimate a lower bound of the population by Chao's method, from those seen once or twice.

    Where people differ in how likely they are to be seen, the true size is at least this one, on average. Covariates
    explain part of the differences and so bring the bound closer.

    Parameters
    ----------
    counts : CaptureCounts
        The register.
    formula : str
        Covariates of log(lambda / 2), the logit of being seen twice rather than once.
    bootstrap : {"semiparametric", "nonparametric"}
        As in `zero_truncated`.

    References
    ----------
    Chao A (1987), Biometrics 43:783-791. With covariates: Böhning D, van der Heijden PGM (2009), Annals of Applied Statistics
    3:595-610.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> counts = hp.CaptureCounts({"seen": [1, 2, 3], "people": [1645, 183, 52]}, "seen", counts="people")
    >>> round(hp.chao(counts).size.point)  # 1880 + 1645^2 / (2 * 183)
    9274
    """
    return fit_family(counts, formula, families.FAMILIES["chao"], {}, bootstrap)


@checked
def zelterman(counts: CaptureCounts, formula: str = "~ 1", *, bootstrap: str = "semiparametric") -> CountFit:
    """Estimate the size by Zelterman's method: a Poisson distribution that fits those seen once or twice.

    Robust against people seen very often, but too high where many people are seen exactly once for reasons of their own.

    Parameters
    ----------
    counts : CaptureCounts
        The register.
    formula : str
        Covariates of log(lambda / 2).
    bootstrap : {"semiparametric", "nonparametric"}
        As in `zero_truncated`.

    References
    ----------
    Zelterman D (1988), Journal of Statistical Planning and Inference 18:225-237. With covariates: Böhning D, van der Heijden PGM
    (2009), Annals of Applied Statistics 3:595-610.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> counts = hp.CaptureCounts({"seen": [1, 2, 3], "people": [1645, 183, 52]}, "seen", counts="people")
    >>> round(hp.zelterman(counts).size.point)  # 1880 / (1 - exp(-2 * 183 / 1645))
    9425
    """
    return fit_family(counts, formula, families.FAMILIES["zelterman"], {}, bootstrap)


def fit_family(
    counts: CaptureCounts, formula: str, family: Family, given: Mapping[str, str | None], bootstrap: str
) -> CountFit:
    """Read the formulas, fit, and warn when there is no size."""
    if not isinstance(counts, CaptureCounts):
        raise InputError(
            f"counts must be made by hp.CaptureCounts(table, column), not given as {type(counts).__name__}."
        )
    if bootstrap not in BOOTSTRAPS:
        raise InputError(f"bootstrap={bootstrap!r} must be one of {', '.join(map(repr, BOOTSTRAPS))}.")
    if bootstrap == "parametric" and not family.full:
        raise InputError(
            f"{family.title} describes ones and twos only, so counts can't be drawn from it. Use bootstrap='semiparametric'."
        )
    _check_informative(counts, family)
    texts = {"lambda": formula, **{p: given.get(p) or "~ 1" for p in family.parameters[1:]}}
    covariates = [read(texts[p], counts, p) for p in family.parameters]
    compiled = compile_model(counts, family, covariates)
    found = CountFit(counts, family, tuple(covariates), bootstrap, compiled, compiled.model.fit())
    if found.reason is not None:
        warn(found.reason)
    return found


def _check_informative(counts: CaptureCounts, family: Family) -> None:
    times: Any = counts._times
    once, twice = bool((times == 1).any()), bool((times == 2).any())
    if not (times > 1).any():
        raise EstimationError(
            f"Everybody in {counts.record.title} was seen exactly once. The counts then say nothing about those never seen: "
            "any size fits, however large."
        )
    if family.full:
        return
    if not (once and twice):
        lacking = "twice" if once else "once"
        raise EstimationError(
            f"Nobody in {counts.record.title} was seen exactly {lacking}, and {family.title} rests on the ratio of those seen "
            "once to those seen twice."
        )
