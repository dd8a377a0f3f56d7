"""The bibliography: every reference once, by author and year, so that all else names a key."""

from __future__ import annotations

#: A key names what is cited of a work, where that is one part of it.
BIBLIOGRAPHY = {
    "Binder 1983": (
        "Binder DA (1983). On the variances of asymptotically normal estimators from complex surveys. International "
        "Statistical Review 51:279-292."
    ),
    "Cormack 1992": (
        "Cormack RM (1992). Interval estimation for mark-recapture studies of closed populations. Biometrics 48:567-576."
    ),
    "Davison and Hinkley 1997, section 5.2": (
        "Davison AC, Hinkley DV (1997). Bootstrap methods and their application. Cambridge, section 5.2."
    ),
    "Davison and Hinkley 1997, equation 5.6": (
        "Davison AC, Hinkley DV (1997). Bootstrap methods and their application. Cambridge, equation 5.6."
    ),
    "Davison and Hinkley 1997, equation 5.7": (
        "Davison AC, Hinkley DV (1997). Bootstrap methods and their application. Cambridge, equation 5.7."
    ),
    "Efron 1979": "Efron B (1979). Bootstrap methods: another look at the jackknife. Annals of Statistics 7:1-26.",
    "Efron 1987": "Efron B (1987). Better bootstrap confidence intervals. JASA 82:171-185.",
    "Efron and Tibshirani 1993, chapter 13": (
        "Efron B, Tibshirani RJ (1993). An introduction to the bootstrap. New York: Chapman & Hall, chapter 13."
    ),
    "Efron and Tibshirani 1993, section 14.3": (
        "Efron B, Tibshirani RJ (1993). An introduction to the bootstrap. New York: Chapman & Hall, section 14.3 "
        "(acceleration zero)."
    ),
    "Fay and Train 1995": (
        "Fay RE, Train GF (1995). Aspects of survey and model-based postcensal estimation of income and poverty "
        "characteristics for states and counties. Proceedings of the Government Statistics Section, ASA, 154-159."
    ),
    "Genz and Bretz 2009": "Genz A, Bretz F (2009). Computation of multivariate normal and t probabilities. Berlin: Springer.",
    "Graubard and Korn 1999": (
        "Graubard BI, Korn EL (1999). Predictive margins with survey data. Biometrics 55:652-659."
    ),
    "Hyndman 1996": (
        "Hyndman RJ (1996). Computing and graphing highest density regions. American Statistician 50:120-126."
    ),
    "Jansen 1999": (
        "Jansen MJW (1999). Analysis of variance designs for model output. Computer Physics Communications 117:35-43."
    ),
    "Judkins 1990": (
        "Judkins DR (1990). Fay's method for variance estimation. Journal of Official Statistics 6:223-239."
    ),
    "Korn and Graubard 1998": (
        "Korn EL, Graubard BI (1998). Confidence intervals for proportions with small expected number of positive "
        "counts estimated from survey data. Survey Methodology 24:193-201."
    ),
    "Korn and Graubard 1999": "Korn EL, Graubard BI (1999). Analysis of health surveys. New York: Wiley, section 2.4.",
    "Kott 2001": "Kott PS (2001). The delete-a-group jackknife. Journal of Official Statistics 17:521-526.",
    "Mandel and Betensky 2008": (
        "Mandel M, Betensky RA (2008). Simultaneous confidence intervals based on the percentile bootstrap approach. "
        "Computational Statistics & Data Analysis 52:2158-2165."
    ),
    "McCarthy 1969": (
        "McCarthy PJ (1969). Pseudo-replication: half samples. Review of the International Statistical Institute "
        "37:239-264."
    ),
    "Montiel Olea and Plagborg-Møller 2019": (
        "Montiel Olea JL, Plagborg-Møller M (2019). Simultaneous confidence bands: theory, implementation, and an "
        "application to SVARs. Journal of Applied Econometrics 34:1-17."
    ),
    "Rao and Scott 1984": (
        "Rao JNK, Scott AJ (1984). On chi-squared tests for multiway contingency tables with cell proportions estimated "
        "from survey data. Annals of Statistics 12:46-60."
    ),
    "Rao and Wu 1988": (
        "Rao JNK, Wu CFJ (1988). Resampling inference with complex survey data. Journal of the American Statistical "
        "Association 83:231-241."
    ),
    "Rao, Wu and Yue 1992": (
        "Rao JNK, Wu CFJ, Yue K (1992). Some recent work on resampling methods for complex surveys. Survey Methodology "
        "18:209-217."
    ),
    "Rubin 1981": "Rubin DB (1981). The Bayesian bootstrap. Annals of Statistics 9:130-134.",
    "Rubin 1987": "Rubin DB (1987). Multiple imputation for nonresponse in surveys. New York: Wiley.",
    "Sadinle 2009": (
        "Sadinle M (2009). Transformed logit confidence intervals for small populations in single capture-recapture "
        "estimation. Communications in Statistics: Simulation and Computation 38:1909-1924."
    ),
    "Saltelli 2010": (
        "Saltelli A, Annoni P, Azzini I, et al. (2010). Variance based sensitivity analysis of model output. Design and "
        "estimator for the total sensitivity index. Computer Physics Communications 181:259-270."
    ),
    "UNAIDS/WHO 2010": (
        "UNAIDS/WHO Working Group on Global HIV/AIDS and STI Surveillance (2010). Guidelines on estimating the size "
        "of populations most at risk to HIV. Geneva: WHO."
    ),
    "Wilson 1927": (
        "Wilson EB (1927). Probable inference, the law of succession, and statistical inference. JASA 22:209-212."
    ),
    "Wolter 2007, chapter 4": "Wolter KM (2007). Introduction to variance estimation. New York: Springer, chapter 4.",
    "Woodruff 1952": (
        "Woodruff RS (1952). Confidence intervals for medians and other position measures. JASA 47:635-646."
    ),
}
