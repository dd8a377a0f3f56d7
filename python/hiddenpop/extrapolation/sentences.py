"""What extrapolations say in a methods section, and their sources."""

from __future__ import annotations

#: How each method is called, and its references.
METHODS = {
    "mim_regression": "multivariate indicator method (regression)",
    "mim_pca": "multivariate indicator method (principal component)",
    "ratio": "ratio estimate",
    "synthetic": "synthetic estimate",
    "fay_herriot": "Fay-Herriot",
}
#: With fewer degrees of freedom than this a note says so.
FEW_DF = 4
_MIM = (
    "Kraus L, Augustin R, Frischer M, Kümmler P, Uhl A, Wiessing L (2003). Estimating prevalence of problem drug use at "
    "national level in countries of the European Union and Norway. Addiction 98:471-485.",
)
REFERENCES: dict[str, tuple[str, ...]] = {
    "mim_regression": _MIM,
    "mim_pca": (
        "Mariani F, Guaiana R, Di Fiandra T (1994). An epidemiological overview of the situation of illicit drug abuse "
        "in Italy. Journal of Drug Issues 24:579-595.",
        *_MIM,
    ),
    "ratio": ("Cochran WG (1977). Sampling techniques, 3rd edition. New York: Wiley, chapter 6.",),
    "synthetic": (
        "Gonzalez ME (1973). Use and evaluation of synthetic estimates. Proceedings of the Social Statistics Section, "
        "American Statistical Association, 33-36.",
    ),
    "fay_herriot": (
        "Fay RE, Herriot RA (1979). Estimates of income for small places: an application of James-Stein procedures to "
        "census data. JASA 74:269-277.",
    ),
}
PRIOR = (
    "Bodnar O, Link A, Arendacká B, Possolo A, Elster C (2017). Bayesian estimation in random effects meta-analysis using "
    "a non-informative prior. Statistics in Medicine 36:378-399."
)
VARIANCES = {
    "REML": "Datta GS, Lahiri P (2000). A unified measure of uncertainty of estimated best linear unbiased predictors in "
    "small area estimation problems. Statistica Sinica 10:613-627.",
    "ML": "Datta GS, Lahiri P (2000). A unified measure of uncertainty of estimated best linear unbiased predictors in "
    "small area estimation problems. Statistica Sinica 10:613-627.",
    "FH": "Datta GS, Rao JNK, Smith DD (2005). On measuring the variability of small area estimators under a basic area "
    "level model. Biometrika 92:183-196.",
    "adjusted": "Li H, Lahiri P (2010). An adjusted maximum likelihood method for solving small area estimation problems. "
    "Journal of Multivariate Analysis 101:882-892.",
}


def first(method: str, terms: tuple[str, ...], anchors: int, targets: int) -> str:
    """Say what was done."""
    joined = " and ".join([", ".join(terms[:-1]), terms[-1]] if len(terms) > 2 else terms)
    if method == "fay_herriot":
        return (
            f"Sizes of {targets} areas, {anchors} of them with an estimate of their own, come from the area-level model of Fay "
            f"and Herriot: the logarithm of prevalence depends on standardised {joined}, and areas' own estimates are "
            "weighted by their precision."
        )
    start = f"Sizes of {targets} areas were extrapolated from {anchors} areas that have an estimate"
    if method == "mim_regression":
        return (
            f"{start}, by the multivariate indicator method: the logarithm of prevalence was regressed on standardised "
            f"{joined}."
        )
    if method == "mim_pca":
        return (
            f"{start}, by the multivariate indicator method: the logarithm of prevalence was regressed on {terms[-1]} of the "
            "standardised indicators of all areas."
        )
    if method == "ratio":
        return f"{start}, in proportion to {joined} (ratio estimate)."
    return f"{start}, by their rates in {len(terms)} groups of the population ({joined}; synthetic estimate)."


def errors(between: float, *, fixed: bool) -> str:
    """Say which errors the draws carry."""
    how = (
        f"was given ({between:.2f} on the log scale)"
        if fixed
        else f"is drawn from its posterior under Jeffreys' prior (restricted maximum likelihood: {between:.2f} on the log scale)"
    )
    return (
        "The model was fitted again in every replicate, to the areas' redrawn estimates; the standard deviation between areas "
        f"{how}, and every area's own deviation is drawn."
    )


def few(df: int, *, fixed: bool) -> tuple[str, ...]:
    """Warn in words where hardly anything tells of the differences between areas."""
    if fixed or df >= FEW_DF:
        return ()
    return (f"how much areas differ is known from {df} degrees of freedom only, so intervals have long tails",)
