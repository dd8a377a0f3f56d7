"""Fitting the counts of one register: zero-truncated regressions, Chao's and Zelterman's estimators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import EstimationError, InputError, warn
from ..ground.signatures import checked
from . import families
from .compiled import compile_model
from .covariates import continued_to_zero, read
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
        Covariates of the mean lambda, on the log scale: "~ age + sex". Formulas: `docs/regress.md`.
    family : str
        "poisson" (everybody alike, but for covariates), "geometric" or "negbin" (people differ beyond them). Too many ones:
        "ones_in_population_poisson" (a share omega of the *population* is seen exactly once, then zeros are cut off) or
        "ones_among_seen_poisson" (the same share of those *seen*), and with hurdles "Hurdleztpoisson" (a share pi of the
        population is seen exactly once) or "ztHurdlepoisson" (the same share of those seen); or "zotpoisson", which leaves
        those seen once aside and models those seen at least twice. For "geom" and "negbin" likewise. Data hardly tell the
        orders apart, while the sizes differ much. "ztoipoisson" and "oiztpoisson", the names in R's singleRcapture from 1.0
        on for the first two, are read as these, with a warning: up to 0.2.3 they were each other's.
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

    See Also
    --------
    compare_families : which family.
    chao, zelterman : bounds that need none.

    References
    ----------
    van der Heijden PGM et al. (2003), Statistical Modelling 3:305-322, eq. 3 to 9. Cruyff MJLF, van der Heijden PGM (2008),
    Biometrical Journal 50:1035-1050. Godwin RT, Böhning D (2017), JRSS C 66:425-448. Böhning D, van der Heijden PGM (2019),
    Annals of Applied Statistics 13:1198-1211, of the zero-one-truncated families. Families:
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
def chao(
    counts: CaptureCounts, formula: str = "~ 1", *, bias_corrected: bool = False, bootstrap: str = "semiparametric"
) -> CountFit:
    """Estimate a lower bound of the population by Chao's method, from those seen once or twice.

    Where people differ in how likely they are to be seen, the true size is at least this one, on average. Covariates
    explain part of the differences and so bring the bound closer. Where nobody was seen once the bound is the number seen.

    Parameters
    ----------
    counts : CaptureCounts
        The register.
    formula : str
        Covariates of log(lambda / 2), the logit of being seen twice rather than once. Formulas: `docs/regress.md`.
    bias_corrected : bool
        Use f1 (f1 - 1) / (2 (f2 + 1)) for those never seen instead of f1^2 / (2 f2): better where few were seen
        twice, and defined where nobody was. Without covariates.
    bootstrap : {"semiparametric", "nonparametric"}
        As in `zero_truncated`.

    See Also
    --------
    zelterman, oichao, zero_truncated, ratio_regression : other sizes from one list.
    chao_lower_bound : from two lists or more.

    References
    ----------
    Chao A (1987), Biometrics 43:783-791. With covariates: Böhning D, van der Heijden PGM (2009), Annals of Applied Statistics
    3:595-610. Variance of the bias-corrected form: Colwell RK (2013), EstimateS 9.1, appendix B.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> counts = hp.CaptureCounts({"seen": [1, 2, 3], "people": [1645, 183, 52]}, "seen", counts="people")
    >>> round(hp.chao(counts).size.point)  # 1880 + 1645^2 / (2 * 183)
    9274
    >>> few = hp.CaptureCounts({"seen": [1, 3], "people": [10, 4]}, "seen", counts="people")
    >>> hp.chao(few, bias_corrected=True).size.point  # 14 + 10 * 9 / (2 * (0 + 1))
    59.0
    """
    return _bound("chao", counts, formula, bias_corrected, bootstrap)


@checked
def oichao(
    counts: CaptureCounts, formula: str = "~ 1", *, bias_corrected: bool = False, bootstrap: str = "semiparametric"
) -> CountFit:
    """Estimate a lower bound of the population where too many were seen once, from those seen twice or three times.

    Chao's bound is none where ones are inflated: people are deported, die or leave after the first sighting, or sightings
    are not linked. This one leaves those seen once out of it, and adds them as they are. It is less precise.

    Parameters
    ----------
    counts : CaptureCounts
        The register.
    formula : str
        Covariates of log(lambda / 3), the logit of being seen three times rather than twice. Formulas: `docs/regress.md`.
    bias_corrected : bool
        Use 2 f2 (f2 - 1) (f2 - 2) / (9 (f3 + 1) (f3 + 2)) for those never seen instead of 2 f2^3 / (9 f3^2): better where few
        were seen three times, and defined where nobody was. Without covariates.
    bootstrap : {"semiparametric", "nonparametric"}
        As in `zero_truncated`.

    See Also
    --------
    chao : where one sighting does not deter another.
    zero_truncated : one-inflated families.

    References
    ----------
    Böhning D, Kaskasamkul P, van der Heijden PGM (2019), A modification of Chao's lower bound estimator in the case of
    one-inflation, Metrika 82:361-384. The name, the coefficients and the sizes are those of R's singleRcapture 1.1.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> counts = hp.CaptureCounts({"seen": [1, 2, 3], "people": [1645, 183, 52]}, "seen", counts="people")
    >>> round(hp.oichao(counts).size.point)  # 1880 + 2 * 183^3 / (9 * 52^2)
    2384
    """
    return _bound("oichao", counts, formula, bias_corrected, bootstrap)


def _bound(name: str, counts: CaptureCounts, formula: str, bias_corrected: bool, bootstrap: str) -> CountFit:
    if not isinstance(bias_corrected, bool):
        raise InputError(f"bias_corrected={bias_corrected!r} must be True or False.")
    if bias_corrected and formula != "~ 1":
        raise InputError(
            f"The bias-corrected form has no covariates, so formula={formula!r} can't be used. Leave one of the two out, or "
            "split the bound by size_by."
        )
    return fit_family(counts, formula, families.FAMILIES[f"{name}_adjusted" if bias_corrected else name], {}, bootstrap)


@checked
def ratio_regression(
    counts: CaptureCounts, *, line: str = "log", one_inflation: bool = False, bootstrap: str = "semiparametric"
) -> CountFit:
    """Estimate the size from the ratios of neighbouring frequencies, continued to those never seen.

    With f(y) people seen y times, the ratio (y + 1) f(y + 1) / f(y) is the same for all y where everybody is alike (Poisson),
    and rises with y where people differ. A line through the logs of the ratios, weighted by 1 / (1 / f(y) + 1 / f(y + 1)),
    is continued to y = 0, where the ratio is f(1) / f(0). It uses all counts that have a neighbour, and asks less of how people
    differ than a family does.

    Parameters
    ----------
    counts : CaptureCounts
        The register: at least two pairs of neighbouring counts must occur.
    line : {"log", "linear"}
        A line in log(y + 1), which is right for Poisson counts (slope 0) and geometric ones (slope 1); or in y.
    one_inflation : bool
        Leave out the ratio of those seen once, of whom there may be too many: f(0) = 2 f(2) exp(-b0 - b1), with the line's values
        at 0 and 1, instead of f(1) exp(-b0).
    bootstrap : {"semiparametric", "nonparametric"}
        As in `zero_truncated`.

    Returns
    -------
    CountFit
        `coefficients` are the line's value at 0 and slope, with standard errors by the delta method from the frequencies.

    See Also
    --------
    chao, zelterman, zero_truncated : other sizes from one list.

    References
    ----------
    Rocchetti I, Bunge J, Böhning D (2011), Population size estimation based upon ratios of recapture probabilities, Annals of
    Applied Statistics 5:1512-1533. Böhning D (2016), Ratio plot and ratio regression with applications to social and medical
    sciences, Statistical Science 31:205-218. With `line="log"` the weights and coefficients are those of `ratioReg` in R's
    singleRcapture 1.1 (there the ratios are without y + 1, so that its slope is ours less 1): its M0, and with `one_inflation=True`
    its M1 with the size "SM". The size of M0 here is Rocchetti's f(1) exp(-b0), while "SM" takes f(2) back over two ratios there too.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> counts = hp.CaptureCounts({"seen": [1, 2, 3, 4], "people": [600, 240, 65, 12]}, "seen", counts="people")
    >>> fit = hp.ratio_regression(counts)
    >>> fit.coefficients["estimate"].round(3).tolist()
    [-0.204, -0.024]
    """
    if line not in families.LINES:
        raise InputError(f"line={line!r} must be one of {', '.join(map(repr, families.LINES))}.")
    if not isinstance(one_inflation, bool):
        raise InputError(f"one_inflation={one_inflation!r} must be True or False.")
    family = families.FAMILIES[families.name_of_ratios(line, one_inflation)]
    return fit_family(counts, "~ 1", family, {}, bootstrap)


@checked
def zelterman(counts: CaptureCounts, formula: str = "~ 1", *, bootstrap: str = "semiparametric") -> CountFit:
    """Estimate the size by Zelterman's method: a Poisson distribution that fits those seen once or twice.

    Robust against people seen very often, but too high where many people are seen exactly once for reasons of their own.

    Parameters
    ----------
    counts : CaptureCounts
        The register.
    formula : str
        Covariates of log(lambda / 2). Formulas: `docs/regress.md`.
    bootstrap : {"semiparametric", "nonparametric"}
        As in `zero_truncated`.

    See Also
    --------
    chao, oichao, zero_truncated, ratio_regression : other sizes from one list.

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
            f"counts must be made by hp.CaptureCounts(table, column), not given as {type(counts).__name__}: one register that says "
            "how often each person was seen. For people on several lists there is hp.chao_lower_bound(lists)."
        )
    if bootstrap not in BOOTSTRAPS:
        raise InputError(f"bootstrap={bootstrap!r} must be one of {', '.join(map(repr, BOOTSTRAPS))}.")
    if bootstrap == "parametric" and not family.full:
        raise InputError(
            f"{family.title[0].upper()}{family.title[1:]} describes {_some(family)}, so counts can't be drawn from it. Use "
            "bootstrap='semiparametric'."
        )
    _check_informative(counts, family)
    texts = {family.parameters[0]: formula, **{p: given.get(p) or "~ 1" for p in family.parameters[1:]}}
    covariates = (
        [continued_to_zero(counts, family)]
        if family.method == "ratio_regression"
        else [read(texts[p], counts, p) for p in family.parameters]
    )
    compiled = compile_model(counts, family, covariates)
    found = CountFit(counts, family, tuple(covariates), bootstrap, compiled, compiled.model.fit())
    if found.reason is not None:
        warn(found.reason)
    return found


def _some(family: Family) -> str:
    return f"people seen {family.whom} only" if family.likelihood else "no distribution of counts"


def _check_informative(counts: CaptureCounts, family: Family) -> None:
    times: Any = counts._times
    if not (times > 1).any():
        raise EstimationError(
            f"Everybody in {counts.record.title} was seen exactly once. The counts then say nothing about those never seen: "
            "any size fits, however large."
        )
    seen = [bool((times == y).any()) for y in range(1, 4)]
    fewer, more = ("once", "twice") if family.modelled[0] == 1 else ("twice", "three times")
    if family.method in ("chao", "oichao") and family.likelihood:
        first = family.modelled[0] - 1
        if seen[first] and not seen[first + 1]:
            raise EstimationError(
                f"Nobody in {counts.record.title} was seen exactly {more}, and {family.title} rests on the ratio of those "
                f"seen {fewer} to those seen {more}. hp.{family.method}(counts, bias_corrected=True) needs nobody seen {more}."
            )
    if family.method == "zelterman" and not (seen[0] and seen[1]):
        raise EstimationError(
            f"Nobody in {counts.record.title} was seen exactly {'twice' if seen[0] else 'once'}, and {family.title} rests on the "
            "ratio of those seen once to those seen twice."
        )
    if family.method == "ratio_regression":
        found = np.unique(times[times >= family.modelled[0]])
        pairs = int((np.diff(found) == 1).sum())
        if pairs < 2:
            raise EstimationError(
                f"{counts.record.title[0].upper()}{counts.record.title[1:]} has {pairs} {'pair' if pairs == 1 else 'pairs'} of "
                f"neighbouring counts from {family.modelled[0]} on, and a line needs two ratios. Use hp.chao or hp.zero_truncated."
            )
