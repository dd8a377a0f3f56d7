"""The families of counts: their names, what is modelled in them, and who proposed them."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InputError, suggest

BASES = {"poisson": "Poisson", "geom": "geometric", "negbin": "negative binomial"}
#: Names of forms, what they are called, and their extra parameter.
FORMS = {
    "zt": ("zero-truncated {}", None),
    "oizt": ("one-inflated, then zero-truncated {}", "omega"),
    "ztoi": ("zero-truncated, then one-inflated {}", "omega"),
    "Hurdlezt": ("hurdle at one, then zero-truncated {}", "pi"),
    "ztHurdle": ("zero-truncated {} with a hurdle at one", "pi"),
}
ALIASES = {
    "poisson": "ztpoisson",
    "geometric": "ztgeom",
    "geom": "ztgeom",
    "ztgeometric": "ztgeom",
    "negbin": "ztnegbin",
    "negative binomial": "ztnegbin",
}
_HEIJDEN = (
    "van der Heijden PGM, Bustami R, Cruyff MJLF, Engbersen G, van Houwelingen HC (2003). Point and interval estimation "
    "of the population size using the truncated Poisson regression model. Statistical Modelling 3:305-322."
)
_CRUYFF = (
    "Cruyff MJLF, van der Heijden PGM (2008). Point and interval estimation of the population size using a zero-truncated "
    "negative binomial regression model. Biometrical Journal 50:1035-1050."
)
_INFLATED = (
    "Godwin RT, Böhning D (2017). Estimation of the population size by using the one-inflated positive Poisson model. "
    "JRSS Series C 66:425-448.",
    "Böhning D, Friedl H (2021). Population size estimation based upon zero-truncated, one-inflated and sparse count data. "
    "Statistical Methods and Applications 30:1197-1217.",
)
_SINGLE = (
    "Chlebicki P, Beręsewicz M (2025). singleRcapture: an R package for single-source capture-recapture models. R "
    "package vignette."
)
_COVARIATES = (
    "Böhning D, van der Heijden PGM (2009). A covariate adjustment for zero-truncated approaches to estimating the size "
    "of hidden and elusive populations. Annals of Applied Statistics 3:595-610."
)


@dataclass(frozen=True)
class Family:
    """A family of counts."""

    name: str
    title: str
    #: Parameters with covariates: lambda first.
    parameters: tuple[str, ...]
    references: tuple[str, ...]

    @property
    def phrase(self) -> str:
        """What a sentence calls it."""
        return f"the {self.title} model" if self.full else self.title

    @property
    def full(self) -> bool:
        """Whether it describes all counts, and not only ones and twos."""
        return self.name not in ("chao", "zelterman")


def _families() -> dict[str, Family]:
    made = {}
    for form, (title, extra) in FORMS.items():
        for base, called in BASES.items():
            parameters = ("lambda", *(("alpha",) if base == "negbin" else ()), *((extra,) if extra else ()))
            references: tuple[str, ...] = (_CRUYFF if base == "negbin" else _HEIJDEN,)
            if extra:
                references = (_SINGLE, *_INFLATED) if extra == "omega" else (_SINGLE,)
            name = form + base
            made[name] = Family(name, title.format(called), parameters, references)
    made["chao"] = Family(
        "chao",
        "Chao's lower bound",
        ("lambda",),
        (
            "Chao A (1987). Estimating the population size for capture-recapture data with unequal catchability. "
            "Biometrics 43:783-791.",
            _COVARIATES,
        ),
    )
    made["zelterman"] = Family(
        "zelterman",
        "Zelterman's estimator",
        ("lambda",),
        (
            "Zelterman D (1988). Robust estimation in truncated discrete distributions with application to "
            "capture-recapture experiments. Journal of Statistical Planning and Inference 18:225-237.",
            _COVARIATES,
        ),
    )
    return made


FAMILIES = _families()


def find(name: object) -> Family:
    """Return a family of whole distributions by its name."""
    if not isinstance(name, str):
        raise InputError(f"family={name!r} must be a name, such as 'poisson', 'geometric' or 'negbin'.")
    key = ALIASES.get(name, name)
    known = [k for k, family in FAMILIES.items() if family.full]
    if key in ("chao", "zelterman"):
        raise InputError(f"family={name!r} is a method of its own: hp.{name}(counts, formula).")
    if key not in known:
        lowered = {k.lower(): k for k in known}
        if key.lower() in lowered:
            return FAMILIES[lowered[key.lower()]]
        raise InputError(f"family={name!r} is unknown. {suggest(name, [*ALIASES, *known])}")
    return FAMILIES[key]


def base_of(family: Family) -> Family | None:
    """Return the zero-truncated family that an inflated or hurdle family extends."""
    for form in ("oizt", "ztoi", "Hurdlezt", "ztHurdle"):
        if family.name.startswith(form):
            return FAMILIES["zt" + family.name[len(form) :]]
    return None
