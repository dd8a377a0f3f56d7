"""The bibliography: what methods sections cite, in one place."""

from __future__ import annotations

REFERENCES = {
    "imputation": "Rubin DB (1987). Multiple imputation for nonresponse in surveys. New York: Wiley.",
    "percentile": (
        "Efron B, Tibshirani RJ (1993). An introduction to the bootstrap. New York: Chapman & Hall, chapter 13."
    ),
    "basic": "Davison AC, Hinkley DV (1997). Bootstrap methods and their application. Cambridge, equation 5.6.",
    "normal": "Davison AC, Hinkley DV (1997). Bootstrap methods and their application. Cambridge, section 5.2.",
    "studentized": "Davison AC, Hinkley DV (1997). Bootstrap methods and their application. Cambridge, equation 5.7.",
    "hdi": "Hyndman RJ (1996). Computing and graphing highest density regions. American Statistician 50:120-126.",
    "likelihood": (
        "Rao JNK, Scott AJ (1984). On chi-squared tests for multiway contingency tables with cell proportions estimated "
        "from survey data. Annals of Statistics 12:46-60."
    ),
    "bca": "Efron B (1987). Better bootstrap confidence intervals. JASA 82:171-185.",
    "woodruff": "Woodruff RS (1952). Confidence intervals for medians and other position measures. JASA 47:635-646.",
    "wilson": "Wilson EB (1927). Probable inference, the law of succession, and statistical inference. JASA 22:209-212.",
    "beta": (
        "Korn EL, Graubard BI (1998). Confidence intervals for proportions with small expected number of positive "
        "counts estimated from survey data. Survey Methodology 24:193-201."
    ),
    "t": "Korn EL, Graubard BI (1999). Analysis of health surveys. New York: Wiley, section 2.4.",
    "profile": (
        "Cormack RM (1992). Interval estimation for mark-recapture studies of closed populations. Biometrics 48:567-576."
    ),
    "logit": (
        "Sadinle M (2009). Transformed logit confidence intervals for small populations in single capture-recapture "
        "estimation. Communications in Statistics: Simulation and Computation 38:1909-1924."
    ),
    "sobol": (
        "Saltelli A, Annoni P, Azzini I, et al. (2010). Variance based sensitivity analysis of model output. Design and "
        "estimator for the total sensitivity index. Computer Physics Communications 181:259-270."
    ),
    "jansen": (
        "Jansen MJW (1999). Analysis of variance designs for model output. Computer Physics Communications 117:35-43."
    ),
    "bc": (
        "Efron B, Tibshirani RJ (1993). An introduction to the bootstrap. New York: Chapman & Hall, section 14.3 "
        "(acceleration zero)."
    ),
}
#: What makes intervals hold for all labels at once.
SIMULTANEOUS = {
    "percentile": (
        "from common ranks of the joint draws",
        "Mandel M, Betensky RA (2008). Simultaneous confidence intervals based on the percentile bootstrap approach. "
        "Computational Statistics & Data Analysis 52:2158-2165.",
    ),
    "normal": (
        "from the largest deviation among the joint draws",
        "Montiel Olea JL, Plagborg-Møller M (2019). Simultaneous confidence bands: theory, implementation, and an "
        "application to SVARs. Journal of Applied Econometrics 34:1-17.",
    ),
    "t": (
        "from the multivariate t distribution with the linearised correlations",
        "Genz A, Bretz F (2009). Computation of multivariate normal and t probabilities. Berlin: Springer.",
    ),
}
BONFERRONI = ("by Bonferroni's inequality", None)
INTERVALS = {
    "percentile": "percentile",
    "basic": "basic bootstrap",
    "normal": "normal",
    "bc": "bias-corrected percentile",
    "bca": "BCa (bias-corrected and accelerated, acceleration from the design's jackknife)",
    "studentized": "studentized bootstrap (bootstrap-t with linearised standard errors in every redrawn sample)",
    "hdi": "highest-density (the shortest that hold this share of the draws)",
    "likelihood": "likelihood-ratio (scaled to the design as Rao and Scott do)",
    "woodruff": "Woodruff",
    "wilson": "Wilson score (effective number of participants)",
    "beta": "Korn-Graubard (Clopper-Pearson with the effective number of participants)",
    "profile": "profile likelihood",
    "logit": "transformed logit",
    "t": "t (linearised standard errors, the design's degrees of freedom)",
}
BY_REPLICATES = "t (standard errors and degrees of freedom from the replicates)"
