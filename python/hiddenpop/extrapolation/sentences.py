"""What extrapolations say in a methods section, and their sources."""

from __future__ import annotations

from ..ground.bibliography import BIBLIOGRAPHY

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
_MIM = (BIBLIOGRAPHY["Kraus and others 2003"],)
REFERENCES: dict[str, tuple[str, ...]] = {
    "mim_regression": _MIM,
    "mim_pca": (
        BIBLIOGRAPHY["Mariani, Guaiana and Di Fiandra 1994"],
        *_MIM,
    ),
    "ratio": (BIBLIOGRAPHY["Cochran 1977, chapter 6"],),
    "synthetic": (BIBLIOGRAPHY["Gonzalez 1973"],),
    "fay_herriot": (BIBLIOGRAPHY["Fay and Herriot 1979"],),
}
PRIOR = BIBLIOGRAPHY["Bodnar and others 2017"]
VARIANCES = {
    "REML": BIBLIOGRAPHY["Datta and Lahiri 2000"],
    "ML": BIBLIOGRAPHY["Datta and Lahiri 2000"],
    "FH": BIBLIOGRAPHY["Datta, Rao and Smith 2005"],
    "adjusted": BIBLIOGRAPHY["Li and Lahiri 2010"],
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
