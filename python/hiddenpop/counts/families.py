"""The families of counts: their names, what is modelled in them, and who proposed them."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InputError, suggest
from ..ground.bibliography import BIBLIOGRAPHY

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
_CRUYFF = BIBLIOGRAPHY["Cruyff and van der Heijden 2008"]
_INFLATED = (
    BIBLIOGRAPHY["Godwin and Böhning 2017"],
    BIBLIOGRAPHY["Böhning and Friedl 2021"],
)
_SINGLE = BIBLIOGRAPHY["Chlebicki and Beręsewicz 2025"]
_COVARIATES = BIBLIOGRAPHY["Böhning and van der Heijden 2009"]


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
            BIBLIOGRAPHY["Chao 1987"],
            _COVARIATES,
        ),
    )
    made["zelterman"] = Family(
        "zelterman",
        "Zelterman's estimator",
        ("lambda",),
        (
            BIBLIOGRAPHY["Zelterman 1988"],
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
