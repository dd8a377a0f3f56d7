"""What extrapolations say in a methods section, and their sources."""

from __future__ import annotations

from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.language import english, tr
from ..ground.text import enumerated

#: How each method is called, and its references.
METHODS = {
    "mim_regression": english("multivariate indicator method (regression)"),
    "mim_pca": english("multivariate indicator method (principal component)"),
    "ratio": english("ratio estimate"),
    "synthetic": english("synthetic estimate"),
    "fay_herriot": english("Fay-Herriot"),
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
    fields = {"targets": targets, "anchors": anchors, "terms": enumerated(list(terms))}
    if method == "fay_herriot":
        return tr(
            "Sizes of {targets} areas, {anchors} of them with an estimate of their own, come from the area-level model of Fay and "
            "Herriot: the logarithm of prevalence depends on standardised {terms}, and areas' own estimates are weighted by their "
            "precision.",
            **fields,
        )
    start = tr("Sizes of {targets} areas were extrapolated from {anchors} areas that have an estimate", **fields)
    if method == "mim_regression":
        how = tr(
            "by the multivariate indicator method: the logarithm of prevalence was regressed on standardised {terms}.",
            **fields,
        )
    elif method == "mim_pca":
        how = tr(
            "by the multivariate indicator method: the logarithm of prevalence was regressed on {component} of the standardised "
            "indicators of all areas.",
            component=terms[-1],
        )
    elif method == "ratio":
        how = tr("in proportion to {terms} (ratio estimate).", **fields)
    else:
        groups = len(terms)
        how = tr(
            "by their rates in {groups} groups of the population ({terms}; synthetic estimate).",
            groups=groups,
            **fields,
        )
    return f"{start}, {how}"


def errors(between: float, *, fixed: bool) -> str:
    """Say which errors the draws carry."""
    if fixed:
        how = tr("was given ({between:.2f} on the log scale)", between=between)
    else:
        how = tr(
            "is drawn from its posterior under Jeffreys' prior (restricted maximum likelihood: {between:.2f} on the log scale)",
            between=between,
        )
    return tr(
        "The model was fitted again in every replicate, to the areas' redrawn estimates; the standard deviation between areas "
        "{how}, and every area's own deviation is drawn.",
        how=how,
    )


def few(df: int, *, fixed: bool) -> tuple[str, ...]:
    """Warn in words where hardly anything tells of the differences between areas."""
    if fixed or df >= FEW_DF:
        return ()
    return (
        english(
            "how much areas differ is known from {df} degrees of freedom only, so intervals have long tails", df=df
        ),
    )
